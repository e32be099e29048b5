//! Documents by what is written before them: passports, driving licences, number plates, health
//! records, and the labels of phones, places and dates of birth.
//!
//! Found without a label: a British driving licence (surname, date of birth and initials in one:
//! below 1 in 100,000 of sixteen capitals and digits) and the second line of a passport's machine
//! readable zone (ICAO 9303, four check digits).

use crate::TokenKind;
use crate::bytes::{alnum, at, blank, cut, digit, opens, run};
use crate::ident::check::{any, date, same, small, value};
use crate::ident::rule::{Rule, bounded};
use crate::ident::{birth, phone, place};

/// The rules.
#[rustfmt::skip]
pub(crate) const RULES: &[Rule] = &[
    Rule::reader(
        "national.passport",
        TokenKind::National,
        &[
            "passport", "passports", "passeport", "reisepass", "reisepassnummer", "passnummer",
            "pasaporte", "passaporte", "passaporto", "paspoort", "paspoortnummer", "paszport",
            "paszportu", "pass nr", "passnr", "pasaport", "pasport", "cestovní pas",
            "útlevél", "pașaport", "pasaportul", "διαβατήριο", "διαβατηρίου", "загранпаспорт",
            "загранпаспорта", "jawaz", "جواز", "جواز السفر", "דרכון", "पासपोर्ट", "护照", "護照",
            "パスポート", "旅券", "여권", "여권번호", "หนังสือเดินทาง", "hộ chiếu", "paspor",
            "travel document", "passportnumber", "passportno", "pas nummer", "pasnummer",
        ],
        passport,
    ),
    // Behind every rule with a check: a number that somebody mistyped is still somebody's.
    Rule::reader(
        "national.labelled",
        TokenKind::National,
        &[
            "national id", "nationalid", "national identifier", "national identity",
            "identity card",
            "social security", "social insurance", "ssn", "itin", "tax id", "taxpayer id",
            "taxpayer identification", "tax identification", "national insurance", "nino", "nhs",
            "ppsn", "insee", "carte vitale", "sécurité sociale", "securite sociale",
            "numéro fiscal", "numero fiscal", "rijksregister", "rijksregisternummer",
            "registre national", "bsn", "burgerservicenummer", "steuer id", "steuerid",
            "steueridentifikationsnummer", "sozialversicherungsnummer", "rentenversicherungsnummer",
            "personalausweis", "personalausweisnummer", "ausweisnummer",
            "krankenversichertennummer",
            "versichertennummer", "ahv", "personnummer", "fødselsnummer", "fodselsnummer",
            "cpr nummer",
            "henkilötunnus", "hetu", "kennitala", "isikukood", "asmens kodas", "personas kods",
            "pesel",
            "rodné číslo", "rodne cislo", "személyi szám", "cnp", "егн", "oib", "jmbg", "emšo",
            "amka",
            "αμκα", "αφμ", "tckn", "tc kimlik", "kimlik no", "снилс", "snils", "инн", "рнокпп",
            "codice fiscale", "codicefiscale", "dni", "nif", "nie", "contribuinte", "cpf", "cnpj",
            "cuit", "cuil", "rut", "curp", "aadhaar", "aadhar", "cnic", "nric", "mykad", "hkid",
            "身份证", "身份證", "身分證", "マイナンバー", "個人番号", "주민등록번호", "주민번호", "บัตรประชาชน",
            "תעודת זהות", "emirates id", "iqama", "tfn", "tax file", "medicare", "bvn", "nin",
        ],
        mistyped,
    ),
    Rule::checked(
        "national.gb_driving_licence",
        0,
        &["driving licence", "driver licence", "dvla"],
        &["!#####999999##9AA", "#####999999##9AA", "##### 999999 ##9AA"],
        gb_driving_licence,
    ),
    Rule::reader(
        "national.driving_licence",
        TokenKind::National,
        &[
            "driving licence", "driving license", "driver license", "driver licence",
            "drivers license", "drivers licence", "licence number", "license number", "licence no",
            "license no", "licencenumber", "licensenumber", "driver permit", "s license",
            "s licence", "dl no", "dl number",
            "dln",
            "drivinglicence", "driverslicense", "driverlicense", "führerschein",
            "führerscheinnummer", "fuehrerschein", "fuehrerscheinnummer", "permis conduire",
            "de conduire", "permis", "licencia conducir", "de conducir", "licencia conducción",
            "permiso conducir", "patente guida", "di guida", "carta condução", "de condução",
            "carteira motorista", "de motorista", "rijbewijs", "rijbewijsnummer", "prawo jazdy",
            "prawa jazdy", "körkort", "körkortsnummer", "førerkort", "kørekort", "ajokortti",
            "водительское удостоверение", "водительского удостоверения", "ву", "права",
            "посвідчення водія", "řidičský průkaz", "sürücü belgesi", "ehliyet", "ehliyet no",
            "驾驶证", "駕照", "驾照", "運転免許", "運転免許証", "운전면허", "ใบขับขี่", "sim nomor",
            "bằng lái", "lái xe", "permit number", "führerschein nr", "fahrerlaubnis",
            "licencia", "vodičský preukaz", "jogosítvány", "vezetői engedély", "permis auto",
            "δίπλωμα οδήγησης", "رخصة القيادة", "רישיון נהיגה", "ड्राइविंग लाइसेंस",
        ],
        licence,
    ),
    Rule::reader(
        "phone",
        TokenKind::Phone,
        phone::LABELS,
        phone::national,
    ),
    Rule::reader(
        "birth.date",
        TokenKind::Birth,
        birth::LABELS,
        birth::numeric,
    ),
    Rule::reader(
        "location.coordinates",
        TokenKind::Location,
        place::LABELS,
        place::pair,
    )
    .loosely(),
    Rule::reader(
        "location.coordinate",
        TokenKind::Location,
        &[
            "lat", "latitude", "lon", "lng", "long", "longitude", "breitengrad", "längengrad",
            "latitud", "longitud",
        ],
        place::coordinate,
    ),
    Rule::labelled(
        "national.health_record",
        &[
            "mrn", "medical record", "patient mrn", "medicalrecordnumber", "hospital number",
            "health record", "patient record", "patientenakte", "dossier médical",
            "dossier medical", "historia clínica", "historia clinica", "cartella clinica",
            "policy number",
            "policy no", "beneficiary id", "insurance policy", "police nr",
            "póliza", "poliza", "polizza", "apólice",
        ],
        &[
            "999999", "9999999", "99999999", "999999999", "9999999999", "99999999999",
            "999999999999", "A999999", "A9999999", "A99999999", "A999999999", "AA999999",
            "AA9999999", "AA99999999", "AAA999999", "AAA9999999", "AAA99999999", "AAA999999999",
            "AAA9999999999", "999-99-999", "99-99-99", "999-999-999", "A-999999", "AA-999999",
            "AAA-999999", "AAA-9999999", "AAA-99999999", "AAA-999999999", "99999999A",
            "999999999A", "999999-99",
        ],
        any,
    ),
];

