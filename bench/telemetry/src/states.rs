//! Numbers that states give to persons, with their check digits.
//!
//! Each from the public description of its scheme; what a scheme keeps free is drawn.

#![expect(
    clippy::unnecessary_wraps,
    clippy::many_single_char_names,
    reason = "schemes are of one type, of which some have no draw without a check digit; the \
              groups of a number have no names"
)]

use crate::draw::{DIGITS, Draw, UPPER};

use crate::check_digits::{digits, luhn, mod_11_10, modulo, text, verhoeff, weighted};
use crate::made::{Made, person};

/// A way to draw a number; `None` where a draw has no valid check digit.
type Scheme = fn(&mut Draw) -> Option<String>;

/// Countries and their schemes.
pub(crate) const SCHEMES: &[(&str, Scheme)] = &[
    ("us", us),
    ("us", itin),
    ("ca", ca),
    ("mx", mx),
    ("br", br),
    ("ar", ar),
    ("cl", cl),
    ("ec", ec),
    ("uy", uy),
    ("gb", nino),
    ("gb", nhs),
    ("ie", ie),
    ("de", de),
    ("at", at),
    ("ch", ch),
    ("fr", fr),
    ("be", be),
    ("nl", nl),
    ("es", es),
    ("es", nie),
    ("pt", pt),
    ("it", it),
    ("se", se),
    ("no", no),
    ("dk", dk),
    ("fi", fi),
    ("ee", baltic),
    ("lt", baltic),
    ("lv", lv),
    ("pl", pl),
    ("cz", cz),
    ("sk", cz),
    ("ro", ro),
    ("bg", bg),
    ("hr", hr),
    ("si", emso),
    ("rs", emso),
    ("gr", gr),
    ("tr", tr),
    ("il", il),
    ("za", za),
    ("in", aadhaar),
    ("in", pan),
    ("cn", cn),
    ("tw", tw),
    ("hk", hk),
    ("kr", kr),
    ("jp", jp),
    ("sg", sg),
    ("th", th),
    ("my", my),
    ("au", tfn),
    ("au", medicare),
    ("nz", nz),
    ("ua", ua),
    ("ru", snils),
    ("ru", inn),
    ("kz", kz),
];

/// A number of a country, or of any; `gb/1` is the second scheme of a country.
pub(crate) fn number(draw: &mut Draw, country: &str) -> Made {
    let (country, nth) = country.split_once('/').unwrap_or((country, ""));
    let fits = |row: &&(&'static str, Scheme)| country.is_empty() || row.0 == country;
    let all: Vec<_> = SCHEMES.iter().filter(fits).collect();
    let nth = nth.parse().ok().and_then(|nth: usize| all.get(nth));
    let (country, scheme) = **nth.unwrap_or_else(|| draw.row(&all));
    let value = (0..60).find_map(|_| scheme(draw)).unwrap_or_default();
    person(&format!("national_id:{country}"), country, value)
}

/// Day, month and year of a birth.
fn day(draw: &mut Draw) -> (u64, u64, u64) {
    (
        draw.between(1, 28),
        draw.between(1, 12),
        draw.between(1_945, 1_999),
    )
}

/// A remainder that is one digit.
fn one(rest: u32) -> Option<u32> {
    (rest < 10).then_some(rest)
}

fn with(mut head: Vec<u32>, last: u32) -> Vec<u32> {
    head.push(last);
    head
}

fn first_not_zero(draw: &mut Draw, count: usize) -> Vec<u32> {
    let mut all = draw.digits(count);
    if let Some(first) = all.first_mut() {
        *first = draw.between(1, 8) as u32;
    }
    all
}

fn us(draw: &mut Draw) -> Option<String> {
    let (area, group, serial) = (
        draw.between(1, 665),
        draw.between(1, 99),
        draw.between(1, 9_999),
    );
    Some(format!("{area:03}-{group:02}-{serial:04}"))
}

fn itin(draw: &mut Draw) -> Option<String> {
    let (area, serial) = (draw.between(900, 999), draw.between(1_000, 9_999));
    Some(format!("{area}-{}-{serial}", draw.between(70, 88)))
}

fn ca(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 8);
    let all = text(&with(body.clone(), luhn(&body)));
    let (a, rest) = all.split_at(3);
    let (b, c) = rest.split_at(3);
    Some(if draw.chance(60) {
        format!("{a} {b} {c}")
    } else {
        format!("{a}-{b}-{c}")
    })
}

