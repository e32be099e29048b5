//! A policy as JSON: the keys of `[redaction]` in `cordon.toml`, with texts in the place of files.
//!
//! `canaries` and `known_secrets` are lists of values, `rules` a list of packs as TOML, and `terms`
//! texts that somebody selected in the page, which go wherever they stand. An unknown key is an
//! error, never ignored: a misspelt control would be a gap.

use std::sync::Arc;

use cordon_detect::rules::RuleSet;
use cordon_redact::{Action, KnownSet, NameScope, Policy, PseudonymMac, Term, Unknown};
use serde_json::{Map, Value};

use crate::Error;

/// Keys of a policy.
const KEYS: [&str; 18] = [
    "actions",
    "canaries",
    "dictionary",
    "file_paths",
    "free_text",
    "host_names",
    "ip_addresses",
    "keep_fields",
    "known_secrets",
    "name_fields",
    "names",
    "organisations",
    "places",
    "receipt_digests",
    "rules",
    "survive",
    "terms",
    "unknown",
];
/// Lists of a dictionary, and the kind of their pseudonyms.
const LISTS: [(&str, &str); 5] = [
    ("services", "service"),
    ("hosts", "host"),
    ("customers", "customer"),
    ("terms", "term"),
    ("fields", "field"),
];
/// What is said of unknown fields and free text.
const TREATMENTS: &str = "one of scan, template, drop";

/// Reads a policy; an empty text is the default one. `mac` tags the known secrets. Beside it stands
/// which texts are to be searched for names: none are before the recogniser is there.
pub(crate) fn read(text: &str, mac: &dyn PseudonymMac) -> Result<(Policy, NameScope), Error> {
    let mut policy = Policy::default();
    if !text.trim().is_empty() {
        keys(&mut policy, text, mac)?;
    }
    let names = policy.names;
    if !cordon_detect::names::is_loaded() {
        policy.names = NameScope::Off;
    }
    Ok((policy, names))
}

fn keys(policy: &mut Policy, text: &str, mac: &dyn PseudonymMac) -> Result<(), Error> {
    let value: Value = serde_json::from_str(text).map_err(|error| Error::Json {
        line: error.line(),
        column: error.column(),
    })?;
    let fields = table("policy", &value)?;
    known(fields, &KEYS)?;
    for (key, value) in fields {
        switch(policy, key, value)?;
        list(policy, key, value, mac)?;
        choice(policy, key, value)?;
    }
    Ok(())
}

/// Keys that are yes or no.
fn switch(policy: &mut Policy, key: &str, value: &Value) -> Result<(), Error> {
    let switch = match key {
        "ip_addresses" => &mut policy.ip,
        "host_names" => &mut policy.hosts,
        "file_paths" => &mut policy.paths,
        "places" => &mut policy.places,
        "organisations" => &mut policy.organisations,
        "receipt_digests" => &mut policy.receipt_digests,
        _ => return Ok(()),
    };
    *switch = value.as_bool().ok_or_else(|| wrong(key, "true or false"))?;
    Ok(())
}

/// Keys that are lists of texts.
fn list(
    policy: &mut Policy,
    key: &str,
    value: &Value,
    mac: &dyn PseudonymMac,
) -> Result<(), Error> {
    let names = match key {
        "keep_fields" => &mut policy.allow,
        "survive" => &mut policy.survive,
        "name_fields" => &mut policy.name_fields,
        "canaries" => {
            policy.canaries = texts(key, value)?.map(str::to_owned).collect();
            return Ok(());
        }
        "terms" => {
            policy.selected = texts(key, value)?.flat_map(selected).collect();
            return Ok(());
        }
        "known_secrets" => {
            for known in texts(key, value)? {
                policy.known.insert(&KnownSet::digest(mac, known));
            }
            return Ok(());
        }
        "rules" => {
            let packs: Vec<&str> = texts(key, value)?.collect();
            let rules = RuleSet::builtin_and(&packs);
            let rules = rules.map_err(|error| Error::Rules(error.to_string()))?;
            if let Some(fault) = rules.verify_added().first() {
                return Err(Error::Rules(fault.to_string()));
            }
            policy.rules = Arc::new(rules);
            return Ok(());
        }
        _ => return Ok(()),
    };
    names.extend(texts(key, value)?.map(str::to_owned));
    Ok(())
}

/// Keys that choose among a few.
fn choice(policy: &mut Policy, key: &str, value: &Value) -> Result<(), Error> {
    let treatment = || {
        let said = value.as_str().and_then(Unknown::parse);
        said.ok_or_else(|| wrong(key, TREATMENTS))
    };
    match key {
        "unknown" => policy.unknown = treatment()?,
        "free_text" => policy.free_text = treatment()?,
        "names" => {
            policy.names = match value.as_str() {
                Some("off") => NameScope::Off,
                Some("fields") => NameScope::Fields,
                Some("lines") => NameScope::Lines,
                _ => return Err(wrong(key, "one of off, fields, lines")),
            };
        }
        "actions" => {
            for (kind, action) in table(key, value)? {
                let parsed = action.as_str().and_then(Action::parse);
                let parsed =
                    parsed.ok_or_else(|| wrong(kind, "one of remove, mask, pseudonym, keep"))?;
                policy.actions.set(kind, parsed)?;
            }
        }
        "dictionary" => dictionary(policy, table(key, value)?)?,
        _ => {}
    }
    Ok(())
}

