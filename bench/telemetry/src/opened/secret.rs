//! Secrets that no provider's form tells: passwords, keys, hashes, codes, phrases, key material.

use crate::draw::{ALNUM, BASE64, DIGITS, Draw, HEX, LOWER, UPPER};
use crate::encode;
use crate::marked::Marked;

use crate::made::{Made, secret};

/// Passwords as people and generators make them. No word that also stands in a harmless place.
pub(crate) fn password(draw: &mut Draw) -> String {
    const STEMS: &[&str] = &[
        "Walnut", "Kestrel", "Bramble", "Tundra", "Mosaic", "Lantern", "Quartz", "Saffron",
        "Gondola", "Thistle", "Harbour", "Pumice", "Velvet", "Juniper", "Cobalt", "Marzipan",
    ];
    const SIGNS: &str = "!#$%*+-_.?^";
    match draw.below(9) {
        0..2 => {
            let stem = draw.of(STEMS);
            format!(
                "{stem}{}{}",
                draw.between(10, 9_999),
                draw.string("!?#*.", 1)
            )
        }
        2 => {
            let (a, b) = (draw.of(STEMS), draw.of(STEMS).to_lowercase());
            format!("{a}-{b}-{}", draw.between(10, 99))
        }
        3 => {
            let stem = draw
                .of(STEMS)
                .replace('a', "@")
                .replace('e', "3")
                .replace('o', "0");
            format!("{stem}{}", draw.string(DIGITS, 3))
        }
        4 => {
            let count = draw.between(12, 24) as usize;
            draw.string(ALNUM, count)
        }
        5 => {
            let count = draw.between(9, 18) as usize;
            draw.string(&format!("{ALNUM}{SIGNS}"), count) + "7x"
        }
        6 => {
            let parts = [
                draw.string(LOWER, 6),
                draw.string(LOWER, 6),
                draw.string(LOWER, 6),
            ];
            parts.join("-") + &draw.string(UPPER, 1) + &draw.string(DIGITS, 1)
        }
        7 => draw.string(LOWER, 4) + &draw.string(DIGITS, 4) + &draw.string(SIGNS, 1),
        _ => {
            let stem = draw.of(STEMS).to_lowercase();
            format!("{stem}@{}", draw.between(1_000, 99_999))
        }
    }
}

/// A password that may stand in a URL as it is.
pub(crate) fn url_password(draw: &mut Draw) -> String {
    let count = draw.between(10, 26) as usize;
    match draw.below(3) {
        0 => password(draw).replace(['@', '#', '?', '%', '+', '^'], "_"),
        1 => draw.string(HEX, count),
        _ => draw.string(ALNUM, count) + "-" + &draw.string(ALNUM, 3),
    }
}

/// A hash of a password as the usual libraries write it.
pub(crate) fn hash(draw: &mut Draw) -> String {
    const BCRYPT: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    match draw.below(7) {
        0..2 => {
            let (kind, cost) = (draw.of(&["2a", "2b", "2y"]), draw.between(10, 13));
            format!("${kind}${cost}${}", draw.string(BCRYPT, 53))
        }
        2 => {
            let (salt, hash) = (draw.string(BASE64, 22), draw.string(BASE64, 43));
            format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${hash}")
        }
        3 => {
            let (salt, hash) = (draw.string(ALNUM, 22), draw.string(BASE64, 43));
            format!("pbkdf2_sha256$870000${salt}${hash}=")
        }
        4 => {
            let (salt, hash) = (draw.string(ALNUM, 16), draw.string(BCRYPT, 86));
            format!("$6${salt}${hash}")
        }
        5 => {
            let (salt, hash) = (draw.string(BCRYPT, 22), draw.string(BCRYPT, 43));
            format!("$y$j9T${salt}${hash}")
        }
        _ => {
            let (salt, keys) = (draw.string(BASE64, 22), draw.string(BASE64, 43));
            let server = draw.string(BASE64, 43);
            format!("SCRAM-SHA-256$4096:{salt}==${keys}=:{server}=")
        }
    }
}

/// 32 random bytes in standard base64: the last character carries four bits.
fn base64_32(draw: &mut Draw) -> String {
    draw.string(BASE64, 42) + &draw.string("AEIMQUYcgkosw048", 1) + "="
}

/// An opaque token without a provider's form.
pub(crate) fn opaque(draw: &mut Draw) -> String {
    let count = draw.between(28, 52) as usize;
    match draw.below(5) {
        0 => draw.string(HEX, 40),
        1 => draw.string(HEX, 64),
        2 => base64_32(draw),
        3 => draw.string(&format!("{ALNUM}-_"), count) + "Q4",
        _ => draw.string(ALNUM, count),
    }
}

