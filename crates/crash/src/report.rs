//! The report: what a person, a file or a terminal is shown of a crash.
//!
//! *Invariants:* every free text in it (reason, names of modules, functions, source files) has been
//! redacted; all else is a number or a word of a list.

use std::collections::HashMap;

use cordon_event::Raw;
use cordon_redact::{Clean, PseudonymMac, Redactor};
use serde_json::{Value as Json, json};

use crate::address::{Shown, Withheld};
use crate::unwind::{Crash, Frame as RawFrame, Module as RawModule, Trace};

/// What is said of a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Family of the operating system.
    pub os: String,
    /// Kind of processor.
    pub cpu: String,
    /// Why it crashed, as the operating system calls it.
    pub reason: Option<String>,
    /// The address that was accessed, or of the instruction.
    pub address: Option<Shown>,
    /// Place of the thread that crashed.
    pub crashing_thread: Option<usize>,
    /// Threads in the order of the dump.
    pub threads: Vec<Thread>,
    /// Threads that were beyond the limit.
    pub threads_left_out: usize,
    /// Modules in the order of the dump.
    pub modules: Vec<Module>,
}

/// One thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// How its unwinding went.
    pub state: String,
    /// Frames, the innermost first.
    pub frames: Vec<Frame>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Place of its module.
    pub module: Option<usize>,
    /// Offset in the module; in none, the address.
    pub at: Shown,
    /// Function, where there are symbols.
    pub function: Option<String>,
    /// Source file, relative to its project.
    pub file: Option<String>,
    /// Line in the source file.
    pub line: Option<u32>,
    /// How the frame was found.
    pub trust: String,
    /// Whether the function was inlined into the next one.
    pub is_inlined: bool,
}

/// One module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Name of its file, or `module-N`.
    pub name: String,
    /// Which build it is.
    pub debug_id: Option<String>,
    /// Whether its symbols were at hand.
    pub has_symbols: bool,
}

/// Redacts what a worker found.
pub(crate) struct Redaction<'r> {
    pub(crate) redactor: &'r Redactor,
    pub(crate) mac: &'r dyn PseudonymMac,
    pub(crate) seen: HashMap<String, Clean<String>>,
}

/// A clean thing that may be absent.
fn option<T>(clean: Option<Clean<T>>) -> Clean<Option<T>> {
    Clean::join(clean).map(|list| list.into_iter().next())
}

/// A word of a list that [`crate::wire`] has checked.
fn listed(words: &[&'static str], word: &str) -> Clean<String> {
    let found = words.iter().find(|known| **known == word);
    Clean::of_static(found.copied().unwrap_or("other"))
}

/// An address as numbers: whether it is shown, and it or the place of its kind.
fn numbers(shown: Shown) -> (bool, u64) {
    match shown {
        Ok(address) => (true, address),
        Err(Withheld::NonCanonical) => (false, 0),
        Err(Withheld::Text) => (false, 1),
        Err(Withheld::Unmapped) => (false, 2),
    }
}

fn shown((is_shown, number): (bool, u64)) -> Shown {
    match (is_shown, number) {
        (true, address) => Ok(address),
        (false, 0) => Err(Withheld::NonCanonical),
        (false, 1) => Err(Withheld::Text),
        (false, _) => Err(Withheld::Unmapped),
    }
}

impl Redaction<'_> {
    pub(crate) fn text(&mut self, text: &str) -> Clean<String> {
        if let Some(clean) = self.seen.get(text) {
            return clean.clone();
        }
        let raw = Raw::new(text.to_owned());
        let clean = self.redactor.text(self.mac, raw).clean;
        self.seen.insert(text.to_owned(), clean.clone());
        clean
    }

    /// Whether redaction leaves the text as it is.
    pub(crate) fn is_plain(&mut self, text: &str) -> bool {
        self.text(text).get() == text
    }

    fn optional(&mut self, text: Option<&str>) -> Clean<Option<String>> {
        option(text.map(|text| self.text(text)))
    }

    pub(crate) fn report(&mut self, crash: &Crash) -> Clean<Report> {
        let system =
            listed(&crate::wire::OS, &crash.os).pair(listed(&crate::wire::CPU, &crash.cpu));
        let reason = self.optional(crash.reason.as_deref());
        let counted = Clean::technical((
            crash.address.map(numbers),
            (crash.crashing, crash.threads_left_out),
        ));
        let threads: Vec<_> = crash
            .threads
            .iter()
            .map(|trace| self.thread(trace))
            .collect();
        let modules: Vec<_> = crash
            .modules
            .iter()
            .map(|module| self.module(module))
            .collect();
        let lists = Clean::join(threads).pair(Clean::join(modules));
        let all = system.pair(reason).pair(counted.pair(lists));
        all.map(
            |(((os, cpu), reason), ((address, (crashing_thread, left)), lists))| Report {
                os,
                cpu,
                reason,
                address: address.map(shown),
                crashing_thread,
                threads: lists.0,
                threads_left_out: left,
                modules: lists.1,
            },
        )
    }

    fn module(&mut self, module: &RawModule) -> Clean<Module> {
        let id = Clean::technical((
            module.debug_id.as_deref().and_then(id_numbers),
            module.has_symbols,
        ));
        self.text(&module.name)
            .pair(id)
            .map(|(name, (id, has_symbols))| Module {
                name,
                debug_id: id.map(id_text),
                has_symbols,
            })
    }

    fn thread(&mut self, trace: &Trace) -> Clean<Thread> {
        let state = listed(&crate::wire::STATE, &trace.state);
        let frames: Vec<_> = trace.frames.iter().map(|frame| self.frame(frame)).collect();
        let all = state
            .pair(Clean::technical(trace.is_cut))
            .pair(Clean::join(frames));
        all.map(|((state, is_cut), frames)| Thread {
            state,
            frames,
            is_cut,
        })
    }

    fn frame(&mut self, frame: &RawFrame) -> Clean<Frame> {
        let file = frame.file.as_deref().map(source_file);
        let named = self
            .optional(frame.function.as_deref())
            .pair(self.optional(file.as_deref()));
        let place = Clean::technical((
            (frame.module, numbers(frame.at)),
            (frame.line, frame.is_inlined),
        ));
        let all = named
            .pair(place)
            .pair(listed(&crate::wire::TRUST, &frame.trust));
        all.map(
            |(((function, file), ((module, at), (line, is_inlined))), trust)| Frame {
                module,
                at: shown(at),
                function,
                file,
                line,
                trust,
                is_inlined,
            },
        )
    }
}

