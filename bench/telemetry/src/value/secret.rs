//! Secrets that no provider gave a form to: passwords, keys, tokens, codes.

use data_encoding::{BASE64, BASE64URL_NOPAD};

use super::Value;
use crate::draw::{ALNUM, BASE64 as ALPHABET64, DIGITS, Draw, HEX, UPPER};
use crate::noise::expand;

/// Names of password fields by language.
const PASSWORD_KEYS: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "password",
            "passwd",
            "pwd",
            "pass",
            "db password",
            "admin password",
            "user password",
            "smtp pass",
            "root password",
            "passphrase",
            "new password",
            "password confirmation",
            "login password",
            "keystore password",
            "master password",
            "redis password",
            "wifi password",
            "proxy password",
        ],
    ),
    (
        "de",
        &[
            "passwort",
            "kennwort",
            "benutzer passwort",
            "datenbank kennwort",
        ],
    ),
    ("fr", &["mot de passe", "motdepasse", "mdp"]),
    (
        "es",
        &["contraseña", "contrasena", "clave", "clave de acceso"],
    ),
    ("pt", &["senha", "palavra passe", "senha usuario"]),
    ("it", &["parola chiave", "password utente", "parola ordine"]),
    ("nl", &["wachtwoord", "gebruikers wachtwoord"]),
    ("pl", &["hasło", "haslo", "haslo uzytkownika"]),
    ("sv", &["lösenord", "losenord"]),
    ("da", &["adgangskode", "kodeord"]),
    ("no", &["passord"]),
    ("fi", &["salasana"]),
    ("cs", &["heslo"]),
    ("hu", &["jelszó", "jelszo"]),
    ("ro", &["parola"]),
    ("ru", &["пароль"]),
    ("uk", &["пароль"]),
    ("tr", &["şifre", "sifre", "parola"]),
    ("ar", &["كلمة المرور"]),
    ("hi", &["पासवर्ड"]),
    ("zh", &["密码", "口令"]),
    ("ja", &["パスワード"]),
    ("ko", &["비밀번호"]),
    ("el", &["κωδικός"]),
    ("vi", &["mật khẩu"]),
    ("id", &["kata sandi", "sandi"]),
];

const PASSWORD_LEADS: &[&str] = &[
    "password",
    "password is",
    "with password",
    "new password:",
    "passwd",
    "temporary password",
    "pwd:",
    "his password is",
    "initial password =",
    "using passphrase",
    "Password:",
];

/// Words that people build passwords of.
const WORDS: &[&str] = &[
    "Sommer",
    "winter",
    "Dragon",
    "liverpool",
    "Monkey",
    "sunshine",
    "Passw0rd",
    "qwerty",
    "Welcome",
    "letmein",
    "Bienvenue",
    "verano",
    "Schnuffi",
    "princess",
    "Football",
    "maslo",
    "zaq1xsw2",
    "Hallo",
    "Frühling",
    "été",
    "samurai",
    "kodiak",
    "Trinity",
    "banana",
    "Rocket",
    "harbour",
    "falcon",
];

const PHRASE: &[&str] = &[
    "correct", "horse", "battery", "staple", "orbit", "velvet", "cactus", "lantern", "pickle",
    "quartz", "meadow", "anchor", "tulip", "gravel", "copper", "violin", "walnut", "ember",
    "salmon", "thicket",
];

/// A random password: letters, digits, some symbols.
pub(crate) fn strong(draw: &mut Draw) -> String {
    let count = draw.between(10, 24) as usize;
    let symbols = draw.of(&["!#$%*+-.", "!@#$%^&*()", "-_.~", "!?=+:;", "/+=", "<>&'\"!"]);
    let mut text = draw.string(ALNUM, count);
    for _ in 0..draw.between(1, 3) {
        let at = draw.between(1, text.len() as u64 - 1) as usize;
        text.insert_str(at, &draw.string(symbols, 1));
    }
    text
}

/// A password as people choose them.
pub(crate) fn weak(draw: &mut Draw) -> String {
    let word = draw.of(WORDS).to_owned();
    let year = draw.between(1_960, 2_026);
    match draw.below(4) {
        0 => format!("{word}{year}!"),
        1 => format!("{word}{}", draw.string(DIGITS, 3)),
        2 => format!("{word}_{}{}", draw.string(UPPER, 2), draw.below(90)),
        _ => format!("{word}#{year}"),
    }
}

fn phrase(draw: &mut Draw) -> String {
    let between = draw.of(&["-", ".", "_"]);
    let words: Vec<&str> = (0..4).map(|_| draw.of(PHRASE)).collect();
    words.join(between)
}

/// A password for a field of that name.
pub(crate) fn password(draw: &mut Draw) -> Value {
    let text = match draw.below(10) {
        0..5 => strong(draw),
        5..8 => weak(draw),
        8 => phrase(draw),
        _ => draw.string(ALNUM, 16),
    };
    let (locale, keys) = if draw.chance(55) {
        ("en", PASSWORD_KEYS.first().map_or(&[][..], |row| row.1))
    } else {
        *draw.row(PASSWORD_KEYS)
    };
    let leads = if locale == "en" { PASSWORD_LEADS } else { keys };
    Value::secret("password", text).told(keys, leads).of(locale)
}

