//! What is promised of the opened half: the number of records, that labels hold, what occurs.
#![expect(clippy::string_slice, reason = "spans lie on the edges of characters")]

use std::collections::BTreeSet;

use data_encoding::{BASE64_NOPAD, HEXLOWER_PERMISSIVE};

use super::*;
use crate::record::{Class, Encoding, Plant};
use crate::score::score;

/// Records that are scored.
const COUNT: u64 = crate::COUNT;

static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| opened(OPENED_SEED, COUNT));

fn plants() -> impl Iterator<Item = &'static Plant> {
    RECORDS.iter().flat_map(|record| &record.plants)
}

/// Digest (FNV-1a) of the first 300 texts of the seed.
const FIRST_300: u64 = 2_762_333_114_980_402_716;

#[test]
fn a_seed_gives_the_same_records_whatever_their_count() {
    assert_eq!(opened(OPENED_SEED, 300), RECORDS[..300]);
    assert_ne!(opened(OPENED_SEED + 1, 50), RECORDS[..50]);
    let bytes = RECORDS[..300].iter().flat_map(|record| record.text.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(hash, FIRST_300);
}

#[test]
fn there_are_20_000_records_and_4_000_traps_and_each_is_sound() {
    assert!(RECORDS.len() >= 20_000);
    assert!(RECORDS.iter().filter(|record| record.trap).count() >= 4_000);
    for record in RECORDS.iter() {
        assert!(record.is_sound(), "{record:?}");
        assert!(
            !record.text.contains(['§', '¤', '⟦', '⟧', '«', '»']),
            "{record:?}"
        );
    }
    let texts: BTreeSet<&str> = RECORDS.iter().map(|record| record.text.as_str()).collect();
    assert!(texts.len() * 100 > RECORDS.len() * 97, "{}", texts.len());
}

#[test]
fn every_template_gives_a_sound_record() {
    let services = SERVICES
        .iter()
        .chain(SPANS.iter())
        .chain(TALK.iter())
        .chain(FREE.iter());
    for template in services.chain(TRAPS.iter()) {
        let is_trap = template.carrier.starts_with("op_trap");
        let is_good = |n| {
            let text = render(&mut Draw::new(21, n), template.text);
            let record = finish(template.shape, "x", ("none", template.format, text));
            assert!(!record.text.contains('¤'), "{}", record.text);
            record.is_sound() && record.trap == is_trap
        };
        let hits = (0..20).filter(|n| is_good(*n)).count();
        assert!(hits >= 15, "{hits}: {}", template.text);
    }
    assert!(SERVICES.len() >= 350, "{}", SERVICES.len());
    assert!(TRAPS.len() >= 250, "{}", TRAPS.len());
    assert!(TALK.len() >= 120 && FREE.len() >= 100);
}

#[test]
fn every_span_holds_its_encoding_of_the_value() {
    let mut asked = 0;
    for record in RECORDS.iter() {
        for plant in &record.plants {
            let span = &record.text[plant.start..plant.end];
            match plant.encoding.as_slice() {
                [] => assert_eq!(span, plant.value, "{record:?}"),
                [Encoding::Base64 | Encoding::Base64Url] => {
                    let clean = span.replace('-', "+").replace('_', "/");
                    let core = |lead: usize| {
                        let padded = [&vec![b' '; lead], plant.value.as_bytes()].concat();
                        let text = BASE64_NOPAD.encode(&padded);
                        text[(lead * 4).div_ceil(3)..text.len() - 1].to_owned()
                    };
                    assert!((0..3).any(|lead| clean.contains(&core(lead))), "{record:?}");
                }
                [Encoding::Hex] => {
                    let bytes = HEXLOWER_PERMISSIVE.decode(span.as_bytes()).unwrap();
                    assert_eq!(bytes, plant.value.as_bytes());
                }
                _ => {
                    asked += 1;
                    let is_seen = asked % 8 != 0 || crate::score::is_seen(record, plant);
                    assert!(is_seen, "{plant:?} in {:?}", record.text);
                }
            }
        }
    }
    assert!(asked > 1_500, "{asked}");
}

#[test]
fn nothing_is_missing() {
    let carriers: BTreeSet<&str> = RECORDS.iter().map(|record| record.carrier).collect();
    let templates = SERVICES
        .iter()
        .chain(SPANS.iter())
        .chain(TALK.iter())
        .chain(FREE.iter())
        .chain(TRAPS.iter());
    for carrier in templates.map(|template| template.carrier) {
        assert!(carriers.contains(carrier), "{carrier}");
    }
    let notations = notation::JSON
        .iter()
        .chain(notation::TEXT)
        .chain(notation::LINES);
    let interrupted = interrupted::LINES.iter().map(|(name, _)| *name);
    for carrier in notations.map(|(name, _)| *name).chain(interrupted) {
        assert!(carriers.contains(carrier), "{carrier}");
    }
    let wrappers: BTreeSet<&str> = RECORDS.iter().map(|record| record.wrapper).collect();
    for wrapper in envelope::names() {
        assert!(wrappers.contains(wrapper), "{wrapper}");
    }
    let notations = [notation::JSON, notation::TEXT, notation::LINES];
    assert!(notations.map(<[_]>::len).iter().sum::<usize>() >= 70);
    let layers: BTreeSet<Encoding> = plants().flat_map(|plant| plant.encoding.clone()).collect();
    assert_eq!(layers.len(), 11, "{layers:?}");
    assert!(plants().any(|plant| plant.encoding.len() >= 3));
    for shape in [Shape::Log, Shape::Span, Shape::Error] {
        assert!(
            RECORDS
                .iter()
                .filter(|record| record.shape == shape)
                .count()
                > 500
        );
    }
    for class in [Class::A, Class::B] {
        assert!(plants().filter(|plant| plant.class == class).count() > 8_000);
    }
}

#[test]
fn every_kind_and_locale_occurs() {
    let kinds: BTreeSet<&str> = plants()
        .map(|plant| plant.kind.split(':').next().unwrap_or(""))
        .collect();
    let wanted = "password provider_token api_key jwt bearer_token basic_auth auth_header \
        session_cookie dsn_password signed_url oauth_code otp pin seed_phrase recovery_code \
        password_hash client_secret encryption_key private_key aws_secret jwk docker_auth \
        kubeconfig security_answer email phone card iban national_id ip mac person_name address \
        user_name birth passport driver_licence coordinates vin imei crypto";
    for kind in wanted.split_whitespace() {
        assert!(kinds.contains(kind), "{kind}");
    }
    let of = |kind: &'static str| -> BTreeSet<&str> {
        plants()
            .filter_map(|plant| plant.kind.strip_prefix(kind))
            .collect()
    };
    assert!(of("national_id:").len() >= 45);
    assert!(of("provider_token:").len() >= 110);
    let named: BTreeSet<&str> = plants()
        .filter(|plant| plant.free_text && plant.kind == "person_name")
        .map(|plant| plant.locale)
        .collect();
    for locale in people::locales() {
        assert!(named.contains(locale), "{locale}");
    }
    assert!(named.len() >= 40);
}

