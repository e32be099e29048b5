//! Swift and what else runs on Apple's systems: fatal errors, the backtraces of Swift 5.9 and
//! later, crash reports, uncaught `NSException`s.
//!
//! The type is `Fatal error` (`Precondition failed`, `Assertion failed`) where the program said
//! so, what the backtrace says of the crash otherwise (`Bad pointer dereference`), the exception
//! of a crash report (`EXC_BAD_ACCESS`), or the name of the `NSException`.

mod symbol;
mod test;

use super::anchor::{self, Anchor, digits, hex};
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// What the runtime says before it stops.
const FATAL: [&str; 4] = [
    "Fatal error",
    "Precondition failed",
    "Assertion failed",
    "Simultaneous accesses",
];

/// Images of the system, by how their names begin.
const IMAGES: [&str; 46] = [
    "lib",
    "dyld",
    "ld-linux",
    "CoreFoundation",
    "Foundation",
    "UIKit",
    "AppKit",
    "SwiftUI",
    "SwiftData",
    "GraphicsServices",
    "QuartzCore",
    "CoreGraphics",
    "CoreData",
    "CoreText",
    "CoreImage",
    "CoreMedia",
    "CoreAudio",
    "CoreLocation",
    "CoreBluetooth",
    "CFNetwork",
    "Security",
    "AVFoundation",
    "AVFAudio",
    "AttributeGraph",
    "Combine",
    "FrontBoardServices",
    "BackBoardServices",
    "BaseBoard",
    "HIToolbox",
    "IOKit",
    "JavaScriptCore",
    "WebKit",
    "WebCore",
    "MapKit",
    "Metal",
    "Network",
    "Photos",
    "RunningBoardServices",
    "StoreKit",
    "XCTest",
    "XCTestCore",
    "XCTAutomationSupport",
    "SkyLight",
    "TextInput",
    "PlugInKit",
    "UserNotifications",
];

/// Reads the report in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let Some(anchor) = anchor::anchor(lines, mark).or_else(|| anchor::anchor(lines, told)) else {
        return test::parse(lines)
            .or_else(|| logged(lines))
            .map(|link| Trace {
                language: Language::Swift,
                chain: vec![link],
            });
    };
    let head = Head::read(&anchor);
    let mut frames = stack(&anchor.lines).unwrap_or_default();
    raised(&mut frames);
    if !frames
        .iter()
        .any(|frame| frame.in_app && !frame.function.is_empty())
        && let Some((file, line)) = head.place
    {
        frames.insert(0, thrown(file, line));
    } else if let Some(first) = frames.iter_mut().find(|frame| frame.in_app)
        && let Some((file, line)) = head.place
        && first.file.is_empty()
    {
        // The stack has names alone: the words tell where the innermost of them stopped.
        let place = thrown(file, line);
        if place.in_app {
            (first.file, first.line) = (place.file, place.line);
        }
    }
    if frames.is_empty() {
        return None;
    }
    let cpp = |frame: &&Frame| frame.in_app && !frame.function.is_empty();
    let native = frames.iter().find(cpp).is_some_and(|frame| {
        frame.module.contains("::")
            || [".cpp", ".cc", ".mm"]
                .iter()
                .any(|s| frame.file.ends_with(s))
    });
    Some(Trace {
        language: if native {
            Language::Cpp
        } else {
            Language::Swift
        },
        chain: vec![ExceptionLink {
            relation: Relation::Escaped,
            exception_type: head.kind.to_owned(),
            message: head.message,
            frames,
        }],
    })
}

