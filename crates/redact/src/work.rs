//! The redaction of one value: text, JSON in text, number. The walks over events and lines use
//! it; it keeps what they have in common: policy, keys, receipt.

use cordon_detect::{
    Context, Finding as Found, KeyVerdict, OwnIds, TokenKind, behind_head, coordinate,
    decode_budget, is_card, is_ours, is_placeholder, is_telling, joined, merge, named_number,
    needs_form, verdict,
};
use cordon_event::{Class, Raw, limits::TEXT_BYTES_MAX};
use zeroize::Zeroizing;

use crate::action::{Action, masked, masked_number};
use crate::dictionary::SELECTED_RULE;
use crate::json::{self, Node};
use crate::minimise::{Mode, take_out};
use crate::name::Name;
use crate::number::{Number, whole_number};
use crate::open_key::RecordKey;
use crate::pairs::{coordinates, names_pair, paired};
use crate::pseudonym::pseudonym;
use crate::recode::in_step;
use crate::redactor::{Page, Redacted, Redactor, TokenRow};
use crate::remembered::Remembered;
use crate::schema::ValueTypes;
use crate::settle::Places;
use crate::stream::Left;
use crate::template::template;
use crate::{Clean, Finding, PseudonymMac, Receipt, known, names, receipt};

/// How often a string that holds JSON is opened inside another.
const NESTED_JSON_MAX: usize = 6;
/// What stands for a text beyond its budget.
pub(crate) const OVER_BUDGET: &str = "[removed:over_budget]";
/// Longest value in bytes that may stand across the limit of a text.
const CUT_BYTES_MAX: usize = 32 << 10;
/// Items of a list that are also read as one command line.
const ARGUMENTS_COUNT_MAX: usize = 64;
/// Bytes of them.
const ARGUMENTS_BYTES_MAX: usize = 16 << 10;
/// Digits from which a number under a person's field name is that person's.
const PERSONAL_DIGITS_MIN: usize = 6;

/// Replacements of ranges of a text.
pub(crate) type Edits = Vec<(json::Place, String)>;
/// Members of an object in JSON text.
pub(crate) type Members = [(json::Place, Node)];

/// One redaction in progress.
pub(crate) struct Work<'a> {
    pub(crate) redactor: &'a Redactor,
    pub(crate) mac: &'a dyn PseudonymMac,
    pub(crate) receipt: Receipt,
    pub(crate) tokens: Vec<TokenRow>,
    pub(crate) safe: OwnIds,
    pub(crate) canary: bool,
    /// The lines above a text that say what stands in it.
    pub(crate) behind: &'a str,
    /// What was found in a line together with the lines around it.
    pub(crate) across: Vec<Found>,
    /// The same of a record's values, with the place of each.
    pub(crate) across_at: Vec<(usize, Found)>,
    /// A private key that is open in the values at a path, where records follow each other.
    pub(crate) follows: Option<&'a mut RecordKey>,
    pub(crate) mode: Mode,
    /// How many encodings were undone of what is redacted.
    pub(crate) depth: usize,
    /// Bytes that may still be decoded below the text that arrived.
    pub(crate) decode_bytes: usize,
    /// What the last reading of a text replaced.
    pub(crate) places: Places,
    /// Whether values of a JSON text may be read otherwise next time, for what was replaced beside
    /// them: a name, an item of a list, what a pair is named.
    pub(crate) loose: bool,
    /// Bytes of records in lists that were looked at as a whole.
    pub(crate) skimmed: usize,
    /// Values that were clean in events before.
    pub(crate) remembered: Option<&'a mut Remembered>,
    /// Lines that were left in the same stream, where this one stands by itself.
    pub(crate) left: Option<&'a mut Left>,
    /// Where something may be found in the line that is read next, if that is known, and how many
    /// bytes that line has.
    pub(crate) told: Option<(Vec<u32>, usize)>,
}

