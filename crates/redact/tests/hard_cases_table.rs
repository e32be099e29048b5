//! Cases that real redactors miss, and harmless lines that they destroy. All values are made up.
#![expect(
    clippy::string_slice,
    clippy::format_collect,
    clippy::unwrap_used,
    reason = "fixtures are ASCII, and their spellings are written out for the reader"
)]

use cordon_event::{Event, Raw, Value};
use cordon_redact::{
    GuardStep, LineFormat, Policy, PseudonymMac, Redactor, StreamRedactor, Verdict,
};

/// A MAC for tests: keyed mixing, not cryptography.
struct Mac(u64);

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let mut out = [0; 32];
        for (i, slot) in out.iter_mut().enumerate() {
            let mut h = 0xcbf2_9ce4_8422_2325_u64 ^ self.0.wrapping_mul(i as u64 + 1);
            for b in kind.bytes().chain([0]).chain(canonical.iter().copied()) {
                h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
            }
            *slot = (h >> 29) as u8;
        }
        out
    }
}

fn redact(text: &str) -> String {
    let redactor = Redactor::new(Policy::default()).unwrap();
    redactor
        .text(&Mac(7), Raw::new(text.to_owned()))
        .clean
        .into_inner()
}

const GH: &str = concat!("gh", "p_", "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX");
const B64: &str = "MIIEowIBAAKCAQEA7bq3Zx9Lk2mPqRsTuVwXyZ0123456789abcdefGHIJKLmnop";

