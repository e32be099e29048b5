//! What the name of a field says about its value.
//!
//! A name is split into lower-case words (`accessToken`, `ACCESS-TOKEN`, `access.token` are the
//! same two words) and the words are looked up. The last word decides more than the others:
//! `token` is a secret, `token_type` is not.

use crate::TokenKind;

/// Longest key in bytes that is judged; of a longer one the end is judged.
pub const KEY_BYTES_MAX: usize = 96;

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

/// Words that are a secret where they end a key.
const SECRET_LAST: &[(&str, &str)] = &[
    ("password", "key.password"),
    ("passwd", "key.password"),
    ("passwort", "key.password"),
    ("kennwort", "key.password"),
    ("wachtwoord", "key.password"),
    ("contraseña", "key.password"),
    ("contrasena", "key.password"),
    ("senha", "key.password"),
    ("motdepasse", "key.password"),
    ("hasło", "key.password"),
    ("пароль", "key.password"),
    ("密码", "key.password"),
    ("パスワード", "key.password"),
    ("pwd", "key.password"),
    ("pswd", "key.password"),
    ("pass", "key.password"),
    ("pw", "key.password"),
    ("passphrase", "key.password"),
    ("passcode", "key.password"),
    ("userpassword", "key.password"),
    ("dbpassword", "key.password"),
    ("pgpassword", "key.password"),
    ("secret", "key.secret"),
    ("secrets", "key.secret"),
    ("clientsecret", "key.secret"),
    ("secretkey", "key.secret"),
    ("credential", "key.credential"),
    ("credentials", "key.credential"),
    ("creds", "key.credential"),
    ("token", "key.token"),
    ("accesstoken", "key.token"),
    ("refreshtoken", "key.token"),
    ("authtoken", "key.token"),
    ("idtoken", "key.token"),
    ("apitoken", "key.token"),
    ("jwt", "key.token"),
    ("bearer", "key.token"),
    ("csrf", "key.token"),
    ("xsrf", "key.token"),
    ("csrftoken", "key.token"),
    ("xsrftoken", "key.token"),
    ("csrfmiddlewaretoken", "key.token"),
    ("apikey", "key.api_key"),
    ("appkey", "key.api_key"),
    ("authkey", "key.api_key"),
    ("accesskey", "key.api_key"),
    ("accountkey", "key.api_key"),
    ("privatekey", "key.private_key"),
    ("authorization", "key.authorization"),
    ("cookie", "key.cookie"),
    ("cookies", "key.cookie"),
    ("phpsessid", "key.cookie"),
    ("jsessionid", "key.cookie"),
    ("sessid", "key.cookie"),
    ("sid", "key.cookie"),
    ("otp", "key.otp"),
    ("totp", "key.otp"),
    ("pin", "key.pin"),
    ("cvv", "key.cvv"),
    ("cvv2", "key.cvv"),
    ("cvc", "key.cvv"),
    ("cvc2", "key.cvv"),
    ("mnemonic", "key.seed"),
    ("seedphrase", "key.seed"),
    ("sig", "key.signature"),
    ("connectionstring", "key.connection"),
    ("connstr", "key.connection"),
];

/// Pairs of words that are a secret where they end a key.
const SECRET_PAIR: &[(&str, &str, &str)] = &[
    ("api", "key", "key.api_key"),
    ("app", "key", "key.api_key"),
    ("access", "key", "key.api_key"),
    ("account", "key", "key.api_key"),
    ("auth", "key", "key.api_key"),
    ("secret", "key", "key.secret"),
    ("private", "key", "key.private_key"),
    ("encryption", "key", "key.private_key"),
    ("signing", "key", "key.private_key"),
    ("master", "key", "key.private_key"),
    ("shared", "key", "key.private_key"),
    ("storage", "key", "key.private_key"),
    ("ssh", "key", "key.private_key"),
    ("rsa", "key", "key.private_key"),
    ("host", "key", "key.private_key"),
    ("license", "key", "key.license"),
    ("service", "key", "key.api_key"),
    ("subscription", "key", "key.api_key"),
    ("functions", "key", "key.api_key"),
    ("webhook", "url", "key.webhook"),
    ("amz", "signature", "key.signature"),
    ("goog", "signature", "key.signature"),
    ("connection", "string", "key.connection"),
    ("seed", "phrase", "key.seed"),
    ("security", "code", "key.cvv"),
    ("auth", "code", "key.otp"),
    ("verification", "code", "key.otp"),
    ("one", "time", "key.otp"),
    ("mfa", "code", "key.otp"),
    ("mot", "passe", "key.password"),
];

