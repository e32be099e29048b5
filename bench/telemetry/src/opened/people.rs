//! Names, accounts and postal addresses of made-up people, by language.

use std::sync::LazyLock;

use crate::draw::{DIGITS, Draw};

use super::value::{Made, person};

/// What is common in one language.
struct Locale {
    name: &'static str,
    given: Vec<&'static str>,
    family: Vec<&'static str>,
    /// Forms of addresses: `#` is a digit, `*` one that is not 0.
    addresses: Vec<&'static str>,
    /// Whether the family's name comes first, and what stands between.
    is_family_first: bool,
    between: &'static str,
}

/// `locale|order|given,…|family,…|address;…`, a line each.
static LOCALES: LazyLock<Vec<Locale>> = LazyLock::new(|| {
    include_str!("people.txt")
        .lines()
        .filter_map(locale)
        .collect()
});

fn locale(line: &'static str) -> Option<Locale> {
    let parts: Vec<&'static str> = line.split('|').collect();
    let [name, order, given, family, addresses] = *parts.as_slice() else {
        return None;
    };
    Some(Locale {
        name,
        given: given.split(',').collect(),
        family: family.split(',').collect(),
        addresses: addresses.split(';').collect(),
        is_family_first: order.starts_with('f'),
        between: if order.ends_with('+') { "" } else { " " },
    })
}

fn of(draw: &mut Draw, name: &str) -> &'static Locale {
    let all: Vec<&'static Locale> = LOCALES
        .iter()
        .filter(|locale| name.is_empty() || locale.name == name)
        .collect();
    if all.is_empty() {
        return draw.row(&LOCALES);
    }
    draw.row::<&Locale>(&all)
}

/// A full name.
pub(crate) fn name(draw: &mut Draw, locale: &str) -> Made {
    let of = of(draw, locale);
    let (given, family) = (draw.of(&of.given), draw.of(&of.family));
    let value = if of.is_family_first {
        format!("{family}{}{given}", of.between)
    } else if draw.chance(6) && of.given.len() > 4 {
        let second = draw.of(&of.given);
        format!("{given} {second} {family}")
    } else {
        format!("{given} {family}")
    };
    person("person_name", of.name, value)
}

/// A given name alone, behind a field's name.
pub(crate) fn given(draw: &mut Draw, part: &str) -> Made {
    let of = of(draw, "");
    let value = if part == "family" {
        draw.of(&of.family)
    } else {
        draw.of(&of.given)
    };
    person("person_name", of.name, value.to_owned())
}

/// A postal address in one line.
pub(crate) fn address(draw: &mut Draw, locale: &str) -> Made {
    let of = of(draw, locale);
    let form = draw.of(&of.addresses);
    let value = form
        .chars()
        .map(|c| match c {
            '#' => draw.string(DIGITS, 1),
            '*' => draw.string("123456789", 1),
            c => c.to_string(),
        })
        .collect();
    person("address", of.name, value)
}

/// The account of a person in ASCII: `given.family`.
pub(crate) fn account(draw: &mut Draw) -> String {
    let is_ascii = |all: &Vec<&str>| all.iter().all(|name| name.is_ascii());
    let all: Vec<&Locale> = LOCALES
        .iter()
        .filter(|of| is_ascii(&of.given) && is_ascii(&of.family))
        .collect();
    let of = draw.row(&all);
    let (given, family) = (draw.of(&of.given), draw.of(&of.family));
    let clean = |name: &str| name.to_lowercase().replace(['\'', ' ', '-'], "");
    let (given, family) = (clean(given), clean(family));
    let initial = given.get(..1).unwrap_or("x");
    match draw.below(4) {
        0 => format!("{initial}{family}"),
        1 => format!("{given}.{family}{}", draw.between(2, 99)),
        _ => format!("{given}.{family}"),
    }
}

/// The languages that there are.
#[cfg(test)]
pub(crate) fn locales() -> Vec<&'static str> {
    LOCALES.iter().map(|locale| locale.name).collect()
}
