//! What may be done, by kind of trouble; each under its condition. Nothing is done.

use super::report::{Report, Told, Verdict};
use super::trouble::Kind;
use crate::sentence::excerpt;

/// Kinds of trouble with what to do first, and where to look.
const ROWS: [(Kind, &str, &str); 24] = [
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
        "the core dump or stack: `coredumpctl info`, and the fault's first frame",
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
        "check the route, firewall and health of the machine",
        "a connection to it from the caller's machine",
    ),
    (
        Kind::Down,
        "bring back the instances that are down, or take them out of the pool",
        "their own logs at that moment",
    ),
    (
        Kind::Denied,
        "compare the credentials or rights in use with those that are valid; if they were rotated, \
         load the new ones everywhere or put the old ones back",
        "what was last changed of secrets, roles and rules",
    ),
    (
        Kind::Throttled,
        "slow the callers down (back off, smaller batches), or ask for a higher limit",
        "the number of calls against the limit since it began",
    ),
    (
        Kind::Lock,
        "undo what began to take the lock in another order; end the session that blocks if it \
         must be at once",
        "which statements and sessions block each other",
    ),
    (
        Kind::Exhausted,
        "restart to get it back for a while, and find who does not give back",
        "who holds connections, threads or handles; leaks that were warned of",
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
        "take what does not answer out of rotation if others can serve",
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
        Kind::Failed,
        "read the lines around its first occurrence",
        "what was changed shortly before",
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
    let version = report.changes.iter().find(|change| !change.to.is_empty());
    if let Some(change) = version {
        said.push(format!(
            "If {} brought it, go back to {}.",
            excerpt(&change.to),
            excerpt(&change.from)
        ));
    } else if !report.changes.is_empty() {
        said.push("If one of the changes above brought it, undo that one first.".to_owned());
    }
    let row = kind(first).and_then(|kind| ROWS.iter().find(|(of, ..)| *of == kind));
    if let Some((_, act, look)) = row {
        said.push(format!("{}.", capital(act)));
        said.push(format!("Look at {look}."));
    } else if first.subject == "slow" {
        said.push("Look at what the slow requests wait for: queries, locks, calls.".to_owned());
    } else {
        said.push("Look at the lines around its first occurrence.".to_owned());
    }
    said
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
