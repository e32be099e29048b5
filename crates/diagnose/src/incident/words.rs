//! What a piece of evidence says, in a sentence. Every number in it is one of the evidence's own.

use super::evidence::{Check, Evidence, Numbers, Unit};
use crate::sentence::excerpt;

/// The sentence of a piece of evidence.
pub(super) fn sentence(evidence: &Evidence) -> String {
    let subject = &evidence.subject;
    let service = excerpt(&subject.service);
    let operation = code(&subject.operation);
    let other = code(&subject.other);
    let text = code(&evidence.text);
    let was = was(&evidence.numbers);
    match evidence.check {
        Check::SelfTime => format!("{operation} spent {was} in {service} itself"),
        Check::Dependency => format!("{operation} of {service} waited {was} for {other}"),
        Check::EdgeGap => {
            format!("calls of {operation} from {service} to {other} lost {was} between the two")
        }
        Check::ErrorOrigin => match (subject.other.is_empty(), evidence.text.as_str()) {
            (true, _) => format!("{operation} failed in {service} itself: {was}"),
            (false, "") => format!("{operation} of {service} failed at {other}: {was}"),
            (false, how) => format!("{operation} of {service}: {other} {how}: {was}"),
        },
        Check::Unreachable => {
            format!("{operation} of {service} got no answer from {other}: {was}")
        }
        Check::Flow => flow(evidence, &was),
        Check::NewMessage => format!("{service} wrote {text}: {was}"),
        Check::MessageRate => format!("{service} wrote {text} more often: {was}"),
        Check::Exception if subject.operation.is_empty() => {
            format!("{service} raised {text}: {was}")
        }
        Check::Exception => format!("{service} raised {text} in {operation}: {was}"),
        Check::Resource | Check::Metric => format!("{operation} of {service}: {was}"),
        Check::Restart => format!("{service} began anew, by {operation}: {was}"),
        Check::Silence => format!("{service} recorded nothing: {was}"),
        Check::Change => format!("{service}: {text}"),
        Check::SuspectFrame if evidence.text.is_empty() => {
            format!("what fails in {service} goes through {operation}: {was}")
        }
        Check::SuspectFrame => {
            format!("what fails in {service} goes through {operation} at {text}: {was}")
        }
        Check::SuspectCommit => format!("{operation} {}", excerpt(&evidence.text)),
        Check::Attribute => {
            format!("failing requests of {service} have {operation} = {text}: {was}")
        }
    }
}

fn flow(evidence: &Evidence, was: &str) -> String {
    let subject = &evidence.subject;
    let operation = code(&subject.operation);
    let service = excerpt(&subject.service);
    let text = code(&evidence.text);
    let less = evidence.numbers.now < evidence.numbers.before;
    match (subject.other.as_str(), evidence.numbers.unit, less) {
        ("message", _, true) => {
            format!("{operation} of {service} comes to {text} less often: {was}")
        }
        ("message", _, false) => {
            format!("{operation} of {service} comes to {text} more often: {was}")
        }
        (_, Unit::Times, _) => format!("{operation} of {service} repeats {text}: {was}"),
        ("call", _, true) => format!("{operation} of {service} skips its call {text}: {was}"),
        ("call", _, false) => format!("{operation} of {service} calls {text} more often: {was}"),
        (_, _, true) => format!("{operation} of {service} skips {text}: {was}"),
        (_, _, false) => format!("{operation} of {service} runs {text} more often: {was}"),
    }
}

fn code(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("`{}`", excerpt(text))
    }
}

/// `212 ms, 18 ms before (95th percentile 480 ms, 31 ms before; 120 and 118 calls)`.
fn was(numbers: &Numbers) -> String {
    let Numbers {
        before,
        now,
        tail_before,
        tail_now,
        of_before,
        of_now,
        unit,
    } = *numbers;
    match unit {
        Unit::Milliseconds => format!(
            "{}, {} before (95th percentile {}, {} before; {of_now} and {of_before} calls)",
            milliseconds(now),
            milliseconds(before),
            milliseconds(tail_now),
            milliseconds(tail_before)
        ),
        Unit::Share => format!(
            "{} of {of_now}, {} of {of_before} before",
            percent(now),
            percent(before)
        ),
        Unit::Times => format!("{} times a run, {} before", plain(now), plain(before)),
        Unit::Count if before == 0.0 => format!("{} times, never before", plain(now)),
        Unit::Count => format!("{} times, {} before", plain(now), plain(before)),
        Unit::Value => format!(
            "{}, {} before (95th percentile {}, {} before)",
            plain(now),
            plain(before),
            plain(tail_now),
            plain(tail_before)
        ),
    }
}

pub(crate) fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent > 0.0 && percent < 1.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

fn milliseconds(ms: f64) -> String {
    crate::clock::duration((ms.max(0.0) * 1e6) as u64)
}

/// A number with as many digits as tell something.
pub(super) fn plain(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if value.fract() == 0.0 && size < 1e15 => format!("{value:.0}"),
        _ if size >= 100.0 => format!("{value:.0}"),
        _ if size >= 1.0 => format!("{value:.1}"),
        _ if size >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_as_many_digits_as_tell_something() {
        for (value, text) in [
            (0.0, "0"),
            (12.0, "12"),
            (1.25, "1.2"),
            (0.037, "0.04"),
            (0.000_12, "1.20e-4"),
            (1234.6, "1235"),
        ] {
            assert_eq!(plain(value), text);
        }
        assert_eq!(percent(0.004), "0.4 %");
        assert_eq!(percent(0.5), "50 %");
    }
}
