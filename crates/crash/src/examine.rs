//! This process's side: starts workers on a dump, and redacts what they say.
//!
//! The dump goes from its file, or from memory, to the worker's standard input and is never parsed
//! here.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cordon_event::Raw;
use cordon_redact::{Clean, PseudonymMac, Redactor};
use cordon_sandbox::{Exit, Filter, Limits};

use crate::limits::{
    ANSWER_BYTES_MAX, DUMP_BYTES_MAX, SYMBOLS_BYTES_MAX, SYMBOLS_COUNT_MAX, WORKER_CPU_S_MAX,
    WORKER_MEMORY_KIB_MAX, WORKER_TASKS_COUNT_MAX, WORKER_WALL_S_MAX,
};
use crate::report::{Redaction, Report};
use crate::wire::{Answer, Request, Task, read_answer};
use crate::{Error, Refusal};

/// A symbol file: its bytes, and something to read them from.
pub type SymbolFeed = (u64, Box<dyn Read + Send>);

/// Where a dump lies.
enum Source<'d> {
    File(&'d Path),
    Memory(Arc<Raw<Vec<u8>>>),
}

impl Source<'_> {
    /// Its length, and something to read it from.
    fn open(&self) -> Result<SymbolFeed, Error> {
        match self {
            Self::File(path) => {
                let file = File::open(path)?;
                Ok((file.metadata()?.len(), Box::new(file)))
            }
            Self::Memory(bytes) => {
                let feed = Feed {
                    bytes: Arc::clone(bytes),
                    at: 0,
                };
                Ok((bytes.count() as u64, Box::new(feed)))
            }
        }
    }
}

/// Reads raw bytes into a worker's standard input.
struct Feed {
    bytes: Arc<Raw<Vec<u8>>>,
    at: usize,
}

impl Read for Feed {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let mut rest = self.bytes.expose_raw().get(self.at..).unwrap_or_default();
        let count = rest.read(into)?;
        self.at += count;
        Ok(count)
    }
}

/// Finds symbols by debug id.
pub type FindSymbols<'f> = &'f dyn Fn(&str) -> Result<Option<SymbolFeed>, Error>;

/// What a worker may use, where nothing else is said.
pub fn worker_limits() -> Limits {
    Limits {
        wall: Duration::from_secs(WORKER_WALL_S_MAX),
        cpu_s_max: WORKER_CPU_S_MAX,
        memory_kib_max: WORKER_MEMORY_KIB_MAX,
        file_kib_max: 0,
        tasks_count_max: WORKER_TASKS_COUNT_MAX,
        output_bytes_max: ANSWER_BYTES_MAX,
        ..Limits::default()
    }
}

/// A stripped dump: the only form of a dump that may be kept. Nothing but a worker makes one.
pub struct StrippedDump(Vec<u8>);

impl StrippedDump {
    /// The file's content.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// What is known of a crash.
pub struct Examined {
    /// What may be said.
    pub report: Clean<Report>,
    /// The dump without its values, where it was asked for.
    pub stripped: Option<StrippedDump>,
    /// Debug ids of the symbol files that were used.
    pub symbols: Vec<String>,
    /// When the dump was written, seconds since the Unix epoch, by its own word; 0 unknown.
    pub time_unix_s: u32,
}

/// Examines dumps, each in processes of their own.
pub struct Examiner<'e> {
    /// The walls.
    pub filter: &'e Filter,
    /// The program that calls [`crate::serve`], and what it is to be told.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: &'e [&'e str],
    /// What it may use.
    pub limits: Limits,
    /// What redacts names.
    pub redactor: &'e Redactor,
    /// Under which key.
    pub mac: &'e dyn PseudonymMac,
}

impl Examiner<'_> {
    /// Examines one dump: once for its modules, whose symbols are looked up then, and once with
    /// them.
    pub fn examine(
        &self,
        dump: &Path,
        find: FindSymbols<'_>,
        strip: bool,
    ) -> Result<Examined, Error> {
        self.examine_source(&Source::File(dump), find, strip)
    }

    /// The same of a dump that no file holds. It is wiped when the workers have read it.
    pub fn examine_raw(
        &self,
        dump: Raw<Vec<u8>>,
        find: FindSymbols<'_>,
    ) -> Result<Examined, Error> {
        self.examine_source(&Source::Memory(Arc::new(dump)), find, false)
    }

    fn examine_source(
        &self,
        dump: &Source<'_>,
        find: FindSymbols<'_>,
        strip: bool,
    ) -> Result<Examined, Error> {
        let mut redaction = Redaction {
            redactor: self.redactor,
            mac: self.mac,
            seen: HashMap::new(),
        };
        let listed = self.ask(dump, Task::Modules, Vec::new(), Vec::new())?.crash;
        let named = listed.modules.iter().enumerate();
        let hidden = named.filter(|(_, module)| !redaction.is_plain(&module.name));
        let hidden: Vec<usize> = hidden.map(|(place, _)| place).collect();
        let mut ids: Vec<&str> = listed
            .modules
            .iter()
            .filter_map(|module| module.debug_id.as_deref())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        let (mut symbols, mut feeds, mut bytes) = (Vec::new(), Vec::new(), 0_u64);
        for id in ids {
            if feeds.len() >= SYMBOLS_COUNT_MAX {
                break;
            }
            let Some((length, feed)) = find(id)? else {
                continue;
            };
            if bytes.saturating_add(length) <= SYMBOLS_BYTES_MAX {
                bytes += length;
                symbols.push(id.to_owned());
                feeds.push((length, feed));
            }
        }
        let task = if strip { Task::Strip } else { Task::Report };
        let answer = self.ask(dump, task, hidden, feeds)?;
        Ok(Examined {
            report: redaction.report(&answer.crash),
            stripped: answer.stripped.map(StrippedDump),
            symbols,
            time_unix_s: answer.time_unix_s,
        })
    }

    fn ask(
        &self,
        dump: &Source<'_>,
        task: Task,
        hidden: Vec<usize>,
        feeds: Vec<SymbolFeed>,
    ) -> Result<Answer, Error> {
        let (dump_bytes, file) = dump.open()?;
        if dump_bytes > DUMP_BYTES_MAX {
            return Err(Refusal::TooLarge.into());
        }
        let request = Request {
            task,
            hidden,
            dump_bytes,
            symbols_bytes: feeds.iter().map(|(length, _)| *length).collect(),
        };
        let begin = Cursor::new(request.encode()).chain(file.take(dump_bytes));
        let mut input: Box<dyn Read + Send> = Box::new(begin);
        for (length, feed) in feeds {
            input = Box::new(input.chain(feed.take(length)));
        }
        let run = self
            .filter
            .run(&self.program, self.arguments, input, &self.limits)?;
        match run.exit {
            Exit::Code(0) if !run.cut => read_answer(&run.stdout, task == Task::Strip),
            Exit::Code(0) => Err(Error::WorkerAnswer),
            Exit::TimedOut => Err(Error::WorkerTimedOut),
            _ => Err(Error::WorkerEnded),
        }
    }
}
