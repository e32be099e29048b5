//! Stack traces in the notation of each runtime.
//!
//! `links` are oldest first: the last one escaped. Frames are oldest first too.

use super::stack::{Frame, Link, Relation};

/// Prints a chain in the notation of a platform, by Sentry's names of platforms.
pub(super) fn print(links: &[Link<'_>], platform: &str) -> String {
    match language(links, platform) {
        "python" => python(links),
        "javascript" | "node" => javascript(links),
        "java" | "jvm" => java(links),
        "csharp" => csharp(links),
        "php" => php(links),
        "ruby" => ruby(links),
        "go" => go(links),
        "rust" => rust(links),
        "elixir" => elixir(links),
        "dart" | "flutter" => dart(links),
        _ => native(links),
    }
}

/// The platform, or where it is none of these what the files' endings tell.
fn language<'p>(links: &[Link<'_>], platform: &'p str) -> &'p str {
    if !matches!(platform, "" | "other") {
        return platform;
    }
    let frames = links.iter().flat_map(|link| &link.frames);
    let endings = [
        (".py", "python"),
        (".js", "javascript"),
        (".ts", "javascript"),
        (".mjs", "javascript"),
        (".cjs", "javascript"),
        (".java", "java"),
        (".kt", "java"),
        (".scala", "java"),
        (".cs", "csharp"),
        (".php", "php"),
        (".rb", "ruby"),
        (".go", "go"),
        (".rs", "rust"),
        (".ex", "elixir"),
        (".exs", "elixir"),
        (".dart", "dart"),
    ];
    let told = frames.flat_map(|frame| endings.iter().filter(|(end, _)| frame.file.ends_with(end)));
    told.map(|(_, name)| *name).next().unwrap_or("native")
}

/// `Type: message`, or what there is of it.
fn header(link: &Link<'_>) -> String {
    match (link.kind.as_str(), link.message) {
        (kind, "") => kind.to_owned(),
        ("", message) => message.to_owned(),
        (kind, message) => format!("{kind}: {message}"),
    }
}

fn line(frame: &Frame<'_>) -> i64 {
    frame.line.unwrap_or_default()
}

fn file<'f>(frame: &Frame<'f>) -> &'f str {
    if frame.file.is_empty() {
        "<unknown>"
    } else {
        frame.file
    }
}

fn name<'f>(frame: &Frame<'f>) -> &'f str {
    match frame.function {
        "" | "?" => "<anonymous>",
        function => function,
    }
}

fn python(links: &[Link<'_>]) -> String {
    let mut out = String::new();
    let (members, chain): (Vec<&Link<'_>>, Vec<&Link<'_>>) = links
        .iter()
        .partition(|link| link.relation == Relation::Member);
    for (at, link) in chain.iter().enumerate() {
        if link.is_group && at + 1 == chain.len() {
            python_group(link, &members, &mut out);
            break;
        }
        python_block(link, "", &mut out);
        if at + 1 < chain.len() {
            out.push_str(match link.relation {
                Relation::Context => {
                    "\nDuring handling of the above exception, another exception occurred:\n\n"
                }
                _ => "\nThe above exception was the direct cause of the following exception:\n\n",
            });
        }
    }
    out
}

/// One traceback, each line behind a margin.
fn python_block(link: &Link<'_>, margin: &str, out: &mut String) {
    out.push_str(&format!("{margin}Traceback (most recent call last):\n"));
    python_frames(link, margin, out);
}

fn python_frames(link: &Link<'_>, margin: &str, out: &mut String) {
    for frame in &link.frames {
        let function = match frame.function {
            "" | "?" => "<module>",
            function => function,
        };
        let (file, line) = (file(frame), line(frame));
        out.push_str(&format!(
            "{margin}  File \"{file}\", line {line}, in {function}\n"
        ));
        let code = frame.code.trim();
        if !code.is_empty() {
            out.push_str(&format!("{margin}    {code}\n"));
        }
    }
    for said in header(link).lines() {
        out.push_str(&format!("{margin}{said}\n"));
    }
}

fn python_group(link: &Link<'_>, members: &[&Link<'_>], out: &mut String) {
    out.push_str("  + Exception Group Traceback (most recent call last):\n");
    python_frames(link, "  | ", out);
    for (at, member) in members.iter().rev().enumerate() {
        let begin = if at == 0 { "  +-+" } else { "    +" };
        out.push_str(&format!(
            "{begin}---------------- {} ----------------\n",
            at + 1
        ));
        python_block(member, "    | ", out);
    }
    out.push_str("    +------------------------------------\n");
}

