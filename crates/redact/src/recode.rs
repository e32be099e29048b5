//! Redaction within an encoding: a run is decoded, its text redacted as any other, and encoded
//! again in the way it was (decision 0011).
//!
//! *Limits:* [`DECODE_DEPTH_MAX`] encodings one in another; the bytes decoded below a text are
//! taken from one budget. Beyond them the run is removed whole.

use cordon_detect::{Coding, DECODE_DEPTH_MAX};
use zeroize::Zeroizing;

use crate::name::Name;
use crate::work::Work;

impl Work<'_> {
    /// What stands for an encoded run in which something hides: the run itself where the policy
    /// leaves what is in it. `None` where it has to be removed whole.
    pub(crate) fn recoded(
        &mut self,
        coding: Coding,
        run: &str,
        path: &str,
        offset: usize,
    ) -> Option<String> {
        if self.depth >= DECODE_DEPTH_MAX {
            return None;
        }
        let plain = Zeroizing::new(coding.open(run)?);
        self.decode_bytes = self.decode_bytes.checked_sub(plain.len())?;
        let noted = self.receipt.findings.len();
        self.depth += 1;
        let mut clean = self.text(&plain, Name::default(), path);
        if clean.trim_start().starts_with(['{', '[']) {
            // The run was found in its text as it is read without its structure.
            clean = self.plain(&clean, Name::default(), path);
        }
        self.depth -= 1;
        let replaced = if clean == *plain {
            Some(run.to_owned())
        } else {
            coding.close(run, &clean)
        };
        let kept = replaced
            .as_deref()
            .map_or(noted, |_| self.receipt.findings.len());
        self.receipt.findings.truncate(kept);
        // A place within the text is none in the field: what is told is the run's.
        for finding in self.receipt.findings.iter_mut().skip(noted) {
            path.clone_into(&mut finding.path);
            finding.offset = offset;
            finding.len = run.len();
        }
        replaced
    }
}

/// A replacement for a value of a text in which every other byte is NUL, as UTF-16 looks to a
/// reader of bytes: what stands behind it stays in step.
pub(crate) fn in_step(value: &str, replacement: String) -> String {
    let (pairs, rest) = value.as_bytes().as_chunks::<2>();
    let wide = pairs.len() >= 2 && pairs.iter().all(|[said, nul]| *said != 0 && *nul == 0);
    if !wide || !replacement.is_ascii() {
        return replacement;
    }
    let mut out: String = replacement.chars().flat_map(|c| [c, '\0']).collect();
    if !rest.is_empty() {
        out.pop();
    }
    out
}
