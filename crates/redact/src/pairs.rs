//! Members of an object that say something of a member beside them: the name of a pair, the kind of
//! a value, the other half of a coordinate.

use cordon_detect::{KIND_HOLDERS, KeyVerdict, coordinate, is_one, says_kind, tells, verdict};
use zeroize::Zeroizing;

/// Whether the member holds the value of a pair whose name stands beside it.
pub(crate) fn holds_value(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "value" | "val" | "v" | "values" | "data" | "content" | "default" | "parametervalue"
    )
}

/// Whether both halves of a coordinate are among the names.
pub(crate) fn coordinates<'t>(names: impl Iterator<Item = &'t str>) -> bool {
    let (mut lat, mut lon) = (false, false);
    for half in names.filter_map(coordinate) {
        lat |= half == "latitude";
        lon |= half == "longitude";
    }
    lat && lon
}

/// Whether a member may hold the name of a pair.
pub(crate) fn names_pair(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    matches!(
        lower.as_str(),
        "name" | "key" | "k" | "header" | "field" | "param" | "parameterkey"
    )
}

/// What the members of an object say of the one that holds a value.
pub(crate) struct Said {
    name: Zeroizing<String>,
    holder: Holder,
}

/// Which member holds the value.
#[derive(Clone, Copy)]
enum Holder {
    /// That of a pair: `{"name": "password", "value": …}`.
    Value,
    /// That of a kind: `{"type": "passport", "number": …}`.
    Kind,
    /// What Terraform's `random_password` made.
    Result,
}

impl Said {
    /// The name that governs a member, if it holds the value.
    pub(crate) fn of(&self, member: &str) -> Option<&str> {
        let holds = match self.holder {
            Holder::Value => holds_value(member),
            Holder::Kind => holds_kind(member),
            Holder::Result => member == "result",
        };
        holds.then_some(self.name.as_str())
    }
}

fn holds_kind(member: &str) -> bool {
    KIND_HOLDERS
        .iter()
        .any(|name| name.eq_ignore_ascii_case(member))
}

/// Most members of an object that may say of what kind another is: for each, the others are read.
const KINDS_COUNT_MAX: usize = 4;

/// The name in `{"name": "password", "value": …}`, and in `{"type": "password", "value": …}`.
pub(crate) fn paired<'t>(
    mut members: impl Iterator<Item = (&'t str, Option<&'t str>)> + Clone,
) -> Option<Said> {
    let values = members.clone().filter(|(key, _)| holds_kind(key));
    let has = |name: &str| members.clone().any(|(key, _)| key == name);
    if has("result") && has("special") && has("length") {
        let (name, holder) = (Zeroizing::new("password".to_owned()), Holder::Result);
        return Some(Said { name, holder });
    }
    let mut kinds = 0;
    members.find_map(|(key, value)| {
        let name = value.filter(|v| v.len() <= 96)?;
        let named = || {
            matches!(
                verdict(name),
                KeyVerdict::Secret(_) | KeyVerdict::Personal(..)
            )
        };
        if names_pair(key) {
            return named().then(|| Said {
                name: Zeroizing::new(name.to_owned()),
                holder: Holder::Value,
            });
        }
        let one = |(_, held): (&str, Option<&str>)| held.is_none_or(|held| is_one(key, held));
        kinds += usize::from(says_kind(key));
        let few = kinds <= KINDS_COUNT_MAX && says_kind(key);
        let kind = few && tells(key, name) && values.clone().all(one);
        kind.then(|| Said {
            name: Zeroizing::new(name.to_owned()),
            holder: Holder::Kind,
        })
    })
}
