//! What may be done, by kind of trouble; each under its condition. Nothing is done.

use super::before;
use super::report::{Report, Told, Verdict};
use super::trouble::Kind;
use crate::sentence::{excerpt, printable};

/// Share of the other lines that name a machine as well, at most, where it alone fails.
const OTHERS_MAX: f64 = 0.35;

/// Kinds of trouble with what to do first, and where to look.
const ROWS: [(Kind, &str, &str); 27] = [
    (
        Kind::Space,
        "free space or raise the quota, and restart what stopped writing",
        "which files grew: `df -h`, `df -i`, `du -x`",
    ),
    (
        Kind::ReadOnly,
        "find why it became read-only before remounting it",
        "errors of the disk in the kernel's log: `dmesg`",
    ),
    (
        Kind::OutOfMemory,
        "raise the memory limit, or restart it on a schedule, until the growth is found",
        "its memory over time, and what it held: a heap profile",
    ),
    (
        Kind::Killed,
        "find who sent the signal: the kernel for memory, a supervisor, a deploy",
        "`dmesg`, and the last status of the container or unit",
    ),
    (
        Kind::Crash,
        "go back to the version that ran before, if one was installed shortly before",
        "the stack that was printed or the core dump (`coredumpctl info`), and its first own frame",
    ),
    (
        Kind::Exit,
        "repair what the last lines before the exit name; restarting alone will repeat it",
        "the lines directly before the exit",
    ),
    (
        Kind::AddressInUse,
        "stop what holds the port, or take another one",
        "`ss -ltnp`",
    ),
    (
        Kind::Certificate,
        "renew the certificate, and check the clock of both sides",
        "its dates and chain: `openssl s_client -connect`",
    ),
    (
        Kind::NameResolution,
        "check the resolver that the callers share before the services behind it",
        "`dig` of the name at that resolver from a caller's machine; the resolver's load",
    ),
    (
        Kind::Refused,
        "check that it runs and listens there; start it again if it does not",
        "its own log and status at that moment",
    ),
    (
        Kind::Unreachable,
        "check the route, firewall and health of the machine, and that it listens",
        "a connection to it from the caller's machine",
    ),
    (
        Kind::Down,
        "bring back what is down or not ready (start, unseal, rejoin it), or take it out of \
         the pool",
        "its own log at that moment, and what was changed on it",
    ),
    (
        Kind::Denied,
        "compare the credentials or rights in use with those that are valid; if they were rotated, \
         load the new ones everywhere or put the old ones back",
        "what was last changed of secrets, roles and rules",
    ),
    (
        Kind::Throttled,
        "find who uses the limit up, stop or slow it (back off, smaller batches), or ask \
         for a higher limit",
        "the number of calls against the limit since it began, by caller",
    ),
    (
        Kind::Lock,
        "undo what began to take the lock in another order; end the session that blocks if it \
         must be at once",
        "which statements and sessions block each other",
    ),
    (
        Kind::Exhausted,
        "raise the limit, or have it given back: restarting does for a while; find who \
         takes it and does not give back",
        "who holds connections, threads, memory or handles; leaks that were warned of",
    ),
    (
        Kind::Overload,
        "shed or limit load at the entrance, and stop retries that add to it",
        "what became slow first",
    ),
    (
        Kind::Clock,
        "set the clock of the machine that is off, and see why its time service did not",
        "`chronyc tracking` or `timedatectl` on each machine",
    ),
    (
        Kind::Timeout,
        "check from the caller's machine whether what is called answers; take it out of \
         rotation if others can serve",
        "its own log and load: slow queries, full pools, pauses",
    ),
    (
        Kind::Reset,
        "check what stands between both sides, and restarts of the other one",
        "restarts and limits of the peer and of proxies",
    ),
    (
        Kind::Missing,
        "bring schema, files and settings to what this version expects, or go back to the version \
         that fits",
        "migrations and settings that were applied last",
    ),
    (
        Kind::Corrupt,
        "stop writing to it, and restore or repair from a copy",
        "the disk's health, and the last clean copy",
    ),
    (
        Kind::Exception,
        "go back to the version before, if one was deployed shortly before",
        "the innermost frame of its own code",
    ),
    (
        Kind::Blocked,
        "stop what made the other side block it, and ask it to be taken off; until then go by \
         another address",
        "the list or rule that the message names, and what was sent before",
    ),
    (
        Kind::Mismatch,
        "make the settings of both sides agree; undo the last change of either",
        "the setting that the message names, on both sides",
    ),
    (
        Kind::Slow,
        "find what the slow operation waits for: the disk, a lock, its plan, what it calls",
        "the plan of the query, the latency of the disk (`iostat -x`), and what runs beside it",
    ),
    (
        Kind::Failed,
        "read the lines around its first occurrence",
        "the lines around its first occurrence",
    ),
];

