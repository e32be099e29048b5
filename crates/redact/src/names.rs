//! Names in free text: which values the recogniser is asked about, and what of its answer counts.
//!
//! The recogniser is never asked about keys, raw rows (unless the policy says so) or values that
//! are no prose: queries, paths, stack traces, code.

use std::fmt;

use cordon_detect::names::{Names, Recognizer};
use cordon_detect::{Finding as Found, PSEUDONYM_CHARS, TokenKind, merge};
use cordon_event::{Class, limits::TEXT_BYTES_MAX};
use zeroize::Zeroizing;

use crate::Policy;
use crate::json::{self, Node};

/// Which texts the recogniser of names is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameScope {
    /// None.
    Off,
    /// Values of fields that hold prose: bodies, messages, comments, questions.
    #[default]
    Fields,
    /// Raw log lines as well.
    Lines,
}

/// The path of a text that stands in no field: a question, a comment.
pub(crate) const PROSE_PATH: &str = "text";
/// How often the recogniser is asked again about what it left.
const ROUNDS_COUNT_MAX: usize = 4;
/// Words from which a value under an unknown name counts as prose.
const PROSE_WORDS_MIN: usize = 4;

/// Last parts of names of fields that hold prose.
const PROSE_FIELDS: &[&str] = &[
    "body",
    "message",
    "msg",
    "text",
    "description",
    "desc",
    "comment",
    "comments",
    "note",
    "notes",
    "summary",
    "subject",
    "title",
    "detail",
    "details",
    "reason",
    "error",
    "err",
    "question",
    "answer",
    "feedback",
    "remark",
    "remarks",
    "content",
    "review",
    "reply",
    "complaint",
    "caption",
    "transcript",
    "log",
    "event",
    "info",
    "warning",
];

/// Fields whose value may be a person's name as well as a thing's; whole names.
const NAME_FIELDS: &[&str] = &[
    "name",
    "displayname",
    "display_name",
    "nom",
    "nombre",
    "nome",
    "naam",
    "navn",
    "namn",
];
/// Words of a person's name.
const NAME_WORDS: std::ops::RangeInclusive<usize> = 2..=4;

/// Last parts of names of fields that hold something else, however it reads.
const OTHER_FIELDS: &[&str] = &[
    "stacktrace",
    "stack",
    "trace",
    "backtrace",
    "statement",
    "query",
    "sql",
    "agent",
    "useragent",
    "path",
    "url",
    "uri",
    "file",
    "filename",
    "function",
    "class",
    "logger",
    "thread",
    "type",
    "version",
    "command",
    "cmd",
    "args",
    "command_line",
    "name",
    "namespace",
    "id",
    "template",
    "code",
    "level",
    "severity",
    "locale",
    "timezone",
    "zone",
    "region",
    "language",
    "country",
];

/// What queries, markup and stack traces begin with.
const CODE_BEGINS: [&str; 9] = [
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE ",
    "WITH ",
    "<?xml",
    "<html",
    "<!DOCTYPE",
    "Traceback (most recent",
];

/// The recogniser that a redactor asks.
pub(crate) struct Asked {
    recognizer: Box<dyn Recognizer>,
    is_built_in: bool,
}

