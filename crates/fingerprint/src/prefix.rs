//! What a logger, a collector or a terminal puts before every line of a stack trace.
//!
//! A line's header is read part by part (time, level, `[thread]`, process, container, …), each as
//! wide as it is. No single line tells where the header ends and the trace begins: `c.a.Billing:`
//! may be a logger and may be an exception. What the lines of the trace's body have in common
//! does: frames are indented or begin with a word that only frames begin with, and the parts
//! before them are the header of every line.
//!
//! Lines of two threads, processes or containers that were mixed are told apart by those parts.

use std::collections::BTreeMap;

/// Parts of a line's header that are read.
const PARTS_COUNT_MAX: usize = 14;
/// Longest `[…]` in bytes.
const BRACKET_BYTES_MAX: usize = 120;
/// Longest word of a header in bytes.
const WORD_BYTES_MAX: usize = 100;
/// Sources of mixed lines that are told apart; of more, lines are not.
const SOURCES_COUNT_MAX: usize = 16;
/// How many lines of a trace without a header to one with a header tell that it has none.
const BARE_RATIO_MIN: usize = 3;

/// Column at which a message begins behind a level that is padded.
const PADDED_COLUMN: usize = 10;

/// What a part of a header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Time,
    Level,
    Bracket,
    Paren,
    Container,
    Stream,
    Number,
    Word,
    Separator,
    Dashes,
}

/// A part, and where the line goes on after it and one space.
#[derive(Clone, Copy, Debug)]
struct Part {
    kind: Kind,
    start: usize,
    end: usize,
}

/// A line's parts, and whether what follows them can only be a trace's body.
struct Scanned<'a> {
    line: &'a str,
    parts: Vec<Part>,
    body: bool,
}

/// The lines without the header that each of them has: first as each source wrote them, then all
/// together. Empty where the lines have no header of their own.
pub(crate) fn strip(lines: &[String]) -> Vec<Vec<String>> {
    let scanned: Vec<Scanned<'_>> = lines.iter().map(|line| scan(line)).collect();
    let mut out: Vec<Vec<String>> = without_foreign(&scanned).into_iter().collect();
    let Some(shape) = shape(&scanned) else {
        return out;
    };
    let mut all = Vec::new();
    let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let mut partial = false;
    for scanned in &scanned {
        let own = scanned.starts_with(&shape);
        let text = if own {
            scanned.after(shape.len())
        } else {
            scanned.line
        }
        .to_owned();
        // A collector cut a long line in pieces.
        if std::mem::replace(&mut partial, own && scanned.is_partial()) && own {
            let source = order.last().and_then(|key| sources.get_mut(key));
            for lines in [Some(&mut all), source].into_iter().flatten() {
                join(lines, &text);
            }
            continue;
        }
        if own || order.is_empty() {
            let key = if own {
                scanned.source(shape.len())
            } else {
                String::new()
            };
            order.retain(|other| *other != key);
            order.push(key);
        }
        if let Some(key) = order.last() {
            sources.entry(key.clone()).or_default().push(text.clone());
        }
        all.push(text);
    }
    // As many sources as lines: a counter, not a source.
    let mixed = (2..=SOURCES_COUNT_MAX).contains(&sources.len()) && sources.len() * 2 <= all.len();
    if mixed {
        out.extend(sources.into_values());
    }
    out.push(all);
    out
}

