//! Names, accounts and postal addresses of the held-back half's people.

use std::sync::LazyLock;

use crate::draw::{DIGITS, Draw};
use crate::made::Made;
use crate::people::People;

static PEOPLE: LazyLock<People> = LazyLock::new(|| People::parse(include_str!("people.txt")));

/// A full name.
pub(crate) fn name(draw: &mut Draw, locale: &str) -> Made {
    PEOPLE.name(draw, locale)
}

/// A given name alone, or a family's.
pub(crate) fn part(draw: &mut Draw, part: &str) -> Made {
    PEOPLE.given(draw, part)
}

/// A postal address in one line.
pub(crate) fn address(draw: &mut Draw, locale: &str) -> Made {
    PEOPLE.address(draw, locale)
}

/// The account of a person, as organisations and people form them.
pub(crate) fn account(draw: &mut Draw) -> String {
    let (given, family) = PEOPLE.account(draw);
    let family: String = family.chars().take(14).collect();
    let head = |text: &str, count| text.chars().take(count).collect::<String>();
    match draw.below(10) {
        0..3 => head(&given, 1) + &family,
        3..5 => format!("{given}.{family}"),
        5 => format!("{given}.{}", head(&family, 1)),
        6 => format!("{given}_{family}"),
        7 => head(&family, 5) + &head(&given, 2) + &draw.string("123456789", 1),
        8 => format!("{given}{}", draw.between(71, 99)),
        _ => head(&given, 2) + &head(&family, 4) + &draw.string(DIGITS, 2),
    }
}

/// The part of a mail address before the `@`.
pub(crate) fn mailbox(draw: &mut Draw) -> String {
    let (given, family) = PEOPLE.account(draw);
    match draw.below(5) {
        0 => format!("{given}+{}", draw.of(&["shop", "news", "billing", "dev"])),
        1 => format!("{given}-{family}"),
        2 => format!("{given}{}", draw.between(1_950, 2_008)),
        _ => format!("{given}.{family}"),
    }
}

/// The languages that there are.
#[cfg(test)]
pub(crate) fn locales() -> Vec<&'static str> {
    PEOPLE.locales()
}
