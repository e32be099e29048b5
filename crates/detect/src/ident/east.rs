//! Identifiers of persons in central and eastern Europe and central Asia: Poland, Czechia,
//! Slovakia, Hungary, Romania, Moldova, Bulgaria, Russia, Ukraine, Belarus, Kazakhstan,
//! Uzbekistan.
//!
//! What is found without a label, and how often a random text of that very shape would be:
//! `cz_rodne_cislo` with its slash (1 in 150), `ru_snils` in its groups (1 in 100). Nothing else
//! is written so.

use crate::bytes::at;
use crate::ident::check::{any, base36, date, part, same, small, value, weigh, yymmdd};
use crate::ident::rule::Rule;
use crate::ident::rule::family::{PERSON, SOCIAL, TAX};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "national.pl_pesel",
        PERSON | TAX | SOCIAL,
        &["pesel", "numer pesel", "nr pesel", "peselu"],
        &["99999999999"],
        pl_pesel,
    ),
    Rule::checked(
        "national.pl_nip",
        TAX,
        &["nip", "numer nip", "nr nip", "identyfikacji podatkowej"],
        &["9999999999", "999-999-99-99", "999-99-99-999", "999 999 99 99"],
        pl_nip,
    ),
    Rule::checked(
        "national.pl_dowod",
        PERSON,
        &["dowód", "dowod", "dowodu", "dowód osobisty", "dowodu osobistego", "seria numer"],
        &["AAA999999", "AAA 999999"],
        pl_dowod,
    ),
    Rule::checked(
        "national.cz_rodne_cislo",
        PERSON | SOCIAL | TAX,
        &[
            "rodné číslo", "rodne cislo", "rodnecislo", "rč", "rc", "rodného čísla", "rod číslo",
        ],
        &["!999999/9999", "9999999999", "999999/999"],
        cz_rodne_cislo,
    ),
    Rule::labelled(
        "national.cz_op",
        &["občanský průkaz", "obcansky prukaz", "číslo op", "op číslo", "občiansky preukaz"],
        &["999999999", "AA999999", "AA 999999"],
        any,
    ),
    Rule::checked(
        "national.hu_taj",
        SOCIAL,
        &["taj", "taj szám", "taj szam", "tajszám", "tajszam", "társadalombiztosítási"],
        &["999999999", "999~999~999"],
        hu_taj,
    ),
    Rule::checked(
        "national.hu_adoazonosito",
        TAX,
        &[
            "adóazonosító", "adoazonosito", "adóazonosító jel", "adoazonosito jel",
            "adóazonosítója",
        ],
        &["9999999999"],
        hu_adoazonosito,
    ),
    Rule::checked(
        "national.hu_szemelyi",
        PERSON,
        &[
            "személyi szám", "szemelyi szam", "személyi azonosító", "szemelyi azonosito",
            "személyiszám",
        ],
        &["99999999999", "9-999999-9999", "9 999999 9999"],
        hu_szemelyi,
    ),
    Rule::labelled(
        "national.hu_szig",
        &["személyi igazolvány", "szemelyi igazolvany", "igazolvány", "igazolvanyszam"],
        &["999999AA", "AA999999", "999999 AA", "AA 999999"],
        any,
    ),
    Rule::checked(
        "national.ro_cnp",
        PERSON | SOCIAL | TAX,
        &["cnp", "cod numeric", "cod personal", "numeric personal"],
        &["9999999999999"],
        ro_cnp,
    ),
    Rule::checked(
        "national.md_idnp",
        PERSON,
        &["idnp", "cod personal"],
        &["9999999999999"],
        md_idnp,
    ),
    Rule::checked(
        "national.bg_egn",
        PERSON | SOCIAL | TAX,
        &["egn", "егн", "единен граждански", "граждански номер", "uniform civil"],
        &["9999999999"],
        bg_egn,
    ),
    Rule::checked(
        "national.ru_inn",
        TAX,
        &["inn", "инн", "innfl", "инн физлица"],
        &["999999999999", "9999999999"],
        ru_inn,
    ),
    Rule::checked(
        "national.ru_snils",
        SOCIAL,
        &["snils", "снилс", "страховой номер", "страхового свидетельства"],
        &["!999-999-999 99", "99999999999", "999-999-999-99", "999 999 999 99"],
        ru_snils,
    ),
    Rule::labelled(
        "national.ru_passport",
        &[
            "паспорт", "паспорта", "серия", "серия номер", "паспортные данные", "паспорт рф",
            "серия паспорта", "russian passport", "pasport",
        ],
        &["9999 999999", "99 99 999999", "9999999999", "9999 № 999999", "9999-999999"],
        any,
    ),
    Rule::labelled(
        "national.ru_oms",
        &["омс", "полис омс", "полиса", "полис", "енп", ],
        &["9999999999999999", "9999 9999 9999 9999"],
        any,
    ),
    Rule::checked(
        "national.ua_rntrc",
        TAX | PERSON,
        &[
            "rntrc", "рнокпп", "ипн", "іпн", "rnokpp", "ipn", "ідентифікаційний код",
            "платника податків", "картки платника", "ідентифікаційний номер", "податковий номер",
            "податковий код", "ипнн",
        ],
        &["9999999999"],
        ua_rntrc,
    ),
    Rule::labelled(
        "national.ua_unzr",
        &["унзр", "unzr"],
        &["99999999-99999", "9999999999999"],
        any,
    ),
    Rule::checked(
        "national.by_personal",
        PERSON,
        &[
            "идентификационный номер", "личный номер", "belarus id", "identnumber",
            "ідэнтыфікацыйны",
        ],
        &["9999999A999AA9"],
        by_personal,
    ),
    Rule::checked(
        "national.kz_iin",
        PERSON | TAX,
        &["iin", "иин", "жсн"],
        &["999999999999"],
        kz_iin,
    ),
    Rule::checked(
        "national.uz_pinfl",
        PERSON,
        &["pinfl", "пинфл", "jshshir", "жшшир", "пини"],
        &["99999999999999"],
        uz_pinfl,
    ),
];

