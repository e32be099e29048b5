//! A minidump becomes its parts: what unwinding needs, and no more.
//!
//! *Invariants:* names of modules are told ([`Names`]) or numbered before anything else sees them.
//! Stacks are copied, bounded, and aligned to their stack pointer.

use std::ops::Range;

use minidump::format as md;
use minidump::system_info::{Cpu, Os, PointerWidth};
use minidump::{
    CodeView, CpuContext as _, Endian, Minidump, MinidumpBreakpadInfo, MinidumpContext,
    MinidumpException, MinidumpLinuxEnviron, MinidumpLinuxMapInfo, MinidumpLinuxMaps,
    MinidumpMemoryInfoList, MinidumpModule, MinidumpModuleList, MinidumpRawContext,
    MinidumpSystemInfo, MinidumpThread, MinidumpThreadList, Module as _, UnifiedMemory,
    UnifiedMemoryList,
};

use crate::Refusal;
use crate::address::{Space, is_whole_text};
use crate::limits::{
    DUMP_MEMORY_BYTES_MAX, MODULES_COUNT_MAX, REGIONS_COUNT_MAX, STACK_BYTES_MAX, STACKS_BYTES_MAX,
    THREADS_COUNT_MAX,
};
use crate::names::{Names, numbered};

/// `MiniDumpWithFullMemory` and `MiniDumpWithPrivateReadWriteMemory`: the heap is in it.
const FULL_FLAGS: u64 = 0x2 | 0x200;
/// What a minidump begins with, and what begins other files that hold a process's memory.
const MAGIC: [u8; 4] = *b"MDMP";
const FULL_MAGICS: [&[u8]; 6] = [
    b"\x7fELF",
    b"PAGEDUMP",
    b"PAGEDU64",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
];
/// Stream of a full dump's memory.
const MEMORY_64_STREAM: u32 = 9;
/// Linux' signals that a processor causes: SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV.
const FAULTS: [u32; 5] = [4, 5, 7, 8, 11];
/// The highest number of a signal.
const SIGNAL_MAX: u32 = 64;
/// Words below the stack pointer that are read: what a leaf function may keep there.
const BELOW_WORDS: u64 = 32;
/// Words of text in a row that are taken for one text, and not for addresses.
const TEXT_WORDS_COUNT: usize = 3;

/// Memory of one stack, from a little below the stack pointer on.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) base: u64,
    pub(crate) bytes: Vec<u8>,
}

impl Stack {
    /// Where it is.
    pub(crate) fn range(&self) -> Range<u64> {
        self.base..self.base.saturating_add(self.bytes.len() as u64)
    }
}

/// One thread.
#[derive(Debug)]
pub(crate) struct Thread {
    /// Registers; of the crashing thread those at the crash.
    pub(crate) context: Option<MinidumpContext>,
    pub(crate) stack: Option<Stack>,
    /// The thread that wrote the dump: it is not unwound.
    pub(crate) wrote_dump: bool,
}

/// What crashed.
#[derive(Debug)]
pub(crate) struct Exception {
    pub(crate) record: md::MINIDUMP_EXCEPTION,
    pub(crate) reason: String,
    /// Where it is one: in its place a signal that was sent holds who sent it.
    pub(crate) address: Option<u64>,
}

/// The parts of a dump.
#[derive(Debug)]
pub(crate) struct Dump {
    /// When it was written, seconds since the Unix epoch, by its own word; 0 unknown.
    pub(crate) time_unix_s: u32,
    pub(crate) system: md::MINIDUMP_SYSTEM_INFO,
    pub(crate) os: Os,
    pub(crate) cpu: Cpu,
    pub(crate) exception: Option<Exception>,
    /// Place of the thread that crashed, or asked for the dump.
    pub(crate) crashing: Option<usize>,
    pub(crate) threads: Vec<Thread>,
    /// Threads that there are, those beyond the limit among them.
    pub(crate) threads_count: usize,
    pub(crate) modules: MinidumpModuleList,
    pub(crate) space: Space,
}

