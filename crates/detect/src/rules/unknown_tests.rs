//! Lines as real systems write them, with runs drawn at run time: `{b24}` are 24 characters of
//! base62, `{u}` of base64url, `{s}` of base64 with padding, `{l}` lower case and digits, `{h}`
//! hex, `{t}` text in base64, `{g}` a UUID, `{o}` a ULID, `{k}` what ends a pod's name.

use crate::{Context, Detector};

/// A credential stands in each, and no sign joins it to its name.
const SECRET: &[&str] = &[
    "token {b40} expired",
    "key {b24}",
    "creds {b32}",
    "using credential {b36} for ledger",
    "{\"msg\":\"rotated api key {b24}\"}",
    "{\"level\":\"warn\",\"msg\":\"token {b32} expired 4 minutes ago\",\"attempt\":2}",
    "request with key {b32} got 401",
    "upstream said: bad key {b28}.",
    "auth with {b32} failed: connection reset",
    "authenticating using {b40}",
    "login with {b30} refused",
    "invalid credentials {b32}",
    "secret was {b24}, please rotate",
    "use {b24} as the password",
    "use {b32} as our new api key",
    "{b32} is the new token, deploy it",
    "set {b28} as the secret of staging",
    "WARN vault: lease for token \"{b32}\" not renewable",
    "token '{b24}' has no scope write",
    "token `{b24}` was revoked",
    "token ({b24}) was revoked",
    "token <{b24}> was revoked",
    "Error: Invalid token {b32}",
    "could not verify token {u43}",
    "rejected token {u32} from 10.1.2.3",
    "signed with key {s44}",
    "decrypting with key {s44}",
    "found credential {l32} in the environment",
    "token {l40} is about to expire",
    "secret {l32} rotated",
    "token {h40} revoked",
    "secret {h64} loaded from disk",
    "found credential {h32} in env",
    "dropped secret {h64}",
    "2026-03-01T10:17:10Z ERROR auth: unknown token {b32}",
    "Mar  1 10:17:10 web-1 sshd[411]: pam token {b24} denied",
    "[2026-03-01 10:17:10] production.ERROR: token {b32} mismatch {\"retry\":true}",
    "I0301 10:17:10.123456       1 auth.go:42] using key {b32}",
    "E0301 10:17:10.123456       1 auth.go:42] \"bad token\" token={b32}",
    "panic: token {b24} leaked into log",
    "Exception in thread main: java.lang.IllegalStateException: bad secret {b32}",
    "raise ValueError('bad token {b32}')",
    "thread 'main' panicked at src/auth.rs:17: no such key {b32}",
    "rotated_key={b32}",
    "last_token={b32} age=7",
    "{\"token_used\":\"{b32}\",\"ok\":true}",
    "{\"old_credential\":\"{b28}\"}",
    "{\"rotated_key\":\"{b32}\"}",
    "leakedSecret: {b32}",
    "clé {b32} refusée",
    "Schlüssel {b32} abgelehnt",
    "jeton {b32} expiré",
    "llave {b32} rechazada",
    "ключ {b32} отклонён",
    "токен {b32} истёк",
    "access key {b32} disabled by admin",
    "service token {b40} loaded",
    "deploy key {b40} added",
    "user token {b32} refreshed",
    "client token {b32} missing scope",
    "the secret value {b24} was printed",
    "credential rotated: {b32}",
    "token refreshed {b32}",
    "token expired: {b32}",
    "creds for billing {b32}",
    "app token acme_live_{b32} rotated",
    "passphrase {b24} rejected",
    "pat {b40} has no access",
    "bearer {b40} rejected",
    "reading secret \"{b32}\" failed",
    "pushing token\t{b32}",
    "echo {b32} as the token | tee",
];

