//! A report becomes an event, so that a crash is stored, grouped and asked about as any other
//! failure.
//!
//! The frames of the crashing thread are written as gdb writes them, below the reason as lldb
//! writes it: every reader of a stack trace here understands that. A function without a name is
//! called by its module and its offset (`shop_0x184e`), as crash reporters do: within a build two
//! such crashes are one group.
//!
//! Frames that were found by scanning the stack are guesses. They are needed where a library
//! without symbols lies between; beyond the last frame that was found otherwise they are left out.
//!
//! *Invariant:* nothing is in the event that is not in the report, but for the time.

use cordon_event::{Event, Kind, Severity, Value, attr};

use crate::limits::{EVENT_FRAMES_COUNT_MAX, EVENT_STACK_BYTES_MAX};
use crate::report::{Frame, Report};

/// Lowest severity of what ends a process.
const FATAL: Severity = Severity(21);
/// Nanoseconds of a second.
const SECOND_NS: u64 = 1_000_000_000;
/// Hexadecimal digits of the hash that ends a name of older Rust.
const RUST_HASH_DIGITS: usize = 16;

/// Systems, as the semantic conventions call them.
const SYSTEMS: [(&str, &str); 3] = [("macos", "darwin"), ("ios", "darwin"), ("android", "linux")];
/// Processors, likewise.
const PROCESSORS: [(&str, &str); 1] = [("arm", "arm32")];

impl Report {
    /// The event of the crash; `None` where the dump tells of none.
    ///
    /// `service` and `release` say what crashed; without a service it is the program itself, which
    /// is the first module.
    pub fn event(&self, time_unix_s: u32, service: Option<&str>, release: &str) -> Option<Event> {
        let reason = self.reason.as_deref()?;
        let (kind, detail) = reason.split_once(" / ").unwrap_or((reason, ""));
        let at = match self.address {
            Some(Ok(address)) => format!("at 0x{address:x}"),
            Some(Err(why)) => format!("at an address that is not shown ({})", why.as_str()),
            None => String::new(),
        };
        let message = [detail, &at].map(str::trim).join(" ");
        let texts = |pairs: Vec<(&str, &str)>| -> Vec<(String, Value)> {
            let told = pairs.into_iter().filter(|(_, text)| !text.is_empty());
            told.map(|(key, text)| (key.to_owned(), Value::String(text.to_owned())))
                .collect()
        };
        let program = self.modules.first().map_or("", |module| &module.name);
        let service = service.unwrap_or_else(|| program.trim_end_matches(".exe"));
        Some(Event {
            kind: Kind::Crash,
            time_unix_ns: u64::from(time_unix_s) * SECOND_NS,
            severity: FATAL,
            body: Value::String(format!("{reason} {at}").trim().to_owned()),
            attributes: texts(vec![
                (attr::EXCEPTION_TYPE, kind),
                (attr::EXCEPTION_MESSAGE, message.trim()),
                (
                    attr::EXCEPTION_STACKTRACE,
                    &self.stack(&format!("{kind}: {message}")),
                ),
            ]),
            resource: texts(vec![
                (attr::SERVICE_NAME, service),
                (attr::SERVICE_VERSION, release),
                ("os.type", named(&SYSTEMS, &self.os)),
                ("host.arch", named(&PROCESSORS, &self.cpu)),
            ])
            .into(),
            ..Event::default()
        })
    }

    /// The reason, and the frames of the crashing thread, a line each, the innermost first.
    fn stack(&self, reason: &str) -> String {
        let thread = self.crashing_thread.and_then(|at| self.threads.get(at));
        let frames = thread.map_or(&[][..], |thread| &thread.frames);
        let frames = frames.get(..certain(frames)).unwrap_or(frames);
        let mut out = format!("* thread #1, stop reason = {}\n", in_a_line(reason));
        for (number, frame) in frames.iter().take(EVENT_FRAMES_COUNT_MAX).enumerate() {
            let line = format!("#{number}  {}\n", self.call(frame));
            if out.len() + line.len() > EVENT_STACK_BYTES_MAX {
                break;
            }
            out.push_str(&line);
        }
        out
    }

