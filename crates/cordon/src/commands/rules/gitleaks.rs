//! Catalogues in gitleaks' TOML, and in Betterleaks', which grew out of it.

use anyhow::Context as _;
use cordon_detect::rules::Foreign;

use super::import::Candidate;

/// The rules of a catalogue.
pub(crate) fn read(text: &str, source: &str) -> anyhow::Result<Vec<Candidate>> {
    let table: toml::Table = text.parse().context("parse TOML")?;
    let rules = table.get("rules").and_then(toml::Value::as_array);
    let rules = rules.context("find [[rules]]")?;
    Ok(rules.iter().map(|rule| candidate(rule, source)).collect())
}

fn candidate(rule: &toml::Value, source: &str) -> Candidate {
    let text = |key: &str| {
        rule.get(key)
            .and_then(toml::Value::as_str)
            .unwrap_or_default()
    };
    let name = text("id").to_owned();
    let lists = ["allowlist", "allowlists", "required"];
    let left = lists
        .iter()
        .any(|key| rule.get(*key).is_some())
        .then_some("its allow-list or its companions are not kept");
    let foreign = if text("regex").is_empty() {
        Err("it has no pattern: it looks at names of files".to_owned())
    } else if text("path").is_empty() {
        Ok(foreign(rule, &name, source))
    } else {
        Err("it holds in files of one name alone".to_owned())
    };
    Candidate {
        name,
        rule: foreign,
        left,
    }
}

fn foreign(rule: &toml::Value, name: &str, source: &str) -> Foreign {
    let text = |key: &str| {
        rule.get(key)
            .and_then(toml::Value::as_str)
            .unwrap_or_default()
    };
    let keywords = rule.get("keywords").and_then(toml::Value::as_array);
    let keywords = keywords
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str);
    let group = rule.get("secretGroup").and_then(toml::Value::as_integer);
    let number = |value: &toml::Value| {
        value
            .as_float()
            .or_else(|| value.as_integer().map(|n| n as f64))
    };
    let entropy = rule.get("entropy").and_then(number);
    let plain = name.to_ascii_lowercase().replace('-', "_");
    Foreign {
        id: format!("{source}.{plain}"),
        provider: name.split('-').next().unwrap_or(name).to_owned(),
        description: text("description").to_owned(),
        regex: text("regex").to_owned(),
        group: group.and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
        keywords: keywords.map(str::to_owned).collect(),
        entropy_min: entropy
            .or_else(|| filtered(text("filter")))
            .filter(|n| *n <= 8.0),
        kind: None,
    }
}

/// The entropy below which Betterleaks' filter drops a secret.
fn filtered(filter: &str) -> Option<f64> {
    let (_, rest) = filter.split_once("entropy(finding[\"secret\"])")?;
    let rest = rest
        .trim_start()
        .trim_start_matches(['<', '='])
        .trim_start();
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_dialects_are_read() {
        let text = "title = \"x\"\n[[rules]]\nid = \"acme-key\"\ndescription = \"d\"\n\
            regex = '''\\b(acme_[a-f0-9]{32})\\b'''\nentropy = 3\nkeywords = [\"acme\"]\n\
            [[rules]]\nid = \"a-file\"\npath = '''x'''\n\
            [[rules]]\nid = \"other\"\nregex = '''o_[a-z0-9]{20}'''\n\
            filter = '''\nentropy(finding[\"secret\"]) <= 2.5\n|| false\n'''\n";
        let [acme, file, other]: [Candidate; 3] =
            read(text, "gitleaks").unwrap().try_into().ok().unwrap();
        let acme = acme.rule.unwrap();
        assert_eq!(
            (acme.id.as_str(), acme.entropy_min),
            ("gitleaks.acme_key", Some(3.0))
        );
        assert!(file.rule.is_err());
        assert_eq!(other.rule.unwrap().entropy_min, Some(2.5));
        assert!(read("[[rule]]\n", "gitleaks").is_err());
    }
}
