//! The walk over an event: every text, name, number and byte in it.

use std::borrow::Cow;

use cordon_detect::{OwnIds, coordinate, joined, utf16};
use cordon_event::{Class, Event, Shared, Value, attr};
use zeroize::{Zeroize as _, Zeroizing};

use crate::minimise::{Mode, RawText};
use crate::name::{Name, bounded};
use crate::number::Number;
use crate::pairs::{coordinates, paired};
use crate::redactor::Redactor;
use crate::remembered::{As, Origin, Remembered};
use crate::schema::{SCHEMA_PATH_BYTES_MAX, ValueTypes};
use crate::sieve::Settled;
use crate::work::{Work, listed};
use crate::{PseudonymMac, Unknown, change};

/// Redacts every field in its place. Identifiers of the event itself are known not to be secrets.
///
/// What is settled is known to be clean.
pub(crate) fn event(work: &mut Work<'_>, event: &mut Event, settled: Settled) {
    let mut foreign = 0;
    let is_settled = settled.name()
        && settled.body()
        && settled.attributes(event.attributes.len())
        && event.trace_state.is_empty()
        && work.knows_origin(Origin::Resource, &event.resource)
        && work.knows_origin(Origin::Scope, &event.scope);
    // Where nothing is read, nothing is asked about them.
    if !is_settled {
        (work.safe, foreign) = own_ids(event);
    }
    if !settled.name() {
        text(work, &mut event.name, Name::default(), "name");
    }
    text(work, &mut event.trace_state, Name::default(), "trace_state");
    if !settled.body() {
        body(work, &mut event.body);
    }
    if !settled.attributes(event.attributes.len()) {
        let known = |i| settled.attribute(i);
        pairs_but(
            work,
            &mut event.attributes,
            Name::default(),
            "attributes",
            known,
        );
    }
    change::close(work, event);
    work.origin(
        Origin::Resource,
        foreign,
        &mut event.resource,
        |work, fields| {
            pairs(work, fields, Name::default(), "resource");
        },
    );
    work.origin(
        Origin::Scope,
        usize::MAX,
        &mut event.scope,
        |work, fields| {
            pairs(work, fields, Name::default(), "scope");
        },
    );
}

/// Whether a field's name stays as it is, by itself.
pub(crate) fn is_clean_name(redactor: &Redactor, mac: &dyn PseudonymMac, name: &str) -> bool {
    let mut work = Work::new(redactor, mac);
    let replaced = key(&mut work, name, "attributes");
    let is_noted = !work.receipt.findings.is_empty() || work.canary;
    replaced.is_none() && !is_noted && redactor.second().hit(name).is_none()
}

/// The body: fields where it has them, free text where it is that.
fn body(work: &mut Work<'_>, slot: &mut Value) {
    let Value::String(text) = slot else {
        value(work, slot, Name::default(), "body");
        return;
    };
    let treatment = work.free_text(text);
    let (len, before) = (text.len(), work.mode);
    if treatment == Unknown::Template {
        work.mode = Mode::Template;
    }
    value(work, slot, Name::default(), "body");
    work.mode = before;
    if treatment == Unknown::Drop && len > 0 {
        work.say("schema.free_text", Class::B, "body", len);
        slot.zeroize();
        *slot = "[removed:schema.free_text]".into();
    }
}

fn text(work: &mut Work<'_>, slot: &mut String, name: Name<'_>, path: &str) {
    let judged = (name, path, slot.as_str());
    let clean = work.text_unless_remembered(judged, |work| {
        let clean = work.text(slot, name, path);
        (clean != *slot).then_some(clean)
    });
    if let Some(clean) = clean {
        replace(slot, clean);
    }
}

/// The name of a field, where it does not stay.
fn key(work: &mut Work<'_>, key: &str, path: &str) -> Option<String> {
    work.unless_remembered(As::Key, (Name::default(), path, key), |work| {
        let clean = work.key(key, path);
        (clean != key).then_some(clean)
    })
}

/// What stands for a number, where it does not stay.
fn number(work: &mut Work<'_>, number: &str, name: Name<'_>, path: &str) -> Option<Number> {
    work.unless_remembered(As::Number, (name, path, number), |work| {
        work.number(number, name, path)
    })
}

/// Puts the clean text in the raw one's place, and wipes that.
fn replace(slot: &mut String, clean: String) {
    std::mem::replace(slot, clean).zeroize();
}

