//! Credentials on command lines and in SQL.

use crate::bytes::{alnum, at, before, blank, cut, run, starts, starts_nocase};
use crate::key::{KeyVerdict, verdict};
use crate::value::{extent, is_placeholder, says_nothing};
use crate::{Finding, TokenKind};

/// `--password x`, `--token 'x'` at `i`.
pub(crate) fn flag(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !starts(bytes, i, b"--") || alnum(before(bytes, i)) || before(bytes, i) == b'-' {
        return None;
    }
    let end = run(bytes, i + 2, 64, |b| alnum(b) || matches!(b, b'-' | b'_'));
    if !blank(at(bytes, end)) {
        return None;
    }
    let found = extent(text, end, false)?;
    if cut(text, found.start, found.end).starts_with('-') || says_nothing(text, found) {
        return None;
    }
    match verdict(cut(text, i + 2, end)) {
        KeyVerdict::Secret(rule) => Some(Finding::secret(rule, found.start, found.end)),
        KeyVerdict::Personal(rule, kind) if kind != TokenKind::User => {
            Some(Finding::personal(rule, kind, found.start, found.end))
        }
        _ => None,
    }
}

/// `curl -u user:password`, `mysql -ppassword`, `sshpass -p password` at the option's dash.
pub(crate) fn short_option(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if !(blank(before(bytes, i)) || matches!(before(bytes, i), b'"' | b'\'' | b',')) {
        return None;
    }
    let from = crate::bytes::ceil(text, i.saturating_sub(160));
    let line = cut(text, from, i);
    let line = line
        .rfind(['\n', '|', ';'])
        .map_or(line, |n| cut(line, n + 1, line.len()));
    let option = at(bytes, i + 1);
    let ran = |names: &[&str]| {
        let mut words = line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
        words.any(|word| names.contains(&word))
    };
    if option == b'u' && ran(&["curl", "http", "https", "wget"]) {
        let found = extent(text, i + 2, false)?;
        let value = cut(text, found.start, found.end);
        let colon = value.find(':')?;
        let password = cut(value, colon + 1, value.len());
        let start = found.start + colon + 1;
        return (!is_placeholder(password))
            .then(|| Finding::secret("shell.curl_user", start, found.end));
    }
    let glued = [
        "mysql",
        "mysqldump",
        "mysqladmin",
        "mariadb",
        "mariadb-dump",
        "mysqlimport",
    ];
    if option == b'p' && !blank(at(bytes, i + 2)) && ran(&glued) {
        let found = extent(text, i + 2, false)?;
        return (!says_nothing(text, found))
            .then(|| Finding::secret("shell.mysql_password", found.start, found.end));
    }
    let spaced = [
        "sshpass",
        "docker",
        "podman",
        "helm",
        "az",
        "mongo",
        "mongosh",
        "mongodump",
    ];
    if (option == b'p' && ran(&spaced))
        || (option == b'a' && ran(&["redis-cli"]))
        || (option == b'w' && ran(&["ldapsearch", "ldapmodify", "ldapadd"]))
    {
        let found = extent(text, i + 2, false)?;
        let value = cut(text, found.start, found.end);
        // `docker run -p 8080:80` publishes a port.
        let ports = value
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.' | b'/'));
        return (!(ports || says_nothing(text, found)))
            .then(|| Finding::secret("shell.password", found.start, found.end));
    }
    None
}

/// `PASSWORD 'x'`, `IDENTIFIED BY 'x'` at the word.
pub(crate) fn sql_password(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    if alnum(before(bytes, i)) {
        return None;
    }
    let words: [&[u8]; 3] = [b"password ", b"identified by ", b"password("];
    let word = words.iter().find(|word| starts_nocase(bytes, i, word))?;
    let quote = run(bytes, i + word.len(), 8, |b| blank(b) || b == b'\\');
    if !matches!(at(bytes, quote), b'\'' | b'"') {
        return None;
    }
    let found = extent(text, i + word.len(), false)?;
    (!says_nothing(text, found)).then(|| Finding::secret("sql.password", found.start, found.end))
}

/// `INSERT INTO t (a, password) VALUES ('x', 'secret')` at `VALUES`: columns give the keys; and
/// without a column list, any literal next to a hash or password marker stays unknown.
pub(crate) fn sql_values(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    if !starts_nocase(bytes, i, b"values") {
        return;
    }
    let from = crate::bytes::ceil(text, i.saturating_sub(1_024));
    let head = cut(text, from, i);
    let columns = head
        .trim_end()
        .strip_suffix(')')
        .and_then(|h| h.rsplit_once('('));
    let columns: Vec<&str> = columns.map_or_else(Vec::new, |(_, list)| list.split(',').collect());
    let users = head.to_ascii_lowercase().contains("user");
    let mut at_byte = run(bytes, i + 6, 16, |b| b.is_ascii_whitespace());
    let mut column = 0;
    let limit = (i + 4_096).min(bytes.len());
    while at_byte < limit && matches!(at(bytes, at_byte), b'(' | b',') {
        if at(bytes, at_byte) == b'(' {
            column = 0;
        }
        let Some(found) = extent(text, at_byte + 1, true) else {
            return;
        };
        let key = columns
            .get(column)
            .map_or(KeyVerdict::Unknown, |c| verdict(c.trim()));
        let value = cut(text, found.start, found.end);
        match key {
            _ if is_placeholder(value) => {}
            KeyVerdict::Secret(rule) => out.push(Finding::secret(rule, found.start, found.end)),
            KeyVerdict::Personal(rule, kind) => {
                out.push(Finding::personal(rule, kind, found.start, found.end));
            }
            // No column list: in a table of users every literal but the first may be one.
            _ if columns.is_empty()
                && users
                && column > 0
                && found.quoted
                && !value.contains(' ') =>
            {
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
}
