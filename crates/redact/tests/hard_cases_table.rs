//! Cases that real redactors miss, and harmless lines that they destroy. All values are made up.
#![expect(
    clippy::string_slice,
    clippy::format_collect,
    clippy::unwrap_used,
    reason = "fixtures are ASCII, and their spellings are written out for the reader"
)]

mod pieces;

use cordon_event::{Event, Raw, Value};
use cordon_redact::{
    GuardStep, KnownSet, LineFormat, Policy, PseudonymMac, Redactor, StreamRedactor, Verdict,
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
fn hard_cases_come_out_the_same_at_every_cut() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let texts = cases().into_iter().map(|(_, text, _)| text);
    for text in texts.chain(notations().into_iter().map(|(_, text, _)| text)) {
        pieces::check_every_cut(&redactor, &Mac(7), LineFormat::Auto, text.as_bytes());
    }
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
        resource: vec![("deployment.secret".into(), p.into())].into(),
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
            facts: Vec::new(),
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
    let known = KnownSet::of(&Mac(7), ["plainword-nobody-guesses"]);
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

/// Values in the notations of connection strings, files, markup, mail and prose: name, text, and
/// what must not be left of it.
fn notations() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let p = "hunter2Zq9";
    let aws = concat!("wJalrXUtnFEMI/K7MDENG+", "PxRfiCYzzFAKEKEY12");
    let b64 = "c3ZjOmh1bnRlcjJacTk=";
    let sha = concat!(
        "$6$rounds=5000$fakesalt$",
        "IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g."
    );
    let bcrypt = concat!(
        "$2b$12$",
        "EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"
    );
    let argon = concat!(
        "$argon2id$v=19$m=65536,t=3,p=4$",
        "c2FsdHNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG"
    );
    let one = |name, text: String, secret| (name, text, vec![secret]);
    vec![
        one(
            "aws prose",
            format!("secret access key {aws} rotated"),
            "wJalrXUtnFEMI",
        ),
        one(
            "aws prose colon",
            format!("the secret access key: {aws}"),
            "wJalrXUtnFEMI",
        ),
        one(
            "aws prose is",
            format!("your secret access key is {aws}."),
            "FAKEKEY12",
        ),
        (
            "go dsn",
            format!("dial root:{p}@tcp(db:3306)/shop?parseTime=true"),
            vec![p],
        ),
        (
            "go dsn user",
            format!("dsn=\"svc_pay:{p}@tcp(10.1.2.3:3306)/shop\""),
            vec![p, "svc_pay"],
        ),
        one(
            "go dsn odd",
            "opening app:p@ss:w/rd1@unix(/run/mysqld.sock)/shop".into(),
            "w/rd1",
        ),
        one(
            "oracle thin",
            format!("jdbc:oracle:thin:scott/{p}@db.example:1521:orcl"),
            p,
        ),
        one(
            "oracle thin \
         service",
            format!("url=jdbc:oracle:thin:scott/{p}@//db.example:1521/svc"),
            p,
        ),
        one("oracle oci", format!("jdbc:oracle:oci:scott/{p}@ORCL"), p),
        one(
            "sqlplus",
            format!("$ sqlplus -s scott/{p}@orcl @run.sql"),
            p,
        ),
        (
            "netrc",
            format!("machine git.example login bob password {p}"),
            vec![p, "bob"],
        ),
        (
            "netrc lines",
            format!(
                "machine git.example\n  login bob\n  password \
         {p}\n"
            ),
            vec![p, "bob"],
        ),
        one(
            "docker \
         auths",
            format!("{{\"auths\":{{\"reg.example\":{{\"auth\":\"{b64}\"}}}}}}"),
            b64,
        ),
        one(
            "docker auths in text",
            format!(
                "wrote \
         {{\"auths\":{{\"reg.example\":{{\"auth\":\"{b64}\"}}}}}} ok"
            ),
            b64,
        ),
        one("npm auth", format!("//npm.example/:_auth={b64}"), b64),
        one(
            "yaml folded",
            format!("db:\n  password: >-\n    {p}\n  port: 1\n"),
            p,
        ),
        (
            "yaml literal",
            format!(
                "secret: |\n  first{p}\n\n  second{p}\nnext: \
         1"
            ),
            vec!["first", "second"],
        ),
        one(
            "yaml literal key",
            "ssh_key: |2-\n    abcdefhunter2\nport: 1".into(),
            "abcdefhunter2",
        ),
        one("yaml next line", format!("password:\n  {p}\nport: 1"), p),
        (
            "yaml list",
            format!("passwords:\n  - {p}\n  - 'other {p}'\nport: 1"),
            vec![p, "other"],
        ),
        (
            "yaml list flat",
            format!("api_keys:\n- {p}\n- zz{p}\nport: 1"),
            vec![p],
        ),
        (
            "yaml flow list",
            format!("passwords: [{p}, \"b{p}\"]"),
            vec![p],
        ),
        (
            "text list",
            format!("loaded {{\"passwords\": [\"{p}\", \"b{p}\"]}} ok"),
            vec![p],
        ),
        one(
            "yaml env",
            format!("env:\n- name: DB_PASSWORD\n  value: {p}\n"),
            p,
        ),
        one(
            "go env",
            format!("{{Name:DB_PASSWORD Value:{p} ValueFrom:nil}}"),
            p,
        ),
        one(
            "pair in text",
            format!("set {{\"name\": \"password\", \"value\": \"{p}\"}} ok"),
            p,
        ),
        one(
            "xml add",
            format!("<add key=\"ApiPassword\" value=\"{p}\"/>"),
            p,
        ),
        one(
            "xml add turned",
            format!("<add value=\"{p}\" key=\"ApiPassword\" />"),
            p,
        ),
        one(
            "xml property",
            format!("<property name=\"password\">{p}</property>"),
            p,
        ),
        one(
            "xml property value",
            format!("<property name=\"db.password\" value='{p}'/>"),
            p,
        ),
        one(
            "xml nested value",
            format!(
                "<setting name=\"Password\" serializeAs=\"String\">\n \
         <value>{p}</value>"
            ),
            p,
        ),
        one(
            "xml element attr",
            format!("<password type=\"plain\">{p}</password>"),
            p,
        ),
        one(
            "xml prefixed",
            format!(
                "<wsse:Password \
         Type=\"x#PasswordText\">{p}</wsse:Password>"
            ),
            p,
        ),
        one(
            "xml cdata",
            format!("<password><![CDATA[{p}<x]]></password>"),
            p,
        ),
        one(
            "xml hadoop",
            format!("<name>fs.s3a.secret.key</name>\n<value>{p}</value>"),
            p,
        ),
        one(
            "plist",
            format!("<key>Password</key><string>{p}</string>"),
            p,
        ),
        one(
            "xml escaped",
            format!("&lt;password&gt;{p}&lt;/password&gt;"),
            p,
        ),
        one(
            "xml in json",
            format!(
                "{{\"m\":\"<add key=\\\"ApiPassword\\\" \
         value=\\\"{p}\\\"/>\"}}"
            ),
            p,
        ),
        (
            "oauth code",
            "GET /cb?code=4fakeAX4XfWjcode&state=af0ifjsldkjfake \
         HTTP/1.1"
                .into(),
            vec!["4fakeAX4", "af0ifjsldkj"],
        ),
        (
            "oauth code turned",
            "GET \
         /cb?state=af0ifjsldkjfake&code=4/0fakeAX4XfWj"
                .into(),
            vec!["0fakeAX4", "af0ifjsldkj"],
        ),
        one(
            "saml",
            "POST /acs?SAMLResponse=PHNhbWxwOlJlc3BvbnNlfake".into(),
            "PHNhbWxwOlJlc3",
        ),
        one(
            "cas",
            "GET /app?ticket=ST-12-fakeabcdefgh-cas".into(),
            "fakeabcdefgh",
        ),
        one(
            "reset path",
            "GET /password/reset/9f86d081884c7d65fake 200".into(),
            "9f86d081",
        ),
        one(
            "confirm path",
            "GET /users/confirm/Zx9kLmQw2PfakeRt 302".into(),
            "Zx9kLmQw2P",
        ),
        one(
            "verify path",
            "https://x.example/verify-email/9f86d081884c7d65".into(),
            "9f86d081",
        ),
        one(
            "invite path",
            "/invite/550e8400-e29b-41d4-a716-446655440000".into(),
            "550e8400",
        ),
        one(
            "unsubscribe path",
            "/unsubscribe/a1b2c3d4e5f6fake?x=1".into(),
            "a1b2c3d4",
        ),
        one(
            "magic path",
            "/magic-link/a1b2c3d4e5f6fake".into(),
            "a1b2c3d4",
        ),
        one(
            "django \
         reset",
            "/accounts/reset/MQ/bx1z9p-3f2cfake0123456789abcdef/".into(),
            "3f2cfake",
        ),
        (
            "quoted mail",
            "from \"ann lindqvist\"@example.org to x".into(),
            vec!["ann", "lindqvist"],
        ),
        (
            "verp",
            "bounces+ann=example.org@lists.example refused".into(),
            vec!["ann", "bounces"],
        ),
        (
            "srs",
            "SRS0=ab12=TT=example.org=ann@fwd.example".into(),
            vec!["ann", "example.org"],
        ),
        one("ssn blanks", "SSN: 123 45 6789 on file".into(), "45 6789"),
        one(
            "ssn words",
            "social security number 123 45 6789".into(),
            "45 6789",
        ),
        one("php", format!("a:1:{{s:8:\"password\";s:10:\"{p}\";}}"), p),
        one(
            "php quote",
            "s:8:\"password\";s:7:\"se\"cret\";i:1;".into(),
            "cret",
        ),
        one(
            "multipart",
            format!("form-data; name=\"password\"\r\n\r\n{p}\r\n--b"),
            p,
        ),
        one(
            "multipart type",
            format!(
                "name=\"password\"\r\nContent-Type: \
         text/plain\r\n\r\n{p}\r\n--b"
            ),
            p,
        ),
        one(
            "multipart escaped",
            format!("name=\\\"password\\\"\\r\\n\\r\\n{p}\\r\\n--b"),
            p,
        ),
        one("french", format!("mot de passe : {p}"), p),
        one("german", format!("Passwort: {p}"), p),
        one("german compound", format!("Datenbankpasswort={p}"), p),
        one("spanish", format!("contraseña: {p}"), p),
        one("portuguese", format!("senha: {p}"), p),
        one("portuguese two", format!("palavra-passe: {p}"), p),
        one("russian", format!("пароль: {p}"), p),
        one("russian capital", format!("Пароль: {p}"), p),
        one("chinese", format!("密码: {p}"), p),
        one("chinese compound", format!("用户密码：{p}"), p),
        one("japanese", format!("パスワード: {p}"), p),
        one("korean", format!("비밀번호: {p}"), p),
        one("vietnamese", format!("mật khẩu: {p}"), p),
        one("turkish", format!("şifre: {p}"), p),
        one("polish", format!("hasło: {p}"), p),
        one("hindi", format!("पासवर्ड: {p}"), p),
        one("thai", format!("รหัสผ่าน: {p}"), p),
        one("arabic", format!("كلمة المرور: {p}"), p),
        one("hebrew", format!("סיסמה: {p}"), p),
        one("greek", format!("κωδικός πρόσβασης: {p}"), p),
        one("swedish", format!("lösenord: {p}"), p),
        one("is", format!("the password is {p}"), p),
        one(
            "is word",
            "your new password is swordfish.".into(),
            "swordfish",
        ),
        one("is digits", "password is 12345678 now".into(), "12345678"),
        (
            "from to",
            format!(
                "the password was changed from old{p} to new{p} by \
         ann"
            ),
            vec!["oldhunter2", "newhunter2"],
        ),
        one(
            "set to",
            format!("password for svc has been set to {p}!"),
            p,
        ),
        one("with", format!("login as svc with password {p} failed"), p),
        one("using", format!("connecting using password '{p}'"), p),
        one("token is", format!("token is {p}, keep it"), p),
        one("pin is", "the PIN is 4711".into(), "4711"),
        one("auth plain", format!("C: AUTH PLAIN {b64}"), b64),
        one("auth login", format!("AUTH LOGIN {b64}"), b64),
        one("imap", format!("a1 AUTHENTICATE PLAIN {b64}"), b64),
        one(
            "shadow",
            format!("bob:{sha}:19000:0:99999:7:::"),
            &sha[24..50],
        ),
        one("bcrypt", format!("stored {bcrypt} for 7"), &bcrypt[10..40]),
        one("argon2", format!("hash={argon}"), "RdescudvJCsgt3ub"),
        one(
            "md5 crypt",
            concat!("x $1$fakesalt$", "qJH7.N4xYta3aEG/dfqo/0 y").into(),
            "qJH7.N4x",
        ),
        one(
            "sha256 crypt",
            concat!(
                "x \
         $5$fakesalt$",
                "Gcm6FsVtF/Qa77ZKD.iwsJlCVPY0XSMgLJL0Hnww/c1"
            )
            .into(),
            "Gcm6FsVt",
        ),
        one(
            "django \
         hash",
            concat!(
                "pbkdf2_sha256$600000$",
                "fakesalt$Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4"
            )
            .into(),
            "Zm9vYmFy",
        ),
        one(
            "ldap hash",
            "userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3".into(),
            "DkMTwBl",
        ),
        (
            "digest",
            "Authorization: Digest username=\"mufasa\", realm=\"x\", nonce=\"abc\", \
         uri=\"/\", \
         response=\"6629fae49393a05397450978507c4ef1\""
                .into(),
            vec!["mufasa", "6629fae4"],
        ),
        (
            "digest bare",
            "sent Digest username=\"mufasa\", realm=\"x\", \
         response=\"6629fae49393a05397450978507c4ef1\""
                .into(),
            vec!["mufasa", "6629fae4"],
        ),
        one(
            "sigv4",
            "AWS4-HMAC-SHA256 SignedHeaders=host, \
         Signature=fe5f80f77d5fa3beca038a248ff027d0"
                .into(),
            "fe5f80f7",
        ),
        one(
            "sigv4 header",
            "Authorization: AWS4-HMAC-SHA256 Credential=x/20260101/eu/s3, \
         SignedHeaders=host, Signature=fe5f80f77d5fa3beca"
                .into(),
            "fe5f80f7",
        ),
        one(
            "sigv4 query",
            "GET \
         /k?X-Amz-Date=2&X-Amz-Signature=fe5f80f77d5fa3beca&x=1"
                .into(),
            "fe5f80f7",
        ),
        one(
            "hub",
            "X-Hub-Signature-256: sha256=fe5f80f77d5fa3beca".into(),
            "fe5f80f7",
        ),
        one("camel", format!("{{\"passPhrase\":\"{p}\"}}"), p),
        one(
            "camel text",
            format!("cfg passPhrase={p} userPassWord={p}"),
            p,
        ),
        one(
            "env in prose",
            format!("export AWS_SECRET_ACCESS_KEY {aws}"),
            "FAKEKEY12",
        ),
        one("go dsn local", format!("dsn app:{p}@/shop?charset=utf8"), p),
        one(
            "oracle quoted",
            format!("jdbc:oracle:thin:scott/\"{p}\"@db:1521:orcl"),
            p,
        ),
        one("yaml quoted key", format!("\"password\": |\n  {p}\n"), p),
        one(
            "password field",
            format!("<input value=\"{p}\" type=\"password\">"),
            p,
        ),
        one(
            "multipart plain",
            format!("form-data; name=password\r\n\r\n{p}\r\n--b"),
            p,
        ),
        one("spanish is", format!("la contraseña es {p}"), p),
        one("chinese is", format!("密码是{p}"), p),
        one("japanese is", format!("パスワードは {p}"), p),
        one("user and", format!("with username bob and password {p}"), p),
        one("temporary", format!("temp password {p}!x"), p),
        (
            "from to ticks",
            "Password changed from `marine_pass` to \
         `marine_pass123`"
                .into(),
            vec!["marine"],
        ),
        one("is starred", format!("the access token is *\"{p}\"*"), p),
        one(
            "set to colon",
            format!("Password has been set to : '{p}'"),
            p,
        ),
        one(
            "yaml escaped",
            format!("x: \"password: |\\n  {p}\\n\" applied"),
            p,
        ),
        one("form pair", format!("name=password&value={p}"), p),
        one(
            "oauth form",
            "code=4fakeAX4XfWj&grant_type=authorization_code".into(),
            "4fakeAX4",
        ),
        one(
            "return path",
            "return-ann=example.org@x.example".into(),
            "return-ann",
        ),
        one(
            "changed quoted",
            format!("user changed password from 'old{p}' to '{p}'"),
            p,
        ),
        one("pass phrase", format!("pass phrase is correct-{p}"), p),
        one("ssn plain", "SSN 123456789 on file".into(), "123456789"),
        one("kubeconfig", format!("client-key-data: {p}"), p),
    ]
}

