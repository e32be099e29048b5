//! Identifiers of persons of the held-back half that are not names.

use crate::check_digits::{digits, luhn, text};
use crate::draw::{DIGITS, Draw, HEX, UPPER};
use crate::made::{Made, person};
use crate::numbers::{grouped, grown, iban, segwit, vin};

use super::people;

/// A value by the name of its slot; the argument chooses a country or a form.
pub(crate) fn made(draw: &mut Draw, name: &str, argument: &str) -> Option<Made> {
    Some(match name {
        "email" => email(draw, argument),
        "phone" => phone(draw, argument),
        "e164" => e164(phone(draw, argument)),
        "tel" => local_phone(draw),
        "msisdn" => msisdn(draw),
        "card" => card(draw, argument),
        "iban" => account(draw, argument),
        "ip" => person("ip", "v4", ip4(draw)),
        "ip6" => person("ip", "v6", ip6(draw)),
        "mac" => mac(draw, argument),
        "user" => person("user_name", "-", people::account(draw)),
        "uidnumber" => person(
            "user_name",
            "-",
            draw.string(UPPER, 1) + &draw.string(DIGITS, 6),
        ),
        "birth" => birth(draw, argument),
        "passport" => passport(draw, argument),
        "licence" => licence(draw, argument),
        "coord" => person("coordinates", "-", coordinates(draw)),
        "geo" => person("coordinates", "-", geo(draw)),
        "nmea" => person("coordinates", "-", nmea(draw)),
        "vin" => person("vin", "-", vin(draw, VEHICLES)),
        "imei" => person("imei", "-", imei(draw)),
        "crypto" => crypto(draw, argument),
        _ => return None,
    })
}

/// Mail to domains that are reserved (RFC 2606, RFC 6761), some in another script.
fn email(draw: &mut Draw, form: &str) -> Made {
    const DOMAINS: &[&str] = &[
        "example.com",
        "example.net",
        "example.org",
        "mail.example.com",
        "students.example.edu",
        "kunde.example",
        "post.example.net",
        "firma.example",
        "webmail.example",
        "clinic.example",
        "posteo.invalid",
        "inbox.test",
    ];
    let domain = draw.of(DOMAINS);
    match (form, draw.below(20)) {
        ("", 0) => {
            let (mailbox, domain, locale) = *draw.row(&[
                ("jörg.weiß", "bücher.example", "de"),
                ("почта.ирины", "пример.example", "ru"),
                ("françois", "société.example", "fr"),
                ("用户", "例子.example", "zh"),
                ("καλλιόπη", "παράδειγμα.example", "el"),
            ]);
            let number = draw.between(2, 99);
            person("email", locale, format!("{mailbox}{number}@{domain}"))
        }
        ("", 1) => {
            let mailbox = people::mailbox(draw).to_uppercase();
            person("email", "-", format!("{mailbox}@{}", domain.to_uppercase()))
        }
        _ => person("email", "-", format!("{}@{domain}", people::mailbox(draw))),
    }
}

