//! Lines whose like redaction left as it is come out as if nothing was remembered.
//!
//! Each line holds what is somebody's, and is written several times with other digits and with
//! something else of somebody's, so that what is left of it is remembered where it may be.
#![expect(
    clippy::unwrap_used,
    reason = "fixtures that cannot be built stop the test"
)]

mod keyed;

use std::sync::LazyLock;

use cordon_event::Raw;
use cordon_redact::{LineFormat, Policy, Redactor, StreamRedactor};
use keyed::Mac;
use proptest::prelude::*;

/// What a program writes around what is somebody's.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "mail", "to", "from", "login", "user", "id", "name", "key", "card", "cvv", "phone", "born",
    "iban", "account", "password", "token", "secret", "pin", "host", "peer", "INFO", "[main]",
    "GET", "/orders/", "status", "took", "ms", "attempt", "Basic", "dear", "c/o", "x@", ".org",
    " ", " ", " ", " ", "=", ": ", ":", ",", "\"", "'", "(", ")", "[", "]", "<", ">", "/", "-",
    "_", "@", "%40", "\\n", "\\", "&", "?", "#", "|", ";", "{", "}", ".", "+",
    "1", "22", "404", "4111", "2026-03-01", "10:17:10", "4111111111111111", "+4930901820", "7:30",
    "00f067aa0ba902b7", "hunter2Zq9", "kT9xQ2vLr8ZpWm4NcY7uHd3B",
];

/// Stands for what is somebody's.
const SOMEBODY: &str = "@@";

fn line() -> impl Strategy<Value = String> {
    let piece = || {
        prop_oneof![
            12 => prop::sample::select(PIECES).prop_map(str::to_owned),
            1 => "[a-zA-Z._-]{0,4}[a-zA-Z][0-9]{1,6}@",
        ]
    };
    let text = || prop::collection::vec(piece(), 0..7).prop_map(|pieces| pieces.concat());
    let glue = || prop::sample::select(&[" ", " ", " ", "", "=", ":", "\""]);
    (text(), glue(), glue(), text(), any::<bool>()).prop_map(|(before, a, b, behind, twice)| {
        let again = if twice { SOMEBODY } else { "" };
        format!("{before}{a}{SOMEBODY}{b}{behind}{again}")
    })
}

/// The line with other digits, and with somebody else's.
fn like(line: &str, n: u64) -> String {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 33) % below
    };
    let person = if draw(2) == 0 {
        format!("203.0.113.{}", draw(256))
    } else {
        format!("ann.b{}@example.org", draw(100_000))
    };
    let mut other = |c: char| match c {
        '0'..='9' => char::from(b'0' + draw(10) as u8),
        c => c,
    };
    let line: String = line.chars().map(&mut other).collect();
    line.replace(SOMEBODY, &person) + "\n"
}

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(Policy::default()).unwrap());

/// A line that is long enough to pay for what is learned of others, and one that leaves nothing
/// open.
const PAYS_COUNT: usize = 30;
const CLOSES: &str = "ok\n";

fn redacted(stream: &mut StreamRedactor<'_>, line: &str) -> String {
    let text = line.to_owned() + CLOSES;
    stream.lines(&Mac, Raw::new(text)).clean.into_inner()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_remembered_of_what_was_left_changes_nothing(line in line(), seed in any::<u64>()) {
        let mut stream = StreamRedactor::new(&REDACTOR, LineFormat::Auto);
        let pays = format!("{} 203.0.113.7 done\n", "all is well ".repeat(80));
        for _ in 0..PAYS_COUNT {
            redacted(&mut stream, &pays);
        }
        for n in 0..24 {
            let line = like(&line, seed.wrapping_add(n));
            let alone = redacted(&mut StreamRedactor::new(&REDACTOR, LineFormat::Auto), &line);
            prop_assert_eq!(redacted(&mut stream, &line), alone);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(128)
    })]

    /// Where a line stands in its text, and how it ends, changes nothing.
    #[test]
    fn lines_of_one_text_come_out_as_each_alone(
        lines in prop::collection::vec(line(), 1..4),
        seed in any::<u64>(),
        ending in prop::sample::select(&["\n", "\r\n"]),
    ) {
        let mut stream = StreamRedactor::new(&REDACTOR, LineFormat::Auto);
        let pays = format!("{} 203.0.113.7 done\n", "all is well ".repeat(80));
        for _ in 0..PAYS_COUNT {
            redacted(&mut stream, &pays);
        }
        for n in 0..6 {
            let (mut text, mut alone) = (String::new(), String::new());
            for (m, line) in (0..12).zip(lines.iter().cycle()) {
                let line = like(line, seed.wrapping_add(n * 12 + m)).replace('\n', ending);
                text += &line;
                text += CLOSES;
                alone += &redacted(&mut StreamRedactor::new(&REDACTOR, LineFormat::Auto), &line);
            }
            let all = stream.lines(&Mac, Raw::new(text)).clean.into_inner();
            prop_assert_eq!(all, alone);
        }
    }
}

/// Lines of which a reading replaces more than the one before, for what the first one put in.
#[test]
fn what_does_not_stay_is_read_again() {
    let mut stream = StreamRedactor::new(&REDACTOR, LineFormat::Auto);
    let pays = format!("{} 203.0.113.7 done\n", "all is well ".repeat(80));
    for _ in 0..PAYS_COUNT {
        redacted(&mut stream, &pays);
    }
    for n in 0..24 {
        let line = format!("sshpass -p # 1:+1 212 555 01{n:02}:0:0:bb:001::c:d\n");
        let alone = redacted(&mut StreamRedactor::new(&REDACTOR, LineFormat::Auto), &line);
        assert_eq!(redacted(&mut stream, &line), alone);
        assert_eq!(redacted(&mut stream, &alone), alone.clone() + CLOSES);
    }
}
