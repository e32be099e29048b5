//! Numbers by which states know people, outside Europe.

use super::money::{grouped, luhn_digit};
use super::national::{National, bare, born, sum, text, told, until, yymmdd};
use crate::draw::Draw;
use crate::noise::expand;

pub(crate) const WORLD: &[National] = &[
    bare(
        "us",
        &[
            "ssn",
            "social security number",
            "social security",
            "taxpayer id",
        ],
        &["SSN", "social security number", "SSN:"],
        ssn_dashed,
    ),
    told(
        "us",
        &["ssn", "social security number"],
        &["SSN", "social security number"],
        ssn_plain,
    ),
    told("us", &["itin", "tax id", "tin"], &["ITIN", "tax id"], itin),
    told("us", &["npi", "provider npi"], &["NPI"], npi),
    told(
        "ca",
        &["sin", "social insurance number"],
        &["SIN", "social insurance number"],
        sin,
    ),
    told("mx", &["curp"], &["CURP"], curp),
    told("br", &["cpf", "cpf cliente", "documento"], &["CPF"], cpf),
    told("br", &["cnpj"], &["CNPJ"], cnpj),
    told("ar", &["cuit", "cuil"], &["CUIT", "CUIL"], cuit),
    told("cl", &["rut", "run"], &["RUT"], rut),
    told("ec", &["cedula", "cédula"], &["cédula"], cedula_ec),
    told("uy", &["cedula", "ci"], &["C.I.", "cédula"], cedula_uy),
    told("co", &["nit", "cedula"], &["NIT"], nit_co),
    told(
        "cn",
        &["身份证号", "id card", "identity number", "resident id"],
        &["身份证号", "身份证"],
        resident_cn,
    ),
    told("hk", &["hkid", "identity card number"], &["HKID"], hkid),
    told(
        "tw",
        &["身分證字號", "national id", "id number"],
        &["身分證字號"],
        id_tw,
    ),
    told(
        "kr",
        &["주민등록번호", "rrn", "resident registration number"],
        &["주민등록번호", "RRN"],
        rrn,
    ),
    told(
        "jp",
        &["マイナンバー", "my number", "個人番号"],
        &["マイナンバー", "個人番号"],
        my_number,
    ),
    told("sg", &["nric", "fin", "nric number"], &["NRIC"], nric),
    told(
        "my",
        &["mykad", "nric", "ic number"],
        &["MyKad", "IC No."],
        mykad,
    ),
    told(
        "th",
        &["เลขประจำตัวประชาชน", "thai id", "citizen id"],
        &["เลขประจำตัวประชาชน", "citizen id"],
        thai,
    ),
    told("id", &["nik", "no ktp", "ktp"], &["NIK", "KTP"], nik),
    told(
        "in",
        &["aadhaar", "aadhaar number", "uidai", "आधार"],
        &["Aadhaar", "Aadhaar no."],
        aadhaar,
    ),
    bare(
        "in",
        &["pan", "pan number", "pan card"],
        &["PAN", "PAN card"],
        pan,
    ),
    told("pk", &["cnic", "nic"], &["CNIC"], cnic),
    told(
        "il",
        &["teudat zehut", "תעודת זהות", "id number"],
        &["ת.ז.", "teudat zehut"],
        zehut,
    ),
    told("ae", &["emirates id", "eid"], &["Emirates ID"], emirates),
    told(
        "sa",
        &["national id", "iqama", "رقم الهوية"],
        &["رقم الهوية", "Iqama"],
        saudi,
    ),
    told(
        "eg",
        &["الرقم القومي", "national id"],
        &["الرقم القومي"],
        egypt,
    ),
    told("kz", &["иин", "iin"], &["ИИН"], iin),
    told(
        "za",
        &["sa id", "id number", "identity number"],
        &["SA ID", "ID number"],
        south_africa,
    ),
    told(
        "ng",
        &["nin", "national identification number", "bvn"],
        &["NIN", "BVN"],
        nin,
    ),
    told(
        "au",
        &["tfn", "tax file number"],
        &["TFN", "tax file number"],
        tfn,
    ),
    told(
        "au",
        &["medicare", "medicare number"],
        &["Medicare no.", "Medicare number"],
        medicare,
    ),
    told("nz", &["ird", "ird number"], &["IRD number"], ird),
];

