//! Metrics that moved: processor, memory, disk, network, threads, pools, restarts, latency, errors.
//!
//! A metric is known by the words of its name, whatever names it. What grows with traffic is
//! compared for each request. A value counts only where it matters beside the same metric of the
//! other services: ten times next to nothing is next to nothing.

use std::collections::{BTreeMap, HashMap};

use super::case::{Case, Point, Records};
use super::evidence::{Check, EACH_COUNT_MAX, Evidence, Numbers, Subject, Unit};
use super::measure::{self, Shift, ramp};
use super::names::Name;

/// Share of the largest value of any service below which a value does not matter.
const MATTERS_SHARE: f64 = 0.1;
/// Points of either window below which the middle of the one must lie above all of the other.
const FEW_COUNT: usize = 20;
/// Fewest services from which one may tell what all have in common.
const SERVICES_COUNT_MIN: usize = 4;
/// Deviations from which on a metric moved.
const Z_MIN: f64 = 3.0;

/// What a metric tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Processor,
    Memory,
    Disk,
    Network,
    Restart,
    /// Threads, connections, queues, pools: what is held or waited for.
    Held,
    Latency,
    Error,
    /// Share of requests that end well: bad where it falls.
    Success,
    /// Requests: told by traffic.
    Traffic,
    Other,
}

impl Kind {
    /// Of a metric of that name.
    fn of(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        if has(&["restart"]) {
            Self::Restart
        } else if has(&["success"]) {
            Self::Success
        } else if has(&["error", "fail", "exception", "5xx", "dropped", "retries"]) {
            Self::Error
        } else if has(&["cpu", "load_average", "loadavg", "throttl"]) {
            Self::Processor
        } else if has(&[
            "latency",
            "duration",
            "response_time",
            "rtt",
            "wait",
            "delay",
            "lag",
        ]) {
            Self::Latency
        } else if has(&["gc.count", "gc_count", "collections"]) {
            Self::Other
        } else if has(&["mem", "heap", "rss", "gc", "garbage", "swap", "oom"]) {
            Self::Memory
        } else if has(&[
            "disk",
            "filesystem",
            "fs_",
            "fs.",
            "_io",
            ".io.",
            "iops",
            "volume",
        ]) {
            Self::Disk
        } else if has(&[
            "queue",
            "pool",
            "thread",
            "goroutine",
            "connection",
            "socket",
            "backlog",
        ]) || has(&[
            "usage.connections",
            "pending",
            "open_fd",
            "file_descriptor",
            "in_use",
        ]) {
            Self::Held
        } else if has(&["network", "net_", "receive", "transmit", "packet", "tcp"]) {
            Self::Network
        } else if has(&[
            "request", "workload", "qps", "rps", "ops", "calls", "hits", "count",
        ]) {
            Self::Traffic
        } else {
            Self::Other
        }
    }

    /// How much a change of it says of the service's own state, and not of its callees'.
    const fn weight(self) -> f64 {
        match self {
            Self::Processor | Self::Memory | Self::Disk | Self::Restart => 1.0,
            Self::Held => 0.6,
            Self::Network => 0.4,
            Self::Latency | Self::Error | Self::Success => 0.5,
            Self::Traffic => 0.0,
            Self::Other => 0.25,
        }
    }

    /// Whether more requests alone make it more.
    const fn follows_traffic(self) -> bool {
        matches!(
            self,
            Self::Processor | Self::Network | Self::Disk | Self::Held | Self::Error | Self::Other
        )
    }

    /// The ratio that is surely too much.
    const fn much(self) -> f64 {
        match self {
            Self::Memory => 1.6,
            Self::Success => 1.2,
            _ => 2.5,
        }
    }
}

/// A metric of a service that moved.
pub(crate) struct Moved {
    pub(crate) service: Name,
    pub(crate) metric: Name,
    pub(crate) kind: Kind,
    pub(crate) shift: Shift,
    pub(crate) strength: f64,
}

/// What the check found.
#[derive(Default)]
pub(crate) struct Resources {
    pub(crate) moved: Vec<Moved>,
    pub(crate) by_service: BTreeMap<Name, f64>,
}

/// Values by service and metric, those of each of its series in the order of time.
type Series = BTreeMap<(Name, Name), Vec<Vec<f64>>>;

/// All values of a metric of a service.
fn pooled(series: &[Vec<f64>]) -> Vec<f64> {
    series.iter().flatten().copied().collect()
}

