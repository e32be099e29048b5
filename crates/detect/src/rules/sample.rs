//! Templates of texts that a pattern matches, for the cases of rules that come without.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::case::SETS;
use super::hash::Draw;
use super::pattern::{Bytes, class_bytes};

/// More repetitions than the least that a sample takes.
const MORE_MAX: u32 = 12;

/// A template whose text the pattern matches.
pub(crate) fn template(hir: &Hir, draw: &mut Draw) -> String {
    let mut out = String::new();
    add(hir, draw, &mut out);
    out
}

fn add(hir: &Hir, draw: &mut Draw, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|b| plain(*b, out)),
        HirKind::Class(class) => hole(class, 1, draw, out),
        HirKind::Repetition(repetition) => {
            let most = repetition.max.unwrap_or(u32::MAX);
            let most = most.min(repetition.min.saturating_add(MORE_MAX));
            let more = draw.below((most - repetition.min) as usize + 1);
            let times = repetition.min as usize + more;
            if let HirKind::Class(class) = repetition.sub.kind() {
                hole(class, times, draw, out);
            } else {
                (0..times).for_each(|_| add(&repetition.sub, draw, out));
            }
        }
        HirKind::Capture(capture) => add(&capture.sub, draw, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| add(part, draw, out)),
        HirKind::Alternation(parts) => {
            if let Some(part) = parts.get(draw.below(parts.len())) {
                add(part, draw, out);
            }
        }
    }
}

fn plain(b: u8, out: &mut String) {
    if b == b'{' {
        out.push('{');
    }
    out.push(char::from(b));
}

/// As many characters of the class: of the largest alphabet of templates inside it, or one of its
/// own where there is none.
fn hole(class: &Class, times: usize, draw: &mut Draw, out: &mut String) {
    let bytes = class_bytes(class);
    let inside = |set: &str| bytes.covers(&Bytes::of(|b| set.as_bytes().contains(&b)));
    let fitting = SETS.iter().filter(|(_, set)| inside(set));
    match fitting.max_by_key(|(_, set)| set.len()) {
        Some((name, _)) if times > 0 => out.push_str(&format!("{{{name}:{times}}}")),
        _ => {
            let all = bytes.list();
            for _ in 0..times {
                let one = all.get(draw.below(all.len()));
                if let Some(b) = one {
                    plain(*b, out);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::case::{Of, expand};
    use super::super::pattern::{Pattern, parse};
    use super::*;

    #[test]
    fn a_sample_is_a_match() {
        let mut draw = Draw::new(&["sample"]);
        for source in [
            "[a-f0-9]{32}",
            "(?:ab|c-)[A-Z]{4}_[x-z]{2,5}",
            r"\d{3}-[{}]{2}-[~!]{3}",
        ] {
            let pattern = Pattern::new(source).unwrap();
            for index in 0..20 {
                let made = template(&parse(source).unwrap(), &mut draw);
                let of = Of {
                    id: "sample",
                    index,
                    checksum: None,
                    prefixes: &[],
                };
                let text = expand(&made, &of).unwrap().text;
                assert_eq!(
                    pattern.matched(text.as_bytes()),
                    Some(text.len()),
                    "{made} {text}"
                );
            }
        }
    }
}
