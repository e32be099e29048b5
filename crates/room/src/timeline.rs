//! One timeline of all sources, in UTC.

use std::collections::BTreeSet;

use cordon_diagnose::plain::{Moment, Report, Verdict, trouble};
use cordon_event::Severity;
use serde_json::{Value as Json, json};

use crate::Room;
use crate::alert::{Alert, State};
use crate::limits::TIMELINE_COUNT_MAX;
use crate::note::{Mark, Note, Notes, Sort};
use crate::text::{folded, has, shown};
use crate::theme::Theme;
use crate::time::{Anchor, When};

/// How often a line may come that tells of a change.
const CHANGE_COUNT_MAX: usize = 5;
/// Themes of changes that are told.
const CHANGES_COUNT_MAX: usize = 40;
/// What a line tells that somebody or something changed.
const CHANGED: &str = "\
    deploy|deployed|deploying|deployment|release|released|rollout|rolled out|rolled back|rollback|\
    rolling back|reverted|restarted|restarting|rebooted|scaled|scaling|reload|reloaded|reloading|\
    feature flag|flag|migration|migrated|migrating|failover|failed over|promoted|demoted|upgraded|\
    upgrading|drained|draining|cordoned|enabled|disabled|rotated|config changed|configuration \
    changed|\
    settings changed|switched|maintenance|terminated|evicted";
/// What tells of an alert, in a list of what happened.
const ALERTED: &str = "alert|alerts|alarm|paged|pager";

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Change,
    Failure,
    Alert,
    Action,
    Decision,
    Recovery,
    Silence,
    Message,
}

impl Kind {
    /// Stable name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Failure => "failure",
            Self::Alert => "alert",
            Self::Action => "action",
            Self::Decision => "decision",
            Self::Recovery => "recovery",
            Self::Silence => "silence",
            Self::Message => "message",
        }
    }
}

/// An entry.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) when: When,
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) source: usize,
    pub(crate) line: u64,
    pub(crate) who: String,
    pub(crate) component: String,
    pub(crate) mark: Option<Mark>,
}

impl Item {
    pub(crate) fn json(&self) -> Json {
        json!({
            "time": self.when.rfc3339(),
            "time_ns": self.when.unix_ns(),
            "clock": self.when.clock(),
            "assumed": self.when.assumed(),
            "kind": self.kind.as_str(),
            "mark": self.mark.map(Mark::as_str),
            "text": self.text,
            "source": self.source,
            "line": self.line,
            "who": self.who,
            "component": self.component,
        })
    }
}

/// The timeline, and how many entries it has no room for.
pub(crate) fn timeline(
    room: &Room,
    diagnosis: &Report,
    themes: &[Theme],
    notes: &Notes,
    anchor: Anchor,
) -> (Vec<Item>, usize) {
    let mut items = of_logs(room, diagnosis);
    items.extend(of_themes(room, themes, &items));
    let mut told = BTreeSet::new();
    for (source, alert) in &room.alerts {
        // Each state of an alert tells again when it began.
        let all = of_alert(*source, alert).into_iter();
        items.extend(all.filter(|item| {
            told.insert((item.kind, item.mark, item.when.order(), alert.title.clone()))
        }));
    }
    items.extend(of_notes(&notes.all));
    for item in &mut items {
        item.when = anchor.place(item.when);
    }
    let left_out = items.len().saturating_sub(TIMELINE_COUNT_MAX);
    if left_out > 0 {
        // What people said goes before what happened.
        items.sort_by_key(|item| (item.kind == Kind::Message, item.when.order()));
        items.truncate(TIMELINE_COUNT_MAX);
    }
    items.sort_by(|a, b| {
        let place = |item: &Item| (item.when.order(), item.source, item.line, item.kind);
        place(a).cmp(&place(b))
    });
    (items, left_out)
}

/// What the diagnosis tells of the logs.
fn of_logs(room: &Room, report: &Report) -> Vec<Item> {
    let mut found = Vec::new();
    let at = |moment: Moment| place(room, report, moment);
    let mut push = |moment: Moment, kind: Kind, text: &str, component: &str| {
        let Some((source, line, when)) = at(moment) else {
            return;
        };
        found.push(Item {
            when,
            kind,
            text: match kind {
                Kind::Recovery => ended(text),
                _ => shown(text),
            },
            source,
            line,
            who: String::new(),
            component: shown(component),
            mark: match kind {
                Kind::Recovery => Some(Mark::Contained),
                _ => None,
            },
        });
    };
    for change in &report.changes {
        let moment = Moment {
            time_ns: change.time_ns,
            record: change.place + 1,
            line: change.line,
        };
        push(moment, Kind::Change, &change.text, &change.component);
    }
    let failing = matches!(report.verdict, Verdict::Found | Verdict::FailingThroughout);
    for told in report.problems.iter().filter(|_| failing) {
        let component = told
            .components
            .first()
            .map_or("", |(name, _)| name.as_str());
        push(told.from, Kind::Failure, &told.text, component);
        if told.stopped && report.stopped.is_some() {
            push(told.to, Kind::Recovery, &told.text, component);
        }
    }
    for silence in &report.silent {
        push(
            silence.last,
            Kind::Silence,
            &silence.text,
            &silence.component,
        );
    }
    found
}

/// What is told of what is over.
fn ended(text: &str) -> String {
    shown(&format!("ended: {text}"))
}

/// Source, line and time of a moment of the diagnosis.
pub(crate) fn place(room: &Room, report: &Report, moment: Moment) -> Option<(usize, u64, When)> {
    let (line, file) = report.in_file(moment.line);
    let source = room.logs.source_of(file)?;
    let window = room.logs.window(source)?;
    let when = window.when(Some(moment.time_ns).filter(|_| report.timed));
    Some((source, line, when))
}

