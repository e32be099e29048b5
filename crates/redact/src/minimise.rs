//! Default-deny on the way: what is unknown to the tenant's schema is scanned as everything is, and
//! then does not stay.
//!
//! *Why scanned first:* a canary or a known secret in a field that is dropped is still an alarm.

use cordon_detect::{TokenKind, is_ours};
use cordon_event::{Class, Value};
use zeroize::{Zeroize as _, Zeroizing};

use crate::action::{Action, masked_number};
use crate::json::{self, Node, Place};
use crate::number::Number;
use crate::schema::{Fate, ValueTypes, fate};
use crate::walk::double_text;
use crate::work::{Edits, Members, Work};
use crate::{Finding, Unknown};

/// How the values below a field are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Each field has a fate of its own.
    #[default]
    Decide,
    /// All of it is known.
    Known,
    /// Only its shape stays.
    Template,
}

/// A field on its way: its fate, and what was so before it.
pub(crate) struct Entered {
    fate: Fate,
    mode: Mode,
    findings: usize,
    tokens: usize,
}

impl Work<'_> {
    /// Decides what becomes of a field, and begins it.
    pub(crate) fn enter(
        &mut self,
        path: &str,
        key: &str,
        types: impl FnOnce() -> ValueTypes,
    ) -> Entered {
        let policy = self.redactor.policy();
        let fate = if !self.redactor.minimises() || self.mode != Mode::Decide {
            Fate::Scan
        } else if policy.survive.contains(key) || policy.technical.contains(key) {
            Fate::Known
        } else {
            fate(&policy.schema, policy.unknown, path, types)
        };
        let mode = match fate {
            Fate::Scan => self.mode,
            Fate::Template => Mode::Template,
            Fate::Known | Fate::Personal | Fate::Secret | Fate::Drop => Mode::Known,
        };
        Entered {
            fate,
            mode: std::mem::replace(&mut self.mode, mode),
            findings: self.receipt.findings.len(),
            tokens: self.tokens.len(),
        }
    }

    /// Ends a field of an event whose raw value was `raw`; whether it stays.
    pub(crate) fn leave(
        &mut self,
        entered: &Entered,
        path: &str,
        raw: &RawText,
        slot: &mut Value,
    ) -> bool {
        self.mode = entered.mode;
        let len = raw.text.len();
        match entered.fate {
            Fate::Scan | Fate::Known | Fate::Template => {}
            Fate::Drop => {
                self.say("schema.unknown", Class::B, path, len);
                self.tokens.truncate(entered.tokens);
                slot.zeroize();
                return false;
            }
            Fate::Personal | Fate::Secret => {
                if let Some(clean) = self.classified(entered, path, raw) {
                    let is_double = matches!(slot, Value::Double(_));
                    slot.zeroize();
                    *slot = if is_double {
                        clean.into_double()
                    } else {
                        clean.into_value()
                    };
                }
            }
        }
        true
    }

    /// As [`Work::leave`], for member `i` of an object in JSON text, whose edits begin at `from`.
    /// Whether it stays.
    pub(crate) fn leave_member(
        &mut self,
        entered: &Entered,
        path: &str,
        (text, members, i): (&str, &Members, usize),
        (edits, from): (&mut Edits, usize),
    ) -> bool {
        self.mode = entered.mode;
        if matches!(entered.fate, Fate::Scan | Fate::Known | Fate::Template) {
            return true;
        }
        let Some((start, end)) = members.get(i).and_then(|member| value_place(text, member)) else {
            return true;
        };
        let literal = text.get(start..end).unwrap_or("");
        if entered.fate == Fate::Drop {
            self.say("schema.unknown", Class::B, path, literal.len());
            self.tokens.truncate(entered.tokens);
            edits.truncate(from);
            return false;
        }
        let raw = RawText::of_literal(literal, members.get(i).map(|member| &member.1));
        if let Some(clean) = self.classified(entered, path, &raw) {
            // The name may have been replaced before.
            let key = members.get(i).map_or(0, |member| member.0.1);
            let named = edits.get(from).is_some_and(|edit| edit.0.1 <= key);
            edits.truncate(from + usize::from(named));
            edits.push(((start, end), clean.into_json()));
        }
        true
    }

    /// What stands for the value of a field that was classified as A or B; `None` where it may
    /// stay: it is empty, or was replaced before. A secret in a personal field is a secret.
    fn classified(&mut self, entered: &Entered, path: &str, raw: &RawText) -> Option<Number> {
        let (text, form) = (raw.text.as_str(), raw.form);
        if text.is_empty() || is_ours(text) {
            return None;
        }
        let found = self.receipt.findings.get(entered.findings..).unwrap_or(&[]);
        let secret = found.iter().find(|f| f.class == Class::A).map(|f| f.rule);
        let secret = secret.or((entered.fate == Fate::Secret).then_some("schema.secret"));
        self.tokens.truncate(entered.tokens);
        if let Some(rule) = secret {
            self.note(rule, Class::A, path, 0, text);
            return Some(Number::Text(format!("[removed:{rule}]")));
        }
        let (rule, kind) = ("schema.personal", TokenKind::Custom("field"));
        let actions = &self.redactor.policy().actions;
        let masks = form == Form::Number && actions.of(kind) == Action::Mask;
        let masked = masks.then(|| masked_number(text));
        if masked.as_deref() == Some(text) || actions.stays(kind, text) {
            return None;
        }
        self.note(rule, Class::B, path, 0, text);
        Some(match masked {
            Some(masked) => Number::Masked(masked),
            // What has fields has no one value that a pseudonym could stand for.
            None if form == Form::Fields => Number::Text(format!("[removed:{rule}]")),
            None => Number::Text(self.replacement(rule, kind, text)),
        })
    }

    /// A finding of which the length alone is told.
    pub(crate) fn say(&mut self, rule: &'static str, class: Class, path: &str, len: usize) {
        let finding = Finding::new(rule, class, path, 0, len);
        self.receipt.findings.push(finding);
    }

    /// What the policy does with the text of a body: with JSON, nothing beyond what it does with
    /// its fields.
    pub(crate) fn free_text(&self, text: &str) -> Unknown {
        let treatment = self.redactor.policy().free_text;
        if treatment == Unknown::Scan || is_ours(text) || ValueTypes::of_text(text).is_json() {
            return Unknown::Scan;
        }
        treatment
    }
}

