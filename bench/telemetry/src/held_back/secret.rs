//! Secrets of the held-back half that no provider's form tells.

use crate::draw::{ALNUM, BASE64, DIGITS, Draw, HEX, LOWER};
use crate::encode;
use crate::made::{Made, secret};
use crate::marked::Marked;

/// Words that people build passwords of.
const STEMS: &[&str] = &[
    "Sunflower",
    "Dolphin",
    "Espresso",
    "Granite",
    "Falcon",
    "Pumpkin",
    "Hurricane",
    "Biscuit",
    "Orchid",
    "Maverick",
    "Snowdrop",
    "Tangerine",
    "Wolverine",
    "Caramel",
    "Lighthouse",
    "Cactus",
    "Sommer",
    "Fussball",
    "Schatzi",
    "Bonjour",
    "Soleil",
    "Princesa",
    "Corazon",
    "Arsenal",
    "Juventus",
    "Barcelona",
    "Monkey",
    "Dragon",
    "Matrix",
    "Welcome",
];
const SIGNS: &str = "!#$%*+-_.?^@=~";
/// The alphabet of hashes in crypt(3).
const CRYPT: &str = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A password as people and generators make them, without blanks and quotes.
fn password(draw: &mut Draw) -> String {
    let stem = draw.of(STEMS);
    match draw.below(14) {
        0..2 => format!(
            "{stem}{}{}",
            draw.between(1, 999),
            draw.of(&["!", "#", "?", "*", "$"])
        ),
        2 => format!("{stem}{}!", draw.between(1_970, 2_026)),
        3 => format!("{}_{}", stem.to_lowercase(), draw.between(10, 9_999)),
        4 => {
            let leet = stem
                .replace(['a', 'A'], "4")
                .replace('e', "3")
                .replace('i', "1");
            format!("{leet}{}", draw.of(&["!!", "77", "#1", "_x", "99"]))
        }
        5 => {
            let other = draw.of(STEMS);
            format!("{stem}.{other}.{}", draw.between(2, 99))
        }
        6 => {
            let words: Vec<String> = (0..4).map(|_| draw.of(STEMS).to_lowercase()).collect();
            words.join("-") + &draw.string("23456789", 1)
        }
        7 => {
            draw.of(&["Qwertz", "qwerty", "Asdf", "1q2w3e", "zaq1"])
                .to_owned()
                + &draw.string(DIGITS, 4)
                + draw.of(&["", "!", "$"])
        }
        8..10 => {
            let count = draw.between(10, 22) as usize;
            draw.string(ALNUM, count) + &draw.string(DIGITS, 1)
        }
        10..12 => {
            let count = draw.between(8, 20) as usize;
            draw.string(ALNUM, 3) + &draw.string(&format!("{ALNUM}{SIGNS}"), count) + "8"
        }
        12 => draw.string(HEX, 32),
        _ => {
            let parts: Vec<String> = (0..3).map(|_| draw.string(ALNUM, 6)).collect();
            parts.join("-")
        }
    }
}

/// A passphrase of words with blanks, for quoted places.
fn passphrase(draw: &mut Draw) -> String {
    const WORDS: &[&str] = &[
        "violet",
        "anchor",
        "teapot",
        "gravel",
        "mammoth",
        "ribbon",
        "cinder",
        "harvest",
        "puzzle",
        "marble",
        "otter",
        "blanket",
        "satellite",
        "mustard",
    ];
    let words: Vec<&str> = (0..4).map(|_| draw.of(WORDS)).collect();
    format!("{} {}", words.join(" "), draw.between(2, 99))
}

/// A password that may stand in a URL as it is.
fn url_password(draw: &mut Draw) -> String {
    match draw.below(4) {
        0 => password(draw).replace(['@', '#', '?', '%', '+', '^', '=', '$'], "-"),
        1 => draw.string(HEX, 24),
        2 => draw.string(ALNUM, 16) + "." + &draw.string(ALNUM, 5),
        _ => {
            let count = draw.between(12, 30) as usize;
            draw.string(ALNUM, count)
        }
    }
}

