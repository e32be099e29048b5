//! Lines: arbitrary input is read within bounds in every format, no line is lost or given twice by
//! joining, and how a journal's bytes are cut makes no difference.
#![no_main]

use cordon_receive::{
    JoinLimits, Joiner, JournalFormat, JournalIntake, LineIntake, Moment, Piece, SourceContext,
    SourceFormat,
};
use libfuzzer_sys::fuzz_target;

/// A line and its number.
struct Line<'a>(usize, &'a str);

impl Piece for Line<'_> {
    fn text(&self) -> &str {
        self.1
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    match choice % 4 {
        0 => joined(&String::from_utf8_lossy(rest)),
        1 => journal(rest, usize::from(choice / 4) + 1),
        _ => source(rest, choice / 4),
    }
});

/// Every line comes out once, in order within its record.
fn joined(text: &str) {
    let limits = JoinLimits {
        lines_count_max: 7,
        record_bytes_max: 700,
        open_bytes_max: 2_000,
        keys_count_max: 4,
        pending_count_max: 3,
        ..JoinLimits::default()
    };
    let mut joiner = Joiner::new(limits);
    let mut done = Vec::new();
    let mut count = 0;
    for (at, line) in text.lines().enumerate() {
        joiner.push(Line(at, line), at as u64 * 97 % 700, &mut done);
        count += 1;
    }
    joiner.finish(&mut done);
    assert!(joiner.is_empty(), "lines wait after the end");
    let mut seen = vec![false; count];
    for record in &done {
        assert!(
            record.lines.windows(2).all(|two| two[0].0 < two[1].0),
            "lines of a record are not in order"
        );
        for line in &record.lines {
            assert!(
                !std::mem::replace(&mut seen[line.0], true),
                "a line is given twice"
            );
        }
    }
    assert!(seen.iter().all(|seen| *seen), "a line is lost");
}

/// What a journal tells, cut into pieces of that size.
fn told(format: JournalFormat, bytes: &[u8], piece: usize) -> (Vec<Vec<u8>>, Vec<usize>, u64) {
    let mut intake = JournalIntake::new(format);
    for part in bytes.chunks(piece.max(1)) {
        intake.push(part, Moment::default());
    }
    intake.finish(Moment::default());
    let (mut known, mut counts) = (Vec::new(), Vec::new());
    while let Some((identity, events)) = intake.next_ready() {
        known.push(identity.to_vec());
        counts.push(events.count());
    }
    (known, counts, intake.refused())
}

fn journal(bytes: &[u8], piece: usize) {
    for format in [JournalFormat::Export, JournalFormat::Json] {
        let whole = told(format, bytes, bytes.len());
        assert!(
            told(format, bytes, piece) == whole,
            "cutting makes a difference"
        );
    }
}

/// Whatever is read makes at most one record a line.
fn source(bytes: &[u8], choice: u8) {
    let formats = ["auto", "text", "json", "docker", "cri"];
    let format = formats[usize::from(choice) % formats.len()];
    let format = SourceFormat::parse(format).expect("a format");
    let mut intake = LineIntake::new(format, SourceContext::default()).with_raw();
    let mut count = 0;
    for line in bytes.split(|b| *b == b'\n') {
        intake.push(line, (count, count + 1), Moment::default());
        count += 1;
    }
    intake.finish(Moment::default());
    assert!(intake.is_idle(), "lines wait after the end");
    let mut records = 0;
    while intake.next_ready().is_some() {
        records += 1;
    }
    assert!(records <= count, "more records than lines");
}
