//! Lua 5.1 to 5.4, LuaJIT, OpenResty, LÖVE and Roblox: `stack traceback:` and what is above it.
//!
//! An error of Lua is any value, most often a text with its place; its type is `error`. What a
//! function is called depends on the version and on how the caller found it (`in upvalue 'f'`,
//! `in function 'cart.f'`, `in method 'f'`): the last part of the name stays.

use super::anchor::{self, Anchor, MESSAGE_LINES_COUNT_MAX, digits};
use crate::model::{ExceptionLink, Frame, Language, Relation, Trace};
use crate::path;

/// Type of an error that is a text.
const ERROR: &str = "error";
/// Directories of installed libraries.
const LIBRARIES: [&str; 8] = [
    "/share/lua/",
    "/lib/lua/",
    "/lualib/",
    "/lua_modules/",
    "/luarocks/",
    "/luajit-2",
    "/site/lualib/",
    "/Packages/_Index/",
];

/// Reads the traceback in the lines.
pub(crate) fn parse(lines: &[String]) -> Option<Trace> {
    let Some(anchor) = anchor::anchor(lines, mark) else {
        return alone(lines);
    };
    let mut frames = Vec::new();
    let mut blanks = 0_usize;
    for line in anchor.below().get(1..)? {
        let text = line.trim();
        if let Some(found) = frame(text) {
            frames.push(found);
            blanks = 0;
        } else if text.is_empty() {
            blanks += 1;
        } else if !skipped(text) {
            break;
        }
        if blanks > 2 {
            break;
        }
    }
    let (message, thrown) = header(&anchor);
    if frames.is_empty() {
        frames.extend(thrown);
    } else if let Some(first) = frames.first_mut()
        && let Some(thrown) = thrown
        && first.line.is_none()
        && first.file == thrown.file
    {
        first.line = thrown.line;
    }
    let any = !frames.is_empty();
    any.then(|| trace(message, frames))
}

/// The trace of one error.
fn trace(message: String, frames: Vec<Frame>) -> Trace {
    Trace {
        language: Language::Lua,
        chain: vec![ExceptionLink {
            relation: Relation::Escaped,
            exception_type: ERROR.to_owned(),
            message,
            frames,
        }],
    }
}

/// Column of the line that opens a traceback.
fn mark(line: &str) -> Option<usize> {
    let text = line.trim_end();
    let at = text
        .find("stack traceback:")
        .or_else(|| text.find("Stack Begin"))
        .or_else(|| {
            text.ends_with("Traceback")
                .then(|| text.len() - "Traceback".len())
        })?;
    let love = text.get(at..) == Some("Traceback");
    let alone = text.get(..at)?.trim().is_empty();
    let bounded = alone || text.get(..at)?.ends_with([' ', '\t']);
    (bounded || !love).then_some(at)
}

/// Lines within a traceback that are no frames.
fn skipped(text: &str) -> bool {
    let text = text.trim_start_matches('\t');
    text.starts_with("...")
        || text.starts_with("(...")
        || text.starts_with("(tail call)")
        || (text.starts_with("coroutine ") && text.ends_with(':'))
        || text == "Traceback"
}

/// An error that the interpreter reports without a traceback: `lua: cart.lua:3: message`.
fn alone(lines: &[String]) -> Option<Trace> {
    lines.iter().find_map(|line| {
        if let Some(found) = redis(line) {
            return Some(found);
        }
        let interpreter = |word: &str| word.starts_with("lua") && word.len() <= 8;
        let mut words = anchor::before_colons(line);
        let (_, text) = words.find(|(word, _)| interpreter(word))?;
        let (message, frame) = placed(text)?;
        Some(trace(message.to_owned(), vec![frame]))
    })
}

/// What Redis answers where a script failed: `ERR user_script:1: message script: 5f3a…, on
/// @user_script:1.`, before version 7 `ERR Error running script (call to f_5f3a…): @user_script:1:
/// user_script:1: message`.
fn redis(line: &str) -> Option<Trace> {
    let at = ["user_script:", "user_function:"]
        .into_iter()
        .find_map(|name| {
            line.rfind(&format!("ERR {name}"))
                .map(|at| at + "ERR ".len())
        })
        .or_else(|| {
            let at = line.find("Error running script (call to f_")?;
            let rest = line.get(at..)?;
            rest.find(": user_script:").map(|from| at + from + 2)
        })?;
    let rest = line.get(at..)?;
    let (place, message) = rest.split_once(": ")?;
    let (_, number) = place.rsplit_once(':')?;
    let message = message.split(" script: ").next().unwrap_or(message);
    // Every script has the same name: the place says nothing.
    digits(number).then(|| trace(message.trim().to_owned(), Vec::new()))
}

/// The message above a traceback, and the place at its start.
fn header(anchor: &Anchor<'_>) -> (String, Option<Frame>) {
    let above: Vec<&str> = anchor
        .above()
        .map(|(_, line)| line)
        .skip_while(|line| line.trim().is_empty())
        .take(MESSAGE_LINES_COUNT_MAX)
        .collect();
    let start = above
        .iter()
        .position(|line| placed(anchor::bare(line)).is_some());
    let Some(start) = start else {
        let near = above.first().map(|line| anchor::bare(line));
        return (plain(near.unwrap_or_default()).to_owned(), None);
    };
    let first = above.get(start).copied().unwrap_or_default();
    let Some((message, frame)) = placed(anchor::bare(first)) else {
        return (String::new(), None);
    };
    let mut message = message.to_owned();
    for line in above.get(..start).unwrap_or_default().iter().rev() {
        if !line.trim().is_empty() {
            anchor::more(&mut message, line.trim());
        }
    }
    (message, Some(frame))
}