/// Reads a dump. Of the modules in `hidden`, by place, the name is not told.
pub(crate) fn read(bytes: &[u8], hidden: &[usize]) -> Result<Dump, Refusal> {
    let dump = open(bytes)?;
    let system: MinidumpSystemInfo = dump.get_stream().map_err(|_| Refusal::Damaged)?;
    let width_bytes = width_bytes(&system, dump.endian)?;
    let memory = dump.get_memory().unwrap_or_default();
    let carried = memory.iter().map(|region| region.size());
    if carried.fold(0, u64::saturating_add) > DUMP_MEMORY_BYTES_MAX {
        return Err(Refusal::Full);
    }
    let modules = modules(&dump, hidden)?;
    let list: MinidumpThreadList = dump.get_stream().map_err(|_| Refusal::Damaged)?;
    if list.threads.is_empty() {
        return Err(Refusal::NoThreads);
    }
    let raised: Option<MinidumpException> = dump.get_stream().ok();
    let told: Option<MinidumpBreakpadInfo> = dump.get_stream().ok();
    let asked = told.as_ref().and_then(|told| told.requesting_thread_id);
    let wrote = told.and_then(|told| told.dump_thread_id);
    let crashed = raised.as_ref().map(|e| e.thread_id).or(asked);
    let mut threads = Vec::new();
    let mut crashing = None;
    let mut room_bytes = STACKS_BYTES_MAX;
    let order = by_weight(&list.threads, crashed);
    for thread in order.iter().take(THREADS_COUNT_MAX) {
        let id = thread.raw.thread_id;
        let own = thread
            .context(&system, None)
            .map(std::borrow::Cow::into_owned);
        let at_crash = raised.as_ref().filter(|_| crashed == Some(id));
        let at_crash = at_crash.and_then(|raised| raised.context(&system, None));
        if crashed == Some(id) && crashing.is_none() {
            crashing = Some(threads.len());
        }
        let context = at_crash.map(std::borrow::Cow::into_owned).or(own);
        let pointer = context.as_ref().map(MinidumpContext::get_stack_pointer);
        let stack = pointer.and_then(|pointer| {
            let region = region_of(thread, pointer, &memory)?;
            Some(stack(&region, pointer, width_bytes, &mut room_bytes))
        });
        threads.push(Thread {
            context,
            stack,
            wrote_dump: wrote == Some(id),
        });
    }
    let space = space(&dump, &modules, &threads, &memory, width_bytes);
    let exception = raised.map(|raised| Exception {
        reason: raised.get_crash_reason(system.os, system.cpu).to_string(),
        address: has_address(system.os, &raised.raw.exception_record)
            .then(|| raised.get_crash_address(system.os, system.cpu)),
        record: raised.raw.exception_record,
    });
    Ok(Dump {
        time_unix_s: dump.header.time_date_stamp,
        os: system.os,
        cpu: system.cpu,
        system: system.raw,
        exception,
        crashing,
        threads_count: list.threads.len(),
        threads,
        modules,
        space,
    })
}

/// Whether the exception is about an address. Of a signal only those that the processor caused are;
/// of one that was sent (`abort`, `kill`, of any number) process and user stand in that place.
fn has_address(os: Os, record: &md::MINIDUMP_EXCEPTION) -> bool {
    if !matches!(os, Os::Linux | Os::Android) || record.exception_code > SIGNAL_MAX {
        return true;
    }
    let is_sent = record.exception_flags.cast_signed() <= 0;
    FAULTS.contains(&record.exception_code) && !is_sent
}

/// Checks that it is a minidump, and no full one.
fn open(bytes: &[u8]) -> Result<Minidump<'_, &[u8]>, Refusal> {
    if FULL_MAGICS.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(Refusal::Full);
    }
    if !bytes.starts_with(&MAGIC) {
        return Err(Refusal::NotMinidump);
    }
    let dump = Minidump::read(bytes).map_err(|_| Refusal::Damaged)?;
    let streams = || dump.all_streams();
    let has_all = streams().any(|stream| stream.stream_type == MEMORY_64_STREAM);
    if has_all || dump.header.flags & FULL_FLAGS != 0 {
        return Err(Refusal::Full);
    }
    Ok(dump)
}

fn width_bytes(system: &MinidumpSystemInfo, endian: Endian) -> Result<usize, Refusal> {
    let is_known = matches!(system.cpu, Cpu::X86 | Cpu::X86_64 | Cpu::Arm | Cpu::Arm64);
    match system.cpu.pointer_width() {
        _ if !is_known || endian != Endian::Little => Err(Refusal::UnknownCpu),
        PointerWidth::Bits32 => Ok(4),
        PointerWidth::Bits64 => Ok(8),
        PointerWidth::Unknown => Err(Refusal::UnknownCpu),
    }
}

