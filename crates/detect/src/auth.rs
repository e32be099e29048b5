//! Authentication artefacts: bearer and basic credentials, JSON web tokens, cookies, one-time
//! codes.

use std::sync::LazyLock;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use crate::Finding;
use crate::bytes::{
    alnum, at, before, blank, cut, digit, firsts, floor, is_first, mixed, opens, run, starts,
    starts_nocase,
};
use crate::header::parameters_end;
use crate::value::{VALUE_BYTES_MAX, is_placeholder, is_prose, taken};

fn jwt_byte(b: u8) -> bool {
    alnum(b) || matches!(b, b'_' | b'-')
}

/// A JSON web token or encrypted token (three or five parts), also one that was cut off.
pub(crate) fn jwt(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !starts(bytes, i, b"eyJ") || !opens(bytes, i) {
        return None;
    }
    let head = run(bytes, i, 2_048, jwt_byte);
    if head - i < 12 || at(bytes, head) != b'.' {
        return None;
    }
    let mut end = run(bytes, head + 1, VALUE_BYTES_MAX, jwt_byte);
    if end - head < 5 {
        return None;
    }
    for _ in 0..3 {
        if at(bytes, end) == b'.' {
            end = run(bytes, end + 1, VALUE_BYTES_MAX, jwt_byte);
        }
    }
    let end = crate::rules::run_on(bytes, (i, end), |b| jwt_byte(b) || b == b'.');
    let end = end - usize::from(before(bytes, end) == b'.');
    Some(Finding::secret("jwt", i, end))
}

/// Schemes of the Authorization header, lower case.
const SCHEMES: &[(&[u8], &str)] = &[
    (b"bearer", "auth.bearer"),
    (b"basic", "auth.basic"),
    (b"digest", "auth.digest"),
    (b"negotiate", "auth.negotiate"),
    (b"apikey", "auth.apikey"),
    (b"splunk", "auth.splunk"),
    (b"ntlm", "auth.ntlm"),
    (b"sharedkeylite", "auth.shared_key"),
    (b"sharedkey", "auth.shared_key"),
];

/// Bytes that begin one of them.
static SCHEMES_FIRST: LazyLock<[bool; 256]> =
    LazyLock::new(|| firsts(SCHEMES.iter().map(|(word, _)| *word), true));

/// `Bearer <credential>` and its like, wherever it stands.
pub(crate) fn scheme(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !is_first(&SCHEMES_FIRST, at(bytes, i)) {
        return None;
    }
    let (word, rule) = SCHEMES
        .iter()
        .find(|(word, _)| starts_nocase(bytes, i, word))?;
    if !opens(bytes, i) {
        return None;
    }
    let after = i + word.len();
    let mut start = run(bytes, after, 4, |b| blank(b) || matches!(b, b'+' | b':'));
    if start == after && starts(bytes, after, b"%20") {
        start = after + 3;
    }
    let accept = |b| {
        alnum(b)
            || matches!(
                b,
                b'.' | b'_' | b'-' | b'+' | b'/' | b'=' | b'~' | b':' | b'%'
            )
    };
    let end = run(bytes, start, VALUE_BYTES_MAX, accept);
    let value = cut(text, start, end);
    let trimmed = value.trim_end_matches(['.', ':']);
    if start == after || is_placeholder(trimmed) || is_prose(trimmed) {
        return None;
    }
    if *rule == "auth.shared_key" {
        return shared_key(text, (start, trimmed));
    }
    // `token_type=bearer expires_in=3600`: another pair follows, not a credential.
    if let Some((key, _)) = trimmed.trim_end_matches('=').split_once('=')
        && !crate::fit::is_made(key)
    {
        return None;
    }
    // `TokenType:bearer Partition:8` likewise.
    let name = trimmed.split_once(':').map(|(name, _)| name);
    if name.is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphabetic())) {
        return None;
    }
    // `?token_type=bearer HTTP/1.1`: the request's protocol.
    if trimmed.starts_with("HTTP/") {
        return None;
    }
    let convincing = match *rule {
        "auth.basic" => basic(trimmed),
        "auth.digest" => false,
        // The beginning of every message of the protocol (MS-NLMP).
        "auth.ntlm" => trimmed.starts_with("TlRMTVNT"),
        _ => trimmed.len() >= 16 || trimmed.len() >= 6 && trimmed.bytes().any(digit),
    };
    convincing.then(|| Finding::secret(rule, start, start + trimmed.len()))
}

/// `SharedKey account:signature` of Azure's storage: the account stays.
fn shared_key(text: &str, (start, value): (usize, &str)) -> Option<Finding> {
    let sign = value.find(':')?;
    let (from, end) = (start + sign + 1, start + value.len());
    let made = crate::fit::is_made(cut(text, from, end));
    made.then(|| Finding::secret("auth.shared_key", from, end))
}

/// Names of schemes, which lead to a credential.
pub(crate) fn schemes_known() -> impl Iterator<Item = &'static str> {
    SCHEMES
        .iter()
        .filter_map(|(word, _)| std::str::from_utf8(word).ok())
}

