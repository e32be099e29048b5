//! Where a text that a limit ends may end: at a blank, so that no beginning of a word is kept.
//!
//! *Why so.* Half of a token is known to no rule, and would be stored as it is. What is cut off is
//! gone anyway; the rest of its last word goes with it.
//!
//! A text without a blank in its last [`BLANK_BYTES_MAX`] is cut before them, at what ends a value
//! in JSON, in a list or in an address ([`DELIMITERS`]): a new end is no better than the first if
//! it stands within another word. Where there is none of these in [`DELIMITER_BYTES_MAX`] either,
//! the text is one value of that length, such as a picture, and ends there.
//!
//! **Invariant:** a word of at most [`BLANK_BYTES_MAX`] at the end of a cut text is kept whole or
//! not at all.

/// Bytes at a text's end in which a blank is looked for; longer than tokens are.
pub(crate) const BLANK_BYTES_MAX: usize = 4 << 10;
/// Bytes before them in which the end of a value is looked for.
pub(crate) const DELIMITER_BYTES_MAX: usize = 16 << 10;
/// What ends a value where there is no blank.
const DELIMITERS: &[u8] = b"\"',;&<>(){}[]|";

/// What may be kept of a text that is known to go on behind its end.
pub(crate) fn back(cut: &[u8]) -> &[u8] {
    cut.get(..end(cut)).unwrap_or_default()
}

/// The beginning of a text, so that at most so many bytes are kept; the whole where it is no
/// longer.
pub(crate) fn to(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let kept = back(text.as_bytes().get(..bytes_max).unwrap_or_default());
    // An end is never within a character.
    text.get(..kept.len()).unwrap_or_default()
}

fn end(cut: &[u8]) -> usize {
    let blanks_from = cut.len().saturating_sub(BLANK_BYTES_MAX);
    let (before, last) = cut.split_at_checked(blanks_from).unwrap_or((cut, &[]));
    if let Some(at) = last.iter().rposition(u8::is_ascii_whitespace) {
        return before.len() + at + 1;
    }
    if before.is_empty() {
        return 0;
    }
    let from = before.len().saturating_sub(DELIMITER_BYTES_MAX);
    let looked = before.get(from..).unwrap_or_default();
    let ends = |b: &u8| b.is_ascii_whitespace() || DELIMITERS.contains(b);
    if let Some(at) = looked.iter().rposition(ends) {
        return from + at + 1;
    }
    // Bytes that go on with a character (RFC 3629, section 3) go with it.
    let inner = before.iter().take(from + 1).rev();
    from - inner.take_while(|b| **b & 0xc0 == 0x80).count().min(from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cut_text_ends_behind_a_word() {
        let check = |text: &str, expect: &str| {
            assert_eq!(back(text.as_bytes()), expect.as_bytes(), "{text}");
        };
        check("", "");
        check("one two thr", "one two ");
        check("one\ttwo\nthr", "one\ttwo\n");
        check("one ", "one ");
        check("word", "");
        check("pass=hun", "");
        assert_eq!(to("one two", 7), "one two");
        assert_eq!(to("one two", 6), "one ");
        assert_eq!(to("\u{e9} \u{e9}\u{e9}", 4), "\u{e9} ");
    }

    #[test]
    fn a_text_without_blanks_ends_behind_a_value() {
        let tail = "a".repeat(BLANK_BYTES_MAX + 10);
        let json = format!("{{\"k\":\"v\",\"token\":\"{tail}");
        assert_eq!(back(json.as_bytes()), b"{\"k\":\"v\",\"token\":\"");
        // The tail stands behind an end of its own, and what is before it is another value.
        let two = format!("\"first\":\"{}\",\"last\":\"{tail}", "b".repeat(50));
        assert!(back(two.as_bytes()).ends_with(b"\"last\":\""));
        let one = "x".repeat(1 << 20);
        let kept = back(one.as_bytes()).len();
        assert_eq!(kept, one.len() - BLANK_BYTES_MAX - DELIMITER_BYTES_MAX);
        let wide = "\u{20ac}".repeat(20_000);
        for bytes_max in 30_000..30_010 {
            assert!(!to(&wide, bytes_max).is_empty(), "{bytes_max}");
        }
    }

    proptest! {
        #[test]
        fn no_beginning_of_a_word_is_left(
            before in "[a-z0-9{}\",: \u{e9}]{0,300}",
            gap in prop::sample::select(vec![" ", "\n", "\t"]),
            token in "[A-Z]{8,400}",
            kept in 4_usize..400,
        ) {
            let kept = kept.min(token.len() - 1);
            let text = format!("{before}{gap}{}", token.get(..kept).unwrap());
            let cut = std::str::from_utf8(back(text.as_bytes())).unwrap();
            prop_assert!(!cut.contains(token.get(..4).unwrap()));
            prop_assert_eq!(cut, format!("{before}{gap}"));
        }

        #[test]
        fn what_is_left_is_the_beginning(text in "\\PC{0,200}", bytes_max in 0_usize..600) {
            let long = text.repeat(150);
            for text in [text.as_str(), long.as_str()] {
                let kept = to(text, bytes_max);
                prop_assert!(text.starts_with(kept));
                prop_assert!(kept.len() <= bytes_max || kept == text);
                prop_assert_eq!(to(kept, kept.len()), kept);
            }
        }
    }
}
