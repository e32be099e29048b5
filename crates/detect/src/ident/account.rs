//! Accounts at banks, by label: US routing and account numbers, UK sort codes, SWIFT codes, CLABE,
//! CBU, IFSC, BSB, Spanish and French accounts, tax numbers of the EU's companies.
//!
//! Nothing here is found without a label: what identifies an account is a number of any length.

use crate::bytes::{alnum, at, cut, digit, opens, run};
use crate::ident::check::{any, part, same, small, value, weigh};
use crate::ident::rule::Rule;
use crate::{TokenKind, ident::rule::bounded};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::checked(
        "card",
        0,
        &[
            "card", "cardnumber", "credit card", "creditcard", "debit card", "card number",
            "cc", "ccnumber", "cardno", "card no", "primary account", "pan", "carte",
            "carte bancaire",
            "carte crédit", "karte", "kreditkarte", "kreditkartennummer", "kartennummer", "tarjeta",
            "tarjeta crédito", "número tarjeta", "carta", "carta credito", "cartão", "cartao",
            "creditcardnummer", "kaartnummer", "karta", "numer karty", "karty", "kortnummer",
            "kort",
            "карта", "карты", "kart", "kart numarası", "卡号", "信用卡", "カード番号", "クレジットカード",
            "카드번호", "카드", "girocard", "visa", "mastercard", "maestro", "amex", "rupay", "mir",
        ],
        &[
            "999999999999", "9999999999999", "99999999999999", "999999999999999",
            "9999999999999999", "99999999999999999", "999999999999999999", "9999999999999999999",
            "9999~9999~9999~9999", "9999~999999~99999", "9999~999999~9999",
            "9999~9999~9999~9999~999",
        ],
        crate::number::labelled_card,
    )
    .of(TokenKind::Card),
    Rule::checked(
        "account.us_routing",
        0,
        &[
            "routing", "aba", "routing number", "aba number", "routing no", "aba routing",
            "transit number", "routingnumber",
        ],
        &["999999999", "9999-9999-9"],
        us_routing,
    )
    .of(TokenKind::Account),
    Rule::labelled(
        "account.gb_sort_code",
        &["sort code", "sortcode", ],
        &["99-99-99", "99 99 99", "999999"],
        any,
    )
    .of(TokenKind::Account),
    Rule::checked(
        "account.mx_clabe",
        0,
        &["clabe", "clabe interbancaria", "interbancaria"],
        &["999999999999999999", "999 999 99999999999 9"],
        mx_clabe,
    )
    .of(TokenKind::Account),
    Rule::checked(
        "account.ar_cbu",
        0,
        &["cbu", "cvu", "clave bancaria"],
        &["9999999999999999999999"],
        ar_cbu,
    )
    .of(TokenKind::Account),
    Rule::checked(
        "account.es_ccc",
        0,
        &["ccc", "cuenta", "cuenta corriente", "cuenta bancaria", "código cuenta"],
        &["99999999999999999999", "9999 9999 99 9999999999", "9999-9999-99-9999999999"],
        es_ccc,
    )
    .of(TokenKind::Account),
    Rule::checked(
        "account.fr_rib",
        0,
        &["rib", "relevé identité", "compte bancaire", "numéro compte", "compte"],
        &["9999999999###########99", "99999 99999 ########### 99"],
        fr_rib,
    )
    .of(TokenKind::Account),
    Rule::labelled(
        "account.in_ifsc",
        &["ifsc", "ifsc code", "ifsccode"],
        &["AAAA9######"],
        in_ifsc,
    )
    .of(TokenKind::Account),
    Rule::labelled(
        "account.au_bsb",
        &["bsb", "bsb number"],
        &["999-999", "999 999", "999999"],
        any,
    )
    .of(TokenKind::Account),
    Rule::checked(
        "account.no_konto",
        0,
        &["kontonummer", "kontonr", "bankkonto", "konto"],
        &["99999999999", "9999.99.99999", "9999 99 99999"],
        no_konto,
    )
    .of(TokenKind::Account),
    Rule::reader(
        "account.number",
        TokenKind::Account,
        &[
            "account number", "account no", "accountnumber", "acct", "acct no", "account nr",
            "bank account", "bankaccount", "checking account", "savings account",
            "beneficiary account", "acc no",
            "acct number", "kontonummer", "konto", "konto nr", "kontonr", "bankkonto",
            "compte bancaire", "numéro compte", "numero compte", "de compte", "n compte", "cuenta",
            "cuenta bancaria", "cuenta corriente", "número cuenta", "de cuenta", "numero cuenta",
            "conto corrente", "numero conto", "conto", "conta", "conta corrente", "número conta",
            "rekeningnummer", "rekening", "bankrekening", "numer konta", "rachunek", "nr rachunku",
            "rachunku", "hesap no", "hesap numarası", "tilinumero", "bankszámlaszám",
            "расчётный счёт", "расчетный счет", "номер счета", "номер счёта", "р с", "счет", "счёт",
            "账号", "账户", "银行卡号", "口座番号", "계좌번호", "เลขที่บัญชี", "số tài", "tài khoản",
            "iban", "direct debit", "dda",
        ],
        account,
    ),
    Rule::labelled(
        "account.eu_vat",
        &[
            "vat", "vat no", "vat number", "vat id", "ust id", "ustid", "ust idnr", "ustidnr",
            "uid nr",
            "umsatzsteuer id", "tva", "tva intracommunautaire", "iva", "btw", "btw nummer", "moms",
            "vatnumber", "vatid", "alv", "dph", "dič", "dic", "áfa", "adószám", "mva",
        ],
        &[
            "AA99999999", "AA999999999", "AA9999999999", "AA99999999999", "AA999999999999",
            "AA999999999A99", "A#A99999999", "AAA99999999", "AA9999999A", "AA99999999A",
            "AA##999999999", "AA 999 999 999", "AA 999 9999 99", "AA9999999AA",
        ],
        any,
    )
    .of(TokenKind::Account),
];

