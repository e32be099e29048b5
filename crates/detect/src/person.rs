//! Names of persons in prose, where the words around leave no doubt. Names without such words are
//! the business of the recogniser ([`crate::names`]).

use std::sync::LazyLock;

use crate::bytes::{at, before, ceil, cut, firsts, floor, is_first, opens, run, run_back, starts};
use crate::{Finding, TokenKind};

/// Words after which a person's name stands.
const LEADS: &[&str] = &[
    "Mr. ",
    "Mrs. ",
    "Ms. ",
    "Dr. ",
    "Mr ",
    "Mrs ",
    "Ms ",
    "Dear ",
    "Frau ",
    "Herr ",
    "Herrn ",
    "Monsieur ",
    "Madame ",
    "Mme ",
    "Señor ",
    "Señora ",
    "Sra. ",
    "Signor ",
    "Signora ",
    "Senhor ",
    "Senhora ",
    "Mevrouw ",
    "Meneer ",
    "Dhr. ",
    "regards, ",
    "Regards, ",
    "Grüße, ",
    "shipped to ",
    "customer ",
    "Customer ",
    "patient ",
    "Patient ",
    "cardholder ",
    "Cardholder ",
    "employee ",
    "passenger ",
    "tenant name ",
    "named ",
    "on behalf of ",
    "signed by ",
    "full name ",
    "Name: ",
    "name: ",
    "for customer ",
    "Started by user ",
    "approved by ",
    "Approved by ",
    "assigned to ",
    "Assigned to ",
    "requested by ",
    "Requested by ",
    "reported by ",
    "Reported by ",
    "reviewed by ",
    "Reviewed by ",
    "submitted by ",
    "Submitted by ",
    "created by ",
    "Created by ",
    "updated by ",
    "Updated by ",
    "invited by ",
    "booked by ",
    "ordered by ",
    "escalated to ",
    "Escalated to ",
    "call from ",
    "message from ",
    "email from ",
    "contacted by ",
    "spoke with ",
    "Started by user ",
    "spoke to ",
    "student ",
    "recipient ",
    "sender ",
    "applicant ",
    "policyholder ",
    "account holder ",
    "Author: ",
    "author: ",
    "Signed-off-by: ",
    "Co-authored-by: ",
    "Reviewed-by: ",
    "Acked-by: ",
    "Reported-by: ",
    "Tested-by: ",
    USER,
    "User ",
];

/// Words behind which things stand as well: the name has to be one of the lists.
const LOOSE: &[&str] = &[
    "keeper ",
    "consignee ",
    "insured ",
    "claimant ",
    "lessee ",
    "titular ",
    "intestatario ",
    "verified for ",
    "Pushed by ",
    "pushed by ",
    "nome ",
    "nombre ",
];

/// Titles that one word of a name follows.
const TITLES: &[&str] = &[
    "Frau ",
    "Herr ",
    "Herrn ",
    "Monsieur ",
    "Madame ",
    "Mme ",
    "Señor ",
    "Señora ",
    "Signor ",
    "Signora ",
    "Senhor ",
    "Senhora ",
    "Mevrouw ",
    "Meneer ",
];

/// What leads to a person only where a deed follows the name, or quotes are around it: `User Mode
/// Driver Framework` is none.
const USER: &str = "user ";

/// Bytes that begin one of them.
static LEADS_FIRST: LazyLock<[bool; 256]> =
    LazyLock::new(|| firsts(words_known().map(str::as_bytes), false));

/// Words after which a person's name stands.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    LEADS.iter().chain(LOOSE).copied()
}

/// Whether what follows the lead at `i` begins as names do.
pub(crate) fn may_follow(bytes: &[u8], i: usize, lead: &str) -> bool {
    let next = at(bytes, i + lead.len());
    let quoted = matches!(next, b'"' | b'\'');
    let next = at(bytes, i + lead.len() + usize::from(quoted));
    starts(bytes, i, lead.as_bytes()) && (next.is_ascii_uppercase() || next >= 0x80)
}

/// Capitalised words that are no names.
const COMMON: &[&str] = &[
    "Not",
    "Error",
    "Service",
    "Found",
    "The",
    "This",
    "Id",
    "Record",
    "Account",
    "Invalid",
    "Failed",
    "Update",
    "Created",
    "Deleted",
    "Exception",
    "Customer",
    "User",
    "Support",
    "Team",
    "Data",
    "Api",
    "Portal",
    "Success",
    "Request",
    "Order",
    "Payment",
    "Type",
    "Status",
    "New",
    "Gateway",
];

