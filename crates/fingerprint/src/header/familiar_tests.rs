//! What is remembered of lines never changes what is read.

use proptest::prelude::*;

use super::Headers;
use crate::header::read;
use crate::mask;

/// Pieces of lines in which digits may decide.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    " ", " ", ": ", " - ", " [", "] ", "-", ":", ".", ",", "/", "=", "(", ")", "\"", " | ",
    "INFO ", "ERROR ", "WARN", "worker", "shop.orders:", "LOG:  ", "DEBUG1", "sshd[1]:",
    " level=30 ", "msg=\"x\"", "%LINK-3-UP: ", "Jan ", "Mar  ", "/Feb/", "2024-01-02", "03:04:05",
    "2024", "10.0.0.1", "ms", "T", "Z", "+01:00", " UTC", "a1b2c3d4e5f6", "4bf92f3577b34da6",
    "0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f", "blk_", "e5", "0x", "0x7f3a", "KB", "host",
    "ip_k3fzq7b2mwx5ryt4hjd6vnpc", "name_kfzqbmwxrythjdvnpckfzqbm", "%", "00:1a:2b:3c:4d:5e",
    "127.0.0.1:80", "::ffff:", "req_", "ip_", "path_", ".txt", " May ", " UTC ", "task=",
    "example.org", "http://h.example/1", "'", "{", "}", "\t", "ä", "order ",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(PIECES).prop_map(str::to_owned),
        3 => prop::sample::select(VARIABLES).prop_map(str::to_owned),
        1 => "[0-9]{1,9}",
        1 => "[0-9]{10,21}",
        1 => "[a-z]{20,120}",
    ]
}

fn start() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "2024-01-02T03:04:05.678Z ",
        "2024-01-02 03:04:05,678 ",
        "[2024-01-02 03:04:05] ",
        "[Tue Jan 02 03:04:05 2024] ",
        "Jan  2 03:04:05 ",
        "03:04:05.678 ",
        "20240102-03:04:05:678|",
        "10.0.0.1 - - [02/Jan/2024:03:04:05 +0000] \"",
        "I0102 15:04:05.123456    1 sync.go:12] ",
        "081109 203615 148 INFO ",
        "web-1  | 2024-01-02 03:04:05 ",
        "",
    ])
    .prop_map(str::to_owned)
}

/// What stands in a line for something that is another in each: an id, a UUID, the body of a
/// pseudonym, an address, a number.
const VARIABLES: &[&str] = &["@id", "@uuid", "@body", "@address", "@number", "@year"];

/// A generator of numbers that is the same on every run (xorshift).
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) % bound
    }

    fn of(&mut self, bytes: &[u8], count: u64) -> String {
        let one = |_| char::from(bytes[self.below(bytes.len() as u64) as usize]);
        (0..count).map(one).collect()
    }

    fn written(&mut self, variable: &str) -> String {
        let hex = b"0123456789abcdef";
        let base32 = b"abcdefghijklmnopqrstuvwxyz234567";
        let length = 1 + self.below(6);
        match variable {
            "@id" => {
                let more = self.below(6);
                self.of(hex, 6 + more)
            }
            "@uuid" => [8, 4, 4, 4, 12].map(|count| self.of(hex, count)).join("-"),
            "@body" => self.of(base32, 24),
            "@address" => {
                let group = |_| {
                    let bound = [10, 100, 256, 300][self.below(4) as usize];
                    self.below(bound).to_string()
                };
                (0..4).map(group).collect::<Vec<_>>().join(".")
            }
            "@year" => (1_850 + self.below(450)).to_string(),
            _ => self.of(b"0123456789", length),
        }
    }

    /// The line with other variables, and other digits where `digits` says so.
    fn varied(&mut self, line: &str, digits: bool) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let variable = VARIABLES
                .iter()
                .find_map(|name| Some((name, rest.strip_prefix(name)?)));
            if let Some((name, behind)) = variable {
                out.push_str(&self.written(name));
                rest = behind;
                continue;
            }
            match c {
                '0'..='9' if digits => out.push_str(&self.of(b"0123456789", 1)),
                c => out.push(c),
            }
            rest = rest.strip_prefix(c).unwrap_or_default();
        }
        out
    }
}

fn check(headers: &mut Headers, of_forms: &mut Vec<Option<Vec<u8>>>, line: &str) {
    let found = headers.read(line);
    assert_eq!(found.header, read(line), "{line:?}");
    let Some(form) = found.form else { return };
    let mut masked = Vec::new();
    mask::pass(found.header.content, &mut masked);
    let at = form.0 as usize;
    of_forms.resize(of_forms.len().max(at + 1), None);
    let known = of_forms[at].get_or_insert_with(|| masked.clone());
    assert_eq!(
        String::from_utf8_lossy(known),
        String::from_utf8_lossy(&masked),
        "{line:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(2000)
    })]

    #[test]
    fn a_line_of_a_known_form_is_read_as_any_other(
        start in start(),
        pieces in prop::collection::vec(piece(), 1..12),
        seed in 1..u64::MAX,
        digits in any::<bool>(),
    ) {
        let line = start + &pieces.concat();
        let (mut headers, mut of_forms) = (Headers::new(), Vec::new());
        let mut draw = Draw(seed);
        let lines: Vec<String> = (0..12).map(|n| draw.varied(&line, digits && n > 0)).collect();
        for _ in 0..3 {
            for line in &lines {
                check(&mut headers, &mut of_forms, line);
            }
        }
    }
}

