//! Identifiers of persons in Asia and Oceania: China, Taiwan, Hong Kong, Japan, Korea, India,
//! Pakistan, Bangladesh, Sri Lanka, Thailand, Singapore, Malaysia, Indonesia, Philippines,
//! Vietnam, Australia, New Zealand.
//!
//! What is found without a label, and how often a random text of that very shape would be:
//! `cn_resident` (region, date of birth, ISO 7064: 1 in 60,000 of eighteen digits), `hk_hkid`
//! with parentheses (1 in 11), `kr_rrn` with its dash (1 in 500), `in_pan` of a person and
//! `in_gstin` (1 in 26 of a form of letters and digits), `sg_nric` (1 in 30 of one), `th_pin` in
//! its groups (1 in 11 of five). As random texts of that length they are below 1 in 100,000.

use crate::bytes::at;
use crate::ident::check::{
    any, base36, date, same, small, value, verhoeff, weigh, yymmdd, yyyymmdd,
};
use crate::ident::rule::Rule;
use crate::ident::rule::family::{HEALTH, PERSON, SOCIAL, TAX};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "national.cn_resident",
        PERSON,
        &["身份证", "身份證", "resident id", "resident identity", "公民身份", "证件号", "shenfenzheng",
        "idcard", "sfz"],
        &["!99999999999999999#"],
        cn_resident,
    ),
    Rule::labelled(
        "national.cn_passport",
        &["护照", "護照", "通行证", "passport"],
        &["A99999999", "AA9999999", "A9999999"],
        any,
    ),
    Rule::checked(
        "national.tw_id",
        PERSON,
        &["身分證", "身分证", "taiwan id", "居留證", "統一證號", "roc id", "身份證"],
        &["A999999999"],
        tw_id,
    ),
    Rule::checked(
        "national.hk_hkid",
        PERSON,
        &["hkid", "香港身份證", "身份證", "身份证", "hong kong", "hkid no"],
        &["!A999999(#)", "!AA999999(#)", "A999999#", "AA999999#", "A999999-#"],
        hk_hkid,
    ),
    Rule::checked(
        "national.jp_my_number",
        PERSON | TAX | SOCIAL,
        &["マイナンバー", "個人番号", "my number", "mynumber", "kojin bango"],
        &["999999999999", "9999~9999~9999"],
        jp_my_number,
    ),
    Rule::checked(
        "national.kr_rrn",
        0,
        &[],
        &["!999999-9999999"],
        kr_rrn_checked,
    ),
    Rule::labelled(
        "national.kr_rrn",
        &[
            "주민등록번호", "주민번호", "rrn", "resident registration", "외국인등록번호", "jumin",
        ],
        &["999999-9999999", "9999999999999", "999999 9999999"],
        kr_rrn,
    )
    .within(PERSON | SOCIAL),
    Rule::labelled(
        "national.kr_driver",
        &["운전면허", "운전면허번호"],
        &["99-99-999999-99", "999999999999"],
        any,
    ),
    Rule::checked(
        "national.in_aadhaar",
        PERSON,
        &["aadhaar", "aadhar", "adhaar", "uidai", "आधार", "aadhaar no", "uid number"],
        &["9999~9999~9999", "999999999999"],
        in_aadhaar,
    ),
    Rule::checked(
        "national.in_pan",
        0,
        &[],
        &["!AAAA#9999A"],
        in_pan_of_person,
    ),
    Rule::checked(
        "national.in_pan",
        TAX,
        &["pan", "pan card", "pan no", "permanent account", "pan number", "pancard"],
        &["AAAAA9999A"],
        in_pan,
    ),
    Rule::checked(
        "national.in_gstin",
        TAX,
        &["gstin", "gst", "gst no", "gst number"],
        &["!99AAAAA9999A##9", "!99AAAAA9999A##A"],
        in_gstin,
    ),
    Rule::labelled(
        "national.in_voter",
        &["epic", "voter id", "voter card", "voter", "epic no"],
        &["AAA9999999"],
        any,
    ),
    Rule::labelled(
        "national.in_uan",
        &["uan", "universal account", "epf", "pf number"],
        &["999999999999"],
        any,
    ),
    Rule::labelled(
        "national.pk_cnic",
        &["cnic", "nic", "nicop", "national identity", "شناختی کارڈ", "nadra", "cnic no"],
        &["99999-9999999-9", "9999999999999"],
        pk_cnic,
    )
    .within(PERSON),
    Rule::labelled(
        "national.bd_nid",
        &["national id", "bangladesh nid", "জাতীয় পরিচয়পত্র", "nid no"],
        &["9999999999", "9999999999999", "99999999999999999", "999 999 9999"],
        any,
    ),
    Rule::labelled(
        "national.lk_nic",
        &["nic", "national identity", "nic no", "sri lanka"],
        &["999999999A", "999999999999"],
        lk_nic,
    )
    .within(PERSON),
    Rule::checked(
        "national.th_pin",
        PERSON | TAX,
        &["บัตรประชาชน", "ประจำตัวประชาชน", "thai id", "thai national", "thaiid", "ประชาชน"],
        &["!9-9999-99999-99-9", "9999999999999", "9 9999 99999 99 9"],
        th_pin,
    ),
    Rule::checked(
        "national.sg_nric",
        PERSON,
        &["nric", "fin", "nric no", "fin no", "uin", "singapore id"],
        &["!A9999999A", "A9999999A"],
        sg_nric,
    ),
    Rule::checked(
        "national.my_mykad",
        PERSON,
        &["mykad", "nric", "kad pengenalan", "ic no", "ic number", "no ic", "ic", "no kp", "nokp"],
        &["999999-99-9999", "999999999999", "999999 99 9999"],
        my_mykad,
    ),
    Rule::checked(
        "national.id_nik",
        PERSON,
        &["nik", "ktp", "no ktp", "nomor induk", "induk kependudukan", "nomor ktp", "noktp"],
        &["9999999999999999", "9999 9999 9999 9999", "999999 999999 9999"],
        id_nik,
    ),
    Rule::labelled(
        "national.id_npwp",
        &["npwp", "no npwp", "nomor npwp"],
        &["99.999.999.9-999.999", "999999999999999", "9999999999999999"],
        any,
    ),
    Rule::labelled(
        "national.id_bpjs",
        &["bpjs", "no bpjs"],
        &["9999999999999", "99999999999"],
        any,
    ),
    Rule::labelled(
        "national.ph_id",
        &[
            "sss", "sss no", "philsys", "umid", "philhealth", "gsis", "pag ibig",
            "pagibig", "tin", "philippine tin",
        ],
        &[
            "99-9999999-9", "9999-9999999-9", "9999-9999-9999", "9999-9999-9999-9999",
            "99-999999999-9", "999-999-999-999", "999-999-999", "9999999999", "999999999999",
        ],
        any,
    ),
    Rule::labelled(
        "national.vn_cccd",
        &["cccd", "cmnd", "căn cước", "can cuoc", "số cccd", "chứng minh", "cước công", "số cmnd"],
        &["999999999999", "999999999"],
        any,
    ),
    Rule::labelled(
        "national.vn_mst",
        &["mst", "mã số", "mã thuế", "ma so", "số thuế"],
        &["9999999999", "9999999999-999"],
        any,
    ),
    Rule::checked(
        "national.au_tfn",
        TAX,
        &["tfn", "tax file", "tfn number", "taxfilenumber"],
        &["999999999", "999~999~999", "99999999"],
        au_tfn,
    ),
    Rule::checked(
        "national.au_medicare",
        HEALTH,
        &["medicare", "medicare number", "medicare card", "medicare no", "medicarenumber"],
        &["9999999999", "99999999999", "9999~99999~9", "9999 99999 9 9", "9999 99999 9/9"],
        au_medicare,
    ),
    Rule::checked(
        "national.au_abn",
        TAX,
        &["abn", "australian business"],
        &["99999999999", "99 999 999 999"],
        au_abn,
    ),
    Rule::checked(
        "national.nz_ird",
        TAX,
        &["ird", "ird number", "ird no", "inland revenue"],
        &["999999999", "99999999", "999~999~999", "99~999~999"],
        nz_ird,
    ),
];

