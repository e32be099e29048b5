//! The built-in rules hold what they promise.

use std::collections::BTreeSet;

use super::*;
use crate::{Context, Detector};

/// Issuers that the built-in rules know, at least.
const PROVIDERS_COUNT_MIN: usize = 250;

#[test]
fn every_case_of_every_rule_comes_out() {
    let faults: Vec<String> = RuleSet::builtin()
        .verify()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn there_are_as_many_providers_as_promised() {
    let set = RuleSet::builtin();
    let providers: BTreeSet<&str> = set.rules().iter().map(|r| r.provider.as_str()).collect();
    assert!(
        providers.len() >= PROVIDERS_COUNT_MIN,
        "{}",
        providers.len()
    );
}

#[test]
fn every_positive_is_removed_whole_by_a_detector() {
    let detector = Detector::default();
    let mut left = Vec::new();
    for rule in RuleSet::builtin().rules() {
        let [positives, _, _] = rule.expanded();
        for case in positives {
            let found = detector.scan(&case.text, &Context::default());
            let whole = found
                .iter()
                .any(|f| f.start <= case.start && f.end >= case.end);
            if !whole {
                left.push((rule.id, case.text));
            }
        }
    }
    assert!(left.is_empty(), "{left:?}");
}

/// Lines of the kinds that services write all day, without a secret.
const CLEAN: &[&str] = &[
    "2026-11-21T09:14:02.113Z INFO  http-server GET /api/v2/orders/8814523/items 200 12ms \
     bytes=5312",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 flags=01 sampled",
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 deployed by pipeline 48213 to production",
    "pulled image registry.example.org/shop/checkout@sha256:6b86b273ff34fce19d6b804eff5a3f5\
     747ada4eaa22f1d49c01e52ddb7875b4b",
    "id 123e4567-e89b-12d3-a456-426614174000 took 1700000000123 ns, 42 retries, exit code 137",
    "java.util.concurrent.ExecutionException: org.springframework.security.SecurityContextHolder",
    "at com.example.payments.service.TokenRefreshScheduler.lambda$refresh$3(TokenRefreshSch\
     eduler.java:118)",
    "kafka consumer group orders-projection rebalanced, partitions=[0,1,2], generation=3321",
    "SELECT id, name FROM customers WHERE region = 'eu-central-1' ORDER BY created_at LIMIT 50",
    "level=warn msg=\"slow query\" duration=1.332s table=shipments rows=20311 plan=index_scan",
    "pod checkout-7d9f8b6c5d-x2x9p in namespace shop restarted: OOMKilled, limit 512Mi",
    "authorization failed: token expired at 2026-11-20T03:12:44Z, issuer \
     https://login.example.org/realms/shop",
    "etag \"33a64df551425fcc55e4d42a148795d9f25f89d4\" cache hit ratio 0.93 \
     key=product:list:page:1",
    "npm resolved https://registry.npmjs.org/lodash/-/lodash-4.17.21.tgz integrity \
     sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tv\
     j5FvSg==",
];

/// A set of so many built-in rules, from all packs alike.
fn thinned(count: usize) -> RuleSet {
    let all = RuleSet::load(PACKS).unwrap().rules;
    let total = all.len();
    let taken = all.into_iter().enumerate();
    let taken = taken.filter(|(i, _)| (i + 1) * count / total > i * count / total);
    RuleSet::of(taken.map(|(_, rule)| rule).collect())
}

/// Bytes that a scan of the clean lines looks at, and how often it asks a pattern.
fn work(set: RuleSet) -> (usize, u64) {
    let detector = Detector::with_rules(crate::DetectorConfig::default(), Arc::new(set));
    for line in CLEAN {
        for i in 0..line.len() {
            assert!(detector.rules().find(line, i).is_none(), "{line} at {i}");
        }
    }
    crate::bytes::take_looked();
    for line in CLEAN {
        detector.scan(line, &Context::default());
    }
    let asked = detector
        .rules()
        .counts()
        .map(|(_, counts)| counts.calls)
        .sum();
    (crate::bytes::take_looked(), asked)
}

#[test]
fn clean_lines_cost_the_same_with_ten_times_the_rules() {
    let few = thinned(50);
    let all = thinned(500);
    let (few_count, count) = (few.rules.len(), all.rules.len());
    assert_eq!((few_count, count), (50, 500));
    let ((few_looked, few_asked), (looked, asked)) = (work(few), work(all));
    assert!(
        looked * 100 <= few_looked * 110,
        "{few_looked} bytes looked at with {few_count} rules, {looked} with {count}"
    );
    assert!(
        asked <= few_asked + 1,
        "{few_asked} patterns asked, then {asked}"
    );
}

#[test]
fn a_prefix_over_and_over_is_linear() {
    const TEXT_BYTES: usize = 8 * 1024;
    const LOOKS_PER_BYTE_MAX: usize = 150;
    let set = RuleSet::builtin();
    let mut dear = Vec::new();
    for rule in set.rules() {
        let Anchor::Prefix(prefixes) = &rule.anchor else {
            continue;
        };
        for (prefix, sign) in prefixes
            .iter()
            .zip(["", ".", "-", "/", " "].into_iter().cycle())
        {
            let text = format!("{prefix}{sign}").repeat(TEXT_BYTES / prefix.len());
            crate::bytes::take_looked();
            let mut i = 0;
            while i < text.len() {
                i = set.find(&text, i).map_or(i + 1, |found| found.end);
            }
            let looks = crate::bytes::take_looked() / text.len();
            if looks > LOOKS_PER_BYTE_MAX {
                dear.push((rule.id, prefix, looks));
            }
        }
    }
    for unit in [
        "12345|abcdefghij1234567",
        "ab.1Q~abcdefghij123456",
        "eyJ:a1b2c3d4e5f6a7b8c9:",
    ] {
        let text = unit.repeat(TEXT_BYTES / unit.len());
        crate::bytes::take_looked();
        let found = (0..text.len()).filter(|i| set.find(&text, *i).is_some());
        assert!(found.count() < text.len());
        let looks = crate::bytes::take_looked() / text.len();
        assert!(looks <= LOOKS_PER_BYTE_MAX, "{unit}: {looks}");
    }
    assert!(dear.is_empty(), "{dear:?}");
}

#[test]
fn pseudonyms_and_markers_are_no_tokens() {
    let set = RuleSet::builtin();
    for kind in crate::TokenKind::REPLACEABLE {
        let text = format!("{}_k3q7zc5mfh2xw4tn6a7bpsdy", kind.as_str());
        assert!(set.find(&text, 0).is_none(), "{text}");
    }
    for rule in set.rules() {
        assert!(
            crate::is_ours(&format!("[removed:{}]", rule.id)),
            "{}",
            rule.id
        );
    }
}

#[test]
fn what_is_found_was_proposed() {
    let set = RuleSet::builtin();
    assert_eq!(set.run_bytes_min(), RUN_BYTES_MIN);
    for rule in set.rules() {
        for case in rule.expanded().concat() {
            let bytes = case.text.as_bytes();
            for i in 0..bytes.len() {
                if set.find(&case.text, i).is_some() {
                    let run = bytes
                        .iter()
                        .skip(i)
                        .take_while(|b| pattern::token_byte(**b));
                    assert!(run.count() >= RUN_BYTES_MIN, "{}", case.text);
                    let proposed = set.may_begin(bytes, i) || set.may_shape(bytes, i, bytes.len());
                    assert!(proposed, "{}", case.text);
                }
            }
        }
    }
}

const PACK: &str = "pack = \"test\"\n[[rule]]\nid = \"acme_key\"\nversion = 1\n\
    provider = \"Acme\"\ndescription = \"Key.\"\nprefix = [\"acme_\"]\npattern = '[a-f0-9]{32}'\n\
    positives = [\"acme_{hex:32}\", \"x «acme_{hex:32}»\"]\n\
    near_misses = [\"acme_{hex:31}\", \"acme_{hex:33}\"]\n";

/// What is changed in [`PACK`], into what, and a part of the reason why it is refused then.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "near_misses = [\"acme_{hex:31}\", ",
        "near_misses = [",
        "line 10: 1 near_misses",
    ),
    (
        "\"acme_{hex:32}\", ",
        "",
        "line 9: 1 positives; a rule has at least 2",
    ),
    (
        "id = \"acme_key\"",
        "id = \"Acme-Key\"",
        "line 3: the id is not",
    ),
    ("version = 1\n", "", "`version` is missing"),
    (
        "prefix = [\"acme_\"]",
        "prefix = [\"ac me_\"]",
        "line 7: prefix `ac me_`",
    ),
    (
        "prefix = [\"acme_\"]",
        "prefix = [\"-acme_\"]",
        "line 7: prefix `-acme_`",
    ),
    (
        "prefix = [\"acme_\"]\n",
        "",
        "give one of `prefix`, `keywords`, `within` and `head`",
    ),
    (
        "{32}'",
        "{8}'",
        "line 8: the shortest token is sure to begin with 13",
    ),
    (
        "[a-f0-9]{32}",
        "[a-f0-9]+",
        "line 8: the pattern is unbounded",
    ),
    (
        "[a-f0-9]{32}",
        "[a-f0-9]{32}$",
        "line 8: the pattern looks around",
    ),
    (
        "[a-f0-9]{32}",
        r"([a-f])\1{32}",
        "line 8: the pattern is not held",
    ),
    ("provider", "colour", "unknown key `colour`"),
    (
        "version = 1",
        "version = 1\nstage = \"soon\"",
        "known are enforce, shadow, canary",
    ),
    (
        "version = 1",
        "version = 1\nstage = \"canary\"",
        "a number from 1 to 99",
    ),
    (
        "version = 1",
        "version = 1\nchecksum = \"adler\"",
        "known are github_crc32",
    ),
    (
        "version = 1",
        "version = 1\naction = \"pseudonym\"",
        "remove, in class A",
    ),
    ("[[rule]]", "[[rule]", "parse pack at line 2"),
];

