//! Code-aware tokens: names are split, numbers masked, words cut to a crude stem.

/// Longest text that is indexed, in bytes; the rest is ignored.
pub const TEXT_BYTES_MAX: usize = 64 << 10;
/// Longest token in bytes; a longer run of letters is cut there.
pub const TOKEN_BYTES_MAX: usize = 64;

/// Words of a question that say nothing about what is asked for.
const STOP: [&str; 49] = [
    "a", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "did", "do", "does",
    "for", "from", "had", "has", "have", "how", "i", "in", "is", "it", "its", "me", "my", "of",
    "on", "or", "out", "last", "after", "our", "that", "the", "their", "there", "this", "to", "us",
    "was", "we", "were", "what", "when", "which", "why", "with",
];

/// Tokens of a text, in order: `chargeCard_v2` is `charge`, `card`, `v`, `0`.
pub fn tokens(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut last = Class::Other;
    let mut chars = head(text).chars().peekable();
    while let Some(c) = chars.next() {
        let class = Class::of(c);
        let next_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        // `HTTPServer` is `http`, `server`: the last capital belongs to the word it begins.
        let hump = class == Class::Upper && (last == Class::Lower || next_lower);
        let boundary = class.kind() != last.kind() || hump || word.len() >= TOKEN_BYTES_MAX;
        if boundary {
            flush(&mut word, &mut out);
        }
        match class {
            Class::Digit if word.is_empty() => word.push('0'),
            Class::Digit | Class::Other => {}
            Class::Lower | Class::Upper => word.extend(c.to_lowercase()),
        }
        last = class;
    }
    flush(&mut word, &mut out);
    out
}

/// The text up to the limit.
pub(crate) fn head(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// What a character is to a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Lower,
    Upper,
    Digit,
    Other,
}

impl Class {
    fn of(c: char) -> Self {
        match c {
            _ if c.is_numeric() => Self::Digit,
            _ if c.is_uppercase() => Self::Upper,
            _ if c.is_alphabetic() => Self::Lower,
            _ => Self::Other,
        }
    }

    /// Letters of either case are one kind.
    fn kind(self) -> u8 {
        match self {
            Self::Lower | Self::Upper => 0,
            Self::Digit => 1,
            Self::Other => 2,
        }
    }
}

/// Ends a word.
fn flush(word: &mut String, out: &mut Vec<String>) {
    if !word.is_empty() && !STOP.contains(&word.as_str()) {
        out.push(stem(word));
    }
    word.clear();
}

/// The word without the endings of English inflection. Crude: it has to be the same for the
/// forms of a word, not to be a word.
pub(crate) fn stem(word: &str) -> String {
    const STEM_CHARS_MIN: usize = 3;
    let mut stem = word;
    for (ending, exception) in [
        ("s", "ss"),
        ("ing", ""),
        ("ed", ""),
        ("ure", ""),
        ("ation", ""),
        ("ion", ""),
        ("er", ""),
        ("e", ""),
    ] {
        let Some(cut) = stem.strip_suffix(ending) else {
            continue;
        };
        let keeps = !exception.is_empty() && stem.ends_with(exception);
        if !keeps && cut.chars().count() >= STEM_CHARS_MIN {
            stem = cut;
        }
    }
    // `stopped` and `stop`, `billing` and `bill`, `retries` and `retry`.
    let mut stem = stem.to_owned();
    let mut ends = stem.chars().rev();
    if let (Some(a), Some(b)) = (ends.next(), ends.next()) {
        if a == b && a.is_alphabetic() && stem.chars().count() > STEM_CHARS_MIN {
            stem.pop();
        } else if a == 'y' && stem.chars().count() > STEM_CHARS_MIN {
            stem.pop();
            stem.push('i');
        }
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_and_numbers_masked() {
        assert_eq!(
            tokens("HTTPServer chargeCard_v2 x-17"),
            ["http", "serv", "charg", "card", "v", "0", "x", "0"]
        );
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for (a, b) in [
            ("failed", "fail"),
            ("failure", "failing"),
            ("failures", "fails"),
            ("charges", "charge"),
            ("charging", "charged"),
            ("billing", "bill"),
            ("retries", "retry"),
            ("stopped", "stop"),
            ("connection", "connect"),
            ("invoices", "invoice"),
            ("declined", "decline"),
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
    }

    #[test]
    fn words_apart_stay_apart() {
        for (a, b) in [
            ("charge", "change"),
            ("parse", "purse"),
            ("class", "clas"),
            ("bus", "bug"),
        ] {
            assert_ne!(stem(a), stem(b), "{a} {b}");
        }
    }
}