/// GB 11643: province, date of birth, order; ISO 7064 MOD 11-2.
fn cn_resident(n: &[u8]) -> bool {
    let province = matches!(
        small(n, 0, 2),
        11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83
    );
    let sum = weigh(n, &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let born = (1_900..=2_040).contains(&small(n, 6, 10)) && yyyymmdd(n, 6);
    province && born && at(b"10X98765432", (sum % 11) as usize) == at(n, 17)
}

/// Household Registration: the letter as two digits by region, weights, modulo 10.
fn tw_id(n: &[u8]) -> bool {
    let order = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let Some(place) = order.iter().position(|l| *l == at(n, 0)) else {
        return false;
    };
    let number = place as u32 + 10;
    let digits = n.get(1..).unwrap_or(&[]);
    let sum = number / 10 + number % 10 * 9 + weigh(digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]);
    matches!(at(n, 1), b'1' | b'2' | b'8' | b'9') && sum.is_multiple_of(10)
}

/// Immigration Department: one letter counts with a blank (36) before it; modulo 11, 10 is `A`.
fn hk_hkid(n: &[u8]) -> bool {
    let Some((last, head)) = n.split_last() else {
        return false;
    };
    let lead = if head.len() == 7 { 36 * 9 } else { 0 };
    let sum: u32 = head
        .iter()
        .rev()
        .zip(2..)
        .map(|(b, w)| base36(*b) * w)
        .sum();
    let check = match (11 - (sum + lead) % 11) % 11 {
        10 => b'A',
        rest => at(b"0123456789", rest as usize),
    };
    *last == check
}

