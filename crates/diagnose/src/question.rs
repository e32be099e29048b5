//! What the question asks about: services and words that the telemetry also uses.
//!
//! Relevance orders and gates what the evidence shows. It never makes evidence: retrieval always
//! returns something, so being retrieved alone does not make a group relevant unless the
//! retriever is sure
//! ([`RETRIEVAL_SURE_MIN`]).

use std::collections::{BTreeMap, BTreeSet};

use cordon_event::{Value, attr};

use crate::stack;
use crate::telemetry::GroupStat;
use crate::view::View;

/// Lowest relevance of a group that the question asks about.
pub(crate) const RELEVANCE_MIN: f64 = 0.25;
/// Retrieval score, of at most 1, from which on being retrieved counts by itself. Rank fusion
/// yields scores far below it; a calibrated similarity may reach it.
const RETRIEVAL_SURE_MIN: f64 = 0.5;
/// Attributes whose text is not searched: identifiers and raw stacks.
const TEXT_ATTRIBUTES: [&str; 5] = [
    attr::EXCEPTION_TYPE,
    attr::EXCEPTION_MESSAGE,
    attr::CODE_FUNCTION_NAME,
    attr::CALL_EXPECTATION,
    "http.route",
];

/// Words of a question that say nothing about its subject, in stemmed form.
const EMPTY_WORDS: &str = "\
    a about actual after again ago all alway an and any app application are as at be been \
    befor behav behavior being between break broke broken bug but by can cau caus chang could \
    crash creat current customer day did do doe down during each error ever everyth exact \
    exception explain failure fail failur fault fix for friday from get give go going gone got \
    had happen happened has have help hour how i in incident incorrect into is issu it last \
    late latest log look lot main mani may me minut monday month more morn most much my near \
    new night no not now of off often on one or our out over overnight past pleas point prod \
    product production problem raise reason recent report respon root said saturday see seem \
    servic set she should show since so some someth start stop sudden sunday system tell than \
    that the their them then there these they thing this throw thrown thursday time to today \
    tonight trace trend tuesday up user us use user very was way we wednesday week weekend \
    went were what whats when where which while who whi why will with wors wrong yesterday you \
    your";

/// Words that name the same thing in questions and in code.
const SYNONYMS: [&[&str]; 12] = [
    &["pay", "payment", "charge", "charg", "bill"],
    &["checkout", "cart", "basket", "order"],
    &["login", "auth", "authentic", "signin", "session"],
    &["timeout", "deadline", "slow", "latenc", "hang"],
    &["db", "databas", "sql", "postgr", "mysql", "sqlite"],
    &["refund", "credit", "reimburs"],
    &["price", "pric", "cost", "amount", "total"],
    &["tax", "vat"],
    &["discount", "coupon", "rebate", "promo"],
    &["mail", "email", "smtp", "notific"],
    &["memory", "oom", "heap"],
    &["missing", "keyerror", "miss", "absent", "notfound"],
];

/// The question, taken apart.
pub(crate) struct Question {
    words: BTreeSet<String>,
    services: BTreeSet<String>,
}

impl Question {
    pub(crate) fn new(view: &View<'_>) -> Self {
        let asked: BTreeSet<String> = words(&view.telemetry.question);
        let empty: BTreeSet<String> = EMPTY_WORDS.split_whitespace().map(stem).collect();
        let content: BTreeSet<String> = asked
            .iter()
            .filter(|w| !empty.contains(*w))
            .cloned()
            .collect();
        let mut services = BTreeSet::new();
        let mut words_of_services = BTreeSet::new();
        for group in view.groups.values() {
            let name_words = words(&group.service);
            let named = !name_words.is_empty() && name_words.iter().all(|w| asked.contains(w));
            let head = words(
                group
                    .service
                    .split(['-', '_', '.', '/'])
                    .next()
                    .unwrap_or_default(),
            );
            let begun = !head.is_empty() && head.iter().all(|w| content.contains(w));
            if named || begun {
                services.insert(group.service.clone());
                words_of_services.extend(name_words);
            }
        }
        let words = content.difference(&words_of_services).cloned().collect();
        Self { words, services }
    }

    /// Whether it names neither a service nor a subject.
    pub(crate) fn is_open(&self) -> bool {
        self.words.is_empty() && self.services.is_empty()
    }

    /// Whether it names a service.
    pub(crate) fn names_service(&self, service: &str) -> bool {
        self.services.contains(service)
    }