/// A hash of a password as systems keep it.
fn hash(draw: &mut Draw) -> String {
    match draw.below(11) {
        0..2 => format!("$2b$12${}", draw.string(CRYPT, 53)),
        2 => format!("$1${}${}", draw.string(CRYPT, 8), draw.string(CRYPT, 22)),
        3 => format!("$apr1${}${}", draw.string(CRYPT, 8), draw.string(CRYPT, 22)),
        4 => format!(
            "$5$rounds=5000${}${}",
            draw.string(ALNUM, 16),
            draw.string(CRYPT, 43)
        ),
        5 => format!(
            "$6$rounds=656000${}${}",
            draw.string(ALNUM, 16),
            draw.string(CRYPT, 86)
        ),
        6 => format!("{{SSHA}}{}", draw.string(BASE64, 32)),
        7 => {
            let (salt, digest) = (draw.string(BASE64, 22), draw.string(BASE64, 43));
            format!("$argon2i$v=19$m=65536,t=3,p=4${salt}${digest}")
        }
        8 => format!(
            "scrypt:32768:8:1${}${}",
            draw.string(ALNUM, 16),
            draw.string(HEX, 128)
        ),
        9 => format!("$P$B{}", draw.string(CRYPT, 30)),
        _ => {
            let (salt, digest) = (draw.string(ALNUM, 12), draw.string(BASE64, 43));
            format!("pbkdf2_sha256$600000${salt}${digest}=")
        }
    }
}

/// 32 random bytes in standard base64: the last character carries four bits.
fn base64_32(draw: &mut Draw) -> String {
    draw.string(BASE64, 42) + &draw.string("AEIMQUYcgkosw048", 1) + "="
}

/// An opaque key or token without a provider's form.
pub(crate) fn opaque(draw: &mut Draw) -> String {
    match draw.below(7) {
        0 => draw.string(HEX, 32),
        1 => draw.string(HEX, 48),
        2 => base64_32(draw),
        3 => draw.string(&format!("{ALNUM}-_"), 43) + "g",
        4 => super::noise::uuid(draw),
        5 => draw.string(&format!("{LOWER}{DIGITS}"), 40),
        _ => {
            let count = draw.between(24, 64) as usize;
            draw.string(ALNUM, count)
        }
    }
}

/// A session's value in a cookie.
fn session(draw: &mut Draw) -> String {
    match draw.below(6) {
        0 => draw.string("0123456789ABCDEF", 32) + ".node2",
        1 => draw.string(&format!("{LOWER}{DIGITS}"), 32),
        2 => draw.string(HEX, 64),
        3 => draw.string(ALNUM, 22) + "~" + &draw.string(ALNUM, 20),
        4 => draw.string(&format!("{ALNUM}-_"), 87) + "w",
        _ => format!("{}.{}", draw.string(ALNUM, 27), draw.string(ALNUM, 27)),
    }
}

/// A signature in a URL.
fn signature(draw: &mut Draw) -> String {
    match draw.below(4) {
        0 => draw.string(HEX, 64),
        1 => draw.string(HEX, 256),
        2 => draw.string(ALNUM, 42) + "%2F" + &draw.string(ALNUM, 20) + "%3D",
        _ => draw.string(&format!("{ALNUM}-_"), 42) + "8",
    }
}

fn recovery(draw: &mut Draw) -> String {
    const OF: &str = "ABCDEFGHJKMNPQRSTVWXYZ23456789";
    match draw.below(4) {
        0 => format!("{}-{}", draw.string(OF, 5), draw.string(OF, 5)),
        1 => draw.string(&format!("{LOWER}{DIGITS}"), 10),
        2 => format!("{} {}", draw.string(DIGITS, 4), draw.string(DIGITS, 4)),
        _ => {
            let parts: Vec<String> = (0..3).map(|_| draw.string(&OF.to_lowercase(), 4)).collect();
            parts.join("-")
        }
    }
}

