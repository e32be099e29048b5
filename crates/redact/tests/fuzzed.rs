//! Texts on which a fuzz target once found a property broken: findings on character boundaries,
//! redacting twice changes nothing, as many lines come out as go in.

mod keyed;

use cordon_detect::{Context, Detector};
use cordon_event::Raw;
use cordon_redact::{LineFormat, Policy, Redactor, StreamRedactor};
use keyed::Mac;

/// The texts; what they say of a key is shaped right and no key.
fn texts() -> Vec<String> {
    let many = "é".repeat(120);
    vec![
        // The header of a key's file, and a field of its head, end at a limit within a character.
        format!("PuTTY-User-Key-File-2: {many} tail"),
        format!("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: {many} tail"),
        // The password is gone, and what is left was taken for a user.
        "sh -c \"curl --user=bob:hunter2Zq9 http://host/metrics\"".to_owned(),
        // A quote behind a pseudonym is no apostrophe, as it was none behind the value.
        "sh -c \"curl --user=b\u{fffd}'1&bwr http://host/metrics\"".to_owned(),
        // A sign beside a value was no part of it, and stood beside its pseudonym.
        "SSN: 123 45 678\u{fffd} file".to_owned(),
        // What closes around a credential also closes around its marker.
        "Authorization: Bearer «CFPAT-x9}{alnum:1} - bob".to_owned(),
        "sh -c \"curl --user=a/[b.c:hunter2Zq9]\"".to_owned(),
        "curl -u a/[b.c:hunter2Zq9] http://host/".to_owned(),
        // A name that was cut at a limit, and one as long as a name of a folder may be.
        format!("cd /Users/{}/x", "\u{fffd}".repeat(80)),
        format!("cd /home/{}/x", "abcdé".repeat(42)),
        // One value ends within another, and what was glued to it stood beside the marker.
        "curl --password x-----BEGIN RSA PRIVATE KEY-----y(z)".to_owned(),
        "x --password in)GB82 WEST 1234 5698 7654 32\u{fffd} y".to_owned(),
        "Digest username=\u{fffd}2-0\u{fffd}3r+1 212 555 0100=\u{fffd}ew, x".to_owned(),
        "unit \"SSN: 123 45 6~ile\".into()".to_owned(),
        // A mark made a word look like a password.
        "AUTH \"AUTH\" P\u{c}Aevid‹x".to_owned(),
        // A pseudonym looks made by a machine.
        "see http://x/?code=254.0.0.1:auth5 now".to_owned(),
        // One record of a password file overlaps another.
        "*:*:*:h:\u{fffd}:*:*:h:\u{fffd}".to_owned(),
        "htpasswd -b  WITH PASSWORD 'rmat!(ROLE bob ORD '{p}' x".to_owned(),
        "AUTH PLAINl~pl:32}\"rAIRTAb:es256d:l~ul:32}\",".to_owned(),
        // The marker stands across the limit up to which a command is read.
        format!(
            "htpasswd -b {} {}= [\"p.eyJ\"]",
            "\u{fffd}".repeat(60),
            "\u{fffd}".repeat(40)
        ),
        // What was glued to a value stood beside its marker, between signs that are no text.
        concat!(
            "\u{3}\u{3}\u{3}P\u{3}\u{3}\u{b}\u{3}sshpass12s -p #\u{fffd}\u{3}\u{fffd}",
            ">....### 1:+1 212 555 01000:0:0:bb:001::\u{fffd}c:ddI",
        )
        .to_owned(),
        concat!(
            "\u{fffd}IOCSPX-e{uni7 \"SSN:htt5723261626331stening \u{fffd}et ulit = un:/",
            "/i7 \"SSN:\0\0\u{fffd}IOCSPX-e{\0\0\0ann.b\"+4930123456}",
        )
        .to_owned(),
        // A name that ends in a marker.
        r#"{"x password=hunter2Zq9":"a","password: hunter2Zq9":["b"]}"#.to_owned(),
    ]
}

