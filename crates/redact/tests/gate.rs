//! The gate on a model's output: what stops it, and that nothing of what stops it was shown.
#![expect(clippy::unwrap_used, reason = "what the tests share may stop them")]

use cordon_event::Raw;
use cordon_redact::{GuardStep, KnownSet, Policy, Redactor};

mod keyed;
use keyed::Mac;

const CANARY: &str = "canary-93f1a7c2";
const KNOWN: &str = "tulip-garden-lamp";
const PROSE: &str = "The cart failed since its items were not there when the total was asked for. ";

/// A gate's answer to a text that comes a few bytes at a time: what was shown, and the reason of
/// the stop, if there was one.
fn gate(text: &str, bytes: usize, allowed: &[&str]) -> (String, Option<&'static str>) {
    let policy = Policy {
        canaries: vec![CANARY.to_owned()],
        known: KnownSet::of(&Mac, [KNOWN]),
        ..Policy::default()
    };
    let redactor = Redactor::new(policy).unwrap();
    let mut guard = redactor.guard(&Mac, allowed.iter().map(|&s| s.to_owned()));
    let mut shown = String::new();
    for part in text.as_bytes().chunks(bytes) {
        let part = String::from_utf8(part.to_vec()).unwrap();
        match guard.push(Raw::new(part)) {
            GuardStep::Emit(clean) => shown.push_str(clean.get()),
            GuardStep::Stop { reason, .. } => return (shown, Some(reason)),
        }
    }
    match guard.finish() {
        GuardStep::Emit(clean) => (shown + clean.get(), None),
        GuardStep::Stop { reason, .. } => (shown, Some(reason)),
    }
}

#[test]
fn what_comes_in_many_words_is_stopped_before_its_first_is_shown() {
    let spaced: String = CANARY.chars().flat_map(|c| [c, ' ']).collect();
    let key = concat!(
        "-----BEGIN RSA PRIVATE ",
        "KEY-----\nMIIEowIBAAKCAQEA7bq3Zx9Lk2mPqRsT"
    );
    for (secret, reason) in [(spaced.as_str(), "canary"), (key, "class_a")] {
        for bytes in [1, 7, 40] {
            let text = format!("{}so it is {secret} and so on", PROSE.repeat(8));
            let (shown, stopped) = gate(&text, bytes, &[]);
            assert_eq!(stopped, Some(reason), "{bytes}");
            // What was shown ends in the prose before it.
            assert!(
                text.starts_with(&shown) && !shown.contains("so it is"),
                "{shown}"
            );
        }
    }
}

#[test]
fn what_is_harmless_comes_through_in_full_and_before_the_end() {
    let text = PROSE.repeat(20);
    assert_eq!(gate(&text, 7, &[]), (text.clone(), None));
    let redactor = Redactor::new(Policy::default()).unwrap();
    let mut guard = redactor.guard(&Mac, []);
    let GuardStep::Emit(first) = guard.push(Raw::new(text.clone())) else {
        panic!("stopped")
    };
    assert!(first.get().len() > text.len() / 2);
}

#[test]
fn each_reason_stops() {
    let own = "email_abcdefghijklmnopqrstuvwx";
    let foreign = "email_bcdefghijklmnopqrstuvwxy";
    let token = concat!("gh", "p_", "1aB2cD3eF4gH5iJ6kL7mN8oP9qR0sT1uV2wX");
    for (said, reason) in [
        (token, "class_a"),
        (KNOWN, "class_a"),
        (CANARY, "canary"),
        (foreign, "foreign_pseudonym"),
    ] {
        for text in [said.to_owned(), format!("It was ({said}), so it was.")] {
            for bytes in [3, 1_000] {
                assert_eq!(
                    gate(&text, bytes, &[own]),
                    (String::new(), Some(reason)),
                    "{text}"
                );
            }
        }
    }
    let text = format!("It was {own}, so it was.");
    assert_eq!(gate(&text, 3, &[own]), (text.clone(), None));
    assert_eq!(gate(&text, 3, &[foreign]).1, Some("foreign_pseudonym"));
}

#[test]
fn after_a_stop_every_step_is_that_stop() {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let mut guard = redactor.guard(&Mac, []);
    let first = guard.push(Raw::new("email_bcdefghijklmnopqrstuvwxy ".to_owned()));
    assert!(matches!(first, GuardStep::Stop { .. }) && first.page().is_some());
    for _ in 0..3 {
        assert_eq!(guard.push(Raw::new(PROSE.repeat(20))), first);
    }
    assert_eq!(guard.finish(), first);
}
