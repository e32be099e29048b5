//! Telephone numbers: international ones by country code and length (ITU-T E.164 and the national
//! numbering plans), national ones behind a label.

use crate::bytes::{alnum, at, before, digit, run};
use crate::ident::rule::bounded;

/// Labels of a telephone number.
#[rustfmt::skip]
pub(crate) const LABELS: &[&str] = &[
    "tel", "telephone", "phone", "phones", "phonenumber", "mobile", "mobilenumber", "cell",
    "cellphone", "landline", "msisdn", "fax", "whatsapp", "sms", "telegram", "viber",
    "contact number", "call me",
    "call us", "reach me", "reach us", "text me", "phone no", "telefon",
    "telefonnummer", "telefonnr", "handy", "handynummer", "mobil", "mobiltelefon", "mobilnummer",
    "festnetz", "rufnummer", "rückruf", "téléphone", "telephone", "tél", "portable", "gsm",
    "teléfono", "telefono", "móvil", "movil", "celular", "cel", "fijo", "cellulare", "telefone",
    "telemóvel", "telemovel", "telefoon", "telefoonnummer", "mobiel", "tlf", "tlf nr", "mobiltlf",
    "puhelin", "puh", "puhelinnumero", "matkapuhelin", "sími", "telefonu", "numer telefonu",
    "komórka", "kom", "mobilní", "telefón", "telefonszám", "mobilszám", "telefonska",
    "broj telefona",
    "τηλέφωνο", "τηλ", "κινητό", "cep", "cep telefonu", "gsm no", "телефон", "телефона", "тел",
    "моб", "мобильный", "телефону", "мобільний", "هاتف", "جوال", "موبايل", "رقم الهاتف", "تلفن",
    "טלפון", "נייד", "फ़ोन", "मोबाइल", "电话", "電話", "手机", "手机号", "手機", "携帯", "電話番号", "전화",
    "전화번호", "휴대폰", "핸드폰", "연락처", "โทร", "โทรศัพท์", "điện thoại", "sđt", "sdt", "số điện",
    "telepon", "nomor hp", "hp", "no hp", "ponsel", "no telepon", "telefon bimbit", "simu",
    "phone number", "caller", "callee", "recipient", "ctcm",
];

