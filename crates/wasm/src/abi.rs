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
//! - `cordon_abi()`: the version of this list, 1.
//! - `cordon_input(bytes)`: a new input buffer of so many zero bytes, in the place of the one
//!   before, which is wiped; its address, or 0 where it would be too large.
//! - `cordon_open(key_bytes)`: takes the input, a key of 32 bytes that the host drew and a policy
//!   as JSON behind it, or nothing for the default one; the engine's number from 1, or an error.
//! - `cordon_redact(engine, format)`: takes the input, as UTF-8; what is not is replaced. 0 or an
//!   error. Formats: 0 one text, 1 one line of JSON, 2 lines, 3 lines of text, 4 lines of JSON
//!   ([`Format`]).
//! - `cordon_output()`, `cordon_output_bytes()`: address and length of the clean text.
//! - `cordon_report()`, `cordon_report_bytes()`: address and length of the report
//!   ([`Answer::report`](crate::Answer)); of a refusal, `{"error": {"code", "message"}}`.
//! - `cordon_close(engine)`: drops an engine and wipes its key; 0 or an error.
//! - `cordon_clear()`: wipes and frees input, output and report.
//!
//! Errors: -1 [`NO_ENGINE`], -2 [`NO_FORMAT`], -3 [`REFUSED`], -4 [`TOO_MANY`].
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

use crate::{Engine, Format};

/// Bytes of one input.
pub const INPUT_BYTES_MAX: usize = 64 << 20;
/// Engines at one time.
pub const ENGINES_COUNT_MAX: usize = 64;
/// There is no engine of that number.
pub const NO_ENGINE: i32 = -1;
/// There is no format of that number.
pub const NO_FORMAT: i32 = -2;
/// The key or the policy is refused; the report says why.
pub const REFUSED: i32 = -3;
/// There are as many engines as there may be.
pub const TOO_MANY: i32 = -4;
/// The version of the list above.
const ABI: u32 = 1;

/// The module's memory between two calls.
#[derive(Default)]
struct State {
    input: Zeroizing<Vec<u8>>,
    output: Zeroizing<String>,
    report: String,
    engines: Vec<Option<Engine>>,
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
        let free = self.engines.iter().position(Option::is_none);
        if free.is_none() && self.engines.len() >= ENGINES_COUNT_MAX {
            return TOO_MANY;
        }
        match Engine::open(&String::from_utf8_lossy(policy), key) {
            Err(error) => {
                let told = json!({"code": error.code(), "message": error.to_string()});
                self.output = Zeroizing::default();
                self.report = json!({"error": told}).to_string();
                REFUSED
            }
            Ok(engine) => {
                let place = free.unwrap_or(self.engines.len());
                self.engines
                    .resize_with(self.engines.len().max(place + 1), || None);
                if let Some(slot) = self.engines.get_mut(place) {
                    *slot = Some(engine);
                }
                place as i32 + 1
            }
        }
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
        let engine = slot.and_then(Option::take);
        if engine.is_some() { 0 } else { NO_ENGINE }
    }
}

/// An engine's place in the list, from its number.
fn place(engine: i32) -> Option<usize> {
    usize::try_from(engine).ok()?.checked_sub(1)
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
        let engines = std::mem::take(&mut state.engines);
        *state = State {
            engines,
            ..State::default()
        };
    });
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

    #[test]
    fn what_is_not_text_is_replaced() {
        let state = &mut State::default();
        let engine = opened(state, "");
        put(state, b"a \xff password=hunter2Zq9");
        assert_eq!(state.redact(engine, 0), 0);
        assert_eq!(&*state.output, "a \u{fffd} password=[removed:key.password]");
    }
}
