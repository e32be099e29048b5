//! Messages become templates: variable parts masked into typed slots, words kept.
//!
//! Stateless: the same text always gives the same template, whatever was seen before, so that
//! ids agree between processes and restarts. A template is its own template.

use crate::header;
use crate::id;
use crate::limits::TEXT_BYTES_MAX;
use crate::lines::head;
use crate::{fold, mask};

/// Passes over a text until its template is stable; each after the first is over a short text.
const PASSES_COUNT_MAX: usize = 8;

/// A message without its variable parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Template {
    /// `tpl_` and the base32 of the hash of the text.
    pub id: String,
    /// The text, variable parts as `<num>`, `<ip>`, `<host>`, `<mac>`, `<uuid>`, `<hex>`,
    /// `<time>`, `<duration>`, `<size>`, `<path>`, `<url>`, `<id>`, `<str>`, `<removed>`, or the
    /// kind of a pseudonym; `<*>` where only other lines tell that it varies.
    pub text: String,
}

impl Template {
    /// The template of that text.
    pub(crate) fn of_text(text: String) -> Self {
        Self {
            id: id::of("tpl_", &[&text]),
            text,
        }
    }
}

/// The template of a log line or message; a log header (time, level, process, logger) does not
/// count.
pub fn template(text: &str) -> Template {
    let text = head(text, TEXT_BYTES_MAX);
    Template::of_text(settle(header::read(text).content))
}

/// The text with its variable parts masked.
pub(crate) fn mask(text: &str) -> String {
    let mut text = once(head(text, TEXT_BYTES_MAX));
    for _ in 0..PASSES_COUNT_MAX {
        let next = once(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// The template of a message without its header: masked until nothing changes, for a masked part
/// may complete the pattern of its neighbours, and what is left may look like a header.
fn settle(content: &str) -> String {
    let mut out = Vec::new();
    mask::pass(content, &mut out);
    settle_masked(&out)
}

/// As [`settle`], of a message through which one pass has gone.
pub(crate) fn settle_masked(masked: &[u8]) -> String {
    // Tokens are never cut within a character.
    let masked = std::str::from_utf8(masked).unwrap_or_default();
    let folded = fold::lists(masked);
    let is_folded = folded.is_some();
    let mut text = folded.unwrap_or_else(|| masked.to_owned());
    for pass in 0..PASSES_COUNT_MAX {
        let mut out = Vec::with_capacity(text.len());
        mask::pass(header::read(&text).content, &mut out);
        // Nothing to mask is left, and there was nothing to fold.
        if pass == 0 && !is_folded && out == masked.as_bytes() {
            break;
        }
        let next = folded_of(out);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// One pass: slots, then lists.
fn once(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    mask::pass(text, &mut out);
    folded_of(out)
}

/// What a pass wrote, with its lists folded.
fn folded_of(masked: Vec<u8>) -> String {
    // Tokens are never cut within a character.
    let text = String::from_utf8(masked).unwrap_or_default();
    fold::lists(&text).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(template(text).text, expected);
    }

    #[test]
    fn typed_slots_replace_variable_parts() {
        check("took 12ms for user 42", "took <duration> for user <num>");
        check(
            "connect to 10.0.0.1:5432 failed",
            "connect to <ip>:<num> failed",
        );
        check(
            "id 123e4567-e89b-12d3-a456-426614174000 gone",
            "id <uuid> gone",
        );
        check("open /var/lib/x/y.db: denied", "open <path>: denied");
        check(
            "at 2024-05-01T10:00:00.123Z sent 10KB",
            "at <time> sent <size>",
        );
        check("ptr 0xdeadbeef", "ptr <hex>");
        check("amount=-12.50 ok=true", "amount=<num> ok=true");
        check("GET https://example.test/a?b=1 500", "GET <url> <num>");
        check(
            "Received block blk_-1608999687919862906 of",
            "Received block blk_<num> of",
        );
    }

    #[test]
    fn pseudonyms_become_their_kind() {
        check(
            "mail email_k3abcdefghij234567xyz to [removed:secret]",
            "mail <email> to <removed>",
        );
    }

    #[test]
    fn words_of_code_stay() {
        check("KeyError: 'customer_id'", "KeyError: 'customer_id'");
        check("can't open 'some file here'", "can't open <str>");
    }

    #[test]
    fn header_does_not_count() {
        let bare = template("charge failed for order 7");
        for line in [
            "2024-01-02 03:04:05,678 ERROR billing.charge: charge failed for order 8",
            "2024-01-02T03:04:05.678Z [ERROR] charge failed for order 9",
            "ERROR charge failed for order 9",
            "Dec 10 06:55:46 host sshd[24200]: charge failed for order 9",
            "I0102 15:04:05.123456 charge failed for order 9",
            "081109 203615 148 INFO dfs.Node$Responder: charge failed for order 9",
            "2024-01-02 03:04:05.678 ERROR 123 --- [exec-1] c.a.B : charge failed for order 9",
            "17/06/09 20:10:40 INFO executor.Backend: charge failed for order 9",
        ] {
            assert_eq!(template(line), bare, "{line}");
        }
    }

    #[test]
    fn lists_collapse() {
        assert_eq!(template("ids 1, 2, 3"), template("ids 4, 5"));
    }
}