/// An error that a server logged with the place of its throw, as swift-log's console prints it:
/// `[ ERROR ] Abort.404: no cart [request-id: 5F0A] (Sources/App/Carts.swift:37)`.
fn logged(lines: &[String]) -> Option<ExceptionLink> {
    lines.iter().find_map(|line| {
        let levels = ["[ ERROR ] ", "[ CRITICAL ] ", "[ WARNING ] "];
        let rest = levels.into_iter().find_map(|level| after(line, level))?;
        let (text, place) = rest.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
        let (file, number) = anchor::place(place)?;
        let (kind, message) = text.split_once(": ")?;
        let named = kind.starts_with(char::is_uppercase) && !kind.contains(' ');
        let message = match message.rsplit_once(" [") {
            Some((message, fields)) if fields.ends_with(']') => message,
            _ => message,
        };
        let known = named && anchor::has_extension(file, &[".swift"]);
        known.then(|| ExceptionLink {
            relation: Relation::Escaped,
            exception_type: kind.to_owned(),
            message: message.to_owned(),
            frames: vec![thrown(file, number)],
        })
    })
}

/// Column of a line that opens a stack.
fn mark(line: &str) -> Option<usize> {
    for mark in [
        "*** First throw call stack:",
        "Last Exception Backtrace:",
        "Exception Type:",
        "*** Program crashed: ",
        "Current stack trace:",
    ] {
        if let Some(at) = line.find(mark) {
            return Some(at);
        }
    }
    let thread = line
        .find("Thread ")
        .filter(|at| line.get(*at..).is_some_and(crashed));
    let bomb = line
        .find("Program crashed: ")
        .filter(|at| line.get(..*at).is_some_and(|head| !head.is_ascii()));
    thread.or_else(|| bomb.and_then(|at| line.get(..at)?.find(|c: char| !c.is_ascii())))
}

/// Column of a line that tells why, where no stack follows.
fn told(line: &str) -> Option<usize> {
    let terminated = line.find("*** Terminating app due to uncaught exception ");
    terminated.or_else(|| {
        let (_, _, place) = fatal(line)?;
        let (file, _) = place?;
        let said = FATAL.into_iter().filter_map(|kind| line.find(kind)).min()?;
        // The place stands before the words, or behind them.
        line.find(file).map(|at| at.min(said))
    })
}

/// `Thread 0 "app" crashed:`, `Thread 0 Crashed:: Dispatch queue: com.apple.main-thread`.
fn crashed(text: &str) -> bool {
    text.strip_prefix("Thread ").is_some_and(|rest| {
        let numbered = rest.starts_with(|c: char| c.is_ascii_digit());
        numbered && (rest.contains(" crashed:") || rest.contains(" Crashed:"))
    })
}

/// What a report says before its stacks.
#[derive(Default)]
struct Head<'a> {
    kind: &'a str,
    message: String,
    place: Option<(&'a str, u32)>,
}

impl<'a> Head<'a> {
    /// Reads the head: a fatal error says more than the signal that it ends in.
    fn read(anchor: &Anchor<'a>) -> Self {
        let mut head = Self::default();
        let from = anchor.at.saturating_sub(anchor::ABOVE_COUNT_MAX);
        for line in anchor.lines.get(from..).unwrap_or_default() {
            let text = line.trim();
            if let Some((kind, message, place)) = fatal(text)
                && !FATAL.contains(&head.kind)
                && !head.kind.starts_with("EXC_")
                && (place.is_some() || head.kind.is_empty())
            {
                head = Self {
                    kind,
                    message: message.to_owned(),
                    place,
                };
            } else if let Some(rest) = after(text, "due to uncaught exception '") {
                let (kind, rest) = rest.split_once('\'').unwrap_or((rest, ""));
                let reason = rest.split_once("reason: '").map_or("", |(_, r)| r);
                head.kind = kind;
                reason.trim_end_matches('\'').clone_into(&mut head.message);
            } else if head.kind.is_empty() {
                head.begin(text);
            } else {
                head.more(text);
            }
        }
        head
    }

    /// The line that tells the type.
    fn begin(&mut self, text: &'a str) {
        if let Some(rest) = after(text, "Exception Type:") {
            let rest = rest.trim();
            let (kind, signal) = rest.split_once(" (").unwrap_or((rest, ""));
            self.kind = kind;
            signal.trim_end_matches(')').clone_into(&mut self.message);
        } else if let Some(rest) = after(text, "Program crashed: ") {
            let rest = rest.trim_end_matches(['*', ' ']);
            let (kind, _) = rest.split_once(" at 0x").unwrap_or((rest, ""));
            self.kind = kind;
            rest.clone_into(&mut self.message);
        }
    }

