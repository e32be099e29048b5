//! Where the value after a key ends, and whether it says anything.

use crate::bytes::{alnum, at, before, blank, ceil, cut, digit, looked, run, starts};
use crate::key::is_telling;

/// Longest value in bytes that is followed from a key.
pub(crate) const VALUE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a value that are read before it is known to be taken: only a value that is taken, so
/// that the pass goes on behind it, is read to its end. This keeps time linear.
pub(crate) const BRIEF_BYTES_MAX: usize = 96;

/// A value's extent and how it stands in the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// First byte of the value proper, quotes left out.
    pub(crate) start: usize,
    /// One past its last byte.
    pub(crate) end: usize,
    /// Whether it stood in quotes.
    pub(crate) quoted: bool,
}

impl Extent {
    /// Whether the value was longer than what was read of it.
    pub(crate) fn cut_at(self, max: usize) -> bool {
        self.end - self.start >= max
    }
}

/// Reads the value that begins at or after `i`, past blanks, casts and wrappers such as `b'`,
/// `Some(`, `string(7) `; at most `max` bytes of it.
pub(crate) fn extent(text: &str, i: usize, line_breaks: bool, max: usize) -> Option<Extent> {
    let bytes = text.as_bytes();
    let mut i = run(bytes, i, 64, |b| {
        blank(b) || line_breaks && b.is_ascii_whitespace()
    });
    // `["password"]=>\n  string(7) "x"` in escaped text.
    let slashes = run(bytes, i, 16, |b| b == b'\\');
    if line_breaks && slashes > i && at(bytes, slashes) == b'n' {
        let next = run(bytes, slashes + 1, 64, blank);
        if next > slashes + 1 && starts(bytes, next, b"string(") {
            i = next;
        }
    }
    // Markdown: `**password:** x`.
    if starts(bytes, i, b"** ") {
        i += 3;
    }
    // gdb's pointer to a string: `0x55d0 "x"`.
    if starts(bytes, i, b"0x") {
        let digits = run(bytes, i + 2, 16, |b| b.is_ascii_hexdigit());
        if at(bytes, digits) == b' ' && opens_quote(bytes, digits + 1) {
            i = digits + 1;
        }
    }
    // PHP's list: `array ( 0 => 'x', )`, also over lines.
    if starts(bytes, i, b"array (") {
        let open = run(bytes, i + 7, 64, |b| b.is_ascii_whitespace());
        if starts(bytes, open, b"0 =>") {
            i = run(bytes, open + 4, 64, |b| b.is_ascii_whitespace());
        }
    }
    // Erlang's binary: `<<"x">>`.
    if starts(bytes, i, b"<<") && opens_quote(bytes, i + 2) {
        i += 2;
    }
    // `Some("x")`, `SecretStr('x')`, `string(7) "x"`, `b"x"`, `&"x"`, `["x"]`.
    for _ in 0..3 {
        let word = run(bytes, i, 24, |b| {
            alnum(b) || matches!(b, b'_' | b'&' | b':' | b'.')
        });
        let length = run(bytes, word + 1, 8, digit);
        let typed = starts(bytes, length, b") ") && opens_quote(bytes, length + 2);
        if word > i && at(bytes, word) == b'(' && typed {
            i = length + 2;
        } else if (word > i && matches!(at(bytes, word), b'(' | b'{') || at(bytes, i) == b'[')
            && opens_quote(bytes, (word.max(i)) + 1)
        {
            i = word.max(i) + 1;
        } else if word > i && word <= i + 2 && opens_quote(bytes, word) {
            i = word;
        }
    }
    let slashes = run(bytes, i, 32, |b| b == b'\\') - i;
    let quote = at(bytes, i + slashes);
    if matches!(quote, b'"' | b'\'' | b'`') {
        let start = i + slashes + 1;
        return Some(Extent {
            start,
            end: quoted_end(text, start, quote, slashes, max),
            quoted: true,
        });
    }
    let end = bare_end(text, i, max);
    (end > i).then_some(Extent {
        start: i,
        end,
        quoted: false,
    })
}

