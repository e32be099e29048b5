//! How a line of a chat looks: the beginning of a message, a name, a time, a day, or a body.
//!
//! Shapes are told by their marks, not by the program that made them: one shape is copied out of
//! several programs, and one program is copied in several shapes.

use super::noise;
use super::stamp::{self, Day, Stamp};

/// Longest name, in characters, and its words.
const NAME_CHARS_MAX: usize = 48;
const NAME_WORDS_MAX: usize = 5;
/// Longest line that may be nothing but a header, in bytes.
const HEADER_BYTES_MAX: usize = 160;
/// Words before a colon that are nobody's name.
const LABELS: &str = " error warning warn info note notes impact status update summary action \
    actions todo \
    root cause fix resolution timeline question decision severity title description message caused \
    exception http https ftp file path url at in on by from to subject re fwd ps edit fyi tldr \
    tl dr \
    time date when what why who where next steps owner deadline attendees agenda participants \
    started \
    ended began detected resolved service services customer customers plan result output logs log \
    command traceback panic fatal debug trace expected actual hypothesis theory sev1 sev2 sev3 \
    incident commander ic comms lead ";
/// Words at the end of a name that are none: what programs mark programs with.
const MARKS: [&str; 6] = ["APP", "BOT", "BOT:", "Bot", "APP:", "WORKFLOW"];

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Line<'l> {
    /// The beginning of a message; its text may follow in the next lines.
    Begins(Begin<'l>),
    /// A time alone: of the name above it, or of the next message of the same person; and whether
    /// it is marked as a program's.
    Time(Stamp, bool),
    /// A day, for the messages below.
    Day(Day),
    /// Who came or went, reactions, and the like.
    Noise,
    /// Text.
    Body,
}

/// The beginning of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Begin<'l> {
    /// Empty where nobody is told.
    pub(crate) who: &'l str,
    pub(crate) stamp: Option<Stamp>,
    pub(crate) text: &'l str,
    /// Nothing but a chat writes so.
    pub(crate) is_sure: bool,
    /// The name is marked as a program's.
    pub(crate) is_bot: bool,
}

/// What a line is.
pub(crate) fn read(line: &str) -> Line<'_> {
    let line = trimmed(line);
    if line.is_empty() {
        return Line::Body;
    }
    if noise::is(line) {
        return Line::Noise;
    }
    if let Some(day) = stamp::heading(line).filter(|_| line.len() <= HEADER_BYTES_MAX) {
        return Line::Day(day);
    }
    let found = bracketed(line)
        .or_else(|| nick(line, None))
        .or_else(|| stamped(line))
        .or_else(|| trailing(line));
    found.unwrap_or(Line::Body)
}

/// `Name: text` without a time: the name and the text.
pub(crate) fn speaker(line: &str) -> Option<(&str, &str)> {
    let (name, text) = trimmed(line).split_once(':')?;
    let text = text.strip_prefix([' ', '\t'])?;
    let text = text.trim();
    (is_name(name) && !is_label(name) && !text.is_empty()).then(|| (named(name), text))
}

/// A line without blanks, marks of direction and bullets around it.
pub(crate) fn trimmed(line: &str) -> &str {
    let hidden = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{200e}' | '\u{200f}' | '\u{feff}' | '\u{202a}' | '\u{202c}'
            )
    };
    line.trim_matches(hidden)
}

/// `[10:42] <nick> text`, `[23/11/2026, 10:42:13] Name: text`, `[10:42 AM] Name`, `[10:42 AM]`.
fn bracketed(line: &str) -> Option<Line<'_>> {
    let inner = line.strip_prefix('[')?;
    let (stamp, rest) = stamp::read(inner)?;
    let rest = rest.trim_start().strip_prefix(']')?;
    let rest = trimmed(rest);
    if rest.is_empty() {
        return Some(Line::Time(stamp, false));
    }
    if noise::is(rest) {
        return Some(Line::Noise);
    }
    if let Some(found) = nick(rest, Some(stamp)) {
        return Some(found);
    }
    let dated = stamp.day != Day::Untold;
    if let Some((who, text)) = speaker(rest) {
        return Some(begins(who, stamp, text, dated));
    }
    // `[10:42 AM] Name`: the text follows.
    if rest.len() <= HEADER_BYTES_MAX && is_capital_name(rest) {
        return Some(begins(rest, stamp, "", true));
    }
    // `[11/23 10:42 AM] Ito, Ana`.
    if let Some((last, first)) = rest.split_once(", ")
        && dated
        && is_capital_name(last)
        && is_capital_name(first)
    {
        return Some(begins(rest, stamp, "", true));
    }
    Some(begins("", stamp, rest, false))
}

