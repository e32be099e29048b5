//! A shape as a row of tokens, and patterns of rows.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::cell::{self, Cell};
use super::list;
use crate::hash::TextHasher;
use crate::slot;

/// Most tokens of a row; the rest of a longer one is its last token.
const ROW_TOKENS_MAX: usize = 160;

/// Bytes of a usual token: for how many there is room at once.
const TOKEN_BYTES: usize = 4;

/// The key of everything that is slots alone.
pub(super) const STAR: u32 = 0;
/// The key of a place that varies by comparison.
pub(super) const ANY: u32 = 1;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A mark: bracket, quote, comma, colon.
    Mark,
    /// Slots alone.
    Slot,
    /// A word with what names have and prose has not: points, dashes, slots inside.
    Name,
    /// A word with capitals inside.
    Camel,
    /// Capitals alone.
    Capitals,
    /// `true`, `false`, `null`.
    Truth,
    /// `on`, `none`, `enabled`: what is one of few.
    Flag,
    /// A word.
    Plain,
}

/// A token of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) symbol: u32,
    /// Whether white space stands before it.
    pub(super) spaced: bool,
}

/// The tokens of a shape, and the cells that they are.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) tokens: Vec<Token>,
    pub(super) cells: Vec<Cell>,
}

/// Texts of tokens, by number. A symbol is a text as written; a key is the same for texts that
/// differ in the kinds of their slots alone.
#[derive(Default)]
pub(super) struct Symbols {
    numbers: HashMap<String, u32, BuildHasherDefault<TextHasher>>,
    all: Vec<Symbol>,
    keys: HashMap<String, u32, BuildHasherDefault<TextHasher>>,
    kinds: Vec<(Kind, String)>,
}

struct Symbol {
    text: String,
    key: u32,
}

impl Symbols {
    /// The number of a token's text.
    pub(super) fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let (kind, normal) = normal(text);
        let key = self.key_of(kind, normal);
        let number = self.all.len() as u32;
        self.all.push(Symbol {
            text: text.to_owned(),
            key,
        });
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// The symbol of a quote that is not written.
    fn intern_quote(&mut self) -> u32 {
        if let Some(number) = self.numbers.get("") {
            return *number;
        }
        let key = self.key_of(Kind::Mark, "\"".to_owned());
        let number = self.all.len() as u32;
        self.all.push(Symbol {
            text: String::new(),
            key,
        });
        self.numbers.insert(String::new(), number);
        number
    }

    fn key_of(&mut self, kind: Kind, normal: String) -> u32 {
        if self.kinds.is_empty() {
            self.kinds.push((Kind::Slot, "<*>".to_owned()));
            self.kinds.push((Kind::Slot, "<*>".to_owned()));
        }
        if kind == Kind::Slot {
            return STAR;
        }
        if let Some(key) = self.keys.get(&normal) {
            return *key;
        }
        let key = self.kinds.len() as u32;
        self.keys.insert(normal.clone(), key);
        self.kinds.push((kind, normal));
        key
    }

    /// The keys of a row.
    pub(super) fn keys(row: &Row) -> Vec<u32> {
        row.cells.iter().map(|cell| cell.key).collect()
    }

    /// Whether a key is a name that numbers or ids are part of: `attempt_*_*`, `core.*`, `db-*`.
    pub(super) fn is_id(&self, key: u32) -> bool {
        let text = self.normal(key);
        let slots = text.bytes().filter(|b| *b == b'*').count();
        let joined = || {
            let bytes = text.as_bytes();
            bytes.windows(2).any(|two| {
                matches!(
                    two,
                    [b'-' | b'_' | b'.' | b'#' | b'/' | b'@' | b'$', b'*']
                        | [b'*', b'-' | b'_' | b'/' | b'@' | b'.']
                )
            })
        };
        let byte = || {
            let rest = text.replace('*', "");
            slots == 1 && rest.len() == 1 && rest.bytes().all(|b| matches!(b, b'A'..=b'F'))
        };
        self.kind(key) == Kind::Name && (byte() || slots > 1 || slots == 1 && joined())
    }

    pub(super) fn key(&self, symbol: u32) -> u32 {
        self.all
            .get(symbol as usize)
            .map_or(STAR, |symbol| symbol.key)
    }

    /// What the texts of a key are.
    pub(super) fn kind(&self, key: u32) -> Kind {
        self.kinds
            .get(key as usize)
            .map_or(Kind::Slot, |(kind, _)| *kind)
    }

    /// The text of a key, slots as `*`.
    pub(super) fn normal(&self, key: u32) -> &str {
        self.kinds
            .get(key as usize)
            .map_or("", |(_, normal)| normal)
    }

    pub(super) fn text(&self, symbol: u32) -> &str {
        self.all
            .get(symbol as usize)
            .map_or("", |symbol| &symbol.text)
    }
}