/// A word of a command line as it may stay, and the pseudonyms given in it.
pub(crate) struct Argument {
    clean: String,
    tokens: Vec<TokenRow>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(redactor: &'a Redactor, mac: &'a dyn PseudonymMac) -> Self {
        Self {
            redactor,
            mac,
            receipt: Receipt::default(),
            tokens: Vec::new(),
            safe: OwnIds::default(),
            canary: false,
            behind: "",
            across: Vec::new(),
            across_at: Vec::new(),
            follows: None,
            mode: Mode::default(),
            depth: 0,
            decode_bytes: 0,
            places: Places::new(),
            loose: false,
            skimmed: 0,
            remembered: None,
            left: None,
            told: None,
        }
    }

    /// The result of a text's redaction.
    pub(crate) fn redacted(self, clean: String, pages: Vec<Page>) -> Redacted {
        Redacted {
            clean: Clean::new(clean),
            receipt: self.receipt,
            tokens: self.tokens,
            pages,
        }
    }

    pub(crate) fn note(
        &mut self,
        rule: &'static str,
        class: Class,
        path: &str,
        offset: usize,
        value: &str,
    ) {
        let mut finding = Finding::new(rule, class, path, offset, value.len());
        if self.redactor.policy().receipt_digests {
            finding.digest = Some(receipt::digest(self.mac, value));
        }
        self.receipt.findings.push(finding);
    }

    /// A text: opened where it is JSON, scanned where it is not; the next redaction leaves it.
    pub(crate) fn text(&mut self, text: &str, name: Name<'_>, path: &str) -> String {
        let read = |work: &mut Self, text: &str| work.nested(text, name, path, 0);
        let before = std::mem::take(&mut self.loose);
        let told = self.told.take();
        let clean = match self.opened(text, name, path, 0) {
            // The texts in it are settled, each by itself.
            Some(json) if !self.loose || self.canary => json,
            Some(json) => self.until_settled(text, json, path, read),
            None => {
                self.told = told;
                let clean = self.unopened(text, name, path);
                if self.is_known(text, &clean) {
                    clean
                } else {
                    self.settled(text, clean, path, read)
                }
            }
        };
        self.loose = before;
        clean
    }

    pub(crate) fn nested(
        &mut self,
        text: &str,
        name: Name<'_>,
        path: &str,
        depth: usize,
    ) -> String {
        // What is known of a line is not known of the values in it.
        let told = self.told.take();
        let opened = self.opened(text, name, path, depth);
        opened.unwrap_or_else(|| {
            self.told = told;
            self.unopened(text, name, path)
        })
    }

    /// A text that is JSON, rewritten in place.
    fn opened(&mut self, text: &str, name: Name<'_>, path: &str, depth: usize) -> Option<String> {
        let head = text.trim_start();
        let structured = head.starts_with(['{', '[']) || (depth > 0 && head.starts_with('"'));
        let open = structured && depth < NESTED_JSON_MAX;
        let rewritten = open.then(|| self.json(text, name, path, depth));
        rewritten.flatten()
    }

    /// A text that is no JSON.
    fn unopened(&mut self, text: &str, name: Name<'_>, path: &str) -> String {
        self.opens_key(text, path);
        let clean = self.plain(text, name, path);
        self.told = None;
        if self.mode == Mode::Template {
            template(&clean)
        } else {
            clean
        }
    }

    /// JSON text rewritten in place; `None` where it is not JSON.
    pub(crate) fn json(
        &mut self,
        text: &str,
        name: Name<'_>,
        path: &str,
        depth: usize,
    ) -> Option<String> {
        let node = json::parse(text)?;
        if depth == 0 {
            self.skimmed = 0;
        }
        let mut edits = Vec::new();
        self.node(text, &node, name, path, depth, &mut edits);
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for ((start, end), replacement) in edits {
            out.push_str(text.get(from..start).unwrap_or(""));
            out.push_str(&replacement);
            from = end;
        }
        out.push_str(text.get(from..).unwrap_or(""));
        self.loose |= from > 0 && self.is_outer(depth) && self.redactor.minimises();
        self.places.clear();
        Some(out)
    }

