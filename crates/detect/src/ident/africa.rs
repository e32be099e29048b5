//! Identifiers of persons in Africa and the Middle East: South Africa, Nigeria, Kenya, Ghana,
//! Egypt, Morocco, Tunisia, Tanzania, Uganda, Mauritius, Israel, United Arab Emirates, Saudi
//! Arabia, Kuwait, Iran.
//!
//! What is found without a label, and how often a random text of that very shape would be:
//! `ae_emirates_id` (784, a year and Luhn: 1 in 500,000 of fifteen digits), `gh_card` (its
//! country is written before it).

use crate::bytes::at;
use crate::ident::check::{any, date, luhn, part, same, small, value, weigh, yymmdd};
use crate::ident::rule::Rule;
use crate::ident::rule::family::{PERSON, TAX};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "national.za_id",
        PERSON,
        &["rsa id", "south african", "sa id", "said", "id nommer", "idnommer", "za id", "rsaid"],
        &["9999999999999", "999999 9999 99 9", "999999 9999 999"],
        za_id,
    ),
    Rule::checked(
        "national.za_tax",
        TAX,
        &["sars", "tax reference", "income tax", "sars tax"],
        &["9999999999"],
        za_tax,
    ),
    Rule::labelled(
        "national.ng_nin",
        &["nin", "nimc", "national identification", "nin number", "bvn", "bank verification"],
        &["99999999999", "9999 999 9999"],
        any,
    ),
    Rule::labelled(
        "national.ng_tin",
        &["firs tin", "jtb tin", "tin", "nigeria tin"],
        &["99999999-9999", "9999999999"],
        any,
    ),
    Rule::labelled(
        "national.ke_pin",
        &["kra", "kra pin", "krapin", "pin", "pin no"],
        &["A999999999A"],
        ke_pin,
    ),
    Rule::labelled(
        "national.ke_id",
        &["huduma", "kenyan id", "kenya id", "maisha", "national id", "kitambulisho"],
        &["99999999", "9999999", "999999999"],
        any,
    ),
    Rule::labelled(
        "national.gh_card",
        &["ghana card", "ghanacard", "ghana"],
        &["AAA-999999999-9"],
        gh_card,
    ),
    Rule::checked(
        "national.gh_card",
        0,
        &[],
        &["!AAA-999999999-9"],
        gh_card,
    ),
    Rule::checked(
        "national.eg_id",
        PERSON,
        &["الرقم القومي", "رقم قومي", "egyptian id", "egypt national", "raqam qawmi"],
        &["99999999999999"],
        eg_id,
    ),
    Rule::labelled(
        "national.ma_cin",
        &["cin", "cnie", "البطاقة الوطنية", "carte nationale"],
        &["A999999", "AA999999", "AA99999", "A99999", "A9999999"],
        any,
    ),
    Rule::labelled(
        "national.tn_cin",
        &["cin", "بطاقة التعريف", "tunisian id"],
        &["99999999"],
        any,
    ),
    Rule::labelled(
        "national.tz_nida",
        &["nida", "nida number", "tanzania id", "kitambulisho"],
        &["99999999-99999-99999-99", "99999999999999999999"],
        tz_nida,
    ),
    Rule::labelled(
        "national.ug_nin",
        &["nin", "nira", "uganda nin", "national identification"],
        &["AA9999999AAA#A", "AA999999999##A", "AA############"],
        ug_nin,
    ),
    Rule::labelled(
        "national.mu_nic",
        &["nic", "mauritius id", "national identity"],
        &["A999999999999#"],
        any,
    ),
    Rule::checked(
        "national.il_id",
        PERSON | TAX,
        &[
            "תעודת זהות", "teudat zehut", "teudatzehut", "מספר זהות", "israeli id", "tz no",
            "תז", "ת ז", "tehudat zehut",
        ],
        &["999999999", "99999999-9", "99999999"],
        il_id,
    ),
    Rule::checked(
        "national.ae_emirates_id",
        PERSON,
        &["emirates id", "eid", "emiratesid", "الهوية الإماراتية", "هوية", "رقم الهوية"],
        &["!999-9999-9999999-9", "!999999999999999", "999 9999 9999999 9"],
        ae_emirates_id,
    ),
    Rule::checked(
        "national.sa_id",
        PERSON,
        &[
            "iqama", "الهوية الوطنية", "رقم الهوية", "إقامة", "الإقامة", "saudi id",
            "saudi national",
        ],
        &["9999999999"],
        sa_id,
    ),
    Rule::checked(
        "national.kw_civil",
        PERSON,
        &["civil id", "civilid", "الرقم المدني", "البطاقة المدنية"],
        &["999999999999"],
        kw_civil,
    ),
    Rule::labelled(
        "national.gulf_id",
        &[
            "qid", "qatar id", "qatari id", "cpr bahrain", "bahrain cpr", "الرقم الشخصي",
            "البطاقة الشخصية",
        ],
        &["99999999999", "999999999"],
        any,
    ),
    Rule::checked(
        "national.ir_national",
        PERSON,
        &["کد ملی", "كد ملى", "کدملی", "code melli", "codemelli", "melli code", "شماره ملی"],
        &["9999999999", "999-999999-9"],
        ir_national,
    ),
];