/// A password that may stand in a URL as it is.
pub(crate) fn dsn_password(draw: &mut Draw) -> Value {
    let count = draw.between(8, 24) as usize;
    let mut text = draw.string(ALNUM, count);
    if draw.chance(30) {
        text.insert_str(count / 2, draw.of(&["-", "_", ".", "!", "~", "$", "*"]));
    }
    Value::secret("dsn_password", text).told(&["password"], PASSWORD_LEADS)
}

/// A key without a form of its own, under a name that tells.
pub(crate) fn api_key(draw: &mut Draw) -> Value {
    let text = match draw.below(6) {
        0 => draw.string(HEX, 32),
        1 => draw.string(HEX, 40),
        2 => draw.string(HEX, 64),
        3 => draw.string(ALNUM, 32),
        4 => expand(draw, "{x43}"),
        _ => expand(draw, "{uuid}"),
    };
    Value::secret("api_key", text).told(
        &[
            "api key",
            "apikey",
            "access token",
            "auth token",
            "secret",
            "secret key",
            "refresh token",
            "x api key",
            "token",
            "bearer token",
            "service token",
            "api secret",
            "private token",
            "authorization",
            "signing secret",
            "webhook secret",
            "id token",
            "deploy token",
            "jeton",
            "clé api",
            "chave api",
            "api schlüssel",
            "токен",
            "令牌",
            "app secret",
            "registration token",
        ],
        &[
            "api key",
            "token:",
            "with api_key",
            "using secret",
            "access token",
            "auth token is",
        ],
    )
}

/// A signed JSON web token with claims of a made-up subject.
pub(crate) fn jwt(draw: &mut Draw) -> Value {
    let head = draw.of(&[
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"alg":"RS256","kid":"k1","typ":"JWT"}"#,
        r#"{"typ":"JWT","alg":"ES256"}"#,
        r#"{"alg":"EdDSA"}"#,
    ]);
    let claims = expand(
        draw,
        "{\"sub\":\"{i8}\",\"iss\":\"https://id.{svc}.internal\",\"aud\":\"{svc}\",\"exp\":{epoch},\
         \"jti\":\"{uuid}\"}",
    );
    let count = *draw.row(&[43_usize, 86, 342]);
    let tail = expand(draw, &format!("{{x{count}}}"));
    let [head, claims] = [head, &claims].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
    Value::secret("jwt", format!("{head}.{claims}.{tail}"))
        .told(
            &[
                "jwt",
                "id token",
                "access token",
                "authorization",
                "session token",
                "token",
                "assertion",
            ],
            &["jwt", "token", "Bearer", "assertion"],
        )
        .bare()
}

/// A session identifier under a name that tells.
pub(crate) fn session_cookie(draw: &mut Draw) -> Value {
    let text = match draw.below(5) {
        0 => draw.string(HEX, 32),
        1 => draw.string("0123456789abcdefghijklmnopqrstuvwxyz", 26),
        2 => expand(draw, "s%3A{x32}.{w43}"),
        3 => draw.string(UPPER, 32),
        _ => expand(draw, "{x22}"),
    };
    Value::secret("session_cookie", text).told(
        &[
            "session id",
            "sessionid",
            "sid",
            "phpsessid",
            "jsessionid",
            "session token",
            "csrf token",
            "connect.sid",
            "session",
            "auth cookie",
            "xsrf token",
            "remember token",
            "ASP.NET SessionId",
        ],
        &["session id", "sessionid", "session token"],
    )
}

/// A code for one log-in.
pub(crate) fn one_time_code(draw: &mut Draw) -> Value {
    let form = draw.of(&["{d6}", "{d6}", "{i6}", "{i4}", "{d8}"]);
    let text = expand(draw, form);
    Value::secret("otp", text).told(
        &[
            "otp",
            "otp code",
            "verification code",
            "one time password",
            "mfa code",
            "totp",
            "sms code",
            "2fa code",
            "auth code",
            "einmalpasswort",
            "código de verificación",
        ],
        &[
            "verification code",
            "one-time password",
            "OTP",
            "Your code is",
            "2FA code",
            "security code",
            "login code",
            "Ihr Bestätigungscode lautet",
            "votre code de vérification est",
            "su código de verificación es",
            "code de sécurité :",
        ],
    )
}

/// A card's or account's secret number.
pub(crate) fn pin(draw: &mut Draw) -> Value {
    let form = draw.of(&["{d3}", "{d4}", "{d4}", "{i4}"]);
    let text = expand(draw, form);
    Value::secret("pin", text).told(
        &[
            "cvv",
            "cvc",
            "cvv2",
            "card pin",
            "pin",
            "security code",
            "pin code",
            "kartenprüfnummer",
        ],
        &["cvv", "CVC:", "PIN:", "with pin"],
    )
}

