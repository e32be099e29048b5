//! Names of native functions, without parameters, template arguments and what compilers add.

use crate::language::anchor::{NAME_BYTES_MAX, number};
use crate::model::Frame;
use crate::path;

/// A call as a report has it.
#[derive(Clone, Copy, Default)]
pub(super) struct Call<'a> {
    /// Function with whatever the tool prints with it.
    pub name: &'a str,
    /// Source file.
    pub file: Option<&'a str>,
    /// Line in it.
    pub line: Option<u32>,
    /// Executable or library.
    pub image: Option<&'a str>,
}

/// Namespaces of the runtime and of common libraries.
const NAMESPACES: [&str; 20] = [
    "std",
    "__gnu_cxx",
    "__cxxabiv1",
    "boost",
    "testing",
    "google",
    "absl",
    "__sanitizer",
    "__asan",
    "__tsan",
    "__msan",
    "__lsan",
    "__ubsan",
    "__hwasan",
    "__interception",
    "fmt",
    "folly",
    "Qt",
    "backward",
    "abi",
];

/// Functions of the C library and of the runtimes.
const FUNCTIONS: [&str; 76] = [
    "_Exit",
    "_IO_vfprintf",
    "_Unwind_RaiseException",
    "_Unwind_Resume",
    "_dl_start",
    "_start",
    "abort",
    "accept",
    "access",
    "asan_thread_start",
    "atexit",
    "atoi",
    "bcmp",
    "calloc",
    "clone",
    "clone3",
    "exit",
    "fclose",
    "fgets",
    "fopen",
    "fprintf",
    "fputs",
    "fread",
    "free",
    "fwrite",
    "gsignal",
    "invoke_main",
    "kill",
    "longjmp",
    "mainCRTStartup",
    "malloc",
    "malloc_printerr",
    "memchr",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "munmap_chunk",
    "nanosleep",
    "operator delete",
    "operator delete[]",
    "operator new",
    "operator new[]",
    "poll",
    "posix_memalign",
    "printf",
    "pthread_create",
    "pthread_join",
    "pthread_kill",
    "pthread_mutex_lock",
    "puts",
    "qsort",
    "raise",
    "read",
    "realloc",
    "recv",
    "select",
    "send",
    "sleep",
    "snprintf",
    "sprintf",
    "start",
    "start_thread",
    "strcat",
    "strcmp",
    "strcpy",
    "strdup",
    "strlen",
    "strncmp",
    "strncpy",
    "strtol",
    "tgkill",
    "thread_start",
    "vfprintf",
    "wWinMainCRTStartup",
    "write",
];

/// Where the sources of toolchains and libraries lie.
const SOURCES: [&str; 22] = [
    "/usr/include/",
    "/usr/local/include/",
    "/usr/src/",
    "/usr/lib/gcc/",
    "/sysdeps/",
    "sysdeps/",
    "/build/glibc",
    "/glibc-",
    "csu/",
    "nptl/",
    "./stdlib/",
    "./malloc/",
    "./string/",
    "./signal/",
    "./debug/",
    "libsanitizer/",
    "compiler-rt/",
    "libstdc++-v3/",
    "/bits/",
    "\\vctools\\",
    "\\minkernel\\",
    "/lib/llvm",
];

/// Images of systems, by their names.
const IMAGES: [&str; 31] = [
    "libswift",
    "libobjc",
    "libdispatch",
    "CoreFoundation",
    "Foundation",
    "UIKit",
    "AppKit",
    "libc.so",
    "libc-2.",
    "libpthread",
    "libstdc++",
    "libgcc_s",
    "libm.so",
    "ld-linux",
    "ld-2.",
    "libasan",
    "libtsan",
    "libubsan",
    "libsystem_",
    "libdyld",
    "dyld",
    "libc++",
    "ntdll",
    "kernel32",
    "KERNEL32",
    "KERNELBASE",
    "ucrtbase",
    "msvcp",
    "MSVCP",
    "vcruntime",
    "VCRUNTIME",
];

/// Directories of systems' images.
const IMAGE_ROOTS: [&str; 10] = [
    "/lib/",
    "/lib64/",
    "/usr/lib/",
    "/usr/lib64/",
    "/system/",
    "/apex/",
    "/vendor/",
    "/usr/local/lib/",
    "/nix/store/",
    "/opt/homebrew/",
];

