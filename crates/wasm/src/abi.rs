//! The module's functions: numbers and addresses in its memory, and nothing imported.
//!
//! A host redacts in these steps, in JavaScript with `m` for the instance's exports:
//!
//! ```js
//! const bytes = new Uint8Array([...key, ...new TextEncoder().encode(policy)]);
//! new Uint8Array(m.memory.buffer, m.cordon_input(bytes.length), bytes.length).set(bytes);
//! const engine = m.cordon_open(key.length);                  // above 0, or an error's number
//! const text = new TextEncoder().encode(log);
//! new Uint8Array(m.memory.buffer, m.cordon_input(text.length), text.length).set(text);
//! const status = m.cordon_redact(engine, 2);                 // 0, or an error's number
//! const clean = new Uint8Array(m.memory.buffer, m.cordon_output(), m.cordon_output_bytes());
//! const report = new Uint8Array(m.memory.buffer, m.cordon_report(), m.cordon_report_bytes());
//! ```
//!
//! - `cordon_abi()`: the version of this list, 2.
//! - `cordon_input(bytes)`: a new input buffer of so many zero bytes, in the place of the one
//!   before, which is wiped; its address, or 0 where it would be too large.
//! - `cordon_open(key_bytes)`: takes the input, a key of 32 bytes that the host drew and a policy
//!   as JSON behind it, or nothing for the default one; the engine's number from 1, or an error.
//! - `cordon_redact(engine, format)`: takes the input, as UTF-8; what is not is replaced. 0 or an
//!   error. Formats: 0 one text, 1 one line of JSON, 2 lines, 3 lines of text, 4 lines of JSON
//!   ([`Format`]).
//! - `cordon_output()`, `cordon_output_bytes()`: address and length of the clean text.
//! - `cordon_report()`, `cordon_report_bytes()`: address and length of the report
//!   ([`Answer::report`](crate::Answer)); of an error that has words, `{"error": {"code",
//!   "message"}}`.
//! - `cordon_close(engine)`: drops an engine and its rooms and wipes its key; 0 or an error.
//! - `cordon_clear()`: wipes and frees input, output and report.
//!
//! Since version 2, of which each function below gives 0 or an error where nothing else is said:
//!
//! - `cordon_names(engine)`: takes the input, the pack of names; from then on the engine searches
//!   for names as its policy says. Not while the engine has a room.
//! - `cordon_room_open(engine)`: the number of a room from 1, or an error;
//!   `cordon_room_close(room)`.
//! - `cordon_room_begin(room)`: begins a source; takes `{"name": "paste 1", "kind": null}`.
//! - `cordon_room_push(room)`: takes bytes of the source, cut anywhere; `cordon_room_end(room)`.
//!   Output is the clean text of the lines that are finished, report is
//!   [`Finished::report`](crate::Finished).
//! - `cordon_room_report(room)`: output is what the sources tell ([`cordon_room`]). No source may
//!   be open for this and `cordon_room_postmortem`.
//! - `cordon_room_compare(room)`: takes `{"a": 0, "b": 1}`, numbers of sources; output is what
//!   differs between them.
//! - `cordon_room_postmortem(room, format)`: takes `{"given": {…}}`; output is a draft in format 0
//!   JSON, 1 Markdown, 2 HTML ([`Document`]).
//! - `cordon_room_notes(room)`: takes JSON, the user's own texts; output is the same, redacted.
//!
//! Errors: -1 [`NO_ENGINE`], -2 [`NO_FORMAT`], -3 [`REFUSED`], -4 [`TOO_MANY`], -5 [`NO_ROOM`],
//! -6 [`OUT_OF_TURN`], -7 [`FULL`].
//!
//! *Invariants:* an input is wiped by whichever call takes it, and can be taken once; the key and
//! the policy's text are wiped with it. Offsets in reports are of bytes of UTF-8, not of
//! JavaScript's UTF-16. Addresses hold until the next call. A module that trapped (`unreachable`)
//! is in no defined state: drop the instance.
//!
//! *Why no pointers are read here:* the host writes into buffers that the module owns, so the
//! module follows no address that it was given, and a wrong number is an error, not a fault.
//! Unsafe is only that a function's name is exported as it is written.
#![expect(
    unsafe_code,
    reason = "an exported name could collide with another; each here begins with cordon_"
)]

