//! Credentials among the arguments of programs, where neither the option's name nor a key says
//! that one follows: which option of which program, from their manuals.
//!
//! *Limits:* a command is read for [`ARGUMENTS_BYTES_MAX`] from its word on.

use crate::bytes::{alnum, at, before, blank, cut, digit, floor, run, starts, starts_nocase};
use crate::fit::fits;
use crate::key::{KeyVerdict, verdict};
use crate::value::{extent, is_placeholder, is_prose, is_removed, ours_end, taken};
use crate::{Finding, keyed, shell};

/// How an option's value holds the secret.
#[derive(Clone, Copy)]
enum Holds {
    /// It is one.
    Whole,
    /// As [`Holds::Whole`], written together with the option.
    Glued,
    /// Behind a user and this sign: `user:password`, `user%password`.
    Pair(char),
    /// Behind the word that says where it comes from: `pass:password`.
    Sourced,
}

/// An option: its spelling, how it holds the secret, and the programs that have it.
const OPTIONS: &[(&str, Holds, &[&str])] = &[
    ("-a", Holds::Pair(':'), &["http", "https", "xh"]),
    ("--auth", Holds::Pair(':'), &["http", "https", "xh"]),
    ("--user", Holds::Pair(':'), &["curl", "wget"]),
    ("--proxy-user", Holds::Pair(':'), &["curl", "wget"]),
    ("-U", Holds::Pair(':'), &["curl"]),
    ("-U", Holds::Pair('%'), SAMBA),
    ("--user", Holds::Pair('%'), SAMBA),
    ("-u", Holds::Pair(','), &["lftp"]),
    ("-u", Holds::Pair(':'), &["ab", "siege", "xh", "aria2c"]),
    (
        "-P",
        Holds::Whole,
        &[
            "sqlcmd",
            "bcp",
            "tsql",
            "unzip",
            "zip",
            "ipmitool",
            "mosquitto_pub",
        ],
    ),
    (
        "-P",
        Holds::Whole,
        &["mosquitto_sub", "isql", "freebcp", "impala-shell"],
    ),
    ("-A", Holds::Whole, SNMP),
    ("-X", Holds::Whole, SNMP),
    ("-p", Holds::Glued, &["7z", "7za", "7zz", "rar", "unrar"]),
    ("-hp", Holds::Glued, &["rar", "unrar"]),
    (
        "-p",
        Holds::Whole,
        &["psexec", "cqlsh", "beeline", "ibmcloud", "cf", "oc", "bw"],
    ),
    ("-pw", Holds::Whole, &["plink", "pscp", "psftp", "putty"]),
    (
        "-w",
        Holds::Whole,
        &[
            "ldapwhoami",
            "ldapdelete",
            "ldappasswd",
            "ldapcompare",
            "ldapvi",
        ],
    ),
    ("-s", Holds::Whole, &["ldappasswd"]),
    ("-k", Holds::Whole, &["openssl"]),
    ("-K", Holds::Whole, &["openssl"]),
    ("-P", Holds::Whole, &["mqttx", "kcat", "tdsql"]),
    ("-a", Holds::Pair(':'), NAGIOS),
    ("--authorization", Holds::Pair(':'), NAGIOS),
    ("-pass", Holds::Sourced, &["openssl"]),
    ("-passin", Holds::Sourced, &["openssl"]),
    ("-passout", Holds::Sourced, &["openssl"]),
];

/// Checks of Nagios.
const NAGIOS: &[&str] = &["check_http", "check_tcp", "check_curl"];
const SAMBA: &[&str] = &[
    "smbclient",
    "rpcclient",
    "smbget",
    "smbmap",
    "smbcacls",
    "net",
    "wmic",
];
const SNMP: &[&str] = &[
    "snmpwalk",
    "snmpget",
    "snmpgetnext",
    "snmpbulkwalk",
    "snmpbulkget",
    "snmpset",
    "snmptrap",
    "snmptable",
    "snmpstatus",
];

/// Where OpenSSL reads a pass phrase from, other than its argument.
const SOURCES: &[&str] = &["env", "file", "fd", "stdin"];

