//! Identifiers of persons in the Americas: United States, Canada, Mexico, Brazil, Argentina,
//! Chile, Colombia, Peru, Ecuador, Venezuela, Uruguay, Paraguay, Bolivia, Guatemala, Costa Rica,
//! Dominican Republic.
//!
//! What is found without a label, and how often a random text of that very shape would be:
//! `us_itin` with dashes (1 in 25 of numbers that begin with 9), `us_mbi` with dashes (1 in 20 of
//! a form of letters and digits that nothing else has), `mx_curp` and `mx_rfc` (1 in 1,000 and
//! 1 in 300, of letters with a date), `br_cpf`, `br_cnpj` and `br_pis` in their groups (1 in 100,
//! 1 in 100, 1 in 10), `ar_cuit` with dashes (1 in 150), `cl_rut` and `uy_ci` with dots and a
//! dash (1 in 11, 1 in 10; no number is written with both).

use crate::bytes::{at, digit};
use crate::ident::check::{any, date, letter, luhn, part, same, small, value, weigh, yymmdd};
use crate::ident::rule::Rule;
use crate::ident::rule::family::{HEALTH, PERSON, SOCIAL, TAX};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "national.us_itin",
        TAX | SOCIAL,
        &["itin", "individual taxpayer"],
        &["!999-99-9999", "999999999", "999 99 9999"],
        us_itin,
    ),
    Rule::labelled(
        "national.us_ein",
        &["ein", "fein", "employer identification", "federal tax", "employer id", "tax id", "tin"],
        &["99-9999999", "999999999"],
        us_ein,
    ),
    Rule::labelled(
        "national.us_ssn",
        &["ssn", "social security", "socialsecuritynumber", "social sec", ],
        &["999999999", "999.99.9999", "999 99 9999"],
        us_ssn,
    ),
    Rule::checked(
        "national.us_mbi",
        HEALTH,
        &["mbi", "medicare", "medicare beneficiary", "medicare number", "hicn"],
        &["!9A#9-A#9-AA99", "9A#9A#9AA99", "9A#9 A#9 AA99"],
        us_mbi,
    ),
    Rule::checked(
        "national.us_npi",
        HEALTH,
        &["npi", "provider identifier", "national provider", "provider npi"],
        &["9999999999"],
        us_npi,
    ),
    Rule::checked(
        "national.us_dea",
        HEALTH,
        &["dea", "dea number", "dea registration", "dea no"],
        &["AA9999999", "A99999999"],
        us_dea,
    ),
    Rule::checked(
        "national.ca_sin",
        SOCIAL | TAX | PERSON,
        &["sin", "social insurance", "assurance sociale", "sin number", "canadian sin"],
        &["999999999", "999~999~999"],
        ca_sin,
    ),
    Rule::checked(
        "national.ca_health",
        HEALTH,
        &["ohip", "health card", "phn", "carte santé", "ramq", "health number"],
        &["9999999999", "9999~999~999", "9999-999-999-AA", "9999999999AA"],
        ca_health,
    ),
    Rule::labelled(
        "national.ca_ramq",
        &["ramq", "assurance maladie", "nam", "carte soleil"],
        &["AAAA99999999", "AAAA 9999 9999", "AAAA-9999-9999"],
        any,
    ),
    Rule::checked(
        "national.mx_curp",
        PERSON | SOCIAL,
        &["curp"],
        &["!AAAA999999AAAAAA#9", "AAAA999999AAAAAA#9"],
        mx_curp,
    ),
    Rule::checked(
        "national.mx_rfc",
        TAX,
        &["rfc", "rfc del", "registro federal", "contribuyente"],
        &["!AAAA999999###", "AAAA999999###", "AAA999999###", "AAAA-999999-###", "AAAA 999999 ###"],
        mx_rfc,
    ),
    Rule::checked(
        "national.mx_nss",
        SOCIAL,
        &["nss", "imss", "seguro social", "seguridad social"],
        &["99999999999", "99-99-99-9999-9"],
        luhn,
    ),
    Rule::checked(
        "national.br_cpf",
        PERSON | TAX,
        &["cpf", "cpf nº", "cadastro pessoas", "pessoa física", "cpf cliente", "cpfcnpj"],
        &["!999.999.999-99", "99999999999", "999 999 999 99", "999999999-99", "999.999.999.99"],
        br_cpf,
    ),
    Rule::checked(
        "national.br_cnpj",
        TAX,
        &["cnpj", "cadastro nacional", "cpfcnpj", "pessoa jurídica"],
        &["!##.###.###/####-99", "############99", "########/####-99"],
        br_cnpj,
    ),
    Rule::checked(
        "national.br_pis",
        SOCIAL,
        &["pis", "pasep", "nis", "pispasep", "nit", "cartão cidadão"],
        &["!999.99999.99-9", "99999999999"],
        br_pis,
    ),
    Rule::checked(
        "national.br_titulo",
        PERSON,
        &["título eleitor", "titulo eleitor", "título", "titulo", "eleitor", "de eleitor"],
        &["999999999999", "9999 9999 9999"],
        br_titulo,
    ),
    Rule::checked(
        "national.br_cns",
        HEALTH,
        &["cns", "cartão sus", "cartao sus", "sus", "cartão saúde"],
        &["999999999999999", "999 9999 9999 9999"],
        br_cns,
    ),
    Rule::labelled(
        "national.br_rg",
        &["rg", "rg nº", "registro geral", "carteira identidade", "cédula identidade"],
        &["99.999.999-#", "9.999.999-#", "99.999.999", "9.999.999"],
        any,
    ),
    Rule::checked(
        "national.br_cnh",
        0,
        &["cnh", "habilitação", "habilitacao", "carteira motorista", "registro cnh"],
        &["99999999999"],
        br_cnh,
    ),
    Rule::checked(
        "national.ar_cuit",
        TAX | SOCIAL,
        &["cuit", "cuil", "cuitcuil", "cuit cuil", "cdi"],
        &["!99-99999999-9", "99999999999", "99 99999999 9", "99.99999999.9"],
        ar_cuit,
    ),
    Rule::labelled(
        "national.dni",
        &["dni", "dni nº", "dni n°", "documento identidad", "documento nacional", "numerodni"],
        &["99.999.999", "99999999", "9999999", "9.999.999", "99 999 999"],
        any,
    ),
    Rule::checked(
        "national.cl_rut",
        PERSON | TAX,
        &["rut", "rut cliente", "rol único", "rol unico", "rut nº"],
        &["!99.999.999-#", "!9.999.999-#", "99999999-#", "9999999-#", "99999999#", "9999999#"],
        cl_rut,
    ),
    // `run` is also what a build does: never without its dash, nor a date.
    Rule::checked(
        "national.cl_run",
        0,
        &["run", "run nº"],
        &["99999999-#", "9999999-#", "99.999.999-#", "9.999.999-#"],
        cl_run,
    ),
    Rule::checked(
        "national.co_nit",
        TAX,
        &["nit", "nit nº", "rut", "identificación tributaria"],
        &["!999.999.999-9", "999999999-9", "9999999999", "999 999 999 9"],
        co_nit,
    ),
    Rule::labelled(
        "national.cedula",
        &[
            "cédula", "cedula", "cédula ciudadanía", "cedula ciudadania", "cédula identidad",
            "cedula identidad", "de ciudadanía", "de ciudadania", "ciudadanía", "ciudadania",
            "cédula extranjería", "cedulaciudadania", "tarjeta identidad", "de extranjería",
            "carnet identidad", "carné extranjería",
        ],
        &[
            "9999999999", "999999999", "99999999", "9999999", "999999", "9.999.999.999",
            "99.999.999", "9.999.999", "999.999.999", "A-99999999", "A-9999999", "A99999999",
            "A-99.999.999", "A-9.999.999", "9-9999-9999", "9999-9999-99999", "9-999-9999",
            "99-9999-9999", "999-9999999-9", "999-999999-9999A", "9.999.999-9",
        ],
        any,
    ),
    Rule::checked(
        "national.pe_ruc",
        TAX,
        &["ruc", "ruc nº"],
        &["99999999999"],
        pe_ruc,
    ),
    Rule::checked(
        "national.ec_cedula",
        PERSON,
        &["cédula", "cedula", "c i", "cédula ecuatoriana", "de identidad"],
        &["9999999999", "999999999-9"],
        ec_cedula,
    ),
    Rule::checked(
        "national.ec_ruc",
        TAX,
        &["ruc"],
        &["9999999999999"],
        ec_ruc,
    ),
    Rule::checked(
        "national.ve_rif",
        TAX,
        &["rif"],
        &["A-99999999-9", "A999999999", "A-999999999"],
        ve_rif,
    ),
    Rule::checked(
        "national.uy_ci",
        PERSON,
        &["c i", "cédula", "cedula", "cédula identidad", "de identidad"],
        &["!9.999.999-9", "99999999", "9999999-9"],
        uy_ci,
    ),
    Rule::checked(
        "national.py_ruc",
        TAX,
        &["ruc"],
        &["9999999-9", "999999-9", "99999999-9"],
        py_ruc,
    ),
    Rule::labelled(
        "national.bo_ci",
        &["c i", "carnet identidad", "carnet"],
        &["9999999", "99999999", "9999999 AA", "99999999 AA"],
        any,
    ),
    Rule::checked(
        "national.do_cedula",
        PERSON,
        &["cédula", "cedula", "cédula electoral", "cedula electoral"],
        &["999-9999999-9", "99999999999"],
        luhn,
    ),
    Rule::checked(
        "national.gt_cui",
        PERSON,
        &["cui", "dpi", "identificación personal", "número dpi"],
        &["9999 99999 9999", "9999999999999"],
        gt_cui,
    ),
    Rule::checked(
        "national.gt_nit",
        TAX,
        &["nit"],
        &["9999999-#", "999999-#", "99999999-#"],
        gt_nit,
    ),
];

