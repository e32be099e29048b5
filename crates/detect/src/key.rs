//! What the name of a field says about its value.
//!
//! A name is split into lower-case words (`accessToken`, `ACCESS-TOKEN`, `access.token` are the
//! same two words) and the last ones are looked up in [`crate::lexicon`]. The last word decides
//! more than the others: `token` is a secret, `token_type` is not.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::TokenKind;
use crate::bytes::{ceil, cut};
use crate::composed;
use crate::ident;
use crate::identity;
use crate::languages;
use crate::lexicon::{
    COMPOUND_ENDS, NEUTRAL_LAST, OWNED_LAST, PERSONAL_LAST, PERSONAL_PAIR, SAFE_LAST, SECRET_LAST,
    SECRET_PAIR,
};
use crate::value::is_removed;

/// Longest key in bytes that is judged; of a longer one the end is judged.
pub const KEY_BYTES_MAX: usize = 96;
/// Words in a key whose number at the end may be left out.
const NUMBERED_WORDS_MAX: usize = 8;

/// Verdict on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyVerdict {
    /// Its value is a secret, under that rule.
    Secret(&'static str),
    /// Its value identifies somebody, under that rule.
    Personal(&'static str, TokenKind),
    /// Its value is a technical identifier or a count: numbers in it are not cards or phones.
    Safe,
    /// Nothing is known.
    Unknown,
}

/// What is known of a word that ends a key.
#[derive(Default)]
struct Entry {
    /// Verdict on the word alone.
    alone: Option<KeyVerdict>,
    /// Verdicts on the word together with the one before it.
    pairs: Vec<(&'static str, KeyVerdict)>,
    /// Whether the words before decide.
    neutral: bool,
    /// Whether an identifier's name before it stays one.
    owned: bool,
    /// Whether it says whose what the words before name is.
    owner: bool,
}

/// Every word of the tables. Most keys end in none of them, so one look-up settles them.
static ENTRIES: LazyLock<HashMap<&'static str, Entry>> = LazyLock::new(|| {
    let mut entries: HashMap<&'static str, Entry> = HashMap::new();
    // Later tables do not overrule earlier ones.
    let secret = SECRET_LAST.iter().chain(languages::SECRET_LAST);
    for (word, rule) in secret.chain(composed::SECRET_LAST) {
        let alone = &mut entries.entry(word).or_default().alone;
        *alone = alone.or(Some(KeyVerdict::Secret(rule)));
    }
    let personal = PERSONAL_LAST.iter().chain(languages::PERSONAL_LAST);
    for (word, kind) in personal.copied().chain(composed::personal_last()) {
        let alone = &mut entries.entry(word).or_default().alone;
        *alone = alone.or(Some(KeyVerdict::Personal(personal_rule(kind), kind)));
    }
    for (word, rule, kind) in identity::LAST
        .iter()
        .copied()
        .chain(composed::formed_last())
    {
        let alone = &mut entries.entry(word).or_default().alone;
        *alone = alone.or(Some(KeyVerdict::Personal(rule, kind)));
    }
    for word in SAFE_LAST {
        let alone = &mut entries.entry(word).or_default().alone;
        *alone = alone.or(Some(KeyVerdict::Safe));
    }
    let secret = SECRET_PAIR.iter().chain(languages::SECRET_PAIR).copied();
    for (first, second, rule) in secret.chain(composed::secret_pairs()) {
        let entry = entries.entry(second).or_default();
        entry.pairs.push((first, KeyVerdict::Secret(rule)));
    }
    let personal = PERSONAL_PAIR.iter().chain(languages::PERSONAL_PAIR);
    for (first, second, kind) in personal.copied().chain(composed::personal_pairs()) {
        let entry = entries.entry(second).or_default();
        let found = KeyVerdict::Personal(personal_rule(kind), kind);
        entry.pairs.push((first, found));
    }
    let formed = identity::PAIR.iter().copied();
    for (first, second, rule, kind) in formed.chain(composed::formed_pairs()) {
        let entry = entries.entry(second).or_default();
        entry.pairs.push((first, KeyVerdict::Personal(rule, kind)));
    }
    for word in OWNED_LAST {
        entries.entry(word).or_default().owned = true;
    }
    for word in NEUTRAL_LAST.iter().chain(composed::BEHIND) {
        entries.entry(word).or_default().neutral = true;
    }
    for word in composed::OWNERS_BEHIND {
        entries.entry(word).or_default().owner = true;
    }
    entries
});