/// Identifiers of the event itself: of its trace, and what it calls its request, revision or
/// container, where that has the form of a digest or a UUID. Returns how many do not stand in its
/// resource; they are the first.
fn own_ids(event: &Event) -> (OwnIds, usize) {
    let mut ids = Vec::new();
    ids.extend(event.trace_id.iter().map(ToString::to_string));
    ids.extend(event.span_id.iter().map(ToString::to_string));
    ids.extend(event.parent_span_id.iter().map(ToString::to_string));
    add_ids(&mut ids, &event.attributes);
    ids.retain(|id| is_hex_id(id));
    let foreign = ids.len();
    add_ids(&mut ids, &event.resource);
    ids.retain(|id| is_hex_id(id));
    (OwnIds::new(ids), foreign)
}

fn add_ids(ids: &mut Vec<String>, fields: &[(String, Value)]) {
    let named = fields
        .iter()
        .filter(|(key, _)| ID_FIELDS.contains(&key.as_str()));
    ids.extend(named.filter_map(|(_, value)| value.as_str().map(str::to_owned)));
}

/// Names of fields that hold an identifier of the event, its release or its machine.
const ID_FIELDS: &[&str] = &[
    "request.id",
    "request_id",
    "http.request.id",
    "vcs.ref.head.revision",
    "service.version",
    "service.instance.id",
    "git.commit.sha",
    "k8s.pod.uid",
    "container.id",
];

/// Hex digits, with dashes as in a UUID, and with a letter among them: a card or telephone number
/// has none.
fn is_hex_id(id: &str) -> bool {
    let hex = id.bytes().filter(u8::is_ascii_hexdigit).count();
    let dashes = id.bytes().filter(|b| *b == b'-').count();
    (HEX_ID_CHARS_MIN..=HEX_ID_CHARS_MAX).contains(&hex)
        && hex + dashes == id.len()
        && (dashes == 0 || (dashes, hex) == (4, 32))
        && id.bytes().any(|b| matches!(b | 0x20, b'a'..=b'f'))
}

/// Whether an identifier of an event may stand in a text, also encoded: whatever became of it may
/// be otherwise in the next event.
pub(crate) fn may_hold_id(text: &str) -> bool {
    let escaped = |b: u8| !b.is_ascii() || matches!(b, b'\\' | b'%' | b'&' | b'"' | b'\'');
    let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=');
    let runs = text
        .split(|c| !joins(c))
        .filter(|run| run.len() >= HEX_ID_CHARS_MIN);
    let is_made = |run: &str| {
        let digit = run.bytes().any(|b| b.is_ascii_digit());
        let upper = run.bytes().skip(1).any(|b| b.is_ascii_uppercase());
        let hex = |b: u8| b.is_ascii_hexdigit() || b == b'-';
        run.bytes().all(hex) || run.len() >= ENCODED_ID_CHARS_MIN && (digit || upper)
    };
    text.bytes().any(escaped) || runs.into_iter().any(is_made)
}

/// Shortest encoded form of an identifier: base64 of seven digits.
const ENCODED_ID_CHARS_MIN: usize = 10;
const HEX_ID_CHARS_MIN: usize = 7;
const HEX_ID_CHARS_MAX: usize = 64;

fn pairs(work: &mut Work<'_>, all: &mut Vec<(String, Value)>, name: Name<'_>, path: &str) {
    pairs_but(work, all, name, path, |_| false);
}

/// Longest path of a field in bytes; longer than any that a schema may name.
const PATH_BYTES_MAX: usize = 2 * SCHEMA_PATH_BYTES_MAX;

/// The path of a member. What is below a long one has its path: a name is copied for each that is
/// below it.
fn below<'p>(path: &'p str, name: &str) -> Cow<'p, str> {
    if path.len() + name.len() < PATH_BYTES_MAX {
        Cow::Owned(format!("{path}.{name}"))
    } else if path.ends_with(BEYOND) {
        Cow::Borrowed(path)
    } else {
        Cow::Owned(format!("{path}{BEYOND}"))
    }
}

/// What a path ends with that is cut. No schema approves it: no learned path is as long.
const BEYOND: &str = ".\u{2026}";

