//! What the names above a value say about it.

use cordon_detect::{ANY_VALUE, KeyVerdict, TokenKind, verdict};

/// Longest name in bytes that is read again for each value below it.
const NAME_BYTES_MAX: usize = 1_024;

/// A name that is read again for each value below it: of a long one its end, where its noun stands.
/// One that says secret as a whole says no less then.
pub(crate) fn bounded(name: &str) -> &str {
    if name.len() <= NAME_BYTES_MAX {
        return name;
    }
    if matches!(verdict(name), KeyVerdict::Secret(_)) {
        return "secret";
    }
    let mut from = name.len() - NAME_BYTES_MAX;
    while !name.is_char_boundary(from) {
        from += 1;
    }
    name.get(from..).unwrap_or_default()
}

/// What the names above a value say about it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Name<'a> {
    /// The name that decides, if any.
    pub(crate) key: Option<&'a str>,
}

impl<'a> Name<'a> {
    /// The name of a member below: a secret's name stays in force for all that is under it.
    pub(crate) fn under(self, key: &'a str) -> Self {
        let holds = self
            .key
            .is_some_and(|k| matches!(verdict(k), KeyVerdict::Secret(_)));
        // The members of OTLP's `AnyValue` (opentelemetry-proto, common.proto) name a type.
        let typed = ANY_VALUE.contains(&key) || matches!(key, "arrayValue" | "array_value");
        let typed = self.key.is_some() && typed;
        // `{"iin": {"value": …}}`.
        let numbered = |k: &str| {
            let found = verdict(k);
            matches!(found, KeyVerdict::Personal(_, kind) if kind != TokenKind::User)
        };
        let inner = matches!(key, "value" | "val" | "v") && self.key.is_some_and(numbered);
        // The type of a member of DynamoDB's items and of Avro's unions in JSON.
        let union = |k: &str| matches!(verdict(k), KeyVerdict::Personal(..));
        let inner = inner || matches!(key, "S" | "N" | "string") && self.key.is_some_and(union);
        // `{"secret": {"name": …, "version": …}}` says which one, not what it is.
        let describes = holds && describes(key);
        if (holds && !describes) || typed || inner {
            self
        } else {
            Self { key: Some(key) }
        }
    }
}

/// Whether a member of a secret's object says something about the secret and is no part of it.
fn describes(key: &str) -> bool {
    const MEMBERS: &[&str] = &[
        "name",
        "version",
        "type",
        "kind",
        "ref",
        "namespace",
        "store",
        "provider",
        "optional",
        "sensitive",
        "description",
        "label",
        "format",
        "length",
        "size",
        "scope",
        "status",
        "state",
        "enabled",
        "required",
        "rotation",
    ];
    let counted = verdict(key) == KeyVerdict::Safe && !key.eq_ignore_ascii_case("id");
    counted
        || MEMBERS
            .iter()
            .any(|member| member.eq_ignore_ascii_case(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_read_by_its_end() {
        assert_eq!(bounded("plan"), "plan");
        for (head, tail) in [
            ("password_", "x_"),
            ("x_", "_api_token"),
            ("a b ", " email"),
        ] {
            let name = format!("{}{tail}", head.repeat(2_000));
            let short = bounded(&name);
            assert!(short.len() <= NAME_BYTES_MAX);
            let kind = |name: &str| std::mem::discriminant(&verdict(name));
            assert_eq!(kind(short), kind(&name), "{head} {tail}");
        }
        let wide = "\u{20ac}".repeat(1_000);
        assert!(wide.ends_with(bounded(&wide)));
    }
}
