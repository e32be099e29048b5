//! What an answer means: taken, again, or never again.
//!
//! *Source:* OTLP specification, "OTLP/HTTP Response" and "OTLP/gRPC Response": 429, 502, 503 and
//! 504 are to be tried again, no other refusal is; of gRPC's statuses seven are, one of them only
//! where it says when. `Retry-After` is RFC 9110, section 10.2.3; 408 (section 15.5.9) says by
//! itself that the request may be repeated.

use std::time::Duration;

use data_encoding::{BASE64, BASE64_NOPAD};
use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::client::Answer;
use crate::encode::proto::Fields;
use crate::sink::{Accepted, Reason, SendError};

/// What an answer over HTTP says.
pub(crate) fn of_http(answer: &Answer, now_unix_ms: u64) -> Result<Accepted, SendError> {
    let again = |reason| {
        let asked = answer.headers.get(RETRY_AFTER);
        let asked = asked.and_then(|value| value.to_str().ok());
        let after = asked.and_then(|text| retry_after(text, now_unix_ms));
        Err(SendError::Retry(reason, after))
    };
    match answer.status {
        // Half an answer may hide that some records were not taken.
        200..300 if !answer.is_whole => Err(SendError::Retry(Reason::AnswerLost, None)),
        200..300 => Ok(accepted(&answer.body)),
        429 => again(Reason::Throttled),
        408 | 502..=504 => again(Reason::Unavailable),
        413 => Err(SendError::TooLarge),
        status => Err(SendError::Permanent(permanent(status))),
    }
}

fn permanent(status: u16) -> Reason {
    match status {
        300..400 => Reason::Redirected,
        401 | 403 | 407 => Reason::Unauthorised,
        400..500 => Reason::Refused,
        _ => Reason::Failed,
    }
}

/// An `ExportTraceServiceResponse` or `ExportLogsServiceResponse`, which have one shape. What
/// cannot be read, since the receiver answers in another form, says that nothing was rejected.
fn accepted(message: &[u8]) -> Accepted {
    let partial = Fields(message).messages(1).last();
    Accepted {
        rejected_count: partial.map_or(0, |partial| Fields(partial).number(1)),
    }
}

