//! A text's line as tokens: words, numbers, signs, and single characters of scripts that part no
//! words.
//!
//! What looks technical (a path, a dotted name, an identifier with an underscore, an address) is
//! one opaque token, so that the words around it stay near each other.

use super::lists::{Lists, bit};
use crate::bytes::{cut, floor, looked};

/// Tokens of one line that are looked at together; a longer line is parted.
pub const LINE_TOKENS_MAX: usize = 256;
/// Characters of a word that are looked at; a longer run is opaque.
const WORD_CHARS_MAX: usize = 40;
/// Longest run in bytes that is read as one technical token.
const OPAQUE_BYTES_MAX: usize = 1024;
/// How far in a run of characters of such a script a place is told from another.
const RUN_CHARS_MAX: usize = 7;
/// Longest entry of the lists in characters, in a script that parts no words.
const COMPOUND_CHARS_MAX: usize = 4;

/// What a token looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Shape {
    /// Beyond the line.
    #[default]
    None,
    /// `word`
    Lower,
    /// `Word`
    Capital,
    /// `WORD`
    Upper,
    /// `W`
    Initial,
    /// `McWord`: capitals within, as some names have them.
    Inner,
    /// `camelCase`, `HTTPServer`, and other technical runs: never part of a name.
    Opaque,
    /// Digits.
    Number,
    /// A sign.
    Sign,
    /// A Han character.
    Han,
    /// A Hiragana character.
    Hiragana,
    /// A run of Katakana.
    Katakana,
    /// A Hangul syllable.
    Hangul,
    /// A word of Arabic letters.
    Arabic,
    /// A word of Hebrew letters.
    Hebrew,
    /// A word of Devanagari and its relatives.
    Indic,
    /// A word of another script without capitals.
    Caseless,
}

impl Shape {
    /// Whether the script parts no words, so that the token is one character of many.
    pub(crate) fn is_single(self) -> bool {
        matches!(self, Self::Han | Self::Hiragana | Self::Hangul)
    }

    /// Whether the script has no capitals.
    pub(crate) fn is_caseless(self) -> bool {
        self >= Self::Han
    }
}

/// One token.
#[derive(Clone, Copy, Debug, Default)]
pub struct Token {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it looks like.
    pub shape: Shape,
    /// Hash of the word in lower case; of a number's length; of a sign.
    pub(crate) low: u64,
    /// Hashes of its first two, three, four characters.
    pub(crate) heads: [u64; 3],
    /// Hashes of its last two, three, four characters.
    pub(crate) tails: [u64; 3],
    /// What the lists say of it.
    pub(crate) bits: u8,
    /// Class of the character directly before it.
    pub(crate) left: u8,
    /// Class of the character directly behind it.
    pub(crate) right: u8,
}

/// Where the hash of a word starts.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// Extends a hash by one value. Wrapping 64-bit arithmetic: the same everywhere.
pub(crate) fn mix(hash: u64, value: u64) -> u64 {
    let mixed = (hash ^ value).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed ^ (mixed >> 29)
}

/// Hash of a word, its case ignored.
pub fn hash_word(word: &str) -> u64 {
    word.chars()
        .flat_map(char::to_lowercase)
        .fold(SEED, |hash, c| mix(hash, u64::from(c)))
}

/// Marks that belong to the letter before them, and joiners.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{93c}' | '\u{94d}' | '\u{9bc}'
        | '\u{9cd}' | '\u{a3c}' | '\u{a4d}' | '\u{abc}' | '\u{acd}' | '\u{b4d}' | '\u{bcd}'
        | '\u{c4d}' | '\u{ccd}' | '\u{d4d}' | '\u{dca}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}' | '\u{200c}' | '\u{200d}')
}

/// Script of a letter, as far as it decides how words are parted.
fn script(c: char) -> Shape {
    match c {
        '\u{590}'..='\u{5ff}' => Shape::Hebrew,
        '\u{600}'..='\u{77f}' | '\u{8a0}'..='\u{8ff}' | '\u{fb50}'..='\u{feff}' => Shape::Arabic,
        '\u{900}'..='\u{dff}' => Shape::Indic,
        '\u{3040}'..='\u{309f}' => Shape::Hiragana,
        '\u{30a0}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' => Shape::Katakana,
        '\u{3005}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' => Shape::Han,
        '\u{ac00}'..='\u{d7a3}' => Shape::Hangul,
        // Georgian has capitals that prose does not use.
        '\u{10d0}'..='\u{10ff}' => Shape::Caseless,
        _ if c.is_lowercase() || c.is_uppercase() => Shape::Lower,
        _ => Shape::Caseless,
    }
}

