//! Ways to reach a person: mail, telephone, the name of an account.

use super::Value;
use super::people::{ascii_name, given_name};
use crate::draw::{DIGITS, Draw};

const DOMAINS: &[&str] = &[
    "example.org",
    "example.com",
    "mail.example.net",
    "firma.example.de",
    "post.example.fr",
    "corp.example",
    "uni.example.edu",
    "example.co.uk",
    "shop.example.pl",
    "example.com.br",
    "kunde.test",
    "mx.example.jp",
];

const MAIL_KEYS: &[&str] = &[
    "email",
    "e mail",
    "user email",
    "contact email",
    "mail",
    "recipient",
    "customer email",
    "login",
    "to",
    "email address",
    "correo",
    "courriel",
    "reply to",
    "sender",
    "from",
    "billing email",
    "邮箱",
];

/// A mail address; one in twelve is internationalised.
pub(crate) fn email(draw: &mut Draw) -> Value {
    let (given, family) = ascii_name(draw);
    let mut local = match draw.below(7) {
        0 => format!("{given}.{family}"),
        1 => format!("{given}{}", draw.below(900) + 10),
        2 => format!("{given}_{family}"),
        3 => format!(
            "{given}.{family}+{}",
            draw.of(&["news", "shop", "test", "alerts"])
        ),
        4 => format!("{family}-{given}"),
        5 => format!("{}{family}", given.get(..1).unwrap_or("x")),
        _ => given,
    };
    let mut domain = draw.of(DOMAINS).to_owned();
    let mut locale = "-";
    match draw.below(48) {
        0 => {
            draw.of(&["bücher.example", "пример.example", "例え.example"])
                .clone_into(&mut domain);
            locale = "idn";
        }
        1..4 => {
            locale = draw.of(&["de", "ru", "zh", "es", "fr", "pl"]);
            local = given_name(draw, locale).to_lowercase();
        }
        _ => {}
    }
    Value::personal("email", format!("{local}@{domain}"))
        .told(
            MAIL_KEYS,
            &[
                "mail to",
                "e-mail",
                "for",
                "recipient",
                "sent to",
                "address",
            ],
        )
        .of(locale)
        .bare()
}

/// The name of an account.
pub(crate) fn user_name(draw: &mut Draw) -> Value {
    let (given, family) = ascii_name(draw);
    let first = given.get(..1).unwrap_or("x");
    let text = match draw.below(4) {
        0 => format!("{first}{family}{}", draw.between(2, 99)),
        1 => format!("{given}.{family}"),
        2 => format!("{given}_{}", draw.string(DIGITS, 3)),
        _ => format!("{given}{family}"),
    };
    Value::personal("user_name", text).told(
        &[
            "username",
            "user name",
            "user",
            "login name",
            "user login",
            "nickname",
            "screen name",
        ],
        &[
            "user",
            "for user",
            "username",
            "login by user",
            "account of user",
        ],
    )
}

