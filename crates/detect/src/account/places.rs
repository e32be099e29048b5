//! Accounts that their place in the lines of programs tells: the prefix of PostgreSQL's log, the
//! slow log of MySQL, logins of FreeRADIUS, files of password hashes, commands that administer
//! accounts or sign in at another machine, routes of people's resources.

use super::behind::named;
use super::{NAME_BYTES_MAX, name_byte};
use crate::bytes::{
    alnum, at, before, blank, cut, digit, floor, run, run_back, starts, starts_nocase,
};
use crate::value::is_placeholder;
use crate::{Finding, TokenKind, names, net};

/// What PostgreSQL writes behind `user@database` (`log_line_prefix`), and others likewise.
const LEVELS: &[&[u8]] = &[
    b"LOG:",
    b"ERROR:",
    b"FATAL:",
    b"PANIC:",
    b"WARNING:",
    b"NOTICE:",
    b"INFO:",
    b"DEBUG",
    b"HINT:",
    b"DETAIL:",
    b"STATEMENT:",
    b"CONTEXT:",
    b"QUERY:",
];

/// Whether a level follows the name of a database that begins behind the `@` at `i`.
pub(crate) fn may_be_database(bytes: &[u8], i: usize) -> bool {
    let end = run(bytes, i + 1, NAME_BYTES_MAX, name_byte);
    let level = run(bytes, end, 2, blank);
    end > i + 1 && level > end && LEVELS.iter().any(|word| starts(bytes, level, word))
        || starts(bytes, i + 1, HOST)
}

/// `bob@ledger LOG:  duration: …` at its `@`.
pub(crate) fn database(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let start = run_back(bytes, i, NAME_BYTES_MAX, name_byte);
    let apart = matches!(
        before(bytes, start),
        0 | b' ' | b'\t' | b'\n' | b'"' | b'=' | b'['
    );
    (apart && start < i && may_be_database(bytes, i)).then(|| named(text, start, i))?
}

/// What FreeRADIUS writes of a login, before the reason and the account.
const LOGINS: [&str; 2] = ["login incorrect", "login ok"];
/// Longest reason, and longest account and password together, in bytes.
const REASON_BYTES_MAX: usize = 200;

/// `Login incorrect (pap: …): [bob/hunter2] (from client …` at its first word: the account, and
/// the password that was tried, which may hold a bracket.
pub(crate) fn radius(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let Some(login) = LOGINS
        .iter()
        .find(|word| starts_nocase(bytes, i, word.as_bytes()))
    else {
        return;
    };
    let from = i + login.len();
    let inside = |b: u8| b != b'\n';
    let reason = match at(bytes, from + 1) {
        b'(' => run(bytes, from, REASON_BYTES_MAX, |b| b != b'[' && inside(b)),
        _ => from + 2,
    };
    if !starts(bytes, reason.saturating_sub(2), b": [") {
        return;
    }
    let start = reason + 1;
    let limit = floor(text, run(bytes, start, REASON_BYTES_MAX, inside));
    let line = cut(text, start, limit);
    let Some(close) = line.find("] (from").or_else(|| line.rfind(']')) else {
        return;
    };
    let (user, tried) = match cut(line, 0, close).split_once('/') {
        Some((user, tried)) => (user, Some(tried)),
        None => (cut(line, 0, close), None),
    };
    if user.bytes().all(|b| name_byte(b) || b == b'@') {
        out.extend(named(text, start, start + user.len()));
    } else if !is_placeholder(user) {
        let end = start + user.len();
        out.push(Finding::personal(
            "account.radius",
            TokenKind::User,
            start,
            end,
        ));
    }
    // `<via Auth-Type = mschap>` stands for one.
    let said = |tried: &&str| !(is_placeholder(tried) || tried.starts_with("<via "));
    if let Some(tried) = tried.filter(said) {
        let end = start + close;
        out.push(Finding::secret("radius.password", end - tried.len(), end));
    }
}

/// What follows the `@` of a line of MySQL's slow log.
const HOST: &[u8] = b"Host: ";

/// `# User@Host: bob[robert] @ …` at the first `@`.
pub(crate) fn slow_log(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if !starts(bytes, i + 1, HOST) || !cut(text, 0, i).ends_with("User") {
        return;
    }
    let start = i + 1 + HOST.len();
    let end = run(bytes, start, NAME_BYTES_MAX, name_byte);
    out.extend(named(text, start, end));
    let inner = run(bytes, end + 1, NAME_BYTES_MAX, name_byte);
    if at(bytes, end) == b'[' && at(bytes, inner) == b']' {
        out.extend(named(text, end + 1, inner));
    }
}