#[test]
fn a_pack_that_cannot_be_held_says_where_and_why() {
    assert!(RuleSet::load(&[PACK]).unwrap().verify().is_empty());
    let refused = |from: &str, to: &str| {
        assert!(PACK.contains(from), "{from}");
        RuleSet::load(&[&PACK.replace(from, to)])
            .unwrap_err()
            .to_string()
    };
    for (from, to, expect) in REFUSED {
        let said = refused(from, to);
        assert!(said.contains(expect), "{said} is not about {expect}");
    }
    let twice = RuleSet::load(&[PACK, PACK]).unwrap_err().to_string();
    assert!(
        twice.contains("acme_key at line 2: a rule of that id"),
        "{twice}"
    );
    let again = PACK.replace("version = 1", "version = 2\nreplaces = true");
    assert_eq!(
        RuleSet::load(&[PACK, &again])
            .unwrap()
            .rule("acme_key")
            .unwrap()
            .version,
        2
    );
}

#[test]
fn a_case_that_does_not_come_out_is_told() {
    let wrong = PACK.replace("acme_{hex:31}", "acme_{hex:32}");
    let faults = RuleSet::load(&[&wrong]).unwrap().verify();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["hold rule acme_key to its cases: near miss 1: it is found"]
    );
}

#[test]
fn stages_decide_who_acts_and_everything_is_counted() {
    let staged = |stage: &str| {
        let text = PACK.replace("version = 1", &format!("version = 1\n{stage}"));
        let set = RuleSet::load(&[&text]).unwrap();
        let tokens = (0..400).map(|n| format!("acme_{n:032x}").replace("00000", "9a3f1"));
        let acted: Vec<bool> = tokens.map(|token| set.find(&token, 0).is_some()).collect();
        let (_, counts) = set.counts().next().unwrap();
        assert_eq!(counts.hits + counts.held_back, 400);
        assert_eq!(
            counts.hits as usize,
            acted.iter().filter(|acts| **acts).count()
        );
        assert!(counts.calls >= 400 && counts.bytes >= 400 * 32);
        acted
    };
    assert!(staged("").iter().all(|acts| *acts));
    assert!(!staged("stage = \"shadow\"").iter().any(|acts| *acts));
    let share = staged("stage = \"canary\"\npercent = 25");
    let acted = share.iter().filter(|acts| **acts).count();
    assert!((60..140).contains(&acted), "{acted} of 400");
    assert_eq!(
        share,
        staged("stage = \"canary\"\npercent = 25"),
        "always the same ones"
    );
}

