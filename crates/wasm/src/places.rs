//! Where in a raw line what was found stands, and where in the clean one what stands there now.
//!
//! A receipt tells places in a field's text; a page marks places in lines. Of a line of text the
//! two are the same; of a record, the field is looked up by its path and its escapes are counted.
//! What stands between two findings is the same in both lines, which tells where each replacement
//! ends.
//!
//! **Invariant:** every place is on character boundaries of its line and ends within it. Where a
//! place cannot be told to the byte (a value in an encoding, a line of which fields were dropped),
//! it is one that holds it, at worst the whole line.
//!
//! *Limits:* linear in both lines and the paths of what was found, but for sorting; each value of a
//! list is read at most [`TRIES_COUNT_MAX`] times.

use std::collections::BTreeMap;
use std::ops::Range as Among;

use cordon_detect::{PSEUDONYM_CHARS, is_ours, is_pseudonym};

/// How many ways are tried to deal findings out to the items of a list.
const TRIES_COUNT_MAX: usize = 8;
/// Deepest nesting of a record; what is deeper is no record to redaction either.
const JSON_DEPTH_MAX: usize = 64;
/// Longest marker in bytes.
const MARKER_BYTES_MAX: usize = 64;
/// Longest kind of a pseudonym in bytes.
const KIND_BYTES_MAX: usize = 24;

/// A range of bytes.
type Range = (usize, usize);

/// A finding as its receipt tells it: path of the field, offset and length in its text.
pub(crate) type Told<'t> = (&'t str, usize, usize);

/// A place in the raw line, and in the clean one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) raw: Range,
    pub(crate) clean: Range,
}

/// The places of a line's findings, in their order; both lines without their line breaks.
pub(crate) fn places(raw: &str, clean: &str, findings: &[Told<'_>]) -> Vec<Place> {
    let of_record = findings.iter().any(|(path, ..)| !path.is_empty());
    let record = of_record.then(|| record(raw, clean, findings)).flatten();
    record.unwrap_or_else(|| {
        let spans: Vec<Range> = findings
            .iter()
            .map(|(_, at, len)| (*at, at + len))
            .collect();
        match aligned(raw, clean, &spans) {
            Some(shown) if !of_record => spans
                .iter()
                .zip(shown)
                .map(|(span, clean)| Place { raw: *span, clean })
                .collect(),
            _ => vec![differing(raw, clean); findings.len()],
        }
    })
}

/// What stands between the longest beginning and the longest end that both have in common.
fn differing(raw: &str, clean: &str) -> Place {
    let same = raw.bytes().zip(clean.bytes());
    let mut head = same.take_while(|(a, b)| a == b).count();
    while !raw.is_char_boundary(head) || !clean.is_char_boundary(head) {
        head -= 1;
    }
    let most = raw.len().min(clean.len()) - head;
    let same = raw.bytes().rev().zip(clean.bytes().rev()).take(most);
    let mut tail = same.take_while(|(a, b)| a == b).count();
    while !raw.is_char_boundary(raw.len() - tail) || !clean.is_char_boundary(clean.len() - tail) {
        tail -= 1;
    }
    Place {
        raw: (head, raw.len() - tail),
        clean: (head, clean.len() - tail),
    }
}

/// Where what replaced each of these spans stands; `None` where the lines do not fit together so.
fn aligned(raw: &str, clean: &str, spans: &[Range]) -> Option<Vec<Range>> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|n| spans.get(*n));
    // Spans that touch were replaced by what stands there together.
    let mut regions: Vec<(Range, Vec<usize>)> = Vec::new();
    for n in order {
        let span = *spans.get(n)?;
        raw.get(span.0..span.1)?;
        match regions.last_mut().filter(|(open, _)| span.0 <= open.1) {
            Some((open, members)) => {
                open.1 = open.1.max(span.1);
                members.push(n);
            }
            None => regions.push((span, vec![n])),
        }
    }
    let mut shown = vec![(0, 0); spans.len()];
    let (mut from, mut at) = (0, 0);
    for (i, ((start, end), members)) in regions.iter().enumerate() {
        let before = raw.get(from..*start)?;
        at += clean
            .get(at..)?
            .starts_with(before)
            .then_some(before.len())?;
        let next = regions.get(i + 1).map(|((start, _), _)| *start);
        let gap = raw.get(*end..next.unwrap_or(raw.len()))?;
        let rest = clean.get(at..)?;
        let length = if next.is_some() {
            replacement(rest, end - start, gap)?
        } else {
            rest.strip_suffix(gap)?.len()
        };
        for member in members {
            *shown.get_mut(*member)? = (at, at + length);
        }
        (from, at) = (*end, at + length);
    }
    Some(shown)
}

