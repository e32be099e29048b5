//! Dumps: arbitrary bytes, and symbols beside them, are read or refused within bounds; what was
//! stripped can be read and stripped again.
//!
//! The limit of memory is the engine's own (`-rss_limit_mb`): it counts what the parser allocates.
#![no_main]

use cordon_crash::strip_here;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The end of the input, behind a mark, is a symbol file.
    let (dump, symbols) = match data.windows(MARK.len()).position(|part| part == MARK) {
        Some(at) => (
            &data[..at],
            vec![data[at + MARK.len() - HEAD_BYTES..].to_vec()],
        ),
        None => (data, Vec::new()),
    };
    let Ok(stripped) = strip_here(dump, symbols.clone()) else {
        return;
    };
    let again = strip_here(&stripped, symbols);
    let again = again.expect("what was stripped can be read");
    assert!(again.len() <= stripped.len(), "what was stripped grows");
});

/// What a symbol file begins with, after the zero byte that parts it from the dump.
const MARK: &[u8] = b"\0MODULE ";
/// Bytes of it that are the file's own.
const HEAD_BYTES: usize = 7;
