//! Lines that the screen lets through come out as they do when every line is read, and what came
//! out comes out as it is.
#![expect(
    clippy::unwrap_used,
    reason = "fixtures that cannot be built stop the test"
)]

mod keyed;

use std::sync::LazyLock;

use cordon_event::Raw;
use cordon_redact::{LineFormat, NameScope, Policy, Redactor, StreamRedactor};
use keyed::Mac;
use proptest::prelude::*;
use serde_json::{Value, json};

/// What begins something, what ends it, and what stands between.
const PIECES: &[&str] = &[
    " ",
    " ",
    ": ",
    "=",
    ", ",
    "\"",
    "'",
    "\n",
    "\r\n",
    "\t",
    "/",
    "://",
    "@",
    "-",
    "--",
    "_",
    ".",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "glpat-0a1B2c",
    "ghp_0a1B2c3D4e5F6g7H8i9J",
    "k1L2m3N4o5P6q7R8",
    "\\\n",
    "\n[svc] ",
    "echo $API_SECRET\n",
    "client_password\n",
    "password",
    "token",
    "secret",
    "user",
    "email",
    "name",
    "id",
    "key",
    "card",
    "pin",
    "is",
    "to",
    "Bearer ",
    "Basic ",
    "curl",
    "-u",
    "bob:hunter2Zq9",
    "mysql",
    "-phunter2Zq9",
    "--password",
    "hunter2Zq9",
    "S3cr3t!x",
    "ann@example.org",
    "10.1.2.3",
    "4111111111111111",
    "4111 1111 1111 1111",
    "123-45-6789",
    "+4930123456",
    "DE89370400440532013000",
    "c2VjcmV0LXRva2VuPWh1bnRlcjJacTk",
    "%41%42",
    "password=3Dhunter2Zq9 =2E",
    "YW5uQGV4YW1wbGUub3JnIGNhbGxlZCB1cyBhZ2Fpbg==",
    "616e6e406578616d706c652e6f72672063616c6c6564207573",
    "SAB1AG4AdAAgAGYAbwByACAAYQBuAG4AQABlAHgAYQBtAHAAbABlAC4AbwByAGcA",
    "H4sIAAAAAAAC/0tMTKwEALMq3Z4EAAAA",
    "4111\u{a0}1111\u{a0}1111\u{a0}1111",
    "\u{1b}[31m",
    "\\u0041",
    "é",
    "пароль",
    "2026-11-21T10:00:00Z",
    "INFO ",
    "took 12 ms",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "-----END RSA PRIVATE KEY-----\n",
    "MIIEowIBAAKCAQEA7bq3Zx9Lk2mPqRsTuVwXyZ0123456789abcdefGHIJKLmnop\n",
    "/home/ann/x",
    "C:\\Users\\Ann\\x",
    "4.111111111111111e15",
    // Words that lead to numbers or follow them, where a line may end.
    "16 Main Street",
    "lives at 16 Main Ave",
    "rue Victor Hugo 5",
    "P.O. Box 12",
    "born 1985-04-12",
    "IMEI 490154203237518",
    "passport ",
    "C01X00T47",
    "account 12345678",
    "your code is 482913",
    "2 482913 is your code",
    "52.5200, 13.4050",
    "(212) 555-0142",
    "10115 Berlin",
    "Ann Lee",
    "uid=1000(ann)",
    "sudo: ann : ",
    "for user ann",
    "PID|1||123456",
    "NM1*IL*1*DOE*ANN",
    ":50K:/12345678",
    "sip:ann@",
    "token kT9xQ2vLr8ZpWm4NcY7uHd3B",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9 ]{1,12}",
        1 => "[ -~]{1,6}",
        1 => ("[A-Za-z0-9]{30,40}").prop_map(|rest| format!("gh{}_{rest}", 'p')),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..6).prop_map(|pieces| pieces.concat())
}

