//! What is remembered of lines never changes what is read.

use proptest::prelude::*;

use super::{Headers, read};
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
    "127.0.0.1:80", "example.org", "http://h.example/1", "'", "{", "}", "\t", "ä", "order ",
];

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(PIECES).prop_map(str::to_owned),
        "[0-9]{1,9}",
        "[0-9]{10,21}",
        "[0-9a-f]{7,10}",
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

/// The line with other digits, and perhaps other lengths of numbers.
fn varied(line: &str, digits: &[u8], longer: bool) -> String {
    let mut digits = digits.iter().cycle();
    let mut out = String::new();
    let mut last = ' ';
    for c in line.chars() {
        if c.is_ascii_digit() {
            out.push(char::from(b'0' + digits.next().copied().unwrap_or(0) % 10));
            if longer && last == ' ' {
                out.push('7');
            }
        } else {
            out.push(c);
        }
        last = c;
    }
    out
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
        ..ProptestConfig::with_cases(512)
    })]

    #[test]
    fn a_line_of_a_known_form_is_read_as_any_other(
        start in start(),
        pieces in prop::collection::vec(piece(), 1..12),
        digits in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..24), 1..8),
    ) {
        let line = start + &pieces.concat();
        let (mut headers, mut of_forms) = (Headers::new(), Vec::new());
        let mut lines = vec![line.clone()];
        for digits in &digits {
            lines.push(varied(&line, digits, false));
            lines.push(varied(&line, digits, true));
        }
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
            "2024-01-02 03:04:05,678 INFO [w-3] shop: order 8812 took 33 ms",
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
            r#"203.0.113.77 - - [02/Jan/2024:13:04:05 +0000] "GET /a HTTP/1.1" 404 9001"#,
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
