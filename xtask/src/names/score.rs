//! How much of what is marked in a corpus is found, and how much of what is found is marked.

use std::collections::BTreeMap;

use cordon_detect::names::find_with;
use cordon_detect::names::model::Model;
use cordon_detect::names::word::{Line, Shape};
use cordon_detect::{Finding, TokenKind};

use super::corpus::Sample;

/// Counts of tokens and of whole entities.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    /// Tokens that are marked and found, of one kind.
    hit: usize,
    marked: usize,
    found: usize,
    /// Marked tokens that are found under whatever kind.
    any: usize,
    spans_hit: usize,
    spans_marked: usize,
    spans_found: usize,
}

/// Kind of a finding, as corpora number it.
pub(super) fn kind(found: &Finding) -> usize {
    match found.kind {
        TokenKind::Person => 1,
        TokenKind::Place => 2,
        TokenKind::Organisation => 3,
        _ => 4,
    }
}

/// Counts by locale and kind; kind 0 counts texts that have nothing marked, and what is found in
/// them: `marked` is their tokens, `spans_marked` their number, `spans_found` those touched.
pub(super) fn score(model: &Model<'_>, samples: &[Sample]) -> BTreeMap<(String, usize), Tally> {
    let mut out: BTreeMap<(String, usize), Tally> = BTreeMap::new();
    let mut line = Line::default();
    for sample in samples {
        let mut found = Vec::new();
        find_with(model, &sample.text, &mut found);
        let mut add = |kind: usize, change: &dyn Fn(&mut Tally)| {
            for locale in [sample.locale.as_str(), sample.source.as_str(), "all"] {
                change(out.entry((locale.to_owned(), kind)).or_default());
            }
        };
        if sample.entities.is_empty() {
            let touched = found
                .iter()
                .filter(|f| matches!(f.kind, TokenKind::Person | TokenKind::Address))
                .count();
            add(0, &|t| {
                t.spans_marked += 1;
                t.spans_found += usize::from(touched > 0);
                t.any += usize::from(!found.is_empty());
            });
        }
        for (k, start, end) in &sample.entities {
            let same = |f: &&Finding| (kind(f), f.start, f.end) == (*k, *start, *end);
            let hit = found.iter().any(|f| same(&f));
            add(*k, &|t| {
                t.spans_marked += 1;
                t.spans_hit += usize::from(hit);
            });
        }
        for f in &found {
            add(kind(f), &|t| t.spans_found += 1);
        }
        let mut at = 0;
        while at < sample.text.len() {
            at = line.read(&sample.text, at, model.lists());
            for token in line.tokens().iter().filter(|t| t.shape != Shape::Sign) {
                let gold = sample
                    .entities
                    .iter()
                    .find(|(_, s, e)| token.start < *e && token.end > *s);
                let said = found
                    .iter()
                    .find(|f| token.start < f.end && token.end > f.start);
                let (gold, said) = (gold.map_or(0, |g| g.0), said.map_or(0, kind));
                if gold > 0 {
                    add(gold, &|t| {
                        t.marked += 1;
                        t.any += usize::from(said > 0);
                        t.hit += usize::from(said == gold);
                    });
                }
                if said > 0 {
                    add(said, &|t| t.found += 1);
                }
            }
        }
    }
    out
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    format!("{:.1}", part as f64 * 100.0 / whole as f64)
}

/// The tally as a Markdown table.
pub(super) fn table(all: &BTreeMap<(String, usize), Tally>) -> String {
    let mut out = String::from(
        "| locale | kind | tokens | recall | precision | found as any kind | entities | recall \
         | precision |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    let names = ["nothing", "person", "place", "organisation", "address"];
    for ((locale, kind), t) in all {
        let name = names.get(*kind).copied().unwrap_or("");
        if *kind == 0 {
            out.push_str(&format!(
                "| {locale} | {name} | | | | | {} texts | touched {} % | any kind {} % |\n",
                t.spans_marked,
                percent(t.spans_found, t.spans_marked),
                percent(t.any, t.spans_marked),
            ));
            continue;
        }
        out.push_str(&format!(
            "| {locale} | {name} | {} | {} | {} | {} | {} | {} | {} |\n",
            t.marked,
            percent(t.hit, t.marked),
            percent(t.hit, t.found),
            percent(t.any, t.marked),
            t.spans_marked,
            percent(t.spans_hit, t.spans_marked),
            percent(t.spans_hit, t.spans_found),
        ));
    }
    out
}
