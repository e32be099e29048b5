//! What a model said, held against the evidence it was given.
//!
//! The model is asked for one JSON object a line: `{"claim": text, "evidence": [id, …]}`.
//! A line is judged whole, so nothing of it is shown before it has passed. A claim is kept only if
//! it cites at least one evidence id that was in the prompt, no other id, and no number that does
//! not stand in what it cites. Code settles this, not the model.

use std::collections::{BTreeMap, BTreeSet};

use cordon_redact::Clean;
use serde_json::Value as Json;

/// Longest claim that is shown, in bytes; a longer one is dropped.
pub const CLAIM_BYTES_MAX: usize = 1_000;

/// A sentence of the model with the evidence it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// One or two sentences.
    pub text: String,
    /// Ids from the prompt, at least one.
    pub evidence: Vec<String>,
}

/// Why a line of the model's answer was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dropped {
    /// Not a claim object.
    NotAClaim,
    /// No evidence id, or one that was not in the prompt.
    UnknownEvidence,
    /// A number that the cited evidence does not contain.
    UnfoundedNumber,
    /// Longer than [`CLAIM_BYTES_MAX`].
    TooLong,
}

impl Dropped {
    /// Stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAClaim => "not_a_claim",
            Self::UnknownEvidence => "unknown_evidence",
            Self::UnfoundedNumber => "unfounded_number",
            Self::TooLong => "too_long",
        }
    }
}

/// The evidence a prompt carried: id to the text the model saw under it.
pub type Sent = BTreeMap<String, String>;

/// Judges one clean line against the evidence sent.
pub fn judge(line: Clean<String>, sent: Clean<Sent>) -> Result<Clean<Claim>, Dropped> {
    let judged = line.pair(sent).map(|(line, sent)| judge_text(&line, &sent));
    match judged.get() {
        Err(reason) => Err(*reason),
        Ok(_) => judged.map(Result::ok).transpose().ok_or(Dropped::NotAClaim),
    }
}

fn judge_text(line: &str, sent: &Sent) -> Result<Claim, Dropped> {
    let json: Json = serde_json::from_str(line.trim()).map_err(|_| Dropped::NotAClaim)?;
    let text = json
        .get("claim")
        .and_then(Json::as_str)
        .ok_or(Dropped::NotAClaim)?;
    let cited = json
        .get("evidence")
        .and_then(Json::as_array)
        .ok_or(Dropped::UnknownEvidence)?;
    if text.len() > CLAIM_BYTES_MAX {
        return Err(Dropped::TooLong);
    }
    let mut evidence = Vec::new();
    let mut founded = BTreeSet::new();
    for id in cited {
        let id = id.as_str().ok_or(Dropped::UnknownEvidence)?;
        let seen = sent.get(id).ok_or(Dropped::UnknownEvidence)?;
        founded.extend(numbers(seen));
        evidence.push(id.to_owned());
    }
    if evidence.is_empty() || text.trim().is_empty() {
        return Err(Dropped::UnknownEvidence);
    }
    let without_ids = evidence
        .iter()
        .fold(text.to_owned(), |t, id| t.replace(id.as_str(), " "));
    if numbers(&without_ids).iter().any(|n| !founded.contains(n)) {
        return Err(Dropped::UnfoundedNumber);
    }
    Ok(Claim {
        text: text.split_whitespace().collect::<Vec<_>>().join(" "),
        evidence,
    })
}

/// Runs of digits with their fraction, leading zeros dropped.
fn numbers(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|run| run.trim_matches('.').trim_start_matches('0'))
        .filter(|run| !run.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> Result<Claim, Dropped> {
        let sent = Sent::from([("e1".to_owned(), "KeyError in lookup, 3 times".to_owned())]);
        judge_text(line, &sent)
    }

    #[test]
    fn a_founded_claim_is_kept() {
        let claim = check(r#"{"claim":"lookup failed 3 times","evidence":["e1"]}"#).unwrap();
        assert_eq!(claim.evidence, ["e1"]);
    }

    #[test]
    fn an_unfounded_one_is_not() {
        let cases = [
            ("It was DNS.", Dropped::NotAClaim),
            (r#"{"claim":"x","evidence":[]}"#, Dropped::UnknownEvidence),
            (r#"{"claim":"x"}"#, Dropped::UnknownEvidence),
            (
                r#"{"claim":"x","evidence":["e1","e9"]}"#,
                Dropped::UnknownEvidence,
            ),
            (
                r#"{"claim":"failed 400 times","evidence":["e1"]}"#,
                Dropped::UnfoundedNumber,
            ),
        ];
        for (line, reason) in cases {
            assert_eq!(check(line), Err(reason), "{line}");
        }
        let long = format!(r#"{{"claim":"{}","evidence":["e1"]}}"#, "x".repeat(2_000));
        assert_eq!(check(&long), Err(Dropped::TooLong));
    }
}