#[test]
fn a_wrapped_token_is_one() {
    let set = RuleSet::load(&[PACK]).unwrap();
    let text = "acme_0123456789abcdef\n    0123456789abcdef\nnext";
    let found = set.find(text, 0).unwrap();
    assert_eq!(found.end, text.len() - "\nnext".len());
    assert!(
        set.find("acme_0123456789abcdef\n0123456789abcdef-x", 0)
            .is_none()
    );
}

#[test]
fn the_pack_of_the_manual_holds() {
    let manual = include_str!("../../../../docs/rules.md");
    let packs = manual
        .split("```toml\n")
        .filter_map(|rest| rest.split("```").next());
    let packs: Vec<&str> = packs.filter(|text| text.starts_with("pack = ")).collect();
    assert_eq!(packs.len(), 1);
    let set = RuleSet::builtin_and(&packs).unwrap();
    assert!(set.verify_added().is_empty());
    assert_eq!(set.rules().last().unwrap().stage, Stage::Shadow);
}

#[test]
fn a_damaged_pack_is_an_error_and_no_panic() {
    let whole = include_str!("../../../../rules/crypto-keys.toml");
    let (mut draw, mut refused) = (hash::Draw::new(&["damage"]), 0);
    let pieces = [
        "{", "}", "[", "]", "\"", "'", "«", "{4096}", "+", "|", "(?i)", "\n", "\\", "=", "0",
    ];
    for _ in 0..400 {
        let mut text: Vec<char> = whole.chars().take(200 + draw.below(3_000)).collect();
        for _ in 0..=draw.below(3) {
            let piece = pieces[draw.below(pieces.len())];
            let at = draw.below(text.len());
            text.splice(at..at + draw.below(3).min(text.len() - at), piece.chars());
        }
        let text: String = text.into_iter().collect();
        match RuleSet::load(&[&text]) {
            Ok(set) => drop(set.verify()),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 100, "{refused}");
}

#[test]
fn the_packs_of_a_page_are_the_same_rules() {
    let told = |packs| {
        let rules = RuleSet::read(packs, &[]).unwrap().rules;
        let told = rules.into_iter().map(|rule| {
            let rule = Rule {
                provider: String::new(),
                description: String::new(),
                cases: Cases::default(),
                ..rule
            };
            format!("{rule:?}")
        });
        told.collect::<Vec<_>>()
    };
    assert!(told(super::built_in()) == told(super::bare()));
}
