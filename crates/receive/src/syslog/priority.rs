//! PRI: facility times eight plus severity (RFC 5424, section 6.2.1).

use cordon_event::Severity;

/// Highest value: facility 23, severity 7.
const PRIORITY_MAX: u8 = 191;

/// Names of the facilities, RFC 5424's table 1, in the spelling of syslog.conf.
const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

/// Severities 0 to 7 in the numbers of OpenTelemetry's log data model, appendix B: emergency is
/// FATAL, alert ERROR3, critical ERROR2, notice INFO2.
const SEVERITIES: [u8; 8] = [21, 19, 18, 17, 13, 10, 9, 5];

/// The priority at the beginning, and what follows; nothing where there is none.
pub(super) fn leading(text: &str) -> (Option<u8>, &str) {
    let read = || {
        let (digits, rest) = text.strip_prefix('<')?.split_once('>')?;
        let fits = (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let value: u8 = digits.parse().ok().filter(|n| fits && *n <= PRIORITY_MAX)?;
        Some((value, rest))
    };
    match read() {
        Some((value, rest)) => (Some(value), rest),
        None => (None, text),
    }
}

/// Name of a priority's facility.
pub(super) fn facility(priority: u8) -> &'static str {
    let at = usize::from(priority / 8);
    FACILITIES.get(at).copied().unwrap_or_default()
}

/// A priority's severity.
pub(super) fn severity(priority: u8) -> Severity {
    of_level(priority % 8).unwrap_or_default()
}

/// The severity of a level from 0 to 7, wherever it is written: syslog, the journal, GELF.
pub(crate) fn of_level(level: u8) -> Option<Severity> {
    SEVERITIES.get(usize::from(level)).copied().map(Severity)
}