/// Words that identify somebody where they end a key.
const PERSONAL_LAST: &[(&str, TokenKind)] = &[
    ("email", TokenKind::Email),
    ("emailaddress", TokenKind::Email),
    ("mail", TokenKind::Email),
    ("phone", TokenKind::Phone),
    ("phonenumber", TokenKind::Phone),
    ("telephone", TokenKind::Phone),
    ("mobile", TokenKind::Phone),
    ("msisdn", TokenKind::Phone),
    ("ssn", TokenKind::National),
    ("nino", TokenKind::National),
    ("passport", TokenKind::National),
    ("nationalid", TokenKind::National),
    ("taxid", TokenKind::National),
    ("iban", TokenKind::Iban),
    ("cardnumber", TokenKind::Card),
    ("creditcard", TokenKind::Card),
    ("ccnumber", TokenKind::Card),
    ("username", TokenKind::User),
    ("userid", TokenKind::User),
    ("enduser", TokenKind::User),
    ("login", TokenKind::User),
    ("user", TokenKind::User),
    ("firstname", TokenKind::Person),
    ("lastname", TokenKind::Person),
    ("fullname", TokenKind::Person),
    ("surname", TokenKind::Person),
    ("forename", TokenKind::Person),
    ("cardholder", TokenKind::Person),
    ("dob", TokenKind::Birth),
    ("birthday", TokenKind::Birth),
    ("birthdate", TokenKind::Birth),
    ("street", TokenKind::Address),
    ("sessionid", TokenKind::Session),
    ("accountnumber", TokenKind::Account),
    ("customerid", TokenKind::Account),
];

/// Pairs of words that identify somebody where they end a key.
const PERSONAL_PAIR: &[(&str, &str, TokenKind)] = &[
    ("email", "address", TokenKind::Email),
    ("phone", "number", TokenKind::Phone),
    ("mobile", "number", TokenKind::Phone),
    ("social", "security", TokenKind::National),
    ("security", "number", TokenKind::National),
    ("national", "id", TokenKind::National),
    ("tax", "id", TokenKind::National),
    ("passport", "number", TokenKind::National),
    ("card", "number", TokenKind::Card),
    ("card", "no", TokenKind::Card),
    ("card", "pan", TokenKind::Card),
    ("credit", "card", TokenKind::Card),
    ("cc", "number", TokenKind::Card),
    ("user", "name", TokenKind::User),
    ("user", "id", TokenKind::User),
    ("enduser", "id", TokenKind::User),
    ("user", "login", TokenKind::User),
    ("first", "name", TokenKind::Person),
    ("last", "name", TokenKind::Person),
    ("full", "name", TokenKind::Person),
    ("given", "name", TokenKind::Person),
    ("family", "name", TokenKind::Person),
    ("middle", "name", TokenKind::Person),
    ("customer", "name", TokenKind::Person),
    ("patient", "name", TokenKind::Person),
    ("display", "name", TokenKind::Person),
    ("holder", "name", TokenKind::Person),
    ("contact", "name", TokenKind::Person),
    ("birth", "date", TokenKind::Birth),
    ("of", "birth", TokenKind::Birth),
    ("street", "address", TokenKind::Address),
    ("home", "address", TokenKind::Address),
    ("billing", "address", TokenKind::Address),
    ("shipping", "address", TokenKind::Address),
    ("postal", "address", TokenKind::Address),
    ("session", "id", TokenKind::Session),
    ("account", "number", TokenKind::Account),
    ("customer", "id", TokenKind::Account),
    ("routing", "number", TokenKind::Account),
];