/// Length of the replacement that a text begins with and `gap` follows.
fn replacement(text: &str, raw_bytes: usize, gap: &str) -> Option<usize> {
    let followed = |n: &usize| text.get(*n..).is_some_and(|rest| rest.starts_with(gap));
    let ours = ours(text).filter(followed);
    // A mask is as long as what it stands for.
    let masked = Some(raw_bytes).filter(followed);
    ours.or(masked).or_else(|| text.find(gap))
}

/// Length of the marker or the pseudonym that a text begins with.
fn ours(text: &str) -> Option<usize> {
    let bytes = text.bytes().take(MARKER_BYTES_MAX);
    let marker = text.starts_with("[removed:").then_some(bytes);
    if let Some(n) = marker.and_then(|mut bytes| bytes.position(|b| b == b']')) {
        let n = n + 1;
        return text.get(..n).filter(|text| is_ours(text)).map(str::len);
    }
    let signs = text.bytes().take(KIND_BYTES_MAX + 1).enumerate();
    let mut ends = signs
        .filter(|(_, b)| *b == b'_')
        .map(|(n, _)| n + 1 + PSEUDONYM_CHARS);
    ends.find(|n| text.get(..*n).is_some_and(is_pseudonym))
}

/// What was found at a path, and the values there.
#[derive(Default)]
struct Group {
    /// Numbers of the findings.
    told: Vec<usize>,
    /// Places of the values that changed, in both lines.
    values: Vec<(Range, Range)>,
}

/// The places of findings in a record; `None` where the two are not built alike.
fn record(raw: &str, clean: &str, findings: &[Told<'_>]) -> Option<Vec<Place>> {
    let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
    for (n, (path, ..)) in findings.iter().enumerate() {
        groups.entry(path).or_default().told.push(n);
    }
    let paths: Vec<&str> = groups.keys().copied().collect();
    let mut named = Vec::new();
    let count = Walk::of(clean, &paths, |index, path, place| {
        if let Some(path) = path {
            named.push((index, path, place));
        }
    })?;
    let mut next = named.iter().peekable();
    let raw_count = Walk::of(raw, &[], |index, _, place| {
        while let Some((_, path, clean_at)) = next.next_if(|(named, ..)| *named == index) {
            let changed = cut(raw, place) != cut(clean, *clean_at);
            if let Some(group) = groups.get_mut(path).filter(|_| changed) {
                group.values.push((place, *clean_at));
            }
        }
    })?;
    if raw_count != count {
        return None;
    }
    let mut out = vec![differing(raw, clean); findings.len()];
    for group in groups.values() {
        group.place((raw, clean), findings, &mut out)?;
    }
    Some(out)
}

impl Group {
    /// Deals the findings out to the values.
    fn place(
        &self,
        (raw, clean): (&str, &str),
        findings: &[Told<'_>],
        out: &mut [Place],
    ) -> Option<()> {
        let mut left = self.told.as_slice();
        let mut values = self.values.iter().peekable();
        while let Some((raw_at, clean_at)) = values.next() {
            let texts = (Scalar::of(raw, *raw_at), Scalar::of(clean, *clean_at));
            let whole = Place {
                raw: texts.0.inner,
                clean: texts.1.inner,
            };
            let (taken, placed) = dealt(&texts, findings, left, values.peek().is_none());
            let (now, behind) = left.split_at_checked(taken)?;
            for (i, n) in now.iter().enumerate() {
                *out.get_mut(*n)? = placed.get(i).copied().unwrap_or(whole);
            }
            left = behind;
        }
        Some(())
    }
}

/// How many of the findings that are left stand in a value, and their places where these can be
/// told.
fn dealt(
    (raw, clean): &(Scalar, Scalar),
    findings: &[Told<'_>],
    left: &[usize],
    last: bool,
) -> (usize, Vec<Place>) {
    let spans = run(&raw.text, findings, left);
    for count in (1..=spans.len()).rev().take(TRIES_COUNT_MAX) {
        let here = spans.get(..count).unwrap_or(&[]);
        if let Some(shown) = aligned(&raw.text, &clean.text, here) {
            let place = |(span, shown): (&Range, Range)| Place {
                raw: raw.outer(*span),
                clean: clean.outer(shown),
            };
            return (count, here.iter().zip(shown).map(place).collect());
        }
    }
    let whole = if last { left.len() } else { left.len().min(1) };
    (whole, Vec::new())
}

/// Where the next findings stand as far as each stands in the text, behind the one before.
fn run(text: &str, findings: &[Told<'_>], left: &[usize]) -> Vec<Range> {
    let told = left.iter().filter_map(|n| findings.get(*n));
    let mut behind = 0;
    let next = told.map_while(|(_, at, len)| {
        let span = (*at, at.saturating_add(*len));
        #[cfg(test)]
        tests::step();
        let fits = behind <= span.0 && span.1 <= text.len();
        behind = span.1;
        fits.then_some(span)
    });
    // Of empty ones there could be any number, of others there are no more than bytes.
    next.take(text.len() + 1).collect()
}

/// The paths that begin as the walk's does, among those that are sorted.
#[derive(Clone)]
struct Asked<'p> {
    paths: &'p [&'p str],
    among: Among<usize>,
    /// How much of them is the walk's path.
    bytes: usize,
}

impl<'p> Asked<'p> {
    fn of(paths: &'p [&'p str]) -> Self {
        Self {
            paths,
            among: 0..paths.len(),
            bytes: 0,
        }
    }

    /// Those that go on with a text.
    fn below(&self, text: &str) -> Self {
        let (all, bytes) = (self.all(), self.bytes);
        let begins = |path: &&str| {
            let rest = path.as_bytes().get(bytes..).unwrap_or(&[]);
            #[cfg(test)]
            tests::step();
            rest.get(..text.len()).unwrap_or(rest).cmp(text.as_bytes())
        };
        let first = all.partition_point(|path| begins(path).is_lt());
        let last = all.partition_point(|path| begins(path).is_le());
        Self {
            paths: self.paths,
            among: self.among.start + first..self.among.start + last,
            bytes: bytes + text.len(),
        }
    }

    fn all(&self) -> &'p [&'p str] {
        self.paths.get(self.among.clone()).unwrap_or(&[])
    }

    /// The one that is the walk's path, or the first below it: a text that holds a record has its
    /// members below it.
    fn found(&self) -> Option<&'p str> {
        let first = self.all().first()?;
        if first.len() == self.bytes {
            return Some(first);
        }
        self.below(".").all().first().copied()
    }
}

