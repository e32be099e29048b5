//! Messages become templates: variable parts masked into typed slots, words kept.
//!
//! Stateless: the same text always gives the same template, whatever was seen before, so that
//! ids agree between processes and restarts. A template is its own template.

use crate::header;
use crate::id;
use crate::limits::{TEMPLATE_BYTES_MAX, TEXT_BYTES_MAX};
use crate::lines::head;
use crate::slot;

/// Passes over a text until its template is stable; each after the first is over a short text.
const PASSES_COUNT_MAX: usize = 8;

/// A message without its variable parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Template {
    /// `tpl_` and the base32 of the hash of the text.
    pub id: String,
    /// The text, variable parts as `<num>`, `<ip>`, `<uuid>`, `<hex>`, `<time>`, `<duration>`,
    /// `<size>`, `<path>`, `<url>`, `<id>`, `<str>`, `<removed>`, or the kind of a pseudonym.
    pub text: String,
}

/// The template of a log line or message; a log header (time, level, process, logger) does not
/// count.
pub fn template(text: &str) -> Template {
    let text = settle(head(text, TEXT_BYTES_MAX), |text| pass(header::strip(text)));
    Template {
        id: id::of("tpl_", &[&text]),
        text,
    }
}

/// The text with its variable parts masked: a name or value, which has no header.
pub fn mask(text: &str) -> String {
    settle(head(text, TEXT_BYTES_MAX), pass)
}

/// Masks until nothing changes: a masked part may complete the pattern of its neighbours.
fn settle(text: &str, once: fn(&str) -> String) -> String {
    let mut text = once(text);
    for _ in 0..PASSES_COUNT_MAX {
        let next = once(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

/// One pass over the text.
fn pass(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if out.len() > TEMPLATE_BYTES_MAX {
            return cut(&out);
        }
        let white = rest.len() - rest.trim_start().len();
        if white > 0 {
            out.push(' ');
            rest = rest.get(white..).unwrap_or_default();
            continue;
        }
        let (used, slot) = slot::read(rest, out.chars().next_back());
        let (piece, tail) = rest.split_at_checked(used.max(1)).unwrap_or((rest, ""));
        match slot {
            slot::Piece::Slot(name) => push_slot(&mut out, &name),
            slot::Piece::Word => out.push_str(piece),
            slot::Piece::Masked(text) => out.push_str(&text),
        }
        rest = tail;
    }
    cut(out.trim_end())
}

/// Appends a slot; a list of the same slot is one slot.
fn push_slot(out: &mut String, name: &str) {
    let slot = format!("<{name}>");
    let list = [", ", ",", " "].into_iter().find_map(|separator| {
        let repeats = separator != " " || name == "time";
        let before = out.strip_suffix(separator)?.ends_with(&slot);
        (repeats && before).then_some(separator.len())
    });
    match list {
        Some(separator) => out.truncate(out.len() - separator),
        None => out.push_str(&slot),
    }
}

/// At most the limit, cut where a word ends.
fn cut(text: &str) -> String {
    if text.len() <= TEMPLATE_BYTES_MAX {
        return text.to_owned();
    }
    let kept = head(text, TEMPLATE_BYTES_MAX.saturating_sub(4));
    let kept = kept.rsplit_once(' ').map_or(kept, |(kept, _)| kept);
    format!("{kept} <*>")
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
