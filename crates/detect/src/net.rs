//! Network addresses: IPv4, IPv6, hardware addresses; user names in home directories.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::bytes::{alnum, at, before, ceil, cut, digit, floor, opens, run, run_back, starts};
use crate::{Finding, TokenKind};

/// An IPv4 address at `i`. Versions, loopback and unspecified addresses are none.
pub(crate) fn ipv4(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = run(bytes, i, 16, |b| digit(b) || b == b'.');
    let end = if before(bytes, end) == b'.' {
        end - 1
    } else {
        end
    };
    let prior = before(bytes, i);
    if let Some(end) = captured_end(bytes, i) {
        return Some(Finding::personal("ipv4", TokenKind::Ip, i, end));
    }
    let goes_on = matches!(at(bytes, end), b'.' | b'-' | b'_') && alnum(at(bytes, end + 1));
    let inside = prior == b'.' || prior == b'-' && !is_channel(bytes, i, end);
    let bound = opens(bytes, i) && !inside && !alnum(at(bytes, end)) && !goes_on;
    // `Chrome/120.0.0.0`, `v1.2.3.4`, `lib-1.2.3.4.jar`.
    let product = prior == b'/' && alnum(before(bytes, i - 1));
    let product = product && !is_segment(text, i) && !is_of_host(text, (i, end));
    if !bound || product || versioned(text, i) {
        return None;
    }
    let address: Ipv4Addr = cut(text, i, end).parse().ok()?;
    let technical = address.is_loopback() || address.is_unspecified() || address.is_broadcast();
    (!technical).then(|| Finding::personal("ipv4", TokenKind::Ip, i, end))
}

/// End of the address at `i` in a line of tcpdump(8), where a point and the port or its name
/// follow: `IP 10.0.0.1.5353 > 10.0.0.2.domain: …`.
fn captured_end(bytes: &[u8], i: usize) -> Option<usize> {
    let led = |word: &[u8]| {
        i.checked_sub(word.len())
            .is_some_and(|n| starts(bytes, n, word))
    };
    if !(led(b"IP ") || led(b" > ")) {
        return None;
    }
    let mut end = i;
    for n in 0..4 {
        let next = run(bytes, end, 3, digit);
        let value = bytes.get(end..next).unwrap_or(&[]);
        let value = value
            .iter()
            .fold(0_u32, |sum, b| sum * 10 + u32::from(b - b'0'));
        if next == end || value > 255 || at(bytes, next) != b'.' {
            return None;
        }
        end = if n < 3 { next + 1 } else { next };
    }
    let port = run(bytes, end + 1, 16, |b| alnum(b) || b == b'-');
    let follows = starts(bytes, port, b" > ") || starts(bytes, port, b": ");
    (port > end + 1 && follows).then_some(end)
}

/// Whether the address is the other end of a channel, as Kafka prints one:
/// `10.0.0.1:9092-10.0.0.2:41322-7`.
fn is_channel(bytes: &[u8], i: usize, end: usize) -> bool {
    let port = run_back(bytes, i - 1, 5, digit);
    port < i - 1
        && before(bytes, port) == b':'
        && at(bytes, end) == b':'
        && digit(at(bytes, end + 1))
}

/// Whether the address behind a slash is a host's, whose name stands before it, as Java and
/// Kubernetes print one: a port follows, or a word before says so, or the address is a private one.
fn is_of_host(text: &str, (i, end): (usize, usize)) -> bool {
    let bytes = text.as_bytes();
    let start = run_back(bytes, i - 1, HOST_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'-' | b'.' | b'_')
    });
    let name = cut(text, start, i - 1);
    let port = at(bytes, end) == b':' && digit(at(bytes, end + 1));
    let numbered = name.contains('-') && name.bytes().any(digit);
    // Squid's hierarchy codes.
    let code = |b: u8| b.is_ascii_uppercase() || b == b'_';
    let code = name.contains('_') && name.bytes().all(code);
    // Versions begin with 10, too, and with nothing else that is private.
    let private = |a: Ipv4Addr| a.is_private() && (a.octets().first() != Some(&10) || numbered);
    let address = cut(text, i, end).parse();
    // `Node:  worker/10.0.0.1` of kubectl.
    let gap = run_back(bytes, start, 24, |b| b == b' ');
    let node = gap < start && cut(text, 0, gap).ends_with("Node:");
    before(bytes, start) != b'/' && (port || code || node) || address.is_ok_and(private)
}

