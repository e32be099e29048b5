//! Dates of birth behind their label, in digits and with the month's name.

use crate::bytes::{alnum, at, cut, digit, opens, run, starts_nocase};
use crate::ident::check::{date, small};
use crate::ident::rule::bounded;

/// Labels of a date of birth.
#[rustfmt::skip]
pub(crate) const LABELS: &[&str] = &[
    "dob", "birth", "birthday", "birthdate", "dateofbirth", "born", "bday",
    "geburtsdatum", "geboren", "geb", "geburtstag", "naissance", "né", "née", "nacimiento",
    "nacido", "nacida", "fechanacimiento", "nascita", "nato", "nata", "nascimento", "nascido",
    "nascida", "geboortedatum", "geboorte", "urodzenia", "urodzony", "urodzona", "narození",
    "narozen", "narodenia", "született", "születési", "nașterii", "naștere", "nastere", "født",
    "fødselsdato", "född", "födelsedatum", "syntymäaika", "syntynyt", "fæðingardagur", "doğum",
    "dogum", "рождения", "родился", "родилась", "народження", "раждане", "rođenja", "rojstva",
    "γέννησης", "γεννήθηκε", "ميلاد", "الميلاد", "תאריך לידה", "לידה", "जन्म", "出生", "出生日期",
    "生年月日", "生日", "생년월일", "생일", "วันเกิด", "ngày sinh", "sinh", "lahir", "تولد",
    "fecnac", "fechanac", "fec nac", "fecha nac", "dtnasc", "datanasc", "dt nasc", "data nasc",
    "naiss", "date naiss", "geburtsdat", "dateborn", "birth day", "tanggal lahir", "ngaysinh",
];

/// Years in which somebody alive can be born.
fn living(year: u32) -> bool {
    (1_880..=2_060).contains(&year)
}

/// Whether the numbers are day, month and year in one of the usual orders.
fn dated(parts: [u32; 3], lengths: [usize; 3]) -> bool {
    let [a, b, c] = parts;
    match lengths {
        [4, 1..=2, 1..=2] => living(a) && date(a, b, c),
        [1..=2, 1..=2, 4] => living(c) && (date(c, b, a) || date(c, a, b)),
        [1..=2, 1..=2, 2] => {
            date(2_000 + c, b, a) || date(2_000 + c, a, b) || date(2_000 + a, b, c)
        }
        _ => false,
    }
}

/// A date in digits at `i`; a time of day behind it makes it none.
pub(crate) fn numeric(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut parts, mut lengths) = ([0; 3], [0; 3]);
    let mut end = i;
    let sign = at(bytes, run(bytes, i, 4, digit));
    for (part, length) in parts.iter_mut().zip(lengths.iter_mut()) {
        let from = end + usize::from(end > i);
        let stop = run(bytes, from, 4, digit);
        if end > i && at(bytes, end) != sign {
            break;
        }
        *part = small(bytes.get(from..stop)?, 0, stop - from);
        *length = stop - from;
        end = stop;
    }
    let whole = run(bytes, i, 9, digit);
    let found = if whole - i == 8 {
        end = whole;
        let n = bytes.get(i..whole)?;
        living(small(n, 0, 4)) && date(small(n, 0, 4), small(n, 4, 6), small(n, 6, 8))
            || living(small(n, 4, 8)) && date(small(n, 4, 8), small(n, 2, 4), small(n, 0, 2))
            || living(small(n, 4, 8)) && date(small(n, 4, 8), small(n, 0, 2), small(n, 2, 4))
    } else {
        matches!(sign, b'-' | b'/' | b'.') && dated(parts, lengths)
    };
    let clock = matches!(at(bytes, end), b'T' | b' ')
        && at(bytes, end + 3) == b':'
        && digit(at(bytes, end + 1))
        && cut(text, end + 1, end + 6) != "00:00";
    // `T00:00:00Z`: a date that was written as a time goes with it.
    let midnight = at(bytes, end) == b'T' && digit(at(bytes, end + 1));
    (found && !clock && (midnight || bounded(bytes, end))).then_some((i, end))
}

/// How months begin, in the languages of the labels, lower case.
#[rustfmt::skip]
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mär",
    "mai", "okt", "dez", "fév", "fev", "avr", "aoû", "aou", "déc", "ene", "abr", "ago", "dic",
    "gen", "mag", "giu", "lug", "set", "ott", "out", "mei", "maa", "maj", "kwi", "lip", "sie",
    "wrz", "paź", "lis", "gru", "sty", "lut", "cze", "des",
];