/// Department of Home Affairs: date of birth, sex, order, citizenship; Luhn.
fn za_id(n: &[u8]) -> bool {
    yymmdd(n, 0) && matches!(at(n, 10), b'0'..=b'2') && luhn(n)
}

/// SARS: Luhn; begins with 0, 1, 2, 3 or 9.
fn za_tax(n: &[u8]) -> bool {
    matches!(at(n, 0), b'0'..=b'3' | b'9') && luhn(n)
}

/// Kenya Revenue Authority: `A` for persons, `P` for others.
fn ke_pin(n: &[u8]) -> bool {
    matches!(at(n, 0), b'A' | b'P') && !same(n.get(1..10).unwrap_or(&[]))
}

/// National Identification Authority: the country's code leads.
fn gh_card(n: &[u8]) -> bool {
    n.starts_with(b"GHA")
}

/// Civil Status Organization: century, date of birth, governorate, order.
fn eg_id(n: &[u8]) -> bool {
    let century = match at(n, 0) {
        b'2' => 1_900,
        b'3' => 2_000,
        _ => return false,
    };
    let governorate = matches!(small(n, 7, 9), 1..=4 | 11..=19 | 21..=29 | 31..=35 | 88);
    governorate && date(century + small(n, 1, 3), small(n, 3, 5), small(n, 5, 7))
}

/// National Identification Authority: date of birth leads.
fn tz_nida(n: &[u8]) -> bool {
    crate::ident::check::yyyymmdd(n, 0)
}

/// National Identification and Registration Authority: `C` and the sex lead.
fn ug_nin(n: &[u8]) -> bool {
    at(n, 0) == b'C' && matches!(at(n, 1), b'M' | b'F') && small(n, 2, 4) != 0
}

/// Population Authority: Luhn over nine digits.
fn il_id(n: &[u8]) -> bool {
    n.iter().any(|b| *b != b'0') && luhn(n)
}

/// Federal Authority for Identity: country 784, year of birth, Luhn.
fn ae_emirates_id(n: &[u8]) -> bool {
    let born = (1_900..=2_040).contains(&small(n, 3, 7));
    n.starts_with(b"784") && born && luhn(n)
}

/// Ministry of Interior: 1 for citizens, 2 for residents; Luhn.
fn sa_id(n: &[u8]) -> bool {
    matches!(at(n, 0), b'1' | b'2') && luhn(n)
}

/// Public Authority for Civil Information: century, date of birth, modulo 11.
fn kw_civil(n: &[u8]) -> bool {
    let sum = weigh(n, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    matches!(at(n, 0), b'1'..=b'3') && yymmdd(n, 1) && (11 - sum % 11) % 11 == value(n, 11)
}

/// National Organization for Civil Registration: places as weights, modulo 11.
fn ir_national(n: &[u8]) -> bool {
    let rest = weigh(n, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { rest } else { 11 - rest };
    check == value(n, 9) && !same(n) && part(n, 3, 9) != 0
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;

    #[test]
    fn rows() {
        check(&[
            ("national.za_id", "7503305044089", "7503305044088"),
            ("national.za_tax", "0001339050", "0001339051"),
            ("national.ke_pin", "A012345678Z", "B012345678Z"),
            ("national.gh_card", "GHA-123456789-0", "GHB-123456789-0"),
            ("national.eg_id", "29001011234567", "29013011234567"),
            (
                "national.tz_nida",
                "19850730-12345-00001-23",
                "19851330-12345-00001-23",
            ),
            ("national.ug_nin", "CM8503010ABCDE", "XM8503010ABCDE"),
            ("national.il_id", "39337423", "39337424"),
            (
                "national.ae_emirates_id",
                "784-1990-1234567-6",
                "784-1990-1234567-7",
            ),
            ("national.sa_id", "1010101010", "1010101013"),
            ("national.kw_civil", "285073012346", "285073012347"),
            ("national.ir_national", "0499370899", "0499370898"),
        ]);
    }
}