#[test]
fn lines_of_one_statement_are_of_one_form() {
    for (first, second) in [
        (
            "2024-01-02 03:04:05,678 INFO [w-3] shop: order 88121 took 33 ms",
            "2024-11-30 23:59:05,001 INFO [w-9] shop: order 7 took 900 ms",
        ),
        (
            "2024-01-02T03:04:05Z WARN mail to email_k3fzq7b2mwx5ryt4hjd6vnpc late",
            "2024-01-02T03:04:06Z WARN mail to email_c3fzq7b2mwx5ryt4hjd6vnpk late",
        ),
        (
            "Jan  2 03:04:05 h1 sshd[77]: gone from 10.0.0.1 port 22",
            "Jan  9 23:04:05 h1 sshd[99]: gone from 192.168.44.7 port 52022",
        ),
        (
            "[2024-01-02 03:04:05] ERROR x: id 0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f gone",
            "[2024-01-02 03:04:06] ERROR x: id 9f8e7d6c-5b4a-4f3e-8d2c-1b0a9f8e7d6c gone",
        ),
        (
            r#"10.0.0.1 - - [02/Jan/2024:03:04:05 +0000] "GET /a HTTP/1.1" 200 12"#,
            r#"203.0.113.77 - - [02/Jan/2024:13:04:05 +0000] "GET /a HTTP/1.1" 404 90012"#,
        ),
    ] {
        let mut headers = Headers::new();
        for _ in 0..2 {
            headers.read(first);
        }
        let (again, other) = (headers.read(first), headers.read(second));
        assert!(again.form.is_some(), "{first}");
        assert_eq!(again.form, other.form, "{second}");
        assert_eq!(other.header, read(second), "{second}");
    }
}

#[test]
fn what_digits_decide_is_read_line_by_line() {
    let body = ["k3fzq7b2mwx5ryt4hjd6vnpc", "abcdefgh2jkl3nopqrstuvwx"];
    let long = "a".repeat(17);
    for (first, second) in [
        (
            "job req_a1bcdefa done".to_owned(),
            "job req_a1b2c3d4 done".to_owned(),
        ),
        (
            "x request:0a1b2c3d-0a1b-4c3d-8e5f-0a1b2c3d4e5f".to_owned(),
            "x request:9f8e7d6c-5b4a-4f3e-8d2c-1b0a9f8e7d6c".to_owned(),
        ),
        (
            format!("wrote path_{}.txt", body[0]),
            format!("wrote path_{}.txt", body[1]),
        ),
        (
            format!("wrote ID_{}", body[0]),
            format!("wrote ID_{}", body[1]),
        ),
        (
            "sold 5 May 2024 units".to_owned(),
            "sold 500 May 2024 units".to_owned(),
        ),
        (
            "up since Tue Jan 02 03:04:05 UTC 2024 ok".to_owned(),
            "up since Tue Jan 02 03:04:05 UTC 77 ok".to_owned(),
        ),
        (
            format!("[error from 1.1.1.1 in {long}] gone"),
            format!("[error from 10.10.10.10 in {long}] gone"),
        ),
        (
            "INFO from ::ffff:10.0.0.100 x".to_owned(),
            "INFO from ::ffff:10.0.0.300 x".to_owned(),
        ),
        (
            "[2024-01-02 03:04:05] gone".to_owned(),
            "[2024-01-02 03:04:06] gone".to_owned(),
        ),
    ] {
        let (mut headers, mut of_forms) = (Headers::new(), Vec::new());
        for message in [&first, &first, &first, &second, &second, &second] {
            let line = format!("2024-01-02 03:04:05 {message}");
            check(&mut headers, &mut of_forms, &line);
        }
    }
}

#[test]
fn a_mnemonic_a_priority_and_a_record_are_read_by_their_digits() {
    for (first, second) in [
        (
            "Jan  2 03:04:05 r1 7: %LINK-3-UPDOWN: gone",
            "Jan  2 03:04:05 r1 7: %LINK-6-UPDOWN: gone",
        ),
        (
            "<11>Jan  2 03:04:05 h1 app: gone",
            "<14>Jan  2 03:04:05 h1 app: gone",
        ),
        (
            "2024-01-02T03:04:05Z level=35 msg=gone",
            "2024-01-02T03:04:05Z level=30 msg=gone",
        ),
    ] {
        let mut headers = Headers::new();
        for _ in 0..3 {
            headers.read(first);
        }
        assert_eq!(headers.read(second).header, read(second), "{second}");
        assert_ne!(read(first), read(second));
    }
}