/// Longest name of a host in bytes that is read before its address.
const HOST_BYTES_MAX: usize = 64;

/// Segments of a route behind which somebody's address or number stands.
#[rustfmt::skip]
const SEGMENTS: &[&str] = &[
    "users", "user", "hosts", "host", "ips", "ip", "clients", "client", "peers", "peer", "nodes",
    "node", "addresses", "address", "customers", "customer", "devices", "device", "sessions",
    "contacts", "contact", "members", "subscribers", "accounts", "patients", "phones", "phone",
    "lookup", "whois", "geoip", "blocklist", "allowlist", "bans", "ban", "by-ip", "by-phone",
    "numbers", "msisdn", "sms", "calls", "messages", "recipients", "profiles", "people",
];

/// Whether the slash before `i` stands behind a route's segment that somebody follows.
pub(crate) fn is_segment(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let Some(slash) = i.checked_sub(1) else {
        return false;
    };
    let start = run_back(bytes, slash, 16, |b| alnum(b) || b == b'-');
    let word = cut(text, start, slash);
    before(bytes, start) == b'/' && SEGMENTS.contains(&word)
}

/// Whether the word before says that a version follows.
fn versioned(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let end = run_back(bytes, i, 6, |b| {
        matches!(b, b' ' | b'=' | b':' | b'"' | b'\'' | b'\\')
    });
    let start = run_back(bytes, end, 24, |b| {
        alnum(b) || matches!(b, b'_' | b'.' | b'-')
    });
    let word = cut(text, start, end).to_ascii_lowercase();
    let alone = word.rsplit(['_', '.', '-']).next().unwrap_or("");
    // `v 1.2.3.4` is one, `v = "10.1.2.3"` a value.
    let spoken = at(bytes, end) == b' ' && i == end + 1;
    let heading = [
        "figure",
        "table",
        "firmware",
        "bios",
        "kernel",
        "driver",
        "section",
        "chapter",
        "clause",
        "paragraph",
        "appendix",
        "rule",
        "step",
    ];
    matches!(alone, "ver" | "oid")
        || heading.contains(&alone) && spoken
        || alone == "v" && spoken
        || ["version", "release", "build"]
            .iter()
            .any(|w| word.ends_with(w))
}

/// An IPv6 address at `i`.
pub(crate) fn ipv6(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let prior = before(bytes, i);
    let inside = matches!(prior, b'.' | b'-') || prior == b':' && !is_named(bytes, i);
    if !opens(bytes, i) || inside {
        return None;
    }
    let mut end = run(bytes, i, 46, |b| {
        b.is_ascii_hexdigit() || matches!(b, b':' | b'.')
    });
    while matches!(before(bytes, end), b':' | b'.') && !starts(bytes, end.saturating_sub(2), b"::")
    {
        end -= 1;
    }
    let whole = end;
    let end = without_port(text, i, end);
    let address = cut(text, i, end);
    let colons = address.bytes().filter(|b| *b == b':').count();
    let letters = address.bytes().any(|b| b.is_ascii_alphabetic());
    let next = at(bytes, end + 1);
    // `B5:8D:48:26:56:DB:4B:31`: bytes of an identifier.
    let octets = colons == 7 && address.split(':').all(|group| group.len() == 2);
    let longer = at(bytes, end) == b':' && (next == b':' || next.is_ascii_hexdigit());
    let goes_on = alnum(at(bytes, whole)) || end == whole && longer;
    if colons < 2 || octets || goes_on || address.len() < 6 {
        return None;
    }
    let parsed: Ipv6Addr = address.parse().ok()?;
    // `::` within C++ or Rust paths and times such as `12::30` do not reach here with letters.
    if parsed.is_loopback() || parsed.is_unspecified() || !(letters || colons == 7) && colons < 3 {
        return None;
    }
    Some(Finding::personal("ipv6", TokenKind::Ip, i, end))
}

/// Whether the colon before `i` stands behind a name: `RemoteAddr:fe80::1`.
fn is_named(bytes: &[u8], i: usize) -> bool {
    let start = run_back(bytes, i - 1, 24, |b| alnum(b) || b == b'_');
    let name = bytes.get(start..i - 1).unwrap_or(&[]);
    name.iter().any(|b| !b.is_ascii_hexdigit()) && before(bytes, start) != b':'
}

