//! Stacks that a program or a system prints of itself: `backtrace()`, Boost and C++23, glog,
//! Android's tombstones, the kernel's oopses.

use super::Report;
use super::symbol::{self, Call};
use crate::language::anchor::{self, Anchor, digits, hex};
use crate::model::Frame;

/// Reads one frame of a form.
type Read = fn(&str) -> Option<Call<'_>>;

/// Reads a stack in any of the forms.
pub(super) fn parse(lines: &[String]) -> Option<Report> {
    let forms: [(Read, usize); 7] = [
        (backward, 2),
        (tombstone, 1),
        (core_dump, 1),
        (numbered, 2),
        (symbols, 2),
        (glog, 2),
        (images, 2),
    ];
    forms
        .into_iter()
        .find_map(|(read, least)| {
            let mut report = stack(lines, read)?;
            counter(lines, &mut report);
            handler(&mut report.frames);
            (report.frames.len() >= least).then_some(report)
        })
        .or_else(|| kernel(lines))
}

/// The first stack of a form.
fn stack(lines: &[String], read: Read) -> Option<Report> {
    let anchor = anchor::anchor(lines, |line| {
        // Where glog says the program was: its stack comes below.
        if line.contains("PC: @") {
            return None;
        }
        let indent = line.len() - line.trim_start().len();
        let starts = line
            .match_indices([' ', '\t'])
            .map(|(at, _)| at + 1)
            .take(24);
        std::iter::once(indent)
            .chain(starts)
            .find(|at| line.get(*at..).is_some_and(|text| read(text).is_some()))
    })?;
    let mut report = Report::default();
    for line in anchor.below() {
        let text = line.trim();
        if let Some(call) = read(text) {
            report.cpp |= symbol::is_cpp(&call);
            report.frames.push(symbol::frame(&call));
        } else if !(text.is_empty() || text.starts_with("NOTE:") || excerpt(text)) {
            break;
        }
    }
    // backward-cpp says so where it prints the outermost call first.
    let last = anchor
        .above()
        .next()
        .is_some_and(|(_, line)| line.contains("(most recent call last)"));
    if last {
        report.frames.reverse();
    }
    Some(report)
}

/// Whether a line shows code with its number: `      >  44:     pit.haul(c);`.
fn excerpt(text: &str) -> bool {
    let rest = text.strip_prefix('>').unwrap_or(text).trim_start();
    anchor::number(rest).is_some_and(|(_, rest)| rest.starts_with(':'))
}

/// `#2    Source "/src/pit.cpp", line 91, in haul [0x55d0]`, and of code without debug
/// information `#5    Object "/usr/bin/pit", at 0x55d0, in _start`; `|` is for what was inlined.
fn backward(text: &str) -> Option<Call<'_>> {
    let rest = match text.trim().strip_prefix('#') {
        Some(rest) => anchor::number(rest)?.1.trim_start(),
        None => text.trim(),
    };
    let rest = rest.strip_prefix('|').unwrap_or(rest).trim_start();
    if let Some(rest) = rest.strip_prefix("Source \"") {
        let (file, rest) = rest.split_once("\", line ")?;
        let (line, rest) = anchor::number(rest)?;
        let name = rest.strip_prefix(", in ")?;
        let name = name.rsplit_once(" [0x").map_or(name, |(name, _)| name);
        return Some(Call {
            name,
            file: Some(file),
            line: Some(line),
            image: None,
        });
    }
    let (image, rest) = rest.strip_prefix("Object \"")?.split_once("\", at 0x")?;
    let name = rest.split_once(", in ").map_or("", |(_, name)| name);
    Some(Call {
        name: name.rsplit_once(" [0x").map_or(name, |(name, _)| name),
        image: Some(image),
        ..Call::default()
    })
}

/// Where glog and abseil say that the program was: glog's stack has that frame as well, abseil's
/// has what called it.
fn counter(lines: &[String], report: &mut Report) {
    let said = lines.iter().find_map(|line| line.split_once("PC: @"));
    let Some(call) = said.and_then(|(_, rest)| address(rest)) else {
        return;
    };
    let frame = symbol::frame(&call);
    let known = report.frames.contains(&frame);
    if !known && !frame.function.is_empty() {
        // What is above the caller brought the signal here.
        let named = report.frames.iter().position(|f| !f.function.is_empty());
        report.frames.drain(..named.unwrap_or(0));
        report.cpp |= symbol::is_cpp(&call);
        report.frames.insert(0, frame);
    }
}

