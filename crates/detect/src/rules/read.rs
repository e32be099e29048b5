//! From a pack's text to its rules. Every error says the rule and the line.

use cordon_event::Class;
use toml::Spanned;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use super::RULES_COUNT_MAX;
use super::behind::{HEAD_BYTES_MAX, ends_in_sign};
use super::check::Checksum;
use super::error::{Fault, RuleError};
use super::intern::{RULE_IDS_COUNT_MAX, intern};
use super::model::{Anchor, Broken, Cases, Rule, Stage};
use super::near;
use super::pattern::{Bytes, Pattern, TOKEN_BYTES_MAX, token_byte};
use crate::TokenKind;

/// Token bytes in a row that every token is sure to begin with: what a pass looks for.
pub const RUN_BYTES_MIN: usize = 16;
/// The same for rules that keywords anchor: a pack may go down to it, at its own cost.
pub const NEAR_BYTES_MIN: usize = 6;
/// Shortest literal in bytes that tells whose token it stands in.
const WITHIN_BYTES_MIN: usize = 3;
/// Cases of each kind that a rule has at least.
const CASES_COUNT_MIN: usize = 2;
/// Longest description, provider or template in bytes.
const TEXT_BYTES_MAX: usize = 512;
/// Entropy in bits per byte below which nothing is random, unless the rule says otherwise.
const ENTROPY_MIN: f64 = 1.5;

/// Keys of a rule.
const KEYS: &[&str] = &[
    "id",
    "version",
    "class",
    "provider",
    "description",
    "prefix",
    "keywords",
    "within",
    "head",
    "pattern",
    "checksum",
    "checksum_broken",
    "entropy_min",
    "digit",
    "action",
    "kind",
    "stage",
    "percent",
    "replaces",
    "positives",
    "near_misses",
    "broken",
];
/// Keys of a pack's head.
const HEAD: &[&str] = &["pack", "defaults", "rule"];
/// Keys that `[defaults]` may give.
const DEFAULTS: &[&str] = &[
    "version", "class", "provider", "action", "kind", "stage", "percent",
];

/// A rule as it was read.
pub(crate) struct Read {
    pub(crate) rule: Rule,
    /// Line of its pack.
    pub(crate) line: usize,
    /// Whether it takes the place of one that was read before.
    pub(crate) replaces: bool,
}

/// A fault and where it stands.
struct At {
    offset: usize,
    fault: Fault,
}

/// Reads a pack; `cases` says whether its rules need cases and words that say what they are.
pub(crate) fn pack(text: &str, cases: bool) -> Result<Vec<Read>, RuleError> {
    let line = |offset: usize| {
        let before = text.as_bytes().get(..offset).unwrap_or(&[]);
        memchr::memchr_iter(b'\n', before).count() + 1
    };
    let document = DeTable::parse(text).map_err(|error| RuleError::Syntax {
        line: error.span().map_or(0, |span| line(span.start)),
        reason: error.to_string(),
    })?;
    let in_head = |At { offset, fault }: At| RuleError::Rule {
        id: "(pack)".to_owned(),
        line: line(offset),
        fault,
    };
    let head = Table {
        values: document.get_ref(),
        defaults: None,
        offset: 0,
    };
    head.known(HEAD).map_err(in_head)?;
    let name = head.need("pack").map_err(in_head)?;
    let defaults = match head.get("defaults") {
        Some(value) => Some(Table::under(value, "defaults").map_err(in_head)?),
        None => None,
    };
    if let Some(defaults) = &defaults {
        defaults.known(DEFAULTS).map_err(in_head)?;
    }
    let name = interned(name).map_err(|fault| in_head(At { offset: 0, fault }))?;
    let rules = head
        .get("rule")
        .and_then(|value| value.get_ref().as_array());
    let rules = rules.map_or(&[][..], |list| &**list);
    if rules.len() > RULES_COUNT_MAX {
        return Err(RuleError::Rules {
            max: RULES_COUNT_MAX,
        });
    }
    let mut out = Vec::new();
    for (place, value) in rules.iter().enumerate() {
        let table = Table::under(value, "rule").map_err(in_head)?;
        let table = Table {
            defaults: defaults.as_ref().map(|d| d.values),
            ..table
        };
        let id = table.text("id").ok().flatten();
        let id = id.map_or_else(|| format!("number {}", place + 1), str::to_owned);
        let read = rule(&table, name, cases).map_err(|At { offset, fault }| RuleError::Rule {
            id,
            line: line(offset),
            fault,
        })?;
        out.push(Read {
            line: line(table.offset),
            ..read
        });
    }
    Ok(out)
}

fn interned(word: &str) -> Result<&'static str, Fault> {
    intern(word).ok_or(Fault::Ids {
        max: RULE_IDS_COUNT_MAX,
    })
}

