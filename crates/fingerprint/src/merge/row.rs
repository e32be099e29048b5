//! A shape as a row of tokens, and patterns of rows.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::list;
use crate::hash::TextHasher;
use crate::slot;

/// Most tokens of a row; the rest of a longer one is its last token.
const ROW_TOKENS_MAX: usize = 160;

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

/// The tokens of a shape.
#[derive(Clone, Debug)]
pub(super) struct Row {
    tokens: Vec<Token>,
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
    pub(super) fn keys(&self, row: &Row) -> Vec<u32> {
        row.tokens
            .iter()
            .map(|token| self.key(token.symbol))
            .collect()
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

    fn text(&self, symbol: u32) -> &str {
        self.all
            .get(symbol as usize)
            .map_or("", |symbol| &symbol.text)
    }
}

impl Row {
    /// The tokens of a shape.
    pub(super) fn read(text: &str, symbols: &mut Symbols) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        loop {
            let trimmed = rest.trim_start_matches(' ');
            let spaced = trimmed.len() < rest.len();
            rest = trimmed;
            if rest.is_empty() {
                return Self { tokens };
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

/// Length of the token at the beginning of a text that begins with none but one.
fn length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(b) = bytes.get(at) {
        if *b == b'<'
            && let Some(name) = bytes.get(at..).and_then(slot::existing)
        {
            at += name.len() + 2;
        } else if *b == b' ' || is_mark(*b) {
            break;
        } else {
            at += 1;
        }
    }
    if at == 0 {
        return 1;
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

/// The text of patterns that are one template: the tokens that begin and end all of them, and
/// `<*>` where they differ.
pub(super) fn text(cluster: &[Pattern], symbols: &Symbols) -> String {
    let mut rows = cluster
        .iter()
        .flat_map(|pattern| &pattern.members)
        .map(|(_, row)| row);
    let Some(first) = rows.next() else {
        return String::new();
    };
    let mut common: Vec<Option<Token>> = first.tokens.iter().copied().map(Some).collect();
    let mut spaces: Vec<bool> = first.tokens.iter().map(|token| token.spaced).collect();
    let same_length = rows.clone().all(|row| row.tokens.len() == common.len());
    if same_length {
        for row in rows {
            for (slot, token) in common.iter_mut().zip(&row.tokens) {
                let Some(shown) = slot else { continue };
                if shown.symbol == token.symbol {
                    continue;
                }
                let (key, other) = (symbols.key(shown.symbol), symbols.key(token.symbol));
                if key == other && symbols.kind(key) == Kind::Mark {
                    // Of marks that count as one, the shortest, then the smallest.
                    let text = |token: &Token| symbols.text(token.symbol);
                    if (text(token).len(), text(token)) < (text(shown).len(), text(shown)) {
                        shown.symbol = token.symbol;
                    }
                } else {
                    *slot = None;
                }
            }
        }
    } else {
        (common, spaces) = ends(cluster, symbols);
    }
    let mut out = String::new();
    for (token, spaced) in common.iter().zip(spaces) {
        let piece = token.map_or("<*>", |token| symbols.text(token.symbol));
        if piece == "<*>" && !spaced && out.ends_with("<*>") {
            continue;
        }
        if spaced && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(piece);
    }
    out
}

/// The tokens that begin all rows, `<*>`, and those that end all of them.
fn ends(cluster: &[Pattern], symbols: &Symbols) -> (Vec<Option<Token>>, Vec<bool>) {
    let rows: Vec<&Row> = cluster
        .iter()
        .flat_map(|pattern| &pattern.members)
        .map(|(_, row)| row)
        .collect();
    let Some(first) = rows.first() else {
        return (Vec::new(), Vec::new());
    };
    let shortest = rows.iter().map(|row| row.tokens.len()).min().unwrap_or(0);
    let key = |token: Option<&Token>| token.map(|token| symbols.key(token.symbol));
    let alike = |of: &dyn Fn(&Row) -> Option<Token>| {
        let all: Vec<Option<Token>> = rows.iter().map(|row| of(row)).collect();
        let head = all.first().copied().flatten();
        let same = all
            .iter()
            .all(|token| key(token.as_ref()) == key(head.as_ref()));
        let exact = all
            .iter()
            .all(|token| token.map(|t| t.symbol) == head.map(|t| t.symbol));
        same.then_some(if exact { head } else { None })
    };
    let front: Vec<Option<Token>> = (0..shortest)
        .map_while(|n| alike(&|row| row.tokens.get(n).copied()))
        .collect();
    let left = shortest - front.len();
    let back: Vec<Option<Token>> = (1..=left)
        .map_while(|n| {
            alike(&|row| {
                row.tokens
                    .len()
                    .checked_sub(n)
                    .and_then(|at| row.tokens.get(at).copied())
            })
        })
        .collect();
    let spaced = |at: Option<usize>| {
        at.and_then(|at| first.tokens.get(at))
            .is_some_and(|t| t.spaced)
    };
    let mut spaces: Vec<bool> = (0..front.len()).map(|at| spaced(Some(at))).collect();
    spaces.push(spaced(Some(front.len())));
    spaces.extend(
        (1..=back.len())
            .rev()
            .map(|n| spaced(first.tokens.len().checked_sub(n))),
    );
    let mut all = front;
    all.push(None);
    all.extend(back.into_iter().rev());
    (all, spaces)
}
