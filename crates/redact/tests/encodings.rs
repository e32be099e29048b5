//! Redaction within encodings: what comes out decodes as what went in does, holds the replacement
//! and no planted value, and redacting it again changes nothing.
#![expect(clippy::unwrap_used, reason = "what the tests share may stop them")]

mod keyed;

use std::io::{Read as _, Write as _};
use std::sync::LazyLock;

use cordon_event::{Class, Raw};
use cordon_redact::{Policy, Receipt, Redactor};
use data_encoding::{
    BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, Encoding as Letters, HEXLOWER, HEXUPPER,
};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use keyed::Mac;
use proptest::prelude::*;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| Redactor::new(Policy::default()).unwrap());

fn redacted(text: &str) -> (String, Receipt) {
    let done = REDACTOR.text(&Mac, Raw::new(text.to_owned()));
    assert!(done.pages.is_empty(), "{text:?} {:?}", done.pages);
    (done.clean.into_inner(), done.receipt)
}

fn redacted_json(text: &str) -> String {
    let done = REDACTOR.json_line(&Mac, Raw::new(text.to_owned()));
    done.clean.into_inner()
}

/// One way to write a text as letters.
#[derive(Clone, Copy, Debug)]
enum Way {
    Base64,
    Base64Bare,
    Url,
    UrlBare,
    Hex,
    HexUpper,
    /// Lines of so many letters, with what breaks them.
    Wrapped(usize, &'static str),
    Gzip,
    GzipHex,
    Utf16,
    Utf16Big,
}

const WAYS: &[Way] = &[
    Way::Base64,
    Way::Base64Bare,
    Way::Url,
    Way::UrlBare,
    Way::Hex,
    Way::HexUpper,
    Way::Wrapped(76, "\n"),
    Way::Wrapped(64, "\r\n"),
    Way::Wrapped(60, "\\n"),
    Way::Wrapped(64, "\n    "),
    Way::Gzip,
    Way::GzipHex,
    Way::Utf16,
    Way::Utf16Big,
];

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(plain).unwrap();
    writer.finish().unwrap()
}

fn gunzip(packed: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut out).unwrap();
    out
}

impl Way {
    fn letters(self) -> Letters {
        match self {
            Self::Base64Bare => BASE64_NOPAD,
            Self::Url => BASE64URL,
            Self::UrlBare => BASE64URL_NOPAD,
            Self::Hex | Self::GzipHex => HEXLOWER,
            Self::HexUpper => HEXUPPER,
            _ => BASE64,
        }
    }

    fn encode(self, plain: &str) -> String {
        let bytes = match self {
            Self::Gzip | Self::GzipHex => gzip(plain.as_bytes()),
            Self::Utf16 => plain.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Self::Utf16Big => plain.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => plain.as_bytes().to_vec(),
        };
        let letters = self.letters().encode(&bytes);
        let Self::Wrapped(width, joint) = self else {
            return letters;
        };
        let lines: Vec<&str> = letters
            .as_bytes()
            .chunks(width)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        lines.join(joint)
    }

    /// Strictly, as a decoder of that very form does.
    fn decode(self, run: &str) -> String {
        let mut letters = run.to_owned();
        if let Self::Wrapped(_, joint) = self {
            letters = letters.replace(joint, "");
            letters.retain(|c| !c.is_whitespace());
        }
        let bytes = match self {
            // Without padding nothing tells the two alphabets apart, or whether padding is meant.
            Self::Base64Bare | Self::Url | Self::UrlBare => {
                let bare = letters
                    .trim_end_matches('=')
                    .replace('+', "-")
                    .replace('/', "_");
                BASE64URL_NOPAD.decode(bare.as_bytes()).unwrap()
            }
            _ => self.letters().decode(letters.as_bytes()).unwrap(),
        };
        let wide = |of: fn([u8; 2]) -> u16| {
            let units: Vec<u16> = bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|pair| of(*pair))
                .collect();
            String::from_utf16(&units).unwrap()
        };
        match self {
            Self::Gzip | Self::GzipHex => String::from_utf8(gunzip(&bytes)).unwrap(),
            Self::Utf16 => wide(u16::from_le_bytes),
            Self::Utf16Big => wide(u16::from_be_bytes),
            _ => String::from_utf8(bytes).unwrap(),
        }
    }
}

