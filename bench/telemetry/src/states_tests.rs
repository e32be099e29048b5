//! Every made number satisfies its scheme's congruence, written here in another way than there.

use super::*;

fn made(country: &str, mut check: impl FnMut(&str, &[u32]) -> bool) {
    let mut draw = Draw::new(9, 9);
    for _ in 0..300 {
        let value = number(&mut draw, country).value;
        assert!(check(&value, &digits(&value)), "{country}: {value}");
    }
}

/// The sum of a whole number by weights that include the check digit's.
fn sum(all: &[u32], weights: &[i64]) -> i64 {
    assert_eq!(all.len(), weights.len(), "{all:?}");
    all.iter()
        .zip(weights)
        .map(|(d, w)| i64::from(*d) * w)
        .sum()
}

fn passes_luhn(all: &[u32]) -> bool {
    const TWICE: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let worth = |(n, d): (usize, &u32)| if n % 2 == 1 { TWICE[*d as usize] } else { *d };
    all.iter().rev().enumerate().map(worth).sum::<u32>() % 10 == 0
}

#[test]
fn every_scheme_draws_a_number() {
    for (country, scheme) in SCHEMES {
        let mut draw = Draw::new(2, 2);
        let hits = (0..200).filter(|_| scheme(&mut draw).is_some()).count();
        assert!(hits > 50, "{country}: {hits}");
    }
    let countries: std::collections::BTreeSet<_> = SCHEMES.iter().map(|row| row.0).collect();
    assert!(countries.len() >= 45, "{}", countries.len());
}

#[test]
fn sums_of_tens_hold() {
    for country in ["ca", "il", "za", "gr", "ec"] {
        made(country, |_, all| passes_luhn(all));
    }
    made("se", |_, all| passes_luhn(&all[all.len() - 10..]));
    made("pl", |_, all| {
        sum(all, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0
    });
    made("ch", |_, all| {
        sum(all, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 == 0
    });
    made("uy", |_, all| sum(all, &[2, 9, 8, 7, 6, 3, 4, 1]) % 10 == 0);
    made("tr", |_, all| all[..10].iter().sum::<u32>() % 10 == all[10]);
}

#[test]
fn sums_of_elevens_hold() {
    made("nl", |_, all| {
        sum(all, &[9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0
    });
    made("no", |_, all| {
        sum(all, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1, 0]) % 11 == 0
            && sum(all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    });
    made("dk", |_, all| {
        sum(all, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    });
    made("br", |_, all| {
        let first: i64 = sum(&all[..9], &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 % 10;
        let second: i64 = sum(&all[..10], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 % 10;
        [first, second] == [i64::from(all[9]), i64::from(all[10])]
    });
    made("ar", |_, all| {
        sum(all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    });
    made("rs", |_, all| {
        sum(all, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0
    });
    made("cz", |_, all| {
        all.iter()
            .fold(0_u64, |n, d| n * 10 + u64::from(*d))
            .is_multiple_of(11)
    });
    made("cn", |value, _| {
        let worth = |c: char| {
            if c == 'X' {
                10
            } else {
                i64::from(c.to_digit(10).unwrap())
            }
        };
        value.chars().fold(0, |rest, c| (rest * 2 + worth(c)) % 11) == 1
    });
    made("th", |_, all| {
        (sum(&all[..12], &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) + i64::from(all[12])) % 11 % 10
            <= 1
    });
}

#[test]
fn remainders_and_letters_hold() {
    made("be", |_, all| {
        let whole = all.iter().fold(0_u64, |n, d| n * 10 + u64::from(*d));
        (whole / 100 + whole % 100).is_multiple_of(97)
    });
    made("fr", |_, all| {
        let whole = all.iter().fold(0_u64, |n, d| n * 10 + u64::from(*d));
        (whole / 100 + whole % 100).is_multiple_of(97)
    });
    made("hr", |_, all| {
        let rest = all[..10].iter().fold(10, |rest, d| {
            let sum = (rest + d) % 10;
            [9, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9][if sum == 0 { 10 } else { sum } as usize]
        });
        (rest + all[10]) % 10 == 1
    });
    made("fi", |value, all| {
        let born: u64 = all[..9].iter().fold(0, |n, d| n * 10 + u64::from(*d));
        value.chars().last()
            == "0123456789ABCDEFHJKLMNPRSTUVWXY"
                .chars()
                .nth((born % 31) as usize)
    });
}

#[test]
fn published_examples_come_out() {
    assert_eq!(
        weighted(&digits("12345678"), &[2, 7, 6, 5, 4, 3, 2]),
        106,
        "to the shorter"
    );
    // Aadhaar's published example is 2345 6789 012?; any number of eleven digits has one end.
    made("in", |_, all| {
        all.len() == 4 || verhoeff(&all[..11]) == all[11]
    });
    made("us", |value, _| {
        value.len() == 11 && !value.starts_with("000")
    });
}
