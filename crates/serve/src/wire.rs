//! What a page sends and is told, as JSON.
//!
//! *Invariant:* a body is read into what is wanted or refused as a whole; an unknown key is
//! refused, so that nothing travels under a name that this side does not look at.

use cordon_assist::{
    Bytes, ITEMS_COUNT_MAX, NotEvidence, Pasted, PastedKind, QUESTION_CHARS_MAX, Receipt, Removed,
    SYSTEM, fit_together,
};
use cordon_event::{Raw, Value};
use cordon_ledger::ContentDigest;
use data_encoding::HEXLOWER;
use serde_json::{Map, Value as Json, json};

use crate::Refusal;

/// Bytes of a body of an analysis.
pub(crate) const ANALYSIS_BYTES_MAX: usize = 128 << 10;
/// Latest moment that may be asked about: the year 2200, in nanoseconds since the Unix epoch.
const AT_UNIX_NS_MAX: u64 = 7_258_118_400 * 1_000_000_000;

/// An analysis as it was asked for.
pub(crate) struct Wanted {
    pub(crate) question: Raw<String>,
    pub(crate) evidence: Vec<Pasted>,
    pub(crate) uses_store: bool,
    pub(crate) uses_model: bool,
    pub(crate) at_unix_ns: Option<u64>,
    /// What the user saw before sending.
    pub(crate) previewed: Option<Previewed>,
}

/// A preview that the user saw: nothing else is sent, and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Previewed {
    pub(crate) digest: ContentDigest,
    pub(crate) destination: Option<(String, String)>,
}

/// The object that a body is.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Json>, Refusal> {
    let json: Json = serde_json::from_slice(body).map_err(|_| Refusal::JSON_MALFORMED)?;
    match json {
        Json::Object(members) => Ok(members),
        _ => Err(Refusal::JSON_SHAPE),
    }
}

impl Wanted {
    /// Reads a body.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let mut given = object(body)?;
        let question = text(&mut given, "question")?.unwrap_or_default();
        if question.chars().count() > QUESTION_CHARS_MAX {
            return Err(Refusal::QUESTION);
        }
        let evidence = match given.remove("evidence") {
            None => Vec::new(),
            Some(Json::Array(items)) if items.len() > ITEMS_COUNT_MAX => {
                return Err(Refusal::ITEMS_COUNT);
            }
            Some(Json::Array(items)) => items.into_iter().map(item).collect::<Result<_, _>>()?,
            Some(_) => return Err(Refusal::JSON_SHAPE),
        };
        let wanted = Self {
            question: Raw::new(question),
            evidence,
            uses_store: flag(&mut given, "use_store", false)?,
            uses_model: flag(&mut given, "use_model", true)?,
            at_unix_ns: time(&mut given, "at")?,
            previewed: given.remove("previewed").map(previewed).transpose()?,
        };
        all_known(&given)?;
        let fit = fit_together(&wanted.evidence);
        fit.map_err(|not| Refusal::evidence(not.code()))?;
        Ok(wanted)
    }
}

/// `{"digest": "…", "destination": {"url": "…", "model": "…"}}`, as the preview said.
fn previewed(json: Json) -> Result<Previewed, Refusal> {
    let Json::Object(mut given) = json else {
        return Err(Refusal::JSON_SHAPE);
    };
    let digest = text(&mut given, "digest")?.unwrap_or_default();
    let digest = HEXLOWER.decode(digest.as_bytes()).ok();
    let digest = digest.and_then(|bytes| ContentDigest::try_from(bytes).ok());
    let destination = match given.remove("destination") {
        None | Some(Json::Null) => None,
        Some(Json::Object(mut to)) => {
            let (url, model) = (text(&mut to, "url")?, text(&mut to, "model")?);
            all_known(&to)?;
            Some((url.unwrap_or_default(), model.unwrap_or_default()))
        }
        Some(_) => return Err(Refusal::JSON_SHAPE),
    };
    all_known(&given)?;
    Ok(Previewed {
        digest: digest.ok_or(Refusal::JSON_SHAPE)?,
        destination,
    })
}

