//! The pass over a text and the merging of what the rule families found.

use std::sync::Arc;

use cordon_event::Class;

use crate::bytes::{alnum, at, ceil, cut, floor};
use crate::encoded;
use crate::key::LABELLED;
use crate::pass::Pass;
use crate::rules::RuleSet;
use crate::screen::Screen;
use crate::shadow::{disguised_lines, quoted_end, shadow};
use crate::shape::{Looks, Shape, Sites};
use crate::value::{VALUE_BYTES_MAX, glued_end};
use crate::{
    Context, Finding, KeyVerdict, TokenKind, fit, ident, identity, is_ours, is_pseudonym, keyed,
    marker, member, names, pair, pem, pool, verdict,
};

/// How often something decoded is decoded again; a run below that decodes to text is one finding.
pub const DECODE_DEPTH_MAX: usize = 3;
/// Bytes that are decoded and unpacked in one text; what goes beyond is one finding.
pub const DECODE_BYTES_MAX: usize = 4 << 20;
/// The same for each byte of the text, so that a scan is linear whatever is packed in it.
pub const DECODE_RATIO_MAX: usize = 128;
/// Rule of what was beyond a limit of decoding.
const OVER_BUDGET: &str = "encoded.over_budget";
/// Rule of a line that is nothing but a piece of a private key's body.
const BODY_LINE: &str = "private_key.line";
/// Bytes of a field's name, from its end, in which a token's issuer is looked for: so near that
/// the name stands in the window of the rules where the field is read as a line.
const ISSUER_KEY_BYTES_MAX: usize = 32;
/// How near to its limit a value counts as cut off there: a limit may fall inside an escape.
const CUT_SLACK_BYTES: usize = 256;
/// Bytes from which on a word may be more than one: an address of a device is as long, written as
/// `aabb.ccdd.eeff`.
const WORD_BYTES_MAX: usize = 14;
/// Findings in one text; beyond them the rest of the text is one finding (rule `budget`).
pub const FINDINGS_COUNT_MAX: usize = 20_000;

/// Which families may be left out.
#[derive(Clone, Copy, Debug)]
pub struct DetectorConfig {
    /// IP addresses are personal.
    pub ip: bool,
    /// Hardware addresses are personal.
    pub mac: bool,
    /// User names in home directories are personal.
    pub home: bool,
}

impl Default for DetectorConfig {
    fn default() -> Self {
        Self {
            ip: true,
            mac: true,
            home: true,
        }
    }
}

/// Finds what must not stay in a text. Stateless: one serves all threads.
#[derive(Clone, Debug)]
pub struct Detector {
    config: DetectorConfig,
    rules: Arc<RuleSet>,
}

/// Memory of a scan, to be used again. It has no `Debug`, as it has seen raw text.
#[derive(Default)]
pub struct Scratch {
    screen: Screen,
}

/// Where the families are asked.
enum Places<'s> {
    /// Where the screens propose.
    Screened(&'s mut Screen),
    /// Where they are known to propose.
    Told(&'s mut Screen, &'s [u32]),
    /// At every byte.
    Every,
}

impl<'s> Places<'s> {
    /// The same below, in what was decoded.
    fn below(screened: bool, screen: &'s mut Screen) -> Self {
        if screened {
            Self::Screened(screen)
        } else {
            Self::Every
        }
    }
}

impl Default for Detector {
    fn default() -> Self {
        Self::new(DetectorConfig::default())
    }
}

impl Detector {
    /// A detector with the built-in rules.
    pub fn new(config: DetectorConfig) -> Self {
        Self::with_rules(config, RuleSet::builtin())
    }

    /// A detector with these rules for tokens.
    pub fn with_rules(config: DetectorConfig, rules: Arc<RuleSet>) -> Self {
        Self { config, rules }
    }

    /// Its rules for tokens.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Findings of a text: sorted, disjoint, on character boundaries.
    pub fn scan(&self, text: &str, context: &Context<'_>) -> Vec<Finding> {
        let mut screen = pool::lend();
        let mut level = Level::top(text);
        self.scanned(text, context, &mut level, Places::Screened(&mut screen))
    }

    /// As [`Detector::scan`], of a text that `depth` encodings were undone of; `budget` bounds the
    /// bytes that are decoded below, and what is decoded is taken from it.
    pub fn scan_decoded(
        &self,
        text: &str,
        context: &Context<'_>,
        depth: usize,
        budget: &mut usize,
    ) -> Vec<Finding> {
        let mut level = Level {
            depth,
            budget: *budget,
        };
        let mut screen = pool::lend();
        let found = self.scanned(text, context, &mut level, Places::Screened(&mut screen));
        *budget = level.budget;
        found
    }