/// IRS: groups that were given out behind a 9.
fn us_itin(n: &[u8]) -> bool {
    let group = small(n, 3, 5);
    at(n, 0) == b'9'
        && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99)
        && small(n, 5, 9) != 0
}

/// IRS: prefixes of the campuses that give them out.
fn us_ein(n: &[u8]) -> bool {
    let prefix = small(n, 0, 2);
    matches!(
        prefix,
        1..=6 | 10..=16 | 20..=27 | 30..=48 | 50..=68 | 71..=77 | 80..=88 | 90..=95 | 98 | 99
    ) && !same(n)
}

/// Social Security Administration: area, group and serial that can have been given out.
fn us_ssn(n: &[u8]) -> bool {
    let area = small(n, 0, 3);
    area != 0 && area != 666 && area < 900 && small(n, 3, 5) != 0 && small(n, 5, 9) != 0
}

/// CMS: letters without S, L, O, I, B, Z.
fn us_mbi(n: &[u8]) -> bool {
    let known = |b: &u8| digit(*b) || !b"SLOIBZ".contains(b);
    at(n, 0) != b'0' && n.iter().all(known)
}

/// 45 CFR 162.406: Luhn with 80840 before.
fn us_npi(n: &[u8]) -> bool {
    let mut whole = *b"808400000000000";
    for (slot, b) in whole.iter_mut().skip(5).zip(n) {
        *slot = *b;
    }
    matches!(at(n, 0), b'1' | b'2') && luhn(&whole)
}

