//! What comes out of a stream does not depend on how its bytes were cut into pieces.
#![expect(
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "fixtures are ASCII where they are cut, and stop the test where they cannot be built"
)]

mod keyed;
mod pieces;

use std::sync::LazyLock;

use cordon_detect::rules::RuleSet;
use cordon_event::Raw;
use cordon_redact::{
    BLOCK_BYTES_MAX, HELD_BYTES_MAX, LINE_BYTES_MAX, LineFormat, NameScope, Policy, Redactor,
    StreamRedactor,
};
use keyed::Mac;
use pieces::{Given, check_every_cut, fed};
use proptest::prelude::*;

const FORMATS: [LineFormat; 3] = [LineFormat::Auto, LineFormat::Text, LineFormat::Json];

const GH: &str = concat!("gh", "p_", "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX");
const B64: &str = "MIIEowIBAAKCAQEA7bq3Zx9Lk2mPqRsTuVwXyZ0123456789abcdefGHIJKLmnop";
const SHORT: &str = "q4xv9A==";

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| {
    let receipt_digests = true;
    Redactor::new(Policy {
        receipt_digests,
        ..Policy::default()
    })
    .unwrap()
});

/// Reads no fields for names, so that lines in which nothing begins are not looked at.
static PLAIN: LazyLock<Redactor> = LazyLock::new(|| {
    let names = NameScope::Off;
    Redactor::new(Policy {
        names,
        ..Policy::default()
    })
    .unwrap()
});

/// What the lines of a log begin with.
const AT: &str = "2026-11-21T10:00:00Z INFO app[7]: ";

fn begin() -> String {
    format!("-----BEGIN RSA {} KEY-----", "PRIVATE")
}

fn end() -> String {
    format!("-----END RSA {} KEY-----", "PRIVATE")
}

fn check(format: LineFormat, input: &[u8]) -> Given {
    check_every_cut(&REDACTOR, &Mac, format, input)
}

/// A web token of some length, wrapped at a width.
fn wrapped_jwt(width: usize) -> String {
    let body = data_encoding::BASE64URL_NOPAD.encode(
        br#"{"sub":"0f9b2c","scope":"read write","iat":1763719200,"exp":1763722800,"n":"a8Zq"}"#,
    );
    let token = format!(
        "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{body}.{}",
        "q7Rk2mPz9LxB4vNt8YwC1sFh6JdG3eAu5"
    );
    let lines = token.as_bytes().chunks(width);
    let lines: Vec<&str> = lines
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    lines.join("\n")
}

/// A record of a container's log.
fn record(log: &str) -> String {
    let record =
        serde_json::json!({"log": log, "stream": "stdout", "time": "2026-11-21T10:00:00Z"});
    format!("{record}\n")
}