    /// `0x184e in total () at src/cart.c:83`, `0x9eb2c in libc_so_6_0x9eb2c () from libc.so.6`.
    fn call(&self, frame: &Frame) -> String {
        let module = frame.module.and_then(|place| self.modules.get(place));
        let image = module.map_or("", |module| module.name.as_str());
        let address = format!("0x{:x}", frame.at.unwrap_or_default());
        let function = match &frame.function {
            Some(function) => in_a_line(without_hash(function)),
            None if image.is_empty() => "??".to_owned(),
            None => format!("{}_{address}", image.replace(|c| !is_of_name(c), "_")),
        };
        let place = match (&frame.file, frame.line) {
            (Some(file), Some(line)) => format!(" at {}:{line}", in_a_line(file)),
            _ if image.is_empty() => String::new(),
            _ => format!(" from {image}"),
        };
        format!("{address} in {function} (){place}")
    }
}

/// How many frames there are to the last that is no guess; all, where none of those has a name.
fn certain(frames: &[Frame]) -> usize {
    let is_certain = |frame: &Frame| !matches!(frame.trust.as_str(), "scan" | "cfi_scan");
    let is_told = |frame: &&Frame| is_certain(frame) && frame.function.is_some();
    let last = frames.iter().rposition(is_certain);
    match (frames.iter().find(is_told), last) {
        (Some(_), Some(last)) => last + 1,
        _ => frames.len(),
    }
}