/// Drug Enforcement Administration: odd places and twice the even ones, modulo 10.
fn us_dea(n: &[u8]) -> bool {
    let digits = n.get(2..).unwrap_or(&[]);
    weigh(digits, &[1, 2, 1, 2, 1, 2]) % 10 == value(digits, 6) && !same(digits)
}

/// Employment and Social Development Canada: Luhn; 0 and 8 begin none.
fn ca_sin(n: &[u8]) -> bool {
    !matches!(at(n, 0), b'0' | b'8') && luhn(n)
}

/// Ontario: Luhn over ten digits; a version code of two letters may follow. British Columbia: 9,
/// and powers of two modulo 11.
fn ca_health(n: &[u8]) -> bool {
    let ten = n.get(..10).unwrap_or(&[]);
    let sum = weigh(n, &[0, 2, 4, 8, 5, 10, 9, 7, 3]) % 11;
    luhn(ten) || at(n, 0) == b'9' && (11 - sum) % 11 == value(n, 9)
}

/// Letters as in `0123…9ABC…NÑO…Z`.
fn spanish(b: u8) -> u32 {
    match b {
        b'O'..=b'Z' => letter(b) + 10,
        b'A'..=b'N' => letter(b) + 9,
        _ => u32::from(b.wrapping_sub(b'0')).min(9),
    }
}

