//! What stands in clean text for what was removed.

/// Letters of a pseudonym behind its kind.
const ID_BYTES: usize = 24;

/// Whether a word is a pseudonym: a kind, and 24 letters of base32 behind `_`.
pub(super) fn is_one(word: &str) -> bool {
    word.rsplit_once('_').is_some_and(|(_, id)| {
        id.len() == ID_BYTES
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
    })
}

/// A text without pseudonyms and without marks such as `[removed:rule]`.
pub(super) fn without(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("[removed:") {
        words(before, &mut out);
        rest = behind.split_once(']').map_or("", |(_, behind)| behind);
    }
    words(rest, &mut out);
    out
}

/// Writes a text without its pseudonyms.
fn words(text: &str, out: &mut String) {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for word in text.split_inclusive(|c| !inside(c)) {
        let bare = word.trim_end_matches(|c| !inside(c));
        out.push_str(if is_one(bare) {
            word.get(bare.len()..).unwrap_or_default()
        } else {
            word
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{is_one, without};

    #[test]
    fn pseudonyms_and_marks_are_known() {
        let id = format!("user_{}", "a2".repeat(12));
        assert!(is_one(&id) && !is_one("user_a2") && !is_one(&id.to_uppercase()));
        let text = format!("login of {id}, key [removed:key.token] lost");
        assert_eq!(without(&text), "login of , key  lost");
        assert_eq!(without("a [removed:b"), "a ");
        assert_eq!(without("größe 7"), "größe 7");
    }
}
