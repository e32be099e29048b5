//! Patterns of messages: `{kind}` is a value, `{~a|b}` one of a few words, `[[…]]` may be left out.

use super::draw::Draw;
use super::values;

/// A message of the pattern.
pub(crate) fn fill(pattern: &str, draw: &mut Draw) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '[']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(inner) = rest.strip_prefix("[[") {
            let end = inner.find("]]").expect("an optional part ends");
            if draw.chance(50) {
                out.push_str(&fill(&inner[..end], draw));
            }
            rest = &inner[end + 2..];
        } else if let Some(inner) = rest.strip_prefix('{').filter(|inner| is_kind(inner)) {
            let end = inner.find('}').expect("a value ends");
            match inner[..end].strip_prefix('~') {
                Some(few) => out.push_str(draw.one(&few.split('|').collect::<Vec<_>>())),
                None => out.push_str(&values::value(&inner[..end], draw)),
            }
            rest = &inner[end + 1..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// Whether a brace opens a value and not text of its own.
fn is_kind(inner: &str) -> bool {
    let end = inner.find(['}', ' ', '{', ',', '=']);
    inner.starts_with('~')
        || end.is_some_and(|end| {
            end > 0 && inner[end..].starts_with('}') && values::known(&inner[..end])
        })
}