/// The option that is spelled at `i`, as far as its own bytes tell.
fn spelled(
    bytes: &[u8],
    i: usize,
) -> impl Iterator<Item = &'static (&'static str, Holds, &'static [&'static str])> {
    let end = run(bytes, i, 20, |b| alnum(b) || b == b'-');
    let word = bytes.get(i..end).unwrap_or(&[]);
    let ends = matches!(at(bytes, end), b' ' | b'\t' | b'=' | b'"' | b'\'' | b',');
    OPTIONS.iter().filter(move |(name, holds, _)| {
        let name = name.as_bytes();
        match holds {
            Holds::Glued => {
                word.starts_with(name) && word.len() > name.len() || name == word && !ends
            }
            _ => name == word && ends,
        }
    })
}

/// Whether an option may stand at `i`.
pub(crate) fn may_be_option(bytes: &[u8], i: usize) -> bool {
    let prior = before(bytes, i);
    let begins = blank(prior) || matches!(prior, b'"' | b'\'' | b',');
    let user = matches!(at(bytes, i + 1), b'u' | b'U' | b'l') && alnum(at(bytes, i + 3));
    let user =
        user && (blank(at(bytes, i + 2)) || glued_user(bytes, i)) || starts(bytes, i, b"--user");
    begins && (user || spelled(bytes, i).next().is_some() || long_name(bytes, i).is_some())
}

/// Whether an account may be written together with the option at `i`.
fn glued_user(bytes: &[u8], i: usize) -> bool {
    starts(bytes, i, b"-u") && alnum(at(bytes, i + 2))
}

/// End of an option that one dash begins and whose name may say what follows: `-storepass x`.
fn long_name(bytes: &[u8], i: usize) -> Option<usize> {
    let end = run(bytes, i + 1, 40, |b| {
        alnum(b) || matches!(b, b'_' | b'-' | b'.')
    });
    let long = end > i + 4 && at(bytes, i + 1).is_ascii_alphabetic() && blank(at(bytes, end));
    (long && crate::screen::may_end(bytes, end)).then_some(end)
}

/// Adds the credential of the option whose dash is at `i`; returns where it ends.
pub(crate) fn option(text: &str, i: usize, out: &mut Vec<Finding>) -> Option<usize> {
    let bytes = text.as_bytes();
    if !may_be_option(bytes, i) {
        return None;
    }
    for (name, holds, programs) in spelled(bytes, i) {
        if !shell::ran(text, i, programs) {
            continue;
        }
        let from = i + name.len();
        let found = taken(
            text,
            from + usize::from(at(bytes, from) == b'='),
            false,
            |value, _| !value.starts_with('-'),
        );
        let Some(mut found) = found else { continue };
        if matches!(holds, Holds::Pair(_)) && !found.quoted {
            // A sign between both ends neither.
            let end = run(bytes, found.start, ARGUMENTS_BYTES_MAX, |b| {
                !(blank(b) || matches!(b, b'"' | b'\'' | b'\\' | b'\n' | b'|' | b';'))
            });
            found.end = crate::bytes::floor(text, end).max(found.end);
        }
        let value = cut(text, found.start, found.end);
        match holds {
            Holds::Pair(sign) if value.contains(*sign) => {
                return shell::user_and_password(text, found, *sign, "shell.password", out);
            }
            Holds::Pair(_) => {}
            Holds::Sourced => {
                let Some((source, rest)) = value.split_once(':') else {
                    continue;
                };
                if is_placeholder(rest) || is_removed(rest) || SOURCES.contains(&source) {
                    continue;
                }
                let start = found.end - rest.len();
                out.push(Finding::secret("shell.password", start, found.end));
                return Some(found.end);
            }
            Holds::Whole | Holds::Glued => {
                out.push(Finding::secret("shell.password", found.start, found.end));
                return Some(found.end);
            }
        }
    }
    if let Some(found) = user(text, i) {
        let end = found.end;
        out.push(found);
        return Some(end);
    }
    let end = long_name(bytes, i)?;
    let KeyVerdict::Secret(rule) = verdict(cut(text, i + 1, end)) else {
        return None;
    };
    let found = taken(text, end, false, |value, quoted| {
        let source = value.split(':').next().unwrap_or("");
        let letters = value.bytes().all(|b| b.is_ascii_lowercase());
        !value.starts_with('-') && !SOURCES.contains(&source) && (quoted || !letters || long(value))
    })?;
    out.push(Finding::secret(rule, found.start, found.end));
    Some(found.end)
}

