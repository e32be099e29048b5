//! What a line leaves open for the lines below it, for those who read a text line by line: the
//! header of a table, a record's head, a name whose value stands on the next line, a token that
//! the line's end interrupts.
//!
//! *Limits:* a line of [`LINE_BYTES_MAX`]; what is open is forgotten where the next line is none
//! of its own.

use crate::bytes::{alnum, at, run, starts};
use crate::fit::is_made;
use crate::key::{KeyVerdict, verdict};
use crate::rules::RuleSet;
use crate::{pair, table};

/// Longest line in bytes that may leave something open.
const LINE_BYTES_MAX: usize = 1_024;
/// Shortest line of a token in bytes that another one may follow.
const PIECE_BYTES_MIN: usize = 32;
/// Most bytes of lines that are carried on.
const CARRIED_BYTES_MAX: usize = 4_096;
/// Most lines that are carried on: what is carried is read again with each line below.
const CARRIED_LINES_MAX: usize = 64;
/// Longest first line in bytes of an entry, a party or a reply: it is read again with each of them.
const FIRST_BYTES_MAX: usize = 128;
/// Longest head of a record in bytes: it is as wide as the record's widest value, and is read again
/// with each line.
const RECORD_BYTES_MAX: usize = 256;
/// Most bytes of an entry that are carried on: an attribute is told by what stands near before it.
const ENTRY_BYTES_MAX: usize = 512;
/// Most bytes of a party that are carried on: an account, and four lines of 35 characters.
const PARTY_BYTES_MAX: usize = 512;
/// Most lines of a party that are carried on.
const PARTY_LINES_MAX: usize = 4;
/// Most headers of a part of a form that are carried on.
const PART_LINES_MAX: usize = 3;

/// What is to be carried to the line below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carry {
    /// Nothing.
    Nothing,
    /// This line.
    Line,
    /// What was carried to this line.
    Same,
    /// What was carried to this line, and the line.
    Both,
}

/// What the line leaves open, where `carried` was carried to it (empty for nothing).
pub fn carry(carried: &str, line: &str, rules: &RuleSet) -> Carry {
    if line.len() > LINE_BYTES_MAX {
        return Carry::Nothing;
    }
    match structure(carried, line) {
        Carry::Nothing => token(carried, line, rules),
        known => known,
    }
}

/// What a token that is not at its end leaves open: its line, and the pieces of it below.
fn token(carried: &str, line: &str, rules: &RuleSet) -> Carry {
    // A shell's line goes on behind a backslash, and a word of it where no blank stands before.
    let word = line.strip_suffix('\\');
    let joined = word.is_some_and(|word| word.ends_with(|c: char| c.is_ascii_alphanumeric()));
    if joined || rules.ends_open(line) {
        return Carry::Line;
    }
    let first = carried.lines().next().unwrap_or("");
    let piece = line.trim_end_matches('\\').rsplit([' ', '\t']).next();
    let goes_on = carried.len() + line.len() < CARRIED_BYTES_MAX
        && piece.is_some_and(|piece| piece.len() >= PIECE_BYTES_MIN && is_made(piece));
    if goes_on && rules.ends_open(first) {
        Carry::Both
    } else {
        Carry::Nothing
    }
}

