//! Dumps of systems that we do not run, written by `minidump-synth`: each with a thread that
//! crashed and one that waits, frames that are found in every way there is, and values in every
//! place that a dump has for them.

use minidump_common::format as md;
use minidump_synth::{
    AnnotationValue, CrashpadInfo, DumpString, Exception, HandleDescriptor, Memory, MiscStream,
    Module, ModuleCrashpadInfo, SimpleStream, SynthMinidump, SystemInfo, Thread, ThreadName,
    UnloadedModule,
};
use scroll::{LE, Pwrite as _};
use test_assembler::{Endian, Section};

/// Values that a process held, and of which nothing may be left.
pub(crate) const VALUES: [&str; 6] = [
    "grace.tulip@example.org",
    "tulipuser",
    "tulip-host-7.example.net",
    "card 5105 1051 0510 5100",
    "Tulpenweg 12, 01067 Dresden",
    "--token=tulip-0f9e8d7c6b5a",
];

/// A system with a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) os: &'static str,
    pub(crate) cpu: &'static str,
}

/// Every pair that dumps come from.
pub(crate) const KINDS: [Kind; 8] = [
    Kind {
        os: "windows",
        cpu: "x86",
    },
    Kind {
        os: "windows",
        cpu: "amd64",
    },
    Kind {
        os: "windows",
        cpu: "arm64",
    },
    Kind {
        os: "linux",
        cpu: "x86",
    },
    Kind {
        os: "linux",
        cpu: "amd64",
    },
    Kind {
        os: "linux",
        cpu: "arm64",
    },
    Kind {
        os: "macos",
        cpu: "amd64",
    },
    Kind {
        os: "macos",
        cpu: "arm64",
    },
];

/// Functions of the crashing thread that symbols name, the innermost first.
pub(crate) const FUNCTIONS: [&str; 2] = ["shop::cart::total(int)", "shop::run()"];

impl Kind {
    fn width(self) -> usize {
        if self.cpu == "x86" { 4 } else { 8 }
    }

    fn app(self) -> u64 {
        if self.cpu == "x86" {
            0x0040_0000
        } else {
            0x5555_0000_0000
        }
    }

    fn library(self) -> u64 {
        if self.cpu == "x86" {
            0x7710_0000
        } else {
            0x7f33_1000_0000
        }
    }

    fn stack(self, thread: u64) -> u64 {
        let base = if self.cpu == "x86" {
            0x0089_0000
        } else {
            0x7ffd_4000_0000
        };
        base + thread * 0x1_0000
    }

    fn heap(self) -> u64 {
        if self.cpu == "x86" {
            0x0212_0000
        } else {
            0x6021_0000_0000
        }
    }

    /// The debug id of the program, as symbol files spell it.
    pub(crate) fn debug_id(self) -> String {
        let number = KINDS.iter().position(|kind| *kind == self).unwrap();
        let age = if self.os == "linux" { "0" } else { "1" };
        format!("0A0B0C0D0E0F101112131415161718{number:02X}{age}")
    }

    /// Symbols of the program, with call frame rules.
    pub(crate) fn symbols(self) -> Vec<u8> {
        let (os, cpu) = match (self.os, self.cpu) {
            ("macos", "amd64") => ("mac", "x86_64"),
            (os, "amd64") => (os, "x86_64"),
            (os, cpu) => (os, cpu),
        };
        let id = self.debug_id();
        let width = self.width();
        let (pointer, frame, kept) = match self.cpu {
            "x86" => ("$esp", "$ebp", "$ebx"),
            "amd64" => ("$rsp", "$rbp", "$rbx"),
            _ => ("sp", "x29", "x19"),
        };
        let (small, large) = (4 * width, 6 * width);
        let rules = |cfa: usize, saved: &str| {
            format!(
                ".cfa: {pointer} {cfa} + .ra: .cfa {width} - ^ {saved}: .cfa {} - ^",
                2 * width
            )
        };
        let [inner, outer] = FUNCTIONS;
        format!(
            "MODULE {os} {cpu} {id} shop\n\
             FILE 0 /home/tulipuser/code/shop/src/cart.cc\n\
             FILE 1 git:github.com/shop/shop:src/main.cc:0123abcd\n\
             FUNC 1000 100 0 {inner}\n1000 80 41 0\n1080 80 42 0\n\
             FUNC 2000 100 0 {outer}\n2000 100 7 1\n\
             STACK CFI INIT 1000 100 {}\n\
             STACK CFI INIT 2000 100 {}\n",
            rules(small, kept),
            rules(large, frame)
        )
        .into_bytes()
    }

