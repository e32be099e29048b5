//! Tracebacks of Python that the interpreter itself does not write: notebooks, `rich`, pytest;
//! and what `faulthandler` writes when the interpreter died.

use super::{MARK, exception, frame, placed};
use crate::model::{ExceptionLink, Frame};

/// Longest name of a function that is read.
const NAME_BYTES_MAX: usize = 200;

/// Reads what a notebook, `rich` or `faulthandler` printed.
pub(super) fn parse(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    fatal(lines)
        .or_else(|| boxed(lines))
        .or_else(|| notebook(lines))
}

/// `Fatal Python error: …`, and the threads, the innermost call first.
fn fatal(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    const MARKS: [&str; 2] = ["Fatal Python error", "Windows fatal exception"];
    let (start, kind, message) = lines.iter().enumerate().find_map(|(at, line)| {
        let mark = MARKS.into_iter().find(|mark| line.contains(mark))?;
        let (_, rest) = line.split_once(mark)?;
        Some((at, mark, rest.trim_start_matches(':').trim()))
    })?;
    let rest = lines.get(start..)?;
    let current = rest
        .iter()
        .position(|line| line.contains("Current thread"))
        .or_else(|| {
            rest.iter()
                .position(|line| line.contains("(most recent call first)"))
        })?;
    let frames: Vec<Frame> = rest
        .iter()
        .skip(current + 1)
        .map_while(|line| line.find("File \"").and_then(|at| frame(line.get(at..)?)))
        .collect();
    Some(vec![ExceptionLink {
        exception_type: kind.to_owned(),
        message: message.to_owned(),
        frames,
        ..Default::default()
    }])
}

/// The box that `rich` draws: `│ /app/x.py:12 in charge │`.
fn boxed(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let start = lines
        .iter()
        .position(|line| line.contains(MARK) && line.contains(['╭', '┌', '+', '─']))
        .filter(|at| lines.get(*at).is_some_and(|l| l.contains(['╭', '┌'])))?;
    let body = lines.get(start + 1..)?;
    let end = body
        .iter()
        .position(|line| line.trim_start().starts_with(['╰', '└']) && !line.contains('│'))?;
    let mut frames: Vec<Frame> = body
        .get(..end)?
        .iter()
        .filter_map(|line| {
            let text = line.trim().strip_prefix('│')?.trim_end_matches('│').trim();
            let (place, function) = text.split_once(" in ")?;
            let (file, number) = place.rsplit_once(':')?;
            let path = file.contains(['/', '\\']) || file.contains(".py");
            let number = number.parse().ok().filter(|_| path)?;
            Some(placed(file, Some(number), function))
        })
        .collect();
    frames.reverse();
    let (kind, message) = body.get(end + 1).and_then(|line| exception(line))?;
    (!frames.is_empty()).then(|| {
        vec![ExceptionLink {
            exception_type: kind.to_owned(),
            message: message.to_owned(),
            frames,
            ..Default::default()
        }]
    })
}

/// `KeyError      Traceback (most recent call last)`, as IPython and Jupyter begin.
fn notebook(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let (start, kind) = lines.iter().enumerate().find_map(|(at, line)| {
        let (kind, _) = line.split_once(MARK)?;
        let padded = kind.ends_with("  ");
        let (kind, message) = exception(kind.trim())?;
        (padded && message.is_empty() && !kind.is_empty()).then_some((at, kind))
    })?;
    let mut link = ExceptionLink {
        exception_type: kind.to_owned(),
        ..Default::default()
    };
    for line in lines.iter().skip(start + 1) {
        let text = line.trim_end();
        if let Some(frame) = cell(text) {
            link.frames.push(frame);
        } else if let Some(rest) = text.trim_start().strip_prefix("--")
            && let Some(last) = link.frames.last_mut()
            && last.line.is_none()
        {
            // `----> 2 code`
            let arrow = rest.trim_start_matches('-').strip_prefix("> ");
            let number = arrow.and_then(|rest| rest.split(' ').next());
            last.line = number.and_then(|number| number.parse().ok());
        } else if !link.frames.is_empty()
            && let Some((name, message)) = exception(text)
            && name.rsplit('.').next() == kind.rsplit('.').next()
        {
            name.clone_into(&mut link.exception_type);
            message.clone_into(&mut link.message);
            break;
        }
    }
    link.frames.reverse();
    (!link.frames.is_empty()).then(|| vec![link])
}

