//! A change that was told, in words.

use cordon_event::{Change, Value};

/// Letters of a commit's id that are shown: as many as git shows where they tell it apart.
const COMMIT_CHARS: usize = 12;

/// What was changed, without the service: `flag checkout.new from off to on: for a tenth`.
pub fn change_text(change: &Change) -> String {
    let mut said = change.kind_word().to_owned();
    if !change.subject.is_empty() {
        said = format!("{said} {}", change.subject);
    }
    if let Some(from) = value_text(&change.from) {
        said = format!("{said} from {from}");
    }
    if let Some(to) = value_text(&change.to).filter(|to| *to != change.subject) {
        said = format!("{said} to {to}");
    }
    if !change.commit.is_empty() {
        said = format!("{said} {}", short(&change.commit));
    }
    if !change.description.is_empty() {
        said = format!("{said}: {}", change.description);
    }
    if change.files_left_out > 0 {
        said = format!("{said} ({} further files not kept)", change.files_left_out);
    }
    said
}

/// A value in words; `None` where there is none.
pub fn value_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(on) => on.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(value_text).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(pairs) => {
            let pair = |(key, value): &(String, Value)| {
                format!("{key}: {}", value_text(value).unwrap_or_default())
            };
            let pairs: Vec<String> = pairs.iter().map(pair).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    })
}

/// The beginning of a commit's id.
pub(crate) fn short(commit: &str) -> &str {
    let end = commit.char_indices().nth(COMMIT_CHARS);
    end.and_then(|(at, _)| commit.get(..at)).unwrap_or(commit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cordon_event::ChangeKind;

    #[test]
    fn changes_are_told_in_words() {
        let flag = Change {
            kind: ChangeKind::Flag,
            subject: "checkout.new".into(),
            from: Value::Bool(false),
            to: Value::Map(vec![("share".into(), Value::Double(0.1))]),
            description: "for a tenth".into(),
            ..Change::default()
        };
        let said = "flag checkout.new from false to {share: 0.1}: for a tenth";
        assert_eq!(change_text(&flag), said);
        let commit = Change {
            word: "commit".into(),
            commit: "0123456789abcdef".into(),
            ..Change::default()
        };
        assert_eq!(change_text(&commit), "commit 0123456789ab");
    }
}
