//! Erlang: what the shell says of an exception, crash reports, stacks as terms, SASL, lager.

use super::name;
use crate::language::anchor::{self, digits};
use crate::lines::head;
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Words that the shell and lager have for the classes of reasons.
const WORDS: [(&str, &str); 22] = [
    ("no match of right hand side value", "badmatch"),
    ("no match of right hand value", "badmatch"),
    (
        "an error occurred when evaluating an arithmetic expression",
        "badarith",
    ),
    ("bad argument in an arithmetic expression", "badarith"),
    ("bad arithmetic expression", "badarith"),
    ("bad argument", "badarg"),
    ("undefined function", "undef"),
    ("call to undefined function", "undef"),
    ("no function clause matching", "function_clause"),
    ("no case clause matching", "case_clause"),
    ("no matching case clause", "case_clause"),
    ("no true branch found when evaluating an if", "if_clause"),
    ("no true branch found while evaluating if", "if_clause"),
    ("no try clause matching", "try_clause"),
    ("bad function", "badfun"),
    ("interpreted function with arity", "badarity"),
    ("function called with wrong arity", "badarity"),
    ("no such process or port", "noproc"),
    ("a system limit has been reached", "system_limit"),
    ("bad map", "badmap"),
    ("bad key", "badkey"),
    ("bad record", "badrecord"),
];

/// How far before a stack its reason is looked for, in bytes.
const REASON_BYTES_MAX: usize = 8_192;
/// Longest list of arguments that is read, in bytes.
const ARGUMENTS_BYTES_MAX: usize = 2_048;
/// How far before its place a frame of a term begins at most, in bytes.
const ENTRY_BYTES_MAX: usize = 2 * ARGUMENTS_BYTES_MAX;
/// Most frames in a row that have no place.
const UNPLACED_COUNT_MAX: usize = 8;
/// Most frames that are read of a term.
const TERMS_COUNT_MAX: usize = 1_024;

/// Reads a report in any of the forms.
pub(super) fn parse(lines: &[String]) -> Option<Trace> {
    let link = told(lines)
        .or_else(|| tested(lines))
        .or_else(|| term(lines))
        .or_else(|| short(lines))?;
    let top = link.frames.iter().find(|frame| frame.in_app);
    let elixir = top.or_else(|| link.frames.first()).is_some_and(|frame| {
        frame.module.starts_with(char::is_uppercase) || anchor::has_extension(&frame.file, &[".ex"])
    });
    Some(Trace {
        language: if elixir {
            Language::Elixir
        } else {
            Language::Erlang
        },
        chain: vec![link],
    })
}

/// `exception error: bad argument` and the lines `in function  cart:total/1 (cart.erl, line 9)`.
fn told(lines: &[String]) -> Option<ExceptionLink> {
    const MARKS: [&str; 3] = ["exception error: ", "exception exit: ", "exception throw: "];
    let mark = |line: &str| MARKS.iter().find_map(|mark| line.find(mark));
    let anchor = anchor::anchor(lines, mark)?;
    let mut rows = anchor.below().iter();
    let first = rows.next()?;
    let at = MARKS
        .iter()
        .find_map(|mark| Some((first.find(mark)?, mark.len())))?;
    let text = first.get(at.0 + at.1..)?.trim();
    let mut message = text.to_owned();
    let mut frames = Vec::new();
    for line in rows {
        let row = line.trim();
        let call = ["in function ", "in call from ", "called from "]
            .into_iter()
            .find_map(|mark| row.strip_prefix(mark));
        if let Some(call) = call {
            frames.extend(shell(call.trim()));
        } else if frames.is_empty() && !row.is_empty() && !row.contains("ancestors:") {
            anchor::more(&mut message, row);
        } else if row.starts_with('(') && row.contains(", line ") {
            // A long name has its place on the next line.
            placed(&mut frames, row);
        } else if !frames.is_empty() && !row.starts_with("called as ") {
            break;
        }
    }
    if let Some(top) = clause(&message) {
        frames.insert(0, top);
    }
    if frames.is_empty() {
        // The stack may be inside the reason.
        let mut link = term(lines)?;
        link.message = message;
        return Some(link);
    }
    Some(ExceptionLink {
        relation: Relation::Escaped,
        exception_type: class(text),
        message,
        frames,
    })
}