/// Words that restore a wallet.
pub(crate) fn seed_phrase(draw: &mut Draw) -> Value {
    const LIST: &[&str] = &[
        "abandon", "ability", "absorb", "acoustic", "banner", "basket", "cabin", "canyon",
        "dolphin", "dragon", "eagle", "elbow", "fabric", "fiscal", "galaxy", "garment", "hamster",
        "hockey", "icon", "inherit", "jacket", "jungle", "kangaroo", "kitten", "lava", "liquid",
        "magnet", "mosquito", "napkin", "nuclear", "oxygen", "oyster", "panther", "pluck",
        "quarter", "raccoon", "satoshi", "tornado", "umbrella", "vault", "whisper", "zebra", "zoo",
    ];
    let count = *draw.row(&[12_usize, 12, 24]);
    let words: Vec<&str> = (0..count).map(|_| draw.of(LIST)).collect();
    Value::secret("seed_phrase", words.join(" ")).told(
        &[
            "seed phrase",
            "mnemonic",
            "recovery phrase",
            "wallet mnemonic",
        ],
        &["seed phrase:", "mnemonic:", "recovery phrase is"],
    )
}

/// A code that replaces a second factor.
pub(crate) fn recovery_code(draw: &mut Draw) -> Value {
    let form = draw.of(&["{n5}-{n5}", "{N4}-{N4}-{N4}", "{h8}", "{d4}-{d4}"]);
    let text = expand(draw, form);
    Value::secret("recovery_code", text).told(
        &[
            "recovery code",
            "backup code",
            "reset token",
            "password reset token",
            "invite token",
        ],
        &["backup code", "recovery code", "reset token"],
    )
}

/// A password's digest, as dumps of user tables hold it.
pub(crate) fn hash_secret(draw: &mut Draw) -> Value {
    let form = draw.of(&[
        "$2b$12${w53}",
        "$argon2id$v=19$m=65536,t=3,p=4${w22}${w43}",
        "$6${w16}${w86}",
        "pbkdf2_sha256$600000${w12}${w43}=",
        "$apr1${w8}${w22}",
        "{SSHA}{w32}",
    ]);
    let text = expand(draw, form);
    Value::secret("password_hash", text).told(
        &[
            "password hash",
            "hashed password",
            "encrypted password",
            "password digest",
            "passwd hash",
        ],
        &["password hash"],
    )
}

/// An OAuth client's secret and its like.
pub(crate) fn client_secret(draw: &mut Draw) -> Value {
    let text = match draw.below(4) {
        0 => strong(draw),
        1 => expand(draw, "{x40}"),
        2 => expand(draw, "{uuid}"),
        _ => expand(draw, "{w48}"),
    };
    Value::secret("client_secret", text).told(
        &[
            "client secret",
            "oauth client secret",
            "consumer secret",
            "shared secret",
            "app secret",
            "jwt secret",
            "cookie secret",
            "secret key base",
            "hmac secret",
            "session secret",
        ],
        &["client secret", "client_secret", "shared secret"],
    )
}

/// Key material in base64 or hex.
pub(crate) fn encryption_key(draw: &mut Draw) -> Value {
    let bytes: Vec<u8> = (0..32).map(|_| draw.below(256) as u8).collect();
    let text = if draw.chance(70) {
        BASE64.encode(&bytes)
    } else {
        data_encoding::HEXLOWER.encode(&bytes)
    };
    Value::secret("encryption_key", text).told(
        &[
            "encryption key",
            "private key",
            "account key",
            "shared access key",
            "master key",
            "aes key",
            "storage key",
            "signing key",
            "data key",
            "secret access key",
            "fernet key",
        ],
        &["encryption key", "master key:", "signing key"],
    )
}

/// What only the owner of an account should know.
pub(crate) fn security_answer(draw: &mut Draw) -> Value {
    let text = format!("{}{}", draw.of(WORDS), draw.string(DIGITS, 4));
    Value::secret("security_answer", text).told(
        &["security answer", "secret answer", "password hint answer"],
        &["security answer"],
    )
}

/// A private key's lines. The bytes are drawn: they are nobody's key.
pub(crate) fn pem(draw: &mut Draw) -> Value {
    let label = draw.of(&[
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "DSA PRIVATE KEY",
    ]);
    let (lines, width) = match label {
        "EC PRIVATE KEY" => (3, 64),
        "OPENSSH PRIVATE KEY" => (draw.between(5, 12), 70),
        _ => (draw.between(8, 26), 64),
    };
    let open = if label.starts_with("OPENSSH") {
        "b3BlbnNzaC1rZXktdjEAAAAA"
    } else {
        "MII"
    };
    let mut body = open.to_owned() + &draw.string(ALPHABET64, width - open.len());
    for _ in 1..lines {
        body.push('\n');
        body.push_str(&draw.string(ALPHABET64, width));
    }
    let rest = draw.between(8, width as u64 - 4) as usize;
    let tail = draw.string(ALPHABET64, rest / 4 * 4 - 1);
    let dashes = "-----";
    let text =
        format!("{dashes}BEGIN {label}{dashes}\n{body}\n{tail}=\n{dashes}END {label}{dashes}");
    Value::secret("private_key", text)
        .told(
            &[
                "private key",
                "ssh key",
                "tls key",
                "key pem",
                "signing key",
                "client key",
            ],
            &["key:"],
        )
        .bare()
}