    /// Whether a value of JSON is one of the text that arrived, and of no other in it.
    fn is_outer(&self, depth: usize) -> bool {
        depth == 0 && self.depth == 0
    }

    /// A text in JSON, by its literal.
    fn literal(
        &mut self,
        text: &str,
        place: json::Place,
        name: Name<'_>,
        path: &str,
        depth: usize,
        edits: &mut Edits,
    ) {
        let Some(plain) = text_of(text, place) else {
            // A literal that cannot be read cannot be judged.
            edits.push((place, "\"[removed:unreadable]\"".to_owned()));
            return;
        };
        if depth == 0 && !self.across_at.is_empty() {
            let here = self.across_at.iter().filter(|(at, _)| *at == place.0);
            self.across = here.map(|(_, found)| *found).collect();
        }
        let clean = match self.in_open_key(&plain, name, path, depth + 1) {
            Some(clean) => clean,
            None => self.nested(&plain, name, path, depth + 1),
        };
        self.across.clear();
        let clean = if self.is_outer(depth) {
            let read = |work: &mut Self, text: &str| work.nested(text, name, path, depth + 1);
            self.settled(&plain, clean, path, read)
        } else {
            clean
        };
        if clean != *plain {
            edits.push((place, json::quote(&clean)));
        }
    }

    fn node(
        &mut self,
        text: &str,
        node: &Node,
        name: Name<'_>,
        path: &str,
        depth: usize,
        edits: &mut Vec<(json::Place, String)>,
    ) {
        match node {
            Node::Literal => {}
            Node::Text(place) => self.literal(text, *place, name, path, depth, edits),
            Node::Number(place) => {
                let number = text.get(place.0..place.1).unwrap_or("");
                if let Some(clean) = self.number(number, name, path) {
                    // What is a text now is read as one.
                    self.loose |= self.is_outer(depth) && !self.leaves(&clean, name, path);
                    edits.push((*place, clean.into_json()));
                }
            }
            Node::Array(items) => self.list((text, items), name, path, depth, edits),
            Node::Object(_, members) => {
                let pairs: Vec<_> = members
                    .iter()
                    .map(|(k, v)| (text_of(text, *k).unwrap_or_default(), node_text(text, v)))
                    .collect();
                let said = paired(
                    pairs
                        .iter()
                        .map(|(k, v)| (k.as_str(), v.as_deref().map(String::as_str))),
                );
                let placed = coordinates(pairs.iter().map(|(k, _)| k.as_str()));
                let mut gone = Vec::new();
                for ((i, (place, value)), (key, _)) in members.iter().enumerate().zip(&pairs) {
                    let from = edits.len();
                    let clean = self.key(key, path);
                    if clean != **key {
                        edits.push((*place, json::quote(&clean)));
                    }
                    // A name says what it will say when it is read again.
                    let owned = name.key.and_then(|owner| joined(owner, &clean));
                    let governing = if let Some(owned) = &owned {
                        owned
                    } else if let Some(name) = said.as_ref().and_then(|said| said.of(&clean)) {
                        name
                    } else {
                        let half = placed.then(|| coordinate(&clean)).flatten();
                        half.unwrap_or(&clean)
                    };
                    let outer = self.is_outer(depth);
                    self.loose |= outer && clean != **key;
                    let below = format!("{path}.{clean}");
                    let types = || ValueTypes::of_node(text, value);
                    let entered = self.enter(&below, key, types);
                    self.node(text, value, name.under(governing), &below, depth, edits);
                    self.loose |= outer && edits.len() > from && names_pair(key);
                    let member = (text, members.as_slice(), i);
                    if !self.leave_member(&entered, &below, member, (edits, from)) {
                        gone.push(i);
                    }
                }
                if !gone.is_empty() {
                    take_out(text, members, &gone, edits);
                }
            }
        }
    }