/// The value at `i`, read to its end where `take` accepts its beginning.
pub(crate) fn taken(
    text: &str,
    i: usize,
    line_breaks: bool,
    take: impl FnOnce(&str, bool) -> bool,
) -> Option<Extent> {
    let brief = extent(text, i, line_breaks, BRIEF_BYTES_MAX)?;
    let value = cut(text, brief.start, brief.end);
    if is_placeholder(value) || !take(value, brief.quoted) {
        return None;
    }
    if brief.cut_at(BRIEF_BYTES_MAX) {
        return extent(text, i, line_breaks, VALUE_BYTES_MAX);
    }
    Some(brief)
}

/// Most words of a mnemonic (BIP 39) that stand behind each other.
const PHRASE_WORDS_MAX: usize = 24;

/// End of the words of a mnemonic (BIP 39) from `start` on: a multiple of three, twelve at least,
/// or what the text's end leaves of them.
pub(crate) fn phrase_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut ends = Vec::new();
    let mut i = start;
    while ends.len() < PHRASE_WORDS_MAX {
        let end = run(bytes, i, 9, |b| b.is_ascii_lowercase());
        if !(3..=8).contains(&(end - i)) {
            break;
        }
        ends.push(end);
        if at(bytes, end) != b' ' {
            break;
        }
        i = end + 1;
    }
    let cut_off = ends.last() == Some(&bytes.len()) && ends.len() >= 3;
    let words = if cut_off {
        ends.len()
    } else {
        ends.len() / 3 * 3
    };
    if !cut_off && words < 12 {
        return None;
    }
    ends.get(words - 1).copied()
}

/// Fewest and most words of a pass phrase without quotes.
const PASS_WORDS: std::ops::RangeInclusive<usize> = 3..=12;

/// Words that join others to a sentence, and are in no pass phrase.
const JOINTS: &[&str] = &[
    "the", "a", "an", "of", "by", "at", "in", "on", "from", "to", "and", "or", "as", "with", "but",
    "after", "before", "when", "while", "because", "please", "than", "that", "this", "it", "be",
    "are", "will", "can", "have", "via", "user", "account",
];

/// End of a pass phrase of plain words that begins with the value `first`: words parted by one
/// blank up to the end of the line or member, none of which makes a sentence of them.
pub(crate) fn words_end(text: &str, first: Extent) -> Option<usize> {
    let bytes = text.as_bytes();
    let plain = |b: u8| b.is_ascii_lowercase();
    let mut end = first.start;
    let mut words = 0;
    while words < *PASS_WORDS.end() {
        let start = if words == 0 { first.start } else { end + 1 };
        let next = run(bytes, start, 16, plain);
        let word = cut(text, start, next);
        // `user=bob`: another member begins.
        if matches!(at(bytes, next), b'=' | b':') && words > 0 {
            break;
        }
        if word.is_empty() || JOINTS.contains(&word) || is_prose(word) {
            return None;
        }
        words += 1;
        end = next;
        if at(bytes, end) != b' ' {
            let closed = matches!(
                at(bytes, end),
                0 | b'\n' | b'\r' | b';' | b',' | b'"' | b'\\'
            );
            return (closed && PASS_WORDS.contains(&words)).then_some(end);
        }
    }
    PASS_WORDS.contains(&words).then_some(end)
}

/// How far before a key the beginning of its line is looked for.
const HEAD_BYTES_MAX: usize = 24;

/// Whether the key at `i` is the first word of its line, but for a command that sets it.
pub(crate) fn begins_line(text: &str, i: usize) -> bool {
    let from = ceil(text, i.saturating_sub(HEAD_BYTES_MAX));
    let head = cut(text, from, i);
    let line = head.rsplit('\n').next().unwrap_or("");
    let whole = from == 0 || line.len() < head.len();
    whole
        && matches!(
            line.trim(),
            "" | "-" | "+" | "export" | "set" | "ENV" | "ARG"
        )
}