/// Numbers with their country's prefix (ITU-T E.164), in the forms that are usual there.
const PHONES: &[(&str, &str)] = &[
    ("us", "+1 (415) 555-01dd"),
    ("us", "+1-503-555-01dd"),
    ("us", "+1.713.555.01dd"),
    ("ca", "+1 604 555 01dd"),
    ("gb", "+44 7700 900ddd"),
    ("gb", "+44 (0)20 7946 0ddd"),
    ("ie", "+353 85 ndd dddd"),
    ("de", "+49 30 nddddddd"),
    ("de", "+49 (0)89 ndddddd"),
    ("de", "+49-160-ndddddd"),
    ("at", "+43 664 nddddddd"),
    ("ch", "+41 79 ndd dd dd"),
    ("fr", "+33 6 nd dd dd dd"),
    ("fr", "+33.1.nd.dd.dd.dd"),
    ("be", "+32 47d nd dd dd"),
    ("nl", "+31 6 nddd dddd"),
    ("lu", "+352 621 ddd ddd"),
    ("es", "+34 6nd ddd ddd"),
    ("pt", "+351 91n ddd ddd"),
    ("it", "+39 33n ddd dddd"),
    ("se", "+46 70-ndd dd dd"),
    ("no", "+47 4nd dd ddd"),
    ("dk", "+45 nd dd dd dd"),
    ("fi", "+358 40 ndd dddd"),
    ("is", "+354 8nd dddd"),
    ("pl", "+48 60n ddd ddd"),
    ("cz", "+420 60n ddd ddd"),
    ("sk", "+421 90n ddd ddd"),
    ("hu", "+36 30 ndd dddd"),
    ("ro", "+40 72n ddd ddd"),
    ("bg", "+359 88 ndd dddd"),
    ("gr", "+30 69n ddd dddd"),
    ("hr", "+385 91 ndd dddd"),
    ("tr", "+90 53n ddd dd dd"),
    ("ua", "+380 67 ndd dd dd"),
    ("ru", "+7 (916) ndd-dd-dd"),
    ("il", "+972 52-ndd-dddd"),
    ("ae", "+971 50 ndd dddd"),
    ("in", "+91 98nd ddd ddd"),
    ("cn", "+86 138 nddd dddd"),
    ("jp", "+81 90-nddd-dddd"),
    ("kr", "+82 10-nddd-dddd"),
    ("sg", "+65 9ndd dddd"),
    ("id", "+62 812-nddd-dddd"),
    ("vn", "+84 90 ndd dd dd"),
    ("th", "+66 81 ndd dddd"),
    ("au", "+61 491 57d ddd"),
    ("nz", "+64 27 ndd dddd"),
    ("za", "+27 82 ndd dddd"),
    ("ke", "+254 72n ddd ddd"),
    ("ng", "+234 803 ndd dddd"),
    ("br", "+55 41 9nddd-dddd"),
    ("mx", "+52 81 nddd dddd"),
    ("ar", "+54 9 341 ndd-dddd"),
    ("co", "+57 31n ndd dddd"),
];

fn phone(draw: &mut Draw, country: &str) -> Made {
    let fits = |row: &&(&'static str, &'static str)| country.is_empty() || row.0 == country;
    let all: Vec<_> = PHONES.iter().filter(fits).collect();
    let (country, form) = **draw.row(&all);
    let value = grown(draw, form);
    let made = person("phone", country, value);
    if draw.chance(40) {
        return e164(made);
    }
    made
}

/// A number as machines write it, without what parts the groups.
fn e164(mut made: Made) -> Made {
    made.value = made.value.replace("(0)", "");
    made.value.retain(|c| c.is_ascii_digit() || c == '+');
    made
}

/// A number as it is dialled at home; a word or name before it has to tell.
fn local_phone(draw: &mut Draw) -> Made {
    let (country, form) = *draw.row(&[
        ("us", "(206) 555-01dd"),
        ("us", "312-555-01dd"),
        ("gb", "07700 900ddd"),
        ("gb", "0113 496 0ddd"),
        ("de", "0221/ndddddd"),
        ("de", "0151 ndddddd"),
        ("fr", "06 nd dd dd dd"),
        ("es", "6nd dd dd dd"),
        ("it", "347 ndddddd"),
        ("nl", "06-ndddddddd"),
        ("pl", "50n ddd ddd"),
        ("se", "0735-nd dd dd"),
        ("br", "(11) 9nddd-dddd"),
        ("jp", "080-nddd-dddd"),
        ("au", "0491 570 ddd"),
        ("ru", "8 (903) ndd-dd-dd"),
    ]);
    person("phone", country, grown(draw, form))
}

/// A subscriber's number as networks of telephones log it: digits alone.
fn msisdn(draw: &mut Draw) -> Made {
    let (country, form) = *draw.row(&[
        ("de", "49171nddddddd"),
        ("gb", "447700900ddd"),
        ("in", "9198nddddddd"),
        ("fr", "336nddddddd"),
        ("br", "55119nddddddd"),
        ("ng", "234803ndddddd"),
    ]);
    person("phone", country, grown(draw, form))
}

/// Networks' first digits and lengths (ISO/IEC 7812).
const NETWORKS: &[(&str, &str, usize)] = &[
    ("visa", "4532", 16),
    ("visa", "4916", 16),
    ("visa", "448512", 16),
    ("visa", "414720", 16),
    ("mastercard", "5240", 16),
    ("mastercard", "5512", 16),
    ("mastercard", "2305", 16),
    ("amex", "3714", 15),
    ("amex", "3499", 15),
    ("discover", "6011", 16),
    ("discover", "6517", 16),
    ("jcb", "3541", 16),
    ("diners", "3658", 14),
    ("unionpay", "6225", 16),
    ("maestro", "6304", 16),
    ("mir", "2200", 16),
];

