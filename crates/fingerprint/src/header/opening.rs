//! What may stand before the first part of a header: priorities, containers, alarms, addresses.

use cordon_event::Severity;

use super::{Reader, balanced, level, number, past_blanks, technical, until};
use crate::clock;

/// Words that supercomputers write before the number of seconds.
const EPOCH_WORDS_MAX: usize = 5;
/// Longest name of a container before its bar, in bytes.
const CONTAINER_BYTES_MAX: usize = 64;

impl<'a> Reader<'a> {
    /// Passes what opens the line.
    pub(super) fn open(&mut self) {
        // Most lines begin with their time.
        if self.first.is_some() || clock::two_sixes(self.rest.as_bytes()).is_some() {
            return;
        }
        self.priority();
        self.container();
        // What the first two words begin with rules most forms out.
        let bytes = self.rest.as_bytes();
        let first = bytes.first().copied().unwrap_or(b' ');
        let space = memchr::memchr(b' ', bytes).unwrap_or(bytes.len());
        let second = bytes.get(space + 1).copied().unwrap_or(b' ');
        let timely = second.is_ascii_digit() || second.is_ascii_uppercase();
        let _ = self.glog()
            || self.android_brief()
            || self.python_basic()
            || self.ruby()
            || first.is_ascii_digit() && (self.redis() || self.seconds())
            || second.is_ascii_lowercase() && self.pod(space)
            || self.access(space)
            || (first.is_ascii_digit() || second == b'1') && self.epoch()
            || timely && self.prefixed();
        self.rest = past_blanks(self.rest);
    }

    /// `<34>`, and with it `1 ` of the newer syslog, whose fields have an order.
    fn priority(&mut self) {
        let Some((number, behind)) = self
            .rest
            .strip_prefix('<')
            .and_then(|inner| inner.split_once('>'))
        else {
            return;
        };
        let digits = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        let Some(priority) = number.parse::<u8>().ok().filter(|_| digits) else {
            return;
        };
        self.rest = behind;
        self.found.severity = of_syslog(priority % 8);
        if let Some(fields) = behind.strip_prefix("1 ") {
            self.newer_syslog(fields);
        }
    }

    /// `time host app process message-id structured-data message`.
    fn newer_syslog(&mut self, fields: &'a str) {
        let mut words = fields.splitn(6, ' ');
        let mut next = || words.next().unwrap_or_default();
        let (time, host, service, _process, _message_id, rest) =
            (next(), next(), next(), next(), next(), next());
        let stamp = clock::read(time.as_bytes());
        if rest.is_empty() || (stamp.is_none() && time != "-") {
            return;
        }
        if let Some(stamp) = stamp {
            self.keep(stamp);
        }
        let told = |word: &'a str| if word == "-" { "" } else { word };
        (self.found.host, self.found.service) = (told(host), told(service));
        self.rest = rest.strip_prefix("- ").unwrap_or(rest);
        while let Some(length) = data_element(self.rest) {
            self.skip(length);
        }
        self.rest = past_blanks(self.rest).trim_start_matches('\u{feff}');
    }

    /// `[pod/name/container] `, `web-1  | `.
    fn container(&mut self) {
        if let Some((inner, length)) = balanced(self.rest)
            && let Some(pod) = inner.strip_prefix("pod/")
        {
            self.found.service = pod.rsplit('/').next().unwrap_or(pod);
            self.skip(length);
            self.rest = past_blanks(self.rest);
            return;
        }
        let bytes = self.rest.as_bytes();
        let head = bytes.get(..CONTAINER_BYTES_MAX).unwrap_or(bytes);
        if memchr::memchr(b'|', head).is_none() {
            return;
        }
        let Some((name, behind)) = self
            .rest
            .split_once("| ")
            .filter(|(name, _)| name.len() < CONTAINER_BYTES_MAX)
        else {
            return;
        };
        let name = name.trim_end();
        let numbered = name.rsplit_once(['-', '_']).is_some_and(|(_, n)| number(n));
        if numbered && technical(name) && clock::read(name.as_bytes()).is_none() {
            self.found.service = name.rsplit_once(['-', '_']).map_or(name, |(name, _)| name);
            self.rest = behind;
        }
    }