/// Words that lead to a date whose month is a word; ASCII, since the place must be cheap to test.
#[rustfmt::skip]
pub(crate) const LEADS: &[&str] = &[
    "dob", "birth", "birthday", "birthdate", "born", "geboren", "geb", "geburtsdatum", "naissance",
    "nacimiento", "nacido", "nacida", "nascita", "nato", "nata", "nascimento", "nascido",
    "nascida", "geboortedatum",
];

/// Words between the lead and the date.
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "on", "is", "was", "the", "am", "den", "le", "el", "il", "em", "op", "de", "del", "date", "ist",
];

/// The date whose lead is at `i`: `born on 12 March 1985`, `dob: March 12, 1985`.
pub(crate) fn spoken(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let stop = run(bytes, i, 16, |b| b.is_ascii_alphabetic());
    let lead = cut(text, i, stop);
    if !(opens(bytes, i) && LEADS.iter().any(|known| known.eq_ignore_ascii_case(lead))) {
        return None;
    }
    let signs = |b: u8| matches!(b, b' ' | b':' | b'=' | b'"' | b'\'' | b'\\' | b'.');
    let mut at_word = run(bytes, stop, 8, signs);
    for _ in 0..2 {
        let end = run(bytes, at_word, 6, |b| b.is_ascii_alphabetic());
        let word = cut(text, at_word, end);
        if !BETWEEN.iter().any(|known| known.eq_ignore_ascii_case(word)) {
            break;
        }
        at_word = run(bytes, end, 4, signs);
    }
    in_words(text, at_word)
}

/// A date with its month's name at `i`: `12 March 1985`.
pub(crate) fn in_words(text: &str, i: usize) -> Option<(usize, usize)> {
    let (end, day, year) = written(text, i)?;
    let bound = !alnum(at(text.as_bytes(), end));
    (bound && (1..=31).contains(&day) && living(year)).then_some((i, end))
}

/// A date with a month's name at `i`: its end, day and year.
fn written(text: &str, i: usize) -> Option<(usize, u32, u32)> {
    let bytes = text.as_bytes();
    let part = |b: u8| matches!(b, b' ' | b'.' | b',' | b'-' | b'/');
    let number = |from: usize| {
        let end = run(bytes, from, 4, digit);
        (end > from).then(|| {
            (
                end,
                small(bytes.get(from..end).unwrap_or(&[]), 0, end - from),
            )
        })
    };
    let day_end = |end: usize| {
        let suffix = ["st", "nd", "rd", "th", "er", "º"];
        let found = suffix
            .iter()
            .find(|s| starts_nocase(bytes, end, s.as_bytes()));
        run(bytes, end + found.map_or(0, |s| s.len()), 2, part)
    };
    let of = |from: usize| {
        let led = starts_nocase(bytes, from, b"de ");
        from + if led { 3 } else { 0 }
    };
    if let Some((end, day)) = number(i) {
        let month = month(text, of(day_end(end)))?;
        let (end, year) = number(of(run(bytes, month, 2, part)))?;
        return Some((end, day, year));
    }
    let month = month(text, i)?;
    let (end, day) = number(run(bytes, month, 2, part))?;
    let (end, year) = number(day_end(end))?;
    Some((end, day, year))
}

/// End of the month's name at `i`.
fn month(text: &str, i: usize) -> Option<usize> {
    let end = run(text.as_bytes(), i, 14, |b| {
        b.is_ascii_alphabetic() || b >= 0x80
    });
    let word = cut(text, i, end).to_lowercase();
    MONTHS
        .iter()
        .any(|stem| word.starts_with(stem))
        .then_some(end)
}

#[cfg(test)]
mod tests {
    use crate::ident::find;

    #[test]
    fn dates_behind_their_label() {
        for (text, from, wanted) in [
            ("dob: 12/03/1985", 5, Some("12/03/1985")),
            ("\"birth\":\"1985-03-12\"", 9, Some("1985-03-12")),
            ("geboren am 12.03.1985", 11, Some("12.03.1985")),
            ("date of birth 19850312", 14, Some("19850312")),
            ("生年月日: 1985-03-12", 14, Some("1985-03-12")),
            ("born on 12 March 1985", 0, Some("12 March 1985")),
            ("dob March 12, 1985", 0, Some("March 12, 1985")),
            ("geboren am 12. März 1985", 0, Some("12. März 1985")),
            (
                "nacido el 12 de marzo de 1985",
                0,
                Some("12 de marzo de 1985"),
            ),
            ("born on 1985-13-12", 8, None),
            ("thread born at 2026-01-02 03:04:05", 15, None),
            ("due 12/03/1985", 4, None),
            ("born ready", 0, None),
        ] {
            let found = find(text, from).map(|f| text.get(f.start..f.end).unwrap_or(""));
            assert_eq!(found, wanted, "{text}");
        }
    }
}
