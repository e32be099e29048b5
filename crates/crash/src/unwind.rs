//! The parts of a dump become what can be said of the crash.

use std::collections::HashSet;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use minidump::format::{MINIDUMP_LOCATION_DESCRIPTOR, MINIDUMP_MEMORY_DESCRIPTOR};
use minidump::system_info::{Cpu, Os};
use minidump::{Endian, MinidumpMemory, MinidumpModule, Module as _, UnifiedMemory};
use minidump_unwind::{CallStack, CallStackInfo, StackFrame, SystemInfo, walk_stack};

use crate::address::Shown;
use crate::dump::{Dump, Stack, Thread, registers};
use crate::limits::{FILE_BYTES_MAX, FRAMES_COUNT_MAX, FRAMES_TOTAL_COUNT_MAX, FUNCTION_BYTES_MAX};
use crate::symbols::{Symbols, id_of};

/// What can be said of a crash: the same before and after stripping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crash {
    pub(crate) os: String,
    pub(crate) cpu: String,
    pub(crate) reason: Option<String>,
    pub(crate) address: Option<Shown>,
    /// Place of the thread that crashed.
    pub(crate) crashing: Option<usize>,
    pub(crate) threads: Vec<Trace>,
    /// Threads beyond the limit.
    pub(crate) threads_left_out: usize,
    pub(crate) modules: Vec<Module>,
}

/// A module of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) debug_id: Option<String>,
    pub(crate) has_symbols: bool,
}

/// The frames of one thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trace {
    pub(crate) state: String,
    pub(crate) frames: Vec<Frame>,
    /// Whether there are more frames than are told.
    pub(crate) is_cut: bool,
}

/// One frame, the innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Place of the module in the list.
    pub(crate) module: Option<usize>,
    /// Offset in the module; in none, the address.
    pub(crate) at: Shown,
    pub(crate) function: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) trust: String,
    pub(crate) is_inlined: bool,
}

/// Values that unwinding came upon.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    pub(crate) instructions: HashSet<u64>,
    pub(crate) registers: HashSet<u64>,
}

/// Unwinds every thread.
pub(crate) fn unwind(dump: &Dump, symbols: &Symbols) -> (Crash, Recovered) {
    let mut recovered = Recovered::default();
    let mut room = FRAMES_TOTAL_COUNT_MAX;
    let mut threads: Vec<Trace> = dump.threads.iter().map(|_| Trace::default()).collect();
    // The one that crashed comes first, lest there be no room left for it.
    let mut order: Vec<usize> = (0..dump.threads.len()).collect();
    order.sort_by_key(|at| Some(*at) != dump.crashing);
    for at in order {
        if let (Some(thread), Some(trace)) = (dump.threads.get(at), threads.get_mut(at)) {
            *trace = walk(dump, thread, symbols, &mut recovered, &mut room);
        }
    }
    let module = |module: &MinidumpModule| Module {
        name: module.name.clone(),
        debug_id: id_of(module),
        has_symbols: symbols.has(module),
    };
    let exception = dump.exception.as_ref();
    let crash = Crash {
        os: os_name(dump.os).to_owned(),
        cpu: cpu_name(dump.cpu).to_owned(),
        reason: exception.map(|exception| exception.reason.clone()),
        address: exception
            .and_then(|exception| exception.address)
            .map(|address| dump.space.shown(address)),
        crashing: dump.crashing,
        threads_left_out: dump.threads_count.saturating_sub(dump.threads.len()),
        threads,
        modules: dump.modules.iter().map(module).collect(),
    };
    (crash, recovered)
}

