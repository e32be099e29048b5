//! Messages as they are copied out of a chat: Slack, Teams, Discord, IRC, WhatsApp, Google Chat,
//! Meet, Zoom, or notes with a time before each.
//!
//! The way of the data: each line is told by its shape (`shape`); times are read as they are
//! shown (`stamp`), and get their day from the last heading or from the message before; what says
//! nothing is dropped (`noise`).
//!
//! *Invariant:* a message's text is made of whole lines, or of the end of one, of its source.
//! *Complexity:* linear in the text; two passes.

pub(crate) mod noise;
mod shape;
pub(crate) mod stamp;
pub(crate) use shape::speaker;

use std::collections::{BTreeMap, BTreeSet};

use cordon_fingerprint::header::TimeBase;

use crate::limits::MESSAGES_COUNT_MAX;
use crate::message::Message;
use crate::time::{DAY_NS, When, yearless_days};
use shape::{Begin, Line};
use stamp::{Day, Stamp};

/// Lines of a name and a colon from which on that is who speaks.
const SPEAKER_LINES_MIN: usize = 2;
/// Names that are counted for that.
const SPEAKERS_COUNT_MAX: usize = 2_000;
/// Times in lines of their own from which on they may stand below what they tell of.
const TIMES_BELOW_MIN: usize = 2;
/// Zones that are counted.
const ZONES_COUNT_MAX: usize = 16;

/// How much some lines look like a chat.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Score {
    /// Lines that nothing but a chat has.
    pub(crate) strong: usize,
    /// Those, and lines that a chat may have.
    pub(crate) weak: usize,
}

/// How much these lines look like a chat.
pub(crate) fn score(lines: &[&str]) -> Score {
    let mut score = Score::default();
    let mut above = "";
    for line in lines {
        match shape::read(line) {
            Line::Begins(Begin { is_sure: true, .. }) => {
                score.strong += 1;
                score.weak += 1;
            }
            Line::Begins(Begin { who, .. }) if !who.is_empty() => score.weak += 1,
            // A name, and a time below it.
            Line::Time(..) if shape::is_capital_name(above) => {
                score.strong += 1;
                score.weak += 1;
            }
            Line::Body if shape::speaker(line).is_some() => score.weak += 1,
            _ => {}
        }
        above = shape::trimmed(line);
    }
    score
}

/// The messages of a source, in order. Without `authored` nobody is told to have written anything
/// who is not named beside a time: a text of notes.
pub(crate) fn read(lines: &[String], authored: bool) -> Vec<Message> {
    let mut reader = Reader::new(lines, authored);
    for (at, line) in lines.iter().enumerate() {
        reader.line(at as u64 + 1, line);
    }
    reader.close();
    reader.place(lines)
}

/// A message and the time as it is shown.
struct Shown {
    message: Message,
    stamp: Option<Stamp>,
    /// Context: the last day that was told, and days that passed since.
    day: Day,
    /// Midnights that passed within the context.
    midnights: u64,
}

struct Reader {
    found: Vec<Shown>,
    open: Option<Shown>,
    /// Who is known to speak, by a name and a colon.
    speakers: BTreeSet<String>,
    /// Whether a date with two numbers that may be either begins with the day.
    by_day: Option<bool>,
    day: Day,
    midnights: u64,
    last_clock: Option<u64>,
    /// A line that is blank stands above.
    after_blank: bool,
    /// In a block of code: nothing is a header there.
    fenced: bool,
    /// Each time stands below its text, as pages of a service's status have it.
    times_below: bool,
}

impl Reader {
    fn new(lines: &[String], authored: bool) -> Self {
        Self {
            found: Vec::new(),
            open: None,
            speakers: if authored {
                speakers(lines)
            } else {
                BTreeSet::new()
            },
            by_day: order(lines),
            day: Day::Untold,
            midnights: 0,
            last_clock: None,
            after_blank: true,
            fenced: false,
            times_below: !authored && times_below(lines),
        }
    }

    fn line(&mut self, number: u64, line: &str) {
        let bare = shape::trimmed(line);
        if bare.is_empty() {
            self.blank();
            return;
        }
        if bare.starts_with("```") {
            let closes = bare.len() > 3 && bare.ends_with("```");
            self.fenced = !self.fenced && !closes;
            self.body(number, line);
            return;
        }
        // Lines of a log within a message have times, too; a sure header ends even a fence that
        // was cut off.
        match shape::read(line) {
            Line::Begins(begin) if !self.fenced || begin.is_sure && !begin.who.is_empty() => {
                self.fenced = false;
                // `[10:43] text` goes on with who wrote before.
                let last = self.last_speaker();
                let follows = begin.who.is_empty() && bare.starts_with('[');
                let who = if follows { last.as_str() } else { begin.who };
                self.begin(number, &Begin { who, ..begin });
            }
            _ if self.fenced => self.body(number, line),
            Line::Time(stamp, is_bot) => self.time(number, stamp, is_bot),
            Line::Day(day) => self.heading(day),
            Line::Noise => {}
            Line::Begins(_) | Line::Body => self.spoken(number, line),
        }
        self.after_blank = false;
    }

