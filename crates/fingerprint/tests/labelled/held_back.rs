//! Formats that the merge was not tuned on: written when it stood, and scored once before they
//! were looked at (docs/templates.md has that score). Since then they are tuning material too.

use super::Set;
use super::draw::Draw;

/// Every set.
pub(crate) const SETS: [&Set; 8] = [
    &CONTROLLER,
    &DATABASE,
    &SERVICING,
    &KERNEL,
    &COMPUTE,
    &NODE,
    &GO,
    &STEPS,
];

fn clock(draw: &mut Draw) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        draw.below(24),
        draw.below(60),
        draw.below(60)
    )
}

/// A controller of containers, with glog's header.
const CONTROLLER: Set = Set {
    name: "controller",
    header: |draw, level, logger| {
        let micro = draw.below(1_000_000);
        let line = draw.between(20, 900);
        format!(
            "{level}03{:02} {}.{micro:06}       1 {logger}.go:{line}] ",
            draw.between(10, 28),
            clock(draw)
        )
    },
    footer: "",
    statements: &[
        (
            "I",
            "sync",
            "Finished syncing service \"{word}/{service}\" ({dur})",
        ),
        (
            "I",
            "sync",
            "Started syncing deployment \"{word}/{service}\"",
        ),
        (
            "I",
            "scale",
            "Scaled up replica set {service}-{id} to {small}",
        ),
        (
            "I",
            "scale",
            "Scaled down replica set {service}-{id} to {small}",
        ),
        ("I", "pod", "Pod {word}/{service}-{id} bound to node {host}"),
        (
            "W",
            "pod",
            "Pod {word}/{service}-{id} evicted: node {host} was low on memory",
        ),
        (
            "E",
            "probe",
            "Readiness probe failed: HTTP probe failed with statuscode: {int}",
        ),
        (
            "E",
            "probe",
            "Liveness probe failed: Get \"http://{ipport}/health\": dial tcp {ipport}: connect: \
             connection refused",
        ),
        (
            "W",
            "pull",
            "Back-off pulling image \"registry.example.com/{service}:{hex8}\"",
        ),
        (
            "I",
            "pull",
            "Successfully pulled image \"registry.example.com/{service}:{hex8}\" in {dur}",
        ),
        (
            "W",
            "start",
            "Back-off restarting failed container {service} in pod {service}-{id}",
        ),
        (
            "I",
            "lease",
            "successfully acquired lease kube-system/{service}",
        ),
        (
            "E",
            "lease",
            "error retrieving resource lock kube-system/{service}: context deadline exceeded",
        ),
        (
            "I",
            "watch",
            "watch of {class} closed with: too old resource version: {big} ({big})",
        ),
        (
            "I",
            "gc",
            "attempting to delete item \"{word}/{service}-{id}\" uid={uuid}",
        ),
        ("I", "node", "Node {host} status is now: NodeReady"),
        ("I", "node", "Node {host} status is now: NodeNotReady"),
        (
            "W",
            "quota",
            "exceeded quota: {word}, requested: cpu={int}m, used: cpu={int}m, limited: cpu={int}m",
        ),
        (
            "I",
            "volume",
            "MountVolume.SetUp succeeded for volume \"{word}\" (UniqueName: \"{path}\") pod \
             \"{service}-{id}\"",
        ),
        ("I", "endpoints", "Updated endpoints of {service}: [{ips}]"),
        ("I", "lb", "Ensured load balancer"),
        (
            "I",
            "cert",
            "certificate for {host} expires in {int} days, rotating",
        ),
    ],
};