/// The lines without those of a log that was written to the same place meanwhile: they have a
/// header, and stand between two lines of a trace that have none.
fn without_foreign(scanned: &[Scanned<'_>]) -> Option<Vec<String>> {
    let mut own: Vec<&Scanned<'_>> = Vec::new();
    let mut foreign = 0_usize;
    let mut after_frame = false;
    let mut at = 0;
    while let Some(line) = scanned.get(at) {
        let run = scanned.iter().skip(at).take_while(|s| s.is_other()).count();
        let framed = scanned.get(at + run).is_some_and(Scanned::is_bare_frame);
        if run > 0 && after_frame && framed {
            foreign += run;
            at += run;
            continue;
        }
        after_frame = line.is_bare_frame();
        own.push(line);
        at += 1;
    }
    let lines = || own.iter().map(|s| s.line.to_owned()).collect();
    (foreign > 0).then(lines)
}

/// Appends to the last line.
fn join(lines: &mut Vec<String>, text: &str) {
    match lines.last_mut() {
        Some(last) => last.push_str(text),
        None => lines.push(text.to_owned()),
    }
}

impl Scanned<'_> {
    /// Whether it is a line of a log about something that did not fail.
    fn is_other(&self) -> bool {
        let has = |kind| self.parts.iter().any(|part| part.kind == kind);
        let failed = ["Exception", "Error", "panic", "Traceback", "Caused by"];
        let timed = self.parts.first().is_some_and(|p| p.kind == Kind::Time);
        timed && has(Kind::Level) && !failed.iter().any(|word| self.line.contains(word))
    }

    /// Whether it is a frame with nothing before it.
    fn is_bare_frame(&self) -> bool {
        self.parts.is_empty() && self.line.starts_with([' ', '\t']) && self.body
    }

    fn starts_with(&self, shape: &[Kind]) -> bool {
        self.parts.len() >= shape.len()
            && self
                .parts
                .iter()
                .zip(shape)
                .all(|(part, kind)| part.kind == *kind)
    }

    /// What follows the first `count` parts.
    fn after(&self, count: usize) -> &str {
        let end = self.parts.get(count.wrapping_sub(1)).map_or(0, |p| p.end);
        self.line.get(end..).unwrap_or_default()
    }

    /// The parts that tell who wrote the line.
    fn source(&self, count: usize) -> String {
        let mut key = String::new();
        for part in self.parts.iter().take(count) {
            if !matches!(
                part.kind,
                Kind::Time | Kind::Level | Kind::Separator | Kind::Dashes
            ) {
                let text = self.line.get(part.start..part.end).unwrap_or_default();
                key.push_str(text.trim());
                key.push(' ');
            }
        }
        key
    }

    /// Whether a container runtime marked the line as cut.
    fn is_partial(&self) -> bool {
        self.parts
            .iter()
            .find(|part| part.kind == Kind::Stream)
            .and_then(|part| self.line.get(part.start..part.end))
            .is_some_and(|text| text.trim_end().ends_with(" P"))
    }
}

/// The longest sequence of parts that most lines of the body begin with; where nothing tells the
/// body, that most lines begin with, if nearly all have a header.
fn shape(scanned: &[Scanned<'_>]) -> Option<Vec<Kind>> {
    let headed = |s: &&Scanned<'_>| !s.parts.is_empty();
    // Where most of a trace has no header, what has one stands around it.
    let framed = scanned.iter().filter(headed).filter(|s| s.body).count();
    let bare = scanned.iter().filter(|s| s.is_bare_frame()).count();
    if bare > framed * BARE_RATIO_MIN {
        return None;
    }
    let body = scanned.iter().filter(headed).filter(|s| s.body);
    let body = shared(body).map(|mut shape| {
        // A word of the message itself may be taken for a part where few lines have it.
        let having = |shape: &[Kind]| scanned.iter().filter(|s| s.starts_with(shape)).count();
        let with_header = scanned.iter().filter(headed).count();
        while shape.len() > 1 && having(&shape) * 2 < with_header {
            shape.pop();
        }
        shape
    });
    body.or_else(|| {
        let full = scanned.iter().filter(|s| !s.line.trim().is_empty()).count();
        let with_header = scanned.iter().filter(headed).count();
        // 8 in 10: continuations of a message may be between them.
        let whole = with_header > 1 && with_header * 10 >= full * 8;
        whole.then(|| shared(scanned.iter().filter(headed)))?
    })
}

/// The longest sequence of parts that most of the lines begin with.
fn shared<'a>(lines: impl Iterator<Item = &'a Scanned<'a>>) -> Option<Vec<Kind>> {
    let mut counts: BTreeMap<Vec<Kind>, usize> = BTreeMap::new();
    for scanned in lines {
        let mut kinds = Vec::new();
        for part in &scanned.parts {
            kinds.push(part.kind);
            *counts.entry(kinds.clone()).or_default() += 1;
        }
    }
    let most = counts.values().copied().max()?;
    // 7 in 10: other log lines that look like a body are between them.
    counts
        .into_iter()
        .filter(|(_, count)| count * 10 >= most * 7)
        .map(|(kinds, _)| kinds)
        .max_by_key(Vec::len)
}

