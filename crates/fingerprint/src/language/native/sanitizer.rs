//! Reports of the sanitizers and of valgrind.

use super::Report;
use super::symbol::{self, Call};
use crate::language::anchor::{self, digits, hex};

/// Names of the sanitizers, as their reports have them.
const SANITIZERS: [&str; 6] = [
    "AddressSanitizer: ",
    "ThreadSanitizer: ",
    "MemorySanitizer: ",
    "LeakSanitizer: ",
    "HWAddressSanitizer: ",
    "UndefinedBehaviorSanitizer: ",
];
/// Longest extension of a source of C or C++, in bytes.
const EXTENSION_BYTES_MAX: usize = 4;
/// Before a finding of UBSan.
const RUNTIME_ERROR: &str = ": runtime error: ";

/// Reads a sanitizer's report.
pub(super) fn parse(lines: &[String]) -> Option<Report> {
    // What ended the program tells more than what UBSan noted before.
    let anchor = anchor::anchor(lines, headline)
        .or_else(|| anchor::anchor(lines, |line| undefined(line).map(|found| found.0)))?;
    let first = anchor.below().first()?;
    let mut report = match SANITIZERS.iter().find_map(|name| first.split_once(name)) {
        Some((_, rest)) => headed(rest.trim()),
        None => Report::default(),
    };
    let mut place = None;
    if report.kind.is_empty() {
        let (_, kind, message, file) = undefined(first)?;
        report.kind = kind;
        message.clone_into(&mut report.message);
        place = Some(file);
    }
    for line in anchor.below().iter().skip(1) {
        let text = line.trim();
        if let Some(call) = frame(text) {
            report.cpp |= symbol::is_cpp(&call);
            report.frames.push(symbol::frame(&call));
        } else if !report.frames.is_empty() || place.is_some() && undefined(line).is_some() {
            break;
        } else if report.message.is_empty()
            && (text.starts_with("READ of") || text.starts_with("WRITE of"))
        {
            let what = text.split(" at 0x").next().unwrap_or(text);
            what.clone_into(&mut report.message);
        }
    }
    if let Some((file, line)) = place {
        let call = Call {
            file: Some(file),
            line: Some(line),
            ..Call::default()
        };
        report.cpp |= symbol::is_cpp(&call);
        if report.frames.is_empty() {
            report.frames.push(symbol::frame(&call));
        }
    }
    Some(report)
}

/// Column of the line that opens a report, with the process before it.
fn headline(line: &str) -> Option<usize> {
    let at = SANITIZERS.iter().find_map(|name| line.find(name))?;
    let head = line.get(..at)?;
    let named = ["ERROR: ", "WARNING: "]
        .into_iter()
        .find_map(|mark| head.strip_suffix(mark))?;
    let process = named.strip_suffix("==").and_then(|head| head.rfind("=="));
    Some(process.unwrap_or(named.len()))
}

/// The class of a finding: `heap-buffer-overflow on address 0x…`.
fn headed(text: &str) -> Report {
    let named = [
        ("attempting double-free", "double-free"),
        (
            "attempting free on address which was not malloc",
            "bad-free",
        ),
        ("requested allocation size", "allocation-size-too-big"),
        ("allocator is out of memory", "out-of-memory"),
    ];
    let kind = named
        .iter()
        .find(|(words, _)| text.starts_with(words))
        .map(|(_, kind)| *kind);
    let end = [" on ", " (pid=", " in ", ": ", " at ", " 0x"]
        .into_iter()
        .filter_map(|mark| text.find(mark))
        .min();
    let words = end.and_then(|end| text.get(..end)).unwrap_or(text);
    Report {
        kind: kind.unwrap_or(words).to_owned(),
        message: if words == "SEGV" || kind.is_some() {
            text.split(" 0x").next().unwrap_or(text).to_owned()
        } else {
            String::new()
        },
        ..Report::default()
    }
}

/// Column, kind, message and place of `cart.c:3:5: runtime error: signed integer overflow: …`.
fn undefined(line: &str) -> Option<(usize, String, &str, (&str, u32))> {
    let (head, message) = line.split_once(RUNTIME_ERROR)?;
    let message = anchor::of_json(message);
    let from = head.rfind([' ', '\t', '"']).map_or(0, |at| at + 1);
    let place = anchor::place(head.get(from..)?)?;
    // Go's servers print an address of a client in that place, Lua a script.
    let (_, extension) = place.0.rsplit_once('.')?;
    let source = extension.starts_with(|c: char| c.is_ascii_alphabetic());
    let native = source && extension.len() <= EXTENSION_BYTES_MAX && extension != "lua";
    native.then(|| (from, kind(message), message, place))
}

/// The class of UBSan's words: values and types gone.
fn kind(message: &str) -> String {
    let head = message.split([':', ',']).next().unwrap_or(message);
    let end = [
        " for type",
        " of type",
        " in type",
        " within",
        " cannot be",
        " to null",
        "`",
    ]
    .into_iter()
    .filter_map(|mark| head.find(mark))
    .min();
    let head = end.and_then(|end| head.get(..end)).unwrap_or(head);
    let words = head
        .split_whitespace()
        .filter(|word| !word.contains(|c: char| c.is_ascii_digit() || c == '\'' || c == '('));
    let text = words.collect::<Vec<_>>().join(" ");
    let shift = text.starts_with("left shift of");
    if shift { "left shift".to_owned() } else { text }
}