/// Every word that can end a key with a verdict other than [`KeyVerdict::Safe`].
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    let alone = SECRET_LAST
        .iter()
        .chain(languages::SECRET_LAST)
        .chain(COMPOUND_ENDS)
        .chain(languages::COMPOUND_ENDS)
        .map(|(word, _)| *word);
    let alone = alone.chain(composed::SECRET_LAST.iter().map(|(word, _)| *word));
    let pairs = SECRET_PAIR.iter().chain(languages::SECRET_PAIR).copied();
    let pairs = pairs
        .chain(composed::secret_pairs())
        .map(|(_, word, _)| word);
    let personal = PERSONAL_LAST
        .iter()
        .chain(languages::PERSONAL_LAST)
        .copied();
    let personal = personal
        .chain(composed::personal_last())
        .map(|(word, _)| word);
    let both = PERSONAL_PAIR
        .iter()
        .chain(languages::PERSONAL_PAIR)
        .copied();
    let both = both
        .chain(composed::personal_pairs())
        .map(|(_, word, _)| word);
    let neutral = NEUTRAL_LAST
        .iter()
        .chain(OWNED_LAST)
        .chain(composed::BEHIND);
    let neutral = neutral
        .chain(composed::OWNERS_BEHIND)
        .copied()
        .chain(owners());
    let forms = identity::LAST
        .iter()
        .copied()
        .chain(composed::formed_last());
    let forms = forms.map(|(word, ..)| word);
    let paired = identity::PAIR
        .iter()
        .copied()
        .chain(composed::formed_pairs());
    let forms = forms.chain(paired.map(|(_, word, ..)| word));
    let forms = forms.chain(SHORT_PAIRS.iter().map(String::as_str));
    alone
        .chain(pairs)
        .chain(personal)
        .chain(both)
        .chain(neutral)
        .chain(forms)
        .chain(ident::labels_known())
}

/// Pairs whose second word is too short for a screen to know it behind another letter, written
/// together: see [`unjoined`].
static SHORT_PAIRS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let short = ENTRIES
        .iter()
        .filter(|(word, _)| word.len() < SCREENED_BYTES);
    let pairs = short.flat_map(|(last, entry)| entry.pairs.iter().map(move |pair| (pair.0, last)));
    pairs
        .map(|(first, last)| format!("{first}{last}"))
        .collect()
});

/// Bytes at the end of a word by which a screen knows it.
const SCREENED_BYTES: usize = 4;

/// Rule of a field whose name is the label of an identifier: its value is one where it has the
/// identifier's form.
pub const LABELLED: &str = "key.labelled";

/// Words that say something of an object's member: `{"customer": {"name": …}}`.
const MEMBERS: &[&str] = &["name", "number", "no", "date", "address", "id"];

/// Parts of a name, and objects that have them: `{"customer": {"first": …, "last": …}}`.
const NAME_PARTS: &[&str] = &["first", "last", "middle", "given", "family", "full"];
const NAMED: &[&str] = &[
    "name",
    "customer",
    "user",
    "patient",
    "person",
    "employee",
    "recipient",
    "passenger",
    "buyer",
    "payer",
    "payee",
    "student",
    "applicant",
];

/// First words of pairs whose second may be a member's name.
fn owners() -> impl Iterator<Item = &'static str> {
    let pairs = PERSONAL_PAIR
        .iter()
        .map(|(first, second, _)| (*first, *second));
    let forms = identity::PAIR
        .iter()
        .map(|(first, second, ..)| (*first, *second));
    let told =
        |(first, second): (&'static str, &'static str)| MEMBERS.contains(&second).then_some(first);
    let composed = composed::formed_pairs().map(|(first, second, ..)| (first, second));
    pairs
        .chain(forms)
        .chain(composed)
        .filter_map(told)
        .chain(NAMED.iter().copied())
}

static OWNERS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| owners().collect());

/// Whether the members of an object under this key may be somebody's by their names together.
pub(crate) fn owns(key: &str) -> bool {
    let Some(ends) = Ends::of(key) else {
        return false;
    };
    OWNERS.contains(lower(cut(key, ends.last.0, ends.last.1)).as_ref())
}