/// A session's value in a cookie.
pub(crate) fn session(draw: &mut Draw) -> String {
    match draw.below(6) {
        0 => draw.string("0123456789ABCDEF", 32),
        1 => draw.string(&format!("{LOWER}{DIGITS}"), 26),
        2 => format!("s%3A{}.{}", draw.string(ALNUM, 32), draw.string(ALNUM, 43)),
        3 => draw.string(ALNUM, 48),
        4 => draw.string(&format!("{ALNUM}-_"), 42) + "Zk",
        _ => draw.string(LOWER, 8) + "-" + &draw.string(HEX, 32),
    }
}

/// A signature in a URL.
pub(crate) fn signature(draw: &mut Draw) -> String {
    match draw.below(3) {
        0 => draw.string(HEX, 64),
        1 => draw.string(ALNUM, 41) + "%2B" + &draw.string(ALNUM, 1) + "%3D",
        _ => draw.string(HEX, 128),
    }
}

/// Recovery codes, one.
pub(crate) fn recovery(draw: &mut Draw) -> String {
    match draw.below(3) {
        0 => format!("{}-{}", draw.string(HEX, 5), draw.string(HEX, 5)),
        1 => format!("{}-{}", draw.string(DIGITS, 4), draw.string(DIGITS, 4)),
        _ => {
            let of = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
            let parts: Vec<String> = (0..4).map(|_| draw.string(of, 4)).collect();
            parts.join("-")
        }
    }
}

/// A JSON Web Token (RFC 7519); its claims are made up.
pub(crate) fn jwt(draw: &mut Draw) -> String {
    let (algorithm, length) = *draw.row(&[("HS256", 43), ("RS256", 342), ("ES256", 86)]);
    let header = format!("{{\"alg\":\"{algorithm}\",\"typ\":\"JWT\"}}");
    let (sub, iat) = (draw.string(HEX, 12), 1_780_000_000 + draw.below(9_000_000));
    let scope = draw.of(&["read", "orders:write", "openid profile", "admin"]);
    let claims = format!(
        "{{\"sub\":\"{sub}\",\"scope\":\"{scope}\",\"iat\":{iat},\"exp\":{}}}",
        iat + 3_600
    );
    let encoded = |text: String| encode::base64_url(&Marked::from(text)).text;
    // The last character of an unpadded run carries fewer bits.
    let tail = draw.string("AEIMQUYcgkosw048", 1);
    let signature = draw.string(&format!("{ALNUM}-_"), length - 1) + &tail;
    format!("{}.{}.{signature}", encoded(header), encoded(claims))
}

