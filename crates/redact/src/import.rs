//! Files of secrets that are known to be live, read into values whose digests alone are kept.
//!
//! | format | what is taken |
//! |---|---|
//! | lines | each line that is not empty |
//! | env | of `NAME=value` lines what is a secret: by its name, its form, or within a URL |
//! | vault | every text below `data` of `vault kv get -format=json`, engine version 1 or 2 |
//!
//! *Why not all of an env file:* `production` or `8080` as a known secret would go from every log.

use cordon_detect::{Context, Detector};
use cordon_event::{Class, Raw};
use serde_json::Value as Json;
use zeroize::Zeroize as _;

use crate::env_file::{Assignment, assignments};
use crate::known::is_coarse;

/// Secrets of one file.
const SECRETS_COUNT_MAX: usize = 100_000;
/// Longest name of a secret in bytes that is kept as its label.
const LABEL_BYTES_MAX: usize = 64;
/// Nesting of an exported listing that is followed.
const DEPTH_MAX: usize = 32;

/// How a file of secrets is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// One secret a line.
    Lines,
    /// `NAME=value` lines.
    Env,
    /// What `vault kv get -format=json` prints.
    Vault,
}

impl ImportFormat {
    /// The format that a text looks like.
    #[must_use]
    pub fn of(text: &Raw<String>) -> Self {
        let text = text.expose_raw();
        if text.trim_start().starts_with('{') && serde_json::from_str::<Json>(text).is_ok() {
            return Self::Vault;
        }
        // A secret in base64 may end in `=`, and its letters are of both cases.
        let one_case = |name: &str| {
            let has = |case: fn(&u8) -> bool| name.as_bytes().iter().any(case);
            !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase))
        };
        let says = |a: &Assignment<'_>| one_case(a.name) && *a.value != "=";
        let is_env = assignments(text).is_some_and(|all| !all.is_empty() && all.iter().all(says));
        if is_env { Self::Env } else { Self::Lines }
    }
}

/// A secret and what it is called.
pub struct ImportedSecret {
    /// Its name where it has one that is fit to be shown; else the number of its line.
    pub label: String,
    /// The secret.
    pub value: Raw<String>,
}

impl ImportedSecret {
    /// Whether it is found where it is a whole value, and not within a longer text.
    pub fn is_found_alone(&self) -> bool {
        self.value.expose_raw().contains(is_coarse)
    }
}

/// Reads secrets; `None` where the text is not of the format, or has more than 100,000. Values that
/// could not be found again (shorter than 8 bytes, longer than 4,096) are left to the caller.
pub fn import(format: ImportFormat, text: &Raw<String>) -> Option<Vec<ImportedSecret>> {
    let text = text.expose_raw();
    let mut out = Vec::new();
    match format {
        ImportFormat::Lines => {
            let lines = text.lines().map(str::trim).enumerate();
            let lines = lines.filter(|(_, line)| !line.is_empty());
            out.extend(lines.map(|(i, line)| secret(&format!("line {}", i + 1), line)));
        }
        ImportFormat::Env => {
            let detector = Detector::default();
            for assignment in assignments(text)? {
                env(&detector, &assignment, &mut out);
            }
        }
        ImportFormat::Vault => {
            let mut json: Json = serde_json::from_str(text).ok()?;
            let found = json.get("data").map(|data| {
                // Version 2 keeps the values one level below, beside their metadata.
                let inner = data.get("metadata").and_then(|_| data.get("data"));
                vault(inner.unwrap_or(data), "", 0, &mut out);
            });
            wipe(&mut json);
            found?;
        }
    }
    (out.len() <= SECRETS_COUNT_MAX).then_some(out)
}

fn secret(label: &str, value: &str) -> ImportedSecret {
    ImportedSecret {
        label: label.to_owned(),
        value: Raw::new(value.to_owned()),
    }
}