fn cut(text: &str, (start, end): Range) -> &str {
    text.get(start..end).unwrap_or("")
}

/// A value of a record: its text, and where its bytes stand in the line.
struct Scalar {
    text: String,
    /// Place in the line, without quotes.
    inner: Range,
    /// For each byte of the text its place in the line; empty where each stands for itself.
    places: Vec<u32>,
}

impl Scalar {
    fn of(line: &str, place: Range) -> Self {
        let literal = cut(line, place);
        let quoted = literal.strip_prefix('"').and_then(|l| l.strip_suffix('"'));
        let inner = match quoted {
            Some(_) => (place.0 + 1, place.1 - 1),
            None => place,
        };
        let written = quoted.unwrap_or(literal);
        let unescaped = quoted.filter(|text| text.contains('\\')).map(unescaped);
        let (text, mut places) = unescaped.unwrap_or_else(|| (written.to_owned(), Vec::new()));
        for place in &mut places {
            *place += inner.0 as u32;
        }
        Self {
            text,
            inner,
            places,
        }
    }

    /// The place in the line of a range of the text.
    fn outer(&self, (start, end): Range) -> Range {
        if self.places.is_empty() {
            return (self.inner.0 + start, self.inner.0 + end);
        }
        let at = |n: usize| self.places.get(n).map_or(self.inner.1, |at| *at as usize);
        (at(start), at(end))
    }
}

/// The text that a literal stands for, and for each of its bytes where it stands in the literal.
fn unescaped(literal: &str) -> (String, Vec<u32>) {
    let mut text = String::with_capacity(literal.len());
    let mut places = Vec::with_capacity(literal.len());
    let mut at = 0;
    while let Some(rest) = literal.get(at..).filter(|rest| !rest.is_empty()) {
        let (c, length) = character(rest);
        text.push(c);
        places.resize(text.len(), at as u32);
        at += length;
    }
    (text, places)
}

/// The character that a literal begins with, and how many bytes stand for it.
fn character(literal: &str) -> (char, usize) {
    let mut chars = literal.chars();
    let first = chars.next().unwrap_or_default();
    if first != '\\' {
        return (first, first.len_utf8());
    }
    let escape = chars.next().unwrap_or_default();
    let plain = match escape {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unit(literal),
        other => other,
    };
    (plain, 1 + escape.len_utf8())
}

