//! Identifiers of persons that are not names: numbers, addresses of networks, accounts.

use crate::check_digits::{digits, luhn, text};
use crate::draw::{DIGITS, Draw, HEX};
use crate::made::{Made, person};
use crate::numbers::{self, grouped, grown, segwit, vin};

use super::people;

/// A value by the name of its slot; the argument chooses a country or a form.
pub(crate) fn made(draw: &mut Draw, name: &str, argument: &str) -> Option<Made> {
    Some(match name {
        "email" => email(draw, argument),
        "phone" => phone(draw, argument),
        "phoneplain" => local_phone(draw),
        "card" => card(draw, argument),
        "iban" => iban(draw, argument),
        "ip" | "ip4" => person("ip", "v4", ip4(draw)),
        "ip6" => person("ip", "v6", ip6(draw)),
        "mac" => person("mac", "-", mac(draw)),
        "user" => person("user_name", "-", user(draw)),
        "birth" => birth(draw),
        "passport" => passport(draw),
        "licence" => licence(draw),
        "coord" => person("coordinates", "-", coordinates(draw)),
        "vin" => person("vin", "-", vin(draw, VEHICLES)),
        "imei" => person("imei", "-", imei(draw)),
        "crypto" => crypto(draw, argument),
        _ => return None,
    })
}

/// Mail to domains that are reserved (RFC 2606), or in another script.
fn email(draw: &mut Draw, form: &str) -> Made {
    let local = people::account(draw);
    if form == "intl" {
        let (local, domain, locale) = *draw.row(&[
            ("jürgen.öhlmann", "größe.example", "de"),
            ("用户七", "例子.测试", "zh"),
            ("żaneta.łoś", "poczta.example", "pl"),
            ("почта.отдел", "пример.испытание", "ru"),
            ("rené.château", "société.example", "fr"),
            ("björk", "xn--strm-0ra.example", "sv"),
        ]);
        return person(
            "email",
            locale,
            format!("{local}{}@{domain}", draw.between(1, 999)),
        );
    }
    if form == "spelled" {
        let (at, dot) = *draw.row(&[(" (at) ", " (dot) "), (" [at] ", " [dot] "), ("(at)", ".")]);
        let local = local.replace('.', "");
        return person("email", "-", format!("{local}{at}mail{dot}example{dot}com"));
    }
    let domain = draw.of(&[
        "mail.example",
        "example.com",
        "example.net",
        "post.example",
        "corp.example",
        "uni.example",
        "kunde.example",
        "familie.example",
        "webmail.test",
        "sub.mail.example.org",
    ]);
    let tag = draw.of(&["", "", "", "", "+news", "+shop2026", "_x", "-old"]);
    let value = format!("{local}{tag}@{domain}");
    let value = if draw.chance(7) {
        value.to_uppercase()
    } else {
        value
    };
    person("email", "-", value)
}

/// Countries with a form of their mobile numbers: `d` any digit, `n` one that is not 0.
const PHONES: &[(&str, &str)] = &[
    ("us", "+1 (212) 5nd-dddd"),
    ("us", "+1-415-5nd-dddd"),
    ("us", "+13125nddddd"),
    ("ca", "+1 604 5nd dddd"),
    ("gb", "+44 7nnd dddddd"),
    ("gb", "+447nnddddddd"),
    ("ie", "+353 87 ddd dddd"),
    ("de", "+49 151 nddddddd"),
    ("de", "+49-30-nddddddd"),
    ("at", "+43 664 nddd ddd"),
    ("ch", "+41 79 ndd dd dd"),
    ("fr", "+33 6 nd dd dd dd"),
    ("be", "+32 470 dd dd dd"),
    ("nl", "+31 6 nddddddd"),
    ("nl", "+316nddddddd"),
    ("es", "+34 6nd ddd ddd"),
    ("pt", "+351 912 ddd ddd"),
    ("it", "+39 347 ddd dddd"),
    ("dk", "+45 20 dd dd dd"),
    ("no", "+47 4nd dd ddd"),
    ("se", "+46 70-ddd dd dd"),
    ("fi", "+358 40 ddd dddd"),
    ("pl", "+48 601 ddd ddd"),
    ("cz", "+420 603 ddd ddd"),
    ("sk", "+421 905 ddd ddd"),
    ("hu", "+36 20 ddd dddd"),
    ("ro", "+40 722 ddd ddd"),
    ("bg", "+359 88 ddd dddd"),
    ("gr", "+30 694 ddd dddd"),
    ("hr", "+385 91 ddd dddd"),
    ("ua", "+380 67 ddd dd dd"),
    ("ru", "+7 916 ndd-dd-dd"),
    ("tr", "+90 532 ndd dd dd"),
    ("il", "+972 54-ndd-dddd"),
    ("ae", "+971 50 ndd dddd"),
    ("sa", "+966 50 ndd dddd"),
    ("eg", "+20 100 ndd dddd"),
    ("za", "+27 82 ndd dddd"),
    ("ng", "+234 803 ndd dddd"),
    ("ke", "+254 712 dddddd"),
    ("in", "+91 98nnd ddddd"),
    ("in", "+9198nnddddddd"),
    ("cn", "+86 138 dddd dddd"),
    ("jp", "+81 90-nddd-dddd"),
    ("kr", "+82 10-nddd-dddd"),
    ("sg", "+65 9ndd dddd"),
    ("my", "+60 12-ndd dddd"),
    ("th", "+66 81 ndd dddd"),
    ("vn", "+84 90 ndd dddd"),
    ("id", "+62 812-nddd-dddd"),
    ("ph", "+63 917 ndd dddd"),
    ("au", "+61 412 ddd ddd"),
    ("nz", "+64 21 ndd dddd"),
    ("br", "+55 11 9nddd-dddd"),
    ("br", "+55 (21) 9nddd-dddd"),
    ("ar", "+54 9 11 nddd-dddd"),
    ("cl", "+56 9 nddd dddd"),
    ("co", "+57 300 ndd dddd"),
    ("mx", "+52 55 nddd dddd"),
    ("pe", "+51 9nd ddd ddd"),
    ("de", "0049 171 nddddddd"),
    ("fr", "0033 6 nd dd dd dd"),
];