/// The name where it is fit to be shown.
fn label(name: &str, line: usize) -> String {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/');
    if (1..=LABEL_BYTES_MAX).contains(&name.len()) && name.bytes().all(fits) {
        name.to_owned()
    } else {
        format!("line {line}")
    }
}

/// What is secret of one assignment: the whole value by its name, or parts of it by their form.
fn env(detector: &Detector, assignment: &Assignment<'_>, out: &mut Vec<ImportedSecret>) {
    let Assignment { name, value, line } = assignment;
    let context = Context {
        key: Some(name),
        safe: None,
    };
    let found = detector.scan(value, &context);
    for f in found.iter().filter(|f| f.class == Class::A) {
        let part = value.get(f.start..f.end).unwrap_or("");
        out.push(secret(&label(name, *line), part));
    }
}

/// Every text below, by the names above it.
fn vault(json: &Json, path: &str, depth: usize, out: &mut Vec<ImportedSecret>) {
    if depth > DEPTH_MAX {
        return;
    }
    match json {
        Json::String(text) => out.push(secret(&label(path, out.len() + 1), text)),
        Json::Number(n) => out.push(secret(&label(path, out.len() + 1), &n.to_string())),
        Json::Array(items) => items
            .iter()
            .for_each(|item| vault(item, path, depth + 1, out)),
        Json::Object(members) => {
            for (key, value) in members {
                let below = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                vault(value, &below, depth + 1, out);
            }
        }
        Json::Null | Json::Bool(_) => {}
    }
}

/// Overwrites every text in a document that is no longer needed.
fn wipe(json: &mut Json) {
    match json {
        Json::String(text) => text.zeroize(),
        Json::Array(items) => items.iter_mut().for_each(wipe),
        Json::Object(members) => members.values_mut().for_each(wipe),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, format: ImportFormat, want: &[(&str, &str)]) {
        let text = Raw::new(text.to_owned());
        assert_eq!(ImportFormat::of(&text), format);
        let found = import(format, &text).unwrap();
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|s| (s.label.as_str(), s.value.expose_raw().as_str()))
            .collect();
        assert_eq!(found, want);
    }

    #[test]
    fn lines_are_taken_as_they_are() {
        let want = [("line 1", "Tulip=garden 7"), ("line 3", "# blue")];
        check("Tulip=garden 7\n\n# blue\r\n", ImportFormat::Lines, &want);
    }

    #[test]
    fn of_an_env_file_what_is_secret() {
        let text = "# local\nexport NODE_ENV=production\nPORT=8080\n\
                    DB_PASSWORD='tulip garden 7'\nAPI_KEY=\"a\\\"Tulip7x9Q\" \n\
                    DATABASE_URL=postgres://app:tulip7garden@db:5432/x\n\
                    SECRET_KEY=Zq9tulip77 # old\n";
        let want = [
            ("DB_PASSWORD", "tulip garden 7"),
            ("API_KEY", "a\"Tulip7x9Q"),
            ("DATABASE_URL", "tulip7garden"),
            ("SECRET_KEY", "Zq9tulip77"),
        ];
        check(text, ImportFormat::Env, &want);
    }

    #[test]
    fn of_a_vault_listing_every_text_below_data() {
        let text = r#"{"request_id":"7c1e","data":{"data":{"user":"app-user","db":{"pw":"tulip7"}},
                       "metadata":{"version":3}}}"#;
        let want = [("user", "app-user"), ("db.pw", "tulip7")];
        check(text, ImportFormat::Vault, &want);
        let old = r#"{"data":{"bad name!":"tulip7"},"lease_id":"x"}"#;
        check(old, ImportFormat::Vault, &[("line 1", "tulip7")]);
    }

    #[test]
    fn what_is_not_of_its_format_is_refused() {
        for (format, text) in [
            (ImportFormat::Env, "no assignment"),
            (ImportFormat::Vault, "no json"),
            (ImportFormat::Vault, "{\"x\":1}"),
        ] {
            assert!(
                import(format, &Raw::new(text.to_owned())).is_none(),
                "{text}"
            );
        }
    }
}
