//! Syslog: a stream gives the same frames however it is cut, whatever is in a frame becomes one
//! event, and a secret planted in it is gone.
#![no_main]

use cordon_event::codec::encode_event;
use cordon_event::{Event, Raw};
use cordon_receive::syslog::{Received, frames, parse};
use cordon_redact::Verdict;
use libfuzzer_sys::fuzz_target;

/// A secret under a name that says so; visibly no secret.
const CANARY: &str = "Fuzz0Canary7Not1Real9";
/// Bytes that a frame may have here: some inputs have longer ones.
const FRAME_BYTES_MAX: usize = 256;
/// Copies of a text that an event may hold beside its body: header fields of a security event.
const COPIES_MAX: usize = 2;
/// Bytes of an event beside what a frame holds.
const EVENT_BYTES_MAX: usize = 1_024;

fuzz_target!(|data: &[u8]| {
    let Some(([first, second], rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    cut(rest, usize::from(*first).max(1));
    let received = Received {
        unix_ns: u64::from(*second) << 54,
        zone_offset_s: (i32::from(*first) - 128) * 300,
    };
    arbitrary(rest, &received);
    planted(rest, &received);
});

/// Pieces of that size give what the whole gives, bounded.
fn cut(stream: &[u8], step: usize) {
    let whole = frames([stream], FRAME_BYTES_MAX);
    let pieces = frames(stream.chunks(step), FRAME_BYTES_MAX);
    assert!(whole == pieces, "pieces give other frames");
    assert!(
        whole.iter().all(|frame| frame.len() <= FRAME_BYTES_MAX),
        "a frame is too long"
    );
    let bytes: usize = whole.iter().map(|frame| frame.len()).sum();
    assert!(bytes <= stream.len(), "more is given than was sent");
}

fn redacted(raw: Raw<Event>) -> Option<Event> {
    match cordon_fuzz::REDACTOR.event(&cordon_fuzz::Mac, raw).verdict {
        Verdict::Clean(event) => Some(event.into_inner()),
        Verdict::Quarantine(_) => None,
    }
}

/// One event of bounded size.
fn arbitrary(frame: &[u8], received: &Received) {
    if let Some(event) = redacted(parse(frame, received)) {
        // Marks and pseudonyms are longer than what they stand for, and so is what is no UTF-8.
        let bytes_max = frame.len().saturating_mul(64 * COPIES_MAX) + EVENT_BYTES_MAX;
        assert!(
            encode_event(&event).len() <= bytes_max,
            "more is kept than was sent"
        );
    }
}

/// A secret at the end of a message, after whatever header the input makes.
fn planted(head: &[u8], received: &Received) {
    let text = String::from_utf8_lossy(head);
    if text.contains(CANARY) {
        return; // under no name
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "<>:[] .-".contains(c);
    let head: String = text.chars().filter(|c| plain(*c)).collect();
    let frame = format!("{head} done password={CANARY}");
    if let Some(event) = redacted(parse(frame.as_bytes(), received)) {
        let kept = encode_event(&event);
        let kept = String::from_utf8_lossy(&kept);
        assert!(!kept.contains(CANARY), "a planted secret is still there");
    }
}