/// Words of organisations and of machines.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "inc", "ltd", "llc", "gmbh", "ag", "corp", "corporation", "company", "co", "bank", "team",
    "group", "service", "services", "system", "systems", "bot", "admin", "administrator",
    "support", "department", "office", "server", "cluster", "account", "default", "internal",
    "anonymous", "unknown", "test", "guest", "user", "customer", "client", "portal", "platform",
    "operations", "engineering", "security", "sales", "marketing", "finance", "api", "app",
    "desk", "help", "alerts", "ops", "center", "centre", "hotline", "info", "billing", "payments",
    "docker", "desktop", "apache", "maven", "load", "balancer", "worker", "thread", "event", "loop",
    "function", "pointer", "pool", "tier", "engineer", "hat", "studio", "visual", "morning",
    "rejected", "delivered", "undeliverable", "mailer", "channel", "queue",
    "topic", "store", "shop", "gateway", "letter", "primary", "secondary",
];

/// Most words of a name, and most characters.
const NAME_WORDS_MAX: usize = 5;
const NAME_CHARS_MAX: usize = 60;

/// Whether a value reads as a person's name: two to five words that begin with capitals, or in a
/// script without them two to six characters or words.
pub(crate) fn is_name(value: &str) -> bool {
    let value = value.trim_matches(|c: char| matches!(c, '"' | '\'' | '\\') || c.is_whitespace());
    let part =
        |c: char| c.is_alphabetic() || !c.is_ascii() || matches!(c, '\'' | '-' | '.' | ' ' | ',');
    let count = value.chars().count();
    if count > NAME_CHARS_MAX || !value.chars().all(part) {
        return false;
    }
    let unparted = |c: char| {
        matches!(
            c,
            '\u{3040}'..='\u{30ff}'
                | '\u{4e00}'..='\u{9fff}'
                | '\u{ac00}'..='\u{d7af}'
        )
    };
    if value.chars().any(unparted) {
        return (2..=12).contains(&count);
    }
    let words = || value.split([' ', ',']).filter(|word| !word.is_empty());
    let capital = |word: &str| {
        let first = word.chars().next();
        let lower = word.chars().skip(1).any(char::is_lowercase) || word.ends_with('.');
        let cased = first.is_some_and(char::is_uppercase) && (lower || word.len() > 2);
        let particle = PARTICLES.contains(&word);
        let uncased =
            first.is_some_and(|c| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase());
        cased || particle || uncased
    };
    let other = |word: &str| {
        let lower = word.trim_matches('.').to_lowercase();
        OTHERS.contains(&lower.as_str())
    };
    let upper = value.chars().any(char::is_uppercase) || !value.is_ascii();
    (2..=NAME_WORDS_MAX).contains(&words().count())
        && upper
        && words().all(capital)
        && !words().any(other)
}

/// Words of names without a capital.
const PARTICLES: &[&str] = &[
    "de", "da", "do", "dos", "das", "del", "della", "la", "van", "von", "der", "den", "di", "du",
    "al", "el", "bin", "binti", "binte", "bint", "ter", "ten", "zum", "zur", "ibn", "ben", "y",
    "e", "le", "zu", "af", "av",
];

/// End of the name whose first word, without quotes, ends at `end`: more capitalised words, and
/// particles before one.
pub(crate) fn name_end(text: &str, end: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut end, mut place) = (end, end);
    for _ in 1..NAME_WORDS_MAX {
        let start = place + 1;
        let word_byte = |b: u8| b.is_ascii_alphabetic() || b >= 0x80 || matches!(b, b'\'' | b'-');
        let stop = floor(text, run(bytes, start, 24, word_byte));
        let word = cut(text, start, stop);
        let first = word.chars().next();
        let capital =
            first.is_some_and(|c| c.is_uppercase() || c.is_alphabetic() && !c.is_lowercase());
        let next = at(bytes, stop);
        let goes_on = matches!(next, b'=' | b':' | b'_' | b'/' | b'(') || next.is_ascii_digit();
        let particle = PARTICLES.contains(&word);
        if at(bytes, place) != b' ' || !(capital || particle) || goes_on || COMMON.contains(&word) {
            break;
        }
        place = stop;
        if capital {
            end = stop;
        }
    }
    end
}

/// Whether the name is that of a log, a service or another thing: `Log Name: System`.
fn is_of_a_thing(text: &str, i: usize) -> bool {
    let things = [
        "Log ",
        "Provider ",
        "Source ",
        "Task ",
        "Service ",
        "Process ",
        "Product ",
    ];
    let head = cut(text, floor(text, i.saturating_sub(12)), i);
    things.iter().any(|thing| head.ends_with(thing))
}