/// A database.
const DATABASE: Set = Set {
    name: "database",
    header: |draw, level, _| {
        format!(
            "2024-03-{:02} {}.{:03} UTC [{}] {level}:  ",
            draw.between(10, 28),
            clock(draw),
            draw.below(1_000),
            draw.between(100, 40_000)
        )
    },
    footer: "",
    statements: &[
        ("LOG", "", "connection received: host={ip} port={port}"),
        (
            "LOG",
            "",
            "connection authorized: user={user} database={service} application_name={word}",
        ),
        (
            "LOG",
            "",
            "disconnection: session time: 0:00:{small}.{int} user={user} database={service} \
             host={ip} port={port}",
        ),
        (
            "LOG",
            "",
            "duration: {float} ms  statement: SELECT * FROM {table} WHERE id = {int}",
        ),
        (
            "ERROR",
            "",
            "duplicate key value violates unique constraint \"{table}_key\"",
        ),
        ("DETAIL", "", "Key (id)=({int}) already exists."),
        ("LOG", "", "checkpoint starting: time"),
        (
            "LOG",
            "",
            "checkpoint complete: wrote {int} buffers ({float}%); {small} WAL file(s) added, \
             {small} removed; write={float} s, sync={float} s",
        ),
        (
            "ERROR",
            "",
            "relation \"{table}\" does not exist at character {int}",
        ),
        ("ERROR", "", "deadlock detected"),
        (
            "DETAIL",
            "",
            "Process {int} waits for ShareLock on transaction {int}; blocked by process {int}.",
        ),
        (
            "FATAL",
            "",
            "password authentication failed for user \"{user}\"",
        ),
        ("FATAL", "", "database \"{word}\" does not exist"),
        (
            "FATAL",
            "",
            "remaining connection slots are reserved for superusers",
        ),
        (
            "LOG",
            "",
            "automatic vacuum of table \"{service}.public.{table}\": index scans: {small} \
             pages: {int} removed, {int} remain",
        ),
        (
            "LOG",
            "",
            "automatic analyze of table \"{service}.public.{table}\"",
        ),
        ("LOG", "", "temporary file: path \"{path}\", size {big}"),
        (
            "LOG",
            "",
            "started streaming WAL from primary at {small}/{hex8} on timeline {small}",
        ),
        ("LOG", "", "restored log file \"{hex}\" from archive"),
        ("ERROR", "", "canceling statement due to statement timeout"),
        ("ERROR", "", "canceling statement due to user request"),
        (
            "LOG",
            "",
            "unexpected EOF on client connection with an open transaction",
        ),
        ("WARNING", "", "there is no transaction in progress"),
        ("LOG", "", "received SIGHUP, reloading configuration files"),
        ("LOG", "", "parameter \"{table}\" changed to \"{int}\""),
    ],
};

/// The installer of an operating system.
const SERVICING: Set = Set {
    name: "servicing",
    header: |draw, level, logger| {
        format!(
            "2016-09-{:02} {}, {level:<21} {logger:<6} ",
            draw.between(10, 28),
            clock(draw)
        )
    },
    footer: "",
    statements: &[
        ("Info", "CBS", "SQM: Began upload of standard samples"),
        (
            "Info",
            "CBS",
            "SQM: Could not start upload with pattern: \
             C:\\Windows\\servicing\\{word}\\*_std.sqm, flags: {ptr} [HRESULT = {ptr} - E_FAIL]",
        ),
        (
            "Info",
            "CBS",
            "SQM: Queued {small} file(s) for upload with pattern: \
             C:\\Windows\\servicing\\{word}\\*_all.sqm, flags: {ptr}",
        ),
        (
            "Info",
            "CBS",
            "Package began: Package_for_KB{int}~{hex8}~amd64~~6.1.1.{small}, applicable: Installed",
        ),
        (
            "Info",
            "CBS",
            "Session {int}_{big} opened by {~WindowsUpdateAgent}.",
        ),
        (
            "Info",
            "CBS",
            "Loaded Stack v6.1.7601.{int} with Core: C:\\Windows\\winsxs\\amd64_{hex}\\core.dll",
        ),
        (
            "Info",
            "CBS",
            "Read back cached applicability of package: \
             Package_{int}_for_KB{int}~{hex8}~amd64~~6.1.1.{small}, State: Installed",
        ),
        (
            "Info",
            "CBS",
            "NonStart: Looked for a way to make sure TrustedInstaller runs.",
        ),
        (
            "Info",
            "CBS",
            "NonStart: Success, startup work is not needed.",
        ),
        (
            "Info",
            "CSI",
            "{hex8} Warning: attempt to mark as known a store that is [l:{int}]\"{path}\"",
        ),
        (
            "Info",
            "CSI",
            "{hex8} Created transaction UserTransaction, objectname [6]\"(null)\"",
        ),
        (
            "Info",
            "CSI",
            "{hex8}@2016/9/27:20:40:53.{int} Store {int} ({ptr}) made",
        ),
        ("Info", "CBS", "Begin startup work of TrustedInstaller."),
        ("Info", "CBS", "End startup work of TrustedInstaller."),
        ("Info", "CBS", "End main loop of TrustedInstaller."),
        ("Info", "CBS", "Reboot mark refs: {small}"),
        ("Info", "CBS", "Idle work pending: {~true|false}"),
        (
            "Error",
            "CBS",
            "Failed to get next element [HRESULT = {ptr} - ERROR_NO_MORE]",
        ),
        (
            "Error",
            "CBS",
            "Failed to open package Package_{int}_for_KB{int} [HRESULT = {ptr} - CBS_E_GONE]",
        ),
        ("Info", "CBS", "Scavenge: start flags: {small}"),
        ("Info", "CBS", "Scavenge: done, disposition: {small}"),
    ],
};