/// The threads in their order, but where there are too many the crashing one comes first.
fn by_weight<'t, 'd>(
    threads: &'t [MinidumpThread<'d>],
    crashed: Option<u32>,
) -> Vec<&'t MinidumpThread<'d>> {
    let mut order: Vec<&MinidumpThread<'_>> = threads.iter().collect();
    if order.len() > THREADS_COUNT_MAX {
        order.sort_by_key(|thread| Some(thread.raw.thread_id) != crashed);
    }
    order
}

/// The memory that holds the stack pointer; else what the thread calls its stack.
fn region_of<'m, 'd>(
    thread: &'m MinidumpThread<'d>,
    pointer: u64,
    memory: &'m UnifiedMemoryList<'d>,
) -> Option<UnifiedMemory<'m, 'd>> {
    let own = thread.stack_memory(memory);
    let holds =
        |region: &UnifiedMemory<'_, '_>| region.get_memory_at_address::<u64>(pointer).is_some();
    match own {
        Some(own) if holds(&own) => Some(own),
        own => memory.memory_at_address(pointer).or(own),
    }
}

/// Copies a stack, from a little below its pointer on.
fn stack(
    region: &UnifiedMemory<'_, '_>,
    pointer: u64,
    width_bytes: usize,
    room_bytes: &mut usize,
) -> Stack {
    let (base, bytes) = (region.base_address(), region.bytes());
    let width = width_bytes as u64;
    let above = pointer.saturating_sub(base);
    let is_inside = pointer >= base && above < bytes.len() as u64;
    // Words are counted from the pointer, wherever the region begins.
    let skipped = if is_inside {
        above - (above / width).min(BELOW_WORDS) * width
    } else {
        0
    };
    let bytes = usize::try_from(skipped).ok().and_then(|at| bytes.get(at..));
    let bytes = bytes.unwrap_or_default();
    let length = bytes.len().min(STACK_BYTES_MAX).min(*room_bytes);
    let mut bytes = bytes.get(..length).unwrap_or_default().to_vec();
    *room_bytes -= length;
    if width_bytes == 4 {
        erase_text(&mut bytes);
    }
    Stack {
        base: base.saturating_add(skipped),
        bytes,
    }
}

/// Erases text: of 32 bits, four letters may by chance be an address within a module, and scanning
/// would take them for a frame.
fn erase_text(bytes: &mut [u8]) {
    let words: Vec<bool> = bytes.chunks(4).map(is_whole_text).collect();
    let mut rest = bytes;
    for run in words.chunk_by(|left, right| left == right) {
        let length = rest.len().min(run.len() * 4);
        let (own, behind) = std::mem::take(&mut rest).split_at_mut(length);
        if run.first() == Some(&true) && run.len() >= TEXT_WORDS_COUNT {
            own.fill(0);
        }
        rest = behind;
    }
}

/// The modules, with the names that may be told.
fn modules(dump: &Minidump<'_, &[u8]>, hidden: &[usize]) -> Result<MinidumpModuleList, Refusal> {
    let list = match dump.get_stream::<MinidumpModuleList>() {
        Ok(list) => list,
        Err(minidump::Error::StreamNotFound) => MinidumpModuleList::new(),
        Err(_) => return Err(Refusal::Damaged),
    };
    let environment: Option<MinidumpLinuxEnviron> = dump.get_stream().ok();
    let variables = environment.iter().flat_map(|all| {
        let pair = |(name, value): (
            &minidump::strings::LinuxOsStr,
            &minidump::strings::LinuxOsStr,
        )| {
            (
                name.to_string_lossy().into_owned(),
                value.to_string_lossy().into_owned(),
            )
        };
        all.iter().map(pair).collect::<Vec<_>>()
    });
    let debug_files: Vec<String> = list
        .iter()
        .filter_map(|module| module.debug_file().map(std::borrow::Cow::into_owned))
        .collect();
    let paths = list.iter().map(|module| module.name.as_str());
    let names = Names::new(
        paths.chain(debug_files.iter().map(String::as_str)),
        variables,
    );
    let named = list.iter().take(MODULES_COUNT_MAX).enumerate();
    let named = named.map(|(index, module)| {
        let is_hidden = hidden.contains(&index);
        let told = |path: &str| {
            if is_hidden {
                numbered(index)
            } else {
                names.module(path, index)
            }
        };
        named_module(module, told)
    });
    Ok(MinidumpModuleList::from_modules(named.collect()))
}