/// Options behind which an account stands, and the programs that have it.
const USERS: &[(&str, &[&str])] = &[
    (
        "-u",
        &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlsh",
            "mariadb",
            "mariadb-dump",
            "mongosh",
            "mongo",
            "mongodump",
            "mosquitto_pub",
            "mosquitto_sub",
            "snowsql",
            "psexec",
            "PsExec",
            "PsExec64",
            "ipmitool",
            "cqlsh",
            "cypher-shell",
            "docker",
            "podman",
            "nerdctl",
            "helm",
            "oc",
            "az",
            "evil-winrm",
            "crackmapexec",
            "winexe",
            "snmpwalk",
            "snmpget",
        ],
    ),
    (
        "-U",
        &[
            "psql",
            "pg_dump",
            "pg_restore",
            "pg_dumpall",
            "pg_basebackup",
            "createdb",
            "dropdb",
            "createuser",
            "vacuumdb",
            "sqlcmd",
            "bcp",
            "isql",
            "tsql",
            "ipmitool",
        ],
    ),
    ("-l", &["plink", "ssh", "rlogin"]),
    ("--user", DATABASES),
    ("--username", DATABASES),
];
/// Clients of databases, caches and clusters, and what signs in for them.
const DATABASES: &[&str] = &[
    "mysql",
    "mysqldump",
    "mariadb",
    "mongosh",
    "mongodump",
    "mongorestore",
    "psql",
    "pg_dump",
    "clickhouse-client",
    "clickhouse",
    "redis-cli",
    "valkey-cli",
    "keydb-cli",
    "influx",
    "argocd",
    "docker",
    "podman",
    "skopeo",
    "buildah",
    "helm",
    "cockroach",
    "cqlsh",
    "rpk",
    "nats",
    "etcdctl",
    "sqlplus",
    "svn",
    "wget",
    "ceph",
    "vault",
];
/// Programs that take the account right behind the option.
const GLUED: &[&str] = &[
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mariadb",
    "mariadb-dump",
];

/// Somebody's account behind the option at `i`: `psql -U bob`.
fn user(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let parted = |b: u8| blank(b) || b == b'=';
    let given = |(name, programs): &&(&str, &[&str])| {
        starts(bytes, i, name.as_bytes())
            && parted(at(bytes, i + name.len()))
            && shell::ran(text, i, programs)
    };
    let glued = glued_user(bytes, i);
    let start = match USERS.iter().find(given) {
        Some((name, _)) => run(bytes, i + name.len(), 4, parted),
        None if glued && shell::ran(text, i, GLUED) => i + 2,
        None => return None,
    };
    let start = run(bytes, start, 8, |b| matches!(b, b'"' | b'\'' | b'\\'));
    crate::tool::account(text, start)
}

/// Whether a word is no `is` or `for` of a sentence.
fn long(value: &str) -> bool {
    value.len() >= 6
}

/// How far a command is read.
const ARGUMENTS_BYTES_MAX: usize = 320;
/// Most arguments of a command that are read.
const ARGUMENTS_COUNT_MAX: usize = 16;

/// Commands whose arguments hold a secret by their place.
const COMMANDS: &[&str] = &[
    "add_user ",
    "change_password ",
    "authenticate_user ",
    "htpasswd ",
    "wpa_passphrase ",
    "rclone config ",
    "nmcli ",
    "net user ",
    "mc alias set ",
    "requirepass ",
    "masterauth ",
    "SETUSER ",
    "SETUSER\" ",
    "sp_addlogin ",
    "schtasks ",
    "reg add ",
    "HSET ",
    "HMSET ",
    "echo ",
    "printf ",
    "printenv ",
    "ENV ",
    "shell input text ",
    "log in as ",
    "login as ",
    "sign in as ",
    "variable \"",
    "variable \\\"",
    "from String \"",
    "from String \\\"",
    "setenv ",
    "fastcgi_param ",
    "uwsgi_param ",
    "scgi_param ",
    "proxy_set_header ",
    "net use ",
    "AUTH ",
];