fn mx(draw: &mut Draw) -> Option<String> {
    const OF: &str = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";
    let (d, m, y) = day(draw);
    let consonants = "BCDFGHJKLMNPQRSTVWXYZ";
    let name = draw.string(consonants, 1) + &draw.string("AEIOU", 1) + &draw.string(consonants, 2);
    let state = draw.of(&["DF", "JC", "NL", "MC", "PL", "VZ", "YN"]);
    let sex = draw.of(&["H", "M"]);
    let inner = draw.string(consonants, 3);
    let body = format!("{name}{:02}{m:02}{d:02}{sex}{state}{inner}0", y % 100);
    let sum: usize = body
        .chars()
        .enumerate()
        .map(|(n, c)| OF.chars().position(|of| of == c).unwrap_or(0) * (18 - n))
        .sum();
    Some(format!("{body}{}", (10 - sum % 10) % 10))
}

fn br(draw: &mut Draw) -> Option<String> {
    let mut all = draw.digits(9);
    for _ in 0..2 {
        let top = all.len() as u32 + 1;
        let sum: u32 = all
            .iter()
            .enumerate()
            .map(|(n, d)| d * (top - n as u32))
            .sum();
        all.push(sum * 10 % 11 % 10);
    }
    let t = text(&all);
    let (a, rest) = t.split_at(3);
    let (b, rest) = rest.split_at(3);
    let (c, d) = rest.split_at(3);
    Some(if draw.chance(70) {
        format!("{a}.{b}.{c}-{d}")
    } else {
        t
    })
}

fn ar(draw: &mut Draw) -> Option<String> {
    let mut all = digits(draw.of(&["20", "23", "27"]));
    all.extend(first_not_zero(draw, 8));
    let rest = 11 - weighted(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = one(rest % 11)?;
    let t = text(&all);
    let (a, b) = t.split_at(2);
    Some(format!("{a}-{b}-{check}"))
}

fn cl(draw: &mut Draw) -> Option<String> {
    let body = draw.between(5_000_000, 25_999_999);
    let sum: u64 = (0..8)
        .map(|n| body / 10_u64.pow(n) % 10 * (u64::from(n) % 6 + 2))
        .sum();
    let check = match 11 - sum % 11 {
        11 => "0".to_owned(),
        10 => "K".to_owned(),
        digit => digit.to_string(),
    };
    let (a, b, c) = (body / 1_000_000, body / 1_000 % 1_000, body % 1_000);
    Some(format!("{a}.{b:03}.{c:03}-{check}"))
}

fn ec(draw: &mut Draw) -> Option<String> {
    let mut all = digits(&format!("{:02}{}", draw.between(1, 24), draw.between(0, 5)));
    all.extend(draw.digits(6));
    let check = luhn(&all);
    Some(text(&with(all, check)))
}

fn uy(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 7);
    let check = (10 - weighted(&body, &[2, 9, 8, 7, 6, 3, 4]) % 10) % 10;
    let t = text(&body);
    let (a, rest) = t.split_at(1);
    let (b, c) = rest.split_at(3);
    Some(format!("{a}.{b}.{c}-{check}"))
}

fn nino(draw: &mut Draw) -> Option<String> {
    let start = draw.of(&["AB", "CE", "HJ", "JK", "LM", "PW", "SR", "WX"]);
    let n = draw.string(DIGITS, 6);
    let end = draw.string("ABCD", 1);
    let parts: Vec<&str> = [0, 2, 4]
        .iter()
        .filter_map(|at| n.get(*at..at + 2))
        .collect();
    Some(if draw.chance(50) {
        format!("{start} {} {end}", parts.join(" "))
    } else {
        format!("{start}{n}{end}")
    })
}

