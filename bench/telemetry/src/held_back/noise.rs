//! Harmless words, times, numbers and identifiers of the held-back half.
//!
//! None of it is an address, an account of a person, a name of a person or a secret.

use crate::draw::{ALNUM, BASE64, DIGITS, Draw, HEX, LOWER, UPPER};

use super::noise_table::WORDS;

/// Capital hex digits.
const HEX_UPPER: &str = "0123456789ABCDEF";

/// Whether something between two tildes is the name of a place.
pub(crate) fn is_name(name: &str) -> bool {
    name.starts_with('=')
        || WORDS.iter().any(|(word, _)| *word == name)
        || TIMES.contains(&name)
        || counted(name).is_some()
        || OTHERS.contains(&name)
}

/// Names of what is neither a word nor a time nor counted characters.
const OTHERS: &[&str] = &["uuid", "pod", "ver", "ulid", "hi", "frac"];

/// Names of times.
const TIMES: &[&str] = &[
    "iso", "isoms", "isous", "isooff", "sys", "clf", "epoch", "epochms", "epochns", "day", "clock",
    "rfc", "ctime", "comma", "slash", "winday", "dotted", "compact", "usday", "mmdd", "monthday",
    "apday",
];

/// `h40`: forty small hex digits; `n` a number, `d` digits, `l` and `u` letters, `a` characters,
/// `x` small ones and digits, `H` capital hex digits, `b` of base64.
fn counted(name: &str) -> Option<(char, usize)> {
    let mut chars = name.chars();
    let sign = chars.next().filter(|sign| "hHndluaxb".contains(*sign))?;
    let count = chars.as_str().parse().ok()?;
    Some((sign, count))
}

/// Harmless text for a place.
pub(crate) fn noise(draw: &mut Draw, name: &str) -> String {
    if let Some(list) = name.strip_prefix('=') {
        let all: Vec<&str> = list.split(',').collect();
        return (*draw.row(&all)).to_owned();
    }
    if let Some((_, words)) = WORDS.iter().find(|(word, _)| *word == name) {
        return draw.of(words).to_owned();
    }
    if let Some((sign, count)) = counted(name) {
        return run(draw, sign, count);
    }
    match name {
        "uuid" => uuid(draw),
        "pod" => {
            let svc = noise(draw, "svc");
            let set = draw.string("bcdf456789", 10);
            format!(
                "{svc}-{set}-{}",
                draw.string("bcdfghjklmnpqrstvwxz2456789", 5)
            )
        }
        "ver" => {
            let (major, minor) = (draw.between(1, 14), draw.below(24));
            format!("{major}.{minor}.{}", draw.below(12))
        }
        "ulid" => format!("01J{}", draw.string("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23)),
        "hi" => draw.between(20_000, 64_000).to_string(),
        "frac" => format!("{}.{:03}", draw.below(40), draw.below(1_000)),
        _ => time(draw, name),
    }
}

fn run(draw: &mut Draw, sign: char, count: usize) -> String {
    match sign {
        'h' => draw.string(HEX, count),
        'H' => draw.string(HEX_UPPER, count),
        'n' => draw.string("123456789", 1) + &draw.string(DIGITS, count.saturating_sub(1)),
        'd' => draw.string(DIGITS, count),
        'l' => draw.string(LOWER, count),
        'u' => draw.string(UPPER, count),
        'x' => draw.string(&format!("{LOWER}{DIGITS}"), count),
        'b' => draw.string(BASE64, count),
        _ => draw.string(ALNUM, count),
    }
}

/// A random identifier of version 4 (RFC 9562).
pub(crate) fn uuid(draw: &mut Draw) -> String {
    let digits = draw.string(HEX, 30);
    let (head, rest) = digits.split_at(12);
    let (middle, node) = rest.split_at(6);
    let ((low, mid), (high, sequence)) = (head.split_at(8), middle.split_at(3));
    let variant = draw.of(&["8", "9", "a", "b"]);
    format!("{low}-{mid}-4{high}-{variant}{sequence}-{node}")
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// The day of the week of a day of 2026, which began on a Thursday.
fn weekday(month: u64, day: u64) -> &'static str {
    const BEFORE: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = BEFORE.get(month as usize - 1).copied().unwrap_or(0);
    let n = (before + day + 3) % 7;
    WEEKDAYS.get(n as usize).copied().unwrap_or("Sun")
}

fn time(draw: &mut Draw, name: &str) -> String {
    let (month, day) = (draw.between(1, 12), draw.between(1, 28));
    let (h, m, s) = (draw.below(24), draw.below(60), draw.below(60));
    let (ms, us) = (draw.below(1_000), draw.below(1_000));
    let epoch = 1_770_000_000 + draw.below(20_000_000);
    let date = format!("2026-{month:02}-{day:02}");
    let clock = format!("{h:02}:{m:02}:{s:02}");
    let name_of_month = MONTHS.get(month as usize - 1).copied().unwrap_or("Jan");
    let week = weekday(month, day);
    match name {
        "iso" => format!("{date}T{clock}Z"),
        "isoms" => format!("{date}T{clock}.{ms:03}Z"),
        "isous" => format!("{date}T{clock}.{ms:03}{us:03}Z"),
        "isooff" => format!("{date}T{clock}.{ms:03}+01:00"),
        "sys" => format!("{name_of_month} {day:2} {clock}"),
        "clf" => format!("{day:02}/{name_of_month}/2026:{clock} +0100"),
        "epoch" => epoch.to_string(),
        "epochms" => format!("{epoch}{ms:03}"),
        "epochns" => format!("{epoch}{ms:03}{us:03}000"),
        "day" => date,
        "rfc" => format!("{week}, {day:02} {name_of_month} 2026 {clock} +0000"),
        "ctime" => format!("{week} {name_of_month} {day:2} {clock} 2026"),
        "comma" => format!("{date} {clock},{ms:03}"),
        "slash" => format!("2026/{month:02}/{day:02} {clock}"),
        "winday" => format!("{month}/{day}/2026 {}:{m:02}:{s:02} AM", h % 11 + 1),
        "dotted" => format!("{day:02}.{month:02}.2026 {clock}"),
        "compact" => format!("2026{month:02}{day:02}{h:02}{m:02}{s:02}"),
        "mmdd" => format!("{month:02}{day:02}"),
        "monthday" => format!("{month:02}-{day:02}"),
        "apday" => format!("{day:02}/{name_of_month}/2026"),
        "usday" => format!("{month:02}/{day:02}/2026"),
        _ => clock,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_week_are_those_of_the_calendar() {
        assert_eq!(weekday(1, 1), "Thu");
        assert_eq!(weekday(11, 22), "Sun");
        assert_eq!(weekday(2, 28), "Sat");
    }

    #[test]
    fn every_name_gives_text() {
        let mut draw = Draw::new(4, 4);
        for name in TIMES.iter().chain(OTHERS) {
            assert!(is_name(name) && !noise(&mut draw, name).is_empty());
        }
        assert!(!is_name("h") && !is_name("nothing"));
    }
}