/// None stands in these, whatever the words are.
const HARMLESS: &[&str] = &[
    "cache key user:42",
    "cache key {b32} expired",
    "cache hit for key-{b32}",
    "primary key {b24} duplicated",
    "foreign key {b24} violates orders",
    "partition key {b32} is hot",
    "sort key {b24}",
    "routing key {b24} unbound",
    "idempotency key {b32} seen before",
    "idempotency key {g} seen before",
    "dedup key {b32}",
    "message key {b24} on topic orders-3",
    "object key {b32} not found",
    "lookup key {b32}",
    "duplicate key {b32} for index users_pkey",
    "public key {b43}",
    "public key fingerprint SHA256:{b43}",
    "ssh host key fingerprint SHA256:{b43}",
    "Accepted publickey for deploy from 10.1.2.3 port 5050 ssh2: ED25519 SHA256:{b43}",
    "key id {b24} is unknown",
    "token id {b24} revoked",
    "kid {b32} not in set",
    "key name {b24}",
    "token bucket {b24} drained",
    "tokens left 1742 of bucket {b24}",
    "next page token {b40}",
    "continuation token {b40}",
    "page token {u40}",
    "sync token {b32}",
    "fencing token {b24}",
    "unexpected token {b24} in JSON at position 4",
    "key=order:123",
    "monkey {b32}",
    "the turkey {b32} is served",
    "keyboard {b32} attached",
    "tokenizer {b32} loaded",
    "secretary {b32} called",
    "commit {h40}",
    "token service at commit {h40}",
    "key service image {h64}",
    "secret store build {b24}",
    "secret store version {b24}",
    "token validated for user {b28}",
    "token issued for {b28}",
    "token for order {b24} sent",
    "key of {b24}",
    "token {g} seen",
    "request {g} with token",
    "key {g}",
    "token {o} stored",
    "trace {h32} token expired",
    "token expired trace_id={h32}",
    "token expired request {b24}",
    "token expired request_id={b24}",
    "token rotated by {b28}",
    "token checksum {h64}",
    "key hash {b43}",
    "key digest {s44}",
    "secret etag {b32}",
    "secret version {h32}",
    "key rotated in container {h64}",
    "key rotated on pod billing-{k}",
    "token refresher billing-{k} restarted",
    "token getUserById2FromCacheV3Handler failed",
    "token AbstractTokenRefreshHandler2Impl failed",
    "token com.example.auth.TokenRefresher2 failed",
    "key src/main/java/com/example/KeyStore2Impl.java",
    "key uploads/2026/03/Quarterly-Report-Final2.pdf",
    "key assets/app.{h8}.js",
    "token handler ip-10-0-42-17.eu-west-1.compute.internal",
    "token api-gateway-7.prod.example.org",
    "key sha256:{h64}",
    "key sha512-{s88}",
    "token {t}",
    "key {t}",
    "response {b24}",
    "session cookie for key holder: user {b28}",
    "key {h40}",
    "key {h64}",
    "etag={b32} key=users",
    "{\"token_type\":\"bearer\",\"request\":\"{b32}\"}",
    "{\"key\":\"{b32}\",\"partition\":4}",
    "{\"cacheKey\":\"{b32}\"}",
    "{\"page_token\":\"{b32}\"}",
    "{\"token_id\":\"{b24}\"}",
    "{\"msg\":\"token expired\",\"event_id\":\"{b24}\"}",
    "{\"msg\":\"token expired\",\"ref\":\"{b24}\"}",
    "{\"secret_name\":\"db-credentials\",\"revision\":\"{b24}\"}",
    "key 2026-03-01T10:17:10.123456789Z",
    "key user_profile_2026_03_01_full_export",
    "token count 123456789012345678901234",
    "key AAAAAAAAAAAAAAAAAAAAAAAA1a",
    "key ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0123456789",
    "token <<REDACTED_BY_PROXY_LEVEL_2>>",
    "token YOUR_API_TOKEN_GOES_HERE_2026",
    "key bench/telemetry/src/trap/Words2Table",
    "token TokenRefreshRequestV2Validator",
    "key DATABASE_MIGRATION_LOCK_2026_03",
    "token {b24}@example.org",
    "token {b24}()",
    "token user_abcdefgh234567abcdefgh23",
];

/// Seeds that each line is drawn with.
const SEEDS: u64 = 60;

struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn of(&mut self, alphabet: &[u8], count: usize) -> String {
        (0..count)
            .map(|_| char::from(alphabet[self.below(alphabet.len())]))
            .collect()
    }

    fn run(&mut self, kind: char, count: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let lower = &LETTERS[..36];
        let hex = b"0123456789abcdef";
        match kind {
            'b' => self.of(LETTERS, count),
            'u' => {
                let all = [LETTERS, b"-_"].concat();
                let body = self.of(&all, count - 2);
                format!("{}{body}{}", self.of(LETTERS, 1), self.of(LETTERS, 1))
            }
            's' => {
                let all = [LETTERS, b"+/"].concat();
                let (body, pad) = if count == 88 { (86, "==") } else { (43, "=") };
                self.of(LETTERS, 1) + &self.of(&all, body - 1) + pad
            }
            'l' => self.of(lower, count),
            'h' => self.of(hex, count),
            'g' => [8, 4, 4, 4, 12].map(|n| self.of(hex, n)).join("-"),
            'o' => "01J".to_owned() + &self.of(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23),
            'k' => self.of(b"0123456789abcdef", 9) + "-" + &self.of(lower, 5),
            't' => {
                let words = ["order", "paid", "cart", "by", "the", "next", "late", "blue"];
                let text = [0; 9].map(|_| words[self.below(words.len())]).join(" ");
                data_encoding::BASE64.encode(text.as_bytes())
            }
            _ => panic!("{kind}"),
        }
    }
}

/// The line, and where what was drawn for it stands.
fn drawn(line: &str, seed: u64) -> (String, usize, usize) {
    let mut draw = Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + line.len() as u64);
    let mut pieces = line.split('{');
    let (mut out, mut place) = (pieces.next().unwrap().to_owned(), (0, 0));
    for piece in pieces {
        let drawn = piece.split_once('}').and_then(|(said, rest)| {
            let kind = said.chars().next().filter(|c| "bushlgokt".contains(*c))?;
            let count = said.trim_start_matches(kind);
            let count = if count.is_empty() {
                0
            } else {
                count.parse().ok()?
            };
            Some((draw.run(kind, count), rest))
        });
        if let Some((run, rest)) = drawn {
            place = (out.len(), out.len() + run.len());
            out += &run;
            out += rest;
        } else {
            out.push('{');
            out += piece;
        }
    }
    (out, place.0, place.1)
}

#[test]
fn what_a_word_accuses_is_found() {
    let detector = Detector::default();
    let mut left = Vec::new();
    let mut all = 0;
    for line in SECRET {
        let mut missed = 0;
        for seed in 0..SEEDS {
            let (text, start, end) = drawn(line, seed);
            let found = detector.scan(&text, &Context::default());
            missed += u64::from(!found.iter().any(|f| f.start <= start && f.end >= end));
        }
        all += missed;
        // Some of what is drawn has no digit, or looks like words.
        if missed * 6 > SEEDS {
            left.push((line, missed));
        }
    }
    let drawn = SEEDS * SECRET.len() as u64;
    assert!(
        left.is_empty() && all * 40 <= drawn,
        "{all} of {drawn}: {left:#?}"
    );
}

#[test]
fn what_is_something_else_is_left() {
    let detector = Detector::default();
    let mut touched = Vec::new();
    for line in HARMLESS {
        for seed in 0..SEEDS {
            let (text, ..) = drawn(line, seed);
            let found = detector.scan(&text, &Context::default());
            let unknown = found.iter().any(|f| f.rule == "token.unknown");
            if unknown && touched.last().is_none_or(|(last, _)| last != line) {
                touched.push((*line, text));
            }
        }
    }
    assert!(touched.is_empty(), "{touched:#?}");
}

#[test]
fn the_field_of_an_event_accuses_its_value() {
    let detector = Detector::default();
    let (value, ..) = drawn("{b32}", 7);
    for (key, expect) in [
        ("token_used", true),
        ("rotatedKey", true),
        ("old.credential", true),
        ("key", false),
        ("cache_key", false),
        ("token_id", false),
        ("trace_id", false),
        ("note", false),
    ] {
        let context = Context {
            key: Some(key),
            safe: None,
        };
        let found = detector.scan(&value, &context);
        assert_eq!(!found.is_empty(), expect, "{key}");
        assert_eq!(found, detector.scan_every_byte(&value, &context), "{key}");
    }
}
