//! Rust source as the checks see it: code without comments and literals, comments without code,
//! and which lines are test code.
//!
//! *Why so:* the checks need token boundaries, not syntax trees; a lexer of this size keeps a
//! parser crate out of the build and reads the whole workspace in milliseconds.
//!
//! *Limits:* `cfg(any(test, …))` counts as shipped code, because it is.

/// One file's lexed views. Offsets are bytes and the same in every view.
pub(crate) struct Source {
    /// The file with comments, strings and character literals blanked.
    pub(crate) code: String,
    /// The file with everything but comments blanked.
    pub(crate) comments: String,
    line_starts: Vec<usize>,
    test_spans: Vec<(usize, usize)>,
}

/// A function with a body.
pub(crate) struct Function {
    /// Its name; empty where a macro supplies it.
    pub(crate) name: String,
    /// Line of the `fn` keyword, from 1.
    pub(crate) line: usize,
    /// Lines from the `fn` keyword to the closing brace, both counted.
    pub(crate) line_count: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Region {
    Comment,
    Literal,
}

impl Source {
    /// Lexes `text`. Text that is not Rust gives views that are wrong, never a failure.
    pub(crate) fn new(text: &str) -> Self {
        let regions = lex(text.as_bytes());
        let code = view(text, &regions, None);
        let comments = view(text, &regions, Some(Region::Comment));
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let test_spans = test_spans(&code);
        Self {
            code,
            comments,
            line_starts,
            test_spans,
        }
    }

    /// The line of a byte offset, from 1.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// Whether the offset is in an item under `#[cfg(test)]` or `#[test]`.
    pub(crate) fn is_test(&self, offset: usize) -> bool {
        self.test_spans
            .iter()
            .any(|(start, end)| (*start..=*end).contains(&offset))
    }

    /// Lines that are not in a test item.
    pub(crate) fn shipped_line_count(&self) -> usize {
        self.line_starts
            .iter()
            .filter(|start| **start < self.code.len() && !self.is_test(**start))
            .count()
    }

    /// Where `word` stands in the code as a whole identifier or path.
    pub(crate) fn words(&self, word: &str) -> Vec<usize> {
        self.matches(word)
            .filter(|at| !is_ident(self.code_at(at + word.len())))
            .collect()
    }

    /// Where an identifier that begins with `prefix` stands in the code.
    pub(crate) fn prefixes(&self, prefix: &str) -> Vec<usize> {
        self.matches(prefix).collect()
    }

    /// Every function with a body, nested ones too.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let code = self.code.as_bytes();
        let mut functions = Vec::new();
        for at in self.words("fn") {
            let name = self.code.get(at + 2..).unwrap_or_default().trim_start();
            if name.starts_with('(') {
                continue; // a function pointer type
            }
            let name = name
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .next();
            let Some((_, close)) = block(code, at) else {
                continue;
            };
            let line = self.line_of(at);
            functions.push(Function {
                name: name.unwrap_or_default().to_owned(),
                line,
                line_count: self.line_of(close) + 1 - line,
            });
        }
        functions
    }

    /// Every path that a `use` item names, groups written out and new names left off, with the
    /// item's offset.
    pub(crate) fn imports(&self) -> Vec<(usize, String)> {
        let mut imports = Vec::new();
        for at in self.words("use") {
            let rest = self.code.get(at + 3..).unwrap_or_default();
            let item = rest
                .split(';')
                .next()
                .unwrap_or_default()
                .replace(" as ", "@");
            let item: String = item.chars().filter(|c| !c.is_whitespace()).collect();
            expand("", &item, &mut |path| imports.push((at, path)));
        }
        imports
    }

    fn matches<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code
            .match_indices(word)
            .map(|(at, _)| at)
            .filter(|at| *at == 0 || !is_ident(self.code_at(at - 1)))
    }

    fn code_at(&self, offset: usize) -> u8 {
        byte(self.code.as_bytes(), offset)
    }
}