    /// A line that tells more of an exception of a crash report.
    fn more(&mut self, text: &'a str) {
        if !self.kind.starts_with("EXC_") {
            return;
        }
        for mark in ["Exception Subtype:", "Exception Codes:", "Exception Note:"] {
            if let Some(rest) = after(text, mark)
                && rest.trim_start().starts_with("KERN_")
            {
                self.message = format!("{}: {}", self.message, rest.trim());
            }
        }
        if let Some((_, message, place)) = fatal(text) {
            message.clone_into(&mut self.message);
            self.place = self.place.or(place);
        }
    }
}

/// What follows a mark in a text.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}

/// Kind, message and place of a fatal error.
type Fatal<'a> = (&'static str, &'a str, Option<(&'a str, u32)>);

/// `app/Cart.swift:12: Fatal error: boom`, `Fatal error: boom: file app/Cart.swift, line 12`.
fn fatal(line: &str) -> Option<Fatal<'_>> {
    let (at, kind) = FATAL.into_iter().find_map(|kind| {
        let at = line.find(kind)?;
        let rest = line.get(at + kind.len()..)?;
        (rest.starts_with(':') || rest == "." || rest.is_empty()).then_some((at, kind))
    })?;
    let head = line.get(..at)?.trim_end().trim_end_matches(':');
    let rest = line.get(at + kind.len()..)?.trim_start_matches(':').trim();
    let rest = anchor::of_json(rest);
    if let Some((file, number)) = anchor::place(head)
        && let Some(end) = file.rfind(".swift")
        && end + ".swift".len() == file.len()
    {
        let from = file.rfind([' ', '\t', '"']).map_or(0, |at| at + 1);
        return Some((kind, rest, Some((file.get(from..)?, number))));
    }
    let told = rest.rsplit_once("file ").and_then(|(message, place)| {
        let (file, number) = place.split_once(", line ")?;
        let (number, _) = anchor::number(number)?;
        let message = message.trim_end().trim_end_matches(':');
        anchor::has_extension(file, &[".swift"]).then_some((message, (file, number)))
    });
    match told {
        Some((message, place)) => Some((kind, message, Some(place))),
        None => Some((kind, rest, None)),
    }
}

/// The frame of the place that a fatal error names.
fn thrown(file: &str, line: u32) -> Frame {
    let located = path::locate(file);
    let library = file.starts_with("Swift/") || file.starts_with("Foundation/");
    Frame {
        module: anchor::stem(&located.file).to_owned(),
        in_app: !library && !located.library,
        file: located.file,
        line: Some(line),
        ..Frame::default()
    }
}

/// The stack of the report: where the exception was thrown, or of the thread that crashed.
fn stack(lines: &[&str]) -> Option<Vec<Frame>> {
    let find = |mark: &str| lines.iter().position(|line| line.contains(mark));
    let start = find("Last Exception Backtrace:")
        .or_else(|| find("*** First throw call stack:"))
        .or_else(|| lines.iter().position(|line| crashed(line.trim())))
        .or_else(|| find("Current stack trace:"))
        .or_else(|| {
            lines
                .iter()
                .position(|line| frame(line.trim()).is_some())
                .map(|at| at.saturating_sub(1))
        })?;
    let mut frames: Vec<Frame> = Vec::new();
    for line in lines.get(start + 1..)? {
        let text = line.trim();
        if let Some(found) = frame(text) {
            frames.push(found);
        } else if text.starts_with("Thread ")
            || text.starts_with("Binary Images:")
            || text.starts_with("Images (")
            || text.starts_with("Registers:")
            || (text == ")" && !frames.is_empty())
        {
            break;
        }
    }
    Some(frames)
}