/// A failed test of EUnit: frames as the shell has them, and `**error:badarith` below.
fn tested(lines: &[String]) -> Option<ExceptionLink> {
    const MARKS: [&str; 3] = ["**error:", "**exit:", "**throw:"];
    let (at, reason) = lines.iter().enumerate().find_map(|(at, line)| {
        let reason = MARKS
            .iter()
            .find_map(|mark| line.trim().strip_prefix(mark))?;
        Some((at, reason))
    })?;
    let above = lines.get(at.saturating_sub(anchor::ABOVE_COUNT_MAX)..at)?;
    let frames: Vec<Frame> = above
        .iter()
        .filter_map(|line| {
            let row = line.trim();
            let call = row
                .strip_prefix("in function ")
                .or_else(|| row.strip_prefix("in call from "))?;
            shell(call.trim())
        })
        .collect();
    (!frames.is_empty()).then(|| ExceptionLink {
        relation: Relation::Escaped,
        exception_type: class(reason),
        message: reason.to_owned(),
        frames,
    })
}

/// The call that no clause fitted, which the shell prints in place of a frame:
/// `no function clause matching cart:total([]) (cart.erl, line 9)`.
fn clause(message: &str) -> Option<Frame> {
    let rest = message.strip_prefix("no function clause matching")?;
    let rest = head(rest.trim(), ARGUMENTS_BYTES_MAX);
    let (call, place) = rest.rsplit_once('(')?;
    let (file, line) = place.split_once(", line ")?;
    let (line, _) = anchor::number(line)?;
    let (module, call) = split_module(call.trim())?;
    let (function, arguments) = call.trim_end().strip_suffix(')')?.split_once('(')?;
    let arity = name::arguments(arguments).to_string();
    Some(frame(module, function, &arity, Some((file, line))))
}

/// Gives the last frame its place.
fn placed(frames: &mut [Frame], row: &str) {
    if let Some(frame) = frames.last_mut()
        && frame.file.is_empty()
        && let Some((file, line)) = shell_place(row)
    {
        frame.file = path::locate(file).file;
        frame.line = Some(line);
    }
}

/// `(src/cart.erl, line 12)`.
fn shell_place(row: &str) -> Option<(&str, u32)> {
    let (file, rest) = row.strip_prefix('(')?.split_once(", line ")?;
    Some((file, anchor::number(rest)?.0))
}

/// `cart:total/1 (src/cart.erl, line 12)`.
fn shell(call: &str) -> Option<Frame> {
    let (call, place) = match call.split_once(" (") {
        Some((call, rest)) => (call, rest.split_once(", line ")),
        None => (call, None),
    };
    let place = place.and_then(|(file, rest)| Some((file, anchor::number(rest)?.0)));
    let (module, rest) = split_module(call.trim())?;
    let (function, arity) = rest.rsplit_once('/')?;
    digits(arity).then(|| frame(module, function, arity, place))
}

/// Module and the rest of `cart:total/1`, `'Elixir.Shop.Cart':total/1`.
fn split_module(call: &str) -> Option<(&str, &str)> {
    match call.strip_prefix('\'') {
        Some(rest) => {
            let (module, rest) = rest.split_once('\'')?;
            Some((module, rest.strip_prefix(':')?))
        }
        None => call.split_once(':').filter(|(module, _)| atom(module)),
    }
}

/// Whether a text is an atom without quotes.
fn atom(text: &str) -> bool {
    text.starts_with(|c: char| c.is_lowercase())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '@'))
}

/// The class of a reason, from the shell's words or from the term.
fn class(text: &str) -> String {
    let text = text.trim();
    if let Some((_, class)) = WORDS.iter().find(|(words, _)| text.starts_with(words)) {
        return (*class).to_owned();
    }
    let inner = text.trim_start_matches(['{', ' ', '\'']);
    let end = inner
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '@' | '.')))
        .unwrap_or(inner.len());
    let name = inner.get(..end).unwrap_or_default();
    // A reason may be an exception of Elixir: `{#{'__exception__' => true,'__struct__' => …`.
    if let Some((_, rest)) = text
        .split_once("'__struct__' => '")
        .or_else(|| text.split_once("'__struct__'=>'"))
    {
        let (kind, _) = rest.split_once('\'').unwrap_or((rest, ""));
        return kind.trim_start_matches("Elixir.").to_owned();
    }
    if atom(name) {
        name.to_owned()
    } else {
        String::new()
    }
}

