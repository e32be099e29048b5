//! What happens in the world of a seed, step by step, and the end of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::draw::Draw;
use crate::fault::{Break, FAULTS, Fault};
use crate::oracle::Sums;
use crate::receiver::Mood;
use crate::request::word_of;
use crate::world::{EXPORT_STEPS_MAX, World};

const STEPS_COUNT: (u64, u64) = (10, 24);
/// Kinds beside the one that is the seed's turn.
const FURTHER_COUNT_MAX: u64 = 3;
/// Senders at once, and what each sends.
const SENDERS_COUNT_MAX: u64 = 3;
const REQUESTS_COUNT_MAX: u64 = 4;
/// Bits that turn in the store: a power of two below 2 to the power of this.
const STORE_FLIPS_BITS_MAX: u64 = 8;
const HOUR_NS: u64 = 3_600 * 1_000_000_000;
/// How often a fresh event is sent again before it counts as refused for good.
const FRESH_TRIES_MAX: u32 = 8;

/// What a seed came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) fired: BTreeMap<Fault, u64>,
    pub(crate) sums: Sums,
    pub(crate) violations: Vec<String>,
}

/// Kinds of faults that a seed draws from; the first is its turn's.
pub(crate) fn kinds_of(seed: u64, draw: &mut Draw) -> Vec<Fault> {
    let mut kinds: Vec<Fault> = FAULTS
        .get((seed % FAULTS.len() as u64) as usize)
        .copied()
        .into_iter()
        .collect();
    for _ in 0..draw.between(1, FURTHER_COUNT_MAX) {
        kinds.extend(
            draw.of(&FAULTS)
                .filter(|kind| !kinds.contains(kind))
                .copied(),
        );
    }
    kinds
}

/// Runs one seed.
pub(crate) fn run(seed: u64, broken: Option<Break>, folder: &Path) -> Outcome {
    let mut outcome = Outcome::default();
    match live(seed, broken, folder) {
        Ok((world, sums)) => {
            outcome.fired = world.fired;
            outcome.violations = world.violations;
            outcome.sums = sums;
        }
        Err(error) => outcome.violations.push(format!("{error:#}")),
    }
    outcome
}

fn live(seed: u64, broken: Option<Break>, folder: &Path) -> Result<(World, Sums)> {
    let mut draw = Draw::new(seed, 3);
    let kinds = kinds_of(seed, &mut draw);
    let sends_to_files = !kinds.contains(&Fault::SinkDown) && draw.one_in(3);
    let mut world = World::new(seed, broken, sends_to_files, folder)?;
    world.leak()?;
    let turn = kinds.first().copied();
    let steps = draw.between(STEPS_COUNT.0, STEPS_COUNT.1);
    for step in 0..steps {
        if step == steps / 2
            && let Some(turn) = turn
        {
            world.strike(turn)?;
        }
        world.step(&kinds)?;
    }
    world.end()?;
    let sums = world.judge()?;
    world.collect();
    Ok((world, sums))
}

impl World {
    /// What a build without the wall would leave.
    fn leak(&mut self) -> Result<()> {
        let text = match self.broken {
            Some(Break::RawLogged) => self.requests.stem.clone(),
            Some(Break::SealDropped) => "step rebaing failed".to_owned(),
            _ => return Ok(()),
        };
        fs::write(self.dir().join("debug.log"), text)?;
        Ok(())
    }

    fn step(&mut self, kinds: &[Fault]) -> Result<()> {
        match self.draw.below(16) {
            0..=4 => self.burst(false, false)?,
            5..=7 => {
                let most = self.draw.between(1, 12) as usize;
                self.apply(most)?;
                if self.draw.one_in(2) {
                    self.trim()?;
                }
            }
            8..=10 => {
                let most = self.draw.between(1, 3) as u32;
                self.export(most)?;
            }
            11 => {
                self.disk.heal();
                self.receiver_is(Mood::Well);
            }
            _ => {
                if let Some(kind) = self.draw.of(kinds).copied() {
                    self.strike(kind)?;
                }
            }
        }
        Ok(())
    }

    /// Several senders at once. With `again`, they send what was sent before too, and one request
    /// from all of them.
    fn burst(&mut self, again: bool, reloads: bool) -> Result<()> {
        let senders = self.draw.between(1, SENDERS_COUNT_MAX);
        let shared = self.requests.draw();
        let mut plan = Vec::new();
        for _ in 0..senders {
            let mut list = Vec::new();
            for _ in 0..self.draw.between(1, REQUESTS_COUNT_MAX) {
                list.push(self.requests.draw());
            }
            if again {
                list.push(shared);
                let sent = self.requests.all().len() as u64;
                list.push(self.draw.below(sent) as usize);
            }
            plan.push(list);
        }
        // A sender that was refused sends again.
        let open = self.requests.open();
        if let (Some(list), Some(open)) = (plan.first_mut(), self.draw.of(&open)) {
            list.push(*open);
        }
        self.send(&plan, reloads)
    }