/// `Cell In[3], line 2, in f(x)`, `File ~/x.py:12, in f(x)`, `/app/x.py in f(x)`.
fn cell(text: &str) -> Option<Frame> {
    let name = |text: &str| {
        let name = text.split('(').next().unwrap_or_default().trim();
        name.split(" line: ").next().unwrap_or(name).to_owned()
    };
    for mark in ["Cell In", "Input In"] {
        if let Some(rest) = text.strip_prefix(mark) {
            let rest = rest.trim_start().strip_prefix('[')?;
            let (_, rest) = rest.split_once(']')?;
            let line = rest
                .split_once("line ")
                .map(|(_, r)| r.bytes().take_while(u8::is_ascii_digit).count())
                .and_then(|digits| rest.split_once("line ")?.1.get(..digits)?.parse().ok());
            let function = rest.split_once(" in ").map_or("", |(_, f)| f);
            let mut frame = placed("<cell>", line, &name(function));
            frame.in_app = true;
            return Some(frame);
        }
    }
    if let Some(rest) = text.strip_prefix("File ") {
        let (place, function) = rest.split_once(", in ").unwrap_or((rest, ""));
        let (file, line) = place.rsplit_once(':')?;
        let line = line.parse().ok()?;
        return Some(placed(
            file.trim_start_matches("~/"),
            Some(line),
            &name(function),
        ));
    }
    let (file, function) = text.split_once(" in ")?;
    let code = file.contains(".py") || file.starts_with("<ipython-input");
    let called = function.ends_with(')') && function.len() < NAME_BYTES_MAX;
    if !code || !called || file.contains(' ') {
        return None;
    }
    let mut frame = placed(file.trim_start_matches("~/"), None, &name(function));
    frame.in_app |= file.starts_with("<ipython-input");
    Some(frame)
}

/// A failure as pytest reports it: `path.py:12: in charge`, `E   KeyError: 'price'`.
pub(super) fn test_report(lines: &[String]) -> Option<Vec<ExceptionLink>> {
    let mut link = ExceptionLink::default();
    let mut defined = "";
    let mut errors: Vec<&str> = Vec::new();
    let mut ended = false;
    for line in lines {
        let text = line.trim();
        if let Some((frame, tail)) = reported(text, defined) {
            if ended {
                break;
            }
            ended = telling_end(tail);
            if ended {
                tail.clone_into(&mut link.exception_type);
            }
            link.frames.push(frame);
            defined = "";
        } else if let Some(error) = line.strip_prefix("E  ").map(str::trim) {
            errors.push(error);
        } else if let Some(name) = definition(text) {
            defined = name;
        }
    }
    if link.frames.is_empty() || errors.is_empty() {
        return None;
    }
    let first = errors.first().copied().unwrap_or_default();
    let named = exception(first).filter(|(kind, _)| super::telling(kind));
    if let Some((kind, message)) = named {
        kind.clone_into(&mut link.exception_type);
        message.clone_into(&mut link.message);
    } else {
        first.clone_into(&mut link.message);
        if link.exception_type.is_empty() {
            "AssertionError".clone_into(&mut link.exception_type);
        }
    }
    link.frames.reverse();
    Some(vec![link])
}

/// Whether what follows `path.py:12: ` names an exception.
fn telling_end(tail: &str) -> bool {
    !tail.is_empty() && !tail.starts_with("in ") && exception(tail).is_some_and(|e| e.0 == tail)
}

/// `def charge(…):` or `async def …`.
fn definition(text: &str) -> Option<&str> {
    let text = text.strip_prefix("async ").unwrap_or(text);
    text.strip_prefix("def ")?.split('(').next()
}

/// `shop/cart.py:12: in charge`, `shop/cart.py:12: KeyError`, `shop/cart.py:12: `.
fn reported<'a>(text: &'a str, defined: &str) -> Option<(Frame, &'a str)> {
    let at = text.find(".py:")? + ".py".len();
    let (file, rest) = text.split_at_checked(at)?;
    if file.contains(' ') {
        return None;
    }
    let (line, tail) = rest.strip_prefix(':')?.split_once(':')?;
    let line = line.parse().ok()?;
    let tail = tail.trim();
    let function = tail.strip_prefix("in ").unwrap_or(defined);
    let fits = tail.is_empty() || tail.starts_with("in ") || telling_end(tail);
    fits.then(|| (placed(file, Some(line), function), tail))
}