/// The name of an object's member together with the object's, where both say more than the
/// member's alone: `customer name`; of the parts of a name, `first name`.
pub fn joined(owner: &str, member: &str) -> Option<String> {
    if NAME_PARTS.contains(&lower(member).as_ref()) {
        let ends = Ends::of(owner)?;
        let last = lower(cut(owner, ends.last.0, ends.last.1));
        return NAMED
            .contains(&last.as_ref())
            .then(|| format!("{member} name"));
    }
    if !MEMBERS.contains(&lower(member).as_ref()) || !owns(owner) {
        return None;
    }
    let both = format!("{owner} {member}");
    let counted = lower(member) == "id";
    match verdict(&both) {
        KeyVerdict::Personal(_, kind) if !counted || kind == TokenKind::National => Some(both),
        _ => None,
    }
}

/// The whole name of a coordinate's half: `lat` is a latency where no `lng` stands beside it.
///
/// The screens propose a line for the longitude alone: no coordinate goes without one.
pub fn coordinate(key: &str) -> Option<&'static str> {
    let is = |name: &&str| name.eq_ignore_ascii_case(key);
    if is(&"lat") {
        return Some("latitude");
    }
    ["lon", "lng", "long"].iter().any(is).then_some("longitude")
}

/// Judges a key.
///
/// Under [`LABELLED`] the value decides: see [`crate::ident::named`].
pub fn verdict(key: &str) -> KeyVerdict {
    // One of our own markers names what was there, and no value.
    let removed = |n: usize| n == 0 || is_removed(cut(key, n, key.len()));
    if key.rfind("[removed:").is_some_and(removed) {
        return KeyVerdict::Unknown;
    }
    let tail = ceil(key, key.len().saturating_sub(KEY_BYTES_MAX));
    let key = cut(key, tail, key.len());
    let found = judge(key);
    let counted = found == KeyVerdict::Safe && !is_numbered(key);
    let labelled = || {
        let kind = ident::kind_of(key, counted)?;
        Some(KeyVerdict::Personal(LABELLED, kind))
    };
    match found {
        KeyVerdict::Unknown | KeyVerdict::Safe => labelled().unwrap_or(found),
        told => told,
    }
}

/// Whether a text is the name of a field that says something by itself, as far as names go.
pub fn is_telling(text: &str) -> bool {
    !matches!(
        verdict(text),
        KeyVerdict::Unknown | KeyVerdict::Personal(LABELLED, _)
    )
}

/// Whether a key ends in a word that leaves an identifier one: `passport_number`.
fn is_numbered(key: &str) -> bool {
    let last = Ends::of(key).map_or("", |ends| cut(key, ends.last.0, ends.last.1));
    ["number", "no", "nr", "num", "nummer", "code"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(last))
}

fn judge(key: &str) -> KeyVerdict {
    let Some(ends) = Ends::of(key) else {
        return KeyVerdict::Unknown;
    };
    let last = lower(cut(key, ends.last.0, ends.last.1));
    let head = cut(key, 0, ends.last.0);
    if last.bytes().all(|b| b.is_ascii_digit()) {
        // `password1`, `API_KEY_2`, `headers.authorization.0`: the number says nothing.
        let judged = ends.count > 1 && ends.count < NUMBERED_WORDS_MAX;
        return if judged {
            judge(head)
        } else {
            KeyVerdict::Unknown
        };
    }
    let Some(entry) = ENTRIES.get(last.as_ref()) else {
        return match compound(&last) {
            KeyVerdict::Unknown => unjoined(&last),
            found => found,
        };
    };
    let pair = lower(cut(key, ends.pair.0, ends.pair.1));
    if names_a_thing(key, &ends) {
        return KeyVerdict::Unknown;
    }
    if entry.owned
        && let Some(found) = owned(&pair)
    {
        return found;
    }
    if let Some((_, found)) = entry.pairs.iter().find(|(first, _)| *first == pair) {
        return *found;
    }
    // `firstname_customer`.
    if entry.owner
        && let KeyVerdict::Personal(rule, kind) = judge(head)
        && kind != TokenKind::User
    {
        return KeyVerdict::Personal(rule, kind);
    }
    if let Some(found) = entry.alone {
        return found;
    }
    // `password_value`, `token_raw`.
    match judge(if entry.neutral { head } else { "" }) {
        // `user-data` is not who, `user_string` neither.
        KeyVerdict::Safe | KeyVerdict::Personal(_, TokenKind::User) => KeyVerdict::Unknown,
        found => found,
    }
}

