//! Drafts of postmortems, and how they are written.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{report, shop_log};
use crate::postmortem::{draft, html, markdown};

fn incident() -> Json {
    let chat = "2026-11-23\n\
        10:06 ana: checkout is failing, about 12% of orders fail\n\
        10:07 bo: on it\n\
        10:11 bo: rolled back checkout to 2.4.0\n\
        10:15 ana: error rate is recovering\n\
        10:20 ana: all clear, incident resolved\n\
        10:21 ana: TODO @bo add an alert for refused connections by Friday\n\
        10:22 bo: luckily the rollback worked\n";
    report(&[("app.log", &shop_log(20, 5)), ("chat", chat)])
}

#[test]
fn times_are_computed_from_the_timeline() {
    let told = draft(&incident(), &json!({}));
    assert_eq!(told["status"], "resolved");
    assert_eq!(told["times"]["began"], "2026-11-23T10:05:00Z");
    assert_eq!(told["lengths"]["to_detect"]["seconds"], 60);
    assert_eq!(told["lengths"]["to_acknowledge"]["seconds"], 60);
    assert_eq!(told["lengths"]["to_contain"]["seconds"], 600);
    assert_eq!(told["lengths"]["to_resolve"]["seconds"], 900);
    assert_eq!(told["actions"][0]["owner"], "bo");
    assert_eq!(told["actions"][0]["due"], "Friday");
    assert!(told["went_well"].to_string().contains("luckily"));
}

#[test]
fn what_is_given_counts_first() {
    let given = json!({
        "title": "Checkout", "owner": "Bo", "times": {"began": "2026-11-23T10:00:00Z"},
        "actions": [{"text": "write a test", "owner": "Cy"}, "think", {"text": "", "due": "x"}],
        "impact": "12% of orders", "why": "a port was closed", "went_well": ["all", {"x": 1}],
        "findings": {"B": 4}, "access": [{"who": "Bo", "class": "B", "what": "order 7"}],
        "nobody_knows": 7,
    });
    let told = draft(&incident(), &given);
    assert_eq!(told["title"], "Checkout");
    assert_eq!(told["moments"]["began"]["how"], "given");
    assert_eq!(told["lengths"]["to_detect"]["seconds"], 360);
    let actions = json!([
        {"text": "write a test", "owner": "Cy", "due": null},
        {"text": "think", "owner": null, "due": null},
    ]);
    assert_eq!(told["actions"], actions);
    assert_eq!(told["privacy"]["score"], 23);
    assert_eq!(
        (&told["impact"], &told["why"]),
        (&json!("12% of orders"), &json!("a port was closed"))
    );
    assert_eq!(told["went_well"], json!(["all"]));
    assert_eq!(told["access"][0]["what"], "order 7");
    // A draft that is given back stays as it is.
    let again = draft(&incident(), &told);
    for key in [
        "title",
        "summary",
        "what_happened",
        "why",
        "impact",
        "times",
        "lengths",
        "actions",
    ] {
        assert_eq!(again[key], told[key], "{key}");
    }
}

#[test]
fn nothing_is_made_up_of_nothing() {
    let told = draft(&report(&[]), &json!({}));
    assert_eq!(told["status"], "open");
    for text in ["title", "summary", "what_happened", "why", "impact"] {
        assert_eq!(told[text], Json::Null, "{text}");
    }
    for list in ["went_well", "went_badly", "actions", "timeline"] {
        assert_eq!(told[list], json!([]), "{list}");
    }
    for step in ["to_detect", "to_acknowledge", "to_contain", "to_resolve"] {
        assert_eq!(told["lengths"][step]["seconds"], Json::Null, "{step}");
    }
    assert!(markdown(&told).contains("Not told."));
    assert!(html(&told).contains("<p>Not told.</p>"));
    // What is no draft is written as one that says nothing.
    assert!(markdown(&json!([1, {"timeline": 7}])).contains("Postmortem"));
}

