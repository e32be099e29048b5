//! Fields that tell by their name what stands in them, among harmless ones.

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::marked::Marked;

use super::{noise, value};

/// One name and what stands behind it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) value: Marked,
    /// Whether a writer with types would leave its quotes out.
    pub(crate) is_number: bool,
}

/// A slot and the names that tell it.
struct Row {
    slot: &'static str,
    argument: &'static str,
    names: Vec<&'static str>,
}

/// `slot[:argument]|name,…`, a line each.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let (slot, names) = line.split_once('|')?;
        let (slot, argument) = slot.split_once(':').unwrap_or((slot, ""));
        let names = names.split(',').collect();
        Some(Row {
            slot,
            argument,
            names,
        })
    };
    include_str!("keys.txt").lines().filter_map(row).collect()
});

/// How many fields of each kind are drawn: secrets, persons, numbers of states.
const NATIONAL_PERCENT: u64 = 14;

/// A telling field.
pub(crate) fn telling(draw: &mut Draw) -> Field {
    let is_state = draw.chance(NATIONAL_PERCENT);
    let all: Vec<&Row> = ROWS
        .iter()
        .filter(|row| (row.slot == "nid") == is_state)
        .collect();
    let row = if !is_state && draw.chance(25) {
        let often = [
            "pw", "key", "email", "phone", "token", "ip", "name", "bearer",
        ];
        let all: Vec<&Row> = all
            .into_iter()
            .filter(|row| often.contains(&row.slot))
            .collect();
        *draw.row(&all)
    } else {
        *draw.row(&all)
    };
    let name = draw.of(&row.names);
    let key = styled(draw, name);
    let value = value::slot(draw, row.slot, row.argument);
    let is_solid = is_state && !SIGNED.contains(&row.argument) && draw.chance(35);
    let value = if is_solid { solid(&value) } else { value };
    let is_number = ["otp", "card", "imei"].contains(&row.slot)
        && value.text.chars().all(|c| c.is_ascii_digit())
        && !value.text.starts_with('0');
    Field {
        key,
        value,
        is_number,
    }
}

/// States of which the sign within a number is a part of it.
const SIGNED: &[&str] = &["fi", "hk"];

/// A number without what parts its groups, as columns of numbers hold it.
fn solid(value: &Marked) -> Marked {
    let mut all = value.clone();
    all.text.retain(char::is_alphanumeric);
    for plant in &mut all.plants {
        all.text.clone_into(&mut plant.value);
        plant.end = all.text.len();
    }
    all
}

/// A name in the case of one language or another; dotted ones stay as they are.
fn styled(draw: &mut Draw, name: &'static str) -> String {
    let style = draw.below(8);
    if name.contains('.') || !name.is_ascii() || name.chars().any(|c| c.is_ascii_uppercase()) {
        return name.to_owned();
    }
    let capital = |word: &&str| {
        let (head, tail) = word.split_at(word.len().min(1));
        head.to_uppercase() + tail
    };
    let words: Vec<&str> = name.split('_').collect();
    match style {
        0..3 => name.to_owned(),
        3..5 => {
            let mut all = words.iter();
            let head = all.next().copied().unwrap_or("").to_owned();
            head + &all.map(capital).collect::<String>()
        }
        5 => words.join("-"),
        6 => words.iter().map(capital).collect(),
        _ => name.to_uppercase(),
    }
}

/// Names that nobody minds and what stands behind them.
const HARMLESS: &[(&str, &str)] = &[
    ("plan", "word"),
    ("tier", "word"),
    ("status", "word"),
    ("channel", "word"),
    ("attempt", "n1"),
    ("duration_ms", "n3"),
    ("page", "n1"),
    ("currency", "=EUR,USD,GBP,SEK,BRL"),
    ("region", "region"),
    ("retries", "n1"),
    ("items", "n2"),
    ("shard", "n2"),
    ("queue", "topic"),
    ("build", "sem"),
    ("feature", "word"),
    ("source", "word"),
    ("request_id", "uuid"),
    ("trace_id", "tid"),
    ("commit", "h40"),
    ("created_at", "ts"),
    ("updated", "date"),
    ("order_id", "n9"),
    ("etag", "h32"),
    ("route", "route"),
    ("service", "svc"),
    ("hostname", "host"),
    ("pod", "pod"),
    ("version", "sem"),
    ("amount", "n4"),
    ("offset", "n8"),
    ("digest", "h64"),
    ("enabled", "=true,false"),
    ("token_type", "=Bearer,MAC"),
    ("expires_in", "=3600,7200,900"),
    ("locale", "=de-DE,en-US,fr-FR,pt-BR"),
    ("password_expired", "=true,false"),
    ("key_version", "n1"),
    ("timestamp", "tsm"),
];

/// A field that nobody minds.
fn harmless(draw: &mut Draw) -> Field {
    let (name, place) = *draw.row(HARMLESS);
    let text = noise::noise(draw, place);
    let is_number =
        text.chars().all(|c| c.is_ascii_digit()) || ["true", "false"].contains(&text.as_str());
    Field {
        key: styled(draw, name),
        value: Marked::from(text),
        is_number,
    }
}

/// One to three telling fields among harmless ones, each name once.
pub(crate) fn fields(draw: &mut Draw) -> Vec<Field> {
    let count = *draw.row(&[1, 1, 1, 1, 2, 2, 3]);
    let mut all: Vec<Field> = (0..count).map(|_| telling(draw)).collect();
    for _ in 0..draw.between(1, 4) {
        let at = draw.below(all.len() as u64 + 1) as usize;
        all.insert(at, harmless(draw));
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|field| seen.insert(field.key.to_lowercase()));
    all
}
