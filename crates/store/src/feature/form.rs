//! The stored form of features.

use std::borrow::Cow;
use std::collections::BTreeMap;

use cordon_redact::Stored;
use serde_json::{Value as Json, json};

use crate::feature::value::{Dimension, Features, Tally, Value};
use crate::subject::Subjects;

impl Stored for Features {
    fn encode(&self) -> Cow<'_, [u8]> {
        let values: Vec<Json> = self.values.iter().map(row).collect();
        let gone: Vec<_> = self.gone.iter().collect();
        json!({ "values": values, "slots": self.slots, "gone": gone })
            .to_string()
            .into_bytes()
            .into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let json: Json = serde_json::from_slice(bytes).ok()?;
        let values = json.get("values")?.as_array()?.iter().map(from_row);
        let slots = json.get("slots")?.as_object()?.iter().map(|(name, slot)| {
            let slot = u32::try_from(slot.as_u64()?).ok()?;
            Some((name.clone(), slot))
        });
        // What an earlier build wrote remembers none.
        let gone = json.get("gone").and_then(Json::as_array);
        let gone = gone.into_iter().flatten().map(|row| {
            let number = |i: usize| row.get(i).and_then(Json::as_u64);
            Some((number(0)?, number(1)?))
        });
        Some(Self {
            gone: gone.collect::<Option<_>>()?,
            values: values.collect::<Option<_>>()?,
            slots: slots.collect::<Option<BTreeMap<_, _>>>()?,
        })
    }
}

fn row((value, tally): (&Value, &Tally)) -> Json {
    json!([
        value.dimension.as_str(),
        value.component,
        value.text,
        tally.count,
        tally.first_unix_ns,
        tally.last_unix_ns,
        tally.folded,
        tally.subjects.encode(),
        tally.returned,
    ])
}

fn from_row(row: &Json) -> Option<(Value, Tally)> {
    let text = |i: usize| row.get(i).and_then(Json::as_str);
    let number = |i: usize| row.get(i).and_then(Json::as_u64);
    let value = Value {
        dimension: Dimension::parse(text(0)?)?,
        component: text(1)?.to_owned(),
        text: text(2)?.to_owned(),
    };
    let tally = Tally {
        count: number(3)?,
        first_unix_ns: number(4)?,
        last_unix_ns: number(5)?,
        folded: number(6)?,
        subjects: Subjects::decode(row.get(7))?,
        returned: row.get(8).and_then(Json::as_bool).unwrap_or(false),
    };
    Some((value, tally))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_survive_the_round_trip() {
        let value = Value {
            dimension: Dimension::Release,
            component: "cart \"q\"".into(),
            text: "1.0".into(),
        };
        let mut subjects = Subjects::default();
        subjects.observe([(2, 9)]);
        let tally = Tally {
            count: 3,
            first_unix_ns: 1,
            last_unix_ns: 2,
            subjects,
            folded: 0,
            returned: true,
        };
        let features = Features {
            values: BTreeMap::from([
                (value, tally),
                (Value::other(Dimension::Region), Tally::default()),
            ]),
            slots: BTreeMap::from([("cart".to_owned(), 7)]),
            gone: BTreeMap::from([(u64::MAX, 3)]),
        };
        assert_eq!(Features::decode(&features.encode()), Some(features));
        assert_eq!(Features::decode(b"{\"values\":[[]],\"slots\":{}}"), None);
    }
}
