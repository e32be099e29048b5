//! Tests of the crate as a whole: what is pasted, and what the report says of it.

mod hostile;
mod kinds;
mod pastes;
mod postmortems;
mod windows;

use serde_json::Value as Json;

use crate::{Kind, Room};

/// A room with these sources.
fn room(sources: &[(&str, &str)]) -> Room {
    let mut room = Room::default();
    for (name, text) in sources {
        room.begin(name, None);
        text.lines().for_each(|line| room.push(line));
        room.end();
    }
    room
}

/// The report of these sources.
fn report(sources: &[(&str, &str)]) -> Json {
    room(sources).report(&mut |_| {})
}

/// The kind that a text is told to be.
fn kind(text: &str) -> Kind {
    let room = room(&[("x", text)]);
    room.kind()
}

/// The timeline as `time kind text`.
fn timeline(report: &Json) -> Vec<String> {
    let entries = report["timeline"].as_array().expect("a timeline");
    let text = |entry: &Json, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let shown = entries.iter().map(|entry| {
        let time = [text(entry, "time"), text(entry, "clock")].concat();
        format!("{time} {} {}", text(entry, "kind"), text(entry, "text"))
    });
    shown.collect()
}

/// The texts of a list of notes.
fn noted<'r>(report: &'r Json, list: &str) -> Vec<&'r str> {
    let notes = report["notes"][list].as_array().expect("a list of notes");
    notes
        .iter()
        .filter_map(|note| note["text"].as_str())
        .collect()
}

/// A log of a shop: quiet, then with errors from a minute on.
fn shop_log(minutes: u32, failing_from: u32) -> String {
    let mut out = String::new();
    for minute in 0..minutes {
        for second in (0..60).step_by(4) {
            let n = minute * 60 + second;
            let at = format!("2026-11-23T10:{minute:02}:{second:02}Z");
            out.push_str(&format!(
                "{at} INFO [checkout] order {n} placed in {} ms\n",
                20 + n % 9
            ));
            if minute >= failing_from && second % 8 == 0 {
                out.push_str(&format!(
                    "{at} ERROR [checkout] payment of order {n} failed: connection refused\n"
                ));
            }
        }
        if minute + 1 == failing_from {
            out.push_str(&format!(
                "2026-11-23T10:{minute:02}:58Z INFO [deploy] deployed checkout 2.4.1, was 2.4.0\n"
            ));
        }
    }
    out
}
