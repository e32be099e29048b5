//! What is promised of the held-back half: the number of records, that labels hold, what occurs.
#![expect(clippy::string_slice, reason = "spans lie on the edges of characters")]

use std::collections::BTreeSet;

use data_encoding::{BASE64_NOPAD, HEXLOWER_PERMISSIVE};

use super::*;
use crate::record::{Class, Encoding, Plant};
use crate::score::{Why, score};

/// Records that are scored.
const COUNT: u64 = crate::COUNT;

static RECORDS: LazyLock<Vec<Record>> = LazyLock::new(|| held_back(HELD_BACK_SEED, COUNT));

fn plants() -> impl Iterator<Item = &'static Plant> {
    RECORDS.iter().flat_map(|record| &record.plants)
}

fn templates() -> impl Iterator<Item = &'static Template> {
    let planted = SERVICES.iter().chain(SPANS.iter()).chain(TALK.iter());
    planted.chain(FREE.iter()).chain(TRAPS.iter())
}

/// Digest (FNV-1a) of the first 300 texts of the seed.
const FIRST_300: u64 = 17_839_460_255_195_348_978;

#[test]
fn a_seed_gives_the_same_records_whatever_their_count() {
    assert!(held_back(HELD_BACK_SEED, 300) == RECORDS[..300]);
    assert!(held_back(HELD_BACK_SEED + 1, 50) != RECORDS[..50]);
    let bytes = RECORDS[..300].iter().flat_map(|record| record.text.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(hash, FIRST_300);
}

#[test]
fn there_are_20_000_with_plants_and_4_000_traps_and_each_is_sound() {
    assert!(RECORDS.iter().filter(|record| !record.trap).count() >= 20_000);
    assert!(RECORDS.iter().filter(|record| record.trap).count() >= 4_000);
    for record in RECORDS.iter() {
        assert!(record.is_sound(), "{}", record.id);
        let signs = ['§', '¤', '⟦', '⟧', '«', '»', '⟨', '⟩', '⏎', '⇥', '¦', '␛'];
        assert!(!record.text.contains(signs), "{}", record.id);
    }
    let texts: BTreeSet<&str> = RECORDS.iter().map(|record| record.text.as_str()).collect();
    assert!(texts.len() * 100 > RECORDS.len() * 97, "{}", texts.len());
}

#[test]
fn every_template_gives_a_sound_record() {
    for template in templates() {
        let is_trap = template.carrier.starts_with("hb_trap");
        let is_good = |n| {
            let text = render(&mut Draw::new(43, n), template.text);
            let record = finish(template.shape, "x", ("none", template.format, text));
            assert!(!record.text.contains('¤'), "{}", template.text);
            record.is_sound() && record.trap == is_trap
        };
        let hits = (0..20).filter(|n| is_good(*n)).count();
        assert!(hits >= 12, "{hits}: {}", template.text);
    }
    let planted = templates().count() - TRAPS.len();
    assert!(planted >= 900, "{planted}");
    assert!(TRAPS.len() >= 220, "{}", TRAPS.len());
    let texts: BTreeSet<&str> = templates().map(|template| template.text).collect();
    assert_eq!(texts.len(), templates().count());
}

#[test]
fn every_template_and_notation_is_drawn() {
    // A template is told by what it holds apart from its places.
    let longest = |text: &'static str| {
        let outside = text.split('«').flat_map(|part| {
            let behind = part.split_once('»').map_or(part, |(_, behind)| behind);
            behind.split(['~', '⟦', '⟧', '¶', '␛', '\n', '\t', '"', '\\'])
        });
        let own = outside.filter(|part| !noise::is_name(part));
        own.max_by_key(|part| part.len()).unwrap_or("")
    };
    let all: String = (RECORDS.iter().map(|record| record.text.as_str()))
        .collect::<Vec<_>>()
        .join("\n");
    let is_missing = |template: &&Template| !all.contains(longest(template.text));
    let missing: Vec<&str> = templates().filter(is_missing).map(|of| of.text).collect();
    assert!(missing.len() * 100 < templates().count(), "{missing:#?}");
}

#[test]
fn every_span_holds_its_encoding_of_the_value() {
    let mut asked = 0;
    for record in RECORDS.iter() {
        for plant in &record.plants {
            let span = &record.text[plant.start..plant.end];
            match plant.encoding.as_slice() {
                [] => assert_eq!(span, plant.value, "{}", record.id),
                [Encoding::Base64 | Encoding::Base64Url] => {
                    let clean = span.replace('-', "+").replace('_', "/");
                    let core = |lead: usize| {
                        let padded = [&vec![b' '; lead], plant.value.as_bytes()].concat();
                        let text = BASE64_NOPAD.encode(&padded);
                        text[(lead * 4).div_ceil(3)..text.len() - 1].to_owned()
                    };
                    assert!(
                        (0..3).any(|lead| clean.contains(&core(lead))),
                        "{}",
                        record.id
                    );
                }
                [Encoding::Hex] => {
                    let bytes = HEXLOWER_PERMISSIVE.decode(span.as_bytes()).unwrap();
                    assert_eq!(bytes, plant.value.as_bytes());
                }
                _ => {
                    asked += 1;
                    let is_seen = asked % 8 != 0 || crate::score::is_seen(record, plant);
                    assert!(is_seen, "{} {:?}", record.id, plant.encoding);
                }
            }
        }
    }
    assert!(asked > 1_500, "{asked}");
}