fn phone(draw: &mut Draw, country: &str) -> Made {
    let all: Vec<_> = PHONES
        .iter()
        .filter(|(of, _)| country.is_empty() || *of == country)
        .collect();
    if all.is_empty() {
        return local_phone(draw);
    }
    let (locale, form) = **draw.row(&all);
    person("phone", locale, grown(draw, form))
}

/// A number without its country's prefix: only behind a name that tells.
fn local_phone(draw: &mut Draw) -> Made {
    let (locale, form) = *draw.row(&[
        ("us", "(646) 5nd-dddd"),
        ("us", "7185nddddd"),
        ("us", "303-5nd-dddd"),
        ("de", "0171 nddddddd"),
        ("de", "030/nddddddd"),
        ("fr", "06 nd dd dd dd"),
        ("gb", "07nnd dddddd"),
        ("es", "6nd ddd ddd"),
        ("it", "347 ndddddd"),
        ("nl", "06-nddddddd"),
        ("in", "98nnddddddd"),
        ("jp", "090-nddd-dddd"),
        ("br", "(11) 9nddd-dddd"),
        ("pl", "601 ddd ddd"),
        ("au", "0412 ddd ddd"),
        ("se", "070-ddd dd dd"),
        ("cn", "138dddddddd"),
        ("kr", "010-nddd-dddd"),
    ]);
    person("phone", locale, grown(draw, form))
}

/// Networks with their leading digits and lengths, as ISO/IEC 7812 registers them.
const NETWORKS: &[(&str, &str, usize)] = &[
    ("visa", "4539", 16),
    ("visa", "4916", 16),
    ("visa", "402400", 16),
    ("mastercard", "5425", 16),
    ("mastercard", "222300", 16),
    ("mastercard", "5105", 16),
    ("amex", "3782", 15),
    ("amex", "3413", 15),
    ("discover", "6011", 16),
    ("discover", "6445", 16),
    ("jcb", "3566", 16),
    ("diners", "3052", 14),
    ("diners", "3612", 14),
    ("unionpay", "6223", 16),
    ("maestro", "675941", 16),
    ("mir", "2202", 16),
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
        ("", 8) => "-",
        ("", 9) => ".",
        _ => " ",
    };
    person("card", network, grouped(&plain, groups, sign))
}

fn iban(draw: &mut Draw, country: &str) -> Made {
    let (locale, plain) = numbers::iban(draw, country);
    let value = match draw.below(10) {
        0..4 => grouped(&plain, &[4; 9], " "),
        4 => plain.to_lowercase(),
        _ => plain,
    };
    person("iban", locale, value)
}

/// An address of version 4 outside the ranges that mean nobody.
fn ip4(draw: &mut Draw) -> String {
    let first = *draw.row(&[
        203, 198, 81, 91, 46, 185, 77, 10, 172, 192, 104, 52, 24, 150,
    ]);
    let second = match first {
        172 => draw.between(16, 31),
        192 => 168,
        _ => draw.between(12, 240),
    };
    format!(
        "{first}.{second}.{}.{}",
        draw.between(2, 250),
        draw.between(2, 250)
    )
}

fn ip6(draw: &mut Draw) -> String {
    let group = |draw: &mut Draw| draw.string("123456789abcdef", 1) + &draw.string(HEX, 3);
    let groups: Vec<String> = (0..6).map(|_| group(draw)).collect();
    let tail = groups.join(":");
    match draw.below(3) {
        0 => format!("2001:db8:{tail}"),
        1 => format!("2a02:8109:{}::{}", group(draw), group(draw)),
        _ => format!(
            "fe80::{}:{}:{}:{}",
            group(draw),
            group(draw),
            group(draw),
            group(draw)
        ),
    }
}