/// A JSON Web Token (RFC 7519) with made-up claims that name nobody.
fn jwt(draw: &mut Draw) -> String {
    let (algorithm, length) =
        *draw.row(&[("HS512", 86), ("RS256", 342), ("PS256", 342), ("EdDSA", 86)]);
    let kid = draw.string(HEX, 8);
    let header = format!("{{\"typ\":\"JWT\",\"alg\":\"{algorithm}\",\"kid\":\"{kid}\"}}");
    let (jti, exp) = (
        super::noise::uuid(draw),
        1_775_000_000 + draw.below(9_000_000),
    );
    let audience = draw.of(&["mobile", "partner-api", "backoffice", "ingest"]);
    let claims =
        format!("{{\"exp\":{exp},\"jti\":\"{jti}\",\"aud\":\"{audience}\",\"azp\":\"web\"}}");
    let encoded = |text: String| encode::base64_url(&Marked::from(text)).text;
    // The last character of an unpadded run carries fewer bits.
    let tail = draw.string("AEIMQUYcgkosw048", 1);
    let signature = draw.string(&format!("{ALNUM}-_"), length - 1) + &tail;
    format!("{}.{}.{signature}", encoded(header), encoded(claims))
}

/// A heading, and the lines between it and the end of a private key.
pub(crate) fn key_body(draw: &mut Draw) -> (&'static str, String) {
    let (heading, start, lines) = *draw.row(&[
        ("RSA PRIVATE KEY", "MIICXQIBAAKBgQ", 12),
        (
            "PRIVATE KEY",
            "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg",
            2,
        ),
        ("PRIVATE KEY", "MIIJQgIBADANBgkqhkiG9w0BAQEFAASC", 14),
        ("EC PRIVATE KEY", "MIGkAgEBBDA", 3),
        ("DSA PRIVATE KEY", "MIIBuwIBAAKBgQ", 8),
        (
            "OPENSSH PRIVATE KEY",
            "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0",
            7,
        ),
    ]);
    let mut body = vec![start.to_owned() + &draw.string(BASE64, 64 - start.len())];
    body.extend((1..lines).map(|_| draw.string(BASE64, 64)));
    body.push(draw.string(BASE64, 27) + "=");
    (heading, body.join("\n"))
}

/// A private key in PEM (RFC 7468); its heading and end may go or stay.
fn pem(draw: &mut Draw) -> Marked {
    let (heading, body) = key_body(draw);
    let made = secret("private_key", body).mark();
    let dashes = "-----";
    let form = format!("⟦{dashes}BEGIN {heading}{dashes}⟧\n§0\n⟦{dashes}END {heading}{dashes}⟧");
    Marked::fill(&form, &[&made])
}

/// `account:password` in base64.
fn pair(draw: &mut Draw, kind: &str) -> Marked {
    let account = draw.of(&[
        "svc_mirror",
        "buildbot",
        "puller",
        "apiclient",
        "nexus-ro",
        "sync",
    ]);
    let made = secret(kind, password(draw)).mark();
    encode::base64(&Marked::fill(&format!("⟦{account}⟧:§0"), &[&made]))
}

/// Phrases with a valid check word: test vectors published with BIP-39 implementations.
const PHRASES: &[&str] = &[
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
    "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
    "scissors invite lock maple supreme raw rapid void congress muscle digital elegant little \
     brisk hair mango congress clump",
    "beyond stage sleep clip because twist token leaf atom beauty genius food business side grid \
     unable middle armed observe pair crouch tonight away coconut",
    "dignity pass list indicate nasty swamp pool script soccer toe leaf photo multiply desk host \
     tomato cradle drill spread actor shine dismiss champion exotic",
    "test test test test test test test test test test test junk",
    "all hour make first leader extend hole alien behind guard gospel lava path output census \
     museum junior mass reopen famous sing advance salt reform",
    "light rule cinnamon wrap drastic word pride squirrel upgrade then income fatal apart sustain \
     crack supply proud access",
];

fn answer(draw: &mut Draw) -> String {
    draw.of(&[
        "Mrs. Partridge",
        "Rex the spaniel",
        "Fiat Cinquecento",
        "Whitby",
        "Schnuffi",
        "Opel Kadett",
        "St. Brigid's",
        "Tiddles",
        "Casa Verde",
        "Onkel Hubert",
        "Vespa",
        "Nanny Jo",
    ])
    .to_owned()
}

fn cipher_key(draw: &mut Draw) -> String {
    match draw.below(4) {
        0 => base64_32(draw),
        1 => draw.string(HEX, 64),
        2 => draw.string(&format!("{ALNUM}-_"), 42) + "k=",
        _ => draw.string(BASE64, 22) + "==",
    }
}

