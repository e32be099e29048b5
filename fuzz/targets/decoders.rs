//! Encoded runs: what a run says can be written back as it was, a planted secret is gone however it
//! is encoded, and arbitrary runs harm nobody.
#![no_main]

use std::io::{Read as _, Write as _};

use cordon_detect::{Context, Detector};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::default);

/// What must not be read anywhere afterwards; visibly no secret.
const CANARY: &str = "Fuzz0Canary7Not1Real9";
/// Encodings one in another: as many as the engine promises to undo.
const DEPTH_MAX: u8 = 3;

fuzz_target!(|data: &[u8]| {
    let Some((choice, read)) = cordon_fuzz::chosen(data) else {
        return;
    };
    if choice & 1 == 0 {
        arbitrary(&read);
    } else {
        planted(choice >> 1, &read);
    }
});

/// Whatever is taken for a run that hides something opens, and closes to what opens to the same.
fn arbitrary(text: &str) {
    for f in DETECTOR.scan(text, &Context::default()) {
        let run = text.get(f.start..f.end).expect("on character boundaries");
        let Some(coding) = f.coding else { continue };
        let Some(plain) = coding.open(run) else {
            continue;
        };
        let Some(closed) = coding.close(run, &plain) else {
            continue;
        };
        // Letters that both alphabets of base64 have are read as those of the usual one.
        let again = coding.open(&closed).or_else(|| letters(&closed));
        assert!(
            again.as_deref() == Some(&*plain),
            "a run that was written back says something else"
        );
        let (had, has) = (cordon_fuzz::breaks(run), cordon_fuzz::breaks(&closed));
        assert!(has >= had, "a run that was written back has fewer lines");
    }
    let once = cordon_fuzz::text(text);
    assert_eq!(
        cordon_fuzz::text(&once),
        once,
        "redacting twice changes something"
    );
}

/// What base64 says, by another reader.
fn letters(run: &str) -> Option<String> {
    let body: Vec<u8> = run.bytes().filter(|b| b.is_ascii_alphanumeric()).collect();
    String::from_utf8(BASE64_NOPAD.decode(&body).ok()?).ok()
}

/// A secret under a name that says so, among words of the input, encoded up to three times.
fn planted(choice: u8, read: &str) {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == ' ';
    let words: String = read.chars().filter(plain).take(200).collect();
    if words.contains(CANARY) {
        return; // under no name
    }
    let mut run = format!("{words} password={CANARY}");
    let depth = choice % DEPTH_MAX + 1;
    let mut way = usize::from(choice / DEPTH_MAX);
    for _ in 0..depth {
        run = encode(way % 6, run.as_bytes());
        way /= 3;
    }
    let clean = cordon_fuzz::text(&format!("payload {run} end"));
    let body = clean
        .strip_prefix("payload ")
        .and_then(|c| c.strip_suffix(" end"));
    let body = body.expect("what stands around a run stays");
    assert!(!says_canary(body, depth), "a planted secret is still there");
}

fn encode(way: usize, plain: &[u8]) -> String {
    match way {
        0 => BASE64.encode(plain),
        1 => BASE64_NOPAD.encode(plain),
        2 => BASE64URL_NOPAD.encode(plain),
        3 => HEXLOWER.encode(plain),
        4 => HEXUPPER.encode(plain),
        _ => {
            let mut writer = GzEncoder::new(Vec::new(), Compression::default());
            writer.write_all(plain).expect("to memory");
            BASE64.encode(&writer.finish().expect("to memory"))
        }
    }
}

/// Whether the canary is read in a text or below it.
fn says_canary(text: &str, depth: u8) -> bool {
    if text.contains(CANARY) {
        return true;
    }
    let bytes = text.as_bytes();
    let readings = [BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER]
        .map(|encoding| encoding.decode(bytes).ok());
    depth > 0
        && readings.into_iter().flatten().any(|plain| {
            let mut unpacked = Vec::new();
            let packed = GzDecoder::new(&*plain).read_to_end(&mut unpacked).is_ok();
            let inner = if packed { unpacked } else { plain };
            says_canary(&String::from_utf8_lossy(&inner), depth - 1)
        })
}
