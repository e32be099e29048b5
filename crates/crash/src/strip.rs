//! A dump becomes a new dump that holds what unwinding needs, and nothing else.
//!
//! It is written from the parts, by a list of what is let through: system, exception, threads with
//! their registers, stacks, modules, and the places of memory that an address of the report points
//! to. What is not on the list is not there: environment, command line, paths, names of threads,
//! heap, annotations, versions, times.
//!
//! Of a stack and of the registers a word stays where unwinding came upon it and it points into a
//! module or a stack; all others are zero. Where that gives other frames, every pointer into a
//! module or a stack stays, and other words become one of three constants of their kind.

use minidump::format as md;
use minidump::system_info::{Cpu, Os};
use minidump::{
    CodeView, CpuContext, MinidumpContext, MinidumpContextValidity, MinidumpModule,
    MinidumpRawContext, Module as _,
};
use minidump_common::errors as err;

use crate::Refusal;
use crate::address::{Withheld, is_whole_text};
use crate::dump::{self, Dump, Exception, Stack, Thread};
use crate::symbols::Symbols;
use crate::unwind::{Crash, Recovered, unwind};
use crate::write::{Writer, encoded, list};

/// Streams of a stripped dump.
const STREAMS_COUNT: usize = 7;
/// Number of the stream with the places of memory.
const MEMORY_INFO_STREAM: u32 = 16;
const MEMORY_LIST_STREAM: u32 = 5;
const MODULE_LIST_STREAM: u32 = 4;
const THREAD_LIST_STREAM: u32 = 3;
const EXCEPTION_STREAM: u32 = 6;
const SYSTEM_INFO_STREAM: u32 = 7;
const BREAKPAD_INFO_STREAM: u32 = 0x4767_0001;
/// Largest number of a version: builds of Windows are below it.
const VERSION_MAX: u32 = 1_000_000;
/// Bytes of a page, for the places of memory.
const PAGE_BYTES: u64 = 4_096;
/// Parameters of an exception that are codes, not values.
const CODE_PARAMETERS: u64 = 0xffff_ffff;
/// Bytes of a build id that are kept: the longest hash that linkers write.
const BUILD_ID_BYTES_MAX: usize = 32;
/// How much of the words stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    /// What unwinding came upon.
    Needed,
    /// Every pointer into a module or a stack.
    Pointers,
}

/// Strips a dump; refuses where that changes what is said of the crash.
pub(crate) fn strip(
    own: &Dump,
    crash: &Crash,
    recovered: &Recovered,
    symbols: &Symbols,
) -> Result<Vec<u8>, Refusal> {
    for keep in [Keep::Needed, Keep::Pointers] {
        let sieve = Sieve {
            dump: own,
            recovered,
            keep,
        };
        let stripped = sieve.write()?;
        let again = dump::read(&stripped, &[]);
        let same = again.is_ok_and(|again| unwind(&again, symbols).0 == *crash);
        if same {
            return Ok(stripped);
        }
    }
    Err(Refusal::StripDiffers)
}

/// Decides word by word.
struct Sieve<'d> {
    dump: &'d Dump,
    recovered: &'d Recovered,
    keep: Keep,
}