/// Class of a neighbouring character: blank or none, letter or digit, wide gap, else the sign
/// itself.
fn class(c: Option<char>) -> u8 {
    match c {
        None => 0,
        Some('\t') => 4,
        Some(c) if c.is_whitespace() => 0,
        Some(c) if c.is_alphanumeric() => 1,
        Some(c) if c.is_ascii() => c as u8,
        Some(_) => 3,
    }
}

/// Whether a gap stands before a token.
fn is_apart(token: &Token) -> bool {
    matches!(token.left, 0 | 4)
}

/// Whether a byte may be inside a technical run.
fn is_inside(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(
            c,
            '_' | '.' | '/' | '\\' | ':' | '@' | '#' | '%' | '+' | '&' | '$' | '~' | '-'
        )
}

/// A run without blanks at the head of a text.
struct Run {
    /// One past its last byte.
    end: usize,
    /// One past the last byte of the technical token that it is, if it is one.
    opaque: Option<usize>,
}

/// The run at the head of `rest`.
fn run(rest: &str) -> Run {
    let (mut end, mut stop) = (0, 0);
    let mut before = '\0';
    let mut technical = false;
    let (mut letters, mut digits) = (0_usize, 0_usize);
    for (i, c) in rest.char_indices() {
        looked(1);
        if !is_inside(c) || script(c).is_single() || i > OPAQUE_BYTES_MAX {
            break;
        }
        let next = rest.get(i + c.len_utf8()..).and_then(|r| r.chars().next());
        let joined = before.is_alphanumeric() && next.is_some_and(char::is_alphanumeric);
        match c {
            '_' | '\\' | '@' | '~' | '$' => technical = true,
            '/' | '%' | '#' | '&' => technical |= next.is_some_and(char::is_alphanumeric),
            // `a.b`, not `J.R.` and not `St.Gallen`.
            '.' => technical |= joined && (letters > 2 || digits > 0),
            ':' => technical |= before == ':' || next == Some('/'),
            _ => {}
        }
        if c.is_alphabetic() {
            technical |= digits > 0 && c.is_ascii();
            letters += 1;
        } else if c.is_numeric() {
            technical |= letters > 2;
            digits += 1;
        } else {
            (letters, digits) = (0, 0);
        }
        if c.is_alphanumeric() || matches!(c, '_' | '/' | '\\') {
            end = i + c.len_utf8();
        }
        before = c;
        stop = i + c.len_utf8();
    }
    Run {
        end: stop,
        opaque: technical.then_some(end).filter(|end| *end > 0),
    }
}

/// The tokens of a line, and what the lists say of them.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pub(crate) tokens: Vec<Token>,
    /// Whether every word of it is capitalised: a heading, which says nothing about names.
    pub(crate) titled: bool,
}

impl Line {
    /// The tokens.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The token at `i`, or none beyond the line.
    pub(crate) fn at(&self, i: usize, by: isize) -> Token {
        i.checked_add_signed(by)
            .and_then(|i| self.tokens.get(i))
            .copied()
            .unwrap_or_default()
    }

    /// Forgets what is known of a token's word, as if no list and no training text had it. Only
    /// training does so, that the model learns to do without. `salt` makes another unknown word
    /// of it every time.
    pub fn forget(&mut self, i: usize, salt: u64) {
        if let Some(token) = self.tokens.get_mut(i) {
            token.bits &= if token.shape.is_single() {
                bit::COMMON | bit::LAST
            } else {
                bit::COMMON
            };
            // A character of a script that parts no words is known, whatever name it is in.
            if !token.shape.is_single() {
                token.low = mix(token.low, salt);
            }
        }
    }

    /// Reads the next line of `text` from `from` into `self`; returns where the next one starts.
    pub fn read(&mut self, text: &str, from: usize, lists: Lists<'_>) -> usize {
        self.tokens.clear();
        let mut i = from;
        let mut before = None;
        // Up to here no run is technical: it has been looked at as part of a longer one.
        let mut plain_until = from;
        while let Some(c) = text.get(i..).and_then(|rest| rest.chars().next()) {
            looked(1);
            if self.tokens.len() >= LINE_TOKENS_MAX {
                break;
            }
            if c == '\n' {
                i += 1;
                break;
            }
            if c.is_whitespace() {
                i += c.len_utf8();
                // A wide gap parts columns.
                let wide =
                    c == '\t' || before.is_some_and(char::is_whitespace) && !self.tokens.is_empty();
                before = Some(if wide { '\t' } else { ' ' });
                continue;
            }
            let rest = text.get(i..).unwrap_or("");
            let mut token = None;
            if i >= plain_until && opens_run(c, before) {
                let run = run(rest);
                token = run.opaque.map(opaque);
                plain_until = i + run.end;
            }
            let token = token.unwrap_or_else(|| next_token(rest, c, before));
            let end = i + token.end;
            let last = text.get(i..end).and_then(|t| t.chars().next_back());
            let behind = text.get(end..).and_then(|r| r.chars().next());
            self.tokens.push(Token {
                start: i,
                end,
                left: class(before),
                right: class(behind),
                ..token
            });
            before = last;
            i = end.max(i + 1);
        }
        self.look_up(lists);
        self.titled = self.is_titled();
        i
    }

