//! The gate on a model's output: nothing is shown before it has been looked at together with
//! what follows.

use std::collections::BTreeSet;

use cordon_detect::{Context, is_pseudonym, merge};
use cordon_event::{Class, Raw};

use crate::redactor::{Page, Redactor};
use crate::{Clean, PseudonymMac, known};

/// Bytes held back from the end of what has arrived: longer than any rule needs to fire.
pub const HOLD_BYTES: usize = 384;
/// Bytes of one unbroken word that are held before the stream is stopped.
const WORD_BYTES_MAX: usize = 64 * 1024;

/// What the gate says to a piece of output.
#[derive(Debug, PartialEq, Eq)]
pub enum GuardStep {
    /// May be shown; empty while all is held back.
    Emit(Clean<String>),
    /// The answer ends here.
    Stop {
        /// Stable reason code: `canary`, `class_a`, `foreign_pseudonym`, `late_hit`,
        /// `unbroken_word`.
        reason: &'static str,
        /// Rule that fired.
        rule: &'static str,
    },
}

impl GuardStep {
    /// The page that a stop is; a word without an end is a nuisance, not an alarm.
    pub fn page(&self) -> Option<Page> {
        match self {
            Self::Stop { reason, rule } if *reason != "unbroken_word" => {
                Some(Page::of_text(reason, rule))
            }
            _ => None,
        }
    }
}

/// The gate's state over one answer.
pub struct OutputGuard<'r> {
    redactor: &'r Redactor,
    mac: &'r (dyn PseudonymMac + Sync),
    allowed: BTreeSet<String>,
    held: Raw<String>,
    stopped: Option<(&'static str, &'static str)>,
}

impl Redactor {
    /// A gate for one answer. `allowed` are the pseudonyms that stood in the prompt: any other is
    /// foreign or made up.
    pub fn guard<'r>(
        &'r self,
        mac: &'r (dyn PseudonymMac + Sync),
        allowed: impl IntoIterator<Item = String>,
    ) -> OutputGuard<'r> {
        let allowed = allowed.into_iter().collect();
        OutputGuard {
            redactor: self,
            mac,
            allowed,
            held: Raw::new(String::new()),
            stopped: None,
        }
    }
}

impl OutputGuard<'_> {
    /// Takes the next piece. After a stop every step is that stop.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "taking the raw text ends it: it is wiped on return"
    )]
    pub fn push(&mut self, chunk: Raw<String>) -> GuardStep {
        self.held.expose_raw_mut().push_str(chunk.expose_raw());
        self.step(HOLD_BYTES)
    }

    /// Lets out what was held back at the end of the stream.
    pub fn finish(mut self) -> GuardStep {
        self.step(0)
    }

    fn step(&mut self, hold: usize) -> GuardStep {
        if let Some((reason, rule)) = self.stopped {
            return GuardStep::Stop { reason, rule };
        }
        let text = self.held.expose_raw();
        let mut found = self.redactor.detector().scan(text, &Context::default());
        self.redactor.dictionary().find(text, &mut found);
        self.redactor.dictionary().find_selected(text, &mut found);
        known::find(&self.redactor.policy().known, self.mac, text, &mut found);
        let found = merge(text, found);
        let alarm = self.alarm(
            text,
            found.iter().find(|f| f.class == Class::A).map(|f| f.rule),
        );
        if let Some((reason, rule)) = alarm {
            self.stopped = Some((reason, rule));
            return GuardStep::Stop { reason, rule };
        }
        let mut cut = text.len().saturating_sub(hold);
        while !text.is_char_boundary(cut) {
            cut -= 1;
        }
        if hold > 0 {
            // Words stay whole, and so do findings.
            let head = text.get(..cut).unwrap_or("");
            cut = head.rfind(char::is_whitespace).map_or(0, |n| n + 1);
            cut = found
                .iter()
                .filter(|f| f.start < cut && f.end > cut)
                .map(|f| f.start)
                .fold(cut, usize::min);
            while !text.is_char_boundary(cut) {
                cut -= 1;
            }
        }
        let mut out = String::new();
        let mut from = 0;
        for f in found.iter().filter(|f| f.end <= cut) {
            out.push_str(text.get(from..f.start).unwrap_or(""));
            out.extend(["[removed:", f.rule, "]"]);
            from = f.end;
        }
        out.push_str(text.get(from..cut).unwrap_or(""));
        let rest = text.get(cut..).unwrap_or("").to_owned();
        self.held = Raw::new(rest);
        GuardStep::Emit(Clean::new(out))
    }

    fn alarm(
        &self,
        text: &str,
        rule: Option<&'static str>,
    ) -> Option<(&'static str, &'static str)> {
        if self.redactor.has_canary(text) {
            return Some(("canary", "canary"));
        }
        if let Some(rule) = rule {
            return Some(("class_a", rule));
        }
        if text.len() > WORD_BYTES_MAX {
            return Some(("unbroken_word", "unbroken_word"));
        }
        let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let foreign = words.any(|word| is_pseudonym(word) && !self.allowed.contains(word));
        foreign.then_some(("foreign_pseudonym", "foreign_pseudonym"))
    }
}