/// Whether the key's last word says something together with a word before it.
pub(crate) fn may_pair(key: &str) -> bool {
    let Some(ends) = Ends::of(key) else {
        return true;
    };
    let last = lower(cut(key, ends.last.0, ends.last.1));
    let number = last.bytes().all(|b| b.is_ascii_digit());
    let entry = ENTRIES.get(last.as_ref());
    number || entry.is_some_and(|entry| entry.neutral || !entry.pairs.is_empty())
}

/// Verdict on the name of an identifier that a word such as `number` follows.
fn owned(word: &str) -> Option<KeyVerdict> {
    let found = ENTRIES.get(word)?.alone?;
    let KeyVerdict::Personal(_, kind) = found else {
        return None;
    };
    let whole = matches!(
        kind,
        TokenKind::National | TokenKind::Vehicle | TokenKind::Device | TokenKind::Iban
    );
    whole.then_some(found)
}

/// `userpassword`, `用户密码`: a word that others are written together with.
fn compound(word: &str) -> KeyVerdict {
    let ascii = word.is_ascii();
    if ascii && (word.len() < 8 || word.starts_with("no")) {
        return KeyVerdict::Unknown;
    }
    COMPOUND_ENDS
        .iter()
        .chain(languages::COMPOUND_ENDS)
        .find(|(end, _)| end.is_ascii() == ascii && word.ends_with(end))
        .map_or(KeyVerdict::Unknown, |(_, rule)| KeyVerdict::Secret(rule))
}

/// Shortest tail in bytes that says what it does behind whatever known word.
const TAIL_BYTES_MIN: usize = 5;
/// Shortest word of the tables in bytes that another one is written together with.
const HEAD_BYTES_MIN: usize = 3;
/// Longest word in bytes that is taken apart.
const JOINED_BYTES_MAX: usize = 40;

/// Words of which names that are written together are made, beside those of the tables.
const QUALIFIERS: &[&str] = &[
    "aws", "backup", "billing", "bot", "cloud", "config", "db", "default", "ftp", "git", "http",
    "internal", "kafka", "ldap", "mongo", "mysql", "new", "old", "pg", "postgres", "proxy",
    "redis", "registry", "s3", "service", "smtp", "sso", "ssl", "tls", "vault", "vpn", "webhook",
    "web", "wifi", "work",
];

/// Words that stand before others in names, those of pairs too.
static HEADS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let pairs = ENTRIES.values().flat_map(|entry| &entry.pairs);
    let firsts = pairs.map(|(first, _)| *first);
    let known = firsts.chain(ENTRIES.keys().copied());
    known
        // `NOPASSWD`: a short word may be any syllable.
        .filter(|word| word.len() >= HEAD_BYTES_MIN && word.is_ascii())
        .chain(QUALIFIERS.iter().copied())
        .collect()
});

/// `PRIVATETOKEN`, `hmackey`, `samaccountname`: words that are written together, taken apart where
/// each is known.
fn unjoined(word: &str) -> KeyVerdict {
    if !word.is_ascii() || word.len() > JOINED_BYTES_MAX {
        return KeyVerdict::Unknown;
    }
    // The longest tail first: `name` says more than `me`.
    for cut_at in 2..word.len().saturating_sub(1) {
        let (head, tail) = (cut(word, 0, cut_at), cut(word, cut_at, word.len()));
        let Some(entry) = ENTRIES.get(tail) else {
            continue;
        };
        let Some(before) = last_of(head) else {
            continue;
        };
        if let Some((_, found)) = entry.pairs.iter().find(|(first, _)| *first == before) {
            return *found;
        }
        match entry.alone {
            // `lastlogin` is no account.
            Some(KeyVerdict::Personal(_, TokenKind::User)) | None => {}
            Some(found) if tail.len() >= TAIL_BYTES_MIN => return found,
            Some(_) => {}
        }
    }
    KeyVerdict::Unknown
}