impl Sieve<'_> {
    fn write(&self) -> Result<Vec<u8>, Refusal> {
        let mut writer = Writer::new(STREAMS_COUNT);
        let system = encoded(self.system(&mut writer))?;
        writer.stream(SYSTEM_INFO_STREAM, &system);
        let mut threads = Vec::new();
        let mut stacks = Vec::new();
        let mut at_crash = md::MINIDUMP_LOCATION_DESCRIPTOR::default();
        for (index, thread) in self.dump.threads.iter().enumerate() {
            let written = self.thread(index, thread, &mut writer)?;
            if self.dump.crashing == Some(index) {
                at_crash = written.thread_context;
            }
            if thread.stack.is_some() {
                stacks.push(encoded(written.stack)?);
            }
            threads.push(encoded(written)?);
        }
        // Those beyond the limit are counted and hold nothing.
        for index in self.dump.threads.len()..self.dump.threads_count {
            threads.push(encoded(empty_thread(index))?);
        }
        writer.stream(THREAD_LIST_STREAM, &list(&threads));
        writer.stream(MEMORY_LIST_STREAM, &list(&stacks));
        let modules: Result<Vec<_>, _> = self
            .dump
            .modules
            .iter()
            .map(|module| encoded(written_module(module, &mut writer)?))
            .collect();
        writer.stream(MODULE_LIST_STREAM, &list(&modules?));
        if let Some(exception) = &self.dump.exception {
            let thread_id = self.dump.crashing.map_or(u32::MAX, thread_id);
            let stream = md::MINIDUMP_EXCEPTION_STREAM {
                thread_id,
                __align: 0,
                exception_record: self.exception(exception),
                thread_context: at_crash,
            };
            writer.stream(EXCEPTION_STREAM, &encoded(stream)?);
        }
        writer.stream(BREAKPAD_INFO_STREAM, &encoded(self.asked())?);
        writer.stream(MEMORY_INFO_STREAM, &self.places()?);
        writer.finish()
    }

    /// The family and the version of the system, and the processor: numbers.
    fn system(&self, writer: &mut Writer) -> md::MINIDUMP_SYSTEM_INFO {
        let own = &self.dump.system;
        md::MINIDUMP_SYSTEM_INFO {
            processor_architecture: own.processor_architecture,
            processor_level: 0,
            processor_revision: 0,
            number_of_processors: 0,
            product_type: 0,
            major_version: version(own.major_version),
            minor_version: version(own.minor_version),
            build_number: version(own.build_number),
            platform_id: own.platform_id,
            csd_version_rva: writer.text(""),
            suite_mask: 0,
            reserved2: 0,
            cpu: md::CPU_INFORMATION { data: [0; 24] },
        }
    }

    fn thread(
        &self,
        index: usize,
        thread: &Thread,
        writer: &mut Writer,
    ) -> Result<md::MINIDUMP_THREAD, Refusal> {
        let mut written = empty_thread(index);
        if let Some(context) = &thread.context {
            written.thread_context = writer.bytes(&self.context(context)?);
        }
        if let Some(stack) = &thread.stack {
            written.stack = md::MINIDUMP_MEMORY_DESCRIPTOR {
                start_of_memory_range: stack.base,
                memory: writer.bytes(&self.stack(stack)),
            };
        }
        Ok(written)
    }

    fn stack(&self, stack: &Stack) -> Vec<u8> {
        let width_bytes = self.dump.space.width_bytes;
        let mut bytes = Vec::with_capacity(stack.bytes.len());
        for chunk in stack.bytes.chunks(width_bytes) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            // A piece at the end is no word that is read.
            let word = if chunk.len() == width_bytes {
                self.word(u64::from_le_bytes(word)).to_le_bytes()
            } else {
                [0; 8]
            };
            bytes.extend(word.iter().take(chunk.len()));
        }
        bytes
    }

    /// What stands in the place of a word.
    fn word(&self, raw: u64) -> u64 {
        let (space, found) = (&self.dump.space, self.recovered);
        // Signatures in the upper bits of a pointer are no part of the address.
        let plain = match self.dump.cpu {
            Cpu::Arm64 => raw & self.pointer_mask(),
            _ => raw,
        };
        let points = |word: u64| space.in_module(word) || space.in_stack(word);
        let is_letters = |word: u64| {
            let bytes = word.to_le_bytes();
            is_whole_text(bytes.get(..space.width_bytes).unwrap_or_default())
        };
        for word in [raw, plain] {
            if found.instructions.contains(&word) {
                return self.instruction(word);
            }
            if found.registers.contains(&word) && points(word) {
                return word;
            }
        }
        match self.keep {
            Keep::Needed => 0,
            Keep::Pointers if points(plain) && !is_letters(plain) => plain,
            Keep::Pointers => self.of_its_kind(plain),
        }
    }

    /// As the unwinder does it: the bits that an address of the process may have.
    fn pointer_mask(&self) -> u64 {
        let ends = self
            .dump
            .modules
            .iter()
            .map(|module| module.base_address().saturating_add(module.size()));
        let highest = ends.max().unwrap_or_default().max((1 << 47) - 1);
        highest
            .checked_next_power_of_two()
            .map_or(u64::MAX, |bit| bit - 1)
    }

    /// The address of an instruction, where it may be shown.
    fn instruction(&self, address: u64) -> u64 {
        let width_bytes = self.dump.space.width_bytes;
        match self.dump.space.shown(address) {
            Ok(address) => address,
            Err(kind) => kind.stand_in(width_bytes),
        }
    }

    /// Zero for a word below all stacks; for one above them a constant that is, or is not, an
    /// address that a processor takes.
    fn of_its_kind(&self, word: u64) -> u64 {
        let width_bytes = self.dump.space.width_bytes;
        let stacks = self
            .dump
            .threads
            .iter()
            .filter_map(|thread| thread.stack.as_ref());
        let lowest = stacks.map(|stack| stack.base).min().unwrap_or_default();
        if word < lowest {
            return 0;
        }
        match self.dump.space.shown(word) {
            Err(Withheld::NonCanonical | Withheld::Text) if width_bytes == 8 && word >> 47 != 0 => {
                Withheld::NonCanonical.stand_in(width_bytes)
            }
            _ => Withheld::Unmapped.stand_in(width_bytes),
        }
    }

    /// What stands in the place of a register.
    fn register(&self, name: &str, role: Role, value: u64) -> u64 {
        let space = &self.dump.space;
        let is_lost = self.keep == Keep::Needed && is_volatile(self.dump.cpu, name);
        match role {
            Role::Instruction => self.instruction(value),
            Role::Stack => match space.shown(value) {
                Ok(value) => value,
                Err(kind) => kind.stand_in(space.width_bytes),
            },
            Role::Other if is_lost => 0,
            Role::Other => match self.dump.cpu {
                Cpu::Arm64 => self.pointer(value & self.pointer_mask()),
                _ => self.pointer(value),
            },
        }
    }

    fn pointer(&self, value: u64) -> u64 {
        let space = &self.dump.space;
        let points = space.in_module(value) || space.in_stack(value);
        match (points, self.keep) {
            (true, _) => value,
            (false, Keep::Needed) => 0,
            (false, Keep::Pointers) => self.of_its_kind(value),
        }
    }

    fn context(&self, context: &MinidumpContext) -> Result<Vec<u8>, Refusal> {
        match &context.raw {
            MinidumpRawContext::X86(own) => {
                let mut kept = md::CONTEXT_X86 {
                    context_flags: own.context_flags & !md::CONTEXT_HAS_XSTATE,
                    ..md::CONTEXT_X86::default()
                };
                self.registers(own, &mut kept);
                encoded(kept)
            }
            MinidumpRawContext::Amd64(own) => {
                let mut kept = md::CONTEXT_AMD64 {
                    context_flags: own.context_flags & !md::CONTEXT_HAS_XSTATE,
                    ..md::CONTEXT_AMD64::default()
                };
                self.registers(own, &mut kept);
                encoded(kept)
            }
            MinidumpRawContext::Arm(own) => {
                let mut kept = md::CONTEXT_ARM {
                    context_flags: own.context_flags,
                    ..md::CONTEXT_ARM::default()
                };
                self.registers(own, &mut kept);
                encoded(kept)
            }
            MinidumpRawContext::Arm64(own) => {
                let mut kept = md::CONTEXT_ARM64 {
                    context_flags: own.context_flags,
                    ..md::CONTEXT_ARM64::default()
                };
                self.registers(own, &mut kept);
                encoded(kept)
            }
            MinidumpRawContext::OldArm64(own) => {
                let mut kept = md::CONTEXT_ARM64_OLD {
                    // Its upper half is none of the flags.
                    context_flags: own.context_flags & CODE_PARAMETERS,
                    ..md::CONTEXT_ARM64_OLD::default()
                };
                self.registers(own, &mut kept);
                encoded(kept)
            }
            _ => Err(Refusal::UnknownCpu),
        }
    }

    /// Copies what stays of the registers. Floating point and vectors are none of them.
    fn registers<C>(&self, own: &C, kept: &mut C)
    where
        C: CpuContext,
        C::Register: Copy + TryFrom<u64>,
        u64: From<C::Register>,
    {
        for (name, value) in own.valid_registers(&MinidumpContextValidity::All) {
            let role = if name == own.instruction_pointer_register_name() {
                Role::Instruction
            } else if name == own.stack_pointer_register_name() {
                Role::Stack
            } else {
                Role::Other
            };
            let stays = self.register(name, role, u64::from(value));
            if let Ok(stays) = C::Register::try_from(stays) {
                kept.set_register(name, stays);
            }
        }
    }

    /// The exception: its codes, and its address where it may be shown.
    fn exception(&self, exception: &Exception) -> md::MINIDUMP_EXCEPTION {
        let own = &exception.record;
        let address = match self.dump.space.shown(exception.address.unwrap_or_default()) {
            Ok(address) => address,
            Err(kind) => kind.stand_in(self.dump.space.width_bytes),
        };
        let mut kept = md::MINIDUMP_EXCEPTION {
            exception_code: code(own.exception_code),
            exception_flags: code(own.exception_flags),
            exception_address: address,
            number_parameters: own.number_parameters.min(PARAMETERS_KEPT as u32),
            ..md::MINIDUMP_EXCEPTION::default()
        };
        let codes = own.exception_information.iter().take(PARAMETERS_KEPT);
        let places = kept.exception_information.iter_mut().zip(codes);
        for (index, (place, code)) in places.enumerate() {
            *place = match parameter(self.dump.os, own.exception_code, index) {
                Parameter::Code => code & CODE_PARAMETERS,
                Parameter::Wide => *code,
                Parameter::Address => address,
                Parameter::Value => 0,
            };
        }
        kept
    }

    /// Which thread asked for the dump and which one wrote it.
    fn asked(&self) -> md::MINIDUMP_BREAKPAD_INFO {
        let wrote = self
            .dump
            .threads
            .iter()
            .position(|thread| thread.wrote_dump);
        let valid = |is_valid: bool, bit: u32| if is_valid { bit } else { 0 };
        md::MINIDUMP_BREAKPAD_INFO {
            validity: valid(wrote.is_some(), 1) | valid(self.dump.crashing.is_some(), 2),
            dump_thread_id: wrote.map_or(0, thread_id),
            requesting_thread_id: self.dump.crashing.map_or(0, thread_id),
        }
    }

    /// The pages that an address of the report points to, where they are none of a module's or a
    /// stack's.
    fn places(&self) -> Result<Vec<u8>, Refusal> {
        let exception = self.dump.exception.as_ref();
        let instructions = self.recovered.instructions.iter().copied();
        let before = self
            .recovered
            .instructions
            .iter()
            .map(|at| at.saturating_sub(1));
        let all = exception
            .and_then(|exception| exception.address)
            .into_iter();
        let mut pages: Vec<u64> = all
            .chain(instructions)
            .chain(before)
            .filter(|address| self.dump.space.shown(*address).is_ok())
            .filter(|address| self.dump.space.in_region(*address))
            .map(|address| address - address % PAGE_BYTES)
            .collect();
        pages.sort_unstable();
        pages.dedup();
        let entry = |base_address: &u64| {
            encoded(md::MINIDUMP_MEMORY_INFO {
                base_address: *base_address,
                allocation_base: *base_address,
                allocation_protection: 0,
                __alignment1: 0,
                region_size: PAGE_BYTES,
                state: md::MemoryState::MEM_COMMIT.bits(),
                protection: 0,
                _type: 0,
                __alignment2: 0,
            })
        };
        let entries: Result<Vec<_>, _> = pages.iter().map(entry).collect();
        let entries = entries?;
        let mut bytes = encoded(md::MINIDUMP_MEMORY_INFO_LIST {
            size_of_header: 16,
            size_of_entry: 48,
            number_of_entries: entries.len() as u64,
        })?;
        bytes.extend(entries.iter().flatten());
        Ok(bytes)
    }
}

