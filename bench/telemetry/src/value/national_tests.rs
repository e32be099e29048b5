//! The check digits again, the other way round: rules over the whole number, held against a
//! published example of each before they are held against the generators.
#![expect(clippy::string_slice, reason = "numbers are ASCII and of known length")]

use super::national::{self as europe};
use super::national_world::{self as world};
use crate::draw::Draw;

type Make = fn(&mut Draw) -> String;
type Rule<'r> = &'r dyn Fn(&str) -> bool;

fn digits(text: &str) -> Vec<u32> {
    text.chars().filter_map(|c| c.to_digit(10)).collect()
}

/// Weights over all digits, the check digit's included, of which the sum is a multiple.
const WEIGHTED: &[(Make, &str, &[u32], u32)] = &[
    (
        europe::nhs,
        "9434765919",
        &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1],
        11,
    ),
    (europe::bsn, "111222333", &[9, 8, 7, 6, 5, 4, 3, 2, 10], 11),
    (
        europe::pesel,
        "44051401359",
        &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1],
        10,
    ),
    (
        europe::cpr,
        "2110625629",
        &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
        11,
    ),
    (
        europe::fodselsnummer,
        "15108695088",
        &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
        11,
    ),
    (
        europe::kennitala,
        "1201743399",
        &[3, 2, 7, 6, 5, 4, 3, 2, 1, 0],
        11,
    ),
    (
        europe::rodne_cislo,
        "7103192745",
        &[10, 1, 10, 1, 10, 1, 10, 1, 10, 1],
        11,
    ),
    (
        europe::emso,
        "0101006500006",
        &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
        11,
    ),
    (
        europe::svnr,
        "1237010180",
        &[3, 7, 9, 10, 5, 8, 4, 2, 1, 6],
        11,
    ),
    (
        europe::ahv,
        "7569217076985",
        &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1],
        10,
    ),
    (europe::taj, "111111110", &[3, 7, 3, 7, 3, 7, 3, 7, 9], 10),
    (
        world::cuit,
        "20055361682",
        &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1],
        11,
    ),
    (world::cedula_uy, "12345672", &[2, 9, 8, 7, 6, 3, 4, 1], 10),
    (world::tfn, "123456782", &[1, 4, 3, 7, 5, 8, 6, 9, 10], 11),
];

#[test]
fn weighted_sums_are_multiples() {
    let rest = |text: &str, weights: &[u32], modulus: u32| {
        let all = digits(text);
        assert_eq!(all.len(), weights.len(), "{text}");
        all.iter().zip(weights).map(|(d, w)| d * w).sum::<u32>() % modulus
    };
    for (make, example, weights, modulus) in WEIGHTED {
        assert_eq!(rest(example, weights, *modulus), 0, "{example}");
        for n in 0..200 {
            let text = make(&mut Draw::new(1, n));
            assert_eq!(rest(&text, weights, *modulus), 0, "{text} like {example}");
        }
    }
}

