//! Identifiers of persons in northern Europe: Sweden, Norway, Denmark, Finland, Iceland, and the
//! Baltic states.
//!
//! What is found without a label, and how often a random text of that very shape would be:
//! `fi_hetu` (1 in 1,000 and a letter), `lv_pk`, `is_kennitala` and `se_personnummer` with their
//! dash (1 in 300). A log writes dates of its own in those shapes, too, so those of its own years
//! need a label.

use crate::bytes::at;
use crate::ident::check::{any, date, ddmmyy, luhn, same, small, value, weigh};
use crate::ident::rule::Rule;
use crate::ident::rule::family::{HEALTH, PERSON, SOCIAL, TAX};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "national.se_personnummer",
        0,
        &[],
        &["!999999-9999", "!99999999-9999", "!999999+9999"],
        se_of_last_century,
    ),
    Rule::checked(
        "national.se_personnummer",
        PERSON | TAX,
        &[
            "personnummer", "personnr", "pnr", "samordningsnummer", "svenskt personnummer",
            "swedish personal", "person nummer", "personnumret", "pno",
        ],
        &["9999999999", "999999999999", "999999-9999", "99999999-9999", "99999999 9999"],
        se_personnummer,
    ),
    Rule::checked(
        "national.no_fodselsnummer",
        PERSON | TAX,
        &[
            "fødselsnummer", "fodselsnummer", "fnr", "personnummer", "dnummer", "d nummer",
            "fødselsnr", "fodselsnr", "personnr", "norwegian id",
        ],
        &["99999999999", "999999 99999", "999999-99999"],
        no_fodselsnummer,
    ),
    Rule::checked(
        "national.dk_cpr",
        PERSON,
        &[
            "cpr", "cpr nr", "cprnr", "cpr nummer", "cprnummer", "personnummer", "cpr number",
            "cpr no",
        ],
        &["9999999999", "999999-9999", "999999 9999"],
        dk_cpr,
    ),
    Rule::checked(
        "national.fi_hetu",
        PERSON | SOCIAL | TAX,
        &[
            "hetu", "henkilötunnus", "henkilotunnus", "henkilötunnuksen", "sotu",
            "sosiaaliturvatunnus", "personbeteckning", "hetu tunnus",
        ],
        &["!999999-999#", "!999999+999#", "!999999A999#"],
        fi_hetu,
    ),
    Rule::checked(
        "national.is_kennitala",
        PERSON | TAX,
        &["kennitala", "kt", "kennitölu", "kennitalan"],
        &["!999999-9999", "9999999999", "999999 9999"],
        is_kennitala,
    ),
    Rule::checked(
        "national.ee_isikukood",
        PERSON | SOCIAL,
        &["isikukood", "isikukoodi", "isiku kood", "ik", "estonian id", "estonian personal"],
        &["99999999999"],
        baltic,
    ),
    Rule::checked(
        "national.lt_asmens_kodas",
        PERSON | SOCIAL,
        &["asmens kodas", "asmenskodas", "asmens kodo", "lithuanian personal"],
        &["99999999999"],
        baltic,
    ),
    Rule::checked(
        "national.lv_pk",
        PERSON | SOCIAL,
        &["personas kods", "personaskods", "personas koda", "latvian personal"],
        &["!999999-99999", "99999999999"],
        lv_pk,
    ),
    Rule::labelled(
        "national.lv_pk_new",
        &["personas kods", "personaskods", "personas koda"],
        &["99999999999", "999999-99999"],
        lv_new,
    ),
    Rule::labelled(
        "national.no_h_nummer",
        &["hjelpenummer", "h nummer", "felles hjelpenummer"],
        &["99999999999"],
        any,
    ),
    Rule::labelled(
        "national.se_reservnummer",
        &["reservnummer", "lma kort", "lmanummer"],
        &["99999999-9999", "99999999-AA99", "99999999-A999", "99-999999/9"],
        any,
    ),
    Rule::checked(
        "national.is_health",
        HEALTH,
        &["sjúkratrygging", "sjukratrygging"],
        &["999999-9999", "9999999999"],
        is_kennitala,
    ),
];

/// Skatteverket SKV 704: Luhn over the last ten digits; a coordination number's day is 60 more.
fn se_personnummer(n: &[u8]) -> bool {
    let from = n.len().saturating_sub(10);
    let Some(ten) = n.get(from..) else {
        return false;
    };
    let day = small(ten, 4, 6);
    let day = if day > 60 { day - 60 } else { day };
    let century = match n.len() {
        12 => small(n, 0, 2),
        _ => 20,
    };
    let year = century * 100 + small(ten, 0, 2);
    (18..=20).contains(&century) && date(year, small(ten, 2, 4), day) && luhn(ten)
}