/// The lines between the heading and the end of a private key.
pub(crate) fn key_body(draw: &mut Draw) -> (&'static str, String) {
    let (heading, start, lines) = *draw.row(&[
        ("RSA PRIVATE KEY", "MIIEpAIBAAKCAQEA", 12),
        ("PRIVATE KEY", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", 10),
        ("EC PRIVATE KEY", "MHcCAQEEI", 2),
        (
            "OPENSSH PRIVATE KEY",
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ",
            5,
        ),
        (
            "ENCRYPTED PRIVATE KEY",
            "MIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkqhkiG9w0BBQw",
            8,
        ),
        ("PGP PRIVATE KEY BLOCK", "lQVYBGV", 6),
    ]);
    let mut body = vec![start.to_owned() + &draw.string(BASE64, 64 - start.len())];
    body.extend((1..lines).map(|_| draw.string(BASE64, 64)));
    body.push(draw.string(BASE64, 39) + "=");
    (heading, body.join("\n"))
}

/// A private key in PEM (RFC 7468); its heading and end may go or stay.
pub(crate) fn pem(draw: &mut Draw) -> Marked {
    let (heading, body) = key_body(draw);
    let made = secret("private_key", body).mark();
    // Split, so that no scanner takes the source for a key.
    let form = format!(
        "⟦{0}BEGIN {heading}{0}⟧\n§0\n⟦{0}END {heading}{0}⟧",
        "-----"
    );
    Marked::fill(&form, &[&made])
}

/// `user:password` in base64, as Basic authentication and Docker write it.
pub(crate) fn pair64(draw: &mut Draw, kind: &str) -> Marked {
    const ACCOUNTS: &[&str] = &[
        "svc-deploy",
        "ci-bot",
        "admin",
        "api",
        "registry",
        "robot$pull",
    ];
    let (form, pass) = (draw.of(ACCOUNTS).to_owned(), password(draw));
    let made = secret(kind, pass).mark();
    encode::base64(&Marked::fill(&format!("⟦{form}⟧:§0"), &[&made]))
}

/// Phrases of BIP-39 with a valid check word: the vectors published with it.
const PHRASES: &[&str] = &[
    "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "letter advice cage absurd amount doctor acoustic avoid letter advice cage above",
    "jelly better achieve collect unaware mountain thought cargo oxygen act hood bridge",
    "ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic",
    "scheme spot photo card baby mountain device kick cradle pact join borrow",
    "cat swing flag economy stadium alone churn speed unique patch report train",
    "vessel ladder alter error federal sibling chat ability sun glass valve picture",
    "gravity machine north sort system female filter attitude volume fold club stay \
     feature office ecology stable narrow fog",
    "renew stay biology evidence goat welcome casual join adapt armor shuffle fault \
     little machine walk stumble urge swap",
    "hamster diagram private dutch cause delay private meat slide toddler razor book \
     happy fancy gospel tennis maple dilemma loan word shrug inflict delay length",
    "void come effort suffer camp survey warrior heavy shoot primary clutch crush \
     open amazing screen patrol group space point ten exist slush involve unfold",
    "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich \
     alcohol speed nation flash devote level hobby quick inner drive ghost inside",
];

/// A seed phrase.
pub(crate) fn phrase(draw: &mut Draw) -> String {
    draw.of(PHRASES).to_owned()
}

/// An answer to a security question.
pub(crate) fn answer(draw: &mut Draw) -> String {
    let (a, b) = (
        draw.of(&[
            "Grandma's",
            "Old",
            "Uncle's",
            "Little",
            "Saint",
            "Blue",
            "Captain",
        ]),
        draw.of(&[
            "Peugeot",
            "Whiskers",
            "Brookside",
            "Meadowbank",
            "Pickles",
            "Bonneville",
        ]),
    );
    format!("{a} {b}")
}

/// A key of a cipher.
pub(crate) fn cipher_key(draw: &mut Draw) -> String {
    match draw.below(3) {
        0 => base64_32(draw),
        1 => draw.string(HEX, 64),
        _ => draw.string(HEX, 32),
    }
}

/// What stands behind `Authorization:` of schemes other than Basic and Bearer.
pub(crate) fn auth_header(draw: &mut Draw) -> Marked {
    let value = opaque(draw).replace(['+', '/', '='], "x");
    let (form, value) = match draw.below(5) {
        0 => ("Token §0", value),
        1 => ("ApiKey §0", value),
        2 => (
            "Digest username=⟦\"svc-sync\"⟧, realm=\"ops\", uri=\"/x\", response=\"§0\"",
            draw.string(HEX, 32),
        ),
        3 => ("HMAC ⟦app7⟧:§0", base64_32(draw)),
        _ => ("Token token=\"§0\"", value),
    };
    Marked::fill(form, &[&secret("auth_header", value).mark()])
}

/// A value under a name of its own that some kinds share.
pub(crate) fn made(draw: &mut Draw, kind: &str) -> Option<Made> {
    let value = match kind {
        "password" => password(draw),
        "dsn_password" => url_password(draw),
        "api_key" | "bearer_token" => opaque(draw),
        "client_secret" => match draw.below(3) {
            0 => draw.string(&format!("{ALNUM}~._-"), 36) + "8Q~x",
            _ => opaque(draw),
        },
        "jwt" => jwt(draw),
        "session_cookie" => session(draw),
        "signed_url" => signature(draw),
        "oauth_code" => {
            let count = draw.between(22, 44) as usize;
            draw.string(&format!("{ALNUM}-_"), count) + "c7"
        }
        "otp" => {
            let count = *draw.row(&[6, 6, 6, 4, 8]);
            draw.string("123456789", 1) + &draw.string(DIGITS, count - 1)
        }
        "pin" => draw.string(DIGITS, 4),
        "seed_phrase" => phrase(draw),
        "recovery_code" => recovery(draw),
        "password_hash" => hash(draw),
        "encryption_key" => cipher_key(draw),
        "aws_secret" => draw.string(BASE64, 40),
        "jwk" => draw.string(&format!("{ALNUM}-_"), 42) + &draw.string("AEIMQUYc", 1),
        "kubeconfig" => {
            let (heading, body) = key_body(draw);
            let pem = format!(
                "{0}BEGIN {heading}{0}
{body}
{0}END {heading}{0}
",
                "-----"
            );
            encode::base64(&Marked::from(pem)).text
        }
        "ppk" => {
            let lines: Vec<String> = (0..5).map(|_| draw.string(BASE64, 64)).collect();
            return Some(secret("private_key", lines.join("\n")));
        }
        "security_answer" => answer(draw),
        _ => return None,
    };
    Some(secret(kind, value))
}