/// Reads a line's header.
fn scan(line: &str) -> Scanned<'_> {
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    while parts.len() < PARTS_COUNT_MAX {
        let rest = line.get(at..).unwrap_or_default();
        let bare = rest.trim_start_matches([' ', '\t']);
        let gap = rest.len() - bare.len();
        if (parts.is_empty() && gap > 0) || begins_trace(bare) {
            break;
        }
        let state = State {
            parts: &parts,
            wide: gap > 0,
        };
        let Some((kind, length)) = part(bare, &state) else {
            break;
        };
        let start = at + gap;
        let end = start + length;
        let spaced = line.get(end..).is_some_and(|tail| tail.starts_with(' '));
        at = end + usize::from(spaced);
        parts.push(Part {
            kind,
            start,
            end: at,
        });
    }
    let rest = line.get(at..).unwrap_or_default();
    let indented = rest.starts_with([' ', '\t']) && !rest.trim().is_empty();
    // uvicorn pads its levels: `INFO:     `, `WARNING:  `.
    let column = line.len() - rest.trim_start().len();
    let alone = matches!(parts.as_slice(), [part] if part.kind == Kind::Level);
    let padded = alone && column == PADDED_COLUMN;
    let body = (indented && !padded) || begins_trace(rest.trim_start());
    Scanned { line, parts, body }
}

/// What has been read of a header so far.
struct State<'a> {
    parts: &'a [Part],
    /// More than one space, or a tab, stands before what comes next.
    wide: bool,
}

impl State<'_> {
    fn has(&self, kind: Kind) -> bool {
        self.parts.iter().any(|part| part.kind == kind)
    }

    fn last(&self) -> Option<Kind> {
        self.parts.last().map(|part| part.kind)
    }
}

/// Whether only a stack trace begins like this.
fn begins_trace(text: &str) -> bool {
    const BEGINNINGS: [&str; 34] = [
        "at ",
        "File \"",
        "Traceback (",
        "Caused by:",
        "Suppressed:",
        "Wrapped by:",
        "goroutine ",
        "created by ",
        "panic:",
        "panic(",
        "fatal error:",
        "stack backtrace:",
        "Stack backtrace:",
        "thread '",
        "Exception in thread",
        "Uncaught ",
        "[cause]",
        "[errors]",
        "[Previous line",
        "[signal ",
        "[CIRCULAR",
        "[recovered]",
        "[0]:",
        "[1]:",
        "... ",
        "#0 ",
        "#1 ",
        "#2 ",
        "--- End of",
        "---> ",
        "from ",
        "** (",
        "The above exception",
        "During handling of",
    ];
    BEGINNINGS.iter().any(|start| text.starts_with(start))
}

/// Kind and length of the part that `text` begins with.
fn part(text: &str, state: &State<'_>) -> Option<(Kind, usize)> {
    let first = state.parts.is_empty();
    if let Some(length) = time(text) {
        return Some((Kind::Time, length));
    }
    if first && let Some(length) = container(text) {
        return Some((Kind::Container, length));
    }
    if text.starts_with('[') {
        return bracket(text, first);
    }
    if first {
        return opening(text);
    }
    if text.starts_with('(') && !state.wide {
        let end = text.find(')').filter(|end| *end < 60)?;
        return Some((Kind::Paren, colon(text, end + 1)));
    }
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let word = text.get(..end).filter(|w| w.len() <= WORD_BYTES_MAX)?;
    let next = text.get(end..).unwrap_or_default().trim_start();
    let bare = word.trim_end_matches([':', ',', '|']);
    if matches!(
        word,
        "-" | "--" | "---" | "|" | ":" | ">" | "›" | "»" | "=>" | "::"
    ) {
        return Some((Kind::Separator, end));
    }
    if matches!(word, "stdout" | "stderr") {
        let flag = ["F", "P"].iter().any(|f| {
            next.strip_prefix(f)
                .is_some_and(|t| t.is_empty() || t.starts_with(' '))
        });
        return Some((Kind::Stream, if flag { end + 2 } else { end }));
    }
    let is_level =
        !state.has(Kind::Level) && (level(bare, true) || (letter(bare) && state.has(Kind::Time)));
    if is_level {
        return Some((Kind::Level, end));
    }
    let digits = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit());
    let columns = matches!(state.last(), Some(Kind::Time | Kind::Number)) && !word.ends_with(':');
    if digits {
        return (!state.wide || columns).then_some((Kind::Number, end));
    }
    let logger =
        named(word, next, state) && (!state.wide || state.has(Kind::Dashes) || letters(state));
    logger.then_some((Kind::Word, end))
}

/// Whether a tag after a level may stand behind padding.
fn letters(state: &State<'_>) -> bool {
    state.last() == Some(Kind::Level) && !state.has(Kind::Time)
}