    fn look_up(&mut self, lists: Lists<'_>) {
        let mut singles: Vec<(usize, usize, u8)> = Vec::new();
        for (i, token) in self.tokens.iter_mut().enumerate() {
            if token.shape.is_single() {
                singles.push((i, 0, 0));
            } else if token.shape == Shape::Opaque && token.low != 0 {
                // `GmbH`: capitals within, and no identifier.
                token.bits = lists.bits(token.low);
                if token.bits & bit::COMPANY != 0 {
                    token.shape = Shape::Inner;
                }
            } else if !matches!(token.shape, Shape::Sign | Shape::Number | Shape::Opaque) {
                token.bits = lists.bits(token.low);
            }
        }
        for (i, length, bits) in &mut singles {
            let mut hash = SEED;
            for (n, token) in self
                .tokens
                .iter()
                .skip(*i)
                .take(COMPOUND_CHARS_MAX)
                .enumerate()
            {
                if !token.shape.is_single() || (n > 0 && is_apart(token)) {
                    break;
                }
                hash = mix(hash, token.heads[0]);
                let said = lists.bits(hash);
                if said != 0 {
                    (*length, *bits) = (n + 1, said | *bits);
                }
            }
        }
        for (i, length, bits) in singles {
            for token in self.tokens.iter_mut().skip(i).take(length) {
                token.bits |= bits;
            }
        }
        self.place_singles();
    }

    /// Tells each character of a script that parts no words where it stands in its run: how far
    /// from the beginning and the end, what the run begins and ends with. A word's first and last
    /// characters say so of a word; a character has none, so the same places hold this.
    fn place_singles(&mut self) {
        let mut rest = self.tokens.as_mut_slice();
        while let Some(first) = rest.first() {
            let kind = first.shape;
            let same = |t: &&Token| t.shape == kind;
            let mut length = rest.iter().take_while(same).count().max(1);
            if let Some(gap) = rest.iter().take(length).skip(1).position(is_apart) {
                length = gap + 1;
            }
            let (run, behind) = rest.split_at_mut(length);
            rest = behind;
            if !kind.is_single() {
                continue;
            }
            let low = |t: Option<&Token>| t.map_or(0, |t| t.low);
            let head_bits = run.first().map_or(0, |t| u64::from(t.bits));
            let ending = mix(low(run.iter().rev().nth(1)), low(run.last()));
            for (i, token) in run.iter_mut().enumerate() {
                let from_start = i.min(RUN_CHARS_MAX) as u64;
                let from_end = (length - 1 - i).min(RUN_CHARS_MAX) as u64;
                let size = length.min(RUN_CHARS_MAX) as u64;
                token.heads = [
                    mix(token.low, from_start),
                    from_start << 8 | size,
                    mix(token.low, from_end << 8),
                ];
                token.tails = [
                    mix(
                        token.low,
                        u64::from(token.left) << 8 | u64::from(token.right),
                    ),
                    mix(head_bits, from_start << 8 | size),
                    mix(ending, from_start),
                ];
            }
        }
    }

    fn is_titled(&self) -> bool {
        let cased = |t: &&Token| matches!(t.shape, Shape::Lower | Shape::Capital);
        let words = self.tokens.iter().filter(cased).count();
        let lower = self
            .tokens
            .iter()
            .filter(|t| t.shape == Shape::Lower)
            .count();
        words >= 4 && lower * 4 <= words
    }
}

/// Whether a technical run may begin with a character, behind the one before it.
fn opens_run(c: char, before: Option<char>) -> bool {
    let inside = before.is_some_and(|b| b.is_alphanumeric() || b == '_');
    let first = c.is_alphanumeric() || matches!(c, '/' | '\\' | '_' | '@' | '$' | '#');
    first && !inside && !script(c).is_single()
}