fn item(json: Json) -> Result<Pasted, Refusal> {
    let Json::Object(mut given) = json else {
        return Err(Refusal::JSON_SHAPE);
    };
    let kind = text(&mut given, "kind")?.and_then(|kind| PastedKind::parse(&kind));
    let kind = kind.ok_or(Refusal::JSON_SHAPE)?;
    let says = text(&mut given, "text")?.unwrap_or_default();
    let component = text(&mut given, "component")?.unwrap_or_default();
    let frames = match given.remove("frames") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(frames)) => {
            let frames = frames.into_iter().map(|frame| match frame {
                Json::String(frame) => Ok(frame),
                _ => Err(Refusal::JSON_SHAPE),
            });
            frames.collect::<Result<_, _>>()?
        }
        Some(_) => return Err(Refusal::JSON_SHAPE),
    };
    let count = number(&mut given, "count")?;
    let time = time(&mut given, "time")?;
    all_known(&given)?;
    let pasted = Pasted::new(kind, says, component, frames, (time, count));
    pasted.map_err(|not: NotEvidence| Refusal::evidence(not.code()))
}

/// A text; absent and null are none.
pub(crate) fn text(given: &mut Map<String, Json>, key: &str) -> Result<Option<String>, Refusal> {
    match given.remove(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::JSON_SHAPE),
    }
}

/// A number that is whole and not negative.
pub(crate) fn number(given: &mut Map<String, Json>, key: &str) -> Result<Option<u64>, Refusal> {
    match given.remove(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Number(number)) => number.as_u64().map(Some).ok_or(Refusal::JSON_SHAPE),
        Some(_) => Err(Refusal::JSON_SHAPE),
    }
}

fn flag(given: &mut Map<String, Json>, key: &str, default: bool) -> Result<bool, Refusal> {
    match given.remove(key) {
        None | Some(Json::Null) => Ok(default),
        Some(Json::Bool(flag)) => Ok(flag),
        Some(_) => Err(Refusal::JSON_SHAPE),
    }
}

fn time(given: &mut Map<String, Json>, key: &str) -> Result<Option<u64>, Refusal> {
    let Some(text) = text(given, key)? else {
        return Ok(None);
    };
    let time = cordon_receive::unix_ns(&Value::String(text));
    let time = time.filter(|time| *time <= AT_UNIX_NS_MAX);
    time.map(Some).ok_or(Refusal::JSON_SHAPE)
}

/// Nothing is left that nobody looked at.
pub(crate) fn all_known(rest: &Map<String, Json>) -> Result<(), Refusal> {
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Refusal::JSON_SHAPE)
    }
}

/// Where prompts go, if anywhere.
pub(crate) type Destination = Option<(String, String)>;

pub(crate) fn destination(to: &Destination) -> Json {
    match to {
        Some((url, model)) => json!({ "url": url, "model": model }),
        None => Json::Null,
    }
}

pub(crate) fn bytes(bytes: Bytes) -> Json {
    json!({ "class_b_bytes": bytes.class_b, "class_c_bytes": bytes.class_c })
}

fn classes(bytes: Bytes) -> Json {
    json!({ "B": bytes.class_b, "C": bytes.class_c })
}

fn removed(removed: &Removed) -> Json {
    let rows = removed.iter().map(
        |((class, rule), count)| json!({ "class": class.as_str(), "rule": rule, "count": count }),
    );
    rows.collect()
}

/// A receipt, with where the prompt went.
pub(crate) fn receipt(receipt: &Receipt, to: &Destination) -> Json {
    let went = to.as_ref().filter(|_| receipt.sent.sum() > 0);
    json!({
        "schema": "cordon.receipt",
        "version": 1,
        "rules_version": receipt.rules_version,
        "removed": removed(&receipt.removed),
        "sent_bytes": receipt.sent.sum(),
        "sent_classes": classes(receipt.sent),
        "shown_bytes": receipt.shown.sum(),
        "destination": went.map(|(url, _)| url),
        "model": went.map(|(_, model)| model),
        "outcome": receipt.outcome,
        "dropped": receipt.dropped,
        "ladder": receipt.ladder,
        "charged": bytes(receipt.charged),
        "budget_left": bytes(receipt.left),
        "audit_seq": receipt.seq,
        "digest": HEXLOWER.encode(&receipt.digest),
    })
}