use std::cell::RefCell;

use cordon_event::Raw;
use serde_json::json;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{Document, Engine, Error, Finished, Format, Room};

/// Bytes of one input.
pub const INPUT_BYTES_MAX: usize = 64 << 20;
/// Engines at one time.
pub const ENGINES_COUNT_MAX: usize = 64;
/// Rooms at one time.
pub const ROOMS_COUNT_MAX: usize = 16;
/// There is no engine of that number.
pub const NO_ENGINE: i32 = -1;
/// There is no format of that number.
pub const NO_FORMAT: i32 = -2;
/// The key, the policy or the request is refused; the report says why.
pub const REFUSED: i32 = -3;
/// There are as many engines or rooms as there may be.
pub const TOO_MANY: i32 = -4;
/// There is no room of that number.
pub const NO_ROOM: i32 = -5;
/// Something else has to be begun or ended first.
pub const OUT_OF_TURN: i32 = -6;
/// A room or a source holds as much as it may.
pub const FULL: i32 = -7;
/// The version of the list above.
const ABI: u32 = 2;

/// The module's memory between two calls.
#[derive(Default)]
struct State {
    input: Zeroizing<Vec<u8>>,
    output: Zeroizing<String>,
    report: String,
    engines: Vec<Option<Engine>>,
    /// Rooms, each with the number of its engine.
    rooms: Vec<Option<(i32, Room)>>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

impl State {
    fn input(&mut self, bytes: usize) -> *mut u8 {
        self.input = Zeroizing::default();
        let too_large = bytes > INPUT_BYTES_MAX || self.input.try_reserve_exact(bytes).is_err();
        if too_large {
            return std::ptr::null_mut();
        }
        self.input.resize(bytes, 0);
        self.input.as_mut_ptr()
    }

    fn open(&mut self, key_bytes: usize) -> i32 {
        let input = std::mem::take(&mut self.input);
        let (key, policy) = input.split_at_checked(key_bytes).unwrap_or((&[], &[]));
        match Engine::open(&Zeroizing::new(text(policy.to_vec())), key) {
            Err(error) => self.refused(&error),
            Ok(engine) => numbered(&mut self.engines, engine, ENGINES_COUNT_MAX),
        }
    }

    /// Says what is wrong; the error's number.
    fn refused(&mut self, error: &Error) -> i32 {
        let told = json!({"code": error.code(), "message": error.to_string()});
        self.output = Zeroizing::default();
        self.report = json!({"error": told}).to_string();
        match error {
            Error::Turn => OUT_OF_TURN,
            Error::Full(_) => FULL,
            _ => REFUSED,
        }
    }

    /// Hands out what a call gave.
    fn gave(&mut self, given: Result<(String, String), Error>) -> i32 {
        match given {
            Err(error) => self.refused(&error),
            Ok((output, report)) => {
                self.output = Zeroizing::new(output);
                self.report = report;
                0
            }
        }
    }

    /// The input as text, for one of a room's functions.
    fn request(&mut self) -> Zeroizing<String> {
        Zeroizing::new(text(std::mem::take(&mut *self.input)))
    }

    /// Calls one of a room's functions, with the input.
    fn in_room(
        &mut self,
        room: i32,
        call: impl FnOnce(&mut Room, Zeroizing<Vec<u8>>) -> Result<(String, String), Error>,
    ) -> i32 {
        let input = std::mem::take(&mut self.input);
        self.output = Zeroizing::default();
        self.report.clear();
        let slot = place(room).and_then(|n| self.rooms.get_mut(n)?.as_mut());
        let Some((_, room)) = slot else {
            return NO_ROOM;
        };
        let given = call(room, input);
        self.gave(given)
    }

