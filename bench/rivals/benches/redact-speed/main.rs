//! `cargo xtask bench redact-speed`: what redaction costs, beside passes that do nothing and tools
//! that do less, in one process on one core.
//!
//! With arguments only the tables that they name: `logs`, `long`, `units`.
//!
//! Times are processor time of the one thread, so that a busy machine does not change them much;
//! the ratios of one run are what counts. The material is generated from a fixed seed. Each reader
//! gets blocks of whole lines that are its own, and leaves clean ones; a slow one reads a sample
//! of the material, whose size the table says.

mod clock;
#[cfg(feature = "datadog")]
mod datadog;
mod four;
mod lines;
mod material;
mod ours;
mod passes;
mod patterns;
mod scanner;
mod set;

use clock::{Measured, Reader, contest};
use cordon_redact::{LineFormat, NameScope};
use material::{Form, Share, json_line, text_line, varied_line};
use ours::{Engine, Events, redactor};
use passes::{Classes, OneByte};
use patterns::Pattern;
use scanner::Scanner;

/// Of how many lines one holds something.
const SHARES: [Share; 3] = [0, 100, 15];

fn main() {
    // `cargo bench` adds a flag.
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--"))
        .collect();
    let wants = |table: &str| asked.is_empty() || asked.iter().any(|a| a == table);
    println!("vectors: {}", cordon_simd::implementation());
    if wants("logs") {
        logs();
    }
    // Names are not looked for: they are off the hot path, and measured apart.
    let nameless = redactor(NameScope::Off);
    if wants("long") {
        lines::long(&nameless);
    }
    if wants("units") {
        lines::units(&nameless);
    }
}

/// Everything that is compared, on raw and on wrapped logs.
fn logs() {
    let scopes = [NameScope::Off, NameScope::Fields, NameScope::Lines];
    let redactors = scopes.map(redactor);
    let [nameless, fielded, named] = &redactors;
    for (form, of, format) in [
        ("raw logs", text_line as Form, LineFormat::Text),
        ("JSON-wrapped logs", json_line, LineFormat::Json),
        (
            "raw logs of which hardly two lines are alike",
            varied_line,
            LineFormat::Text,
        ),
    ] {
        let engine = |redactor, name| Engine::new(redactor, format, name);
        let mut readers: Vec<Box<dyn Reader + '_>> = vec![
            Box::new(engine(nameless, "**this engine**, everything on but names")),
            Box::new(engine(nameless, "this engine, a new stream every pass").anew()),
            Box::new(engine(fielded, "this engine, names in fields of prose too")),
            Box::new(engine(named, "this engine, names in raw lines too")),
            Box::new(Events(nameless)),
        ];
        readers.extend(rivals());
        let all = SHARES.map(|share| contest(&mut readers, of, share));
        let names: Vec<String> = readers.iter().map(|reader| reader.name()).collect();
        table(form, &names, &all);
        // Once is enough.
        if form == "raw logs" {
            cases(&mut readers);
        }
    }
}

/// The limits and the others.
fn rivals() -> Vec<Box<dyn Reader>> {
    let rules = patterns::rules();
    let mut more = patterns::rules();
    more.extend(patterns::personal_and_named());
    let mut all: Vec<Box<dyn Reader>> = vec![
        Box::new(OneByte),
        Box::new(Classes::default()),
        Box::new(Scanner::new("usual scanner shape, issuers' tokens", &rules)),
        Box::new(Scanner::new(
            "the same, credentials by name and 4 patterns too",
            &more,
        )),
        Box::new(set::Set::new(&rules)),
        Box::new(four::Four::default()),
    ];
    all.extend(datadog(&rules));
    all
}

#[cfg(feature = "datadog")]
fn datadog(rules: &[Pattern]) -> Vec<Box<dyn Reader>> {
    let [line, block] = datadog::Datadog::both(rules);
    vec![Box::new(line), Box::new(block)]
}

#[cfg(not(feature = "datadog"))]
fn datadog(_: &[Pattern]) -> Vec<Box<dyn Reader>> {
    Vec::new()
}

/// How many of the rules' own positives each reader finds: that it is set up as it should be.
fn cases(readers: &mut [Box<dyn Reader + '_>]) {
    let cases = patterns::cases();
    println!(
        "\n### What each finds of the {} cases of the built-in rules\n",
        cases.len()
    );
    println!("| reader | found |");
    println!("|---|---|");
    for reader in readers {
        let (mut found, mut given) = (0, false);
        for (text, token) in &cases {
            reader.begin();
            reader.read(vec![text.clone()], &mut |clean| {
                given = true;
                found += usize::from(!clean.contains(token));
            });
        }
        if given {
            let share = f64::from(found as u32) / cases.len() as f64 * 100.0;
            println!("| {} | {share:.1} % |", reader.name());
        }
    }
}

/// A row for each reader: what it read, its speeds, and how often this engine is as fast.
fn table(form: &str, names: &[String], all: &[Vec<Measured>]) {
    let heads = |what: &str| {
        SHARES
            .map(|share| match share {
                0 => format!(" {what}, clean |"),
                share => format!(" {what}, 1 in {share} |"),
            })
            .concat()
    };
    println!("\n### {form}\n");
    println!("One line in so many holds something. GB of input a second of processor time.\n");
    println!(
        "| reader | read, MB |{}{} lines changed |",
        heads("GB/s"),
        heads("this engine / it")
    );
    println!("|---|{}", "---|".repeat(2 + 2 * all.len()));
    for (index, name) in names.iter().enumerate() {
        let mine: Vec<&Measured> = all.iter().map(|column| &column[index]).collect();
        let bytes = mine.iter().map(|told| told.bytes).min().unwrap_or(0);
        let rates: String = mine
            .iter()
            .map(|told| format!(" {} |", gigabytes(told.rate)))
            .collect();
        let ratios = all.iter().map(|column| column[0].rate / column[index].rate);
        let ratios: String = ratios.map(|ratio| format!(" {} |", times(ratio))).collect();
        let changed = mine.last().and_then(|told| told.changed);
        let changed = changed.map_or(String::new(), |(changed, of)| {
            format!("{:.1} %", changed as f64 / of as f64 * 100.0)
        });
        println!(
            "| {name} | {:.2} |{rates}{ratios} {changed} |",
            bytes as f64 / 1e6
        );
    }
    println!("\nLines changed: of the material of which one line in 15 holds something (6.7 %).");
}

fn gigabytes(rate: f64) -> String {
    match rate / 1e9 {
        rate if rate < 0.01 => format!("{rate:.5}"),
        rate if rate < 1.0 => format!("{rate:.3}"),
        rate => format!("{rate:.2}"),
    }
}

fn times(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 0.1 => format!("{ratio:.3}"),
        ratio if ratio < 10.0 => format!("{ratio:.2}"),
        ratio => format!("{ratio:.0}"),
    }
}
