//! Notations of the held-back half that carry fields: a list of forms, not functions.
//!
//! `notations.txt` has a line for each: `name¦format¦filters¦style¦head¦pair¦between¦tail`. In a
//! part `⏎` is a line break and `⇥` a tab; in a pair `⟨k⟩` is the name, `⟨l⟩` its length, `⟨n⟩`
//! the value's length in bytes, `§0` the value. A notation of columns has the names in its head at
//! `⟨K⟩` and values alone as pairs.

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::marked::Marked;
use crate::record::Format;
use crate::template::filtered;

use super::fields::Field;
use super::render;

/// How a notation writes fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notation {
    pub(crate) name: &'static str,
    pub(crate) format: Format,
    filters: &'static str,
    style: &'static str,
    head: &'static str,
    pair: &'static str,
    between: &'static str,
    tail: &'static str,
}

/// All of them.
pub(crate) static ALL: LazyLock<Vec<Notation>> = LazyLock::new(|| {
    include_str!("notations.txt")
        .lines()
        .filter_map(notation)
        .collect()
});

fn notation(line: &'static str) -> Option<Notation> {
    let parts: Vec<&'static str> = line.split('¦').collect();
    let [name, format, filters, style, head, pair, between, tail] = *parts.as_slice() else {
        return None;
    };
    Some(Notation {
        name,
        format: match format {
            "json" => Format::Json,
            _ => Format::Text,
        },
        filters,
        style,
        head,
        pair,
        between,
        tail,
    })
}

/// A part's signs for breaks and tabs, and its harmless places.
fn part(draw: &mut Draw, form: &str) -> String {
    render(draw, &form.replace('⏎', "\n").replace('⇥', "\t")).text
}

impl Notation {
    /// Fields in this notation.
    pub(crate) fn write(&self, draw: &mut Draw, fields: &[Field]) -> Marked {
        let style = match self.style {
            "*" => draw.of(&["s", "s", "c", "p", "k", "u"]),
            style => style,
        };
        let between = part(draw, self.between);
        let pairs: Vec<Marked> = fields
            .iter()
            .map(|field| self.pair(draw, field, style))
            .collect();
        let names: Vec<String> = fields
            .iter()
            .map(|field| styled(field.key, style))
            .collect();
        let head = part(draw, self.head).replace("⟨K⟩", &names.join(&between));
        let mut out = Marked::from(head);
        out.push(&Marked::join(&pairs, &between));
        out.add(&part(draw, self.tail));
        out
    }

    /// Whether its writer would leave the quotes of a number out.
    fn has_types(&self) -> bool {
        let is_plain = self.pair.starts_with("\"⟨k⟩\"") && self.pair.ends_with("\"§0\"");
        self.format == Format::Json && is_plain
    }

    fn pair(&self, draw: &mut Draw, field: &Field, style: &str) -> Marked {
        let name = styled(field.key, style);
        let is_digits = field.value.text.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = is_digits && field.value.text.len() < 18;
        let is_bare = is_number && !field.value.text.starts_with('0') && self.has_types();
        let form = if is_bare && draw.chance(60) {
            self.pair.replace("\"§0\"", "§0")
        } else {
            self.pair.to_owned()
        };
        let form = part(draw, &form)
            .replace("⟨l⟩", &name.len().to_string())
            .replace("⟨n⟩", &field.value.text.len().to_string())
            .replace("⟨k⟩", &name);
        let value = self
            .filters
            .chars()
            .fold(field.value.clone(), |value, filter| {
                filtered(draw, &value, filter)
            });
        Marked::fill(&form, &[&value])
    }
}

/// A name in the case of one language or another; one with capitals or another script stays.
fn styled(name: &str, style: &str) -> String {
    if !name.is_ascii() || name.chars().any(|c| c.is_ascii_uppercase()) {
        return name.to_owned();
    }
    let capital = |word: &str| {
        let (head, tail) = word.split_at(word.len().min(1));
        head.to_uppercase() + tail
    };
    let words: Vec<&str> = name.split('_').collect();
    let all_capital = || words.iter().map(|word| capital(word));
    match style {
        "c" => {
            let head = words.first().copied().unwrap_or("");
            head.to_owned() + &all_capital().skip(1).collect::<String>()
        }
        "p" => all_capital().collect(),
        "k" => words.join("-"),
        "u" => name.to_uppercase(),
        "h" => all_capital().collect::<Vec<_>>().join("-"),
        "t" => all_capital().collect::<Vec<_>>().join(" "),
        "d" => words.join("."),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_the_case_of_a_language() {
        let of = |style| styled("card_number", style);
        assert_eq!(of("c"), "cardNumber");
        assert_eq!(of("h"), "Card-Number");
        assert_eq!(of("d"), "card.number");
        assert_eq!(styled("пароль", "p"), "пароль");
    }

    #[test]
    fn there_are_many_notations_each_with_its_parts() {
        let lines = include_str!("notations.txt").lines().count();
        assert_eq!(ALL.len(), lines, "a line has not eight parts");
        assert!(ALL.len() >= 110);
        let is_good = |of: &&Notation| of.pair.contains("§0") && of.name.starts_with("hb_");
        assert_eq!(ALL.iter().filter(is_good).count(), lines);
    }
}