/// RENAPO: name, date, sex, state, consonants, order; place weights modulo 10.
fn mx_curp(n: &[u8]) -> bool {
    let sum: u32 = n
        .iter()
        .zip((2..=18).rev())
        .map(|(b, w)| spanish(*b) * w)
        .sum();
    let sex = matches!(at(n, 10), b'H' | b'M' | b'X');
    let vowel = matches!(at(n, 1), b'A' | b'E' | b'I' | b'O' | b'U' | b'X');
    sex && vowel && yymmdd(n, 4) && (10 - sum % 10) % 10 == value(n, 17)
}

/// SAT: name, date, homoclave; modulo 11. A company's name has three letters.
fn mx_rfc(n: &[u8]) -> bool {
    let company = n.len() == 12;
    let place = |b: u8| match b {
        b'O'..=b'Z' => letter(b) + 10,
        b'A'..=b'N' => letter(b) + 9,
        _ => u32::from(b.wrapping_sub(b'0')).min(9),
    };
    // The blank before a company's name counts 37.
    let lead = if company { 37 * 13 } else { 0 };
    let weights = if company { 2..=12 } else { 2..=13 };
    let sum: u32 = n
        .iter()
        .zip(weights.rev())
        .map(|(b, w)| place(*b) * w)
        .sum::<u32>()
        + lead;
    let check = match (11 - sum % 11) % 11 {
        10 => b'A',
        rest => at(b"0123456789", rest as usize),
    };
    yymmdd(n, if company { 3 } else { 4 }) && n.last() == Some(&check)
}

/// The rest modulo 11 as Brazil writes it: 10 and 11 are 0.
fn brazilian(sum: u32) -> u32 {
    let rest = 11 - sum % 11;
    if rest > 9 { 0 } else { rest }
}

/// Receita Federal: two check digits modulo 11.
fn br_cpf(n: &[u8]) -> bool {
    let first = brazilian(weigh(n, &[10, 9, 8, 7, 6, 5, 4, 3, 2]));
    let second = brazilian(weigh(n, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]));
    first == value(n, 9) && second == value(n, 10) && !same(n)
}