fn card(draw: &mut Draw, form: &str) -> Made {
    let (network, start, length) = *draw.row(NETWORKS);
    let mut number = digits(start);
    number.extend(draw.digits(length - 1 - number.len()));
    number.push(luhn(&number));
    let plain = text(&number);
    let groups: &[usize] = match length {
        15 => &[4, 6, 5],
        14 => &[4, 6, 4],
        _ => &[4, 4, 4, 4],
    };
    let sign = match (form, draw.below(10)) {
        ("plain", _) | ("", 0..5) => "",
        ("", 7..9) => "-",
        _ => " ",
    };
    person("card", network, grouped(&plain, groups, sign))
}

fn account(draw: &mut Draw, form: &str) -> Made {
    let country = if form == "plain" { "" } else { form };
    let (locale, plain) = iban(draw, country);
    let value = if form != "plain" && draw.chance(45) {
        grouped(&plain, &[4; 9], " ")
    } else {
        plain
    };
    person("iban", locale, value)
}

/// An address of version 4, public, private or of documentation.
fn ip4(draw: &mut Draw) -> String {
    let (a, b) = match draw.below(10) {
        0 => (198, 51),
        1 => (203, 0),
        2..4 => (10, draw.between(0, 255)),
        4 => (192, 168),
        5 => (172, draw.between(16, 31)),
        _ => {
            let first = *draw.row(&[23, 31, 62, 78, 84, 89, 93, 109, 141, 176, 188, 212, 217]);
            (first, draw.between(1, 254))
        }
    };
    let c = match (a, b) {
        (198, 51) => 100,
        (203, 0) => 113,
        _ => draw.between(0, 254),
    };
    format!("{a}.{b}.{c}.{}", draw.between(1, 254))
}

fn ip6(draw: &mut Draw) -> String {
    let mut group = || draw.string("123456789abcdef", 1) + &draw.string(HEX, 3);
    let [a, b, c, d] = [group(), group(), group(), group()];
    match draw.below(4) {
        0 => format!("2001:db8:{a}:{b}::{c}"),
        1 => format!("2003:{a}:{b}:{c}:{d}:5eff:fe4a:{a}"),
        2 => format!("2606:4700:{a}::{b}:{c}"),
        _ => format!("fd{}:{a}:{b}::{c}", draw.string(HEX, 2)),
    }
}

fn mac(draw: &mut Draw, form: &str) -> Made {
    // The second least bit of the first byte tells addresses given by hand.
    let first = draw.of(&["00", "3c", "b8", "dc", "a4", "f0", "5c"]);
    let mut bytes = vec![first.to_owned()];
    bytes.extend((0..5).map(|_| draw.string(HEX, 2)));
    let value = match (form, draw.below(10)) {
        ("", 0) => grouped(&bytes.concat(), &[4, 4, 4], "."),
        ("dash", _) | ("", 1..3) => bytes.join("-").to_uppercase(),
        ("", 3..5) => bytes.join(":").to_uppercase(),
        _ => bytes.join(":"),
    };
    person("mac", "-", value)
}

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn birth(draw: &mut Draw, form: &str) -> Made {
    let (year, month, day) = (
        draw.between(1_938, 2_007),
        draw.between(1, 12),
        draw.between(1, 28),
    );
    let name = MONTHS.get(month as usize - 1).copied().unwrap_or("May");
    let (locale, value) = match (form, draw.below(8)) {
        ("solid", _) => ("-", format!("{year}{month:02}{day:02}")),
        ("iso", _) | ("", 0..3) => ("-", format!("{year}-{month:02}-{day:02}")),
        ("", 3) => ("us", format!("{month:02}/{day:02}/{year}")),
        ("", 4) => ("de", format!("{day:02}.{month:02}.{year}")),
        ("", 5) => ("gb", format!("{day} {name} {year}")),
        ("", 6) => ("us", format!("{name} {day}, {year}")),
        _ => ("nl", format!("{day:02}-{month:02}-{year}")),
    };
    person("birth", locale, value)
}