/// Takes off the program's own handler: it stands above what the kernel called it from.
fn handler(frames: &mut Vec<Frame>) {
    let words = [
        "handler",
        "backtrace",
        "stacktrace",
        "stack_trace",
        "print_trace",
        "dump_stack",
        "signal",
    ];
    let own = |frame: &Frame| {
        let name = frame.function.to_lowercase();
        words.iter().any(|word| name.contains(word))
    };
    // The return from a signal is the C library's and has no name of its own; what was
    // interrupted is below it.
    let back = frames
        .iter()
        .take(6)
        .position(|frame| !frame.in_app && frame.function.is_empty() || restores(frame));
    let named = frames.iter().take(4).rposition(own).map(|top| top + 1);
    let Some(end) = back.map(|back| back + 1).max(named) else {
        return;
    };
    let interrupted = |frame: &Frame| frame.in_app && !frame.function.is_empty();
    if frames
        .get(end..)
        .is_some_and(|below| below.iter().any(interrupted))
    {
        frames.drain(..end);
    }
}

/// Whether a frame is the C library's return from a signal.
fn restores(frame: &Frame) -> bool {
    matches!(
        frame.function.as_str(),
        "__restore_rt" | "__kernel_rt_sigreturn" | "_sigtramp"
    )
}

/// `./app(total+0x12)[0x55d4]`, `/lib/libc.so.6(+0x2a1ca) [0x7f12]`.
fn symbols(text: &str) -> Option<Call<'_>> {
    let (head, address) = text.trim().strip_suffix(']')?.rsplit_once('[')?;
    if !address.starts_with("0x") || !hex(address) {
        return None;
    }
    let head = head.trim_end();
    let open = head.rfind('(')?;
    let image = head.get(..open)?;
    let inner = head.get(open + 1..)?.strip_suffix(')')?;
    let name = inner.split("+0x").next().unwrap_or(inner);
    let fits =
        !image.is_empty() && !image.contains(' ') && (inner.is_empty() || inner.contains("+0x"));
    fits.then_some(Call {
        name,
        image: Some(image),
        ..Call::default()
    })
}

/// ` 0# shop::total(int) at /src/cart.cpp:12`, ` 1# _start in ./app`.
fn numbered(text: &str) -> Option<Call<'_>> {
    let (_, rest) = anchor::number(text.trim())?;
    let rest = rest.strip_prefix('#')?.trim_start();
    // C++23 ends the line with the address.
    let rest = rest
        .strip_suffix(']')
        .and_then(|r| r.rsplit_once(" [0x"))
        .map_or(rest, |(r, _)| r);
    if let Some((name, place)) = rest.rsplit_once(" at ")
        && let Some((file, line)) = anchor::place(place)
    {
        return Some(Call {
            name,
            file: Some(file),
            line: Some(line),
            image: None,
        });
    }
    if let Some((name, image)) = rest.rsplit_once(" in ") {
        return Some(Call {
            name,
            image: Some(image),
            ..Call::default()
        });
    }
    let named =
        rest.ends_with(')') || rest.starts_with('_') || rest == "main" || rest.starts_with("0x");
    (named && !rest.contains(".dart")).then_some(Call {
        name: rest,
        ..Call::default()
    })
}

/// `    @     0x55d4 shop::total()`, `    @ 0x7f12 (unknown)`, abseil's with a size between.
fn glog(text: &str) -> Option<Call<'_>> {
    address(text.trim().strip_prefix('@')?)
}

/// `     0x55d4 shop::total()`, with or without a size between.
fn address(text: &str) -> Option<Call<'_>> {
    let (address, rest) = text.trim_start().split_once(' ')?;
    if !address.starts_with("0x") || !hex(address) {
        return None;
    }
    let rest = rest.trim_start();
    let name = match rest.split_once(' ') {
        Some((size, name)) if digits(size) || size == "(unknown)" => name.trim_start(),
        _ => rest,
    };
    Some(Call {
        name,
        ..Call::default()
    })
}

/// `0   shop   0x000000010b0a5f2e _ZN4shop4Cart5totalEv + 46`: `backtrace_symbols` of macOS.
fn images(text: &str) -> Option<Call<'_>> {
    let (_, rest) = anchor::number(text.trim())?;
    let (image, rest) = rest.trim_start().split_once(' ')?;
    let (address, rest) = rest.trim_start().split_once(' ')?;
    let (name, offset) = rest.trim_start().rsplit_once(" + ")?;
    // Kotlin's own symbols are Kotlin's.
    let native = !name.starts_with("kfun:") && digits(offset.trim());
    (native && address.starts_with("0x") && hex(address)).then_some(Call {
        name: if name.starts_with("0x") { "" } else { name },
        image: Some(image),
        ..Call::default()
    })
}