#[test]
fn nothing_is_missing() {
    let carriers: BTreeSet<&str> = RECORDS.iter().map(|record| record.carrier).collect();
    let named = templates().map(|template| template.carrier);
    let notations = notation::ALL.iter().map(|of| of.name);
    let interrupted = interrupted::LINES.iter().map(|(name, _)| *name);
    for carrier in named.chain(notations).chain(interrupted) {
        assert!(carriers.contains(carrier), "{carrier}");
    }
    assert!(carriers.len() >= 230, "{}", carriers.len());
    let wrappers: BTreeSet<&str> = RECORDS.iter().map(|record| record.wrapper).collect();
    for wrapper in ENVELOPES.names() {
        assert!(wrappers.contains(wrapper), "{wrapper}");
    }
    let layers: BTreeSet<Encoding> = plants().flat_map(|plant| plant.encoding.clone()).collect();
    assert_eq!(layers.len(), 11, "{layers:?}");
    assert!(plants().any(|plant| plant.encoding.len() >= 3));
    for shape in [Shape::Log, Shape::Span, Shape::Error] {
        let of_shape = RECORDS.iter().filter(|record| record.shape == shape);
        assert!(of_shape.count() > 500);
    }
    for class in [Class::A, Class::B] {
        assert!(plants().filter(|plant| plant.class == class).count() > 9_000);
    }
}

#[test]
fn every_kind_and_locale_occurs() {
    let of_kind = |kind: &str| {
        let is_of = |plant: &&Plant| plant.kind.split(':').next() == Some(kind);
        plants().filter(is_of).count()
    };
    let wanted = "password provider_token api_key jwt bearer_token basic_auth auth_header \
        session_cookie dsn_password signed_url oauth_code otp pin seed_phrase recovery_code \
        password_hash client_secret encryption_key private_key aws_secret jwk docker_auth \
        kubeconfig security_answer email phone card iban national_id ip mac person_name address \
        user_name birth passport driver_licence coordinates vin imei crypto";
    for kind in wanted.split_whitespace() {
        assert!(of_kind(kind) >= 20, "{kind}: {}", of_kind(kind));
    }
    let of = |kind: &'static str| -> BTreeSet<&str> {
        plants()
            .filter_map(|plant| plant.kind.strip_prefix(kind))
            .collect()
    };
    assert!(of("national_id:").len() >= 45);
    assert!(of("provider_token:").len() >= 85);
    let free = |kind: &'static str| -> BTreeSet<&str> {
        let is_of = |plant: &&Plant| plant.free_text && plant.kind == kind;
        plants().filter(is_of).map(|plant| plant.locale).collect()
    };
    for locale in people::locales() {
        assert!(free("person_name").contains(locale), "{locale}");
    }
    assert!(free("person_name").len() >= 50 && free("address").len() >= 45);
}

#[test]
fn no_trap_holds_an_address_or_a_name() {
    let names: Vec<&str> = plants()
        .filter(|plant| plant.kind == "user_name")
        .map(|plant| plant.value.as_str())
        .collect();
    let names: BTreeSet<&str> = names.into_iter().collect();
    for record in RECORDS.iter().filter(|record| record.trap) {
        let parts = record
            .text
            .split(|c: char| !(c.is_ascii_digit() || c == '.'));
        let is_address = |part: &str| part.trim_matches('.').parse::<std::net::Ipv4Addr>().is_ok();
        // Versions and sections of four numbers are what this is about.
        let is_version = record.carrier == "hb_trap_versions";
        let has_address = parts.into_iter().any(is_address);
        assert!(is_version || !has_address, "{}", record.id);
        let words = record.text.split(|c: char| !c.is_alphanumeric());
        let held: Vec<&str> = words.filter(|word| names.contains(word)).collect();
        assert!(held.is_empty(), "{held:?}");
    }
}

#[test]
fn nothing_is_shared_with_the_other_parts() {
    let texts: BTreeSet<&str> = RECORDS.iter().map(|record| record.text.as_str()).collect();
    let tuning = crate::generate(crate::SEED, 2_000);
    let opened = crate::opened(crate::OPENED_SEED, 2_000);
    let mut others = tuning.iter().chain(&opened);
    assert!(others.all(|record| !texts.contains(record.text.as_str())));
    let is_own = |record: &Record| record.carrier.starts_with("hb_");
    assert!(RECORDS.iter().all(is_own));
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
        Format::Json => vec!["{}"; record.text.lines().count()].join("\n"),
        Format::Text => String::new(),
    });
    let count = |report: &crate::Report, why: Why| {
        let is_of = |wrong: &&crate::score::Wrong| wrong.why == why;
        report.wrong.iter().filter(is_of).count()
    };
    let planted: usize = some.iter().map(|record| record.plants.len()).sum();
    assert_eq!(count(&perfect, Why::Left), 0);
    assert_eq!(count(&null, Why::Left), planted);
    assert_eq!(count(&wipe, Why::Left), 0);
    assert_eq!(count(&perfect, Why::Trap) + count(&null, Why::Trap), 0);
    assert!(count(&wipe, Why::Trap) > 200);
}