/// The United States' number: area, group, serial; none of them zero, area not 666 or 900 up.
fn ssn(draw: &mut Draw) -> (u64, u64, u64) {
    let area = draw.between(100, 665);
    (area, draw.between(1, 99), draw.between(1, 9_999))
}

pub(crate) fn ssn_dashed(draw: &mut Draw) -> String {
    let (area, group, serial) = ssn(draw);
    format!("{area}-{group:02}-{serial:04}")
}

fn ssn_plain(draw: &mut Draw) -> String {
    let (area, group, serial) = ssn(draw);
    format!("{area}{group:02}{serial:04}")
}

fn itin(draw: &mut Draw) -> String {
    let (area, group) = (draw.between(900, 999), draw.between(70, 88));
    format!("{area}-{group}-{}", draw.string("0123456789", 4))
}

/// A health provider's number: Luhn over the prefix 80840 and nine digits.
fn npi(draw: &mut Draw) -> String {
    let body = format!("1{}", draw.string("0123456789", 8));
    format!("{body}{}", luhn_digit(&format!("80840{body}")))
}

/// Canada's insurance number: Luhn.
pub(crate) fn sin(draw: &mut Draw) -> String {
    let prefix = draw.of(&["1", "2", "4", "5", "7"]);
    let all = super::money::luhn_number(draw, prefix, 9);
    grouped(&all, &[3, 3, 3], draw.of(&[" ", "-", ""]))
}

/// Mexico's code: letters of the name, birth, sex, state, letters, sum over base 37.
pub(crate) fn curp(draw: &mut Draw) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";
    let name = format!(
        "{}{}{}",
        draw.string("BCDFGLMPRS", 1),
        draw.string("AEIOU", 1),
        draw.string("BCDFGLMNPRST", 2)
    );
    let (year, month, day) = born(draw);
    let (sex, state) = (
        draw.of(&["H", "M"]),
        draw.of(&["DF", "JC", "NL", "VZ", "OC", "PL"]),
    );
    let birth = text(&yymmdd(year, month, day));
    let body = format!(
        "{name}{birth}{sex}{state}{}0",
        draw.string("BCDFGLMNPRST", 3)
    );
    let total: usize = body
        .chars()
        .enumerate()
        .map(|(n, c)| ALPHABET.chars().position(|a| a == c).unwrap_or(0) * (18 - n))
        .sum();
    format!("{body}{}", (10 - total % 10) % 10)
}

fn mod11_two(digits: &[u32], weights: &[u32]) -> u32 {
    match sum(digits, weights) % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

/// Brazil's person number: two check digits modulo 11.
pub(crate) fn cpf(draw: &mut Draw) -> String {
    let mut digits = draw.digits(9);
    digits.push(mod11_two(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]));
    digits.push(mod11_two(&digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]));
    let all = text(&digits);
    if draw.chance(40) {
        return all;
    }
    let (head, tail) = all.split_at(9);
    format!("{}-{tail}", grouped(head, &[3, 3, 3], "."))
}