#[test]
fn no_text_is_read_as_markup() {
    let bad = [
        "<script>alert(1)</script>",
        "![x](https://evil.example/a.png)",
        "[click](javascript:alert(1))",
        "see https://evil.example/?q=1 or www.evil.example",
        "` `` ``` <img src=x onerror=alert(1)>",
        "a | b || <b>",
        "# heading",
        "1. one",
        "- [ ] task",
        "&lt;b&gt; \u{202e}evil \u{1b}[31mred",
        "@everyone #1",
        "_x_ *y* ~~z~~",
    ];
    let mut report = json!({"timeline": [], "notes": {"impact": [], "tasks": []}});
    for text in bad {
        let entry =
            json!({"text": text, "who": text, "time": text, "kind": text, "component": text});
        for list in ["/timeline", "/notes/impact", "/notes/tasks"] {
            report
                .pointer_mut(list)
                .and_then(Json::as_array_mut)
                .unwrap()
                .push(entry.clone());
        }
    }
    let told = draft(
        &report,
        &json!({"title": bad[0], "severity": bad[1],
        "access": bad, "why": bad.join("\n"), "went_badly": bad}),
    );
    let page = html(&told);
    for tag in ["<script", "<img", "<a ", "<b>", "href", "src="] {
        let plain = page.replace("src=x onerror", "");
        assert!(!plain.contains(tag), "{tag} in {page}");
    }
    let text = markdown(&told);
    assert!(!text.contains('\u{202e}') && !text.contains('\u{1b}'));
    for line in text.lines() {
        let outside = outside_spans(line);
        for part in ["<", "](", "http", "www.", "`", "@", "*", "_"] {
            assert!(!outside.contains(part), "{part} in {outside} of {line}");
        }
    }
}

/// What of a line of Markdown stands in no code span, by the rule of CommonMark.
fn outside_spans(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let run = |at: usize| chars[at..].iter().take_while(|c| **c == '`').count();
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        let fence = run(at);
        if fence == 0 {
            out.push(chars[at]);
            at += 1;
            continue;
        }
        let mut end = at + fence;
        while end < chars.len() && run(end) != fence {
            end += run(end).max(1);
        }
        if end < chars.len() {
            at = end + fence;
        } else {
            out.push('`');
            at += fence;
        }
    }
    out
}

/// Tags that a page is made of.
const TAGS: [&str; 24] = [
    "<h1>",
    "</h1>",
    "<h2>",
    "</h2>",
    "<ul>",
    "</ul>",
    "<li>",
    "</li>",
    "<p>",
    "</p>",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<th scope=\"col\">",
    "</th>",
    "<strong>",
    "</strong>",
    "</body>",
    "</html>",
    "<small>",
    "</small>",
];

/// Pieces of what is markup somewhere.
fn markup() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<script>",
        "</td>",
        "javascript:alert(1)",
        "](",
        "[x",
        "![",
        "`",
        "``",
        "\\",
        "|",
        "<",
        ">",
        "&lt;",
        "&",
        "\"",
        "'",
        "http://evil.example",
        "a\\|![x](http://evil.example)",
        "|",
        "www.x.y",
        "@ana",
        "*",
        "_",
        "~~",
        "#",
        "- ",
        "1. ",
        "a b",
        "\n",
        "\n\n",
        "    ",
        "\u{202e}",
        "\u{0}",
        "é",
        "<!--",
        "-->",
        "$$",
        "==",
        "x",
    ]);
    prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_stays_text(texts in prop::collection::vec(markup(), 8)) {
        let entry = json!({"text": texts[0], "who": texts[1], "time": texts[2], "kind": texts[3],
            "component": texts[4]});
        let report = json!({"timeline": [entry], "notes": {"impact": [entry], "tasks": [entry],
            "questions": [entry], "hypotheses": [entry]}, "alerts": [{"title": texts[5]}]});
        let told = draft(&report, &json!({"severity": texts[6], "access": [entry, texts[7]]}));
        let page = html(&told);
        let (_, body) = page.split_once("<body>").expect("a body");
        let mut rest = body.to_owned();
        for tag in TAGS {
            rest = rest.replace(tag, "");
        }
        prop_assert!(!rest.contains(['<', '>', '"', '\'', '`']), "{}", rest);
        for line in markdown(&told).lines() {
            // In a row a bar ends a cell, or does not, by how a parser reads what is before it.
            let row = line.starts_with("| ");
            prop_assert!(!row || !line.contains("\\|"), "{}", line);
            let outside = outside_spans(line);
            for part in ["<", "](", "http", "www.", "`", "@", "*", "_", "~~", "\\"] {
                prop_assert!(!outside.contains(part), "{} in {} of {}", part, outside, line);
            }
        }
    }

    #[test]
    fn what_is_given_wins(said in markup()) {
        static REPORT: std::sync::LazyLock<Json> = std::sync::LazyLock::new(incident);
        let report = &*REPORT;
        for key in ["title", "summary", "what_happened", "why", "impact", "severity", "owner"] {
            let told = draft(report, &json!({key: said}));
            prop_assert_eq!(told[key].as_str(), Some(said.as_str()), "{}", key);
        }
        for key in ["went_well", "went_badly", "actions", "timeline", "hypotheses"] {
            let told = draft(report, &json!({key: []}));
            prop_assert_eq!(&told[key], &json!([]), "{}", key);
        }
    }
}