/// American Bankers Association: a Federal Reserve district, weights 3, 7, 1.
fn us_routing(n: &[u8]) -> bool {
    let district = matches!(small(n, 0, 2), 0..=12 | 21..=32 | 61..=72 | 80);
    district && weigh(n, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10) && !same(n)
}

/// Reserve Bank of India: a zero behind the bank's letters.
fn in_ifsc(n: &[u8]) -> bool {
    at(n, 4) == b'0'
}

/// Banco de México: each product modulo 10.
fn mx_clabe(n: &[u8]) -> bool {
    let sum: u32 = (0..17)
        .zip([3, 7, 1].iter().cycle())
        .map(|(i, w)| value(n, i) * w % 10)
        .sum();
    (10 - sum % 10) % 10 == value(n, 17) && small(n, 0, 3) != 0
}

/// BCRA: two blocks, each with a digit of its own.
fn ar_cbu(n: &[u8]) -> bool {
    let block = |from: usize, to: usize| {
        let digits = n.get(from..to).unwrap_or(&[]);
        let weights = [3, 1, 7, 9].iter().cycle();
        let sum: u32 = digits
            .iter()
            .rev()
            .zip(weights)
            .map(|(b, w)| u32::from(b.wrapping_sub(b'0')) * w)
            .sum();
        (10 - sum % 10) % 10 == value(n, to)
    };
    block(0, 7) && block(8, 21) && !same(n)
}

/// Consejo Superior Bancario: powers of two modulo 11, over bank and office, and over the account.
fn es_ccc(n: &[u8]) -> bool {
    let digit = |sum: u32| match 11 - sum % 11 {
        11 => 0,
        10 => 1,
        rest => rest,
    };
    let account = n.get(10..20).unwrap_or(&[]);
    digit(weigh(n, &[4, 8, 5, 10, 9, 7, 3, 6])) == value(n, 8)
        && digit(weigh(account, &[1, 2, 4, 8, 5, 10, 9, 7, 3, 6])) == value(n, 9)
        && !same(n)
}

/// Comité français d'organisation: letters as digits, modulo 97.
fn fr_rib(n: &[u8]) -> bool {
    let spelled: Vec<u8> = n
        .iter()
        .map(|b| match b {
            b'A'..=b'I' => b - b'A' + b'1',
            b'J'..=b'R' => b - b'J' + b'1',
            b'S'..=b'Z' => b - b'S' + b'2',
            _ => *b,
        })
        .collect();
    let sum = part(&spelled, 0, 5) * 89 + part(&spelled, 5, 10) * 15 + part(&spelled, 10, 21) * 3;
    (sum + part(&spelled, 21, 23)).is_multiple_of(97)
}

/// Finans Norge: modulo 11.
fn no_konto(n: &[u8]) -> bool {
    weigh(n, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11) && !same(n)
}

