//! The pass over a text and the merging of what the rule families found.

use std::sync::Arc;

use cordon_event::Class;

use crate::bytes::{alnum, at, ceil, cut, floor};
use crate::encoded::{self, shadow};
use crate::pass::Pass;
use crate::rules::RuleSet;
use crate::screen::Screen;
use crate::value::VALUE_BYTES_MAX;
use crate::{
    Context, Finding, KeyVerdict, TokenKind, fit, is_ours, keyed, marker, member, net, pem, verdict,
};

/// How often something decoded is decoded again.
pub const DECODE_DEPTH_MAX: usize = 2;
/// Bytes of encoded runs that are decoded in one text.
pub const DECODE_BYTES_MAX: usize = 4 << 20;
/// How near to its limit a value counts as cut off there: a limit may fall inside an escape.
const CUT_SLACK_BYTES: usize = 256;
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
        self.scan_with(text, context, &mut Scratch::default())
    }

    /// As [`Detector::scan`], with memory that serves the next text as well.
    pub fn scan_with(
        &self,
        text: &str,
        context: &Context<'_>,
        scratch: &mut Scratch,
    ) -> Vec<Finding> {
        self.scanned(text, context, Places::Screened(&mut scratch.screen))
    }

    /// Places of a text around which something may be found, in order: a line without one of them
    /// is clean, read as text or as a line of JSON whose escapes are the usual ones.
    pub fn marks<'s>(&self, text: &str, scratch: &'s mut Scratch) -> &'s [u32] {
        scratch.screen.look(text, &self.rules);
        scratch.screen.marks()
    }

    /// As [`Detector::scan`], asking every family at every byte: some hundred times slower, and
    /// the measure of what the screens may leave out, which is nothing.
    pub fn scan_every_byte(&self, text: &str, context: &Context<'_>) -> Vec<Finding> {
        self.scanned(text, context, Places::Every)
    }

    fn scanned(&self, text: &str, context: &Context<'_>, places: Places<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        whole_value(text, context, &mut found);
        let mut budget = DECODE_BYTES_MAX;
        self.pass(text, 0, &mut budget, places, &mut found);
        if found.is_empty() {
            return found;
        }
        marker::settle(text, &mut found);
        found.retain(|f| self.wanted(f) && !ours_or_safe(text, f, context));
        // A value that reached its limit goes on behind it: out of budget, the rest is masked.
        for f in found
            .iter_mut()
            .filter(|f| f.end - f.start + CUT_SLACK_BYTES >= VALUE_BYTES_MAX)
        {
            f.end = text.len();
        }
        merge(text, found)
    }

    fn wanted(&self, f: &Finding) -> bool {
        match f.kind {
            TokenKind::Ip => self.config.ip,
            TokenKind::Mac => self.config.mac,
            _ => f.rule != "home_user" || self.config.home,
        }
    }

    /// One pass at one depth of decoding.
    fn pass(
        &self,
        text: &str,
        depth: usize,
        budget: &mut usize,
        mut places: Places<'_>,
        out: &mut Vec<Finding>,
    ) {
        let deeper = matches!(places, Places::Screened(_));
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
        };
        ask(text, screen, &mut pass);
        let mut found = pass.out;
        if depth < DECODE_DEPTH_MAX {
            for i in screen.runs.iter().map(|i| *i as usize) {
                let end = encoded::run_end(text.as_bytes(), i);
                self.run(text, (i, end), depth, budget, deeper, &mut found);
            }
        }
        if !screen.wide.is_empty() {
            lines(text, &mut found);
        }
        if depth < DECODE_DEPTH_MAX {
            self.shadows(text, &screen.disguises, depth, budget, deeper, &mut found);
        }
        out.append(&mut found);
    }

    /// Scans the lines that hold disguises without them.
    fn shadows(
        &self,
        text: &str,
        disguises: &[u32],
        depth: usize,
        budget: &mut usize,
        deeper: bool,
        out: &mut Vec<Finding>,
    ) {
        let mut done = 0;
        for i in disguises.iter().map(|i| *i as usize) {
            if i < done {
                continue;
            }
            let (start, end) = encoded::disguised_lines(text, i);
            done = end;
            let lines = cut(text, start, end);
            if lines.len() > *budget {
                continue;
            }
            let Some(plain) = shadow(lines) else { continue };
            *budget -= lines.len();
            let mut inner = Vec::new();
            let mut screen = Screen::default();
            let places = Places::below(deeper, &mut screen);
            self.pass(&plain.text, depth + 1, budget, places, &mut inner);
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

    /// Decodes a run and removes it where something hides in it.
    fn run(
        &self,
        text: &str,
        (i, end): (usize, usize),
        depth: usize,
        budget: &mut usize,
        deeper: bool,
        out: &mut Vec<Finding>,
    ) {
        let Some(run) = encoded::decode(text, i, end, budget) else {
            return;
        };
        for plain in &run.plain {
            let mut inner = Vec::new();
            let mut screen = Screen::default();
            let places = Places::below(deeper, &mut screen);
            self.pass(plain, depth + 1, budget, places, &mut inner);
            inner.retain(|f| self.wanted(f) && !is_ours(cut(plain, f.start, f.end)));
            let worst = inner.iter().map(|f| f.class).min();
            if let Some(class) = worst {
                let kind = TokenKind::Secret;
                let rule = if class == Class::A {
                    "encoded.secret"
                } else {
                    "encoded.personal"
                };
                out.push(Finding {
                    rule,
                    class,
                    kind,
                    start: run.start,
                    end: run.end,
                });
                return;
            }
        }
    }
}

/// Asks the families at each place of a screen.
fn ask(text: &str, screen: &Screen, pass: &mut Pass<'_>) {
    let bytes = text.as_bytes();
    for i in screen.places.iter().map(|i| *i as usize) {
        if pass.out.len() >= FINDINGS_COUNT_MAX {
            let start = floor(text, i);
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
        _ if fit::holds_basic(key, trimmed) => Finding::secret("auth.basic", start, end),
        KeyVerdict::Unknown if member::is_private(key) && fit::is_key_material(trimmed) => {
            Finding::secret("key.jwk", start, end)
        }
        KeyVerdict::Personal(_, TokenKind::User) if net::is_service(trimmed) => return,
        KeyVerdict::Personal(rule, kind) if trimmed.len() <= 256 => {
            Finding::personal(rule, kind, start, end)
        }
        _ => return,
    };
    out.push(found);
}

/// Lines that are nothing but a piece of a private key's body.
fn lines(text: &str, out: &mut Vec<Finding>) {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.len() >= 64 && pem::is_body_line(line) {
            let lead = line.len() - line.trim_start().len();
            let end = start + lead + line.trim().len();
            out.push(Finding::secret("private_key.line", start + lead, end));
        }
        start += line.len();
    }
}

/// Whether a finding is one of our own replacements, or one of the event's own identifiers.
///
/// An identifier exempts itself alone, as a whole, from what takes it for somebody's number: never
/// from what says that a secret stands here, since a sender chooses what it calls an identifier.
fn ours_or_safe(text: &str, f: &Finding, context: &Context<'_>) -> bool {
    let value = cut(text, f.start, f.end);
    f.start >= f.end
        || is_ours(value)
        || (f.class == Class::B && context.safe.iter().any(|id| id == value))
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
/// stronger class and, within a class, the longer.
pub fn merge(text: &str, mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end)));
    let mut out: Vec<Finding> = Vec::with_capacity(found.len());
    for f in found {
        let Some(last) = out.last_mut().filter(|last| f.start < last.end) else {
            out.push(f);
            continue;
        };
        let longer = f.end - f.start > last.end - last.start;
        let (start, end) = (last.start, last.end.max(f.end));
        let keeps = last.class < f.class || (last.class == f.class && !longer);
        if !keeps {
            *last = f;
        }
        last.start = floor(text, start);
        last.end = ceil(text, end);
    }
    out
}
