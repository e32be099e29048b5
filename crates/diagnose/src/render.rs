//! The answer for a terminal: readable without colour, at most [`COLUMNS_MAX`] wide.

use std::collections::BTreeMap;

use cordon_govern::KDecision;

use crate::clock::utc;
use crate::diagnosis::{Diagnosis, EvidenceKind, Finding, Hypothesis, Verdict};
use crate::layout::{COLUMNS_MAX, wrapped};
use crate::reduce::Detail;
use crate::sentence::Sentence;

/// Fewest characters of a shortened id.
const SHORT_ID_MIN: usize = 8;
/// Most citations shown behind one sentence.
const CITED_SHOWN_MAX: usize = 3;

/// Renders the answer as text. Ids are shortened as far as they stay distinct; the JSON form
/// has them whole.
pub fn render(diagnosis: &Diagnosis) -> String {
    let mut page = Page {
        out: String::new(),
        short: short_ids(diagnosis),
    };
    head(&mut page, diagnosis);
    if !diagnosis.hypotheses.is_empty() {
        page.heading("LIKELY FAILURE POINTS");
        for (place, h) in diagnosis.hypotheses.iter().enumerate() {
            hypothesis(&mut page, place + 1, h);
        }
    }
    if let Some(stack) = &diagnosis.stack {
        page.heading("THE STACK, EXPLAINED");
        stack
            .sentences
            .iter()
            .for_each(|s| page.cited("  ", "  ", s));
    }
    if !diagnosis.changes.is_empty() {
        page.heading("WHAT CHANGED");
        for change in &diagnosis.changes {
            page.cited("  - ", "    ", &change.sentence);
        }
    }
    themes(&mut page, diagnosis);
    if !diagnosis.timeline.is_empty() {
        page.heading("TIMELINE");
        for entry in &diagnosis.timeline {
            let first = format!("  {}  ", utc(entry.time_unix_ns));
            page.cited(&first, &" ".repeat(first.len()), &entry.sentence);
        }
    }
    if !diagnosis.next_steps.is_empty() {
        page.heading("NEXT STEPS");
        for (place, step) in diagnosis.next_steps.iter().enumerate() {
            page.wrapped(
                &format!("  {}. ", place + 1),
                "     ",
                &step.sentence.to_string(),
            );
            if let Some(command) = &step.command {
                page.out.extend(["       $ ", command, "\n"]);
            }
        }
    }
    notes(&mut page, diagnosis);
    evidence(&mut page, diagnosis);
    page.out
}

fn notes(page: &mut Page, diagnosis: &Diagnosis) {
    let notes = [few_subjects(diagnosis), reduced(diagnosis)];
    if notes.iter().all(Option::is_none) {
        return;
    }
    page.heading("NOTES");
    for note in notes.iter().flatten() {
        page.wrapped("  - ", "    ", note);
    }
}

fn few_subjects(diagnosis: &Diagnosis) -> Option<String> {
    let count = diagnosis.groups_left_out;
    let (groups, them) = match count {
        0 => return None,
        1 => ("group", "it"),
        _ => ("groups", "them"),
    };
    let code = KDecision::FewSubjects.code();
    Some(format!(
        "{count} {groups} left out: too few subjects stand behind {them} ({code})."
    ))
}

fn reduced(diagnosis: &Diagnosis) -> Option<String> {
    let code = diagnosis.detail.reason()?.code();
    let left = match diagnosis.detail {
        Detail::StatisticsOnly => "counts alone",
        Detail::Essential => "the most useful part alone",
        Detail::Full => return None,
    };
    Some(format!("Not the whole answer: {left} ({code})."))
}

fn head(page: &mut Page, diagnosis: &Diagnosis) {
    let question = match diagnosis.question.as_str() {
        // Of statistics alone it is left out.
        "" if diagnosis.detail == Detail::StatisticsOnly => None,
        "" => Some("(no question)"),
        question => Some(question),
    };
    if let Some(question) = question {
        page.wrapped("QUESTION  ", "          ", question);
    }
    let span = |w: crate::Window| format!("{} to {}", utc(w.from_unix_ns), utc(w.to_unix_ns));
    page.wrapped("WINDOW    ", "          ", &span(diagnosis.window));
    page.wrapped("BASELINE  ", "          ", &span(diagnosis.baseline));
    page.heading("ANSWER");
    for sentence in &diagnosis.summary {
        page.cited("  ", "  ", sentence);
    }
    if let Verdict::NotEnoughEvidence { why, needed, .. } = &diagnosis.verdict {
        page.wrapped("  ", "  ", &format!("Not enough evidence. {why}"));
        if !needed.is_empty() {
            page.wrapped("  ", "  ", "What would help:");
            for need in needed {
                page.wrapped("  - ", "    ", &need.to_string());
            }
        }
    }
}

