//! What has to be asked again about another line of the same shape.
//!
//! Of a line in which nothing was proposed, most looks were settled by letters, and by which bytes
//! are digits: they come to the same for every line of its [`Shape`]. The others, those that read
//! what the digits are, or how long a number is, are kept with their places.

use cordon_simd::{Window, pass};

use super::{KINDS, Kind, Proposed, Screen, keys, may_end_begun, may_end_cell};
use super::{numbers, token, words};
use crate::bytes::{at, run, run_back, starts};
use crate::encoded::{self, Ahead};
use crate::rules::{RuleSet, random};
use crate::shape::{Looks, SHORT_DIGITS_MAX, Shape};
use crate::{ident, shadow};

/// A look that is to be taken again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    Separator,
    Word,
    Token {
        random: bool,
        named: bool,
    },
    Number,
    Ident {
        labelled: bool,
    },
    Encoded,
    /// An identifier in hex, where no other run goes before it.
    Id,
    Sign,
    LineEnd,
}

/// Most looks that are taken again at one line; one that needs more is looked through as a whole.
const LOOKS_COUNT_MAX: usize = 24;
/// Bytes of a run that are read to see whether text is encoded in it.
const RUN_BYTES_MAX: usize = 64;

impl Screen {
    /// What has to be asked again about the lines of a shape, that of `line`; none where they
    /// are not all clean for what they have in common.
    pub(crate) fn looks(
        &mut self,
        line: &str,
        shape: &Shape<'_>,
        rules: &RuleSet,
    ) -> Option<Looks> {
        let mut looks = Vec::new();
        for digits in 1..=SHORT_DIGITS_MAX {
            let (text, places) = shape.spelled(line, digits)?;
            self.look(&text, rules);
            if !self.marks().is_empty() {
                return None;
            }
            let mut doubts = Vec::new();
            self.doubts(&text, rules, &mut |i, again| doubts.push((i, again)));
            for place in shape.ids() {
                let i = places.iter().position(|at| *at == place as u32)?;
                doubts.extend(of_id(&text, i, rules).map(|again| (i, again)));
            }
            for (i, again) in doubts {
                let place = *places.get(i)?;
                if !looks.contains(&(place, again)) {
                    looks.push((place, again));
                }
            }
        }
        (looks.len() <= LOOKS_COUNT_MAX).then(|| Looks(looks.into()))
    }

