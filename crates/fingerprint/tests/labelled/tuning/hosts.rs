//! What operating systems and their daemons write.

use super::super::Set;
use super::clock;

/// A login daemon behind syslog.
pub(crate) const LOGIN: Set = Set {
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

/// The firmware of a large machine.
pub(crate) const MACHINE: Set = Set {
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
pub(crate) const PHONE: Set = Set {
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
