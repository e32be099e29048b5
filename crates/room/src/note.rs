//! Messy chat becomes clean notes of an incident.
//!
//! A message is freed of what says nothing, cut into sentences, and each sentence is sorted by the
//! words that it has: what was done, decided, supposed, asked; what it hurts; what is the state.
//!
//! *Invariant:* no word is added. A note is a part of a message as it may be printed.
//! *Complexity:* linear in the messages; an answer is looked for in the next
//! [`ANSWERS_LOOKED_AT`] messages.

mod answer;
mod cue;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use cordon_diagnose::printable;

use crate::chat::noise;
use crate::limits::NOTES_COUNT_MAX;
use crate::message::Message;
use crate::text::{clipped, folded, sentences};
use crate::time::When;
use cue::Voice;
pub(crate) use cue::{Mark, is_rollback, said_again};

/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 400;
/// Messages among which an answer to a question is looked for.
const ANSWERS_LOOKED_AT: usize = 12;
/// Questions for which that is done.
const QUESTIONS_LOOKED_AT: usize = 2_000;
/// Fewest letters of a message that is told again only once.
const AGAIN_CHARS_MIN: usize = 12;
/// Messages of which it is remembered what they said.
const AGAIN_COUNT_MAX: usize = 20_000;
/// People that are listed.
const PEOPLE_COUNT_MAX: usize = 200;

/// What a sentence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Action,
    Decision,
    Hypothesis,
    Question,
    Impact,
    /// A task that is left to do.
    Task,
    /// The state of things.
    Summary,
    /// What went well, and what did not.
    Well,
    Badly,
    /// It tells of the course alone: it goes into the timeline, and into no list.
    Course,
}

/// A note.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    pub(crate) sort: Sort,
    pub(crate) text: String,
    pub(crate) who: String,
    pub(crate) when: When,
    pub(crate) source: usize,
    pub(crate) line: u64,
    /// What it tells of the course of the incident.
    pub(crate) mark: Option<Mark>,
    /// A program said it.
    pub(crate) is_bot: bool,
    /// An earlier moment that it tells of: `since 10:35`.
    pub(crate) told: Option<When>,
    /// It stands in a list of what happened.
    pub(crate) is_list: bool,
}

/// Who took part.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Person {
    pub(crate) who: String,
    pub(crate) messages: usize,
    pub(crate) when: When,
    pub(crate) source: usize,
    pub(crate) line: u64,
}

/// What is left of the messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    pub(crate) all: Vec<Note>,
    pub(crate) people: Vec<Person>,
    /// Messages that were looked at, and those that said nothing or the same again.
    pub(crate) messages: usize,
    pub(crate) dropped: usize,
}

impl Notes {
    /// Notes of a sort, in order.
    pub(crate) fn of(&self, sort: Sort) -> impl Iterator<Item = &Note> {
        let some = self.all.iter().filter(move |note| note.sort == sort);
        some.take(NOTES_COUNT_MAX)
    }
}

/// A message without what says nothing.
#[derive(Clone, Debug)]
struct Tidy<'m> {
    message: &'m Message,
    text: String,
    /// Where each line of it stands.
    rows: Vec<u64>,
    folded: String,
}

/// The notes of messages, which are in the order in which they were written.
pub(crate) fn notes(messages: &[Message]) -> Notes {
    let mut found = Notes {
        messages: messages.len(),
        ..Notes::default()
    };
    let tidy = tidied(messages, &mut found.dropped);
    let (mut listing, mut asked) = (false, 0);
    for (at, one) in tidy.iter().enumerate() {
        let later = tidy.get(at + 1..).unwrap_or_default();
        let later = later.get(..ANSWERS_LOOKED_AT).unwrap_or(later);
        asked += one.text.matches('?').count();
        // Questions beyond that stay open.
        let later = (asked <= QUESTIONS_LOOKED_AT).then_some(later);
        // A list goes on behind a blank line where nobody is told to speak.
        listing &= one.message.who.is_empty() && one.message.when.ns.is_none();
        for (at, line) in one.text.lines().enumerate() {
            let mut made = Vec::new();
            if let Some(rest) = cue::below_tasks(line) {
                tasks(one.message, rest, &mut made);
                listing = true;
            } else if listing && !line.ends_with(':') {
                tasks(one.message, line, &mut made);
            } else {
                listing = false;
                made = of_line(one, at, line, later);
            }
            let row = one.rows.get(at).copied().unwrap_or(one.message.line);
            found
                .all
                .extend(made.into_iter().map(|note| Note { line: row, ..note }));
        }
    }
    found.people = people(messages);
    found
}

/// The notes that a line makes. What is counted behind what tells that it is over hurts nobody.
fn of_line(one: &Tidy<'_>, at: usize, line: &str, later: Option<&[Tidy<'_>]>) -> Vec<Note> {
    let mut eased = false;
    let mut found = Vec::new();
    for sentence in sentences(line) {
        let Some(mut note) = sorted(one, at, sentence, later) else {
            continue;
        };
        if eased && note.sort == Sort::Impact {
            note.sort = Sort::Summary;
        }
        eased = note.mark.is_some_and(|mark| mark >= Mark::Contained);
        found.push(note);
    }
    found
}