fn cases() -> Vec<(&'static str, String, Vec<String>)> {
    let gh = GH.to_owned();
    let half = |s: &str| s[8..20].to_owned();
    let akia = concat!("AK", "IAQYLPMN5HFAKE7XYZ");
    let aws = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzFAKEKEY12a";
    let hex: String = gh.bytes().map(|b| format!("{b:02x}")).collect();
    let pct: String = gh.bytes().map(|b| format!("%{b:02X}")).collect();
    let uni: String = gh.chars().map(|c| format!("\\u{:04x}", c as u32)).collect();
    let ent: String = gh.bytes().map(|b| format!("&#{b};")).collect();
    let b64 = data_encoding::BASE64.encode(format!("token={gh}").as_bytes());
    let p = "hunter2Zq9".to_owned();
    let one = |name, text: String, secret: &str| (name, text, vec![secret.to_owned()]);
    vec![
        one("aws near id", format!("creds {akia} {aws} loaded"), aws),
        one("hex token", format!("blob {hex} end"), &hex[20..40]),
        one("percent token", format!("q={pct}"), &pct[20..40]),
        one(
            "userinfo @",
            "postgres://bob:p@ss9w0rd@db.example:5432/x".into(),
            "ss9w0rd",
        ),
        one(
            "cookie",
            "Cookie: theme=dark; sessionid=9f8e7d6c5b4a".into(),
            "9f8e7d6c5b4a",
        ),
        one(
            "set-cookie",
            "Set-Cookie: __Host-sid=9f8e7d6c5b4a; Path=/; Secure".into(),
            "9f8e7d6c5b4a",
        ),
        one("curl", format!("curl -u svc:{p} https://x.example/"), &p),
        one("mysql", format!("mysql -h db -u root -p{p} shop"), &p),
        one(
            "pem cut",
            format!("-----BEGIN RSA PRIVATE KEY-----\n{B64}\n{B64}"),
            &B64[..30],
        ),
        one("pem line", B64.to_owned(), &B64[..30]),
        one(
            "zero width",
            format!("tok {}\u{200b}{}", &gh[..12], &gh[12..]),
            &gh[14..30],
        ),
        one("homoglyph", format!("tok ghр_{}", &gh[4..]), &gh[8..30]),
        one(
            "soft hyphen",
            format!("tok g\u{ad}hp_{}", &gh[4..]),
            &gh[8..30],
        ),
        one(
            "wrapped",
            format!("tok {}\n{}\n", &gh[..20], &gh[20..]),
            &gh[22..34],
        ),
        one("unicode", format!("tok \"{uni}\""), &uni[30..80]),
        one("entity", format!("tok {ent}"), &ent[30..60]),
        one("otp", "Your verification code is 482913.".into(), "482913"),
        one(
            "card dots",
            "card 4111.1111.1111.1111 ok".into(),
            "1111.1111",
        ),
        one("pct email", "to=ann%40example.org&x=1".into(), "ann"),
        one("idn email", "mail jörg@bücher.example sent".into(), "jörg"),
        one(
            "at dot",
            "write to ann (at) example (dot) org".into(),
            "ann (",
        ),
        one("ssn key", "{\"ssn\":\"536221234\"}".into(), "536221234"),
        one(
            "person",
            "Dear Maria Lindqvist, your order shipped".into(),
            "Lindqvist",
        ),
        one(
            "json in json",
            format!("{{\"b\":\"{{\\\"password\\\":\\\"{p}\\\"}}\"}}"),
            &p,
        ),
        one(
            "json 3",
            {
                let mut s = format!("{{\"password\":\"{p}\"}}");
                for _ in 0..3 {
                    s = format!("{{\"m\":{}}}", serde_json::Value::from(s));
                }
                s
            },
            &p,
        ),
        one(
            "json 3 in text",
            {
                let mut s = format!("{{\"password\":\"{p}\"}}");
                for _ in 0..3 {
                    s = format!("{{\"m\":{}}}", serde_json::Value::from(s));
                }
                format!("got {s} done")
            },
            &p,
        ),
        one(
            "url pw",
            format!("GET /login?user=a&password={p}%21 HTTP"),
            &p,
        ),
        one("access_token", format!("GET /cb?access_token={p}&x=1"), &p),
        one(
            "basic",
            "Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l".into(),
            "YWxhZGRpbjpvcGVuc2VzYW1l",
        ),
        one("argv", format!("argv=[\"app\",\"--password\",\"{p}\"]"), &p),
        one(
            "values",
            format!("INSERT INTO users VALUES ('bob','{p}')"),
            &p,
        ),
        one(
            "alter role",
            format!("ALTER ROLE bob WITH PASSWORD '{p}';"),
            &p,
        ),
        one(
            "go %+v",
            format!("cfg={{User:bob Password:{p} Port:5432}}"),
            &p,
        ),
        one(
            "java",
            format!("Config(user=bob, password={p}, port=1)"),
            &p,
        ),
        one(
            "py bytes",
            format!("[(b'host', b'x'), (b'authorization', b'Bearer {p}')]"),
            &p,
        ),
        one(
            "rust",
            format!("Config {{ password: Some(\"{p}\"), port: 1 }}"),
            &p,
        ),
        one(
            "php",
            format!("array(1) {{ [\"password\"]=>\n  string(10) \"{p}\" }}"),
            &p,
        ),
        one("yaml", format!("db:\n  password: {p}\n"), &p),
        one("xml", format!("<cfg><password>{p}</password></cfg>"), &p),
        one(
            ".net",
            format!("Server=db;User Id=sa;Password={p};Encrypt=yes"),
            &p,
        ),
        one("jdbc", format!("jdbc:mysql://db/x?user=a&password={p}"), &p),
        one(
            "ansi",
            format!("tok \u{1b}[31m{}\u{1b}[0m{}", &gh[..15], &gh[15..]),
            &gh[16..30],
        ),
        one(
            "home",
            "open /home/alindqvist/app/x.py".into(),
            "alindqvist",
        ),
        one("plain", format!("tok {gh}"), &half(&gh)),
        one("aws id", format!("id {akia}"), akia),
        one(
            "aws json",
            format!("{{\"aws_secret_access_key\":\"{aws}\"}}"),
            aws,
        ),
        one("b64 key", format!("token={b64}"), &b64[..20]),
        one(
            "b64",
            format!("{{\"a\":\"{{\\\"x\\\":\\\"{b64}\\\"}}\"}}"),
            &b64[..20],
        ),
        one("userinfo", format!("amqp://svc:{p}@mq.example/"), &p),
        one(
            "userinfo token",
            format!("https://{gh}@github.com/x"),
            &half(&gh),
        ),
        one(
            "signed",
            "https://s3.x/y?X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0".into(),
            "fe5f80f77d5fa3",
        ),
        one(
            "jwt",
            "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123456".into(),
            "abcDEF123456",
        ),
        one(
            "bare jwt",
            "t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcDEF123456".into(),
            "abcDEF123456",
        ),
        one("x-api-key", format!("X-Api-Key: {p}"), &p),
        one("py dict", format!("{{'user': 'b', 'password': '{p}'}}"), &p),
        one("ruby", format!("{{:password=>\"{p}\"}}"), &p),
        one("elixir", format!("%{{\"password\" => \"{p}\"}}"), &p),
        one(
            "azure",
            "AccountName=x;AccountKey=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6==;Suffix=y".into(),
            "Zm9vYmFyYmF6",
        ),
        one(
            "pem",
            format!("-----BEGIN PRIVATE KEY-----\n{B64}\nabc=\n-----END PRIVATE KEY-----"),
            &B64[..30],
        ),
        one(
            "pem \\n",
            format!("k=\"-----BEGIN PRIVATE KEY-----\\n{B64}\\n-----END PRIVATE KEY-----\\n\""),
            &B64[..30],
        ),
        one(
            "b64 pem",
            data_encoding::BASE64
                .encode(format!("-----BEGIN PRIVATE KEY-----\n{B64}\n").as_bytes()),
            "LS0tLS1CRUdJTiBQ",
        ),
        one("locals", format!("    api_key = '{p}'"), &p),
        one("camel", format!("{{\"clientSecret\":\"{p}\"}}"), &p),
        one("map key", format!("{{\"{gh}\":1}}"), &half(&gh)),
        one("pair", format!("[\"password\",\"{p}\"]"), &p),
        one("card", "card 4111111111111111 ok".into(), "41111111"),
        one(
            "card spaced",
            "card 4111 1111 1111 1111 ok".into(),
            "1111 1111",
        ),
        one("card number", "{\"n\":4111111111111111}".into(), "41111111"),
        one("email", "mail ann@example.org".into(), "ann@"),
        one(
            "iban",
            "iban DE89 3704 0044 0532 0130 00 ok".into(),
            "3704 0044",
        ),
        one(
            "ipv6",
            "from 2001:db8:85a3::8a2e:370:7334 in".into(),
            "85a3",
        ),
        one("phone", "call +44 20 7946 0958 now".into(), "7946"),
        one("ssn", "ssn 536-22-1234 ok".into(), "536-22"),
    ]
}

