//! Credentials on command lines and in SQL.

use crate::bytes::{alnum, at, before, blank, cut, run, starts, starts_nocase};
use crate::key::{KeyVerdict, verdict};
use crate::value::{Extent, extent, is_placeholder, is_removed, taken};
use crate::{Finding, TokenKind, account, identity, keyed, url};

/// `--password x`, `--token 'x'` at `i`.
pub(crate) fn flag(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !starts(bytes, i, b"--") || alnum(before(bytes, i)) || before(bytes, i) == b'-' {
        return None;
    }
    let end = run(bytes, i + 2, 64, |b| {
        alnum(b) || matches!(b, b'-' | b'_' | b'.')
    });
    if !blank(at(bytes, end)) {
        return None;
    }
    let value = || taken(text, end, false, |value, _| !value.starts_with('-'));
    let name = cut(text, i + 2, end);
    // `kafka-configs --entity-type users --entity-name bob`.
    if name == "entity-name" && cut(text, 0, i).trim_end().ends_with("--entity-type users") {
        let found = value()?;
        return account::named(text, found.start, found.end);
    }
    match verdict(name) {
        KeyVerdict::Secret(rule) => {
            let found = value()?;
            // `--privkey server.pem` says where it is.
            let value = cut(text, found.start, found.end);
            let file = matches!(rule, "key.private_key" | "key.made") && is_key_file(value);
            (!file).then(|| Finding::secret(rule, found.start, found.end))
        }
        KeyVerdict::Personal(_, kind) => {
            let found = value()?;
            let value = cut(text, found.start, found.end);
            // `--user root`: whom a program runs as.
            if kind == TokenKind::User && !account::is_login(value) {
                return None;
            }
            keyed::governed(name, value, found)
        }
        _ => None,
    }
}

/// Whether an argument is the name of a key's file: what ends as one, and is not made up itself.
fn is_key_file(value: &str) -> bool {
    let (stem, ending) = value.rsplit_once('.').unwrap_or_default();
    let known = ["pem", "key", "crt", "der", "p12", "pfx", "asc"];
    known.contains(&ending) && !crate::bytes::mixed(stem.as_bytes())
}

/// How far before an option the command's name is looked for.
const COMMAND_BYTES_MAX: usize = 160;

/// Commands whose `-u` holds `user:password`.
const USER_COMMANDS: &[&str] = &["curl", "http", "https", "wget"];
/// Commands whose `-p` has the password glued to it.
const GLUED_COMMANDS: &[&str] = &[
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mariadb",
    "mariadb-dump",
    "mysqlimport",
];
/// Commands whose `-p` is followed by the password.
const SPACED_COMMANDS: &[&str] = &[
    "sshpass",
    "docker",
    "podman",
    "helm",
    "az",
    "mongo",
    "mongosh",
    "mongodump",
];

/// Whether one of the commands stands before the option at `i`, in the same command.
pub(crate) fn ran(text: &str, i: usize, names: &[&str]) -> bool {
    let bytes = text.as_bytes();
    let line = bytes
        .get(i.saturating_sub(COMMAND_BYTES_MAX)..i)
        .unwrap_or(&[]);
    let line = line
        .rsplit(|b| matches!(b, b'\n' | b'|' | b';'))
        .next()
        .unwrap_or(line);
    line.split(|b| !(alnum(*b) || matches!(b, b'_' | b'-') || *b >= 0x80))
        .any(|word| names.iter().any(|name| name.as_bytes() == word))
}

/// Adds a user and a password, or one of both, that `sign` joins in one argument; returns where the
/// argument ends. As in an address, the user is somebody's name unless it is a service's.
pub(crate) fn user_and_password(
    text: &str,
    found: Extent,
    sign: char,
    rule: &'static str,
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let value = cut(text, found.start, found.end);
    let (user, password) = value.split_once(sign)?;
    let end = found.start + user.len();
    if !says_nothing(user) && !url::technical_user(user) {
        out.push(Finding::personal(
            "shell.user",
            TokenKind::User,
            found.start,
            end,
        ));
    }
    if !says_nothing(password) {
        out.push(Finding::secret(rule, end + sign.len_utf8(), found.end));
    }
    Some(found.end)
}

