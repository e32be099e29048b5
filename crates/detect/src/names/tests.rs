//! What the shipped weights find, and what they leave alone. The sentences are in no corpus.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::word::LINE_TOKENS_MAX;
use super::*;
use crate::bytes::take_looked;

/// SHA-256 of the weights that `docs/names-model-card.md` describes.
const SHA256: &str = "ffcdf15d5b410740baba83f6bf45e10745267b4cbe52c591e4a09f5afadf377e";

fn found(text: &str) -> Vec<(&str, &'static str)> {
    let mut out = Vec::new();
    Names.find(text, &mut out);
    out.iter()
        .map(|f| (crate::bytes::cut(text, f.start, f.end), f.rule))
        .collect()
}

/// Whether a whole name is found as that rule, be it within a wider finding.
fn check(text: &str, name: &str, rule: &str) {
    let all = found(text);
    let hit = all
        .iter()
        .any(|(said, r)| *r == rule && said.contains(name));
    assert!(hit, "{name} is not {rule} in {text}: {all:?}");
}

fn check_clean(text: &str) {
    let mut all = found(text);
    all.retain(|(_, rule)| matches!(*rule, "names.person" | "names.address"));
    assert!(all.is_empty(), "{text}: {all:?}");
}

#[test]
fn the_weights_are_the_ones_that_the_card_describes() {
    let mut hex = String::new();
    for byte in Sha256::digest(WEIGHTS) {
        write!(hex, "{byte:02x}").unwrap();
    }
    assert_eq!(hex, SHA256);
    let card = include_str!("../../../../docs/names-model-card.md");
    assert!(card.contains(SHA256), "the card names other weights");
    assert!(WEIGHTS.len() <= 4 << 20);
    assert!(Model::open(WEIGHTS).is_some());
}

#[test]
fn weights_of_another_length_are_refused() {
    assert!(Model::open(&WEIGHTS[..WEIGHTS.len() - 1]).is_none());
    assert!(Model::open(&WEIGHTS[..40]).is_none());
    assert!(Model::open(b"").is_none());
    let mut other = WEIGHTS.to_vec();
    other[0] = b'X';
    assert!(Model::open(&other).is_none());
}

#[test]
fn persons_are_found_in_every_script() {
    for (text, name) in [
        (
            "Callback requested by Katarzyna Wiśniewska regarding her contract",
            "Katarzyna Wiśniewska",
        ),
        (
            "Your parcel is waiting, Priya Raghunathan",
            "Priya Raghunathan",
        ),
        (
            "María José García Márquez no recuerda su clave",
            "María José García Márquez",
        ),
        (
            "Frau Annegret Schröder wohnt jetzt woanders",
            "Annegret Schröder",
        ),
        (
            "Пользователь Дмитрий Николаевич Воронцов сменил тариф",
            "Дмитрий Николаевич Воронцов",
        ),
        ("Ольга Шевченко чекає на відповідь", "Ольга Шевченко"),
        (
            "Ο Νίκος Παπαδόπουλος ζήτησε αντίγραφο",
            "Νίκος Παπαδόπουλος",
        ),
        ("राजेश शर्मा ने अनुरोध रद्द किया", "राजेश शर्मा"),
        ("张伟明昨天提交了退货申请", "张伟明"),
        ("佐藤健一さんが退会しました", "佐藤健一"),
        ("김민준님이 결제를 취소했습니다", "김민준"),
        ("יעל כהן ביקשה החזר", "יעל כהן"),
        ("ნინო ბერიძე ითხოვს დახმარებას", "ნინო ბერიძე"),
        ("Արամ Հակոբյան changed the plan", "Արամ Հակոբյան"),
        ("Failed to bill Mr. Abernathy for March", "Abernathy"),
        ("JOHN SMITH requested a refund", "JOHN SMITH"),
    ] {
        check(text, name, "names.person");
    }
}

#[test]
fn addresses_are_found_as_a_whole() {
    for (text, address) in [
        (
            "Deliver to 221 Willow Creek Road, Springfield, IL 62704 after noon",
            "221 Willow Creek Road, Springfield, IL 62704",
        ),
        (
            "Lieferung an Hauptstraße 17, 50667 Köln bitte abends",
            "Hauptstraße 17, 50667 Köln",
        ),
        (
            "12 rue des Lilas, 69003 Lyon est introuvable",
            "12 rue des Lilas, 69003 Lyon",
        ),
        (
            "Calle Mayor 5, 28013 Madrid no existe",
            "Calle Mayor 5, 28013 Madrid",
        ),
        ("北京市朝阳区建国路88号无人签收", "北京市朝阳区建国路88号"),
    ] {
        check(text, address, "names.address");
    }
}

#[test]
fn places_and_organisations_are_found() {
    check(
        "The warehouse in Rotterdam is closed",
        "Rotterdam",
        "names.place",
    );
    check(
        "Invoice from Hendricks Logistics Ltd is overdue",
        "Hendricks Logistics Ltd",
        "names.organisation",
    );
}

