//! Formats on which the merge was tuned.

use super::Set;
use super::draw::Draw;

/// Every set.
pub(crate) const SETS: [&Set; 8] = [
    &LOGIN, &BLOCKS, &SCHEDULER, &QUORUM, &MACHINE, &PHONE, &WEB, &SHOP,
];

fn clock(draw: &mut Draw) -> String {
    format!(
        "{:02}:{:02}:{:02}",
        draw.below(24),
        draw.below(60),
        draw.below(60)
    )
}

/// A login daemon behind syslog.
const LOGIN: Set = Set {
    name: "login",
    header: |draw, _, logger| {
        format!(
            "Mar {:>2} {} gate {logger}[{}]: ",
            draw.between(1, 28),
            clock(draw),
            draw.below(32_000)
        )
    },
    footer: "",
    statements: &[
        (
            "",
            "sshd",
            "Rejected password of unknown account {user} at {ip} port {port} proto2",
        ),
        (
            "",
            "sshd",
            "Rejected password of {user} at {ip} port {port} proto2",
        ),
        (
            "",
            "sshd",
            "auth(sshd:password): check failed; logname= uid=0 euid=0 tty=ssh ruser= rhost={ip}\
             [[ user={user}]]",
        ),
        ("", "sshd", "Unknown account {user} at {ip}"),
        ("", "sshd", "Peer {ip} hung up: 11: Goodbye [preauth]"),
        ("", "sshd", "Peer {ip} hung up [preauth]"),
        (
            "",
            "sshd",
            "userauth request for unknown account {user} [preauth]",
        ),
        (
            "",
            "sshd",
            "name of {host} [{ip}] does not map back - LOOKS LIKE A FORGERY!",
        ),
        (
            "",
            "sshd",
            "auth(sshd:password): account lookup found nothing",
        ),
        (
            "",
            "sshd",
            "Took password of {user} at {ip} port {port} proto2",
        ),
        (
            "",
            "sshd",
            "session(sshd): begun for user {user} by (uid={small})",
        ),
        ("", "sshd", "session(sshd): over for user {user}"),
        (
            "",
            "sshd",
            "{small} further login failures; logname= uid=0 euid=0 tty=ssh ruser= rhost={ip}",
        ),
        ("", "sshd", "no greeting line came from {ip}"),
        (
            "",
            "sshd",
            "fatal: cannot write: {~Connection reset by peer} [preauth]",
        ),
        ("", "sshd", "listening on {ip} port 22."),
        ("", "sshd", "caught signal 15; going down."),
        ("", "CRON", "({user}) CMD ({path})"),
        ("", "su", "({user} to root) on none"),
        ("", "sshd", "too many failed logins for {user} [preauth]"),
        (
            "",
            "sshd",
            "key of {user} has fingerprint SHA256:{id}{id}{id}",
        ),
    ],
};