/// Words that lead to a one-time code.
pub(crate) fn codes_known() -> impl Iterator<Item = &'static str> {
    CODE_WORDS
        .iter()
        .filter_map(|word| std::str::from_utf8(word).ok())
}

/// Whether a credential may follow the scheme at `i`.
pub(crate) fn may_follow_scheme(bytes: &[u8], i: usize, word: &str) -> bool {
    let after = i + word.len();
    let start = run(bytes, after, 4, |b| blank(b) || matches!(b, b'+' | b':'));
    let parted = start > after || starts(bytes, after, b"%20");
    parted && at(bytes, start) > b' '
}

/// Whether base64 says `user:password`, or is too long to be a word.
fn basic(value: &str) -> bool {
    let alphabet = |b: u8| alnum(b) || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=');
    let long = value.len() >= 24 && value.bytes().all(alphabet) && mixed(value.as_bytes());
    long || user_password(value)
}

/// How far the parameters of a Digest header are read.
const DIGEST_BYTES_MAX: usize = 1_024;

/// `Digest username="x", …, response="…"` (RFC 7616) without the header's name, at the scheme.
pub(crate) fn digest(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if !starts_nocase(bytes, i, b"digest username=") || !opens(bytes, i) {
        return;
    }
    let end = parameters_end(text, i + 7, 0).min(i + DIGEST_BYTES_MAX);
    let header = cut(text, i, floor(text, end));
    for name in ["response=", "cnonce="] {
        if let Some(n) = header.find(name)
            && let Some(found) = taken(text, i + n + name.len(), false, |_, _| true)
        {
            out.push(Finding::secret("auth.digest", found.start, found.end));
        }
    }
}

/// Whether base64 says `user:password`, all of it text.
pub(crate) fn user_password(value: &str) -> bool {
    let bare = value.trim_end_matches('=');
    let plain = BASE64_NOPAD.decode(bare.as_bytes());
    let plain = plain.or_else(|_| BASE64URL_NOPAD.decode(bare.as_bytes()));
    let text = plain.ok().and_then(|bytes| String::from_utf8(bytes).ok());
    value.len() >= 6 && text.is_some_and(|t| t.contains(':') && !t.contains(char::is_control))
}

/// Words before a one-time code in prose.
const CODE_WORDS: &[&[u8]] = &[
    b"otp",
    b"your code",
    b"use code",
    b"enter code",
    b"ihr code",
    b"dein code",
    b"votre code",
    b"ton code",
    "tu código".as_bytes(),
    "su código".as_bytes(),
    "seu código".as_bytes(),
    b"tuo codice",
    b"je code",
    b"uw code",
    b"one-time code",
    b"one-time password",
    b"one time password",
    b"one-time passcode",
    b"verification code",
    b"security code",
    b"passcode",
    b"login code",
    b"auth code",
    b"2fa code",
    b"mfa code",
    b"confirmation code",
    b"access code",
    b"sms code",
    b"2fa token",
    b"2-factor code",
    b"two-factor code",
    b"otp code",
    b"authentication code",
    b"authenticator code",
    b"one-time pin",
    b"mfa token",
    b"totp",
    "bestätigungscode".as_bytes(),
    b"verifizierungscode",
    b"sicherheitscode",
    b"einmalcode",
    "code de vérification".as_bytes(),
    b"code de confirmation",
    b"code de validation",
    "code de sécurité".as_bytes(),
    "código de verificación".as_bytes(),
    "código de confirmación".as_bytes(),
    "código de seguridad".as_bytes(),
    "código de acceso".as_bytes(),
    "código de verificação".as_bytes(),
    "código de confirmação".as_bytes(),
    "código de segurança".as_bytes(),
    b"codigo de verificacion",
    b"codigo de verificacao",
    b"codice di verifica",
    b"codice di conferma",
    b"codice di sicurezza",
    b"codice otp",
    b"verificatiecode",
    b"bevestigingscode",
    b"beveiligingscode",
    b"kod weryfikacyjny",
    b"kod potwierdzenia",
    b"kod autoryzacyjny",
    "ověřovací kód".as_bytes(),
    "overovací kód".as_bytes(),
    "ellenőrző kód".as_bytes(),
    b"verifieringskod",
    "bekræftelseskode".as_bytes(),
    b"bekreftelseskode",
    b"engangskode",
    "engångskod".as_bytes(),
    b"vahvistuskoodi",
    b"cod de verificare",
    "doğrulama kod".as_bytes(),
    b"onay kod",
    b"dogrulama kod",
    "код подтверждения".as_bytes(),
    "Код подтверждения".as_bytes(),
    "код проверки".as_bytes(),
    "код доступа".as_bytes(),
    "код підтвердження".as_bytes(),
    "Код підтвердження".as_bytes(),
    "κωδικός επαλήθευσης".as_bytes(),
    "Κωδικός επαλήθευσης".as_bytes(),
    "رمز التحقق".as_bytes(),
    "קוד אימות".as_bytes(),
    "सत्यापन कोड".as_bytes(),
    b"kode verifikasi",
    b"kode otp",
    "mã xác minh".as_bytes(),
    "mã xác nhận".as_bytes(),
    "mã xác thực".as_bytes(),
    "验证码".as_bytes(),
    "驗證碼".as_bytes(),
    "動態碼".as_bytes(),
    "动态码".as_bytes(),
    "認証コード".as_bytes(),
    "確認コード".as_bytes(),
    "認証番号".as_bytes(),
    "ワンタイムパスワード".as_bytes(),
    "인증번호".as_bytes(),
    "인증 번호".as_bytes(),
    "인증코드".as_bytes(),
    "인증 코드".as_bytes(),
    "รหัสยืนยัน".as_bytes(),
];