#[test]
fn hard_cases_are_caught() {
    let mut missed = Vec::new();
    for (name, text, secrets) in cases() {
        let clean = redact(&text);
        if secrets.iter().any(|s| clean.contains(s.as_str())) {
            missed.push(format!("{name}: {clean}"));
        }
        assert_eq!(
            clean.matches('\n').count(),
            text.matches('\n').count(),
            "{name}"
        );
        let again = redact(&clean);
        if again != clean {
            missed.push(format!("{name} is not idempotent: {clean} | {again}"));
        }
    }
    assert!(
        missed.is_empty(),
        "{} of {}: {missed:#?}",
        missed.len(),
        cases().len()
    );
}

#[test]
fn harmless_lines_survive() {
    let traps = [
        "commit=9fceb02d0ae598e95dc970b74767f19372d61af8",
        "ETag: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "id 550e8400-e29b-41d4-a716-446655440000",
        "ts=1700000000123 ns=1700000000123456789",
        "snowflake 1541815603606036480",
        "isbn 9783161484100",
        "0000010: 4865 6c6c 6f20 776f 726c 6421 0a00 ffee",
        "counters 662 23650 23689",
        "order_id=4111111111111111",
        "at 2026-01-02T03:04:05.678Z",
        "com.example.auth.TokenSecretProvider.refresh(TokenSecretProvider.java:41)",
        "Invalid password for user",
        "token expired",
        "total_tokens=1742 prompt_tokens: 12",
        "author=merged authority=api:443",
        "match **/secrets/*.yaml",
        "def reset_password(user_id, token):",
        "git clone git@github.com:acme/repo.git",
        "password=null token=*** secret: None",
        "password=${DB_PASSWORD}",
        "offset 415552671 size 4155526",
        "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "container 3f4a9c8b7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a",
        concat!(
            "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+",
            "DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
        ),
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "at 0x7ffee4b2c9d8",
        "version 10.0.0.1 Chrome/120.0.0.0",
        "pod billing-7d9f8b6c5-x2k4q",
        "GET /api/v1/users/42/tokens 200 15ms",
        "mac prefix 00:1b:44",
        "lat 48.856613 long 2.352222",
        "total 1,234.56 EUR",
        "billing/charge.py:42 in charge",
        "token_type=bearer expires_in=3600",
        "os.version=10.0.19041.1 port=8443",
        "took 12.5ms at 12:30:45 exit code 137",
    ];
    let touched: Vec<String> = traps
        .iter()
        .filter(|t| redact(t) != **t)
        .map(|t| redact(t))
        .collect();
    assert!(
        touched.is_empty(),
        "{} of {}: {touched:#?}",
        touched.len(),
        traps.len()
    );
}

