//! Themes: the templates of all lines, with how often each came, and when.

use std::collections::HashMap;

use cordon_diagnose::plain::trouble;
use cordon_event::Severity;
use cordon_fingerprint::Merged;
use serde_json::{Value as Json, json};

use crate::limits::{BUCKETS_COUNT, THEME_LINES_MAX, THEMES_COUNT_MAX};
use crate::logs::{Entry, Logs};
use crate::text::shown;
use crate::time::{Anchor, When, rfc3339};

/// Components that are named of a theme.
const COMPONENTS_COUNT_MAX: usize = 8;

/// A theme.
#[derive(Clone, Debug, Default)]
pub(crate) struct Theme {
    /// Place of its template.
    pub(crate) template: usize,
    pub(crate) text: String,
    pub(crate) id: String,
    pub(crate) count: usize,
    pub(crate) severity: Severity,
    components: Vec<(u32, usize)>,
    pub(crate) lines: Vec<u32>,
    pub(crate) last_line: u32,
    pub(crate) source: usize,
    pub(crate) from: Option<When>,
    pub(crate) to: Option<When>,
    buckets: Vec<u64>,
    pub(crate) is_trouble: bool,
}

/// The span of time that all themes are counted in, where every source tells one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    from: u64,
    to: u64,
}

impl Span {
    /// Which part of the span a moment lies in.
    fn bucket(self, ns: u64) -> usize {
        let width = (self.to - self.from) / BUCKETS_COUNT as u64 + 1;
        let at = ns.saturating_sub(self.from) / width;
        (at as usize).min(BUCKETS_COUNT - 1)
    }
}

/// The themes of all lines, the most telling first, and the span that they are counted in.
pub(crate) fn themes(logs: &Logs, merged: &Merged, anchor: Anchor) -> (Vec<Theme>, Option<Span>) {
    let placed = |entry: &Entry| {
        let window = logs.window(entry.source.into())?;
        Some(anchor.place(window.when(Some(entry.ns?))))
    };
    let known = logs
        .entries()
        .iter()
        .filter_map(|entry| placed(entry)?.unix_ns());
    let span = known.fold(None, |span: Option<Span>, ns| {
        let (from, to) = span.map_or((ns, ns), |span| (span.from.min(ns), span.to.max(ns)));
        Some(Span { from, to })
    });
    let mut found: HashMap<usize, Theme> = HashMap::new();
    for entry in logs.entries() {
        let Some(template) = merged.place(entry.shape) else {
            continue;
        };
        let theme = found.entry(template).or_insert_with(|| Theme {
            template,
            source: entry.source.into(),
            ..Theme::default()
        });
        theme.add(entry, placed(entry), span);
    }
    let mut themes: Vec<Theme> = found.into_values().collect();
    for theme in &mut themes {
        let template = merged.templates().get(theme.template);
        theme.text = template
            .map(|template| shown(&template.text))
            .unwrap_or_default();
        theme.id = template
            .map(|template| template.id.clone())
            .unwrap_or_default();
        theme.is_trouble = is_trouble(theme);
    }
    themes.sort_by(|a, b| {
        let rank = |theme: &Theme| (theme.is_trouble, theme.severity >= Severity::WARN);
        rank(b)
            .cmp(&rank(a))
            .then(b.count.cmp(&a.count))
            .then_with(|| a.text.cmp(&b.text))
    });
    (themes, span)
}

fn is_trouble(theme: &Theme) -> bool {
    let calm = theme.severity.0 > 0 && theme.severity < Severity::WARN;
    let told = trouble::of(&theme.text).map(|trouble| trouble.weight);
    let words = match told {
        Some(trouble::Weight::Fatal) => true,
        Some(trouble::Weight::Error) => !calm,
        _ => false,
    };
    words || theme.severity >= Severity::ERROR
}

impl Theme {
    fn add(&mut self, entry: &Entry, when: Option<When>, span: Option<Span>) {
        self.count += 1;
        self.severity = self.severity.max(entry.severity);
        if usize::from(entry.source) == self.source {
            if self.lines.len() < THEME_LINES_MAX && self.lines.last() != Some(&entry.line) {
                self.lines.push(entry.line);
            }
            self.last_line = entry.line;
        }
        let mut known = self.components.iter_mut();
        if let Some((_, count)) = known.find(|(name, _)| *name == entry.component) {
            *count += 1;
        } else if self.components.len() < COMPONENTS_COUNT_MAX {
            self.components.push((entry.component, 1));
        }
        let Some(when) = when.filter(|when| when.ns.is_some()) else {
            return;
        };
        if self.from.is_none_or(|from| when.order() < from.order()) {
            self.from = Some(when);
        }
        if self.to.is_none_or(|to| when.order() > to.order()) {
            self.to = Some(when);
        }
        if let (Some(span), Some(ns)) = (span, when.unix_ns()) {
            self.buckets.resize(BUCKETS_COUNT, 0);
            if let Some(count) = self.buckets.get_mut(span.bucket(ns)) {
                *count += 1;
            }
        }
    }

    /// The name of the component that wrote most of it; empty where none is told.
    pub(crate) fn component<'l>(&self, logs: &'l Logs) -> &'l str {
        let most = self.components.iter().max_by_key(|(_, count)| *count);
        most.map_or("", |(name, _)| logs.component(*name))
    }

    fn json(&self, logs: &Logs) -> Json {
        let named = self
            .components
            .iter()
            .map(|(name, count)| (logs.component(*name), count));
        let named = named.filter(|(name, _)| !name.is_empty());
        let time = |when: Option<When>| when.and_then(|when| when.rfc3339().or(when.clock()));
        json!({
            "template_id": self.id,
            "template": self.text,
            "count": self.count,
            "level": if self.severity.0 == 0 { "" } else { self.severity.name() },
            "components": named.map(|(name, count)| json!({
                "component": shown(name),
                "count": count,
            })).collect::<Vec<_>>(),
            "lines": self.lines,
            "first_line": self.lines.first(),
            "last_line": self.last_line,
            "source": self.source,
            "from": time(self.from),
            "to": time(self.to),
            "buckets": self.buckets,
            "trouble": self.is_trouble,
        })
    }
}

/// The themes that are told, and the span that their buckets part.
pub(crate) fn json(themes: &[Theme], span: Option<Span>, logs: &Logs) -> (Json, Json) {
    let told = themes.iter().take(THEMES_COUNT_MAX);
    let told: Vec<Json> = told.map(|theme| theme.json(logs)).collect();
    let span = span.map(|span| {
        json!({
            "from": rfc3339(span.from),
            "to": rfc3339(span.to),
            "buckets": BUCKETS_COUNT,
        })
    });
    (told.into(), span.into())
}
