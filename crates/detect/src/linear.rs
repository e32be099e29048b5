//! The promise that a scan is linear, held by the count of bytes that the rules look at: a unit
//! that makes some rule look again and again over the same bytes exceeds its share.

use crate::bytes::take_looked;
use crate::{Context, Detector};

/// Bytes of text, more than the longest look of any rule so that a rescan would show.
const TEXT_BYTES: usize = 20 * 1024;
/// Bytes that the rules together may look at for each byte of the text.
const LOOKS_PER_BYTE_MAX: usize = 150;

/// Units whose repetition opens what a rule looks into, and never lets it come to an end.
const UNITS: &[&str] = &[
    "a@",
    "‹",
    "‹a›",
    "›",
    "‹\n",
    "k=v ",
    "a.",
    "a:",
    "\"k\":",
    "%41",
    "://",
    "eyJ",
    "(",
    "1",
    "1 ",
    "1-",
    "\"",
    "'",
    "\\\"",
    "a-",
    "-p",
    "pass=(",
    "pw=[",
    "pw={",
    "pw=\"",
    "password=Some(",
    "password=[a,",
    "password=[\"a\",",
    "password: |\n",
    "password:\n",
    "password: ",
    "password=a,",
    "values(",
    "values('a',",
    "user values ('a','b'),",
    "Authorization: ",
    "Authorization: Bearer a",
    "Authorization: a=\"b\",",
    "Cookie: a; ",
    "Authorization: Digest a=\"",
    "Digest username=",
    "-u ",
    "curl -u ",
    "--password ",
    "://a:",
    "://a:b/",
    "://a@",
    "a@b.co ",
    "@a(",
    "a:b@c(d)/",
    "+",
    "+1 ",
    "1:",
    "::",
    "00:",
    "/home/",
    "Mr. A",
    "otp ",
    "password '",
    "a(at)",
    "[\"password\",\"",
    "<a ",
    "<a b=\"",
    "<password>",
    "<a>",
    "<password><![CDATA[",
    "<name>token</name>",
    "<key>token</key><string>",
    "\";s:1:\"",
    "s:1:\"token\";s:1:\"",
    "name=\"token\"\n",
    "name=\"token\"\r\n\r\n",
    "name=token value=",
    "name: token\n",
    "?a",
    "?a=b",
    "?code=",
    "code=",
    "code=abcd&",
    "value=\"a\" -p",
    "curl -u a:b sqlplus a/b ",
    "/reset/",
    "/reset/a1b2c3d4e5",
    "token is ",
    "password for a ",
    "password from a to b ",
    "secret key ",
    "machine a login b password ",
    "default login ",
    "jdbc:oracle:thin:a/",
    "sqlplus a ",
    "AUTH PLAIN ",
    "$1$",
    "$6$a",
    "pbkdf2:",
    "scrypt:a$",
    "{SHA}a",
    "\"@",
    "\"a\"@b.co",
    "SRS0=",
    "+a=b.co@",
    "SSN 1 ",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\n",
    "PuTTY-User-Key-File-2: ",
    "-----END ",
    "\u{200b}",
    "а",
    "日",
    "пароль: ",
    "&amp;",
    "&#65;",
    "\\u0041",
    "\u{1b}[",
    "=\n",
    "a=\n",
    "=3D",
    "=C3=BC",
    "a=3Db=\r\n",
    "\u{660}",
    "1\u{a0}",
    "%25",
    "QUFBQUFBYWFhYWFhQUFBQUFBYWFhYWFh",
    "QUFBQUFBYWFhYWFhQUFBQUFBYWFhYWFhQUFBQUFBYWFh\n",
    "QUFBQUFBYWFhYWFhQUFBQUFBYWFhYWFhQUFBQUFBYWFh\nQUFB\n",
    "VVZkR1FsRlhSbWhaVjBab1dWZEdhRmxYUm1oWlYwWm9XVmRHYUE9PQ== ",
    "4142434461626364414243446162636441424344 ",
    "SAA0AHMASQBBAEEAQQBBAEEA/",
    "H4sIAAAAAAAAA",
    "H4sIAAAAAAAC/+3BAQEAAACCIP+vbkhAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ",
    "%",
    "\\",
];

#[test]
fn every_repeated_unit_costs_its_length() {
    let detector = Detector::default();
    let mut dear = Vec::new();
    for unit in UNITS {
        let text = unit.repeat(TEXT_BYTES / unit.len());
        take_looked();
        let _ = detector.scan(&text, &Context::default());
        let looks = take_looked() / text.len();
        if looks > LOOKS_PER_BYTE_MAX {
            dear.push((unit, looks));
        }
    }
    assert!(dear.is_empty(), "{dear:?}");
}

#[test]
fn a_look_again_at_the_same_bytes_is_counted() {
    let text = "a".repeat(TEXT_BYTES);
    take_looked();
    for i in 0..TEXT_BYTES {
        crate::bytes::run(text.as_bytes(), i, text.len(), |b| b == b'a');
    }
    assert!(take_looked() / text.len() > LOOKS_PER_BYTE_MAX);
}
