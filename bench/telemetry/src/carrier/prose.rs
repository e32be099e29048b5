//! Sentences of log messages with values in them.

use super::http::{Line, filled};
use super::prose_table::{
    ADDRESSES, BARE, CARDS, CODES, GENERIC, MAILS, NAMES, PASSWORDS, PEOPLE, PHONES, TOKENS,
};
use crate::draw::Draw;
use crate::marked::Marked;
use crate::noise::expand;
use crate::value::{self, Value};

/// Prose whose values a rule can find.
pub(crate) const LINES: &[(&str, Line)] = &[
    ("prose_mail", mail),
    ("prose_mail", mail),
    ("prose_phone", phone),
    ("prose_password", password),
    ("prose_password", password),
    ("prose_token", token),
    ("prose_token", token),
    ("prose_card", card),
    ("prose_code", code),
    ("prose_led", led),
    ("prose_led", led),
    ("prose_led", led),
    ("prose_bare", bare),
    ("prose_bare", bare),
    ("prose_user", user),
    ("prose_marked", marked_by_producer),
    ("prose_mail_spelled", mail_spelled),
];

/// Prose whose names and addresses only a reader can find.
pub(crate) const FREE: &[(&str, Line)] = &[
    ("free_name", name),
    ("free_name", name),
    ("free_name", name),
    ("free_address", address),
];

fn mail(draw: &mut Draw) -> Marked {
    let value = value::email(draw);
    let form = draw.of(MAILS);
    filled(draw, form, &[&value])
}

fn phone(draw: &mut Draw) -> Marked {
    let value = value::phone(draw);
    let form = draw.of(PHONES);
    filled(draw, form, &[&value])
}

fn password(draw: &mut Draw) -> Marked {
    let mut value = value::dsn_password(draw);
    "password".clone_into(&mut value.kind);
    if draw.chance(60) {
        value.text = if draw.chance(50) {
            value::weak(draw)
        } else {
            value::strong(draw)
        };
    }
    let form = draw.of(PASSWORDS);
    let locale = if form.is_ascii() { "en" } else { "other" };
    filled(draw, form, &[&value.of(locale)])
}

fn token(draw: &mut Draw) -> Marked {
    let mut value = value::provider_token(draw);
    while !value.is_bare {
        value = value::provider_token(draw);
    }
    let form = draw.of(TOKENS);
    filled(draw, form, &[&value])
}

fn card(draw: &mut Draw) -> Marked {
    let value = value::card(draw);
    let form = draw.of(CARDS);
    filled(draw, form, &[&value])
}

fn code(draw: &mut Draw) -> Marked {
    let form = draw.of(&["{d6}", "{d6}", "{i4}", "{d3}-{d3}"]);
    let text = expand(draw, form);
    let form = draw.of(CODES);
    filled(draw, form, &[&Value::secret("otp", text)])
}

/// A value behind a word that tells what it is.
fn led(draw: &mut Draw) -> Marked {
    let value = value::any(draw);
    let lead = value
        .leads
        .first()
        .map_or("value", |_| draw.of(value.leads));
    let form = draw.of(GENERIC).replace('¤', lead);
    filled(draw, &form, &[&value])
}

fn bare(draw: &mut Draw) -> Marked {
    let value = value::bare(draw);
    let form = draw.of(BARE);
    filled(draw, form, &[&value])
}

fn user(draw: &mut Draw) -> Marked {
    let value = value::user_name(draw);
    let form = draw.of(PEOPLE);
    filled(draw, form, &[&value])
}

/// A producer that marks what is unsafe; markers stay or go, the value goes.
fn marked_by_producer(draw: &mut Draw) -> Marked {
    let value = value::any(draw);
    let form = draw.of(&[
        "{msg} for ‹§0› after {ms}ms",
        "user ‹§0› in {region}",
        "row ‹§0› rejected: {err}",
    ]);
    filled(draw, form, &[&value])
}

/// A mail address that was written so that no harvester finds it.
fn mail_spelled(draw: &mut Draw) -> Marked {
    let mut value = value::email(draw);
    let (at, dot) = *draw.row(&[
        (" (at) ", " (dot) "),
        (" [at] ", " [dot] "),
        (" at ", " dot "),
        ("(at)", "(dot)"),
    ]);
    let (local, domain) = value
        .text
        .split_once('@')
        .unwrap_or(("someone", "example.org"));
    let local = local.replace('.', "");
    value.text = format!("{local}{at}{}", domain.replace('.', dot));
    let form = draw.of(&[
        "contact §0 for access",
        "mail us: §0",
        "reply to §0",
        "e-mail §0 bounced",
    ]);
    filled(draw, form, &[&value])
}

fn name(draw: &mut Draw) -> Marked {
    let value = value::full_name(draw);
    let fitting: Vec<&str> = NAMES
        .iter()
        .filter(|(of, _)| value.locale.starts_with(of) || of.is_empty())
        .map(|(_, form)| *form)
        .collect();
    let form = draw.of(&fitting);
    filled(draw, form, &[&value])
}

fn address(draw: &mut Draw) -> Marked {
    let value = value::street_address(draw);
    let form = draw.of(ADDRESSES);
    filled(draw, form, &[&value])
}

/// How many sentences there are.
#[cfg(test)]
pub(crate) fn template_count() -> usize {
    let lists = [
        MAILS, PHONES, PASSWORDS, TOKENS, CARDS, CODES, GENERIC, BARE, PEOPLE, ADDRESSES,
    ];
    lists.iter().map(|list| list.len()).sum::<usize>() + NAMES.len()
}