/// A debug id as its number and its age.
fn id_numbers(id: &str) -> Option<((u64, u64), u32)> {
    let (number, age) = id.split_at_checked(32)?;
    let (high, low) = number.split_at_checked(16)?;
    let read = |digits: &str| u64::from_str_radix(digits, 16).ok();
    Some((
        (read(high)?, read(low)?),
        u32::from_str_radix(age, 16).ok()?,
    ))
}

fn id_text(((high, low), age): ((u64, u64), u32)) -> String {
    format!("{high:016X}{low:016X}{age:X}")
}

/// The path within its project, where a symbol file names the file by its place in a repository or
/// on the machine that built it.
fn source_file(path: &str) -> String {
    // `git:host/project:path:revision`, as source indexing writes it.
    let indexed = ["git:", "hg:", "svn:", "s3:", "cvs:"]
        .iter()
        .any(|scheme| path.starts_with(scheme));
    let path = if indexed {
        path.split(':').nth(2).unwrap_or_default()
    } else {
        path
    };
    cordon_fingerprint::project_file(path)
}

impl Report {
    /// The report for programs.
    pub fn to_json(&self) -> String {
        let thread = |thread: &Thread| {
            let frames: Vec<Json> = thread
                .frames
                .iter()
                .map(|frame| self.frame_json(frame))
                .collect();
            json!({ "state": thread.state, "is_cut": thread.is_cut, "frames": frames })
        };
        let module = |module: &Module| {
            json!({
                "name": module.name,
                "debug_id": module.debug_id,
                "has_symbols": module.has_symbols,
            })
        };
        let json = json!({
            "schema": "cordon.crash",
            "version": 1,
            "os": self.os,
            "cpu": self.cpu,
            "reason": self.reason,
            "address": self.address.and_then(Result::ok).map(hex),
            "address_withheld": self.address.and_then(Result::err).map(Withheld::as_str),
            "crashing_thread": self.crashing_thread,
            "threads": self.threads.iter().map(thread).collect::<Vec<_>>(),
            "threads_left_out": self.threads_left_out,
            "modules": self.modules.iter().map(module).collect::<Vec<_>>(),
        });
        format!("{json:#}\n")
    }