/// All but those that are known to be clean.
fn pairs_but(
    work: &mut Work<'_>,
    all: &mut Vec<(String, Value)>,
    name: Name<'_>,
    path: &str,
    is_known: impl Fn(usize) -> bool,
) {
    let said = paired(all.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let placed = coordinates(all.iter().map(|(k, _)| k.as_str()));
    let mut gone = Vec::new();
    for (i, (raw_key, inner)) in all.iter_mut().enumerate() {
        if is_known(i) {
            continue;
        }
        let replaced = key(work, raw_key, path);
        let clean = replaced.as_deref().unwrap_or(raw_key);
        // A name says what it will say when it is read again.
        let owned = name.key.and_then(|owner| joined(owner, clean));
        let governing: &str = if let Some(owned) = &owned {
            owned
        } else if let Some(name) = said.as_ref().and_then(|said| said.of(clean)) {
            name
        } else {
            let half = placed.then(|| coordinate(clean)).flatten();
            half.unwrap_or(clean)
        };
        let governing = bounded(governing);
        let below = below(path, clean);
        let entered = work.enter(&below, raw_key, || ValueTypes::of(inner));
        let raw = RawText::of(&entered, inner);
        value(work, inner, name.under(governing), &below);
        if !work.leave(&entered, &below, &raw, inner) {
            gone.push(i);
        }
        if let Some(clean) = replaced {
            replace(raw_key, clean);
        }
    }
    if !gone.is_empty() {
        let mut i = 0..;
        all.retain_mut(|(key, _)| {
            let stays = i.next().is_some_and(|i| gone.binary_search(&i).is_err());
            if !stays {
                key.zeroize();
            }
            stays
        });
    }
}

fn value(work: &mut Work<'_>, any: &mut Value, name: Name<'_>, path: &str) {
    match any {
        Value::Null | Value::Bool(_) => {}
        Value::Int(n) => {
            if let Some(clean) = number(work, &n.to_string(), name, path) {
                *any = clean.into_value();
            }
        }
        Value::Double(n) => {
            if let Some(clean) = number(work, &double_text(*n), name, path) {
                *any = clean.into_double();
            }
        }
        Value::String(slot) => text(work, slot, name, path),
        Value::Bytes(bytes) => {
            if let Some(clean) = blob(work, bytes, name, path) {
                bytes.zeroize();
                *any = Value::String(clean);
            }
        }
        Value::Map(all) => pairs(work, all, name, path),
        Value::Array(items) => {
            // Names first: an item's name is the item before it, which is replaced before it.
            let texts: Vec<Option<&str>> = items.iter().map(Value::as_str).collect();
            let names: Vec<Option<String>> = (0..items.len())
                .map(|i| listed(&texts, i).map(str::to_owned))
                .collect();
            let mut arguments = work.arguments(&texts).into_iter();
            for (item, own) in items.iter_mut().zip(&names) {
                let key = own.as_deref().or(name.key);
                let before = work.receipt.findings.len();
                value(work, item, Name { key }, path);
                if let (Some(argument), Value::String(slot)) = (arguments.next().flatten(), item)
                    && work.receipt.findings.len() == before
                {
                    work.note("arguments", Class::A, path, 0, slot);
                    replace(slot, work.stand(argument));
                }
            }
        }
    }
}

/// A double as its digits stand in a text.
pub(crate) fn double_text(n: f64) -> String {
    if n.fract() == 0.0 {
        format!("{n:.0}")
    } else {
        n.to_string()
    }
}

/// Bytes: the text in them, of whatever encoding. Where something is found in it, the clean text
/// stands for the bytes.
fn blob(work: &mut Work<'_>, bytes: &[u8], name: Name<'_>, path: &str) -> Option<String> {
    let text = match utf16(bytes) {
        Some(text) => text,
        None => String::from_utf8_lossy(bytes).into_owned(),
    };
    let text = Zeroizing::new(text);
    let clean = work.text(&text, name, path);
    (clean != *text).then_some(clean)
}

/// The second scan: the first rule that hits anything in the clean event.
pub(crate) fn late(
    redactor: &Redactor,
    remembered: Option<&mut Remembered>,
    event: &Event,
    settled: Settled,
) -> Option<&'static str> {
    let mut late = Late(redactor, remembered);
    let name = if settled.name() { "" } else { &event.name };
    let body = (!settled.body()).then_some(&event.body);
    late.text(name)
        .or_else(|| late.text(&event.trace_state))
        .or_else(|| late.value(body?))
        .or_else(|| {
            // None was taken out where some are known.
            let mut all = event.attributes.iter().enumerate();
            all.find_map(|(i, pair)| (!settled.attribute(i)).then(|| late.pair(pair)).flatten())
        })
        .or_else(|| late.origin(Origin::Resource, &event.resource))
        .or_else(|| late.origin(Origin::Scope, &event.scope))
}

struct Late<'r>(&'r Redactor, Option<&'r mut Remembered>);