/// A kernel and the daemons beside it.
const KERNEL: Set = Set {
    name: "kernel",
    header: |draw, _, logger| {
        let process = if logger == "kernel" {
            String::new()
        } else {
            format!("[{}]", draw.below(9_999))
        };
        format!(
            "Jun {:>2} {} combo {logger}{process}: ",
            draw.between(1, 28),
            clock(draw)
        )
    },
    footer: "",
    statements: &[
        (
            "",
            "ftpd",
            "new peer {ip} ({host}) at Sat Jun {~4|11|18|25} 04:05:06 2005",
        ),
        (
            "",
            "kernel",
            "eth{small}: link is up, {int} Mbps, full duplex",
        ),
        ("", "kernel", "eth{small}: link is down"),
        (
            "",
            "kernel",
            "usb {small}-{small}: new high-speed device number {small} using {~ehci_hcd|xhci_hcd}",
        ),
        (
            "",
            "kernel",
            "usb {small}-{small}: disconnected, device number {small}",
        ),
        (
            "",
            "kernel",
            "Out of memory: killed process {int} ({word}) total-vm:{int}kB, anon-rss:{int}kB",
        ),
        (
            "",
            "kernel",
            "EXT4-fs (sd{~a|b|c}{small}): mounted with ordered data mode",
        ),
        (
            "",
            "kernel",
            "CPU{small}: temperature above limit, throttled (events = {int})",
        ),
        (
            "",
            "kernel",
            "IN=eth0 OUT= MAC={mac} SRC={ip} DST={ip} LEN={int} TTL={int} PROTO=TCP SPT={port} \
             DPT={port}",
        ),
        (
            "",
            "kernel",
            "TCP: possible flood on port {port}. Sending cookies.",
        ),
        ("", "systemd", "Started {title}."),
        ("", "systemd", "Stopped {title}."),
        (
            "",
            "systemd",
            "{service}.service: main process left, code=exited, status={small}/FAILURE",
        ),
        (
            "",
            "systemd",
            "{service}.service: restart is due, counter is at {small}.",
        ),
        ("", "dhcpd", "lease of {ip} given to {mac} via eth{small}"),
        ("", "dhcpd", "request for {ip} from {mac} via eth{small}"),
        ("", "named", "client {ip}#{port}: query ({host}) denied"),
        ("", "ntpd", "time was moved by {float} s"),
        ("", "ntpd", "kernel time sync status changed to {hex8}"),
        ("", "snmpd", "packet(s) arrived from {ip}"),
        ("", "cron", "(root) RELOAD ({path})"),
        (
            "",
            "postfix",
            "{hex8}: to=<{user}@example.com>, relay={host}[{ip}]:25, delay={float}, status=sent \
             (250 OK)",
        ),
        ("", "postfix", "{hex8}: removed"),
        ("", "postfix", "connect of {host}[{ip}]"),
        ("", "postfix", "end of {host}[{ip}]"),
        ("", "logrotate", "ALERT exited in an odd way with [1]"),
    ],
};

