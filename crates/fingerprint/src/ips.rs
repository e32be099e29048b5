//! Apple's crash reports in JSON (`.ips`, from iOS 15 and macOS 12 on) become those in text, which
//! the reader of Swift's reports knows.
//!
//! A report is an object on the first line, which says what it is, and one below it: exception,
//! threads with their frames, images. What was cut off in its middle has what stood before.
//!
//! *Limits:* [`NESTING_MAX`] objects and arrays in each other, [`FRAMES_COUNT_MAX`] frames and
//! [`IMAGES_COUNT_MAX`] images of a report.

use std::fmt::Write;

use crate::wrap::decoded;

/// Objects and arrays within each other that are read.
const NESTING_MAX: usize = 32;
/// Frames of all threads that are read.
const FRAMES_COUNT_MAX: usize = 4_096;
/// Images that are read.
const IMAGES_COUNT_MAX: usize = 4_096;
/// Lines of what the program itself said that are kept.
const SAID_COUNT_MAX: usize = 16;

/// An object or an array that is being read, and where in it.
#[derive(Default)]
struct Level {
    array: bool,
    key: String,
    index: usize,
}

/// Which stack a frame belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stack {
    /// Where an exception was thrown.
    Exception,
    Thread(usize),
}

/// A frame as the report has it.
struct Frame {
    stack: Stack,
    at: usize,
    image: Option<usize>,
    symbol: String,
    location: String,
    file: String,
    line: String,
}

/// What of a report is read.
#[derive(Default)]
struct Report {
    kind: String,
    signal: String,
    subtype: String,
    said: Vec<String>,
    faulting: Option<usize>,
    frames: Vec<Frame>,
    images: Vec<String>,
}

/// The report as text; none where the text is no such report.
pub(crate) fn printed(text: &str) -> Option<String> {
    let marked = text.contains("\"threads\"") && text.contains("\"imageIndex\"");
    if !marked {
        return None;
    }
    let mut report = Report::default();
    scan(text, |levels, value| report.value(levels, value));
    (!report.kind.is_empty() && !report.frames.is_empty()).then(|| report.text())
}

/// Calls `each` with every string, number and word of a JSON text and where it stands.
fn scan(text: &str, mut each: impl FnMut(&[Level], &str)) {
    let mut levels: Vec<Level> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = tail;
        match c {
            '{' | '[' if levels.len() >= NESTING_MAX => return,
            '{' | '[' => levels.push(Level {
                array: c == '[',
                ..Level::default()
            }),
            '}' | ']' => {
                levels.pop();
            }
            ',' => {
                if let Some(level) = levels.last_mut() {
                    level.index += 1;
                }
            }
            '"' => {
                let (value, used) = decoded(tail);
                rest = tail.get(used..).unwrap_or_default();
                match levels.last_mut() {
                    Some(level) if !level.array && rest.trim_start().starts_with(':') => {
                        level.key = value;
                    }
                    _ => each(&levels, &value),
                }
            }
            c if c.is_ascii_alphanumeric() || c == '-' => {
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
                let end = tail.find(|c| !plain(c)).unwrap_or(tail.len());
                let word = text.get(text.len() - tail.len() - 1..text.len() - tail.len() + end);
                rest = tail.get(end..).unwrap_or_default();
                each(&levels, word.unwrap_or_default());
            }
            _ => {}
        }
    }
}