/// A table whose values are asked for by type.
struct Table<'t> {
    values: &'t DeTable<'t>,
    /// What stands for a key that is not there.
    defaults: Option<&'t DeTable<'t>>,
    offset: usize,
}

impl<'t> Table<'t> {
    fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        let default = || self.defaults.and_then(|table| table.get(key));
        self.values.get(key).or_else(default)
    }

    fn at(&self, key: &str, fault: Fault) -> At {
        let offset = self.values.get(key).map_or(self.offset, |v| v.span().start);
        At { offset, fault }
    }

    fn under(value: &'t Spanned<DeValue<'t>>, key: &str) -> Result<Self, At> {
        let offset = value.span().start;
        let values = value.get_ref().as_table().ok_or_else(|| At {
            offset,
            fault: Fault::Type {
                key: key.to_owned(),
                expected: "a table",
            },
        })?;
        // The table's own span may be that of its header alone; its first key is near enough.
        let first = values.keys().map(|key| key.span().start).min();
        Ok(Self {
            values,
            defaults: None,
            offset: if offset > 0 || first.is_none() {
                offset
            } else {
                first.unwrap_or(0)
            },
        })
    }

    fn known(&self, keys: &[&str]) -> Result<(), At> {
        let known = |key: &str| keys.contains(&key);
        let stray = self.values.keys().find(|key| !known(key.get_ref()));
        stray.map_or(Ok(()), |key| {
            Err(At {
                offset: key.span().start,
                fault: Fault::Unknown {
                    key: key.get_ref().to_string(),
                    known: keys.join(", "),
                },
            })
        })
    }

    fn typed<T>(
        &self,
        key: &str,
        expected: &'static str,
        read: impl Fn(&'t DeValue<'t>) -> Option<T>,
    ) -> Result<Option<T>, At> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let fault = || Fault::Type {
            key: key.to_owned(),
            expected,
        };
        let value = read(value.get_ref()).ok_or_else(|| self.at(key, fault()))?;
        Ok(Some(value))
    }

    fn text(&self, key: &str) -> Result<Option<&'t str>, At> {
        self.typed(key, "a text", |value| value.as_str())
    }

    fn need(&self, key: &'static str) -> Result<&'t str, At> {
        let text = self.text(key)?;
        text.ok_or_else(|| self.at(key, Fault::Missing(key)))
    }

    fn short(&self, key: &'static str) -> Result<String, At> {
        let text = self.need(key)?;
        if text.len() > TEXT_BYTES_MAX {
            let max = TEXT_BYTES_MAX;
            return Err(self.at(key, Fault::TooLong { key, max }));
        }
        Ok(text.to_owned())
    }

    fn list(&self, key: &'static str) -> Result<Vec<String>, At> {
        let texts = self.typed(key, "a list of texts", |value| {
            let items = value.as_array()?.iter();
            items
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        })?;
        let texts = texts.unwrap_or_default();
        if texts.iter().any(|text| text.len() > TEXT_BYTES_MAX) {
            let max = TEXT_BYTES_MAX;
            return Err(self.at(key, Fault::TooLong { key, max }));
        }
        Ok(texts)
    }

    fn flag(&self, key: &str) -> Result<bool, At> {
        let flag = self.typed(key, "true or false", DeValue::as_bool)?;
        Ok(flag.unwrap_or(false))
    }

    fn number(&self, key: &str) -> Result<Option<u32>, At> {
        self.typed(key, "a whole number", |value| {
            let number = value.as_integer()?;
            u32::from_str_radix(number.as_str(), number.radix()).ok()
        })
    }

    /// One of the named values, or the first where the key is not there.
    fn choice<T: Copy>(&self, key: &'static str, known: &[(&str, T)]) -> Result<Option<T>, At> {
        let Some(text) = self.text(key)? else {
            return Ok(known.first().map(|(_, value)| *value));
        };
        let found = known.iter().find(|(name, _)| *name == text);
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let fault = Fault::Value {
            key,
            value: text.to_owned(),
            known: names.join(", "),
        };
        let (_, value) = found.ok_or_else(|| self.at(key, fault))?;
        Ok(Some(*value))
    }
}

