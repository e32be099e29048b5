//! `cargo xtask bench wasm`: the module's redaction of every record of a file beside this build's,
//! byte for byte, and the speed of both.
//!
//! Options: `--records FILE` (as `cargo xtask bench redaction --records` writes it),
//! `--module FILE`, `--names FILE` (the pack of names), `--node PROGRAM`, which the chore gives,
//! and `--host FILE`, the script that runs the module: by default in Node itself, and with
//! `web/test/browser/answers.mjs` in Chromium. A record whose clean text or report differs is
//! named by its id alone, and the exit code is 1. The records are compared once more as lines of
//! one source that is pushed in pieces.
#![expect(clippy::print_stdout, reason = "a benchmark prints its tables")]

use std::error::Error;
use std::io::Write as _;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use cordon_event::Raw;
use cordon_wasm::{Engine, Finished, Format, KEY_BYTES};
use serde_json::Value;
use zeroize::Zeroizing;

/// The key of both sides: pseudonyms need not be secret here.
const KEY: [u8; KEY_BYTES] = [7; KEY_BYTES];
/// What runs the module unless another script is named.
const HOST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/host/node.mjs");
/// Units that make long lines without end: what nests, escapes, or may begin something everywhere.
const UNITS: [&str; 12] = [
    "a",
    "1",
    "[",
    "{\"a\":",
    "\"",
    "\\",
    "%41",
    "é",
    "k=v ",
    "a@b.c ",
    "QUJD",
    "-----BEGIN ",
];
/// Bytes of such a line.
const LONG_BYTES: usize = 100_000;
/// Bytes of the pieces that a source is pushed in: cut within lines and characters.
const PIECE_BYTES: usize = 65_537;
/// Records that differ and are named.
const NAMED_COUNT_MAX: usize = 20;
/// The policies that are compared: the default one, and one with every switch turned.
const POLICIES: [(&str, &str); 2] = [
    ("default", ""),
    (
        "strict",
        r#"{"host_names": true, "file_paths": true, "places": true, "organisations": true,
            "names": "lines", "receipt_digests": true, "free_text": "template",
            "actions": {"email": "mask", "ip": "remove", "card": "mask"},
            "dictionary": {"services": ["checkout"], "fields": ["order_id"]},
            "canaries": ["canary-value-for-the-bench"]}"#,
    ),
];

type Fallible<T> = Result<T, Box<dyn Error>>;

/// A record, or what became of it.
struct Record {
    id: String,
    format: u32,
    text: String,
}

/// What one side made of a record.
#[derive(PartialEq, Eq)]
struct Made {
    clean: String,
    report: String,
}

/// What one side made of all, in how many seconds, and in how many it was ready to.
struct Side {
    made: Vec<Made>,
    seconds: f64,
    ready: f64,
}

fn option(name: &str) -> Option<String> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)
}

fn field<'v>(value: &'v Value, name: &str) -> Fallible<&'v str> {
    let text = value.get(name).and_then(Value::as_str);
    text.ok_or_else(|| format!("a record has no {name}").into())
}

fn records(file: &str) -> Fallible<Vec<Record>> {
    let read = |line: &str| {
        let value: Value = serde_json::from_str(line)?;
        let format = match field(&value, "format")? {
            "json" => 4,
            _ => 3,
        };
        Ok(Record {
            id: field(&value, "id")?.to_owned(),
            format,
            text: field(&value, "text")?.to_owned(),
        })
    };
    std::fs::read_to_string(file)?.lines().map(read).collect()
}

/// Lines of one unit repeated, in every format.
fn long() -> impl Iterator<Item = Record> {
    let formats = UNITS
        .iter()
        .flat_map(|unit| (0..5).map(move |format| (unit, format)));
    formats.map(|(unit, format)| Record {
        id: format!("long line of {unit:?} in format {format}"),
        format,
        text: unit.repeat(LONG_BYTES / unit.len()),
    })
}

fn native(records: &[Record], policy: &str) -> Fallible<Side> {
    let opening = Instant::now();
    let engine = Engine::open(policy, &KEY)?;
    let ready = opening.elapsed().as_secs_f64();
    let formats: Option<Vec<Format>> = records.iter().map(|r| Format::of(r.format)).collect();
    let formats = formats.ok_or("a format has no number")?;
    let raw: Vec<_> = records.iter().map(|r| Raw::new(r.text.clone())).collect();
    let started = Instant::now();
    let answers: Vec<_> = formats
        .into_iter()
        .zip(raw)
        .map(|(format, raw)| engine.redact(format, raw))
        .collect();
    let seconds = started.elapsed().as_secs_f64();
    let made = answers.into_iter().map(|answer| Made {
        clean: answer.clean.into_inner(),
        report: answer.report,
    });
    Ok(Side {
        made: made.collect(),
        seconds,
        ready,
    })
}

/// All records as lines of one source, and what the room tells of it.
fn native_room(records: &[Record], policy: &str) -> Fallible<Side> {
    let opening = Instant::now();
    let mut room = Engine::open(policy, &KEY)?.room();
    let ready = opening.elapsed().as_secs_f64();
    let source: String = records.iter().map(|r| r.text.clone() + "\n").collect();
    let made = |finished: Finished| Made {
        clean: finished.clean,
        report: finished.report,
    };
    let pieces: Vec<_> = source.as_bytes().chunks(PIECE_BYTES).collect();
    let started = Instant::now();
    room.begin("{\"name\": \"records\"}")?;
    let mut all = Vec::new();
    for piece in pieces {
        all.push(made(room.push(Zeroizing::new(piece.to_vec()))?));
    }
    all.push(made(room.end()?));
    all.push(Made {
        clean: room.report()?,
        report: String::new(),
    });
    Ok(Side {
        made: all,
        seconds: started.elapsed().as_secs_f64(),
        ready,
    })
}