impl Report {
    /// Takes a value that stands where the levels say.
    fn value(&mut self, levels: &[Level], value: &str) {
        let key = |at: usize| match levels.get(at) {
            Some(level) if !level.array => level.key.as_str(),
            _ => "",
        };
        let index = |at: usize| levels.get(at).filter(|l| l.array).map(|l| l.index);
        match (key(0), key(1)) {
            ("exception", "type") => value.clone_into(&mut self.kind),
            ("exception", "signal") => value.clone_into(&mut self.signal),
            ("exception", "subtype") => value.clone_into(&mut self.subtype),
            ("asi", _) if self.said.len() < SAID_COUNT_MAX => self.said.push(value.to_owned()),
            ("faultingThread", _) => self.faulting = value.parse().ok(),
            ("usedImages", _) if key(2) == "name" => self.image(index(1), value),
            ("lastExceptionBacktrace", _) => {
                self.frame(Stack::Exception, index(1), key(2), value);
            }
            ("threads", _) => match (index(1), key(2)) {
                (Some(thread), "frames") => {
                    self.frame(Stack::Thread(thread), index(3), key(4), value);
                }
                (thread, "triggered") if value == "true" => {
                    self.faulting = self.faulting.or(thread);
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Takes the name of an image.
    fn image(&mut self, at: Option<usize>, name: &str) {
        let Some(at) = at.filter(|at| *at < IMAGES_COUNT_MAX) else {
            return;
        };
        if self.images.len() <= at {
            self.images.resize(at + 1, String::new());
        }
        if let Some(image) = self.images.get_mut(at) {
            name.clone_into(image);
        }
    }

    /// Takes a field of a frame; the fields of one frame stand together.
    fn frame(&mut self, stack: Stack, at: Option<usize>, key: &str, value: &str) {
        let Some(at) = at else { return };
        let same = |frame: &Frame| frame.stack == stack && frame.at == at;
        if !self.frames.last().is_some_and(same) {
            if self.frames.len() >= FRAMES_COUNT_MAX {
                return;
            }
            self.frames.push(Frame {
                stack,
                at,
                image: None,
                symbol: String::new(),
                location: String::new(),
                file: String::new(),
                line: String::new(),
            });
        }
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        match key {
            "imageIndex" => frame.image = value.parse().ok(),
            "symbol" => value.clone_into(&mut frame.symbol),
            "symbolLocation" => value.clone_into(&mut frame.location),
            "sourceFile" => value.clone_into(&mut frame.file),
            "sourceLine" => value.clone_into(&mut frame.line),
            _ => {}
        }
    }

    /// The report as the system printed it before.
    fn text(&self) -> String {
        let mut out = format!("Exception Type:  {}", self.kind);
        if !self.signal.is_empty() {
            out.push_str(&format!(" ({})", self.signal));
        }
        if !self.subtype.is_empty() {
            out.push_str(&format!("\nException Subtype: {}", self.subtype));
        }
        for said in &self.said {
            out.push_str(&format!("\n{said}"));
        }
        let exception = self.frames.iter().any(|f| f.stack == Stack::Exception);
        if exception {
            out.push_str("\n\nLast Exception Backtrace:");
            self.stack(Stack::Exception, &mut out);
        }
        let thread = self.faulting.unwrap_or_default();
        out.push_str(&format!("\n\nThread {thread} Crashed:"));
        self.stack(Stack::Thread(thread), &mut out);
        out
    }

    /// The frames of a stack, a line each.
    fn stack(&self, stack: Stack, out: &mut String) {
        let frames = self.frames.iter().filter(|frame| frame.stack == stack);
        for frame in frames {
            let image = frame.image.and_then(|at| self.images.get(at));
            let image = image.map_or("???", String::as_str);
            let image = if image.is_empty() { "???" } else { image };
            let (name, location) = if frame.symbol.is_empty() {
                ("0x0000000000000000", "0")
            } else {
                let known = !frame.location.is_empty();
                let location = if known { frame.location.as_str() } else { "0" };
                (frame.symbol.as_str(), location)
            };
            let at = frame.at;
            let written = write!(
                out,
                "\n{at}   {image}   0x0000000000000000 {name} + {location}"
            );
            if written.is_ok() && !frame.file.is_empty() && !frame.line.is_empty() {
                out.push_str(&format!(" ({}:{})", frame.file, frame.line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"{"bug_type":"309"}
{"exception":{"type":"EXC_CRASH","signal":"SIGABRT"},"faultingThread":1,
"asi":{"libsystem_c.dylib":["abort() called"]},
"threads":[{"frames":[{"imageIndex":1,"symbol":"wait","symbolLocation":8}]},
{"triggered":true,"frames":[{"symbol":"Cart.total()","symbolLocation":12,"imageIndex":0,
"sourceFile":"Cart.swift","sourceLine":3},{"imageOffset":7,"imageIndex":0}]}],
"usedImages":[{"name":"Shop"},{"name":"libsystem_c.dylib"}]}"#;

    #[test]
    fn the_thread_that_failed_is_printed() {
        let text = printed(REPORT).unwrap();
        assert!(text.starts_with("Exception Type:  EXC_CRASH (SIGABRT)\nabort() called\n"));
        let stack = text.split_once("Thread 1 Crashed:\n").unwrap().1;
        assert_eq!(
            stack,
            "0   Shop   0x0000000000000000 Cart.total() + 12 (Cart.swift:3)\n\
             1   Shop   0x0000000000000000 0x0000000000000000 + 0"
        );
    }

    #[test]
    fn what_was_cut_off_has_what_stood_before() {
        let mut whole = 0;
        for (end, _) in REPORT.char_indices() {
            whole += usize::from(printed(REPORT.get(..end).unwrap()).is_some());
        }
        assert!(whole > 0);
        assert_eq!(printed("{\"threads\":[],\"imageIndex\":0}"), None);
    }
}