/// Brazil's number of a business, which names a person where it is a trader's.
pub(crate) fn cnpj(draw: &mut Draw) -> String {
    let mut digits = draw.digits(8);
    digits.extend([0, 0, 0, 1]);
    digits.push(mod11_two(&digits, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    digits.push(mod11_two(&digits, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    let all = text(&digits);
    let (root, rest) = all.split_at(8);
    let (branch, check) = rest.split_at(4);
    format!("{}/{branch}-{check}", grouped(root, &[2, 3, 3], "."))
}

/// Argentina's number: kind, document, weights modulo 11.
pub(crate) fn cuit(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let mut digits = vec![2, draw.of_digit(&[0, 3, 4, 7])];
        digits.push(draw.between(1, 4) as u32);
        digits.extend(draw.digits(7));
        let check = (11 - sum(&digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 11;
        let all = text(&digits);
        let (kind, rest) = all.split_at(2);
        (check < 10).then(|| format!("{kind}-{rest}-{check}"))
    })
}

impl Draw {
    fn of_digit(&mut self, of: &[u32]) -> u32 {
        *self.row(of)
    }
}

/// Chile's number: weights 2 to 7 from the right, modulo 11, K for ten.
pub(crate) fn rut(draw: &mut Draw) -> String {
    let n = draw.between(5_000_000, 24_999_999).to_string();
    let total: u32 = n
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .zip([2, 3, 4, 5, 6, 7, 2, 3])
        .map(|(d, w)| d * w)
        .sum();
    let check = match 11 - total % 11 {
        11 => "0".to_owned(),
        10 => "K".to_owned(),
        n => n.to_string(),
    };
    let head = if n.len() == 8 { 2 } else { 1 };
    let dotted = grouped(&n, &[head, 3, 3], ".");
    if draw.chance(60) {
        format!("{dotted}-{check}")
    } else {
        format!("{n}-{check}")
    }
}

/// Ecuador's number: province, weights 2 1 with digits of the products added up.
pub(crate) fn cedula_ec(draw: &mut Draw) -> String {
    let body = format!("{:02}{}", draw.between(1, 24), draw.string("012345", 1))
        + &draw.string("0123456789", 6);
    format!("{body}{}", luhn_digit(&body))
}

/// Uruguay's number: weights 2 9 8 7 6 3 4.
pub(crate) fn cedula_uy(draw: &mut Draw) -> String {
    let mut digits = vec![draw.between(1, 5) as u32];
    digits.extend(draw.digits(6));
    let check = (10 - sum(&digits, &[2, 9, 8, 7, 6, 3, 4]) % 10) % 10;
    format!("{}-{check}", grouped(&text(&digits), &[1, 3, 3], "."))
}

/// Colombia's tax number: weights of primes, modulo 11.
pub(crate) fn nit_co(draw: &mut Draw) -> String {
    let mut digits = vec![draw.between(1, 9) as u32];
    digits.extend(draw.digits(8));
    let rest = sum(&digits, &[41, 37, 29, 23, 19, 17, 13, 7, 3]) % 11;
    let check = if rest < 2 { rest } else { 11 - rest };
    format!("{}-{check}", grouped(&text(&digits), &[3, 3, 3], "."))
}

/// China's resident number: area, birth, serial, ISO 7064 mod 11-2.
pub(crate) fn resident_cn(draw: &mut Draw) -> String {
    let area = draw.of(&["110105", "310115", "440304", "510107", "330106", "420111"]);
    let (year, month, day) = born(draw);
    let body = format!(
        "{area}{year}{month:02}{day:02}{}",
        draw.string("0123456789", 3)
    );
    let rest = body
        .chars()
        .filter_map(|c| c.to_digit(10))
        .fold(0, |rest, d| (rest + d) * 2 % 11);
    let check = match (12 - rest) % 11 {
        10 => "X".to_owned(),
        n => n.to_string(),
    };
    format!("{body}{check}")
}

/// Hong Kong's number: a letter as a number, weights 9 to 2, A for ten.
pub(crate) fn hkid(draw: &mut Draw) -> String {
    let letter = draw.string("ABCDEGHKMPRVYZ", 1);
    let digits = draw.digits(6);
    let first = u32::from(letter.bytes().next().unwrap_or(b'A') - b'A') + 10;
    // The missing second letter counts as 36 times 9.
    let total = 36 * 9 + first * 8 + sum(&digits, &[7, 6, 5, 4, 3, 2]);
    let check = match (11 - total % 11) % 11 {
        10 => "A".to_owned(),
        n => n.to_string(),
    };
    format!("{letter}{}({check})", text(&digits))
}

/// Taiwan's number: a letter as two digits, weights 1 9 8 … 1, modulo 10.
pub(crate) fn id_tw(draw: &mut Draw) -> String {
    const VALUES: &str = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let letter = draw.string("ABCDEFGH", 1);
    let value = VALUES.find(&letter).unwrap_or(0) as u32 + 10;
    let mut digits = vec![draw.between(1, 2) as u32];
    digits.extend(draw.digits(7));
    let total = value / 10 + value % 10 * 9 + sum(&digits, &[8, 7, 6, 5, 4, 3, 2, 1]);
    format!("{letter}{}{}", text(&digits), (10 - total % 10) % 10)
}

/// Korea's number: birth, sex and century, weights 2 to 9 and again.
pub(crate) fn rrn(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let mut digits = yymmdd(year, month, day);
    digits.push(draw.between(1, 2) as u32);
    digits.extend(draw.digits(5));
    let total = sum(&digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    digits.push((11 - total % 11) % 10);
    let (head, tail) = digits.split_at(6);
    format!("{}-{}", text(head), text(tail))
}

/// Japan's number: eleven digits, weights 6 to 2 and 7 to 2.
pub(crate) fn my_number(draw: &mut Draw) -> String {
    let mut digits = draw.digits(11);
    let rest = sum(&digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    digits.push(if rest < 2 { 0 } else { 11 - rest });
    grouped(&text(&digits), &[4, 4, 4], draw.of(&["", " ", "-"]))
}

/// Singapore's number: weights 2 7 6 5 4 3 2, a letter of the rest.
pub(crate) fn nric(draw: &mut Draw) -> String {
    let (prefix, letters, offset) = *draw.row(&[
        ("S", "JZIHGFEDCBA", 0),
        ("T", "JZIHGFEDCBA", 4),
        ("F", "XWUTRQPNMLK", 0),
        ("G", "XWUTRQPNMLK", 4),
    ]);
    let digits = draw.digits(7);
    let rest = (sum(&digits, &[2, 7, 6, 5, 4, 3, 2]) + offset) % 11;
    let letter = letters.chars().nth(rest as usize).unwrap_or('J');
    format!("{prefix}{}{letter}", text(&digits))
}

/// Malaysia's number: birth, state, serial.
fn mykad(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let state = draw.between(1, 16);
    format!(
        "{}-{state:02}-{}",
        text(&yymmdd(year, month, day)),
        draw.string("0123456789", 4)
    )
}

/// Thailand's number: weights 13 to 2, modulo 11.
pub(crate) fn thai(draw: &mut Draw) -> String {
    let mut digits = vec![draw.between(1, 8) as u32];
    digits.extend(draw.digits(11));
    let rest = sum(&digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    digits.push((11 - rest) % 10);
    let all = text(&digits);
    if draw.chance(50) {
        all
    } else {
        grouped(&all, &[1, 4, 5, 2, 1], "-")
    }
}

/// Indonesia's number: area, birth (women's days 40 higher), serial.
fn nik(draw: &mut Draw) -> String {
    let area = draw.of(&["317401", "327306", "357801", "510304"]);
    let (year, month, day) = born(draw);
    let day = if draw.chance(50) { day } else { day + 40 };
    format!(
        "{area}{day:02}{month:02}{:02}{:04}",
        year % 100,
        draw.between(1, 999)
    )
}

/// Product of the dihedral group of order ten.
fn dihedral(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// The digit of Verhoeff's scheme.
pub(crate) fn verhoeff_digit(body: &str) -> u32 {
    const PERMUTED: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let at = |d: u32| PERMUTED.get(d as usize).copied().unwrap_or(0);
    let digits = body.chars().rev().filter_map(|c| c.to_digit(10));
    let all = digits.enumerate().fold(0, |all, (n, digit)| {
        let permuted = (0..(n + 1) % 8).fold(digit, |d, _| at(d));
        dihedral(all, permuted)
    });
    // The inverse: rotations turn back, reflections are their own.
    if all < 5 { (5 - all) % 5 } else { all }
}

/// India's number: Verhoeff.
pub(crate) fn aadhaar(draw: &mut Draw) -> String {
    let body = format!("{}{}", draw.between(2, 9), draw.string("0123456789", 10));
    let all = format!("{body}{}", verhoeff_digit(&body));
    grouped(&all, &[4, 4, 4], draw.of(&[" ", " ", "", "-"]))
}

/// India's tax number of a person: the fourth letter is P.
fn pan(draw: &mut Draw) -> String {
    expand(draw, "{A3}P{A1}{d4}{A1}")
}

fn cnic(draw: &mut Draw) -> String {
    expand(draw, "{i5}-{i7}-{d1}")
}

/// Israel's number: the Luhn scheme over nine digits.
pub(crate) fn zehut(draw: &mut Draw) -> String {
    super::money::luhn_number(draw, "3", 9)
}

/// The Emirates' number: 784, year of birth, serial, Luhn.
pub(crate) fn emirates(draw: &mut Draw) -> String {
    let (year, ..) = born(draw);
    let all = super::money::luhn_number(draw, &format!("784{year}"), 15);
    grouped(&all, &[3, 4, 7, 1], "-")
}

/// Saudi Arabia's number: 1 for citizens, 2 for residents, Luhn.
pub(crate) fn saudi(draw: &mut Draw) -> String {
    let prefix = draw.of(&["1", "2"]);
    super::money::luhn_number(draw, prefix, 10)
}

/// Egypt's number: century, birth, governorate, serial.
fn egypt(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let (place, serial) = (
        draw.of(&["01", "02", "12", "21"]),
        draw.string("0123456789", 4),
    );
    format!(
        "2{:02}{month:02}{day:02}{place}{serial}{}",
        year % 100,
        draw.between(1, 9)
    )
}

/// Kazakhstan's number: birth, century and sex, serial, two rounds of weights.
pub(crate) fn iin(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let (year, month, day) = born(draw);
        let mut digits = yymmdd(year, month, day);
        digits.push(draw.between(3, 4) as u32);
        digits.extend(draw.digits(4));
        let one = sum(&digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
        let two = sum(&digits, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
        let check = if one < 10 { one } else { two };
        digits.push(check);
        (check < 10).then(|| text(&digits))
    })
}

/// South Africa's number: birth, serial, citizenship, Luhn.
pub(crate) fn south_africa(draw: &mut Draw) -> String {
    let (year, month, day) = born(draw);
    let body = text(&yymmdd(year, month, day)) + &draw.string("0123456789", 4) + "08";
    format!("{body}{}", luhn_digit(&body))
}

fn nin(draw: &mut Draw) -> String {
    expand(draw, "{i11}")
}

/// Australia's tax number: weights 1 4 3 7 5 8 6 9 10, a multiple of 11.
pub(crate) fn tfn(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let mut digits = vec![draw.between(1, 9) as u32];
        digits.extend(draw.digits(7));
        // The last weight is 10, which is -1 modulo 11: the digit is the sum of the others.
        let check = sum(&digits, &[1, 4, 3, 7, 5, 8, 6, 9]) % 11;
        digits.push(check);
        (check < 10).then(|| grouped(&text(&digits), &[3, 3, 3], " "))
    })
}

/// Australia's health card: weights 1 3 7 9 in turn, then an issue number.
pub(crate) fn medicare(draw: &mut Draw) -> String {
    let mut digits = vec![draw.between(2, 6) as u32];
    digits.extend(draw.digits(7));
    digits.push(sum(&digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10);
    digits.push(draw.between(1, 4) as u32);
    grouped(&text(&digits), &[4, 5, 1], " ")
}

/// New Zealand's tax number: weights 3 2 7 6 5 4 3 2, or a second set.
pub(crate) fn ird(draw: &mut Draw) -> String {
    until(draw, |draw| {
        let n = draw.between(10_000_000, 13_999_999);
        let mut digits: Vec<u32> = vec![0];
        digits.extend(n.to_string().chars().filter_map(|c| c.to_digit(10)));
        digits.pop();
        let check = |weights: &[u32]| (11 - sum(&digits, weights) % 11) % 11;
        let digit = match check(&[3, 2, 7, 6, 5, 4, 3, 2]) {
            10 => check(&[7, 4, 3, 2, 5, 2, 7, 6]),
            digit => digit,
        };
        let body = text(digits.get(1..).unwrap_or(&[]));
        (digit < 10).then(|| grouped(&format!("{body}{digit}"), &[2, 3, 3], "-"))
    })
}
