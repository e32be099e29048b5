//! What keys and values mean: statuses, durations, routes.

/// Longest path that is given.
const PATH_BYTES_MAX: usize = 200;
/// Longest word that means something.
const WORD_BYTES_MAX: usize = 160;
/// Longest number of a duration.
const NUMBER_BYTES_MAX: usize = 24;

/// The bytes of a short word that are kept, in lower case; nothing of a longer one.
struct Lower {
    bytes: [u8; WORD_BYTES_MAX],
    length: usize,
}

impl Lower {
    fn of(word: &str, keeps: impl Fn(u8) -> bool) -> Self {
        let mut lower = Self {
            bytes: [0; WORD_BYTES_MAX],
            length: 0,
        };
        for b in word.bytes().filter(|b| keeps(*b)) {
            let Some(slot) = lower.bytes.get_mut(lower.length) else {
                lower.length = 0;
                break;
            };
            *slot = b.to_ascii_lowercase();
            lower.length += 1;
        }
        lower
    }

    fn text(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// What stands behind the last dot of a key.
fn last(key: &str) -> &str {
    let dot = key.bytes().rposition(|b| b == b'.');
    dot.and_then(|dot| key.get(dot + 1..)).unwrap_or(key)
}

/// Whether a key is that of a status.
pub(super) fn is_status(key: &str) -> bool {
    matches!(
        Lower::of(last(key), |b| b.is_ascii_alphanumeric()).text(),
        "status"
            | "statuscode"
            | "httpstatus"
            | "httpstatuscode"
            | "scstatus"
            | "resp"
            | "code"
            | "grpccode"
            | "grpcstatus"
            | "grpcstatuscode"
            | "responsecode"
            | "upstreamstatus"
    )
}

/// The status of a value: a number of HTTP, or a name of gRPC.
pub(super) fn status(value: &str) -> Option<u16> {
    let value = value.trim_matches(['"', ',', ';', ')', '(', '.', ':', ']']);
    if value.len() == 3 && value.bytes().all(|b| b.is_ascii_digit()) {
        return value.parse().ok().filter(|n| (100..600).contains(n));
    }
    Some(match Lower::of(value, |b| b != b'_').text() {
        "ok" => 200,
        "cancelled" | "canceled" => 499,
        "invalidargument" | "failedprecondition" | "outofrange" => 400,
        "deadlineexceeded" => 504,
        "notfound" => 404,
        "alreadyexists" | "aborted" => 409,
        "permissiondenied" => 403,
        "unauthenticated" => 401,
        "resourceexhausted" => 429,
        "unimplemented" => 501,
        "unavailable" => 503,
        "internal" | "unknown" | "dataloss" => 500,
        _ => return None,
    })
}

/// Whether a key is that of a duration.
pub(super) fn is_duration(key: &str) -> bool {
    let name = Lower::of(last(key), |_| true);
    let bare = name.text().trim_end_matches(['_', '-']);
    let stems = [
        "dur", "duration", "took", "elapsed", "latency", "time", "rt", "runtime",
    ];
    let units = [
        "", "ms", "ns", "us", "s", "sec", "seconds", "millis", "nanos", "micros",
    ];
    let whole = matches!(
        bare,
        "dur"
            | "duration"
            | "took"
            | "elapsed"
            | "latency"
            | "rt"
            | "urt"
            | "responsetime"
            | "response_time"
            | "request_time"
            | "upstream_response_time"
            | "runtime"
            | "durationms"
            | "elapsedms"
            | "latencyms"
            | "timetaken"
            | "time_taken"
            | "elapsedmilliseconds"
            | "responsetimems"
    );
    whole
        || bare.rsplit_once(['_', '-']).is_some_and(|(front, unit)| {
            units.contains(&unit)
                && !unit.is_empty()
                && stems
                    .iter()
                    .any(|stem| front.ends_with(stem) || front == *stem)
        })
}

/// The duration of a key's value, in nanoseconds.
pub(super) fn duration_of(key: &str, value: &str) -> Option<u64> {
    let digits = |b: &u8| b.is_ascii_digit() || *b == b'.';
    let number = value.bytes().take_while(|b| digits(b)).count();
    if number < value.len() {
        return duration(value);
    }
    let key = key.to_ascii_lowercase();
    let ends = |any: &[&str]| any.iter().any(|end| key.ends_with(end));
    let name = key.rsplit('.').next().unwrap_or_default();
    let scale = if ends(&["ms", "millis", "milliseconds", "responsetime", "timetaken"]) {
        1e6
    } else if ends(&["_ns", "nanos", "event.duration"]) {
        1.0
    } else if ends(&["_us", "micros"]) {
        1e3
    } else if ends(&["_s", "_sec", "seconds"])
        || matches!(
            name,
            "rt" | "urt" | "request_time" | "upstream_response_time"
        )
        || value.contains('.')
    {
        1e9
    } else {
        1e6
    };
    scaled(value, scale)
}

/// A number of a unit as nanoseconds.
fn scaled(number: &str, scale: f64) -> Option<u64> {
    let fits = number.len() <= NUMBER_BYTES_MAX;
    let value: f64 = number.parse().ok().filter(|_| fits)?;
    (value >= 0.0 && value.is_finite()).then_some((value * scale) as u64)
}

/// `12ms`, `1.5s`, `1m2.5s`: nanoseconds.
pub(super) fn duration(text: &str) -> Option<u64> {
    let mut rest = text.trim_end_matches([',', ';', '.', ')', ']', '"']);
    let mut sum = 0_u64;
    for _ in 0..4 {
        let number = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'.')
            .count();
        let (digits, behind) = rest.split_at_checked(number)?;
        let unit = behind
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at_checked(unit)?;
        sum = sum.saturating_add(scaled(digits, scale(unit)?)?);
        if behind.is_empty() {
            return Some(sum);
        }
        rest = behind;
    }
    None
}

/// `12` before `ms`, or `12ms` alone.
pub(super) fn timed(word: &str, next: &str) -> Option<u64> {
    let bare = word.trim_start_matches(['(', '[']);
    duration(bare).or_else(|| {
        let unit = next.trim_end_matches([',', ';', '.', ')', ':']);
        scaled(bare, scale(unit)?)
    })
}

/// Nanoseconds of a unit.
fn scale(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1.0,
        "us" | "µs" | "μs" => 1e3,
        "ms" | "msec" | "millis" | "milliseconds" => 1e6,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e9,
        "m" | "min" | "minutes" => 6e10,
        "h" | "hours" => 3.6e12,
        _ => return None,
    })
}