    /// `web-5d8f7c9b6d-qq8zt web ` before a time, or where the one name begins the other.
    fn pod(&mut self, space: usize) -> bool {
        let (pod, behind) = self.rest.split_at_checked(space).unwrap_or_default();
        let behind = past_blanks(behind);
        let (name, rest) = behind.split_once(' ').unwrap_or((behind, ""));
        let rest = past_blanks(rest);
        let fits = pod.contains('-') && name.len() <= 63 && technical(pod) && technical(name);
        if !fits || !pod.bytes().any(|b| b.is_ascii_digit()) || name.ends_with(':') {
            return false;
        }
        let replica = pod
            .strip_prefix(name)
            .is_some_and(|tail| tail.starts_with('-') && tail.len() >= 6);
        let stamp = clock::read(rest.as_bytes())
            .filter(|stamp| stamp.clocked && stamp.base == clock::TimeBase::Absolute);
        if stamp.is_none() && !replica {
            return false;
        }
        if let Some(stamp) = stamp {
            self.keep(stamp);
        }
        self.rest = rest
            .get(stamp.map_or(0, |stamp| stamp.length)..)
            .unwrap_or_default();
        self.found.service = name;
        true
    }

    /// `I0102 15:04:05.123456    1 file.go:123] `.
    fn glog(&mut self) -> bool {
        let severity = match self.rest.bytes().next() {
            Some(b'I') => Severity::INFO,
            Some(b'W') => Severity::WARN,
            Some(b'E') => Severity::ERROR,
            Some(b'F') => Severity(21),
            _ => return false,
        };
        let stamp = self
            .rest
            .get(1..)
            .and_then(|rest| clock::month_day(rest.as_bytes()));
        let Some(stamp) = stamp else {
            return false;
        };
        self.keep(stamp);
        self.level(severity);
        self.skip(stamp.length + 1);
        let (place, behind) = self.rest.split_once("] ").unwrap_or(("", self.rest));
        let mut words = place.split_ascii_whitespace();
        let shaped = words.next().is_some_and(number)
            && words
                .next()
                .is_some_and(|file| file.contains(':') && technical(file))
            && words.next().is_none();
        if shaped {
            self.found.logger = place.split_ascii_whitespace().nth(1).unwrap_or_default();
            self.rest = behind;
        }
        true
    }

    /// `D/Tag(  123): `.
    fn android_brief(&mut self) -> bool {
        let Some((letter, rest)) = self.rest.split_at_checked(2) else {
            return false;
        };
        let severity = match letter {
            "V/" => Severity(1),
            "D/" => Severity(5),
            "I/" => Severity::INFO,
            "W/" => Severity::WARN,
            "E/" => Severity::ERROR,
            "F/" => Severity(21),
            _ => return false,
        };
        let Some((name, behind)) = rest.split_once("): ") else {
            return false;
        };
        let Some((tag, process)) = name.split_once('(') else {
            return false;
        };
        if !number(past_blanks(process)) || !technical(tag.trim_end()) {
            return false;
        }
        self.level(severity);
        self.found.logger = tag.trim_end();
        self.rest = behind;
        true
    }

