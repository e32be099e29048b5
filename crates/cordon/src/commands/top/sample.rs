//! What a server said at one moment.
//!
//! The text is Prometheus' exposition format, version 0.0.4; what is no sample of it is passed
//! over. *Limits:* [`SAMPLES_COUNT_MAX`].

use std::time::Instant;

/// Samples of one answer.
const SAMPLES_COUNT_MAX: usize = 100_000;

/// One metric's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Metric {
    pub(super) name: String,
    /// In the order of the text.
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: f64,
}

impl Metric {
    /// A label's value.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(label, _)| label == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// An answer of `/metrics` and one of `/readyz`.
pub(super) struct Sample {
    pub(super) metrics: Vec<Metric>,
    /// Checks that fail: name and code.
    pub(super) failing: Vec<(String, String)>,
    pub(super) at: Instant,
}

impl Sample {
    /// Reads both.
    pub(super) fn new(metrics: &str, readyz: &str, at: Instant) -> Self {
        let failing = readyz.lines().filter_map(|line| {
            let (name, code) = line.strip_prefix("[-]")?.split_once(" failed: ")?;
            Some((name.to_owned(), code.to_owned()))
        });
        let metrics = metrics.lines().filter_map(metric);
        Self {
            metrics: metrics.take(SAMPLES_COUNT_MAX).collect(),
            failing: failing.collect(),
            at,
        }
    }

    /// Sum over all labels.
    pub(super) fn sum(&self, name: &str) -> f64 {
        let of = self.metrics.iter().filter(|metric| metric.name == name);
        of.map(|metric| metric.value).sum()
    }

    /// The value with exactly these labels; 0 where there is none.
    pub(super) fn like(&self, other: &Metric) -> f64 {
        let same = |m: &&Metric| m.name == other.name && m.labels == other.labels;
        self.metrics.iter().find(same).map_or(0.0, |m| m.value)
    }
}

/// `name{label="value",…} 1.5`, with or without a time.
fn metric(line: &str) -> Option<Metric> {
    if line.starts_with('#') {
        return None;
    }
    let Some((name, rest)) = line.split_once('{') else {
        let (name, value) = line.split_once(' ')?;
        return Some(Metric {
            name: name.to_owned(),
            labels: Vec::new(),
            value: number(value)?,
        });
    };
    let (labels, value) = labels(rest)?;
    Some(Metric {
        name: name.to_owned(),
        labels,
        value: number(value)?,
    })
}

fn number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}

/// Labels up to the brace, and what follows it. A value has `\\`, `\"` and `\n` escaped.
fn labels(text: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((found, after));
        }
        let (name, after) = rest.split_once("=\"")?;
        let mut value = String::new();
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => value.push(match characters.next()?.1 {
                    'n' => '\n',
                    other => other,
                }),
                (_, other) => value.push(other),
            }
        };
        found.push((name.to_owned(), value));
        rest = after.get(end + 1..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_with_their_labels() {
        let read = |line: &str| {
            metric(line).map(|m| {
                let labels: Vec<String> =
                    m.labels.iter().map(|(n, v)| format!("{n}={v}")).collect();
                (m.name, labels.join(";"), m.value)
            })
        };
        let expect =
            |name: &str, labels: &str, value| Some((name.to_owned(), labels.to_owned(), value));
        assert_eq!(read("a_total 3"), expect("a_total", "", 3.0));
        assert_eq!(read("a{} 3 1700000000"), expect("a", "", 3.0));
        assert_eq!(
            read(r#"a{x="1",y="q\"}\\ \n"} 2.5e1"#),
            expect("a", "x=1;y=q\"}\\ \n", 25.0)
        );
        for none in ["# TYPE a counter", "", "a", "a{x=\"1} 2", "a{x} 2", "a x"] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn failing_checks_are_told() {
        let text = "[+]journal ok\n[-]vault failed: vault_unreadable\nreadyz check failed\n";
        let sample = Sample::new("", text, Instant::now());
        let expect = ("vault".to_owned(), "vault_unreadable".to_owned());
        assert_eq!(sample.failing, [expect]);
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_it_panic(line in "[a-b{}=\",\\\\ 0-9é]{0,40}") {
            let _read = metric(&line);
        }
    }
}