    fn blank(&mut self) {
        self.after_blank = true;
        // A text without authors has paragraphs.
        let unowned = self
            .open
            .as_ref()
            .is_some_and(|open| open.message.who.is_empty());
        if unowned && !self.fenced && !self.times_below {
            self.close();
        }
    }

    /// `Name: text`, or text.
    fn spoken(&mut self, number: u64, line: &str) {
        let said = shape::speaker(line);
        match said.filter(|(name, _)| self.speakers.contains(*name)) {
            Some((who, text)) => {
                let begin = Begin {
                    who,
                    text,
                    ..Begin::default()
                };
                self.begin(number, &begin);
            }
            None => self.body(number, line),
        }
    }

    fn begin(&mut self, number: u64, begin: &Begin<'_>) {
        self.close();
        if let Some(stamp) = begin.stamp {
            self.pass(stamp);
        }
        let mut message = Message {
            line: number,
            who: begin.who.to_owned(),
            is_bot: begin.is_bot,
            ..Message::default()
        };
        if !begin.text.is_empty() && !noise::is(begin.text) {
            message.push_at(number, begin.text);
        }
        self.open = Some(Shown {
            message,
            stamp: begin.stamp,
            day: self.day,
            midnights: self.midnights,
        });
    }

    /// A time alone: of the name that stands above it, or of the next message of the same person.
    fn time(&mut self, number: u64, stamp: Stamp, is_bot: bool) {
        if self.times_below {
            self.pass(stamp);
            let (day, midnights) = (self.day, self.midnights);
            if let Some(open) = self.open.as_mut() {
                (open.stamp, open.day, open.midnights) = (Some(stamp), day, midnights);
            }
            self.close();
            return;
        }
        let who = match self.name_above() {
            Some(name) => name,
            None => self.last_speaker(),
        };
        let begin = Begin {
            who: &who,
            stamp: Some(stamp),
            is_bot,
            ..Begin::default()
        };
        self.begin(number, &begin);
    }

    /// Takes the last line of what is open, where that is a name.
    fn name_above(&mut self) -> Option<String> {
        let open = self.open.as_mut()?;
        let text = open.message.text.as_str();
        let last = text.rsplit('\n').next().unwrap_or_default();
        let known = |name: &str| {
            self.found
                .iter()
                .rev()
                .take(50)
                .any(|m| m.message.who == name)
        };
        let name = shape::named(last).to_owned();
        if !(shape::is_capital_name(last) || shape::is_name(last) && known(&name)) {
            return None;
        }
        let kept = text.len() - last.len();
        open.message.text.truncate(kept);
        open.message
            .text
            .truncate(open.message.text.trim_end().len());
        open.message
            .rows
            .truncate(open.message.text.lines().count());
        Some(name)
    }

    fn last_speaker(&self) -> String {
        let last = self.open.as_ref().or(self.found.last());
        last.map(|shown| shown.message.who.clone())
            .unwrap_or_default()
    }

    fn body(&mut self, number: u64, line: &str) {
        let open = self.open.get_or_insert_with(|| Shown {
            message: Message::default(),
            stamp: None,
            day: self.day,
            midnights: self.midnights,
        });
        if open.message.text.is_empty() && open.message.line == 0 {
            open.message.line = number;
        }
        open.message.push_at(number, line.trim_end());
    }

    fn heading(&mut self, day: Day) {
        self.close();
        self.set_day(day);
        self.last_clock = None;
    }

    fn set_day(&mut self, day: Day) {
        // `Today` tells that a day passed, and not which.
        if day == Day::Relative {
            if self.day == Day::Untold || self.day == Day::Relative {
                self.day = Day::Relative;
            } else {
                (self.day, self.midnights) = (Day::Relative, 0);
            }
        } else if day != self.day {
            (self.day, self.midnights) = (day, 0);
        }
    }

    /// A time goes by: the day that it tells, and midnights.
    fn pass(&mut self, stamp: Stamp) {
        if !matches!(stamp.day, Day::Untold | Day::Relative) {
            self.set_day(stamp.day);
            self.midnights = 0;
            self.last_clock = None;
        }
        let Some(clock) = stamp.clock_ns else {
            return;
        };
        if self
            .last_clock
            .is_some_and(|last| clock + DAY_NS / 2 < last)
        {
            self.midnights += 1;
        }
        self.last_clock = Some(clock);
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else {
            return;
        };
        if !open.message.text.trim().is_empty() && self.found.len() < MESSAGES_COUNT_MAX {
            self.found.push(open);
        }
    }

