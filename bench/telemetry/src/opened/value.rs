//! Planted values by the name of their slot.

use crate::draw::Draw;
use crate::made::Made;
use crate::marked::Marked;
use crate::states;

use super::{people, personal, secret, token};

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