/// End of a value with blanks in it that goes on to the end of its line, of which `first` is the
/// first word: behind a key that says that it is several words, or that begins the line.
pub(crate) fn line_end(text: &str, key: &str, at_key: usize, first: Extent) -> Option<usize> {
    let bytes = text.as_bytes();
    if at(bytes, first.end) != b' ' {
        return None;
    }
    let phrase = crate::bytes::lower(key).ends_with("phrase");
    if !phrase && !begins_line(text, at_key) {
        return None;
    }
    let mut end = first.end;
    for _ in 1..*PASS_WORDS.end() {
        let next = run(bytes, end + 1, MEMBER_BYTES_MAX + 1, |b| {
            b > b' ' && !b",;\"'`[]{}()<>|\\".contains(&b) && b != 0x7f
        });
        let word = cut(text, end + 1, next);
        let other = word.is_empty() || word.len() > MEMBER_BYTES_MAX;
        let other = other || word.contains('=') || word.starts_with(['-', '#']);
        if at(bytes, end) != b' ' || other || word.ends_with(':') {
            break;
        }
        if JOINTS.contains(&word) || is_prose(word) || crate::form::is_state(word) {
            return None;
        }
        end = next;
    }
    (end > first.end).then_some(end)
}

/// Most words of a clause.
const CLAUSE_WORDS_MAX: usize = 6;

/// End of a value of several words whose first one ends at `i`: before what begins another member,
/// what closes, or a word that makes a sentence of them.
pub(crate) fn clause_end(text: &str, i: usize) -> usize {
    let bytes = text.as_bytes();
    let mut end = i;
    for _ in 1..CLAUSE_WORDS_MAX {
        let start = end + 1;
        let next = bare_end(text, start, MEMBER_BYTES_MAX);
        let word = cut(text, start, next);
        let opens = word.starts_with(['-', '[', '(', '{', '|', '=', '<', '>', '#', '*', '+', '@']);
        if at(bytes, end) != b' ' || word.is_empty() || opens || word.contains(['=', ':']) {
            break;
        }
        if JOINTS.contains(&word) || is_prose(word) || crate::form::is_state(word) {
            break;
        }
        end = next;
    }
    end
}

/// Most codes of a list.
const LIST_COUNT_MAX: usize = 24;

/// End of a list of codes, of which `first` is the first: parted by blanks or commas, each with a
/// digit, and of the first one's form or of letters and dashes, too.
pub(crate) fn list_end(text: &str, first: Extent) -> usize {
    let bytes = text.as_bytes();
    let mut end = first.end;
    let shape = |code: &str| code.bytes().map(|b| b == b'-').collect::<Vec<bool>>();
    let wanted = shape(cut(text, first.start, first.end));
    // A date has dashes, and no letter.
    let made = |code: &str| code.contains('-') && code.bytes().any(|b| b.is_ascii_alphabetic());
    for _ in 1..LIST_COUNT_MAX {
        let start = run(bytes, end, 2, |b| matches!(b, b' ' | b','));
        let next = run(bytes, start, MEMBER_BYTES_MAX, |b| alnum(b) || b == b'-');
        let code = cut(text, start, next);
        let closed = matches!(
            at(bytes, next),
            0 | b' ' | b',' | b'\n' | b'"' | b'\'' | b'.' | b'\\'
        );
        let grouped = code.matches('-').count() >= 2;
        if start == end
            || !closed
            || !(grouped || code.bytes().any(digit))
            || !(made(code) || shape(code) == wanted)
        {
            break;
        }
        end = next;
    }
    end
}

/// How far behind its first word a value without quotes is read that has blanks in it.
const MEMBER_BYTES_MAX: usize = 64;