fn named<'n>(list: &[(&str, &'n str)], name: &'n str) -> &'n str {
    let found = list.iter().find(|(own, _)| *own == name);
    match found {
        Some((_, other)) => other,
        None if name == "other" => "",
        None => name,
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// A name of one line, whatever a symbol file has.
fn in_a_line(name: &str) -> String {
    name.replace(char::is_control, " ")
}

/// The function without `::h0123456789abcdef`, which each build has another of.
fn without_hash(function: &str) -> &str {
    match function.rsplit_once("::h") {
        Some((name, hash))
            if hash.len() == RUST_HASH_DIGITS && hash.bytes().all(|b| b.is_ascii_hexdigit()) =>
        {
            name
        }
        _ => function,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Module, Thread};

    fn frame(module: usize, at: u64, function: Option<&str>, line: Option<u32>) -> Frame {
        Frame {
            module: Some(module),
            at: Ok(at),
            function: function.map(str::to_owned),
            file: line.map(|_| "src/cart.cc".to_owned()),
            line,
            trust: "cfi".to_owned(),
            is_inlined: false,
        }
    }

    fn report(reason: &str, frames: Vec<Frame>) -> Report {
        let module = |name: &str| Module {
            name: name.to_owned(),
            debug_id: None,
            has_symbols: true,
        };
        let other = Thread {
            state: "unwound".to_owned(),
            frames: vec![frame(0, 0x99, Some("wait_there"), None)],
            is_cut: false,
        };
        let crashed = Thread {
            frames,
            ..other.clone()
        };
        Report {
            os: "macos".to_owned(),
            cpu: "arm".to_owned(),
            reason: Some(reason.to_owned()),
            address: Some(Ok(0x18)),
            crashing_thread: Some(1),
            threads: vec![other, crashed],
            threads_left_out: 0,
            modules: vec![module("shop.exe"), module("libc.so.6")],
        }
    }

    fn group(report: &Report) -> cordon_fingerprint::Group {
        cordon_fingerprint::group_event(&report.event(7, None, "1.4").unwrap())
    }

    #[test]
    fn an_event_says_what_the_report_says() {
        let frames = vec![
            frame(1, 0x9eb2c, None, None),
            frame(0, 0x184e, Some("shop::Cart::total(int) const"), Some(83)),
            frame(0, 0x19c5, Some("(anonymous namespace)::run()"), Some(9)),
        ];
        let event = report("SIGSEGV / SEGV_MAPERR", frames)
            .event(7, None, "1.4")
            .unwrap();
        assert_eq!((event.kind, event.severity), (Kind::Crash, FATAL));
        assert_eq!((event.service(), event.release()), ("shop", "1.4"));
        assert_eq!(event.time_unix_ns, 7_000_000_000);
        assert_eq!(
            event.body,
            Value::String("SIGSEGV / SEGV_MAPERR at 0x18".to_owned())
        );
        assert_eq!(event.resource_str("os.type"), Some("darwin"));
        assert_eq!(event.resource_str("host.arch"), Some("arm32"));
        assert_eq!(
            event.attribute_str(attr::EXCEPTION_STACKTRACE),
            Some(
                "* thread #1, stop reason = SIGSEGV: SEGV_MAPERR at 0x18\n\
                 #0  0x9eb2c in libc_so_6_0x9eb2c () from libc.so.6\n\
                 #1  0x184e in shop::Cart::total(int) const () at src/cart.cc:83\n\
                 #2  0x19c5 in (anonymous namespace)::run() () at src/cart.cc:9\n"
            )
        );
        let group = cordon_fingerprint::group_event(&event);
        assert_eq!(group.exception_type, "SIGSEGV");
        // Whoever reads the stack alone reads the same.
        let stack = event.attribute_str(attr::EXCEPTION_STACKTRACE).unwrap();
        let trace = cordon_fingerprint::parse_trace(stack).unwrap();
        assert_eq!(trace.exception_type(), "SIGSEGV");
        assert_eq!(trace.message(), "SEGV_MAPERR at 0x18");
        let names = group.frames.iter().map(|f| (f.function.as_str(), f.in_app));
        let want = [("libc_so_6_0x9eb2c", false), ("total", true), ("run", true)];
        assert_eq!(names.collect::<Vec<_>>(), want);
        assert_eq!(group.frames[1].line, Some(83));
        let mut nothing = report("", Vec::new());
        nothing.reason = None;
        assert_eq!(nothing.event(7, None, ""), None);
    }

    #[test]
    fn the_same_crash_is_one_group_and_another_is_another() {
        let total = |at, line, name| vec![frame(0, at, Some(name), line)];
        let first = group(&report(
            "SIGSEGV / SEGV_MAPERR",
            total(0x184e, Some(83), "total"),
        ));
        // Built again: other places, another hash.
        let name = "total::h0123456789abcdef";
        let moved = report("SIGSEGV / SEGV_MAPERR", total(0x1900, Some(90), name));
        assert_eq!(group(&moved).id, first.id);
        for (reason, frames) in [
            ("SIGABRT", total(0x184e, Some(83), "total")),
            ("SIGSEGV / SEGV_MAPERR", total(0x184e, Some(83), "checkout")),
            ("SIGSEGV / SEGV_MAPERR", vec![frame(0, 0x184e, None, None)]),
            ("SIGSEGV / SEGV_MAPERR", vec![frame(0, 0x19c5, None, None)]),
            ("SIGSEGV / SEGV_MAPERR", Vec::new()),
        ] {
            assert_ne!(group(&report(reason, frames)).id, first.id, "{reason}");
        }
        let nameless = |at| group(&report("SIGSEGV", vec![frame(0, at, None, None)])).id;
        assert_eq!(nameless(0x184e), nameless(0x184e));
        assert_ne!(nameless(0x184e), nameless(0x19c5));
    }

    #[test]
    fn guesses_beyond_what_is_certain_are_left_out() {
        let found = |trust: &str, name: Option<&str>| Frame {
            trust: trust.to_owned(),
            ..frame(0, 0x1000, name, None)
        };
        let check = |frames: &[(&str, Option<&str>)], expected: usize| {
            let frames: Vec<Frame> = frames.iter().map(|(t, name)| found(t, *name)).collect();
            assert_eq!(certain(&frames), expected, "{frames:?}");
        };
        let (own, other) = (Some("total"), Some("widen"));
        check(
            &[("context", own), ("frame_pointer", own), ("scan", other)],
            2,
        );
        check(
            &[
                ("context", None),
                ("scan", own),
                ("cfi", own),
                ("scan", other),
            ],
            3,
        );
        check(&[("context", None), ("scan", own), ("scan", own)], 3);
        check(&[], 0);
    }

    #[test]
    fn no_stack_is_larger_than_the_limit() {
        let long = "f".repeat(1_000);
        let frames = vec![frame(0, 1, Some(&long), Some(1)); 2_000];
        let event = report("SIGSEGV", frames)
            .event(0, Some("shop"), "")
            .unwrap();
        let stack = event.attribute_str(attr::EXCEPTION_STACKTRACE).unwrap();
        assert!(stack.len() <= EVENT_STACK_BYTES_MAX && stack.len() > EVENT_STACK_BYTES_MAX / 2);
        assert!(stack.ends_with('\n'));
    }
}