/// Receita Federal: the same with letters since 2026, a character counting its code less 48.
fn br_cnpj(n: &[u8]) -> bool {
    let sum = |weights: &[u32]| -> u32 {
        n.iter()
            .zip(weights)
            .map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w)
            .sum()
    };
    let first = brazilian(sum(&[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    let second = brazilian(sum(&[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    n.len() == 14 && first == value(n, 12) && second == value(n, 13) && !same(n)
}

/// Caixa: modulo 11.
fn br_pis(n: &[u8]) -> bool {
    brazilian(weigh(n, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == value(n, 10) && !same(n)
}

/// Tribunal Superior Eleitoral: the state at places 9 and 10, two check digits.
fn br_titulo(n: &[u8]) -> bool {
    let first = weigh(n, &[2, 3, 4, 5, 6, 7, 8, 9]) % 11 % 10;
    let state = small(n, 8, 10);
    let second = (value(n, 8) * 7 + value(n, 9) * 8 + first * 9) % 11 % 10;
    matches!(state, 1..=28) && first == value(n, 10) && second == value(n, 11)
}

/// DATASUS: weights 15 to 1, modulo 11.
fn br_cns(n: &[u8]) -> bool {
    let sum = weigh(n, &[15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    matches!(at(n, 0), b'1' | b'2' | b'7' | b'8' | b'9') && sum.is_multiple_of(11) && !same(n)
}

/// DENATRAN: two check digits, the second less 2 where the first came out as 10.
fn br_cnh(n: &[u8]) -> bool {
    let first = weigh(n, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11;
    let less = if first > 9 { 2 } else { 0 };
    let second = (weigh(n, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 + 11 - less) % 11;
    let digit = |rest: u32| if rest > 9 { 0 } else { rest };
    digit(first) == value(n, 9) && digit(second) == value(n, 10) && !same(n)
}

/// AFIP: prefixes of persons and companies, modulo 11.
fn ar_cuit(n: &[u8]) -> bool {
    let sum = weigh(n, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let kind = matches!(small(n, 0, 2), 20 | 23..=27 | 30 | 33 | 34 | 50 | 51 | 55);
    let check = match 11 - sum % 11 {
        11 => 0,
        10 => 9,
        rest => rest,
    };
    kind && check == value(n, 10) && part(n, 2, 10) != 0
}

/// Sum with weights 2 to 7 from the end, again and again.
fn cycling(n: &[u8]) -> u32 {
    let weights = [2, 3, 4, 5, 6, 7].iter().cycle();
    n.iter()
        .rev()
        .zip(weights)
        .map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w)
        .sum()
}

/// Registro Civil: modulo 11, 10 is `K`.
fn cl_rut(n: &[u8]) -> bool {
    let Some((last, head)) = n.split_last() else {
        return false;
    };
    let check = match 11 - cycling(head) % 11 {
        11 => b'0',
        10 => b'K',
        rest => at(b"0123456789", rest as usize),
    };
    *last == check && !same(head)
}

/// The same behind the word that a build says as well: no date of this century.
fn cl_run(n: &[u8]) -> bool {
    let dated = n.len() == 9 && date(small(n, 0, 4), small(n, 4, 6), small(n, 6, 8));
    let dated = dated && n.starts_with(b"20");
    !dated && cl_rut(n)
}

/// DIAN: primes from the end, modulo 11.
fn co_nit(n: &[u8]) -> bool {
    let sum = weigh(n, &[41, 37, 29, 23, 19, 17, 13, 7, 3]) % 11;
    (if sum > 1 { 11 - sum } else { sum }) == value(n, 9) && !same(n)
}

/// SUNAT: kind, modulo 11.
fn pe_ruc(n: &[u8]) -> bool {
    let sum = weigh(n, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    matches!(small(n, 0, 2), 10 | 15 | 16 | 17 | 20) && (11 - sum % 11) % 10 == value(n, 10)
}

/// Registro Civil: province, then Luhn.
fn ec_cedula(n: &[u8]) -> bool {
    let ten = n.get(..10).unwrap_or(&[]);
    matches!(small(n, 0, 2), 1..=24 | 30) && value(n, 2) < 6 && luhn(ten)
}

/// SRI: of persons, the cédula with an establishment.
fn ec_ruc(n: &[u8]) -> bool {
    ec_cedula(n) && small(n, 10, 13) != 0
}

/// SENIAT: the letter counts, modulo 11.
fn ve_rif(n: &[u8]) -> bool {
    let lead = match at(n, 0) {
        b'V' => 4,
        b'E' => 8,
        b'J' => 12,
        b'P' => 16,
        b'G' => 20,
        _ => return false,
    };
    let digits = n.get(1..).unwrap_or(&[]);
    let sum = weigh(digits, &[3, 2, 7, 6, 5, 4, 3, 2]) + lead;
    at(b"00987654321", (sum % 11) as usize) == at(n, 9)
}

/// Dirección Nacional de Identificación Civil: 2987634, modulo 10.
fn uy_ci(n: &[u8]) -> bool {
    (10 - weigh(n, &[2, 9, 8, 7, 6, 3, 4]) % 10) % 10 == value(n, 7) && !same(n)
}

/// SET: places from the end as weights, modulo 11, modulo 10.
fn py_ruc(n: &[u8]) -> bool {
    let Some((_, head)) = n.split_last() else {
        return false;
    };
    let sum: u32 = head
        .iter()
        .rev()
        .zip(2..)
        .map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w)
        .sum();
    (11 - sum % 11) % 11 % 10 == value(n, head.len())
}

/// RENAP: modulo 11 at place nine, then department and municipality.
fn gt_cui(n: &[u8]) -> bool {
    let sum = weigh(n, &[2, 3, 4, 5, 6, 7, 8, 9]) % 11;
    (1..=22).contains(&small(n, 9, 11)) && small(n, 11, 13) != 0 && sum == value(n, 8)
}

/// SAT: places from the end as weights, modulo 11, 10 is `K`.
fn gt_nit(n: &[u8]) -> bool {
    let Some((last, head)) = n.split_last() else {
        return false;
    };
    let sum: u32 = head
        .iter()
        .rev()
        .zip(2..)
        .map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w)
        .sum();
    let check = match (11 - sum % 11) % 11 {
        10 => b'K',
        rest => at(b"0123456789", rest as usize),
    };
    *last == check && !same(head)
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;

    #[test]
    fn rows() {
        check(&[
            ("national.us_itin", "912-90-3456", "912-89-3456"),
            ("national.us_ein", "91-1144442", "07-1144442"),
            ("national.us_mbi", "1EG4-TE5-MK73", "1EG4-TS5-MK73"),
            ("national.us_npi", "1234567893", "1234567894"),
            ("national.us_dea", "AB1234563", "AB1234564"),
            ("national.ca_sin", "123 456 782", "123 456 783"),
            ("national.ca_health", "1234567897", "1234567898"),
            (
                "national.mx_curp",
                "BOXW310820HNERXN09",
                "BOXW310820HNERXN08",
            ),
            ("national.mx_rfc", "GODE561231GR8", "GODE561231GR9"),
            ("national.mx_rfc", "MAB9307148T4", "MAB9307148T5"),
            ("national.br_cpf", "390.533.447-05", "231.002.999-00"),
            ("national.br_cpf", "39053344705", "39053344706"),
            (
                "national.br_cnpj",
                "16.727.230/0001-97",
                "16.727.230.0001-98",
            ),
            (
                "national.br_cnpj",
                "12.ABC.345/01DE-35",
                "12.ABC.345/01DE-36",
            ),
            ("national.br_pis", "120.56789.01-0", "120.56789.01-1"),
            ("national.ar_cuit", "20-05536168-2", "20-05536168-1"),
            ("national.cl_rut", "12.531.909-2", "12.531.909-3"),
            ("national.cl_rut", "76086428-5", "12531909-3"),
            ("national.co_nit", "213.123.432-1", "213.123.432-2"),
            ("national.pe_ruc", "20512333797", "20512333798"),
            ("national.ec_cedula", "1714307103", "1714307104"),
            ("national.ve_rif", "V-11470283-4", "V-11470283-3"),
            ("national.py_ruc", "80028061-0", "80028061-1"),
            ("national.do_cedula", "001-1391820-5", "001-1391820-6"),
            ("national.gt_nit", "576937-K", "576937-1"),
            ("national.gt_cui", "1234567890101", "1234567790101"),
            ("national.uy_ci", "1.234.567-2", "1.234.567-3"),
            ("national.br_titulo", "123456780191", "123456780181"),
            ("national.br_cns", "700123456789010", "700123456789011"),
            ("national.br_cnh", "12345678900", "12345678901"),
            ("national.mx_nss", "12345678903", "12345678904"),
            ("national.cedula", "1.234.567.890", "12.345"),
            ("national.dni", "12.345.678", "12.345"),
        ]);
    }
}