/// End of a value with blanks in it whose first word is `first`, where what stands around its key
/// says where it ends: the quote that opens before the key, the `;` of a connection string, the
/// comma or bracket of a printed object.
pub(crate) fn member_end(text: &str, key: usize, first: Extent) -> Option<usize> {
    let bytes = text.as_bytes();
    if at(bytes, first.end) != b' ' {
        return None;
    }
    let quote = Some(before(bytes, key)).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
    let parted = |i: usize| {
        let name = run(bytes, i, NEXT_KEY_BYTES_MAX, |b| {
            alnum(b) || matches!(b, b'_' | b'-' | b'.' | b' ')
        });
        name > i && at(bytes, name) == b'=' || name == bytes.len()
    };
    let end = run(bytes, first.end, MEMBER_BYTES_MAX, |b| {
        !matches!(
            b,
            b'\n' | b'\r' | b'=' | b'"' | b'\'' | b'`' | b';' | b',' | b']' | b'<' | b'>'
        )
    });
    let closed = match at(bytes, end) {
        b if quote == Some(b) => true,
        b';' if quote.is_none() => parted(end + 1),
        b',' if quote.is_none() => at(bytes, end + 1) == b' ' && parted(end + 2),
        b']' if quote.is_none() => true,
        _ => false,
    };
    let mut words = cut(text, first.end, end).split_ascii_whitespace();
    let said = |word: &str| JOINTS.contains(&word) || is_prose(word) || word.ends_with(':');
    (closed && !words.any(said)).then_some(end)
}

fn opens_quote(bytes: &[u8], i: usize) -> bool {
    let i = run(bytes, i, 32, |b| b == b'\\');
    matches!(at(bytes, i), b'"' | b'\'')
}

/// End of a quoted value whose opening quote had `slashes` backslashes before it: the next same
/// quote with no more backslashes than that.
fn quoted_end(text: &str, start: usize, quote: u8, slashes: usize, max: usize) -> usize {
    let bytes = text.as_bytes();
    let limit = (start + max).min(bytes.len());
    let mut count = 0_usize;
    let mut i = start;
    while i < limit {
        let b = at(bytes, i);
        if b == b'\\' {
            count += 1;
        } else {
            let closes = slashes == 0 && count.is_multiple_of(2);
            if b == quote && (count <= slashes || closes) {
                looked(i - start);
                return if closes { i } else { i - count };
            }
            count = 0;
        }
        i += 1;
    }
    looked(i - start);
    ceil(text, limit)
}

/// Longest pseudonym in bytes: a kind, a sign and its characters.
const PSEUDONYM_BYTES_MAX: usize = 24 + 1 + PSEUDONYM_CHARS;

/// Longest marker in bytes.
const MARKER_BYTES_MAX: usize = 64;

/// End of the marker or pseudonym of ours that begins at `i`. What is glued to it was judged when
/// it was made, and is no part of its value.
pub(crate) fn ours_end(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = if at(bytes, i) == b'[' {
        1 + run(bytes, i, MARKER_BYTES_MAX, |b| {
            b != b']' && !b.is_ascii_whitespace()
        })
    } else {
        run(bytes, i, PSEUDONYM_BYTES_MAX + 1, |b| {
            b.is_ascii_lowercase() || digit(b) || b == b'_'
        })
    };
    (is_ours(cut(text, i, end)) && !alnum(at(bytes, end))).then_some(end)
}

/// End of a value without quotes.
fn bare_end(text: &str, start: usize, max: usize) -> usize {
    let bytes = text.as_bytes();
    if let Some(end) = ours_end(text, start) {
        return end;
    }
    let limit = (start + max).min(bytes.len());
    // A placeholder such as `${DB_PASSWORD}` is taken whole.
    let mut i = start;
    let mut open = 0_usize;
    while i < limit {
        let b = at(bytes, i);
        if matches!(b, b'(' | b'{' | b'[') {
            open += 1;
        }
        let stop = match b {
            b')' | b'}' | b']' if open > 0 => {
                open -= 1;
                false
            }
            b'`' => true,
            b'<' => !within_word(bytes, i),
            // One within a word is a character of it.
            b'\'' | b'"' | b'>' => !(alnum(before(bytes, i)) && alnum(at(bytes, i + 1))),
            // A shell's line goes on behind it.
            b'\\' if at(bytes, i + 1) == b'\n' && i > start => {
                i = run(bytes, i + 2, INDENT_BYTES_MAX, blank);
                continue;
            }
            b'\\' => matches!(at(bytes, i + 1), b'"' | b'\'' | b'n' | b'r' | b't' | b'\\'),
            b',' | b';' | b'&' => separates(bytes, i),
            b')' | b'}' | b']' => closes(bytes, i),
            _ => b.is_ascii_whitespace() || b < 0x20,
        };
        if stop {
            break;
        }
        i += 1;
    }
    looked(i - start);
    ceil(text, i)
}