/// A frame of its parts.
fn frame(module: &str, function: &str, arity: &str, place: Option<(&str, u32)>) -> Frame {
    let module = module.trim_start_matches("Elixir.");
    let function = function.trim_matches('\'');
    let function = name::fun(function).unwrap_or_else(|| format!("{function}/{arity}"));
    let located = place
        .map(|(file, _)| path::locate(file))
        .unwrap_or_default();
    let library = name::of_library(module)
        || place.is_some_and(|(file, _)| {
            file.contains("deps/") || file.contains("_build/default/lib/") && file.contains("/deps")
        });
    Frame {
        in_app: !library && !located.library,
        function,
        module: module.to_owned(),
        file: located.file,
        line: place.map(|(_, line)| line).filter(|line| *line > 0),
    }
}

/// A stack as a term: `[{cart,total,1,[{file,"src/cart.erl"},{line,12}]},…]`, also across lines.
fn term(lines: &[String]) -> Option<ExceptionLink> {
    if !lines
        .iter()
        .any(|line| line.contains("[{file,") || line.contains(",[]}"))
    {
        return None;
    }
    let anchor = anchor::anchor(lines, |line| {
        line.find(['{', '[']).filter(|_| line.contains("{file,"))
    })?;
    let joined: Vec<&str> = anchor.lines.iter().map(|line| line.trim()).collect();
    let text = joined.join(" ");
    let mut frames = Vec::new();
    let mut start = None;
    let mut end = 0;
    for (at, _) in text.match_indices("[{file,").take(TERMS_COUNT_MAX) {
        let Some((from, module, function, arity)) = entry(text.get(..at)?.trim_end()) else {
            continue;
        };
        let place = text.get(at..).and_then(term_place);
        // Another list begins where what is between holds more than frames without a place.
        let gap = text.get(end..from).unwrap_or_default();
        let (first, before) = unplaced(if start.is_some() {
            gap
        } else {
            text.get(..from)?
        });
        if start.is_some() && gap.get(..first).is_some_and(|rest| rest.len() > 8) {
            break;
        }
        frames.extend(before);
        start = start.or(Some(first));
        frames.push(frame(
            module,
            function,
            &arity,
            place.map(|(file, line, _)| (file, line)),
        ));
        end = at + place.map_or("[{file,".len(), |(_, _, length)| length);
    }
    let start = start?;
    let low =
        (start.saturating_sub(REASON_BYTES_MAX)..=start).find(|at| text.is_char_boundary(*at))?;
    let reason = reason(text.get(low..start)?);
    Some(ExceptionLink {
        relation: Relation::Escaped,
        exception_type: class(reason),
        message: reason.to_owned(),
        frames,
    })
}

/// File, line and length of `[{file,"src/cart.erl"},{line,12}]}`.
fn term_place(text: &str) -> Option<(&str, u32, usize)> {
    let text = head(text, ENTRY_BYTES_MAX);
    let open = text.find('"')?;
    let rest = text.get(open + 1..)?;
    let close = rest.find('"')?;
    // In a string of JSON the quotes have backslashes.
    let file = rest.get(..close)?.trim_end_matches('\\');
    let tail = rest.get(close + 1..)?;
    let short = tail
        .get(..tail.len().min(40))
        .unwrap_or_else(|| tail.split(']').next().unwrap_or(""));
    let at = short.find("{line,")? + "{line,".len();
    let (line, _) = anchor::number(tail.get(at..)?.trim_start())?;
    let end = tail.find("]}").map_or(at, |end| end + 2);
    Some((file, line, open + 1 + close + 1 + end))
}

/// Where `{cart,total,1,` begins that ends a text, and its parts.
fn entry(text: &str) -> Option<(usize, &str, &str, String)> {
    let whole = text.strip_suffix(',')?.trim_end();
    let low = whole.len().saturating_sub(ENTRY_BYTES_MAX);
    let low = (low..=whole.len()).find(|at| whole.is_char_boundary(*at))?;
    let text = whole.get(low..)?;
    let (head, arity) = if let Some(inner) = text.strip_suffix(']') {
        let low = inner.len().saturating_sub(ARGUMENTS_BYTES_MAX);
        let open = opening(inner, low)?;
        let arguments = inner.get(open + 1..)?;
        (inner.get(..open)?, name::arguments(arguments).to_string())
    } else {
        let (head, arity) = text.rsplit_once(',')?;
        let arity = arity.trim();
        (
            text.get(..=head.len())?,
            digits(arity).then(|| arity.to_owned())?,
        )
    };
    let head = head.trim_end().strip_suffix(',')?.trim_end();
    let (head, function) = last_atom(head)?;
    let head = head.trim_end().strip_suffix(',')?.trim_end();
    let (head, module) = last_atom(head)?;
    let head = head.trim_end();
    head.ends_with('{')
        .then(|| (low + head.len() - 1, module, function, arity))
}