/// Takes off what the runtime does to raise.
fn raised(frames: &mut Vec<Frame>) {
    let machinery = |frame: &Frame| {
        let name = frame.function.as_str();
        symbol::raises(name) || symbol::raises(&format!("{}.{name}", frame.module))
    };
    if let Some(at) = frames.iter().take(16).rposition(machinery)
        && at + 1 < frames.len()
    {
        frames.drain(..=at);
    }
}

/// A frame of either form.
fn frame(text: &str) -> Option<Frame> {
    let numbered = anchor::number(text).map(|(_, rest)| rest);
    let rest = numbered.filter(|rest| rest.starts_with([' ', '\t']));
    // The number may have gone with what a logger wrote.
    let Some(rest) = rest else {
        return table(text);
    };
    backtrace(rest.trim_start()).or_else(|| table(rest.trim_start()))
}

/// `[ra] [system] 0x00005581 Cart.total() + 12 in app at /src/Cart.swift:3:5`.
fn backtrace(text: &str) -> Option<Frame> {
    let mut rest = text;
    let mut system = false;
    let mut address = false;
    for _ in 0..6 {
        if let Some((flag, after)) = anchor::bracketed(rest, '[', ']') {
            system |= flag == "system" || flag == "thunk";
            rest = after.trim_start();
        } else if rest.starts_with("0x")
            && let Some((word, after)) = rest.split_once(' ')
            && hex(word)
        {
            address = true;
            rest = after.trim_start();
        }
    }
    let (rest, place) = match rest.rsplit_once(" at ") {
        Some((head, place)) if anchor::place(place).is_some() => (head, anchor::place(place)),
        _ => (rest, None),
    };
    let (name, image) = rest.rsplit_once(" in ")?;
    if image.contains(' ') && place.is_none() || !(address || place.is_some() || system) {
        return None;
    }
    let name = match name.rsplit_once(" + ") {
        Some((name, offset)) if digits(offset) => name,
        _ => name,
    };
    Some(located(name, image, place, system))
}

/// `MyApp   0x0000000100003f2c Cart.total() + 44 (Cart.swift:12)`.
fn table(text: &str) -> Option<Frame> {
    let at = text
        .match_indices("0x")
        .map(|(at, _)| at)
        .take(4)
        .find(|at| {
            text.get(..*at)
                .is_some_and(|head| head.ends_with([' ', '\t']))
        })?;
    let image = text.get(..at)?.trim();
    let (address, rest) = text.get(at..)?.split_once(' ')?;
    if image.is_empty() || !hex(address) || address.len() < 10 {
        return None;
    }
    let rest = rest.trim();
    let (rest, place) = match rest.strip_suffix(')').and_then(|r| r.rsplit_once(" (")) {
        Some((head, place)) => match anchor::place(place) {
            Some(place) => (head, Some(place)),
            None => (rest, None),
        },
        None => (rest, None),
    };
    let (name, offset) = rest.rsplit_once(" + ")?;
    let offset = offset.split(' ').next().unwrap_or_default();
    if !digits(offset) {
        return None;
    }
    // Without symbols there is the address of the image, or its name once more.
    let known = !name.starts_with("0x") && name != image;
    Some(located(if known { name } else { "" }, image, place, false))
}

/// A frame of a symbol in an image.
fn located(name: &str, image: &str, place: Option<(&str, u32)>, system: bool) -> Frame {
    let image = image.rsplit('/').next().unwrap_or(image);
    let (module, function) = symbol::split(name);
    let of_system = system
        || image == "???"
        || IMAGES.iter().any(|known| {
            image.strip_prefix(known).is_some_and(|rest| {
                *known == "lib" && image.contains(['.', '_'])
                    || rest.is_empty()
                    || rest.starts_with("Core")
            })
        })
        || symbol::of_runtime(name);
    let located = place
        .map(|(file, _)| path::locate(file))
        .unwrap_or_default();
    Frame {
        module: if module.is_empty() && function.is_empty() {
            image.to_owned()
        } else {
            module
        },
        function,
        in_app: !of_system && !located.library,
        file: located.file,
        line: place.map(|(_, line)| line).filter(|line| *line > 0),
    }
}