fn nhs(draw: &mut Draw) -> Option<String> {
    let mut body = draw.digits(9);
    if let Some(first) = body.first_mut() {
        *first = *draw.row(&[4, 6, 7]);
    }
    let check = one((11 - weighted(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11)?;
    let t = text(&with(body, check));
    let (a, rest) = t.split_at(3);
    let (b, c) = rest.split_at(3);
    Some(format!("{a} {b} {c}"))
}

fn ie(draw: &mut Draw) -> Option<String> {
    let body = draw.digits(7);
    let rest = weighted(&body, &[8, 7, 6, 5, 4, 3, 2]) % 23;
    let check = if rest == 0 {
        'W'
    } else {
        char::from_digit(rest + 9, 36)?.to_ascii_uppercase()
    };
    Some(format!("{}{check}", text(&body)))
}

/// Of the first ten digits one occurs twice, the others at most once.
fn de(draw: &mut Draw) -> Option<String> {
    let mut pool: Vec<u32> = (0..10).collect();
    for n in (1..pool.len()).rev() {
        pool.swap(n, draw.below(n as u64 + 1) as usize);
    }
    let (first, twice) = (*pool.first()?, *pool.get(3)?);
    if first == 0 {
        return None;
    }
    if let Some(slot) = pool.get_mut(7) {
        *slot = twice;
    }
    let check = mod_11_10(&pool);
    let t = text(&with(pool, check));
    let (a, rest) = t.split_at(2);
    let (b, rest) = rest.split_at(3);
    let (c, d) = rest.split_at(3);
    Some(if draw.chance(50) {
        format!("{a} {b} {c} {d}")
    } else {
        t
    })
}

fn at(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let serial = draw.between(100, 999);
    let born = format!("{d:02}{m:02}{:02}", y % 100);
    let body = digits(&format!("{serial}{born}"));
    let check = one(weighted(&body, &[3, 7, 9, 5, 8, 4, 2, 1, 6]) % 11)?;
    Some(format!("{serial}{check} {born}"))
}

fn ch(draw: &mut Draw) -> Option<String> {
    let mut body = digits("756");
    body.extend(draw.digits(9));
    let check = (10 - weighted(&body, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10) % 10;
    let t = text(&with(body, check));
    let (a, rest) = t.split_at(3);
    let (b, rest) = rest.split_at(4);
    let (c, d) = rest.split_at(4);
    Some(format!("{a}.{b}.{c}.{d}"))
}

fn fr(draw: &mut Draw) -> Option<String> {
    let (_, m, y) = day(draw);
    let sex = draw.between(1, 2);
    let (dep, town, serial) = (
        draw.between(10, 95),
        draw.between(1, 990),
        draw.between(1, 999),
    );
    if dep == 20 {
        return None;
    }
    let body = format!("{sex}{:02}{m:02}{dep:02}{town:03}{serial:03}", y % 100);
    let key = 97 - modulo(&body, 97);
    Some(if draw.chance(50) {
        format!(
            "{sex} {:02} {m:02} {dep:02} {town:03} {serial:03} {key:02}",
            y % 100
        )
    } else {
        format!("{body}{key:02}")
    })
}

fn be(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let serial = draw.between(1, 997);
    let check = 97 - modulo(&format!("{:02}{m:02}{d:02}{serial:03}", y % 100), 97);
    Some(format!(
        "{:02}.{m:02}.{d:02}-{serial:03}.{check:02}",
        y % 100
    ))
}

fn nl(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 8);
    let check = one(weighted(&body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11)?;
    Some(text(&with(body, check)))
}

const DNI: &str = "TRWAGMYFPDXBNJZSQVHLCKE";

fn es(draw: &mut Draw) -> Option<String> {
    let body = draw.between(10_000_000, 79_999_999);
    Some(format!("{body}{}", DNI.chars().nth((body % 23) as usize)?))
}

fn nie(draw: &mut Draw) -> Option<String> {
    let (lead, body) = (draw.below(3), draw.between(1_000_000, 9_999_999));
    let letter = "XYZ".chars().nth(lead as usize)?;
    let check = DNI
        .chars()
        .nth(((lead * 10_000_000 + body) % 23) as usize)?;
    Some(format!("{letter}{body}{check}"))
}

fn pt(draw: &mut Draw) -> Option<String> {
    let mut body = draw.digits(8);
    if let Some(first) = body.first_mut() {
        *first = draw.between(1, 2) as u32;
    }
    let rest = weighted(&body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    Some(text(&with(body, if rest < 2 { 0 } else { 11 - rest })))
}

fn it(draw: &mut Draw) -> Option<String> {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let (d, m, y) = day(draw);
    let consonants = "BCDFGLMNPRSTVZ";
    let letters = draw.string(consonants, 6);
    let month = "ABCDEHLMPRST".chars().nth(m as usize - 1)?;
    let d = if draw.chance(50) { d + 40 } else { d };
    let town = draw.of(&["H501", "F205", "L219", "A944", "D612", "F839"]);
    let body = format!("{letters}{:02}{month}{d:02}{town}", y % 100);
    let sum: u32 = body
        .chars()
        .enumerate()
        .filter_map(|(n, c)| {
            let value = c.to_digit(10).or_else(|| c.to_digit(36).map(|v| v - 10))?;
            if n % 2 == 0 {
                ODD.get(value as usize).copied()
            } else {
                Some(value)
            }
        })
        .sum();
    Some(format!(
        "{body}{}",
        char::from_digit(sum % 26 + 10, 36)?.to_ascii_uppercase()
    ))
}

fn se(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let serial = draw.between(100, 989);
    let check = luhn(&digits(&format!("{:02}{m:02}{d:02}{serial}", y % 100)));
    let century = if draw.chance(50) { "19" } else { "" };
    Some(format!(
        "{century}{:02}{m:02}{d:02}-{serial}{check}",
        y % 100
    ))
}

fn no(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let serial = draw.between(100, 499);
    let body = digits(&format!("{d:02}{m:02}{:02}{serial}", y % 100));
    let first = one((11 - weighted(&body, &[3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11) % 11)?;
    let body = with(body, first);
    let second = one((11 - weighted(&body, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11)?;
    Some(text(&with(body, second)))
}

fn dk(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let serial = draw.between(100, 399);
    let body = digits(&format!("{d:02}{m:02}{:02}{serial}", y % 100));
    let check = one((11 - weighted(&body, &[4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11)?;
    Some(format!("{d:02}{m:02}{:02}-{serial}{check}", y % 100))
}

fn fi(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let (born, serial) = (format!("{d:02}{m:02}{:02}", y % 100), draw.between(2, 899));
    let rest = modulo(&format!("{born}{serial:03}"), 31);
    let check = "0123456789ABCDEFHJKLMNPRSTUVWXY"
        .chars()
        .nth(rest as usize)?;
    Some(format!("{born}-{serial:03}{check}"))
}

/// Estonia's and Lithuania's numbers are of one scheme.
fn baltic(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let (sex, serial) = (draw.between(3, 4), draw.between(1, 999));
    let body = digits(&format!("{sex}{:02}{m:02}{d:02}{serial:03}", y % 100));
    let first = weighted(&body, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(&body, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let check = one(first).or(one(second)).unwrap_or(0);
    Some(text(&with(body, check)))
}

fn lv(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let serial = draw.between(1_000, 1_999);
    let body = digits(&format!("{d:02}{m:02}{:02}{serial}", y % 100));
    let sum = weighted(&body, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let check = one((1_101 - sum) % 11)?;
    Some(format!("{d:02}{m:02}{:02}-{serial}{check}", y % 100))
}

fn pl(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let body = digits(&format!(
        "{:02}{m:02}{d:02}{:04}",
        y % 100,
        draw.below(10_000)
    ));
    let check = (10 - weighted(&body, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10) % 10;
    Some(text(&with(body, check)))
}

fn cz(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = (
        draw.between(1, 28),
        draw.between(1, 12),
        draw.between(1_955, 1_999),
    );
    let month = m + if draw.chance(50) { 50 } else { 0 };
    let born = format!("{:02}{month:02}{d:02}", y % 100);
    let serial = draw.between(1, 999);
    let check = one(modulo(&format!("{born}{serial:03}"), 11))?;
    Some(format!("{born}/{serial:03}{check}"))
}

fn ro(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let (sex, county, serial) = (
        draw.between(1, 2),
        draw.between(1, 46),
        draw.between(1, 999),
    );
    let body = digits(&format!(
        "{sex}{:02}{m:02}{d:02}{county:02}{serial:03}",
        y % 100
    ));
    let rest = weighted(&body, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    Some(text(&with(body, if rest == 10 { 1 } else { rest })))
}

fn bg(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let body = digits(&format!(
        "{:02}{m:02}{d:02}{:03}",
        y % 100,
        draw.below(1_000)
    ));
    let check = weighted(&body, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    Some(text(&with(body, check)))
}

fn hr(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 10);
    let check = mod_11_10(&body);
    Some(text(&with(body, check)))
}

/// Slovenia's and Serbia's numbers are of one scheme.
fn emso(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let (region, serial) = (*draw.row(&[50, 71, 72]), draw.between(1, 999));
    let body = digits(&format!("{d:02}{m:02}{:03}{region}{serial:03}", y % 1_000));
    let rest = 11 - weighted(&body, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    Some(text(&with(body, one(rest % 11)?)))
}

fn gr(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let body = digits(&format!(
        "{d:02}{m:02}{:02}{:04}",
        y % 100,
        draw.below(10_000)
    ));
    let check = luhn(&body);
    Some(text(&with(body, check)))
}

fn tr(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 9);
    let odd: u32 = body.iter().step_by(2).sum();
    let even: u32 = body.iter().skip(1).step_by(2).sum();
    let tenth = (odd * 7 + 80 - even) % 10;
    let body = with(body, tenth);
    let last = body.iter().sum::<u32>() % 10;
    Some(text(&with(body, last)))
}

fn il(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 8);
    let check = luhn(&body);
    Some(text(&with(body, check)))
}

fn za(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let serial = draw.between(1, 9_999);
    let body = digits(&format!("{:02}{m:02}{d:02}{serial:04}08", y % 100));
    let check = luhn(&body);
    Some(text(&with(body, check)))
}

fn aadhaar(draw: &mut Draw) -> Option<String> {
    let mut body = draw.digits(11);
    if let Some(first) = body.first_mut() {
        *first = draw.between(2, 9) as u32;
    }
    let check = verhoeff(&body);
    let t = text(&with(body, check));
    let (a, rest) = t.split_at(4);
    let (b, c) = rest.split_at(4);
    Some(format!("{a} {b} {c}"))
}

fn pan(draw: &mut Draw) -> Option<String> {
    let head = draw.string(UPPER, 3) + "P" + &draw.string(UPPER, 1);
    Some(format!(
        "{head}{:04}{}",
        draw.between(1, 9_999),
        draw.string(UPPER, 1)
    ))
}

fn cn(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let region = draw.of(&["110101", "310115", "440305", "330106", "510104", "420111"]);
    let body = format!("{region}{y}{m:02}{d:02}{:03}", draw.below(1_000));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let rest = weighted(&digits(&body), &weights) % 11;
    Some(format!(
        "{body}{}",
        "10X98765432".chars().nth(rest as usize)?
    ))
}

fn tw(draw: &mut Draw) -> Option<String> {
    let (letter, worth) = *draw.row(&[('A', 10), ('F', 15), ('H', 17), ('B', 11), ('D', 13)]);
    let mut body = vec![draw.between(1, 2) as u32];
    body.extend(draw.digits(7));
    let sum = worth / 10 + worth % 10 * 9 + weighted(&body, &[8, 7, 6, 5, 4, 3, 2, 1]);
    Some(format!("{letter}{}{}", text(&body), (10 - sum % 10) % 10))
}

fn hk(draw: &mut Draw) -> Option<String> {
    let letter = *draw.row(&['A', 'C', 'G', 'K', 'P', 'R', 'Z']);
    let body = draw.digits(6);
    let sum = 36 * 9 + letter.to_digit(36)? * 8 + weighted(&body, &[7, 6, 5, 4, 3, 2]);
    let check = match (11 - sum % 11) % 11 {
        10 => 'A',
        digit => char::from_digit(digit, 10)?,
    };
    Some(format!("{letter}{}({check})", text(&body)))
}

fn kr(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let sex = draw.between(1, 2);
    let body = digits(&format!(
        "{:02}{m:02}{d:02}{sex}{:05}",
        y % 100,
        draw.below(100_000)
    ));
    let check = (11 - weighted(&body, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11) % 10;
    let t = text(&with(body, check));
    let (a, b) = t.split_at(6);
    Some(format!("{a}-{b}"))
}

fn jp(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 11);
    let rest = weighted(&body, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let t = text(&with(body, if rest < 2 { 0 } else { 11 - rest }));
    let (a, rest) = t.split_at(4);
    let (b, c) = rest.split_at(4);
    Some(if draw.chance(50) {
        format!("{a} {b} {c}")
    } else {
        t
    })
}

fn sg(draw: &mut Draw) -> Option<String> {
    let (lead, more) = *draw.row(&[('S', 0), ('T', 4)]);
    let body = draw.digits(7);
    let rest = (weighted(&body, &[2, 7, 6, 5, 4, 3, 2]) + more) % 11;
    Some(format!(
        "{lead}{}{}",
        text(&body),
        "JZIHGFEDCBA".chars().nth(rest as usize)?
    ))
}

fn th(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 12);
    let sum = weighted(&body, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let check = (11 - sum % 11) % 10;
    let t = text(&with(body, check));
    let (a, rest) = t.split_at(1);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(5);
    let (d, e) = rest.split_at(2);
    Some(format!("{a}-{b}-{c}-{d}-{e}"))
}

fn my(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let place = draw.between(1, 14);
    Some(format!(
        "{:02}{m:02}{d:02}-{place:02}-{:04}",
        y % 100,
        draw.between(1, 9_999)
    ))
}

fn tfn(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 8);
    // The ninth weight is 10, so that the last digit is minus the sum, modulo 11.
    let check = one(weighted(&body, &[1, 4, 3, 7, 5, 8, 6, 9]) % 11)?;
    let t = text(&with(body, check));
    let (a, rest) = t.split_at(3);
    let (b, c) = rest.split_at(3);
    Some(format!("{a} {b} {c}"))
}

fn medicare(draw: &mut Draw) -> Option<String> {
    let mut body = vec![draw.between(2, 6) as u32];
    body.extend(draw.digits(7));
    let check = weighted(&body, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10;
    let t = text(&with(body, check));
    let (a, b) = t.split_at(4);
    Some(format!("{a} {b} {}", draw.between(1, 4)))
}

fn nz(draw: &mut Draw) -> Option<String> {
    let body = digits(&draw.between(10_000_000, 13_999_999).to_string());
    let first = (11 - weighted(&body, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
    let second = (11 - weighted(&body, &[7, 4, 3, 2, 5, 2, 7, 6]) % 11) % 11;
    let check = one(first).or(one(second))?;
    let t = text(&with(body, check));
    let (a, rest) = t.split_at(3);
    let (b, c) = rest.split_at(3);
    Some(format!("{a}-{b}-{c}"))
}

fn ua(draw: &mut Draw) -> Option<String> {
    let mut body = vec![draw.between(2, 3) as u32];
    body.extend(draw.digits(8));
    // The first weight is minus one.
    let first = *body.first()?;
    let rest: Vec<u32> = body.iter().skip(1).copied().collect();
    let sum = weighted(&rest, &[5, 7, 9, 4, 6, 10, 5, 7]) + 110 - first;
    Some(text(&with(body, sum % 11 % 10)))
}

fn snils(draw: &mut Draw) -> Option<String> {
    let body = first_not_zero(draw, 9);
    let sum = weighted(&body, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
    let t = text(&body);
    let (a, rest) = t.split_at(3);
    let (b, c) = rest.split_at(3);
    Some(format!("{a}-{b}-{c} {:02}", sum % 100))
}

fn inn(draw: &mut Draw) -> Option<String> {
    let mut body = digits(draw.of(&["77", "78", "50", "66", "23"]));
    body.extend(draw.digits(8));
    let first = weighted(&body, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    let body = with(body, first);
    let second = weighted(&body, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
    Some(text(&with(body, second)))
}

fn kz(draw: &mut Draw) -> Option<String> {
    let (d, m, y) = day(draw);
    let sex = draw.between(3, 4);
    let body = digits(&format!(
        "{:02}{m:02}{d:02}{sex}{:04}",
        y % 100,
        draw.below(10_000)
    ));
    let first = weighted(&body, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let second = weighted(&body, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    Some(text(&with(body, one(first).or(one(second))?)))
}

#[cfg(test)]
#[path = "states_tests.rs"]
mod tests;
