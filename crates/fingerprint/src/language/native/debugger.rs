//! Backtraces of gdb, lldb, WinDbg and Visual Studio.

use super::Report;
use super::symbol::{self, Call};
use crate::language::anchor::{self, digits, hex};
use crate::model::Frame;

/// Reads gdb's backtrace: of the thread that has the signal, which it prints first or last.
pub(super) fn gdb(lines: &[String]) -> Option<Report> {
    let anchor = anchor::anchor(lines, |line| {
        let mut hashes = line.match_indices('#').map(|(at, _)| at).take(8);
        let opens = |text: &str| gdb_frame(text).is_some() || wrapped(text);
        hashes.find(|at| line.get(*at..).is_some_and(opens))
    })?;
    let mut report = Report::default();
    let mut best: Option<Report> = None;
    let mut joined = String::new();
    for line in anchor.below() {
        let text = line.trim();
        let begins = text.starts_with('#') || text.is_empty() || text.starts_with("Thread ");
        let whole = gdb_frame(&joined).is_some()
            && !["at ", "from "]
                .map(|w| text.starts_with(w))
                .contains(&true);
        if !begins && !joined.is_empty() && whole {
            // A frame's local variables, which are never read.
            push(&mut report, &std::mem::take(&mut joined));
        }
        if !begins && !joined.is_empty() {
            // Long arguments go on below.
            joined.push(' ');
            joined.push_str(text);
            continue;
        }
        push(&mut report, &std::mem::take(&mut joined));
        let first = text.starts_with("#0 ");
        if (first || text.starts_with("Thread ")) && !report.frames.is_empty() {
            choose(&mut best, std::mem::take(&mut report));
        }
        if text.starts_with('#') {
            text.clone_into(&mut joined);
        }
    }
    push(&mut report, &joined);
    choose(&mut best, report);
    let mut report = best?;
    below_signal(&mut report.frames);
    (!report.frames.is_empty()).then_some(report)
}

/// Whether a frame begins whose arguments go on below: `#0  0x5555 in total (cart=0x0,`.
fn wrapped(text: &str) -> bool {
    let rest = text.strip_prefix('#').and_then(anchor::number);
    let call = rest
        .map(|(_, rest)| rest.trim_start())
        .filter(|rest| rest.starts_with("0x"))
        .and_then(|rest| rest.split_once(" in "));
    call.is_some_and(|(address, call)| {
        hex(address) && call.contains(" (") && call.trim_end().ends_with(',')
    })
}

/// Adds the frame of a line.
fn push(report: &mut Report, line: &str) {
    if let Some(call) = gdb_frame(line) {
        report.cpp |= symbol::is_cpp(&call);
        report.frames.push(symbol::frame(&call));
    }
}

/// Keeps the stack of the thread that failed: the first, unless a later one has the signal.
fn choose(best: &mut Option<Report>, report: Report) {
    const RAISED: [&str; 5] = [
        "<signal handler called>",
        "raise",
        "abort",
        "__pthread_kill_implementation",
        "__GI_raise",
    ];
    let failed = |report: &Report| {
        report
            .frames
            .iter()
            .take(8)
            .any(|f| RAISED.contains(&f.function.as_str()))
    };
    if report.frames.is_empty() {
        return;
    }
    // gdb shows the innermost frame of a core once before any stack.
    let shown = |best: &Report| {
        best.frames.len() == 1
            && report.frames.len() > 1
            && best.frames.first().map(|f| &f.function)
                == report.frames.first().map(|f| &f.function)
    };
    if best
        .as_ref()
        .is_none_or(|best| !failed(best) && failed(&report) || shown(best))
    {
        *best = Some(report);
    }
}

/// Takes off what handled the signal.
pub(super) fn below_signal(frames: &mut Vec<Frame>) {
    let at = frames
        .iter()
        .take(16)
        .rposition(|f| f.function == "<signal handler called>");
    if let Some(at) = at
        && at + 1 < frames.len()
    {
        frames.drain(..=at);
    }
}

/// `#0  0x00005555 in total (cart=0x0) at cart.c:12`, `#1  main () at cart.c:20`.
fn gdb_frame(text: &str) -> Option<Call<'_>> {
    let (_, rest) = anchor::number(text.strip_prefix('#')?)?;
    let rest = rest.strip_prefix(' ')?.trim_start();
    if rest.starts_with("<signal handler called>") {
        return Some(Call {
            name: "<signal handler called>",
            ..Call::default()
        });
    }
    let (rest, addressed) = match rest.split_once(" in ") {
        Some((address, tail)) if address.starts_with("0x") && hex(address) => (tail, true),
        _ => (rest, false),
    };
    let (head, file, line, image) = match (rest.rsplit_once(" at "), rest.rsplit_once(" from ")) {
        (Some((head, place)), _) if anchor::place(place).is_some() && head.ends_with(')') => {
            let (file, line) = anchor::place(place)?;
            (head, Some(file), Some(line), None)
        }
        (_, Some((head, image))) if head.ends_with(')') => (head, None, None, Some(image)),
        _ if addressed && rest.ends_with(')') => (rest, None, None, None),
        _ => return None,
    };
    // Dart and JavaScript have a place in the parentheses, and nothing behind.
    let at = head
        .match_indices(" (")
        .map(|(at, _)| at)
        .take(16)
        .find(|at| {
            !head
                .get(at + 1..)
                .is_some_and(|r| r.starts_with("(anonymous namespace)"))
        })?;
    let name = head.get(..at)?;
    // A sanitizer's frame has its place behind the name.
    (!name.starts_with('/')).then_some(Call {
        name,
        file,
        line,
        image,
    })
}

