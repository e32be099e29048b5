//! Names, accounts and postal addresses of this half's people.

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::made::Made;
use crate::people::People;

static PEOPLE: LazyLock<People> = LazyLock::new(|| People::parse(include_str!("people.txt")));

/// A full name.
pub(crate) fn name(draw: &mut Draw, locale: &str) -> Made {
    PEOPLE.name(draw, locale)
}

/// A given name alone, behind a field's name.
pub(crate) fn given(draw: &mut Draw, part: &str) -> Made {
    PEOPLE.given(draw, part)
}

/// A postal address in one line.
pub(crate) fn address(draw: &mut Draw, locale: &str) -> Made {
    PEOPLE.address(draw, locale)
}

/// The account of a person in ASCII: `given.family`.
pub(crate) fn account(draw: &mut Draw) -> String {
    let (given, family) = PEOPLE.account(draw);
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
    PEOPLE.locales()
}