/// The note that a sentence makes.
fn sorted(one: &Tidy<'_>, at: usize, sentence: &str, later: Option<&[Tidy<'_>]>) -> Option<Note> {
    let words = folded_words(sentence);
    let message = one.message;
    let voice = Voice {
        is_bot: message.is_bot,
        is_list: message.who.is_empty() && message.when.ns.is_some(),
    };
    if let Some((sort, said)) = cue::labelled(noise::without_greeting(tidy_ends(sentence))) {
        let mark = cue::read(said, &folded_words(said), voice).and_then(|(_, mark)| mark);
        return Some(note(message, sort, tidy_ends(said), mark))
            .filter(|note| !note.text.is_empty());
    }
    let (mut sort, mark) = cue::read(sentence, &words, voice)?;
    let answered = |later| is_answered(one, at, sentence, later);
    if sort == Sort::Question && later.is_some_and(answered) {
        // Who asks whether others see it sees it.
        mark?;
        sort = Sort::Course;
    }
    let text = noise::without_greeting(tidy_ends(sentence));
    let mut note = note(message, sort, text, mark);
    note.told = told::earlier(sentence, message.when);
    note.is_list = voice.is_list;
    Some(note).filter(|note| !note.text.is_empty())
}

/// What is left to do, parted by semicolons.
fn tasks(message: &Message, line: &str, found: &mut Vec<Note>) {
    for task in line.split(';').map(tidy_ends) {
        let task = task.trim_matches(|c: char| "[] ".contains(c));
        if task.chars().any(char::is_alphabetic) {
            found.push(note(message, Sort::Task, task, None));
        }
    }
}

/// A sentence without emoji, folded: their names are no words of it.
fn folded_words(text: &str) -> String {
    let words = text.split(' ').filter(|word| !noise::is_emoji(word));
    folded(&words.collect::<Vec<_>>().join(" "))
}

fn note(message: &Message, sort: Sort, text: &str, mark: Option<Mark>) -> Note {
    Note {
        sort,
        text: clipped(text, NOTE_CHARS_MAX),
        who: printable(&message.who),
        when: message.when,
        source: message.source,
        line: message.line,
        mark,
        is_bot: message.is_bot,
        told: None,
        is_list: false,
    }
}

fn is_answered(one: &Tidy<'_>, at: usize, sentence: &str, later: &[Tidy<'_>]) -> bool {
    // Where nobody is told to speak, each line may be somebody else's.
    let below = one.text.lines().skip(at + 1).take(ANSWERS_LOOKED_AT);
    let below = below.filter(|_| one.message.who.is_empty());
    let below: Vec<(&str, String)> = below.map(|line| (line, folded_words(line))).collect();
    let own = below.iter().map(|(text, folded)| answer::Reply {
        who: "",
        text,
        folded,
        same_thread: true,
    });
    let others = later.iter().map(|other| answer::Reply {
        who: &other.message.who,
        text: &other.text,
        folded: &other.folded,
        same_thread: other.message.thread == one.message.thread,
    });
    answer::is_answered(&one.message.who, sentence, own.chain(others))
}

/// Messages without quotations of others, reactions and what was said before.
fn tidied<'m>(messages: &'m [Message], dropped: &mut usize) -> Vec<Tidy<'m>> {
    let mut said: BTreeSet<String> = BTreeSet::new();
    let mut kept = Vec::new();
    for message in messages {
        let (text, rows) = body(message);
        let words = folded_words(&text.replace('\n', " "));
        let long = words.chars().filter(|c| c.is_alphanumeric()).count() >= AGAIN_CHARS_MIN;
        let again = long && said.contains(&words);
        if again || cue::is_chatter(&words) {
            *dropped += 1;
            continue;
        }
        if long && said.len() < AGAIN_COUNT_MAX {
            said.insert(words.clone());
        }
        kept.push(Tidy {
            message,
            text,
            rows,
            folded: words,
        });
    }
    kept
}

/// The lines of a message that say something: without quotations, code, and lines that say nothing.
fn body(message: &Message) -> (String, Vec<u64>) {
    let mut fenced = false;
    let (mut kept, mut rows) = (Vec::new(), Vec::new());
    for (at, line) in message.text.lines().enumerate() {
        let bare = line.trim();
        if bare.starts_with("```") {
            fenced = !(fenced || bare.len() > 3 && bare.ends_with("```"));
            continue;
        }
        let quoted = bare.starts_with('>') || bare.starts_with("&gt;");
        if fenced || quoted || bare.is_empty() || noise::is(bare) {
            continue;
        }
        kept.push(printable(bare));
        rows.push(message.row(at));
    }
    (kept.join("\n"), rows)
}

/// A sentence without the emoji, bullets and notes of the program at its ends.
fn tidy_ends(sentence: &str) -> &str {
    let bullet = |c: char| "-*•·–—● ".contains(c);
    let mut text = sentence.trim_start_matches(bullet);
    loop {
        let first = text.split(' ').next().unwrap_or_default();
        let last = text.rsplit(' ').next().unwrap_or_default();
        let next = if noise::is_emoji(first) {
            text.get(first.len()..)
        } else if noise::is_emoji(last) || last == "(edited)" {
            text.get(..text.len() - last.len())
        } else {
            None
        };
        match next.map(str::trim) {
            Some(shorter) if shorter.len() < text.len() => text = shorter,
            _ => return text,
        }
    }
}

/// Who wrote, in the order in which they came.
fn people(messages: &[Message]) -> Vec<Person> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found: Vec<Person> = Vec::new();
    for message in messages.iter().filter(|m| !m.who.is_empty() && !m.is_bot) {
        let next = found.len();
        if next >= PEOPLE_COUNT_MAX && !places.contains_key(message.who.as_str()) {
            continue;
        }
        let place = *places.entry(&message.who).or_insert(next);
        match found.get_mut(place) {
            Some(person) => person.messages += 1,
            None => found.push(Person {
                who: printable(&message.who),
                messages: 1,
                when: message.when,
                source: message.source,
                line: message.line,
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests;