#[test]
fn technical_text_is_left_alone() {
    for text in [
        "Connection refused by upstream server",
        "Jenkins build failed for Apache Kafka",
        "Starting Network Manager Script Dispatcher Service",
        "java.lang.NullPointerException: Cannot invoke \"User.getName()\" because \"user\" is null",
        "TestCase LoginFlow FAILED",
        "Europe/Berlin is not a valid region",
        "Internal Server Error",
        "Jackson could not deserialize the payload",
        "Django Admin Login Page rendered",
        "Accepted publickey for root from 10.0.0.1 port 22 ssh2",
        "Error: Cannot read properties of undefined (reading 'name')",
        "Deployment api-gateway successfully rolled out on Monday, March 3",
        "Pod Scheduling Failed: Insufficient Memory",
        "BLOCK* NameSystem.addStoredBlock: blockMap updated: 10.251.73.220:50010 is added",
        "com.apple.cts[258]: Received XPC Event",
        "Bluetooth: HCI socket layer initialized",
        "(CDScheduler) Thermal pressure state: 0 Memory pressure state: 0",
        "Linux version 2.6.5-1.358 (Red Hat Linux 3.3.3-7)",
        "Loaded Apple Mobile File Integrity, Quarantine, Sandbox",
        "session opened for user cyrus by (uid=0)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
        "SELECT Name, City FROM Customers WHERE Id = 4",
        "Thank you for using Amazon Web Services",
        "Google Software Update Agent: Success",
        "gcc -Wno-cast -Winit -Lfoo: unrecognized option",
        "HikariPool-1 - Connection is not available, request timed out after 30000ms",
        "GET /api/v1/users/42 HTTP/1.1 200",
        "at Object.<anonymous> (/srv/app/Index.js:10:5)",
        "Caused by: org.springframework.beans.factory.BeanCreationException",
        "Readiness probe failed: Get \"http://10.2.3.4:8080/healthz\": context deadline exceeded",
    ] {
        check_clean(text);
    }
}

#[test]
fn replacements_are_never_names() {
    let pseudonym = format!("person_{}", "abcd2345".repeat(3));
    check_clean(&format!("Ticket of {pseudonym} was closed"));
    check_clean("the token [removed:github_pat] was refused");
}

#[test]
fn findings_are_in_order_disjoint_and_on_character_boundaries() {
    let text =
        "Grüße an Jürgen Großmann, Łukasz Żak и Иван Петров;\n田中太郎 and Zoë Çelik ⚙️ 김민준";
    let mut all = Vec::new();
    Names.find(text, &mut all);
    assert!(all.len() >= 4, "{all:?}");
    let mut from = 0;
    for f in &all {
        assert!(f.start >= from && f.end > f.start, "{all:?}");
        assert!(text.is_char_boundary(f.start) && text.is_char_boundary(f.end));
        from = f.end;
    }
}

#[test]
fn the_answer_is_the_same_every_time() {
    let text = "Ask Katarzyna Wiśniewska in Gdańsk, or 佐藤健一.";
    assert_eq!(found(text), found(text));
    // A line's answer does not depend on the lines around it.
    let lines = format!("one two three\n{text}\nfour five");
    assert_eq!(found(text), found(&lines));
}

#[test]
fn work_is_linear_in_the_text() {
    // The whole limit for sentences, less for what no text is full of.
    let long = "Anna Berg met Igor Petrov. ";
    for piece in [
        long,
        "A",
        "a",
        "1",
        ".",
        "-",
        "- -a ",
        "山",
        "한",
        "/",
        "a.",
        "A ",
        "Aa",
        "\u{301}",
        "Aa_",
        "a:b",
        "@",
        " ",
        "\n",
        "Zz\u{200d}",
        "_A",
        "9a",
        "x/y ",
        "「",
    ] {
        let most = if piece == long {
            TEXT_BYTES_MAX
        } else {
            1 << 17
        };
        let sizes = [most / 4, most];
        let mut work = [0, 0];
        for (size, work) in sizes.into_iter().zip(&mut work) {
            let text = piece.repeat(size / piece.len());
            take_looked();
            let mut out = Vec::new();
            Names.find(&text, &mut out);
            *work = take_looked();
        }
        assert!(work[1] <= work[0] * 5 + 4096, "{piece:?}: {work:?}");
        assert!(work[1] <= sizes[1] * 8, "{piece:?}: {work:?}");
    }
}

#[test]
fn what_is_beyond_the_limit_is_not_looked_at() {
    let mut text = "x ".repeat(TEXT_BYTES_MAX / 2);
    text.push_str("Katarzyna Wiśniewska called");
    assert!(found(&text).is_empty());
}

#[test]
fn a_name_behind_many_tokens_of_its_line_is_found() {
    let text = format!(
        "{} by Katarzyna Wiśniewska",
        "word, ".repeat(LINE_TOKENS_MAX)
    );
    check(&text, "Wiśniewska", "names.person");
}

/// Whoever remembers texts without names takes texts for alike that differ in digits alone.
mod digits {
    use proptest::prelude::*;

    use super::super::{Names, Recognizer as _};

    const PIECES: &[&str] = &[
        "Anna", "Schmidt", "order", "Mr.", "Dr", "GmbH", "Main", "Street", "Paris", "for", "to",
        "A", "x", "of", "Nakamura", "st", "rd", "user", "v", "kg", "Haus", "Lena", "No", "and",
    ];

    fn any_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => prop::sample::select(PIECES).prop_map(str::to_owned),
            2 => "[0-9]{1,5}",
            1 => "[0-9][a-z]{1,2}",
            1 => "[A-Za-z]{1,4}[0-9]{1,3}",
        ];
        let gap = prop::sample::select(&[" ", " ", " ", ", ", ": ", "-", ".", "/", "\n", ""][..]);
        prop::collection::vec((piece, gap), 1..14)
            .prop_map(|all| all.into_iter().map(|(piece, gap)| piece + gap).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn names_do_not_hang_on_which_digits_stand_beside_them(text in any_text()) {
            let alike: String = text
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect();
            let found = |text: &str| {
                let mut found = Vec::new();
                Names.find(text, &mut found);
                let told = found.iter().map(|f| (f.rule, f.start, f.end));
                told.collect::<Vec<_>>()
            };
            prop_assert_eq!(found(&text), found(&alike));
        }
    }
}
