//! How many stack traces are read right, language by language, and which of them share an id.
//!
//! A row is a file `traces/<language>/<name>.txt`: labels, a line `---`, and the text as it came.
//!
//! ```text
//! language: python
//! type: billing.errors.ChargeError
//! function: charge
//! file: billing/charge.py
//! line: 31
//! message: no customer\nsecond line
//! group: charge-no-customer
//! ---
//! Traceback (most recent call last):
//! …
//! ```
//!
//! `language`, `type`, `function` and `file` have to be there; `function` and `file` are those of
//! the first in-app frame of the exception that escaped, or where that has none of the first in the
//! chain that has one; `-` is none or an empty name.
//! `line`, `message` (`\n` for a line break) and `group` may be there.
//! Rows of one language and one group have one fingerprint; those of two groups have two.
//! Rows whose name begins with `second-` or `third-` were written by people who knew nothing of
//! the readers; each set was scored before anything was changed for it.
//! `escapes` may be there and is a list of `esc` (ESC is written as `\e`) and `cr` (CRLF): what a
//! text file does not hold well.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the scorer is a test through and through"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cordon_fingerprint::{Trace, group_trace, parse_trace};

/// Least share of the rows of each language that is read right.
const RIGHT_SHARE_MIN: f64 = 0.97;
/// Least number of rows of each of the languages that were read first.
const ROWS_COUNT_MIN: usize = 25;
/// Sets that were written by people who knew nothing of the readers, by how their rows begin.
const UNSEEN: [&str; 2] = ["second", "third"];
const FIRST: [&str; 5] = ["go", "java", "javascript", "python", "rust"];

/// One labelled stack trace.
struct Row {
    name: String,
    labels: BTreeMap<String, String>,
    text: String,
}

impl Row {
    fn read(path: &Path) -> Self {
        let whole = std::fs::read_to_string(path).unwrap();
        let name = path.display().to_string();
        let (head, text) = whole
            .split_once("\n---\n")
            .unwrap_or_else(|| panic!("{name}: no line ---"));
        let label = |line: &str| {
            let (key, value) = line
                .split_once(':')
                .unwrap_or_else(|| panic!("{name}: {line}"));
            (key.trim().to_owned(), value.trim().replace("\\n", "\n"))
        };
        let labels: BTreeMap<_, _> = head.lines().map(label).collect();
        for key in labels.keys() {
            let known = [
                "language", "type", "function", "file", "line", "message", "group", "escapes",
            ];
            assert!(known.contains(&key.as_str()), "{name}: label {key}");
        }
        for key in ["language", "type", "function", "file"] {
            assert!(labels.contains_key(key), "{name}: no label {key}");
        }
        let escapes = labels.get("escapes").map_or("", String::as_str);
        let mut text = text.to_owned();
        if escapes.contains("esc") {
            text = text.replace("\\e", "\u{1b}");
        }
        if escapes.contains("cr") {
            text = text.replace('\n', "\r\n");
        }
        Self { name, labels, text }
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str)
    }

    /// What is read wrong, as `label: expected, found`.
    fn wrong(&self, trace: Option<&Trace>) -> Vec<String> {
        let Some(trace) = trace else {
            return vec!["not recognised".to_owned()];
        };
        let top = trace.top_in_app();
        let or_none = |text: &str| if text.is_empty() { "-" } else { text }.to_owned();
        let found = [
            ("language", trace.language.as_str().to_owned()),
            ("type", or_none(trace.exception_type())),
            ("function", or_none(top.map_or("", |f| &f.function))),
            ("file", or_none(top.map_or("", |f| &f.file))),
            (
                "line",
                top.and_then(|f| f.line)
                    .map_or_else(|| "-".to_owned(), |line| line.to_string()),
            ),
            ("message", trace.message().trim().to_owned()),
        ];
        found
            .into_iter()
            .filter_map(|(key, found)| {
                let expected = self.label(key)?;
                (expected != found).then(|| format!("{key}: {expected:?}, found {found:?}"))
            })
            .collect()
    }
}

/// The rows of each language, by the name of its folder.
fn rows() -> BTreeMap<String, Vec<Row>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/traces");
    let list = |path: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths
    };
    list(&root)
        .into_iter()
        .filter(|folder| folder.is_dir())
        .map(|folder| {
            let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
            let rows = list(&folder).iter().map(|path| Row::read(path)).collect();
            (name, rows)
        })
        .collect()
}