/// What a header may begin with beside a time, a container and brackets.
fn opening(text: &str) -> Option<(Kind, usize)> {
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    let word = text.get(..end)?;
    // `<34>1 ` of syslog.
    if let Some(rest) = text.strip_prefix('<')
        && let Some((number, _)) = rest.split_once('>')
        && (1..=3).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        return Some((Kind::Number, number.len() + 2));
    }
    // `E/Tag( 12): ` of Android.
    if let Some((head, rest)) = text.split_once('(')
        && head.len() <= WORD_BYTES_MAX
        && head.get(1..2) == Some("/")
        && letter(head.get(..1)?)
        && let Some((number, tail)) = rest.split_once(')')
        && number.trim().bytes().all(|b| b.is_ascii_digit())
        && tail.starts_with(':')
    {
        return Some((Kind::Word, head.len() + number.len() + 3));
    }
    let next = text.get(end..).unwrap_or_default().trim_start();
    let tag = next.split(' ').next().is_some_and(|w| w.ends_with(':'));
    if letter(word) && tag {
        return Some((Kind::Level, end));
    }
    if level(word.trim_end_matches([':', '|', ',']), false) {
        return Some((Kind::Level, end));
    }
    (process(word) && word.ends_with(':')).then_some((Kind::Word, end))
}

/// `web_1  | `, as the logs of several containers are shown.
fn container(text: &str) -> Option<usize> {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/')))
        .filter(|end| (2..=WORD_BYTES_MAX).contains(end))?;
    let name = text.get(..end)?;
    let rest = text.get(end..)?.trim_start_matches(' ');
    let named = name.bytes().any(|b| b.is_ascii_alphabetic());
    let tail = rest.strip_prefix('|')?;
    let apart = tail.is_empty() || tail.starts_with([' ', '\t']);
    (named && apart).then_some(text.len() - tail.len())
}

/// `[…]` that holds a time, a level, a thread, a process, a logger or a pod.
fn bracket(text: &str, first: bool) -> Option<(Kind, usize)> {
    let end = text
        .get(..text.len().min(floor(text, BRACKET_BYTES_MAX)))?
        .find(']')?;
    let inner = text.get(1..end)?.trim();
    let tail = text.get(end + 1..)?;
    let apart = tail.is_empty() || tail.starts_with([' ', '\t', ':', '[', '-']);
    if !apart || inner.starts_with("removed:") || (first && inner.is_empty()) {
        return None;
    }
    let kind = if time(inner).is_some() || clock_fraction(inner) {
        Kind::Time
    } else if level(inner, true) {
        Kind::Level
    } else {
        Kind::Bracket
    };
    Some((kind, colon(text, end + 1)))
}

/// `end`, and one more where a colon stands there.
fn colon(text: &str, end: usize) -> usize {
    end + usize::from(text.get(end..).is_some_and(|tail| tail.starts_with(':')))
}

/// The last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `12.345678`: seconds since the kernel started.
fn clock_fraction(text: &str) -> bool {
    text.split_once('.').is_some_and(|(seconds, fraction)| {
        [seconds, fraction]
            .iter()
            .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// Whether the word names a logger, a host or a process.
fn named(word: &str, next: &str, state: &State<'_>) -> bool {
    let technical = word.chars().all(|c| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | '_' | '-' | '$' | ':' | '/' | '@' | '#' | '[' | ']')
    });
    if !technical || !word.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return false;
    }
    if word.ends_with(':') {
        return true;
    }
    let following = next.split(' ').next().unwrap_or_default();
    let separated = matches!(following, "-" | ":" | "|" | "--" | "---" | "::");
    let fresh = state.has(Kind::Time) && !state.has(Kind::Level);
    // Syslog: the host stands between the time and the process.
    let host = fresh && (following.ends_with(':') || process(following));
    let levelled = fresh && level(following.trim_end_matches(':'), false);
    separated || host || levelled
}

/// `name[12]:`.
fn process(word: &str) -> bool {
    word.trim_end_matches(':')
        .strip_suffix(']')
        .and_then(|word| word.split_once('['))
        .is_some_and(|(name, id)| !name.is_empty() && !id.is_empty())
}

/// One letter that Android and others write for a level.
fn letter(word: &str) -> bool {
    matches!(word, "V" | "D" | "I" | "W" | "E" | "F" | "A" | "C" | "T")
}

/// Whether a line begins `ERROR:shop.cart:`, as Python logs where nobody said how.
pub(crate) fn basic(line: &str) -> bool {
    let mut parts = line.splitn(3, ':');
    let levelled = parts.next().is_some_and(|word| level(word, false));
    let named = parts
        .next()
        .is_some_and(|word| !word.is_empty() && !word.contains(' '));
    levelled && named && parts.next().is_some()
}