/// Whether a part of an argument says nothing, or not any more.
fn says_nothing(part: &str) -> bool {
    is_placeholder(part) || is_removed(part)
}

/// `curl -u user:password`, `mysql -ppassword`, `sshpass -p password` at the option's dash.
/// Returns where the value ends.
pub(crate) fn short_option(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !(blank(before(bytes, i)) || matches!(before(bytes, i), b'"' | b'\'' | b',')) {
        return None;
    }
    let spaced = blank(at(bytes, i + 2));
    match at(bytes, i + 1) {
        b'u' if ran(text, i, USER_COMMANDS) => {
            let found = taken(text, i + 2, false, |value, _| value.contains(':'))?;
            user_and_password(text, found, ':', "shell.curl_user", out)
        }
        b'p' if !spaced && ran(text, i, GLUED_COMMANDS) => {
            let found = taken(text, i + 2, false, |_, _| true)?;
            let rule = "shell.mysql_password";
            out.push(Finding::secret(rule, found.start, found.end));
            Some(found.end)
        }
        option @ (b'p' | b'a' | b'w') => {
            let commands = match option {
                b'p' => SPACED_COMMANDS,
                b'a' => &["redis-cli"],
                _ => &["ldapsearch", "ldapmodify", "ldapadd"],
            };
            if !ran(text, i, commands) {
                return None;
            }
            // `docker run -p 8080:80` publishes a port.
            let found = taken(text, i + 2, false, |value, _| {
                !value
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'/'))
            })?;
            out.push(Finding::secret("shell.password", found.start, found.end));
            Some(found.end)
        }
        _ => None,
    }
}

/// `PASSWORD 'x'`, `IDENTIFIED BY 'x'` at the word.
pub(crate) fn sql_password(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if alnum(before(bytes, i)) {
        return None;
    }
    let words: [&[u8]; 5] = [
        b"password ",
        b"identified by ",
        b"identified with ",
        b"password(",
        b"secret ",
    ];
    let word = words.iter().find(|word| starts_nocase(bytes, i, word))?;
    if *word == b"identified with " {
        return by_plugin(text, i + word.len());
    }
    let quote = run(bytes, i + word.len(), 8, |b| blank(b) || b == b'\\');
    // `(TYPE s3, SECRET 'x')` of DuckDB; elsewhere a secret has a name.
    let listed =
        matches!(before(bytes, i.saturating_sub(1)), b',' | b'(') || before(bytes, i) == b'(';
    if *word == b"secret " && !listed {
        return None;
    }
    // `SET PASSWORD FOR 'bob'@'%' = 'x'`.
    if *word == b"password " && starts_nocase(bytes, i, b"password for ") {
        let name = |b: u8| !matches!(b, b'=' | b'\n' | b';');
        let sign = run(bytes, i, ACCOUNT_BYTES_MAX, name);
        let found = taken(text, sign + 1, false, |_, quoted| quoted)?;
        return (at(bytes, sign) == b'=')
            .then(|| Finding::secret("sql.password", found.start, found.end));
    }
    if !matches!(at(bytes, quote), b'\'' | b'"') {
        return identified(text, i + word.len(), word);
    }
    let found = taken(text, i + word.len(), false, |_, _| true)?;
    Some(Finding::secret("sql.password", found.start, found.end))
}

/// Longest account in bytes between `PASSWORD FOR` and `=`.
const ACCOUNT_BYTES_MAX: usize = 160;

/// `IDENTIFIED WITH plugin BY 'x'` of MySQL at the plugin, and `AS 'hash'`.
fn by_plugin(text: &str, start: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let name = |b: u8| alnum(b) || matches!(b, b'_' | b'\'' | b'"' | b'`');
    let end = run(bytes, start, 64, name);
    let lead = [b" BY ".as_slice(), b" AS "];
    let lead = lead.iter().find(|lead| starts_nocase(bytes, end, lead))?;
    let found = taken(text, end + lead.len(), false, |_, quoted| quoted)?;
    Some(Finding::secret("sql.password", found.start, found.end))
}

