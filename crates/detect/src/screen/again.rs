//! What has to be asked again about another line of the same shape.
//!
//! Of a line in which nothing was proposed, most looks were settled by letters, and by which bytes
//! are digits: they come to the same for every line of its [`Shape`]. The others, those that read
//! what the digits are, or how long a number is, are kept with their places. Of a shape in whose
//! lines something is proposed, the places of that are kept, too: no look depends on another.

use cordon_simd::{Window, pass};

use super::{KINDS, Kind, Proposed, Screen, keys, may_end_begun, may_end_cell};
use super::{numbers, token, words};
use crate::bytes::{at, before, run, run_back, starts};
use crate::encoded::{self, Ahead};
use crate::rules::{self, RuleSet, random};
use crate::shape::{HEX_BYTES_MIN, Looks, Open, SHORT_DIGITS_MAX, Shape, Sites};
use crate::{ident, shadow, table};

/// A look that is to be taken again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    Separator {
        /// Whether the key ends as one that says something does.
        known: bool,
    },
    Word,
    Token {
        random: bool,
        named: bool,
    },
    Number,
    Ident {
        labelled: bool,
    },
    /// A number that may be dialled from abroad.
    Abroad,
    Encoded,
    /// An identifier in hex, or one of its groups.
    Id(Id),
    Sign,
    LineEnd,
}

impl Again {
    /// Whether all that a look at this byte may propose is its own place.
    fn proposes_its_place(self, byte: u8) -> bool {
        match self {
            Self::Token { .. } | Self::Number | Self::Ident { .. } | Self::Abroad => true,
            // Behind an equals sign something may be disguised.
            Self::Separator { .. } => byte != b'=',
            Self::Word | Self::Encoded | Self::Id(_) | Self::Sign | Self::LineEnd => false,
        }
    }
}

/// What stands around an identifier in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Id {
    /// Whether it is of random characters, whatever its digits are.
    random: bool,
    /// Whether a word before it, or in it, may name a rule.
    named: bool,
    /// Whether a label stands before it.
    labelled: bool,
    around: Around,
}

/// What follows an identifier in hex, and stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Around {
    /// Nothing that says anything: only its own first bytes do.
    Nothing,
    /// Something before it.
    Words,
    /// Letters of another run behind it.
    Run,
}

