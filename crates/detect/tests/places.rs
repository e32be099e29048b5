//! Whatever a text is made of, findings are sorted, disjoint and begin and end between
//! characters.

use cordon_detect::{Context, Detector};

/// Pieces that open, close or break what some rule reads; many of more than one byte.
const PIECES: &[&str] = &[
    "password",
    "=",
    ": ",
    "is ",
    "from ",
    " to ",
    "|\n",
    "\n  ",
    "\n",
    "\r\n\r\n",
    "\\n",
    "- ",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    "</",
    ">",
    "\"",
    "'",
    "`",
    "\\",
    "@",
    "://",
    "?",
    "&",
    "code",
    "state",
    "/reset/",
    "a1b2c3d4e5",
    "é",
    "日本",
    "\u{200b}",
    "密码",
    "пароль",
    "ſ",
    "𝒳",
    "\u{a0}",
    "bob",
    "x.org",
    "tcp(",
    "jdbc:oracle:thin:",
    "scott/",
    "machine ",
    "login ",
    "AUTH PLAIN ",
    "YWxhZGRpbjpvcGVuc2VzYW1l",
    "$6$",
    "$2b$12$",
    "{SSHA}",
    "s:8:\"",
    "\";",
    "name=",
    "value=",
    "key",
    "<![CDATA[",
    "%41",
    "%C3",
    "&#65;",
    "\\u00e9",
    "\u{1b}[31m",
    "-----BEGIN PRIVATE KEY-----",
    "-----END ",
    "Digest username=",
    "response=",
    "Authorization: ",
    "Cookie: ",
    ";",
    ",",
    " ",
    "4111",
    "1111",
    "-",
    "+44 20",
    "SSN ",
    "123 45 6789",
    "values(",
    "SRS0=",
    "+",
    ".",
    "::",
    "eyJhbGciOi",
];

#[test]
fn findings_are_sorted_disjoint_and_between_characters() {
    let detector = Detector::default();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    let mut found = 0;
    for _ in 0..6_000 {
        let length = 2 + next() % 14;
        let text: String = (0..length).map(|_| PIECES[next() % PIECES.len()]).collect();
        let context = Context {
            key: ["auth", "signature", "user", "message"]
                .get(next() % 5)
                .copied(),
            safe: None,
        };
        let mut end = 0;
        for finding in detector.scan(&text, &context) {
            assert!(finding.start >= end, "{text:?} {finding:?}");
            assert!(finding.start < finding.end, "{text:?} {finding:?}");
            assert!(
                text.get(finding.start..finding.end).is_some(),
                "{text:?} {finding:?}"
            );
            end = finding.end;
            found += 1;
        }
    }
    assert!(
        found > 1_000,
        "{found} findings are too few to say anything"
    );
}