fn passes_luhn(text: &str) -> bool {
    let all = digits(text);
    let parity = all.len() % 2;
    let sum: u32 = all
        .iter()
        .enumerate()
        .map(|(n, d)| {
            if n % 2 != parity {
                *d
            } else if *d == 9 {
                9
            } else {
                d * 2 % 9
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[test]
fn luhn_numbers_pass_luhn() {
    let makers: &[(Make, &str)] = &[
        (europe::amka, "01013099997"),
        (world::sin, "046454286"),
        (world::south_africa, "7503305044089"),
        (world::emirates, "784198012345677"),
        (world::saudi, "1000000008"),
        (world::zehut, "039337423"),
        (world::cedula_ec, "1714307103"),
    ];
    for (make, example) in makers {
        let is_published = !example.starts_with("784") && *example != "1000000008";
        assert!(passes_luhn(example) || !is_published, "{example}");
        for n in 0..200 {
            let text = make(&mut Draw::new(2, n));
            assert!(passes_luhn(&text), "{text}");
            assert_eq!(digits(&text).len(), digits(example).len(), "{text}");
        }
    }
    assert!(passes_luhn("8112289874"));
    for n in 0..200 {
        let text = europe::personnummer(&mut Draw::new(3, n));
        let all: String = text.chars().filter(char::is_ascii_digit).collect();
        assert!(passes_luhn(&all[all.len() - 10..]), "{text}");
    }
}

fn number(text: &str) -> u64 {
    text.chars()
        .filter(char::is_ascii_digit)
        .collect::<String>()
        .parse()
        .unwrap()
}

#[test]
fn rests_by_97_hold() {
    let sums = |text: &str| {
        let all = number(text);
        (all / 100 + all % 100).is_multiple_of(97)
    };
    assert!(sums("255081416802538") && sums("85073003328"));
    for n in 0..200 {
        let (one, two) = (
            europe::nir(&mut Draw::new(4, n)),
            europe::rijksregister(&mut Draw::new(4, n)),
        );
        assert!(sums(&one), "{one}");
        assert!(sums(&two), "{two}");
    }
}

#[test]
fn iso_7064_numbers_end_in_one() {
    let holds = |text: &str| {
        let all = digits(text);
        let (last, body) = all.split_last().unwrap();
        let mut product = 10;
        for digit in body {
            product = (product + digit) % 10;
            product = if product == 0 { 10 } else { product } * 2 % 11;
        }
        (product + last) % 10 == 1
    };
    assert!(holds("33392005961") && holds("36574261809"));
    for n in 0..300 {
        let (one, two) = (
            europe::oib(&mut Draw::new(5, n)),
            europe::steuer_id(&mut Draw::new(5, n)),
        );
        assert!(holds(&one), "{one}");
        assert!(holds(&two), "{two}");
        let all = digits(&two);
        let mut counts = [0; 10];
        all[..10].iter().for_each(|d| counts[*d as usize] += 1);
        assert_eq!(counts.iter().filter(|n| **n == 2).count(), 1, "{two}");
        assert_ne!(all[0], 0, "{two}");
    }
}

fn dni(t: &str) -> bool {
    let t = t.replace('-', "");
    let n: usize = t[..8]
        .replace('X', "0")
        .replace('Y', "1")
        .replace('Z', "2")
        .parse()
        .unwrap();
    b"TRWAGMYFPDXBNJZSQVHLCKE"[n % 23] == t.as_bytes()[8]
}

fn hetu(t: &str) -> bool {
    let n = number(&format!("{}{}", &t[..6], &t[7..10])) as usize;
    b"0123456789ABCDEFHJKLMNPRSTUVWXY"[n % 31] == t.as_bytes()[10]
}

fn resident(t: &str) -> bool {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits(&t[..17])
        .iter()
        .zip(weights)
        .map(|(d, w)| d * w)
        .sum();
    b"10X98765432"[sum as usize % 11] == t.as_bytes()[17]
}

fn nric(t: &str) -> bool {
    let weights = [2, 7, 6, 5, 4, 3, 2];
    let sum: u32 = digits(&t[1..8])
        .iter()
        .zip(weights)
        .map(|(d, w)| d * w)
        .sum();
    let (table, more) = match &t[..1] {
        "S" => (b"JZIHGFEDCBA", 0),
        "T" => (b"JZIHGFEDCBA", 4),
        "F" => (b"XWUTRQPNMLK", 0),
        _ => (b"XWUTRQPNMLK", 4),
    };
    table[(sum + more) as usize % 11] == t.as_bytes()[8]
}

fn rut(t: &str) -> bool {
    let t: String = t.chars().filter(char::is_ascii_alphanumeric).collect();
    let (body, check) = t.split_at(t.len() - 1);
    let sum: u32 = digits(body)
        .iter()
        .rev()
        .enumerate()
        .map(|(n, d)| d * (n as u32 % 6 + 2))
        .sum();
    let wanted = ["0", "K", "9", "8", "7", "6", "5", "4", "3", "2", "1"][sum as usize % 11];
    check == wanted
}

fn tckn(t: &str) -> bool {
    let d = digits(t);
    let odd: u32 = d[..9].iter().step_by(2).sum();
    let even: u32 = d[1..8].iter().step_by(2).sum();
    (odd * 7 - even) % 10 == d[9] && d[..10].iter().sum::<u32>() % 10 == d[10]
}

fn cpf(t: &str) -> bool {
    let d = digits(t);
    (9..11).all(|n| {
        let sum: u32 = d[..n]
            .iter()
            .enumerate()
            .map(|(i, d)| d * (n as u32 + 1 - i as u32))
            .sum();
        sum * 10 % 11 % 10 == d[n]
    })
}

fn snils(t: &str) -> bool {
    let d = digits(t);
    let sum: u32 = d[..9]
        .iter()
        .enumerate()
        .map(|(i, d)| d * (9 - i as u32))
        .sum();
    sum % 101 % 100 == d[9] * 10 + d[10]
}

fn isikukood(t: &str) -> bool {
    let d = digits(t);
    let round = |first: u32| -> u32 {
        (0..10)
            .map(|i| d[i] * ((first - 1 + i as u32) % 9 + 1))
            .sum::<u32>()
            % 11
    };
    (if round(1) < 10 {
        round(1)
    } else {
        round(3) % 10
    }) == d[10]
}

fn rrn(t: &str) -> bool {
    let d = digits(t);
    let sum: u32 = (0..12).map(|i| d[i] * (i as u32 % 8 + 2)).sum();
    (11 - sum % 11) % 10 == d[12]
}

fn thai(t: &str) -> bool {
    let d = digits(t);
    let sum: u32 = (0..12).map(|i| d[i] * (13 - i as u32)).sum();
    (11 - sum % 11) % 10 == d[12]
}

fn id_tw(t: &str) -> bool {
    let n = "ABCDEFGHJKLMNPQRSTUVXYWZIO".find(&t[..1]).unwrap() as u32 + 10;
    let mut sum = n / 10 + n % 10 * 9;
    sum += digits(&t[1..])
        .iter()
        .zip([8, 7, 6, 5, 4, 3, 2, 1, 1])
        .map(|(d, w)| d * w)
        .sum::<u32>();
    sum.is_multiple_of(10)
}

#[test]
fn letters_and_second_digits_hold() {
    let rules: &[(Rule<'_>, Make, &str)] = &[
        (&dni, europe::dni, "12345678Z"),
        (&dni, europe::nie, "X1234567L"),
        (&hetu, europe::hetu, "131052-308T"),
        (&resident, world::resident_cn, "11010519491231002X"),
        (&nric, world::nric, "S1234567D"),
        (&rut, world::rut, "76086428-5"),
        (&tckn, europe::tckn, "10000000146"),
        (&cpf, world::cpf, "390.533.447-05"),
        (&snils, europe::snils, "112-233-445 95"),
        (&isikukood, europe::isikukood, "36805280109"),
        (&rrn, world::rrn, "971013-9019902"),
        (&thai, world::thai, "1234545678781"),
        (&id_tw, world::id_tw, "A123456789"),
    ];
    for (rule, make, example) in rules {
        assert!(rule(example), "{example}");
        for n in 0..200 {
            let text = make(&mut Draw::new(6, n));
            assert!(rule(&text), "{text} like {example}");
        }
    }
}

#[test]
fn published_numbers_have_the_digits_that_we_compute() {
    assert_eq!(world::verhoeff_digit("23412341234"), 6);
    assert_eq!(world::verhoeff_digit("236"), 3);
    assert_eq!(europe::mod_11_10(&digits("3339200596")), 1);
    let valid = |make: Make, like: &str| {
        let text = make(&mut Draw::new(7, 7));
        assert_eq!(text.len(), like.len(), "{text} like {like}");
    };
    valid(europe::codice_fiscale, "RSSMRA85T10A562S");
    valid(world::curp, "BOXW310820HNERXN09");
    valid(europe::renten, "15070649C103");
    valid(europe::matricule, "1893120105732");
}
