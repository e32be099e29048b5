//! What programs write that spread work and data over many machines.

use super::super::Set;
use super::clock;

/// A store of blocks over many machines.
pub(crate) const BLOCKS: Set = Set {
    name: "blocks",
    header: |draw, level, logger| {
        format!(
            "0811{:02} {:02}{:02}{:02} {} {level} store.{logger}: ",
            draw.between(1, 28),
            draw.below(24),
            draw.below(60),
            draw.below(60),
            draw.between(10, 40_000)
        )
    },
    footer: "",
    statements: &[
        (
            "INFO",
            "Node$Receiver",
            "Taking in block blk_{neg} source: /{ipport} target: /{ipport}",
        ),
        (
            "INFO",
            "Names",
            "BLOCK* Names.stored: map changed: {ipport} now holds blk_{neg} of {big}",
        ),
        (
            "INFO",
            "Node$Responder",
            "Responder {small} of block blk_{neg} ends",
        ),
        (
            "INFO",
            "Node$Responder",
            "Took in block blk_{neg} of {big} bytes from /{ip}",
        ),
        (
            "INFO",
            "Names",
            "BLOCK* Names.remove: blk_{neg} goes to the invalid ones of {ipport}",
        ),
        ("INFO", "Data", "Removing block blk_{neg} at {path}"),
        ("INFO", "Names", "BLOCK* Names.create: {path}. blk_{neg}"),
        (
            "INFO",
            "Node$Receiver",
            "{ipport} gave block blk_{neg} to /{ip}",
        ),
        (
            "WARN",
            "Node$Receiver",
            "{ipport}:failure while giving blk_{neg} to /{ip}:",
        ),
        ("INFO", "Scanner", "blk_{neg} verified"),
        (
            "INFO",
            "Names",
            "BLOCK* tell {ipport} to copy blk_{neg} to {ips}",
        ),
        ("INFO", "Names", "BLOCK* tell {ipport} to drop {neg}"),
        (
            "INFO",
            "Node",
            "{ipport} begins thread to send block blk_{neg} to {ips}",
        ),
        ("WARN", "Pending", "copy of blk_{neg} was not done in time"),
        (
            "ERROR",
            "Node",
            "{ipport}:Receiver: java.io.IOException: end of stream after {int} bytes",
        ),
        ("WARN", "Names", "no place left on {~rack|node|volume}"),
        ("INFO", "Names", "safe mode is {~ON|OFF}"),
    ],
};

/// A scheduler of jobs on a cluster.
pub(crate) const SCHEDULER: Set = Set {
    name: "scheduler",
    header: |draw, level, logger| {
        format!(
            "2015-10-{:02} {},{:03} {level} [{}] org.acme.cluster.{logger}: ",
            draw.between(1, 28),
            clock(draw),
            draw.below(1_000),
            ["main", "Dispatcher event", "Call handler 3", "Allocator"][draw.below(4)]
        )
    },
    footer: "",
    statements: &[
        (
            "INFO",
            "Attempt",
            "share of attempt_{big}_{int}_m_{int}_{small} is : {float}",
        ),
        (
            "INFO",
            "Attempt",
            "attempt_{big}_{int}_m_{int}_{small} went from {~NEW|WAITING|GIVEN|RUNNING|CLEANUP} \
             to {~WAITING|GIVEN|RUNNING|CLEANUP|SUCCEEDED}",
        ),
        (
            "INFO",
            "Allocator",
            "After planning: waiting:{int} planned:{int} given:{int} done:{int} asked:{int} \
             local:{int}",
        ),
        (
            "INFO",
            "Allocator",
            "Before planning: waiting:{int} planned:{int} given:{int} done:{int} asked:{int} \
             local:{int}",
        ),
        (
            "INFO",
            "Allocator",
            "planning anew, headroom=<memory:{int}, cores:{small}>",
        ),
        (
            "INFO",
            "Client",
            "address moved. before: {host}/{ipport} now: {host}:{port}",
        ),
        (
            "WARN",
            "Client",
            "lease of [client_{neg}_{small}] not renewed for {int} seconds. trying again \
             shortly ...",
        ),
        ("ERROR", "Allocator", "ERROR WHILE ASKING FOR ROOM."),
        (
            "INFO",
            "Client",
            "trying again to reach: {host}:{port}. tried {small} time(s); policy is \
             grow(limit={small}, sleep={int} MILLISECONDS)",
        ),
        (
            "INFO",
            "Allocator",
            "container container_{big}_{int}_01_{int} goes to attempt_{big}_{int}_m_{int}_{small}",
        ),
        ("INFO", "Allocator", "got containers {small}"),
        (
            "INFO",
            "Launcher",
            "handling event kind: LAUNCH for container container_{big}_{int}_01_{int} attempt \
             attempt_{big}_{int}_m_{int}_{small}",
        ),
        (
            "INFO",
            "Launcher",
            "handling event kind: CLEANUP for container container_{big}_{int}_01_{int} attempt \
             attempt_{big}_{int}_m_{int}_{small}",
        ),
        (
            "INFO",
            "Launcher",
            "starting attempt_{big}_{int}_m_{int}_{small}",
        ),
        ("INFO", "Rack", "{host} is in /default-rack"),
        (
            "INFO",
            "Job",
            "job_{big}_{int} Job went from {~NEW|INITED} to {~INITED|RUNNING}",
        ),
        (
            "INFO",
            "Attempt",
            "report of attempt_{big}_{int}_m_{int}_{small}: killed by the master.",
        ),
        (
            "WARN",
            "Writer",
            "slow reading took {ms}ms (limit=30000ms); ack: seq: {neg} status: GOOD status: \
             BAD, targets: [{ips}]",
        ),
        (
            "INFO",
            "Web",
            "filter {~safety|proxy} is on for {~static|api}",
        ),
        ("INFO", "Web", "port {port} is bound"),
        (
            "INFO",
            "Job",
            "input of job job_{big}_{int} = {big}. splits = {small}",
        ),
        ("INFO", "Listener", "machine in event: {host}"),
    ],
};