fn rule(table: &Table<'_>, pack: &'static str, has_cases: bool) -> Result<Read, At> {
    table.known(KEYS)?;
    let id = table.need("id")?;
    let named = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.');
    if id.is_empty() || id.len() > 48 || !id.bytes().all(named) {
        return Err(table.at("id", Fault::Id));
    }
    let version = table.number("version")?.filter(|version| *version > 0);
    let version = version.ok_or_else(|| table.at("version", Fault::Missing("version")))?;
    let source = table.need("pattern")?;
    let pattern = Pattern::new(source).map_err(|fault| table.at("pattern", fault))?;
    let anchor = anchor(table, &pattern)?;
    let class = table.choice("class", &[("A", Class::A), ("B", Class::B)])?;
    let class = class.unwrap_or(Class::A);
    let checksum = checksum(table)?;
    let rule = Rule {
        id: interned(id).map_err(|fault| table.at("id", fault))?,
        version,
        class,
        kind: kind(table, class)?,
        provider: words(table, "provider", has_cases)?,
        description: words(table, "description", has_cases)?,
        anchor,
        pattern,
        checksum,
        entropy_min: entropy(table)?,
        digit: table.flag("digit")?,
        stage: stage(table)?,
        pack,
        builtin: false,
        cases: if has_cases {
            cases(table, checksum.is_some())?
        } else {
            Cases::default()
        },
    };
    Ok(Read {
        rule,
        line: 0,
        replaces: table.flag("replaces")?,
    })
}

/// What says to a person what a rule finds.
fn words(table: &Table<'_>, key: &'static str, needed: bool) -> Result<String, At> {
    let given = needed || table.get(key).is_some();
    if given {
        table.short(key)
    } else {
        Ok(String::new())
    }
}

fn entropy(table: &Table<'_>) -> Result<f64, At> {
    let given = table.typed("entropy_min", "a number from 0 to 8", |value| {
        let whole = value.as_integer().map(DeInteger::as_str);
        let text = whole.or_else(|| value.as_float().map(DeFloat::as_str))?;
        let number = text.parse::<f64>().ok()?;
        (0.0..=8.0).contains(&number).then_some(number)
    })?;
    Ok(given.unwrap_or(ENTROPY_MIN))
}

/// What stands before the run of a token and belongs to it.
fn head(table: &Table<'_>, head: &str, pattern: &Pattern) -> Result<Anchor, At> {
    let read = Pattern::new(head).map_err(|fault| table.at("head", fault))?;
    if read.max() > HEAD_BYTES_MAX {
        let (have, max) = (read.max(), HEAD_BYTES_MAX);
        return Err(table.at("head", Fault::Long { have, max }));
    }
    if !ends_in_sign(head) || read.min() < 2 {
        let reason = "it has to end with a sign other than `_.:/+=-`, and be of two bytes at least";
        return Err(table.at("head", Fault::Pattern(reason.to_owned())));
    }
    if pattern.lead() < RUN_BYTES_MIN {
        let (have, need) = (pattern.lead(), RUN_BYTES_MIN);
        return Err(table.at("pattern", Fault::Run { have, need }));
    }
    Ok(Anchor::Behind(head.to_owned()))
}

fn anchor(table: &Table<'_>, pattern: &Pattern) -> Result<Anchor, At> {
    let (prefixes, keywords) = (table.list("prefix")?, table.list("keywords")?);
    let marks = table.list("within")?;
    let control = |b: u8| !b.is_ascii_graphic();
    if pattern.alphabet().list().into_iter().any(control) {
        let reason = "it matches blanks, control characters or bytes beyond ASCII";
        return Err(table.at("pattern", Fault::Pattern(reason.to_owned())));
    }
    let short = |have: usize, need: usize| table.at("pattern", Fault::Run { have, need });
    if let Some(source) = table.text("head")? {
        if prefixes.is_empty() && keywords.is_empty() && marks.is_empty() {
            return head(table, source, pattern);
        }
        return Err(table.at("head", Fault::Anchor));
    }
    match (prefixes.is_empty(), keywords.is_empty(), marks.is_empty()) {
        (false, true, true) => {
            for prefix in &prefixes {
                let first = prefix
                    .bytes()
                    .next()
                    .is_some_and(|b| b.is_ascii_alphanumeric());
                let sized = (2..=64).contains(&prefix.len());
                if !first || !sized || !prefix.bytes().all(token_byte) {
                    return Err(table.at("prefix", Fault::Prefix(prefix.clone())));
                }
                let have = prefix.len() + pattern.lead();
                if have < RUN_BYTES_MIN {
                    return Err(short(have, RUN_BYTES_MIN));
                }
                let have = prefix.len() + pattern.max();
                if have > TOKEN_BYTES_MAX {
                    let max = TOKEN_BYTES_MAX;
                    return Err(table.at("pattern", Fault::Long { have, max }));
                }
            }
            Ok(Anchor::Prefix(prefixes))
        }
        (true, true, false) => {
            within(table, &marks, pattern)?;
            Ok(Anchor::Within(marks))
        }
        (true, false, true) => {
            let inside =
                |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b" _-.".contains(&b);
            for word in &keywords {
                if !(2..=32).contains(&word.len()) || !word.bytes().all(inside) {
                    return Err(table.at("keywords", Fault::Keyword(word.clone())));
                }
            }
            shaped(table, pattern, NEAR_BYTES_MIN)?;
            Ok(Anchor::Near(keywords))
        }
        _ => Err(table.at("prefix", Fault::Anchor)),
    }
}

