//! What a rule for an identifier is: its labels, its shapes, its check.
//!
//! A shape is written as it stands in a text: `9` is a digit, `A` a letter, `#` either, `~` one
//! and the same of blank, dash and dot wherever it occurs, everything else itself. A shape led by
//! `!` needs no label. Rules are asked by the length of the first group and the sign behind it,
//! so that most numbers of a log meet no rule at all.

use std::sync::LazyLock;

use crate::bytes::{alnum, at, digit, run};
use crate::ident::label::Mask;
use crate::ident::{account, africa, america, asia, device, document, east, north, south, west};
use crate::{Finding, TokenKind};

/// Most characters of an identifier, separators left out.
pub(crate) const CHARS_COUNT_MAX: usize = 40;
/// Longest first group that any shape has.
const FIRST_COUNT_MAX: usize = 24;
/// Signs that may part groups.
const SIGNS: &[u8] = b" -./(";

/// What a rule's identifier is of; a general label (`national id`, `tax number`) means all of it.
pub(crate) mod family {
    /// Of a person as such.
    pub(crate) const PERSON: u8 = 1;
    /// Of a taxpayer.
    pub(crate) const TAX: u8 = 2;
    /// Of social insurance.
    pub(crate) const SOCIAL: u8 = 4;
    /// Of health care.
    pub(crate) const HEALTH: u8 = 8;
}

/// How a rule's identifier is read.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// By shapes, and a check over the characters without separators, in capitals.
    Shapes(&'static [&'static str], fn(&[u8]) -> bool),
    /// From a place on, to start and end; only with a label.
    Reader(fn(&str, usize) -> Option<(usize, usize)>),
}

/// A rule.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    /// Stable id.
    pub(crate) id: &'static str,
    /// How it is replaced.
    pub(crate) kind: TokenKind,
    /// See [`family`].
    pub(crate) families: u8,
    /// One or two words each, lower case.
    pub(crate) labels: &'static [&'static str],
    /// Whether the label must stand right before: the identifier itself has no check.
    pub(crate) near: bool,
    /// How it is read.
    pub(crate) form: Form,
}

impl Rule {
    /// A rule whose identifier is checked, so that a label four words before it is enough.
    pub(crate) const fn checked(
        id: &'static str,
        families: u8,
        labels: &'static [&'static str],
        shapes: &'static [&'static str],
        check: fn(&[u8]) -> bool,
    ) -> Self {
        Self {
            id,
            kind: TokenKind::National,
            families,
            labels,
            near: false,
            form: Form::Shapes(shapes, check),
        }
    }

    /// A rule whose identifier has no check digit: the label stands right before.
    pub(crate) const fn labelled(
        id: &'static str,
        labels: &'static [&'static str],
        shapes: &'static [&'static str],
        check: fn(&[u8]) -> bool,
    ) -> Self {
        Self {
            near: true,
            ..Self::checked(id, 0, labels, shapes, check)
        }
    }

    /// A rule that reads by itself behind its label.
    pub(crate) const fn reader(
        id: &'static str,
        kind: TokenKind,
        labels: &'static [&'static str],
        read: fn(&str, usize) -> Option<(usize, usize)>,
    ) -> Self {
        Self {
            id,
            kind,
            families: 0,
            labels,
            near: true,
            form: Form::Reader(read),
        }
    }

    /// The same rule, for which a label four words before is enough: what it reads is seldom else.
    pub(crate) const fn loosely(self) -> Self {
        Self {
            near: false,
            ..self
        }
    }

    /// The same rule, which general labels of those families lead to as well.
    pub(crate) const fn within(self, families: u8) -> Self {
        Self { families, ..self }
    }

    /// The same rule of another kind.
    pub(crate) const fn of(self, kind: TokenKind) -> Self {
        Self { kind, ..self }
    }
}

