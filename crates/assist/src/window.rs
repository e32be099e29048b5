//! Which stretch of time a question is about.
//!
//! *Why so:* the operator's zone is not known, so a phrase that depends on one ("last night") is
//! read as the last 24 hours, which covers the night of every zone, and the answer says so.

use cordon_diagnose::Window;

/// Nanoseconds in a second.
const SECOND_NS: u64 = 1_000_000_000;
/// Seconds in an hour.
const HOUR_S: u64 = 3_600;
/// Window of a question that names no time, in hours.
pub const DEFAULT_HOURS: u64 = 24;
/// Longest window that a phrase may ask for, in hours.
pub const HOURS_MAX: u64 = 24 * 31;

/// The window of a question asked at `now_unix_ns`, and the baseline before it, of equal length.
pub fn of_question(question: &str, now_unix_ns: u64) -> (Window, Window) {
    ending_at(now_unix_ns, seconds_of(question))
}

/// The window of the last `seconds`, and the baseline of equal length before it.
pub fn ending_at(now_unix_ns: u64, seconds: u64) -> (Window, Window) {
    let span = seconds.saturating_mul(SECOND_NS);
    let from = now_unix_ns.saturating_sub(span);
    let window = Window {
        from_unix_ns: from,
        to_unix_ns: now_unix_ns,
    };
    let baseline = Window {
        from_unix_ns: from.saturating_sub(span),
        to_unix_ns: from,
    };
    (window, baseline)
}

/// Length of time that the question's words name, in seconds.
fn seconds_of(question: &str) -> u64 {
    let lower = question.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    relative(&words)
        .or_else(|| named(&words))
        .unwrap_or(DEFAULT_HOURS * HOUR_S)
}

/// "last 3 hours", "past 20 minutes", "2 days ago", "last hour".
fn relative(words: &[&str]) -> Option<u64> {
    words.iter().enumerate().find_map(|(at, word)| {
        let unit = unit_seconds(word)?;
        let before = at
            .checked_sub(1)
            .and_then(|i| words.get(i))
            .copied()
            .unwrap_or_default();
        let count = match before.parse::<u64>() {
            Ok(n) => n,
            Err(_) if matches!(before, "last" | "past" | "previous" | "this") => 1,
            Err(_) => return None,
        };
        Some(count.max(1).saturating_mul(unit).min(HOURS_MAX * HOUR_S))
    })
}

fn unit_seconds(word: &str) -> Option<u64> {
    Some(match word {
        "minute" | "minutes" | "min" | "mins" => 60,
        "hour" | "hours" | "h" => HOUR_S,
        "day" | "days" => 24 * HOUR_S,
        "week" | "weeks" => 7 * 24 * HOUR_S,
        _ => return None,
    })
}

fn named(words: &[&str]) -> Option<u64> {
    words.contains(&"yesterday").then_some(48 * HOUR_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(question: &str) -> u64 {
        let (window, baseline) = of_question(question, 10_000 * HOUR_S * SECOND_NS);
        assert_eq!(baseline.to_unix_ns, window.from_unix_ns);
        let span = window.to_unix_ns - window.from_unix_ns;
        assert_eq!(baseline.to_unix_ns - baseline.from_unix_ns, span);
        span / SECOND_NS / HOUR_S
    }

    #[test]
    fn reads_the_usual_phrases() {
        assert_eq!(hours("why did billing fail last night?"), 24);
        assert_eq!(hours("what broke in the last 3 hours"), 3);
        assert_eq!(hours("errors in the past hour?"), 1);
        assert_eq!(hours("what happened yesterday"), 48);
        assert_eq!(hours("anything odd this week"), 168);
        assert_eq!(hours("payment 42 failed"), 24);
        assert_eq!(hours("last 99999 days"), HOURS_MAX);
    }
}