/// A name, an input, and what must not come out.
type Case = (&'static str, Vec<u8>, Vec<String>);

fn of(name: &'static str, text: String, secrets: &[&str]) -> Case {
    let secrets = secrets.iter().map(|s| (*s).to_owned()).collect();
    (name, text.into_bytes(), secrets)
}

/// Inputs whose lines mean something together.
fn together() -> Vec<Case> {
    [keys(), tokens(), names(), records(), odd()].concat()
}

fn keys() -> Vec<Case> {
    let (begin, end) = (begin(), end());
    let at = AT;
    vec![
        of(
            "pem",
            format!("a\n{begin}\n{B64}\n{SHORT}\n{end}\nb\n"),
            &[B64, SHORT],
        ),
        of(
            "pem, crlf",
            format!("{begin}\r\n{B64}\r\n{SHORT}\r\n{end}\r\nb"),
            &[B64, SHORT],
        ),
        of(
            "pem, cut",
            format!("{begin}\n{B64}\n{SHORT}\nall is well again\n"),
            &[B64, SHORT],
        ),
        of(
            "pem behind times",
            format!("{at}{begin}\n{at}{B64}\n{at}{SHORT}\n{at}{end}\n{at}done\n"),
            &[B64, SHORT],
        ),
    ]
}

fn tokens() -> Vec<Case> {
    let (half, rest) = GH.split_at(22);
    let (at, jwt) = (AT, wrapped_jwt(72));
    vec![
        of(
            "wrapped",
            format!("tok {half}\n{rest}\nok\n"),
            &[&half[8..], &rest[4..]],
        ),
        of(
            "wrapped, crlf",
            format!("tok {half}\r\n{rest}\r\nok\r\n"),
            &[&half[8..], &rest[4..]],
        ),
        of(
            "wrapped, indented",
            format!("tok {half}\n    {rest}"),
            &[&half[8..], &rest[4..]],
        ),
        of(
            "wrapped, continued",
            format!("tok {half}\\\n{rest} -v\n"),
            &[&half[8..], &rest[4..]],
        ),
        of(
            "wrapped behind times",
            format!("{at}tok {half}\n{at}{rest}\n{at}ok\n"),
            &[&half[8..], &rest[4..]],
        ),
        of(
            "wrapped at the end",
            format!("a\ntok {half}\n{rest}"),
            &[&half[8..], &rest[4..]],
        ),
        of(
            "jwt over lines",
            format!("{jwt}\nok\n"),
            &["q7Rk2mPz", "ZjA5YjJj", "5LxB4vNt8", "5eAu5"],
        ),
        of(
            "two wrapped",
            format!("tok {half}\n{rest}\ntok {half}\n{rest}\n"),
            &[&half[8..], &rest[4..]],
        ),
        of("half alone", format!("tok {half}\nnothing follows\n"), &[]),
    ]
}

fn names() -> Vec<Case> {
    vec![
        of(
            "table",
            "id,password,city\n1,hunter2Zq9,Rome\n2,hunter3Zq9,Oslo\n\nid\n".to_owned(),
            &["hunter2Zq9", "hunter3Zq9"],
        ),
        of(
            "drawn table",
            " id | password\n----+----------\n  1 | hunter2Zq9\n(1 row)\n".to_owned(),
            &["hunter2Zq9"],
        ),
        of(
            "kubernetes secret",
            "apiVersion: v1\nkind: Secret\ndata:\n  password: aHVudGVyMlpxOQ==\n  token: |\n    \
             aHVudGVyM1pxOWh1bnRlcjM=\n"
                .to_owned(),
            &["aHVudGVyMlpxOQ", "aHVudGVyM1px"],
        ),
        of(
            "environment of a pod",
            "env:\n  - name: DB_PASSWORD\n    value: hunter2Zq9\n".to_owned(),
            &["hunter2Zq9"],
        ),
        of(
            "form",
            "Content-Disposition: form-data; name=\"password\"\r\n\r\nhunter2Zq9\r\n--x\r\n"
                .to_owned(),
            &["hunter2Zq9"],
        ),
        of(
            "stack trace",
            "Traceback (most recent call last):\n  \
             File \"/home/alindqvist/x.py\", line 3, in f\n    \
             connect(password='hunter2Zq9')\nValueError: bad user ann@example.org\n"
                .to_owned(),
            &["alindqvist", "hunter2Zq9", "ann@"],
        ),
        of(
            "java trace",
            "java.lang.IllegalStateException: token hunter2Zq9x refused\n\tat a.b.C.d(C.java:3)\n\
             Caused by: java.io.IOException: jdbc:x://u:hunter2Zq9@db/x\n\t... 3 more\n"
                .to_owned(),
            &["u:hunter2Zq9@"],
        ),
    ]
}

fn records() -> Vec<Case> {
    let (begin, end) = (begin(), end());
    let (half, rest) = GH.split_at(22);
    vec![
        of(
            "otlp",
            ["mail ann@example.org é", GH]
                .map(|body| {
                    let named = r#"{"key":"password","value":{"stringValue":"hunter2Zq9"}}"#;
                    let body = format!(r#"{{"stringValue":"{body}"}}"#);
                    let log = format!(r#"{{"attributes":[{named}],"body":{body}}}"#);
                    let scope = format!(r#"{{"scopeLogs":[{{"logRecords":[{log}]}}]}}"#);
                    format!("{{\"resourceLogs\":[{scope}]}}\n")
                })
                .concat(),
            &["ann@", "hunter2Zq9", &GH[8..]],
        ),
        of(
            "pem over records",
            format!(
                "{}{}{}{}{}",
                record(&format!("{begin}\n")),
                record(&format!("{B64}\n")),
                record("q4xv\nab12\n"),
                record(&format!("{end} then hunter2Zq9\n")),
                record("all is well\n"),
            ),
            &[B64, "q4xv", "ab12"],
        ),
        of(
            "pem over the records of one line",
            format!(
                "{{\"logs\":[{}]}}\n{}",
                [begin.as_str(), B64, SHORT, end.as_str(), "ok"]
                    .map(|body| format!("{{\"body\":{{\"stringValue\":\"{body}\"}},\"n\":1}}"))
                    .join(","),
                record("ok"),
            ),
            &[B64, SHORT],
        ),
        of(
            "wrapped over records",
            format!(
                "{}{}{}",
                record(&format!("tok {half}\n")),
                record(&format!("{rest}\n")),
                record("ok\n")
            ),
            &[&half[8..], &rest[4..]],
        ),
        of(
            "wrapped over the records of one line",
            format!(
                "{{\"logs\":[{}]}}\n{{}}\n",
                [&format!("tok {half}"), rest, "ok"]
                    .map(|body| format!("{{\"body\":\"{body}\",\"n\":1}}"))
                    .join(",")
            ),
            &[&half[8..], &rest[4..]],
        ),
    ]
}

fn odd() -> Vec<Case> {
    let (half, rest) = GH.split_at(22);
    vec![
        of(
            "json and text",
            "{\"user\":\"u\",\"password\":\"hunter2Zq9\"}\n\
             plain 10.1.2.3 пароль: hunter2Zq9\n\"a\"\n[1,2]\n{\n"
                .to_owned(),
            &["hunter2Zq9"],
        ),
        of("empty lines", "\n\r\n\n\r\r\n \n\r".to_owned(), &[]),
        of(
            "wide characters",
            "mail jörg@bücher.example 日本語 \u{1f600} x\u{200b}y\r\n".to_owned(),
            &["jörg@"],
        ),
        (
            "no utf-8",
            [
                b"a\xff\xe2\x82 b\n\xe2\x82\xac\xc3\n".as_slice(),
                b"mail ann@ex\xc3\x28ample.org \xf0\x9f\x98",
                b"\r\npassword=hunter2Zq9\xff\n",
            ]
            .concat(),
            vec!["hunter2Zq9".to_owned()],
        ),
        (
            "no utf-8 and wrapped",
            [
                b"a\xffx\n".as_slice(),
                format!("tok {half}\n{rest}\nok\n").as_bytes(),
            ]
            .concat(),
            vec![half[8..].to_owned(), rest[4..].to_owned()],
        ),
    ]
}

#[test]
fn lines_that_mean_something_together_come_out_the_same_at_every_cut() {
    for (name, input, secrets) in together() {
        for format in FORMATS {
            let given = check(format, &input);
            let left: Vec<_> = secrets
                .iter()
                .filter(|s| given.clean.contains(*s))
                .collect();
            // Lines are read together as text or as records.
            let apart = (format == LineFormat::Json) != input.starts_with(b"{");
            assert!(
                left.is_empty() || apart && format != LineFormat::Auto,
                "{name}: {left:?} in {}",
                given.clean
            );
            let breaks = |text: &[u8]| memchr::memchr_iter(b'\n', text).count();
            assert_eq!(breaks(given.clean.as_bytes()), breaks(&input), "{name}");
            let plain = fed(&PLAIN, &Mac, format, std::iter::once(&*input));
            assert_eq!(plain.clean, given.clean, "{name}");
        }
    }
}

#[test]
fn what_is_harmless_around_a_wrapped_token_stays() {
    let (half, rest) = GH.split_at(22);
    let at = "2026-11-21T10:00:00Z INFO app[7]: ";
    for (input, expected) in [
        (
            format!("a\ntok {half}\n{rest}\nok\n"),
            "a\ntok [removed]\n[removed]\nok\n".to_owned(),
        ),
        (
            format!("{at}tok {half}\n{at}{rest}\n{at}ok\n"),
            format!("{at}tok [removed]\n{at}[removed]\n{at}ok\n"),
        ),
        (
            format!("tok {half}\n{at}ok\n"),
            format!("tok [removed]\n{at}ok\n"),
        ),
        (
            format!("tok {GH}\n{at}ok\n"),
            format!("tok [removed]\n{at}ok\n"),
        ),
        (
            format!("{}\n2026-11-21 10:00:00 ok\n", wrapped_jwt(400)),
            "Authorization: Bearer [removed]\n2026-11-21 10:00:00 ok\n".to_owned(),
        ),
        (
            format!("{}\nok\n", wrapped_jwt(60)),
            "Authorization: Bearer [removed]\n[removed]\n[removed]\n[removed]\nok\n".to_owned(),
        ),
    ] {
        let given = fed(
            &REDACTOR,
            &Mac,
            LineFormat::Auto,
            [input.as_bytes()].into_iter(),
        );
        assert_eq!(without_rules(&given.clean), expected);
    }
}

/// The text with markers that name no rule.
fn without_rules(text: &str) -> String {
    let mut parts = text.split("[removed:");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |out, part| {
        out + "[removed" + &part[part.find(']').unwrap()..]
    })
}

/// The samples of every second rule: of each rule one at every cut, the others byte by byte.
fn check_samples(half: usize, format: LineFormat) {
    let rules = RuleSet::builtin();
    let mut count = 0;
    for rule in rules.rules().iter().skip(half).step_by(2) {
        for (n, case) in rule.expanded().iter().flatten().enumerate() {
            let input = case.text.as_bytes();
            if n == 0 {
                check(format, input);
            }
            let whole = fed(&REDACTOR, &Mac, format, std::iter::once(input));
            assert_eq!(fed(&REDACTOR, &Mac, format, input.chunks(1)), whole);
            count += 1;
        }
    }
    assert!(count >= 400, "{count}");
}

#[test]
fn samples_of_rules_come_out_the_same_at_every_cut() {
    check_samples(0, LineFormat::Auto);
}

#[test]
fn samples_of_the_other_rules_come_out_the_same_at_every_cut() {
    check_samples(1, LineFormat::Text);
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    let whole: Vec<Vec<u8>> = together().into_iter().map(|(_, input, _)| input).collect();
    prop_oneof![
        4 => prop::sample::select(whole),
        1 => prop::collection::vec(any::<u8>(), 0..12),
        1 => "[ -~é\n]{0,40}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(384)
    })]

    #[test]
    fn any_cuts_give_the_same(
        input in prop::collection::vec(piece(), 1..5).prop_map(|pieces| pieces.concat()),
        cuts in prop::collection::vec(0.0..1.0, 0..12),
    ) {
        let place = |at: &f64| (at * input.len() as f64) as usize;
        let mut cuts: Vec<usize> = cuts.iter().map(place).collect();
        cuts.extend([0, input.len()]);
        cuts.sort_unstable();
        for format in FORMATS {
            let whole = fed(&REDACTOR, &Mac, format, std::iter::once(&*input));
            let pieces = cuts.windows(2).map(|cut| &input[cut[0]..cut[1]]);
            prop_assert_eq!(fed(&REDACTOR, &Mac, format, pieces), whole, "{:?}", format);
        }
    }
}

#[test]
fn a_pause_lets_lines_out_and_no_half_token() {
    let (half, rest) = GH.split_at(22);
    let mut stream = StreamRedactor::new(&REDACTOR, LineFormat::Auto);
    let push = |stream: &mut StreamRedactor<'_>, text: String| {
        stream
            .push(&Mac, Raw::new(text.into_bytes()))
            .clean
            .into_inner()
    };
    assert_eq!(push(&mut stream, "one\ntw".to_owned()), "one\n");
    assert!(!stream.holds_lines());
    assert_eq!(stream.flush(&Mac).clean.get(), "");
    assert_eq!(push(&mut stream, format!("o\ntok {half}\n")), "two\n");
    assert!(stream.holds_lines());
    let paused = stream.flush(&Mac).clean.into_inner();
    assert!(
        paused.starts_with("tok [removed:") && paused.ends_with("]\n"),
        "{paused}"
    );
    assert!(!stream.holds_lines());
    let later = push(&mut stream, format!("{rest}\nok\n"));
    assert!(
        later.starts_with("[removed:") && later.ends_with("]\nok\n"),
        "{later}"
    );
    assert_eq!(stream.finish(&Mac).clean.get(), "");
}

