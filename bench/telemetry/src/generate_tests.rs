//! What is promised of the records: their number, that each label holds, that nothing is missing.
#![expect(clippy::string_slice, reason = "spans lie on the edges of characters")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use data_encoding::{BASE64_NOPAD, HEXLOWER_PERMISSIVE};

use super::*;
use crate::record::{Class, Encoding, Plant};

/// Drawn once for all tests.
static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| generate(SEED, COUNT));

#[test]
fn there_are_20_000_records_and_4_000_traps_and_each_is_sound() {
    assert!(RECORDS.iter().filter(|record| !record.trap).count() >= 20_000);
    assert!(RECORDS.iter().filter(|record| record.trap).count() >= 4_000);
    for record in RECORDS.iter() {
        assert!(record.is_sound(), "{record:?}");
        assert!(!record.text.contains(['§', '¤', '⟦', '⟧']), "{record:?}");
    }
    let ids: BTreeSet<&str> = RECORDS.iter().map(|record| record.id.as_str()).collect();
    assert_eq!(ids.len(), RECORDS.len());
}

#[test]
fn a_seed_gives_the_same_records_whatever_their_count() {
    assert_eq!(generate(SEED, 300), RECORDS[..300]);
    assert_ne!(generate(SEED + 1, 50), RECORDS[..50]);
    // Were this to change, figures told earlier could not be compared with later ones.
    let bytes = RECORDS[..300].iter().flat_map(|record| record.text.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(hash, FIRST_300);
}

/// Digest (FNV-1a) of the first 300 texts of the tuning seed.
const FIRST_300: u64 = 17_368_620_020_228_043_203;

#[test]
fn every_span_holds_its_encoding_of_the_value() {
    let mut checked = 0;
    for record in RECORDS.iter() {
        for plant in &record.plants {
            let span = &record.text[plant.start..plant.end];
            match plant.encoding.as_slice() {
                [] => assert_eq!(span, plant.value, "{record:?}"),
                [Encoding::Base64 | Encoding::Base64Url] => {
                    // The characters that carry nothing but bits of the value, at any alignment.
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
                _ => {}
            }
            // Looking for hidden values is slow: every eighth is enough.
            checked += 1;
            let is_asked = checked % 8 == 0 && !plant.encoding.is_empty();
            assert!(
                !is_asked || crate::score::is_seen(record, plant),
                "{plant:?} in {:?}",
                record.text
            );
        }
    }
    assert!(checked > 24_000, "{checked}");
}

#[test]
fn every_line_plants_something_whatever_its_template() {
    let lines = [
        http::LINES,
        command::LINES,
        file::LINES,
        prose::LINES,
        prose::FREE,
        trace::LINES,
        broken::LINES,
    ];
    for (name, make) in lines.into_iter().flatten() {
        for n in 0..60 {
            let line = make(&mut Draw::new(11, n));
            let told = line.plants.iter().any(|plant| plant.kind != EITHER_KIND);
            assert!(
                told && !line.text.contains(['§', '¤', '⟦', '⟧']),
                "{name}: {}",
                line.text
            );
        }
    }
}

#[test]
fn every_carrier_occurs() {
    let carriers: BTreeSet<&str> = RECORDS
        .iter()
        .filter(|r| !r.trap)
        .map(|record| record.carrier)
        .collect();
    let all = data::JSON
        .iter()
        .chain(data::TEXT)
        .chain(dump::DUMPS)
        .map(|(name, _)| *name);
    let lines = [
        http::LINES,
        command::LINES,
        file::LINES,
        prose::LINES,
        prose::FREE,
        trace::LINES,
        broken::LINES,
    ];
    let all = all.chain(report::REPORTS.iter().map(|(name, ..)| *name));
    for name in all.chain(lines.into_iter().flatten().map(|(name, _)| *name)) {
        assert!(carriers.contains(name), "{name}");
    }
    assert!(carriers.len() >= 150, "{}", carriers.len());
}

fn plants() -> impl Iterator<Item = &'static Plant> {
    RECORDS.iter().flat_map(|record| &record.plants)
}

#[test]
fn every_kind_class_and_encoding_occurs() {
    let kinds: BTreeSet<&str> = plants()
        .map(|plant| plant.kind.split(':').next().unwrap_or(""))
        .collect();
    for kind in [
        "password",
        "provider_token",
        "private_key",
        "jwt",
        "basic_auth",
        "session_cookie",
        "dsn_password",
        "signed_url",
        "api_key",
        "otp",
        "pin",
        "seed_phrase",
        "card",
        "iban",
        "national_id",
        "phone",
        "email",
        "ip",
        "mac",
        "person_name",
        "address",
        "crypto",
        "birth",
        "coordinates",
        "passport",
        "vin",
        "imei",
        "user_name",
    ] {
        assert!(kinds.contains(kind), "{kind}");
    }
    let states: BTreeSet<&str> = plants()
        .filter_map(|plant| plant.kind.strip_prefix("national_id:"))
        .collect();
    assert!(states.len() >= 50, "{}", states.len());
    let layers: BTreeSet<Encoding> = plants().flat_map(|plant| plant.encoding.clone()).collect();
    assert_eq!(layers.len(), 11, "{layers:?}");
    assert!(plants().any(|plant| plant.encoding.len() >= 3));
    for class in [Class::A, Class::B] {
        assert!(plants().filter(|plant| plant.class == class).count() > 8_000);
    }
    for shape in [Shape::Log, Shape::Span, Shape::Error] {
        assert!(
            RECORDS
                .iter()
                .filter(|record| record.shape == shape)
                .count()
                > 500
        );
    }
}

#[test]
fn every_language_of_names_and_every_style_of_traps_occurs() {
    let locales: BTreeSet<&str> = RECORDS
        .iter()
        .flat_map(|record| &record.plants)
        .filter(|plant| plant.kind == "person_name" && plant.free_text)
        .map(|plant| plant.locale)
        .collect();
    for locale in [
        "en", "de", "fr", "es", "pt", "it", "nl", "pl", "sv", "cs", "ru", "uk", "tr", "ar", "hi",
        "zh", "ja", "ko",
    ] {
        assert!(locales.contains(locale), "{locale}");
    }
    let traps: BTreeSet<&str> = RECORDS
        .iter()
        .filter(|record| record.trap)
        .map(|record| record.carrier)
        .collect();
    for (name, _) in trap::templates() {
        assert!(traps.contains(name), "{name}");
    }
    assert!(trap::templates().count() >= 400);
    assert!(prose::template_count() >= 150);
}

#[test]
fn no_trap_holds_an_address() {
    for record in RECORDS.iter().filter(|record| record.trap) {
        let parts = record
            .text
            .split(|c: char| !(c.is_ascii_digit() || c == '.'));
        let is_address = |part: &str| part.trim_matches('.').parse::<std::net::Ipv4Addr>().is_ok();
        let is_version = ["version", "bgl", "styles"].contains(&record.carrier);
        assert!(
            is_version || !parts.into_iter().any(is_address),
            "{}",
            record.text
        );
        assert!(!record.text.contains("example.org"), "{}", record.text);
    }
}