/// A technical token of that many bytes.
fn opaque(end: usize) -> Token {
    Token {
        end,
        shape: Shape::Opaque,
        ..Token::default()
    }
}

/// Whether an argument's name stands at the head of `rest`: `-Wall`, `--name`.
fn is_flag(rest: &str) -> bool {
    let name = rest.trim_start_matches('-');
    rest.len() - name.len() <= 2 && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The token at the head of `rest`, whose first character is `c`; its end is relative.
fn next_token(rest: &str, c: char, before: Option<char>) -> Token {
    if c == '-' && before.is_none_or(char::is_whitespace) && is_flag(rest) {
        let head = cut(rest, 0, floor(rest, rest.len().min(OPAQUE_BYTES_MAX)));
        return opaque(head.find(char::is_whitespace).unwrap_or(head.len()));
    }
    if c.is_numeric() {
        let digits = rest.chars().take_while(|c| c.is_numeric());
        let (count, end) = digits.fold((0_u64, 0), |(n, end), c| (n + 1, end + c.len_utf8()));
        return Token {
            end,
            shape: Shape::Number,
            low: mix(1, count.min(9)),
            ..Token::default()
        };
    }
    if !c.is_alphabetic() {
        let same = rest.chars().take_while(|other| *other == c).count();
        return Token {
            end: same * c.len_utf8(),
            shape: Shape::Sign,
            low: mix(2, u64::from(c)),
            ..Token::default()
        };
    }
    let script = script(c);
    if script.is_single() {
        return Token {
            end: c.len_utf8(),
            shape: script,
            low: mix(SEED, u64::from(c)),
            heads: [u64::from(c), 0, 0],
            ..Token::default()
        };
    }
    word(rest, script)
}

/// The word at the head of `rest`.
fn word(rest: &str, kind: Shape) -> Token {
    let mut end = 0;
    let mut chars = [('\0', false); WORD_CHARS_MAX];
    let mut count = 0;
    for c in rest.chars() {
        looked(1);
        let other = script(c);
        let part = is_mark(c)
            || c == 'ー'
            || (c.is_alphabetic() && (other == kind || cased(other) && cased(kind)));
        if !part {
            break;
        }
        end += c.len_utf8();
        if let Some(slot) = chars.get_mut(count) {
            *slot = (c, c.is_uppercase());
        }
        count += 1;
    }
    let chars = chars.get(..count.min(WORD_CHARS_MAX)).unwrap_or(&[]);
    let low = |c: &(char, bool)| c.0.to_lowercase().next().map_or(0, u64::from);
    let fold = |part: &[(char, bool)]| part.iter().fold(SEED, |h, c| mix(h, low(c)));
    let head = |n: usize| chars.get(..n).map_or(0, fold);
    let tail = |n: usize| {
        let from = chars.len().checked_sub(n);
        from.and_then(|from| chars.get(from..)).map_or(0, fold)
    };
    let shape = if kind.is_caseless() {
        kind
    } else {
        cased_shape(chars)
    };
    Token {
        end,
        shape: if count > WORD_CHARS_MAX {
            Shape::Opaque
        } else {
            shape
        },
        low: rest.get(..end).map_or(0, hash_word),
        heads: [head(2), head(3), head(4)],
        tails: [tail(2), tail(3), tail(4)],
        ..Token::default()
    }
}

fn cased(shape: Shape) -> bool {
    !shape.is_caseless()
}

/// Beginnings of names that have a capital within.
const INNER: [&str; 14] = [
    "Mc", "Mac", "De", "Di", "Da", "Del", "Du", "La", "Le", "Fitz", "Van", "Ver", "Ap", "O",
];

/// Shape of a word by its capitals.
fn cased_shape(chars: &[(char, bool)]) -> Shape {
    let capitals = chars.iter().filter(|(_, upper)| *upper).count();
    let first = chars.first().is_some_and(|(_, upper)| *upper);
    match (first, capitals, chars.len()) {
        (true, 1, 1) => Shape::Initial,
        (_, 0, _) => Shape::Lower,
        (true, 1, _) => Shape::Capital,
        (true, n, all) if n == all => Shape::Upper,
        (true, 2, all) => {
            let second = chars.iter().rposition(|(_, upper)| *upper).unwrap_or(0);
            let is_inner = INNER.iter().any(|begin| {
                begin.chars().count() == second
                    && begin.chars().zip(chars).all(|(b, (c, _))| b == *c)
            });
            if is_inner && all > second + 2 {
                Shape::Inner
            } else {
                Shape::Opaque
            }
        }
        _ => Shape::Opaque,
    }
}