/// Checks the pattern of a token that is a whole run.
fn shaped(table: &Table<'_>, pattern: &Pattern, need: usize) -> Result<(), At> {
    if pattern.lead() < need {
        let have = pattern.lead();
        return Err(table.at("pattern", Fault::Run { have, need }));
    }
    if pattern.max() > near::SHAPE_BYTES_MAX {
        let (have, max) = (pattern.max(), near::SHAPE_BYTES_MAX);
        return Err(table.at("pattern", Fault::Long { have, max }));
    }
    if !Bytes::of(token_byte).covers(pattern.alphabet()) {
        let reason = "without a prefix a token is of A-Z, a-z, 0-9 and `_.:/+=-` alone";
        return Err(table.at("pattern", Fault::Pattern(reason.to_owned())));
    }
    Ok(())
}

/// Checks the letters that a token holds, and the run that it is.
fn within(table: &Table<'_>, marks: &[String], pattern: &Pattern) -> Result<(), At> {
    for mark in marks {
        let sized = (WITHIN_BYTES_MIN..=32).contains(&mark.len());
        if !sized || !mark.bytes().all(token_byte) {
            return Err(table.at("within", Fault::Mark(mark.clone())));
        }
    }
    shaped(table, pattern, RUN_BYTES_MIN)
}

fn checksum(table: &Table<'_>) -> Result<Option<(Checksum, Broken)>, At> {
    let choice = &[("refuse", Broken::Refuse), ("doubt", Broken::Doubt)];
    let broken = table.choice("checksum_broken", choice)?;
    let Some(name) = table.text("checksum")? else {
        return Ok(None);
    };
    let fault = Fault::Value {
        key: "checksum",
        value: name.to_owned(),
        known: Checksum::names(),
    };
    let checksum = Checksum::named(name).ok_or_else(|| table.at("checksum", fault))?;
    Ok(Some((checksum, broken.unwrap_or(Broken::Refuse))))
}

fn kind(table: &Table<'_>, class: Class) -> Result<TokenKind, At> {
    let pseudonym = table.choice("action", &[("remove", false), ("pseudonym", true)])?;
    let fault = |key: &'static str, value: &str, known: &str| Fault::Value {
        key,
        value: value.to_owned(),
        known: known.to_owned(),
    };
    if pseudonym != Some(true) {
        return Ok(TokenKind::Secret);
    }
    if class == Class::A {
        let fault = fault("action", "pseudonym", "remove, in class A");
        return Err(table.at("action", fault));
    }
    let name = table.need("kind")?;
    let built_in = TokenKind::REPLACEABLE
        .into_iter()
        .find(|k| k.as_str() == name);
    let letters = (1..=16).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase());
    match built_in {
        Some(kind) => Ok(kind),
        None if letters && name != "secret" => {
            let name = interned(name).map_err(|fault| table.at("kind", fault))?;
            Ok(TokenKind::Custom(name))
        }
        None => Err(table.at("kind", fault("kind", name, "1 to 16 letters a-z"))),
    }
}

fn stage(table: &Table<'_>) -> Result<Stage, At> {
    let percent = table.number("percent")?;
    let share = percent.filter(|n| (1..=99).contains(n));
    let stages = [
        ("enforce", Stage::Enforce),
        ("shadow", Stage::Shadow),
        ("canary", Stage::Canary(0)),
    ];
    let stage = table.choice("stage", &stages)?.unwrap_or(Stage::Enforce);
    let fault = || Fault::Type {
        key: "percent".to_owned(),
        expected: "a number from 1 to 99, of a canary and of no other stage",
    };
    match (stage, share) {
        (Stage::Canary(_), Some(share)) => Ok(Stage::Canary(share as u8)),
        (Stage::Enforce | Stage::Shadow, None) if percent.is_none() => Ok(stage),
        _ => Err(table.at("percent", fault())),
    }
}

fn cases(table: &Table<'_>, checksum: bool) -> Result<Cases, At> {
    let cases = Cases {
        positives: table.list("positives")?,
        near_misses: table.list("near_misses")?,
        broken: table.list("broken")?,
    };
    let needs = [
        ("positives", cases.positives.len(), CASES_COUNT_MIN),
        ("near_misses", cases.near_misses.len(), CASES_COUNT_MIN),
        ("broken", cases.broken.len(), usize::from(checksum)),
    ];
    for (kind, have, need) in needs {
        if have < need {
            return Err(table.at(kind, Fault::Cases { kind, have, need }));
        }
    }
    Ok(cases)
}
