//! A source on its way in.

use crate::kind::{self, Form, Kind};
use crate::limits::{
    ALERTS_COUNT_MAX, BEGINNING_BYTES_MAX, BEGINNING_LINES_MAX, DOCUMENT_BYTES_MAX, LINE_BYTES_MAX,
    MESSAGES_BYTES_MAX, MESSAGES_COUNT_MAX, NAME_CHARS_MAX,
};
use crate::message::Message;
use crate::text::{clipped, head};
use crate::{Room, alert, chat, export, json, otlp, record, stack};

/// A source.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) lines: u64,
    /// Messages, alerts and stacks of it; of logs the records are counted where they are kept.
    pub(crate) entries: u64,
    pub(crate) left_out: u64,
}

impl Source {
    pub(crate) fn new(name: &str, kind: Option<Kind>) -> Self {
        let name = clipped(&cordon_diagnose::printable(name), NAME_CHARS_MAX);
        Self {
            name,
            kind: kind.unwrap_or_default(),
            lines: 0,
            entries: 0,
            left_out: 0,
        }
    }
}

/// The source that is open.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    /// What it was said to be.
    said: Option<Kind>,
    /// What it is, and how it is read, as far as that is known.
    told: Option<(Kind, Form)>,
    /// Its lines, until it is known to be read line by line.
    lines: Vec<String>,
    bytes: usize,
}

impl Open {
    pub(crate) fn new(said: Option<Kind>) -> Self {
        Self {
            said,
            told: None,
            lines: Vec::new(),
            bytes: 0,
        }
    }

    /// What it is, as far as its lines tell by now.
    pub(crate) fn kind(&self) -> Kind {
        let told = self.told.map(|(kind, _)| kind).or(self.said);
        told.unwrap_or_else(|| kind::tell(&self.lines, true).map_or(Kind::Text, |(kind, _)| kind))
    }

    /// What it is; `ended` where there are no more lines.
    fn tell(&mut self, ended: bool) -> Option<(Kind, Form)> {
        let full = self.lines.len() >= BEGINNING_LINES_MAX || self.bytes >= BEGINNING_BYTES_MAX;
        let due = ended || full || self.lines.len().is_power_of_two();
        if self.told.is_none() && due {
            self.told = match self.said {
                Some(kind) if ended || self.lines.iter().any(|line| !line.trim().is_empty()) => {
                    Some((kind, kind::form(kind, &self.lines)))
                }
                Some(_) => None,
                None => kind::tell(&self.lines, ended || full),
            };
        }
        self.told
    }
}

/// A line of the open source.
pub(crate) fn push(room: &mut Room, line: &str) {
    let number = room.sources.len().saturating_sub(1);
    let (Some(source), Some(open)) = (room.sources.get_mut(number), room.open.as_mut()) else {
        return;
    };
    source.lines += 1;
    let line = head(line.trim_end_matches(['\n', '\r']), LINE_BYTES_MAX);
    if let Some((_, Form::Lines)) = open.told {
        room.logs.line(source.lines, line);
        return;
    }
    if open.bytes + line.len() > DOCUMENT_BYTES_MAX {
        source.left_out += 1;
        return;
    }
    open.bytes += line.len() + 1;
    open.lines.push(line.to_owned());
    if open.told.is_some() {
        return;
    }
    if let Some((kind, form)) = open.tell(false) {
        source.kind = kind;
        if form == Form::Lines {
            let lines = std::mem::take(&mut open.lines);
            room.logs.begin(number, &source.name);
            for (at, line) in lines.iter().enumerate() {
                room.logs.line(at as u64 + 1, line);
            }
        }
    }
}