fn hypothesis(page: &mut Page, place: usize, h: &Hypothesis) {
    if place > 1 {
        page.out.push('\n');
    }
    let title = if h.title.is_empty() {
        page.shorten(&h.subject.group_id)
    } else {
        match h.subject.service.as_str() {
            "" => h.title.clone(),
            service => format!("{service}: {}", h.title),
        }
    };
    let first = format!("  {place}. ");
    page.wrapped(
        &first,
        "     ",
        &format!("{title}  [{:.2}, {}]", h.score, h.confidence()),
    );
    findings(page, "for", &h.supporting);
    findings(page, "against", &h.contradicting);
    findings(page, "unknown", &h.missing);
    if !h.counterfactual.parts.is_empty() {
        page.cited("     so       ", "              ", &h.counterfactual);
    }
}

fn findings(page: &mut Page, label: &str, findings: &[Finding]) {
    for (i, finding) in findings.iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        page.cited(
            &format!("     {label:<8} "),
            "              ",
            &finding.sentence,
        );
    }
}

fn themes(page: &mut Page, diagnosis: &Diagnosis) {
    if diagnosis.themes.is_empty() {
        return;
    }
    let answered = diagnosis.verdict == Verdict::Answered;
    page.heading(if answered {
        "THEMES"
    } else {
        "WHAT DID FAIL, NOT EVIDENTLY RELATED"
    });
    for theme in &diagnosis.themes {
        let service = if theme.service.is_empty() {
            String::new()
        } else {
            format!("{}: ", theme.service)
        };
        let title = if theme.title.is_empty() {
            theme
                .group_ids
                .first()
                .map(|id| page.shorten(id))
                .unwrap_or_default()
        } else {
            theme.title.clone()
        };
        let aside = if answered && !theme.relevant {
            " (not what was asked)"
        } else {
            ""
        };
        let text = format!("{service}{title}: {}{aside}", theme.sentence);
        page.wrapped("  - ", "    ", &text);
    }
}

fn evidence(page: &mut Page, diagnosis: &Diagnosis) {
    if diagnosis.evidence.is_empty() {
        return;
    }
    page.heading("EVIDENCE");
    for e in &diagnosis.evidence {
        let id = page.shorten(&e.id);
        let service = if e.service.is_empty() {
            ""
        } else {
            e.service.as_str()
        };
        let about = match e.kind {
            EvidenceKind::Event | EvidenceKind::Change => {
                format!("{}  {service}  {}", utc(e.time_unix_ns), e.excerpt)
            }
            EvidenceKind::Group => format!(
                "{} in the window, {} before  {service}  {}",
                e.count_window, e.count_baseline, e.excerpt
            ),
        };
        page.wrapped(&format!("  {id} "), "      ", &about);
    }
}

/// Text under construction.
struct Page {
    out: String,
    short: BTreeMap<String, String>,
}

impl Page {
    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn shorten(&self, id: &str) -> String {
        self.short.get(id).cloned().unwrap_or_default()
    }

    /// A sentence with its citations.
    fn cited(&mut self, first: &str, rest: &str, sentence: &Sentence) {
        let mut text = sentence.to_string();
        let ids: Vec<String> = sentence
            .evidence
            .iter()
            .map(|id| self.shorten(id))
            .collect();
        for id in ids.iter().filter(|id| !id.is_empty()).take(CITED_SHOWN_MAX) {
            text.push(' ');
            text.push_str(id);
        }
        if ids.len() > CITED_SHOWN_MAX {
            text.extend([" +", &(ids.len() - CITED_SHOWN_MAX).to_string()]);
        }
        self.wrapped(first, rest, &text);
    }

    /// Words, wrapped: the first line after `first`, the others after `rest`.
    fn wrapped(&mut self, first: &str, rest: &str, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        wrapped(&mut self.out, COLUMNS_MAX, (first, rest), &words.join(" "));
    }
}

/// `[e:1a2b3c4d]` for events and `[g:…]` for groups, as long as needed to stay distinct.
fn short_ids(diagnosis: &Diagnosis) -> BTreeMap<String, String> {
    let all: Vec<&str> = diagnosis.evidence.iter().map(|e| e.id.as_str()).collect();
    let cut = |id: &str, len: usize| id.chars().take(len).collect::<String>();
    let longest = all.iter().map(|id| id.chars().count()).max().unwrap_or(0);
    let distinct = |len: usize| {
        let set: std::collections::BTreeSet<String> = all.iter().map(|id| cut(id, len)).collect();
        set.len() == all.len()
    };
    let len = (SHORT_ID_MIN..longest)
        .find(|len| distinct(*len))
        .unwrap_or(longest);
    let shown = |e: &crate::EvidenceRef| {
        let letter = match e.kind {
            EvidenceKind::Event => 'e',
            EvidenceKind::Change => 'c',
            EvidenceKind::Group => 'g',
        };
        (
            e.id.clone(),
            format!("[{letter}:{}]", cut(&e.id, len.max(SHORT_ID_MIN))),
        )
    };
    diagnosis.evidence.iter().map(shown).collect()
}