/// Where what is glued to a value that ends at `i` ends: at what ends a value without quotes, or
/// at a mark that a producer set.
pub(crate) fn glued_end(text: &str, i: usize) -> usize {
    let end = bare_end(text, i, VALUE_BYTES_MAX);
    let glued = cut(text, i, end);
    i + glued.find(['‹', '›']).unwrap_or(glued.len())
}

/// Longest name of a tag in bytes.
const TAG_BYTES_MAX: usize = 24;

/// Whether the `<` at `i` stands within a word and begins no tag.
fn within_word(bytes: &[u8], i: usize) -> bool {
    let end = run(bytes, i + 1, TAG_BYTES_MAX, alnum);
    alnum(before(bytes, i)) && end > i + 1 && !matches!(at(bytes, end), b'>' | b'/' | b' ' | b':')
}

/// Blanks at the beginning of a line on which a value goes on.
const INDENT_BYTES_MAX: usize = 40;
/// How far behind a value's separator the next `key=` is looked for.
const NEXT_KEY_BYTES_MAX: usize = 40;

/// Whether `,`, `;` or `&` at `i` ends a value: the end, a blank, a quote or another `key=`
/// follows.
fn separates(bytes: &[u8], i: usize) -> bool {
    let next = at(bytes, i + 1);
    if next == 0 || next.is_ascii_whitespace() || matches!(next, b'"' | b'\'' | b'\\' | b'{' | b'}')
    {
        return true;
    }
    // `&` joins keys without a blank in them.
    let spaced = at(bytes, i) != b'&';
    let word = run(bytes, i + 1, NEXT_KEY_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-' | b'.') || b == b' ' && spaced || b >= 0x80
    });
    // `x;: quota exceeded`: a sign alone is no key, but may end a clause.
    let named = word > i + 1 || matches!(at(bytes, word + 1), 0 | b' ' | b'\n');
    named && matches!(at(bytes, word), b'=' | b':')
}

fn closes(bytes: &[u8], i: usize) -> bool {
    let next = at(bytes, i + 1);
    next == 0
        || next.is_ascii_whitespace()
        || matches!(
            next,
            b',' | b';' | b'"' | b'\'' | b')' | b'}' | b']' | b'.' | b'\\' | b'>'
        )
}

/// Whether a value says nothing: empty, null, a mask, a placeholder, our own marker.
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let value = value.trim_end_matches([',', ';', ':']);
    if value.is_empty() || is_ours(value) {
        return true;
    }
    let lower = crate::bytes::lower(value);
    let word = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let said = [
        "null",
        "none",
        "nil",
        "undefined",
        "true",
        "false",
        "redacted",
        "filtered",
        "removed",
        "masked",
        "hidden",
        "omitted",
        "nan",
        "n/a",
        "secret filtered",
        "protected",
        "scrubbed",
        "sensitive",
        "not set",
        "unset",
    ];
    if said.contains(&word) && value.len() < 24 {
        return true;
    }
    let masked = value
        .chars()
        .all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '•' | '-' | '#' | '_' | '?'));
    let environment = [
        "os.environ",
        "process.env",
        "env.",
        "getenv(",
        "system.getenv",
    ]
    .iter()
    .any(|head| lower.starts_with(head));
    masked
        || is_variable(value)
        || environment
        || is_metavariable(value)
        || is_parameter(value)
        || stands_in(value, &lower)
}