/// `#0  0x000055d0c1a41c2e valve_close (flowd + 0x4c2e)`, as systemd prints a core dump.
fn core_dump(text: &str) -> Option<Call<'_>> {
    let (_, rest) = anchor::number(text.trim().strip_prefix('#')?)?;
    let (address, rest) = rest.trim_start().split_once(' ')?;
    let (name, image) = rest.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
    let image = match image.rsplit_once(" + 0x") {
        Some((image, offset)) if hex(offset) => image,
        _ => return None,
    };
    (address.starts_with("0x") && hex(address)).then_some(Call {
        name: if name == "n/a" { "" } else { name.trim() },
        image: Some(image),
        ..Call::default()
    })
}

/// `#00 pc 0000000000012345  /data/app/…/libshop.so (shop::total(int)+12) (BuildId: 1f)`.
fn tombstone(text: &str) -> Option<Call<'_>> {
    let (_, rest) = anchor::number(text.trim().strip_prefix('#')?)?;
    let rest = rest.trim_start().strip_prefix("pc ")?;
    let (address, rest) = rest.split_once(' ')?;
    let rest = rest.split(" (BuildId: ").next()?.trim();
    let (image, rest) = rest.split_once(" (").unwrap_or((rest, ""));
    let (rest, place) = match rest.rsplit_once(") (").or_else(|| rest.rsplit_once(") ")) {
        Some((rest, place)) => (rest, anchor::place(place.trim_end_matches(')'))),
        None => (rest.trim_end_matches(')'), None),
    };
    let name = match rest.rsplit_once('+') {
        Some((name, offset)) if digits(offset) => name,
        _ => rest,
    };
    hex(address).then_some(Call {
        name: if name.starts_with("offset ") {
            ""
        } else {
            name
        },
        file: place.map(|(file, _)| file),
        line: place.map(|(_, line)| line),
        image: Some(image),
    })
}

/// What the kernel itself does on the way to and from a failure.
const KERNEL: [&str; 22] = [
    "asm_",
    "exc_",
    "do_syscall_",
    "entry_SYSCALL",
    "__x64_sys_",
    "__do_sys_",
    "__se_sys_",
    "ksys_",
    "vfs_",
    "kthread",
    "ret_from_fork",
    "dump_stack",
    "show_stack",
    "page_fault_oops",
    "__die",
    "do_user_addr_fault",
    "panic",
    "worker_thread",
    "process_one_work",
    "do_error_trap",
    "handle_bug",
    "do_one_initcall",
];

/// Reads an oops of the kernel: where it was, and `Call Trace:`.
fn kernel(lines: &[String]) -> Option<Report> {
    let anchor = anchor::anchor(lines, |line| line.find("Call Trace:"))?;
    let mut calls: Vec<(&str, bool)> = Vec::new();
    calls.extend(instruction(&anchor));
    for line in anchor.below().iter().skip(1) {
        let text = line.trim();
        // What may be left over on the stack has a question mark.
        if text.starts_with('<') || text.starts_with("? ") {
            continue;
        }
        let Some(call) = kernel_frame(text) else {
            break;
        };
        if calls.len() != 1 || calls.first() != Some(&call) {
            calls.push(call);
        }
    }
    let modular = calls.iter().any(|(_, module)| *module);
    let frame = |(name, module): &(&str, bool)| {
        let (_, function) = symbol::split(name);
        let core = KERNEL.iter().any(|prefix| name.starts_with(prefix));
        Frame {
            in_app: if modular { *module } else { !core },
            function,
            ..Frame::default()
        }
    };
    (!calls.is_empty()).then(|| Report {
        frames: calls.iter().map(frame).collect(),
        ..Report::default()
    })
}

/// `RIP: 0010:cart_total+0x12/0x40 [cart]`, `pc : cart_total+0x12/0x40`.
fn instruction<'a>(anchor: &Anchor<'a>) -> Option<(&'a str, bool)> {
    anchor.lines.iter().find_map(|line| {
        let rest = line
            .split_once("RIP: ")
            .or_else(|| line.split_once("pc : "))?
            .1;
        let rest = rest
            .split_once(':')
            .filter(|(segment, _)| digits(segment))
            .map_or(rest, |r| r.1);
        kernel_frame(rest.trim())
    })
}

/// `cart_total+0x12/0x40 [cart]`: the function, and whether it is a module's.
fn kernel_frame(text: &str) -> Option<(&str, bool)> {
    let text = text
        .split_once("] ")
        .filter(|(a, _)| a.starts_with("[<"))
        .map_or(text, |(_, r)| r);
    let (name, rest) = text.split_once("+0x")?;
    let (_, size) = rest.split_once("/0x")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    name.chars().all(plain).then(|| (name, size.contains('[')))
}
