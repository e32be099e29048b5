//! Processor time of this thread, and the best of interleaved rounds.
//!
//! Everything that is compared runs once a round, one after the other, so that whatever else the
//! machine does falls on all alike; of the rounds the fastest counts. The lines of a round are its
//! own: whoever remembers something has it from others of their kind.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::material::{Form, Share, blocks, sample, size};

/// Rounds; the fastest counts.
const ROUNDS_COUNT: u64 = 7;
/// Passes over a little before anything counts.
const WARMING_COUNT: usize = 3;
/// What one pass should take at most, or a slow one reads a sample only.
const PASS_SECONDS_MAX: f64 = 0.12;
/// Least bytes of a sample.
const SAMPLE_BYTES_MIN: usize = 64 << 10;

/// Processor time that this thread has used.
fn used() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Seconds of processor time that `work` takes.
pub(crate) fn seconds(work: impl FnOnce()) -> f64 {
    let begun = used();
    work();
    used().saturating_sub(begun).as_secs_f64().max(1e-9)
}

/// Something that reads blocks of lines.
pub(crate) trait Reader {
    /// What the table calls it.
    fn name(&self) -> String;

    /// Another source begins.
    fn begin(&mut self) {}

    /// Reads the blocks, which are its own, and gives what is left of each; the passes that leave
    /// nothing give nothing.
    fn read(&mut self, blocks: Vec<String>, out: &mut dyn FnMut(String));
}

/// How fast a reader was.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    /// Bytes of what it read.
    pub(crate) bytes: usize,
    /// Bytes a second, in the best round.
    pub(crate) rate: f64,
    /// Lines that it changed, of how many; none where it gives nothing.
    pub(crate) changed: Option<(usize, usize)>,
}

/// Lets each reader read the same material, round by round.
pub(crate) fn contest(
    readers: &mut [Box<dyn Reader + '_>],
    of: Form,
    share: Share,
) -> Vec<Measured> {
    let all = blocks(of, share, 0);
    let measure = |reader: &mut Box<dyn Reader + '_>| {
        reader.begin();
        let mine = sample(&all, fitting(reader.as_mut(), &all));
        Measured {
            bytes: size(&mine),
            rate: 0.0,
            changed: changed(reader.as_mut(), &mine),
        }
    };
    let mut measured: Vec<Measured> = readers.iter_mut().map(measure).collect();
    for round in 1..=ROUNDS_COUNT {
        let all = blocks(of, share, round);
        for (reader, told) in readers.iter_mut().zip(&mut measured) {
            let mine = sample(&all, told.bytes);
            let rate = size(&mine) as f64 / once(reader.as_mut(), &mine);
            told.rate = told.rate.max(rate);
        }
    }
    measured
}

/// Seconds of one pass. The blocks are copied before: whoever receives them owns them.
fn once(reader: &mut dyn Reader, blocks: &[String]) -> f64 {
    let own = blocks.to_vec();
    seconds(|| reader.read(own, &mut |clean| drop(std::hint::black_box(clean))))
}

/// Bytes that a reader can read in the time of one pass.
fn fitting(reader: &mut dyn Reader, all: &[String]) -> usize {
    let probe = sample(all, SAMPLE_BYTES_MIN);
    // The first passes pay for what is compiled or learnt at the first need.
    let taken = (0..WARMING_COUNT).map(|_| once(reader, &probe)).last();
    let rate = size(&probe) as f64 / taken.unwrap_or(f64::MAX);
    ((rate * PASS_SECONDS_MAX) as usize).clamp(SAMPLE_BYTES_MIN, size(all))
}

/// Lines that a reader changes. It also warms what the reader keeps between passes.
fn changed(reader: &mut dyn Reader, blocks: &[String]) -> Option<(usize, usize)> {
    let mut given: Vec<String> = Vec::new();
    reader.read(blocks.to_vec(), &mut |clean| given.push(clean));
    if given.is_empty() {
        return None;
    }
    let lines = |all: &[String]| -> Vec<String> {
        all.iter()
            .flat_map(|block| block.lines())
            .map(str::to_owned)
            .collect()
    };
    let (raw, clean) = (lines(blocks), lines(&given));
    let differ = raw.iter().zip(&clean).filter(|(raw, clean)| raw != clean);
    Some((differ.count(), raw.len()))
}