/// What stands behind `Authorization:` of schemes other than Basic and Bearer.
fn auth_header(draw: &mut Draw) -> Marked {
    let value = draw.string(ALNUM, 40);
    let (form, value) = match draw.below(6) {
        0 => ("Token §0", value),
        1 => ("SSWS §0", draw.string(ALNUM, 42)),
        2 => ("GenieKey §0", super::noise::uuid(draw)),
        3 => ("Splunk §0", super::noise::uuid(draw)),
        4 => ("Klaviyo-API-Key pk_§0", draw.string(HEX, 34)),
        _ => (
            "Zoho-oauthtoken 1000.§0",
            draw.string(HEX, 32) + "." + &draw.string(HEX, 32),
        ),
    };
    Marked::fill(form, &[&secret("auth_header", value).mark()])
}

/// A place that is more than one value.
pub(crate) fn composed(draw: &mut Draw, name: &str) -> Option<Marked> {
    Some(match name {
        "pem" => pem(draw),
        "basic" => pair(draw, "basic_auth"),
        "dockerauth" => pair(draw, "docker_auth"),
        "authz" => auth_header(draw),
        _ => return None,
    })
}

/// A value by the name of its slot.
pub(crate) fn made(draw: &mut Draw, name: &str) -> Option<Made> {
    let (kind, value) = match name {
        "pw" => ("password", password(draw)),
        "phrase" => ("password", passphrase(draw)),
        "dsn" => ("dsn_password", url_password(draw)),
        "key" => ("api_key", opaque(draw)),
        "bearer" => ("bearer_token", opaque(draw)),
        "csecret" => ("client_secret", opaque(draw)),
        "jwt" => ("jwt", jwt(draw)),
        "digest" => ("auth_header", draw.string(HEX, 32)),
        "session" => ("session_cookie", session(draw)),
        "sig" => ("signed_url", signature(draw)),
        "code" => {
            let count = draw.between(20, 60) as usize;
            (
                "oauth_code",
                draw.string(&format!("{ALNUM}-_"), count) + "d4",
            )
        }
        "otp" => {
            let count = *draw.row(&[5, 5, 5, 5, 3, 7]);
            (
                "otp",
                draw.string("123456789", 1) + &draw.string(DIGITS, count),
            )
        }
        "totp" => ("otp", draw.string(BASE32, 32)),
        "pin" => {
            let count = *draw.row(&[4, 4, 4, 5, 6]);
            ("pin", draw.string(DIGITS, count))
        }
        "puk" => ("pin", draw.string(DIGITS, 8)),
        "seed" => ("seed_phrase", draw.of(PHRASES).to_owned()),
        "recovery" => ("recovery_code", recovery(draw)),
        "hash" => ("password_hash", hash(draw)),
        "md5crypt" => {
            let (salt, digest) = (draw.string(CRYPT, 4), draw.string(CRYPT, 22));
            ("password_hash", format!("$1${salt}${digest}"))
        }
        "nthash" => ("password_hash", draw.string("0123456789ABCDEF", 32)),
        "mysqlhash" => (
            "password_hash",
            "*".to_owned() + &draw.string("0123456789ABCDEF", 40),
        ),
        "cipher" => ("encryption_key", cipher_key(draw)),
        "hexkey" => ("encryption_key", draw.string(HEX, 64)),
        "wgkey" => ("private_key", base64_32(draw)),
        "storagekey" => {
            let tail = draw.string("AQgw", 1);
            ("encryption_key", draw.string(BASE64, 85) + &tail + "==")
        }
        "aws_secret" => ("aws_secret", draw.string(BASE64, 40)),
        "jwk" => {
            let tail = draw.string("AEIMQUYc", 1);
            ("jwk", draw.string(&format!("{ALNUM}-_"), 42) + &tail)
        }
        "kubeconfig" => {
            let (heading, body) = key_body(draw);
            let dashes = "-----";
            let pem =
                format!("{dashes}BEGIN {heading}{dashes}\n{body}\n{dashes}END {heading}{dashes}\n");
            ("kubeconfig", encode::base64(&Marked::from(pem)).text)
        }
        "answer" => ("security_answer", answer(draw)),
        _ => return None,
    };
    Some(secret(kind, value))
}