/// Whether a value is a variable of a shell, a template, a workflow or a page, or empty brackets.
fn is_variable(value: &str) -> bool {
    (value.starts_with("${") && value.ends_with('}'))
        || (value.starts_with("$(") && value.ends_with(')'))
        || (value.starts_with("{{") && value.ends_with("}}"))
        || (value.starts_with("<%") && value.ends_with("%>"))
        || (value.starts_with('<')
            && value.ends_with('>')
            && value.len() < 40
            && value.bytes().all(|b| !b.is_ascii_digit()))
        // A variable of a workflow, up to its first blank; a page's spelling of angles.
        || is_workflow_variable(value)
        || (value.starts_with("&lt;")
            && value.ends_with("&gt;")
            && value.bytes().all(|b| !b.is_ascii_digit()))
        || (value.len() > 2
            && value.starts_with('$')
            && value
                .bytes()
                .skip(1)
                .all(|b| b.is_ascii_uppercase() || b == b'_'))
        || (value.starts_with('%') && value.len() == 2)
        || is_windows_variable(value)
        || (value.starts_with('{') && value.ends_with('}') && value.len() < 3)
        || value == "[]"
}

/// Whether a value is `${{ secrets.TOKEN }}` of a workflow, or its beginning up to the first blank.
fn is_workflow_variable(value: &str) -> bool {
    let Some(rest) = value.strip_prefix("${{") else {
        return false;
    };
    let name = |b: u8| alnum(b) || b"_-.[]'\" ()|&=!".contains(&b);
    let inner = rest.strip_suffix("}}");
    let whole = |inner: &str| inner.contains([' ', '.']) && inner.bytes().all(name);
    rest.is_empty() || inner.is_some_and(whole)
}

/// Whether a value stands for itself in a usage: `--password PASSWORD`.
fn is_metavariable(value: &str) -> bool {
    // `*password*`, as wget prints an address.
    let starred = value
        .strip_prefix('*')
        .and_then(|rest| rest.strip_suffix('*'));
    let named = |word: &str| word.bytes().all(|b| b.is_ascii_lowercase()) && is_telling(word);
    METAVARIABLES.contains(&value) || starred.is_some_and(named)
}

/// What usages name values after.
const METAVARIABLES: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "APIKEY",
    "CLIENT_SECRET",
    "ACCESS_TOKEN",
    "AUTH_TOKEN",
    "SECRET_KEY",
    "ACCESS_KEY",
];

/// Whether a value is a variable of Windows' shell: `%CLIENT_SECRET%`.
fn is_windows_variable(value: &str) -> bool {
    let name = value
        .strip_prefix('%')
        .and_then(|rest| rest.strip_suffix('%'));
    let letter = |b: u8| b.is_ascii_uppercase() || b == b'_';
    name.is_some_and(|name| name.len() >= 2 && name.bytes().all(letter))
}

/// Where secrets are kept: what begins so says where one is, not what it is.
const STORES: &[&str] = &[
    "vault:",
    "ref+",
    "op://",
    "secretref:",
    "secretsmanager:",
    "arn:aws:secretsmanager:",
    "arn:aws:ssm:",
    "@microsoft.keyvault(",
    "keyring:",
    "/run/secrets/",
    "file:/",
    "env:",
];

/// Whether a value stands in for one: `YOUR_API_KEY`, `ghp_****`, `****1234`, `vault:path#key`.
fn stands_in(value: &str, lower: &str) -> bool {
    let mask = |c: char| matches!(c, '*' | '•' | '…');
    let masks = value.chars().filter(|c| mask(*c)).count();
    let bare = value.trim_matches(mask);
    let half = masks >= 4 && bare.len() <= 12 && !bare.contains(mask);
    let head = [
        "your_",
        "your-",
        "insert_",
        "insert-",
        "replace_",
        "replace-",
        "change_me",
    ];
    let words = lower
        .bytes()
        .all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-'));
    half || words && head.iter().any(|head| lower.starts_with(head))
        || STORES.iter().any(|store| lower.starts_with(store))
}

