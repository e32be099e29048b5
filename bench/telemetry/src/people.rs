//! Names, accounts and postal addresses of made-up people, by language, from a part's own lists.

use crate::draw::{DIGITS, Draw};
use crate::made::{Made, person};

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

/// The languages of a part.
pub(crate) struct People(Vec<Locale>);

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

impl People {
    /// A file of `locale|order|given,…|family,…|address;…`, a line each.
    pub(crate) fn parse(file: &'static str) -> Self {
        Self(file.lines().filter_map(locale).collect())
    }

    fn of(&self, draw: &mut Draw, name: &str) -> &Locale {
        let fits = |locale: &&Locale| name.is_empty() || locale.name == name;
        let all: Vec<&Locale> = self.0.iter().filter(fits).collect();
        if all.is_empty() {
            return draw.row(&self.0);
        }
        draw.row::<&Locale>(&all)
    }

    /// A full name.
    pub(crate) fn name(&self, draw: &mut Draw, locale: &str) -> Made {
        let of = self.of(draw, locale);
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

    /// A given name alone, behind a field's name; a family's where `part` says so.
    pub(crate) fn given(&self, draw: &mut Draw, part: &str) -> Made {
        let of = self.of(draw, "");
        let value = if part == "family" {
            draw.of(&of.family)
        } else {
            draw.of(&of.given)
        };
        person("person_name", of.name, value.to_owned())
    }

    /// A postal address in one line.
    pub(crate) fn address(&self, draw: &mut Draw, locale: &str) -> Made {
        let of = self.of(draw, locale);
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

    /// A given and a family's name in small ASCII letters, as accounts are made of them.
    pub(crate) fn account(&self, draw: &mut Draw) -> (String, String) {
        let is_ascii = |all: &Vec<&str>| all.iter().all(|name| name.is_ascii());
        let of_ascii = |of: &&Locale| is_ascii(&of.given) && is_ascii(&of.family);
        let all: Vec<&Locale> = self.0.iter().filter(of_ascii).collect();
        let of = draw.row(&all);
        let (given, family) = (draw.of(&of.given), draw.of(&of.family));
        let clean = |name: &str| name.to_lowercase().replace(['\'', ' ', '-'], "");
        (clean(given), clean(family))
    }

    /// The languages that there are.
    #[cfg(test)]
    pub(crate) fn locales(&self) -> Vec<&'static str> {
        self.0.iter().map(|locale| locale.name).collect()
    }
}