/// Most looks that are taken again at one line; one that needs more is looked through as a whole.
const LOOKS_COUNT_MAX: usize = 24;
/// Most places that are asked at in every line of a shape.
const SITES_COUNT_MAX: usize = 64;
/// Most digits before the first letter of an identifier in hex.
const PLAIN_DIGITS_MAX: usize = 24;
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
        let sites = self.sites_up_to(line, shape, rules, 0)?;
        Some(sites.again)
    }

    /// Where something may be found in the lines of a shape, that of `line`; none where that is
    /// not told by places alone.
    pub(crate) fn sites(
        &mut self,
        line: &str,
        shape: &Shape<'_>,
        rules: &RuleSet,
    ) -> Option<Sites> {
        self.sites_up_to(line, shape, rules, SITES_COUNT_MAX)
    }

    /// As [`Self::sites`]; none where there are more than so many that letters settle.
    fn sites_up_to(
        &mut self,
        line: &str,
        shape: &Shape<'_>,
        rules: &RuleSet,
        count_max: usize,
    ) -> Option<Sites> {
        let (mut looks, mut always) = (Vec::new(), Vec::new());
        for digits in 1..=SHORT_DIGITS_MAX {
            let (text, places) = shape.spelled(line, digits)?;
            self.look(&text, rules);
            if !self.has_places_alone() {
                return None;
            }
            for i in &self.places {
                let place = *places.get(*i as usize)?;
                if !always.contains(&place) {
                    always.push(place);
                }
            }
            if always.len() > count_max {
                return None;
            }
            let mut doubts = Vec::new();
            let is_id = |i: usize| places.get(i).is_some_and(|at| shape.is_id(*at as usize));
            let open = |i: usize| {
                let place = places.get(i);
                place.map_or(Open::No, |place| shape.is_open(*place as usize))
            };
            self.doubts(&text, &open, rules, &mut |i, again| {
                let of_id = !matches!(again, Again::Separator { .. } | Again::Word | Again::Sign);
                if !(of_id && is_id(i)) {
                    doubts.push((i, again));
                }
            });
            for place in shape.ids() {
                let i = places.iter().position(|at| *at == place as u32)?;
                doubts.push((i, Again::Id(Id::of(&text, i, rules))));
            }
            for (i, again) in doubts {
                let place = *places.get(i)?;
                if !looks.contains(&(place, again)) {
                    looks.push((place, again));
                }
            }
        }
        let byte = |place: u32| at(line.as_bytes(), shape.in_line(place as usize));
        looks.retain(|(place, again)| {
            !(always.contains(place) && again.proposes_its_place(byte(*place)))
        });
        (looks.len() <= LOOKS_COUNT_MAX).then(|| Sites {
            always: always.into(),
            again: Looks(looks.into()),
        })
    }

    /// Whether what was found in the last text are places at which the families are asked, and
    /// nothing else.
    fn has_places_alone(&self) -> bool {
        self.runs.is_empty()
            && self.disguises.is_empty()
            && self.wide.is_empty()
            && self.odd.is_empty()
    }

    /// Writes the places at which the families are asked in the line of a shape that begins at
    /// `start`, as they are in that line; false where they are not told by its like.
    pub(crate) fn places_alike(
        &mut self,
        text: &str,
        start: usize,
        (shape, sites): (&Shape<'_>, &Sites),
        rules: &RuleSet,
        out: &mut Vec<u32>,
    ) -> bool {
        let in_line = |place: &u32| shape.in_line(*place as usize);
        out.extend(sites.always.iter().map(|place| in_line(place) as u32));
        for (place, again) in &sites.again.0 {
            let i = in_line(place);
            if !self.again(text, start + i, *again, rules) {
                continue;
            }
            if !again.proposes_its_place(at(text.as_bytes(), start + i)) {
                return false;
            }
            out.push(i as u32);
        }
        true
    }

    /// Takes these places of a line, given without its line break, for those at which something
    /// may be found.
    pub(crate) fn take(&mut self, line: &str, places: &[u32], rules: &RuleSet) {
        self.clear();
        let within = places.iter().filter(|i| (**i as usize) < line.len());
        self.places.extend(within);
        self.places
            .extend(rules.begun(line.as_bytes(), line.len()).map(|i| i as u32));
        self.places.sort_unstable();
        self.places.dedup();
    }

    /// Whether the line of a shape that begins at `start` is as clean as its like.
    #[inline]
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
            Again::Separator { known } => {
                let quoted = at(bytes, i) == b'=' && shadow::says_quoted(bytes, i);
                quoted && shadow::disguises(text, i)
                    || keys::may_govern_alike(text, i, known, &mut self.told)
            }
            Again::Token { random, named } => rules.may_stand_alike(text, i, (random, named)),
            Again::Number => numbers::may_begin(text, i),
            Again::Ident { labelled } => ident::find_labelled(text, i, || labelled).is_some(),
            Again::Encoded => encoded::may_hold(bytes, i, Ahead::of(bytes, i)).is_some(),
            Again::Abroad => {
                ident::may_dial_abroad(bytes, i)
                    && ident::find_labelled(text, i, || false).is_some()
            }
            Again::Id(id) => {
                let plain = (id.around == Around::Nothing).then(|| digits_of_plain(bytes, i));
                if let Some(digits) = plain.flatten() {
                    rules.begins(bytes, i)
                        || encoded::may_begin_hex(bytes, i)
                        || digits > HEX_BYTES_MIN && numbers::may_begin(text, i)
                } else {
                    id.looks().any(|look| self.again(text, i, look, rules))
                        || id.around != Around::Run && encoded::may_begin_hex(bytes, i)
                }
            }
            Again::LineEnd => {
                rules.begun(bytes, i).next().is_some() || table::may_end_header(text, i)
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

    /// The looks at a text, beside those that propose something, that digits may have settled.
    fn doubts(
        &mut self,
        text: &str,
        open: &dyn Fn(usize) -> Open,
        rules: &RuleSet,
        out: &mut impl FnMut(usize, Again),
    ) {
        let proposed = Proposed::of(rules);
        let mut window = self.window.take().unwrap_or_default();
        let prompts = &words::WORDS.prompts;
        pass(text.as_bytes(), prompts, &proposed, &mut window, |window| {
            doubts((text, open), window, rules, out);
        });
        self.window = Some(window);
    }
}

impl Id {
    fn of(text: &str, i: usize, rules: &RuleSet) -> Self {
        let bytes = text.as_bytes();
        let random = random(Ahead::of(bytes, i));
        let named = random && rules.may_be_named(bytes, i);
        let end = run(bytes, i, RUN_BYTES_MAX, |b| {
            b.is_ascii_hexdigit() || b == b'-'
        });
        let said = named
            || rules.may_be_headed(bytes, i)
            || rules::may_be_accused(text, i)
            || before(bytes, i) == b'@';
        let around = match (encoded::alphabet(at(bytes, end)), said) {
            (true, _) => Around::Run,
            (false, true) => Around::Words,
            (false, false) => Around::Nothing,
        };
        Self {
            random,
            named,
            labelled: ident::is_labelled(text, i),
            around,
        }
    }

    /// The looks that its digits may settle, beside that into what is encoded in it where nothing
    /// follows.
    fn looks(self) -> impl Iterator<Item = Again> {
        let token = Again::Token {
            random: self.random,
            named: self.named,
        };
        let ident = Again::Ident {
            labelled: self.labelled,
        };
        let encoded = (self.around == Around::Run).then_some(Again::Encoded);
        let looks = [token, Again::Number, ident, Again::Sign];
        looks.into_iter().chain(encoded)
    }
}

/// The digits that an identifier in hex at `i` begins with, where nothing but a prefix, what is
/// encoded in it and their number can make it more than an identifier. The families of numbers ask
/// for more digits than eight, or for groups of four; those of identifiers leave what has hex
/// letters among its first bytes; an account has two letters and two digits.
fn digits_of_plain(bytes: &[u8], i: usize) -> Option<usize> {
    let digit = |n: usize| at(bytes, i + n).is_ascii_digit();
    let first = (0..PLAIN_DIGITS_MAX).take_while(|n| digit(*n)).count();
    let letter = matches!(at(bytes, i + first), b'a'..=b'f');
    let grouped = first == 4 && at(bytes, i + 4) == b'-' && (5..9).all(digit);
    let account = first == 0 && !digit(1) && digit(2) && digit(3);
    (!grouped && !account && (first < HEX_BYTES_MIN || letter)).then_some(first)
}

/// Whether what a sign says depends on the digits behind it.
fn sign_reads(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let next = at(bytes, i + 1);
    match at(bytes, i) {
        b'+' => next.is_ascii_digit() || next == b'(',
        b'(' => next.is_ascii_digit() && ident::is_labelled(text, i),
        // A time of an access log stands where two numbers of any lengths may.
        b'[' => {
            let time = next.is_ascii_digit() && before(bytes, i) == b' ';
            time || matches!(next, b'"' | b' ' | b'\\')
        }
        b'{' | b'$' => next.is_ascii_alphanumeric(),
        _ => false,
    }
}

fn doubts(
    (text, open): (&str, &dyn Fn(usize) -> Open),
    window: &Window<KINDS>,
    rules: &RuleSet,
    out: &mut impl FnMut(usize, Again),
) {
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
        if quoted || !address && keys::may_end_at(window, bytes, i) && keys::depends(text, i, open)
        {
            let known = keys::may_end(bytes, i);
            out(i, Again::Separator { known });
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
            // Letters that no prefix has settle one that is not random.
            if random || rules.depends(bytes, i, open) {
                out(i, Again::Token { random, named });
            }
        }
    }
    for i in of(Kind::Number) {
        if numbers::depends(bytes, i) {
            out(i, Again::Number);
        }
    }
    for i in of(Kind::Ident) {
        match ident::depends(text, i) {
            ident::Depends::Not => {}
            ident::Depends::Abroad => out(i, Again::Abroad),
            ident::Depends::Wholly { labelled } => out(i, Again::Ident { labelled }),
        }
    }
    of(Kind::Encoded)
        .filter(|i| encoded::depends(bytes, *i, open))
        .for_each(|i| out(i, Again::Encoded));
    // Escapes are part of the shape, digits and all.
    for i in of(Kind::Sign) {
        if sign_reads(text, i) {
            out(i, Again::Sign);
        }
    }
    of(Kind::LineEnd)
        .filter(|i| depends_at_end((text, open), window, *i, rules))
        .for_each(|i| out(i, Again::LineEnd));
}

/// Whether what ends the line before the line break `i` may do so otherwise with other digits.
fn depends_at_end(
    (text, open): (&str, &dyn Fn(usize) -> Open),
    window: &Window<KINDS>,
    i: usize,
    rules: &RuleSet,
) -> bool {
    let bytes = text.as_bytes();
    let word = run_back(bytes, i, RUN_BYTES_MAX, |b| {
        !matches!(b, b' ' | b'\t' | b'\n')
    });
    let asked = may_end_begun(window, bytes, i) || may_end_cell(window, bytes, i);
    let begins = |n: usize| super::asked(bytes, n) && rules.depends(bytes, n, open);
    let reads = || (word..i).any(begins) || table::depends(text, i);
    let varies = (word..i).any(|n| open(n) != Open::No);
    asked && varies && reads()
}

/// Whether one of the bytes from `i` on is a digit.
fn has_digit(bytes: &[u8], i: usize, count: usize) -> bool {
    let part = bytes.get(i..).unwrap_or(&[]);
    part.iter().take(count).any(u8::is_ascii_digit)
}