/// The bracket that opens what ends with the text, not before `low`.
fn opening(text: &str, low: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices().rev() {
        if at < low {
            return None;
        }
        match c {
            ']' => depth += 1,
            '[' if depth == 0 => return Some(at),
            '[' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What is before the atom at the end of a text, and the atom.
fn last_atom(text: &str) -> Option<(&str, &str)> {
    if let Some(inner) = text.strip_suffix('\'') {
        let open = inner.rfind('\'')?;
        return Some((inner.get(..open)?, inner.get(open + 1..)?));
    }
    let from = text
        .char_indices()
        .rev()
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '_' | '@')))
        .map_or(0, |(at, c)| at + c.len_utf8());
    let name = text.get(from..)?;
    atom(name).then(|| (text.get(..from).unwrap_or_default(), name))
}

/// Frames without a place right before a text's end: `{init,start_it,1,[]}`,
/// `{erlang,'div',[100,0],[{error_info,#{…}}]}`; and where the first of them begins.
fn unplaced(text: &str) -> (usize, Vec<Frame>) {
    let mut frames = Vec::new();
    let mut end = text.len();
    for _ in 0..UNPLACED_COUNT_MAX {
        let Some((from, frame)) = text.get(..end).and_then(unplaced_one) else {
            break;
        };
        frames.push(frame);
        end = from;
    }
    frames.reverse();
    (end, frames)
}

/// The last frame of a text, where it has no place.
fn unplaced_one(text: &str) -> Option<(usize, Frame)> {
    let inner = text.trim_end().strip_suffix(',')?.trim_end();
    let inner = inner.strip_suffix('}')?.trim_end().strip_suffix(']')?;
    let low = inner.len().saturating_sub(ARGUMENTS_BYTES_MAX);
    let open = opening(inner, low)?;
    let facts = inner.get(open + 1..)?;
    if !(facts.is_empty() || facts.starts_with("{error_info")) {
        return None;
    }
    let (from, module, function, arity) = entry(inner.get(..open)?.trim_end())?;
    Some((from, frame(module, function, &arity, None)))
}

/// The term before a stack: `{badmatch,3}` of `{{badmatch,3},[`, `badarith` of `{badarith,[`.
fn reason(head: &str) -> &str {
    let head = head.trim_end().trim_end_matches('[').trim_end();
    // Ranch: `exit with reason badarg and stacktrace [`.
    if let Some(head) = head.strip_suffix(" and stacktrace")
        && let Some((_, reason)) = head.rsplit_once(" with reason ")
    {
        return reason;
    }
    let Some(head) = head.strip_suffix(',') else {
        // The stack stands alone, as lager's and Lager-like reports have it.
        return "";
    };
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, c) in head.char_indices().rev() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '}' | ']' | ')' => depth += 1,
            '{' | '[' | '(' | ',' if depth == 0 => {
                return head.get(at + 1..).unwrap_or(head).trim();
            }
            '{' | '[' | '(' => depth -= 1,
            _ => {}
        }
    }
    head.trim()
}

/// lager's one line: `… with reason: bad argument in cart:total/1 line 12`.
fn short(lines: &[String]) -> Option<ExceptionLink> {
    lines.iter().find_map(|line| {
        let (_, rest) = line.split_once("reason: ")?;
        let (message, call) = rest.rsplit_once(" in ")?;
        let (call, place) = call.split_once(" line ")?;
        let (number, _) = anchor::number(place)?;
        let (module, rest) = split_module(call)?;
        let (function, arity) = rest.rsplit_once('/')?;
        let arity = arity.split('(').next()?;
        let mut frame = frame(module, function, arity, None);
        frame.line = Some(number);
        digits(arity).then(|| ExceptionLink {
            relation: Relation::Escaped,
            exception_type: class(message),
            message: message.to_owned(),
            frames: vec![frame],
        })
    })
}