#[test]
fn notations_are_caught() {
    let mut missed = Vec::new();
    for (name, text, secrets) in notations() {
        let clean = redact(&text);
        if secrets.iter().any(|s| clean.contains(s)) {
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
    assert!(missed.is_empty(), "{}: {missed:#?}", missed.len());
}

/// Lines that look like [`notations`] and hold nothing.
const NEAR_MISSES: &[&str] = &[
    "key=user:1234:profile",
    "GET user:1234:profile from cache",
    "sid=S-1-5-21-3623811015-3361044348-30300820-1013",
    "password is required",
    "password is invalid",
    "Password is wrong, try again",
    "the password is empty",
    "password is too short (minimum is 8 characters)",
    "password was changed by the owner",
    "password has been reset successfully",
    "password must be at least 12 characters",
    "the password was expired.",
    "login with password failed",
    "connected with password authentication",
    "with password policy v2",
    "password is base64-encoded",
    "password for user42 is required",
    "secret is mounted at /var/run/secrets",
    "token is expired",
    "token was issued 30s ago",
    "access token expired for client abc123",
    "secret access key is missing",
    "api key rotation scheduled",
    "the PIN is wrong",
    "250-AUTH PLAIN LOGIN CRAM-MD5",
    "AUTH PLAIN LOGIN",
    "mail sent to team@tcp (no address)",
    "jdbc:oracle:thin:@db.internal:1521:orcl",
    "sqlplus /nolog @run.sql",
    "machine learning login service started",
    "{\"auth\":\"required\",\"auths\":{}}",
    "auth: none",
    "description: |\n  a text\n  of two lines",
    "password: |\n\nport: 5",
    "secrets:\n  - name: db-password\n    key: x",
    "secrets:\n- db_password\n- api_key",
    "credentials=[PROTECTED]",
    "passwords: []",
    "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {}",
    "<add key=\"PageSize\" value=\"50\"/>",
    "<property name=\"retries\">3</property>",
    "<input type=\"password\" name=\"login\"/>",
    "<name>fs.defaultFS</name><value>hdfs</value>",
    "GET /orders?code=SUMMER&page=2",
    "GET /search?state=open&page=2",
    "exit code=137&reason=oom",
    "GET /password/reset/ 200",
    "POST /password/reset/confirm 200",
    "GET /invite/42 200",
    "/static/reset/bootstrap-5.3.0.css",
    "/opt/verify/run-tests.sh",
    "name=\"password\" is a field",
    "s:8:\"username\";N;",
    "cost $12.50 for $5 and $6 off",
    "echo $1 $2 ${3}",
    "signature: void run(int)",
    "signature=(II)V",
    "response=200 username_count=3",
    "total 123 45 6789 rows",
    "compass phrase passing",
    "(ALL) NOPASSWD: ALL",
    "def check(self, password):\n    \"\"\"Checks it.\"\"\"\n    if password:\n        return",
    "if token:\n    pass",
    "ring::signature::RSA_PKCS1_2048_8192_SHA256",
    "token::refresh_all and secret::store",
    "Basic Options of the tool",
    "HTTP Basic authentication",
    "the password is used to decrypt\nthe file",
    "use the password to authenticate\nwith it",
    "if the password is set, it is used",
    "The password is then hashed",
    "when the secret is rotated, token is refreshed",
    "your token is not valid",
    "user bob forgot password again",
    "password_reset_token was sent to the user",
    "calling check_password with 3 arguments",
    "secret_name db-credentials-v2",
    "密码错误",
    "пароль неверный",
    "the new password is fine",
    "user password updated by administrator",
    "password - required",
    "{\"signature\":{\"version\":1},\"time_signature\":4}",
    "UPDATE users SET password = ? WHERE id = ?",
    "UPDATE users SET password = :password, token = $2",
    "INSERT INTO sessions (id, token) VALUES (?, ?)",
    "token: expected ';' but found '}'",
    "parse error: unexpected token: 'else'",
    "GET /docs/recovery/disaster-recovery-plan-2026 200",
    "GET /verify/health-check-v2 200",
    "GET /orders/confirmation/ORD-2026-001234 200",
    "GET /items?code=ABC123&state=active HTTP/1.1",
    "--- PASS: TestTokenRefresh (0.01s)",
    "fix password is shown",
    "mot de passe : oublié",
    "la contraseña es obligatoria",
    "Passwort ist falsch",
    "密码不能为空",
    "com.example.Service$$EnhancerBySpring$$1a2b3c@5e91993f",
    "using password: YES",
    "Accepted password for root from 127.0.0.1 port 51234 ssh2",
    "Warning: Using a password on the command line interface can be insecure.",
    "admin password changed from web-1",
    "admin password changed from default",
    "password was changed from the admin panel",
    "token is 3600s old",
    "the pin is gpio17",
    "password was 2026-11-21T10:12:12Z last set",
    "the token is v2.1.0",
    "user 42 changed password at 10:12:01",
    "pagination token count is 3",
];

/// What services say all day.
const ORDINARY: &[&str] = &[
    "127.0.0.1 - - [21/Nov/2026:10:12:01 +0000] \"GET /api/v1/items?page=2&size=50 HTTP/1.1\" \
     200 512 \"-\" \"curl/8.5.0\"",
    "127.0.0.1 - - [21/Nov/2026:10:12:02 +0000] \"POST /login HTTP/1.1\" 302 0 \"-\" \
     \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"",
    "2026/11/21 10:12:03 [error] 31#31: *1024 upstream timed out (110: Connection timed out) \
     while reading response header from upstream, server: shop, request: \"GET /cart HTTP/2.0\", \
     upstream: \"http://127.0.0.1:8080/cart\"",
    "2026/11/21 10:12:03 [warn] 31#31: *7 a client request body is buffered to a temporary file \
     /var/cache/nginx/client_temp/0000000012",
    "2026/11/21 10:12:04 [notice] 1#1: signal 17 (SIGCHLD) received from 33",
    "2026/11/21 10:12:04 [crit] 29#29: *88 SSL_do_handshake() failed (SSL: error:0A000102:SSL \
     routines::unsupported protocol)",
    "Nov 21 10:12:05 web-1 systemd[1]: Started Session 42 of User root.",
    "Nov 21 10:12:05 web-1 systemd[1]: nginx.service: Main process exited, code=exited, \
     status=1/FAILURE",
    "Nov 21 10:12:05 web-1 systemd[1]: nginx.service: Failed with result 'exit-code'.",
    "Nov 21 10:12:06 web-1 systemd[1]: Starting Daily apt download activities...",
    "Nov 21 10:12:06 web-1 kernel: [12345.678901] Out of memory: Killed process 4242 (java) \
     total-vm:8123456kB, anon-rss:4123456kB",
    "Nov 21 10:12:06 web-1 kernel: EXT4-fs (sda1): re-mounted. Opts: errors=remount-ro",
    "Nov 21 10:12:07 web-1 CRON[991]: pam_unix(cron:session): session opened for user \
     root(uid=0) by (uid=0)",
    "Nov 21 10:12:07 web-1 sshd[812]: Server listening on 0.0.0.0 port 22.",
    "Nov 21 10:12:07 web-1 dockerd[700]: time=\"2026-11-21T10:12:07Z\" level=info msg=\"Loading \
     containers: done.\"",
    "2026-11-21 10:12:08.123 UTC [77] LOG:  checkpoint complete: wrote 1234 buffers (7.5%); 0 \
     WAL file(s) added, 1 removed; write=12.345 s, sync=0.012 s",
    "2026-11-21 10:12:08.124 UTC [78] ERROR:  duplicate key value violates unique constraint \
     \"orders_pkey\"",
    "2026-11-21 10:12:08.124 UTC [78] DETAIL:  Key (id)=(1234) already exists.",
    "2026-11-21 10:12:08.125 UTC [79] FATAL:  password authentication failed for user \"postgres\"",
    "2026-11-21 10:12:08.126 UTC [80] LOG:  duration: 1523.332 ms  statement: SELECT count(*) \
     FROM orders WHERE state = 'open'",
    "2026-11-21 10:12:08.127 UTC [81] WARNING:  could not open statistics file \
     \"pg_stat_tmp/global.stat\": Operation not permitted",
    "2026-11-21 10:12:08.128 UTC [82] LOG:  automatic vacuum of table \"shop.public.orders\": \
     index scans: 1",
    "I1121 10:12:09.000001       1 controller.go:221] Starting workers controller=\"deployment\" \
     workers=5",
    "E1121 10:12:09.000002       1 reflector.go:138] Failed to watch *v1.Secret: failed to list \
     *v1.Secret: secrets is forbidden",
    "W1121 10:12:09.000003       1 warnings.go:70] policy/v1beta1 PodDisruptionBudget is \
     deprecated in v1.21+",
    "Warning  BackOff  2m (x12 over 5m)  kubelet  Back-off restarting failed container api in \
     pod api-7d9f8b6c5-x2k4q_default(550e8400-e29b-41d4-a716-446655440000)",
    "Normal  Pulled  1m  kubelet  Successfully pulled image \"shop/api:1.4.2\" in 1.532s (1.532s \
     including waiting)",
    "MountVolume.SetUp failed for volume \"db-credentials\" : secret \"db-credentials\" not found",
    "Readiness probe failed: Get \"http://127.0.0.1:8080/healthz\": dial tcp 127.0.0.1:8080: \
     connect: connection refused",
    "2026-11-21 10:12:10,001 INFO  [main] o.s.b.w.e.tomcat.TomcatWebServer - Tomcat started on \
     port(s): 8080 (http) with context path ''",
    "2026-11-21 10:12:10,002 WARN  [pool-1-thread-3] c.z.h.p.HikariPool - HikariPool-1 - Thread \
     starvation or clock leap detected (housekeeper delta=58s)",
    "java.lang.IllegalArgumentException: Password must not be blank",
    "\tat com.example.auth.PasswordResetService.resetPassword(PasswordResetService.java:88)",
    "\tat org.springframework.security.web.FilterChainProxy.doFilter(FilterChainProxy.java:337) \
     ~[spring-security-web-6.2.1.jar:6.2.1]",
    "Caused by: java.sql.SQLException: ORA-01017: invalid username/password; logon denied",
    "Caused by: org.postgresql.util.PSQLException: Connection to localhost:5432 refused.",
    "java.util.NoSuchElementException: Context does not contain key: session",
    "[GC (Allocation Failure) [PSYoungGen: 65536K->10720K(76288K)] 65536K->10728K(251392K), \
     0.0091212 secs]",
    "UsernamePasswordAuthenticationToken [Principal=anonymous, Credentials=[PROTECTED], \
     Authenticated=true]",
    "Traceback (most recent call last):",
    "  File \"/app/shop/auth.py\", line 42, in check_password",
    "    raise ValueError(\"password is required\")",
    "ValueError: invalid literal for int() with base 10: 'abc'",
    "KeyError: 'access_token'",
    "django.core.exceptions.ImproperlyConfigured: The SECRET_KEY setting must not be empty.",
    "INFO:     127.0.0.1:51234 - \"GET /docs HTTP/1.1\" 200 OK",
    "[2026-11-21 10:12:11 +0000] [8] [INFO] Booting worker with pid: 8",
    "celery.worker.strategy INFO Task shop.tasks.send_mail[550e8400-e29b-41d4-a716-446655440000] \
     received",
    "panic: runtime error: invalid memory address or nil pointer dereference",
    "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a3b2c]",
    "goroutine 17 [running]:",
    "\t/src/internal/token/refresh.go:88 +0x1a5",
    "{\"level\":\"info\",\"ts\":1700000000.123,\"caller\":\"auth/token.go:42\",\"msg\":\"token \
     refreshed\",\"expires_in\":3600}",
    "level=warn ts=2026-11-21T10:12:12.345Z caller=main.go:31 component=tsdb msg=\"Compaction \
     took longer than the block time range\" duration=2m3s",
    "time=\"2026-11-21T10:12:12Z\" level=error msg=\"rpc error: code = Unauthenticated desc = \
     token is not valid\"",
    "error: failed to verify signature: key id mismatch (expected 3, got 4)",
    "kafka: [Consumer clientId=c-1, groupId=g-1] Resetting offset for partition orders-3 to \
     position FetchPosition{offset=1234567}",
    "redis: 1:M 21 Nov 2026 10:12:13.000 * Background saving started by pid 55",
    "AUTH: session opened, user=root method=publickey",
    "rabbitmq: closing AMQP connection <0.1234.0> (127.0.0.1:41234 -> 127.0.0.1:5672, vhost: '/')",
    "HTTP 401: {\"error\":\"invalid_grant\",\"error_description\":\"The code has expired\"}",
    "webpack 5.90.0 compiled successfully in 4321 ms; asset main.9f86d081.js 1.2 MiB [emitted] \
     [immutable]",
    "npm WARN deprecated uuid@3.4.0: Please upgrade to version 7 or higher.",
    "CSRF verification failed. Request aborted.",
];

#[test]
fn near_misses_and_ordinary_lines_survive() {
    assert!(ORDINARY.len() >= 60);
    let lines = NEAR_MISSES.iter().chain(ORDINARY);
    let touched: Vec<String> = lines
        .filter(|line| redact(line) != **line)
        .map(|line| format!("{line}\n -> {}", redact(line)))
        .collect();
    assert!(touched.is_empty(), "{}: {touched:#?}", touched.len());
}

#[test]
fn the_short_end_of_a_private_key_does_not_stay() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    for end in ["abcd", "q4xv9A==", "Zm9vYmFyYmF6cXV4"] {
        for prefix in ["", "2026-11-21T10:00:00Z INFO app: ", "app[7] | "] {
            let mut stream = StreamRedactor::new(&redactor, LineFormat::Text);
            let begin = format!("-----BEGIN {} KEY-----", "PRIVATE");
            let stop = format!("-----END {} KEY-----", "PRIVATE");
            let mut out = Vec::new();
            for line in [begin.as_str(), B64, end, stop.as_str(), "done"] {
                let line = format!("{}{line}", prefix.replace("00Z", "07Z"));
                let clean = stream.line(&Mac(7), Raw::new(line)).clean;
                out.push(clean.into_inner());
            }
            assert!(!out.join("\n").contains(end), "{out:?}");
            assert!(out[4].ends_with("done"), "{out:?}");
        }
    }
}