    fn list(
        &mut self,
        (text, items): (&str, &[Node]),
        name: Name<'_>,
        path: &str,
        depth: usize,
        edits: &mut Vec<(json::Place, String)>,
    ) {
        let texts: Vec<_> = items.iter().map(|n| item_text(text, n)).collect();
        let texts: Vec<Option<&str>> = texts
            .iter()
            .map(|t| t.as_deref().map(String::as_str))
            .collect();
        let arguments = self.arguments(&texts);
        let mut arguments = arguments.into_iter();
        for (i, item) in items.iter().enumerate() {
            let named = Name {
                key: listed(&texts, i).or(name.key),
            };
            // A list with an item that is no text is no command line: no argument is passed over.
            let record = texts.get(i).is_some_and(Option::is_none);
            if record && self.is_clean_record((text, item), items.len(), named, depth) {
                continue;
            }
            let before = edits.len();
            self.node(text, item, named, path, depth, edits);
            if let (Some(argument), Node::Text(place)) = (arguments.next().flatten(), item)
                && edits.len() == before
            {
                let literal = text.get(place.0..place.1).unwrap_or("");
                self.note("arguments", Class::A, path, place.0, literal);
                let clean = self.stand(argument);
                edits.push((*place, json::quote(&clean)));
            }
            self.loose |= self.is_outer(depth) && edits.len() > before && items.len() > 1;
        }
    }

    /// Whether what stands for a number is left as it is where it is read as a text.
    fn leaves(&mut self, number: &Number, name: Name<'_>, path: &str) -> bool {
        let Number::Text(text) = number else {
            return true;
        };
        let (noted, given) = (self.receipt.findings.len(), self.tokens.len());
        let left = self.nested(text, name, path, 1);
        self.receipt.findings.truncate(noted);
        self.tokens.truncate(given);
        left == *text
    }

    /// The name of a field, which may itself hold what must not stay.
    pub(crate) fn key(&mut self, key: &str, path: &str) -> String {
        let read = |work: &mut Self, key: &str| work.rewrite(key, Name::default(), path, false);
        let clean = read(self, key);
        self.settled(key, clean, path, read)
    }

    /// A number by its text; what replaces it, where it must not stay.
    pub(crate) fn number(&mut self, number: &str, name: Name<'_>, path: &str) -> Option<Number> {
        let found = self.found_number(number, name, path);
        if found.is_none() && self.mode == Mode::Template {
            let whole = whole_number(number);
            return Some(Number::Masked(masked_number(&whole)));
        }
        found
    }

    fn found_number(&mut self, number: &str, name: Name<'_>, path: &str) -> Option<Number> {
        let whole = whole_number(number);
        let digits = whole.strip_prefix('-').unwrap_or(&whole);
        self.canary |= self.redactor.has_canary(digits);
        let count = digits.bytes().filter(u8::is_ascii_digit).count();
        let mut found = Vec::new();
        self.redactor.dictionary().find(digits, &mut found);
        self.redactor.dictionary().find_selected(digits, &mut found);
        known::find(&self.redactor.policy().known, self.mac, digits, &mut found);
        let listed = found.iter().min_by_key(|f| f.class);
        let (rule, class, kind) = match (self.verdict(name), listed) {
            (KeyVerdict::Secret(rule), _) if !is_made_of_letters(rule) => {
                (rule, Class::A, TokenKind::Secret)
            }
            (_, Some(found)) => (found.rule, found.class, found.kind),
            (KeyVerdict::Personal(rule, _), _) if needs_form(rule) => {
                let (rule, kind) = named_number(name.key?, digits)?;
                (rule, Class::B, kind)
            }
            (KeyVerdict::Personal(rule, kind), _) if count >= PERSONAL_DIGITS_MIN => {
                (rule, Class::B, kind)
            }
            (KeyVerdict::Safe, _) => return None,
            _ if is_card(digits) => ("card", Class::B, TokenKind::Card),
            _ => return None,
        };
        let masks = class == Class::B && self.redactor.policy().actions.of(kind) == Action::Mask;
        let masked = masks.then(|| masked_number(&whole));
        let is_mask = masked.as_deref() == Some(&*whole);
        let selected = rule == SELECTED_RULE;
        if is_mask || class == Class::B && !selected && self.stays(name, kind, digits) {
            return None;
        }
        self.note(rule, class, path, 0, number);
        let text = |work: &mut Self| Number::Text(work.replacement(rule, kind, digits));
        Some(masked.map_or_else(|| text(self), Number::Masked))
    }