/// A character by its units of UTF-16.
fn unit(literal: &str) -> (char, usize) {
    let one = |at: usize| {
        let digits = literal.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let units = [one(0), one(6)].map(|unit| unit.unwrap_or(0));
    let mut read = char::decode_utf16(units);
    match read.next() {
        Some(Ok(c)) => (c, 6 * c.len_utf16()),
        _ => (char::REPLACEMENT_CHARACTER, literal.len().min(6)),
    }
}

/// A walk over the texts and numbers of a record, in order, each with the path that is asked about
/// at it or below.
struct Walk<'t, 'p, F> {
    text: &'t str,
    at: usize,
    asked: Asked<'p>,
    count: usize,
    each: F,
}

impl<'p, F: FnMut(usize, Option<&'p str>, Range)> Walk<'_, 'p, F> {
    /// How many there are; `None` where the text is no record. The paths are sorted.
    fn of(text: &str, paths: &'p [&'p str], each: F) -> Option<usize> {
        let mut walk = Walk {
            text,
            at: 0,
            asked: Asked::of(paths),
            count: 0,
            each,
        };
        walk.value(0)?;
        walk.blanks();
        (walk.at == text.len()).then_some(walk.count)
    }

    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    fn eat(&mut self, b: u8) -> bool {
        self.blanks();
        let there = self.peek() == b;
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > JSON_DEPTH_MAX {
            return None;
        }
        self.blanks();
        let start = self.at;
        match self.peek() {
            b'{' => return self.members(depth, b'}'),
            b'[' => return self.members(depth, b']'),
            b'"' => self.string()?,
            _ => {
                while matches!(self.peek(), b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E') {
                    self.at += 1;
                }
                if self.at == start {
                    return None;
                }
            }
        }
        (self.each)(self.count, self.asked.found(), (start, self.at));
        self.count += 1;
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.text.as_bytes().get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }

    /// What stands in an object or a list, up to the sign that ends it.
    fn members(&mut self, depth: usize, end: u8) -> Option<()> {
        self.at += 1;
        if self.eat(end) {
            return Some(());
        }
        loop {
            let above = self.asked.clone();
            if end == b'}' {
                self.blanks();
                let start = self.at;
                (self.peek() == b'"').then_some(())?;
                self.string()?;
                if !above.all().is_empty() {
                    let key = Scalar::of(self.text, (start, self.at));
                    self.asked = above.below(".").below(&key.text);
                }
                self.eat(b':').then_some(())?;
            }
            self.value(depth + 1)?;
            self.asked = above;
            if self.eat(end) {
                return Some(());
            }
            self.eat(b',').then_some(())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::prelude::*;

    use super::*;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    /// Counts a look at a finding or at its path.
    pub(super) fn step() {
        STEPS.set(STEPS.get() + 1);
    }

    fn pseudonym(kind: &str) -> String {
        format!("{kind}_{}", "a2b3".repeat(6))
    }

    /// What stands at the places, in both lines.
    fn check(raw: &str, clean: &str, findings: &[Told<'_>], want: &[(&str, &str)]) {
        let places = places(raw, clean, findings);
        let shown: Vec<(&str, &str)> = places
            .iter()
            .map(|place| (cut(raw, place.raw), cut(clean, place.clean)))
            .collect();
        assert_eq!(shown, want, "{raw}\n{clean}");
    }

    #[test]
    fn replacements_in_a_line_are_told_apart() {
        let email = pseudonym("email");
        check(
            "a b@c.d,e@f.g pw=hunter2 z",
            &format!("a {email},{email} pw=[removed:key.password] z"),
            &[("", 2, 5), ("", 8, 5), ("", 17, 7)],
            &[
                ("b@c.d", email.as_str()),
                ("e@f.g", &email),
                ("hunter2", "[removed:key.password]"),
            ],
        );
        // A mask, and what touches.
        check(
            "1234567 ab",
            "0000000 ab",
            &[("", 0, 7)],
            &[("1234567", "0000000")],
        );
        check(
            "abcd.",
            "[removed:x]yy.",
            &[("", 2, 2), ("", 0, 2)],
            &[("cd", "[removed:x]yy"), ("ab", "[removed:x]yy")],
        );
    }

    #[test]
    fn places_in_a_record_count_its_escapes() {
        let user = pseudonym("user");
        check(
            r#"{"a":"x","b":{"m":"\u00e9\n \ud83d\ude00 ann \" bo"},"n":12345678}"#,
            &format!(r#"{{"a":"x","b":{{"m":"é\n 😀 {user} \" {user}"}},"n":"{user}"}}"#),
            &[(".b.m", 9, 3), (".b.m", 15, 2), (".n", 0, 8)],
            &[("ann", &user), ("bo", &user), ("12345678", &user)],
        );
    }

    #[test]
    fn items_of_a_list_take_their_findings_in_order() {
        let user = pseudonym("user");
        check(
            r#"{"u":["ann","x","ann bob","bob"]}"#,
            &format!(r#"{{"u":["{user}","x","{user} {user}","{user}"]}}"#),
            &[(".u", 0, 3), (".u", 0, 3), (".u", 4, 3), (".u", 0, 3)],
            &[
                ("ann", &user),
                ("ann", &user),
                ("bob", &user),
                ("bob", &user),
            ],
        );
    }

    #[test]
    fn what_cannot_be_told_to_the_byte_is_held_by_its_place() {
        // A record in a text, a name of a field that came out otherwise, a field that is gone.
        check(
            r#"{"a":"{\"pw\":\"hunter2\"}","b":1}"#,
            r#"{"a":"{\"pw\":\"[removed:key.password]\"}","b":1}"#,
            &[(".a.pw", 0, 7)],
            &[(
                r#"{\"pw\":\"hunter2\"}"#,
                r#"{\"pw\":\"[removed:key.password]\"}"#,
            )],
        );
        check(
            r#"{"a":1,"b":"x"}"#,
            r#"{"b":"x"}"#,
            &[(".a", 0, 1)],
            &[(r#"a":1,""#, "")],
        );
        check("ab cd", "xb yd", &[("", 0, 9)], &[("ab c", "xb y")]);
    }

    /// A record of that many addresses, its clean one, and the paths of what was found.
    fn many(count: usize, listed: bool) -> (String, String, Vec<String>) {
        let (mut raw, mut clean, mut paths) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..count {
            let name = format!("\"k{n}\":");
            let name = if listed { "" } else { &name };
            raw.push(format!("{name}\"{n:06}@b.co\""));
            clean.push(format!("{name}\"{}\"", pseudonym("email")));
            paths.push(if listed {
                ".u".to_owned()
            } else {
                format!(".k{n}")
            });
        }
        let (head, tail) = if listed {
            ("{\"u\":[", "]}")
        } else {
            ("{", "}")
        };
        let whole = |parts: Vec<String>| format!("{head}{}{tail}", parts.join(","));
        (whole(raw), whole(clean), paths)
    }

    #[test]
    fn what_is_looked_at_grows_with_the_line() {
        for (listed, steps_max) in [(true, 4), (false, 80)] {
            for count in [1_000, 16_000] {
                let (raw, clean, paths) = many(count, listed);
                let told: Vec<Told<'_>> = paths.iter().map(|p| (p.as_str(), 0, 11)).collect();
                STEPS.set(0);
                let places = places(&raw, &clean, &told);
                for (n, place) in places.iter().enumerate() {
                    assert_eq!(cut(&raw, place.raw), format!("{n:06}@b.co"));
                    assert_eq!(cut(&clean, place.clean), pseudonym("email"));
                }
                assert!(
                    STEPS.get() <= steps_max * count,
                    "{} of {count}",
                    STEPS.get()
                );
            }
        }
    }

    proptest! {
        #[test]
        fn places_are_within_their_lines(
            raw in "[a-c\"{}\\[\\]:,\\\\ué ]{0,40}",
            clean in "[a-c\"{}\\[\\]:,\\\\ué _]{0,40}",
            findings in prop::collection::vec(
                (prop::sample::select(vec!["", ".a", ".a.b"]), 0_usize..50, 0_usize..50), 0..5),
        ) {
            let places = places(&raw, &clean, &findings);
            prop_assert_eq!(places.len(), findings.len());
            for place in places {
                prop_assert!(raw.get(place.raw.0..place.raw.1).is_some());
                prop_assert!(clean.get(place.clean.0..place.clean.1).is_some());
            }
        }

        #[test]
        fn replacements_stand_where_they_were_put(
            parts in prop::collection::vec(("[a-z ]{1,5}", "[A-Z]{1,6}", 0_usize..3), 1..6),
        ) {
            let (mut raw, mut clean, mut told, mut want) =
                (String::new(), String::new(), Vec::new(), Vec::new());
            for (kept, value, how) in &parts {
                raw.push_str(kept);
                clean.push_str(kept);
                told.push(("", raw.len(), value.len()));
                raw.push_str(value);
                let shown = match how {
                    0 => pseudonym("email"),
                    1 => "[removed:key.made]".to_owned(),
                    _ => "X".repeat(value.len()),
                };
                clean.push_str(&shown);
                want.push((value.clone(), shown));
            }
            let shown: Vec<(String, String)> = places(&raw, &clean, &told)
                .iter()
                .map(|p| (cut(&raw, p.raw).to_owned(), cut(&clean, p.clean).to_owned()))
                .collect();
            prop_assert_eq!(shown, want);
        }
    }
}
