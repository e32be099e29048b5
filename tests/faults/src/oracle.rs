//! What must be true after the faults.
//!
//! For each tenant, with a *frame* for each batch that the journal acknowledged or that a power cut
//! left whole:
//!
//! - each acknowledged frame is applied, or a turned bit hit it and the journal told of the damage;
//! - received = entries of the frames that were applied, each frame once;
//! - duplicate = entries of frames whose request was applied before;
//! - quarantined = entries of the requests that held a canary;
//! - received = kept + evicted + expired + duplicate + quarantined;
//! - each word of an applied request is in a group that counts one event, and no other word is in
//!   any group; the group of the event that all requests share counts each of them;
//! - each acknowledged frame was handed to the export, or was hit; of each word at least as many
//!   copies were taken as frames with it were handed out, and at most as many as they were handed
//!   out, again after a crash included, and as answers were lost.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Result;
use cordon_event::TenantId;
use cordon_govern::{ExposedClass, Grant, Operator, Purpose, Request as Asked, TenantScope};
use cordon_store::Window;
use memchr::memmem;
use serde_json::Value;

use crate::process::lock;
use crate::receiver::Arrived;
use crate::request::{CANARY, Request, TENANTS, TICK, word_of};
use crate::world::World;

/// Groups that are asked for.
const GROUPS_COUNT_MAX: usize = 10_000;

/// What the table adds up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    /// Events whose senders were told that they are durable.
    pub(crate) acknowledged: u64,
    /// Of these, events in the store, once each.
    pub(crate) stored: u64,
    /// Of these, events in frames that a turned bit hit, which the journal counted, or in a store
    /// that was set aside, which was told.
    pub(crate) damaged: u64,
    /// Of these, events in a store that bits were turned in without SQLite finding it.
    pub(crate) doubtful: u64,
}