/// Letters and digits of a document from `i` on, in at most four groups that blanks or dashes part;
/// how many of them and how many digits, and where they end.
fn document(bytes: &[u8], i: usize, max: usize) -> (usize, usize, usize) {
    let (mut end, mut count, mut digits) = (i, 0, 0);
    while count <= max {
        let b = at(bytes, end);
        if alnum(b) {
            count += 1;
            digits += usize::from(digit(b));
        } else {
            // A blank goes on only to digits: words follow most numbers.
            let next = at(bytes, end + 1);
            let goes_on = b == b' ' && digit(next)
                || matches!(b, b'-' | b'/') && alnum(next)
                || b == b'.' && digit(next);
            if !goes_on || end == i {
                break;
            }
        }
        end += 1;
    }
    (count, digits, end)
}

/// ICAO 9303 and the numbers of the main countries: six to nine characters, five of them digits,
/// letters at the ends alone.
fn passport(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let end = run(bytes, i, 16, alnum);
    let head = run(bytes, i, 4, |b| b.is_ascii_alphabetic());
    let code = cut(text, i, end);
    if head == end && matches!(at(bytes, end), b' ' | b'-') && head - i <= 3 {
        // `AB 1234567`.
        let end = run(bytes, end + 1, 10, digit);
        let count = end - head - 1;
        return ((6..=8).contains(&count) && bounded(bytes, end)).then_some((i, end));
    }
    // `60 71 800733`: Russia's, series and number.
    let parted = run(bytes, end, 1, blank);
    if code.bytes().all(|b| b.is_ascii_digit()) && code.len() <= 4 && parted > end {
        let (count, digits, end) = document(bytes, i, 12);
        let whole = digits == count && (8..=10).contains(&count);
        return (whole && opens(bytes, i) && bounded(bytes, end)).then_some((i, end));
    }
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let shaped = (6..=12).contains(&code.len()) && digits >= 5 && head - i <= 3;
    let date = code.len() == 8 && (code.starts_with("19") || code.starts_with("20"));
    let made = (shaped && !date || german(code)) && !same(code.as_bytes());
    (made && opens(bytes, i) && bounded(bytes, end)).then_some((i, end))
}