/// The name after the lead at `i`: two or three capitalised words.
pub(crate) fn find(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !(is_first(&LEADS_FIRST, at(bytes, i)) && opens(bytes, i)) {
        return None;
    }
    let lead = words_known()
        .filter(|lead| starts(bytes, i, lead.as_bytes()))
        .max_by_key(|l| l.len())?;
    if lead.eq_ignore_ascii_case("name: ") && is_of_a_thing(text, i) {
        return None;
    }
    let quote = usize::from(matches!(at(bytes, i + lead.len()), b'"' | b'\''));
    let start = i + lead.len() + quote;
    let (words, end) = words_from(text, start);
    let titled = lead.contains('.') || TITLES.contains(&lead);
    let user = lead.eq_ignore_ascii_case(USER);
    // Things are kept, insured and called something, too.
    let name = cut(text, start, end);
    let loose = LOOSE.contains(&lead) && name.is_ascii() && !crate::names::begins_as_name(name);
    let closed = quote == 0 || at(bytes, end) == at(bytes, start - 1);
    let told = !user || quote == 1 || crate::account::is_told(text, i, end);
    (closed && told && !loose && (words >= 2 || titled && words == 1))
        .then(|| Finding::personal("person.lead", TokenKind::Person, start, end))
}

/// How many capitalised words begin at `start`, three at most, and where they end.
fn words_from(text: &str, start: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut end = start;
    let mut words = 0;
    for _ in 0..3 {
        let from = if words == 0 { end } else { end + 1 };
        if words > 0 && at(bytes, end) != b' ' {
            break;
        }
        let stop = floor(
            text,
            run(bytes, from, 24, |b| {
                b.is_ascii_alphabetic() || b >= 0x80 || matches!(b, b'\'' | b'-')
            }),
        );
        let word = cut(text, from, stop).trim_end_matches('\'');
        let stop = from + word.len();
        let mut chars = word.chars();
        let capital = chars.next().is_some_and(char::is_uppercase);
        let lower = chars.next().is_some_and(char::is_lowercase);
        // `Load Balancer Service` is nobody.
        if capital && OTHERS.contains(&crate::bytes::lower(word).as_str()) {
            return (0, start);
        }
        if !(capital && (lower || word.contains('\''))) || COMMON.contains(&word) {
            break;
        }
        words += 1;
        end = stop;
    }
    (words, end)
}

/// How far before an address the name of its owner is looked for, in bytes.
const DISPLAY_BYTES_MAX: usize = 80;

/// What stands before a display name of one word.
const MAIL_LABELS: &[&str] = &[
    "From:",
    "To:",
    "Cc:",
    "Bcc:",
    "Reply-To:",
    "Sender:",
    "-by:",
    "Author:",
];

/// The display name before an address in angle brackets (RFC 5322, section 3.4), whose local part
/// begins at `i`: `Ann Example <ann@example.org>`, `"Example, Ann" <…>`.
pub(crate) fn display(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let angle = i.checked_sub(1).filter(|n| at(bytes, *n) == b'<')?;
    let from = angle - usize::from(before(bytes, angle) == b' ');
    let quoted = matches!(before(bytes, from), b'"' | b'\'');
    let escaped = quoted && from >= 2 && at(bytes, from - 2) == b'\\';
    let end = from - usize::from(quoted) - usize::from(escaped);
    let part =
        |b: u8| b.is_ascii_alphabetic() || b >= 0x80 || matches!(b, b' ' | b'\'' | b'-' | b'.');
    let first = run_back(bytes, end, DISPLAY_BYTES_MAX, |b| {
        part(b) || quoted && b == b','
    });
    let first = ceil(text, first);
    let opened = matches!(
        before(bytes, first),
        b'"' | b':' | b',' | b'>' | b'\n' | b';' | 0
    );
    let name = cut(text, first, end);
    let mut start = end - name.trim_start().len();
    // In a sentence the name is what is capitalised before the address.
    if !opened || !is_name(name) && name.trim_start().contains(' ') {
        let words = name.rsplit(' ').take_while(|word| {
            let lower = word.chars().next().is_none_or(char::is_lowercase);
            !lower || PARTICLES.contains(word)
        });
        let length: usize = words.map(|word| word.len() + 1).sum();
        start = end.checked_sub(length.checked_sub(1)?)?;
    }
    let name = cut(text, start, end);
    let headed = quoted
        || MAIL_LABELS
            .iter()
            .any(|l| cut(text, 0, start).trim_end().ends_with(l));
    let single =
        opened && headed && !name.contains(' ') && name.len() >= 2 && !COMMON.contains(&name);
    let cased = name
        .chars()
        .next()
        .is_some_and(|c| !c.is_lowercase() && c.is_alphabetic());
    (cased && (is_name(name) || single))
        .then(|| Finding::personal("person.display", TokenKind::Person, start, end))
}