/// What may be done, the first thing first.
pub(super) fn ladder(report: &Report) -> Vec<String> {
    if matches!(
        report.verdict,
        Verdict::NothingStandsOut | Verdict::NothingRead
    ) {
        return Vec::new();
    }
    let Some(first) = report.decisive() else {
        return Vec::new();
    };
    let mut said = Vec::new();
    let mut changes = report.changes.iter();
    let operated = changes.any(|change| before::is_operated(&change.text));
    let version = report.changes.iter().find(|change| !change.to.is_empty());
    if let Some(change) = version {
        said.push(format!(
            "If {} brought it, go back to {}.",
            excerpt(&change.to),
            excerpt(&change.from)
        ));
    } else if operated {
        said.push("If one of the changes above brought it, undo that one first.".to_owned());
    }
    let machine = machine(report, first);
    if let Some(machine) = machine {
        said.push(format!(
            "If others can serve, take `{}` out of rotation: what fails names it.",
            printable(machine)
        ));
    }
    let row = kind(first).and_then(|kind| ROWS.iter().find(|(of, ..)| *of == kind));
    // Where it is told to undo a change, the version before is told with it.
    let told = version.is_some() || operated;
    let row = row.map(|(kind, act, look)| (*kind, *act, *look));
    if let Some((kind, act, look)) = row {
        if !(kind == Kind::Exception && told || kind == Kind::Failed) {
            said.push(format!("{}.", capital(act)));
        }
        said.push(format!("Look at {look}."));
        said.extend(further(report, kind));
    } else if first.subject == "slow" {
        said.push("Look at what the slow requests wait for: queries, locks, calls.".to_owned());
    } else {
        said.push("Look at the lines around its first occurrence.".to_owned());
    }
    said
}

/// What may be done of a problem beside it whose kind tells more of a cause.
fn further(report: &Report, decisive: Kind) -> Option<String> {
    let mut others = report.problems.iter().skip(1).filter_map(|told| told.kind);
    let other =
        others.find(|kind| kind.is_cause() && kind.specificity() > decisive.specificity())?;
    let (_, act, _) = ROWS.iter().find(|(of, ..)| *of == other)?;
    Some(format!("For what fails with it: {act}."))
}

/// The machine that all lines of a failed call name, where most others do not.
fn machine<'r>(report: &'r Report, first: &Told) -> Option<&'r str> {
    let calls = [
        None,
        Some(Kind::Failed),
        Some(Kind::Timeout),
        Some(Kind::Refused),
        Some(Kind::Unreachable),
        Some(Kind::Reset),
        Some(Kind::Down),
    ];
    if !calls.contains(&kind(first)) {
        return None;
    }
    let machines = [
        "address",
        "upstream",
        "upstream_host",
        "upstream_addr",
        "backend",
    ];
    let shared = report.shared.iter().find(|shared| {
        machines.contains(&shared.key.as_str())
            && (shared.key != "address" || shared.value.contains(':'))
            && shared
                .others
                .is_some_and(|others| others < OTHERS_MAX && others > 0.0)
    });
    shared.map(|shared| shared.value.as_str())
}

fn kind(told: &Told) -> Option<Kind> {
    let raised = (!told.raised.is_empty()).then_some(Kind::Exception);
    told.kind
        .filter(|kind| *kind != Kind::Failed)
        .or(raised)
        .or(told.kind)
}

/// A sentence's first letter; what follows is prose of this program alone.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