    /// Whether a whole value may be a token whose issuer its field's name tells.
    pub fn may_be_issued(&self, value: &str) -> bool {
        self.rules.may_be_named_by(value.trim())
    }

    /// Places of a text around which something may be found, in order: a line without one of them
    /// is clean, read as text or as a line of JSON whose escapes are the usual ones.
    pub fn marks<'s>(&self, text: &str, scratch: &'s mut Scratch) -> &'s [u32] {
        scratch.screen.look(text, &self.rules);
        scratch.screen.marks()
    }

    /// Whether a text by itself has none of the places of [`Detector::marks`].
    pub fn is_unmarked(&self, text: &str) -> bool {
        let mut screen = pool::lend();
        screen.look(text, &self.rules);
        screen.marks().is_empty()
    }

    /// What has to be asked again about the lines of a shape, that of `line`, where all of them are
    /// clean but for that; none otherwise.
    pub fn looks(&self, line: &str, shape: &Shape<'_>, scratch: &mut Scratch) -> Option<Looks> {
        scratch.screen.looks(line, shape, &self.rules)
    }

    /// Whether a line that begins at `start` is clean, given what is to be asked about its shape.
    #[inline]
    pub fn is_alike(
        &self,
        text: &str,
        start: usize,
        like: (&Shape<'_>, &Looks),
        scratch: &mut Scratch,
    ) -> bool {
        scratch.screen.is_alike(text, start, like, &self.rules)
    }

    /// Where something may be found in the lines of a shape, that of `line`; none where it is not
    /// told by places alone.
    pub fn sites(&self, line: &str, shape: &Shape<'_>, scratch: &mut Scratch) -> Option<Sites> {
        scratch.screen.sites(line, shape, &self.rules)
    }

    /// Writes the places for [`Detector::scan_at`] of a line that begins at `start`, given those of
    /// its shape; false where they do not tell.
    pub fn places_alike(
        &self,
        text: &str,
        start: usize,
        like: (&Shape<'_>, &Sites),
        scratch: &mut Scratch,
        out: &mut Vec<u32>,
    ) -> bool {
        let screen = &mut scratch.screen;
        screen.places_alike(text, start, like, &self.rules, out)
    }

    /// As [`Detector::scan`], of a line without its line break, in which something may be found
    /// at these places alone ([`Detector::places_alike`]).
    pub fn scan_at(&self, line: &str, context: &Context<'_>, places: &[u32]) -> Vec<Finding> {
        let mut screen = pool::lend();
        let mut level = Level::top(line);
        let places = Places::Told(&mut screen, places);
        self.scanned(line, context, &mut level, places)
    }

    /// As [`Detector::scan`], asking every family at every byte: some hundred times slower, and
    /// the measure of what the screens may leave out, which is nothing.
    pub fn scan_every_byte(&self, text: &str, context: &Context<'_>) -> Vec<Finding> {
        self.scanned(text, context, &mut Level::top(text), Places::Every)
    }

    fn scanned(
        &self,
        text: &str,
        context: &Context<'_>,
        level: &mut Level,
        places: Places<'_>,
    ) -> Vec<Finding> {
        let mut found = Vec::new();
        whole_value(text, context, &mut found);
        found.extend(self.issued(text, context));
        // Most values of records, and all of their names, are such.
        if !(matches!(places, Places::Screened(_)) && self.is_word(text)) {
            self.pass(text, level, places, &mut found);
        }
        if found.is_empty() {
            return found;
        }
        marker::settle(text, &mut found);
        found.retain(|f| self.wanted(f) && !ours_or_safe(text, f, context));
        // A value that reached its limit goes on behind it: out of budget, the rest is masked. An
        // encoded run was read to its end.
        let is_run = |f: &Finding| f.coding.is_some() || f.rule == OVER_BUDGET;
        for f in found
            .iter_mut()
            .filter(|f| f.end - f.start + CUT_SLACK_BYTES >= VALUE_BYTES_MAX && !is_run(f))
        {
            f.end = text.len();
        }
        merge(text, found)
    }

    /// Whether a text is a word, or words that a name is joined of, too short to be anything else:
    /// no family finds anything in it, as each asks for a digit, a sign, a blank, or more.
    fn is_word(&self, text: &str) -> bool {
        let part = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.');
        text.len() < self.rules.run_bytes_min().min(WORD_BYTES_MAX) && text.bytes().all(part)
    }

    /// The whole value as a token whose issuer the field's own name tells.
    fn issued(&self, text: &str, context: &Context<'_>) -> Option<Finding> {
        let (key, value) = (context.key?, text.trim());
        let start = text.len() - text.trim_start().len();
        if !self.rules.may_be_named_by(value) {
            return None;
        }
        let from = ceil(key, key.len().saturating_sub(ISSUER_KEY_BYTES_MAX));
        let head = cut(key, from, key.len());
        let both = zeroize::Zeroizing::new(format!("{head}:{value}"));
        let found = self.rules.find(&both, head.len() + 1)?;
        (found.start == head.len() + 1 && found.end == both.len()).then(|| Finding {
            start,
            end: start + value.len(),
            ..found
        })
    }

    fn wanted(&self, f: &Finding) -> bool {
        match f.kind {
            TokenKind::Ip => self.config.ip,
            TokenKind::Mac => self.config.mac,
            _ => f.rule != "home_user" || self.config.home,
        }
    }

    /// One pass at one depth of decoding.
    fn pass(&self, text: &str, level: &mut Level, mut places: Places<'_>, out: &mut Vec<Finding>) {
        let deeper = !matches!(places, Places::Every);
        let mut pass = Pass::new(text, &self.rules);
        let mut own = Screen::default();
        let screen = match &mut places {
            Places::Every => {
                own.take_every(text);
                &own
            }
            Places::Screened(screen) => {
                screen.look(text, &self.rules);
                &**screen
            }
            Places::Told(screen, places) => {
                screen.take(text, places, &self.rules);
                &**screen
            }
        };
        ask(text, screen, &mut pass);
        let mut found = pass.out;
        let read = self.runs(text, &screen.runs, level, deeper, &mut found);
        // What has the form of a token within letters that say text is a part of those.
        found.retain(|f| !is_inner(&read, f));
        if !screen.wide.is_empty() {
            lines(text, &read, &mut found);
        }
        if level.depth < DECODE_DEPTH_MAX {
            let (disguises, from) = (&screen.disguises, found.len());
            self.shadows(text, disguises, level, deeper, &mut found);
            // A shadow has a line without those around it, which say that it is of a text.
            let known = |f: &Finding| f.rule == BODY_LINE && is_within(&read, f.start);
            let mut n = 0..;
            found.retain(|f| n.next().is_some_and(|n| n < from) || !known(f));
        }
        out.append(&mut found);
    }

    /// What is found in a text that was decoded, that does not stand for itself.
    fn within(&self, plain: &str, level: &mut Level, deeper: bool) -> Vec<Finding> {
        let mut inner = Vec::new();
        let mut screen = pool::lend();
        let places = Places::below(deeper, &mut screen);
        level.depth += 1;
        self.pass(plain, level, places, &mut inner);
        level.depth -= 1;
        inner.retain(|f| self.wanted(f) && !is_replaced(cut(plain, f.start, f.end), f));
        inner
    }

    /// Scans the lines that hold disguises without them.
    fn shadows(
        &self,
        text: &str,
        disguises: &[u32],
        level: &mut Level,
        deeper: bool,
        out: &mut Vec<Finding>,
    ) {
        let mut done = 0;
        for i in disguises.iter().map(|i| *i as usize) {
            if i < done {
                continue;
            }
            let (start, end) = disguised_lines(text, i, done);
            done = end;
            let lines = cut(text, start, end);
            if lines.len() > level.budget {
                let end = start + lines.trim_end_matches(['\r', '\n']).len();
                out.push(Finding::secret(OVER_BUDGET, start, end));
                continue;
            }
            let Some(plain) = shadow(lines) else { continue };
            level.budget -= lines.len();
            if plain.quoted {
                unquoted(text, (start, end), out);
            }
            let inner = self.within(&plain.text, level, deeper);
            out.extend(inner.into_iter().map(|f| {
                let (from, to) = plain.back(f.start, f.end);
                Finding {
                    start: floor(text, start + from),
                    end: ceil(text, start + to),
                    ..f
                }
            }));
        }
    }

    /// Decodes runs; those in which something hides, or too deep to be read, are findings. Returns
    /// the places of those that are text.
    fn runs(
        &self,
        text: &str,
        starts: &[u32],
        level: &mut Level,
        deeper: bool,
        out: &mut Vec<Finding>,
    ) -> Vec<(usize, usize)> {
        let mut read = Vec::new();
        let (mut done, mut joined) = (0, 0);
        for i in starts.iter().map(|i| *i as usize) {
            if i < done {
                continue;
            }
            let end = encoded::run_end(text.as_bytes(), i);
            let decoded = encoded::decode(text, (i, end), i >= joined, &mut level.budget);
            joined = joined.max(decoded.lines_end);
            if let Some((start, end)) = decoded.beyond {
                out.push(Finding::secret(OVER_BUDGET, start, end));
                done = end;
            }
            read.extend(decoded.runs.first().map(|run| (run.start, run.end)));
            if level.depth >= DECODE_DEPTH_MAX {
                // It says something, and that is not read.
                let whole = decoded.runs.iter().map(|run| (run.start, run.end));
                if let Some((start, end)) = whole.max_by_key(|run| run.1) {
                    out.push(Finding::secret(OVER_BUDGET, start, end));
                    done = done.max(end);
                }
                continue;
            }
            for run in decoded.runs {
                done = done.max(run.end);
                let inner = self.within(&run.plain, level, deeper);
                if let Some(class) = inner.iter().map(|f| f.class).min() {
                    out.push(Finding::encoded(class, run.coding, run.start, run.end));
                    break;
                }
            }
        }
        read
    }
}

/// How many encodings were undone, and what may still be decoded.
struct Level {
    depth: usize,
    /// Bytes that may still be decoded.
    budget: usize,
}

impl Level {
    fn top(text: &str) -> Self {
        Self {
            depth: 0,
            budget: decode_budget(text),
        }
    }
}

/// Bytes that may be decoded in a text.
pub fn decode_budget(text: &str) -> usize {
    DECODE_BYTES_MAX.min(text.len().saturating_mul(DECODE_RATIO_MAX))
}

/// Lets the findings in quoted-printable lines begin behind a pair that their rule took for the
/// value's first characters: `password=3Dx`.
fn unquoted(text: &str, (start, end): (usize, usize), found: &mut [Finding]) {
    for f in found
        .iter_mut()
        .filter(|f| f.start > start && f.start < end)
    {
        f.start = quoted_end(text.as_bytes(), f.start - 1).clamp(f.start, f.end);
    }
}

/// Asks the families at each place of a screen.
fn ask(text: &str, screen: &Screen, pass: &mut Pass<'_>) {
    let bytes = text.as_bytes();
    for i in screen.places.iter().map(|i| *i as usize) {
        if pass.out.len() >= FINDINGS_COUNT_MAX {
            // From behind the finding before it: what is anchored at this place may begin earlier.
            let ends = pass.out.iter().map(|f| f.end).filter(|end| *end <= i);
            let start = floor(text, ends.max().unwrap_or(0));
            pass.out.push(Finding::secret("budget", start, text.len()));
            break;
        }
        let b = at(bytes, i);
        pass.sign(i, b);
        if alnum(b) {
            pass.word(i, b);
        }
    }
}

/// The verdict of the field's own name on the whole value.
fn whole_value(text: &str, context: &Context<'_>, out: &mut Vec<Finding>) {
    let Some(key) = context.key else { return };
    let trimmed = text.trim();
    if trimmed.is_empty() || crate::is_placeholder(trimmed) {
        return;
    }
    let start = text.len() - text.trim_start().len();
    let end = start + trimmed.len();
    let found = match verdict(key) {
        KeyVerdict::Secret(rule) if fit::fits(rule, trimmed) => Finding::secret(rule, start, end),
        _ if fit::holds_signature(key, trimmed) => Finding::secret("key.signature", start, end),
        _ if fit::holds_code(key, trimmed) => Finding::secret("oauth.code", start, end),
        _ if fit::holds_basic(key, trimmed) => Finding::secret("auth.basic", start, end),
        KeyVerdict::Unknown
            if let Some(owner) = names::owner(trimmed).filter(|_| pair::names(key)) =>
        {
            Finding::personal("key.name", TokenKind::Person, start, start + owner.len())
        }
        KeyVerdict::Unknown if pair::names(key) && names::is_listed(trimmed) => {
            Finding::personal("key.name", TokenKind::Person, start, end)
        }
        KeyVerdict::Unknown if member::is_private(key) && fit::is_key_material(trimmed) => {
            Finding::secret("key.jwk", start, end)
        }
        KeyVerdict::Personal(_, kind) if !keyed::may_name(kind, trimmed) => return,
        KeyVerdict::Personal(LABELLED, _) if trimmed.len() <= 256 => {
            let Some(found) = ident::named(key, trimmed) else {
                return;
            };
            Finding {
                start: start + found.start,
                end: start + found.end,
                ..found
            }
        }
        KeyVerdict::Personal(rule, kind)
            if trimmed.len() <= 256 && identity::has_form(rule, trimmed) != Some(false) =>
        {
            Finding::personal(rule, kind, start, end)
        }
        _ => return,
    };
    out.push(found);
}

/// Whether a field's name says nothing of its value, whatever that is, unless it is a token that
/// somebody issued ([`Detector::may_be_issued`]).
pub fn is_silent(key: &str) -> bool {
    let says = fit::is_signature(key)
        || fit::is_auth(key)
        || key == "code"
        || pair::names(key)
        || member::is_private(key);
    !says && matches!(verdict(key), KeyVerdict::Unknown | KeyVerdict::Safe)
}

/// Lines that are nothing but a piece of a private key's body. What was read as text is none.
fn lines(text: &str, read: &[(usize, usize)], out: &mut Vec<Finding>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let lead = line.len() - line.trim_start().len();
        let known = || is_within(read, start + lead) || encoded::says_text(line.trim());
        if line.len() >= 64 && pem::is_body_line(line) && !known() {
            let end = start + lead + line.trim().len();
            out.push(Finding::secret(BODY_LINE, start + lead, end));
        }
        start += line.len();
    }
}