/// What kind of value a raw text was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Number,
    /// A list, a map or bytes.
    Fields,
}

/// The raw text of a value, kept until its field has been scanned; wiped when it is dropped.
pub(crate) struct RawText {
    /// Empty where there is nothing to be replaced.
    text: Zeroizing<String>,
    form: Form,
}

impl RawText {
    /// The text of a value that may have to be replaced as a whole.
    pub(crate) fn of(entered: &Entered, value: &Value) -> Self {
        let needed = matches!(entered.fate, Fate::Personal | Fate::Secret | Fate::Drop);
        let (form, text) = match value {
            _ if !needed => (Form::Text, String::new()),
            Value::Null => (Form::Text, String::new()),
            Value::String(text) => (Form::Text, text.clone()),
            Value::Bool(b) => (Form::Text, b.to_string()),
            Value::Int(n) => (Form::Number, n.to_string()),
            Value::Double(n) => (Form::Number, double_text(*n)),
            Value::Bytes(bytes) => (Form::Fields, String::from_utf8_lossy(bytes).into_owned()),
            Value::Array(_) | Value::Map(_) => (Form::Fields, "fields".to_owned()),
        };
        let text = Zeroizing::new(text);
        Self { text, form }
    }

    /// The same of a value in JSON text.
    fn of_literal(literal: &str, node: Option<&Node>) -> Self {
        let (form, text) = match node {
            Some(Node::Text(_)) => (Form::Text, json::unquote(literal).unwrap_or_default()),
            Some(Node::Number(_)) => (Form::Number, literal.to_owned()),
            Some(Node::Array(_) | Node::Object(..)) => (Form::Fields, literal.to_owned()),
            _ if literal == "null" => (Form::Text, String::new()),
            _ => (Form::Text, literal.to_owned()),
        };
        let text = Zeroizing::new(text);
        Self { text, form }
    }
}

/// Where the value of a member stands: behind its key and colon, to its own end. The text is known
/// to be JSON.
fn value_place(text: &str, (key, node): &(Place, Node)) -> Option<Place> {
    if let Node::Text(place) | Node::Number(place) = node {
        return Some(*place);
    }
    let rest = text.get(key.1..)?;
    let start = key.1 + rest.find(|c: char| !c.is_ascii_whitespace() && c != ':')?;
    let mut depth = 0_usize;
    let (mut quoted, mut escaped) = (false, false);
    for (at, b) in text.bytes().enumerate().skip(start) {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => {
                return Some((start, at));
            }
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some((start, at + 1));
                }
            }
            _ => {}
        }
    }
    Some((start, text.len()))
}

/// Takes members out of an object, with the commas that parted them.
pub(crate) fn take_out(text: &str, members: &Members, gone: &[usize], edits: &mut Edits) {
    let start = |i: usize| members.get(i).map(|member| member.0.0);
    let end = |i: usize| {
        members
            .get(i)
            .and_then(|member| value_place(text, member))
            .map(|p| p.1)
    };
    let mut runs = gone.iter().copied().peekable();
    while let Some(first) = runs.next() {
        let mut last = first;
        while let Some(next) = runs.next_if_eq(&(last + 1)) {
            last = next;
        }
        let place = match (start(last + 1), first.checked_sub(1)) {
            (Some(next), _) => start(first).map(|from| (from, next)),
            (None, Some(before)) => end(before).zip(end(last)),
            (None, None) => start(first).zip(end(last)),
        };
        edits.extend(place.map(|place| (place, String::new())));
    }
    edits.sort_by_key(|edit| edit.0);
}