    fn verdict(&self, name: Name<'_>) -> KeyVerdict {
        let Some(key) = self.governing(name) else {
            return KeyVerdict::Unknown;
        };
        match verdict(key) {
            KeyVerdict::Unknown => self.redactor.by_policy(key),
            other => other,
        }
    }

    /// The name that decides, unless the policy keeps fields of that name. What is named a secret
    /// is one whatever the policy keeps.
    fn governing<'n>(&self, name: Name<'n>) -> Option<&'n str> {
        let kept = |key: &str| {
            self.redactor.policy().allow.contains(key)
                && !matches!(verdict(key), KeyVerdict::Secret(_))
        };
        name.key.filter(|key| !kept(key))
    }

    pub(crate) fn replacement(
        &mut self,
        rule: &'static str,
        kind: TokenKind,
        value: &str,
    ) -> String {
        match self.redactor.policy().actions.of(kind) {
            Action::Remove => return format!("[removed:{rule}]"),
            Action::Mask => return masked(kind, value),
            Action::Pseudonym | Action::Keep => {}
        }
        let token = pseudonym(self.mac, kind, value);
        self.tokens.push(TokenRow {
            token: token.clone(),
            kind: kind.as_str(),
            value: Raw::new(value.to_owned()),
        });
        token
    }

    /// Text that is no JSON.
    pub(crate) fn plain(&mut self, text: &str, name: Name<'_>, path: &str) -> String {
        let named = names::is_asked(self.redactor.policy(), name.key, path, text);
        self.rewrite(text, name, path, named)
    }

    /// Text with what was found in it replaced; `named` says whether names are searched for.
    fn rewrite(&mut self, text: &str, name: Name<'_>, path: &str, named: bool) -> String {
        if text.is_empty() {
            return String::new();
        }
        if self.depth == 0 {
            self.decode_bytes = decode_budget(text);
        }
        let mut limit = text.len().min(TEXT_BYTES_MAX);
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        let head = text.get(..limit).unwrap_or("");
        // A value that is cut at the limit is not recognised, so the end of the head goes too.
        let mut kept = head.len();
        if head.len() < text.len() {
            kept = head.len().saturating_sub(CUT_BYTES_MAX);
            while !text.is_char_boundary(kept) {
                kept -= 1;
            }
        }
        self.canary |= self.redactor.has_canary(text);
        let mut found = self.find(head, name);
        if named {
            let policy = self.redactor.policy();
            found = self.redactor.names().find(policy, head, found);
        }
        let mut out = String::with_capacity(head.len());
        let mut from = 0;
        let mut places = Vec::with_capacity(found.len());
        for f in found.into_iter().take_while(|f| f.start < kept) {
            let value = head.get(f.start..f.end).unwrap_or("");
            out.push_str(head.get(from..f.start).unwrap_or(""));
            from = f.end;
            let shown = out.len();
            let run = f
                .coding
                .map(|coding| self.recoded(coding, value, path, f.start));
            let run = run.flatten();
            let recoded = run.is_some();
            let replacement = run.unwrap_or_else(|| {
                self.note(f.rule, f.class, path, f.start, value);
                self.replacement(f.rule, f.kind, value)
            });
            out.push_str(&in_step(value, replacement));
            if !recoded {
                // As many lines come out as went in.
                out.extend(std::iter::repeat_n('\n', value.matches('\n').count()));
            }
            places.push(((f.start, f.end), (shown, out.len())));
        }
        out.push_str(head.get(from..kept).unwrap_or(""));
        let rest = text.get(from.max(kept)..).unwrap_or("");
        if !rest.is_empty() {
            self.note("over_budget", Class::A, path, from.max(kept), rest);
            out.push_str(OVER_BUDGET);
            out.extend(std::iter::repeat_n('\n', rest.matches('\n').count()));
        }
        self.places = places;
        out
    }

    /// Items of a list of words as they may stay where the list is a command line: a secret may
    /// follow its flag in the item behind, `["curl", "-u", "name:secret"]`.
    pub(crate) fn arguments(&mut self, items: &[Option<&str>]) -> Vec<Option<Argument>> {
        let words: Vec<&str> = items.iter().copied().flatten().collect();
        let bytes: usize = words.iter().map(|word| word.len() + 1).sum();
        let fits = (2..=ARGUMENTS_COUNT_MAX).contains(&words.len()) && words.len() == items.len();
        if !fits || bytes > ARGUMENTS_BYTES_MAX {
            return Vec::new();
        }
        let line = Zeroizing::new(words.join(" "));
        let context = Context {
            key: None,
            safe: None,
        };
        let found = self.redactor.detector().scan(&line, &context);
        let mut at = 0;
        let mut out = Vec::with_capacity(words.len());
        for word in words {
            let (from, to) = (at, at + word.len());
            at = to + 1;
            let hits = found.iter().filter(|f| f.start < to && f.end > from);
            let hits: Vec<Found> = hits
                .map(|f| Found {
                    start: f.start.max(from) - from,
                    end: f.end.min(to) - from,
                    ..*f
                })
                .collect();
            let secret = hits.iter().any(|f| f.class == Class::A);
            out.push(secret.then(|| self.argument(word, &hits)));
        }
        out
    }

    /// A word of a command line with what was found in it replaced.
    fn argument(&mut self, word: &str, found: &[Found]) -> Argument {
        let given = self.tokens.len();
        let (mut clean, mut from) = (String::new(), 0);
        for f in found {
            let value = word.get(f.start..f.end).unwrap_or("");
            if f.class == Class::B && self.stays(Name::default(), f.kind, value) {
                continue;
            }
            clean.push_str(word.get(from..f.start).unwrap_or(""));
            clean.push_str(&self.replacement(f.rule, f.kind, value));
            from = f.end;
        }
        clean.push_str(word.get(from..).unwrap_or(""));
        if self.mode == Mode::Template {
            clean = template(&clean);
        }
        Argument {
            clean,
            tokens: self.tokens.split_off(given),
        }
    }

    /// Takes the pseudonyms that were given in a word which stands.
    pub(crate) fn stand(&mut self, argument: Argument) -> String {
        self.tokens.extend(argument.tokens);
        argument.clean
    }

    /// Adds what the lines above a text tell of it.
    fn below(&self, text: &str, found: &mut Vec<Found>) {
        if self.behind.is_empty() {
            return;
        }
        let lines = Zeroizing::new(format!("{}\n{text}", self.behind));
        let from = self.behind.len() + 1;
        let context = Context {
            key: None,
            safe: Some(&self.safe),
        };
        let below = self.redactor.detector().scan(&lines, &context);
        let start = |f: &Found| {
            if f.start < from {
                behind_head(&lines, f.start, from).min(f.end)
            } else {
                f.start
            }
        };
        let below = below.into_iter().filter(|f| f.end > from);
        found.extend(below.map(|f| Found {
            start: start(&f) - from,
            end: f.end - from,
            // A run that begins above is not replaced within.
            coding: f.coding.filter(|_| f.start >= from),
            ..f
        }));
    }

    fn find(&mut self, text: &str, name: Name<'_>) -> Vec<Found> {
        let key = self.governing(name);
        let context = Context {
            key,
            safe: Some(&self.safe),
        };
        let detector = self.redactor.detector();
        let told = self.told.take().filter(|(_, bytes)| *bytes == text.len());
        let mut found = if let Some((places, _)) = told {
            detector.scan_at(text, &context, &places)
        } else if self.depth == 0 {
            detector.scan(text, &context)
        } else {
            detector.scan_decoded(text, &context, self.depth, &mut self.decode_bytes)
        };
        let before = found.len();
        self.below(text, &mut found);
        found.append(&mut self.across);
        if let Some(key) = key
            && let KeyVerdict::Personal(rule, kind) = self.redactor.by_policy(key)
            && !is_placeholder(text)
            && !is_ours(text)
        {
            found.push(Found {
                rule,
                class: Class::B,
                kind,
                start: 0,
                end: text.len(),
                coding: None,
            });
        }
        self.redactor.dictionary().find(text, &mut found);
        known::find(&self.redactor.policy().known, self.mac, text, &mut found);
        if found.len() > before {
            found = merge(text, found);
        }
        if self.redactor.leaves_some() {
            let value = |f: &Found| text.get(f.start..f.end).unwrap_or("");
            found.retain(|f| f.class == Class::A || !self.stays(name, f.kind, value(f)));
        }
        // What somebody selected goes, whatever the policy keeps.
        let before = found.len();
        let dictionary = self.redactor.dictionary();
        dictionary.find_selected(text, &mut found);
        if found.len() > before {
            found = merge(text, found);
        }
        found
    }

    /// Whether the policy leaves a finding of class B where it is: its kind is kept, it is its own
    /// mask, or its field survives and the second scan has nothing against it.
    fn stays(&self, name: Name<'_>, kind: TokenKind, value: &str) -> bool {
        let policy = self.redactor.policy();
        let survives = name.key.is_some_and(|key| policy.survive.contains(key));
        policy.actions.stays(kind, value) || survives && self.redactor.second().hit(value).is_none()
    }
}

