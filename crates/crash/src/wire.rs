//! What passes between this process and its worker: a request on its standard input, an answer on
//! its standard output.
//!
//! *Invariants:* the answer comes from a process that has read hostile bytes, so nothing of it is
//! believed: numbers are bounded, words are of their lists, and every free text is raw until it has
//! been redacted.

use std::io::{self, Read, Write};

use serde_json::{Map, Value as Json, json};

use crate::address::{Shown, Withheld};
use crate::limits::{
    DUMP_BYTES_MAX, FILE_BYTES_MAX, FRAMES_COUNT_MAX, FUNCTION_BYTES_MAX, MODULE_NAME_BYTES_MAX,
    MODULES_COUNT_MAX, REPORT_BYTES_MAX, SYMBOL_FILE_BYTES_MAX, SYMBOLS_BYTES_MAX,
    SYMBOLS_COUNT_MAX, THREADS_COUNT_MAX,
};
use crate::symbols::canonical;
use crate::unwind::{Crash, Frame, Module, Trace};
use crate::{Error, Refusal};

const REQUEST_MAGIC: &[u8; 8] = b"CORDONQ1";
const ANSWER_MAGIC: &[u8; 8] = b"CORDONA1";
/// Bytes of a reason, such as `SIGSEGV / SEGV_MAPERR`.
const REASON_BYTES_MAX: usize = 256;

/// Words that a report may hold as they are.
pub(crate) const OS: [&str; 6] = ["windows", "macos", "ios", "linux", "android", "other"];
pub(crate) const CPU: [&str; 5] = ["x86", "amd64", "arm", "arm64", "other"];
pub(crate) const STATE: [&str; 5] = [
    "unwound",
    "no_memory",
    "no_context",
    "wrote_dump",
    "not_unwound",
];
pub(crate) const TRUST: [&str; 7] = [
    "context",
    "cfi",
    "cfi_scan",
    "frame_pointer",
    "scan",
    "prewalked",
    "none",
];

/// What a worker is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// List the modules.
    Modules,
    /// Report.
    Report,
    /// Report, and strip.
    Strip,
}

impl Task {
    const ALL: [Self; 3] = [Self::Modules, Self::Report, Self::Strip];
}

/// What comes before the dump and the symbols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) task: Task,
    /// Modules, by place, whose name is not to be told.
    pub(crate) hidden: Vec<usize>,
    pub(crate) dump_bytes: u64,
    /// Bytes of each symbol file.
    pub(crate) symbols_bytes: Vec<u64>,
}

impl Request {
    /// Its bytes; the dump and the symbols follow.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = REQUEST_MAGIC.to_vec();
        let place = Task::ALL.iter().position(|task| *task == self.task);
        bytes.push(place.unwrap_or_default() as u8);
        bytes.extend((self.hidden.len() as u32).to_le_bytes());
        for hidden in &self.hidden {
            bytes.extend((*hidden as u32).to_le_bytes());
        }
        bytes.extend(self.dump_bytes.to_le_bytes());
        bytes.extend((self.symbols_bytes.len() as u32).to_le_bytes());
        for length in &self.symbols_bytes {
            bytes.extend(length.to_le_bytes());
        }
        bytes
    }

    /// Reads what [`Request::encode`] wrote.
    pub(crate) fn read(input: &mut dyn Read) -> io::Result<Self> {
        let invalid = || io::Error::from(io::ErrorKind::InvalidData);
        if &array::<8>(input)? != REQUEST_MAGIC {
            return Err(invalid());
        }
        let [place] = array::<1>(input)?;
        let task = Task::ALL.get(usize::from(place)).copied();
        let hidden_count = count(input, MODULES_COUNT_MAX)?;
        let hidden =
            (0..hidden_count).map(|_| array(input).map(|n| u32::from_le_bytes(n) as usize));
        let hidden = hidden.collect::<io::Result<Vec<_>>>()?;
        let dump_bytes = u64::from_le_bytes(array(input)?);
        let files = count(input, SYMBOLS_COUNT_MAX)?;
        let lengths = (0..files).map(|_| array(input).map(u64::from_le_bytes));
        let symbols_bytes = lengths.collect::<io::Result<Vec<_>>>()?;
        let total = symbols_bytes.iter().copied().fold(0, u64::saturating_add);
        let fits = symbols_bytes
            .iter()
            .all(|length| *length <= SYMBOL_FILE_BYTES_MAX);
        if !fits || total > SYMBOLS_BYTES_MAX || dump_bytes > DUMP_BYTES_MAX {
            return Err(invalid());
        }
        Ok(Self {
            task: task.ok_or_else(invalid)?,
            hidden,
            dump_bytes,
            symbols_bytes,
        })
    }
}

