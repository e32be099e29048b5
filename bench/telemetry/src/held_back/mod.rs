//! The held-back half: templates, names of fields, notations, envelopes, values and a seed of its
//! own, by which the engine was judged before anybody had looked at it.
//!
//! The way of a record: a place in the schedule chooses a generator; it draws a template of a
//! service or a sentence ([`crate::template`]), fields in a notation ([`fields`], [`notation`]),
//! something encoded ([`layered`]) or interrupted ([`interrupted`]), or a trap; an envelope of a
//! shipper goes around it ([`crate::envelope`]).
//!
//! *Invariants:* as for the other parts: the same seed gives the same records on every platform,
//! whatever their count; all values are made up. Its templates, names and lists are in no other
//! part.

mod fields;
mod interrupted;
mod layered;
mod noise;
mod noise_table;
mod notation;
mod people;
mod personal;
mod secret;
mod token;
mod value;

use std::sync::LazyLock;

use crate::draw::Draw;
use crate::envelope::Envelopes;
use crate::generate::{finish, sound, weighted};
use crate::marked::Marked;
use crate::record::{Format, Generator, Record, Shape};
use crate::template::{Filler, Template, chosen, parse};

/// The seed of the held-back half.
pub const HELD_BACK_SEED: u64 = 4_611_924_018_857;
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

/// Generators of records with plants, with how often each is drawn.
const GENERATORS: &[(u64, Generator)] = &[
    (48, |draw| of_service(draw, &SERVICES)),
    (6, |draw| of_service(draw, &SPANS)),
    (8, |draw| of_talk(draw, &TALK)),
    (6, |draw| of_talk(draw, &FREE)),
    (25, of_notation),
    (8, encoded),
    (5, interrupted),
];

/// Lines, sessions, files and messages of services and tools.
static SERVICES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    [
        include_str!("templates/mail.txt"),
        include_str!("templates/auth.txt"),
        include_str!("templates/infra.txt"),
        include_str!("templates/ci.txt"),
        include_str!("templates/store.txt"),
        include_str!("templates/code.txt"),
        include_str!("templates/wire.txt"),
        include_str!("templates/business.txt"),
        include_str!("templates/report.txt"),
        include_str!("templates/logs.txt"),
        include_str!("templates/device.txt"),
    ]
    .into_iter()
    .flat_map(parse)
    .collect()
});

/// Spans as exporters send them and tools print them.
static SPANS: LazyLock<Vec<Template>> =
    LazyLock::new(|| parse(include_str!("templates/spans.txt")));

/// Tickets, chats and mails in which a word tells what the value is.
static TALK: LazyLock<Vec<Template>> = LazyLock::new(|| parse(include_str!("templates/talk.txt")));

/// Sentences in which nothing but prose tells.
static FREE: LazyLock<Vec<Template>> = LazyLock::new(|| parse(include_str!("templates/free.txt")));

/// Harmless records.
static TRAPS: LazyLock<Vec<Template>> =
    LazyLock::new(|| parse(include_str!("templates/traps.txt")));

static ENVELOPES: LazyLock<Envelopes> = LazyLock::new(|| {
    let names = ["hb_head_object", "hb_object_2", "hb_object_3"];
    Envelopes::parse(include_str!("envelopes.txt"), &FILLER, names)
});

/// The first `count` records of a seed of the held-back half; one in five is a trap.
pub fn held_back(seed: u64, count: u64) -> Vec<Record> {
    (0..count).map(|n| record(seed, n)).collect()
}

fn record(seed: u64, n: u64) -> Record {
    // Another stream of choices than the other parts', even of the same seed.
    let seed = seed.rotate_left(29) ^ 0x5f68_6272;
    let is_trap = n % TRAP_EVERY == 1;
    sound(seed, n, 'h', is_trap, |draw| {
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
    let is_whole = template.is_bare || template.format == Format::Json && draw.chance(65);
    let enveloped = if is_whole || draw.chance(20) {
        ("none", template.format, inner)
    } else if draw.chance(40) {
        ENVELOPES.shipped(draw, inner, template.format)
    } else {
        ENVELOPES.around(draw, inner, template.format)
    };
    finish(template.shape, template.carrier, enveloped)
}

fn of_talk(draw: &mut Draw, all: &[Template]) -> Record {
    let template = *chosen(draw, all);
    let inner = render(draw, template.text);
    let enveloped = if template.is_bare {
        ("none", template.format, inner)
    } else {
        ENVELOPES.around(draw, inner, template.format)
    };
    finish(template.shape, template.carrier, enveloped)
}

fn of_notation(draw: &mut Draw) -> Record {
    let notation = *draw.row(&notation::ALL);
    let fields = fields::fields(draw);
    let inner = notation.write(draw, &fields);
    let shape = if draw.chance(9) {
        Shape::Error
    } else {
        Shape::Log
    };
    let enveloped = ENVELOPES.around(draw, inner, notation.format);
    finish(shape, notation.name, enveloped)
}

fn encoded(draw: &mut Draw) -> Record {
    let inner = layered::line(draw);
    let enveloped = ENVELOPES.around(draw, inner, Format::Text);
    finish(Shape::Log, "hb_encoded", enveloped)
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
    // A text without a drawn part is told apart by its envelope.
    let bare_percent = if template.text.contains('~') { 50 } else { 0 };
    let enveloped = if template.is_bare || draw.chance(bare_percent) {
        ("none", template.format, inner)
    } else {
        ENVELOPES.around(draw, inner, template.format)
    };
    finish(template.shape, template.carrier, enveloped)
}

#[cfg(test)]
#[path = "held_back_tests.rs"]
mod tests;
