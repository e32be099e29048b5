//! The stored form of an event: versioned JSON, written and read by hand.
//!
//! *Why so:* the stored form outlives the types, so it is not derived from them. JSON costs a
//! little space and buys forward compatibility: unknown members are ignored.
//!
//! Values map to JSON one to one, except for those that JSON cannot say: `{"$bytes": hex}`,
//! `{"$double": "NaN" | "inf" | "-inf"}` and `{"$map": [[key, value], …]}`, which keeps order and
//! duplicates.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Map, Number, Value as Json, json};
use thiserror::Error;

use crate::limits::VALUE_DEPTH_MAX;
use crate::{
    Batch, Entry, Event, EventId, Kind, Quarantined, Region, SealedRaw, Severity, SpanId,
    SpanStatus, TenantId, TraceId, Value,
};

/// Version written into every encoded event and batch.
pub const VERSION: u64 = 1;

/// Stored bytes that are not an encoded event or batch.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not JSON at all.
    #[error("decode stored form: not JSON")]
    Syntax,
    /// JSON of another shape.
    #[error("decode stored form: member {0} missing or of the wrong type")]
    Member(&'static str),
    /// A version this build does not know.
    #[error("decode stored form: version {0} is not known")]
    Version(u64),
    /// Nested deeper than [`VALUE_DEPTH_MAX`].
    #[error("decode stored form: nested too deep")]
    Depth,
}

/// Encodes an event.
pub fn encode_event(event: &Event) -> Vec<u8> {
    event_json(event).to_string().into_bytes()
}

/// Decodes what [`encode_event`] wrote.
pub fn decode_event(bytes: &[u8]) -> Result<Event, DecodeError> {
    event_from(&serde_json::from_slice(bytes).map_err(|_| DecodeError::Syntax)?)
}

/// Decodes the JSON form of a batch that journals before [`packed`](crate::packed) hold: a line of
/// its own members, then a line for each entry.
pub(crate) fn decode_batch(bytes: &[u8]) -> Result<Batch, DecodeError> {
    // A line break in a text is written as an escape, so lines are members.
    let mut lines = bytes
        .split(|b| *b == b'\n')
        .map(|line| serde_json::from_slice::<Json>(line).map_err(|_| DecodeError::Syntax));
    let head = lines.next().unwrap_or(Err(DecodeError::Syntax))?;
    check_version(&head)?;
    let mac = text(&head, "request")?;
    let request_mac = HEXLOWER
        .decode(mac.as_bytes())
        .ok()
        .and_then(|b| b.try_into().ok())
        .ok_or(DecodeError::Member("request"))?;
    let tenant = TenantId::parse(text(&head, "tenant")?);
    let region = Region::parse(text(&head, "region")?);
    let entries: Vec<(EventId, Entry)> = lines
        .map(|line| entry_from(&line?))
        .collect::<Result<_, _>>()?;
    if entries.len() as u64 != number(&head, "entries")? {
        return Err(DecodeError::Member("entries"));
    }
    Ok(Batch {
        tenant: tenant.map_err(|_| DecodeError::Member("tenant"))?,
        region: region.map_err(|_| DecodeError::Member("region"))?,
        request_mac,
        received_unix_ns: number(&head, "received")?,
        removed: items(&head, "removed")?
            .iter()
            .map(removed_from)
            .collect::<Result<_, _>>()?,
        entries,
        facts: Vec::new(),
    })
}

fn removed_json(removed: &[(String, String, u64)]) -> Json {
    removed.iter().map(|(c, r, n)| json!([c, r, n])).collect()
}

fn removed_from(json: &Json) -> Result<(String, String, u64), DecodeError> {
    let bad = DecodeError::Member("removed");
    let at = |i: usize| json.get(i).and_then(Json::as_str).map(str::to_owned);
    match (at(0), at(1), json.get(2).and_then(Json::as_u64)) {
        (Some(class), Some(rule), Some(count)) => Ok((class, rule, count)),
        _ => Err(bad),
    }
}

fn quarantined_json(q: &Quarantined) -> Json {
    let mut json = json!({
        "reason": q.reason,
        "rule": q.rule,
        "paths": q.paths,
        "source": q.source,
        "removed": removed_json(&q.removed),
        "kind": q.kind.as_str(),
        "time": q.time_unix_ns,
    });
    if let (Some(sealed), Some(members)) = (&q.sealed, json.as_object_mut()) {
        let bytes = BASE64.encode(&sealed.bytes);
        members.insert("sealed".to_owned(), json!([bytes, sealed.until_unix_s]));
    }
    json
}

fn sealed_from(json: &Json) -> Result<SealedRaw, DecodeError> {
    let bytes = json.get(0).and_then(Json::as_str);
    let bytes = bytes.and_then(|text| BASE64.decode(text.as_bytes()).ok());
    let until_unix_s = json.get(1).and_then(Json::as_u64);
    let both = bytes.zip(until_unix_s);
    let (bytes, until_unix_s) = both.ok_or(DecodeError::Member("sealed"))?;
    Ok(SealedRaw {
        bytes,
        until_unix_s,
    })
}