    /// The messages with their moments. Where no time tells its day, but the source tells one date,
    /// that is it.
    fn place(self, lines: &[String]) -> Vec<Message> {
        let zone = zone(&self.found);
        let by_day = self.by_day;
        let dayless = |shown: &Shown| {
            let stamped = shown.stamp.is_some_and(|stamp| stamp.day == Day::Untold);
            shown.day == Day::Untold && (shown.stamp.is_none() || stamped)
        };
        let titled = Some(lines).filter(|_| self.found.iter().all(dayless));
        let titled = titled.and_then(only_date);
        let placed = self.found.into_iter().map(|shown| {
            let mut message = shown.message;
            if let Some(mut stamp) = shown.stamp {
                let zoneless = stamp.east.is_none();
                stamp.east = stamp.east.or(zone);
                let day = titled.map_or(shown.day, Day::Known);
                message.when = moment(day, shown.midnights, &stamp, by_day);
                message.when.zoneless = zoneless;
                message.when.anchored = titled.is_some();
            }
            message
        });
        placed.collect()
    }
}

/// Whether times stand in lines of their own, the first below a text and the last at the end.
fn times_below(lines: &[String]) -> bool {
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let mut times = filled.map(|line| matches!(shape::read(line), Line::Time(..)));
    let first = times.next();
    let (mut count, mut last) = (0, false);
    for is_time in times {
        count += usize::from(is_time);
        last = is_time;
    }
    first == Some(false) && last && count >= TIMES_BELOW_MIN
}

/// The one date in full that the lines tell.
fn only_date(lines: &[String]) -> Option<u64> {
    let mut dates = lines.iter().filter_map(|line| stamp::date_in(line));
    let first = dates.next()?;
    dates.all(|date| date == first).then_some(first)
}

/// The moment of a stamp, given the day that was told last.
fn moment(context: Day, midnights: u64, stamp: &Stamp, by_day: Option<bool>) -> When {
    let day = match stamp.day {
        Day::Untold | Day::Relative => context,
        day => day,
    };
    let day = match day {
        Day::Either(first, second, 0) => match by_day {
            Some(true) => Day::Yearless(second, first),
            Some(false) => Day::Yearless(first, second),
            None => Day::Untold,
        },
        day => day,
    };
    let passed = midnights * DAY_NS;
    let known = match day {
        Day::Known(day) => Some(day),
        Day::Either(first, second, year) => by_day.and_then(|by_day| {
            let (day, month) = if by_day {
                (first, second)
            } else {
                (second, first)
            };
            crate::time::days(year, month, day)
        }),
        _ => None,
    };
    let (start, base) = match (known, day) {
        (Some(day), _) => (day * DAY_NS, TimeBase::Absolute),
        (None, Day::Yearless(month, day)) => (
            yearless_days(month, day).unwrap_or(0) * DAY_NS,
            TimeBase::YearUnknown,
        ),
        _ => (0, TimeBase::DayUnknown),
    };
    // Of an unknown day nothing lies before its beginning.
    let ns = stamp::on_day(start + passed + DAY_NS, stamp);
    let ns = if base == TimeBase::DayUnknown && ns < DAY_NS {
        ns
    } else {
        ns.saturating_sub(DAY_NS)
    };
    When {
        ns: Some(ns),
        base,
        ..When::default()
    }
}

/// The zone that most messages tell.
fn zone(found: &[Shown]) -> Option<i64> {
    let mut zones: Vec<(i64, usize)> = Vec::new();
    for east in found.iter().filter_map(|shown| shown.stamp?.east) {
        if let Some((_, count)) = zones.iter_mut().find(|(known, _)| *known == east) {
            *count += 1;
        } else if zones.len() < ZONES_COUNT_MAX {
            zones.push((east, 1));
        }
    }
    zones
        .iter()
        .max_by_key(|(_, count)| *count)
        .map(|(east, _)| *east)
}

/// Whether the dates of a source begin with the day, as far as one of them tells.
fn order(lines: &[String]) -> Option<bool> {
    let mut dates = lines
        .iter()
        .map(|line| shape::trimmed(line).trim_start_matches('['));
    dates.find_map(stamp::begins_with_day)
}

/// Names that stand before a colon at the beginning of several lines.
fn speakers(lines: &[String]) -> BTreeSet<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, _) in lines.iter().filter_map(|line| shape::speaker(line)) {
        if counts.len() < SPEAKERS_COUNT_MAX || counts.contains_key(name) {
            *counts.entry(name).or_default() += 1;
        }
    }
    let all: usize = counts.values().sum();
    // Where nearly every line has one, who speaks once speaks, too.
    let most = all * 2 > lines.iter().filter(|line| !line.trim().is_empty()).count();
    let kept = counts
        .iter()
        .filter(|(_, count)| most || **count >= SPEAKER_LINES_MIN);
    kept.map(|(name, _)| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests;