    /// As [`Self::in_room`], where the input is a request.
    fn asked(
        &mut self,
        room: i32,
        call: impl FnOnce(&mut Room, &str) -> Result<String, Error>,
    ) -> i32 {
        let request = self.request();
        self.in_room(room, |room, _| Ok((call(room, &request)?, String::new())))
    }

    fn names(&mut self, engine: i32) -> i32 {
        let pack = std::mem::take(&mut *self.input);
        self.output = Zeroizing::default();
        self.report.clear();
        let slot = place(engine).and_then(|n| self.engines.get_mut(n)?.as_mut());
        let Some(engine) = slot else {
            return NO_ENGINE;
        };
        let loaded = engine.load_names(pack);
        self.gave(loaded.map(|()| Default::default()))
    }

    fn open_room(&mut self, engine: i32) -> i32 {
        let opened = place(engine).and_then(|n| self.engines.get(n)?.as_ref());
        let Some(opened) = opened else {
            return NO_ENGINE;
        };
        let room = (engine, opened.room());
        numbered(&mut self.rooms, room, ROOMS_COUNT_MAX)
    }

    fn close_room(&mut self, room: i32) -> i32 {
        let slot = place(room).and_then(|n| self.rooms.get_mut(n));
        let room = slot.and_then(Option::take);
        if room.is_some() { 0 } else { NO_ROOM }
    }

    fn redact(&mut self, engine: i32, format: u32) -> i32 {
        let raw = Raw::new(text(std::mem::take(&mut *self.input)));
        self.output = Zeroizing::default();
        self.report.clear();
        let Some(format) = Format::of(format) else {
            return NO_FORMAT;
        };
        let Some(engine) = place(engine).and_then(|n| self.engines.get(n)?.as_ref()) else {
            return NO_ENGINE;
        };
        let answer = engine.redact(format, raw);
        self.output = Zeroizing::new(answer.clean.into_inner());
        self.report = answer.report;
        0
    }

    fn close(&mut self, engine: i32) -> i32 {
        let slot = place(engine).and_then(|n| self.engines.get_mut(n));
        if slot.and_then(Option::take).is_none() {
            return NO_ENGINE;
        }
        for slot in &mut self.rooms {
            slot.take_if(|(of, _)| *of == engine);
        }
        0
    }
}

/// Puts one more into the first free slot of at most so many; its number.
fn numbered<T>(slots: &mut Vec<Option<T>>, one: T, count_max: usize) -> i32 {
    let free = slots.iter().position(Option::is_none);
    let free = free.unwrap_or(slots.len());
    if free >= count_max {
        return TOO_MANY;
    }
    slots.resize_with(slots.len().max(free + 1), || None);
    if let Some(slot) = slots.get_mut(free) {
        *slot = Some(one);
    }
    free as i32 + 1
}

fn finished(finished: Finished) -> (String, String) {
    (finished.clean, finished.report)
}

/// The place of an engine or a room in its list, from its number.
fn place(number: i32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

/// Bytes as text, in the same memory where they are UTF-8; else they are wiped.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let mut bytes = error.into_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        bytes.zeroize();
        text
    })
}

/// The version of the module's functions.
// SAFETY: of all exported functions here: the name is this crate's own.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_abi() -> u32 {
    ABI
}

/// A new input buffer; its address, or null where it would be larger than [`INPUT_BYTES_MAX`].
#[unsafe(no_mangle)]
pub extern "C" fn cordon_input(bytes: usize) -> *mut u8 {
    STATE.with_borrow_mut(|state| state.input(bytes))
}

/// Makes an engine of the input: a key of so many bytes, and a policy behind it.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_open(key_bytes: usize) -> i32 {
    STATE.with_borrow_mut(|state| state.open(key_bytes))
}