/// `bob:$6$…` of shadow(5) or htpasswd(1), where the hash begins at `i`.
pub(crate) fn hashed(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if before(bytes, i) == b'"' {
        return quoted(text, i - 1);
    }
    let end = i.checked_sub(1).filter(|n| at(bytes, *n) == b':')?;
    let start = run_back(bytes, end, NAME_BYTES_MAX, name_byte);
    let apart = matches!(
        before(bytes, start),
        0 | b' ' | b'\t' | b'\n' | b'"' | b'\''
    );
    let escaped = before(bytes, start) == b'\\' && at(bytes, start) == b'n';
    let start = start + usize::from(escaped);
    // `hash:$2y$…` says what the hash is.
    let name = cut(text, start, end);
    let telling = crate::key::is_telling(name) || OF_HASHES.contains(&name);
    ((apart || escaped) && !telling).then(|| named(text, start, end))?
}

/// `"bob" "SCRAM-SHA-256$…"` of PgBouncer, whose hash opens with the quote at `i`.
fn quoted(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let slash = |b: u8| b == b'\\';
    let open = run_back(bytes, i, 8, slash);
    let gap = run_back(bytes, open, 4, |b| blank(b) || matches!(b, b'=' | b','));
    let close = gap
        .checked_sub(1)
        .filter(|n| gap < open && at(bytes, *n) == b'"')?;
    let end = run_back(bytes, close, 8, slash);
    let start = run_back(bytes, end, NAME_BYTES_MAX, name_byte);
    let name = cut(text, start, end);
    let telling = crate::key::is_telling(name) || OF_HASHES.contains(&name);
    let state = crate::form::is_state(name) || is_placeholder(name);
    let apart = before(bytes, start) == b'"' && !(telling || state || name.contains('\\'));
    (apart && name.len() >= 2).then(|| named(text, start, end))?
}

/// `bob@web-1:/srv` of scp(1) and rsync(1) at its `@`: whose account on the other machine.
pub(crate) fn remote(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let start = run_back(bytes, i, NAME_BYTES_MAX, name_byte);
    let apart = matches!(
        before(bytes, start),
        0 | b' ' | b'\t' | b'"' | b'\'' | b'\n'
    );
    (apart && may_be_remote(bytes, i)).then(|| named(text, start, i))?
}

/// The command whose argument is an account at a host.
const SSH: &[u8] = b"ssh ";

/// Whether a host and a path follow the `@` at `i`, or ssh(1) stands before the account.
pub(crate) fn may_be_remote(bytes: &[u8], i: usize) -> bool {
    let end = run(bytes, i + 1, NAME_BYTES_MAX, name_byte);
    // `fetch@https://…` is a frame of a browser, `lib@workspace:~` a package.
    let other = [
        b"workspace".as_slice(),
        b"file",
        b"link",
        b"npm",
        b"patch",
        b"portal",
    ];
    let host = bytes.get(i + 1..end).unwrap_or(&[]);
    let path = at(bytes, end) == b':' && matches!(at(bytes, end + 1), b'/' | b'~');
    let path = path && at(bytes, end + 2) != b'/' && !other.contains(&host);
    let start = run_back(bytes, i, NAME_BYTES_MAX, name_byte);
    let opened = start
        .checked_sub(SSH.len())
        .is_some_and(|n| starts(bytes, n, SSH));
    end > i + 1 && (path || opened)
}

/// Commands whose last argument is an account.
const COMMANDS: &[&str] = &[
    "useradd ", "adduser ", "usermod ", "userdel ", "deluser ", "chage ", "passwd -",
];
/// How far a command is read.
const COMMAND_BYTES_MAX: usize = 320;

/// Those commands.
pub(super) fn commands_known() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().chain(&LOGINS).copied()
}

/// `useradd -m bob` at the command.
pub(super) fn administered(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let command = COMMANDS
        .iter()
        .find(|word| starts(bytes, i, word.as_bytes()))?;
    let ends = |b: u8| matches!(b, b'\n' | b';' | b'&' | b'|' | b'"' | b'<' | b'>');
    let from = i + command.len();
    let end = run(bytes, from, COMMAND_BYTES_MAX, |b| !ends(b));
    if end == from + COMMAND_BYTES_MAX {
        return None;
    }
    // The letter of an escaped line break, and the number of a redirection.
    let broken = cut(text, from, floor(text, end)).find("\\n");
    let end = broken.map_or(end, |n| from + n);
    let redirected = at(bytes, end) == b'>' && digit(before(bytes, end));
    let end = run_back(bytes, end - usize::from(redirected), NAME_BYTES_MAX, |b| {
        blank(b) || b == b'\\'
    });
    let start = run_back(bytes, end, NAME_BYTES_MAX, name_byte);
    let argument = blank(before(bytes, start)) && start >= from;
    // A sentence is about the command.
    let first = run(bytes, from, NAME_BYTES_MAX, name_byte);
    let spoken = ["command", "failed", "error", "not"].contains(&cut(text, start, end));
    let spoken =
        spoken || ["to", "is", "will", "can", "and", "or"].contains(&cut(text, from, first));
    (argument && !spoken && at(bytes, start) != b'-').then(|| named(text, start, end))?
}

