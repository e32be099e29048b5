//! Identifiers of persons that are not names: numbers, addresses of networks, accounts.

use crate::draw::{DIGITS, Draw, HEX, UPPER};

use super::check_digits::{digits, luhn, modulo, text, weighted};
use super::people;
use super::value::{Made, person};

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
        "vin" => person("vin", "-", vin(draw)),
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

fn grown(draw: &mut Draw, form: &str) -> String {
    form.chars()
        .map(|c| match c {
            'd' => draw.string(DIGITS, 1),
            'n' => draw.string("23456789", 1),
            'A' => draw.string(UPPER, 1),
            c => c.to_string(),
        })
        .collect()
}

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

fn grouped(plain: &str, groups: &[usize], sign: &str) -> String {
    let mut rest = plain;
    let mut parts = Vec::new();
    for count in groups {
        let (head, tail) = rest.split_at((*count).min(rest.len()));
        parts.push(head);
        rest = tail;
    }
    parts.push(rest);
    parts.retain(|part| !part.is_empty());
    parts.join(sign)
}

/// Countries with letters, a count of digits and what ends it, behind the check digits (the IBAN
/// registry of ISO 13616).
const IBANS: &[(&str, &str, usize, &str)] = &[
    ("DE", "", 18, ""),
    ("AT", "", 16, ""),
    ("CH", "", 17, ""),
    ("FR", "", 23, ""),
    ("BE", "", 12, ""),
    ("NL", "AAAA", 10, ""),
    ("LU", "", 16, ""),
    ("ES", "", 20, ""),
    ("PT", "", 21, ""),
    ("IT", "A", 22, ""),
    ("GB", "AAAA", 14, ""),
    ("IE", "AAAA", 14, ""),
    ("DK", "", 14, ""),
    ("NO", "", 11, ""),
    ("SE", "", 20, ""),
    ("FI", "", 14, ""),
    ("PL", "", 24, ""),
    ("CZ", "", 20, ""),
    ("SK", "", 20, ""),
    ("HU", "", 24, ""),
    ("RO", "AAAA", 16, ""),
    ("BG", "AAAA", 14, ""),
    ("GR", "", 23, ""),
    ("HR", "", 17, ""),
    ("SI", "", 15, ""),
    ("EE", "", 16, ""),
    ("LV", "AAAA", 13, ""),
    ("LT", "", 16, ""),
    ("TR", "", 22, ""),
    ("UA", "", 25, ""),
    ("AE", "", 19, ""),
    ("SA", "", 20, ""),
    ("IL", "", 19, ""),
    ("CY", "", 24, ""),
    ("MT", "AAAA", 23, ""),
    ("IS", "", 22, ""),
    ("KZ", "", 16, ""),
    ("GE", "AA", 16, ""),
    ("PK", "AAAA", 16, ""),
    ("BR", "", 23, "Ad"),
];

fn iban(draw: &mut Draw, country: &str) -> Made {
    let all: Vec<_> = IBANS
        .iter()
        .filter(|row| country.is_empty() || row.0 == country)
        .collect();
    let (locale, letters, count, end) = **draw.row(&all);
    let body = grown(draw, &format!("{letters}{}{end}", "d".repeat(count)));
    let check = 98 - modulo(&format!("{body}{locale}00"), 97);
    let plain = format!("{locale}{check:02}{body}");
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

/// A vehicle's number with its check digit (ISO 3779, 49 CFR 565).
pub(crate) fn vin(draw: &mut Draw) -> String {
    const OF: &str = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789";
    let start = draw.of(&["1HGCM", "WVWZZ", "JTDKB", "5YJ3E", "WBA8E", "3FA6P"]);
    let mut chars: Vec<char> = (start.to_owned() + &draw.string(OF, 12)).chars().collect();
    if let Some(slot) = chars.get_mut(8) {
        *slot = '0';
    }
    let rest = vin_sum(&chars) % 11;
    if let Some(slot) = chars.get_mut(8) {
        *slot = char::from_digit(rest, 10).unwrap_or('X');
    }
    chars.into_iter().collect()
}

/// The weighted sum of a vehicle's number.
fn vin_sum(chars: &[char]) -> u32 {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let worth = |c: &char| match *c {
        'A'..='I' => u32::from(*c) - 64,
        'J'..='R' => u32::from(*c) - 73,
        'S'..='Z' => u32::from(*c) - 81,
        c => c.to_digit(10).unwrap_or(0),
    };
    weighted(&chars.iter().map(worth).collect::<Vec<_>>(), &WEIGHTS)
}

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

/// An address of version 0 for a key's hash, with its checksum (BIP-173).
fn segwit(draw: &mut Draw) -> String {
    const OF: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    // The expanded prefix "bc", the version, 32 groups of five bits.
    let mut groups = vec![0];
    groups.extend((0..32).map(|_| draw.below(32) as u32));
    let mut all = vec![3, 3, 0, 2, 3];
    all.extend(&groups);
    all.extend([0; 6]);
    let check = polymod(&all) ^ 1;
    groups.extend((0..6).map(|n| (check >> (5 * (5 - n))) & 31));
    let text = groups.iter().filter_map(|group| OF.get(*group as usize));
    format!(
        "bc1{}",
        text.map(|byte| char::from(*byte)).collect::<String>()
    )
}

/// The checksum's remainder.
fn polymod(groups: &[u32]) -> u32 {
    const BY: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    groups.iter().fold(1, |check, group| {
        let top = check >> 25;
        BY.iter()
            .enumerate()
            .filter(|(n, _)| top >> n & 1 == 1)
            .fold((check & 0x01ff_ffff) << 5 ^ group, |check, (_, by)| {
                check ^ by
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_address_has_the_published_checksum() {
        const OF: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let groups = "qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4".chars();
        let mut all = vec![3, 3, 0, 2, 3];
        all.extend(groups.map(|c| OF.find(c).unwrap() as u32));
        assert_eq!(polymod(&all), 1);
    }

    #[test]
    fn published_numbers_pass_and_made_ones_too() {
        let example: Vec<char> = "1M8GDM9AXKP042788".chars().collect();
        assert_eq!(
            vin_sum(&example) % 11,
            10,
            "the example of the regulation has an X"
        );
        let mut draw = Draw::new(5, 5);
        for _ in 0..500 {
            let iban = iban(&mut draw, "").value.to_uppercase().replace(' ', "");
            let (head, tail) = iban.split_at(4);
            assert_eq!(modulo(&format!("{tail}{head}"), 97), 1, "{iban}");
            let number = digits(&card(&mut draw, "").value);
            let (last, rest) = number.split_last().unwrap();
            assert_eq!(luhn(rest), *last);
            let vin: Vec<char> = vin(&mut draw).chars().collect();
            let check = vin[8].to_digit(10).unwrap_or(10);
            assert_eq!(vin_sum(&vin) % 11, check);
        }
    }
}