/// Rare lines that tell of a change and that the diagnosis does not tell.
fn of_themes(room: &Room, themes: &[Theme], known: &[Item]) -> Vec<Item> {
    let known: BTreeSet<(usize, u64)> = known.iter().map(|item| (item.source, item.line)).collect();
    let rare = themes.iter().filter(|theme| {
        theme.count <= CHANGE_COUNT_MAX
            && !theme.is_trouble
            && (theme.severity.0 == 0 || theme.severity >= Severity::INFO)
            && has(&folded(&theme.text), CHANGED)
    });
    let first = |theme: &Theme| u64::from(theme.lines.first().copied().unwrap_or(0));
    let new = rare.filter(|theme| !known.contains(&(theme.source, first(theme))));
    let items = new.map(|theme| Item {
        when: theme.from.unwrap_or_default(),
        kind: Kind::Change,
        text: theme.text.clone(),
        source: theme.source,
        line: first(theme),
        who: String::new(),
        component: shown(theme.component(&room.logs)),
        mark: None,
    });
    items.take(CHANGES_COUNT_MAX).collect()
}

/// An alert: when it began, when somebody took it, when it ended.
fn of_alert(source: usize, alert: &Alert) -> Vec<Item> {
    let item = |when: When, kind: Kind, mark: Option<Mark>| Item {
        when,
        kind,
        text: match kind {
            Kind::Recovery => ended(&alert.title),
            _ => shown(&alert.text()),
        },
        source,
        line: alert.line,
        // Who took it on, or ended it, did not raise it.
        who: match mark {
            Some(Mark::Detected) => String::new(),
            _ => shown(&alert.who),
        },
        component: shown(&alert.component),
        mark,
    };
    let or = |first: When, second: When| if first.ns.is_some() { first } else { second };
    match alert.state {
        State::Firing => vec![item(
            or(alert.began, alert.at),
            Kind::Alert,
            Some(Mark::Detected),
        )],
        State::Acknowledged => {
            let mut found = vec![item(alert.at, Kind::Alert, Some(Mark::Acknowledged))];
            if alert.began.ns.is_some() {
                found.push(item(alert.began, Kind::Alert, Some(Mark::Detected)));
            }
            found
        }
        State::Resolved => {
            let ended = or(alert.ended, alert.at);
            let mut found = vec![item(ended, Kind::Recovery, Some(Mark::Resolved))];
            if alert.began.ns.is_some() {
                found.push(item(alert.began, Kind::Alert, Some(Mark::Detected)));
            }
            found
        }
        State::Other => vec![item(or(alert.at, alert.began), Kind::Alert, None)],
    }
}

/// Notes that belong into the course of the incident; of each person that takes it on, the first.
fn of_notes(notes: &[Note]) -> Vec<Item> {
    let mut taken = BTreeSet::new();
    let mut found = Vec::new();
    for note in notes {
        let takes = note.mark == Some(Mark::Acknowledged) && note.sort == Sort::Course;
        if takes && !taken.insert(note.who.as_str()) {
            continue;
        }
        let Some(kind) = kind_of(note) else {
            continue;
        };
        let item = |when: When, kind: Kind, mark: Option<Mark>| of_note(note, when, kind, mark);
        match note.told {
            // What was done or was over is told with the time that they say.
            Some(told) if matches!(kind, Kind::Action | Kind::Change | Kind::Recovery) => {
                found.push(item(told, kind, note.mark));
            }
            // What was seen began then, and was seen when it was written.
            Some(told) if fails(note) => {
                found.push(item(told, Kind::Failure, None));
                found.extend(note.mark.map(|mark| item(note.when, kind, Some(mark))));
            }
            // What tells no time and nothing of the course is a note, and no more.
            _ if note.when.ns.is_none() && note.mark.is_none() && kind == Kind::Message => {}
            _ => found.push(item(note.when, kind, note.mark)),
        }
    }
    found
}

/// What a note is in the timeline; none where it tells nothing of the course.
fn kind_of(note: &Note) -> Option<Kind> {
    let words = || folded(&note.text);
    Some(match (note.sort, note.mark) {
        (Sort::Question | Sort::Task | Sort::Well | Sort::Badly, None) => return None,
        (Sort::Action, _) if note.is_bot => Kind::Change,
        (Sort::Action, _) => Kind::Action,
        (_, Some(Mark::Contained | Mark::Resolved)) => Kind::Recovery,
        (Sort::Decision, _) => Kind::Decision,
        (Sort::Hypothesis, _) => Kind::Message,
        _ if note.is_list && has(&words(), ALERTED) => Kind::Alert,
        _ if note.is_list && has(&words(), CHANGED) => Kind::Change,
        _ => Kind::Message,
    })
}

/// Whether a note tells of something that fails.
fn fails(note: &Note) -> bool {
    let failing =
        || trouble::of(&note.text).is_some_and(|told| told.weight >= trouble::Weight::Error);
    let states = matches!(note.sort, Sort::Summary | Sort::Course);
    note.sort == Sort::Impact
        || states && (note.mark == Some(Mark::Detected) || note.mark.is_none() && failing())
}

fn of_note(note: &Note, when: When, kind: Kind, mark: Option<Mark>) -> Item {
    Item {
        when,
        kind,
        text: note.text.clone(),
        source: note.source,
        line: note.line,
        who: note.who.clone(),
        component: String::new(),
        mark: match kind {
            Kind::Alert => mark.or(Some(Mark::Detected)),
            _ => mark,
        },
    }
}