fn mac(draw: &mut Draw) -> String {
    let sign = draw.of(&[":", ":", "-"]);
    let of = if draw.chance(70) {
        HEX
    } else {
        "0123456789ABCDEF"
    };
    let first = draw.of(&["3c", "a4", "f0", "08", "54"]);
    let first = if of == HEX {
        first.to_owned()
    } else {
        first.to_uppercase()
    };
    let mut parts = vec![first];
    parts.extend((0..5).map(|_| draw.string(of, 2)));
    parts.join(sign)
}

fn user(draw: &mut Draw) -> String {
    let account = people::account(draw);
    match draw.below(4) {
        0 => account.replace('.', "_"),
        1 => account.replace('.', "") + &draw.string("123456789", 2),
        _ => account,
    }
}

fn birth(draw: &mut Draw) -> Made {
    let (y, m, d) = (
        draw.between(1_938, 2_007),
        draw.between(1, 12),
        draw.between(1, 28),
    );
    let (locale, value) = match draw.below(5) {
        0 => ("de", format!("{d:02}.{m:02}.{y}")),
        1 => ("us", format!("{m:02}/{d:02}/{y}")),
        2 => ("gb", format!("{d:02}/{m:02}/{y}")),
        _ => ("iso", format!("{y}-{m:02}-{d:02}")),
    };
    person("birth", locale, value)
}

fn passport(draw: &mut Draw) -> Made {
    let (locale, form) = *draw.row(&[
        ("de", "Cdddddddd"),
        ("us", "nddddddd d"),
        ("us", "Ynddddddd"),
        ("gb", "nddddddddd"),
        ("fr", "ndAAddddd"),
        ("it", "YAddddddd"),
        ("es", "AAAdddddd"),
        ("in", "Anddddd d"),
        ("jp", "AAddddddd"),
        ("cn", "Edddddddd"),
        ("nl", "NAdddddd2"),
        ("pl", "AAddddddd"),
        ("ca", "AAdddddd"),
        ("br", "AAdddddd"),
        ("kr", "Mdddddddd"),
        ("au", "Addddddd"),
    ]);
    let value = grown(draw, form).replace(' ', "");
    person("passport", locale, value)
}

fn licence(draw: &mut Draw) -> Made {
    let (locale, form) = *draw.row(&[
        ("us", "Anddddddd"),
        ("us", "And-ddd-dd-ddd-d"),
        ("us", "Anddd-dddd-dddd"),
        ("gb", "AAAAAnddddddAA9AA"),
        ("de", "Bnddddddd11"),
        ("fr", "ndddddddddd9"),
        ("it", "UnAdddddddA"),
        ("in", "KAnd 2019ddddddd"),
        ("au", "nddddddd"),
        ("nl", "ndddddddd7"),
    ]);
    let value = grown(draw, form);
    person("driver_licence", locale, value)
}

/// A place to a few metres.
fn coordinates(draw: &mut Draw) -> String {
    let (lat, lon) = (draw.between(1, 69), draw.between(2, 170));
    let (a, b) = (draw.string(DIGITS, 5), draw.string(DIGITS, 5));
    let (ns, ew) = (draw.of(&["", "", "-"]), draw.of(&["", "-"]));
    let sign = draw.of(&[", ", ",", ";"]);
    format!("{ns}{lat}.{a}7{sign}{ew}{lon}.{b}3")
}

/// Makers and models of vehicles, as their numbers begin.
const VEHICLES: &[&str] = &["1HGCM", "WVWZZ", "JTDKB", "5YJ3E", "WBA8E", "3FA6P"];

fn imei(draw: &mut Draw) -> String {
    let mut number = digits(draw.of(&["35693803", "86147503", "01326800", "99000086"]));
    number.extend(draw.digits(6));
    number.push(luhn(&number));
    text(&number)
}

/// Addresses of currencies whose check is not computed here keep to published examples.
fn crypto(draw: &mut Draw, form: &str) -> Made {
    const BITCOIN: &[&str] = &[
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
        "1CounterpartyXXXXXXXXXXXXXXXUWLpVr",
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ];
    if form == "btc" || (form.is_empty() && draw.chance(40)) {
        return person("crypto", "btc", draw.of(BITCOIN).to_owned());
    }
    if form == "segwit" || draw.chance(30) {
        return person("crypto", "btc", segwit(draw));
    }
    // Without mixed case there is no check in it (EIP-55).
    person("crypto", "eth", format!("0x{}", draw.string(HEX, 40)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_pass() {
        let mut draw = Draw::new(5, 5);
        for _ in 0..500 {
            let number = digits(&card(&mut draw, "").value);
            let (last, rest) = number.split_last().unwrap();
            assert_eq!(luhn(rest), *last);
        }
    }
}