fn dictionary(policy: &mut Policy, lists: &Map<String, Value>) -> Result<(), Error> {
    known(lists, &LISTS.map(|(list, _)| list))?;
    for (list, kind) in LISTS {
        let Some(words) = lists.get(list) else {
            continue;
        };
        let terms = texts(list, words)?.map(|text| Term {
            text: text.to_owned(),
            kind,
        });
        if list == "fields" {
            policy.fields.extend(terms);
        } else {
            policy.dictionary.extend(terms);
        }
    }
    Ok(())
}

/// The texts that stand in lines where somebody selected this one: each of its lines, and where it
/// was selected in a literal of JSON, what that stands for.
fn selected(text: &str) -> impl Iterator<Item = String> + '_ {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| {
        let escaped = line.contains('\\');
        let plain = escaped.then(|| serde_json::from_str(&format!("\"{line}\"")));
        let plain = plain.and_then(Result::ok).filter(|plain| plain != line);
        std::iter::once(line.to_owned()).chain(plain)
    })
}

fn wrong(key: &str, wanted: &'static str) -> Error {
    Error::Value {
        key: key.to_owned(),
        wanted,
    }
}

fn table<'v>(key: &str, value: &'v Value) -> Result<&'v Map<String, Value>, Error> {
    value.as_object().ok_or_else(|| wrong(key, "an object"))
}

fn texts<'v>(key: &str, value: &'v Value) -> Result<impl Iterator<Item = &'v str>, Error> {
    let list = value
        .as_array()
        .filter(|list| list.iter().all(Value::is_string));
    let list = list.ok_or_else(|| wrong(key, "a list of texts"))?;
    Ok(list.iter().filter_map(Value::as_str))
}

fn known(fields: &Map<String, Value>, known: &[&str]) -> Result<(), Error> {
    let unknown = fields.keys().find(|key| !known.contains(&key.as_str()));
    unknown.map_or(Ok(()), |key| {
        Err(Error::Unknown {
            key: key.clone(),
            known: known.join(", "),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::PageMac;

    fn check(text: &str) -> Result<Policy, String> {
        let mac = PageMac::new(&[7; crate::KEY_BYTES]).unwrap();
        let read = read(text, &mac).map_err(|error| error.to_string());
        read.map(|(policy, _)| policy)
    }

    #[test]
    fn nothing_said_is_the_default() {
        for text in ["", " \n", "{}"] {
            let policy = check(text).unwrap();
            assert!(
                policy.ip && !policy.hosts && policy.canaries.is_empty(),
                "{text:?}"
            );
        }
    }

    #[test]
    fn every_key_says_something() {
        let said = r#"{"ip_addresses": false, "host_names": true, "file_paths": true,
            "places": true, "organisations": true, "receipt_digests": true, "names": "off",
            "keep_fields": ["a"], "survive": ["b"], "name_fields": ["c"], "canaries": ["canary-1"],
            "known_secrets": ["known-one"], "rules": [], "unknown": "drop", "free_text": "template",
            "actions": {"ip": "keep"}, "terms": ["Blue Heron"],
            "dictionary": {"services": ["s1"], "hosts": [], "customers": [], "terms": [],
                           "fields": ["f1"]}}"#;
        let value: Value = serde_json::from_str(said).unwrap();
        assert_eq!(value.as_object().unwrap().len(), KEYS.len());
        let policy = check(said).unwrap();
        assert!(!policy.ip && policy.hosts && policy.paths && policy.places);
        assert!(policy.organisations && policy.receipt_digests && !policy.known.is_empty());
        assert_eq!(
            (policy.names, policy.unknown),
            (NameScope::Off, Unknown::Drop)
        );
        assert_eq!(policy.free_text, Unknown::Template);
        assert_eq!((policy.allow.len(), policy.survive.len()), (1, 1));
        assert_eq!((policy.dictionary.len(), policy.fields.len()), (1, 1));
        assert_eq!(policy.selected, ["Blue Heron"]);
        assert_eq!((policy.canaries.len(), policy.name_fields.len()), (1, 1));
    }

    #[test]
    fn what_was_selected_is_looked_for_line_by_line_and_unescaped() {
        let policy = check(r#"{"terms": ["one\n  two ", "M\\u00fcller \\\"x\\\""]}"#).unwrap();
        let want = ["one", "two", r#"M\u00fcller \"x\""#, "Müller \"x\""];
        assert_eq!(policy.selected, want);
    }

    #[test]
    fn what_cannot_be_meant_is_an_error() {
        for (text, want) in [
            ("{\"ip\": false}", "read policy: unknown key `ip`"),
            (
                "{\"names\": \"some\"}",
                "read policy: `names` is not one of off",
            ),
            (
                "{\"survive\": [1]}",
                "read policy: `survive` is not a list of texts",
            ),
            (
                "{\"actions\": {\"ip\": \"hide\"}}",
                "read policy: `ip` is not one of remove",
            ),
            (
                "{\"actions\": {\"class_a\": \"keep\"}}",
                "set action of class_a",
            ),
            (
                "{\"dictionary\": {\"word\": []}}",
                "read policy: unknown key `word`",
            ),
            ("{\"rules\": [\"pack = 1\"]}", "read policy: "),
            ("{\n  \"names\": }", "read policy at line 2, column"),
            ("[]", "read policy: `policy` is not an object"),
        ] {
            let refusal = check(text).err().unwrap();
            assert!(refusal.starts_with(want), "{text}: {refusal}");
        }
    }
}