/// A text with something in it that has to go.
fn plain() -> impl Strategy<Value = (String, String)> {
    let secret = prop_oneof![
        "[A-Za-z0-9]{36}".prop_map(|s| (format!("gh{}{s}", "p_"), s)),
        "[a-z]{4,10}\\.[a-z]{4,10}".prop_map(|s| (format!("{s}@example.org"), s)),
        "[A-Za-z]{10,20}".prop_map(|s| (format!("password={s}9"), s)),
    ];
    let lead = "[a-z]{1,12} [a-z]{1,12} ";
    (lead, secret, "[a-zé?>~ ]{0,90}", any::<bool>()).prop_map(
        |(lead, (put, secret), tail, json)| {
            let text = format!("{lead}{put} {tail}.");
            let text = if json {
                serde_json::json!({"m": text, "n": 17}).to_string()
            } else {
                text
            };
            (text, secret)
        },
    )
}

fn way() -> impl Strategy<Value = Way> {
    prop::sample::select(WAYS)
}

/// What ends a run: letters that follow it at once would be of it.
fn end() -> impl Strategy<Value = &'static str> {
    let all = [
        " ", "\n|", "\"", ",", ";", "&", "<", "'", ")", ". ", "\\\"", "%20",
    ];
    prop::sample::select(all.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_stays_decodable((plain, secret) in plain(), way in way()) {
        let text = format!("got data: \"{}\" from queue", way.encode(&plain));
        let (once, receipt) = redacted(&text);
        let run = once.strip_prefix("got data: \"").unwrap().strip_suffix("\" from queue").unwrap();
        let inner = way.decode(run);
        prop_assert!(!inner.contains(&secret), "{inner}");
        prop_assert!(inner.contains("[removed:") || inner.contains("email_"), "{inner}");
        let was_json = serde_json::from_str::<serde_json::Value>(&plain).is_ok();
        let is_json = serde_json::from_str::<serde_json::Value>(&inner).is_ok();
        prop_assert_eq!(was_json, is_json, "{}", inner);
        prop_assert_eq!(once.matches('\n').count(), text.matches('\n').count());
        prop_assert!(receipt.findings.iter().all(|f| f.offset == 11), "{:?}", receipt.findings);
        prop_assert_eq!(redacted(&once).0, once);
    }

    #[test]
    fn within_json_it_stays_json((plain, secret) in plain(), a in way(), b in way()) {
        let deep = b.encode(&a.encode(&plain));
        let line = serde_json::json!({"event": {"data": deep, "n": 1}}).to_string();
        let once = redacted_json(&line);
        let read: serde_json::Value = serde_json::from_str(&once).unwrap();
        let inner = a.decode(&b.decode(read["event"]["data"].as_str().unwrap()));
        prop_assert!(!inner.contains(&secret), "{inner}");
        prop_assert_eq!(redacted_json(&once), once);
    }

    #[test]
    fn anything_around_runs_redacts_once(
        parts in prop::collection::vec(
            prop_oneof![
                (plain(), way(), end()).prop_map(|((p, _), a, end)| a.encode(&p) + end),
                (plain(), way(), way(), end())
                    .prop_map(|((p, _), a, b, end)| b.encode(&a.encode(&p)) + end),
                "[ -~]{1,12}",
                "[A-Za-z0-9+/]{1,40}={0,2}",
                prop::sample::select(vec![
                    " ", "\n", "=", ": ", "\"", "/", "-", "_", "\\n", "%3D", "=\n", "data=", "?a=",
                    "&#61;", "\\u003d", "\u{200b}", "\0", ",", "key=", "url=https://a.b/c?d=",
                ]).prop_map(str::to_owned),
            ],
            1..8,
        ),
    ) {
        let text = parts.concat();
        let once = REDACTOR.text(&Mac, Raw::new(text.clone())).clean.into_inner();
        let twice = REDACTOR.text(&Mac, Raw::new(once.clone())).clean.into_inner();
        prop_assert_eq!(once.matches('\n').count(), text.matches('\n').count());
        prop_assert_eq!(twice, once);
    }
}

/// A token that no one issued.
fn token() -> String {
    format!("gh{}{}", "p_", "Zq9xW2mR7tLk4vB8nHc3yD6sJf1pGa5wQe0u")
}