/// The commands.
pub(crate) fn words_known() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().copied()
}

/// Places of the arguments from `i` on, up to the end of the command.
fn arguments(text: &str, i: usize) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let ends = |b: u8| matches!(b, b'\n' | b'|' | b';' | b'&');
    let limit = run(bytes, i, ARGUMENTS_BYTES_MAX, |b| !ends(b));
    let mut out = Vec::new();
    let mut from = i;
    while out.len() < ARGUMENTS_COUNT_MAX {
        let open = run(bytes, from, 64, |b| {
            blank(b) || matches!(b, b'"' | b'\'' | b'\\')
        });
        if open >= limit {
            break;
        }
        // One that begins within the limit is read to its end.
        let end = run(bytes, open, ARGUMENTS_BYTES_MAX, |b| !(blank(b) || ends(b)));
        let glued = ours_end(text, open).filter(|ours| *ours < end);
        let end = glued.unwrap_or(end);
        let bare = cut(text, open, end).trim_end_matches(['"', '\'', '\\', ',']);
        // An escaped line break ends the command.
        let broken = bare.find("\\n").unwrap_or(bare.len());
        let quote = bare.find('"').unwrap_or(bare.len()).min(broken);
        out.push((open, open + quote));
        if quote < bare.len() || glued.is_some() {
            break;
        }
        from = end;
    }
    out
}

/// The credentials of the command whose word is at `i`.
pub(crate) fn run_at(text: &str, i: usize, out: &mut Vec<Finding>) {
    let bytes = text.as_bytes();
    let at_i = |word: &&&str| starts_nocase(bytes, i, word.as_bytes());
    let Some(word) = COMMANDS.iter().find(at_i) else {
        return;
    };
    let arguments = arguments(text, i + word.len());
    let said = |n: usize| arguments.get(n).map_or("", |a| cut(text, a.0, a.1));
    let options = arguments
        .iter()
        .take_while(|a| cut(text, a.0, a.1).starts_with('-'))
        .count();
    let behind = |name: &str| {
        let place = arguments.iter().position(|a| cut(text, a.0, a.1) == name);
        place.map(|n| n + 1)
    };
    whose(text, (i, word), &arguments, out);
    let place = match *word {
        "add_user " | "change_password " | "authenticate_user " => {
            shell::ran(text, i, &["rabbitmqctl", "ejabberdctl"]).then_some(1)
        }
        "htpasswd " => password_file(text, &arguments, options),
        "wpa_passphrase " | "net user " | "sp_addlogin " => Some(1),
        "rclone config " => behind("pass").or_else(|| behind("password")),
        "nmcli " => behind("password"),
        "schtasks " => behind("/rp").or_else(|| behind("/RP")),
        "reg add " => behind("/v")
            .filter(|n| is_secret(said(*n)))
            .and_then(|_| behind("/d")),
        "mc alias set " => Some(3),
        "AUTH " => bare_auth(text, i, &arguments),
        "net use " => of_share(text, &arguments),
        "shell input text " => shell::ran(text, i, &["adb"]).then_some(0),
        "requirepass " | "masterauth " => Some(0),
        "ENV " | "setenv " | "fastcgi_param " | "uwsgi_param " | "scgi_param "
        | "proxy_set_header " => variable(text, i, &arguments, out),
        "SETUSER " | "SETUSER\" " => {
            acl(text, &arguments, out);
            None
        }
        "HSET " | "HMSET " => {
            fields(text, &arguments, out);
            None
        }
        "printenv " => {
            out.extend(printed(text, i + word.len()));
            None
        }
        "log in as " | "login as " | "sign in as " => {
            (said(1) == "/" && said(2).bytes().any(digit)).then_some(2)
        }
        "variable \"" | "variable \\\"" => {
            out.extend(variable_default(text, i + word.len()));
            None
        }
        "from String \"" | "from String \\\"" => {
            out.extend(unread(text, i + word.len()));
            None
        }
        _ => {
            out.extend(printed(text, i + word.len()));
            let end = arguments.last().map_or(i, |a| a.1);
            (piped(text, end) || gives(text, i)).then_some(options)
        }
    };
    let found = place.and_then(|n| arguments.get(n)).copied();
    if let Some(found) = found.filter(|_| !said(0).is_empty()) {
        out.extend(password(text, word, found));
    }
}

