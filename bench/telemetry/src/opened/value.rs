//! Planted values by the name of their slot.

use crate::draw::Draw;
use crate::marked::Marked;
use crate::record::{Class, Plant};

use super::{people, personal, secret, states, token};

/// A value before it stands anywhere.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) class: Class,
    pub(crate) kind: String,
    pub(crate) locale: &'static str,
    pub(crate) value: String,
}

/// A secret.
pub(crate) fn secret(kind: &str, value: String) -> Made {
    Made {
        class: Class::A,
        kind: kind.to_owned(),
        locale: "-",
        value,
    }
}

/// An identifier of a person.
pub(crate) fn person(kind: &str, locale: &'static str, value: String) -> Made {
    Made {
        class: Class::B,
        kind: kind.to_owned(),
        locale,
        value,
    }
}

impl Made {
    /// As text of one plant.
    pub(crate) fn mark(self) -> Marked {
        Marked::planted(Plant {
            start: 0,
            end: 0,
            class: self.class,
            kind: self.kind,
            locale: self.locale,
            encoding: Vec::new(),
            value: self.value,
            free_text: false,
        })
    }
}

/// Short names of slots for kinds that templates use often.
const SHORT: &[(&str, &str)] = &[
    ("pw", "password"),
    ("dsn", "dsn_password"),
    ("key", "api_key"),
    ("bearer", "bearer_token"),
    ("session", "session_cookie"),
    ("sig", "signed_url"),
    ("code", "oauth_code"),
    ("seed", "seed_phrase"),
    ("recovery", "recovery_code"),
    ("hash", "password_hash"),
    ("csecret", "client_secret"),
    ("cipher", "encryption_key"),
    ("answer", "security_answer"),
];

/// What stands at a slot. An unknown name gives itself between signs that no record may hold.
pub(crate) fn slot(draw: &mut Draw, name: &str, argument: &str) -> Marked {
    match name {
        "token" => return token::bare(draw, argument).mark(),
        "named" => {
            let (variable, made) = token::named(draw);
            return Marked::fill(&format!("{variable}=§0"), &[&made.mark()]);
        }
        "pem" => return secret::pem(draw),
        "basic" => return secret::pair64(draw, "basic_auth"),
        "dockerauth" => return secret::pair64(draw, "docker_auth"),
        "authz" => return secret::auth_header(draw),
        "name" => return people::name(draw, argument).mark(),
        "given" => return people::given(draw, argument).mark(),
        "addr" => return people::address(draw, argument).mark(),
        "nid" => return states::number(draw, argument).mark(),
        _ => {}
    }
    let kind = SHORT
        .iter()
        .find(|(short, _)| *short == name)
        .map_or(name, |(_, kind)| kind);
    secret::made(draw, kind)
        .or_else(|| personal::made(draw, name, argument))
        .map_or_else(|| Marked::from(format!("¤{name}¤")), Made::mark)
}