impl Late<'_> {
    fn text(&mut self, text: &str) -> Option<&'static str> {
        let hit = || self.0.second().hit(text);
        match self.1.as_deref_mut() {
            Some(remembered) => remembered.late(text, hit),
            None => hit(),
        }
    }

    fn pair(&mut self, (key, value): &(String, Value)) -> Option<&'static str> {
        self.text(key).or_else(|| self.value(value))
    }

    fn pairs(&mut self, all: &[(String, Value)]) -> Option<&'static str> {
        all.iter().find_map(|pair| self.pair(pair))
    }

    fn origin(&mut self, origin: Origin, all: &Shared) -> Option<&'static str> {
        let has = |remembered: &&mut Remembered| remembered.is_unhit(origin, all);
        if self.1.as_ref().is_some_and(has) {
            return None;
        }
        let hit = self.pairs(all);
        if hit.is_none()
            && let Some(remembered) = self.1.as_deref_mut()
        {
            remembered.keep_unhit(origin, all);
        }
        hit
    }

    fn value(&mut self, value: &Value) -> Option<&'static str> {
        match value {
            Value::String(text) => self.text(text),
            Value::Bytes(bytes) => self.text(&String::from_utf8_lossy(bytes)),
            Value::Int(n) => self.text(&n.to_string()),
            Value::Double(n) => self.text(&double_text(*n)),
            Value::Array(items) => items.iter().find_map(|item| self.value(item)),
            Value::Map(all) => self.pairs(all),
            Value::Null | Value::Bool(_) => None,
        }
    }
}

/// Names that may be said of a quarantined event.
const KNOWN_NAMES: &[&str] = &[
    attr::EXCEPTION_TYPE,
    attr::EXCEPTION_MESSAGE,
    attr::EXCEPTION_STACKTRACE,
    attr::CODE_FUNCTION_NAME,
    attr::SERVICE_NAME,
    attr::SERVICE_VERSION,
    attr::CALL_ARGUMENTS,
    attr::CALL_RESULT,
    attr::CALL_EXPECTATION,
    attr::CALL_FLAGS,
    attr::CALL_ENVIRONMENT,
    attr::CALL_TIME,
    attr::CALL_SEED,
    "http.url",
    "url.full",
    "url.path",
    "url.query",
    "http.request.method",
    "http.response.status_code",
    "http.route",
    "db.statement",
    "db.query.text",
    "db.system",
    "telemetry.sdk.name",
    "host.name",
    "code.file.path",
];

/// Paths of the fields that an event has, as far as their names are known.
pub(crate) fn paths(event: &Event) -> Vec<String> {
    let mut out = Vec::new();
    if !event.name.is_empty() {
        out.push("name".to_owned());
    }
    if event.body != Value::Null {
        out.push("body".to_owned());
    }
    for (group, all) in [
        ("attributes", event.attributes.as_slice()),
        ("resource", &*event.resource),
    ] {
        let known = all
            .iter()
            .filter(|(key, _)| KNOWN_NAMES.contains(&key.as_str()));
        out.extend(known.map(|(key, _)| format!("{group}.{key}")));
    }
    out
}

#[cfg(test)]
mod tests {
    use cordon_event::{Entry, Raw, Region, TenantId};

    use super::*;
    use crate::pseudonym::ZeroMac;
    use crate::{BatchMeta, Policy};

    #[test]
    fn a_path_ends_at_its_limit() {
        let long = "x".repeat(PATH_BYTES_MAX);
        let (mut path, mut short) = ("attributes".to_owned(), "attributes".to_owned());
        for _ in 0..40 {
            path = below(&path, &long).into_owned();
            short = below(&short, "plan").into_owned();
            assert!(path.len() <= PATH_BYTES_MAX + BEYOND.len());
        }
        assert_eq!(path, format!("attributes{BEYOND}"));
        assert!(short.starts_with("attributes.plan.plan."));
    }

    #[test]
    fn what_is_below_a_long_name_is_what_its_name_says() {
        let below = |name: String| {
            let inner = vec![("part".to_owned(), Value::from("hunter two"))];
            (name, Value::Map(inner))
        };
        let long = "x_".repeat(4_000);
        let event = Event {
            attributes: vec![
                below(format!("{long}_api_token")),
                below(format!("api_token_{long}")),
                below(long),
            ],
            ..Event::default()
        };
        let meta = BatchMeta {
            tenant: TenantId::parse("acme").unwrap(),
            region: Region::parse("eu").unwrap(),
            request_mac: [0; 32],
            received_unix_ns: 1,
            facts: Vec::new(),
        };
        let redactor = Redactor::new(Policy::default()).unwrap();
        let outcome = redactor.batch(&ZeroMac, Raw::new(vec![event]), meta);
        let Some((_, Entry::Event(event))) = outcome.batch.get().entries.first() else {
            panic!("held back")
        };
        let kept = |(_, value): &(String, Value)| value.get("part") == Some(&"hunter two".into());
        let kept: Vec<bool> = event.attributes.iter().map(kept).collect();
        assert_eq!(kept, [false, true, true]);
    }
}