/// The last of the known words that a text is made of.
fn last_of(text: &str) -> Option<&str> {
    if HEADS.contains(text) {
        return Some(text);
    }
    (2..text.len().saturating_sub(1)).find_map(|n| {
        let (head, tail) = (cut(text, 0, n), cut(text, n, text.len()));
        (HEADS.contains(tail) && last_of(head).is_some()).then_some(tail)
    })
}

/// Words before `display name` and `full name` that say that a thing is called so.
const THINGS: &[&str] = &[
    "app",
    "application",
    "resource",
    "group",
    "device",
    "role",
    "policy",
    "service",
    "tenant",
    "product",
    "project",
    "channel",
    "team",
    "org",
    "organization",
    "model",
    "job",
    "task",
    "repository",
    "repo",
    "class",
    "method",
    "file",
    "host",
    "domain",
    "field",
    "column",
    "table",
    "metric",
    "node",
    "package",
    "plan",
    "item",
    "location",
    "campaign",
    "operation",
    "workspace",
];

/// Whether a key is the name of a thing: `appDisplayName`.
fn names_a_thing(key: &str, ends: &Ends) -> bool {
    let name = cut(key, ends.last.0, ends.last.1).eq_ignore_ascii_case("name");
    let shown = ["display", "full"].iter();
    let mut shown = shown.filter(|w| w.eq_ignore_ascii_case(cut(key, ends.pair.0, ends.pair.1)));
    if !name || shown.next().is_none() {
        return false;
    }
    let head = cut(key, 0, ends.pair.0);
    let first = Ends::of(head).map_or("", |ends| cut(head, ends.last.0, ends.last.1));
    THINGS.iter().any(|thing| thing.eq_ignore_ascii_case(first))
}

fn lower(word: &str) -> Cow<'_, str> {
    if word
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.to_lowercase())
    }
}

const fn personal_rule(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Email => "key.email",
        TokenKind::Phone => "key.phone",
        TokenKind::National => "key.national",
        TokenKind::Iban => "key.iban",
        TokenKind::Card => "key.card",
        TokenKind::User => "key.user",
        TokenKind::Person => "key.person",
        TokenKind::Birth => "key.birth",
        TokenKind::Address => "key.address",
        TokenKind::Session => "key.session",
        TokenKind::Location => "key.location",
        TokenKind::Vehicle => "key.vehicle",
        TokenKind::Device => "key.device",
        _ => "key.account",
    }
}

/// Places of the last two words of a key, and how many words it has.
#[derive(Default)]
struct Ends {
    pair: (usize, usize),
    last: (usize, usize),
    count: usize,
}

impl Ends {
    fn of(key: &str) -> Option<Self> {
        let mut ends = Self::default();
        split(key, |start, end| {
            ends.pair = ends.last;
            ends.last = (start, end);
            ends.count += 1;
        });
        (ends.count > 0).then_some(ends)
    }
}

/// Lower-case words of a key.
pub(crate) fn words(key: &str) -> Vec<String> {
    let tail = ceil(key, key.len().saturating_sub(KEY_BYTES_MAX));
    let key = cut(key, tail, key.len());
    let mut words = Vec::new();
    split(key, |start, end| {
        words.push(cut(key, start, end).to_lowercase());
    });
    words
}

/// Splits a key into words at separators, case changes and digit ends.
fn split(key: &str, mut each: impl FnMut(usize, usize)) {
    let mut start = 0;
    let mut previous = ' ';
    let mut chars = key.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let next_lower = chars.peek().is_some_and(|(_, n)| n.is_lowercase());
        let counted = previous.is_ascii_digit() && next_lower;
        let hump = c.is_uppercase()
            && (previous.is_lowercase() || previous.is_uppercase() && next_lower || counted);
        let number =
            c.is_ascii_digit() && previous.is_lowercase() && !word_keeps_digit(cut(key, start, i));
        let sign = !(c.is_alphanumeric() || combines(c));
        if (sign || hump || number) && start < i {
            each(start, i);
            start = i;
        }
        if sign {
            start = i + c.len_utf8();
        }
        previous = c;
    }
    if start < key.len() {
        each(start, key.len());
    }
}

