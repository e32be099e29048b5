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
//! *Limits:* linear in the line, for each finding of a list at most [`TRIES_COUNT_MAX`] times.

use std::collections::BTreeSet;
use std::ops::Bound;

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
    let marker = text.starts_with("[removed:").then(|| text.find(']'));
    let marker = marker.flatten().map(|n| n + 1);
    if let Some(n) = marker.filter(|n| *n <= MARKER_BYTES_MAX) {
        return text.get(..n).filter(|text| is_ours(text)).map(str::len);
    }
    let signs = text.bytes().take(KIND_BYTES_MAX + 1).enumerate();
    let mut ends = signs
        .filter(|(_, b)| *b == b'_')
        .map(|(n, _)| n + 1 + PSEUDONYM_CHARS);
    ends.find(|n| text.get(..*n).is_some_and(is_pseudonym))
}

/// The places of findings in a record; `None` where the two are not built alike.
fn record(raw: &str, clean: &str, findings: &[Told<'_>]) -> Option<Vec<Place>> {
    let paths: BTreeSet<&str> = findings.iter().map(|(path, ..)| *path).collect();
    let mut named = Vec::new();
    let count = Walk::of(clean, |index, path, place| {
        if let Some(path) = asked(&paths, path) {
            named.push((index, path, place));
        }
    })?;
    let mut next = named.iter().peekable();
    let mut pairs: Vec<(&str, Range, Range)> = Vec::new();
    let raw_count = Walk::of(raw, |index, _, place| {
        while let Some((_, path, clean)) = next.next_if(|(named, ..)| *named == index) {
            pairs.push((path, place, *clean));
        }
    })?;
    if raw_count != count {
        return None;
    }
    pairs.retain(|(_, raw_at, clean_at)| cut(raw, *raw_at) != cut(clean, *clean_at));
    let mut out = vec![differing(raw, clean); findings.len()];
    for path in paths {
        let of_path = |(n, told): (usize, &Told<'_>)| (told.0 == path).then_some(n);
        let told: Vec<usize> = findings.iter().enumerate().filter_map(of_path).collect();
        let mut left = told.as_slice();
        let mut values = pairs.iter().filter(|(found, ..)| *found == path).peekable();
        while let Some((_, raw_at, clean_at)) = values.next() {
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
    }
    Some(out)
}

/// The path that is asked about among those at or below a value's.
fn asked<'p>(paths: &BTreeSet<&'p str>, path: &mut String) -> Option<&'p str> {
    if let Some(found) = paths.get::<str>(path) {
        return Some(found);
    }
    // A text that holds a record has its members below it.
    path.push('.');
    let from = (Bound::Included(path.as_str()), Bound::Unbounded);
    let below = paths.range::<str, _>(from).next().copied();
    let below = below.filter(|found| found.starts_with(path.as_str()));
    path.pop();
    below
}

/// How many of the findings that are left stand in a value, and their places where these can be
/// told.
fn dealt(
    (raw, clean): &(Scalar, Scalar),
    findings: &[Told<'_>],
    left: &[usize],
    last: bool,
) -> (usize, Vec<Place>) {
    let told = left.iter().filter_map(|n| findings.get(*n));
    let spans: Vec<Range> = told.map(|(_, at, len)| (*at, at + len)).collect();
    let inside = |span: &Range| span.1 <= raw.text.len();
    let ordered = spans.windows(2).take_while(|pair| match pair {
        [a, b] => a.1 <= b.0,
        _ => false,
    });
    let run = ordered.count() + 1;
    let run = spans
        .iter()
        .take(run)
        .take_while(|span| inside(span))
        .count();
    for count in (1..=run).rev().take(TRIES_COUNT_MAX) {
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

/// A walk over the texts and numbers of a record, in order, each with its path.
struct Walk<'t, F> {
    text: &'t str,
    at: usize,
    path: String,
    count: usize,
    each: F,
}

impl<F: FnMut(usize, &mut String, Range)> Walk<'_, F> {
    /// How many there are; `None` where the text is no record.
    fn of(text: &str, each: F) -> Option<usize> {
        let mut walk = Walk {
            text,
            at: 0,
            path: String::new(),
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
        (self.each)(self.count, &mut self.path, (start, self.at));
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
            let above = self.path.len();
            if end == b'}' {
                self.blanks();
                let start = self.at;
                (self.peek() == b'"').then_some(())?;
                self.string()?;
                let key = Scalar::of(self.text, (start, self.at));
                self.path.push('.');
                self.path.push_str(&key.text);
                self.eat(b':').then_some(())?;
            }
            self.value(depth + 1)?;
            self.path.truncate(above);
            if self.eat(end) {
                return Some(());
            }
            self.eat(b',').then_some(())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