fn planted() -> Event {
    let p = "hunter2Zq9";
    Event {
        name: format!("login ann@example.org {GH}"),
        trace_state: format!("vendor={GH}"),
        body: Value::Map(vec![("n".into(), Value::Int(4_111_111_111_111_111))]),
        attributes: vec![
            (format!("header.{GH}"), Value::Bool(true)),
            ("baggage".into(), Value::from(format!("userId=7,token={p}"))),
            (
                "exception.message".into(),
                Value::from(format!("login failed: password={p}")),
            ),
            (
                "payload".into(),
                Value::from(format!("{{\"a\":\"{{\\\"pwd\\\":\\\"{p}\\\"}}\"}}")),
            ),
            (
                "argv".into(),
                Value::Array(vec!["--password".into(), p.into()]),
            ),
            ("amount".into(), Value::Double(4_111_111_111_111_111.0)),
            (
                "blob".into(),
                Value::Bytes(GH.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ),
            (
                "pair".into(),
                Value::Map(vec![
                    ("value".into(), p.into()),
                    ("name".into(), "password".into()),
                ]),
            ),
        ],
        resource: vec![("deployment.secret".into(), p.into())],
        ..Event::default()
    }
}

#[test]
fn planted_values_are_caught_wherever_they_stand() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let outcome = redactor.event(&Mac(7), Raw::new(planted()));
    let Verdict::Clean(clean) = outcome.verdict else {
        panic!("quarantined")
    };
    let text = format!("{clean:?}");
    for secret in ["hunter2Zq9", GH, "ann@", "41111111", "4111111111111111"] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(outcome.tokens.iter().any(|t| t.kind == "card"));
    let Value::String(card) = &clean.get().body.get("n").unwrap() else {
        panic!("number")
    };
    assert!(card.starts_with("card_"));
}

#[test]
fn tenants_share_no_pseudonym_and_spellings_do() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let of = |key, text: &str| {
        redactor
            .text(&Mac(key), Raw::new(text.to_owned()))
            .clean
            .into_inner()
    };
    assert_ne!(of(1, "ann@example.org"), of(2, "ann@example.org"));
    assert_eq!(of(1, "ann@example.org"), of(1, "Ann@Example.org"));
    assert_eq!(of(1, "4111 1111 1111 1111"), of(1, "4111-1111-1111-1111"));
}