/// A service that gives out virtual machines.
const COMPUTE: Set = Set {
    name: "compute",
    header: |draw, level, logger| {
        format!(
            "compute.log.1.2017-05-16_13:53:08 2017-05-{:02} {}.{:03} {} {level} \
             compute.{logger} [req-{} - - -] ",
            draw.between(10, 28),
            clock(draw),
            draw.below(1_000),
            draw.between(2_000, 30_000),
            super::values::value("uuid", draw)
        )
    },
    footer: "",
    statements: &[
        (
            "INFO",
            "api.server",
            "{ip} \"GET /v2/{id}{id}/servers/detail HTTP/1.1\" status: 200 len: {int} time: \
             {float}",
        ),
        (
            "INFO",
            "api.server",
            "{ip} \"POST /v2/{id}{id}/servers HTTP/1.1\" status: 202 len: {int} time: {float}",
        ),
        (
            "INFO",
            "api.server",
            "{ip} \"DELETE /v2/{id}{id}/servers/{uuid} HTTP/1.1\" status: 204 len: {int} time: \
             {float}",
        ),
        (
            "INFO",
            "manager",
            "[instance: {uuid}] machine started (Lifecycle)",
        ),
        (
            "INFO",
            "manager",
            "[instance: {uuid}] machine paused (Lifecycle)",
        ),
        (
            "INFO",
            "manager",
            "[instance: {uuid}] machine stopped (Lifecycle)",
        ),
        (
            "INFO",
            "manager",
            "[instance: {uuid}] took {float} seconds to spawn the instance on the hypervisor.",
        ),
        (
            "INFO",
            "manager",
            "[instance: {uuid}] took {float} seconds to build instance.",
        ),
        (
            "INFO",
            "manager",
            "[instance: {uuid}] took {float} seconds to destroy the instance on the hypervisor.",
        ),
        (
            "INFO",
            "claims",
            "[instance: {uuid}] total memory: {int} MB, used: {float} MB",
        ),
        (
            "INFO",
            "claims",
            "[instance: {uuid}] total disk: {int} GB, used: {float} GB",
        ),
        (
            "INFO",
            "claims",
            "[instance: {uuid}] disk limit not set, taken as without limit",
        ),
        (
            "INFO",
            "claims",
            "[instance: {uuid}] trying claim: memory {int} MB, disk {int} GB, vcpus {small} CPU",
        ),
        ("INFO", "claims", "[instance: {uuid}] claim done"),
        ("INFO", "image", "image {uuid} at ({path}): checking"),
        (
            "INFO",
            "image",
            "image {uuid} at ({path}): in use: on this node {small} local, {small} on others",
        ),
        ("WARNING", "image", "base file not known: {path}"),
        ("INFO", "image", "base files in use: {path}"),
        (
            "INFO",
            "tracker",
            "final view of resources: name={host} ram={int}MB used={int}MB disk={int}GB \
             vcpus={small}",
        ),
        ("INFO", "tracker", "record updated for {host}:{host}"),
        (
            "WARNING",
            "manager",
            "while syncing power states there are {small} instances in the database and {small} \
             on the hypervisor.",
        ),
        ("INFO", "driver", "[instance: {uuid}] deleting files {path}"),
        ("INFO", "driver", "[instance: {uuid}] files {path} are gone"),
    ],
};

/// A service on Node, in lines of JSON.
const NODE: Set = Set {
    name: "node",
    header: |draw, level, logger| {
        format!(
            "{{\"level\":{level},\"time\":17100{:08},\"pid\":{},\"name\":\"{logger}\",\"msg\":\"",
            draw.below(99_999_999),
            draw.between(1, 300)
        )
    },
    footer: "\"}",
    statements: &[
        ("30", "http", "request completed"),
        ("30", "http", "incoming request {id}"),
        (
            "30",
            "cart",
            "cart {uuid} now holds {small} items worth {float}",
        ),
        ("30", "cart", "cart {uuid} abandoned after {dur}"),
        ("40", "cart", "coupon {id} rejected: expired"),
        ("40", "cart", "coupon {id} rejected: already used"),
        ("30", "auth", "token issued for {user}, expires in {int}s"),
        ("40", "auth", "token of {user} refused: signature mismatch"),
        ("50", "db", "query failed after {ms}ms: relation missing"),
        ("30", "db", "pool grew to {small} connections"),
        ("30", "db", "migration {file} applied in {dur}"),
        (
            "50",
            "mail",
            "could not send {word} mail to customer {int}: mailbox full",
        ),
        ("30", "mail", "sent {word} mail to customer {int}"),
        ("30", "jobs", "job {word}#{int} picked up by worker {small}"),
        ("30", "jobs", "job {word}#{int} done in {dur}"),
        (
            "50",
            "jobs",
            "job {word}#{int} failed, {small} attempts left",
        ),
        ("30", "ws", "socket {id} joined room {word}"),
        ("30", "ws", "socket {id} left room {word}"),
        ("20", "cache", "hit ratio {percent} over {int} lookups"),
        ("30", "main", "listening on http://{ip}:{port}"),
        ("30", "main", "loaded plugins: {names}"),
        ("40", "main", "memory at {size}, limit {size}"),
    ],
};