/// Seconds, or a date.
fn retry_after(text: &str, now_unix_ms: u64) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let at_ms = http_date_unix_s(text)?.saturating_mul(1_000);
    Some(Duration::from_millis(at_ms.saturating_sub(now_unix_ms)))
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7); the two obsolete forms are not sent.
fn http_date_unix_s(text: &str) -> Option<u64> {
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: u64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let year: u64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(|n| n.parse::<u64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let is_date = (1970..=9999).contains(&year) && (1..=31).contains(&day);
    let is_time = hour < 24 && minute < 60 && second <= 60;
    if !is_date || !is_time || words.next() != Some("GMT") {
        return None;
    }
    // Days from the civil date, years beginning in March (H. Hinnant, "chrono-Compatible Low-Level
    // Date Algorithms").
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * year + year / 4 - year / 100 + year / 400 + of_year;
    let days = days.checked_sub(719_468)?;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

/// What an answer over gRPC says.
pub(crate) fn of_grpc(answer: &Answer) -> Result<Accepted, SendError> {
    if answer.status != 200 {
        return Err(without_status(answer.status));
    }
    // An answer without a message has its trailers among its headers.
    let from = [&answer.trailers, &answer.headers];
    let status = from.into_iter().find_map(|map| number(map, "grpc-status"));
    let after = from.into_iter().find_map(retry_info);
    match status {
        None => Err(SendError::Retry(Reason::AnswerLost, None)),
        Some(0) => Ok(message(&answer.body).map(accepted).unwrap_or_default()),
        Some(4) => Err(SendError::Retry(Reason::TimedOut, after)),
        // Cancelled, aborted, out of range, unavailable, data loss.
        Some(1 | 10 | 11 | 14 | 15) => Err(SendError::Retry(Reason::Unavailable, after)),
        // Resource exhausted: with a time it passes; without one it is the message that is too
        // large, which is what servers say of that.
        Some(8) if after.is_some() => Err(SendError::Retry(Reason::Throttled, after)),
        Some(8) => Err(SendError::TooLarge),
        // Permission denied, unauthenticated.
        Some(7 | 16) => Err(SendError::Permanent(Reason::Unauthorised)),
        // Unknown, internal.
        Some(2 | 13) => Err(SendError::Permanent(Reason::Failed)),
        Some(_) => Err(SendError::Permanent(Reason::Refused)),
    }
}

/// An answer that is none of gRPC's, such as a proxy's (gRPC, "HTTP to gRPC Status Code Mapping").
fn without_status(status: u16) -> SendError {
    match status {
        429 => SendError::Retry(Reason::Throttled, None),
        502..=504 => SendError::Retry(Reason::Unavailable, None),
        413 => SendError::TooLarge,
        status => SendError::Permanent(permanent(status)),
    }
}

fn number(map: &HeaderMap, name: &str) -> Option<u32> {
    map.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The message of a unary answer: a byte that says whether it is packed (none was allowed to be),
/// its length, and itself.
fn message(body: &[u8]) -> Option<&[u8]> {
    let ([0, len @ ..], rest) = body.split_first_chunk::<5>()? else {
        return None;
    };
    rest.get(..usize::try_from(u32::from_be_bytes(*len)).ok()?)
}

/// The wait in a `google.rpc.RetryInfo` among the details of a `google.rpc.Status`.
fn retry_info(map: &HeaderMap) -> Option<Duration> {
    let text = map.get("grpc-status-details-bin")?.as_bytes();
    let status = BASE64_NOPAD.decode(text).or_else(|_| BASE64.decode(text));
    let status = status.ok()?;
    let info = Fields(&status).messages(3).find_map(|detail| {
        let kind = Fields(detail).messages(1).last()?;
        let is_info = kind.ends_with(b"/google.rpc.RetryInfo");
        Fields(detail).messages(2).last().filter(|_| is_info)
    })?;
    let delay = Fields(info).messages(1).last()?;
    let seconds = Fields(delay).number(1);
    let nanos = u32::try_from(Fields(delay).number(2)).unwrap_or_default();
    // A negative time is none.
    i64::try_from(seconds).ok()?;
    Some(Duration::from_secs(seconds) + Duration::from_nanos(u64::from(nanos)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)]) -> Answer {
        let pairs = headers.iter().map(|(name, value)| {
            let name = reqwest::header::HeaderName::from_static(name);
            (name, HeaderValue::from_str(value).unwrap())
        });
        Answer {
            status,
            headers: pairs.collect(),
            body: Vec::new(),
            trailers: HeaderMap::new(),
            is_whole: true,
        }
    }

    #[test]
    fn statuses_of_http() {
        use Reason::{Failed, Redirected, Refused, Throttled, Unauthorised, Unavailable};
        for (status, expected) in [
            (200, Ok(Accepted::default())),
            (202, Ok(Accepted::default())),
            (429, Err(SendError::Retry(Throttled, None))),
            (408, Err(SendError::Retry(Unavailable, None))),
            (502, Err(SendError::Retry(Unavailable, None))),
            (503, Err(SendError::Retry(Unavailable, None))),
            (504, Err(SendError::Retry(Unavailable, None))),
            (413, Err(SendError::TooLarge)),
            (302, Err(SendError::Permanent(Redirected))),
            (400, Err(SendError::Permanent(Refused))),
            (401, Err(SendError::Permanent(Unauthorised))),
            (404, Err(SendError::Permanent(Refused))),
            (500, Err(SendError::Permanent(Failed))),
            (501, Err(SendError::Permanent(Failed))),
        ] {
            assert_eq!(of_http(&answer(status, &[]), 0), expected, "{status}");
        }
    }

    #[test]
    fn times_to_come_back_at() {
        // 784_111_777 by `date -u -d "1994-11-06 08:49:37" +%s`; the leap day by the same.
        let now_ms = 784_111_767_000;
        for (text, expected) in [
            ("7", Some(7_000)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(10_000)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            (
                "Thu, 29 Feb 2024 00:00:00 GMT",
                Some((1_709_164_800 - 784_111_767) * 1_000),
            ),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            let found = retry_after(text, now_ms).map(|wait| wait.as_millis() as u64);
            assert_eq!(found, expected, "{text}");
        }
        let busy = answer(503, &[("retry-after", "3")]);
        let three = Some(Duration::from_secs(3));
        assert_eq!(
            of_http(&busy, 0),
            Err(SendError::Retry(Reason::Unavailable, three))
        );
    }

    #[test]
    fn statuses_of_grpc() {
        use Reason::{AnswerLost, Failed, Refused, TimedOut, Unauthorised, Unavailable};
        for (status, expected) in [
            ("0", Ok(Accepted::default())),
            ("1", Err(SendError::Retry(Unavailable, None))),
            ("2", Err(SendError::Permanent(Failed))),
            ("3", Err(SendError::Permanent(Refused))),
            ("4", Err(SendError::Retry(TimedOut, None))),
            ("7", Err(SendError::Permanent(Unauthorised))),
            ("8", Err(SendError::TooLarge)),
            ("12", Err(SendError::Permanent(Refused))),
            ("14", Err(SendError::Retry(Unavailable, None))),
            ("16", Err(SendError::Permanent(Unauthorised))),
            ("x", Err(SendError::Retry(AnswerLost, None))),
        ] {
            assert_eq!(
                of_grpc(&answer(200, &[("grpc-status", status)])),
                expected,
                "{status}"
            );
        }
        assert_eq!(
            of_grpc(&answer(200, &[])),
            Err(SendError::Retry(AnswerLost, None))
        );
        assert_eq!(
            of_grpc(&answer(503, &[])),
            Err(SendError::Retry(Unavailable, None))
        );
        assert_eq!(
            of_grpc(&answer(404, &[])),
            Err(SendError::Permanent(Refused))
        );
    }

    proptest! {
        #[test]
        fn any_answer_is_read(status: u16, body: Vec<u8>, text in "[ -~]{0,60}") {
            let mut any = answer(status, &[("retry-after", &text), ("grpc-status", &text)]);
            any.body = body.clone();
            let _ = of_http(&any, 0);
            any.status = 200;
            let _ = of_grpc(&any);
            any.headers.insert("grpc-status", HeaderValue::from_static("0"));
            let details = HeaderValue::from_str(&BASE64.encode(&body)).unwrap();
            any.headers.insert("grpc-status-details-bin", details);
            prop_assert!(of_grpc(&any).is_ok());
        }
    }
}
