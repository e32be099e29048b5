//! Lists become one item: `<ip>:<num>, <ip>:<num>, <ip>:<num>` and `<ip>:<num>` are alike.
//!
//! An item is up to [`ITEM_TOKENS_MAX`] tokens of which at least one is a slot; it repeats behind
//! a separator, or at once.
//!
//! *Complexity:* linear in the text, times the square of the longest item; texts with more than
//! [`TOKENS_COUNT_MAX`] tokens are folded up to there.

/// Most tokens of an item.
const ITEM_TOKENS_MAX: usize = 12;
/// Bytes of a usual token: for how many there is room at once.
const TOKEN_BYTES: usize = 3;
/// Most tokens of a text that are looked at.
const TOKENS_COUNT_MAX: usize = 1_024;

/// The text with its lists folded; none where it has none.
pub(crate) fn lists(text: &str) -> Option<String> {
    // Two slots at least make a list.
    if text.bytes().filter(|b| *b == b'<').count() < 2 {
        return None;
    }
    let tokens = tokens(text);
    let mut kept: Vec<&str> = Vec::with_capacity(tokens.len());
    let mut folded = false;
    for token in &tokens {
        kept.push(token);
        // A repeat may end the list that ends before it.
        while let Some(length) = repeat(&kept) {
            kept.truncate(kept.len() - length);
            folded = true;
        }
    }
    folded.then(|| kept.concat())
}

/// Slots, words, marks and runs of spaces.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::with_capacity(text.len() / TOKEN_BYTES);
    let mut rest = text;
    while !rest.is_empty() && out.len() < TOKENS_COUNT_MAX {
        let length = length(rest);
        let (token, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push(token);
        rest = tail;
    }
    if !rest.is_empty() {
        out.push(rest);
    }
    out
}

fn length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let first = bytes.first().copied().unwrap_or(b' ');
    if first == b'<'
        && let Some(name) = crate::slot::existing(bytes)
    {
        return name.len() + 2;
    }
    let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.') || *b >= 0x80;
    if word(&first) {
        return bytes.iter().take_while(|b| word(b)).count();
    }
    1
}

/// Tokens at the end that repeat the item before them.
fn repeat(kept: &[&str]) -> Option<usize> {
    let count = kept.len();
    let last = *kept.last()?;
    // An item ends in none of these, and in something that stood close before.
    let reach = 2 + ITEM_TOKENS_MAX;
    let near = kept
        .get(count.saturating_sub(reach + 1)..count - 1)
        .unwrap_or_default();
    if matches!(last, " " | "," | ";") || !near.contains(&last) {
        return None;
    }
    for length in 1..=ITEM_TOKENS_MAX.min(count / 2) {
        let from = count - length;
        // Most lengths are ruled out by the last token alone.
        let repeated = |gap: usize| {
            let at = from.checked_sub(gap + 1);
            at.and_then(|at| kept.get(at)) == Some(&last)
        };
        if !(repeated(0) || repeated(1) || repeated(2)) {
            continue;
        }
        let item = kept.get(from..)?;
        if !item.iter().any(|token| is_slot(token)) || !balanced(item) {
            continue;
        }
        for gap in separators(kept.get(..from)?) {
            let before = from.checked_sub(gap)?;
            let earlier = before
                .checked_sub(length)
                .and_then(|from| kept.get(from..before));
            let starts = before
                .checked_sub(length + 1)
                .and_then(|at| kept.get(at))
                .is_none_or(|token| !glues(token) || !glues(item.first().unwrap_or(&"")));
            if earlier == Some(item) && starts && (gap > 0 || opens(item)) {
                return Some(length + gap);
            }
        }
    }
    None
}

/// Whether a token goes on into the next one.
fn glues(token: &str) -> bool {
    token.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '>' | '-' | '/' | ':' | '.'))
}

fn is_slot(token: &str) -> bool {
    token.len() > 2 && token.starts_with('<')
}

/// Whether every bracket of an item is closed in it.
fn balanced(item: &[&str]) -> bool {
    let mut depth = 0_i32;
    for token in item {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// Whether items stand side by side without a separator, as brackets do.
fn opens(item: &[&str]) -> bool {
    matches!(item.first(), Some(&("(" | "[" | "{")))
}

/// How many tokens of separator may end the text before an item.
fn separators(before: &[&str]) -> impl Iterator<Item = usize> {
    let last = before.last().copied().unwrap_or_default();
    let second = before
        .len()
        .checked_sub(2)
        .and_then(|at| before.get(at))
        .copied();
    let mark = |token: &str| matches!(token, "," | ";" | "|" | "+");
    let spaced = last == " " && second.is_some_and(mark);
    let found = [
        Some(0),
        (mark(last) || last == " " && !spaced).then_some(1),
        spaced.then_some(2),
    ];
    found.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(lists(text).as_deref().unwrap_or(text), expected);
    }

    #[test]
    fn lists_are_one_item() {
        check(
            "to [<ip>:<num>, <ip>:<num>, <ip>:<num>] ok",
            "to [<ip>:<num>] ok",
        );
        check("ids <num> <num> <num> end", "ids <num> end");
        check("{a=<num>} {a=<num>} {a=<num>}", "{a=<num>}");
        check("k=<num>; k=<num>", "k=<num>");
        check("(<hex>) (<hex>)", "(<hex>)");
    }

    #[test]
    fn other_texts_stay() {
        check("a=<num>, b=<num>", "a=<num>, b=<num>");
        check("<num> of <num>", "<num> of <num>");
        check("x, x, x", "x, x, x");
        check("<num>:<num>:<num>", "<num>:<num>:<num>");
    }
}