/// Country codes and the shortest and longest national number behind them.
#[rustfmt::skip]
const COUNTRIES: &[(u16, u8, u8)] = &[
    (1, 10, 10), (7, 10, 10), (20, 8, 10), (27, 9, 9), (30, 10, 10), (31, 9, 9), (32, 8, 9),
    (33, 9, 9), (34, 9, 9), (36, 8, 9), (39, 6, 12), (40, 9, 9), (41, 9, 9), (43, 4, 13),
    (44, 7, 10), (45, 8, 8), (46, 7, 13), (47, 8, 8), (48, 9, 9), (49, 6, 13), (51, 8, 11),
    (52, 10, 11), (53, 6, 8), (54, 10, 11), (55, 10, 11), (56, 8, 11), (57, 8, 10), (58, 10, 10),
    (60, 7, 10), (61, 5, 10), (62, 5, 12), (63, 8, 10), (64, 8, 10), (65, 8, 11), (66, 8, 10),
    (81, 9, 11), (82, 8, 11), (84, 7, 11), (86, 7, 12), (90, 10, 10), (91, 8, 12), (92, 8, 11),
    (93, 9, 9), (94, 9, 9), (95, 7, 10), (98, 8, 10), (211, 9, 9), (212, 9, 9), (213, 8, 9),
    (216, 8, 8), (218, 8, 9), (220, 7, 7), (221, 9, 9), (222, 8, 8), (223, 8, 8), (224, 8, 9),
    (225, 10, 10), (226, 8, 8), (227, 8, 8), (228, 8, 8), (229, 8, 10), (230, 7, 8), (231, 7, 9),
    (232, 8, 8), (233, 9, 9), (234, 8, 10), (235, 8, 8), (236, 8, 8), (237, 9, 9), (238, 7, 7),
    (239, 7, 7), (240, 9, 9), (241, 7, 8), (242, 9, 9), (243, 7, 9), (244, 9, 9), (245, 7, 9),
    (246, 7, 7), (248, 7, 7), (249, 9, 9), (250, 9, 9), (251, 9, 9), (252, 7, 9), (253, 8, 8),
    (254, 7, 9), (255, 9, 9), (256, 9, 9), (257, 8, 8), (258, 8, 9), (260, 9, 9), (261, 9, 9),
    (262, 9, 9), (263, 7, 10), (264, 8, 9), (265, 7, 9), (266, 8, 8), (267, 7, 8), (268, 8, 8),
    (269, 7, 7), (290, 4, 5), (291, 7, 7), (297, 7, 7), (298, 6, 6), (299, 6, 6), (350, 8, 8),
    (351, 9, 9), (352, 5, 11), (353, 7, 10), (354, 7, 9), (355, 8, 9), (356, 8, 8), (357, 8, 8),
    (358, 5, 12), (359, 7, 9), (370, 8, 8), (371, 8, 8), (372, 7, 8), (373, 8, 8), (374, 8, 8),
    (375, 9, 10), (376, 6, 9), (377, 8, 9), (378, 6, 10), (380, 9, 9), (381, 8, 10), (382, 8, 9),
    (383, 8, 9), (385, 8, 9), (386, 8, 8), (387, 8, 9), (389, 8, 8), (420, 9, 9), (421, 9, 9),
    (423, 7, 9), (500, 5, 5), (501, 7, 7), (502, 8, 8), (503, 8, 8), (504, 8, 8), (505, 8, 8),
    (506, 8, 8), (507, 7, 8), (508, 6, 9), (509, 8, 8), (590, 9, 9), (591, 8, 8), (592, 7, 7),
    (593, 8, 9), (594, 9, 9), (595, 9, 9), (596, 9, 9), (597, 6, 7), (598, 8, 8), (599, 7, 8),
    (670, 7, 8), (672, 6, 6), (673, 7, 7), (674, 7, 7), (675, 7, 8), (676, 5, 7), (677, 5, 7),
    (678, 5, 7), (679, 7, 7), (680, 7, 7), (681, 6, 6), (682, 5, 5), (683, 4, 7), (685, 5, 7),
    (686, 5, 8), (687, 6, 6), (688, 5, 6), (689, 6, 8), (690, 4, 5), (691, 7, 7), (692, 7, 7),
    (800, 8, 8), (808, 8, 8), (850, 8, 10), (852, 8, 8), (853, 8, 8), (855, 8, 9), (856, 8, 10),
    (870, 9, 9), (880, 8, 10), (881, 8, 9), (882, 6, 12), (883, 6, 12), (886, 8, 9), (888, 7, 11),
    (960, 7, 7), (961, 7, 8), (962, 8, 9), (963, 8, 9), (964, 8, 10), (965, 7, 8), (966, 8, 9),
    (967, 7, 9), (968, 8, 8), (970, 8, 9), (971, 8, 9), (972, 8, 9), (973, 8, 8), (974, 7, 8),
    (975, 7, 8), (976, 8, 8), (977, 8, 10), (992, 9, 9), (993, 8, 8), (994, 9, 9), (995, 9, 9),
    (996, 9, 9), (998, 9, 9),
];

/// How much shorter or longer than its plan a number may be that is written in groups: plans
/// change, and nothing but a telephone number is written with a country code in groups.
const SLACK_COUNT_MAX: usize = 2;

/// Whether the digits are a country code with a national number of its length. `trunk` says that
/// a zero in parentheses stands among them, `grouped` that they are in groups.
pub(crate) fn plausible(digits: &[u8], trunk: bool, grouped: bool) -> bool {
    let code = |length: usize| {
        let head = digits.iter().take(length);
        head.fold(0_u16, |sum, b| sum * 10 + u16::from(b.wrapping_sub(b'0')))
    };
    let count = digits.len().saturating_sub(usize::from(trunk));
    let found = (1..=3_usize).find_map(|length| {
        COUNTRIES
            .iter()
            .find(|(known, ..)| *known == code(length))
            .map(|(_, least, most)| (length, (usize::from(*least), usize::from(*most))))
    });
    let Some((length, (least, most))) = found else {
        return false;
    };
    let area = if length == 1 && at(digits, 0) == b'1' {
        matches!(at(digits, 1), b'2'..=b'9') && matches!(at(digits, 4), b'2'..=b'9')
    } else {
        true
    };
    let slack = if grouped { SLACK_COUNT_MAX } else { 0 };
    let national = count.saturating_sub(length);
    area && count >= INTERNATIONAL_COUNT_MIN
        && national + slack >= least
        && national <= (most + slack).min(15 - length)
}

