//! The worker's side: reads a request, writes an answer. Runs in a process of its own, behind
//! walls.

use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Refusal;
use crate::dump;
use crate::strip::strip;
use crate::symbols::{Symbols, id_of};
use crate::unwind::{Crash, Module, unwind};
use crate::wire::{Answer, Request, Task, write_answer};

/// Reads one request from `input` and writes its answer to `output`.
///
/// An error means that there was no request, or nobody to answer: not that a dump is bad.
pub fn serve(input: &mut dyn Read, output: &mut dyn Write) -> io::Result<()> {
    let request = Request::read(input)?;
    let bytes = exactly(input, request.dump_bytes);
    let answer = match bytes {
        // The file was shorter than it was said to be.
        Err(_) => Err(Refusal::Damaged),
        Ok(bytes) => {
            let mut files = Vec::new();
            for length in &request.symbols_bytes {
                files.push(exactly(input, *length)?);
            }
            read_guarded(&bytes, files, &request)
        }
    };
    write_answer(output, &answer)
}

fn exactly(input: &mut dyn Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// A parser that panics has met what it was not made for: the dump is damaged.
fn read_guarded(bytes: &[u8], files: Vec<Vec<u8>>, request: &Request) -> Result<Answer, Refusal> {
    let read = AssertUnwindSafe(|| answer(bytes, files, request));
    catch_unwind(read).unwrap_or(Err(Refusal::Damaged))
}

fn answer(bytes: &[u8], files: Vec<Vec<u8>>, request: &Request) -> Result<Answer, Refusal> {
    let dump = dump::read(bytes, &request.hidden)?;
    if request.task == Task::Modules {
        let modules = dump.modules.iter().map(|module| Module {
            name: module.name.clone(),
            debug_id: id_of(module),
            has_symbols: false,
        });
        let crash = Crash {
            os: "other".to_owned(),
            cpu: "other".to_owned(),
            modules: modules.collect(),
            ..Crash::default()
        };
        return Ok(Answer {
            crash,
            stripped: None,
            time_unix_s: 0,
        });
    }
    let symbols = Symbols::new(files);
    let (crash, recovered) = unwind(&dump, &symbols);
    let stripped = match request.task {
        Task::Strip => Some(strip(&dump, &crash, &recovered, &symbols)?),
        _ => None,
    };
    Ok(Answer {
        crash,
        stripped,
        time_unix_s: dump.time_unix_s,
    })
}

/// What became of a dump that was read here, in this process: for fuzzing and for the worker's own
/// measurements. `Ok` holds the bytes of the stripped dump.
pub fn strip_here(bytes: &[u8], files: Vec<Vec<u8>>) -> Result<Vec<u8>, Refusal> {
    let request = Request {
        task: Task::Strip,
        hidden: Vec::new(),
        dump_bytes: bytes.len() as u64,
        symbols_bytes: Vec::new(),
    };
    let answer = answer(bytes, files, &request)?;
    answer.stripped.ok_or(Refusal::Damaged)
}