    /// `INFO:name:message`.
    fn python_basic(&mut self) -> bool {
        if !self.rest.bytes().take(12).any(|b| b == b':') {
            return false;
        }
        let mut parts = self.rest.splitn(3, ':');
        let (Some(name), Some(logger), Some(rest)) = (parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let Some(severity) = level(name, false).filter(|_| technical(logger)) else {
            return false;
        };
        self.level(severity);
        self.found.logger = logger;
        self.rest = rest;
        true
    }

    /// `I, [2024-01-02T03:04:05.123456 #1234]  INFO -- prog: `.
    fn ruby(&mut self) -> bool {
        let opened = self.rest.get(1..4) == Some(", [")
            && self.rest.starts_with(['D', 'I', 'W', 'E', 'F', 'A']);
        let inner = self.rest.get(3..).and_then(balanced);
        let Some((inner, length)) = inner.filter(|_| opened) else {
            return false;
        };
        let Some(stamp) = clock::read(inner.as_bytes()) else {
            return false;
        };
        self.keep(stamp);
        self.skip(3 + length);
        let rest = past_blanks(self.rest);
        let (name, behind) = rest.split_once(' ').unwrap_or((rest, ""));
        let Some(severity) = level(name, false) else {
            return true;
        };
        self.level(severity);
        let behind = past_blanks(behind);
        let behind = behind.strip_prefix("-- ").unwrap_or(behind);
        let (program, message) = behind.split_once(": ").unwrap_or(("", behind));
        let named = program.is_empty() || technical(program);
        self.rest = if named { message } else { behind };
        self.rest = self.rest.strip_prefix(": ").unwrap_or(self.rest);
        self.found.service = if named { program } else { "" };
        true
    }

    /// `1234:M 02 Jan 2024 03:04:05.678 * `.
    fn redis(&mut self) -> bool {
        let Some((process, rest)) = self.rest.split_once(' ') else {
            return false;
        };
        let role = process
            .split_once(':')
            .filter(|(n, role)| number(n) && role.len() == 1);
        let stamp = clock::read(rest.as_bytes());
        let (Some(_), Some(stamp)) = (role, stamp) else {
            return false;
        };
        self.keep(stamp);
        let behind = rest.get(stamp.length..).unwrap_or_default().trim_start();
        let (mark, message) = behind.split_once(' ').unwrap_or(("", behind));
        let severity = match mark {
            "." => Severity(5),
            "-" | "*" => Severity::INFO,
            "#" => Severity::WARN,
            _ => Severity(0),
        };
        if severity.0 > 0 {
            self.level(severity);
        }
        self.rest = if severity.0 > 0 { message } else { behind };
        true
    }

    /// `1767225600.123 `, `1767225600123 `, and `1767225600 ` before a level: time since 1970.
    fn seconds(&mut self) -> bool {
        let bytes = self.rest.as_bytes();
        let digits = bytes.iter().take(20).take_while(|b| b.is_ascii_digit());
        let digits = digits.count();
        if !matches!(digits, 10 | 13 | 16 | 19) {
            return false;
        }
        let word = self.word();
        let (whole, fraction) = word.split_once('.').unwrap_or((word, ""));
        let fraction_count = fraction.len().min(9) as u32;
        let part = fraction.get(..fraction_count as usize).unwrap_or_default();
        let next = self.rest.get(word.len()..).unwrap_or_default().trim_start();
        let next = until(next, b" :");
        let told = digits == 13 || number(fraction) || {
            level(next.trim_matches(['[', ']']), false).is_some()
        };
        let unix_ns = whole.parse().ok().and_then(clock::epoch);
        let Some(unix_ns) = unix_ns.filter(|_| told && !next.is_empty()) else {
            return false;
        };
        let part = part.parse::<u64>().unwrap_or(0) * 10_u64.pow(9 - fraction_count);
        let part = if digits == 10 { part } else { 0 };
        self.found.time_unix_ns = Some(unix_ns + part);
        self.found.zone_minutes = Some(0);
        self.timed = true;
        self.pass(word);
        true
    }

    /// `host ident user [02/Jan/2024:03:04:05 +0000] "`: the address and the user say who asked,
    /// and the request is the message.
    fn access(&mut self, space: usize) -> bool {
        // Its third word is followed by a bracket: the second one is short.
        let behind = self.rest.as_bytes().get(space + 1..).unwrap_or_default();
        let ident = behind.iter().take(64).position(|b| *b == b' ');
        let user = ident
            .and_then(|at| behind.get(at + 1..))
            .unwrap_or_default();
        let user_end = user.iter().take(64).position(|b| *b == b' ');
        if user_end.and_then(|at| user.get(at + 1)) != Some(&b'[') {
            return false;
        }
        let Some((before, rest)) = self.rest.split_once(" [").filter(|(b, _)| b.len() < 160) else {
            return false;
        };
        if before.split(' ').count() != 3 {
            return false;
        }
        let stamp = clock::read(rest.as_bytes()).filter(|stamp| stamp.clocked);
        let Some(stamp) = stamp else {
            return false;
        };
        let Some(behind) = rest
            .get(stamp.length..)
            .and_then(|rest| rest.strip_prefix("] \""))
        else {
            return false;
        };
        self.keep(stamp);
        let start = self.rest.len() - behind.len() - 1;
        self.skip(start);
        true
    }

    /// `- 1117838570 2005.06.03 node 2005-06-03-15.42.50.363779 node RAS KERNEL INFO `, and
    /// `460 node-246 unix.hw state_change 1084680778 1 `: alarms of supercomputers, told by their
    /// seconds since 1970 among the first words.
    fn epoch(&mut self) -> bool {
        let mut rest = self.rest;
        for before in 0..EPOCH_WORDS_MAX {
            let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            if !technical(word) || behind.is_empty() || clock::read(word.as_bytes()).is_some() {
                return false;
            }
            let seconds = (word.len() == 10).then(|| word.parse().ok()).flatten();
            if let Some(unix_ns) = seconds.and_then(clock::epoch) {
                let next = behind.split(' ').next().unwrap_or_default();
                let dated = clock::read(next.as_bytes()).is_some();
                let flagged = before >= 2 && number(next);
                if !(dated || flagged) {
                    return false;
                }
                self.found.time_unix_ns = Some(unix_ns);
                self.timed = true;
                self.rest = behind.get(next.len()..).unwrap_or_default();
                if dated {
                    self.alarm();
                }
                return true;
            }
            rest = past_blanks(behind);
        }
        false
    }

    /// The node, its own time, the node again, and `RAS KERNEL INFO`.
    fn alarm(&mut self) {
        let (node, behind) = first(self.rest);
        let Some(stamp) = clock::read(behind.as_bytes()) else {
            return;
        };
        self.found.host = node;
        self.rest = behind.get(stamp.length..).unwrap_or_default();
        let (again, behind) = first(self.rest);
        if again.starts_with(node) || technical(again) {
            self.rest = behind;
        }
        self.syslog = true;
        let mut words = self.rest.splitn(4, ' ');
        let (kind, part, name) = (words.next(), words.next(), words.next());
        if let (Some("RAS"), Some(part), Some(name)) = (kind, part, name)
            && let Some(severity) = level(name, false)
        {
            self.found.logger = part;
            self.level(severity);
            self.rest = words.next().unwrap_or_default();
        }
    }

    /// A file's or a machine's name before a whole time.
    fn prefixed(&mut self) -> bool {
        let (word, behind) = first(self.rest);
        let named = word.len() > 1
            && technical(word)
            && word.bytes().any(|b| !b.is_ascii_alphabetic())
            && !word.ends_with(':')
            && clock::read(word.as_bytes()).is_none();
        let stamp = clock::read(behind.as_bytes())
            .filter(|stamp| stamp.clocked && stamp.base == clock::TimeBase::Absolute);
        let Some(stamp) = stamp.filter(|_| named) else {
            return false;
        };
        self.keep(stamp);
        self.rest = behind.get(stamp.length..).unwrap_or_default();
        true
    }
}

/// The first word, and what follows it.
fn first(text: &str) -> (&str, &str) {
    let text = past_blanks(text);
    let (word, behind) = text.split_once(' ').unwrap_or((text, ""));
    (word, past_blanks(behind))
}

/// Length of `[id key="value" …]` at the beginning of a text.
fn data_element(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('[')?;
    if !inner.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (mut quoted, mut escaped) = (false, false);
    for (at, b) in inner.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// What a severity of syslog is (RFC 5424, table 2).
fn of_syslog(severity: u8) -> Severity {
    Severity(match severity {
        0..=2 => 21,
        3 => 17,
        4 => 13,
        5 | 6 => 9,
        _ => 5,
    })
}

/// The severity within the mnemonic that a router's message begins with: `%LINK-3-UPDOWN: `.
pub(super) fn of_mnemonic(content: &str) -> Option<Severity> {
    let (mnemonic, _) = content.strip_prefix('%')?.split_once(':')?;
    let (facility, name) = mnemonic.rsplit_once('-')?;
    let (facility, severity) = facility.rsplit_once('-')?;
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    let written = |part: &str| !part.is_empty() && part.bytes().all(upper);
    let &[digit @ b'0'..=b'7'] = severity.as_bytes() else {
        return None;
    };
    (written(facility) && written(name)).then(|| of_syslog(digit - b'0'))
}