#[test]
fn traces_are_read_right_in_every_language() {
    let rows = rows();
    let mut short = Vec::new();
    for language in FIRST {
        let count = rows.get(language).map_or(0, Vec::len);
        if count < ROWS_COUNT_MIN {
            short.push(format!("{language}: {count} rows, {ROWS_COUNT_MIN} needed"));
        }
    }
    for (language, rows) in &rows {
        let (mut right, mut unseen) = (0_usize, [(0_usize, 0_usize); UNSEEN.len()]);
        for row in rows {
            let wrong = row.wrong(parse_trace(&row.text).as_ref());
            right += usize::from(wrong.is_empty());
            for (set, (of_set, all)) in UNSEEN.iter().zip(&mut unseen) {
                if row.name.contains(&format!("/{set}-")) {
                    *of_set += usize::from(wrong.is_empty());
                    *all += 1;
                }
            }
            if !wrong.is_empty() {
                println!("{}\n  {}", row.name, wrong.join("\n  "));
            }
        }
        let sets = UNSEEN
            .iter()
            .zip(unseen)
            .map(|(set, (of_set, all))| format!(", of the {set} set {of_set} of {all}"));
        let sets: String = sets.collect();
        println!("{language}: {right} of {} right{sets}", rows.len());
        #[expect(clippy::cast_precision_loss, reason = "a few hundred rows")]
        let share = right as f64 / rows.len() as f64;
        if share < RIGHT_SHARE_MIN {
            short.push(format!("{language}: {right} of {} right", rows.len()));
        }
    }
    assert!(short.is_empty(), "{short:#?}");
}