/// The open source has no more lines.
pub(crate) fn end(room: &mut Room) {
    let Some(mut open) = room.open.take() else {
        return;
    };
    let number = room.sources.len().saturating_sub(1);
    let known = open.told.is_some();
    let Some((kind, form)) = open.tell(true) else {
        return;
    };
    if let Some(source) = room.sources.get_mut(number) {
        source.kind = kind;
    }
    if form == Form::Lines {
        if !known {
            let name = room.sources.get(number).map(|source| source.name.clone());
            room.logs.begin(number, &name.unwrap_or_default());
            for (at, line) in open.lines.iter().enumerate() {
                room.logs.line(at as u64 + 1, line);
            }
        }
        room.logs.end();
        return;
    }
    let entries = whole(room, number, kind, &open.lines);
    if let Some(source) = room.sources.get_mut(number) {
        source.entries = entries;
    }
}

/// Reads a source that was collected; how many entries it has.
fn whole(room: &mut Room, number: usize, kind: Kind, lines: &[String]) -> u64 {
    match kind {
        Kind::Otlp | Kind::JsonLines | Kind::Logs => records(room, number, kind, lines),
        Kind::Alert => alerts(room, number, lines),
        Kind::Slack => exported(room, number, lines),
        Kind::Chat | Kind::Text => {
            let messages = chat::read(lines, kind == Kind::Chat);
            messages
                .into_iter()
                .map(|message| u64::from(keep(room, number, message)))
                .sum()
        }
        Kind::Trace => traces(room, number, lines),
    }
}

fn records(room: &mut Room, number: usize, kind: Kind, lines: &[String]) -> u64 {
    let name = room.sources.get(number).map(|source| source.name.clone());
    room.logs.begin(number, &name.unwrap_or_default());
    let mut count = 0;
    let logs = &mut room.logs;
    for node in &json::read(&lines.join("\n")) {
        let mut give = |record: record::Record| {
            logs.record(&record);
            count += 1;
        };
        if kind == Kind::Otlp {
            otlp::read(node, &mut give);
        } else {
            record::read(node, &mut give);
        }
    }
    room.logs.end();
    count
}

fn alerts(room: &mut Room, number: usize, lines: &[String]) -> u64 {
    let mut count = 0;
    let (kept, source) = (&mut room.alerts, room.sources.get_mut(number));
    let mut left_out = 0;
    for node in &json::read(&lines.join("\n")) {
        alert::read(node, &mut |alert| {
            count += 1;
            if kept.len() < ALERTS_COUNT_MAX {
                kept.push((number, alert));
            } else {
                left_out += 1;
            }
        });
    }
    if let Some(source) = source {
        source.left_out += left_out;
    }
    count
}

fn exported(room: &mut Room, number: usize, lines: &[String]) -> u64 {
    let nodes = json::read(&lines.join("\n"));
    for node in &nodes {
        room.users.learn(node);
    }
    let mut found = Vec::new();
    for node in &nodes {
        export::read(node, &room.users, &mut |message| found.push(message));
    }
    found
        .into_iter()
        .map(|message| u64::from(keep(room, number, message)))
        .sum()
}

fn traces(room: &mut Room, number: usize, lines: &[String]) -> u64 {
    let mut count = 0;
    for (line, text) in stack::parts(lines) {
        count += u64::from(room.logs.stacks.text(number, line, &text));
    }
    if count == 0 {
        count += u64::from(room.logs.stacks.text(number, 1, &lines.join("\n")));
    }
    count
}

/// Keeps a message, with what it holds of stacks and alerts; whether there was room.
fn keep(room: &mut Room, number: usize, mut message: Message) -> bool {
    message.source = number;
    room.logs.stacks.text(number, message.line, &message.text);
    if let Some(alert) = alert::of_message(&message)
        && room.alerts.len() < ALERTS_COUNT_MAX
    {
        room.alerts.push((number, alert));
        return true;
    }
    let bytes = room.messages_bytes + message.text.len();
    if room.messages.len() >= MESSAGES_COUNT_MAX || bytes > MESSAGES_BYTES_MAX {
        if let Some(source) = room.sources.get_mut(number) {
            source.left_out += 1;
        }
        return false;
    }
    room.messages_bytes = bytes;
    room.messages.push(message);
    true
}