/// Act on Population Registration: weights 1, 3, 7, 9; the month says the century.
fn pl_pesel(n: &[u8]) -> bool {
    let sum = weigh(n, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    let month = small(n, 2, 4);
    let century = match month / 20 {
        0 => 1_900,
        4 => 1_800,
        beyond => 1_900 + beyond * 100,
    };
    let year = century + small(n, 0, 2);
    sum.is_multiple_of(10) && date(year, month % 20, small(n, 4, 6))
}

/// Ministry of Finance: modulo 11.
fn pl_nip(n: &[u8]) -> bool {
    weigh(n, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == value(n, 9) && at(n, 0) != b'0' && !same(n)
}

/// ICAO's weights over the letters and the digits, the first digit being the check.
fn pl_dowod(n: &[u8]) -> bool {
    let weights = [7, 3, 1, 9, 7, 3, 1, 7, 3];
    let sum: u32 = n.iter().zip(weights).map(|(b, w)| base36(*b) * w).sum();
    sum.is_multiple_of(10)
}

/// Act 133/2000: date (women 50, since 2004 also 20 more on the month), whole number modulo 11;
/// until 1985 a rest of 10 is written as 0. Nine digits until 1953 have no check.
fn cz_rodne_cislo(n: &[u8]) -> bool {
    let month = small(n, 2, 4) % 50;
    let late = month > 20;
    let year = small(n, 0, 2);
    let year = if n.len() == 9 || year >= 54 {
        1_900 + year
    } else {
        2_000 + year
    };
    let dated = date(year, if late { month - 20 } else { month }, small(n, 4, 6));
    let whole = part(n, 0, 10);
    let old = part(n, 0, 9) % 11 == 10 && at(n, 9) == b'0' && year < 1_986;
    let check = n.len() == 9 && year < 1_954 || whole.is_multiple_of(11) || old;
    dated && (!late || year >= 2_004) && check
}

/// Act XX of 1996: weights 3 and 7.
fn hu_taj(n: &[u8]) -> bool {
    weigh(n, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == value(n, 8) && !same(n)
}

/// The same act: begins with 8; places as weights, modulo 11.
fn hu_adoazonosito(n: &[u8]) -> bool {
    at(n, 0) == b'8' && weigh(n, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == value(n, 9)
}

/// The same act: sex and century, date of birth; places as weights, rising since 1997 reversed.
fn hu_szemelyi(n: &[u8]) -> bool {
    let rising = weigh(n, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11;
    let falling = weigh(n, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
    let check = value(n, 10);
    matches!(at(n, 0), b'1'..=b'8') && yymmdd(n, 1) && (rising == check || falling == check)
}

/// Law 105/1996: sex and century, date, county, order; weights 279146358279, modulo 11.
fn ro_cnp(n: &[u8]) -> bool {
    let rest = weigh(n, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let check = if rest == 10 { 1 } else { rest };
    let county = matches!(small(n, 7, 9), 1..=52 | 70 | 80..=83);
    at(n, 0) != b'0' && yymmdd(n, 1) && county && check == value(n, 12)
}

/// Government decision 333/2002: weights 7, 3, 1.
fn md_idnp(n: &[u8]) -> bool {
    let sum = weigh(n, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1]);
    matches!(at(n, 0), b'0' | b'2') && sum % 10 == value(n, 12) && !same(n)
}

/// Ordinance of 1999: month 20 more in the 19th, 40 more in the 21st century; modulo 11.
fn bg_egn(n: &[u8]) -> bool {
    let rest = weigh(n, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10;
    let month = small(n, 2, 4);
    let (century, month) = match month {
        41..=52 => (2_000, month - 40),
        21..=32 => (1_800, month - 20),
        _ => (1_900, month),
    };
    date(century + small(n, 0, 2), month, small(n, 4, 6)) && rest == value(n, 9)
}

/// Federal Tax Service: one check digit for organisations, two for persons.
fn ru_inn(n: &[u8]) -> bool {
    let check = |weights: &[u32], at: usize| weigh(n, weights) % 11 % 10 == value(n, at);
    let fits = if n.len() == 10 {
        check(&[2, 4, 10, 3, 5, 9, 4, 6, 8], 9)
    } else {
        check(&[7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 10)
            && check(&[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8], 11)
    };
    fits && small(n, 0, 2) != 0
}

/// Pension Fund: nine digits by places, modulo 101; numbers up to 001-001-998 have no check.
fn ru_snils(n: &[u8]) -> bool {
    let check = weigh(n, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
    small(n, 0, 9) > 1_001_998 && check == small(n, 9, 11)
}

/// State Tax Service: modulo 11, modulo 10.
fn ua_rntrc(n: &[u8]) -> bool {
    let sum = weigh(n, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
    sum % 11 % 10 == value(n, 9) && !same(n)
}

/// Resolution of 1998: sex and century, date, region, order; weights 7, 3, 1 in base 36.
fn by_personal(n: &[u8]) -> bool {
    let Some((last, head)) = n.split_last() else {
        return false;
    };
    let dated = date(2_000 + small(n, 5, 7), small(n, 3, 5), small(n, 1, 3));
    let sex = matches!(at(n, 0), b'1'..=b'6');
    let sum: u32 = head
        .iter()
        .zip([7, 3, 1].iter().cycle())
        .map(|(b, w)| base36(*b) * w)
        .sum();
    sex && dated && b"ABCHKEM".contains(&at(n, 7)) && sum % 10 == base36(*last)
}

/// Ministry of Justice: date of birth, century and sex; places as weights, a second set where the
/// first gives 10.
fn kz_iin(n: &[u8]) -> bool {
    let first = weigh(n, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let second = weigh(n, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    let check = if first == 10 { second } else { first };
    yymmdd(n, 0) && matches!(at(n, 6), b'0'..=b'6') && check == value(n, 11)
}

/// Cabinet resolution 1999: sex and century, date, district, order; weights 7, 3, 1.
fn uz_pinfl(n: &[u8]) -> bool {
    let sum = weigh(n, &[7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7]);
    let dated = date(2_000 + small(n, 5, 7), small(n, 3, 5), small(n, 1, 3));
    matches!(at(n, 0), b'3'..=b'6') && dated && sum % 10 == value(n, 13)
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;

    #[test]
    fn rows() {
        check(&[
            ("national.pl_pesel", "44051401359", "44051401358"),
            ("national.pl_nip", "8567346215", "8567346216"),
            ("national.pl_dowod", "ABA300000", "ABA400000"),
            ("national.cz_rodne_cislo", "710319/2745", "710319/2746"),
            ("national.cz_rodne_cislo", "7103192745", "1103492745"),
            ("national.hu_taj", "123456788", "123456789"),
            ("national.hu_adoazonosito", "8071592153", "8071592154"),
            ("national.ro_cnp", "1630615123457", "1630615123458"),
            ("national.bg_egn", "7523169263", "7523169264"),
            ("national.ru_inn", "500100732259", "500100732258"),
            ("national.ru_snils", "112-233-445 95", "112-233-445 96"),
            ("national.ua_rntrc", "1759013776", "1759013770"),
            ("national.by_personal", "3110784A012PB7", "3110784A012PB6"),
            ("national.hu_szemelyi", "18507301239", "18507301238"),
            ("national.kz_iin", "850730300124", "850730300125"),
            ("national.uz_pinfl", "33007850012348", "33007850012349"),
            ("national.ru_passport", "4509 123456", "450 123456"),
        ]);
    }
}