/// What a register is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Instruction,
    Stack,
    Other,
}

/// Whether a call may change the register, on every system: no caller is found by it.
fn is_volatile(cpu: Cpu, name: &str) -> bool {
    let numbered = |name: &str| name.get(1..).and_then(|number| number.parse::<u8>().ok());
    match cpu {
        Cpu::X86 => ["eax", "ecx", "edx"].contains(&name),
        Cpu::X86_64 => ["rax", "rcx", "rdx", "r8", "r9", "r10", "r11"].contains(&name),
        Cpu::Arm => numbered(name).is_some_and(|number| number < 4 || number == 12),
        _ => name.starts_with('x') && numbered(name).is_some_and(|number| number < 19),
    }
}

/// Parameters of an exception that are looked at.
const PARAMETERS_KEPT: usize = 3;

/// What a parameter of an exception is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parameter {
    /// A code of 32 bits.
    Code,
    /// A code of 64 bits, which the system's kernel made.
    Wide,
    /// The address of the access.
    Address,
    /// Whatever the program put there.
    Value,
}

/// Only what names the reason is a code; the address stands in its own place.
fn parameter(os: Os, exception_code: u32, index: usize) -> Parameter {
    use err::{
        ExceptionCodeMac as Mac, ExceptionCodeWindows as Windows, NtStatusWindows as Status,
    };
    let is = |code: u32| exception_code == code;
    let is_access = is(Windows::EXCEPTION_ACCESS_VIOLATION as u32);
    let is_paging = is(Windows::EXCEPTION_IN_PAGE_ERROR as u32);
    let is_fast_fail = is(Status::STATUS_STACK_BUFFER_OVERRUN as u32);
    let is_guard = is(Mac::EXC_RESOURCE as u32) || is(Mac::EXC_GUARD as u32);
    match (os, index) {
        (Os::Windows, 0) if is_access || is_paging || is_fast_fail => Parameter::Code,
        (Os::Windows, 1) if is_access || is_paging => Parameter::Address,
        (Os::Windows, 2) if is_paging => Parameter::Code,
        (Os::MacOs | Os::Ios, 1 | 2) if is_guard => Parameter::Wide,
        _ => Parameter::Value,
    }
}