impl Default for Asked {
    fn default() -> Self {
        let recognizer = Box::new(Names);
        Self {
            recognizer,
            is_built_in: true,
        }
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

impl Asked {
    /// Another recogniser than the built-in one.
    pub(crate) fn new(recognizer: Box<dyn Recognizer>) -> Self {
        Self {
            recognizer,
            is_built_in: false,
        }
    }

    /// Whether texts that differ in digits alone have names in the same places.
    pub(crate) fn is_blind_to_digits(&self) -> bool {
        self.is_built_in
    }

    /// Names in a text in which `found` was found: those that the policy wants, beside `found`.
    ///
    /// The recogniser reads the text as it will be read after redaction, and again until it finds
    /// nothing new in it, so that redacting twice changes nothing.
    pub(crate) fn find(&self, policy: &Policy, text: &str, found: Vec<Found>) -> Vec<Found> {
        let mut all = found;
        for _ in 0..ROUNDS_COUNT_MAX {
            let masked = Masked::new(text, &all);
            let mut new = Vec::new();
            self.recognizer.find(&masked.text, &mut new);
            new.retain(|f| wanted(policy, f.kind));
            let new: Vec<Found> = new.into_iter().filter_map(|f| masked.back(f)).collect();
            if new.is_empty() {
                break;
            }
            all.extend(new);
            all = merge(text, all);
        }
        all
    }
}

impl Asked {
    /// Whether a name may stand in a text of a line of JSON in which nothing else is found:
    /// whatever its field is called, and wherever it cannot be told without reading the line.
    pub(crate) fn may_stand_in(&self, line: &str) -> bool {
        if !json::may_be(line) {
            return false;
        }
        if line.len() > TEXT_BYTES_MAX {
            return true;
        }
        json::parse(line).is_some_and(|node| self.may_stand_below(line, &node))
    }

    fn may_stand_below(&self, line: &str, node: &Node) -> bool {
        match node {
            Node::Number(_) | Node::Literal => false,
            Node::Array(items) => items.iter().any(|item| self.may_stand_below(line, item)),
            Node::Object(_, members) => {
                let mut values = members.iter().map(|(_, value)| value);
                values.any(|value| self.may_stand_below(line, value))
            }
            Node::Text(place) => {
                let literal = line.get(place.0..place.1).unwrap_or("");
                let Some(text) = json::unquote(literal).map(Zeroizing::new) else {
                    return true;
                };
                // A record within a text has fields of its own.
                let mut found = Vec::new();
                let nested = text.trim_start().starts_with(['{', '[', '"']);
                if !nested {
                    self.recognizer.find(&text, &mut found);
                }
                nested || !found.is_empty()
            }
        }
    }
}

fn wanted(policy: &Policy, kind: TokenKind) -> bool {
    match kind {
        TokenKind::Place => policy.places,
        TokenKind::Organisation => policy.organisations,
        _ => true,
    }
}

/// Which of a field's texts the recogniser is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prose {
    /// None.
    Never,
    /// Those that read like sentences.
    WhereItReadsSo,
    /// All but queries, stack traces and markup.
    UnlessCode,
    /// Names of things, which may be a person's: those too that read like sentences.
    NameLike,
    /// The same of a field that holds something else otherwise.
    NameLikeAlone,
    /// All.
    Always,
}

impl Prose {
    /// Whether it is asked about this one.
    pub(crate) fn is_asked(self, text: &str) -> bool {
        text.len() >= 2
            && match self {
                Self::Never => false,
                Self::WhereItReadsSo => is_prose(text) && !is_code(text),
                Self::UnlessCode => !is_code(text),
                Self::NameLike => is_name_like(text) || is_prose(text) && !is_code(text),
                Self::NameLikeAlone => is_name_like(text),
                Self::Always => true,
            }
    }
}

/// Whether the recogniser is asked about a text: by its field's name, its path, and how it reads.
pub(crate) fn is_asked(policy: &Policy, key: Option<&str>, path: &str, text: &str) -> bool {
    if policy.names == NameScope::Off || text.len() < 2 {
        return false;
    }
    let Some(key) = key else {
        let in_field = path == "body" || path == PROSE_PATH;
        return policy.names == NameScope::Lines || in_field && !is_code(text);
    };
    prose(policy, key).is_asked(text)
}

/// Which texts of a field of that name it is asked about.
pub(crate) fn prose(policy: &Policy, key: &str) -> Prose {
    if policy.names == NameScope::Off {
        return Prose::Never;
    }
    if policy.name_fields.contains(key) {
        return Prose::Always;
    }
    let last = key
        .rsplit(['.', '/'])
        .next()
        .unwrap_or(key)
        .to_ascii_lowercase();
    let last = last
        .rsplit_once(['_', '-'])
        .map_or(last.as_str(), |(_, tail)| tail);
    let names = NAME_FIELDS.contains(&key.to_ascii_lowercase().as_str());
    match (names, OTHER_FIELDS.contains(&last)) {
        (true, true) => Prose::NameLikeAlone,
        (true, false) => Prose::NameLike,
        (false, true) => Prose::Never,
        (false, false) if PROSE_FIELDS.contains(&last) => Prose::UnlessCode,
        (false, false) => Prose::WhereItReadsSo,
    }
}

/// Whether a value is a few capitalised words.
fn is_name_like(text: &str) -> bool {
    let capital = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    let words = text.split(' ');
    NAME_WORDS.contains(&words.clone().count()) && words.into_iter().all(capital)
}

/// Whether a value reads like a sentence: words with blanks between, or a script without blanks.
fn is_prose(text: &str) -> bool {
    let is_word = |word: &&str| {
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        letters > 1 && letters + 1 >= word.chars().count()
    };
    let unspaced = |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
    text.split_whitespace()
        .filter(is_word)
        .take(PROSE_WORDS_MIN)
        .count()
        == PROSE_WORDS_MIN
        || text
            .chars()
            .filter(|c| unspaced(*c))
            .take(PROSE_WORDS_MIN)
            .count()
            == PROSE_WORDS_MIN
}

/// Whether a text is a query, a stack trace or markup.
fn is_code(text: &str) -> bool {
    let head = text.trim_start();
    CODE_BEGINS.iter().any(|begin| head.starts_with(begin)) || text.contains("\n\tat ")
}

/// A text with what was found in it already replaced; names may still stand in it.
struct Masked {
    text: Zeroizing<String>,
    /// Where kept pieces stand: in the masked text, in the original, and their length.
    pieces: Vec<(usize, usize, usize)>,
}

impl Masked {
    fn new(text: &str, found: &[Found]) -> Self {
        let mut masked = Self {
            text: Zeroizing::new(String::with_capacity(text.len())),
            pieces: Vec::with_capacity(found.len() + 1),
        };
        let mut from = 0;
        for f in found {
            masked.keep(text, from, f.start);
            if f.kind == TokenKind::Secret {
                masked.text.push_str("[removed:");
                masked.text.push_str(f.rule);
                masked.text.push(']');
            } else {
                masked.text.push_str(f.kind.as_str());
                masked.text.push('_');
                masked
                    .text
                    .extend(std::iter::repeat_n('a', PSEUDONYM_CHARS));
            }
            from = f.end;
        }
        masked.keep(text, from, text.len());
        masked
    }

    fn keep(&mut self, text: &str, from: usize, to: usize) {
        let piece = text.get(from..to).unwrap_or("");
        self.pieces.push((self.text.len(), from, piece.len()));
        self.text.push_str(piece);
    }

    /// A finding's place in the original: within one kept piece, else nothing.
    fn back(&self, f: Found) -> Option<Found> {
        let last = self.pieces.partition_point(|(at, ..)| *at <= f.start);
        let (at, original, length) = *self.pieces.get(last.checked_sub(1)?)?;
        let within = f.end <= at + length && f.start < f.end;
        within.then(|| Found {
            class: Class::B,
            start: f.start - at + original,
            end: f.end - at + original,
            ..f
        })
    }
}