/// Words before a hash that are no account.
const OF_HASHES: &[&str] = &[
    "hash", "expected", "got", "actual", "computed", "stored", "want", "have", "value", "bcrypt",
    "argon2", "argon2id", "crypt", "scrypt", "pbkdf2", "digest", "old", "new", "result", "output",
];

/// Segments of a route behind which the name of an account may stand.
const SEGMENTS: &[&str] = &[
    "users",
    "user",
    "profile",
    "profiles",
    "members",
    "member",
    "people",
    "accounts",
    "employees",
    "staff",
];

/// Those segments.
pub(super) fn segments_known() -> impl Iterator<Item = &'static str> {
    SEGMENTS.iter().copied()
}

/// `/users/anna.example` at the second slash: names that signs join, of which the lists know one.
pub(crate) fn segment(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !at(bytes, i + 1).is_ascii_alphabetic() || !alnum(before(bytes, i)) {
        return None;
    }
    let from = run_back(bytes, i, 16, alnum);
    if before(bytes, from) != b'/' || !SEGMENTS.contains(&cut(text, from, i)) {
        return None;
    }
    let end = run(bytes, i + 1, NAME_BYTES_MAX, name_byte);
    let end = end - usize::from(before(bytes, end) == b'.');
    let name = cut(text, i + 1, end);
    let closed = matches!(
        at(bytes, end),
        0 | b'/' | b'?' | b' ' | b'"' | b'\'' | b'\n' | b'#' | b'.' | b',' | b')' | b'\\' | b']'
    );
    (closed && (joined(name) || numbered_word(name)) && !net::is_service(name))
        .then(|| Finding::personal("account.route", TokenKind::User, i + 1, end))
}

/// Shortest name in bytes, without the number behind it, that a number makes an account's.
const NUMBERED_BYTES_MIN: usize = 5;

/// Whether a word is numbered as accounts are where a name is taken: `annakeller12`.
fn numbered_word(name: &str) -> bool {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = name.len() - bare.len();
    let plain = bare.bytes().all(|b| b.is_ascii_lowercase());
    (2..=4).contains(&digits)
        && plain
        && bare.len() >= NUMBERED_BYTES_MIN
        && !super::is_common(bare)
        && !names::is_word(bare)
}

/// Whether a name is of two or three words, perhaps numbered, that a sign joins, of which one is a
/// given or a family name.
pub(crate) fn joined(name: &str) -> bool {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let parts: Vec<&str> = bare.split(['.', '_']).collect();
    let word = |part: &&str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_alphabetic());
    let numbered = name.len() - bare.len() <= 6;
    (2..=3).contains(&parts.len())
        && parts.iter().all(word)
        && parts.iter().any(|part| names::is_name(part))
        && numbered
}

#[cfg(test)]
mod tests {
    use crate::Detector;
    use crate::bytes::cut;

    fn found(text: &str) -> Vec<String> {
        let found = Detector::default().scan(text, &crate::Context::default());
        let users = found.iter().filter(|f| f.rule.starts_with("account."));
        users
            .map(|f| cut(text, f.start, f.end).to_owned())
            .collect()
    }

    #[test]
    fn a_place_in_a_line_tells_an_account() {
        for (text, wanted) in [
            (
                "2026-01-02 UTC [94] bob@ledger LOG:  duration: 4 ms",
                vec!["bob"],
            ),
            (
                "# User@Host: bob[robert] @ localhost []  Id: 9",
                vec!["bob", "robert"],
            ),
            ("GET /users/anna.keller HTTP/1.1", vec!["anna.keller"]),
            ("GET /users/annakeller12", vec!["annakeller12"]),
            ("scp app.jar akeller@web-1:/srv", vec!["akeller"]),
            ("useradd -m -s /bin/zsh akeller", vec!["akeller"]),
            ("useradd -m akeller 2>/dev/null", vec!["akeller"]),
            (
                "Login incorrect (pap): [akeller/pa]ss9] (from client ap)",
                vec!["akeller"],
            ),
            ("GET /api/users/anna_keller2/orders", vec!["anna_keller2"]),
        ] {
            assert_eq!(found(text), wanted, "{text}");
        }
        for text in [
            "2026-01-02 UTC [94] postgres@ledger LOG:  checkpoint",
            "git@host LOGGING started",
            "GET /users/sign_in HTTP/1.1",
            "GET /users/password_resets/new",
            "GET /users/me.json",
            "GET /accounts/by_region",
            "GET /users/page12",
            "GET /users/batch4",
            "scp app.jar git@web-1:/srv",
            "fetchData@https://app.example.com/main.js:12:5",
            "lib@workspace:~",
            "GET /users/oauth2/callback",
            "useradd command failed",
            "expected:$1$saltsalt$0123456789abcdefghijkl got nothing",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