    fn frame_json(&self, frame: &Frame) -> Json {
        let module = frame.module.and_then(|place| self.modules.get(place));
        let address = frame.at.ok().map(hex);
        let (offset, address) = match module {
            Some(_) => (address, None),
            None => (None, address),
        };
        json!({
            "module": module.map(|module| &module.name),
            "debug_id": module.and_then(|module| module.debug_id.as_deref()),
            "offset": offset,
            "address": address,
            "address_withheld": frame.at.err().map(Withheld::as_str),
            "function": frame.function,
            "file": frame.file,
            "line": frame.line,
            "trust": frame.trust,
            "inlined": frame.is_inlined,
        })
    }

    /// The report for people: the crashing thread first.
    pub fn to_text(&self) -> String {
        let reason = self.reason.as_deref().unwrap_or("no exception");
        let at = match self.address {
            Some(Ok(address)) => format!(" at {}", hex(address)),
            Some(Err(kind)) => format!(" at an address that is not shown ({})", kind.as_str()),
            None => String::new(),
        };
        let mut out = format!("{reason}{at}\n{} {}\n", self.os, self.cpu);
        let mut order: Vec<usize> = (0..self.threads.len()).collect();
        order.sort_by_key(|place| Some(*place) != self.crashing_thread);
        for place in order {
            if let Some(thread) = self.threads.get(place) {
                out.push_str(&self.thread_text(place, thread));
            }
        }
        if self.threads_left_out > 0 {
            out.push_str(&format!("\n{} more threads\n", self.threads_left_out));
        }
        out + &self.missing_text()
    }

    fn thread_text(&self, place: usize, thread: &Thread) -> String {
        let crashed = if self.crashing_thread == Some(place) {
            ", crashed"
        } else {
            ""
        };
        let mut out = format!("\nthread {place}{crashed}");
        if thread.state != "unwound" {
            out.push_str(&format!(": {}", thread.state));
        }
        out.push('\n');
        for (number, frame) in thread.frames.iter().enumerate() {
            out.push_str(&format!("{number:>4}  {}\n", self.frame_text(frame)));
        }
        if thread.is_cut {
            out.push_str("      more frames\n");
        }
        out
    }

    fn frame_text(&self, frame: &Frame) -> String {
        let module = frame.module.and_then(|place| self.modules.get(place));
        let at = match (module, frame.at) {
            (Some(module), Ok(offset)) => format!("{}+{}", module.name, hex(offset)),
            (_, Ok(address)) => hex(address),
            (_, Err(kind)) => format!("({})", kind.as_str()),
        };
        let line = frame
            .line
            .map(|line| format!(":{line}"))
            .unwrap_or_default();
        let source = frame.file.as_ref().map(|file| format!("  {file}{line}"));
        let source = source.unwrap_or_default();
        let function = frame.function.as_deref().unwrap_or("?");
        let trust = if frame.is_inlined {
            "inlined"
        } else {
            frame.trust.as_str()
        };
        format!("{function}  {at}{source}  [{trust}]")
    }

    /// Modules of frames whose symbols would tell more.
    fn missing_text(&self) -> String {
        let frames = self.threads.iter().flat_map(|thread| &thread.frames);
        let mut places: Vec<usize> = frames.filter_map(|frame| frame.module).collect();
        places.sort_unstable();
        places.dedup();
        let modules = places
            .into_iter()
            .filter_map(|place| self.modules.get(place));
        let missing = modules.filter(|module| !module.has_symbols);
        let line = |module: &Module| {
            let id = module.debug_id.as_deref().unwrap_or("no debug id");
            format!("  {}  {id}\n", module.name)
        };
        let lines: String = missing.map(line).collect();
        if lines.is_empty() {
            lines
        } else {
            format!("\nwithout symbols:\n{lines}")
        }
    }
}

fn hex(number: u64) -> String {
    format!("0x{number:x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_files_are_relative_to_their_project() {
        for (path, want) in [
            ("/home/ada/code/shop/src/cart.rs", "src/cart.rs"),
            (
                "git:github.com/shop/cart:src/cart.cc:0123abc",
                "src/cart.cc",
            ),
            ("C:\\build\\shop\\cart.cpp", "shop/cart.cpp"),
        ] {
            let found = source_file(path);
            assert!(found.ends_with(want), "{path}: {found}");
            assert!(!found.contains("ada") && !found.contains(':'), "{found}");
        }
    }

    #[test]
    fn a_debug_id_is_its_numbers() {
        let id = "5A9832E5287241C1838ED98914E9B7FF1F";
        assert_eq!(id_numbers(id).map(id_text).as_deref(), Some(id));
        assert_eq!(id_numbers("5A"), None);
    }
}