    /// Signatures that the processor puts into the upper bits of a return address.
    fn signed(self, address: u64) -> u64 {
        if self.os == "macos" && self.cpu == "arm64" {
            address | 0x00a5_0000_0000_0000
        } else {
            address
        }
    }
}

/// A stack being written, word by word.
struct Words {
    kind: Kind,
    base: u64,
    bytes: Vec<u8>,
}

impl Words {
    fn at(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    fn word(&mut self, word: u64) {
        let bytes = word.to_le_bytes();
        self.bytes.extend(bytes.iter().take(self.kind.width()));
    }

    /// Words of text, or of a number that somebody typed in.
    fn values(&mut self, count: usize) {
        for index in 0..count {
            self.word(text_word(index));
        }
    }

    /// A whole value, in one encoding or the other.
    fn text(&mut self, text: &str, is_wide: bool) {
        let bytes: Vec<u8> = if is_wide {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            text.bytes().collect()
        };
        self.bytes.extend(bytes);
        while !self.bytes.len().is_multiple_of(self.kind.width()) {
            self.bytes.push(0);
        }
        self.word(0);
    }
}

/// The crashing thread's stack: its stack pointer, its frame pointer and its memory.
fn crashed_stack(kind: Kind) -> (u64, u64, Words) {
    let mut words = Words {
        kind,
        base: kind.stack(0),
        bytes: Vec::new(),
    };
    // Below the stack pointer: what earlier calls have left.
    words.text(VALUES[0], false);
    words.text(VALUES[2], true);
    let pointer = words.at();
    // Frame 0, by rules: two locals, a saved register, the return address.
    words.values(2);
    words.word(kind.heap() + 0x123);
    words.word(kind.signed(kind.app() + 0x2020));
    // Frame 1, by rules: four locals, the saved frame pointer, the return address.
    words.values(4);
    let frame = words.at() + 2 * kind.width() as u64 + 4 * kind.width() as u64;
    words.word(frame);
    words.word(kind.signed(kind.library() + 0x3030));
    // Frame 2, without symbols, by its frame pointer.
    words.values(4);
    assert_eq!(words.at(), frame);
    let mut second = Words {
        kind,
        base: 0,
        bytes: Vec::new(),
    };
    second.text(VALUES[3], false);
    let next = frame + 2 * kind.width() as u64 + second.bytes.len() as u64;
    words.word(next);
    words.word(kind.signed(kind.library() + 0x4040));
    words.bytes.extend(second.bytes);
    // Frame 3: its frame pointer leads nowhere, so its caller is searched for.
    assert_eq!(words.at(), next);
    words.word(0);
    words.word(0);
    words.values(3);
    words.word(kind.library() + 0x5050);
    // The rest of the stack: arguments and environment.
    for value in VALUES {
        words.text(value, false);
        words.text(value, true);
    }
    words.values(64);
    (pointer, frame, words)
}

/// A thread that waits, without a frame pointer.
fn waiting_stack(kind: Kind) -> (u64, Words) {
    let mut words = Words {
        kind,
        base: kind.stack(1),
        bytes: Vec::new(),
    };
    words.values(8);
    let pointer = words.at();
    words.values(5);
    words.word(kind.signed(kind.library() + 0x6060));
    words.text(VALUES[1], true);
    words.values(60);
    (pointer, words)
}

/// The first letters of a value, as a word.
fn text_word(index: usize) -> u64 {
    let text = VALUES.iter().cycle().nth(index).unwrap();
    u64::from_le_bytes(*text.as_bytes().first_chunk().unwrap())
}

/// Registers: every one that is not needed holds a value.
fn context(kind: Kind, instruction: u64, pointer: u64, frame: u64) -> Section {
    let mut bytes = vec![0; 4_096];
    let written = match kind.cpu {
        "x86" => {
            let mut own = md::CONTEXT_X86 {
                context_flags: 0x1007f,
                eip: instruction as u32,
                esp: pointer as u32,
                ebp: frame as u32,
                eax: text_word(0) as u32,
                ebx: text_word(1) as u32,
                ecx: text_word(2) as u32,
                edx: text_word(3) as u32,
                esi: text_word(4) as u32,
                edi: text_word(5) as u32,
                ..md::CONTEXT_X86::default()
            };
            own.extended_registers[..23].copy_from_slice(VALUES[0].as_bytes());
            bytes.pwrite_with(own, 0, LE)
        }
        "amd64" => {
            let mut own = md::CONTEXT_AMD64 {
                context_flags: 0x10_000f,
                rip: instruction,
                rsp: pointer,
                rbp: frame,
                rax: text_word(0),
                rbx: text_word(1),
                rcx: text_word(2),
                r8: text_word(3),
                r12: text_word(4),
                r15: text_word(5),
                p1_home: text_word(5),
                dr0: text_word(4),
                ..md::CONTEXT_AMD64::default()
            };
            own.float_save[160..183].copy_from_slice(VALUES[0].as_bytes());
            bytes.pwrite_with(own, 0, LE)
        }
        _ => {
            let mut own = md::CONTEXT_ARM64 {
                context_flags: 0x40_000f,
                pc: instruction,
                sp: pointer,
                ..md::CONTEXT_ARM64::default()
            };
            for (index, register) in own.iregs.iter_mut().enumerate() {
                *register = text_word(index);
            }
            own.iregs[29] = frame;
            own.iregs[30] = kind.signed(kind.app() + 0x2020);
            own.float_regs[3] = u128::from(text_word(0)) << 64 | u128::from(text_word(1));
            bytes.pwrite_with(own, 0, LE)
        }
    };
    bytes.truncate(written.unwrap());
    Section::with_endian(Endian::Little).append_bytes(&bytes)
}

/// The record that holds the debug id.
fn code_view(kind: Kind) -> Section {
    let id = kind.debug_id();
    let byte = |at: usize| u8::from_str_radix(id.get(2 * at..2 * at + 2).unwrap(), 16).unwrap();
    // The first three fields of a GUID are numbers.
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let guid: Vec<u8> = order.into_iter().map(byte).collect();
    let section = Section::with_endian(Endian::Little);
    if kind.os == "linux" {
        let more = [0x77, 0x66, 0x55, 0x44];
        return section
            .append_bytes(b"LEpB")
            .append_bytes(&guid)
            .append_bytes(&more);
    }
    let path: &[u8] = match kind.os {
        "windows" => b"C:\\Users\\tulipuser\\shop\\shop.pdb\0",
        _ => b"/Users/tulipuser/shop/shop\0",
    };
    section
        .append_bytes(b"RSDS")
        .append_bytes(&guid)
        .D32(1)
        .append_bytes(path)
}

fn exception(kind: Kind) -> Exception {
    let mut raised = Exception::new(Endian::Little);
    raised.thread_id = 0x1001;
    let record = &mut raised.exception_record;
    record.exception_record = text_word(2);
    record.exception_information = [text_word(3); 15];
    record.number_parameters = 4;
    match kind.os {
        "windows" => {
            record.exception_code = 0xc000_0005;
            record.exception_address = kind.app() + 0x1010;
            record.exception_information[0] = 1;
            record.exception_information[1] = kind.heap() + 0x18;
        }
        "linux" => {
            record.exception_code = 11;
            record.exception_flags = 1;
            record.exception_address = kind.heap() + 0x18;
        }
        _ => {
            record.exception_code = 1;
            record.exception_flags = 1;
            record.exception_address = kind.heap() + 0x18;
        }
    }
    raised
}

/// Streams that hold text, each with a value.
fn streams_of_text(kind: Kind, dump: SynthMinidump) -> SynthMinidump {
    let numbers: [u32; 14] = [
        10,          // comment, ASCII
        11,          // comment, UTF-16
        15,          // misc info is a stream of its own below
        0x4767_0002, // assertion
        0x4767_0003, // cpuinfo
        0x4767_0004, // status
        0x4767_0006, // command line
        0x4767_0008, // auxv
        0x4767_000a, // dso debug
        0x4d7a_0001, // boot arguments
        0x4d7a_0002, // soft errors
        0x4350_0002, // annotations of another kind
        0xffff_0001, // nobody's
        21,          // system memory
    ];
    let numbers = numbers.into_iter().filter(|number| *number != 15);
    let mut dump = dump;
    for (stream_type, value) in numbers.zip(VALUES.iter().cycle()) {
        let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let section = Section::with_endian(Endian::Little)
            .append_bytes(&wide)
            .append_bytes(value.as_bytes())
            .append_repeated(0, 3);
        dump = dump.add_stream(SimpleStream {
            stream_type,
            section,
        });
    }
    let environment =
        "USER=tulipuser\0HOSTNAME=tulip-host-7.example.net\0TOKEN=--token=tulip-0f9e8d7c6b5a\0";
    let maps = format!(
        "{:x}-{:x} rw-p 00000000 00:00 0 /home/tulipuser/x\n",
        kind.heap(),
        kind.heap() + 0x1000
    );
    if kind.os == "linux" {
        dump = dump
            .set_linux_environ(environment.as_bytes())
            .set_linux_maps(maps.as_bytes())
            .set_linux_lsb_release(b"DISTRIB_ID=tulipuser\n");
    }
    let annotations = ModuleCrashpadInfo::new(0, Endian::Little)
        .add_list_annotation(VALUES[0])
        .add_simple_annotation("user", VALUES[1])
        .add_annotation_object("host", AnnotationValue::String(VALUES[2].to_owned()));
    let crashpad = CrashpadInfo::new(Endian::Little)
        .add_simple_annotation("mail", VALUES[0])
        .add_module(annotations);
    dump.add_crashpad_info(crashpad)
}

/// Bytes of a text in both encodings.
fn both(text: &str) -> Section {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let section = Section::with_endian(Endian::Little);
    section
        .append_bytes(text.as_bytes())
        .append_repeated(0, 1)
        .append_bytes(&wide)
}

fn system(kind: Kind) -> SystemInfo {
    let architecture = match kind.cpu {
        "x86" => 0,
        "amd64" => 9,
        _ => 12,
    };
    let platform = match kind.os {
        "windows" => 2,
        "linux" => 0x8201,
        _ => 0x8101,
    };
    SystemInfo::new(Endian::Little)
        .set_processor_architecture(architecture)
        .set_platform_id(platform)
}

/// A dump of that kind.
pub(crate) fn dump(kind: Kind) -> Vec<u8> {
    let endian = Endian::Little;
    let path = match kind.os {
        "windows" => "C:\\Users\\tulipuser\\shop\\shop.exe",
        "linux" => "/home/tulipuser/shop/shop",
        _ => "/Users/tulipuser/shop/shop",
    };
    let name = DumpString::new(path, endian);
    let library = DumpString::new("/home/tulipuser/lib/libtulipuser-extra.so.1", endian);
    let record = code_view(kind);
    let (pointer, frame, words) = crashed_stack(kind);
    let stack = Memory::with_section(Section::new().append_bytes(&words.bytes), words.base);
    let registers = context(kind, kind.app() + 0x1010, pointer, frame);
    let (waiting_pointer, waiting) = waiting_stack(kind);
    let waiting_stack =
        Memory::with_section(Section::new().append_bytes(&waiting.bytes), waiting.base);
    let waiting_registers = context(kind, kind.library() + 0x7070, waiting_pointer, 0);
    let heap: Section = VALUES
        .iter()
        .fold(Section::new(), |all, value| all.append_section(both(value)));
    let heap = Memory::with_section(heap, kind.heap());
    let thread_name = DumpString::new(VALUES[4], endian);
    let gone_name = DumpString::new("C:\\Users\\tulipuser\\gone.dll", endian);
    let handle_name = DumpString::new("\\Device\\tulip-host-7.example.net", endian);
    let handle_type = DumpString::new("File", endian);
    let module = Module::new(endian, kind.app(), 0x1_0000, &name, 1, 2, None).cv_record(&record);
    let other = Module::new(endian, kind.library(), 0x1_0000, &library, 1, 2, None);
    let dump = SynthMinidump::with_endian(endian)
        .add_system_info(system(kind))
        .add_exception(exception(kind))
        .add_thread(Thread::new(endian, 0x1001, &stack, &registers))
        .add_thread(Thread::new(
            endian,
            0x1002,
            &waiting_stack,
            &waiting_registers,
        ))
        .add_thread_name(ThreadName::new(endian, 0x1001, Some(&thread_name)))
        .add_module(module)
        .add_module(other)
        .add_unloaded_module(UnloadedModule::new(
            endian, 0x1_0000, 0x1000, &gone_name, 1, 2,
        ))
        .add_handle_descriptor(HandleDescriptor::new(
            endian,
            4,
            Some(&handle_type),
            Some(&handle_name),
            0,
            0,
            1,
            1,
        ))
        .add_stream(MiscStream::new(endian))
        .add_memory(stack)
        .add_memory(waiting_stack)
        .add_memory(heap)
        .add(registers)
        .add(waiting_registers)
        .add(name)
        .add(library)
        .add(record)
        .add(thread_name)
        .add(gone_name)
        .add(handle_name)
        .add(handle_type);
    streams_of_text(kind, dump).finish().unwrap()
}