fn quarantined_from(json: &Json) -> Result<Quarantined, DecodeError> {
    let paths = items(json, "paths")?.iter().filter_map(Json::as_str);
    Ok(Quarantined {
        reason: text(json, "reason")?.to_owned(),
        rule: text(json, "rule")?.to_owned(),
        paths: paths.map(str::to_owned).collect(),
        source: text(json, "source")?.to_owned(),
        removed: items(json, "removed")?
            .iter()
            .map(removed_from)
            .collect::<Result<_, _>>()?,
        // Members that earlier versions did not write.
        kind: json
            .get("kind")
            .and_then(Json::as_str)
            .and_then(Kind::parse)
            .unwrap_or_default(),
        time_unix_ns: json.get("time").and_then(Json::as_u64).unwrap_or_default(),
        sealed: json.get("sealed").map(sealed_from).transpose()?,
    })
}

/// Encodes a quarantined entry.
pub fn encode_quarantined(held: &Quarantined) -> Vec<u8> {
    quarantined_json(held).to_string().into_bytes()
}

/// Decodes what [`encode_quarantined`] wrote.
pub fn decode_quarantined(bytes: &[u8]) -> Result<Quarantined, DecodeError> {
    quarantined_from(&serde_json::from_slice(bytes).map_err(|_| DecodeError::Syntax)?)
}

fn entry_from(json: &Json) -> Result<(EventId, Entry), DecodeError> {
    let id = EventId::parse(text(json, "id")?).map_err(|_| DecodeError::Member("id"))?;
    if let Some(event) = json.get("event") {
        return Ok((id, Entry::Event(event_from(event)?)));
    }
    let q = json
        .get("quarantined")
        .ok_or(DecodeError::Member("quarantined"))?;
    Ok((id, Entry::Quarantined(quarantined_from(q)?)))
}

fn event_json(event: &Event) -> Json {
    let mut out = Map::new();
    let mut put = |key: &str, value: Json| {
        let empty = value.is_null() || value.as_str() == Some("") || value.as_u64() == Some(0);
        if !empty {
            out.insert(key.to_owned(), value);
        }
    };
    put("v", VERSION.into());
    put("kind", event.kind.as_str().into());
    put("time", event.time_unix_ns.into());
    put("end", event.end_unix_ns.into());
    put("severity", event.severity.0.into());
    put("status", status_number(event.status).into());
    put(
        "trace",
        event
            .trace_id
            .map_or(Json::Null, |id| id.to_string().into()),
    );
    put(
        "span",
        event.span_id.map_or(Json::Null, |id| id.to_string().into()),
    );
    put(
        "parent",
        event
            .parent_span_id
            .map_or(Json::Null, |id| id.to_string().into()),
    );
    put("name", event.name.as_str().into());
    if event.trace_flags != 0 {
        put("trace_flags", event.trace_flags.into());
    }
    put("trace_state", event.trace_state.as_str().into());
    out.insert("body".into(), value_json(&event.body));
    out.insert("attributes".into(), pairs_json(&event.attributes));
    out.insert("resource".into(), pairs_json(&event.resource));
    out.insert("scope".into(), pairs_json(&event.scope));
    Json::Object(out)
}

fn event_from(json: &Json) -> Result<Event, DecodeError> {
    check_version(json)?;
    let optional = |key: &str| json.get(key).and_then(Json::as_str);
    let kind = Kind::parse(text(json, "kind")?).ok_or(DecodeError::Member("kind"))?;
    let severity = u8::try_from(number_or_zero(json, "severity"));
    Ok(Event {
        kind,
        time_unix_ns: number_or_zero(json, "time"),
        end_unix_ns: number_or_zero(json, "end"),
        severity: Severity(severity.map_err(|_| DecodeError::Member("severity"))?),
        status: status_from(number_or_zero(json, "status")),
        trace_id: optional("trace").and_then(|t| TraceId::parse(t).ok()),
        span_id: optional("span").and_then(|t| SpanId::parse(t).ok()),
        parent_span_id: optional("parent").and_then(|t| SpanId::parse(t).ok()),
        name: optional("name").unwrap_or_default().to_owned(),
        trace_flags: u32::try_from(number_or_zero(json, "trace_flags"))
            .map_err(|_| DecodeError::Member("trace_flags"))?,
        trace_state: optional("trace_state").unwrap_or_default().to_owned(),
        body: value_from(json.get("body").unwrap_or(&Json::Null), 0)?,
        attributes: pairs_from(json, "attributes")?,
        resource: pairs_from(json, "resource")?.into(),
        scope: pairs_from(json, "scope")?.into(),
    })
}

const fn status_number(status: SpanStatus) -> u64 {
    match status {
        SpanStatus::Unset => 0,
        SpanStatus::Ok => 1,
        SpanStatus::Error => 2,
    }
}

const fn status_from(number: u64) -> SpanStatus {
    match number {
        1 => SpanStatus::Ok,
        2 => SpanStatus::Error,
        _ => SpanStatus::Unset,
    }
}