/// Texts in which something is encoded.
fn encoded() -> Vec<String> {
    vec![
        // The last of several lines of base64, which alone is as wide as a line of a key.
        concat!(
            "eyJtIjoiYSBhYWFhYWFhYWFhYWEgcGFzc3dvcmQ9YUFhYWFBQUFhQTkgPsOpw6kg\r\n",
            "fj4+Pn7DqX7DqWE+YWEgYT4+ICBhfmFhfj4gfiAgYT4+YT5hw6kgIH5hYT5hIH7D\r\n",
            "qcOpw6nDqX4gPiAgw6nDqcOpPiA+PiBhPi4iLCJuIjoxN30=%20",
        )
        .to_owned(),
        // A run from its second line on: what is found in it must not be found once more.
        concat!(
            "%20WVdGaFlXRmhZV0ZoWVNCaFlXRmhZV0ZoWVdFZ1oyaHdYekF3WVdGaFlUQXdN\\nREJCUVVGaFFU",
            "QkJNREF3WVRBdw0KUVdKaVkwSmtRekV5UkVWQ1pTQStQajdE\\ncWNPcGZtRSt3NmsrZm1GK3c2aytZ",
            "Y09wWVQ0Z1lTQStJR0UrWWNPcA0KSUdF\\nZ3c2bkRxV0YrUG1GaHc2bkRxWDR1 ",
        )
        .to_owned(),
        // A line that is alone when the run before it has become shorter.
        concat!(
            "WVdGaFlXRWdZV0ZoWVdGaElHZG9jRjlCUVRBd1FVRkJZV0ZoUVdGQlFUQXdRVUZCUVdFd1FVSkNZ\n",
            "akZtTW1OaFpETm5hRU1nWVg1K1lXRWdmc09wWWNPcFlXRmhZU0ErUHNPcFlYNCt3NmxoWVg1aExn\nPT0= ",
            "+AAa0+WVNCaElHZG9jRjh3UVdFd01EQmhZV0ZCUVRCaFlVRmhZV0ZoWVVGQllXRXdZVUZC\r\n",
            "TUVGQllVRkJZV0VnTGc9PQ== ",
        )
        .to_owned(),
        // What was encoded again has the form of an issuer's token in its middle.
        concat!(
            "ZXlKdElqb2lZV0VnWVdGaFlXRmhZV0ZoWVdGaElHZG9jRjloWVVGaFFVRXdNREF3UVVFd1FVRXdNRUZC",
            "WVRCaA0KUVVKQ1ltSXhNa05qWkVSbE16QWdZVDVoWVg0K2ZpQmhZY09wdzZsaGZzT3BmbjUrWVdIRHFT",
            "QWdQajVoSUg3RA0KcVQ3RHFjT3B3NmtnZmlCaFlXRitQbUYrWVdGK0lNT3B3NmwrdzZsaFlUNWhZVDUr",
            "Y0NBZ1BpRERxY09wSUdIRA0KcVdFZ1lXSERxUzRpTENKdUlqb3hOMzA9 ",
        )
        .to_owned(),
    ]
}

#[test]
fn findings_are_on_character_boundaries() {
    let detector = Detector::default();
    for text in texts().into_iter().chain(encoded()) {
        for f in detector.scan(&text, &Context::default()) {
            assert!(text.get(f.start..f.end).is_some(), "{text:?} {f:?}");
        }
    }
}

#[test]
fn redacting_twice_changes_nothing() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    for text in texts().into_iter().chain(encoded()) {
        let whole = |text: &str| {
            let raw = Raw::new(text.to_owned());
            redactor.text(&Mac, raw).clean.into_inner()
        };
        let lines = |text: &str| {
            let mut stream = StreamRedactor::new(&redactor, LineFormat::Auto);
            let raw = Raw::new(text.to_owned());
            stream.lines(&Mac, raw).clean.into_inner()
        };
        for redacted in [&whole as &dyn Fn(&str) -> String, &lines] {
            let once = redacted(&text);
            assert_ne!(once, text);
            assert_eq!(once.matches('\n').count(), text.matches('\n').count());
            assert_eq!(redacted(&once), once);
        }
    }
}

#[test]
fn what_was_encoded_again_stays() {
    // A run within a run that came out once, in a field.
    let line = concat!(
        r#"{"event":{"data":"WVdGaFlXRmhZV0ZoWVNCaFlXRmhZU0J3WVhOemQyOXlaRDFiY21WdGIzWmxaRHBy"#,
        "WlhrdWNHRnpjM2R2Y21SZElDQmhmc09wUG1GKwpZV0YrZm5BZ1BtSERxV0VnUHNPcElHRmhQbUVn",
        r#"WWNPcGZqNGd3NmxoWWNPcExnPT0=","n":1}}"#,
    );
    let redactor = Redactor::new(Policy::default()).unwrap();
    let done = redactor.json_line(&Mac, Raw::new(line.to_owned()));
    assert_eq!(done.clean.get(), line);
}