/// A run of 6 to 28 digits in groups that blanks, dashes, dots or slashes part.
fn account(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let (mut end, mut count) = (i, 0);
    while count <= 28 {
        let b = at(bytes, end);
        if digit(b) {
            count += 1;
        } else if !(matches!(b, b' ' | b'-' | b'.' | b'/') && digit(at(bytes, end + 1)) && end > i)
        {
            break;
        }
        end += 1;
    }
    let dated = count == 8 && cut(text, i, end).len() == 10;
    ((6..=28).contains(&count) && bounded(bytes, end) && !dated).then_some((i, end))
}

/// Countries whose banks have codes: all that ISO 3166 has, by letters.
fn country(pair: &str) -> bool {
    const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM \
        BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO \
        DZ EC EE EG ER ES ET FI FJ FK FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GW GY HK \
        HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB \
        LC LI LK LR LS LT LU LV LY MA MC MD ME MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA \
        NC NE NG NI NL NO NP NR NZ OM PA PE PF PG PH PK PL PS PT PW PY QA RE RO RS RU RW SA SB SC \
        SD SE SG SH SI SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW \
        TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";
    pair.len() == 2 && COUNTRIES.split(' ').any(|known| known == pair)
}

/// ISO 9362: four letters, a country, two or five more characters.
fn bic(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let end = run(bytes, i, 12, alnum);
    let code = cut(text, i, end);
    let bank = code.bytes().take(6).all(|b| b.is_ascii_uppercase());
    let capitals = !code.bytes().any(|b| b.is_ascii_lowercase());
    let shaped = matches!(end - i, 8 | 11) && bank && capitals && country(cut(text, i + 4, i + 6));
    (shaped && opens(bytes, i) && bounded(bytes, end)).then_some((i, end))
}

/// The code behind the words at `i`: `BIC: DEUTDEFF`, `SWIFT code DEUTDEFF500`.
pub(crate) fn bic_behind(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let signs = |b: u8| {
        matches!(
            b,
            b' ' | b':' | b'=' | b'"' | b'\'' | b'\\' | b'/' | b'_' | b'>'
        )
    };
    let mut place = i;
    let mut led = false;
    for _ in 0..4 {
        let end = run(bytes, place, 12, |b| b.is_ascii_alphabetic());
        let word = cut(text, place, end);
        let known = ["bic", "swift"]
            .iter()
            .any(|w| w.eq_ignore_ascii_case(word));
        let filler = ["code", "is", "no", "number"]
            .iter()
            .any(|w| w.eq_ignore_ascii_case(word));
        led |= known;
        if !(known || led && filler) {
            break;
        }
        place = run(bytes, end, 6, signs);
    }
    led.then(|| bic(text, place)).flatten()
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check;
    use crate::ident::table::check_texts;

    #[test]
    fn rows() {
        check(&[
            ("card", "4222222222222", "4222222222223"),
            ("card", "6759649826438453", "6759649826438454"),
            ("account.us_routing", "111000025", "111000026"),
            ("account.gb_sort_code", "12-34-56", "12-34-567"),
            (
                "account.mx_clabe",
                "032180000118359719",
                "032180000118359718",
            ),
            (
                "account.ar_cbu",
                "2850590940090418135201",
                "2850590940090418135202",
            ),
            (
                "account.es_ccc",
                "1234-1234-16-1234567890",
                "1234-1234-00-1234567890",
            ),
            (
                "account.fr_rib",
                "20041 01005 0500013M026 06",
                "20041 01005 0500013M026 07",
            ),
            ("account.no_konto", "8601.11.17947", "8601.11.17949"),
            ("account.in_ifsc", "SBIN0001234", "SBIN1001234"),
            ("account.au_bsb", "062-000", "062-0001"),
            ("account.number", "12345678", "12345"),
            ("account.eu_vat", "DE136695976", "DE1366959"),
        ]);
    }

    #[test]
    fn bank_codes_stand_behind_their_word() {
        check_texts(
            char::is_alphabetic,
            &[
                ("BIC: DEUTDEFF", Some("DEUTDEFF")),
                ("SWIFT code DEUTDEFF500.", Some("DEUTDEFF500")),
                ("\"bic\":\"COBADEFFXXX\"", Some("COBADEFFXXX")),
                ("swift DEUTXXFF", None),
                ("Swift compiler failed", None),
                ("BIC DEUTDEFF5001", None),
            ],
        );
    }
}
