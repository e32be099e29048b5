//! The table that tests of identifiers are written in.

use crate::ident::find;
use crate::ident::rule::{Form, RULES, Rule};

/// For each row: behind a label of the rule the first text is found whole under the rule, the
/// second is not found under it. Without a label the first is found only where a shape says so.
pub(crate) fn check(rows: &[(&str, &str, &str)]) {
    let wrong: Vec<String> = rows.iter().filter_map(row).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// For each row: what is found in the text at the place whose character is the first that fits.
pub(crate) fn check_texts(first: fn(char) -> bool, rows: &[(&str, Option<&str>)]) {
    for (text, wanted) in rows {
        let from = text.find(first).unwrap_or(0);
        let found = find(text, from).map(|f| text.get(f.start..f.end).unwrap_or(""));
        assert_eq!(found, *wanted, "{text}");
    }
}

fn row((id, right, broken): &(&str, &str, &str)) -> Option<String> {
    let rules: Vec<&&Rule> = RULES.iter().filter(|rule| rule.id == *id).collect();
    let label = rules
        .iter()
        .find_map(|rule| rule.labels.first())
        .unwrap_or(&"x");
    let bare = rules.iter().any(|rule| match rule.form {
        Form::Shapes(shapes, _) => shapes.iter().any(|shape| shape.starts_with('!')),
        Form::Reader(_) => false,
    });
    let ask = |text: &str, from: usize| {
        let found = find(text, from)?;
        let whole = found.start == from && text.len() - found.end <= 5;
        (found.rule == *id && whole).then_some(())
    };
    let labelled = |value: &str| {
        let text = format!("{label}: {value} done");
        ask(&text, label.len() + 2)
    };
    if labelled(right).is_none() {
        return Some(format!("{id}: {right} is not found"));
    }
    if labelled(broken).is_some() {
        return Some(format!("{id}: {broken} is found"));
    }
    let alone = format!("{right} done");
    let found = find(&alone, 0).map(|f| f.rule);
    if !bare && found.is_some() {
        return Some(format!(
            "{id}: {right} is found as {found:?} without a label"
        ));
    }
    None
}

#[test]
fn labels_are_one_or_two_words() {
    for label in RULES.iter().flat_map(|rule| rule.labels) {
        let words = label.split(' ').count();
        let plain = label
            .chars()
            .all(|c| c == ' ' || !c.is_ascii() || c.is_ascii_alphanumeric());
        assert!(plain && (1..=2).contains(&words), "{label:?}");
        assert_eq!(label.to_lowercase(), **label);
    }
}

#[test]
fn rules_fit_their_mask() {
    assert!(RULES.len() < 255, "{}", RULES.len());
}