/// Place of the password of `net use \\host\share password`.
fn of_share(text: &str, arguments: &[(usize, usize)]) -> Option<usize> {
    arguments.iter().position(|a| {
        let word = cut(text, a.0, a.1);
        !word.starts_with(['/', '*']) && !word.contains('\\') && !word.ends_with(':')
    })
}

/// The secret that is an argument of a command, or a part of it.
fn password(text: &str, word: &str, (start, end): (usize, usize)) -> Option<Finding> {
    let value = cut(text, start, end);
    let user = word == "net user " && (value.starts_with('/') || value == "*");
    if is_placeholder(value) || user || value.starts_with('-') {
        return None;
    }
    let colon = value.find(':').filter(|_| {
        text.get(end..).is_some_and(|t| {
            t.trim_start_matches(['"', '\'', ' ', '|'])
                .starts_with("chpasswd")
        })
    });
    let start = start + colon.map_or(0, |n| n + 1);
    Some(Finding::secret("shell.password", start, end))
}

/// Adds somebody's account among the arguments of a command.
fn whose(
    text: &str,
    (i, word): (usize, &str),
    arguments: &[(usize, usize)],
    out: &mut Vec<Finding>,
) {
    let said = |a: &(usize, usize)| cut(text, a.0, a.1);
    let behind = |name: &str| {
        arguments
            .iter()
            .position(|a| said(a).eq_ignore_ascii_case(name))
    };
    let options = arguments.iter().take_while(|a| said(a).starts_with('-'));
    let account = match word {
        "add_user " | "change_password " => {
            shell::ran(text, i, &["rabbitmqctl", "ejabberdctl"]).then_some(0)
        }
        "net user " => {
            let option = |a: &(usize, usize)| said(a).starts_with('/');
            arguments.iter().skip(1).any(option).then_some(0)
        }
        "schtasks " => behind("/ru").map(|n| n + 1),
        "htpasswd " => {
            password_file(text, arguments, options.count()).and_then(|n| n.checked_sub(1))
        }
        _ => None,
    };
    if let Some((start, _)) = account.and_then(|n| arguments.get(n)) {
        out.extend(crate::tool::account(text, *start));
    }
}

/// How far behind the name of a variable of Terraform its default is looked for, in bytes, and
/// behind a value that Jackson could not read, whose it is.
const BLOCK_BYTES_MAX: usize = 400;

/// The default of `variable "db_password" { default = "x" }` of Terraform, at the name.
fn variable_default(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let end = run(bytes, i, VARIABLE_BYTES_MAX, |b| {
        alnum(b) || matches!(b, b'_' | b'-')
    });
    let name = cut(text, i, end);
    let KeyVerdict::Secret(_) = verdict(name) else {
        return None;
    };
    let block = cut(text, end, floor(text, end + BLOCK_BYTES_MAX));
    let block = block.split('}').next().unwrap_or(block);
    let place = end + block.find("default")? + "default".len();
    let sign = run(bytes, place, 40, blank);
    let found = extent(text, sign + 1, false, VARIABLE_VALUE_BYTES_MAX)?;
    let held = at(bytes, sign) == b'=' && found.quoted;
    held.then(|| keyed::governed(name, cut(text, found.start, found.end), found))?
}

/// The value at `i` that Jackson could not read, whose field its chain of references names:
/// `from String "x": … (through reference chain: Order["pin"])`.
fn unread(text: &str, i: usize) -> Option<Finding> {
    let quoted = i.checked_sub(1)?;
    let slash = quoted - usize::from(before(text.as_bytes(), quoted) == b'\\');
    let found = extent(text, slash, false, VARIABLE_VALUE_BYTES_MAX)?;
    let rest = cut(text, found.end, floor(text, found.end + BLOCK_BYTES_MAX));
    let (_, chain) = rest.split_once("reference chain: ")?;
    let chain = chain.split(')').next().unwrap_or(chain);
    let (_, last) = chain.rsplit_once('[')?;
    let name = last.trim_matches(|c: char| matches!(c, ']' | '"' | '\\'));
    keyed::governed(name, cut(text, found.start, found.end), found)
}

