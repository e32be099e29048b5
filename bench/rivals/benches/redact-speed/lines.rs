//! Long lines: of what logs hold, and of one unit alone, which any rescan would make quadratic.

use cordon_redact::{LineFormat, Redactor};

use crate::clock::{Reader, seconds};
use crate::material::{Share, long_message, long_records, long_text};
use crate::ours::Engine;

/// Bytes of the long lines: the one that stalled a log agent for seconds, and as much as one value
/// may have.
const LONG_BYTES: [usize; 2] = [131_072, 1 << 20];
/// Rounds; the fastest counts.
const ROUNDS_COUNT: usize = 9;
/// Of how many of the lines that a long one is made of one holds something.
const SHARES: [Share; 2] = [0, 100];

/// Units of the lines that are of one unit alone.
const UNITS: [&str; 19] = [
    "a",
    "1",
    "a@",
    "k=v ",
    "a.",
    "a: ",
    "\"k\":",
    "%41",
    "://",
    "eyJ",
    "(",
    "[",
    "\"",
    "\\",
    "-----BEGIN ",
    "password=",
    "Bearer ",
    "1 ",
    "é",
];

/// Milliseconds of processor time for one line, the best of some rounds, and whether anything of
/// it was changed.
fn told(redactor: &Redactor, format: LineFormat, line: &str) -> (f64, bool) {
    let mut engine = Engine::new(redactor, format, "").anew();
    let (mut best, mut changed) = (f64::MAX, false);
    for _ in 0..ROUNDS_COUNT {
        let own = vec![line.to_owned()];
        let mut clean = String::new();
        best = best.min(seconds(|| engine.read(own, &mut |given| clean = given)));
        changed = clean != line;
    }
    (best * 1e3, changed)
}

/// One line of log text, and of JSON.
pub(crate) fn long(redactor: &Redactor) {
    println!("\n### One long line of log text\n");
    println!("| line | one part in … holds something | 131 kB, ms | 1 MiB, ms |");
    println!("|---|---|---|---|");
    for (name, of, format) in [
        (
            "log lines, parted by blanks",
            long_text as fn(usize, Share) -> String,
            LineFormat::Text,
        ),
        ("JSON, one message", long_message, LineFormat::Json),
        ("JSON, many records", long_records, LineFormat::Json),
    ] {
        for share in SHARES {
            let times = LONG_BYTES.map(|bytes| {
                let (ms, changed) = told(redactor, format, &of(bytes, share));
                assert_eq!(changed, share > 0, "{name}: what it holds is replaced");
                format!("{ms:.2}")
            });
            println!("| {name} | {share} | {} |", times.join(" | "));
        }
    }
}

/// Lines of one unit, against those of half the length.
pub(crate) fn units(redactor: &Redactor) {
    println!("\n### One line of 1 MiB of one unit\n");
    println!("| unit | ms | times one of half |");
    println!("|---|---|---|");
    let [_, bytes] = LONG_BYTES;
    for unit in UNITS {
        let [whole, half] = [bytes, bytes / 2].map(|bytes| {
            let line = unit.repeat(bytes / unit.len());
            told(redactor, LineFormat::Text, &line).0
        });
        println!(
            "| `{}` | {whole:.1} | {:.1} |",
            unit.escape_default(),
            whole / half
        );
    }
}
