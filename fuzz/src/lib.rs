//! What the fuzz targets share: a redactor under the default policy, and readings of arbitrary
//! bytes.
//!
//! A target panics where a property does not hold; it says which, and libFuzzer keeps the input.

use std::sync::LazyLock;

use cordon_event::Raw;
use cordon_redact::{LineFormat, NameScope, Policy, PseudonymMac, Redactor, StreamRedactor};

/// A MAC for fuzzing: keyed mixing, not cryptography.
pub struct Mac;

impl PseudonymMac for Mac {
    fn mac(&self, kind: &str, canonical: &[u8]) -> [u8; 32] {
        let mut h = 0xcbf2_9ce4_8422_2325_u64;
        for b in kind.bytes().chain([0]).chain(canonical.iter().copied()) {
            h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
        std::array::from_fn(|i| (h >> (i % 8 * 8)) as u8)
    }
}

/// The default policy, compiled once.
pub static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(Policy::default()).expect("the default policy compiles"));

/// A redactor that copies lines in which nothing is proposed, and one that reads every line. Names
/// are not searched for, so that less of what is copied was looked at.
pub static COPYING_AND_READING: LazyLock<[Redactor; 2]> = LazyLock::new(|| {
    [&[][..], &["tulip-canary-77"]].map(|canaries| {
        let policy = Policy {
            canaries: canaries.iter().map(|c| (*c).to_owned()).collect(),
            names: NameScope::Off,
            ..Policy::default()
        };
        Redactor::new(policy).expect("the policy compiles")
    })
});

/// A first byte that chooses, and the rest as text; what is not UTF-8 is replaced.
pub fn chosen(data: &[u8]) -> Option<(u8, String)> {
    let (first, rest) = data.split_first()?;
    Some((*first, String::from_utf8_lossy(rest).into_owned()))
}

/// A text redacted as one.
pub fn text(raw: &str) -> String {
    REDACTOR
        .text(&Mac, Raw::new(raw.to_owned()))
        .clean
        .into_inner()
}

/// A line of JSON redacted.
pub fn json_line(raw: &str) -> String {
    REDACTOR
        .json_line(&Mac, Raw::new(raw.to_owned()))
        .clean
        .into_inner()
}

/// Lines redacted as one stream, in blocks that end where `ends` says.
pub fn blocks(raw: &str, format: LineFormat, ends: impl Fn(usize) -> bool) -> String {
    blocks_by(&REDACTOR, raw, format, ends)
}

/// As [`blocks`], by that redactor.
pub fn blocks_by(
    redactor: &Redactor,
    raw: &str,
    format: LineFormat,
    ends: impl Fn(usize) -> bool,
) -> String {
    let mut stream = StreamRedactor::new(redactor, format);
    let mut clean = String::new();
    let mut block = String::new();
    for (n, line) in raw.split_inclusive('\n').enumerate() {
        block.push_str(line);
        if ends(n) {
            clean += stream
                .lines(&Mac, Raw::new(std::mem::take(&mut block)))
                .clean
                .get();
        }
    }
    clean + stream.lines(&Mac, Raw::new(block)).clean.get()
}

/// Number of line breaks.
pub fn breaks(text: &str) -> usize {
    text.matches('\n').count()
}
