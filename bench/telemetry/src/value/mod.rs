//! Values that must not get out: what is planted, with the words that tell what it is.

mod contact;
mod identity;
mod money;
mod national;
#[cfg(test)]
mod national_tests;
mod national_world;
mod net;
mod people;
mod people_table;
mod place;
mod provider;
mod provider_table;
mod secret;

pub(crate) use contact::{email, phone, user_name};
pub(crate) use money::{card, ean13, luhn_number};
pub(crate) use net::ip;
pub(crate) use people::full_name;
pub(crate) use place::street_address;
pub(crate) use provider::provider_token;
pub(crate) use secret::{dsn_password, jwt, pem, strong, weak};

use crate::draw::Draw;
use crate::marked::Marked;
use crate::record::{Class, Plant};

/// A value with what is known of it.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) class: Class,
    pub(crate) kind: String,
    pub(crate) locale: &'static str,
    pub(crate) text: String,
    /// Names of fields that say what it is, their words parted by blanks.
    pub(crate) keys: &'static [&'static str],
    /// What a sentence says before it.
    pub(crate) leads: &'static [&'static str],
    /// Whether its form alone tells what it is.
    pub(crate) is_bare: bool,
    /// Whether only prose tells what it is.
    pub(crate) free_text: bool,
}

impl Value {
    pub(crate) fn new(class: Class, kind: &str, text: String) -> Self {
        Self {
            class,
            kind: kind.to_owned(),
            locale: "-",
            text,
            keys: &[],
            leads: &[],
            is_bare: false,
            free_text: false,
        }
    }

    pub(crate) fn secret(kind: &str, text: String) -> Self {
        Self::new(Class::A, kind, text)
    }

    pub(crate) fn personal(kind: &str, text: String) -> Self {
        Self::new(Class::B, kind, text)
    }

    pub(crate) fn told(
        mut self,
        keys: &'static [&'static str],
        leads: &'static [&'static str],
    ) -> Self {
        (self.keys, self.leads) = (keys, leads);
        self
    }

    pub(crate) fn of(mut self, locale: &'static str) -> Self {
        self.locale = locale;
        self
    }

    pub(crate) fn bare(mut self) -> Self {
        self.is_bare = true;
        self
    }

    /// The same value where only the prose around it tells.
    pub(crate) fn in_prose(mut self) -> Self {
        self.free_text = true;
        self
    }

    /// The value as marked text.
    pub(crate) fn mark(&self) -> Marked {
        Marked::planted(Plant {
            start: 0,
            end: 0,
            class: self.class,
            kind: self.kind.clone(),
            locale: self.locale,
            encoding: Vec::new(),
            value: self.text.clone(),
            free_text: self.free_text,
        })
    }
}

/// A maker of values.
pub(crate) type Make = fn(&mut Draw) -> Value;

/// Makers of secrets that a field can hold, with how often each is drawn.
const SECRETS: &[(u64, Make)] = &[
    (16, secret::password),
    (30, provider::provider_token),
    (12, secret::api_key),
    (6, secret::jwt),
    (5, secret::session_cookie),
    (4, secret::one_time_code),
    (4, secret::pin),
    (3, secret::seed_phrase),
    (3, secret::recovery_code),
    (4, secret::hash_secret),
    (4, secret::client_secret),
    (3, secret::encryption_key),
    (2, secret::security_answer),
];

/// Makers of personal values that a field can hold.
const PERSONAL: &[(u64, Make)] = &[
    (12, contact::email),
    (12, contact::phone),
    (9, money::card),
    (7, money::iban),
    (20, national::national_id),
    (7, net::ip),
    (3, net::mac),
    (8, people::keyed_name),
    (5, place::keyed_address),
    (5, identity::birth),
    (3, identity::passport),
    (3, identity::coordinates),
    (3, money::crypto),
    (5, contact::user_name),
    (2, identity::vin),
    (2, identity::imei),
    (2, identity::driver_licence),
];

fn weighted(draw: &mut Draw, makers: &[(u64, Make)]) -> Option<Value> {
    let mut at = draw.below(makers.iter().map(|(weight, _)| weight).sum());
    for (weight, make) in makers {
        if at < *weight {
            return Some(make(draw));
        }
        at -= weight;
    }
    None
}

/// A secret of any kind.
pub(crate) fn secret(draw: &mut Draw) -> Value {
    weighted(draw, SECRETS).unwrap_or_else(|| secret::password(draw))
}

/// A personal value of any kind that a field can hold.
pub(crate) fn personal(draw: &mut Draw) -> Value {
    weighted(draw, PERSONAL).unwrap_or_else(|| contact::email(draw))
}

/// A value of either class.
pub(crate) fn any(draw: &mut Draw) -> Value {
    if draw.chance(45) {
        secret(draw)
    } else {
        personal(draw)
    }
}

/// A value whose form alone tells what it is.
pub(crate) fn bare(draw: &mut Draw) -> Value {
    for _ in 0..20 {
        let value = any(draw);
        if value.is_bare {
            return value;
        }
    }
    contact::email(draw)
}