/// Place of the secret in `ENV NAME value` of a Dockerfile, `setenv NAME value` of the C shell and
/// `fastcgi_param NAME value` of nginx; what is somebody's is added.
fn variable(
    text: &str,
    i: usize,
    arguments: &[(usize, usize)],
    out: &mut Vec<Finding>,
) -> Option<usize> {
    let bytes = text.as_bytes();
    let (start, end) = arguments.first().copied()?;
    let name = cut(text, start, end);
    let upper = |b: u8| b.is_ascii_uppercase() || digit(b) || b == b'_';
    let spelled = name.bytes().all(upper) || !starts(bytes, i, b"ENV ");
    let (from, to) = arguments.get(1).copied()?;
    // nginx's own variable: `proxy_set_header Cookie $http_cookie;`.
    if at(bytes, from) == b'$' {
        return None;
    }
    let KeyVerdict::Secret(rule) = verdict(name) else {
        let found = extent(text, end, false, VARIABLE_VALUE_BYTES_MAX).filter(|_| spelled)?;
        out.extend(keyed::governed(
            name,
            cut(text, found.start, found.end),
            found,
        ));
        return None;
    };
    let value = cut(text, from, to);
    (spelled && fits(rule, value) && !is_prose(value)).then_some(1)
}

/// Longest value of a variable in bytes that is looked at for what is somebody's.
const VARIABLE_VALUE_BYTES_MAX: usize = 256;

/// Longest name of a variable in bytes.
const VARIABLE_BYTES_MAX: usize = 64;

/// The name of the variable whose value a command prints, from `i` on, and where it ends:
/// `echo "$NAME"`, `printenv NAME`.
fn shown(text: &str, i: usize) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    let signs = |b: u8| matches!(b, b'"' | b'$' | b'{' | b'\\');
    let start = run(bytes, i, 8, signs);
    let end = run(bytes, start, VARIABLE_BYTES_MAX, |b| alnum(b) || b == b'_');
    let braced = usize::from(at(bytes, end) == b'}');
    let close = end + braced;
    let quoted = run(bytes, close, 4, |b| b == b'\\');
    let close = if at(bytes, quoted) == b'"' {
        quoted + 1
    } else {
        close
    };
    (end > start).then_some((cut(text, start, end), close))
}

/// What a shell printed of a variable whose name says that it is secret: the line below.
fn printed(text: &str, i: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let (name, end) = shown(text, i)?;
    let KeyVerdict::Secret(rule) = verdict(name) else {
        return None;
    };
    let slashes = run(bytes, end, 8, |b| b == b'\\');
    let below = match (at(bytes, slashes), at(bytes, slashes + 1)) {
        (b'\n', _) if slashes == end => end + 1,
        (b'\r', b'\n') if slashes == end => end + 2,
        (b'n', _) if slashes > end => slashes + 1,
        _ => return None,
    };
    let found = taken(text, below, false, |value, _| {
        fits(rule, value) && !is_prose(value)
    })?;
    let alone = matches!(at(bytes, found.end), 0 | b'\n' | b'\r' | b'\\' | b'"');
    alone.then(|| Finding::secret(rule, found.start, found.end))
}

/// Whether a line ends with a command that prints such a variable.
pub(crate) fn shows_secret(line: &str) -> bool {
    // No blank stands in the name, nor in what closes it.
    let last = memchr::memrchr(b' ', line.as_bytes());
    let head = last.map_or("", |last| cut(line, 0, last + 1));
    ["echo ", "printenv "].iter().any(|word| {
        let Some(before) = head.strip_suffix(word) else {
            return false;
        };
        let at = before.len();
        let shown = shown(line, at + word.len());
        let named = *word != "echo " || cut(line, at, line.len()).contains('$');
        shown.is_some_and(|(name, end)| {
            named && end == line.len() && matches!(verdict(name), KeyVerdict::Secret(_))
        })
    })
}

/// Whether the name is that of a secret.
fn is_secret(name: &str) -> bool {
    matches!(verdict(name), KeyVerdict::Secret(_))
}