/// A number of a version; what is too large for one is none.
fn version(number: u32) -> u32 {
    if number <= VERSION_MAX { number } else { 0 }
}

/// A code; four letters are none.
fn code(number: u32) -> u32 {
    if is_whole_text(&number.to_le_bytes()) {
        0
    } else {
        number
    }
}

/// Threads are numbered anew, from one.
fn thread_id(index: usize) -> u32 {
    index as u32 + 1
}

fn empty_thread(index: usize) -> md::MINIDUMP_THREAD {
    md::MINIDUMP_THREAD {
        thread_id: thread_id(index),
        suspend_count: 0,
        priority_class: 0,
        priority: 0,
        teb: 0,
        stack: md::MINIDUMP_MEMORY_DESCRIPTOR::default(),
        thread_context: md::MINIDUMP_LOCATION_DESCRIPTOR::default(),
    }
}

/// Where a module is, what it is called and which build it is.
fn written_module(
    module: &MinidumpModule,
    writer: &mut Writer,
) -> Result<md::MINIDUMP_MODULE, Refusal> {
    let record = module.codeview_info.as_ref().map(code_view).transpose()?;
    Ok(md::MINIDUMP_MODULE {
        base_of_image: module.raw.base_of_image,
        size_of_image: module.raw.size_of_image,
        module_name_rva: writer.text(&module.name),
        cv_record: record.map_or_else(Default::default, |record| writer.bytes(&record)),
        ..md::MINIDUMP_MODULE::default()
    })
}

/// The record that holds the debug id.
fn code_view(own: &CodeView) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    match own {
        CodeView::Pdb70(record) => {
            bytes.extend((md::CvSignature::Pdb70 as u32).to_le_bytes());
            bytes.extend(encoded(record.signature)?);
            bytes.extend(record.age.to_le_bytes());
            bytes.extend(&record.pdb_file_name);
        }
        CodeView::Pdb20(record) => {
            bytes.extend((md::CvSignature::Pdb20 as u32).to_le_bytes());
            bytes.extend(0_u32.to_le_bytes());
            bytes.extend(record.signature.to_le_bytes());
            bytes.extend(record.age.to_le_bytes());
            bytes.extend(&record.pdb_file_name);
        }
        CodeView::Elf(record) => {
            bytes.extend((md::CvSignature::Elf as u32).to_le_bytes());
            bytes.extend(record.build_id.iter().take(BUILD_ID_BYTES_MAX));
        }
        CodeView::Unknown(_) => {}
    }
    Ok(bytes)
}