/// A service that keeps a quorum.
pub(crate) const QUORUM: Set = Set {
    name: "quorum",
    header: |draw, level, logger| {
        format!(
            "2015-07-{:02} {},{:03} - {level:5} [{logger}:/0.0.0.0:{}:Peer@{}] - ",
            draw.between(1, 28),
            clock(draw),
            draw.below(1_000),
            2_181,
            draw.between(100, 999)
        )
    },
    footer: "",
    statements: &[
        ("INFO", "Factory", "Took connection of /{ipport}"),
        (
            "WARN",
            "Cnxn",
            "lost session {sid} at /{ipport} while reading, peer went away",
        ),
        (
            "INFO",
            "Cnxn",
            "closed connection of client /{ipport} (it had no session)",
        ),
        (
            "INFO",
            "Cnxn",
            "closed connection of client /{ipport} with session {sid}",
        ),
        (
            "WARN",
            "RecvWorker",
            "broken link to {small}, own = {small}, cause =",
        ),
        ("WARN", "RecvWorker", "stopping the sender"),
        ("WARN", "SendWorker", "stopped while waiting for the queue"),
        ("WARN", "SendWorker", "sender leaves"),
        (
            "INFO",
            "Server",
            "session {sid} stands with timeout {int} for client /{ipport}",
        ),
        ("INFO", "Server", "client wants a new session at /{ipport}"),
        (
            "INFO",
            "Server",
            "client wants session {sid} back at /{ipport}",
        ),
        ("INFO", "Server", "session {sid} expires, {int}ms are over"),
        ("INFO", "Processor", "end of session handled: {sid}"),
        (
            "INFO",
            "Election",
            "note: {small} (leader), {ptr} (last), {small} (round), LOOKING (state), {small} \
             (own), {ptr} (epoch), LOOKING (mine)",
        ),
        (
            "INFO",
            "Election",
            "note: {small} (leader), {ptr} (last), {small} (round), LOOKING (state), {small} \
             (own), {ptr} (epoch), FOLLOWING (mine)",
        ),
        (
            "INFO",
            "Election",
            "note: {small} (leader), {ptr} (last), {small} (round), FOLLOWING (state), {small} \
             (own), {ptr} (epoch), LEADING (mine)",
        ),
        ("INFO", "Election", "note is late: {int}"),
        ("INFO", "Peer", "LOOKING"),
        ("INFO", "Peer", "FOLLOWING"),
        ("INFO", "Peer", "LEADING"),
        ("INFO", "Snapshot", "writing state: {ptr} to {path}"),
        ("INFO", "Snapshot", "reading state {path}"),
        ("INFO", "Config", "tick is {int}"),
        ("INFO", "Config", "session limit min is {int}"),
        ("INFO", "Config", "session limit max is {int}"),
        ("ERROR", "Processor", "unexpected failure:"),
        (
            "INFO",
            "Processor",
            "got error of user when handling session:{sid} type:create c:{ptr} z:{ptr} \
             request:{path} path:{path} Error:NodeExists for {path}",
        ),
    ],
};
