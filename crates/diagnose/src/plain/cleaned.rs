//! Everything of a report that quotes the log, looked over once more before it is shown.
//!
//! What is taken from a text in one context is taken from all of them: a name that is recognised
//! in the whole line stands in its template and in a part of it as well.
//!
//! *Limits:* [`NAMES_COUNT_MAX`] components of a problem are looked over; those behind them are
//! shown only where enough of them stay.

use std::collections::BTreeSet;

use super::report::{Report, Told};

/// Components of a problem that are looked over.
const NAMES_COUNT_MAX: usize = 32;
/// So many of them must stay for those behind them not to be shown.
const NAMES_SHOWN_MAX: usize = 4;
/// Letters of a word that is taken out wherever it stands, at least: two where it has a capital.
const WORD_LETTERS_MIN: usize = 3;
/// Stands for a word that was taken out elsewhere.
const TAKEN: &str = "<name>";

impl Report {
    /// Gives each text that quotes the log, to be looked over once more before it is shown.
    pub fn texts(&mut self, each: &mut dyn FnMut(&mut String)) {
        let mut taken = BTreeSet::new();
        self.quoted(&mut |text| {
            let before = text.clone();
            each(text);
            note(&before, text, &mut taken);
        });
        self.named(&mut |name| {
            let before = name.clone();
            each(name);
            if *name != before {
                name.clear();
            }
        });
        // The part to search for is no sentence: what holds it must have stayed as it was.
        let constant = self.constant.clone();
        each(&mut self.constant);
        let stays = |told: &Told| told.text.contains(&constant) && told.example.contains(&constant);
        if self.constant != constant || !self.decisive().is_some_and(stays) {
            self.constant.clear();
        }
        if taken.is_empty() {
            return;
        }
        self.quoted(&mut |text| *text = without(text, &taken));
        let mut drop = |name: &mut String| {
            if words(name).any(|word| taken.contains(word)) {
                name.clear();
            }
        };
        self.named(&mut drop);
        drop(&mut self.constant);
    }

    /// Gives each message, line and sentence.
    fn quoted(&mut self, give: &mut dyn FnMut(&mut String)) {
        for told in self.problems.iter_mut().chain(&mut self.steady) {
            give(&mut told.text);
            give(&mut told.example);
            give(&mut told.raised);
            give(&mut told.root);
        }
        for shared in &mut self.shared {
            give(&mut shared.value);
        }
        for change in &mut self.changes {
            give(&mut change.text);
        }
        for silence in &mut self.silent {
            give(&mut silence.text);
        }
    }

    /// Gives each name and value that stands alone.
    fn named(&mut self, give: &mut dyn FnMut(&mut String)) {
        for told in self.problems.iter_mut().chain(&mut self.steady) {
            components(&mut told.components, give);
            give(&mut told.place);
        }
        for shared in &mut self.shared {
            give(&mut shared.key);
        }
        // What shares nothing that may be named is no sentence.
        self.shared.retain(|shared| !shared.key.is_empty());
        for change in &mut self.changes {
            give(&mut change.component);
            give(&mut change.from);
            give(&mut change.to);
        }
        for growth in &mut self.grew {
            give(&mut growth.key);
            give(&mut growth.component);
            give(&mut growth.from);
            give(&mut growth.to);
        }
        let told = |one: &super::Growth| ![&one.key, &one.from, &one.to].contains(&&String::new());
        self.grew.retain(told);
        for silence in &mut self.silent {
            give(&mut silence.component);
        }
        let told = |one: &super::Silence| !one.component.is_empty() || !one.text.is_empty();
        self.silent.retain(told);
    }
}

/// Gives the names of components, those first that are shown.
fn components(names: &mut [(String, usize)], give: &mut dyn FnMut(&mut String)) {
    let (first, behind) = names.split_at_mut(names.len().min(NAMES_COUNT_MAX));
    for (name, _) in first.iter_mut() {
        give(name);
    }
    let shown = first.iter().filter(|(name, _)| !name.is_empty()).count();
    if shown < NAMES_SHOWN_MAX {
        for (name, _) in behind {
            name.clear();
        }
    }
}

/// Keeps the words that a text has no more.
fn note(before: &str, after: &str, taken: &mut BTreeSet<String>) {
    if before == after {
        return;
    }
    let left: BTreeSet<&str> = words(after).collect();
    let gone = words(before).filter(|word| !left.contains(word));
    let tells = |word: &&str| {
        let capital = word.starts_with(char::is_uppercase);
        let letters = word.chars().filter(|c| c.is_alphabetic()).count();
        letters >= WORD_LETTERS_MIN || capital && letters > 1
    };
    taken.extend(gone.filter(tells).map(str::to_owned));
}