#[test]
fn no_trap_holds_an_address() {
    for record in RECORDS.iter().filter(|record| record.trap) {
        let parts = record
            .text
            .split(|c: char| !(c.is_ascii_digit() || c == '.'));
        let is_address = |part: &str| part.trim_matches('.').parse::<std::net::Ipv4Addr>().is_ok();
        let is_version = record.carrier == "op_trap_version";
        assert!(
            is_version || !parts.into_iter().any(is_address),
            "{}",
            record.text
        );
        assert!(!record.text.contains(".example.org"), "{}", record.text);
    }
}

#[test]
fn nothing_is_shared_with_the_other_half() {
    let other = crate::generate(crate::SEED, 2_000);
    let texts: BTreeSet<&str> = RECORDS.iter().map(|record| record.text.as_str()).collect();
    assert!(
        other
            .iter()
            .all(|record| !texts.contains(record.text.as_str()))
    );
    assert!(
        RECORDS
            .iter()
            .all(|record| record.carrier.starts_with("op_"))
    );
}

#[test]
fn a_perfect_redactor_a_null_one_and_one_that_wipes_are_told_apart() {
    let some = &RECORDS[..1_200];
    let perfect = score(some, |record| {
        let mut out = String::new();
        let mut at = 0;
        for plant in &record.plants {
            out.push_str(record.text.get(at..plant.start).unwrap_or(""));
            let is_open = plant.end > at;
            out.push_str(if is_open { "0" } else { "" });
            at = plant.end.max(at);
        }
        out + &record.text[at..]
    });
    let null = score(some, |record| record.text.clone());
    let wipe = score(some, |record| match record.format {
        Format::Json => record
            .text
            .lines()
            .map(|_| "{}")
            .collect::<Vec<_>>()
            .join("\n"),
        Format::Text => String::new(),
    });
    let left = |report: &crate::Report| {
        let is_left = |wrong: &&crate::score::Wrong| wrong.why == crate::score::Why::Left;
        report.wrong.iter().filter(is_left).count()
    };
    let planted: usize = some.iter().map(|record| record.plants.len()).sum();
    assert_eq!(left(&perfect), 0);
    assert_eq!(left(&null), planted);
    assert_eq!(left(&wipe), 0);
    let traps = |report: &crate::Report| {
        report
            .wrong
            .iter()
            .filter(|wrong| wrong.why == crate::score::Why::Trap)
            .count()
    };
    assert_eq!([traps(&perfect), traps(&null)], [0, 0]);
    assert!(traps(&wipe) > 200);
}