fn array<const N: usize>(input: &mut dyn Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn count(input: &mut dyn Read, count_max: usize) -> io::Result<usize> {
    let count = u32::from_le_bytes(array(input)?) as usize;
    if count > count_max {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(count)
}

/// What a worker found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Of [`Task::Modules`] the modules alone.
    pub(crate) crash: Crash,
    pub(crate) stripped: Option<Vec<u8>>,
    /// When the dump was written, seconds since the Unix epoch; 0 unknown.
    pub(crate) time_unix_s: u32,
}

/// Writes an answer, or the refusal of one.
pub(crate) fn write_answer(
    output: &mut dyn Write,
    answer: &Result<Answer, Refusal>,
) -> io::Result<()> {
    let (json, stripped) = match answer {
        Ok(answer) => (to_json(answer), answer.stripped.as_deref()),
        Err(refusal) => (json!({ "refused": refusal.code() }), None),
    };
    let json = json.to_string();
    output.write_all(ANSWER_MAGIC)?;
    output.write_all(&(json.len() as u32).to_le_bytes())?;
    output.write_all(json.as_bytes())?;
    output.write_all(stripped.unwrap_or_default())?;
    output.flush()
}

/// Reads an answer to its end; `wants_dump` says whether a stripped dump has to be in it.
pub(crate) fn read_answer(bytes: &[u8], wants_dump: bool) -> Result<Answer, Error> {
    parse_answer(bytes, wants_dump).unwrap_or(Err(Error::WorkerAnswer))
}

fn parse_answer(bytes: &[u8], wants_dump: bool) -> Option<Result<Answer, Error>> {
    let rest = bytes.strip_prefix(ANSWER_MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length > REPORT_BYTES_MAX {
        return None;
    }
    let (json, stripped) = rest.split_at_checked(length)?;
    let json: Json = serde_json::from_slice(json).ok()?;
    if let Some(code) = json.get("refused") {
        let refusal = Refusal::parse(code.as_str()?)?;
        return Some(Err(refusal.into()));
    }
    let crash = from_json(&json)?;
    let time_unix_s = u32::try_from(json.get("time_unix_s")?.as_u64()?).ok()?;
    let is_dump = stripped.starts_with(b"MDMP");
    if is_dump != wants_dump || (!is_dump && !stripped.is_empty()) {
        return None;
    }
    let stripped = wants_dump.then(|| stripped.to_vec());
    Some(Ok(Answer {
        crash,
        stripped,
        time_unix_s,
    }))
}

fn to_json(answer: &Answer) -> Json {
    let crash = &answer.crash;
    let module = |module: &Module| json!([module.name, module.debug_id, module.has_symbols]);
    let frame = |frame: &Frame| {
        json!([
            frame.module,
            shown_json(frame.at),
            frame.function,
            frame.file,
            frame.line,
            frame.trust,
            frame.is_inlined
        ])
    };
    let thread = |trace: &Trace| {
        let frames: Vec<Json> = trace.frames.iter().map(frame).collect();
        json!({ "state": trace.state, "is_cut": trace.is_cut, "frames": frames })
    };
    json!({
        "time_unix_s": answer.time_unix_s,
        "os": crash.os,
        "cpu": crash.cpu,
        "reason": crash.reason,
        "address": crash.address.map(shown_json),
        "crashing": crash.crashing,
        "threads": crash.threads.iter().map(thread).collect::<Vec<_>>(),
        "threads_left_out": crash.threads_left_out,
        "modules": crash.modules.iter().map(module).collect::<Vec<_>>(),
    })
}

fn shown_json(shown: Shown) -> Json {
    match shown {
        Ok(address) => json!(address),
        Err(kind) => json!(kind.as_str()),
    }
}

fn from_json(json: &Json) -> Option<Crash> {
    let json = json.as_object()?;
    let list = |key: &str, count_max: usize| {
        json.get(key)?
            .as_array()
            .filter(|list| list.len() <= count_max)
    };
    let modules = list("modules", MODULES_COUNT_MAX)?;
    let modules = modules
        .iter()
        .map(module_from)
        .collect::<Option<Vec<_>>>()?;
    let threads = list("threads", THREADS_COUNT_MAX)?;
    let thread = |thread: &Json| trace_from(thread, modules.len());
    let threads = threads.iter().map(thread).collect::<Option<Vec<_>>>()?;
    let crashing = optional(json.get("crashing")?, place(threads.len()))?;
    Some(Crash {
        os: word(json, "os", &OS)?,
        cpu: word(json, "cpu", &CPU)?,
        reason: optional(json.get("reason")?, text(REASON_BYTES_MAX))?,
        address: optional(json.get("address")?, shown_from)?,
        crashing,
        threads,
        threads_left_out: usize::try_from(json.get("threads_left_out")?.as_u64()?).ok()?,
        modules,
    })
}

/// One of a list of words, or nothing.
fn word(json: &Map<String, Json>, key: &str, words: &[&str]) -> Option<String> {
    let text = json.get(key)?.as_str()?;
    words.contains(&text).then(|| text.to_owned())
}

/// A value that may be absent, but not wrong.
#[expect(clippy::option_option, reason = "wrong, absent, there")]
fn optional<T>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<Option<T>> {
    match json {
        Json::Null => Some(None),
        json => read(json).map(Some),
    }
}

fn text(bytes_max: usize) -> impl Fn(&Json) -> Option<String> {
    move |json| {
        let text = json.as_str().filter(|text| text.len() <= bytes_max)?;
        Some(text.to_owned())
    }
}

fn place(count: usize) -> impl Fn(&Json) -> Option<usize> {
    move |json| {
        usize::try_from(json.as_u64()?)
            .ok()
            .filter(|place| *place < count)
    }
}

fn shown_from(json: &Json) -> Option<Shown> {
    match json.as_u64() {
        Some(address) => Some(Ok(address)),
        None => Withheld::parse(json.as_str()?).map(Err),
    }
}

fn module_from(json: &Json) -> Option<Module> {
    let [name, debug_id, has_symbols] = json.as_array()?.as_slice() else {
        return None;
    };
    Some(Module {
        name: text(MODULE_NAME_BYTES_MAX)(name)?,
        debug_id: optional(debug_id, |id| canonical(id.as_str()?))?,
        has_symbols: has_symbols.as_bool()?,
    })
}

fn trace_from(json: &Json, modules_count: usize) -> Option<Trace> {
    let json = json.as_object()?;
    let frames = json.get("frames")?.as_array();
    let frames = frames.filter(|frames| frames.len() <= FRAMES_COUNT_MAX)?;
    let frame = |frame: &Json| frame_from(frame, modules_count);
    Some(Trace {
        state: word(json, "state", &STATE)?,
        is_cut: json.get("is_cut")?.as_bool()?,
        frames: frames.iter().map(frame).collect::<Option<Vec<_>>>()?,
    })
}

fn frame_from(json: &Json, modules_count: usize) -> Option<Frame> {
    let [module, at, function, file, line, trust, is_inlined] = json.as_array()?.as_slice() else {
        return None;
    };
    let trust = trust.as_str().filter(|trust| TRUST.contains(trust))?;
    Some(Frame {
        module: optional(module, place(modules_count))?,
        at: shown_from(at)?,
        function: optional(function, text(FUNCTION_BYTES_MAX))?,
        file: optional(file, text(FILE_BYTES_MAX))?,
        line: optional(line, |line| u32::try_from(line.as_u64()?).ok())?,
        trust: trust.to_owned(),
        is_inlined: is_inlined.as_bool()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        let frame = Frame {
            module: Some(0),
            at: Ok(0x1234),
            function: Some("main".to_owned()),
            file: None,
            line: Some(7),
            trust: "cfi".to_owned(),
            is_inlined: false,
        };
        let trace = Trace {
            state: "unwound".to_owned(),
            frames: vec![frame],
            is_cut: true,
        };
        let module = Module {
            name: "app".to_owned(),
            debug_id: Some("0".repeat(33)),
            has_symbols: true,
        };
        let crash = Crash {
            os: "linux".to_owned(),
            cpu: "amd64".to_owned(),
            reason: Some("SIGSEGV".to_owned()),
            address: Some(Err(Withheld::Text)),
            crashing: Some(0),
            threads: vec![trace],
            threads_left_out: 2,
            modules: vec![module],
        };
        Answer {
            crash,
            stripped: Some(b"MDMP...".to_vec()),
            time_unix_s: 1_700_000_000,
        }
    }

    fn written(answer: &Result<Answer, Refusal>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_answer(&mut bytes, answer).unwrap();
        bytes
    }

    #[test]
    fn answers_and_refusals_are_read_back() {
        let told = Ok(answer());
        let read = read_answer(&written(&told), true).unwrap();
        assert_eq!(Ok(read), told);
        let refused = read_answer(&written(&Err(Refusal::Full)), true).unwrap_err();
        assert_eq!(refused.code(), "dump_full");
    }

    #[test]
    fn an_answer_that_is_not_in_its_form_is_refused() {
        let good = written(&Ok(answer()));
        let refused = |bytes: &[u8], wants| {
            let error = read_answer(bytes, wants).unwrap_err();
            assert_eq!(error.code(), "worker_answer");
        };
        refused(&good, false);
        for end in 0..good.len() - 3 {
            refused(&good[..end], true);
        }
        for (from, to) in [
            ("linux", "lunix"),
            ("\"cfi\"", "\"own\""),
            ("[0,4660", "[1,4660"),
            ("\"crashing\":0", "\"crashing\":1"),
            ("unwound", "unbound"),
            ("false", "12345"),
        ] {
            let at = good.windows(from.len()).position(|w| w == from.as_bytes());
            let mut changed = good.clone();
            changed[at.unwrap()..][..to.len()].copy_from_slice(to.as_bytes());
            refused(&changed, true);
        }
    }

    #[test]
    fn requests_are_read_back_and_bounded() {
        let request = Request {
            task: Task::Strip,
            hidden: vec![3, 1],
            dump_bytes: 9,
            symbols_bytes: vec![1, 2],
        };
        let read = |request: &Request| Request::read(&mut request.encode().as_slice());
        assert_eq!(read(&request).unwrap(), request);
        let over = |change: fn(&mut Request)| {
            let mut over = request.clone();
            change(&mut over);
            assert!(read(&over).is_err());
        };
        over(|request| request.dump_bytes = DUMP_BYTES_MAX + 1);
        over(|request| request.symbols_bytes = vec![SYMBOL_FILE_BYTES_MAX + 1]);
        over(|request| request.symbols_bytes = vec![1; SYMBOLS_COUNT_MAX + 1]);
        over(|request| request.hidden = vec![1; MODULES_COUNT_MAX + 1]);
    }
}
