//! A template with those of its slots filled that are the same in every line: a port, a status, an
//! error's number tell; an order's number does not.
//!
//! *Complexity:* linear in the texts; [`LINES_COUNT_MAX`] lines are compared.

use std::borrow::Cow;

use super::pseudonym;

/// Lines that are compared: of more, one of several, evenly.
const LINES_COUNT_MAX: usize = 4_000;
/// Slots of a template that are looked at.
const SLOTS_COUNT_MAX: usize = 64;
/// Longest value that is filled in, in bytes.
const VALUE_BYTES_MAX: usize = 160;

/// The text between the slots of a template, and the slots.
struct Parts<'t> {
    /// One more than there are slots.
    texts: Vec<&'t str>,
    slots: Vec<&'t str>,
}

impl<'t> Parts<'t> {
    fn of(template: &'t str) -> Self {
        let (mut texts, mut slots) = (Vec::new(), Vec::new());
        let mut rest = template;
        let mut from = 0;
        while let Some(at) = rest.get(from..).and_then(|tail| tail.find('<')) {
            let open = from + at;
            let length = rest.get(open..).map_or(0, slot);
            if length == 0 {
                from = open + 1;
                continue;
            }
            let (text, behind) = rest.split_at(open);
            let (name, behind) = behind.split_at(length);
            texts.push(text);
            slots.push(name);
            (rest, from) = (behind, 0);
        }
        texts.push(rest);
        Self { texts, slots }
    }

    /// What stands in the slots of a line; none where it is not of the template.
    fn values<'l>(&self, line: &'l str) -> Option<Vec<&'l str>> {
        let (first, texts) = self.texts.split_first()?;
        // A header within the message is no part of its template.
        let inner = || line.split_once(first).map(|(_, rest)| rest);
        let mut rest = line.strip_prefix(first).or_else(inner)?;
        let mut found = Vec::with_capacity(texts.len());
        for (at, text) in texts.iter().enumerate() {
            let end = if at + 1 == texts.len() {
                rest.len() - rest.strip_suffix(text).map(|_| text.len())?
            } else if text.is_empty() {
                rest.chars().next()?.len_utf8()
            } else {
                // A slot holds something.
                let first = rest.chars().next()?.len_utf8();
                rest.get(first..)?.find(text)? + first
            };
            found.push(rest.get(..end).filter(|value| !value.is_empty())?);
            rest = rest.get(end + text.len()..)?;
        }
        Some(found)
    }
}

/// Length of the slot that a text begins with: `<num>`, `<*>`; 0 where it begins with none.
fn slot(text: &str) -> usize {
    let inner = text.strip_prefix('<').unwrap_or_default();
    let Some(end) = inner.find('>') else {
        return 0;
    };
    let name = inner.get(..end).unwrap_or_default();
    let named = (2..=16).contains(&end) && name.bytes().all(|b| b.is_ascii_lowercase());
    if named || name == "*" { end + 2 } else { 0 }
}

/// The template, those slots filled whose value is the same in all these lines; as it is where a
/// line is not of it.
pub(super) fn filled<'l>(template: &str, lines: impl ExactSizeIterator<Item = &'l str>) -> String {
    let parts = Parts::of(template);
    if parts.slots.is_empty() || parts.slots.len() > SLOTS_COUNT_MAX {
        return template.to_owned();
    }
    let mut same: Option<Vec<Option<&str>>> = None;
    let step = lines.len().div_ceil(LINES_COUNT_MAX).max(1);
    for line in lines.step_by(step) {
        let Some(values) = parts.values(line) else {
            return template.to_owned();
        };
        match &mut same {
            None => same = Some(values.into_iter().map(Some).collect()),
            Some(known) => {
                for (known, value) in known.iter_mut().zip(values) {
                    *known = known.filter(|known| *known == value);
                }
            }
        }
    }
    let Some(same) = same else {
        return template.to_owned();
    };
    let mut out = String::with_capacity(template.len());
    let mut texts = parts.texts.iter();
    out.push_str(texts.next().copied().unwrap_or_default());
    for ((slot, value), text) in parts.slots.iter().zip(same).zip(texts) {
        out.push_str(value.filter(|value| tells(value)).unwrap_or(slot));
        out.push_str(text);
    }
    out
}

/// A line with one blank where there are several, as in a template.
pub(super) fn single_spaced(line: &str) -> Cow<'_, str> {
    if !line.contains("  ") && !line.contains(['\t', '\n']) {
        return Cow::Borrowed(line);
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    Cow::Owned(words.join(" "))
}

/// Whether a value is shown rather than its slot: what stands for what was removed tells nothing.
fn tells(value: &str) -> bool {
    let mut words = value.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let removed = value.contains("[removed:") || words.any(pseudonym::is_one);
    !removed && value.len() <= VALUE_BYTES_MAX
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[track_caller]
    fn check(template: &str, lines: &[&str], expected: &str) {
        assert_eq!(filled(template, lines.iter().copied()), expected);
    }

    #[test]
    fn what_never_varies_is_told() {
        check(
            "connect to <host>:<num> for order <num>: error <num>",
            &[
                "connect to db.a.example:5432 for order 7: error 1205",
                "connect to db.a.example:5432 for order 9: error 1205",
            ],
            "connect to db.a.example:5432 for order <num>: error 1205",
        );
        check("exit <num>", &["exit 3"], "exit 3");
        check("<*> gone", &["a b gone", "a b gone"], "a b gone");
    }

    #[test]
    fn what_is_not_of_the_template_or_stands_for_something_is_left() {
        check("code <num>", &["code 7", "another"], "code <num>");
        check("code <num>", &[], "code <num>");
        let pseudonym = format!("from ip_{}", "ab".repeat(12));
        check("from <ip>", &[&pseudonym], "from <ip>");
        check("key <str>", &["key [removed:key.token]"], "key <str>");
        check("<NOSRV> <num>", &["<NOSRV> 503"], "<NOSRV> 503");
        check(
            "größe <num> ü",
            &["größe 7 ü", "größe 8 ü"],
            "größe <num> ü",
        );
    }
}