    /// Does one fault of that kind, with what makes it show.
    fn strike(&mut self, kind: Fault) -> Result<()> {
        match kind {
            Fault::Kill => {
                self.burst(false, false)?;
                self.fire(Fault::Kill);
                self.crash(false)
            }
            Fault::PowerCut => self.power_cut(),
            Fault::TornWrite => {
                let (operations, part) = (self.draw.between(1, 6), self.draw.below(257));
                self.disk.end_in(operations, part);
                self.burst(false, false)?;
                let power = self.draw.one_in(2);
                self.crash(power)
            }
            Fault::BitFlip => {
                self.burst(false, false)?;
                self.flips_due = self.draw.between(1, 3);
                let power = self.draw.one_in(2);
                self.crash(power)
            }
            Fault::StoreFlip => {
                self.apply(32)?;
                self.burst(false, false)?;
                self.store_flips_due = 1 << self.draw.below(STORE_FLIPS_BITS_MAX);
                self.crash(false)
            }
            Fault::DiskFull | Fault::SyncError | Fault::OpenFiles => self.disk_fails(kind),
            Fault::ClockJump => {
                let forth = self.draw.one_in(2);
                let back = self.now_unix_ns - HOUR_NS;
                self.now_unix_ns = if forth {
                    self.now_unix_ns + HOUR_NS
                } else {
                    back
                };
                self.fire(Fault::ClockJump);
                self.burst(true, false)
            }
            Fault::SlowDisk => {
                let mut numbers: Vec<usize> = (0..6).map(|_| self.requests.draw()).collect();
                // Who gives up waiting sends the same again.
                numbers.extend(numbers.clone());
                self.send_to_slow_disk(&numbers)
            }
            Fault::SinkDown => self.sink_down(),
            Fault::Duplicates => {
                self.fire(Fault::Duplicates);
                self.burst(true, false)
            }
            Fault::Reload => self.burst(false, true),
        }
    }

    fn power_cut(&mut self) -> Result<()> {
        self.burst(false, false)?;
        if self.draw.one_in(2) {
            // In the midst of deleting.
            self.apply(32)?;
            self.export(2)?;
            self.trim()?;
        }
        self.fire(Fault::PowerCut);
        self.crash(true)
    }

    /// The disk refuses in one of three ways, while senders send.
    fn disk_fails(&mut self, kind: Fault) -> Result<()> {
        match kind {
            Fault::DiskFull => {
                let helps = self.draw.one_in(2);
                self.disk.fill(helps);
                self.burst(false, false)?;
                self.burst(false, false)?;
                self.heal_or_not()
            }
            Fault::SyncError => {
                self.disk.fail_syncs(1);
                self.burst(false, false)?;
                self.until_ready_or_full()?;
                self.burst(false, false)?;
                if self.draw.one_in(2) {
                    self.crash(true)
                } else {
                    Ok(())
                }
            }
            _ => {
                let count = self.draw.between(1, 3);
                self.disk.fail_creates(count);
                for _ in 0..3 {
                    self.burst(false, false)?;
                    self.until_ready_or_full()?;
                }
                Ok(())
            }
        }
    }

    fn heal_or_not(&mut self) -> Result<()> {
        if self.draw.one_in(2) {
            self.disk.heal();
            self.until_ready()?;
        }
        Ok(())
    }

    /// After an error the journal looks at the disk by itself, which may have been filled before.
    fn until_ready_or_full(&mut self) -> Result<()> {
        if self.disk.is_full() {
            Ok(())
        } else {
            self.until_ready()
        }
    }

    fn sink_down(&mut self) -> Result<()> {
        let moods = [Mood::Away, Mood::Busy, Mood::Mute];
        let mood = self.draw.of(&moods).copied().unwrap_or(Mood::Away);
        let before = self.receiver.refused_count();
        self.receiver_is(mood);
        self.burst(false, false)?;
        let tries = self.draw.between(1, 4) as u32;
        self.export(tries)?;
        for _ in before..self.receiver.refused_count() {
            self.fire(Fault::SinkDown);
        }
        if self.draw.one_in(2) {
            self.receiver_is(Mood::Well);
        }
        if self.draw.one_in(3) {
            self.crash(false)
        } else {
            Ok(())
        }
    }

    /// Everything is well again: what was acknowledged arrives, and so does a fresh event.
    fn end(&mut self) -> Result<()> {
        self.disk.heal();
        self.receiver_is(Mood::Well);
        if self.draw.one_in(2) {
            let power = self.draw.one_in(2);
            self.crash(power)?;
        }
        self.until_ready()?;
        // Half of those that were refused send again.
        let open: Vec<usize> = self.requests.open().into_iter().step_by(2).collect();
        for some in open.chunks(4) {
            self.send(&[some.to_vec()], false)?;
        }
        let fresh = self.requests.fresh();
        for _ in 0..FRESH_TRIES_MAX {
            self.send(&[vec![fresh]], false)?;
            if self
                .requests
                .get(fresh)
                .is_some_and(|request| request.is_acknowledged)
            {
                break;
            }
        }
        while self.apply(32)? > 0 {}
        if self.stuck.is_some() {
            // An operator starts it again, and what is damaged is set aside.
            self.crash(false)?;
            while self.apply(32)? > 0 {}
            if let Some(why) = self.stuck.take() {
                self.violation(format!("a damaged store takes nothing for good: {why}"));
            }
        }
        if !self.export(EXPORT_STEPS_MAX)? {
            self.violation("the export does not come to its end");
        }
        self.flows(fresh);
        if let Some(exporter) = self.process.as_mut().and_then(|p| p.exporter.take()) {
            drop(exporter);
        }
        Ok(())
    }

    /// Whether the fresh event is where events are to be.
    fn flows(&mut self, fresh: usize) {
        let request = self.requests.get(fresh);
        let words = request
            .map(|request| request.words.clone())
            .unwrap_or_default();
        if !request.is_some_and(|request| request.is_acknowledged) {
            self.violation("a fresh event is not taken");
            return;
        }
        if self.sends_to_files {
            // Its words are looked for with all others'.
            return;
        }
        let arrived = self.receiver.arrived();
        let mut bodies = arrived.iter().flat_map(|(bodies, _)| bodies);
        let is_there = |word: &String| bodies.any(|body| word_of(body) == Some(word.as_str()));
        if !words.iter().take(1).all(is_there) {
            self.violation("a fresh event does not reach the sink");
        }
    }
}
