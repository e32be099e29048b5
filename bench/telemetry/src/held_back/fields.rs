//! Fields of the held-back half that tell by their name what stands in them, among harmless ones.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::draw::Draw;
use crate::marked::Marked;

use super::{noise, value};

/// One name in words parted by `_`, and what stands behind it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: &'static str,
    pub(crate) value: Marked,
}

/// A slot, its argument and the names that tell it.
type Row = (&'static str, &'static str, Vec<&'static str>);

/// `slot[:argument]|name,…`, a line each.
static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let (slot, names) = line.split_once('|')?;
        let (slot, argument) = slot.split_once(':').unwrap_or((slot, ""));
        Some((slot, argument, names.split(',').collect()))
    };
    include_str!("keys.txt").lines().filter_map(row).collect()
});

/// Of a hundred telling fields, those with a number of a state, and those of the kinds that
/// records hold most often.
const STATE_PERCENT: u64 = 15;
const OFTEN_PERCENT: u64 = 22;
const OFTEN: &[&str] = &[
    "pw", "email", "ip", "user", "name", "phone", "bearer", "card",
];

/// A telling field.
fn telling(draw: &mut Draw) -> Field {
    let is_state = draw.chance(STATE_PERCENT);
    let is_often = draw.chance(OFTEN_PERCENT);
    let fits = |row: &&Row| match (is_state, is_often) {
        (true, _) => row.0 == "nid",
        (false, true) => OFTEN.contains(&row.0),
        (false, false) => row.0 != "nid",
    };
    let all: Vec<&Row> = ROWS.iter().filter(fits).collect();
    let (slot, argument, names) = *draw.row(&all);
    let slot = match *slot {
        // Within a number of these the sign is a part of it.
        "nid" if !["fi", "hk"].contains(argument) && draw.chance(40) => "nidsolid",
        slot => slot,
    };
    Field {
        key: draw.of(names),
        value: value::slot(draw, slot, argument),
    }
}

/// Names that nobody minds and what stands behind them.
const HARMLESS: &[(&str, &str)] = &[
    ("state", "word"),
    ("attempts", "n1"),
    ("elapsed_ms", "n3"),
    ("currency", "cur"),
    ("zone", "zone"),
    ("batch_size", "n2"),
    ("partition", "n2"),
    ("queue_name", "queue"),
    ("release", "ver"),
    ("correlation_id", "uuid"),
    ("sha", "h40"),
    ("updated_at", "iso"),
    ("invoice_no", "n7"),
    ("checksum", "h64"),
    ("endpoint", "route"),
    ("component", "mod"),
    ("node", "host"),
    ("pod_name", "pod"),
    ("total_cents", "n5"),
    ("sequence", "n8"),
    ("dry_run", "=true,false"),
    ("grant_type", "=client_credentials,refresh_token,password"),
    ("expires_in", "=1800,3600,86400"),
    ("ui_language", "lang"),
    ("password_policy", "=strict,legacy,nist"),
    ("token_count", "n4"),
    ("key_rotation_days", "=30,90,365"),
    ("account_type", "=savings,checking,business"),
    ("card_brand", "=visa,mastercard,amex"),
    ("email_verified", "=true,false"),
    ("phone_type", "=mobile,landline"),
    ("plan_name", "plan"),
    ("table", "table"),
    ("http_status", "status"),
    ("country_code", "country"),
    ("reason", "reason"),
    ("event_id", "ulid"),
];

/// A field that nobody minds.
fn harmless(draw: &mut Draw) -> Field {
    let (key, place) = *draw.row(HARMLESS);
    Field {
        key,
        value: Marked::from(noise::noise(draw, place)),
    }
}

/// One to three telling fields among harmless ones, each name once.
pub(crate) fn fields(draw: &mut Draw) -> Vec<Field> {
    let count = *draw.row(&[1, 1, 1, 2, 2, 3]);
    let mut all: Vec<Field> = (0..count).map(|_| telling(draw)).collect();
    for _ in 0..draw.between(1, 4) {
        let at = draw.below(all.len() as u64 + 1) as usize;
        all.insert(at, harmless(draw));
    }
    let mut seen = BTreeSet::new();
    all.retain(|field| seen.insert(field.key));
    all
}