/// Whether a value is a parameter of SQL: `$1`, `:password`.
fn is_parameter(value: &str) -> bool {
    value.strip_prefix(['$', '?', ':']).is_some_and(|rest| {
        let named = |b: u8| b.is_ascii_lowercase() || b == b'_';
        let number = rest.len() <= 2 && rest.bytes().all(digit);
        let name = value.starts_with(':') && rest.bytes().all(named);
        !rest.is_empty() && (number || name && is_telling(rest))
    })
}

/// Whether the whole value is a marker or a pseudonym that redaction made.
pub fn is_ours(value: &str) -> bool {
    let marker = value
        .strip_prefix("[removed:")
        .and_then(|rest| rest.strip_suffix(']'));
    if let Some(rule) = marker {
        return !rule.is_empty()
            && rule.len() <= 48
            && rule
                .bytes()
                .all(|b| b.is_ascii_lowercase() || digit(b) || matches!(b, b'_' | b'.'));
    }
    is_pseudonym(value)
}

/// Whether a word is a marker of ours and what closes around it: `[removed:key.x]}`.
pub(crate) fn is_removed(word: &str) -> bool {
    let marker = word.find(']').and_then(|n| word.split_at_checked(n + 1));
    let around = |rest: &str| rest.bytes().all(|b| b.is_ascii_punctuation());
    marker.is_some_and(|(marker, rest)| is_ours(marker) && around(rest))
}

/// What a value looks like by `judge`, a pseudonym in it left out: that looks made by a machine,
/// and stands for what need not have.
pub(crate) fn judged(value: &str, judge: impl Fn(&str) -> bool) -> bool {
    let parts = || value.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = |part: &&str| part.len() > PSEUDONYM_CHARS && is_pseudonym(part);
    if !parts().any(|part| ours(&part)) {
        return judge(value);
    }
    parts().filter(|part| !ours(part)).any(judge)
}

/// Characters of base32 in a pseudonym: 120 bits.
pub const PSEUDONYM_CHARS: usize = 24;

/// Whether the text is `<kind>_<24 lower-case base32 characters>`.
pub fn is_pseudonym(text: &str) -> bool {
    let Some((kind, mac)) = text.rsplit_once('_') else {
        return false;
    };
    mac.len() == PSEUDONYM_CHARS
        && mac.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
        && (1..=24).contains(&kind.len())
        && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// Words that follow a secret's name in prose and are not the secret.
pub(crate) fn is_prose(value: &str) -> bool {
    let word = crate::bytes::lower(value.trim_end_matches(['.', ',', '!', ')']));
    matches!(
        word.as_str(),
        "must"
            | "is"
            | "was"
            | "has"
            | "not"
            | "incorrect"
            | "invalid"
            | "expired"
            | "required"
            | "missing"
            | "failed"
            | "wrong"
            | "ok"
            | "for"
            | "mismatch"
            | "rejected"
            | "denied"
            | "error"
            | "too"
            | "cannot"
            | "does"
            | "should"
            | "no"
            | "unknown"
            | "empty"
            | "could"
            | "unable"
            | "authentication"
            | "yes"
            | "changed"
            | "reset"
            | "accepted"
            | "validation"
            | "parsing"
            | "refreshed"
            | "verified"
            | "found"
            | "expected"
            | "unexpected"
            | "falsch"
            | "vergessen"
            | "ungültig"
            | "oublié"
            | "incorrect(e)"
            | "requis"
            | "incorrecta"
            | "inválida"
            | "obligatoria"
            | "obligatória"
            | "неверный"
            | "неверен"
    )
}

/// Whether the whole text from `start` to `end` is a placeholder.
pub(crate) fn says_nothing(text: &str, extent: Extent) -> bool {
    is_placeholder(cut(text, extent.start, extent.end))
}