/// What each point says: a gauge its value, a counter its growth in a second, a histogram the mean
/// of what was observed since the point before.
fn values(case: &Case, records: &Records) -> Series {
    let mut lines: BTreeMap<(Name, Name, Name), Vec<&Point>> = BTreeMap::new();
    for point in &records.points {
        let key = (point.service, point.metric, point.series);
        lines.entry(key).or_default().push(point);
    }
    let mut series = Series::new();
    for ((service, metric, _), mut points) in lines {
        points.sort_by_key(|point| point.time_ns);
        let restarts = Kind::of(case.text(metric)) == Kind::Restart;
        let mut into = Vec::new();
        if points.first().is_some_and(|point| point.cumulative) && !restarts {
            into.extend(points.windows(2).filter_map(growth));
        } else {
            into.extend(points.iter().filter_map(|point| match point.count {
                Some(count) if count > 0.0 => Some(point.value / count),
                Some(_) => None,
                None => Some(point.value),
            }));
        }
        series.entry((service, metric)).or_default().push(into);
    }
    series
}

fn growth(pair: &[&Point]) -> Option<f64> {
    let [before, now] = pair else { return None };
    let grown = now.value - before.value;
    // Set back: the process began anew.
    if grown < 0.0 {
        return None;
    }
    if let (Some(earlier), Some(later)) = (before.count, now.count) {
        return (later > earlier).then(|| grown / (later - earlier));
    }
    let seconds = now.time_ns.saturating_sub(before.time_ns) as f64 / 1e9;
    (seconds > 0.0).then(|| grown / seconds)
}

/// Compares the two windows. `traffic` tells how many times as many requests a service has now.
pub(crate) fn compare(case: &Case, traffic: &HashMap<Name, f64>) -> Resources {
    let earlier = values(case, &case.baseline);
    let later = values(case, &case.incident);
    let mut largest: BTreeMap<Name, f64> = BTreeMap::new();
    for ((_, metric), now) in &later {
        let mean = measure::mean(&pooled(now)).abs();
        let known = largest.entry(*metric).or_default();
        *known = known.max(mean);
    }
    let everywhere = everywhere(&earlier, &later);
    let mut found = Resources::default();
    for ((service, metric), now) in later {
        let kind = Kind::of(case.text(metric));
        let Some(before) = earlier.get(&(service, metric)) else {
            continue;
        };
        let busier = if kind.follows_traffic() {
            traffic.get(&service).copied().unwrap_or(1.0)
        } else {
            1.0
        };
        let grown = busier
            .max(everywhere.get(&metric).copied().unwrap_or(1.0))
            .max(1.0);
        let most = largest.get(&metric).copied().unwrap_or_default();
        let seen = Seen {
            service,
            metric,
            kind,
            grown,
            most,
        };
        if let Some(moved) = seen.strongest(&pooled(before), &now) {
            let known = found.by_service.entry(service).or_default();
            *known = known.max(moved.strength);
            found.moved.push(moved);
        }
    }
    found
}

/// How many times as high each metric is in the middle of all services: more load on the machines
/// is on all alike, and tells nothing of one.
fn everywhere(earlier: &Series, later: &Series) -> BTreeMap<Name, f64> {
    let mut ratios: BTreeMap<Name, Vec<f64>> = BTreeMap::new();
    for (key, now) in later {
        if let Some(before) = earlier.get(key) {
            let (now, before) = (pooled(now), pooled(before));
            let ratio = measure::mean(&now) / measure::mean(&before).max(1e-12);
            ratios.entry(key.1).or_default().push(ratio);
        }
    }
    let middle = |(metric, mut ratios): (Name, Vec<f64>)| {
        (ratios.len() >= SERVICES_COUNT_MIN).then(|| (metric, measure::spread(&mut ratios).0))
    };
    ratios.into_iter().filter_map(middle).collect()
}

/// A metric of a service, and what it is measured by.
#[derive(Clone, Copy)]
struct Seen {
    service: Name,
    metric: Name,
    kind: Kind,
    /// How many times as high it may be for more traffic alone.
    grown: f64,
    /// Its largest mean of any service.
    most: f64,
}