/// Writes out the groups of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(prefix: &str, tree: &str, found: &mut dyn FnMut(String)) {
    let Some((head, group)) = tree.split_once('{') else {
        let name = tree.split('@').next().unwrap_or_default();
        found(format!("{prefix}{name}"));
        return;
    };
    let group = group.strip_suffix('}').unwrap_or(group);
    let prefix = format!("{prefix}{head}");
    let (mut depth, mut part) = (0_usize, String::new());
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                expand(&prefix, &std::mem::take(&mut part), found);
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    if !part.is_empty() {
        expand(&prefix, &part, found);
    }
}

/// The byte at an offset, 0 past the end.
fn byte(bytes: &[u8], offset: usize) -> u8 {
    bytes.get(offset).copied().unwrap_or(0)
}

fn is_ident(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80
}

/// Copies `text` with the regions blanked (`keep` none) or everything but one kind blanked.
fn view(text: &str, regions: &[(Region, usize, usize)], keep: Option<Region>) -> String {
    let mut bytes: Vec<u8> = match keep {
        None => text.bytes().collect(),
        Some(_) => text
            .bytes()
            .map(|b| if b == b'\n' { b } else { b' ' })
            .collect(),
    };
    for (region, start, end) in regions {
        let Some(target) = bytes.get_mut(*start..*end) else {
            continue;
        };
        let origin = text.as_bytes().get(*start..*end).unwrap_or_default();
        match keep {
            None => target
                .iter_mut()
                .filter(|b| **b != b'\n')
                .for_each(|b| *b = b' '),
            Some(kept) if kept == *region => target.copy_from_slice(origin),
            Some(_) => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Comments and literals with their byte spans, in order.
fn lex(text: &[u8]) -> Vec<(Region, usize, usize)> {
    let mut regions = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let (region, end) = match (byte(text, at), byte(text, at + 1)) {
            (b'/', b'/') => (Some(Region::Comment), find(text, at, b'\n')),
            (b'/', b'*') => (Some(Region::Comment), block_comment_end(text, at)),
            (b'"', _) => (Some(Region::Literal), quoted_end(text, at, b'"')),
            (b'\'', _) => match char_end(text, at) {
                Some(end) => (Some(Region::Literal), end),
                None => (None, at + 1), // a lifetime
            },
            (b, _) if is_ident(b) => {
                let mut end = at;
                while is_ident(byte(text, end)) {
                    end += 1;
                }
                let word = text.get(at..end).unwrap_or_default();
                match raw_string_end(text, word, end) {
                    Some(end) => (Some(Region::Literal), end),
                    None => (None, end),
                }
            }
            _ => (None, at + 1),
        };
        let end = end.min(text.len());
        if let Some(region) = region {
            regions.push((region, at, end));
        }
        at = end;
    }
    regions
}

fn find(text: &[u8], from: usize, wanted: u8) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.iter()
        .position(|b| *b == wanted)
        .map_or(text.len(), |n| from + n)
}

fn block_comment_end(text: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at < text.len() {
        match (byte(text, at), byte(text, at + 1)) {
            (b'/', b'*') => (depth, at) = (depth + 1, at + 2),
            (b'*', b'/') => (depth, at) = (depth.saturating_sub(1), at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn quoted_end(text: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start + 1;
    while at < text.len() {
        match byte(text, at) {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// The end of a character literal, or nothing where the quote begins a lifetime.
fn char_end(text: &[u8], start: usize) -> Option<usize> {
    let first = byte(text, start + 1);
    if first == b'\\' {
        return Some(quoted_end(text, start, b'\''));
    }
    let len = match first {
        0..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    };
    (byte(text, start + 1 + len) == b'\'').then_some(start + 2 + len)
}

/// The end of `r"…"`, `br#"…"#` and their like, where `word` is the prefix that ends at `end`.
fn raw_string_end(text: &[u8], word: &[u8], end: usize) -> Option<usize> {
    if !matches!(word, b"r" | b"br" | b"cr") {
        return None;
    }
    let mut open = end;
    while byte(text, open) == b'#' {
        open += 1;
    }
    if byte(text, open) != b'"' {
        return None;
    }
    let hashes = open - end;
    let mut at = open + 1;
    while at < text.len() {
        at = find(text, at, b'"') + 1;
        if (0..hashes).all(|n| byte(text, at + n) == b'#') {
            return Some(at + hashes);
        }
    }
    Some(text.len())
}

/// The first braced block after `from` that belongs to the item there, as (open, close).
fn block(code: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut nested = 0_usize;
    let mut open = None;
    for (at, b) in code.iter().enumerate().skip(from) {
        match b {
            b'(' | b'[' => nested += 1,
            b')' | b']' => nested = nested.checked_sub(1)?,
            b';' | b'}' if nested == 0 => return None,
            b'{' if nested == 0 => {
                open = Some(at);
                break;
            }
            _ => {}
        }
    }
    let open = open?;
    let mut depth = 0_usize;
    for (at, b) in code.iter().enumerate().skip(open) {
        match b {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((open, at));
        }
    }
    None
}

/// Spans of items under `#[cfg(test)]` or `#[test]`; the whole file under `#![cfg(test)]`.
fn test_spans(code: &str) -> Vec<(usize, usize)> {
    if code.contains("#![cfg(test)]") {
        return vec![(0, code.len())];
    }
    let mut spans = Vec::new();
    for attribute in ["#[cfg(test)]", "#[test]", "#[tokio::test"] {
        for (at, _) in code.match_indices(attribute) {
            let end = block(code.as_bytes(), at)
                .map_or_else(|| find(code.as_bytes(), at, b';'), |(_, close)| close);
            spans.push((at, end));
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_not_code() {
        let text =
            "let a = \"x // y\"; // z \"q\"\nlet b = r#\"fs \" \"#; /* n /* m */ o */ let c;";
        let source = Source::new(text);
        assert_eq!(source.code.len(), text.len());
        assert!(source.words("fs").is_empty() && source.words("o").is_empty());
        assert_eq!(source.words("let").len(), 3);
        assert!(source.comments.contains("z \"q\"") && !source.comments.contains("x //"));
    }

    #[test]
    fn lifetimes_are_not_characters() {
        let source = Source::new("fn f<'a>(x: &'a str) -> char { let _ = '\\''; '\"' }\nfn g() {}");
        let names: Vec<String> = source.functions().into_iter().map(|f| f.name).collect();
        assert_eq!(names, ["f", "g"]);
        assert_eq!(
            Source::new("let x = 'é'; let y = b'{'; y").words("y").len(),
            2
        );
    }

    #[test]
    fn functions_are_measured_to_their_closing_brace() {
        let text = "trait T { fn without(&self); }\nfn with(a: [u8; 2]) {\n    {}\n}\n";
        let functions = Source::new(text).functions();
        assert_eq!(functions.len(), 1);
        let with = functions.first().unwrap();
        assert_eq!(
            (with.name.as_str(), with.line, with.line_count),
            ("with", 2, 3)
        );
    }

    #[test]
    fn function_pointers_are_not_functions() {
        assert!(
            Source::new("type F = fn(u8) -> u8; struct S {}")
                .functions()
                .is_empty()
        );
    }

    #[test]
    fn imports_are_written_out() {
        let source = Source::new("use std::{hash::Hash as H, time::{Duration, Instant}};");
        let paths: Vec<String> = source.imports().into_iter().map(|(_, path)| path).collect();
        assert_eq!(
            paths,
            [
                "std::hash::Hash",
                "std::time::Duration",
                "std::time::Instant"
            ]
        );
    }

    #[test]
    fn test_items_are_known() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n";
        let source = Source::new(text);
        let at = |name: &str| source.words(name).first().copied().unwrap();
        assert!(!source.is_test(at("a")) && source.is_test(at("b")) && !source.is_test(at("c")));
        assert_eq!(source.shipped_line_count(), 2);
        let import = Source::new("#[cfg(test)]\nuse x::y;\nfn c() {}\n");
        assert!(!import.is_test(import.words("c").first().copied().unwrap()));
    }
}