/// A store of blocks over many machines.
const BLOCKS: Set = Set {
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
const SCHEDULER: Set = Set {
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
const QUORUM: Set = Set {
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

/// The firmware of a large machine.
const MACHINE: Set = Set {
    name: "machine",
    header: |draw, level, logger| {
        let node = format!(
            "R{:02}-M{}-N{}-C:J{:02}-U01",
            draw.below(64),
            draw.below(2),
            draw.below(16),
            draw.below(18)
        );
        let day = draw.between(10, 28);
        format!(
            "- 11178{:05} 2005.06.{day} {node} 2005-06-{day}-{:02}.{:02}.{:02}.{:06} {node} RAS \
             {logger} {level} ",
            draw.below(99_999),
            draw.below(24),
            draw.below(60),
            draw.below(60),
            draw.below(999_999)
        )
    },
    footer: "",
    statements: &[
        ("INFO", "KERNEL", "core.{int} written"),
        ("INFO", "KERNEL", "parity error in instruction store fixed"),
        (
            "INFO",
            "KERNEL",
            "{int} ddr fault(s) seen and fixed on rank {small}, symbol {small} over {int} seconds",
        ),
        (
            "INFO",
            "KERNEL",
            "{int} ddr fault(s) seen and fixed on rank {small}, symbol {small}, bit {small}",
        ),
        (
            "INFO",
            "KERNEL",
            "{int} alignment exceptions of the {~double} unit",
        ),
        ("INFO", "KERNEL", "CE sym {small}, at {ptr}, mask {ptr}"),
        ("FATAL", "KERNEL", "interrupt of data store"),
        (
            "FATAL",
            "APP",
            "iod: failed to read prefix on control stream (stream socket to {ipport}",
        ),
        (
            "FATAL",
            "APP",
            "iod: could not load {path}: bad or missing image, \
             {~Permission denied|No such file or directory}",
        ),
        (
            "FATAL",
            "APP",
            "iod: could not make node map from file {path}: Bad file descriptor",
        ),
        (
            "FATAL",
            "APP",
            "iod: LOGIN chdir({path}) did not work: \
             {~No such file or directory|Input/output error}",
        ),
        (
            "INFO",
            "KERNEL",
            "torus receiver x+ pipe fault(s) (dcr {ptr}) seen and fixed",
        ),
        (
            "INFO",
            "KERNEL",
            "torus receiver y+ pipe fault(s) (dcr {ptr}) seen and fixed",
        ),
        (
            "INFO",
            "KERNEL",
            "torus receiver z- pipe fault(s) (dcr {ptr}) seen and fixed",
        ),
        (
            "FATAL",
            "KERNEL",
            "lr:{hex8} cr:{hex8} xer:{hex8} ctr:{hex8}",
        ),
        ("FATAL", "KERNEL", "data address: {ptr}"),
        ("FATAL", "KERNEL", "instruction address: {ptr}"),
        (
            "FATAL",
            "KERNEL",
            "wait state allowed.................{small}",
        ),
        (
            "FATAL",
            "KERNEL",
            "critical interrupt allowed.........{small}",
        ),
        (
            "FATAL",
            "KERNEL",
            "program interrupt: illegal code....{small}",
        ),
        (
            "FATAL",
            "KERNEL",
            "program interrupt: trap code.......{small}",
        ),
        (
            "FATAL",
            "KERNEL",
            "program interrupt: no such code....{small}",
        ),
        (
            "FATAL",
            "KERNEL",
            "rts: bad header: expected type {small} instead of type {small} (soft={hex8} {hex8} \
             {hex8} {hex8}) A={hex8} B={hex8}",
        ),
        ("FATAL", "KERNEL", "rts ends for reason {int}"),
        ("FATAL", "MMCS", "card is not fully at work"),
        (
            "FATAL",
            "KERNEL",
            "total of {int} ddr fault(s) seen and fixed",
        ),
        (
            "ERROR",
            "MMCS",
            "closing card(place({host}), serial({id}), ip({ip}), kind({small})) for service {int}",
        ),
    ],
};

/// A telephone.
const PHONE: Set = Set {
    name: "phone",
    header: |draw, level, logger| {
        format!(
            "03-{:02} {}.{:03} {:>5} {:>5} {level} {logger}: ",
            draw.between(10, 28),
            clock(draw),
            draw.below(1_000),
            draw.between(1_000, 9_999),
            draw.between(1_000, 29_999)
        )
    },
    footer: "",
    statements: &[
        (
            "D",
            "Power",
            "take lock={int}, flags={ptr}, tag=\"{service}\", name={pkg}, ws=null, uid={int}, \
             pid={int}",
        ),
        (
            "D",
            "Power",
            "give lock={int}, flags={ptr}, tag=\"{service}\", name={pkg}, ws=null, uid={int}, \
             pid={int}",
        ),
        (
            "D",
            "Power",
            "ready=true,policy={small},wake={small},boot=true, \
             busy=false,manual={small},auto={neg},user=0",
        ),
        ("I", "Power", "light is going to {small}, rate={int}"),
        (
            "V",
            "Windows",
            "skip AppToken{{hex8} token=Token{{hex8} Record{{hex8} u0 {pkg}/.Main t{int}}}} -- \
             about to hide",
        ),
        (
            "D",
            "Bar",
            "set visibility vis={hex8} mask={hex8} old={hex8} new={hex8} diff={small} \
             bounds=Rect({int}, {int} - {int}, {int})",
        ),
        (
            "I",
            "Windows",
            "screen was frozen for {dur} due to Window{{hex8} u0 {pkg}}",
        ),
        ("D", "Phone", "getEnabled: sub={small} phone={small}"),
        ("D", "Phone", "getEnabled: sub={small} ret=true"),
        (
            "W",
            "Activity",
            "tasks: caller {int} may not see them; cutting output",
        ),
        (
            "W",
            "Activity",
            "processes: caller {int} may not see them; cutting output",
        ),
        (
            "I",
            "Activity",
            "START u0 {act={pkg}.VIEW flg={ptr} cmp={pkg}/.Main (has extras)} from uid {int} on \
             display 0",
        ),
        (
            "I",
            "Activity",
            "START u0 {flg={ptr} cmp={pkg}/.Main (has extras)} from uid {int} on display 0",
        ),
        ("D", "Audio", "volume of stream kind: {small}"),
        ("V", "Audio", "is music on..."),
        ("V", "Audio", "is headset on..."),
        ("V", "Audio", "mode..."),
        ("D", "Alarm", "next tick at = {big}"),
        (
            "D",
            "Panel",
            "fold: flags={small}, force=false, later=false, shown={~false|true}",
        ),
        (
            "D",
            "Panel",
            "fling: vel={float}, expand=true, target={float}, factor={float}",
        ),
        ("I", "Panel", "onOpenStarted"),
        ("I", "Panel", "onOpenFinished"),
        (
            "D",
            "Notes",
            "cancel pid {int},uid = {int},tag = null,pkg ={pkg},id ={int}",
        ),
        ("I", "Notes", "seen {int}|{pkg}|{int}|null|{int}"),
        ("I", "Activity", "process {pkg} (pid {int}) is gone"),
        (
            "I",
            "Activity",
            "process {int}:{pkg}/u0a{int} begins for service {pkg}/.Sync",
        ),
        (
            "D",
            "Battery",
            "level:{small} status:{small} health:{small} plugged: {~true|false} voltage: {int}",
        ),
    ],
};

/// A web server.
const WEB: Set = Set {
    name: "web",
    header: |draw, level, _| {
        format!(
            "2024/03/{:02} {} [{level}] {}#{}: *{} ",
            draw.between(1, 28),
            clock(draw),
            draw.between(10, 99),
            draw.between(10, 99),
            draw.below(90_000)
        )
    },
    footer: "",
    statements: &[
        (
            "error",
            "",
            "open() \"{path}\" failed (2: No such file or directory), client: {ip}, server: \
             {host}, request: \"GET {path} HTTP/1.1\", host: \"{host}\"",
        ),
        (
            "error",
            "",
            "upstream timed out (110: Connection timed out) while reading header, client: {ip}, \
             server: {host}, request: \"POST {path} HTTP/1.1\", upstream: \
             \"http://{ipport}{path}\", host: \"{host}\"",
        ),
        (
            "error",
            "",
            "connect() failed (111: Connection refused) while connecting, client: {ip}, server: \
             {host}, request: \"GET {path} HTTP/1.1\", upstream: \"http://{ipport}{path}\"",
        ),
        (
            "warn",
            "",
            "a client body is kept in a temporary file {path}, client: {ip}, server: {host}, \
             request: \"POST {path} HTTP/2.0\"",
        ),
        (
            "error",
            "",
            "access forbidden by rule, client: {ip}, server: {host}, request: \"GET {path} \
             HTTP/1.1\"",
        ),
        ("info", "", "client {ip} closed keepalive connection"),
        (
            "info",
            "",
            "client closed connection while waiting for request, client: {ip}, server: 0.0.0.0:443",
        ),
        (
            "notice",
            "",
            "signal {small} ({~SIGCHLD}) received from {int}",
        ),
        (
            "notice",
            "",
            "worker process {int} exited with code {small}",
        ),
        ("notice", "", "start worker process {int}"),
        ("notice", "", "reconfiguring"),
        ("notice", "", "using the \"epoll\" event method"),
        (
            "crit",
            "",
            "SSL handshake failed (SSL: error:{hex8}:SSL routines::unsupported protocol) while \
             handshaking, client: {ip}, server: 0.0.0.0:443",
        ),
        (
            "error",
            "",
            "limiting requests, excess: {float} by zone \"{word}\", client: {ip}, server: \
             {host}, request: \"GET {path} HTTP/1.1\"",
        ),
        (
            "error",
            "",
            "directory index of \"{path}\" is forbidden, client: {ip}, server: {host}",
        ),
        (
            "warn",
            "",
            "conflicting server name \"{host}\" on 0.0.0.0:{port}, ignored",
        ),
    ],
};

/// Services of a shop.
const SHOP: Set = Set {
    name: "shop",
    header: |draw, level, logger| {
        format!(
            "2024-05-{:02}T{}.{:03}Z {level:>5} {} --- [{}] com.acme.{logger:32} : ",
            draw.between(10, 28),
            clock(draw),
            draw.below(1_000),
            draw.between(1, 99),
            ["main", "exec-1", "exec-12", "scheduling-1"][draw.below(4)]
        )
    },
    footer: "",
    statements: &[
        (
            "INFO",
            "OrderService",
            "order {int} of customer {uuid} accepted, total {float} EUR, items=[{ints}]",
        ),
        (
            "INFO",
            "OrderService",
            "order {int} moved to state {~paid|packed|sent}",
        ),
        (
            "DEBUG",
            "Pool",
            "pool stats (total={small}, active={small}, idle={small}, waiting={small})",
        ),
        ("INFO", "Http", "call to {service} answered 200 in {dur}"),
        (
            "WARN",
            "Http",
            "call to {service} answered 503 in {dur}, attempt {small} of 3",
        ),
        (
            "ERROR",
            "Http",
            "call to {service} gave up after {small} attempts: {url}",
        ),
        (
            "INFO",
            "Cache",
            "cache {word} refreshed, {int} entries in {ms} ms",
        ),
        ("INFO", "Cache", "cache {word} evicted {int} entries"),
        ("INFO", "Users", "user {user} logged in from {ip}"),
        ("INFO", "Users", "user {user} logged out"),
        (
            "WARN",
            "Users",
            "user {user} was locked after {small} wrong passwords",
        ),
        (
            "INFO",
            "Search",
            "query '{title}' gave {int} hits in {ms} ms",
        ),
        (
            "INFO",
            "Export",
            "export of {table} to {file} finished: {int} rows, {size}",
        ),
        ("INFO", "Export", "export of {table} started"),
        ("ERROR", "Payments", "payment {id} declined: code {int}"),
        (
            "INFO",
            "Main",
            "Started ShopApplication in {float} seconds (process running for {float})",
        ),
        (
            "INFO",
            "Main",
            "No active profile set, falling back to 1 default profile: \"default\"",
        ),
        (
            "INFO",
            "Listener",
            "consumer {class} assigned partitions [{ints}]",
        ),
        (
            "INFO",
            "Listener",
            "consumer {class} revoked partitions [{ints}]",
        ),
        ("INFO", "Mail", "mail '{title}' sent to {names}"),
        (
            "WARN",
            "Pool",
            "connection {uuid} was held for {dur} by {class}",
        ),
        ("INFO", "Flags", "flag {word} is now {~on|off}"),
        (
            "DEBUG",
            "Sql",
            "statement took {ms} ms: select from {table}",
        ),
        ("INFO", "Gc", "heap {size} of {size} used ({percent})"),
    ],
};