/// Ministry of Internal Affairs: modulo 11.
fn jp_my_number(n: &[u8]) -> bool {
    let rest = weigh(n, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { 0 } else { 11 - rest };
    check == value(n, 11) && !same(n)
}

/// Resident Registration Act: date of birth, sex, century; since October 2020 the rest is random.
fn kr_rrn(n: &[u8]) -> bool {
    yymmdd(n, 0) && at(n, 6) != b'0' && at(n, 6) != b'9'
}

/// The same with the check that numbers until then have.
fn kr_rrn_checked(n: &[u8]) -> bool {
    let sum = weigh(n, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    kr_rrn(n) && (11 - sum % 11) % 10 == value(n, 12) && small(n, 0, 2) >= 30
}

/// UIDAI: Verhoeff; 0 and 1 begin none.
fn in_aadhaar(n: &[u8]) -> bool {
    at(n, 0) >= b'2' && verhoeff(n) && !same(n)
}

/// Income Tax Department: the fourth letter says what holds it.
fn in_pan(n: &[u8]) -> bool {
    b"PCHABGJLFT".contains(&at(n, 3)) && small(n, 5, 9) != 0
}

/// The same of a person, which needs no label.
fn in_pan_of_person(n: &[u8]) -> bool {
    at(n, 3) == b'P' && at(n, 4).is_ascii_uppercase() && small(n, 5, 9) != 0
}

/// CBIC: state, PAN, entity, `Z`; Luhn in base 36.
fn in_gstin(n: &[u8]) -> bool {
    let state = matches!(small(n, 0, 2), 1..=38 | 97 | 99);
    let Some((last, head)) = n.split_last() else {
        return false;
    };
    let sum: u32 = head
        .iter()
        .enumerate()
        .map(|(i, b)| {
            let product = base36(*b) * (1 + (i as u32) % 2);
            product / 36 + product % 36
        })
        .sum();
    let pan = n.get(2..12).unwrap_or(&[]);
    state && in_pan(pan) && at(n, 13) == b'Z' && (36 - sum % 36) % 36 == base36(*last)
}

/// NADRA: the first digit is a province.
fn pk_cnic(n: &[u8]) -> bool {
    matches!(at(n, 0), b'1'..=b'7') && !same(n)
}

/// Department for Registration of Persons: year and day of the year, women 500 more.
fn lk_nic(n: &[u8]) -> bool {
    let (from, letter) = if n.len() == 10 {
        (2, at(n, 9))
    } else {
        (4, b'V')
    };
    let day = small(n, from, from + 3) % 500;
    matches!(letter, b'V' | b'X') && (1..=366).contains(&day)
}

/// Department of Provincial Administration: modulo 11, modulo 10.
fn th_pin(n: &[u8]) -> bool {
    let sum = weigh(n, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    matches!(at(n, 0), b'1'..=b'8') && (11 - sum % 11) % 10 == value(n, 12) && !same(n)
}

/// ICA: weights 2765432, an offset by letter, and three alphabets.
fn sg_nric(n: &[u8]) -> bool {
    let sum = weigh(n.get(1..8).unwrap_or(&[]), &[2, 7, 6, 5, 4, 3, 2]);
    let (letters, more): (&[u8], u32) = match at(n, 0) {
        b'S' => (b"JZIHGFEDCBA", 0),
        b'T' => (b"JZIHGFEDCBA", 4),
        b'F' => (b"XWUTRQPNMLK", 0),
        b'G' => (b"XWUTRQPNMLK", 4),
        b'M' => (b"XWUTRQPNJLK", 3),
        _ => return false,
    };
    at(letters, ((sum + more) % 11) as usize) == at(n, 8)
}

/// National Registration Department: date of birth and place.
fn my_mykad(n: &[u8]) -> bool {
    let place = small(n, 6, 8);
    yymmdd(n, 0) && !matches!(place, 0 | 17..=20 | 69 | 70 | 73 | 80 | 81 | 94..=97)
}

/// Ministry of Home Affairs: province, regency, district, date of birth (women 40 days more).
fn id_nik(n: &[u8]) -> bool {
    let day = small(n, 6, 8);
    let day = if day > 40 { day - 40 } else { day };
    let province = matches!(
        small(n, 0, 2),
        11..=21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81 | 82 | 91..=97
    );
    province && date(2_000 + small(n, 10, 12), small(n, 8, 10), day) && small(n, 12, 16) != 0
}

/// ATO: modulo 11.
fn au_tfn(n: &[u8]) -> bool {
    let weights: &[u32] = if n.len() == 8 {
        &[10, 7, 8, 4, 6, 3, 5, 1]
    } else {
        &[1, 4, 3, 7, 5, 8, 6, 9, 10]
    };
    weigh(n, weights).is_multiple_of(11) && !same(n)
}

/// Services Australia: weights 1379 twice, modulo 10, then issue and person.
fn au_medicare(n: &[u8]) -> bool {
    let sum = weigh(n, &[1, 3, 7, 9, 1, 3, 7, 9]);
    matches!(at(n, 0), b'2'..=b'6') && sum % 10 == value(n, 8)
}

/// Australian Business Register: first digit less one, modulo 89.
fn au_abn(n: &[u8]) -> bool {
    let sum = weigh(n, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    at(n, 0) != b'0' && sum % 89 == 10
}

/// Inland Revenue: modulo 11, and a second set of weights where that gives 10.
fn nz_ird(n: &[u8]) -> bool {
    let mut nine = [b'0'; 9];
    for (slot, b) in nine.iter_mut().rev().zip(n.iter().rev()) {
        *slot = *b;
    }
    let check = |weights: &[u32]| (11 - weigh(&nine, weights) % 11) % 11;
    let first = check(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let check = if first == 10 {
        check(&[7, 4, 3, 2, 5, 2, 7, 6])
    } else {
        first
    };
    (10_000_000..150_000_000).contains(&small(&nine, 0, 9)) && check == value(&nine, 8)
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;

    #[test]
    fn rows() {
        check(&[
            (
                "national.cn_resident",
                "11010519491231002X",
                "110105194912310029",
            ),
            (
                "national.cn_resident",
                "440524198001010013",
                "440524198013010013",
            ),
            ("national.tw_id", "A123456789", "A123456788"),
            ("national.hk_hkid", "G123456(A)", "G123456(B)"),
            ("national.jp_my_number", "123456789018", "123456789019"),
            ("national.kr_rrn", "850730-1234569", "851330-1234569"),
            ("national.in_aadhaar", "2341 2341 2346", "2341 2341 2347"),
            ("national.in_pan", "ACUPA7085R", "ACUXA7085R"),
            ("national.in_gstin", "27AAPFU0939F1ZV", "27AAPFU0939F1ZO"),
            ("national.pk_cnic", "34201-0891231-8", "84201-0891231-8"),
            ("national.th_pin", "1-2345-45678-78-1", "1-2345-45678-78-2"),
            ("national.sg_nric", "S1234567D", "S1234567E"),
            ("national.my_mykad", "770305-02-1234", "771305-02-1234"),
            ("national.id_nik", "3171011708450001", "3171011713450001"),
            ("national.au_tfn", "123 456 782", "999 999 999"),
            ("national.au_medicare", "2123 45670 1", "2123 45680 1"),
            ("national.au_abn", "51 824 753 556", "51 824 753 557"),
            ("national.nz_ird", "49-091-850", "49-091-851"),
        ]);
    }
}