/// `#0 0x55d4 in total /src/cart.cc:12:3`, `#1 main cart.c:9 (app+0x12) (BuildId: 1f)`.
pub(super) fn frame(text: &str) -> Option<Call<'_>> {
    let (_, rest) = anchor::number(text.strip_prefix('#')?)?;
    let rest = rest.strip_prefix(' ')?.trim_start();
    let (rest, addressed) = match rest.split_once(' ') {
        Some((word, tail)) if word.starts_with("0x") && hex(word) => (tail.trim_start(), true),
        _ => (rest, false),
    };
    let rest = rest.strip_prefix("in ").unwrap_or(rest);
    let rest = rest.split(" (BuildId: ").next().unwrap_or(rest).trim_end();
    let mut call = Call::default();
    let mut rest = rest;
    if let Some(inner) = rest.strip_suffix(')')
        && let Some(at) = inner.rfind('(')
        && let Some((image, offset)) = inner.get(at + 1..)?.rsplit_once("+0x")
        && hex(offset)
    {
        call.image = Some(image);
        rest = rest.get(..at)?.trim_end();
    }
    if rest == "<null>" || rest.is_empty() {
        return (addressed || call.image.is_some()).then_some(call);
    }
    // What follows the last space outside of brackets is the place.
    if let Some((name, place)) = rest.rsplit_once(' ')
        && let Some((file, line)) = anchor::place(place)
    {
        call.name = name;
        call.file = Some(file);
        call.line = Some(line);
    } else if let Some((name, file)) = rest.rsplit_once(' ')
        && (file.starts_with('/') || file == "<null>")
    {
        call.name = name;
        call.file = file.starts_with('/').then_some(file);
    } else {
        call.name = rest;
    }
    (addressed || call.image.is_some()).then_some(call)
}

/// Reads valgrind's report: its first error.
pub(super) fn valgrind(lines: &[String]) -> Option<Report> {
    let anchor = anchor::anchor(lines, |line| {
        let (_, rest) = process(line)?;
        let row = rest.trim_start();
        let at = line.len() - row.len();
        (row.starts_with("at 0x") && frame_of_valgrind(row).is_some()).then_some(at)
    })?;
    let mut report = Report::default();
    let mut above = anchor.above().map(|(_, line)| row(line));
    let head = above.find(|text| !text.is_empty() && !text.starts_with("at 0x"))?;
    let signal = head
        .rsplit_once('(')
        .filter(|(words, _)| words.contains("signal "));
    let lost = head
        .split_once(" are ")
        .filter(|(_, rest)| rest.contains(" lost in "));
    report.kind = match (signal, lost) {
        (Some((_, name)), _) => name.trim_end_matches(')').to_owned(),
        (None, Some((_, rest))) => rest.split(" in ").next().unwrap_or(rest).to_owned(),
        (None, None) => head.split(" of size ").next().unwrap_or(head).to_owned(),
    };
    // A fatal signal's own words stand between it and its stack.
    if report.kind.starts_with("Access not within") || report.kind.starts_with("General Protection")
    {
        let signal =
            above.find_map(|text| text.rsplit_once('(').filter(|(w, _)| w.contains("signal ")));
        if let Some((_, name)) = signal {
            name.trim_end_matches(')').clone_into(&mut report.kind);
        }
    }
    head.clone_into(&mut report.message);
    for line in anchor.below() {
        let Some(call) = frame_of_valgrind(row(line)) else {
            break;
        };
        report.cpp |= symbol::is_cpp(&call);
        report.frames.push(symbol::frame(&call));
    }
    Some(report)
}

/// The process between `==` and the rest of a line.
fn process(line: &str) -> Option<(&str, &str)> {
    let at = line.find("==")?;
    let (process, rest) = line.get(at + 2..)?.split_once("==")?;
    digits(process).then_some((process, rest))
}

/// A line without the process.
fn row(line: &str) -> &str {
    process(line).map_or(line, |(_, rest)| rest).trim()
}

/// `at 0x109: total (cart.c:12)`, `by 0x48: start_thread (in /usr/lib/libc.so.6)`.
fn frame_of_valgrind(text: &str) -> Option<Call<'_>> {
    let rest = text
        .strip_prefix("at 0x")
        .or_else(|| text.strip_prefix("by 0x"))?;
    let (address, rest) = rest.split_once(": ")?;
    let (name, place) = rest.strip_suffix(')')?.rsplit_once(" (")?;
    let image = place.strip_prefix("in ");
    let source = anchor::place(place).filter(|_| image.is_none());
    hex(address).then_some(Call {
        name,
        file: source.map(|(file, _)| file),
        line: source.map(|(_, line)| line),
        image,
    })
}