/// Whether a place is within one of the runs, which are in order.
fn is_within(runs: &[(usize, usize)], i: usize) -> bool {
    let before = runs.partition_point(|run| run.0 <= i);
    let run = before.checked_sub(1).and_then(|n| runs.get(n));
    run.is_some_and(|run| i < run.1)
}

/// Whether a finding lies within one of the runs, behind its beginning.
fn is_inner(runs: &[(usize, usize)], f: &Finding) -> bool {
    let before = runs.partition_point(|run| run.0 < f.start);
    let run = before.checked_sub(1).and_then(|n| runs.get(n));
    run.is_some_and(|run| f.end <= run.1)
}

/// Whether a finding is one of our own replacements. What stood beside a personal value may have
/// been no part of it and be taken for one beside its pseudonym: signs say nothing about anybody.
fn is_replaced(value: &str, f: &Finding) -> bool {
    let bare = || value.trim_matches(|c: char| !c.is_alphanumeric());
    is_ours(value) || f.class == Class::B && is_pseudonym(bare())
}

/// Whether a finding is one of our own replacements, or one of the event's own identifiers.
///
/// An identifier exempts itself alone, as a whole, from what takes it for somebody's number: never
/// from what says that a secret stands here, since a sender chooses what it calls an identifier.
fn ours_or_safe(text: &str, f: &Finding, context: &Context<'_>) -> bool {
    let value = cut(text, f.start, f.end);
    f.start >= f.end
        || is_replaced(value, f)
        || (f.class == Class::B && context.safe.is_some_and(|own| own.has(value)))
        || is_counted(text, f, context)
}