/// Oracle's `IDENTIFIED BY x`, a name without quotes, at the name.
fn identified(text: &str, start: usize, word: &[u8]) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = run(bytes, start, 64, |b| {
        alnum(b) || matches!(b, b'_' | b'$' | b'#')
    });
    let value = cut(text, start, end);
    let other = ["values", "password", "random", "globally", "externally"];
    let named = other.iter().any(|other| other.eq_ignore_ascii_case(value));
    // A sentence says what identifies something, a statement whom it makes.
    let from = crate::bytes::ceil(text, start.saturating_sub(COMMAND_BYTES_MAX));
    let head = crate::bytes::lower(cut(text, from, start));
    let mut words = head.split(|c: char| !c.is_ascii_alphabetic());
    let verbs = ["create", "alter", "grant", "connect", "role"];
    let made = words.any(|word| verbs.contains(&word));
    let plain = value.bytes().all(|b| b.is_ascii_alphabetic()) && at(bytes, end) != b';';
    let named = named || plain && !made;
    let ends = matches!(
        at(bytes, end),
        0 | b' ' | b';' | b'\n' | b'"' | b'\'' | b'\\'
    );
    (word == b"identified by " && value.len() >= 3 && ends && !named)
        .then(|| Finding::secret("sql.password", start, end))
}

/// Words of SQL that lead to a secret.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    [
        "password",
        "identified by",
        "identified with",
        "values",
        "secret",
    ]
    .into_iter()
}

/// Whether a literal or a list may follow the word at `i`.
pub(crate) fn may_follow(bytes: &[u8], i: usize, word: &str) -> bool {
    let blanks = |b: u8| b.is_ascii_whitespace();
    let next = run(bytes, i + word.len(), 24, blanks);
    word.starts_with("identified ")
        || matches!(at(bytes, next), b'(' | b'\'' | b'"' | b'\\')
        || word == "password" && starts_nocase(bytes, next, b"for ")
}

/// How far before `VALUES` its column list is looked for.
const COLUMNS_BYTES_MAX: usize = 1_024;
/// How far the lists behind `VALUES` are read.
const ROWS_BYTES_MAX: usize = 4_096;
/// Longest literal in bytes behind `VALUES` that is read.
const LITERAL_BYTES_MAX: usize = 512;

/// `INSERT INTO t (a, password) VALUES ('x', 'secret')` at `VALUES`: columns give the keys; and
/// without a column list, a quoted literal in a table of users is one. Returns how far the lists
/// went, from where on the next `VALUES` counts.
pub(crate) fn sql_values(text: &str, i: usize, out: &mut Vec<Finding>) -> usize {
    let bytes = text.as_bytes();
    let mut at_byte = run(bytes, i + 6, 16, |b| b.is_ascii_whitespace());
    if !starts_nocase(bytes, i, b"values") || at(bytes, at_byte) != b'(' {
        return i;
    }
    let from = crate::bytes::ceil(text, i.saturating_sub(COLUMNS_BYTES_MAX));
    let head = cut(text, from, i).trim_end();
    let columns = head.strip_suffix(')').and_then(|h| h.rsplit_once('('));
    let columns: Vec<&str> = columns.map_or_else(Vec::new, |(_, list)| list.split(',').collect());
    let mut users = None;
    let mut column = 0;
    let limit = (i + ROWS_BYTES_MAX).min(bytes.len());
    while at_byte < limit && matches!(at(bytes, at_byte), b'(' | b',') {
        if at(bytes, at_byte) == b'(' {
            column = 0;
        }
        let Some(found) = extent(text, at_byte + 1, true, LITERAL_BYTES_MAX) else {
            break;
        };
        let key = columns
            .get(column)
            .map_or(KeyVerdict::Unknown, |c| verdict(c.trim()));
        let value = cut(text, found.start, found.end);
        let literal = columns.is_empty() && column > 0 && found.quoted && !value.contains(' ');
        match key {
            _ if is_placeholder(value) => {}
            KeyVerdict::Secret(rule) => out.push(Finding::secret(rule, found.start, found.end)),
            KeyVerdict::Personal(rule, _) if identity::needs_form(rule) => {
                let name = columns.get(column).map_or("", |c| c.trim());
                out.extend(keyed::governed(name, value, found));
            }
            KeyVerdict::Personal(rule, kind) => {
                out.push(Finding::personal(rule, kind, found.start, found.end));
            }
            _ if found.quoted && is_named(&columns, column, cut(text, i, limit), value) => {
                let (start, end) = (found.start, found.end);
                out.push(Finding::personal(
                    "sql.values",
                    TokenKind::Person,
                    start,
                    end,
                ));
            }
            _ if literal && *users.get_or_insert_with(|| names_users(head)) => {
                out.push(Finding::secret("sql.values", found.start, found.end));
            }
            _ => {}
        }
        column += 1;
        let next = found.end + usize::from(found.quoted);
        at_byte = run(bytes, next, 16, |b| {
            b.is_ascii_whitespace() || b == b')' || b == b'\\'
        });
    }
    at_byte
}