/// Passports as their states number them; a word or name before them has to tell.
fn passport(draw: &mut Draw, country: &str) -> Made {
    let all: Vec<_> = [
        ("de", "C01Xnddd1"),
        ("gb", "nddddddd5"),
        ("us", "AAnddddddd"),
        ("fr", "ndCVddddd"),
        ("it", "YAnddddd1"),
        ("es", "PAAnddddd"),
        ("in", "Mnddddd1"),
        ("nl", "NAAAn1ddd"),
        ("pl", "EAnddddd1"),
        ("jp", "TKndddddd"),
        ("br", "FAndddd12"),
        ("ua", "FEndddd33"),
    ]
    .into_iter()
    .filter(|row| country.is_empty() || row.0 == country)
    .collect();
    let (country, form) = *draw.row(&all);
    person("passport", country, grown(draw, form))
}

/// Licences as their states number them; a word or name before them has to tell.
fn licence(draw: &mut Draw, country: &str) -> Made {
    let all: Vec<_> = [
        ("us", "Andddddd"),
        ("us", "A123-ndddd-ddddd"),
        ("gb", "WHITL7nddd1AA9AA"),
        ("de", "B072RRE2Ind"),
        ("fr", "12ndddddddd1"),
        ("ca", "A1234-nddd-ddddd"),
        ("au", "nddddddd"),
        ("in", "MH12 2011nddddd1"),
        ("it", "U1Andddd5B"),
    ]
    .into_iter()
    .filter(|row| country.is_empty() || row.0 == country)
    .collect();
    let (country, form) = *draw.row(&all);
    person("driver_licence", country, grown(draw, form))
}

fn degrees(draw: &mut Draw) -> (String, String) {
    let (lat, lon) = (draw.between(3, 68), draw.between(2, 170));
    let (a, b) = (draw.string(DIGITS, 5), draw.string(DIGITS, 5));
    let (south, west) = (draw.of(&["", "", "-"]), draw.of(&["", "-"]));
    (format!("{south}{lat}.{a}3"), format!("{west}{lon}.{b}9"))
}

/// A place to a few metres: two degrees with a sign between.
fn coordinates(draw: &mut Draw) -> String {
    let (lat, lon) = degrees(draw);
    let sign = draw.of(&[",", ", "]);
    format!("{lat}{sign}{lon}")
}

/// A place as a URI (RFC 5870) holds it.
fn geo(draw: &mut Draw) -> String {
    let (lat, lon) = degrees(draw);
    format!("{lat},{lon}")
}

/// Degrees and minutes as receivers print them (NMEA 0183).
fn nmea(draw: &mut Draw) -> String {
    let (lat, lon) = (draw.between(10, 68), draw.between(10, 170));
    let (a, b) = (draw.between(10, 59), draw.between(10, 59));
    let (c, d) = (draw.string(DIGITS, 4), draw.string(DIGITS, 4));
    let (ns, ew) = (draw.of(&["N", "S"]), draw.of(&["E", "W"]));
    format!("{lat:02}{a}.{c},{ns},{lon:03}{b}.{d},{ew}")
}

/// Makers and models of vehicles, as their numbers begin.
const VEHICLES: &[&str] = &[
    "1FTFW", "WAUZZ", "2T1BU", "JN1AZ", "4S3BM", "1G1ZD", "KMHD3",
];

fn imei(draw: &mut Draw) -> String {
    let mut number = digits(draw.of(&["35824005", "86891203", "35209900", "01415400"]));
    number.extend(draw.digits(6));
    number.push(luhn(&number));
    text(&number)
}

/// Addresses of currencies whose check is not computed here keep to published examples.
fn crypto(draw: &mut Draw, form: &str) -> Made {
    const PUBLISHED: &[(&str, &str)] = &[
        ("btc", "12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX"),
        ("btc", "1HLoD9E4SDFFPDiYfNYnkBLQ85Y51J3Zb1"),
        ("btc", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"),
        (
            "btc",
            "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
        ),
        ("eth", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        ("eth", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
        ("eth", "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"),
        ("xrp", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
    ];
    if form == "segwit" || draw.chance(45) {
        return person("crypto", "btc", segwit(draw));
    }
    if form == "eth" || draw.chance(40) {
        // Without mixed case there is no check in it (EIP-55).
        return person("crypto", "eth", format!("0x{}", draw.string(HEX, 40)));
    }
    let (locale, address) = *draw.row(PUBLISHED);
    person("crypto", locale, address.to_owned())
}