/// A service in Go, in logfmt.
const GO: Set = Set {
    name: "go",
    header: |draw, level, logger| {
        format!(
            "ts=2024-03-{:02}T{}.{:03}Z caller={logger}.go:{} level={level} msg=\"",
            draw.between(10, 28),
            clock(draw),
            draw.below(1_000),
            draw.between(20, 900)
        )
    },
    footer: "\" component=tsdb",
    statements: &[
        (
            "info",
            "head",
            "write block mint={big} maxt={big} ulid={id}{id}",
        ),
        ("info", "head", "head truncated in {dur}"),
        (
            "info",
            "compact",
            "compacted {small} blocks into {id}{id}, {size} in all",
        ),
        ("warn", "scrape", "scrape of {host} timed out after {dur}"),
        (
            "warn",
            "scrape",
            "{int} samples of {host} were out of order",
        ),
        ("warn", "scrape", "{int} samples of {host} were too old"),
        (
            "error",
            "notify",
            "alert {class} not delivered to {url}, {small} in queue",
        ),
        ("info", "notify", "alert {class} delivered to {url}"),
        ("info", "config", "loaded configuration file {path}"),
        (
            "error",
            "config",
            "configuration file {path} has an error in line {int}",
        ),
        ("info", "wal", "segment {int} replayed, last is {int}"),
        (
            "info",
            "wal",
            "replay finished: checkpoint {dur}, segments {dur}, total {dur}",
        ),
        (
            "info",
            "peer",
            "member {host} joined, cluster has {small} members",
        ),
        (
            "warn",
            "peer",
            "member {host} left, cluster has {small} members",
        ),
        ("debug", "peer", "gossip with {names} took {dur}"),
        (
            "info",
            "rule",
            "group {word} evaluated in {dur}, {int} series",
        ),
        ("warn", "rule", "group {word} skipped {small} evaluations"),
        ("info", "web", "listening on {ipport}"),
        ("info", "main", "storage retention is {~15d|30d|90d}"),
        ("info", "main", "server is ready"),
        (
            "error",
            "remote",
            "non-recoverable error while sending {int} samples to {url}",
        ),
    ],
};

/// An app that counts steps.
const STEPS: Set = Set {
    name: "steps",
    header: |draw, _, logger| {
        format!(
            "201712{:02}-{}:{:03}|{logger}|3000{:04}|",
            draw.between(10, 28),
            clock(draw),
            draw.below(1_000),
            draw.below(9_999)
        )
    },
    footer: "",
    statements: &[
        ("", "Step_LSC", "onStepsChanged {int}"),
        (
            "",
            "Step_Sp",
            "getTodaySteps = {big}##{int}##{int}##{int}##{int}##{int}",
        ),
        (
            "",
            "Step_Sp",
            "setTodaySteps={big}##{int}##{int}##{int}##{int}##{int}",
        ),
        ("", "Step_Ext", "calculateCalories totalCalories={int}"),
        ("", "Step_Ext", "calculateAltitude totalAltitude={int}"),
        ("", "Step_Rep", "report : {int} {int} {int} {int} {int}"),
        ("", "Step_Db", "writeDetail() size={small}"),
        ("", "Step_Db", "writeStats() size={small}"),
        ("", "Step_Db", "readStats() list is empty"),
        (
            "",
            "Step_Bc",
            "received action: {~SCREEN_ON|SCREEN_OFF|TIME_TICK}",
        ),
        ("", "Step_Fl", "flush sensor data"),
        ("", "Step_Fl", "flush in flight, dropped"),
        ("", "Step_Ui", "screen status unknown,think screen on"),
        ("", "Step_Ui", "goal of {int} steps reached at {time}"),
        ("", "Step_Net", "upload of {size} to {host} ok"),
        (
            "",
            "Step_Net",
            "upload of {size} to {host} failed, code {int}",
        ),
        ("", "Step_Net", "upload is paused, battery at {percent}"),
        ("", "Step_Ach", "processing message type:{small}"),
        (
            "",
            "Step_Ach",
            "new date = {int}, kind={int},{float},old={float}",
        ),
        (
            "",
            "Step_Dev",
            "band {mac} connected, firmware {small}.{small}.{small}",
        ),
        ("", "Step_Dev", "band {mac} out of reach"),
    ],
};
