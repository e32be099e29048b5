//! `cordon tap`: what a tenant sends, redacted, as it comes.
//!
//! The frames of the journal that a server writes are read beside it, without its lock: what a
//! server on this data directory takes in is here within [`POLL`].
//!
//! *Invariant:* the intent, with the most that may be shown, is in the audit log before the first
//! line; how it ended is there after the last, also when a signal ends it.
//!
//! *Limits:* at most 600 seconds, 100 events a second and 1 MiB, by the command line's definition.

mod shown;

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use cordon_event::{Batch, Entry, Raw};
use cordon_govern::{KDecision, Purpose};
use cordon_journal::{Follower, Journal, SegmentKeys};
use cordon_ledger::{Action, Error, Stream};
use cordon_redact::Clean;

use crate::applier::classify;
use crate::cli::{Cli, TapArgs};
use crate::commands::serve::StopSignal;
use crate::exit::{Ends as _, Exit, Outcome};
use crate::home::Home;
use crate::log;
use crate::release::{Granted, enter, refused};

/// How often the journal is looked at.
const POLL: Duration = Duration::from_millis(100);

/// Runs the command.
pub(crate) fn run(cli: &Cli, args: &TapArgs) -> Outcome {
    let tenant = args.tenant.as_deref();
    let (home, granted) = match enter(cli, tenant, Purpose::Debugging, Action::Tap)? {
        Ok(entered) => entered,
        Err(code) => return Ok(refused(code)),
    };
    let keys: Arc<dyn SegmentKeys> = Arc::clone(&home.vault) as Arc<dyn SegmentKeys>;
    let dir = home.dir.join("journal");
    let follower = Follower::at_end(&dir, keys, granted.scope.tenant().clone());
    let follower = follower.context("read the journal: has a server run here?");
    let follower = follower.or_exit(Exit::Unreachable)?;
    if !Journal::is_held(&dir) {
        log::line("note: no server runs on this data directory; nothing comes until one does");
    }
    let technical = technical(&home, &granted).or_exit(Exit::Usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.context("start runtime")?;
    // Listened for before the intent is written, so that its outcome is written too.
    let stop = runtime.block_on(async { StopSignal::install() });
    let stop = stop.context("listen for signals")?;
    let stream = match granted.open_stream(&home, args.bytes)? {
        Ok(stream) => stream,
        Err(code) => return Ok(refused(code)),
    };
    let mut tap = Tap {
        home: &home,
        granted: &granted,
        follower,
        stream,
        technical,
        args,
        rest: args.rate,
        counts: Counts::default(),
    };
    let (seconds, rate) = (args.seconds, args.rate);
    log::line(&format!(
        "tap of {} for {seconds} s, at most {rate} events a second; Ctrl-C ends it",
        granted.scope.tenant()
    ));
    let ended = runtime.block_on(tap.watch(stop));
    let Tap {
        stream,
        counts,
        follower,
        ..
    } = tap;
    let decision = ended.as_ref().map_or("tap_failed", |ended| ended.code());
    Granted::close_stream(&home, stream, decision)?;
    let ended = ended?;
    log::line(&format!(
        "{}: shown={} over_rate={} few_subjects={} unreadable={}",
        ended.code(),
        counts.shown,
        counts.over_rate,
        counts.few_subjects,
        follower.unopened()
    ));
    Ok(Exit::Done)
}

/// Names of fields that the tenant classified as technical; they are configuration, and so not
/// clean yet.
fn technical(home: &Home, granted: &Granted) -> anyhow::Result<Clean<Vec<String>>> {
    let tenant = granted.scope.tenant();
    let keys = home.vault.tenant(tenant).context("open keys")?;
    let redactor = home.redactor(&keys)?;
    let names = home.technical_fields(tenant)?.into_iter();
    Ok(Clean::join(
        names.map(|name| redactor.text(&keys, Raw::new(name)).clean),
    ))
}

/// Why it ended.
#[derive(Clone, Copy)]
enum Ended {
    Expired,
    Interrupted,
    /// What was reserved is used up.
    Exhausted,
    /// Nobody reads on.
    Closed,
}

impl Ended {
    const fn code(self) -> &'static str {
        match self {
            Self::Expired => "tap_expired",
            Self::Interrupted => "tap_interrupted",
            Self::Exhausted => "tap_exhausted",
            Self::Closed => "tap_closed",
        }
    }
}