/// The text of a literal; wiped when it is dropped.
fn text_of(text: &str, place: json::Place) -> Option<Zeroizing<String>> {
    let plain = text.get(place.0..place.1).and_then(json::unquote)?;
    Some(Zeroizing::new(plain))
}

/// The text of a node, where it is text.
fn node_text(text: &str, node: &Node) -> Option<Zeroizing<String>> {
    match node {
        Node::Text(place) => text_of(text, *place),
        _ => None,
    }
}

/// The text of an item of a list, also as OTLP's `AnyValue` holds it.
fn item_text(text: &str, node: &Node) -> Option<Zeroizing<String>> {
    let Node::Object(_, members) = node else {
        return node_text(text, node);
    };
    let [(key, value)] = members.as_slice() else {
        return None;
    };
    let typed = matches!(
        text_of(text, *key)?.as_str(),
        "stringValue" | "string_value"
    );
    typed.then(|| node_text(text, value)).flatten()
}

/// The name that the item before gives to item `i` of a list: `["--password", "x"]`,
/// `["password", "x"]`.
pub(crate) fn listed<'t>(items: &[Option<&'t str>], i: usize) -> Option<&'t str> {
    let name = items.get(i.checked_sub(1)?).copied().flatten()?;
    let value = items.get(i).copied().flatten();
    let is_name = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '/'));
    let secret = is_name && matches!(verdict(name), KeyVerdict::Secret(_));
    let personal = is_name && matches!(verdict(name), KeyVerdict::Personal(..));
    let flag = name.starts_with('-');
    let alone = items.iter().skip(2).all(Option::is_none);
    let pair = i == 1 && alone && value.is_some_and(|v| !is_telling(v));
    let option = name.starts_with("--") && value.is_some_and(|v| !v.starts_with("--"));
    let known = secret && (flag || pair) || personal && (option || pair);
    (known && name.len() <= 64).then_some(name)
}

/// Whether values under a rule are made of letters, too: a ticket and a session have numbers of
/// other kinds.
fn is_made_of_letters(rule: &str) -> bool {
    matches!(rule, "key.made" | "key.session")
}
