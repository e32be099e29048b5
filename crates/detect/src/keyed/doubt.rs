//! What stands behind a secret's key and is no secret: code, types, counts, objects, sentences.

use super::{Key, together};
use crate::bytes::{alnum, at, before, blank, ceil, cut, digit, run_back};
use crate::form::is_state;
use crate::key::{KEY_BYTES_MAX, KeyVerdict, verdict};
use crate::value::{Extent, is_prose};

/// Whether what stands without quotes behind a key is a tag of YAML, a path, a call to wait for,
/// or the name of the same thing: `token: !Ref Token`, `PWD=/srv`, `= await f()`, `x.key = key`.
pub(super) fn is_code(text: &str, key: &Key<'_>, found: Extent) -> bool {
    let bytes = text.as_bytes();
    let value = cut(text, found.start, found.end);
    let goes_on = blank(at(bytes, found.end)) && at(bytes, found.end + 1) > b' ';
    let tag = value
        .strip_prefix('!')
        .is_some_and(|tag| tag.bytes().all(|b| b.is_ascii_alphabetic() || b == b':'));
    let leads = matches!(
        value,
        "await" | "new" | "yield" | "function" | "lambda" | "async" | "not"
    );
    let folder = is_working_directory(key.text, value);
    let same = key.spaced
        && value.len() >= 3
        && key.text.ends_with(value)
        && value.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    // The members of a connection string have keys of their own.
    let members = verdict(key.text) == KeyVerdict::Secret("key.connection") || {
        let both = together(text, key);
        both.is_some_and(|both| verdict(both) == KeyVerdict::Secret("key.connection"))
    };
    let members = members && (value.contains(['=', ':', ';', ',']) || goes_on);
    // `in loadSecrets: duplicate entry`: the function that speaks.
    let speaks = ["Error", "Exception"]
        .iter()
        .any(|end| value.trim_end_matches(':').ends_with(end));
    let function = cut(text, 0, key.start).ends_with(" in ")
        && (value.bytes().all(|b| b.is_ascii_lowercase()) || speaks)
        && key.text.starts_with(|c: char| c.is_ascii_lowercase())
        && key
            .text
            .contains(|c: char| c.is_ascii_uppercase() || c == '_');
    function || goes_on && (tag || leads) || folder || same || members
}

/// Folders of the root in which programs work.
const ROOTS: &[&str] = &[
    "/",
    "/app",
    "/builds",
    "/code",
    "/data",
    "/github",
    "/home",
    "/opt",
    "/root",
    "/src",
    "/srv",
    "/tmp",
    "/usr",
    "/var",
    "/workspace",
];

/// Whether a value is the working directory of a process, which has the name of a password in
/// connection strings.
pub(super) fn is_working_directory(key: &str, value: &str) -> bool {
    let path = value.starts_with('~')
        || value.get(1..3) == Some(":\\")
        || value.starts_with('/') && (value.matches('/').count() > 1 || ROOTS.contains(&value));
    matches!(key, "PWD" | "OLDPWD" | "pwd") && path
}

/// Whether a word says what became of the secret, by where it stands: behind a colon any state,
/// behind `=` one in small letters that is nobody's password.
pub(super) fn is_said(rule: &str, sign: u8, value: &str) -> bool {
    // `id-token: write`, of a workflow's permissions.
    if rule == "key.token" && matches!(value, "read" | "write") {
        return true;
    }
    if sign == b':' {
        return !value.ends_with(['!', '?']) && is_state(value);
    }
    let small = value
        .bytes()
        .all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_'));
    let chosen = matches!(
        rule,
        "key.password" | "key.connection" | "key.pin" | "key.secret"
    );
    small && !chosen && is_state(value)
}

/// Whether a value without quotes names where the secret is: `var.db_password`, and behind a key
/// of another kind the secret itself: `key=password`.
pub(super) fn is_reference(rule: &str, value: &str) -> bool {
    let name = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b'[' | b']');
    let telling = |part: &str| matches!(verdict(part), KeyVerdict::Secret(_));
    let member = value
        .rsplit_once('.')
        .map(|(_, last)| last.trim_end_matches(']'));
    let path = value.bytes().all(name) && member.is_some_and(telling);
    let word = value.bytes().all(|b| b.is_ascii_lowercase());
    path || word && rule != "key.password" && rule != "key.answer" && telling(value)
}

/// Whether a value is the path of a file that holds the key: `/etc/ssl/key.pem`.
pub(super) fn is_file(rule: &str, value: &str) -> bool {
    let endings = [".pem", ".key", ".crt", ".der", ".p12"];
    rule == "key.private_key"
        && value.starts_with(['/', '.', '~'])
        && endings.iter().any(|end| value.ends_with(end))
}