/// Forms of numbers by country; `0` to `9` and signs as they are, `n` a digit, `N` one from 2 to 9.
const PHONES: &[(&str, &[&str], &[&str])] = &[
    (
        "us",
        &["+1 N12 555 nnnn", "+1NnnN55nnnn", "+1-Nnn-Nnn-nnnn"],
        &["(Nnn) Nnn-nnnn", "Nnn-Nnn-nnnn", "Nnn.Nnn.nnnn"],
    ),
    (
        "ca",
        &["+1 (416) Nnn-nnnn", "+1514Nnnnnnn"],
        &["604-Nnn-nnnn", "(905) Nnn-nnnn"],
    ),
    (
        "gb",
        &["+44 7700 900nnn", "+4420 7946 0nnn", "+447911nnnnnn"],
        &["020 7946 0nnn", "07700 900nnn"],
    ),
    (
        "de",
        &["+49 30 Nnnnnnn", "+49151Nnnnnnnn", "+49 (0)89 Nnnnnn-nn"],
        &["030/Nnnnnnn", "0171 Nnnnnnn", "089-Nnnnnnn"],
    ),
    (
        "fr",
        &["+33 6 nn nn nn nn", "+331nnnnnnnn", "+33 (0)1 nn nn nn nn"],
        &["06 nn nn nn nn", "01.nn.nn.nn.nn"],
    ),
    (
        "es",
        &["+34 6nn nnn nnn", "+349nnnnnnnn"],
        &["6nn nnn nnn", "91 Nnn nn nn"],
    ),
    (
        "pt",
        &["+351 91N nnn nnn", "+35121Nnnnnnn"],
        &["91N nnn nnn", "21N nnn nnn"],
    ),
    (
        "it",
        &["+39 06 Nnnnnnnn", "+3933Nnnnnnnn"],
        &["33N nnnnnnn", "02 Nnnnnnn"],
    ),
    (
        "nl",
        &["+31 6 Nnnnnnnn", "+3120Nnnnnnn"],
        &["06-Nnnnnnnn", "020-Nnnnnnn"],
    ),
    (
        "be",
        &["+32 47N nn nn nn", "+322Nnnnnnn"],
        &["047N/nn.nn.nn", "02 Nnn nn nn"],
    ),
    ("at", &["+43 1 Nnnnnnn", "+43664Nnnnnnn"], &["0664 Nnnnnnn"]),
    (
        "ch",
        &["+41 79 Nnn nn nn", "+4144Nnnnnnn"],
        &["079 Nnn nn nn"],
    ),
    (
        "pl",
        &["+48 Nnn nnn nnn", "+4850Nnnnnnn"],
        &["50N nnn nnn", "22 Nnn nn nn"],
    ),
    (
        "cz",
        &["+420 60N nnn nnn", "+420777nnnnnn"],
        &["60N nnn nnn"],
    ),
    ("sk", &["+421 90N nnn nnn"], &["090N nnn nnn"]),
    (
        "se",
        &["+46 70 Nnn nn nn", "+468Nnnnnnn"],
        &["070-Nnn nn nn"],
    ),
    ("no", &["+47 4nn nn nnn", "+479Nnnnnnn"], &["9Nn nn nnn"]),
    ("dk", &["+45 Nn nn nn nn", "+4520nnnnnn"], &["Nn nn nn nn"]),
    (
        "fi",
        &["+358 40 Nnnnnnn", "+35850Nnnnnnn"],
        &["040 Nnn nnnn"],
    ),
    (
        "ru",
        &["+7 9nn nnn-nn-nn", "+7 (495) nnn-nn-nn", "+79nnnnnnnnn"],
        &["8 (9nn) nnn-nn-nn"],
    ),
    (
        "ua",
        &["+380 67 Nnn nn nn", "+38050Nnnnnnn"],
        &["067 Nnn nn nn"],
    ),
    (
        "tr",
        &["+90 53N nnn nn nn", "+90212Nnnnnnn"],
        &["053N nnn nn nn"],
    ),
    ("ro", &["+40 72N nnn nnn"], &["072N nnn nnn"]),
    ("hu", &["+36 30 Nnn nnnn"], &["06 30 Nnn nnnn"]),
    ("gr", &["+30 69N nnn nnnn"], &["69N nnn nnnn"]),
    (
        "il",
        &["+972 5N-nnn-nnnn", "+97254Nnnnnnn"],
        &["054-Nnnnnnn"],
    ),
    (
        "sa",
        &["+966 5N nnn nnnn", "+96650Nnnnnnn"],
        &["050 Nnn nnnn"],
    ),
    ("ae", &["+971 50 Nnn nnnn"], &["050 Nnn nnnn"]),
    ("eg", &["+20 10 Nnnn nnnn"], &["010 Nnnn nnnn"]),
    (
        "in",
        &["+91 98nnn nnnnn", "+9199nnnnnnnn", "+91-9Nnn-nnnnnn"],
        &["098nnn nnnnn", "9Nnnnnnnnn"],
    ),
    (
        "cn",
        &["+86 138 nnnn nnnn", "+86139nnnnnnnn"],
        &["138nnnnnnnn", "159-nnnn-nnnn"],
    ),
    (
        "jp",
        &["+81 90-nnnn-nnnn", "+81 3-Nnnn-nnnn"],
        &["090-nnnn-nnnn", "03-Nnnn-nnnn"],
    ),
    (
        "kr",
        &["+82 10-Nnnn-nnnn", "+8210Nnnnnnnn"],
        &["010-Nnnn-nnnn", "02-Nnn-nnnn"],
    ),
    ("sg", &["+65 9nnn nnnn", "+658nnnnnnn"], &["9nnn nnnn"]),
    (
        "au",
        &["+61 4Nn nnn nnn", "+612Nnnnnnnn"],
        &["04Nn nnn nnn", "(02) Nnnn nnnn"],
    ),
    ("nz", &["+64 21 Nnn nnnn"], &["021 Nnn nnnn"]),
    ("za", &["+27 82 Nnn nnnn"], &["082 Nnn nnnn"]),
    ("ng", &["+234 803 Nnn nnnn"], &["0803 Nnn nnnn"]),
    (
        "br",
        &["+55 11 9nnnn-nnnn", "+55219nnnnnnnn"],
        &["(11) 9nnnn-nnnn", "(21) 3nnn-nnnn"],
    ),
    ("mx", &["+52 55 Nnnn nnnn"], &["55 Nnnn nnnn"]),
    ("ar", &["+54 9 11 Nnnn-nnnn"], &["011 Nnnn-nnnn"]),
    ("cl", &["+56 9 Nnnn nnnn"], &["9 Nnnn nnnn"]),
    ("id", &["+62 812-Nnnn-nnnn"], &["0812-Nnnn-nnnn"]),
    ("th", &["+66 8N nnn nnnn"], &["08N-nnn-nnnn"]),
    ("vn", &["+84 90 Nnn nnnn"], &["090 Nnn nnnn"]),
];

const PHONE_KEYS: &[&str] = &[
    "phone",
    "phone number",
    "mobile",
    "tel",
    "telephone",
    "contact phone",
    "msisdn",
    "cell phone",
    "telefon",
    "téléphone",
    "teléfono",
    "handynummer",
    "celular",
    "telefone",
    "telefono",
    "fax",
    "телефон",
    "电话",
    "手机号",
    "電話番号",
    "전화번호",
    "mobile number",
    "whatsapp",
];

/// A telephone number, with the country's prefix or as the country writes it.
pub(crate) fn phone(draw: &mut Draw) -> Value {
    let (locale, world, home) = *draw.row(PHONES);
    let is_world = draw.chance(60);
    let form = draw.of(if is_world { world } else { home });
    let text = form
        .chars()
        .map(|c| match c {
            'n' => char::from(b'0' + draw.below(10) as u8),
            'N' => char::from(b'2' + draw.below(8) as u8),
            c => c,
        })
        .collect();
    let value = Value::personal("phone", text)
        .told(
            PHONE_KEYS,
            &[
                "phone",
                "tel.",
                "call",
                "mobile",
                "Tel:",
                "phone number is",
                "SMS to",
            ],
        )
        .of(locale);
    if is_world { value.bare() } else { value }
}