    /// Relevance of every group, 0 to 1.
    pub(crate) fn relevance(&self, view: &View<'_>) -> BTreeMap<String, f64> {
        let retrieved = |g: &GroupStat| {
            let exemplars = view.exemplars(&g.id).iter().map(|x| x.relevance);
            exemplars.fold(g.relevance, f64::max).max(0.0)
        };
        let best = view
            .groups
            .values()
            .map(|g| retrieved(g))
            .fold(0.0, f64::max);
        let mut out = BTreeMap::new();
        for group in view.groups.values() {
            let raw = retrieved(group);
            let share = if best > 0.0 { raw / best } else { 0.0 };
            out.insert(group.id.clone(), self.of(view, group, raw, share));
        }
        out
    }

    fn of(&self, view: &View<'_>, group: &GroupStat, retrieved: f64, share: f64) -> f64 {
        if self.is_open() {
            return 0.8 + 0.2 * share;
        }
        let text = text_words(view, group);
        let hits = self.words.iter().filter(|w| matches(w, &text)).count();
        let coverage = if self.words.is_empty() {
            0.0
        } else {
            hits as f64 / self.words.len() as f64
        };
        let named = self.names_service(&group.service);
        let base = match (named, self.services.is_empty(), hits > 0) {
            // About this service: every failure of it is on topic, matching ones more so.
            (true, _, _) => 0.6 + 0.25 * coverage,
            (false, true, true) => 0.35 + 0.5 * coverage,
            // About another service: on topic only where it also matches the subject.
            (false, false, true) => 0.3 * coverage,
            (false, _, false) => 0.0,
        };
        let sure = if retrieved >= RETRIEVAL_SURE_MIN {
            RELEVANCE_MIN
        } else {
            0.0
        };
        if base == 0.0 {
            sure
        } else {
            (base + 0.15 * share).min(1.0)
        }
    }
}

fn matches(word: &str, text: &BTreeSet<String>) -> bool {
    text.contains(word)
        || SYNONYMS
            .iter()
            .filter(|set| set.contains(&word))
            .any(|set| set.iter().any(|other| text.contains(*other)))
}

/// Words of everything a group says about itself.
fn text_words(view: &View<'_>, group: &GroupStat) -> BTreeSet<String> {
    let mut out = words(&group.title);
    out.extend(words(&group.template));
    for exemplar in view.exemplars(&group.id).iter().take(8) {
        out.extend(words(&exemplar.event.name));
        for key in TEXT_ATTRIBUTES {
            out.extend(view.attribute(exemplar, key).map(words).unwrap_or_default());
        }
        if let Value::String(body) = &exemplar.event.body {
            out.extend(words(body));
        }
        if let Some(arguments) = stack::call_arguments(view, exemplar) {
            out.extend(words(&arguments.to_string()));
        }
    }
    out
}

/// Lower-case stems of the words of a text; identifiers are also split at `_`, `.` and humps.
fn words(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for token in text.split(|c: char| !c.is_alphanumeric()) {
        let mut part = String::new();
        let mut before_lower = false;
        for c in token.chars() {
            if c.is_uppercase() && before_lower {
                out.insert(stem(&part.to_lowercase()));
                part.clear();
            }
            before_lower = c.is_lowercase();
            part.push(c);
        }
        out.insert(stem(&part.to_lowercase()));
        out.insert(stem(&token.to_lowercase()));
    }
    out.retain(|w| w.chars().count() > 1);
    out
}

/// Drops an English inflection, so that "refunds", "refunded" and "refunding" are one word.
fn stem(word: &str) -> String {
    let mut word = word;
    for suffix in ["ings", "ing", "ies", "ied", "ed", "es", "s", "ly"] {
        match word.strip_suffix(suffix) {
            Some(rest) if rest.chars().count() >= 3 && !rest.ends_with('s') => {
                word = rest;
                break;
            }
            _ => {}
        }
    }
    let word = word
        .strip_suffix('e')
        .filter(|w| w.chars().count() >= 3)
        .unwrap_or(word);
    let twin = word
        .strip_suffix('y')
        .filter(|w| w.chars().count() >= 3)
        .unwrap_or(word);
    twin.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflections_share_a_stem() {
        for [a, b] in [
            ["refunds", "refund"],
            ["charged", "charge"],
            ["billing", "bill"],
            ["failed", "fail"],
            ["currencies", "currency"],
            ["prices", "pricing"],
        ] {
            assert_eq!(stem(a), stem(b), "{a} {b}");
        }
        assert_ne!(stem("address"), stem("add"));
    }

    #[test]
    fn identifiers_are_split() {
        let got = words("billing.invoice.taxRate raised KeyError");
        for word in [
            "billing", "invoice", "tax", "rate", "key", "error", "keyerror",
        ] {
            assert!(got.contains(&stem(word)), "{word} in {got:?}");
        }
    }
}