fn pairs_json(pairs: &[(String, Value)]) -> Json {
    pairs
        .iter()
        .map(|(k, v)| json!([k, value_json(v)]))
        .collect()
}

fn pairs_from(json: &Json, key: &'static str) -> Result<Vec<(String, Value)>, DecodeError> {
    items(json, key)?
        .iter()
        .map(|pair| pair_from(pair, key, 0))
        .collect()
}

fn pair_from(
    pair: &Json,
    member: &'static str,
    depth: usize,
) -> Result<(String, Value), DecodeError> {
    let key = pair
        .get(0)
        .and_then(Json::as_str)
        .ok_or(DecodeError::Member(member))?;
    let value = pair.get(1).ok_or(DecodeError::Member(member))?;
    Ok((key.to_owned(), value_from(value, depth)?))
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Double(n) => match Number::from_f64(*n) {
            Some(number) => Json::Number(number),
            None => json!({ "$double": n.to_string() }),
        },
        Value::String(text) => text.as_str().into(),
        Value::Bytes(bytes) => json!({ "$bytes": HEXLOWER.encode(bytes) }),
        Value::Array(items) => items.iter().map(value_json).collect(),
        Value::Map(pairs) => json!({ "$map": pairs_json(pairs) }),
    }
}

fn value_from(json: &Json, depth: usize) -> Result<Value, DecodeError> {
    if depth > VALUE_DEPTH_MAX {
        return Err(DecodeError::Depth);
    }
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n
            .as_i64()
            .map_or_else(|| Value::Double(n.as_f64().unwrap_or(f64::NAN)), Value::Int),
        Json::String(text) => Value::String(text.clone()),
        Json::Array(items) => Value::Array(
            items
                .iter()
                .map(|v| value_from(v, depth + 1))
                .collect::<Result<_, _>>()?,
        ),
        Json::Object(members) => tagged_from(members, depth)?,
    })
}

fn tagged_from(members: &Map<String, Json>, depth: usize) -> Result<Value, DecodeError> {
    let bad = DecodeError::Member("value");
    if let Some(hex) = members.get("$bytes").and_then(Json::as_str) {
        return HEXLOWER
            .decode(hex.as_bytes())
            .map(Value::Bytes)
            .map_err(|_| bad);
    }
    if let Some(number) = members.get("$double").and_then(Json::as_str) {
        return number.parse().map(Value::Double).map_err(|_| bad);
    }
    let pairs = members.get("$map").and_then(Json::as_array).ok_or(bad)?;
    let pairs = pairs.iter().map(|p| pair_from(p, "value", depth + 1));
    Ok(Value::Map(pairs.collect::<Result<_, _>>()?))
}

fn check_version(json: &Json) -> Result<(), DecodeError> {
    match number(json, "v")? {
        VERSION => Ok(()),
        other => Err(DecodeError::Version(other)),
    }
}

fn text<'a>(json: &'a Json, key: &'static str) -> Result<&'a str, DecodeError> {
    json.get(key)
        .and_then(Json::as_str)
        .ok_or(DecodeError::Member(key))
}

fn number(json: &Json, key: &'static str) -> Result<u64, DecodeError> {
    json.get(key)
        .and_then(Json::as_u64)
        .ok_or(DecodeError::Member(key))
}

fn number_or_zero(json: &Json, key: &str) -> u64 {
    json.get(key).and_then(Json::as_u64).unwrap_or_default()
}

fn items<'a>(json: &'a Json, key: &'static str) -> Result<&'a Vec<Json>, DecodeError> {
    json.get(key)
        .and_then(Json::as_array)
        .ok_or(DecodeError::Member(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Event {
        Event {
            kind: Kind::Span,
            time_unix_ns: 1_700_000_000_000_000_001,
            severity: Severity::ERROR,
            status: SpanStatus::Error,
            trace_id: Some(TraceId([7; 16])),
            name: "charge".into(),
            body: Value::Map(vec![
                ("a".into(), Value::Int(-1)),
                ("a".into(), Value::Null),
            ]),
            attributes: vec![
                ("blob".into(), Value::Bytes(vec![0, 255])),
                ("rate".into(), Value::Double(1.0)),
                ("worst".into(), Value::Double(f64::INFINITY)),
                (
                    "list".into(),
                    Value::Array(vec![Value::Bool(true), "x".into()]),
                ),
            ],
            ..Event::default()
        }
    }

    #[test]
    fn an_event_survives_the_round_trip() {
        let event = sample();
        assert_eq!(decode_event(&encode_event(&event)), Ok(event));
    }

    #[test]
    fn damage_is_an_error_with_a_name() {
        assert_eq!(decode_event(b"{"), Err(DecodeError::Syntax));
        assert_eq!(decode_event(b"{}"), Err(DecodeError::Member("v")));
        assert_eq!(decode_event(br#"{"v":9}"#), Err(DecodeError::Version(9)));
        let deep = format!(
            "{{\"v\":1,\"kind\":\"log\",\"body\":{}1{}}}",
            "[".repeat(40),
            "]".repeat(40)
        );
        assert_eq!(decode_event(deep.as_bytes()), Err(DecodeError::Depth));
    }
}