/// Marks that belong to the letter before them and are none themselves: viramas, tone marks,
/// accents and the vowel points of Arabic and Hebrew.
fn combines(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}'
        | '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}' | '\u{a3c}' | '\u{a4d}'
        | '\u{abc}' | '\u{acd}' | '\u{b4d}' | '\u{bcd}' | '\u{c4d}' | '\u{ccd}'
        | '\u{d4d}' | '\u{e47}'..='\u{e4e}' | '\u{ec8}'..='\u{ecd}' | '\u{1037}'..='\u{103a}'
    )
}

/// Words that are spelled with a digit at their end.
fn word_keeps_digit(word: &str) -> bool {
    [
        "cvv", "cvc", "sha", "b", "base", "s", "ed", "md", "ipv", "line",
    ]
    .iter()
    .any(|kept| kept.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_key_agree() {
        for key in [
            "accessToken",
            "access_token",
            "ACCESS-TOKEN",
            "x.access.token",
            "AccessToken",
        ] {
            assert_eq!(verdict(key), KeyVerdict::Secret("key.token"), "{key}");
        }
        for key in [
            "apiKey",
            "API_KEY",
            "x-api-key",
            "APIKey",
            "stripeApiKey2",
            "apikey",
        ] {
            assert!(matches!(verdict(key), KeyVerdict::Secret(_)), "{key}");
        }
    }

    #[test]
    fn a_marker_names_what_was_there() {
        for key in [
            "[removed:key.password]",
            "x[removed:key.password]",
            "password=[removed:key.token]}",
        ] {
            assert_eq!(verdict(key), KeyVerdict::Unknown, "{key}");
        }
        let key = "by [removed:otp] password";
        assert_eq!(verdict(key), KeyVerdict::Secret("key.password"));
    }

    #[test]
    fn identifiers_in_many_languages() {
        for (key, kind) in [
            ("steuerId", TokenKind::National),
            ("numeroDni", TokenKind::National),
            ("cpf_cliente", TokenKind::National),
            ("passportNumber", TokenKind::National),
            ("customer.passport_no", TokenKind::National),
            ("ssn_id", TokenKind::National),
            ("codiceFiscale", TokenKind::National),
            ("rodne_cislo", TokenKind::National),
            ("Sozialversicherungsnummer", TokenKind::National),
            ("personnummer", TokenKind::National),
            ("pesel", TokenKind::National),
            ("tc_kimlik_no", TokenKind::National),
            ("СНИЛС", TokenKind::National),
            ("身份证号", TokenKind::National),
            ("주민등록번호", TokenKind::National),
            ("vin", TokenKind::Vehicle),
            ("vinNumber", TokenKind::Vehicle),
            ("license_plate", TokenKind::Vehicle),
            ("deviceImei", TokenKind::Device),
            ("imei2", TokenKind::Device),
            ("latitude", TokenKind::Location),
            ("telefonnummer", TokenKind::Phone),
            ("numero_telefono", TokenKind::Phone),
            ("手机号", TokenKind::Phone),
            ("kontonummer", TokenKind::Account),
            ("sort_code", TokenKind::Account),
            ("fecha_nacimiento", TokenKind::Birth),
            ("生年月日", TokenKind::Birth),
            ("kreditkartennummer", TokenKind::Card),
        ] {
            let found = verdict(key);
            assert!(
                matches!(found, KeyVerdict::Personal(_, k) if k == kind),
                "{key} {found:?}"
            );
        }
        for key in [
            "vehicle_id",
            "device_id",
            "card_id",
            "phone_id",
            "order_number",
            "build_number",
            "margin",
            "login_count",
            "telemetry",
            "vintage",
            "client_id",
            "no",
        ] {
            let found = verdict(key);
            assert!(
                !matches!(found, KeyVerdict::Personal(..)),
                "{key} {found:?}"
            );
        }
    }

    #[test]
    fn names_that_only_look_secret() {
        for key in [
            "total_tokens",
            "author",
            "authority",
            "token_type",
            "tokenType",
            "password_policy",
            "key",
            "cache_key",
            "primary_key",
            "public_key",
            "key_id",
            "secret_name",
            "passed",
            "compass",
            "monkey",
            "user_agent",
            "userAgent",
            "service.name",
            "code.function.name",
            "expires_in",
            "secretary",
            "pinned",
        ] {
            let v = verdict(key);
            assert!(
                matches!(v, KeyVerdict::Safe | KeyVerdict::Unknown),
                "{key} {v:?}"
            );
        }
    }
}
