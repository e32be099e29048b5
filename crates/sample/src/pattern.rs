//! A regular expression in linear time, with limits on its size and on what it reads.

use regex::bytes::{Regex, RegexBuilder};

use crate::limits::{PATTERN_BYTES_MAX, PATTERN_TEXT_BYTES_MAX, PATTERN_VALUE_BYTES_MAX};

/// A compiled pattern, not anchored, as Go's `MatchString`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// Compiles `text`; the message says what is wrong with it.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        if text.len() > PATTERN_TEXT_BYTES_MAX {
            return Err(format!(
                "the pattern is longer than {PATTERN_TEXT_BYTES_MAX} bytes"
            ));
        }
        let build = |is_unicode: bool| {
            let mut builder = RegexBuilder::new(text);
            builder.unicode(is_unicode).size_limit(PATTERN_BYTES_MAX);
            builder.build()
        };
        // Case is folded without tables beyond ASCII, which `(?i)` asks for.
        let built = build(true).or_else(|error| build(false).map_err(|_| error));
        built.map(Self).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                format!(
                    "the pattern is not valid: {}",
                    last.trim_start_matches("error: ")
                )
            }
        })
    }

    pub(crate) fn is_match(&self, value: &str) -> bool {
        let bytes = value.as_bytes();
        let read = bytes.get(..PATTERN_VALUE_BYTES_MAX).unwrap_or(bytes);
        self.0.is_match(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_not_anchored_and_bounded() {
        assert!(Pattern::new("/health").unwrap().is_match("GET /healthz"));
        assert!(Pattern::new("(?i)error").unwrap().is_match("ERROR"));
        assert!(Pattern::new("^a.c$").unwrap().is_match("aéc"));
        assert!(Pattern::new("(a{100}){100}{100}").is_err());
        assert!(Pattern::new("(").unwrap_err().contains("not valid"));
    }
}