/// Reads lldb's backtrace.
pub(super) fn lldb(lines: &[String]) -> Option<Report> {
    let anchor = anchor::anchor(lines, |line| {
        let at = line.find("frame #")?;
        lldb_frame(line.get(at..)?)?;
        // The mark of the chosen frame belongs to the line.
        Some(line.get(..at)?.trim_end_matches([' ', '*']).len())
    })?;
    let mut report = Report::default();
    for line in anchor.below() {
        let text = line.trim_start_matches([' ', '*', '\t']);
        if let Some(call) = lldb_frame(text) {
            // What was inlined to tell why is no call.
            if call.name.starts_with("Swift runtime failure") {
                continue;
            }
            report.cpp |= symbol::is_cpp(&call);
            report.frames.push(symbol::frame(&call));
        } else if !text.is_empty() {
            break;
        }
    }
    Some(report)
}

/// ``frame #0: 0x0000000100003f5c app`shop::total(x=1) at cart.cpp:3:5``.
fn lldb_frame(text: &str) -> Option<Call<'_>> {
    let (_, rest) = anchor::number(text.strip_prefix("frame #")?)?;
    let rest = rest.strip_prefix(": ")?;
    let (address, rest) = rest.split_once(' ')?;
    let (image, rest) = rest.split_once('`')?;
    let (name, place) = match rest.rsplit_once(" at ") {
        Some((name, place)) => (name, anchor::place(place)),
        None => (rest, None),
    };
    let name = match name.rsplit_once(" + ") {
        Some((name, offset)) if digits(offset) => name,
        _ => name,
    };
    let name = name.split(" [inlined]").next().unwrap_or(name);
    hex(address).then_some(Call {
        name,
        file: place.map(|(file, _)| file),
        line: place.map(|(_, line)| line),
        image: Some(image),
    })
}

/// Reads a stack of WinDbg, Visual Studio, or a game's crash log.
pub(super) fn windows(lines: &[String]) -> Option<Report> {
    let anchor = anchor::anchor(lines, |line| {
        windows_frame(line)?;
        // A frame begins with its addresses, 00000000`0012f8a0, or with the image.
        let address = line
            .find('`')
            .and_then(|at| at.checked_sub("00000000".len()));
        let indent = line.len() - line.trim_start().len();
        Some(address.unwrap_or(indent))
    })?;
    let mut report = Report::default();
    for line in anchor.below() {
        if let Some(call) = windows_frame(line) {
            report.cpp |= symbol::is_cpp(&call);
            let mut frame = symbol::frame(&call);
            frame.in_app &= ![
                "RtlUserThreadStart",
                "BaseThreadInitThunk",
                "__scrt_common_main_seh",
            ]
            .contains(&frame.function.as_str());
            report.frames.push(frame);
        } else if !line.trim().is_empty() && !report.frames.is_empty() {
            break;
        }
    }
    (report.frames.len() > 1).then_some(report)
}

/// `app!shop::total+0x12 [d:\src\cart.cpp @ 12]`, `app.exe!shop::total(int x) Line 12`.
fn windows_frame(line: &str) -> Option<Call<'_>> {
    let bang = line.find('!')?;
    let head = line.get(..bang)?;
    let from = head.rfind([' ', '\t', '`']).map_or(0, |at| at + 1);
    let image = head.get(from..)?;
    let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let rest = line.get(bang + 1..)?.trim_end();
    if image.is_empty() || !image.chars().all(named) {
        return None;
    }
    let (rest, place) = match rest.strip_suffix(']').and_then(|r| r.rsplit_once(" [")) {
        Some((rest, place)) => {
            let windbg = place.rsplit_once(" @ ");
            let place = windbg.and_then(|(file, line)| Some((file, line.parse().ok()?)));
            (rest, place.or_else(|| anchor::place(rest_of(line)?)))
        }
        None => match rest.split_once(" Line ") {
            Some((rest, number)) => {
                return Some(Call {
                    name: rest,
                    line: Some(anchor::number(number)?.0),
                    image: Some(image),
                    ..Call::default()
                });
            }
            None => (rest, None),
        },
    };
    let (name, offset) = rest.rsplit_once("+0x").unwrap_or((rest, ""));
    let addressed = hex(offset) || place.is_some();
    let fits = name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '`' | '<' | '?'));
    (addressed && fits).then_some(Call {
        name,
        file: place.map(|(file, _)| file),
        line: place.map(|(_, line)| line),
        image: Some(image),
    })
}

/// What stands in the last brackets of a line.
fn rest_of(line: &str) -> Option<&str> {
    line.trim_end()
        .strip_suffix(']')?
        .rsplit_once(" [")
        .map(|(_, inner)| inner)
}