/// Nine or ten characters of the alphabet that German documents use.
fn german(code: &str) -> bool {
    let known = |b: u8| digit(b) || b"CFGHJKLMNPRTVWXYZ".contains(&b);
    matches!(code.len(), 9 | 10) && code.bytes().all(known) && code.bytes().any(digit)
}

/// An identifier whose check is wrong or unknown: six to eighteen characters, six of them digits,
/// no time and no date.
fn mistyped(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let (count, digits, end) = document(bytes, i, 18);
    let epoch = at(bytes, i) == b'1' && matches!(count, 10 | 13 | 16);
    let plain = run(bytes, i, 20, digit) == end && epoch;
    let dated = birth::numeric(text, i).is_some();
    let lower = cut(text, i, end).bytes().any(|b| b.is_ascii_lowercase());
    let shaped = (6..=18).contains(&count) && digits >= 6 && !lower;
    (shaped && !plain && !dated && opens(bytes, i) && bounded(bytes, end)).then_some((i, end))
}

/// DVLA: five letters of the surname, decade, month (50 more for women), day, year, initials.
fn gb_driving_licence(n: &[u8]) -> bool {
    let name = n.get(..5).unwrap_or(&[]);
    let letters = name.iter().take_while(|b| b.is_ascii_uppercase()).count();
    let filled = name.iter().skip(letters).all(|b| *b == b'9');
    let month = small(n, 6, 8) % 50;
    let day = small(n, 8, 10);
    let dated = date(2_000, month, day) && small(n, 6, 8) / 50 <= 1;
    let initials = n.get(11..13).unwrap_or(&[]);
    let named = initials
        .iter()
        .all(|b| b.is_ascii_uppercase() || *b == b'9');
    letters >= 1 && filled && dated && named && value(n, 10) <= 9
}

/// From how many characters on a licence's number may have few digits, as Germany's.
const LETTERED_CHARS_MIN: usize = 9;

/// Driving licences: six to eighteen characters, five of them digits, or three in a long one that
/// is in capitals.
fn licence(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let (count, digits, end) = document(bytes, i, 18);
    let code = cut(text, i, end);
    let upper = count >= LETTERED_CHARS_MIN && !code.bytes().any(|b| b.is_ascii_lowercase());
    let shaped = (6..=18).contains(&count) && (digits >= 5 || upper && digits >= 3);
    (shaped && opens(bytes, i) && bounded(bytes, end)).then_some((i, end))
}