/// Place of the password of `htpasswd -b file user password`; with `-n` there is no file.
fn password_file(text: &str, arguments: &[(usize, usize)], options: usize) -> Option<usize> {
    let flags = arguments.iter().take(options).map(|a| cut(text, a.0, a.1));
    let flags: String = flags.filter(|flag| !flag.starts_with("--")).collect();
    let file = usize::from(!flags.contains('n'));
    flags.contains('b').then_some(options + file + 1)
}

/// `ACL SETUSER app on >password` of Redis.
fn acl(text: &str, arguments: &[(usize, usize)], out: &mut Vec<Finding>) {
    for (start, end) in arguments {
        let value = cut(text, *start, *end);
        if let Some(password) = value.strip_prefix(['>', '<'])
            && !is_placeholder(password)
        {
            out.push(Finding::secret("redis.auth", start + 1, *end));
        }
    }
}

/// `HSET key field value field value` of Redis.
fn fields(text: &str, arguments: &[(usize, usize)], out: &mut Vec<Finding>) {
    let pairs = arguments.get(1..).unwrap_or(&[]);
    for pair in pairs.chunks(2) {
        let [name, value] = pair else { continue };
        let found = crate::value::Extent {
            start: value.0,
            end: value.1,
            quoted: true,
        };
        let name = cut(text, name.0, name.1);
        out.extend(crate::keyed::governed(
            name,
            cut(text, value.0, value.1),
            found,
        ));
    }
}

/// Place of the password of Redis' `AUTH password` and `AUTH user password`, a line of their own.
fn bare_auth(text: &str, i: usize, arguments: &[(usize, usize)]) -> Option<usize> {
    let bytes = text.as_bytes();
    let prior = before(bytes, i);
    let begins = prior == 0
        || matches!(prior, b'\n' | b'"' | b'=' | b':' | b'>')
        || prior == b' ' && matches!(before(bytes, i - 1), b'>' | b':');
    let place = arguments.len().checked_sub(1).filter(|n| *n < 2)?;
    let (start, end) = arguments.get(place).copied()?;
    let ends = matches!(at(bytes, end), 0 | b'\n' | b'"' | b'\\');
    // What a producer marked is judged by its marks, and reads otherwise afterwards.
    let value = cut(text, start, end).split('‹').next().unwrap_or("");
    let mixed =
        value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
    let upper = starts(bytes, i, b"AUTH ");
    (begins && ends && upper && mixed && value.len() >= 8).then_some(place)
}

/// Whether a command that prints is the value of an option for a command that gives a password:
/// `--ldap_password_cmd='echo -n x'`.
fn gives(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let quote = crate::bytes::run_back(bytes, i, 16, |b| matches!(b, b'"' | b'\'' | b'\\'));
    let sign = crate::bytes::run_back(bytes, quote, 2, |b| matches!(b, b'=' | b':' | b' '));
    let start = crate::bytes::run_back(bytes, sign, 64, |b| alnum(b) || matches!(b, b'_' | b'-'));
    let name = crate::bytes::lower(cut(text, start, sign));
    let name = name
        .strip_suffix("cmd")
        .or_else(|| name.strip_suffix("command"));
    let name = name.map(|name| name.trim_end_matches(['_', '-']));
    quote < i && name.is_some_and(|name| matches!(verdict(name), KeyVerdict::Secret(_)))
}

/// Whether what is printed goes into a program that reads a password: `echo x | sudo -S id`.
fn piped(text: &str, i: usize) -> bool {
    let bytes = text.as_bytes();
    let pipe = run(bytes, i, 8, |b| {
        blank(b) || matches!(b, b'"' | b'\'' | b'\\')
    });
    if at(bytes, pipe) != b'|' {
        return false;
    }
    let end = run(bytes, pipe + 1, 96, |b| !matches!(b, b'\n' | b'|' | b';'));
    let reader = cut(text, pipe + 1, crate::bytes::floor(text, end)).trim_start();
    let program = reader.split(' ').next().unwrap_or("");
    let reads = [
        "-S",
        "--stdin",
        "--password-stdin",
        "--with-token",
        "--pass-stdin",
        "-pass",
    ];
    matches!(
        program,
        "chpasswd" | "kinit" | "passwd" | "sudo" | "smbpasswd"
    ) && (program != "sudo" || reader.contains(" -S"))
        || reads.iter().skip(1).any(|option| reader.contains(option))
}