#[derive(Default)]
struct Counts {
    shown: u64,
    over_rate: u64,
    few_subjects: u64,
}

struct Tap<'a> {
    home: &'a Home,
    granted: &'a Granted,
    follower: Follower,
    stream: Stream,
    technical: Clean<Vec<String>>,
    args: &'a TapArgs,
    /// Events that may be shown in this second.
    rest: u32,
    counts: Counts,
}

impl Tap<'_> {
    /// Shows what comes until something ends it.
    async fn watch(&mut self, stop: StopSignal) -> anyhow::Result<Ended> {
        let began = Instant::now();
        let mut second = 0;
        let mut stop = std::pin::pin!(stop.wait());
        loop {
            let passed = began.elapsed();
            if passed.as_secs() >= self.args.seconds {
                return Ok(Ended::Expired);
            }
            if passed.as_secs() > second {
                (second, self.rest) = (passed.as_secs(), self.args.rate);
            }
            let came = self.follower.next().context("read the journal")?;
            let idle = if came.is_some() { Duration::ZERO } else { POLL };
            if let Some(batch) = came
                && let Some(ended) = self.show(batch)?
            {
                return Ok(ended);
            }
            let idle = tokio::time::sleep(idle);
            tokio::select! {
                biased;
                () = &mut stop => return Ok(Ended::Interrupted),
                () = idle => {}
            }
        }
    }

    /// Shows the entries of a batch; why that was the last, if it was.
    fn show(&mut self, batch: Clean<Batch>) -> anyhow::Result<Option<Ended>> {
        let entries = batch.map(|batch| -> Vec<Entry> {
            let received_unix_ns = batch.received_unix_ns;
            let entries = batch.entries.into_iter().map(|(_, entry)| entry);
            entries
                .map(|mut entry| {
                    if let Entry::Event(event) = &mut entry
                        && event.time_unix_ns == 0
                    {
                        event.time_unix_ns = received_unix_ns;
                    }
                    entry
                })
                .collect()
        });
        for entry in entries.split() {
            if self.rest == 0 {
                self.counts.over_rate += 1;
                continue;
            }
            if !self.is_usable(&entry)? {
                self.counts.few_subjects += 1;
                continue;
            }
            let parts = entry.pair(self.technical.clone());
            let line = if self.args.json {
                parts.map(|(entry, technical)| shown::json(&entry, &technical))
            } else {
                parts.map(|(entry, technical)| shown::text(&entry, &technical))
            };
            let released = match self.stream.release(line) {
                Ok(released) => released,
                Err(Error::StreamExhausted) => return Ok(Some(Ended::Exhausted)),
                Err(error) => return Err(error).context("release an event"),
            };
            self.rest -= 1;
            self.counts.shown += 1;
            let mut out = std::io::stdout().lock();
            let written = out.write_all(released.get().as_bytes());
            if written.and_then(|()| out.flush()).is_err() {
                return Ok(Some(Ended::Closed));
            }
        }
        Ok(None)
    }

    /// Whether as many subjects stand behind an event's group as the tenant asks for. Where it asks
    /// for none, every event may be shown; where it does, one of a group that is not stored yet
    /// may not.
    fn is_usable(&self, entry: &Clean<Entry>) -> anyhow::Result<bool> {
        let rule = self.home.config.k_rule(self.granted.scope.tenant());
        if rule.own_tenant_k <= 1 {
            return Ok(true);
        }
        let event = entry.project(|entry| match entry {
            Entry::Event(event) => Some(event.clone()),
            Entry::Quarantined(_) => None,
        });
        let Some(event) = event.transpose() else {
            // Of what is held back nothing is told but why.
            return Ok(true);
        };
        let group = classify(&event);
        let row = self
            .home
            .store
            .group(&self.granted.scope, &group.get().group_id);
        let row = row.context("read groups")?;
        Ok(row.is_some_and(|row| rule.decide(row.reach()) == KDecision::Usable))
    }
}