/// Words behind which a number plate stands.
#[rustfmt::skip]
const PLATES: &[&str] = &[
    "license plate", "licence plate", "licenseplate", "licenceplate", "number plate",
    "numberplate", "plate number", "plate no", "platenumber", "registration plate",
    "vehicle registration", "kfz-kennzeichen", "kennzeichen", "immatriculation",
    "plaque d'immatriculation", "matrícula", "matricula", "targa", "placa", "kenteken",
    "nummerplaat", "tablica rejestracyjna", "registreringsnummer", "plaka",
    "госномер", "车牌号", "车牌", "車牌", "ナンバープレート", "차량번호",
];

/// The number plate behind the words at `i`: two to nine characters in at most three groups, with
/// letters and digits, all in capitals.
pub(crate) fn plate(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let label = PLATES
        .iter()
        .filter(|label| crate::bytes::starts_nocase(bytes, i, label.as_bytes()))
        .max_by_key(|label| label.len())?;
    let mut start = i + label.len();
    for filler in [" number", " no.", " no", " nr.", " nr", " is", " was"] {
        if crate::bytes::starts_nocase(bytes, start, filler.as_bytes()) {
            start += filler.len();
        }
    }
    let signs = |b: u8| matches!(b, b' ' | b':' | b'=' | b'"' | b'\\' | b'\'' | b'#' | b'>');
    let open = run(bytes, start, 8, signs);
    let (mut end, mut letters, mut digits, mut groups) = (open, 0, 0, 1);
    while letters + digits <= 9 {
        let b = at(bytes, end);
        if digit(b) {
            digits += 1;
        } else if b.is_ascii_uppercase() {
            letters += 1;
        } else if matches!(b, b' ' | b'-') && groups < 3 && plate_goes_on(bytes, end + 1) {
            groups += 1;
        } else {
            break;
        }
        end += 1;
    }
    let shaped =
        open > start && letters >= 1 && digits >= 1 && (4..=9).contains(&(letters + digits));
    (shaped && bounded(bytes, end)).then_some((open, end))
}

/// Whether a group of capitals or digits begins at `i`, and is no word.
fn plate_goes_on(bytes: &[u8], i: usize) -> bool {
    let accept = |b: u8| b.is_ascii_uppercase() || digit(b);
    let end = run(bytes, i, 5, accept);
    (1..=4).contains(&(end - i)) && !alnum(at(bytes, end))
}

#[cfg(test)]
mod tests {
    use crate::ident::find;
    use crate::ident::table::check;
    use crate::ident::table::check_texts;

    #[test]
    fn rows() {
        check(&[
            ("national.passport", "C01X00T47", "C01X"),
            ("national.passport", "123456789", "12345"),
            ("national.passport", "AB 1234567", "AB 12345"),
            (
                "national.gb_driving_licence",
                "MORGA657054SM9IJ",
                "MORGA673054SM9IJ",
            ),
            ("national.driving_licence", "D123-4567-8901", "D12"),
            ("national.health_record", "12345678", "12345"),
        ]);
    }

    #[test]
    fn plates_stand_behind_their_words() {
        check_texts(
            char::is_alphabetic,
            &[
                ("license plate: 7ABC123 seen", Some("7ABC123")),
                ("licence plate is AB12 CDE.", Some("AB12 CDE")),
                ("Kennzeichen B-MW 1234", Some("B-MW 1234")),
                ("immatriculation=\"AA-123-BB\"", Some("AA-123-BB")),
                ("plate number missing", None),
                ("license plate reader started", None),
            ],
        );
    }

    #[test]
    fn a_check_of_passports_is_none() {
        for text in [
            "passport check took 12345678 ms",
            "passport 20240117 expired",
            "tests pass 123456 of 9",
        ] {
            let at = text.find(char::is_numeric).unwrap();
            assert_eq!(find(text, at), None, "{text}");
        }
    }
}