    /// Whether the line of a shape that begins at `start` is as clean as its like.
    pub(crate) fn is_alike(
        &mut self,
        text: &str,
        start: usize,
        (shape, looks): (&Shape<'_>, &Looks),
        rules: &RuleSet,
    ) -> bool {
        let found = looks.0.iter().any(|(place, again)| {
            self.again(text, start + shape.in_line(*place as usize), *again, rules)
        });
        !found
    }

    /// Takes one look again.
    fn again(&mut self, text: &str, i: usize, again: Again, rules: &RuleSet) -> bool {
        let bytes = text.as_bytes();
        match again {
            Again::Separator => {
                let quoted = at(bytes, i) == b'=' && shadow::says_quoted(bytes, i);
                quoted && shadow::disguises(text, i) || keys::may_govern(text, i, &mut self.told)
            }
            Again::Token { random, named } => rules.may_stand_alike(text, i, (random, named)),
            Again::Number => numbers::may_begin(text, i),
            Again::Ident { labelled } => ident::find_labelled(text, i, || labelled).is_some(),
            Again::Encoded => encoded::may_hold(bytes, i, Ahead::of(bytes, i)).is_some(),
            Again::Id => encoded::may_begin_hex(bytes, i),
            Again::LineEnd => {
                rules.begun(bytes, i).next().is_some() || crate::table::may_end_header(text, i)
            }
            Again::Word | Again::Sign => {
                self.clear();
                if again == Again::Word {
                    self.word(text, i);
                } else {
                    self.sign(text, i, rules);
                }
                !self.marks().is_empty()
            }
        }
    }

    /// The looks at a text, in which nothing is proposed, that digits may have settled.
    fn doubts(&mut self, text: &str, rules: &RuleSet, out: &mut impl FnMut(usize, Again)) {
        let proposed = Proposed::of(rules);
        let mut window = self.window.take().unwrap_or_default();
        let prompts = &words::WORDS.prompts;
        pass(text.as_bytes(), prompts, &proposed, &mut window, |window| {
            doubts(text, window, rules, out);
        });
        self.window = Some(window);
    }
}

/// The looks at an identifier in hex, whatever its digits are.
fn of_id(text: &str, i: usize, rules: &RuleSet) -> impl Iterator<Item = Again> {
    let random = random(Ahead::of(text.as_bytes(), i));
    let named = random && rules.may_be_named(text.as_bytes(), i);
    let labelled = ident::is_labelled(text, i);
    // Behind it the letters of another run may follow.
    let bytes = text.as_bytes();
    let end = run(bytes, i, RUN_BYTES_MAX, |b| {
        b.is_ascii_hexdigit() || b == b'-'
    });
    let goes_on = encoded::alphabet(at(bytes, end));
    let encoded = if goes_on { Again::Encoded } else { Again::Id };
    [
        Again::Token { random, named },
        Again::Number,
        Again::Ident { labelled },
        encoded,
        Again::Sign,
    ]
    .into_iter()
}

fn doubts(text: &str, window: &Window<KINDS>, rules: &RuleSet, out: &mut impl FnMut(usize, Again)) {
    let bytes = text.as_bytes();
    let of = |kind: Kind| {
        let places = window.places(kind as usize);
        places.iter().map(|i| *i as usize)
    };
    // A key whose end no word of the lexicon has says nothing, whatever number is in it. Commas,
    // underscores, links of addresses and blanks before quotes are settled by letters.
    for i in of(Kind::Separator) {
        let address = starts(bytes, i, b"://");
        let quoted = at(bytes, i) == b'=' && at(bytes, i + 3) == b'=';
        if quoted || !address && keys::may_end_at(window, bytes, i) && keys::depends(text, i) {
            out(i, Again::Separator);
        }
    }
    for i in of(Kind::Word) {
        if words::WORDS.depend(bytes, i) {
            out(i, Again::Word);
        }
    }
    for i in of(Kind::Token) {
        let run = (!window.from(i, token)).trailing_zeros() as usize;
        if has_digit(bytes, i, run) {
            let random = random(super::ahead(window, i));
            let named = random && rules.may_be_named(bytes, i);
            out(i, Again::Token { random, named });
        }
    }
    for i in of(Kind::Number) {
        if numbers::depends(bytes, i) {
            out(i, Again::Number);
        }
    }
    for i in of(Kind::Ident) {
        if let Some(labelled) = ident::depends(text, i) {
            out(i, Again::Ident { labelled });
        }
    }
    for i in of(Kind::Encoded) {
        if encoded::depends(bytes, i) {
            out(i, Again::Encoded);
        }
    }
    // Escapes are part of the shape, digits and all.
    for i in of(Kind::Sign) {
        let next = at(bytes, i + 1);
        let reads = match at(bytes, i) {
            b'+' => next.is_ascii_digit() || next == b'(',
            b'(' => next.is_ascii_digit() && ident::is_labelled(text, i),
            b'[' => matches!(next, b'"' | b' ' | b'\\'),
            b'{' | b'$' => next.is_ascii_alphanumeric(),
            _ => false,
        };
        if reads {
            out(i, Again::Sign);
        }
    }
    for i in of(Kind::LineEnd) {
        let word = run_back(bytes, i, RUN_BYTES_MAX, |b| {
            !matches!(b, b' ' | b'\t' | b'\n')
        });
        let asked = may_end_begun(window, bytes, i) || may_end_cell(window, bytes, i);
        if asked && has_digit(bytes, word, i - word) {
            out(i, Again::LineEnd);
        }
    }
}

/// Whether one of the bytes from `i` on is a digit.
fn has_digit(bytes: &[u8], i: usize, count: usize) -> bool {
    let part = bytes.get(i..).unwrap_or(&[]);
    part.iter().take(count).any(u8::is_ascii_digit)
}