/// Fewest digits of a number with its country code: what is shorter is a sum, or an offset.
pub(crate) const INTERNATIONAL_COUNT_MIN: usize = 8;

/// The longest number, and how far its punctuation reaches.
const DIGITS_COUNT_MAX: usize = 16;

/// Digits of a telephone number from `i` on: groups parted by blanks, dashes, dots, slashes and
/// parentheses.
pub(crate) struct Dialled {
    digits: [u8; DIGITS_COUNT_MAX],
    count: usize,
    /// One past the last digit.
    pub(crate) end: usize,
    /// Groups of digits.
    pub(crate) groups: usize,
    /// For each group, how many digits there are up to its end, and where that is.
    ends: [(usize, usize); DIGITS_COUNT_MAX],
    /// Dots among the signs.
    pub(crate) dots: usize,
    /// Whether `(0)` stood among them.
    pub(crate) trunk: bool,
}

impl Dialled {
    /// Reads the number at `i`.
    pub(crate) fn read(bytes: &[u8], i: usize) -> Self {
        let mut out = Self {
            digits: [0; DIGITS_COUNT_MAX],
            count: 0,
            end: i,
            groups: 0,
            ends: [(0, i); DIGITS_COUNT_MAX],
            dots: 0,
            trunk: bytes
                .get(i..bytes.len().min(i + 24))
                .is_some_and(|head| head.windows(3).any(|three| three == b"(0)")),
        };
        let (mut j, mut signs) = (i, 0);
        while out.count < DIGITS_COUNT_MAX && j < i + 36 {
            let b = at(bytes, j);
            if digit(b) {
                if let Some(slot) = out.digits.get_mut(out.count) {
                    *slot = b;
                }
                out.groups += usize::from(signs > 0 || out.count == 0);
                out.count += 1;
                signs = 0;
                out.end = j + 1;
                if let Some(slot) = out.ends.get_mut(out.groups - 1) {
                    *slot = (out.count, out.end);
                }
            } else {
                let sign = matches!(b, b' ' | b'-' | b'.' | b'(' | b')' | b'/');
                let twice = signs > 0 && b == before(bytes, j);
                let goes_on = sign && !twice && signs < 3;
                if !goes_on {
                    break;
                }
                out.dots += usize::from(b == b'.' && digit(at(bytes, j + 1)));
                signs += 1;
            }
            j += 1;
        }
        out
    }

    /// Leaves out groups at the end until the rest is accepted: a number may stand behind.
    pub(crate) fn shortened(mut self, accept: impl Fn(&Self) -> bool) -> Option<Self> {
        while !accept(&self) {
            self.groups = self.groups.checked_sub(1).filter(|groups| *groups > 0)?;
            (self.count, self.end) = self.ends.get(self.groups - 1).copied()?;
        }
        Some(self)
    }

    /// The digits.
    pub(crate) fn digits(&self) -> &[u8] {
        self.digits.get(..self.count).unwrap_or(&[])
    }
}

/// Where an extension behind a number at `end` ends: `x123`, ` ext. 123`; `end` without one.
pub(crate) fn extended(bytes: &[u8], end: usize) -> usize {
    let blank = run(bytes, end, 1, |b| b == b' ');
    let mark = ["extension", "ext.", "ext", "x", "#"]
        .iter()
        .find(|mark| crate::bytes::starts_nocase(bytes, blank, mark.as_bytes()));
    let Some(mark) = mark else {
        return end;
    };
    let from = run(bytes, blank + mark.len(), 1, |b| b == b' ');
    let stop = run(bytes, from, 7, digit);
    let known = (1..=6).contains(&(stop - from)) && !alnum(at(bytes, stop));
    if known { stop } else { end }
}

/// A number behind its label: at most fifteen digits, at least seven, or six in two groups.
pub(crate) fn national(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let dialled = Dialled::read(bytes, i);
    let count = dialled.digits().len();
    let first = at(bytes, i);
    if alnum(before(bytes, i)) || !(digit(first) || first == b'(') {
        return None;
    }
    let enough = (7..=15).contains(&count) || count == 6 && dialled.groups > 1;
    let address = dialled.dots == 3 && dialled.groups == 4 && count < 13;
    let dated = dated(bytes, i);
    let same = crate::ident::check::same(dialled.digits());
    let end = extended(bytes, dialled.end);
    (enough && !address && !dated && !same && bounded(bytes, end)).then_some((i, end))
}