/// Those of them that say it only together with a verb.
const SHORT_WORDS: &[&[u8]] = &[
    b"your code",
    b"use code",
    b"enter code",
    b"ihr code",
    b"dein code",
    b"votre code",
    b"ton code",
    b"je code",
    b"uw code",
];

/// Bytes that begin one of them.
static CODE_WORDS_FIRST: LazyLock<[bool; 256]> =
    LazyLock::new(|| firsts(CODE_WORDS.iter().copied(), true));

/// `OTP is 482913`, `verification code 482-913`, `482913 is your verification code`.
pub(crate) fn one_time_code(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let high = at(bytes, i) >= 0x80;
    if !is_first(&CODE_WORDS_FIRST, at(bytes, i)) || !high && !opens(bytes, i) {
        return None;
    }
    let words = CODE_WORDS
        .iter()
        .filter(|word| starts_nocase(bytes, i, word));
    let word = words.max_by_key(|word| word.len())?;
    let from = i + word.len();
    let inflected = word.ends_with(b"kod");
    if alnum(at(bytes, from)) && !inflected {
        return None;
    }
    // `your code failed at line 1234` says something else.
    let next = run(bytes, from, 4, blank);
    let said = cut(text, next, run(bytes, next, 8, |b| b.is_ascii_alphabetic()));
    let verb = matches!(
        said,
        "" | "is" | "ist" | "lautet" | "est" | "es" | "é" | "to"
    );
    if SHORT_WORDS.contains(word) && !verb {
        return code_before(text, i);
    }
    let skip = |b| {
        blank(b)
            || b.is_ascii_alphabetic()
            || b >= 0x80
            || matches!(
                b,
                b':' | b'=' | b'#' | b'"' | b'\'' | b'[' | b'(' | b'*' | b'<' | b'>'
            )
    };
    let start = run(bytes, from, CODE_GAP_BYTES_MAX, skip);
    if let Some(end) = code_end(bytes, start) {
        return Some(Finding::secret("otp", start, end));
    }
    code_before(text, i)
}

/// Bytes between the words that lead to a code and the code.
const CODE_GAP_BYTES_MAX: usize = 24;

/// End of the code at `start`: four to eight digits, perhaps in two groups.
fn code_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut end = run(bytes, start, 9, |b| digit(b) || b == b'-');
    let grouped =
        end == start + 3 && at(bytes, end) == b' ' && run(bytes, end + 1, 4, digit) == end + 4;
    if grouped {
        end += 4;
    }
    let run = bytes.get(start..end).unwrap_or(&[]);
    let digits = run.iter().filter(|b| digit(**b)).count();
    let decimal = at(bytes, end) == b'.' && digit(at(bytes, end + 1));
    let bound = !alnum(at(bytes, end)) && !matches!(at(bytes, end), b'-' | b':') && !decimal;
    let prior = before(bytes, start);
    let opens = !(alnum(prior) || prior == b'_');
    ((4..=8).contains(&digits) && bound && opens).then_some(end)
}

/// Words between a code and the words that say what it is.
const ARE: &[&str] = &[
    " is your ",
    " is the ",
    " ist ihr ",
    " ist dein ",
    " est votre ",
    " est ton ",
    " es tu ",
    " es su ",
    " é o seu ",
    " é seu ",
    " è il tuo ",
    " is je ",
    " is uw ",
];
/// How far before the words a code is looked for.
const CODE_BEFORE_BYTES_MAX: usize = 48;

/// The code in `482913 is your Example verification code`.
fn code_before(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let from = crate::bytes::ceil(text, i.saturating_sub(CODE_BEFORE_BYTES_MAX));
    let head = crate::bytes::lower(cut(text, from, i));
    let places = ARE.iter().filter_map(|are| head.rfind(are));
    let end = from + places.max()?;
    let start = crate::bytes::run_back(bytes, end, 9, |b| digit(b) || b == b'-' || b == b' ');
    let start = run(bytes, start, 9, |b| b == b' ');
    (code_end(bytes, start) == Some(end)).then(|| Finding::secret("otp", start, end))
}
