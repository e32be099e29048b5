//! Harmless filler: a template's holes become numbers, ids, names of services, paths, times.
//!
//! A hole is `{name}`, or `{c4}`, `{c2-6}`: that many characters of class `c` (see [`alphabet`]).
//! Anything else between braces stays as it stands.

use crate::draw::{ALNUM, BASE64, DIGITS, Draw, HEX, LOWER, UPPER};
use crate::noise_table::{self as table};

/// Fills the holes of a template.
pub(crate) fn expand(draw: &mut Draw, template: &str) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (head, tail) = rest.split_at(open);
        out.push_str(head);
        let end = tail.find(['}', ' ', '"', ',']).unwrap_or(0);
        let name = tail.get(1..end).unwrap_or("");
        let is_closed = tail.get(end..).is_some_and(|t| t.starts_with('}'));
        if let Some(filled) = is_closed.then(|| hole(draw, name)).flatten() {
            out.push_str(&filled);
            rest = tail.get(end + 1..).unwrap_or("");
        } else {
            out.push('{');
            rest = tail.get(1..).unwrap_or("");
        }
    }
    out.push_str(rest);
    out
}

fn hole(draw: &mut Draw, name: &str) -> Option<String> {
    word(draw, name)
        .or_else(|| number(draw, name))
        .or_else(|| drawn(draw, name))
}

/// The characters of a class.
fn alphabet(class: char) -> Option<&'static str> {
    Some(match class {
        'd' => DIGITS,
        'h' => HEX,
        'H' => "0123456789ABCDEF",
        'a' => LOWER,
        'A' => UPPER,
        'l' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        'n' => "0123456789abcdefghijklmnopqrstuvwxyz",
        'N' => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        'w' => ALNUM,
        'x' => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_",
        'b' => BASE64,
        'c' => "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
        't' => "abcdefghijklmnopqrstuvwxyz234567",
        'T' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        'p' => "bcdfghjklmnpqrstvwxz2456789",
        _ => return None,
    })
}

/// `{h40}`, `{w10-16}`, and `{i3}`: an integer of that many digits that begins with none.
fn drawn(draw: &mut Draw, name: &str) -> Option<String> {
    let class = name.chars().next()?;
    let range = name.get(class.len_utf8()..)?;
    let (low, high) = range.split_once('-').unwrap_or((range, range));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    let count = draw.between(low, high) as usize;
    if class == 'i' {
        let head = draw.between(1, 9);
        return Some(format!(
            "{head}{}",
            draw.string(DIGITS, count.saturating_sub(1))
        ));
    }
    Some(draw.string(alphabet(class)?, count))
}

fn word(draw: &mut Draw, name: &str) -> Option<String> {
    let list = table::WORDS.iter().find(|(of, _)| *of == name)?.1;
    let chosen = draw.of(list);
    Some(if chosen.contains('{') {
        expand(draw, chosen)
    } else {
        chosen.to_owned()
    })
}

fn number(draw: &mut Draw, name: &str) -> Option<String> {
    Some(match name {
        "uuid" => uuid(draw),
        "pct" => format!("{}.{}", draw.below(100), draw.below(10)),
        "ms" => format!("{}", draw.between(1, 4_000)),
        "msf" => format!("{}.{:03}", draw.below(900), draw.below(1_000)),
        "port" => format!("{}", draw.between(1_024, 65_000)),
        "bytes" => format!("{}", draw.between(100, 9_000_000)),
        "status" => (draw.of(&[
            "200", "201", "204", "301", "304", "400", "404", "409", "500",
        ]))
        .to_owned(),
        "ver" => format!("{}.{}.{}", draw.below(12), draw.below(30), draw.below(50)),
        "ts" => stamp(draw, "T", "Z", 3),
        "tsp" => stamp(draw, " ", "", 3),
        "tsc" => stamp(draw, " ", "", 3).replace('.', ","),
        "tsn" => stamp(draw, "T", "Z", 9),
        "tso" => stamp(draw, "T", "+02:00", 6),
        "time" => clock(draw),
        "day" => {
            let (year, month, day) = date(draw);
            format!("{year}-{month:02}-{day:02}")
        }
        "dom" => format!("{:>2}", draw.between(1, 28)),
        "epoch" => format!("{}", 1_760_000_000 + draw.below(30_000_000)),
        "epochms" => format!("{}", 1_760_000_000_000 + draw.below(30_000_000_000)),
        "epochus" => format!("{}", 1_760_000_000_000_000 + draw.below(30_000_000_000_000)),
        "epochns" => format!(
            "{}",
            (1_760_000_000 + draw.below(30_000_000)) * 1_000_000_000 + draw.below(1_000_000_000)
        ),
        "ulid" => format!("01K{}", draw.string("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23)),
        "luhn16" => {
            let prefix = draw.of(&["9", "7", "1", "4", "51"]);
            crate::value::luhn_number(draw, prefix, 16)
        }
        "isbn" => crate::value::ean13(draw, "978"),
        "ean" => crate::value::ean13(draw, "40"),
        _ => return None,
    })
}

fn uuid(draw: &mut Draw) -> String {
    let mut part = |n| draw.string(HEX, n);
    let [head, second, third, fourth, tail] = [8, 4, 3, 3, 12].map(&mut part);
    let variant = draw.of(&["8", "9", "a", "b"]);
    format!("{head}-{second}-4{third}-{variant}{fourth}-{tail}")
}

/// A day of the two years in which the telemetry plays.
fn date(draw: &mut Draw) -> (u64, u64, u64) {
    (
        draw.between(2_025, 2_026),
        draw.between(1, 12),
        draw.between(1, 28),
    )
}

fn clock(draw: &mut Draw) -> String {
    let (hour, minute, second) = (draw.below(24), draw.below(60), draw.below(60));
    format!("{hour:02}:{minute:02}:{second:02}")
}

fn stamp(draw: &mut Draw, between: &str, zone: &str, digits: usize) -> String {
    let (year, month, day) = date(draw);
    let (clock, part) = (clock(draw), draw.string(DIGITS, digits));
    format!("{year}-{month:02}-{day:02}{between}{clock}.{part}{zone}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_and_other_braces_stay() {
        let mut draw = Draw::new(3, 3);
        let text = expand(
            &mut draw,
            r#"{"a":{"b":"{h4}"},"n":{i3},"svc":"{svc}"} {nothing} {}"#,
        );
        assert!(
            text.starts_with(r#"{"a":{"b":""#) && text.ends_with("{nothing} {}"),
            "{text}"
        );
        let json = text.strip_suffix(" {nothing} {}").unwrap();
        let value: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(value["a"]["b"].as_str().unwrap().len(), 4);
        assert!((100..1_000).contains(&value["n"].as_u64().unwrap()));
    }

    #[test]
    fn every_list_of_words_expands() {
        let mut draw = Draw::new(5, 5);
        for (name, list) in table::WORDS {
            assert!(!list.is_empty());
            let text = expand(&mut draw, &format!("{{{name}}}"));
            assert!(!text.contains('{'), "{name}: {text}");
        }
    }
}