/// `<nick> text`, `* nick does`, `nick | text`, and what IRC tells of who comes and goes.
fn nick(line: &str, stamp: Option<Stamp>) -> Option<Line<'_>> {
    let goes = [
        "--> ", "-->\t", "<-- ", "<--\t", "*** ", "-->|", "<--|", "==> ", "-- ",
    ];
    let gone = stamp.is_some() && goes.iter().any(|mark| line.starts_with(mark));
    if gone || line.starts_with("-!- ") {
        return Some(Line::Noise);
    }
    if let Some((name, text)) = line.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        let name = name.trim_matches(['@', '+', '%', '&', '~', ' ', '!']);
        let fits =
            is_nick(name) && text.starts_with([' ', '\t']) && (stamp.is_some() || is_said(text));
        return fits.then(|| {
            Line::Begins(Begin {
                who: name,
                stamp,
                text: text.trim(),
                is_sure: true,
                is_bot: false,
            })
        });
    }
    let stamp = stamp?;
    if let Some((name, text)) = line
        .strip_prefix("* ")
        .and_then(|rest| rest.split_once(' '))
    {
        return is_nick(name).then(|| begins(name, stamp, text.trim(), true));
    }
    let (name, text) = line.split_once('|').or_else(|| line.split_once('\t'))?;
    let name = name.trim().trim_start_matches(['@', '+', '%', '&', '~']);
    if matches!(name, "-->" | "<--" | "--" | "=!=" | "-!-") {
        return Some(Line::Noise);
    }
    (is_nick(name) && !is_level(name)).then(|| begins(name, stamp, text.trim(), true))
}

/// Whether what stands behind a nick reads as said, and not as what stands behind a tag.
fn is_said(text: &str) -> bool {
    text.trim().contains(' ') && !text.contains("</")
}

/// A line that begins with a time.
fn stamped(line: &str) -> Option<Line<'_>> {
    let bare = line.trim_start_matches(['-', '*', '•', '·', '—', '–', ' ']);
    let (stamp, rest) = stamp::read(bare)?;
    let rest = trimmed(rest);
    if rest.is_empty() {
        return Some(Line::Time(stamp, false));
    }
    if let Some(found) = nick(rest, Some(stamp)) {
        return Some(found);
    }
    // A line of a log.
    if is_level(rest.split_whitespace().next().unwrap_or_default()) {
        return None;
    }
    if let Some(from) = rest.strip_prefix("From ") {
        return zoom(from, stamp);
    }
    let dated = stamp.day != Day::Untold;
    // `23/11/2026, 10:42 - Name: text`.
    if let Some(said) = rest.strip_prefix("- ").filter(|_| dated) {
        return Some(match speaker(said) {
            Some((who, text)) => begins(who, stamp, text, true),
            None if noise::is_notice(said) => Line::Noise,
            None => begins("", stamp, said, false),
        });
    }
    if let Some((who, text)) = speaker(rest) {
        return Some(begins(who, stamp, text, false));
    }
    let text = rest.trim_start_matches(['-', '–', '—', ':', '|', ',', '>', ' ']);
    (!text.is_empty()).then(|| begins("", stamp, text, false))
}

/// `10:42:13 From Name to Everyone: text`.
fn zoom(from: &str, stamp: Stamp) -> Option<Line<'_>> {
    let (head, text) = from.split_once(':')?;
    let end = [" to ", " To "]
        .iter()
        .filter_map(|mark| head.find(mark))
        .min();
    let name = trimmed(head.get(..end.unwrap_or(head.len()))?);
    is_name(name).then(|| begins(name, stamp, trimmed(text), true))
}

