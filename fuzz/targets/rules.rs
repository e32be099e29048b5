//! Rule packs: arbitrary TOML is refused or loads; what loads can be held to its cases and asked.
//! Arbitrary patterns of other catalogues are refused, or come out as packs that load.
#![no_main]

use std::sync::Arc;

use cordon_detect::rules::{Foreign, RuleSet, import};
use cordon_detect::{Context, Detector, DetectorConfig};
use libfuzzer_sys::fuzz_target;
use toml::{Table, Value};

fuzz_target!(|data: &[u8]| {
    let Some((choice, read)) = cordon_fuzz::chosen(data) else {
        return;
    };
    match choice % 3 {
        0 => loaded(&named(&read)),
        1 => loaded(&pack(&read)),
        _ => imported(choice, &read),
    }
});

fn loaded(pack: &str) {
    let Ok(rules) = RuleSet::load(&[pack]) else {
        return;
    };
    let faults = rules.verify();
    assert_eq!(
        faults,
        rules.verify(),
        "holding rules to their cases depends on chance"
    );
    let detector = Detector::with_rules(DetectorConfig::default(), Arc::new(rules));
    let context = Context::default();
    let found = detector.scan(pack, &context);
    assert_eq!(
        found,
        detector.scan_every_byte(pack, &context),
        "the screens leave something out"
    );
}

/// The pack with ids of ours: a process holds a limited number of them.
fn named(text: &str) -> String {
    let Ok(mut table) = text.parse::<Table>() else {
        return text.to_owned(); // refused before an id is read
    };
    let own = |table: &mut Table, key: &str, id: String| {
        if table.contains_key(key) {
            table.insert(key.to_owned(), Value::String(id));
        }
    };
    own(&mut table, "pack", "fuzz".to_owned());
    let defaults = table.get_mut("defaults").and_then(Value::as_table_mut);
    defaults
        .into_iter()
        .for_each(|table| own(table, "kind", "fuzz".to_owned()));
    let rules = table.get_mut("rule").and_then(Value::as_array_mut);
    for (n, rule) in rules
        .into_iter()
        .flatten()
        .filter_map(Value::as_table_mut)
        .enumerate()
    {
        own(rule, "id", format!("fuzz{}", n % 16));
        own(rule, "kind", "fuzz".to_owned());
    }
    table.to_string()
}

/// A pack of one rule whose pattern, prefix and cases are the input's lines.
fn pack(read: &str) -> String {
    let mut lines = read.split('\n');
    let mut next = || lines.next().unwrap_or_default().to_owned();
    let (anchor, word, pattern) = (next(), next(), next());
    let anchor = if anchor.len() % 2 == 0 {
        "prefix"
    } else {
        "keywords"
    };
    let cases = [next(), next(), next(), next()];
    let texts = |texts: &[String]| Value::Array(texts.iter().cloned().map(Value::String).collect());
    let text = |text: &str| Value::String(text.to_owned());
    let rule: Table = [
        ("id", text("fuzz.rule")),
        ("version", Value::Integer(1)),
        ("class", text("A")),
        ("action", text("remove")),
        ("stage", text("enforce")),
        ("provider", text("Fuzz")),
        ("description", text("A rule.")),
        (anchor, texts(&[word])),
        ("pattern", text(&pattern)),
        ("positives", texts(cases.get(..2).unwrap_or_default())),
        ("near_misses", texts(cases.get(2..).unwrap_or_default())),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    let mut table = Table::new();
    table.insert("pack".to_owned(), text("fuzz"));
    table.insert("rule".to_owned(), Value::Array(vec![Value::Table(rule)]));
    table.to_string()
}

fn imported(choice: u8, read: &str) {
    let (keywords, regex) = read.split_once('\n').unwrap_or(("", read));
    let foreign = Foreign {
        id: "fuzz.foreign".to_owned(),
        provider: "Fuzz".to_owned(),
        description: "A rule.".to_owned(),
        regex: regex.to_owned(),
        group: u32::from(choice / 3 % 4),
        keywords: keywords.split(',').map(str::to_owned).collect(),
        entropy_min: None,
        kind: None,
    };
    let Ok(rule) = import(&foreign) else { return };
    let pack = format!("pack = \"fuzz\"\n\n{rule}");
    let rules = RuleSet::load(&[&pack]).expect("what was imported loads");
    assert_eq!(
        rules.verify(),
        [],
        "what was imported does not hold its cases"
    );
}
