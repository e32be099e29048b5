//! What the tests share: a worker, an examiner over it, and the search for values.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a test says what it needs by failing"
)]

pub(crate) mod synthetic;

use std::path::{Path, PathBuf};

use cordon_crash::{Error, Examined, Examiner, SymbolFeed, SymbolId, worker_limits};
use cordon_redact::{Policy, PseudonymMac, Redactor};
use cordon_sandbox::{Filter, Limits, Mode};

/// A MAC for tests: keyed mixing, not cryptography.
pub(crate) struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let mut h = 0xcbf2_9ce4_8422_2325_u64;
        for b in kind.bytes().chain([0]).chain(canonical.iter().copied()) {
            h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
        std::array::from_fn(|i| (h >> (i % 8 * 8)) as u8)
    }
}

/// The worker that cargo builds as an example, beside the tests.
pub(crate) fn worker() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let build = own.ancestors().nth(2).unwrap();
    let worker = build.join("examples/worker");
    assert!(
        worker.is_file(),
        "first: cargo build -p cordon-crash --example worker (cargo test does)"
    );
    worker
}

/// Walls.
pub(crate) fn filter(mode: Mode) -> Filter {
    Filter::detect(mode, &["/usr/bin", "/bin"].map(PathBuf::from)).unwrap()
}

/// Examines with any program as its worker.
pub(crate) fn examine_with(
    program: PathBuf,
    arguments: &[&str],
    limits: Limits,
    dump: &Path,
    symbols: &[Vec<u8>],
    strip: bool,
) -> Result<Examined, Error> {
    let redactor = Redactor::new(Policy::default()).unwrap();
    let find = |id: &str| -> Result<Option<SymbolFeed>, Error> {
        let found = symbols
            .iter()
            .find(|file| SymbolId::read(file).unwrap().debug_id == id);
        Ok(found.map(|file| -> SymbolFeed {
            (
                file.len() as u64,
                Box::new(std::io::Cursor::new(file.clone())),
            )
        }))
    };
    let examiner = Examiner {
        filter: &filter(Mode::Bubblewrap),
        program,
        arguments,
        limits,
        redactor: &redactor,
        mac: &Mac,
    };
    examiner.examine(dump, &find, strip)
}

/// Examines a dump that is in memory.
pub(crate) fn examine(dump: &[u8], symbols: &[Vec<u8>], strip: bool) -> Result<Examined, Error> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("dump");
    std::fs::write(&path, dump).unwrap();
    examine_with(worker(), &[], worker_limits(), &path, symbols, strip)
}

/// Shortest piece of a value that is looked for.
const PIECE_BYTES: usize = 6;

/// Pieces of the values that are found in the bytes, in UTF-8 or UTF-16.
pub(crate) fn found(bytes: &[u8], values: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for value in values {
        for start in 0..=value.len() - PIECE_BYTES {
            let piece = &value[start..start + PIECE_BYTES];
            let wide: Vec<u8> = piece.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
            if holds(piece.as_bytes()) || holds(&wide) {
                all.push(piece.to_owned());
            }
        }
    }
    all
}