/// Every rule; the place of one is its bit in a [`Mask`].
pub(crate) static RULES: LazyLock<Vec<&'static Rule>> = LazyLock::new(|| {
    let tables: [&'static [Rule]; 10] = [
        west::RULES,
        north::RULES,
        south::RULES,
        east::RULES,
        america::RULES,
        asia::RULES,
        africa::RULES,
        account::RULES,
        device::RULES,
        document::RULES,
    ];
    tables.into_iter().flatten().collect()
});

/// A shape of a rule.
struct Entry {
    rule: usize,
    shape: Vec<u8>,
    bare: bool,
}

/// Shapes by first group and sign; first those that need no label.
static BUCKETS: LazyLock<Vec<Vec<Entry>>> = LazyLock::new(|| {
    let mut buckets: Vec<Vec<Entry>> = Vec::new();
    buckets.resize_with(2 * (FIRST_COUNT_MAX + 1) * (SIGNS.len() + 1), Vec::new);
    for (i, rule) in RULES.iter().enumerate() {
        let Form::Shapes(shapes, _) = rule.form else {
            continue;
        };
        for (shape, bare) in shapes.iter().flat_map(|shape| spelled(shape)) {
            let first = shape.iter().take_while(|b| symbol(**b)).count();
            let head = shape.get(..first).unwrap_or(&[]);
            let sign = at(&shape, first);
            let digits = head.iter().all(|b| matches!(b, b'9' | b'#'));
            let letters = head.iter().any(|b| *b != b'9');
            for (wanted, only_digits) in [(digits, true), (letters, false)] {
                let slot = bucket(first, sign, only_digits).and_then(|at| buckets.get_mut(at));
                if let Some(slot) = slot.filter(|_| wanted) {
                    slot.push(Entry {
                        rule: i,
                        shape: shape.clone(),
                        bare,
                    });
                }
            }
        }
    }
    for bucket in &mut buckets {
        bucket.sort_by_key(|entry| !entry.bare);
    }
    buckets
});

/// A shape with `~` written out, and whether it needs no label.
fn spelled(shape: &'static str) -> Vec<(Vec<u8>, bool)> {
    let bare = shape.starts_with('!');
    let shape = shape.trim_start_matches('!');
    let signs: &[&str] = if shape.contains('~') {
        &[" ", "-", "."]
    } else {
        &["~"]
    };
    signs
        .iter()
        .map(|sign| (shape.replace('~', sign).into_bytes(), bare))
        .collect()
}

fn symbol(b: u8) -> bool {
    matches!(b, b'9' | b'A' | b'#')
}

/// Place of a bucket. A sign that parts no groups is the end.
fn bucket(first: usize, sign: u8, digits: bool) -> Option<usize> {
    let sign = SIGNS.iter().position(|s| *s == sign).map_or(0, |at| at + 1);
    let place = (first * (SIGNS.len() + 1) + sign) * 2 + usize::from(digits);
    (first <= FIRST_COUNT_MAX).then_some(place)
}

/// What stands at a place: which rules may be asked there.
pub(crate) struct Candidate<'t> {
    bytes: &'t [u8],
    i: usize,
    buckets: [&'static [Entry]; 2],
}