/// A copy of the module under the names that are told.
fn named_module(module: &MinidumpModule, told: impl Fn(&str) -> String) -> MinidumpModule {
    let mut own = module.clone();
    own.name = told(&module.name);
    own.misc_info = None;
    let terminated = |name: &[u8]| {
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let mut told = told(&String::from_utf8_lossy(name)).into_bytes();
        told.push(0);
        told
    };
    match &mut own.codeview_info {
        Some(CodeView::Pdb70(record)) => record.pdb_file_name = terminated(&record.pdb_file_name),
        Some(CodeView::Pdb20(record)) => record.pdb_file_name = terminated(&record.pdb_file_name),
        Some(CodeView::Elf(_)) => {}
        other => *other = None,
    }
    own
}

/// What is known of the address space: modules, stacks, mapped regions.
fn space(
    dump: &Minidump<'_, &[u8]>,
    modules: &MinidumpModuleList,
    threads: &[Thread],
    memory: &UnifiedMemoryList<'_>,
    width_bytes: usize,
) -> Space {
    let ranges = |module: &MinidumpModule| {
        let base = module.base_address();
        base..base.saturating_add(module.size())
    };
    let stacks = threads.iter().filter_map(|thread| thread.stack.as_ref());
    let carried = memory.iter().map(|region| {
        let base = region.base_address();
        base..base.saturating_add(region.size())
    });
    let infos: Option<MinidumpMemoryInfoList> = dump.get_stream().ok();
    let infos = infos.iter().flat_map(MinidumpMemoryInfoList::iter);
    let committed = infos.filter(|info| info.state.contains(md::MemoryState::MEM_COMMIT));
    let committed = committed.map(|info| {
        let base = info.raw.base_address;
        base..base.saturating_add(info.raw.region_size)
    });
    let maps: Option<MinidumpLinuxMaps> = dump.get_stream().ok();
    let maps = maps.iter().flat_map(MinidumpLinuxMaps::iter);
    let mapped = maps.filter_map(MinidumpLinuxMapInfo::memory_range);
    let mapped = mapped.map(|range| range.start..range.end.saturating_add(1));
    let regions = carried.chain(committed).chain(mapped);
    Space::new(
        width_bytes,
        modules.iter().map(ranges).collect(),
        stacks.map(Stack::range).collect(),
        regions.take(REGIONS_COUNT_MAX).collect(),
    )
}

/// Registers by name, whatever the processor.
pub(crate) fn registers(context: &MinidumpContext) -> Vec<(&'static str, u64)> {
    let wide = |pairs: Vec<(&'static str, u32)>| {
        pairs
            .into_iter()
            .map(|(name, value)| (name, u64::from(value)))
    };
    let valid = &context.valid;
    match &context.raw {
        MinidumpRawContext::X86(raw) => wide(raw.valid_registers(valid).collect()).collect(),
        MinidumpRawContext::Arm(raw) => wide(raw.valid_registers(valid).collect()).collect(),
        MinidumpRawContext::Amd64(raw) => raw.valid_registers(valid).collect(),
        MinidumpRawContext::Arm64(raw) => raw.valid_registers(valid).collect(),
        MinidumpRawContext::OldArm64(raw) => raw.valid_registers(valid).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_text_is_erased_and_a_lone_word_is_not() {
        let mut bytes =
            b"\x01\x02\x03\x80ann.lovelace@x.y\x10\x20\x30\x90ntdl\x00\x10\x41\x00zz".to_vec();
        erase_text(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("ann") && !text.contains('@'));
        assert!(text.contains("ntdl") && bytes.starts_with(&[1, 2, 3, 0x80]));
    }

    #[test]
    fn what_is_no_minidump_is_told_from_what_is_a_full_one() {
        for (bytes, refusal) in [
            (&b""[..], Refusal::NotMinidump),
            (b"hello", Refusal::NotMinidump),
            (b"\x7fELF\x02\x01\x01", Refusal::Full),
            (b"PAGEDU64", Refusal::Full),
            (b"MDMP", Refusal::Damaged),
        ] {
            assert_eq!(read(bytes, &[]).unwrap_err(), refusal);
        }
    }
}
