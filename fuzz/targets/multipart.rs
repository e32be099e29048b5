//! Uploads with a minidump: arbitrary forms harm nobody, and a dump in a form comes out of it.
#![no_main]

use cordon_receive::{Format, Limits, decode};
use libfuzzer_sys::fuzz_target;

/// A boundary that no input is given to hit.
const BOUNDARY: &str = "--9d1f0c77ab";

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    if choice % 2 == 0 {
        match decode(Format::Minidump, rest, &Limits::default()) {
            Ok(decoded) => assert_eq!(decoded.events.count(), 0, "a dump is no event yet"),
            Err(error) => assert!(!error.to_string().is_empty(), "refused without a reason"),
        }
    } else {
        form(rest);
    }
});

/// Fields of the input before and behind a dump: it is found whatever they hold.
fn form(data: &[u8]) {
    if data
        .windows(BOUNDARY.len())
        .any(|window| window == BOUNDARY.as_bytes())
    {
        return;
    }
    let mut body = Vec::new();
    let mut part = |name: &str, content: &[u8]| {
        let head = format!("{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    let (before, behind) = data.split_at(data.len() / 2);
    part("sentry", before);
    part("upload_file_minidump\"; filename=\"a.dmp", b"MDMP and more");
    part("sentry[extra][note]", behind);
    body.extend_from_slice(format!("{BOUNDARY}--\r\n").as_bytes());
    let decoded = decode(Format::Minidump, &body, &Limits::default());
    assert!(decoded.is_ok(), "a dump in a form is lost");
}