/// Whether a value is a person's name: in the column `name` beside one that is somebody's, or
/// beside an address where the columns have no names.
fn is_named(columns: &[&str], column: usize, rows: &str, value: &str) -> bool {
    let told = match columns.get(column) {
        Some(name) => {
            bare_column(name).eq_ignore_ascii_case("name")
                && columns.iter().any(|name| {
                    matches!(
                        verdict(bare_column(name)),
                        KeyVerdict::Secret(_) | KeyVerdict::Personal(..)
                    )
                })
        }
        None => columns.is_empty() && rows.contains('@'),
    };
    told && crate::tool::is_person(value)
}

/// The name of a column without what it is quoted in.
fn bare_column(name: &str) -> &str {
    name.trim().trim_matches(['"', '`', '\\'])
}

/// Whether the statement before `VALUES` names a table of users.
fn names_users(head: &str) -> bool {
    let from = crate::bytes::ceil(head, head.len().saturating_sub(COMMAND_BYTES_MAX));
    cut(head, from, head.len())
        .to_ascii_lowercase()
        .contains("user")
}

#[cfg(test)]
mod tests {
    use crate::{Context, Detector};

    /// What is found in a text, with the rule of each.
    fn check(text: &str, want: &[(&str, &str)]) {
        let found = Detector::default().scan(text, &Context::default());
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|f| (f.rule, super::cut(text, f.start, f.end)))
            .collect();
        assert_eq!(found, want, "{text}");
    }

    #[test]
    fn a_pair_in_an_argument_is_as_one_in_an_address() {
        for (text, user, rule) in [
            (
                "curl -u bob:hunter2Zq9 https://x.example",
                "bob",
                "shell.curl_user",
            ),
            (
                "curl -ubob:hunter2Zq9 https://x.example",
                "bob",
                "shell.curl_user",
            ),
            (
                "curl --user='bob:hunter2Zq9' x.example",
                "bob",
                "shell.password",
            ),
            (
                "curl --proxy-user bob:hunter2Zq9 x.example",
                "bob",
                "shell.password",
            ),
            ("http -a bob:hunter2Zq9 x.example", "bob", "shell.password"),
            ("smbclient -U bob%hunter2Zq9 //x/y", "bob", "shell.password"),
            (
                "lftp -u bob,hunter2Zq9 ftp.example",
                "bob",
                "shell.password",
            ),
        ] {
            check(text, &[("shell.user", user), (rule, "hunter2Zq9")]);
        }
        check(
            "curl -u root:hunter2Zq9 x.example",
            &[("shell.curl_user", "hunter2Zq9")],
        );
        check("curl -u bob:$PASSWORD x.example", &[("shell.user", "bob")]);
        check("openssl rsa -passin env:KEYPASS", &[]);
        let pass = "openssl rsa -passin pass:hunter2Zq9";
        check(pass, &[("shell.password", "hunter2Zq9")]);
        check(
            "http://bob:hunter2Zq9@x",
            &[("url.user", "bob"), ("url.password", "hunter2Zq9")],
        );
    }
}