#[test]
fn three_encodings_are_undone_and_a_fourth_is_removed() {
    let mut run = format!("the token {} was used", token());
    for depth in 1..=5 {
        run = BASE64.encode(run.as_bytes());
        let (clean, receipt) = redacted(&format!("data {run} end"));
        let mut inner = clean.clone();
        for _ in 0..depth.min(3) {
            let letters = inner.split(' ').find(|word| word.len() > 20).unwrap();
            inner = String::from_utf8(BASE64.decode(letters.as_bytes()).unwrap()).unwrap();
        }
        let (rule, want) = if depth <= 3 {
            ("github_pat", "the token [removed:github_pat] was used")
        } else {
            ("encoded.over_budget", "[removed:encoded.over_budget]")
        };
        assert_eq!(inner, want, "{depth}");
        let told = receipt
            .findings
            .iter()
            .map(|f| (f.rule, f.class, f.offset, f.len));
        let all: Vec<_> = told.collect();
        assert_eq!(all, [(rule, Class::A, 5, run.len())], "{depth}");
    }
}

#[test]
fn what_only_looks_encoded_below_the_limit_stays() {
    // As long as encoded text, of its alphabet, and of no text.
    let noise = BASE64.encode(&std::array::from_fn::<u8, 40, _>(|n| (n * 89 + 151) as u8));
    for text in [
        "a note that says nothing".to_owned(),
        format!("chunk {noise} ok"),
        "at org.example.AbstractRequestHandlerFactoryImpl".to_owned(),
    ] {
        let run = (0..3).fold(text, |text, _| BASE64.encode(text.as_bytes()));
        let line = format!("data {run} end");
        assert_eq!(redacted(&line).0, line);
    }
}

#[test]
fn text_that_begins_with_letters_of_one_case_is_read() {
    // A rule of signs above a heading, and what else is written in one case for so long.
    let heads = ["=", "5", "U", "o", "~", "-=", "ooo \n", "来", "¿", "ʼn"];
    for head in heads {
        let plain = format!("{} {}", head.repeat(60 / head.len()), token());
        for run in [
            BASE64.encode(plain.as_bytes()),
            BASE64URL_NOPAD.encode(plain.as_bytes()),
        ] {
            let (clean, _) = redacted(&format!("data {run} end"));
            let letters = clean.strip_prefix("data ").unwrap();
            let letters = letters.strip_suffix(" end").unwrap().trim_end_matches('=');
            let url = BASE64URL_NOPAD.decode(letters.as_bytes());
            let inner = BASE64_NOPAD.decode(letters.as_bytes()).or(url).unwrap();
            let inner = String::from_utf8(inner).unwrap();
            assert!(inner.ends_with(" [removed:github_pat]"), "{inner}");
        }
    }
}

#[test]
fn a_bomb_is_removed_whole() {
    let bomb = BASE64.encode(&gzip(&vec![b'a'; 16 << 20]));
    let (clean, receipt) = redacted(&format!("body={bomb} end"));
    assert_eq!(clean, "body=[removed:encoded.over_budget] end");
    assert_eq!(receipt.findings.len(), 1);
    assert_eq!(redacted(&clean).0, clean);
    // One within another, each within the ratio of what holds it.
    let inner = BASE64.encode(&gzip(" all is well".repeat(2_000).as_bytes()));
    let outer = BASE64.encode(&gzip((inner + " ").repeat(60).as_bytes()));
    let (clean, _) = redacted(&format!("body={outer}"));
    assert_eq!(redacted(&clean).0, clean);
}

#[test]
fn a_secrets_own_field_goes_whole() {
    let run = BASE64.encode(format!("user:{}", token()).as_bytes());
    for (text, want) in [
        (format!("password={run}"), "password=[removed:key.password]"),
        (
            format!("Authorization: Basic {run}"),
            "Authorization: Basic [removed:key.authorization]",
        ),
    ] {
        assert_eq!(redacted(&text).0, want);
    }
}

