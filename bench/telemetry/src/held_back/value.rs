//! Planted values of the held-back half by the name of their slot.

use crate::draw::Draw;
use crate::made::Made;
use crate::marked::Marked;
use crate::states;

use super::{people, personal, secret, token};

/// What stands at a slot. An unknown name gives itself between signs that no record may hold.
pub(crate) fn slot(draw: &mut Draw, name: &str, argument: &str) -> Marked {
    let made = match name {
        "token" => Some(token::bare(draw, argument)),
        "named" => {
            let (variable, made) = token::named(draw);
            let sign = if argument.is_empty() { "=" } else { ": " };
            return Marked::fill(&format!("{variable}{sign}§0"), &[&made.mark()]);
        }
        "name" => Some(people::name(draw, argument)),
        "given" => Some(people::part(draw, "")),
        "family" => Some(people::part(draw, "family")),
        "addr" => Some(people::address(draw, argument)),
        "nid" => Some(states::number(draw, argument)),
        "nidsolid" => Some(solid(states::number(draw, argument))),
        _ => None,
    };
    if let Some(made) = made {
        return made.mark();
    }
    if let Some(composed) = secret::composed(draw, name) {
        return composed;
    }
    secret::made(draw, name)
        .or_else(|| personal::made(draw, name, argument))
        .map_or_else(|| Marked::from(format!("¤{name}¤")), Made::mark)
}

/// A number without what parts its groups, as columns of numbers hold it.
fn solid(mut made: Made) -> Made {
    made.value.retain(char::is_alphanumeric);
    made
}
