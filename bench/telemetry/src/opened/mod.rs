//! The opened half: other generators, other templates, other values and another seed than the
//! tuning half's.
//!
//! It was held back until the engine had been scored on it, and has been material to work with
//! since.
//!
//! The way of a record: a place in the schedule chooses a generator; it draws a template of a
//! service ([`crate::template`]), fields in a notation ([`fields`], [`notation`]), something
//! encoded ([`layered`]) or interrupted ([`interrupted`]), or a trap; an envelope of a shipper goes
//! around it ([`envelope`]).
//!
//! *Invariants:* as for the tuning half: the same seed gives the same records on every platform,
//! whatever their count; all values are made up; nothing is shared with the tuning half but
//! [`Draw`], the encodings and the bookkeeping of spans.

mod envelope;
mod fields;
mod interrupted;
mod layered;
mod noise;
mod notation;
mod people;
mod personal;
mod secret;
mod token;
mod value;

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::generate::{finish, sound, weighted};
use crate::marked::Marked;
use crate::record::{Format, Generator, Record, Shape};
use crate::template::{Filler, Template, chosen, parse};

/// The seed of the opened half.
pub const OPENED_SEED: u64 = 77_003_141_592;
/// One record in so many is a trap.
const TRAP_EVERY: u64 = 5;

/// What the places of templates are filled with.
const FILLER: Filler = Filler {
    is_name: noise::is_name,
    noise: noise::noise,
    slot: value::slot,
};

/// A template with its places filled.
fn render(draw: &mut Draw, template: &str) -> Marked {
    crate::template::render(draw, &FILLER, template)
}

/// Generators with how often each is drawn.
const GENERATORS: &[(u64, Generator)] = &[
    (34, |draw| of_service(draw, &SERVICES)),
    (4, |draw| of_service(draw, &SPANS)),
    (8, |draw| of_talk(draw, &TALK)),
    (6, |draw| of_talk(draw, &FREE)),
    (14, |draw| of_notation(draw, notation::JSON, Format::Json)),
    (22, |draw| of_notation(draw, notation::TEXT, Format::Text)),
    (7, |draw| of_notation(draw, notation::LINES, Format::Text)),
    (7, encoded),
    (4, interrupted),
];

/// Lines of services: servers, stores, clouds, tools, traces, error reports.
static SERVICES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    [
        include_str!("templates/web.txt"),
        include_str!("templates/data.txt"),
        include_str!("templates/cloud.txt"),
        include_str!("templates/shell.txt"),
        include_str!("templates/app.txt"),
    ]
    .into_iter()
    .flat_map(parse)
    .collect()
});

/// Spans and exemplars, as libraries print and exporters send them.
static SPANS: LazyLock<Vec<Template>> =
    LazyLock::new(|| parse(include_str!("templates/spans.txt")));

/// Sentences in which a word tells what the value is.
static TALK: LazyLock<Vec<Template>> = LazyLock::new(|| parse(include_str!("templates/talk.txt")));

/// Sentences in which nothing but prose tells.
static FREE: LazyLock<Vec<Template>> = LazyLock::new(|| parse(include_str!("templates/free.txt")));

/// Harmless records.
static TRAPS: LazyLock<Vec<Template>> =
    LazyLock::new(|| parse(include_str!("templates/traps.txt")));

/// The first `count` records of a seed of the opened half; one in five is a trap.
pub fn opened(seed: u64, count: u64) -> Vec<Record> {
    (0..count).map(|n| record(seed, n)).collect()
}

fn record(seed: u64, n: u64) -> Record {
    // Another stream of choices than the other half's, even of the same seed.
    let seed = seed.rotate_left(17) ^ 0x6865_6c64;
    let is_trap = n % TRAP_EVERY == 2;
    sound(seed, n, 'o', is_trap, |draw| {
        if is_trap {
            trap(draw)
        } else {
            weighted(draw, GENERATORS)(draw)
        }
    })
}

fn of_service(draw: &mut Draw, all: &[Template]) -> Record {
    let template = *chosen(draw, all);
    let inner = render(draw, template.text);
    let enveloped = if template.is_bare || template.format == Format::Json && draw.chance(70) {
        ("none", template.format, inner)
    } else if draw.chance(45) {
        envelope::shipped(draw, inner, template.format)
    } else {
        envelope::around(draw, inner, template.format)
    };
    finish(template.shape, template.carrier, enveloped)
}

fn of_talk(draw: &mut Draw, all: &[Template]) -> Record {
    let template = draw.row(all);
    let inner = render(draw, template.text);
    let enveloped = envelope::around(draw, inner, Format::Text);
    finish(Shape::Log, template.carrier, enveloped)
}

fn of_notation(
    draw: &mut Draw,
    all: &[(&'static str, notation::Notation)],
    format: Format,
) -> Record {
    let (name, write) = *draw.row(all);
    let fields = fields::fields(draw);
    let inner = write(draw, &fields);
    let shape = if draw.chance(8) {
        Shape::Error
    } else {
        Shape::Log
    };
    finish(shape, name, envelope::around(draw, inner, format))
}

fn encoded(draw: &mut Draw) -> Record {
    let inner = layered::line(draw);
    finish(
        Shape::Log,
        "op_encoded",
        envelope::around(draw, inner, Format::Text),
    )
}

/// An envelope would escape away what interrupts.
fn interrupted(draw: &mut Draw) -> Record {
    let (name, make) = *draw.row(interrupted::LINES);
    let inner = make(draw);
    finish(Shape::Log, name, ("none", Format::Text, inner))
}

fn trap(draw: &mut Draw) -> Record {
    let template = *chosen(draw, &TRAPS);
    let inner = render(draw, template.text);
    // A text without a drawn part is mostly told apart by its envelope.
    let bare_percent = if template.text.contains('~') { 55 } else { 12 };
    let enveloped = if template.is_bare || draw.chance(bare_percent) {
        ("none", template.format, inner)
    } else {
        envelope::around(draw, inner, template.format)
    };
    finish(template.shape, template.carrier, enveloped)
}

#[cfg(test)]
#[path = "opened_tests.rs"]
mod tests;
