//! Lines as redaction left them, whose like was read before and stayed.
//!
//! What was redacted is read until it stays ([`crate::settle`]). What a log's statement writes
//! differs in its numbers, and once it was redacted in its pseudonyms; so where a line was left as
//! it is, so is the next one that differs in these alone.
//!
//! **Invariant:** a line that is known to stay is one that another reading leaves as it is, read by
//! itself. Only pseudonyms that stand alone are taken to be alike: no rule reads into one, and
//! what is glued to one may be read with it. The second scan looks at every line all the same.

use cordon_detect::{Scratch, is_pseudonym};
use zeroize::{Zeroize as _, Zeroizing};

use super::familiar::{Familiar, Line, Look, Told};
use crate::redactor::Redactor;
use crate::settle::Places;

/// What is written for the random part of a pseudonym.
const STAND_IN: &str = "k3fzq7b2mwx5ryt4hjd6vnpc";

/// The lines that stayed.
#[derive(Default)]
pub(crate) struct Left {
    familiar: Familiar,
    scratch: Scratch,
    /// The line that was asked about, with stand-ins for its pseudonyms; empty where that is none.
    line: Zeroizing<String>,
    /// Whether that line was known to stay.
    stayed: bool,
    /// Where something may be found in it, if that is known.
    told: Option<Told>,
}

impl Left {
    /// Forgets which line was asked about.
    pub(super) fn forget(&mut self) {
        self.line.zeroize();
        (self.stayed, self.told) = (false, None);
    }

    /// Where something may be found in the line that was asked about last, if that is known: a
    /// pseudonym and its stand-in have the same length.
    pub(crate) fn take_places(&mut self, line: &str) -> Option<Vec<u32>> {
        let places = self.familiar.told(self.told.take()?)?;
        (line.len() + 1 == self.line.len()).then(|| places.to_vec())
    }

    /// Whether a line was asked about and is known to stay; it leaves nothing open, either.
    pub(super) fn stayed(&self) -> bool {
        self.stayed
    }

    /// Whether another reading leaves a line, in which this was replaced, as it is.
    pub(crate) fn stays(&mut self, redactor: &Redactor, line: &str, replaced: &Places) -> bool {
        self.forget();
        if line.contains('\n') || !stand_in(line, replaced, &mut self.line) {
            self.line.zeroize();
            return false;
        }
        let mut look = Look::of(redactor, &mut self.scratch);
        let (mut is_new, mut told) = (false, None);
        self.familiar.new_lines(&self.line, &mut look, |_, line| {
            is_new = true;
            if let Line::Marked(places) = line {
                told = places;
            }
        });
        (self.stayed, self.told) = (!is_new, told);
        self.stayed
    }

    /// Remembers that the line that was asked about stayed.
    pub(crate) fn learn(&mut self, redactor: &Redactor) {
        if self.line.is_empty() {
            return;
        }
        let mut look = Look::of(redactor, &mut self.scratch);
        self.familiar.learn_left(&self.line, &mut look);
    }
}

/// Writes a line, and a line break, with stand-ins for the pseudonyms that were put into it; false
/// where one does not stand alone, or something else was put in.
fn stand_in(line: &str, replaced: &Places, out: &mut String) -> bool {
    let mut from = 0;
    for (_, (start, end)) in replaced {
        let (Some(head), Some(shown)) = (line.get(from..*start), line.get(*start..*end)) else {
            return false;
        };
        let Some((kind, _)) = shown.rsplit_once('_').filter(|_| is_pseudonym(shown)) else {
            return false;
        };
        if !stands_alone(line, *start, *end) {
            return false;
        }
        out.push_str(head);
        out.push_str(kind);
        out.push('_');
        out.push_str(STAND_IN);
        from = *end;
    }
    out.push_str(line.get(from..).unwrap_or(""));
    out.push('\n');
    !replaced.is_empty()
}

/// Whether nothing is glued to what stands there.
fn stands_alone(line: &str, start: usize, end: usize) -> bool {
    let before = line.get(..start).and_then(|head| head.chars().next_back());
    let behind = line.get(end..).and_then(|rest| rest.chars().next());
    let opens = |c| matches!(c, ' ' | '\t' | '"' | '\'' | '(' | '[' | '<' | '=' | ',');
    let closes = |c| matches!(c, ' ' | '\t' | '"' | '\'' | ')' | ']' | '>' | ',' | ';');
    before.is_none_or(opens) && behind.is_none_or(closes)
}

#[cfg(test)]
mod tests {
    use cordon_event::Raw;

    use super::*;
    use crate::pseudonym::ZeroMac;
    use crate::{LineFormat, Policy, StreamRedactor};

    #[test]
    fn a_line_is_known_when_its_like_stayed() {
        let redactor = Redactor::new(Policy::default()).unwrap();
        let mut stream = StreamRedactor::new(&redactor, LineFormat::Auto);
        let mut known = |lines: usize| {
            let line = |n: usize| format!("GET /items/{n} 203.0.113.{} took 97ms\n", n % 256);
            let read = |n| {
                stream.lines(&ZeroMac, Raw::new(line(n)));
                stream.left.stayed()
            };
            (0..lines).map(read).filter(|known| *known).count()
        };
        assert_eq!(known(64), 0, "it is not worth it yet");
        let count = known(400);
        assert!(count > 200, "{count}");
    }

    #[test]
    fn what_is_glued_to_a_pseudonym_is_read_with_it() {
        let pseudonym = format!("ip_{STAND_IN}");
        let written = |before: &str, behind: &str| {
            let line = format!("{before}{pseudonym}{behind}");
            let start = before.len();
            let places = vec![((start, start + 1), (start, start + pseudonym.len()))];
            stand_in(&line, &places, &mut String::new())
        };
        assert!(written("", "") && written("from ", ", then") && written("(", ")"));
        assert!(!written("x", "") && !written("", ":8080") && !written("/", ""));
        assert!(!written("", "=x") && !written("", ": x") && !written(":", ""));
    }
}
