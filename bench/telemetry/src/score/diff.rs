//! Where an output differs from its input.

use super::views::unescaped;

/// Texts with more pairs of tokens than this are compared by their common head and tail alone.
const PAIRS_MAX: usize = 16 << 20;
/// Replaced spans with no more than this many bytes between them are one.
const GAP_BYTES_MAX: usize = 2;

/// A replaced range of the input.
type Span = (usize, usize);

/// Bytes of the input that did not come through.
pub(crate) fn changed(input: &str, output: &str) -> usize {
    hunks(input, output)
        .iter()
        .map(|(start, end)| end - start)
        .sum()
}

/// Replaced spans, such as overlap an allowed range, and replaced bytes outside allowed ranges.
pub(crate) fn spans(input: &str, output: &str, allowed: &[Span]) -> (usize, usize, usize) {
    let hunks = hunks(input, output);
    let is_allowed = |at: usize| {
        allowed
            .iter()
            .any(|(start, end)| (*start..*end).contains(&at))
    };
    let over = hunks
        .iter()
        .flat_map(|(start, end)| *start..*end)
        .filter(|at| !is_allowed(*at))
        .count();
    let merged = merged(&hunks);
    let right = merged
        .iter()
        .filter(|span| allowed.iter().any(|other| overlaps(**span, *other)));
    (merged.len(), right.count(), over)
}

fn overlaps(one: Span, other: Span) -> bool {
    one.0 < other.1 && other.0 < one.1
}

fn merged(hunks: &[Span]) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    for span in hunks {
        match all.last_mut() {
            Some(last) if span.0 <= last.1 + GAP_BYTES_MAX => last.1 = span.1,
            _ => all.push(*span),
        }
    }
    all
}

/// Words, and every other character by itself, each with its place.
fn tokens(text: &str) -> Vec<(usize, &str)> {
    let mut all: Vec<(usize, &str)> = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut start = 0;
    let mut last = false;
    for (at, c) in text.char_indices() {
        if at > start && !(is_word(c) && last) {
            all.extend(text.get(start..at).map(|token| (start, token)));
            start = at;
        }
        last = is_word(c);
    }
    all.extend(
        text.get(start..)
            .filter(|token| !token.is_empty())
            .map(|token| (start, token)),
    );
    all
}

/// Ranges of the input that the output does not have, by a longest common subsequence of tokens,
/// each cut down to the bytes that differ.
fn hunks(input: &str, output: &str) -> Vec<Span> {
    let (old, new) = (tokens(input), tokens(output));
    let head = old.iter().zip(&new).take_while(|(a, b)| a.1 == b.1).count();
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(a, b)| a.1 == b.1)
        .count();
    let tail = tail.min(old.len().min(new.len()) - head);
    let a = old.get(head..old.len() - tail).unwrap_or(&[]);
    let b = new.get(head..new.len() - tail).unwrap_or(&[]);
    let pairs = if a.len() * b.len() > PAIRS_MAX {
        Vec::new()
    } else {
        common(a, b)
    };
    let mut out = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (x, y) in pairs.into_iter().chain([(a.len(), b.len())]) {
        out.extend(trimmed(
            a.get(i..x).unwrap_or(&[]),
            b.get(j..y).unwrap_or(&[]),
        ));
        (i, j) = (x + 1, y + 1);
    }
    out
}

/// The old tokens' range less the bytes that old and new begin and end with.
fn trimmed(old: &[(usize, &str)], new: &[(usize, &str)]) -> Option<Span> {
    let start = old.first()?.0;
    let text: String = old.iter().map(|(_, token)| *token).collect();
    let other: String = new.iter().map(|(_, token)| *token).collect();
    // JSON that was written anew may spell a character otherwise: that changes nothing.
    if unescaped(&text) == unescaped(&other) {
        return None;
    }
    let head = text
        .bytes()
        .zip(other.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let tail = text
        .bytes()
        .rev()
        .zip(other.bytes().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let tail = tail.min(text.len().min(other.len()) - head);
    (head + tail < text.len()).then_some((start + head, start + text.len() - tail))
}

/// Index pairs of a longest common subsequence.
fn common(a: &[(usize, &str)], b: &[(usize, &str)]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut lengths = vec![0_u32; (a.len() + 1) * width];
    let at = |lengths: &[u32], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or(0);
    for (i, one) in a.iter().enumerate().rev() {
        for (j, other) in b.iter().enumerate().rev() {
            let best = if one.1 == other.1 {
                at(&lengths, i + 1, j + 1) + 1
            } else {
                at(&lengths, i + 1, j).max(at(&lengths, i, j + 1))
            };
            if let Some(slot) = lengths.get_mut(i * width + j) {
                *slot = best;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while let (Some(one), Some(other)) = (a.get(i), b.get(j)) {
        if one.1 == other.1 {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if at(&lengths, i + 1, j) >= at(&lengths, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_span_is_found_to_the_byte() {
        let (input, output) = (
            "login of max, pw=geheim!",
            "login of user_q, pw=[removed:p]!",
        );
        let at = |part: &str| {
            let start = input.find(part).unwrap();
            (start, start + part.len())
        };
        assert_eq!(hunks(input, output), [at("max"), at("geheim")]);
        assert_eq!(spans(input, output, &[at("max"), at("geheim")]), (2, 2, 0));
        assert_eq!(spans(input, output, &[at("geheim")]), (2, 1, 3));
        assert_eq!(changed(input, input), 0);
        assert_eq!(changed("abc", ""), 3);
        assert_eq!(hunks("", "more"), []);
    }

    #[test]
    fn what_was_only_added_is_no_span() {
        assert_eq!(spans("n=42,", "n=\"42\",", &[]), (0, 0, 0));
        assert_eq!(
            spans("{\"a\":\"\\u00e9t\"}", "{\"a\":\"ét\"}", &[]),
            (0, 0, 0)
        );
    }
}