/// Longest port in digits.
const PORT_DIGITS_MAX: usize = 5;

/// End of an address behind which a port may stand that makes it none: `2001:db8::1:53129`.
fn without_port(text: &str, start: usize, end: usize) -> usize {
    let address = cut(text, start, end);
    if address.parse::<Ipv6Addr>().is_ok() {
        return end;
    }
    let port = address.rsplit_once(':').filter(|(head, port)| {
        let digits = port.bytes().all(digit) && (1..=PORT_DIGITS_MAX).contains(&port.len());
        digits && head.parse::<Ipv6Addr>().is_ok()
    });
    port.map_or(end, |(head, _)| start + head.len())
}

/// A hardware address at `i`: six pairs of hex digits with one separator.
pub(crate) fn mac(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let separator = at(bytes, i + 2);
    let prior = before(bytes, i);
    let inside = prior == b'-' || prior == b':' && !is_named(bytes, i);
    if !matches!(separator, b':' | b'-') || !opens(bytes, i) || inside {
        return None;
    }
    for pair in 0..6 {
        let p = i + pair * 3;
        let hex = at(bytes, p).is_ascii_hexdigit() && at(bytes, p + 1).is_ascii_hexdigit();
        if !hex || (pair < 5 && at(bytes, p + 2) != separator) {
            return None;
        }
    }
    let end = match frame_end(bytes, i) {
        Some(end) => end,
        None => i + 17,
    };
    let goes_on = at(bytes, end) == separator && at(bytes, end + 1).is_ascii_hexdigit();
    let goes_on = goes_on && end == i + 17;
    let bound = !alnum(at(bytes, end)) && !goes_on;
    let zero = cut(text, i, end)
        .bytes()
        .all(|b| matches!(b, b'0' | b':' | b'-'));
    // The address of all.
    let all = cut(text, i, end)
        .bytes()
        .all(|b| matches!(b, b'f' | b'F' | b':' | b'-'));
    (bound && !zero && !all).then(|| Finding::personal("mac", TokenKind::Mac, i, end))
}

/// End of the two addresses that begin the header of an Ethernet frame at `i`, as Linux's packet
/// filter logs one: fourteen bytes, of which the last two are the type.
fn frame_end(bytes: &[u8], i: usize) -> Option<usize> {
    let pairs = bytes.get(i..i + 14 * 3 - 1)?;
    let joined = pairs.iter().enumerate().all(|(n, b)| match n % 3 {
        2 => *b == b':',
        _ => b.is_ascii_hexdigit(),
    });
    let end = i + 14 * 3 - 1;
    (joined && !alnum(at(bytes, end)) && at(bytes, end) != b':').then_some(i + 12 * 3 - 1)
}

/// A hardware address as switches write it, at `i`: `9c85.6a1c.296e`.
pub(crate) fn mac_dotted(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = i + 14;
    let token = bytes.get(i..end)?;
    let shaped = token.iter().enumerate().all(|(n, b)| match n {
        4 | 9 => *b == b'.',
        _ => b.is_ascii_hexdigit(),
    });
    let prior = before(bytes, i);
    let goes_on = matches!(at(bytes, end), b'.' | b'-' | b'_') && alnum(at(bytes, end + 1));
    let bound = opens(bytes, i)
        && !matches!(prior, b'.' | b'-')
        && !alnum(at(bytes, end))
        && at(bytes, end) != b'_'
        && !goes_on;
    if !shaped || !bound {
        return None;
    }
    // Digits alone are groups of a number; letters alone may be words.
    let letters = token.iter().any(u8::is_ascii_alphabetic);
    let digits = token.iter().filter(|b| digit(**b)).count();
    let broadcast = token.iter().all(|b| matches!(b, b'f' | b'F' | b'.'));
    (letters && digits > 0 && !broadcast).then(|| Finding::personal("mac", TokenKind::Mac, i, end))
}