/// Files of C++.
const CPP: [&str; 12] = [
    ".cc", ".cpp", ".cxx", ".c++", ".C", ".hh", ".hpp", ".hxx", ".h++", ".tcc", ".ipp", ".mm",
];

/// Whether a call tells that it is one of C++.
pub(super) fn is_cpp(call: &Call<'_>) -> bool {
    let name = call.name;
    let told = name.contains("::") || name.starts_with("_Z");
    let file = call
        .file
        .is_some_and(|file| !of_toolchain(file) && CPP.iter().any(|end| file.ends_with(end)));
    let image = call
        .image
        .is_some_and(|image| image.contains("libstdc++") || image.contains("libc++"));
    told || file || image || name.starts_with("operator ") || name.starts_with("__cxa_")
}

/// The frame of a call.
pub(super) fn frame(call: &Call<'_>) -> Frame {
    let (module, function) = split(call.name);
    let located = call.file.map(path::locate).unwrap_or_default();
    let source = call.file.is_some_and(of_toolchain);
    let root = module.split("::").next().unwrap_or_default();
    let runtime = NAMESPACES.contains(&root)
        || (module.is_empty() && of_runtime(&function))
        || root.starts_with("__");
    let unknown = function.is_empty() && call.file.is_none();
    let image = call
        .image
        .map(|image| image.rsplit(['/', '\\']).next().unwrap_or(image));
    Frame {
        in_app: !(runtime || source || located.library || call.image.is_some_and(of_system))
            && (!unknown || call.image.is_some()),
        module: if unknown {
            image.unwrap_or_default().to_owned()
        } else {
            module
        },
        function,
        file: located.file,
        line: call.line.filter(|line| *line > 0),
    }
}

/// Whether a source is a toolchain's or an installed library's.
fn of_toolchain(file: &str) -> bool {
    SOURCES.iter().any(|root| file.contains(root)) || file.starts_with("../../../")
}

/// Whether an image is the system's.
pub(super) fn of_system(image: &str) -> bool {
    let name = image.rsplit(['/', '\\']).next().unwrap_or(image);
    IMAGES.iter().any(|known| name.starts_with(known))
        || IMAGE_ROOTS.iter().any(|root| image.starts_with(root))
        || image.to_ascii_lowercase().contains("\\windows\\system32")
        || matches!(name, "linux-vdso.so.1" | "[vdso]" | "vdso")
}

/// Whether a function is the C library's or a runtime's.
fn of_runtime(function: &str) -> bool {
    let marked = [
        "__",
        "_dl_",
        "_IO_",
        "_nl_",
        "_int_",
        "_Unwind_",
        "_L_",
        "___interceptor",
        "wrap_",
    ];
    FUNCTIONS.binary_search(&function).is_ok()
        || (marked.iter().any(|mark| function.starts_with(mark)) && function != "__main")
        || function == "<signal handler called>"
}

/// Module and function of a symbol.
pub(super) fn split(symbol: &str) -> (String, String) {
    let symbol = symbol.trim();
    if symbol.is_empty()
        || symbol.len() > NAME_BYTES_MAX * 4
        || matches!(symbol, "??" | "(unknown)" | "???" | "<null>" | "<unknown>")
        || symbol.starts_with("0x")
    {
        return (String::new(), String::new());
    }
    if symbol.starts_with('<') {
        return (String::new(), symbol.to_owned());
    }
    let demangled = demangle(symbol);
    let plain = without_arguments(demangled.as_deref().unwrap_or(symbol));
    let mut parts: Vec<String> = segments(&plain);
    if parts.len() > 1
        && parts.last().is_some_and(|last| last == "operator()")
        && parts
            .iter()
            .rev()
            .nth(1)
            .is_some_and(|part| part == "<lambda>")
    {
        parts.pop();
    }
    let mut function = parts.pop().unwrap_or_default();
    // A lambda stays with the function that it is in.
    for _ in 0..4 {
        if !function.starts_with("<lambda>") {
            break;
        }
        let Some(outer) = parts.pop() else { break };
        function = if outer == "<lambda>" {
            function
        } else {
            format!("{outer}::{function}")
        };
    }
    (parts.join("::"), function)
}