/// A text without these words.
fn without(text: &str, taken: &BTreeSet<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    for word in words(text).filter(|word| taken.contains(*word)) {
        let Some(at) = word.as_ptr().addr().checked_sub(rest.as_ptr().addr()) else {
            continue;
        };
        let (before, behind) = rest.split_at_checked(at).unwrap_or_default();
        out.push_str(before);
        out.push_str(TAKEN);
        rest = behind.get(word.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The words of a text: letters and digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::report::Moment;
    use super::super::tests::errors;
    use super::super::told_tests::hour;
    use super::super::{Change, Growth, Report, Shared, Silence, Told, json, markdown, text};

    /// A search for names that knows them by what stands before them.
    fn search(text: &mut String) {
        for (mark, name) in [("ERROR patient \'", "Rosenblatt"), ("Mr. 24", "Rosenblatt")] {
            if text.contains(mark) {
                *text = text.replace(name, "person_aaaa");
            }
        }
    }

    #[track_caller]
    fn check(message: &str) {
        let lines = (2_400..3_600).flat_map(|second| {
            let told = message.replace("{}", &second.to_string());
            errors(&told, std::iter::once(second))
        });
        let mut report: Report = hour(41, lines);
        assert!(text(&report).contains("Rosenblatt"), "it is shown as it is");
        report.texts(&mut search);
        let shown = format!("{}{}", text(&report), json(&report));
        assert!(!shown.contains("Rosenblatt"), "{shown}");
    }

    #[test]
    fn a_name_that_its_context_tells_is_shown_nowhere() {
        check("Dear Mr. {} Rosenblatt cannot be served");
        check("patient 'Rosenblatt' {} rejected");
    }

    #[test]
    fn a_name_of_a_person_is_no_component() {
        let lines = errors("kundin.lind: cannot be charged", 2_400..3_600);
        let mut report = hour(42, lines);
        let named = report.problems[0].components[0].0.clone();
        assert_eq!(named, "kundin.lind");
        report.texts(&mut |text| {
            if text == "kundin.lind" {
                "person_aaaa".clone_into(text);
            }
        });
        assert_eq!(report.problems[0].components[0].0, "");
    }

    #[test]
    fn what_names_nobody_stays() {
        let mut report = hour(43, errors("lost the ledger of the depot", 2_400..3_600));
        let before = (text(&report), report.constant.clone());
        report.texts(&mut |_| {});
        assert_eq!((text(&report), report.constant.clone()), before);
        assert!(!report.constant.is_empty());
    }

    /// A problem of which every text names somebody. Each field is written out, so that a new one
    /// has to be thought of here.
    fn told_of(name: &str) -> Told {
        Told {
            subject: "message",
            text: format!("charge failed for {name}"),
            kind: None,
            weight: "error",
            components: vec![(name.to_owned(), 9)],
            count: 9,
            count_before: 0,
            lines: 90,
            lines_before: 900,
            from: Moment::default(),
            to: Moment::default(),
            stopped: false,
            all_along: false,
            episodes: Vec::new(),
            example: format!("ERROR charge failed for {name}"),
            example_line: 7,
            example_file: String::new(),
            raised: format!("Declined: {name}"),
            root: format!("Refused: {name}"),
            place: format!("{name}.charge"),
        }
    }

    /// Says in every text of a report that name.
    fn name_everywhere(report: &mut Report, name: &str) {
        report.problems = vec![told_of(name), told_of(name)];
        report.steady = vec![told_of(name)];
        let shared = |key: &str, value: &str| Shared {
            key: key.to_owned(),
            value: value.to_owned(),
            failing: 1.0,
            others: None,
            clean_values: 3,
        };
        report.shared = vec![shared("customer", name), shared(name, "7")];
        report.changes = vec![Change {
            time_ns: 1,
            place: 1,
            line: 2,
            component: name.to_owned(),
            text: format!("{name} deployed it"),
            count: 1,
            from: name.to_owned(),
            to: name.to_owned(),
        }];
        let growth = |[key, component, from, to]: [&str; 4]| Growth {
            key: key.to_owned(),
            component: component.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            since: Moment::default(),
            until: Moment::default(),
        };
        // What has no name or value left is not told: each alone, then.
        report.grew = vec![
            growth([name, "depot", "1", "9"]),
            growth(["backlog", name, "1", "9"]),
            growth(["backlog", "depot", name, "9"]),
            growth(["backlog", "depot", "1", name]),
        ];
        report.silent = vec![Silence {
            component: name.to_owned(),
            text: format!("{name} is alive"),
            count: 9,
            every_ns: 1_000_000_000,
            last: Moment::default(),
        }];
        report.constant = format!("for {name}");
    }

    #[test]
    fn no_text_of_a_report_is_forgotten() {
        let name = "Wrixonvale";
        let mut report = hour(44, errors("lost the ledger of the depot", 2_400..3_600));
        name_everywhere(&mut report, name);
        let forms = |report: &Report| {
            let json = json(report).to_string();
            format!("{}\n{}\n{json}", text(report), markdown(report))
        };
        assert!(forms(&report).matches(name).count() > 20, "it is shown");
        report.texts(&mut |text| *text = text.replace(name, "person_aaaa"));
        let shown = forms(&report);
        assert!(!shown.contains(name), "{shown}");
        assert!(shown.contains("charge failed for"), "the rest stays");
    }
}
