//! What all sources tell, as one value.

use std::collections::BTreeMap;

use cordon_diagnose::plain;
use serde_json::{Value as Json, json};

use crate::alert::Alert;
use crate::limits::NOTES_COUNT_MAX;
use crate::note::{Note, Notes, Person, Sort};
use crate::text::shown;
use crate::time::{Anchor, When};
use crate::{Room, ladder, note, theme, timeline};

/// Schema of a report, and its version.
const SCHEMA: &str = "cordon.room";
const VERSION: u32 = 1;
/// Members whose texts are quoted, or hold quotations.
const QUOTED: [&str; 13] = [
    "text",
    "template",
    "message",
    "explained",
    "who",
    "component",
    "title",
    "detail",
    "why",
    "name",
    "function",
    "module",
    "file",
];
/// Alerts that are told.
const ALERTS_TOLD_MAX: usize = 200;

/// The report.
pub(crate) fn report(room: &Room, clean: &mut dyn FnMut(&mut String)) -> Json {
    let mut diagnosis = room.logs.diagnosis();
    diagnosis.texts(clean);
    let anchor = anchor(room);
    let merged = room.logs.merged();
    let (themes, span) = theme::themes(&room.logs, &merged, anchor);
    let mut notes = note::notes(&room.messages);
    for note in &mut notes.all {
        note.when = anchor.place(note.when);
        note.told = note.told.map(|when| anchor.place(when));
    }
    let (items, left_out) = timeline::timeline(room, &diagnosis, &themes, &notes, anchor);
    let (themes, span) = theme::json(&themes, span, &room.logs);
    let stacks = room.logs.stacks.all();
    let mut told = json!({
        "schema": SCHEMA,
        "version": VERSION,
        "sources": sources(room, anchor),
        "diagnosis": null,
        "span": span,
        "themes": themes,
        "stacks": stacks.iter().map(crate::stack::Stack::json).collect::<Vec<_>>(),
        "alerts": room.alerts.iter().take(ALERTS_TOLD_MAX)
            .map(|(source, alert)| of_alert(*source, alert)).collect::<Vec<_>>(),
        "timeline": items.iter().map(timeline::Item::json).collect::<Vec<_>>(),
        "timeline_left_out": left_out,
        "notes": of_notes(&notes),
        "ladder": ladder::ladder(room, &diagnosis, &notes, &items),
    });
    let mut cleaner = Cleaner {
        clean,
        known: BTreeMap::new(),
    };
    cleaner.value(&mut told);
    if let Some(slot) = told.get_mut("diagnosis") {
        *slot = plain::json(&diagnosis);
    }
    told
}

/// The span that sources with full dates tell.
fn anchor(room: &Room) -> Anchor {
    let mut anchor = Anchor::default();
    room.logs.anchor(&mut anchor);
    for (_, alert) in &room.alerts {
        for when in [alert.began, alert.ended, alert.at] {
            anchor.add(when);
        }
    }
    room.messages
        .iter()
        .for_each(|message| anchor.add(message.when));
    anchor
}

fn sources(room: &Room, anchor: Anchor) -> Vec<Json> {
    let all = room.sources.iter().enumerate();
    let told = all.map(|(number, source)| {
        let window = room.logs.window(number);
        let (from, to) = match window {
            Some(window) => (window.when(window.from), window.when(window.to)),
            None => written(room, number),
        };
        let time = |when: When| {
            let when = anchor.place(when);
            when.rfc3339().or(when.clock())
        };
        json!({
            "number": number,
            "name": source.name,
            "kind": source.kind.as_str(),
            "lines": source.lines,
            "entries": window.map_or(source.entries, |window| window.records),
            "left_out": source.left_out + window.map_or(0, |window| window.left_out),
            "from": time(from),
            "to": time(to),
        })
    });
    told.collect()
}

/// First and last moment of a source of messages or alerts.
fn written(room: &Room, number: usize) -> (When, When) {
    let own = room
        .messages
        .iter()
        .filter(|message| message.source == number);
    let messages = own.map(|message| message.when);
    let alerts = room.alerts.iter().filter(|(source, _)| *source == number);
    let alerts = alerts.flat_map(|(_, alert)| [alert.began, alert.at, alert.ended]);
    let told = || {
        messages
            .clone()
            .chain(alerts.clone())
            .filter(|when| when.ns.is_some())
    };
    let first = told().min_by_key(|when| when.order());
    let last = told().max_by_key(|when| when.order());
    (first.unwrap_or_default(), last.unwrap_or_default())
}

fn of_alert(source: usize, alert: &Alert) -> Json {
    json!({
        "title": shown(&alert.title),
        "detail": shown(&alert.detail),
        "state": alert.state.as_str(),
        "severity": shown(&alert.severity),
        "component": shown(&alert.component),
        "who": shown(&alert.who),
        "began": alert.began.rfc3339(),
        "ended": alert.ended.rfc3339(),
        "at": alert.at.rfc3339(),
        "source": source,
        "line": alert.line,
    })
}

fn of_notes(notes: &Notes) -> Json {
    let list = |sort: Sort| notes.of(sort).map(of_note).collect::<Vec<_>>();
    json!({
        "summary": list(Sort::Summary),
        "impact": list(Sort::Impact),
        "actions": list(Sort::Action),
        "decisions": list(Sort::Decision),
        "hypotheses": list(Sort::Hypothesis),
        "questions": list(Sort::Question),
        "tasks": list(Sort::Task),
        "well": list(Sort::Well),
        "badly": list(Sort::Badly),
        "people": notes.people.iter().take(NOTES_COUNT_MAX).map(of_person).collect::<Vec<_>>(),
        "messages": notes.messages,
        "dropped": notes.dropped,
    })
}

fn of_note(note: &Note) -> Json {
    json!({
        "text": note.text,
        "time": note.when.rfc3339(),
        "clock": note.when.clock(),
        "assumed": note.when.assumed(),
        "mark": note.mark.map(note::Mark::as_str),
        "who": note.who,
        "source": note.source,
        "line": note.line,
    })
}

fn of_person(person: &Person) -> Json {
    json!({
        "text": person.who,
        "messages": person.messages,
        "time": person.when.rfc3339(),
        "clock": person.when.clock(),
        "who": person.who,
        "source": person.source,
        "line": person.line,
    })
}

/// Looks quoted texts over for names, each once.
struct Cleaner<'c> {
    clean: &'c mut dyn FnMut(&mut String),
    known: BTreeMap<String, String>,
}

impl Cleaner<'_> {
    fn value(&mut self, value: &mut Json) {
        match value {
            Json::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Json::Object(members) => {
                for (key, value) in members {
                    match value {
                        Json::String(text) if QUOTED.contains(&key.as_str()) => self.text(text),
                        Json::String(_) => {}
                        value => self.value(value),
                    }
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &mut String) {
        if text.is_empty() {
            return;
        }
        if let Some(known) = self.known.get(text.as_str()) {
            known.clone_into(text);
            return;
        }
        let before = text.clone();
        (self.clean)(text);
        self.known.insert(before, text.clone());
    }
}
