//! Presidio's YAML: recognizers with patterns and context words.

use anyhow::Context as _;
use cordon_detect::rules::Foreign;
use saphyr::{LoadableYamlNode as _, Yaml};

use super::import::Candidate;

/// Entities of Presidio whose kind of pseudonym has another name here.
const KINDS: &[(&str, &str)] = &[
    ("EMAIL_ADDRESS", "email"),
    ("PHONE_NUMBER", "phone"),
    ("CREDIT_CARD", "card"),
    ("IBAN_CODE", "iban"),
    ("IP_ADDRESS", "ip"),
    ("MAC_ADDRESS", "mac"),
    ("PERSON", "person"),
    ("LOCATION", "address"),
    ("US_BANK_NUMBER", "account"),
    ("US_SSN", "national"),
    ("US_ITIN", "national"),
    ("US_PASSPORT", "national"),
    ("UK_NHS", "national"),
    ("UK_NINO", "national"),
];

/// The patterns of a file's recognizers.
pub(crate) fn read(text: &str) -> anyhow::Result<Vec<Candidate>> {
    let documents = Yaml::load_from_str(text).context("parse YAML")?;
    let document = documents.first().context("find a document")?;
    let recognizers = document.as_mapping_get("recognizers").unwrap_or(document);
    let list = recognizers
        .as_sequence()
        .context("find a list of recognizers")?;
    Ok(list.iter().flat_map(candidates).collect())
}

fn text<'y>(node: &'y Yaml<'_>, key: &str) -> Option<&'y str> {
    node.as_mapping_get(key)?.as_str()
}

fn list<'y, 'i>(node: &'y Yaml<'i>, key: &str) -> &'y [Yaml<'i>] {
    let list = node.as_mapping_get(key).and_then(Yaml::as_sequence);
    list.map_or(&[], Vec::as_slice)
}

fn candidates(recognizer: &Yaml<'_>) -> Vec<Candidate> {
    let name = text(recognizer, "name").unwrap_or("(no name)").to_owned();
    let patterns = list(recognizer, "patterns");
    if patterns.is_empty() {
        let denied = recognizer.as_mapping_get("deny_list").is_some();
        let reason = if denied {
            "it is a list of words: put them into [redaction.dictionary]"
        } else {
            "it has no patterns of its own"
        };
        return vec![Candidate {
            name,
            rule: Err(reason.to_owned()),
            left: None,
        }];
    }
    let entity = text(recognizer, "supported_entity").unwrap_or("CUSTOM");
    let languages = list(recognizer, "supported_languages").iter();
    let own = list(recognizer, "context").iter();
    let words = own.chain(languages.flat_map(|language| list(language, "context")));
    let words: Vec<String> = words.filter_map(Yaml::as_str).map(str::to_owned).collect();
    let many = patterns.len() > 1;
    let named = (1..).zip(patterns).map(|(n, pattern)| {
        let id = if many {
            format!("{entity}_{n}")
        } else {
            entity.to_owned()
        };
        let shown = text(pattern, "name").unwrap_or(entity);
        let regex = text(pattern, "regex").map(|regex| Foreign {
            id: format!("presidio.{}", id.to_ascii_lowercase()),
            provider: name.clone(),
            description: format!("{shown}."),
            regex: regex.to_owned(),
            group: 0,
            keywords: words.clone(),
            entropy_min: Some(0.0),
            kind: Some(kind(entity)),
        });
        Candidate {
            name: format!("{name}: {shown}"),
            rule: regex.ok_or_else(|| "it has no pattern".to_owned()),
            left: None,
        }
    });
    named.collect()
}

/// The kind of an entity's pseudonyms.
fn kind(entity: &str) -> String {
    let known = KINDS.iter().find(|(name, _)| *name == entity);
    let letters = entity.bytes().filter(u8::is_ascii_alphabetic).take(16);
    let made = letters.map(|b| char::from(b.to_ascii_lowercase()));
    known.map_or_else(|| made.collect(), |(_, kind)| (*kind).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_their_words_are_read() {
        let text = "recognizers:\n  - name: \"Claim Recognizer\"\n    supported_entity: CLAIM_ID\n\
            \x20   patterns:\n      - name: claim\n        regex: \"\\\\bCLM-[0-9]{12}\\\\b\"\n\
            \x20       score: 0.8\n    context: [claim, policy]\n\
            \x20 - name: Titles\n    deny_list: [Mr., Mrs.]\n";
        let [claim, titles]: [Candidate; 2] = read(text).unwrap().try_into().ok().unwrap();
        let claim = claim.rule.unwrap();
        assert_eq!(claim.kind.as_deref(), Some("claimid"));
        assert_eq!(claim.keywords, ["claim", "policy"]);
        assert_eq!(claim.regex, "\\bCLM-[0-9]{12}\\b");
        assert!(titles.rule.unwrap_err().contains("dictionary"));
        assert!(read("recognizers: 3\n").is_err());
    }
}