/// Whether the word is a level's name.
fn level(word: &str, any_case: bool) -> bool {
    const LEVELS: [&str; 22] = [
        "TRACE",
        "DEBUG",
        "INFO",
        "NOTICE",
        "WARN",
        "WARNING",
        "ERROR",
        "ERR",
        "SEVERE",
        "CRITICAL",
        "CRIT",
        "FATAL",
        "ALERT",
        "EMERG",
        "PANIC",
        "FINE",
        "VERBOSE",
        "INFORMATION",
        "DPANIC",
        "FTL",
        "WRN",
        "DBG",
    ];
    LEVELS
        .iter()
        .any(|name| *name == word || (any_case && name.eq_ignore_ascii_case(word)))
}

/// Dates, some with their clock: `d` is a digit, `a` a letter.
const DATES: [&str; 14] = [
    "dddd-dd-dd",
    "dddd/dd/dd",
    "dddd.dd.dd",
    "ddddddddTdddddd",
    "dd/aaa/dddd:dd:dd:dd",
    "dd-aaa-dddd",
    "dd/dd/dddd",
    "dd.dd.dddd",
    "aaa, dd aaa dddd",
    "aaa aaa dd dd:dd:dd dddd",
    "aaa dd dd:dd:dd",
    "aaa  d dd:dd:dd",
    "aaa d dd:dd:dd",
    "dd-dd dd:dd:dd",
];

/// Length of the time that `text` begins with.
pub(crate) fn time(text: &str) -> Option<usize> {
    let glog = text
        .strip_prefix(['I', 'W', 'E', 'F', 'C', 'D'])
        .filter(|rest| matches(rest, "dddd dd:dd:dd").is_some());
    if let Some(rest) = glog {
        let clock = fraction(rest, "dddd dd:dd:dd".len());
        return Some(clock + 1);
    }
    for date in DATES {
        let Some(length) = matches(text, date) else {
            continue;
        };
        let tail = text.get(length..).unwrap_or_default();
        let clock = [
            "Tdd:dd:dd",
            " dd:dd:dd",
            "_dd:dd:dd",
            "  dd:dd:dd",
            ", dd:dd:dd",
        ]
        .iter()
        .find_map(|clock| matches(tail, clock));
        let complete = date.contains(':') || date.contains('T');
        if clock.is_some() || complete {
            return Some(zone(text, fraction(text, length + clock.unwrap_or(0))));
        }
    }
    if matches(text, "dd:dd:dd").is_some() {
        return ended(text, zone(text, fraction(text, 8)));
    }
    // Seconds or milliseconds since 1970.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if matches!(digits, 10 | 13 | 16 | 19) && text.starts_with(['1', '2']) {
        return ended(text, fraction(text, digits));
    }
    None
}

/// `length` where a word ends there.
fn ended(text: &str, length: usize) -> Option<usize> {
    let tail = text.get(length..)?;
    (tail.is_empty() || tail.starts_with([' ', '\t', ':', ',', '|', ']'])).then_some(length)
}

/// The length with a fraction of a second after it.
fn fraction(text: &str, length: usize) -> usize {
    let Some(rest) = text
        .get(length..)
        .and_then(|t| t.strip_prefix(['.', ',', ':']))
    else {
        return length;
    };
    match rest.bytes().take_while(u8::is_ascii_digit).count() {
        0 => length,
        digits => length + 1 + digits,
    }
}

/// The length with a time zone after it, and the `:` or `,` that ends it.
fn zone(text: &str, length: usize) -> usize {
    let tail = text.get(length..).unwrap_or_default();
    let zones = [
        "+dd:dd", "-dd:dd", "+dddd", "-dddd", " +dddd", " -dddd", " +dd:dd", " -dd:dd", "Z",
        " UTC", " GMT", " AM", " PM",
    ];
    let used = zones
        .iter()
        .find_map(|zone| matches(tail, zone))
        .filter(|used| {
            tail.get(*used..)
                .is_some_and(|t| !t.starts_with(|c: char| c.is_alphanumeric()))
        })
        .unwrap_or(0);
    let end = length + used;
    end + usize::from(
        text.get(end..)
            .is_some_and(|t| t.starts_with([':', ',', '|'])),
    )
}

/// Length of `pattern` where the text begins with it: `d` is a digit, `a` a letter.
fn matches(text: &str, pattern: &str) -> Option<usize> {
    let mut bytes = text.bytes();
    pattern
        .bytes()
        .all(|p| {
            bytes.next().is_some_and(|b| match p {
                b'd' => b.is_ascii_digit(),
                b'a' => b.is_ascii_alphabetic(),
                _ => b == p,
            })
        })
        .then_some(pattern.len())
}