/// Whether the field's own name says that its value, a number as a whole, is an identifier.
fn is_counted(text: &str, f: &Finding, context: &Context<'_>) -> bool {
    let number = matches!(f.kind, TokenKind::Card | TokenKind::Phone);
    let value = cut(text, f.start, f.end);
    let whole = value == text.trim() && value.bytes().all(|b| b.is_ascii_digit());
    number && whole && context.key.is_some_and(keyed::is_safe)
}

/// Sorts and merges: overlapping findings become one that covers both, under the rule of the
/// stronger class and, within a class, the longer. An encoded run stays one only where nothing but
/// what is encoded in the same place overlaps it: else it goes as a whole. Where a value ends
/// within another, what is glued to it goes too: beside a marker it would be read as its value.
pub fn merge(text: &str, mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end)));
    let mut out: Vec<Finding> = Vec::with_capacity(found.len());
    for f in found {
        let Some(last) = out.last_mut().filter(|last| f.start < last.end) else {
            out.push(f);
            continue;
        };
        let longer = f.end - f.start > last.end - last.start;
        let end = if f.end > last.end {
            glued_end(text, f.end)
        } else {
            last.end
        };
        let start = last.start;
        let keeps = last.class < f.class || (last.class == f.class && !longer);
        let holds = f.end <= last.end && f.coding.is_some();
        let coding = last.coding.filter(|_| holds);
        if !keeps {
            *last = f;
        }
        last.coding = coding;
        last.start = floor(text, start);
        last.end = ceil(text, end);
    }
    out
}