/// A preview, with where the prompt would go.
pub(crate) fn preview(preview: &cordon_assist::Preview, to: &Destination) -> Json {
    let prompt = preview.prompt.as_ref();
    json!({
        "schema": "cordon.preview",
        "version": 1,
        "prompt": prompt.map(cordon_ledger::Released::get),
        "digest": preview.digest.map(|digest| HEXLOWER.encode(&digest)),
        "system": prompt.map(|_| SYSTEM),
        "bytes": preview.bytes.sum(),
        "classes": classes(preview.bytes),
        "removed": removed(&preview.removed),
        "cost": bytes(preview.cost),
        "budget_left": bytes(preview.left),
        "fits": preview.fits,
        "decision": preview.ladder,
        "destination": destination(to),
        "audit_seq": prompt.map(cordon_ledger::Released::seq),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The code of a body's refusal, or how many items it has.
    fn check(body: &str) -> Result<usize, &'static str> {
        let wanted = Wanted::read(body.as_bytes());
        wanted
            .map(|wanted| wanted.evidence.len())
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn an_analysis_is_read() {
        let full = r#"{"question":"why?","evidence":[{"kind":"stack","text":"no route",
            "component":"cart","frames":["a (b.py:1)"],"time":"2026-01-31T23:59:59Z","count":3},
            {"kind":"log","text":"x","time":null}],"use_store":true,"use_model":false,
            "at":"2026-01-31T23:59:59Z"}"#;
        assert_eq!(check(full), Ok(2));
        assert_eq!(check("{}"), Ok(0));
        let wanted = Wanted::read(full.as_bytes()).unwrap_or_else(|r| panic!("{}", r.code));
        assert!(wanted.uses_store && !wanted.uses_model);
        assert_eq!(wanted.at_unix_ns, Some(1_769_903_999_000_000_000));
        let digest = "ab".repeat(32);
        let to = r#"{"url":"http://m/","model":"x"}"#;
        let seen = format!(r#"{{"previewed":{{"digest":"{digest}","destination":{to}}}}}"#);
        let wanted = Wanted::read(seen.as_bytes()).unwrap_or_else(|r| panic!("{}", r.code));
        let expected = Previewed {
            digest: [0xab; 32],
            destination: Some(("http://m/".to_owned(), "x".to_owned())),
        };
        assert_eq!(wanted.previewed, Some(expected));
    }

    #[test]
    fn what_is_not_an_analysis_is_refused_whole() {
        let many = format!(
            "{{\"evidence\":[{}]}}",
            vec![r#"{"kind":"log","text":"x"}"#; ITEMS_COUNT_MAX + 1].join(",")
        );
        let long = format!(r#"{{"question":"{}"}}"#, "x".repeat(QUESTION_CHARS_MAX + 1));
        let excerpt = format!(
            r#"{{"evidence":[{{"kind":"log","text":"{}"}}]}}"#,
            "x".repeat(161)
        );
        let full = format!(r#"{{"kind":"log","text":"{}"}}"#, "x".repeat(160));
        let stack = format!(
            r#"{{"kind":"stack","text":"x","frames":["{}"]}}"#,
            vec!["y".repeat(160); 8].join("\",\"")
        );
        let crowded = format!(r#"{{"evidence":[{full},{}]}}"#, vec![stack; 10].join(","));
        for (body, code) in [
            ("", "json_malformed"),
            ("{", "json_malformed"),
            ("[]", "json_shape"),
            (r#"{"log":"…"}"#, "json_shape"),
            (r#"{"question":7}"#, "json_shape"),
            (r#"{"evidence":{}}"#, "json_shape"),
            (r#"{"evidence":["x"]}"#, "json_shape"),
            (r#"{"evidence":[{"text":"x"}]}"#, "json_shape"),
            (
                r#"{"evidence":[{"kind":"paste","text":"x"}]}"#,
                "json_shape",
            ),
            (r#"{"evidence":[{"kind":"log"}]}"#, "excerpt_empty"),
            (
                r#"{"evidence":[{"kind":"log","text":"a\nb"}]}"#,
                "pasted_log",
            ),
            (
                r#"{"evidence":[{"kind":"log","text":"x","raw":"y"}]}"#,
                "json_shape",
            ),
            (
                r#"{"evidence":[{"kind":"stack","text":"x","frames":["a\nb"]}]}"#,
                "pasted_log",
            ),
            (
                r#"{"evidence":[{"kind":"log","text":"x","frames":["a"]}]}"#,
                "frames_count",
            ),
            (r#"{"previewed":{}}"#, "json_shape"),
            (r#"{"previewed":{"digest":"00"}}"#, "json_shape"),
            (&crowded, "evidence_too_long"),
            (
                r#"{"evidence":[{"kind":"log","text":"x","count":-1}]}"#,
                "json_shape",
            ),
            (r#"{"at":"yesterday"}"#, "json_shape"),
            (r#"{"at":"9999-01-01T00:00:00Z"}"#, "json_shape"),
            (&many, "items_count"),
            (&long, "question_too_long"),
            (&excerpt, "excerpt_too_long"),
        ] {
            assert_eq!(check(body), Err(code), "{body}");
        }
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(check(&deep), Err("json_malformed"));
    }
}