#[test]
fn a_line_without_end_is_bounded_and_counted() {
    const PIECE_BYTES: usize = 60_000;
    const TOTAL_BYTES: usize = 50 << 20;
    let run = |piece_bytes: usize| {
        let mut stream = StreamRedactor::new(&REDACTOR, LineFormat::Auto);
        let (mut given, mut left, mut most) = (Given::default(), TOTAL_BYTES, 0);
        let before = format!("first\ntok {}\n", &GH[..22]);
        given.add(stream.push(&Mac, Raw::new(before.into_bytes())));
        while left > 0 {
            let count = piece_bytes.min(left);
            left -= count;
            given.add(stream.push(&Mac, Raw::new(vec![b' '; count])));
            most = most.max(stream.held_bytes());
        }
        given.add(stream.push(&Mac, Raw::new(b"\r\nlast ann@example.org\n".to_vec())));
        given.add(stream.finish(&Mac));
        (given, most)
    };
    let (given, most) = run(PIECE_BYTES);
    assert!((LINE_BYTES_MAX..=HELD_BYTES_MAX).contains(&most), "{most}");
    let line = given.clean.split('\n').nth(2).unwrap();
    let kept = line.strip_suffix("[removed:over_budget]\r").unwrap().len();
    let receipts = given.receipts.iter().filter(|(line, _)| *line == 2);
    let masked = receipts.flat_map(|(_, receipt)| &receipt.findings);
    let masked: usize = masked.map(|f| f.len).sum();
    assert_eq!(masked + kept, TOTAL_BYTES);
    assert!(given.clean.contains("\r\nlast email_"));
    assert_eq!(given.receipts.last().unwrap().0, 3);
    assert!(run(TOTAL_BYTES).0 == given);
}

#[test]
fn lines_about_the_limit_are_cut_alike() {
    // The first byte of a line break counts before the second has arrived.
    for (bytes, over) in [(LINE_BYTES_MAX - 1, false), (LINE_BYTES_MAX + 1, true)] {
        let input = [vec![b' '; bytes], b"\r\n".to_vec()].concat();
        let whole = fed(&REDACTOR, &Mac, LineFormat::Text, std::iter::once(&*input));
        for at in [BLOCK_BYTES_MAX, LINE_BYTES_MAX, input.len() - 1] {
            let pieces = [&input[..at], &input[at..]].into_iter();
            assert!(
                fed(&REDACTOR, &Mac, LineFormat::Text, pieces) == whole,
                "{at}"
            );
        }
        assert_eq!(whole.receipts.len() == 1, over, "{bytes}");
        assert_eq!(whole.clean.ends_with("[removed:over_budget]\r\n"), over);
    }
}