/// `2026-01-02`, `1700000000123`: a date or a time.
fn dated(bytes: &[u8], i: usize) -> bool {
    let year = matches!(
        (at(bytes, i), at(bytes, i + 1)),
        (b'1', b'9') | (b'2', b'0')
    );
    let parted =
        matches!(at(bytes, i + 4), b'-' | b'/' | b'.') && at(bytes, i + 7) == at(bytes, i + 4);
    let length = run(bytes, i, 20, digit) - i;
    let epoch = at(bytes, i) == b'1' && matches!(length, 13 | 16 | 19);
    year && parted || epoch
}

/// Whether a number dialled with the prefix for calls abroad may begin at `i`.
pub(crate) fn may_dial_abroad(bytes: &[u8], i: usize) -> bool {
    at(bytes, i) == b'0' && at(bytes, i + 1) == b'0'
}

/// An international number with `00` before it, in groups, or behind a label.
pub(crate) fn dialled_abroad(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    if !may_dial_abroad(bytes, i) {
        return None;
    }
    let from = i + 2 + usize::from(matches!(at(bytes, i + 2), b' ' | b'-'));
    let dialled = Dialled::read(bytes, from);
    let first = run(bytes, i, 8, digit) - i;
    let lengths = dialled.groups >= 3
        && matches!(first, 3..=5)
        && at(bytes, i + 2) != b'0'
        && !level(bytes, i, dialled.end);
    // Nearly every number that begins so is something else.
    if !lengths {
        return None;
    }
    // The country's code ends the first group, and one sign parts all of them.
    let code = crate::ident::check::part(bytes, i + 2, i + first);
    let country = COUNTRIES
        .iter()
        .any(|(known, ..)| u64::from(*known) == code);
    let sign = at(bytes, i + first);
    let body = bytes.get(i..dialled.end).unwrap_or(&[]);
    let one = matches!(sign, b' ' | b'-') && body.iter().all(|b| digit(*b) || *b == sign);
    let usable = country && one && plausible(dialled.digits(), dialled.trunk, false);
    (usable && bounded(bytes, dialled.end)).then_some((i, dialled.end))
}

/// Whether all groups but the last are of one length, as in a dump of bytes.
fn level(bytes: &[u8], i: usize, end: usize) -> bool {
    let text = bytes.get(i..end).unwrap_or(&[]);
    let first = run(bytes, i, 8, digit) - i;
    let groups = text.split(|b| !digit(*b)).filter(|group| !group.is_empty());
    groups.rev().skip(1).all(|group| group.len() == first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::table::check_texts;

    #[test]
    fn country_codes_and_lengths() {
        for (digits, wanted) in [
            ("442079460958", true),
            ("4915112345678", true),
            ("33612345678", true),
            ("12025550143", true),
            ("11025550143", false),
            ("336123456789", false),
            ("9991234567", false),
            ("2101234567", false),
            ("97250123456", true),
        ] {
            assert_eq!(
                plausible(digits.as_bytes(), false, false),
                wanted,
                "{digits}"
            );
        }
    }

    #[test]
    fn codes_are_in_order_and_lengths_fit_fifteen_digits() {
        assert!(COUNTRIES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(
            COUNTRIES
                .iter()
                .all(|(_, least, most)| least <= most && *most <= 13)
        );
    }

    #[test]
    fn national_numbers_stand_behind_their_word() {
        check_texts(
            |c| c.is_ascii_digit() || c == '(',
            &[
                ("Tel: 020 7946 0958", Some("020 7946 0958")),
                ("phone=5551234567", Some("5551234567")),
                ("téléphone : 06 12 34 56 78", Some("06 12 34 56 78")),
                ("Telefon (030) 901820-15 bitte", Some("(030) 901820-15")),
                ("móvil 612 345 678", Some("612 345 678")),
                ("電話番号：03-1234-5678", Some("03-1234-5678")),
                ("тел. 8 (495) 123-45-67", Some("8 (495) 123-45-67")),
                ("call me at 0412 345 678.", Some("0412 345 678")),
                ("phone call lasted 1234567 ms", None),
                ("phone updated at 2026-01-02T03:04:05", None),
                ("mobile: 10.20.30.40", None),
                ("sms sent at 1700000000123", None),
                ("0044 20 7946 0958", Some("0044 20 7946 0958")),
                ("0044 2079 4609 5800", None),
                ("00 11 22 33 44 55 66", None),
                ("phone 001-412-555-0129x9263", Some("001-412-555-0129x9263")),
            ],
        );
    }
}