#[test]
fn one_failure_has_one_fingerprint_and_two_have_two() {
    let mut wrong = Vec::new();
    for (language, rows) in &rows() {
        let mut ids: BTreeMap<&str, Vec<(String, &Row)>> = BTreeMap::new();
        for row in rows {
            let Some(group) = row.label("group") else {
                continue;
            };
            let id = parse_trace(&row.text).map_or_else(String::new, |t| group_trace(&t).id);
            ids.entry(group).or_default().push((id, row));
        }
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (group, members) in &ids {
            for (id, row) in members {
                if *id != members[0].0 {
                    wrong.push(format!(
                        "{} is not grouped with {}",
                        row.name, members[0].1.name
                    ));
                }
                let owner = owners.entry(id).or_insert(group);
                if owner != group {
                    wrong.push(format!("{language}: {} merges with {owner}", row.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Shares of a trace's lines, in per cent, that are left when it is cut.
const KEPT: [usize; 3] = [60, 75, 90];

#[test]
fn a_trace_that_lost_its_callers_keeps_its_fingerprint() {
    let mut wrong = Vec::new();
    let mut count = 0_usize;
    for (language, rows) in &rows() {
        for row in rows {
            let Some(whole) = parse_trace(&row.text) else {
                continue;
            };
            let own = |trace: &Trace| trace.frames().iter().filter(|f| f.in_app).count();
            let lines: Vec<&str> = row.text.lines().collect();
            for kept in KEPT {
                let kept = (lines.len() * kept).div_ceil(100);
                // Python prints the outermost call first.
                let cut = if language == "python" {
                    lines[lines.len() - kept..].join("\n")
                } else {
                    lines[..kept].join("\n")
                };
                let Some(cut) = parse_trace(&cut) else {
                    continue;
                };
                // What raised, what it raised, and up to three frames of it are still there.
                let comparable = whole.chain.len() == 1
                    && cut.exception_type() == whole.exception_type()
                    && cut.message() == whole.message()
                    && cut.top_in_app() == whole.top_in_app()
                    && own(&cut) >= own(&whole).min(3);
                if comparable {
                    count += 1;
                    if group_trace(&cut).id != group_trace(&whole).id {
                        wrong.push(format!("{}, {kept} lines", row.name));
                    }
                }
            }
        }
    }
    assert!(count > 1_000, "{count}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Makes of a text what somebody else would.
type Wrap = fn(&str) -> String;

/// What collectors, tickets and mails make of a text.
const WRAPPERS: [(&str, Wrap); 16] = [
    ("json", |text| {
        format!("{{\"level\":\"error\",\"stack\":{}}}", quoted(text))
    }),
    ("json twice", |text| {
        let inner = format!("{{\"err\":{{\"stack\":{}}}}}", quoted(text));
        format!("{{\"ts\":1714557600,\"log\":{}}}", quoted(&inner))
    }),
    ("json, cut off", |text| {
        format!("{{\"stack\":\"{}", quoted(text).trim_matches('"'))
    }),
    ("a json object a line", |text| {
        each(text, |_, line| {
            format!(
                "{{\"log\":{},\"stream\":\"stderr\"}}",
                quoted(&format!("{line}\n"))
            )
        })
    }),
    ("escaped", |text| {
        text.trim_end()
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\t', "\\t")
    }),
    ("time and level", |text| {
        each(text, |at, line| {
            format!(
                "2024-05-01 10:{:02}:{:02},{} ERROR {line}",
                at / 60,
                at % 60,
                100 + at
            )
        })
    }),
    ("widths vary", |text| {
        each(text, |at, line| {
            format!(
                "2024-05-01T10:00:00.{}Z [pool-1-thread-7] ERROR com.acme.Shop - {line}",
                10_usize.pow(1 + at as u32 % 8)
            )
        })
    }),
    ("syslog", |text| {
        each(text, |_, line| {
            format!("<11>May  1 10:00:00 web-7 shop[4242]: {line}")
        })
    }),
    ("cri", |text| {
        each(text, |at, line| {
            format!("2024-05-01T10:00:00.{at:09}Z stderr F {line}")
        })
    }),
    ("compose", |text| {
        each(text, |_, line| format!("shop-api-1  | {line}"))
    }),
    ("two processes", |text| {
        each(text, |at, line| {
            format!("10:00:00 [4242] {line}\n10:00:01 [77] poll {at}")
        })
    }),
    ("another thread's log", |text| {
        let lines: Vec<&str> = text.lines().collect();
        each(text, |at, line| {
            let inside = |at: usize| lines.get(at).is_some_and(|l| l.starts_with([' ', '\t']));
            if at % 4 == 3 && inside(at) && inside(at + 1) {
                format!("{line}\n2024-05-01 10:00:00.120 [pool-3] INFO  c.a.Poll - took 3 ms")
            } else {
                line.to_owned()
            }
        })
    }),
    ("crlf", |text| text.replace('\n', "\r\n")),
    ("colours", |text| {
        each(text, |_, line| format!("\u{1b}[31m{line}\u{1b}[0m"))
    }),
    ("quoted", |text| each(text, |_, line| format!("> {line}"))),
    ("html", |text| {
        let text = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        format!("<pre>\n{}</pre>", text.replace('"', "&quot;"))
    }),
];

/// The lines, each changed, with its number.
fn each(text: &str, change: impl Fn(usize, &str) -> String) -> String {
    let lines = text.lines().enumerate();
    lines.map(|(at, line)| change(at, line) + "\n").collect()
}

/// A string of JSON.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '<' | '>' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Rows that came wrapped, or hold what a wrapper would undo, are not wrapped again.
fn is_bare(row: &Row) -> bool {
    let text = &row.text;
    let prefixed = text
        .lines()
        .next()
        .is_some_and(|l| l.starts_with(|c: char| "0123456789{[<>".contains(c)));
    let month = text.split(' ').next().unwrap_or_default();
    let months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    let syslog = month.len() == 3 && months.contains(month);
    !prefixed && !syslog && !text.contains("\\n") && !text.contains('&') && !text.contains(" | ")
}

#[test]
fn wrapping_a_trace_changes_nothing() {
    let rows = rows();
    let mut short = Vec::new();
    for (language, rows) in &rows {
        for (wrapper, wrap) in WRAPPERS {
            let (mut count, mut right) = (0_usize, 0_usize);
            for row in rows.iter().filter(|row| is_bare(row)) {
                let bare = parse_trace(&row.text);
                let wrapped = parse_trace(&wrap(&row.text));
                let what = |trace: &Option<Trace>| {
                    trace.as_ref().map(|t| {
                        (
                            t.language,
                            t.exception_type().to_owned(),
                            t.frames().to_vec(),
                            group_trace(t).id,
                        )
                    })
                };
                count += 1;
                if what(&bare) == what(&wrapped) {
                    right += 1;
                } else {
                    println!("{wrapper}: {}", row.name);
                }
            }
            #[expect(clippy::cast_precision_loss, reason = "a few hundred rows")]
            let share = right as f64 / count.max(1) as f64;
            if count > 0 && share < RIGHT_SHARE_MIN {
                short.push(format!("{language}, {wrapper}: {right} of {count}"));
            }
        }
    }
    assert!(short.is_empty(), "{short:#?}");
}