/// `Name  10:42 AM`, `Name [10:42 AM]`, `Name — Today at 10:42 AM`, `Name, Nov 23, 10:42 AM`.
fn trailing(line: &str) -> Option<Line<'_>> {
    if line.len() > HEADER_BYTES_MAX {
        return None;
    }
    let line = without_ending(line);
    let starts = line
        .char_indices()
        .filter(|(_, c)| matches!(c, ' ' | '\t' | '[' | '—' | ','));
    for (at, c) in starts {
        let (name, rest) = line.split_at_checked(at + c.len_utf8())?;
        let opened = trimmed(rest);
        let bare = opened.trim_start_matches(['[', '—', '–', '(']).trim_start();
        let Some((stamp, behind)) = stamp::read(bare) else {
            continue;
        };
        let behind = trimmed(behind).trim_start_matches([']', ')', ',', ' ']);
        if !behind.is_empty() {
            continue;
        }
        let marks = ['—', '[', ',', '–'];
        let marked = bare.len() < opened.len() || name.trim_end().ends_with(marks);
        let apart = marked || rest.starts_with([' ', '\t']) || name.ends_with('\t');
        // `Restarted at 10:40` is said.
        if !apart && bare.starts_with("at ") {
            return None;
        }
        let who = trimmed(name).trim_end_matches(['—', '–', '[', ',', '-', ' ', '(']);
        // The name stands above.
        if MARKS.contains(&who) {
            return Some(Line::Time(stamp, true));
        }
        let fits = if apart {
            is_name(who)
        } else {
            is_capital_name(who)
        };
        return (fits && !is_label(who)).then(|| begins(who, stamp, "", apart));
    }
    None
}

/// A header without what stands behind its time.
fn without_ending(line: &str) -> &str {
    let endings = [
        "(edited)",
        "Edited",
        "edited",
        "(modifié)",
        "(bearbeitet)",
        "New",
    ];
    let mut line = line;
    for ending in endings {
        if let Some(rest) = line.strip_suffix(ending) {
            line = rest.trim_end().trim_end_matches(',');
        }
    }
    line
}

fn begins<'l>(who: &'l str, stamp: Stamp, text: &'l str, is_sure: bool) -> Line<'l> {
    let bare = trimmed(who);
    let marked = |mark: &str| bare.len() > mark.len() && bare.ends_with(mark);
    Line::Begins(Begin {
        who: named(who),
        stamp: Some(stamp),
        text,
        is_sure,
        is_bot: MARKS.iter().any(|mark| marked(mark)),
    })
}

/// A name without what programs put around it: marks of programs, statuses, pronouns.
pub(crate) fn named(name: &str) -> &str {
    let mut name = trimmed(name).trim_matches(['~', '*', '@']);
    for mark in MARKS {
        if let Some(rest) = name.strip_suffix(mark) {
            name = rest.trim_end();
        }
    }
    if name.starts_with("[removed:") {
        return name;
    }
    let name = name.split(" (").next().unwrap_or(name);
    let name = name.split(" [").next().unwrap_or(name);
    let name = name.split(':').next().unwrap_or(name);
    name.trim()
}

/// Whether a text may be the name of who wrote something.
pub(crate) fn is_name(text: &str) -> bool {
    let name = named(text);
    if name.starts_with("[removed:") {
        return name.ends_with(']') && !name.contains(' ');
    }
    let words = name.split_whitespace().count();
    let first = name.chars().next();
    let fits = |c: char| c.is_alphanumeric() || " .-_'’@:+()/&#".contains(c) || !c.is_ascii();
    (1..=NAME_WORDS_MAX).contains(&words)
        && name.chars().count() <= NAME_CHARS_MAX
        && first.is_some_and(|c| c.is_alphabetic() || c == '@' || c == '[')
        && name.chars().all(fits)
        && !name.ends_with('.')
}

/// Whether it is one whose every word begins with a capital, as people's and pseudonyms do.
pub(crate) fn is_capital_name(text: &str) -> bool {
    let capital = |word: &str| {
        let first = word.chars().next();
        let particle = matches!(
            word,
            "de" | "van" | "von" | "der" | "bin" | "al" | "da" | "di" | "la"
        );
        particle
            || is_pseudonym(word)
            || first.is_some_and(|c| c.is_uppercase() || !c.is_alphabetic())
    };
    let name = named(text);
    is_name(name)
        && name.split_whitespace().all(capital)
        && !is_label(name)
        && name.chars().any(char::is_alphabetic)
}

/// What redaction put in the place of a name.
fn is_pseudonym(word: &str) -> bool {
    word.starts_with("person_") || word.starts_with("email_") || word.starts_with("[removed:")
}

/// Whether it is the name of one who is on IRC.
fn is_nick(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "_-[]\\`^{}|.".contains(c);
    !name.is_empty() && name.chars().count() <= 32 && name.chars().all(fits)
}

fn is_level(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    let levels = [
        "trace", "debug", "info", "notice", "warn", "warning", "error", "err", "critical", "fatal",
        "severe", "alert", "crit", "panic", "log", "verbose",
    ];
    levels.iter().any(|level| bare.eq_ignore_ascii_case(level))
}

fn is_label(name: &str) -> bool {
    let mut words = name.split_whitespace();
    words.all(|word| {
        let word = word
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_ascii_lowercase();
        LABELS.contains(&format!(" {word} "))
    })
}