/// Words that, ending a key, say that the value is an identifier, a count, a time or a state.
const SAFE_LAST: &[&str] = &[
    "id",
    "ids",
    "uuid",
    "guid",
    "count",
    "total",
    "length",
    "len",
    "size",
    "bytes",
    "type",
    "kind",
    "expiry",
    "expires",
    "ttl",
    "at",
    "in",
    "ms",
    "ns",
    "us",
    "seconds",
    "time",
    "timestamp",
    "date",
    "version",
    "commit",
    "sha",
    "sha1",
    "sha256",
    "digest",
    "hash",
    "etag",
    "offset",
    "position",
    "index",
    "port",
    "code",
    "status",
    "state",
    "order",
    "invoice",
    "seq",
    "sequence",
    "revision",
    "build",
    "duration",
    "latency",
    "epoch",
    "nonce",
    "number",
    "tokens",
    "policy",
    "enabled",
    "required",
    "valid",
    "algorithm",
    "alg",
    "checksum",
    "integrity",
    "traceparent",
    "generation",
    "resourceversion",
    "orderid",
    "requestid",
    "traceid",
    "spanid",
    "isbn",
    "counter",
    "counters",
    "limit",
    "usage",
];

/// Judges a key.
pub fn verdict(key: &str) -> KeyVerdict {
    let words = words(key);
    let Some(last) = words.last().map(String::as_str) else {
        return KeyVerdict::Unknown;
    };
    let pair = words
        .len()
        .checked_sub(2)
        .and_then(|i| words.get(i))
        .map_or("", String::as_str);
    for (first, second, rule) in SECRET_PAIR {
        if *first == pair && *second == last {
            return KeyVerdict::Secret(rule);
        }
    }
    for (first, second, kind) in PERSONAL_PAIR {
        if *first == pair && *second == last {
            return KeyVerdict::Personal(personal_rule(*kind), *kind);
        }
    }
    if let Some((_, rule)) = SECRET_LAST.iter().find(|(word, _)| *word == last) {
        return KeyVerdict::Secret(rule);
    }
    if let Some((_, kind)) = PERSONAL_LAST.iter().find(|(word, _)| *word == last) {
        return KeyVerdict::Personal(personal_rule(*kind), *kind);
    }
    let numbered = last.bytes().all(|b| b.is_ascii_digit());
    if numbered && words.len() > 1 && words.len() < 8 {
        // `password1`, `API_KEY_2`, `headers.authorization.0`: the number says nothing.
        return verdict(
            &words
                .split_last()
                .map_or(String::new(), |(_, head)| head.join("_")),
        );
    }
    if SAFE_LAST.contains(&last) {
        KeyVerdict::Safe
    } else {
        suffixed(&words)
    }
}

/// `password_hash`, `password_value`, `token_raw`: the words before decide.
fn suffixed(words: &[String]) -> KeyVerdict {
    let Some((last, head)) = words.split_last() else {
        return KeyVerdict::Unknown;
    };
    let neutral = [
        "value",
        "raw",
        "plain",
        "plaintext",
        "text",
        "str",
        "string",
        "new",
        "old",
        "current",
        "confirm",
        "confirmation",
        "header",
        "b64",
        "base64",
        "data",
        "pem",
    ];
    if head.is_empty() || !neutral.contains(&last.as_str()) {
        return KeyVerdict::Unknown;
    }
    match verdict(&head.join("_")) {
        found @ (KeyVerdict::Secret(_) | KeyVerdict::Personal(..)) => found,
        _ => KeyVerdict::Unknown,
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
        _ => "key.account",
    }
}

/// Splits a key into lower-case words at separators, case changes and digit ends.
pub(crate) fn words(key: &str) -> Vec<String> {
    let tail = crate::bytes::ceil(key, key.len().saturating_sub(KEY_BYTES_MAX));
    let key = crate::bytes::cut(key, tail, key.len());
    let chars: Vec<char> = key.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous = ' ';
    for (i, c) in chars.iter().copied().enumerate() {
        let next_lower = chars.get(i + 1).is_some_and(|n| n.is_lowercase());
        let hump = c.is_uppercase()
            && (previous.is_lowercase() || (previous.is_uppercase() && next_lower));
        let number = c.is_ascii_digit() && previous.is_lowercase() && !word_keeps_digit(&word);
        if (!c.is_alphanumeric() || hump || number) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        previous = c;
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Words that are spelled with a digit at their end.
fn word_keeps_digit(word: &str) -> bool {
    matches!(
        word,
        "cvv" | "cvc" | "sha" | "b" | "base" | "s" | "ed" | "md" | "ipv"
    )
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
