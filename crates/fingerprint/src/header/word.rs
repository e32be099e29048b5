//! What a word of a header is: a level, a number, the name of a program or of a part of one.

use cordon_event::Severity;

/// Longest name of a level, in bytes.
pub(super) const LEVEL_BYTES_MAX: usize = 11;

/// The text without the white space that it begins with: most have none, or spaces.
#[inline]
pub(super) fn past_blanks(text: &str) -> &str {
    let graphic = |b: Option<&u8>| b.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    let blanks = bytes.iter().take_while(|b| **b == b' ').count();
    let rest = text.get(blanks..).unwrap_or_default();
    if rest.is_empty() || graphic(bytes.get(blanks)) {
        rest
    } else {
        rest.trim_start()
    }
}

/// The text without the marks that it begins with, which are of ASCII.
pub(super) fn past<'a>(text: &'a str, marks: &[u8]) -> &'a str {
    let bytes = text.bytes();
    let count = bytes.take_while(|b| marks.contains(b)).count();
    text.get(count..).unwrap_or_default()
}

/// The text without the marks that it ends with, which are of ASCII.
pub(super) fn before<'a>(text: &'a str, marks: &[u8]) -> &'a str {
    let bytes = text.bytes().rev();
    let count = bytes.take_while(|b| marks.contains(b)).count();
    text.get(..text.len() - count).unwrap_or_default()
}

/// The text up to the first of the marks, which are of ASCII.
pub(super) fn until<'a>(text: &'a str, marks: &[u8]) -> &'a str {
    let end = text.bytes().position(|b| marks.contains(&b));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// The level of that name; of a name in any case where it is told to be one.
pub(crate) fn level(word: &str, any_case: bool) -> Option<Severity> {
    if word.len() < 3 || word.len() > LEVEL_BYTES_MAX {
        return None;
    }
    let upper = word.bytes().all(|b| b.is_ascii_uppercase());
    if !(upper || any_case && word.bytes().all(|b| b.is_ascii_alphabetic())) {
        return None;
    }
    let mut lower = [0_u8; LEVEL_BYTES_MAX];
    for (slot, b) in lower.iter_mut().zip(word.bytes()) {
        *slot = b.to_ascii_lowercase();
    }
    let severity = match lower.get(..word.len())? {
        b"trace" | b"verbose" | b"finest" | b"finer" => 1,
        b"debug" | b"fine" | b"dbg" => 5,
        b"info" | b"notice" | b"information" | b"default" | b"system" | b"config" | b"inf" => 9,
        b"warn" | b"warning" | b"wrn" => 13,
        b"error" | b"err" | b"severe" | b"failure" => 17,
        b"fatal" | b"critical" | b"crit" | b"alert" | b"emerg" | b"panic" | b"emergency"
        | b"fault" => 21,
        _ => return None,
    };
    // Words that are more often something else.
    let doubtful = matches!(severity, 9) && matches!(word, "SYSTEM" | "CONFIG" | "DEFAULT");
    (!doubtful).then_some(Severity(severity))
}

/// Levels of PostgreSQL that no other logger has.
pub(super) fn is_database_level(name: &str) -> bool {
    matches!(
        name,
        "LOG" | "DETAIL" | "HINT" | "STATEMENT" | "CONTEXT" | "QUERY" | "LOCATION"
    ) || matches!(
        name.strip_prefix("DEBUG"),
        Some("1" | "2" | "3" | "4" | "5")
    )
}

/// The text up to the first space.
pub(super) fn until_space(text: &str) -> &str {
    let end = memchr::memchr(b' ', text.as_bytes()).unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

pub(super) fn number(word: &str) -> bool {
    !word.is_empty() && word.len() < 20 && word.bytes().all(|b| b.is_ascii_digit())
}

/// Whether a word may be the name of a part of a program.
pub(super) fn technical(word: &str) -> bool {
    let fits = |b: u8| TECHNICAL.get(usize::from(b)).copied().unwrap_or(false);
    !word.is_empty() && word.len() <= 120 && word.bytes().all(fits)
}

/// The bytes that may be in it.
static TECHNICAL: [bool; 256] = technical_bytes();

#[expect(
    clippy::indexing_slicing,
    reason = "a table that is made when compiling, where an index out of it does not compile"
)]
const fn technical_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        let byte = b as u8;
        let sign = matches!(
            byte,
            b'.' | b'_'
                | b'-'
                | b'$'
                | b':'
                | b'/'
                | b'@'
                | b'#'
                | b'*'
                | b'<'
                | b'>'
                | b'('
                | b')'
                | b'+'
                | b'~'
        );
        table[b] = byte.is_ascii_alphanumeric() || sign || byte >= 0x80;
        b += 1;
    }
    table
}

/// A name in capitals that fills a column.
pub(super) fn column_name(word: &str) -> bool {
    (2..=16).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
}

/// `sshd[123]:`, `crond(pam_unix)[1]:`, `kernel:`: the name.
pub(super) fn program(word: &str) -> Option<&str> {
    let name = word.strip_suffix(':')?;
    let name = match name.strip_suffix(']') {
        Some(name) => {
            name.split_once('[')
                .filter(|(_, number)| !number.is_empty())?
                .0
        }
        None => name,
    };
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '(' || c == '/');
    (starts && technical(name)).then_some(name)
}

/// `com.acme.Billing:`, `billing.charge -`, `SparkContext:` behind a level: the name.
pub(super) fn logger<'a>(
    word: &'a str,
    next: &str,
    after_level: bool,
    levelled: bool,
) -> Option<&'a str> {
    let dash = match next.as_bytes() {
        [b'-' | b':', b' ', ..] => true,
        [b'*', ..] => next.starts_with("*64 - "),
        _ => false,
    };
    let name = match word.strip_suffix(':') {
        Some(name) => name,
        None if dash => word,
        None => return None,
    };
    let process = name.strip_suffix(']').and_then(|name| name.split_once('['));
    let name = process.map_or(name, |(name, _)| name);
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !starts || !technical(name) {
        return None;
    }
    // `ValueError:` and `billing.errors.CardDeclined:` are messages, not loggers.
    let exception = ["Error", "Exception", "Warning", "Interrupt"];
    let exception = exception.into_iter().any(|suffix| name.ends_with(suffix));
    let dotted = name.contains('.') || name.contains("::") || name.contains('$');
    let humps = name.bytes().filter(u8::is_ascii_uppercase).count();
    let camel = after_level && humps >= 2 && name.bytes().any(|b| b.is_ascii_lowercase());
    (!exception && (dotted || process.is_some() || dash && levelled || camel)).then_some(name)
}