/// Whether a value is a hardware address in any of its notations: six or eight bytes in pairs, in
/// groups of four or six digits, or without signs.
pub(crate) fn is_hardware(value: &str) -> bool {
    let value = value.trim_matches(|c: char| matches!(c, '"' | '\'' | '\\'));
    let hex: usize = value.bytes().filter(u8::is_ascii_hexdigit).count();
    let signs: Vec<u8> = value.bytes().filter(|b| !b.is_ascii_hexdigit()).collect();
    let one = signs
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if a == b));
    let known = signs.iter().all(|b| matches!(b, b':' | b'-' | b'.' | b' '));
    let sizes = value.split([':', '-', '.', ' ']).map(str::len);
    let even = |size: usize| {
        value
            .split([':', '-', '.', ' '])
            .all(|group| group.len() == size)
    };
    let grouped = even(2) || even(4) || even(6) || sizes.count() == 1;
    // `d4:1:5a:4a:95:9a`: some leave out leading zeros.
    let short = signs.len() == 5 && at(&signs, 0) == b':' && (6..=12).contains(&hex);
    let zero = value.bytes().all(|b| !b.is_ascii_hexdigit() || b == b'0');
    (matches!(hex, 12 | 16) && grouped || short) && one && known && !zero
}

/// Accounts that no person owns.
const SERVICE_USERS: &[&str] = &[
    "sa",
    "root",
    "runner",
    "ubuntu",
    "ec2-user",
    "app",
    "node",
    "vsts",
    "jenkins",
    "circleci",
    "build",
    "builder",
    "docker",
    "shared",
    "staff",
    "wheel",
    "public",
    "default",
    "user",
    "users",
    "www-data",
    "nonroot",
    "vscode",
    "linuxbrew",
    "travis",
    "gitlab-runner",
    "appuser",
    "admin",
    "service",
    "nobody",
    "postgres",
    "git",
    "all users",
    "guest",
    "system",
    "daemon",
    "administrator",
    "anonymous",
    "nginx",
    "apache",
    "mysql",
    "redis",
    "systemd",
    "messagebus",
    "sshd",
    "syslog",
    "cron",
    "kubelet",
    "rabbit",
    "celery",
    "ejabberd",
    "akka",
    "puppeteer",
    "logrotate",
];

/// Whether the account belongs to a service, not to a person.
pub(crate) fn is_service(user: &str) -> bool {
    SERVICE_USERS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(user))
}

/// Folders of home directories.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    ["home", "Users", "Documents and Settings"].into_iter()
}

/// Whether a home directory's folder stands at `i`, behind its separator.
pub(crate) fn may_follow_home(bytes: &[u8], i: usize) -> bool {
    matches!(before(bytes, i), b'/' | b'\\')
        && [b"home".as_slice(), b"Users", b"Documents and Settings"]
            .iter()
            .any(|folder| {
                starts(bytes, i, folder) && matches!(at(bytes, i + folder.len()), b'/' | b'\\')
            })
}

/// Longest name of a folder in bytes, as file systems have it (`NAME_MAX` is 255): what is longer
/// is no home directory.
const FOLDER_BYTES_MAX: usize = 256;

/// The user name in a home directory's path at its separator.
pub(crate) fn home(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let heads: [&[u8]; 6] = [
        b"/home/",
        b"/Users/",
        b"\\Users\\",
        b"\\\\Users\\\\",
        b"/Documents and Settings/",
        b"\\/home\\/",
    ];
    let head = heads.iter().find(|h| starts(bytes, i, h))?;
    let drive = before(bytes, i) == b':';
    let path = alnum(before(bytes, i)) && at(bytes, i) == b'/';
    // `/api/home/x` is a route, `file:///home/x` and `C:/Users/x` are paths.
    if path {
        return None;
    }
    let start = i + head.len();
    let accept = |b: u8| alnum(b) || matches!(b, b'.' | b'_' | b'-') || b >= 0x80;
    let mut end = run(bytes, start, FOLDER_BYTES_MAX, accept);
    if end - start == FOLDER_BYTES_MAX {
        return None;
    }
    if drive && at(bytes, end) == b' ' {
        // `C:\Users\Ann Example\AppData`.
        let more = run(bytes, end + 1, 32, accept);
        if at(bytes, more) == b'\\' && more > end + 1 {
            end = more;
        }
    }
    let (start, end) = (ceil(text, start), floor(text, end));
    let name = cut(text, start, end);
    let name = name.trim_end_matches('.');
    (!name.is_empty() && !name.starts_with('.') && !is_service(name))
        .then(|| Finding::personal("home_user", TokenKind::User, start, start + name.len()))
}