/// The name without parameters, template arguments, result type and compilers' suffixes; lambdas
/// as `<lambda>`.
fn without_arguments(symbol: &str) -> String {
    let text = symbol
        .replace("(anonymous namespace)", "{anonymous}")
        .replace("`anonymous namespace'", "{anonymous}")
        .replace("`anonymous-namespace'", "{anonymous}")
        .replace("'lambda'", "{lambda}")
        .replace("operator()", "operator\u{1}")
        .replace("[abi:cxx11]", "");
    let mut out = String::with_capacity(text.len());
    let (mut angle, mut round) = (0_usize, 0_usize);
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let operator = rest
            .strip_prefix("operator")
            .filter(|_| angle == 0 && round == 0);
        if let Some(tail) = operator
            && let Some(sign) = sign(tail)
        {
            out.push_str("operator");
            out.push_str(sign);
            rest = tail.get(sign.len()..).unwrap_or_default();
            continue;
        }
        match c {
            '{' if angle == 0 && round == 0 => {
                let end = closing(rest);
                out.push_str(braced(rest.get(..end).unwrap_or(rest)));
                rest = rest.get(end..).unwrap_or_default();
                continue;
            }
            '<' if round == 0 => angle += 1,
            '>' if round == 0 => angle = angle.saturating_sub(1),
            '(' if angle == 0 => round += 1,
            ')' if angle == 0 => round = round.saturating_sub(1),
            _ if angle == 0 && round == 0 => out.push(c),
            _ => {}
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    let out = out.replace('\u{1}', "()").replace(" const::", "::");
    let name = out
        .split(['@', '+'])
        .next()
        .filter(|n| !n.contains("operator"))
        .unwrap_or(&out);
    let name = name.trim().trim_end_matches(" const").trim_end();
    without_result(name).to_owned()
}

/// What stands in braces: `{lambda(int)#1}`, `{anonymous}`.
fn braced(text: &str) -> &str {
    if text.starts_with("{lambda") {
        "<lambda>"
    } else {
        "{anonymous}"
    }
}

/// Length of a text in braces at the start.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The sign of an operator that has brackets in it, or the word after `operator`.
fn sign(tail: &str) -> Option<&str> {
    [
        "<=>", "<<=", ">>=", "->*", "<<", ">>", "<=", ">=", "->", "<", ">",
    ]
    .into_iter()
    .find(|sign| tail.starts_with(sign))
    .or_else(|| {
        let word = tail.strip_prefix(' ')?;
        let end = ["new[]", "delete[]", "new", "delete"]
            .into_iter()
            .find(|w| word.starts_with(w))?;
        tail.get(..=end.len())
    })
}

/// The name without the result type that templates print: `int shop::total` is `shop::total`.
fn without_result(name: &str) -> &str {
    match name.rfind(' ') {
        Some(at)
            if !name
                .get(..at)
                .is_some_and(|head| head.ends_with("operator")) =>
        {
            name.get(at + 1..)
                .unwrap_or(name)
                .trim_start_matches(['*', '&'])
        }
        _ => name,
    }
}

/// Parts of a name at its `::`, without what is anonymous and without compilers' suffixes.
fn segments(name: &str) -> Vec<String> {
    let plain = |part: &str| -> String {
        if part.starts_with("$_") || part.starts_with("<lambda") {
            return "<lambda>".to_owned();
        }
        let cut = [
            ".part.",
            ".isra.",
            ".constprop.",
            ".cold",
            ".llvm.",
            ".lto_priv.",
        ]
        .into_iter()
        .filter_map(|mark| part.find(mark))
        .min();
        cut.and_then(|at| part.get(..at)).unwrap_or(part).to_owned()
    };
    let operator = name.find("operator");
    let (head, tail) = name
        .split_at_checked(operator.unwrap_or(name.len()))
        .unwrap_or((name, ""));
    let mut parts: Vec<String> = head
        .split("::")
        .filter(|part| !part.is_empty() && *part != "{anonymous}")
        .map(plain)
        .collect();
    if tail.is_empty() {
    } else if head.is_empty() || head.ends_with("::") {
        parts.push(tail.to_owned());
    } else if let Some(last) = parts.last_mut() {
        // `my_operator_x` is one name.
        last.push_str(tail);
    }
    parts
}

/// A mangled name of plain identifiers; what has templates or substitutions stays mangled.
fn demangle(symbol: &str) -> Option<String> {
    let rest = symbol
        .strip_prefix("_Z")
        .or_else(|| symbol.strip_prefix("__Z"))?;
    // What is local to a function: `_ZZ` and the function's own name, then that of the local.
    if let Some(outer) = rest.strip_prefix('Z') {
        let function = demangle(&format!("_Z{outer}"))?;
        let lambda = outer.contains("EUl") || outer.contains("NKUl") || outer.contains("NUl");
        return Some(if lambda {
            format!("{function}::{{lambda}}")
        } else {
            function
        });
    }
    let (nested, mut rest) = match rest.strip_prefix('N') {
        Some(rest) => (true, rest.trim_start_matches(['K', 'V', 'r', 'R', 'O'])),
        None => (false, rest.strip_prefix('L').unwrap_or(rest)),
    };
    let mut parts: Vec<&str> = Vec::new();
    if let Some(after) = rest.strip_prefix("St") {
        parts.push("std");
        rest = after;
    }
    for _ in 0..32 {
        let Some((length, after)) = number(rest) else {
            break;
        };
        let (name, after) = after.split_at_checked(length as usize)?;
        if !name.starts_with("_GLOBAL__N_") {
            parts.push(name);
        }
        rest = after;
        if rest.starts_with('B') {
            // An ABI tag belongs to the name before it.
            let (length, after) = number(rest.get(1..)?)?;
            rest = after.get(length as usize..)?;
        }
        if !nested {
            break;
        }
    }
    if nested && (rest.starts_with("C1") || rest.starts_with("C2")) {
        parts.push(parts.last()?);
    } else if nested && (rest.starts_with("D0") || rest.starts_with("D1") || rest.starts_with("D2"))
    {
        return Some(format!("{}::~{}", parts.join("::"), parts.last()?));
    } else if nested && !rest.starts_with('E') {
        return None;
    }
    (!parts.is_empty()).then(|| parts.join("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(symbol: &str, module: &str, function: &str) {
        let (found_module, found) = split(symbol);
        assert_eq!(
            (found_module.as_str(), found.as_str()),
            (module, function),
            "{symbol}"
        );
    }

    #[test]
    fn names_are_told_without_their_arguments() {
        check("main", "", "main");
        check("shop::Cart::total(int) const", "shop::Cart", "total");
        check(
            "int shop::sum<int, std::vector<int> >(std::vector<int> const&)",
            "shop",
            "sum",
        );
        check("(anonymous namespace)::load(char const*)", "", "load");
        check(
            "shop::Cart::total()::{lambda(int)#1}::operator()(int) const",
            "shop::Cart",
            "total::<lambda>",
        );
        check("main::$_0::operator()() const", "", "main::<lambda>");
        check(
            "std::vector<int, std::allocator<int> >::at(unsigned long)",
            "std::vector",
            "at",
        );
        check(
            "shop::operator<<(std::ostream&, shop::Cart const&)",
            "shop",
            "operator<<",
        );
        check("operator new(unsigned long)", "", "operator new");
        check("shop::Cart::operator()(int)", "shop::Cart", "operator()");
        check("total.part.0", "", "total");
        check("shop::Cart::~Cart()", "shop::Cart", "~Cart");
        check("raise@@GLIBC_2.2.5", "", "raise");
        check("??", "", "");
    }

    #[test]
    fn plain_mangled_names_are_read() {
        check("_ZN4shop4Cart5totalEi", "shop::Cart", "total");
        check("_Z5totali", "", "total");
        check("_ZNK4shop4Cart5totalEv", "shop::Cart", "total");
        check("_ZN4shop4CartC2Ei", "shop::Cart", "Cart");
        check(
            "_ZZNK4shop4Cart3sumEPNS_4ItemEENKUlS2_E_clES2_",
            "shop::Cart",
            "sum::<lambda>",
        );
        check("_ZN12_GLOBAL__N_14loadEv", "", "load");
        check("_ZNSt6vectorIiSaIiEE2atEm", "", "_ZNSt6vectorIiSaIiEE2atEm");
    }

    #[test]
    fn table_is_sorted() {
        assert!(FUNCTIONS.is_sorted());
    }
}