impl World {
    /// Looks for raw data, and for clean data without a seal, in every byte of every file.
    pub(crate) fn search(&mut self, dir: &Path) -> Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                self.search(&entry.path())?;
                continue;
            }
            let bytes = fs::read(entry.path())?;
            let raw = [self.requests.stem.as_bytes(), CANARY.as_bytes()];
            let is_raw = raw
                .iter()
                .any(|needle| memmem::find(&bytes, needle).is_some());
            let clean = [b"step re".as_slice(), TICK.as_bytes()];
            let is_clean = clean
                .iter()
                .any(|needle| memmem::find(&bytes, needle).is_some());
            let name = entry.file_name();
            if is_raw {
                self.violation(format!("raw data lies in {}", name.display()));
            }
            if is_clean {
                self.violation(format!("unsealed data lies in {}", name.display()));
            }
        }
        Ok(())
    }

    /// Compares everything; see the head of this file.
    pub(crate) fn judge(&mut self) -> Result<Sums> {
        let mut sums = Sums::default();
        // Of a store whose damage SQLite does not find, what it says is not held against it.
        let tenants = if self.is_store_doubtful {
            &[][..]
        } else {
            &TENANTS
        };
        for tenant in tenants {
            self.judge_accounts(tenant)?;
            self.judge_groups(tenant)?;
        }
        let mut told = Vec::new();
        for request in self.requests.all() {
            self.judge_request(request, &mut sums, &mut told);
        }
        self.violations.extend(told);
        self.judge_export()?;
        self.search(&self.dir())?;
        Ok(sums)
    }

    /// Whether the request is applied.
    fn is_stored(&self, request: &Request) -> bool {
        let frames = self.applied.values();
        let numbers = frames.filter_map(|mac| self.requests.by_mac.get(mac));
        let mut found = numbers.filter_map(|number| self.requests.get(*number));
        found.any(|found| std::ptr::eq(found, request))
    }

    fn judge_request(&self, request: &Request, sums: &mut Sums, told: &mut Vec<String>) {
        if !request.is_acknowledged {
            return;
        }
        let events = request.events_count();
        sums.acknowledged += events;
        let is_stored = self.is_stored(request);
        let handed = lock(&self.handed);
        let mut is_hit = !request.frames.is_empty();
        for frame in &request.frames {
            let frame_hit = self.hit.contains(frame);
            is_hit &= frame_hit;
            if !self.applied.contains_key(frame) && !frame_hit && !self.is_store_doubtful {
                told.push(format!("an acknowledged frame is not applied: {frame:?}"));
            }
            if !handed.frames.contains_key(frame) && !frame_hit {
                told.push(format!(
                    "an acknowledged frame did not reach the export: {frame:?}"
                ));
            }
        }
        if self.is_store_doubtful {
            sums.doubtful += events;
        } else if is_stored {
            sums.stored += events;
        } else if is_hit {
            sums.damaged += events;
        } else {
            told.push("an acknowledged request is neither stored nor damaged".to_owned());
        }
    }

    fn scope(&self, tenant: &str) -> Result<TenantScope> {
        let tenant = TenantId::parse(tenant)?;
        let operator = Operator::parse("local")?;
        let grant = Grant::mint_standing(operator, tenant.clone(), Purpose::Debugging);
        let asked = Asked {
            tenant: &tenant,
            class: ExposedClass::C,
            purpose: Purpose::Debugging,
            now_unix_s: self.now_unix_ns / 1_000_000_000,
        };
        let refused = |reason| anyhow::anyhow!("scope refused: {reason:?}");
        grant.authorise(&asked).map_err(refused)
    }

    /// The conservation equation, and each side of it.
    fn judge_accounts(&mut self, tenant: &str) -> Result<()> {
        let found = self.process()?.store.accounting(&self.scope(tenant)?)?;
        let (mut received, mut duplicate, mut quarantined) = (0, 0, 0);
        let mut seen = std::collections::BTreeSet::new();
        for mac in self.applied.values() {
            let number = self.requests.by_mac.get(mac);
            let request = number.and_then(|number| self.requests.get(*number));
            let Some(request) = request.filter(|request| request.tenant == tenant) else {
                continue;
            };
            let events = request.events_count();
            received += events;
            let is_first = seen.insert(mac);
            duplicate += if is_first { 0 } else { events };
            quarantined += if is_first && request.has_canary {
                events
            } else {
                0
            };
        }
        let held = found
            .quarantined
            .iter()
            .map(|(_, count)| count)
            .sum::<u64>();
        let told = (found.received, found.duplicate, held, found.unclassified);
        let wanted = (received, duplicate, quarantined, 0);
        if told != wanted {
            self.violation(format!(
                "accounts of {tenant} are {told:?} and not {wanted:?}"
            ));
        }
        if !found.is_balanced() {
            self.violation(format!("accounts of {tenant} do not balance: {found:?}"));
        }
        Ok(())
    }

    /// Each word once, each shared event counted, and nothing else.
    fn judge_groups(&mut self, tenant: &'static str) -> Result<()> {
        let all = Window {
            from_unix_ns: 0,
            to_unix_ns: i64::MAX.unsigned_abs(),
        };
        let none = Window {
            from_unix_ns: 0,
            to_unix_ns: 0,
        };
        let store = &self.process()?.store;
        let found = store.groups(&self.scope(tenant)?, all, none, GROUPS_COUNT_MAX)?;
        let unreadable = found.unreadable;
        let counts = found
            .rows
            .into_iter()
            .map(|row| (row.text.get().title.clone(), row.count));
        let counts: BTreeMap<String, u64> = counts.collect();
        let mut wanted = BTreeMap::new();
        for request in self.requests.all() {
            if request.tenant != tenant || request.has_canary || !self.is_stored(request) {
                continue;
            }
            *wanted.entry(TICK.to_owned()).or_insert(0) += 1;
            wanted.extend(
                request
                    .words
                    .iter()
                    .map(|word| (format!("step {word} failed"), 1)),
            );
        }
        if unreadable > 0 {
            self.violation(format!("{unreadable} groups of {tenant} cannot be read"));
        }
        for (title, count) in &wanted {
            match counts.get(title) {
                Some(found) if found == count => {}
                Some(found) => {
                    self.violation(format!(
                        "`{title}` of {tenant}: {found} events and not {count}"
                    ));
                }
                None => self.violation(format!("`{title}` of {tenant} is acknowledged and lost")),
            }
        }
        for title in counts.keys().filter(|title| !wanted.contains_key(*title)) {
            self.violation(format!("`{title}` of {tenant} is stored and was not to be"));
        }
        Ok(())
    }

    /// What the sink has: from the receiver, or out of its files.
    fn arrived(&mut self) -> Result<Arrived> {
        if !self.sends_to_files {
            if self.receiver.leaks_count() > 0 {
                self.violation("raw data arrived at the receiver");
            }
            return Ok(self.receiver.arrived());
        }
        let mut arrived = Vec::new();
        for entry in fs::read_dir(self.sink_folder())? {
            let bytes = fs::read(entry?.path())?;
            if memmem::find(&bytes, self.requests.stem.as_bytes()).is_some() {
                self.violation("raw data lies in the sink's files");
            }
            for line in bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
            {
                match bodies(line) {
                    Some(bodies) => arrived.push((bodies, true)),
                    None => self.violation("a line of the sink's files is not whole"),
                }
            }
        }
        Ok(arrived)
    }

    fn judge_export(&mut self) -> Result<()> {
        let mut taken: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (bodies, is_told) in self.arrived()? {
            for word in bodies.iter().filter_map(|body| word_of(body)) {
                let (told, lost) = taken.entry(word.to_owned()).or_default();
                *(if is_told { told } else { lost }) += 1;
            }
        }
        let mut handed_out: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let mut told = Vec::new();
        {
            let handed = lock(&self.handed);
            told.extend(
                handed
                    .failures
                    .iter()
                    .map(|why| format!("the export failed: {why}")),
            );
            if handed.unopened > 0 {
                told.push("a whole frame did not open for the export".to_owned());
            }
            for (cursor, (mac, times)) in &handed.frames {
                let number = self.requests.by_mac.get(mac);
                let request = number.and_then(|number| self.requests.get(*number));
                let Some(request) = request.filter(|request| !request.has_canary) else {
                    continue;
                };
                for word in &request.words {
                    let (frames, handings) = handed_out.entry(word.clone()).or_default();
                    // One that was hit before the sink took it is not read again.
                    *frames += u64::from(!self.hit.contains(cursor));
                    *handings += times;
                }
            }
        }
        for (word, (frames, handings)) in &handed_out {
            let (told_count, _) = taken.get(word).copied().unwrap_or_default();
            if told_count < *frames || told_count > *handings {
                told.push(format!(
                    "`{word}` was taken {told_count} times; {frames} frames were \
                    handed out {handings} times"
                ));
            }
        }
        let sent = self.requests.words();
        let strange = taken.keys().filter(|word| !sent.contains(word.as_str()));
        told.extend(strange.map(|word| format!("`{word}` was exported and never sent")));
        self.violations.extend(told);
        Ok(())
    }
}

/// Bodies of the log records of a line of OTLP/JSON.
fn bodies(line: &[u8]) -> Option<Vec<String>> {
    let request: Value = serde_json::from_slice(line).ok()?;
    let list = |of: &Value, name: &str| of.get(name).and_then(Value::as_array).cloned();
    let mut bodies = Vec::new();
    for resource in list(&request, "resourceLogs")? {
        for scope in list(&resource, "scopeLogs")? {
            for record in list(&scope, "logRecords")? {
                let body = record.pointer("/body/stringValue").and_then(Value::as_str);
                bodies.extend(body.map(str::to_owned));
            }
        }
    }
    Some(bodies)
}