/// Whether a value is the digest of the public key of an assembly of .NET.
pub(super) fn is_assembly(key: &str, value: &str) -> bool {
    let hex = value.len() == 16 && value.bytes().all(|b| b.is_ascii_hexdigit());
    hex && key.eq_ignore_ascii_case("PublicKeyToken")
}

/// Whether a value is an object as Java prints it: `Token{a64f992`, `BinderProxy@3f2b`, `[B@1a2b`.
pub(super) fn is_object(rule: &str, value: &str) -> bool {
    let Some((class, digits)) = value.rsplit_once(['{', '@']) else {
        return false;
    };
    let name = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'.' | b'$' | b'[' | b';');
    let hex = |b: u8| digit(b) || matches!(b, b'a'..=b'f' | b'}');
    let address = (5..=9).contains(&digits.len()) && digits.bytes().all(hex);
    let letter = digits.bytes().any(|b| b.is_ascii_lowercase());
    let path = class.starts_with('[') || class.contains(['.', '$']) || class == "Token";
    rule == "key.token" && address && letter && path && class.bytes().all(name)
}

/// Whether the key is the kind of a resource in its name: `arn:aws:secretsmanager:…:secret:db`.
pub(super) fn names_resource(text: &str, key: usize) -> bool {
    let bytes = text.as_bytes();
    let part = |b: u8| alnum(b) || matches!(b, b':' | b'-' | b'*' | b'/');
    let start = run_back(bytes, key, KEY_BYTES_MAX, part);
    let head = cut(text, start, key);
    let stored = head.contains(":secretsmanager:") || head.contains(":ssm:");
    let kind = crate::bytes::starts(bytes, key, b"secret:");
    before(bytes, key) == b':' && head.starts_with("arn:") && stored && kind
}

/// Whether the token is a parser's: `unexpected token: 'else'`.
pub(super) fn parser_speaks(text: &str, key: usize) -> bool {
    let bytes = text.as_bytes();
    let end = run_back(bytes, key, 2, blank);
    let start = run_back(bytes, end, 16, alnum);
    let word = crate::bytes::lower(cut(text, start, end));
    matches!(
        word.as_str(),
        "unexpected" | "expected" | "illegal" | "unrecognized"
    )
}

/// Whether a sentence goes on about another secret: `v1.Secret: secrets is forbidden`.
pub(super) fn names_another(value: &str, next: u8) -> bool {
    let letters = value.bytes().all(|b| b.is_ascii_alphabetic());
    blank(next) && letters && matches!(verdict(value), KeyVerdict::Secret(_))
}

/// Whether what stands without quotes after a secret's key is prose, code, a container, a count
/// or a type.
pub(super) fn is_no_value(key: &Key<'_>, rule: &str, sign: u8, value: &str) -> bool {
    let spoken = sign == b':' && !key.quoted && is_prose(value);
    let code = value.contains('(') && !value.contains(|c: char| c.is_ascii_digit());
    let container = value.starts_with(['{', '[']);
    // `PIN: 3`, `pass=2 fail=0`: a count, not a secret.
    let count = value.len() <= 3 && value.bytes().all(|b| b.is_ascii_digit());
    // Three digits of a PIN are no count: few things have so many.
    let three = rule == "key.pin" && value.len() == 3;
    let tally = !matches!(rule, "key.cvv" | "key.password") && !three
        || matches!(key.text, "pass" | "Pass" | "PASS" | "passes");
    // A schema or type declaration: `password: string`, `token: String`.
    let types = [
        "string", "str", "String", "&str", "varchar", "text", "number", "int", "bool",
    ];
    let typed = (key.spaced || sign == b':') && types.contains(&value);
    // `--- PASS: TestRefresh`.
    let tested = key.text == "PASS" && value.bytes().all(|b| b.is_ascii_alphabetic() || b == b'/');
    spoken || container || (code && sign == b'=') || (count && tally) || typed || tested
}

/// Whether the words up to `end` are the parameters of a function: `def login(email, password)`.
pub(super) fn has_parameters(text: &str, end: usize) -> bool {
    let bytes = text.as_bytes();
    let open = run_back(bytes, end, KEY_BYTES_MAX, |b| b != b'(' && b != b'\n');
    // One argument is the name of a value: `getenv("TOKEN") = …`.
    let several = cut(text, ceil(text, open), end).contains(',') && before(bytes, end) != b'"';
    several
        && before(bytes, open) == b'('
        && open >= 2
        && (alnum(at(bytes, open - 2)) || at(bytes, open - 2) == b'_')
}