/// What a table, a record or a name leaves open.
fn structure(carried: &str, line: &str) -> Carry {
    let first = carried.lines().next().unwrap_or("");
    if is_record(first) && line.contains(" |") && !is_record(line) {
        return Carry::Same;
    }
    if table::is_header(first) {
        let drawn = table::is_drawn(line.as_bytes());
        if drawn && carried.len() + line.len() < CARRIED_BYTES_MAX {
            return Carry::Both;
        }
        if table::is_row(first, line) {
            return Carry::Same;
        }
    }
    let record = is_record(line) && line.len() <= RECORD_BYTES_MAX;
    if table::is_header(line) || record || waits(line) {
        return Carry::Line;
    }
    if carried.is_empty() || is_record(first) || table::is_header(first) {
        return Carry::Nothing;
    }
    let (bytes, lines) = (carried.len() + line.len(), carried.lines().count());
    let part = first.contains("Content-Disposition");
    let goes_on = if part {
        // The empty line before the value, or another header of the part.
        lines <= PART_LINES_MAX && (line.trim().is_empty() || line.starts_with("Content-"))
    } else if is_entry(first) {
        bytes < ENTRY_BYTES_MAX && is_attribute(line)
    } else if crate::positional::is_party(first) {
        // Its name and its address, up to the next field.
        let short = lines <= PARTY_LINES_MAX && bytes < PARTY_BYTES_MAX;
        short && !line.starts_with([':', '-', '}'])
    } else {
        let opens = first.trim_end().ends_with(['|', '>', '-', '+', ':']);
        (opens || variable(first).is_some()) && indent(line) > indent(first)
    };
    if goes_on && bytes < CARRIED_BYTES_MAX && lines < CARRIED_LINES_MAX {
        Carry::Both
    } else {
        Carry::Nothing
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn is_record(line: &str) -> bool {
    let mut brackets = memchr::memchr_iter(b'[', line.as_bytes());
    brackets.any(|n| n > 0 && starts(line.as_bytes(), n - 1, b"-[ RECORD "))
}

fn says(key: &str) -> bool {
    matches!(
        verdict(key),
        KeyVerdict::Secret(_) | KeyVerdict::Personal(..)
    )
}

/// The last word of a text, quotes and brackets left out.
fn last_word(text: &str) -> &str {
    let bare = text.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '_' || c == ' ');
    let part = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.') || !c.is_ascii());
    bare.rsplit(part).next().unwrap_or(bare)
}

/// What stands before the last `name=`, and behind it.
fn named(text: &str) -> Option<(&str, &str)> {
    let head = |at| text.get(..at)?.strip_suffix("name");
    memchr::memrchr_iter(b'=', text.as_bytes())
        .find_map(|at| Some((head(at)?, text.get(at + 1..)?)))
}

/// The line before the end of an element that holds another one's name.
fn element_end(line: &str) -> Option<&str> {
    let ends = ["</key>", "</name>", "</param-name>"];
    ends.iter().find_map(|end| line.strip_suffix(end))
}

/// The name of a variable of Terraform whose block the line opens: its default is below.
fn variable(line: &str) -> Option<&str> {
    let head = line.trim().strip_prefix("variable \"")?;
    head.trim_end_matches('{').trim_end().strip_suffix('"')
}

/// Whether the line begins somebody's entry of LDIF (RFC 2849).
fn is_entry(line: &str) -> bool {
    let name = line.strip_prefix("dn: ").unwrap_or("");
    ["uid=", "cn=", "CN=", "mail="]
        .iter()
        .any(|key| name.starts_with(key))
}

/// Whether the line is one of an attribute of LDIF: its name and options, and one colon or two.
fn is_attribute(line: &str) -> bool {
    let name = |b: u8| alnum(b) || matches!(b, b'_' | b'-' | b';');
    let bytes = line.as_bytes();
    let end = run(bytes, 0, FIRST_BYTES_MAX, name);
    let colons = run(bytes, end, 2, |b| b == b':');
    let letter = line.starts_with(|c: char| c.is_ascii_alphabetic());
    letter && colons > end && at(bytes, colons) == b' '
}

/// Whether the line ends with a name whose value is to follow.
fn waits(line: &str) -> bool {
    let text = line.trim_end();
    let opens = is_entry(text) || crate::positional::is_party(text) || table::is_reply(text);
    if opens {
        return text.len() <= FIRST_BYTES_MAX;
    }
    if crate::command::shows_secret(text) || table::is_single(text) {
        return true;
    }
    if let Some(head) = text.strip_suffix("=>") {
        return says(last_word(head));
    }
    if let Some((head, name)) = named(text).filter(|(head, _)| head.contains("form-data")) {
        let name = name.trim_matches('"');
        return head.len() < text.len() && says(name);
    }
    // `<key>password</key>` of a property list, `<param-name>…</param-name>`.
    if let Some((_, name)) = element_end(text).and_then(|head| head.rsplit_once('>')) {
        return says(name);
    }
    let first = text.trim_start();
    if let Some(name) = variable(first) {
        return says(name);
    }
    let first = first.strip_prefix("- ").unwrap_or(first);
    let Some((key, value)) = first.split_once(':') else {
        return false;
    };
    let value = value.trim();
    if pair::names(key) {
        return says(value.trim_matches(['"', '\'']));
    }
    let block = value.is_empty() || value.starts_with(['|', '>']) && value.len() <= 3;
    block && matches!(verdict(key), KeyVerdict::Secret(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_is_little() {
        let rules = RuleSet::builtin();
        for (first, line) in [
            ("dn: uid=bob", "a: "),
            ("password: |", "  x"),
            (":50K:/DE89370400440532013000", "x"),
        ] {
            let mut carried = first.to_owned();
            let mut lines = 1;
            while carry(&carried, line, &rules) == Carry::Both {
                carried = format!("{carried}\n{line}");
                lines += 1;
            }
            assert!((2..=CARRIED_LINES_MAX).contains(&lines), "{first} {lines}");
        }
        let long = format!("dn: uid={}", "b".repeat(FIRST_BYTES_MAX));
        assert_eq!(carry("", &long, &rules), Carry::Nothing);
        let wide = format!("-[ RECORD 1 ]{}", "-".repeat(RECORD_BYTES_MAX));
        assert_eq!(carry("", &wide, &rules), Carry::Nothing);
        let long = format!(":59:/{}", "1".repeat(FIRST_BYTES_MAX));
        assert_eq!(carry("", &long, &rules), Carry::Nothing);
    }

    #[test]
    fn a_line_says_what_the_next_one_needs() {
        let rules = RuleSet::builtin();
        for (carried, line, expected) in [
            ("", "id,password,city", Carry::Line),
            ("id,password,city", "1,x,y", Carry::Same),
            ("id,password,city", "done", Carry::Nothing),
            ("", "id | password", Carry::Line),
            ("id | password", "---+---", Carry::Both),
            ("id | password\n---+---", "1 | x", Carry::Same),
            ("", "id,name of,city", Carry::Nothing),
            ("", "-[ RECORD 1 ]-+----", Carry::Line),
            ("-[ RECORD 1 ]-+----", "password | x", Carry::Same),
            ("", "  [\"password\"]=>", Carry::Line),
            ("", "  - name: DB_PASSWORD", Carry::Line),
            ("  - name: DB_PASSWORD", "    value: x", Carry::Nothing),
            (
                "",
                "Content-Disposition: form-data; name=\"token\"",
                Carry::Line,
            ),
            (
                "Content-Disposition: form-data; name=\"token\"",
                "",
                Carry::Both,
            ),
            ("", "  <key>password</key>", Carry::Line),
            ("", "  <key>colour</key>", Carry::Nothing),
            ("", "password: |", Carry::Line),
            ("password: |", "  one", Carry::Both),
            ("password: |", "next: 1", Carry::Nothing),
            ("", "dn: uid=bob,ou=people,dc=example", Carry::Line),
            ("dn: uid=bob,ou=people", "objectClass: person", Carry::Both),
            ("dn: uid=bob,ou=people", "cn;lang-de:: Qm9i", Carry::Both),
            ("dn: uid=bob,ou=people", "INFO svc: ready", Carry::Nothing),
            ("dn: uid=bob,ou=people", ": ", Carry::Nothing),
            ("dn: uid=bob,ou=people", "", Carry::Nothing),
            ("", "dn: dc=example,dc=org", Carry::Nothing),
            ("", ":50K:/DE89370400440532013000", Carry::Line),
            (":50K:/DE89370400440532013000", "Anna Keller", Carry::Both),
            (
                ":50K:/DE89370400440532013000",
                ":70:INVOICE 1",
                Carry::Nothing,
            ),
            ("", ":20:A88F229AFB", Carry::Nothing),
            ("", "a clean line, nothing else", Carry::Nothing),
            ("", "got ghp_0a1B2c3D4e5F6g7H8i9J0", Carry::Line),
            ("", "got glpat-0a1B2c", Carry::Line),
            ("", "got glpat-0a1B2c for ci", Carry::Nothing),
            ("got glpat-0a1B2c", "3D4e5F6g7H8i9J", Carry::Nothing),
            ("id,token", "1,sk-ant-0a1B2c3D4e5F6g7H8i9J", Carry::Same),
        ] {
            assert_eq!(
                carry(carried, line, &rules),
                expected,
                "{carried:?} {line:?}"
            );
        }
    }
}
