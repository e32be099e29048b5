//! Failed tests of Vitest and of Node's own runner, whose frames are not V8's: they are rewritten
//! as V8 would have printed them.

use super::frame::v8;

/// The lines with V8's frames; none where no such report is among them.
pub(super) fn rewritten(lines: &[String]) -> Option<Vec<String>> {
    vitest(lines).or_else(|| tap(lines))
}

/// `❯ total src/cart.ts:12:17`, between them the failing code.
fn vitest(lines: &[String]) -> Option<Vec<String>> {
    if !lines.iter().any(|line| line.contains("❯ ")) {
        return None;
    }
    let mut found = false;
    let rewrite = |line: &String| {
        let Some(frame) = line.trim().strip_prefix("❯ ").and_then(marked) else {
            return line.clone();
        };
        found = true;
        frame
    };
    let lines: Vec<String> = lines.iter().map(rewrite).collect();
    found.then_some(lines)
}

/// A frame behind Vitest's mark.
fn marked(text: &str) -> Option<String> {
    let frame = match text.rsplit_once(' ') {
        Some((function, place)) => format!("    at {function} ({place})"),
        None => format!("    at {text}"),
    };
    v8(frame.trim()).map(|_| frame)
}

/// Node's TAP: `error`, `name`, and below `stack: |-` frames without `at`.
fn tap(lines: &[String]) -> Option<Vec<String>> {
    const PROPERTIES_COUNT_MAX: usize = 64;
    let at = lines.iter().position(|line| line.trim() == "stack: |-")?;
    let near = lines.get(at.saturating_sub(PROPERTIES_COUNT_MAX)..at)?;
    let value = |key: &str| {
        let (place, found) = near.iter().enumerate().rev().find_map(|(place, line)| {
            let found = line.trim().strip_prefix(key)?.trim();
            Some((place, found))
        })?;
        // A text of several lines stands below its key.
        let below = near.get(place + 1).map_or("", |line| line.trim());
        let text = if found.starts_with('|') { below } else { found };
        Some(text.trim_matches('\''))
    };
    let (name, message) = (value("name: ")?, value("error: ").unwrap_or_default());
    let stack = lines.get(at + 1..)?;
    let frames = stack.iter().map_while(|line| {
        let frame = format!("    at {}", line.trim());
        v8(frame.trim()).map(|_| frame)
    });
    let frames: Vec<String> = frames.collect();
    let head = std::iter::once(format!("{name}: {message}"));
    (!frames.is_empty()).then(|| head.chain(frames).collect())
}