#[test]
fn a_canary_quarantines_its_batch() {
    let canaries = vec!["canary-93f1a7c2".to_owned()];
    let redactor = Redactor::new(Policy {
        canaries,
        ..Policy::default()
    })
    .unwrap();
    for disguise in [
        "canary-93f1a7c2",
        "Y2FuYXJ5LTkzZjFhN2My",
        "63616e6172792d3933663161376332",
    ] {
        let hit = Event {
            body: format!("x {disguise} y").into(),
            ..Event::default()
        };
        let meta = cordon_redact::BatchMeta {
            tenant: cordon_event::TenantId::parse("acme").unwrap(),
            region: cordon_event::Region::parse("eu").unwrap(),
            request_mac: [1; 32],
            received_unix_ns: 1,
        };
        let out = redactor.batch(&Mac(7), Raw::new(vec![Event::default(), hit]), meta);
        let held = |e: &cordon_event::Entry| matches!(e, cordon_event::Entry::Quarantined(_));
        assert!(
            out.batch.get().entries.iter().all(|(_, e)| held(e)),
            "{disguise}"
        );
        assert_eq!(out.pages.len(), 1);
    }
}

#[test]
fn a_known_secret_is_removed_and_counted() {
    let known = [Mac(7).mac("known", b"plainword-nobody-guesses")].into();
    let redactor = Redactor::new(Policy {
        known,
        ..Policy::default()
    })
    .unwrap();
    let raw = Raw::new("said (plainword-nobody-guesses) aloud".to_owned());
    let redacted = redactor.text(&Mac(7), raw);
    let (clean, receipt) = (redacted.clean, redacted.receipt);
    assert_eq!(clean.get(), "said ([removed:known_secret]) aloud");
    assert_eq!(receipt.counts()[0].1, "known_secret");
}

#[test]
fn a_private_key_over_lines_keeps_the_number_of_lines() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let mut stream = StreamRedactor::new(&redactor, LineFormat::Auto);
    let lines = [
        "a",
        "k: -----BEGIN PRIVATE KEY-----",
        B64,
        "c2hvcnQ=",
        "-----END PRIVATE KEY-----",
        "b",
    ];
    let out: Vec<String> = lines
        .iter()
        .map(|line| {
            stream
                .line(&Mac(7), Raw::new((*line).to_owned()))
                .clean
                .into_inner()
        })
        .collect();
    assert_eq!(out[0], "a");
    assert_eq!(out[5], "b");
    assert!(
        !out.concat().contains("c2hvcnQ") && !out.concat().contains(B64),
        "{out:?}"
    );
}

#[test]
fn json_keeps_order_duplicates_and_numbers() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let line = r#"{"z":1.50,"a":1e400,"a":"x", "password":"hunter2Zq9"}"#;
    let clean = redactor.json_line(&Mac(7), Raw::new(line.to_owned())).clean;
    assert_eq!(
        clean.get(),
        r#"{"z":1.50,"a":1e400,"a":"x", "password":"[removed:key.password]"}"#
    );
}

#[test]
fn the_gate_stops_before_a_secret_is_shown_at_every_cut() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let text = format!("The answer is simple, use {GH} for it.");
    for cut in 0..text.len() {
        let mut guard = redactor.guard(&Mac(7), []);
        let mut shown = String::new();
        let mut stopped = false;
        for part in [&text[..cut], &text[cut..]] {
            match guard.push(Raw::new(part.to_owned())) {
                GuardStep::Emit(clean) => shown.push_str(clean.get()),
                GuardStep::Stop { reason, .. } => stopped = reason == "class_a",
            }
        }
        stopped |= matches!(guard.finish(), GuardStep::Stop { .. });
        assert!(stopped && !shown.contains(&GH[..8]), "{cut}");
    }
}

#[test]
fn long_runs_of_one_byte_end() {
    for b in [
        b'a', b'1', b':', b'=', b'@', b'/', b'%', b'-', b'[', b'"', b'\\', b'.', b'{', b' ',
    ] {
        let text = String::from_utf8(vec![b; 1 << 18]).unwrap();
        assert_eq!(redact(&text).len(), text.len(), "{}", char::from(b));
    }
}

#[test]
fn a_long_value_is_removed_to_its_end() {
    let long: String = (0..60_000_u32)
        .map(|n| char::from(b'a' + (n * 7 % 26) as u8))
        .collect();
    for text in [
        format!("password={long}"),
        format!("Authorization: Bearer {long}"),
        format!("{{\"m\":\"password={long}\"}}"),
    ] {
        let out = redact(&text);
        assert!(out.len() < 200, "{} bytes are left", out.len());
    }
}
