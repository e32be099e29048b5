//! The part of a message to search the log for: it stands in each of the failing lines as the log
//! has it, and in as few others as may be.

use super::judge::Scene;
use super::problem::Problem;
use super::pseudonym;
use super::report::Told;
use crate::sentence::printable;

/// Bytes of the part.
const BYTES_MIN: usize = 6;
const BYTES_MAX: usize = 65;
/// Parts that are weighed against each other.
const PARTS_COUNT_MAX: usize = 12;

/// The part of the decisive message; empty where there is none.
pub(super) fn of(scene: &Scene<'_>, problem: &Problem, told: &[Told]) -> String {
    let Some(told) = told
        .first()
        .filter(|told| told.count + told.count_before > 1)
    else {
        return String::new();
    };
    let mut parts: Vec<&str> = parts(&problem.text)
        .into_iter()
        .filter(|part| told.example.contains(part))
        .collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.truncate(PARTS_COUNT_MAX);
    let mut own = problem.sorts.clone();
    own.sort_unstable();
    let strangers = |part: &&str| -> u64 {
        let sorts = scene.gathered.sorts.iter().enumerate();
        let others = sorts.filter(|(at, sort)| {
            own.binary_search(&(*at as u32)).is_err() && sort.example.contains(part)
        });
        others.map(|(_, sort)| u64::from(sort.count)).sum()
    };
    // Of those in as few others the longest: it comes first.
    let best = parts.into_iter().map(|part| (strangers(&part), part));
    let best = best.min_by_key(|(strangers, _)| *strangers);
    let tells = best.filter(|(strangers, _)| *strangers <= problem.places.len() as u64);
    tells.map_or_else(String::new, |(_, part)| part.to_owned())
}

/// The parts of a template between slots, pseudonyms and quotes.
fn parts(text: &str) -> Vec<&str> {
    let ends = |c: char| "<>'\"\\[]`\u{2026}".contains(c);
    let mut found = Vec::new();
    let (mut escaped, mut opened) = (false, false);
    for piece in text.split_inclusive(ends) {
        // The letter of `\n` belongs to the backslash.
        let letter = if escaped {
            piece.chars().next().map_or(0, char::len_utf8)
        } else {
            0
        };
        let slot = opened && piece.ends_with('>');
        escaped = piece.ends_with('\\');
        opened = piece.ends_with('<');
        let piece = piece
            .get(letter..)
            .unwrap_or_default()
            .trim_end_matches(ends);
        if slot && piece.bytes().all(|b| b.is_ascii_lowercase()) {
            continue;
        }
        found.extend(
            without_pseudonyms(piece)
                .into_iter()
                .map(|part| short(part).trim()),
        );
    }
    found.retain(|part| {
        part.len() >= BYTES_MIN && part.contains(char::is_alphabetic) && printable(part) == *part
    });
    found
}

/// The last whole words of a part that is too long.
fn short(part: &str) -> &str {
    let Some(from) = part.len().checked_sub(BYTES_MAX) else {
        return part;
    };
    let words = part.match_indices(' ').map(|(at, _)| at);
    let at = words.into_iter().find(|at| *at >= from);
    // Where no blank parts it, the bytes do.
    part.get(at.unwrap_or(from)..).unwrap_or_default()
}

/// The parts of a text between pseudonyms.
fn without_pseudonyms(text: &str) -> Vec<&str> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    for word in text.split_inclusive(|c| !inside(c)) {
        let bare = word.trim_end_matches(|c| !inside(c));
        if pseudonym::is_one(bare) {
            parts.push(text.get(from..at).unwrap_or_default());
            from = at + bare.len();
        }
        at += word.len();
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(parts(text), expected);
    }

    #[test]
    fn parts_stand_in_the_log_as_they_are() {
        check(
            "cannot reach <host> in <duration>: giving up",
            &["cannot reach", ": giving up"],
        );
        check(
            "URL: <url>\\n* is sealed, \"quoted text\"",
            &["* is sealed,", "quoted text"],
        );
        let pseudonym = format!("login of user_{} failed", "ab".repeat(12));
        check(&pseudonym, &["login of", "failed"]);
        check("<num> <num>", &[]);
        let long = format!("{}the last words", "long ".repeat(40));
        check(
            &long,
            &[format!("{}the last words", "long ".repeat(10)).as_str()],
        );
    }
}