/// Redacts the input.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_redact(engine: i32, format: u32) -> i32 {
    STATE.with_borrow_mut(|state| state.redact(engine, format))
}

/// Address of the clean text.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_output() -> *const u8 {
    STATE.with_borrow(|state| state.output.as_ptr())
}

/// Length of the clean text in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_output_bytes() -> usize {
    STATE.with_borrow(|state| state.output.len())
}

/// Address of the report.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_report() -> *const u8 {
    STATE.with_borrow(|state| state.report.as_ptr())
}

/// Length of the report in bytes.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_report_bytes() -> usize {
    STATE.with_borrow(|state| state.report.len())
}

/// Drops an engine.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_close(engine: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.close(engine))
}

/// Wipes and frees input, output and report.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_clear() {
    STATE.with_borrow_mut(|state| {
        (state.input, state.output) = Default::default();
        state.report = String::new();
    });
}

/// Takes the pack of names.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_names(engine: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.names(engine))
}

/// Opens a room.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_open(engine: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.open_room(engine))
}

/// Drops a room.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_close(room: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.close_room(room))
}

/// Begins a source.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_begin(room: i32) -> i32 {
    STATE.with_borrow_mut(|state| {
        state.asked(room, |room, request| {
            room.begin(request).map(|()| String::new())
        })
    })
}

/// Takes bytes of the source.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_push(room: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.in_room(room, |room, piece| room.push(piece).map(finished)))
}

/// Ends the source.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_end(room: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.in_room(room, |room, _| room.end().map(finished)))
}

/// What the sources tell.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_report(room: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.asked(room, |room, _| room.report()))
}

/// What differs between two sources.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_compare(room: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.asked(room, |room, request| room.compare(request)))
}

/// A draft of a postmortem.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_postmortem(room: i32, format: u32) -> i32 {
    STATE.with_borrow_mut(|state| {
        let Some(format) = Document::of(format) else {
            state.input = Zeroizing::default();
            return NO_FORMAT;
        };
        state.asked(room, |room, request| room.postmortem(request, format))
    })
}