/// The same without a label: `20240117-1234` is a log's own stamp.
fn se_of_last_century(n: &[u8]) -> bool {
    let past = match n.len() {
        12 => n.starts_with(b"19"),
        _ => small(n, 0, 2) >= 30,
    };
    past && se_personnummer(n)
}

/// Skatteetaten: two check digits modulo 11; a D number's day is 40 more, a test number's month
/// 40 or 80 more.
fn no_fodselsnummer(n: &[u8]) -> bool {
    let first = weigh(n, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11);
    let second = weigh(n, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    let (day, month) = (small(n, 0, 2), small(n, 2, 4));
    let dated = date(2_000, month % 40, if day > 40 { day - 40 } else { day });
    first && second && dated
}

/// CPR-kontoret: date and order; numbers since 2007 need not pass modulo 11.
fn dk_cpr(n: &[u8]) -> bool {
    let day = small(n, 0, 2);
    let day = if day > 60 { day - 60 } else { day };
    date(2_000, small(n, 2, 4), day) && small(n, 6, 10) != 0
}

/// Digital and Population Data Services Agency: nine digits modulo 31. The century's sign is one of
/// `+-YXWVU` and `ABCDEF`.
fn fi_hetu(n: &[u8]) -> bool {
    let Some((last, head)) = n.split_last() else {
        return false;
    };
    let digits: Vec<u8> = head.iter().copied().filter(u8::is_ascii_digit).collect();
    let sign = head.get(6).filter(|b| b.is_ascii_uppercase());
    let century = sign.is_none_or(|b| matches!(b, b'A'..=b'F' | b'U'..=b'Y'));
    let number = small(&digits, 0, 9) as usize;
    let check = at(b"0123456789ABCDEFHJKLMNPRSTUVWXY", number % 31);
    digits.len() == 9 && century && ddmmyy(&digits, 0) && *last == check
}

/// Registers Iceland: modulo 11, and the century at the end.
fn is_kennitala(n: &[u8]) -> bool {
    let sum = weigh(n, &[3, 2, 7, 6, 5, 4, 3, 2, 1]);
    let century = matches!(at(n, 9), b'8' | b'9' | b'0');
    century && ddmmyy(n, 0) && sum.is_multiple_of(11) && !same(n)
}

/// Estonian standard EVS 585 and Lithuanian law: modulo 11 with two sets of weights.
fn baltic(n: &[u8]) -> bool {
    let first = weigh(n, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weigh(n, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let check = if first < 10 { first } else { second % 10 };
    let century = 17 + value(n, 0).div_ceil(2);
    let year = century * 100 + small(n, 1, 3);
    let sex = matches!(at(n, 0), b'1'..=b'8');
    sex && date(year, small(n, 3, 5), small(n, 5, 7)) && check == value(n, 10)
}

/// Office of Citizenship and Migration Affairs: modulo 11 in what was given out until July 2017.
fn lv_pk(n: &[u8]) -> bool {
    let sum = weigh(n, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    let check = (1_101 - sum) % 11 % 10;
    ddmmyy(n, 0) && matches!(at(n, 6), b'0'..=b'2') && check == value(n, 10)
}

/// What was given out since: 32, then nothing that means anything.
fn lv_new(n: &[u8]) -> bool {
    matches!(small(n, 0, 2), 32..=39) && !same(n)
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;

    #[test]
    fn rows() {
        check(&[
            ("national.se_personnummer", "811228-9874", "811228-9873"),
            ("national.se_personnummer", "19811228-9874", "19811328-9874"),
            ("national.se_personnummer", "198112289874", "198112289875"),
            ("national.no_fodselsnummer", "15108695088", "15108695077"),
            ("national.no_fodselsnummer", "151086 95088", "151386 95088"),
            ("national.dk_cpr", "211062-5629", "211362-5629"),
            ("national.fi_hetu", "131052-308T", "131052-308U"),
            ("national.fi_hetu", "131052A308T", "311152A308T"),
            ("national.is_kennitala", "120174-3399", "120174-3389"),
            ("national.ee_isikukood", "37605030299", "37605030298"),
            ("national.lt_asmens_kodas", "33309240064", "33309240164"),
            ("national.lv_pk", "161175-19997", "161175-19998"),
        ]);
    }

    #[test]
    fn a_logs_own_stamp_is_nobody() {
        for text in [
            "240117-1239",
            "20240117-1239",
            "backup-20240117-1239.gz",
            "20260101-0008",
        ] {
            assert_eq!(crate::ident::find(text, 0), None, "{text}");
        }
    }
}