/// The message without the name of the interpreter.
fn plain(text: &str) -> &str {
    text.split_once(": ")
        .filter(|(name, _)| name.starts_with("lua") && name.len() <= 8)
        .map_or(text, |(_, rest)| rest)
}

/// `cart.lua:3: message`, behind whatever stands before it.
fn placed(text: &str) -> Option<(&str, Frame)> {
    let colon = text.match_indices(':').take(32).find_map(|(at, _)| {
        let (head, tail) = (text.get(..at)?, text.get(at + 1..)?);
        let (line, message) = tail.split_once(": ")?;
        let chunk = anchor::has_extension(head, &[".lua", ".luau", "\"]"]);
        let script = head.split('.').count() > 1
            && [
                "ServerScriptService",
                "ReplicatedStorage",
                "Workspace",
                "StarterP",
                "Players.",
            ]
            .into_iter()
            .any(|root| head.starts_with(root));
        (digits(line) && (chunk || script)).then_some((head, line, message))
    })?;
    let (head, line, message) = colon;
    let chunk = match head.rfind("[string ") {
        Some(at) => head.get(at..)?,
        None => head
            .rsplit_once(": ")
            .map_or(head, |(_, file)| file)
            .trim_start_matches('['),
    };
    Some((message, located("", chunk, line.parse().ok())))
}

/// A line of a traceback.
fn frame(text: &str) -> Option<Frame> {
    if let Some(rest) = text.strip_prefix("Script '") {
        // Script 'ServerScriptService.Cart', Line 12 - function total
        let (script, rest) = rest.split_once("', Line ")?;
        let (line, rest) = anchor::number(rest)?;
        // Studio says where it was printed, too.
        let name = rest.split("  -  ").next().unwrap_or(rest);
        let name = name
            .trim_start_matches(" - ")
            .trim_start_matches("function ");
        return Some(located(function(name), script, Some(line)));
    }
    if let Some((script, rest)) = text.split_once(':')
        && let Some((line, rest)) = anchor::number(rest)
        && let Some(name) = rest.trim_start().strip_prefix("function ")
    {
        return Some(located(function(name), script, Some(line)));
    }
    let (head, name) = [": in ", ": at "]
        .into_iter()
        .find_map(|mark| text.split_once(mark))?;
    // Nginx ends the line with the request.
    let name = name.split_once(", client: ").map_or(name, |(name, _)| name);
    if head == "[C]" || head == "=[C]" {
        return Some(Frame {
            function: function(name).to_owned(),
            module: "[C]".to_owned(),
            ..Frame::default()
        });
    }
    // OpenResty's frames of another coroutine have no line.
    if anchor::has_extension(head, &[".lua", ".luau"]) && name.starts_with("function ") {
        return Some(located(function(name), head, None));
    }
    let (chunk, line) = head.rsplit_once(':')?;
    digits(line).then(|| located(function(name), chunk, line.parse().ok()))
}

/// `function 'cart.total'` is `total`; a function known by its place alone is `<anonymous>`.
fn function(text: &str) -> &str {
    let text = text.trim();
    if text == "main chunk" {
        return text;
    }
    if text.contains(" <") || text.starts_with('<') {
        return "<anonymous>";
    }
    if text == "?" || text == "function ?" || text.starts_with("0x") {
        return "";
    }
    let name = text
        .split_once(['\'', '`'])
        .map_or(text, |(_, name)| name.trim_end_matches('\''));
    let name = name.rsplit(['.', ':', ' ']).next().unwrap_or(name);
    name.trim_matches(['\'', '`'])
}

/// A frame of a function in a chunk.
fn located(function: &str, chunk: &str, line: Option<u32>) -> Frame {
    let text = chunk.trim();
    let inner = text
        .strip_prefix('[')
        .and_then(|rest| rest.split_once('"'))
        .map(|(kind, rest)| (kind.trim(), rest.trim_end_matches([']', '"'])));
    let (kind, raw) = inner.unwrap_or(("", text));
    let raw = raw.trim_start_matches('@');
    // Lua cuts long paths at their head.
    let raw = raw.strip_prefix("...").map_or(raw, |rest| {
        rest.split_once('/').map_or(rest, |(_, rest)| rest)
    });
    let library = LIBRARIES.iter().position(|mark| raw.contains(mark));
    let file = match library.and_then(|at| LIBRARIES.get(at)) {
        Some(mark) => {
            let tail = raw.rsplit_once(mark).map_or(raw, |(_, tail)| tail);
            let version = |c: char| c.is_ascii_digit() || c == '.';
            tail.trim_start_matches(version)
                .trim_start_matches('/')
                .to_owned()
        }
        None => path::locate(raw).file,
    };
    let installed = file.starts_with("resty/") || file.starts_with("luarocks/");
    Frame {
        function: function.to_owned(),
        module: file
            .trim_end_matches(".luau")
            .trim_end_matches(".lua")
            .trim_start_matches("src/")
            .to_owned(),
        in_app: library.is_none() && !installed && !matches!(kind, "love" | "builtin"),
        file,
        line,
    }
}