/// V8's, as Node prints it: what an error hangs on stands below its stack.
fn javascript(links: &[Link<'_>]) -> String {
    let mut out = String::new();
    for (at, link) in links.iter().rev().enumerate() {
        let mark = match (at, link.relation) {
            (0, _) => "",
            (_, Relation::Member) => "  [errors]: [\n    ",
            _ => "  [cause]: ",
        };
        out.push_str(&format!("{mark}{}\n", header(link)));
        for frame in link.frames.iter().rev() {
            let column = frame.column.unwrap_or(1);
            let place = format!("{}:{}:{column}", file(frame), line(frame));
            out.push_str(&match frame.function {
                "" | "?" => format!("    at {place}\n"),
                function => format!("    at {function} ({place})\n"),
            });
        }
    }
    out
}

fn java(links: &[Link<'_>]) -> String {
    let mut out = String::new();
    for (at, link) in links.iter().rev().enumerate() {
        let mark = if at == 0 { "" } else { "Caused by: " };
        out.push_str(&format!("{mark}{}\n", header(link)));
        for frame in link.frames.iter().rev() {
            let class = if frame.module.is_empty() {
                String::new()
            } else {
                format!("{}.", frame.module)
            };
            let place = match (frame.file, frame.line) {
                ("", _) => "Unknown Source".to_owned(),
                (file, Some(line)) if line > 0 => format!("{file}:{line}"),
                (file, _) => file.to_owned(),
            };
            out.push_str(&format!("\tat {class}{}({place})\n", name(frame)));
        }
    }
    out
}

fn csharp(links: &[Link<'_>]) -> String {
    let mut out = String::new();
    for (at, link) in links.iter().rev().enumerate() {
        let mark = if at == 0 { "" } else { "\n ---> " };
        out.push_str(&format!("{mark}{}", header(link)));
    }
    out.push('\n');
    // Inner frames stand above those of what they were raised into.
    for (at, link) in links.iter().enumerate() {
        for frame in link.frames.iter().rev() {
            let owner = if frame.module.is_empty() || frame.function.contains(frame.module) {
                String::new()
            } else {
                format!("{}.", frame.module)
            };
            let call = if frame.function.contains('(') {
                ""
            } else {
                "()"
            };
            let place = match frame.file {
                "" => String::new(),
                file => format!(" in {file}:line {}", line(frame)),
            };
            out.push_str(&format!("   at {owner}{}{call}{place}\n", name(frame)));
        }
        if at + 1 < links.len() {
            out.push_str("   --- End of inner exception stack trace ---\n");
        }
    }
    out
}

/// Of a call PHP prints where it was made, Sentry where it was: they differ by one frame.
fn php(links: &[Link<'_>]) -> String {
    let mut out = String::from("PHP Fatal error:  Uncaught ");
    for (at, link) in links.iter().enumerate() {
        if at > 0 {
            out.push_str("\nNext ");
        }
        let mut frames = link.frames.iter().rev().peekable();
        let place = frames
            .peek()
            .map(|frame| format!(" in {}:{}", file(frame), line(frame)));
        let place = place.unwrap_or_default();
        out.push_str(&format!("{}{place}\nStack trace:\n", header(link)));
        let mut number = 0;
        while let Some(frame) = frames.next() {
            let Some(caller) = frames.peek() else { break };
            let (file, line) = (file(caller), line(caller));
            out.push_str(&format!("#{number} {file}({line}): {}()\n", name(frame)));
            number += 1;
        }
        out.push_str(&format!("#{number} {{main}}\n"));
    }
    out
}

fn ruby(links: &[Link<'_>]) -> String {
    let mut out = String::new();
    for link in links.iter().rev() {
        let (kind, message) = (link.kind.as_str(), link.message);
        for (at, frame) in link.frames.iter().rev().enumerate() {
            let place = format!("{}:{}:in '{}'", file(frame), line(frame), name(frame));
            out.push_str(&match at {
                0 => format!("{place}: {message} ({kind})\n"),
                _ => format!("\tfrom {place}\n"),
            });
        }
    }
    out
}

/// A panic's type is what the runtime says; an error's type and message stand beside the stack.
fn go(links: &[Link<'_>]) -> String {
    let mut out = String::new();
    let Some(link) = links.last() else { return out };
    if link.kind.contains("panic") || link.kind.starts_with("runtime.") {
        out.push_str(&format!("panic: {}\n\n", link.message));
    }
    out.push_str("goroutine 1 [running]:\n");
    for frame in link.frames.iter().rev() {
        let owner = match frame.module {
            "" => String::new(),
            module => format!("{module}."),
        };
        let (file, line) = (file(frame), line(frame));
        out.push_str(&format!(
            "{owner}{}(...)\n\t{file}:{line} +0x1\n",
            name(frame)
        ));
    }
    out
}

fn rust(links: &[Link<'_>]) -> String {
    let Some(link) = links.last() else {
        return String::new();
    };
    let mut out = match (link.kind.as_str(), link.frames.last()) {
        ("panic", Some(frame)) => {
            let column = frame.column.unwrap_or(1);
            let (file, line) = (file(frame), line(frame));
            let said = link.message;
            format!("thread 'main' panicked at {file}:{line}:{column}:\n{said}\nstack backtrace:\n")
        }
        _ => format!("Error: {}\n\nStack backtrace:\n", link.message),
    };
    for (at, frame) in link.frames.iter().rev().enumerate() {
        out.push_str(&format!("{at:>4}: {}\n", name(frame)));
        if !frame.file.is_empty() {
            out.push_str(&format!("             at {}:{}\n", frame.file, line(frame)));
        }
    }
    out
}

fn elixir(links: &[Link<'_>]) -> String {
    let Some(link) = links.last() else {
        return String::new();
    };
    let mut out = format!("** ({}) {}\n", link.kind, link.message);
    for frame in link.frames.iter().rev() {
        let (file, line) = (file(frame), line(frame));
        out.push_str(&format!("    {file}:{line}: {}\n", name(frame)));
    }
    out
}

fn dart(links: &[Link<'_>]) -> String {
    let Some(link) = links.last() else {
        return String::new();
    };
    let mut out = format!("Unhandled exception:\n{}\n", header(link));
    for (at, frame) in link.frames.iter().rev().enumerate() {
        let column = frame.column.unwrap_or(1);
        let place = format!("{}:{}:{column}", file(frame), line(frame));
        out.push_str(&format!("#{at:<6} {} ({place})\n", name(frame)));
    }
    out
}

/// As gdb writes frames below the reason as lldb writes it: native code, and what nobody knows.
fn native(links: &[Link<'_>]) -> String {
    let Some(link) = links.last() else {
        return String::new();
    };
    let said = header(link).replace(char::is_control, " ");
    let mut out = format!("* thread #1, stop reason = {said}\n");
    for (at, frame) in link.frames.iter().rev().enumerate() {
        let address = match frame.address {
            "" => "0x0",
            address => address,
        };
        let function = match frame.function {
            "" => "??",
            function => function,
        };
        let place = match (frame.file, frame.line, frame.package) {
            ("", _, "") => String::new(),
            ("", _, package) => format!(" from {package}"),
            (file, number, _) => format!(" at {file}:{}", number.unwrap_or_default()),
        };
        out.push_str(&format!("#{at}  {address} in {function} (){place}\n"));
    }
    out
}