/// Whether a word is a method of HTTP.
pub(super) fn is_method(word: &str) -> bool {
    matches!(
        word,
        "GET" | "POST" | "PUT" | "DELETE" | "PATCH" | "HEAD" | "OPTIONS" | "CONNECT" | "TRACE"
    )
}

/// Host and port of a URL.
pub(super) fn authority(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let host = authority.rsplit('@').next()?;
    (!host.is_empty()).then_some(host)
}

/// Method and path, what varies of the path as `*`, without what follows it.
pub(super) fn route(method: &str, path: &str) -> String {
    let path = path.split_once("://").map_or(path, |(_, rest)| {
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
    });
    let path = path.split(['?', '#', '"']).next().unwrap_or_default();
    let mut end = path.len().min(PATH_BYTES_MAX);
    while !path.is_char_boundary(end) {
        end -= 1;
    }
    let path = path.get(..end).unwrap_or_default();
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| if varies(part) { "*" } else { part })
        .collect();
    let path = parts.join("/");
    if method.is_empty() {
        path
    } else {
        format!("{method} {path}")
    }
}

/// Whether a part of a path is an id: a number, many digits, hexadecimal, a pseudonym or a mark.
fn varies(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let version = part.len() <= 3 && part.starts_with('v');
    let hex = part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let pseudonym = part
        .rsplit_once('_')
        .is_some_and(|(_, id)| id.len() == 24 && id.bytes().all(|b| b.is_ascii_alphanumeric()));
    !version
        && (digits > 0 && digits == part.len()
            || hex && part.len() >= 8 && digits > 0
            || digits >= 3
            || digits > 0 && digits * 2 >= part.len()
            || pseudonym
            || part.contains(['<', '[']))
}