impl Seen {
    /// The strongest of: all replicas together, each by itself, and the later part of each, since
    /// it may have begun in the middle of the window and on one of them.
    fn strongest(self, before: &[f64], now: &[Vec<f64>]) -> Option<Moved> {
        let (before, now) = if self.kind == Kind::Success {
            // What falls is what counts: a share that ends well becomes one that does not.
            let all = before.iter().chain(now.iter().flatten());
            let top = all.fold(1.0, |a: f64, b| a.max(*b));
            let turn = |values: &[f64]| values.iter().map(|x| top - x).collect::<Vec<f64>>();
            (turn(before), now.iter().map(|one| turn(one)).collect())
        } else {
            (before.to_vec(), now.to_vec())
        };
        let late = |one: &Vec<f64>| {
            let count = (one.len() / 2)
                .max(measure::SAMPLES_COUNT_MIN)
                .min(one.len());
            one.get(one.len() - count..).unwrap_or_default().to_vec()
        };
        let mut parts = vec![pooled(&now)];
        parts.extend(now.iter().map(late));
        parts.extend(now);
        parts
            .into_iter()
            .filter_map(|part| self.moved(&before, part))
            .max_by(|a, b| a.strength.total_cmp(&b.strength))
    }

    fn moved(self, before: &[f64], mut now: Vec<f64>) -> Option<Moved> {
        if self.kind.weight() == 0.0 {
            return None;
        }
        let mut before: Vec<f64> = before.iter().map(|value| value * self.grown).collect();
        let (middle, spread) = measure::spread(&mut before);
        let slack = (0.05 * middle.abs()).max(spread);
        let shift = measure::shift(&mut before, &mut now, slack)?;
        let floor = (0.03 * middle.abs()).max(self.most * 0.01).max(1e-12);
        let high = shift.median_now.max(shift.mean_now);
        let robust = (high - shift.median_before) / spread.max(floor);
        let matters = high.abs() >= MATTERS_SHARE * self.most.abs();
        let highest = before.last().copied().unwrap_or_default();
        let few = before.len().min(now.len()) < FEW_COUNT && shift.median_now <= highest;
        if shift.z < Z_MIN || robust < Z_MIN || !matters || few {
            return None;
        }
        let base = shift
            .median_before
            .abs()
            .max(0.02 * self.most.abs())
            .max(1e-12);
        let strength = self.kind.weight()
            * ramp(shift.z, 2.0, 6.0)
            * ramp(robust, 2.0, 12.0)
            * ramp(high.abs() / base, 1.1, self.kind.much()).sqrt();
        (strength > 0.0).then_some(Moved {
            service: self.service,
            metric: self.metric,
            kind: self.kind,
            shift,
            strength,
        })
    }
}

impl Resources {
    /// How much the service's metrics say.
    pub(crate) fn strength(&self, service: Name) -> f64 {
        self.by_service.get(&service).copied().unwrap_or_default()
    }

    /// Whether a service is short of more than one thing: then it is in trouble, even where too few
    /// requests came to feel it.
    pub(crate) fn exhausted(&self) -> f64 {
        let mut kinds: BTreeMap<Name, BTreeMap<Kind, f64>> = BTreeMap::new();
        for moved in &self.moved {
            let known = kinds.entry(moved.service).or_default().entry(moved.kind);
            let known = known.or_default();
            *known = known.max(moved.strength);
        }
        let second = |kinds: &BTreeMap<Kind, f64>| {
            let mut strengths: Vec<f64> = kinds.values().copied().collect();
            strengths.sort_by(|a, b| b.total_cmp(a));
            strengths.get(1).copied().unwrap_or_default()
        };
        kinds.values().map(second).fold(0.0, f64::max)
    }

    /// The evidence for a service.
    pub(crate) fn evidence(&self, case: &Case, service: Name) -> Vec<Evidence> {
        let mut own: Vec<&Moved> = self
            .moved
            .iter()
            .filter(|moved| moved.service == service)
            .collect();
        own.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        own.into_iter()
            .take(EACH_COUNT_MAX)
            .map(|moved| told(case, moved))
            .collect()
    }
}

fn told(case: &Case, moved: &Moved) -> Evidence {
    let check = match moved.kind {
        Kind::Restart => Check::Restart,
        Kind::Processor | Kind::Memory | Kind::Disk | Kind::Network | Kind::Held => Check::Resource,
        _ => Check::Metric,
    };
    Evidence {
        check,
        subject: Subject {
            service: case.text(moved.service).to_owned(),
            operation: case.text(moved.metric).to_owned(),
            other: String::new(),
        },
        strength: moved.strength,
        numbers: Numbers {
            before: moved.shift.median_before,
            now: moved.shift.median_now,
            tail_before: moved.shift.tail_before,
            tail_now: moved.shift.tail_now,
            of_before: moved.shift.count_before as u64,
            of_now: moved.shift.count_now as u64,
            unit: Unit::Value,
        },
        deviation: moved.shift.z,
        text: String::new(),
        traces: Vec::new(),
    }
}
