//! Class C without class B: pseudonyms become the kind of thing they stand for.
//!
//! *Why so:* a standing grant covers class C alone; telling two persons apart is class B and needs
//! a session.

use cordon_detect::is_pseudonym;

/// Kinds of identifiers that are digests of structure, not of a person's data.
const STRUCTURAL: [&str; 2] = ["fp", "tpl"];

/// The text with `<kind>` in the place of every pseudonym.
pub fn generalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
        } else {
            push_word(&word, &mut out);
            word.clear();
            out.push(c);
        }
    }
    push_word(&word, &mut out);
    out
}

fn push_word(word: &str, out: &mut String) {
    match word.rsplit_once('_') {
        Some((kind, _)) if is_personal(word) => {
            out.push('<');
            out.push_str(kind);
            out.push('>');
        }
        _ => out.push_str(word),
    }
}

/// Bytes that the pseudonyms of a text take: what of it is class B.
pub(crate) fn pseudonym_bytes(text: &str) -> u64 {
    let words = pseudonym_like(text);
    let personal = words.iter().filter(|word| is_personal(word));
    personal.map(|word| word.len() as u64).sum()
}

fn is_personal(word: &str) -> bool {
    let kind = word.rsplit_once('_').map(|(kind, _)| kind);
    is_pseudonym(word) && kind.is_some_and(|kind| !STRUCTURAL.contains(&kind))
}

/// Words of the text that have the form of a pseudonym.
pub(crate) fn pseudonym_like(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter(|word| is_pseudonym(word))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_go_and_fingerprints_stay() {
        let digest = "abcdefghijklmnopqrstuvwx";
        let text = format!("user email_{digest} in fp_{digest}, email_short");
        assert_eq!(
            generalise(&text),
            format!("user <email> in fp_{digest}, email_short")
        );
    }
}