fn walk(
    dump: &Dump,
    thread: &Thread,
    symbols: &Symbols,
    recovered: &mut Recovered,
    room: &mut usize,
) -> Trace {
    if thread.wrote_dump {
        return Trace::of("wrote_dump");
    }
    let Some(context) = &thread.context else {
        return Trace::of("no_context");
    };
    let mut stack = CallStack::with_context(context.clone());
    let memory = thread.stack.as_ref().map(memory_of);
    let memory = memory.as_ref().map(UnifiedMemory::Memory);
    let has_memory = memory.is_some_and(|memory| memory.memory_range().is_some());
    let system = system_of(dump);
    let walked = walk_stack(0, (), &mut stack, memory, &dump.modules, &system, symbols);
    if finish(walked).is_none() || stack.info != CallStackInfo::Ok {
        return Trace::of("not_unwound");
    }
    let mut trace = Trace::of(if has_memory { "unwound" } else { "no_memory" });
    for frame in &stack.frames {
        let told = frames_of(dump, frame);
        if trace.frames.len() + told.len() > FRAMES_COUNT_MAX.min(*room) {
            trace.is_cut = true;
            break;
        }
        recovered.instructions.insert(frame.resume_address);
        let values = registers(&frame.context)
            .into_iter()
            .map(|(_, value)| value);
        recovered.registers.extend(values);
        trace.frames.extend(told);
    }
    *room -= trace.frames.len();
    trace
}

impl Trace {
    fn of(state: &str) -> Self {
        Self {
            state: state.to_owned(),
            ..Self::default()
        }
    }
}

/// The functions that were inlined there, and the frame itself.
fn frames_of(dump: &Dump, frame: &StackFrame) -> Vec<Frame> {
    let found = frame.module.as_ref().and_then(|module| {
        let place = dump
            .modules
            .iter()
            .position(|own| own.raw.base_of_image == module.base_address());
        Some((
            place?,
            frame.instruction.checked_sub(module.base_address())?,
        ))
    });
    let at = match found {
        Some((_, offset)) => Ok(offset),
        None => dump.space.shown(frame.instruction),
    };
    let told = |function: Option<&str>, file: Option<&str>, line, is_inlined| Frame {
        module: found.map(|(place, _)| place),
        at,
        function: function.map(|name| cut(name, FUNCTION_BYTES_MAX)),
        file: file.map(|file| cut(file, FILE_BYTES_MAX)),
        line,
        trust: trust_of(frame).to_owned(),
        is_inlined,
    };
    let inlined = frame.inlines.iter().map(|inline| {
        let file = inline.source_file_name.as_deref();
        told(Some(&inline.function_name), file, inline.source_line, true)
    });
    let mut frames: Vec<Frame> = inlined.take(FRAMES_COUNT_MAX).collect();
    let (function, file) = (
        frame.function_name.as_deref(),
        frame.source_file_name.as_deref(),
    );
    frames.push(told(function, file, frame.source_line, false));
    frames
}

fn trust_of(frame: &StackFrame) -> &'static str {
    match frame.trust.as_str() {
        "non" => "none",
        trust => trust,
    }
}

/// The beginning of a name from a symbol file.
fn cut(text: &str, bytes_max: usize) -> String {
    let end = text.floor_char_boundary(bytes_max);
    text.get(..end).unwrap_or_default().to_owned()
}

fn memory_of(stack: &Stack) -> MinidumpMemory<'_> {
    let data_size = stack.bytes.len() as u32;
    MinidumpMemory {
        desc: MINIDUMP_MEMORY_DESCRIPTOR {
            start_of_memory_range: stack.base,
            memory: MINIDUMP_LOCATION_DESCRIPTOR { data_size, rva: 0 },
        },
        base_address: stack.base,
        size: u64::from(data_size),
        bytes: &stack.bytes,
        endian: Endian::Little,
    }
}

/// What the unwinder asks of the system: its family and its processor.
fn system_of(dump: &Dump) -> SystemInfo {
    SystemInfo {
        os: dump.os,
        os_version: None,
        os_build: None,
        cpu: dump.cpu,
        cpu_info: None,
        cpu_microcode_version: None,
        cpu_count: 0,
    }
}

/// Runs to its end what never waits: symbols are in memory.
fn finish<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

fn os_name(os: Os) -> &'static str {
    match os {
        Os::Windows => "windows",
        Os::MacOs => "macos",
        Os::Ios => "ios",
        Os::Linux => "linux",
        Os::Android => "android",
        _ => "other",
    }
}

fn cpu_name(cpu: Cpu) -> &'static str {
    match cpu {
        Cpu::X86 => "x86",
        Cpu::X86_64 => "amd64",
        Cpu::Arm => "arm",
        Cpu::Arm64 => "arm64",
        _ => "other",
    }
}
