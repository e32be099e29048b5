//! Secrets among the arguments of a call that a trace shows: functions of languages and databases
//! whose argument at a certain place is one, from their manuals.
//!
//! *Limits:* the arguments are read for [`CALL_BYTES_MAX`].

use crate::bytes::{at, cut, floor, opens, run, starts, starts_nocase};
use crate::value::{Extent, extent, is_placeholder};
use crate::{Finding, TokenKind, account};

/// How far the arguments are read.
const CALL_BYTES_MAX: usize = 400;
/// Most arguments that are read.
const ARGUMENTS_COUNT_MAX: usize = 8;
/// Stands for the last argument, of two at least.
const LAST: usize = usize::MAX;

/// Functions, with the opening parenthesis, and the place of the secret among their arguments.
const FUNCTIONS: &[(&str, usize)] = &[
    ("PDO->__construct(", 2),
    ("PDO::__construct(", 2),
    ("new PDO(", 2),
    ("mysqli->__construct(", 2),
    ("mysqli->real_connect(", 2),
    ("new mysqli(", 2),
    ("mysqli_connect(", 2),
    ("mysqli_real_connect(", 3),
    ("mysql_connect(", 2),
    ("mysql_pconnect(", 2),
    ("oci_connect(", 1),
    ("oci_pconnect(", 1),
    ("odbc_connect(", 2),
    ("ibase_connect(", 2),
    ("ldap_bind(", 2),
    ("ftp_login(", 2),
    ("imap_open(", 2),
    ("ssh2_auth_password(", 2),
    ("password_verify(", 0),
    ("password_hash(", 0),
    ("openssl_encrypt(", 2),
    ("openssl_decrypt(", 2),
    ("hash_hmac(", 2),
    ("Redis->auth(", 0),
    ("NetworkCredential(", 1),
    ("ConvertTo-SecureString ", 0),
    ("ConvertTo-SecureString -String ", 0),
    ("UsernamePasswordCredentials(", 1),
    ("UsernamePasswordCredential(", 1),
    ("PasswordAuthentication(", 1),
    ("UsernamePasswordAuthenticationToken(", 1),
    ("DirectoryEntry(", 2),
    ("SetBasicAuth(", 1),
    ("HTTPBasicAuth(", 1),
    ("basic_auth(", 1),
    ("auth=(", 1),
    ("DriverManager.getConnection(", 2),
    ("login(", LAST),
    ("authenticate(", LAST),
    ("logIn(", LAST),
    ("signIn(", LAST),
    ("signInWithEmailAndPassword(", LAST),
    ("checkPassword(", LAST),
    ("check_password(", LAST),
    ("verifyPassword(", LAST),
    ("verify_password(", LAST),
    ("setPassword(", LAST),
    ("set_password(", LAST),
    ("crypt(", 0),
    ("pgp_sym_encrypt(", 1),
    ("pgp_sym_decrypt(", 1),
    ("aes_encrypt(", 1),
    ("aes_decrypt(", 1),
    ("encryptbypassphrase(", 0),
    ("decryptbypassphrase(", 0),
];

/// The functions.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// The secret among the arguments of the call at `i`, and the account before it.
pub(crate) fn find(text: &str, i: usize) -> [Option<Finding>; 2] {
    let bytes = text.as_bytes();
    let called = FUNCTIONS
        .iter()
        .filter(|(name, _)| opens(bytes, i) && starts_nocase(bytes, i, name.as_bytes()))
        .max_by_key(|(name, _)| name.len());
    let Some((name, place)) = called else {
        return [None, None];
    };
    let strings = strings(text, i + name.len());
    let wanted = if *place == LAST {
        strings.last().filter(|(n, _)| *n > 0)
    } else {
        strings.iter().find(|(n, _)| n == place)
    };
    let Some((n, found)) = wanted else {
        return [None, None];
    };
    let value = cut(text, found.start, found.end);
    let user = strings.iter().find(|(user, _)| user + 1 == *n);
    let user = user.filter(|(_, user)| account::is_login(cut(text, user.start, user.end)));
    let user =
        user.map(|(_, user)| Finding::personal("call.user", TokenKind::User, user.start, user.end));
    let secret = (!is_placeholder(value) && value.len() >= 3)
        .then(|| Finding::secret("call.password", found.start, found.end));
    [secret, user]
}

/// The arguments of the call from `from` on that are strings, with their places.
fn strings(text: &str, from: usize) -> Vec<(usize, Extent)> {
    let bytes = text.as_bytes();
    let limit = floor(text, (from + CALL_BYTES_MAX).min(bytes.len()));
    let call = cut(text, 0, limit);
    let mut next = from;
    let mut strings = Vec::new();
    for n in 0..ARGUMENTS_COUNT_MAX {
        let start = run(bytes, next, 8, |b| b == b' ');
        let quote = run(bytes, start, 16, |b| b == b'\\');
        if matches!(at(bytes, quote), b'\'' | b'"') {
            let Some(found) = extent(call, start, false, CALL_BYTES_MAX) else {
                break;
            };
            let close = run(bytes, found.end, 17, |b| matches!(b, b'\\' | b'\'' | b'"'));
            strings.push((n, found));
            next = close;
        } else {
            next = run(bytes, start, limit.saturating_sub(start), |b| {
                !matches!(b, b',' | b')' | b'\n')
            });
        }
        // `gen_salt('bf')`, `Object(mysqli)`.
        let bracket = at(bytes, next) == b')' && starts(bytes, next + 1, b", ");
        next += usize::from(bracket);
        if at(bytes, next) != b',' {
            break;
        }
        next += 1;
    }
    strings
}