impl Row {
    /// The tokens of a shape.
    pub(super) fn read(text: &str, symbols: &mut Symbols) -> Self {
        let mut tokens = Vec::with_capacity(text.len() / TOKEN_BYTES);
        let mut rest = text;
        loop {
            let trimmed = rest.trim_start_matches(' ');
            let spaced = trimmed.len() < rest.len();
            rest = trimmed;
            if rest.is_empty() {
                let cells = cell::cells(&tokens, symbols);
                return Self { tokens, cells };
            }
            let last = tokens.len() + 1 >= ROW_TOKENS_MAX;
            let length = if last { rest.len() } else { length(rest) };
            let (token, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
            let symbol = symbols.intern(token);
            if token == "<str>" {
                // What was in quotes is compared with words in quotes.
                let quote = symbols.intern_quote();
                tokens.push(Token {
                    symbol: quote,
                    spaced,
                });
                tokens.push(Token {
                    symbol,
                    spaced: false,
                });
                tokens.push(Token {
                    symbol: quote,
                    spaced: false,
                });
            } else {
                tokens.push(Token { symbol, spaced });
            }
            rest = tail;
            list::fold(&mut tokens, symbols, rest);
        }
    }
}

fn is_mark(b: u8) -> bool {
    b",;()[]{}\"'`|=<>:".contains(&b)
}

/// Whether a colon stands within a dotted name.
fn goes_on(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    let mut dots = before.iter().filter(|b| **b == b'.');
    dots.nth(1).is_some() && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase)
}

/// Length of the token at the beginning of a text that begins with none but one.
fn length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(b) = bytes.get(at) {
        if *b == b'<'
            && let Some(name) = bytes.get(at..).and_then(slot::existing)
        {
            at += name.len() + 2;
        } else if *b == b':' && goes_on(bytes, at) {
            // A process of a package: `com.acme.maps:remote`.
            at += 1;
        } else if *b == b' ' || is_mark(*b) || bytes.get(at..at + 2) == Some(b"\\\"") {
            break;
        } else {
            at += 1;
        }
    }
    if at == 0 {
        return if bytes.starts_with(b"\\\"") { 2 } else { 1 };
    }
    // A sentence's end is a mark of its own.
    let word = rest.get(..at).unwrap_or(rest);
    let bare = word.trim_end_matches(['.', '!', '?']);
    if bare.is_empty() { at } else { bare.len() }
}

/// What a token is, and its text with slots as `*`.
fn normal(text: &str) -> (Kind, String) {
    let mut out = String::new();
    let mut slots = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c == '<'
            && let Some(name) = slot::existing(rest.as_bytes())
        {
            out.push('*');
            slots = true;
            rest = rest.get(name.len() + 2..).unwrap_or_default();
        } else {
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    let lettered = out.chars().any(char::is_alphabetic);
    let kind = match (slots, lettered) {
        (true, false) => Kind::Slot,
        (true, true) => Kind::Name,
        (false, false) => Kind::Mark,
        (false, true) => word_kind(&out),
    };
    if matches!(out.as_str(), "'" | "`") {
        "\"".clone_into(&mut out);
    }
    if kind == Kind::Mark && out.ends_with(['.', '!', '?']) {
        ".".clone_into(&mut out);
    }
    (kind, out)
}

/// Words of truth, and of nothing.
const TRUTHS: &[&str] = &["true", "false", "null", "none", "nil"];
/// Words that are one of few.
const FLAGS: &[&str] = &[
    "true",
    "false",
    "yes",
    "no",
    "on",
    "off",
    "null",
    "none",
    "nil",
    "enabled",
    "disabled",
    "ok",
    "failed",
    "success",
    "succeeded",
    "failure",
    "up",
    "down",
    "open",
    "closed",
    "active",
    "inactive",
    "start",
    "stop",
    "started",
    "stopped",
    "begin",
    "end",
    "undefined",
    "error",
];

fn word_kind(word: &str) -> Kind {
    let flag = |name: &&str| name.eq_ignore_ascii_case(word);
    if TRUTHS.iter().any(flag) {
        return Kind::Truth;
    }
    if FLAGS.iter().any(flag) {
        return Kind::Flag;
    }
    let inner = word.trim_matches(['-', '*', '#', '.', '+', '!', '&', '%']);
    if inner.chars().any(|c| !c.is_alphabetic() && c != '\u{2019}') {
        return Kind::Name;
    }
    let mut chars = inner.chars();
    chars.next();
    let upper = inner.chars().filter(|c| c.is_uppercase()).count();
    if upper >= 2 && upper == inner.chars().count() {
        Kind::Capitals
    } else if chars.any(char::is_uppercase) {
        Kind::Camel
    } else {
        Kind::Plain
    }
}

/// Rows that are alike but for the places that vary.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// Keys of its tokens; [`ANY`] where they vary.
    pub(super) keys: Vec<u32>,
    /// Its shapes by number, with their rows.
    pub(super) members: Vec<(usize, Row)>,
}

impl Pattern {
    pub(super) fn new(keys: Vec<u32>, shape: usize, row: Row) -> Self {
        Self {
            keys,
            members: vec![(shape, row)],
        }
    }

    pub(super) fn add(&mut self, shape: usize, row: Row) {
        self.members.push((shape, row));
    }

    /// Makes one value of everything behind so many cells.
    pub(super) fn close(&mut self, front: usize) {
        self.keys.truncate(front);
        self.keys.push(STAR);
        for (_, row) in &mut self.members {
            let to = row.tokens.len();
            let from = row.cells.get(front).map_or(to, |cell| cell.from);
            row.cells.truncate(front);
            row.cells.push(Cell {
                key: STAR,
                from,
                to,
            });
        }
    }

    /// Takes the rows of another pattern, which has as many tokens; where keys differ, anything.
    pub(super) fn take(&mut self, other: Self) {
        for (key, theirs) in self.keys.iter_mut().zip(&other.keys) {
            if key != theirs {
                *key = ANY;
            }
        }
        self.members.extend(other.members);
    }
}