/// What runs the module, the module, and the pack of names.
struct Host {
    node: String,
    script: String,
    module: String,
    names: String,
}

fn in_host(records: &[Record], policy: &str, piece: Option<usize>, host: &Host) -> Fallible<Side> {
    let mut child = Command::new(&host.node)
        .args([&host.script, &host.module, &host.names])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut pipe = child.stdin.take().ok_or("node takes no input")?;
    let mut head = serde_json::json!({"key": KEY, "policy": policy});
    if let (Some(piece), Some(members)) = (piece, head.as_object_mut()) {
        members.insert("piece".to_owned(), piece.into());
    }
    let head = head.to_string() + "\n";
    let lines: String = records
        .iter()
        .map(|r| serde_json::json!({"format": r.format, "text": r.text}).to_string() + "\n")
        .collect();
    // The host reads all before it answers, so neither side waits for the other.
    pipe.write_all(head.as_bytes())?;
    pipe.write_all(lines.as_bytes())?;
    drop(pipe);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("node: {}", output.status).into());
    }
    let told = String::from_utf8(output.stdout)?;
    let mut lines = told.lines();
    let times: Value = serde_json::from_str(lines.next().ok_or("node tells nothing")?)?;
    let time = |key: &str| {
        times
            .get(key)
            .and_then(Value::as_f64)
            .ok_or("node tells no time")
    };
    let (seconds, ready) = (time("seconds")?, time("ready")?);
    let made = lines.map(|line| {
        let value: Value = serde_json::from_str(line)?;
        Ok(Made {
            clean: field(&value, "clean")?.to_owned(),
            report: field(&value, "report")?.to_owned(),
        })
    });
    Ok(Side {
        made: made.collect::<Fallible<_>>()?,
        seconds,
        ready,
    })
}

fn compare(records: &[Record], native: &Side, wasm: &Side) -> usize {
    let pairs = native.made.iter().zip(&wasm.made);
    let differ: Vec<&str> = records
        .iter()
        .zip(pairs)
        .filter(|(_, (a, b))| a != b)
        .map(|(record, _)| record.id.as_str())
        .collect();
    for id in differ.iter().take(NAMED_COUNT_MAX) {
        println!("record {id}: the module gives something else");
    }
    let missing = records.len().abs_diff(wasm.made.len());
    if missing > 0 {
        println!("{missing} records have no answer");
    }
    differ.len() + missing
}

/// The records as one source, on both sides; how many answers differ.
fn rooms(
    name: &str,
    policy: &str,
    records: &[Record],
    mebibytes: f64,
    host: &Host,
) -> Fallible<usize> {
    let native = native_room(records, policy)?;
    let wasm = in_host(records, policy, Some(PIECE_BYTES), host)?;
    let pairs = native.made.iter().zip(&wasm.made);
    let missing = native.made.len().abs_diff(wasm.made.len());
    let differ = pairs.filter(|(a, b)| a != b).count() + missing;
    println!(
        "| {name}, a room | {:.1} | {:.1} | {:.2} | {:.2} s | {differ} |",
        mebibytes / native.seconds,
        mebibytes / wasm.seconds,
        wasm.seconds / native.seconds,
        wasm.ready,
    );
    Ok(differ)
}

fn run() -> Fallible<bool> {
    let (Some(file), Some(module), Some(names), Some(node)) = (
        option("--records"),
        option("--module"),
        option("--names"),
        option("--node"),
    ) else {
        return Err("give --records, --module, --names and --node, as the chore does".into());
    };
    let host = Host {
        node,
        script: option("--host").unwrap_or_else(|| HOST.to_owned()),
        module,
        names,
    };
    let long: Vec<Record> = long().collect();
    let records = records(&file)?;
    let bytes: usize = records.iter().map(|r| r.text.len()).sum();
    let mebibytes = bytes as f64 / f64::from(1 << 20);
    println!("{} records, {mebibytes:.1} MiB\n", records.len());
    println!("| policy | native MiB/s | wasm MiB/s | native is faster by | ready in | differ |");
    println!("|---|---|---|---|---|---|");
    let mut wrong = 0;
    for (name, policy) in POLICIES {
        let native = native(&records, policy)?;
        let wasm = in_host(&records, policy, None, &host)?;
        let differ = compare(&records, &native, &wasm);
        wrong += differ;
        println!(
            "| {name} | {:.1} | {:.1} | {:.2} | {:.2} s | {differ} |",
            mebibytes / native.seconds,
            mebibytes / wasm.seconds,
            wasm.seconds / native.seconds,
            wasm.ready,
        );
        // What is deep or long for a native stack is more so for the module's.
        let native = self::native(&long, policy)?;
        let wasm = in_host(&long, policy, None, &host)?;
        wrong += compare(&long, &native, &wasm);
        wrong += rooms(name, policy, &records, mebibytes, &host)?;
    }
    Ok(wrong == 0 && !records.is_empty())
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            println!("wasm: {error}");
            ExitCode::from(2)
        }
    }
}
