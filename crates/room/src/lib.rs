//! What people paste in an incident becomes themes, a timeline, notes, steps and a postmortem.
//!
//! The way of the data: [`Room::begin`], [`Room::push`] and [`Room::end`] take sources of clean
//! lines; what each is, is told from its beginning (`kind`). Lines of logs go to the diagnosis and
//! the themes as they come (`logs`, `stack`, `theme`); documents and chats are collected and read
//! when they end (`json`, `otlp`, `record`, `alert`, `export`, `chat`). [`Room::report`] puts one
//! timeline, notes and a ladder of steps together (`timeline`, `note`, `ladder`), and
//! [`postmortem`] makes a draft of that.
//!
//! **Architecture invariant:** takes clean text alone; neither file, socket, clock nor model.
//! **Architecture invariant:** what a report quotes is a part of what was pasted, made printable;
//! what it says itself is a sentence of this program. Nothing is said that no line carries.
//!
//! *Limits:* see [`limits`]. *Complexity:* linear in the input, beside the merging of templates.

mod alert;
mod chat;
mod compare;
mod export;
mod json;
mod kind;
mod ladder;
pub mod limits;
mod logs;
mod message;
mod note;
mod otlp;
pub mod postmortem;
mod record;
mod report;
mod source;
mod stack;
mod text;
mod theme;
mod time;
mod timeline;

#[cfg(test)]
mod tests;

pub use kind::Kind;

use serde_json::Value;

use crate::alert::Alert;
use crate::export::Users;
use crate::limits::SOURCES_COUNT_MAX;
use crate::logs::Logs;
use crate::message::Message;
use crate::source::{Open, Source};

/// Everything that was pasted.
#[derive(Default)]
pub struct Room {
    sources: Vec<Source>,
    open: Option<Open>,
    logs: Logs,
    messages: Vec<Message>,
    messages_bytes: usize,
    /// Alerts with the numbers of their sources.
    alerts: Vec<(usize, Alert)>,
    users: Users,
}

impl Room {
    /// Begins a source: a paste, a file. Its kind is told from its beginning where none is given.
    pub fn begin(&mut self, name: &str, kind: Option<Kind>) {
        self.end();
        if self.sources.len() < SOURCES_COUNT_MAX {
            self.sources.push(Source::new(name, kind));
            self.open = Some(Open::new(kind));
        }
    }

    /// Takes a clean line of the source, in order. Lines without a source, or of one beyond the
    /// limit, are dropped.
    pub fn push(&mut self, line: &str) {
        source::push(self, line);
    }

    /// Ends the source.
    pub fn end(&mut self) {
        source::end(self);
    }

    /// The kind of the source that is open, as far as it is known, or of the last one.
    pub fn kind(&self) -> Kind {
        match &self.open {
            Some(open) => open.kind(),
            None => self
                .sources
                .last()
                .map(|source| source.kind)
                .unwrap_or_default(),
        }
    }

    /// What all sources tell; `clean` looks each quoted text over for names. What is open is ended.
    pub fn report(&mut self, clean: &mut dyn FnMut(&mut String)) -> Value {
        self.end();
        report::report(self, clean)
    }

    /// What is new, gone, more and less frequent from source `a` to source `b`: two windows of
    /// logs, by their numbers in the report.
    pub fn compare(&self, a: usize, b: usize) -> Value {
        let name = |at: usize| {
            self.sources
                .get(at)
                .map_or("", |source| source.name.as_str())
        };
        compare::compare(&self.logs, (name(a), name(b)), (a, b))
    }
}