/// The user's own texts, redacted.
#[unsafe(no_mangle)]
pub extern "C" fn cordon_room_notes(room: i32) -> i32 {
    STATE.with_borrow_mut(|state| state.asked(room, |room, request| room.notes(request)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KEY_BYTES;

    /// Writes an input as a host does, but for the address.
    fn put(state: &mut State, bytes: &[u8]) {
        assert!(!state.input(bytes.len()).is_null());
        state.input.copy_from_slice(bytes);
    }

    fn opened(state: &mut State, policy: &str) -> i32 {
        put(state, &[&[7; KEY_BYTES], policy.as_bytes()].concat());
        state.open(KEY_BYTES)
    }

    fn redacted(state: &mut State, engine: i32, format: u32, text: &str) -> (String, String) {
        put(state, text.as_bytes());
        assert_eq!(state.redact(engine, format), 0);
        assert!(state.input.is_empty());
        (state.output.to_string(), state.report.clone())
    }

    #[test]
    fn a_text_goes_in_and_a_clean_one_comes_out() {
        let state = &mut State::default();
        let engine = opened(state, "");
        assert_eq!(engine, 1);
        let text = "user ann@example.org password=hunter2Zq9\nok\n";
        for format in [0, 2, 3] {
            let (clean, report) = redacted(state, engine, format, text);
            assert!(
                clean.starts_with("user email_") && clean.ends_with("\nok\n"),
                "{clean}"
            );
            assert!(!clean.contains("hunter2Zq9") && !report.contains("hunter2Zq9"));
            assert!(!report.contains("ann@"), "{report}");
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            let findings = report["findings"].as_array().unwrap();
            assert_eq!(findings.len(), 2, "{report}");
            assert_eq!(
                (&findings[0]["offset"], &findings[0]["length"]),
                (&5.into(), &15.into())
            );
        }
        for format in [1, 4] {
            let (clean, _) = redacted(state, engine, format, "{\"password\": \"hunter2Zq9\"}");
            assert_eq!(clean, "{\"password\": \"[removed:key.password]\"}");
        }
    }

    #[test]
    fn pseudonyms_are_the_keys_and_policies_hold() {
        let state = &mut State::default();
        let first = opened(state, "");
        let masks = opened(state, "{\"actions\": {\"class_b\": \"mask\"}}");
        put(state, &[8; KEY_BYTES]);
        let other = state.open(KEY_BYTES);
        let text = "mail ann@example.org";
        let (one, _) = redacted(state, first, 0, text);
        assert_eq!(redacted(state, first, 0, text).0, one);
        assert_ne!(redacted(state, other, 0, text).0, one);
        assert_eq!(redacted(state, masks, 0, text).0, "mail xxx@xxxxxxx.xxx");
    }

    #[test]
    fn what_is_wrong_is_a_number() {
        let state = &mut State::default();
        assert_eq!(opened(state, "{\"ip\": 1}"), REFUSED);
        assert!(state.report.contains("\"policy_key\""), "{}", state.report);
        put(state, b"short");
        assert_eq!(state.open(5), REFUSED);
        assert!(state.report.contains("\"key\""), "{}", state.report);
        assert_eq!(state.open(KEY_BYTES), REFUSED);
        let engine = opened(state, "");
        for (engine, format, want) in [(0, 0, NO_ENGINE), (9, 0, NO_ENGINE), (engine, 5, NO_FORMAT)]
        {
            put(state, b"password=hunter2Zq9");
            assert_eq!(state.redact(engine, format), want);
            assert!(state.input.is_empty() && state.output.is_empty());
        }
        assert!(state.input(INPUT_BYTES_MAX + 1).is_null());
        assert_eq!((state.close(engine), state.close(engine)), (0, NO_ENGINE));
        assert_eq!(opened(state, ""), engine);
    }

    /// A source pushed in pieces of so many bytes: clean text, findings, lines.
    fn pushed(state: &mut State, room: i32, text: &[u8], cut: usize) -> (String, Vec<String>, u64) {
        let (mut clean, mut findings, mut lines) = (String::new(), Vec::new(), 0);
        let mut take = |state: &State| {
            clean.push_str(&state.output);
            let report: serde_json::Value = serde_json::from_str(&state.report).unwrap();
            let found = report["findings"].as_array().unwrap();
            findings.extend(found.iter().map(ToString::to_string));
            lines = report["lines"].as_u64().unwrap();
        };
        put(state, b"{\"name\": \"paste\"}");
        assert_eq!(state.asked(room, begin), 0);
        for piece in text.chunks(cut.max(1)) {
            put(state, piece);
            assert_eq!(state.in_room(room, push), 0);
            assert!(state.input.is_empty());
            take(state);
        }
        assert_eq!(state.in_room(room, end), 0);
        take(state);
        (clean, findings, lines)
    }

    fn begin(room: &mut Room, request: &str) -> Result<String, Error> {
        room.begin(request).map(|()| String::new())
    }

    fn push(room: &mut Room, piece: Zeroizing<Vec<u8>>) -> Result<(String, String), Error> {
        room.push(piece).map(finished)
    }

    fn end(room: &mut Room, _: Zeroizing<Vec<u8>>) -> Result<(String, String), Error> {
        room.end().map(finished)
    }

    /// A text that has what goes on beyond a line, and what is more than a byte.
    fn mixed() -> String {
        let key = "MIIEpAIBAAKCAQEA".repeat(4);
        let token = format!("ghp_{}", "a1B2c3D4e5F6".repeat(3));
        let (head, tail) = token.split_at(20);
        format!(
            "user ann@example.org päss=x password=hunter2Zq9\r\n\
             {{\"password\": \"hunter2Zq9\", \"mail\": \"to \\u00e9 bo@example.org\"}}\n\n\
             -----BEGIN RSA PRIVATE KEY-----\n{key}\n{key}\n-----END RSA PRIVATE KEY-----\n\
             token {head}\n{tail}\n2026-01-02 ok 😀\n\"{token}\"\nlast 10.1.2.3 line"
        )
    }

    #[test]
    fn a_source_comes_out_as_its_text_does() {
        let state = &mut State::default();
        let engine = opened(state, "");
        let text = mixed();
        let (whole, _) = redacted(state, engine, 2, &text);
        let room = state.open_room(engine);
        assert_eq!(room, 1);
        let (clean, findings, lines) = pushed(state, room, text.as_bytes(), text.len());
        assert_eq!(clean, whole);
        assert_eq!(lines, text.lines().count() as u64);
        // What is said of each place is what stands there, in both lines.
        let (raw, shown): (Vec<&str>, Vec<&str>) =
            (text.lines().collect(), clean.lines().collect());
        for finding in &findings {
            let found: serde_json::Value = serde_json::from_str(finding).unwrap();
            let number = |key: &str| found[key].as_u64().unwrap() as usize;
            let of = |lines: &[&str], at: usize, length: usize| {
                let line = lines[number("line")];
                line.get(at..at + length).unwrap().to_owned()
            };
            let value = of(&raw, number("offset"), number("length"));
            let now = of(&shown, number("text_offset"), number("text_length"));
            assert!(!value.is_empty() && !clean.contains(&value), "{finding}");
            let ours = now.starts_with("[removed:") || now.contains('_');
            assert!(ours && !now.contains(' '), "{finding}: {now}");
        }
        assert!(findings.len() >= 8, "{findings:?}");
    }

    #[test]
    fn hosts_that_call_out_of_turn_get_numbers() {
        let state = &mut State::default();
        let engine = opened(state, "");
        assert_eq!(
            (state.open_room(0), state.open_room(2)),
            (NO_ENGINE, NO_ENGINE)
        );
        let room = state.open_room(engine);
        for wrong in [0, -1, i32::MIN, i32::MAX, room + 1] {
            put(state, b"password=hunter2Zq9");
            assert_eq!(state.in_room(wrong, push), NO_ROOM);
            assert!(state.input.is_empty() && state.output.is_empty());
            assert_eq!(state.close_room(wrong), NO_ROOM);
        }
        for (request, want) in [
            ("", REFUSED),
            ("[]", REFUSED),
            ("{}", REFUSED),
            ("{\"name\": \"a\", \"kind\": 1}", REFUSED),
            ("{\"name\": \"a\", \"kind\": \"other\"}", REFUSED),
        ] {
            put(state, request.as_bytes());
            assert_eq!(state.asked(room, begin), want, "{request}");
            assert!(state.report.contains("\"request\""), "{}", state.report);
        }
        put(state, b"password=hunter2Zq9");
        assert_eq!(state.in_room(room, push), OUT_OF_TURN);
        assert_eq!(state.in_room(room, end), OUT_OF_TURN);
        put(state, b"{\"name\": \"a\"}");
        assert_eq!(state.asked(room, begin), 0);
        put(state, b"{\"name\": \"a\"}");
        assert_eq!(state.asked(room, begin), OUT_OF_TURN);
        assert!(!state.report.contains("hunter2"));
        assert_eq!(
            (state.close_room(room), state.close_room(room)),
            (0, NO_ROOM)
        );
    }

    #[test]
    fn rooms_and_sources_are_counted() {
        let state = &mut State::default();
        let engine = opened(state, "");
        let rooms: Vec<i32> = (0..=ROOMS_COUNT_MAX)
            .map(|_| state.open_room(engine))
            .collect();
        assert_eq!(rooms.last(), Some(&TOO_MANY));
        let room = rooms[0];
        for n in 0..=crate::SOURCES_COUNT_MAX {
            put(state, b"{\"name\": \"a\"}");
            let begun = state.asked(room, begin);
            let full = n == crate::SOURCES_COUNT_MAX;
            assert_eq!(begun, if full { FULL } else { 0 });
            if !full {
                assert_eq!(state.in_room(room, end), 0);
            }
        }
        // Rooms go with their engine.
        assert_eq!(state.close(engine), 0);
        assert_eq!(state.close_room(room), NO_ROOM);
    }

    #[test]
    fn what_was_selected_goes_wherever_it_stands() {
        let state = &mut State::default();
        let policy = "{\"terms\": [\"blue heron\", \"M\\\\u00fcll\", \"4711\"], \
                      \"actions\": {\"class_b\": \"keep\"}}";
        let engine = opened(state, policy);
        let room = state.open_room(engine);
        let text =
            "the xBlue Heronx flew\n{\"a\": \"Blue\\u0020heron M\\u00fcller\", \"n\": 4711}\n";
        let (clean, findings, _) = pushed(state, room, text.as_bytes(), 7);
        assert_eq!(findings.len(), 4, "{findings:?}\n{clean}");
        assert!(
            findings
                .iter()
                .all(|f| f.contains("\"page.term\"") && f.contains("\"B\""))
        );
        for gone in ["lue", "eron", "4711", "\u{fc}ll", "u00fcll"] {
            assert!(!clean.contains(gone), "{gone}: {clean}");
        }
        assert!(
            clean.starts_with("the xterm_") && clean.contains(" flew\n"),
            "{clean}"
        );
    }

    #[test]
    fn notes_are_redacted_in_their_form() {
        let state = &mut State::default();
        let engine = opened(state, "");
        let room = state.open_room(engine);
        put(
            state,
            b"{\"what\": [\"mail ann@example.org\", 1], \"password=hunter2Zq9\": null}",
        );
        assert_eq!(state.asked(room, |room, request| room.notes(request)), 0);
        let notes: serde_json::Value = serde_json::from_str(&state.output).unwrap();
        let what = notes["what"][0].as_str().unwrap();
        assert!(what.starts_with("mail email_"), "{what}");
        assert!(!state.output.contains("hunter2Zq9"), "{}", *state.output);
        put(state, b"{");
        assert_eq!(
            state.asked(room, |room, request| room.notes(request)),
            REFUSED
        );
    }

    #[test]
    fn what_is_no_pack_of_names_is_refused() {
        let state = &mut State::default();
        let engine = opened(state, "");
        put(state, b"CNAMES01");
        assert_eq!(state.names(engine), REFUSED);
        assert!(state.report.contains("\"names_pack\""), "{}", state.report);
        put(state, b"CNAMES01");
        assert_eq!(state.names(engine + 1), NO_ENGINE);
        let room = state.open_room(engine);
        let pack = include_bytes!("../../detect/data/names.bin");
        put(state, pack);
        assert_eq!(state.names(engine), OUT_OF_TURN);
        assert_eq!(state.close_room(room), 0);
        put(state, pack);
        assert_eq!(state.names(engine), 0, "{}", state.report);
        let (clean, _) = redacted(state, engine, 4, "{\"message\": \"told Anna Schmidt so\"}");
        assert!(clean.contains("person_"), "{clean}");
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

        #[test]
        fn cuts_make_no_difference(cut in 1_usize..90, hole in 0_usize..400) {
            let state = &mut State::default();
            let engine = opened(state, "");
            let room = state.open_room(engine);
            let mut text = mixed().into_bytes();
            if let Some(b) = text.get_mut(hole) {
                *b = b'\n';
            }
            let whole = pushed(state, room, &text, text.len());
            let parts = pushed(state, room, &text, cut);
            proptest::prop_assert_eq!(whole, parts);
        }
    }

    #[test]
    fn what_is_not_text_is_replaced() {
        let state = &mut State::default();
        let engine = opened(state, "");
        put(state, b"a \xff password=hunter2Zq9");
        assert_eq!(state.redact(engine, 0), 0);
        assert_eq!(&*state.output, "a \u{fffd} password=[removed:key.password]");
    }
}