fn document() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(4_111_111_111_111_111_u64)),
    ];
    let leaf = prop_oneof![3 => text().prop_map(Value::from), 1 => number, 1 => Just(Value::Null)];
    let key = prop_oneof![
        "[a-zA-Z_.]{1,10}",
        text(),
        prop::sample::select(vec![
            "name",
            "value",
            "password",
            "Card Number",
            "password?",
            "auth",
            "headers",
            "code",
            "user_id",
            "ts"
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// A line of JSON, as different writers spell it.
fn json_line() -> impl Strategy<Value = String> {
    (document(), any::<bool>(), any::<bool>()).prop_map(|(value, slashes, nested)| {
        let mut line = value.to_string();
        if nested {
            line = json!({"m": line}).to_string();
        }
        if slashes {
            line = line.replace('/', "\\/");
        }
        line
    })
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        text(),
        json_line(),
        json_line().prop_map(|line| line.chars().skip(1).collect()),
        Just("2026-11-21 10:00:00 INFO http - GET /api/orders/17 200 3 ms".to_owned()),
        Just(r#"{"ts":"2026-11-21T10:00:00Z","level":"info","msg":"cache miss","n":3}"#.to_owned()),
    ]
}

/// A redactor that copies lines, and one that is to look at every line, for what none of them
/// holds.
fn pair(names: NameScope) -> [Redactor; 2] {
    let policy = |canaries: &[&str]| Policy {
        canaries: canaries.iter().map(|c| (*c).to_owned()).collect(),
        names,
        ..Policy::default()
    };
    [&[][..], &["tulip-canary-77"]].map(|canaries| Redactor::new(policy(canaries)).unwrap())
}

/// Fields are searched for names, which no screen knows of; without that all lines of JSON in
/// which nothing is proposed are copied.
static REDACTORS: LazyLock<[[Redactor; 2]; 2]> =
    LazyLock::new(|| [NameScope::Fields, NameScope::Off].map(pair));

fn check(text: &str) -> Result<(), TestCaseError> {
    for [copying, thorough] in &*REDACTORS {
        for format in [LineFormat::Auto, LineFormat::Text, LineFormat::Json] {
            let block = redacted(copying, format, text);
            let read = redacted(thorough, format, text);
            prop_assert_eq!(block, read, "{:?}", format);
        }
    }
    Ok(())
}

fn redacted(redactor: &Redactor, format: LineFormat, text: &str) -> String {
    let mut stream = StreamRedactor::new(redactor, format);
    let block = stream.lines(&Mac, Raw::new(text.to_owned()));
    block.clean.into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_that_are_copied_come_out_as_if_they_were_read(
        lines in prop::collection::vec(line(), 1..5),
    ) {
        check(&lines.join("\n"))?;
    }

    #[test]
    fn redacting_a_stream_twice_changes_nothing(
        lines in prop::collection::vec(line(), 1..6),
    ) {
        let text = lines.join("\n");
        let [copying, _] = &REDACTORS[0];
        for format in [LineFormat::Auto, LineFormat::Text, LineFormat::Json] {
            let once = redacted(copying, format, &text);
            prop_assert_eq!(redacted(copying, format, &once), once, "{:?}", format);
        }
    }
}

#[test]
fn what_only_the_walk_over_fields_finds_is_read() {
    let far = "x ".repeat(100);
    for line in [
        // A sentence that is taken for a name, which is looked for in fields alone.
        r#"{"A":"password0 IA Bh aq G0"}"#.to_owned(),
        r#" [{"A":"password0 IA Bh aq G0"}] "#.to_owned(),
        // Members of a list that are somebody's by its name.
        r#"{"client":[{"name":"Ann Lee"}]}"#.to_owned(),
        format!(r#"{{"client": {}{{"name":"Ann Lee"}}}}"#, " ".repeat(90)),
        // A header of one column, behind a line break that is escaped in the raw line.
        r#"{"m":"[{},\"\\\\\\nclient_password\\n-phunter2Zq9\"]"}"#.to_owned(),
        // A number that its name asks a form of.
        r#"{"coordinates":48.856613}"#.to_owned(),
        r#"{"a":{"gps_location":{"value":-3.7037901}}}"#.to_owned(),
        // The halves of a coordinate, out of each other's sight.
        format!(r#"{{"lat":48.856613,"m":"{far}","lng":2.352222}}"#),
        format!(r#"{{"LONG":2.352222,"m":"{far}","Lat":48.856613}}"#),
    ] {
        let [[_, fields], [_, off]] = &*REDACTORS;
        let held = [fields, off].map(|all| redacted(all, LineFormat::Json, &line) != line);
        assert!(held.contains(&true), "{line} holds nothing");
        check(&line).unwrap();
    }
}