impl<'t> Candidate<'t> {
    /// The candidate at `i`, unless its first group is longer than any identifier's.
    pub(crate) fn read(bytes: &'t [u8], i: usize) -> Option<Self> {
        let end = run(bytes, i, FIRST_COUNT_MAX + 1, alnum);
        let first = end - i;
        if first > FIRST_COUNT_MAX || first == 0 {
            return None;
        }
        let head = bytes.get(i..end).unwrap_or(&[]);
        let digits = head.iter().all(|b| digit(*b));
        let of = |sign: u8| -> &'static [Entry] {
            bucket(first, sign, digits)
                .and_then(|place| BUCKETS.get(place))
                .map_or(&[], Vec::as_slice)
        };
        let sign = at(bytes, end);
        let parted = SIGNS.contains(&sign) && alnum(at(bytes, end + 1));
        let buckets = [if parted { of(sign) } else { &[] }, of(0)];
        Some(Self { bytes, i, buckets })
    }

    /// Whether some identifier of that first group needs no label.
    pub(crate) fn may_be_bare(&self) -> bool {
        let mut first = self.buckets.into_iter().filter_map(<[Entry]>::first);
        first.any(|entry| entry.bare)
    }

    /// Whether the bytes have the form of one that needs no label, whatever its check says.
    pub(crate) fn has_bare_form(&self) -> bool {
        let mut chars = [0; CHARS_COUNT_MAX];
        let mut bare = self.entries().filter(|entry| entry.bare);
        bare.any(|entry| fill(self.bytes, self.i, &entry.shape, true, &mut chars).is_some())
    }

    /// The identifier that needs no label.
    pub(crate) fn bare(&self) -> Option<Finding> {
        self.entries()
            .filter(|entry| entry.bare)
            .find_map(|entry| self.find(entry, true))
    }

    /// The identifier whose label is there.
    pub(crate) fn labelled(&self, near: &Mask, far: &Mask) -> Option<Finding> {
        let of = |wanted: bool, mask: &Mask| {
            self.entries()
                .filter(|entry| {
                    RULES
                        .get(entry.rule)
                        .is_some_and(|rule| rule.near == wanted)
                })
                .filter(|entry| mask.has(entry.rule))
                .find_map(|entry| self.find(entry, false))
        };
        of(false, far).or_else(|| of(true, near))
    }

    fn entries(&self) -> impl Iterator<Item = &'static Entry> + use<'_, 't> {
        self.buckets.into_iter().flatten()
    }

    fn find(&self, entry: &Entry, bare: bool) -> Option<Finding> {
        let rule = RULES.get(entry.rule)?;
        let Form::Shapes(_, check) = rule.form else {
            return None;
        };
        let mut chars = [0; CHARS_COUNT_MAX];
        let (count, end) = fill(self.bytes, self.i, &entry.shape, bare, &mut chars)?;
        let chars = chars.get(..count)?;
        let parted = entry.shape.contains(&b' ');
        let stands =
            bounded(self.bytes, end) && !(bare && parted && in_row(self.bytes, self.i, end));
        (stands && check(chars)).then(|| Finding::personal(rule.id, rule.kind, self.i, end))
    }
}

/// Reads a shape; how many characters, and where it ends. What needs no label is in capitals.
fn fill(
    bytes: &[u8],
    i: usize,
    shape: &[u8],
    capitals: bool,
    chars: &mut [u8; CHARS_COUNT_MAX],
) -> Option<(usize, usize)> {
    let mut count = 0;
    for (j, symbol) in shape.iter().enumerate() {
        let b = at(bytes, i + j);
        let fits = match symbol {
            b'9' => digit(b),
            b'A' => b.is_ascii_alphabetic(),
            b'#' => alnum(b),
            sign => b == *sign,
        };
        if !fits || capitals && b.is_ascii_lowercase() {
            return None;
        }
        if alnum(b) {
            *chars.get_mut(count)? = b.to_ascii_uppercase();
            count += 1;
        }
    }
    Some((count, i + shape.len()))
}

/// Whether nothing goes on at `end`.
pub(crate) fn bounded(bytes: &[u8], end: usize) -> bool {
    let next = at(bytes, end + 1);
    match at(bytes, end) {
        b'_' | b'=' | b'@' => false,
        b'-' | b'.' | b'/' => !alnum(next),
        b':' | b',' => !digit(next),
        b => !alnum(b),
    }
}

/// Whether groups that blanks part stand in a row of more numbers, as counters do.
fn in_row(bytes: &[u8], i: usize, end: usize) -> bool {
    let behind = at(bytes, end) == b' ' && digit(at(bytes, end + 1));
    let ahead = i >= 2 && at(bytes, i - 1) == b' ' && digit(at(bytes, i - 2));
    behind || ahead
}