#[test]
fn padding_spelled_for_its_place_stays_so() {
    let plain = format!("the token {} was used??", token());
    let run = BASE64.encode(plain.as_bytes());
    assert!(run.ends_with('='));
    for (from, to) in [("=", "%3D"), ("=", "\\u003d"), ("=", "&#61;")] {
        let text = format!("/x?state={} HTTP/1.1", run.replace(from, to));
        let (clean, _) = redacted(&text);
        let letters = clean.strip_prefix("/x?state=").unwrap();
        let letters = letters.strip_suffix(" HTTP/1.1").unwrap().replace(to, from);
        let inner = BASE64.decode(letters.as_bytes()).unwrap();
        let inner = String::from_utf8(inner).unwrap();
        assert_eq!(inner, "the token [removed:github_pat] was used??");
        assert!(!clean.contains(from) || from != "=" || clean.matches('=').count() == 1);
    }
}

#[test]
fn text_with_a_nul_behind_every_character_stays_in_step() {
    let wide = |text: &str| -> String { text.chars().flat_map(|c| [c, '\0']).collect() };
    let (clean, _) = redacted(&wide(&format!("token {} end", token())));
    assert_eq!(clean, wide("token [removed:github_pat] end"));
    assert_eq!(redacted(&clean).0, clean);
}

#[test]
fn what_a_policy_keeps_stays_in_its_run() {
    let policy: Policy = {
        let mut policy = Policy::default();
        policy
            .actions
            .set("email", cordon_redact::Action::Keep)
            .unwrap();
        policy
    };
    let redactor = Redactor::new(policy).unwrap();
    let run = BASE64.encode(b"mail of ann@example.org came");
    let done = redactor.text(&Mac, Raw::new(format!("data {run}")));
    assert_eq!(done.clean.get(), &format!("data {run}"));
    assert!(done.receipt.findings.is_empty());
}

#[test]
fn quoted_printable_text_stays_so() {
    let token = token();
    let (head, tail) = token.split_at(20);
    for (text, want) in [
        (
            "count=3D3; password=3Dhunter2Zq9 next".to_owned(),
            "count=3D3; password=3D[removed:key.password] next",
        ),
        (
            format!("the token {head}=\r\n{tail} was =E2=82=AC 3"),
            "the token [removed:github_pat]\n was =E2=82=AC 3",
        ),
        (
            format!("=2D {} =2D", token.replace('_', "=5F")),
            "=2D [removed:github_pat] =2D",
        ),
    ] {
        let (clean, _) = redacted(&text);
        assert_eq!(clean, want);
        assert_eq!(redacted(&clean).0, clean);
    }
    let (clean, _) = redacted("mail of ann=2Eb=40example=2Eorg =3D");
    assert!(
        clean.starts_with("mail of email_") && clean.ends_with(" =3D"),
        "{clean}"
    );
}

#[test]
fn what_looks_like_a_value_is_found_as_one() {
    let card = "4111111111111111";
    let digits = |first: u32| -> String {
        let of = |c: char| char::from_u32(first + c.to_digit(10).unwrap()).unwrap();
        card.chars().map(of).collect()
    };
    let grouped = |by: &str| {
        ["4111"; 1]
            .iter()
            .chain(&["1111"; 3])
            .copied()
            .collect::<Vec<_>>()
            .join(by)
    };
    let texts = [
        digits(0x660),
        digits(0x6f0),
        digits(0x966),
        digits(0xff10),
        digits(0x1d7ce),
        grouped("\u{a0}"),
        grouped("\u{202f}"),
        grouped("\u{2011}"),
        grouped("\u{2212}"),
    ];
    for text in texts {
        let (clean, _) = redacted(&format!("paid with {text} today"));
        assert!(clean.starts_with("paid with card_"), "{text} {clean}");
        assert_eq!(redacted(&clean).0, clean);
    }
    let styled: String = "gh"
        .chars()
        .map(|c| char::from_u32(0x1d400 + 26 + u32::from(c) - 97).unwrap())
        .collect();
    let text = format!("using {} here", token().replacen("gh", &styled, 1));
    assert_eq!(redacted(&text).0, "using [removed:github_pat] here");
}

#[test]
fn hex_behind_a_sign_is_not_quoted_printable() {
    let (clean, _) = redacted("status=200 data=2B34363839333030363939");
    let hex = clean.strip_prefix("status=200 data=").unwrap();
    let phone = HEXUPPER.decode(hex.as_bytes()).unwrap();
    assert!(phone.starts_with(b"phone_"), "{clean}");
}
