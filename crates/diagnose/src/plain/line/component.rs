//! Which software a line is of, or about: never an address, a port, a thread or an id.

use cordon_fingerprint::header::{Header, Headers, Read, Span};

/// Longest name.
const NAME_BYTES_MAX: usize = 80;
/// Words of a message that are searched for a unit or program.
const WORDS_COUNT_MAX: usize = 24;
/// Characters of a pseudonym behind its kind.
const PSEUDONYM_CHARS: usize = 24;

/// Names by the forms of lines: where the name stands in one, it stands in every line of its form.
#[derive(Clone, Debug, Default)]
pub(super) struct Components {
    /// For each form where the name stands; none where it is not known yet.
    spans: Vec<Option<Span>>,
}

impl Components {
    /// The name of the software that wrote the line that `headers` read last.
    pub(super) fn of<'a>(&mut self, headers: &Headers, read: &Read<'a>, line: &'a str) -> &'a str {
        let Some(form) = read.form else {
            return of(&read.header, line);
        };
        let form = form.0 as usize;
        let known = self.spans.get(form).copied().flatten();
        if let Some(name) = known.and_then(|span| headers.part(line, span)) {
            return name;
        }
        let name = of(&read.header, line);
        self.spans.resize(self.spans.len().max(form + 1), None);
        if let Some(slot) = self.spans.get_mut(form) {
            *slot = headers.span(line, name);
        }
        name
    }
}

/// The name of the software that wrote a line or that it is about; empty where none is told.
fn of<'a>(header: &Header<'a>, line: &'a str) -> &'a str {
    let content = header.content;
    let about = match header.service {
        "kernel" => program(content),
        "systemd" | "init" => unit(content),
        "systemd-coredump" => parenthesised(content),
        _ => "",
    };
    if !about.is_empty() {
        return about;
    }
    let told = [clean(header.service), clean(class(header.logger))];
    if let Some(name) = told.into_iter().find(|name| !name.is_empty()) {
        return name;
    }
    if header.severity.0 == 0 && header.time_unix_ns.is_none() {
        return bracketed(content);
    }
    // `|ERROR|Acme.Orders|gone`.
    let prefix = line.strip_suffix(content).unwrap_or_default();
    if let Some(name) = piped(prefix).map(clean).filter(|name| !name.is_empty()) {
        return name;
    }
    let inner = [header.bracket, bracketed(content)];
    let inner = inner.into_iter().find(|name| is_part(name));
    let inner = inner.map_or("", clean);
    if !inner.is_empty() {
        return inner;
    }
    // Loggers pad the level before a name.
    let prefix = line.strip_suffix(content).unwrap_or_default();
    let padded = prefix.ends_with("  ");
    let told = [trailing(content), leading(content, header, padded)];
    told.into_iter().find(|n| !n.is_empty()).unwrap_or_default()
}

/// A logger without its function, line and method: `db.main:run:42` is `db.main`.
fn class(name: &str) -> &str {
    let name = name.split(['[', '(', '#']).next().unwrap_or_default();
    let bytes = name.as_bytes();
    let at = |at: usize| bytes.get(at).copied();
    let single = |n: &usize| {
        at(*n) == Some(b':')
            && at(n + 1) != Some(b':')
            && n.checked_sub(1).and_then(at) != Some(b':')
    };
    let end = (0..bytes.len()).find(single).unwrap_or(bytes.len());
    let name = name.get(..end).unwrap_or(name).trim_end_matches('.');
    // What an abbreviation left of a name.
    let abbreviated = name.split('.').all(|part| part.len() <= 1);
    if abbreviated { "" } else { name }
}

/// The name, unless it is an address, a number, an id or a pseudonym; a pod's name without the
/// random part.
fn clean(name: &str) -> &str {
    let name = name.trim_matches(['"', '\'', ':', ',']);
    let lettered = name.bytes().any(|b| b.is_ascii_alphabetic() || b >= 0x80);
    if !lettered || name.len() > NAME_BYTES_MAX || name.contains(['@', '<', '=', ' ']) {
        return "";
    }
    let name = match name.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => name,
    };
    // What stands for what was removed is nobody's name.
    if is_no_name(name) {
        return "";
    }
    let name = without_ending(name);
    let removed = name.starts_with("removed:") || name.starts_with("[removed:");
    let is_id = is_pseudonym(name) || is_random(name);
    if removed || is_id || name.parse::<std::net::IpAddr>().is_ok() {
        return "";
    }
    let name = name
        .rsplit('/')
        .next()
        .filter(|_| name.starts_with('/'))
        .unwrap_or(name);
    without_replica(name)
}

/// Levels, and labels of what identifies one request or one run.
fn is_no_name(name: &str) -> bool {
    const NO_NAMES: &str = " trace debug verbose info notice warn warning error err critical crit \
        alert emerg emergency fatal severe fine requestid request-id traceid trace-id spanid \
        correlationid pid tid thread ms us ns sec secs min kb mb gb \
        null undefined none unknown stdout stderr ";
    let lower = name.to_ascii_lowercase();
    lower.len() <= 16 && NO_NAMES.contains(&format!(" {lower} "))
}

/// A source file of a language whose files are named for their classes, without its ending.
fn without_ending(name: &str) -> &str {
    let endings = [".java", ".kt", ".scala", ".groovy", ".cs"];
    let class = endings.iter().find_map(|ending| name.strip_suffix(ending));
    class.filter(|class| !class.is_empty()).unwrap_or(name)
}

/// `ip_` and 24 letters of base32.
fn is_pseudonym(name: &str) -> bool {
    name.rsplit_once('_').is_some_and(|(_, id)| {
        id.len() == PSEUDONYM_CHARS
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
    })
}

/// Whether a name is an id: hexadecimal digits, in groups or not, with a number among them.
fn is_random(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let hex = name.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    hex && name.len() >= 8 && digits > 0 || digits * 2 > name.len() && name.len() > 8
}

/// `web-5d8f7c9b6d-qq8zt` is `web`.
fn without_replica(name: &str) -> &str {
    let Some((front, pod)) = name.rsplit_once('-') else {
        return name;
    };
    // The letters of which Kubernetes makes what it adds.
    let added = |part: &str| {
        part.len() == 5
            && part.bytes().any(|b| b.is_ascii_digit())
            && part
                .bytes()
                .all(|b| b"bcdfghjklmnpqrstvwxz2456789".contains(&b))
    };
    let Some((front, set)) = front.rsplit_once('-') else {
        return if added(pod) { front } else { name };
    };
    let digit = |part: &str| part.bytes().any(|b| b.is_ascii_digit());
    let set_fits = (8..=10).contains(&set.len())
        && digit(set)
        && set
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let fits = pod.len() == 5 && set_fits && pod.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits { front } else { name }
}

/// Whether the name of a bracket is one of a part of the program: no thread, code or mark.
fn is_part(name: &str) -> bool {
    const THREADS: [&str; 24] = [
        "thread",
        "exec-",
        "pool-",
        "nio-",
        "mainprocess",
        "forkpool",
        "worker-",
        "scheduler-",
        "executor",
        "http-",
        "io-",
        "task-",
        "eventloop",
        "event-loop",
        "reactor",
        "qtp",
        "grpc-",
        "async-",
        "pid",
        "tid",
        "conn",
        "client",
        "request",
        "req-",
    ];
    let lower = name.to_ascii_lowercase();
    let thread = THREADS
        .iter()
        .any(|part| lower.starts_with(part) || { part.len() > 5 && lower.contains(part) });
    let code = name.bytes().any(|b| b.is_ascii_digit())
        && name
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    let mark = matches!(
        lower.as_str(),
        "" | "main" | "preauth" | "unknown" | "removed" | "null"
    );
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic());
    named && !thread && !code && !mark && !clean(name).is_empty()
}

/// The last column of a header whose columns are set apart by bars.
fn piped(prefix: &str) -> Option<&str> {
    let mut columns = prefix.trim_end().strip_suffix('|')?.rsplit('|');
    let name = columns.next()?.trim();
    let parts = |name: &str| {
        name.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-$".contains(&b))
    };
    // One of several, and no thread.
    let fits = columns.next().is_some() && parts(name) && is_part(name);
    fits.then_some(name)
}

/// `[name] ` at the beginning of a message.
fn bracketed(content: &str) -> &str {
    let inner = content
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let Some((name, behind)) = inner else {
        return "";
    };
    let fits = name.len() <= NAME_BYTES_MAX
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-/:".contains(&b));
    let set_apart = behind.starts_with([' ', ':']);
    if fits && set_apart && is_part(name) {
        clean(name)
    } else {
        ""
    }
}

/// `(kafka.log.LocalLog)` at the end of a message.
fn trailing(content: &str) -> &str {
    let inner = content
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("));
    let Some((_, name)) = inner else {
        return "";
    };
    let fits = name.contains('.')
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._$".contains(&b))
        && name.split('.').all(|part| !part.is_empty());
    if fits { clean(name) } else { "" }
}

/// Words before a colon that name no software.
const WORDS: &str = " error err warning warn info debug note notice fatal panic failed failure \
    fail message msg http https usage hint detail reason cause statement exception caused job \
    critical alert trace todo duration disconnection checkpoint connection automatic parameter \
    restartpoint request response result status total time elapsed user session token file path \
    ms us ns sec secs min mins kb mb gb kib mib gib bytes rows items lines files times requestid \
    traceid tip see expected actual got url query key value count code id step stage phase \
    done ok success completed received \
    process database redo version summary output input stdout stderr ";

/// `db: ` at the beginning of a message, `org.acme.Db ` behind a thread, and `billing.db ` and
/// `billing.db:17 ` behind a padded level.
fn leading<'a>(content: &'a str, header: &Header<'a>, padded: bool) -> &'a str {
    // `<WARN> `, as some write their levels.
    let marked = content
        .strip_prefix('<')
        .and_then(|rest| rest.split_once("> "));
    let marked = marked.filter(|(mark, _)| mark.bytes().all(|b| b.is_ascii_uppercase()));
    let content = marked.map_or(content, |(_, rest)| rest);
    let word = content.split(' ').next().unwrap_or_default();
    let letters = |name: &str, more: &[u8]| {
        let mut bytes = name.bytes();
        bytes.all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    if let Some(name) = word.strip_suffix(':') {
        let fits = (2..=32).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && letters(name, b"._-")
            && !name.bytes().any(|b| b.is_ascii_uppercase())
            && !WORDS.contains(&format!(" {name} "))
            && content.len() > word.len();
        return if fits { clean(name) } else { "" };
    }
    let name = class(word);
    let numbered = word.len() > name.len();
    let dots = name.bytes().filter(|b| *b == b'.').count();
    let fits = (dots >= 2 && !header.bracket.is_empty() || dots >= 1 && (padded || numbered))
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && letters(name, b"._$")
        && letters(word, b"._$:");
    if fits { clean(name) } else { "" }
}

/// The unit that a message of systemd is about, without its kind.
fn unit(content: &str) -> &str {
    const KINDS: [&str; 8] = [
        ".service", ".socket", ".timer", ".mount", ".slice", ".scope", ".target", ".path",
    ];
    for word in content.split_ascii_whitespace().take(WORDS_COUNT_MAX) {
        let word = word.trim_matches(['.', ',', ':', '\'', '"', '(', ')', ';']);
        let word = word.rsplit('/').next().unwrap_or(word);
        if let Some(name) = KINDS.iter().find_map(|kind| word.strip_suffix(kind)) {
            return clean(name);
        }
    }
    ""
}

/// The program that a message of the kernel is about.
fn program(content: &str) -> &str {
    let content = content.strip_prefix("traps: ").unwrap_or(content);
    if let Some((before, _)) = content.split_once(" invoked oom-killer") {
        return clean(before.rsplit([' ', ']']).next().unwrap_or_default());
    }
    for mark in ["task=", "comm=\"", "Comm: ", "task "] {
        if let Some((_, rest)) = content.split_once(mark) {
            return clean(rest.split([',', '"', ' ', ':']).next().unwrap_or_default());
        }
    }
    if let Some((_, rest)) = content.split_once("process ") {
        return parenthesised(rest);
    }
    // `name[123]: segfault`.
    let word = content.split(' ').next().unwrap_or_default();
    let counted = word.trim_end_matches(':').strip_suffix(']');
    let named = counted.and_then(|word| word.split_once('['));
    named.map_or("", |(name, _)| clean(name))
}

/// The first `(name)` of a message.
fn parenthesised(content: &str) -> &str {
    let inner = content
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'));
    inner.map_or("", |(name, _)| clean(name))
}

#[cfg(test)]
mod tests {
    use cordon_fingerprint::header;

    use super::of;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(of(&header::read(line), line), expected, "{line}");
    }

    #[test]
    fn software_is_named() {
        for (line, expected) in [
            ("2024-01-02T03:04:05Z INFO [db] gone", "db"),
            ("2024-01-02T03:04:05Z [db] INFO gone", "db"),
            ("2024-01-02T03:04:05Z INFO db: gone", "db"),
            ("2024/01/02 03:04:05 db: error: gone", "db"),
            (
                "2024-01-02 03:04:05,678 - billing - ERROR - gone",
                "billing",
            ),
            (
                "2024-01-02 03:04:05.678 | INFO     | db.main:run:42 - gone",
                "db.main",
            ),
            (
                "I0102 15:04:05.123456       1 dispatcher.go:217] gone",
                "dispatcher.go",
            ),
            (
                "[2024-01-02 03:04:05,678] INFO gone at 7 (kafka.log.LocalLog)",
                "kafka.log.LocalLog",
            ),
            (
                "01-Jan-2024 03:04:05.678 SEVERE [main] org.acme.Db gone",
                "org.acme.Db",
            ),
            (
                "[pod/web-5d8f7c9b6d-qq8zt/web] 2024-01-02T03:04:05Z INFO gone",
                "web",
            ),
            (
                "Jan  2 03:04:05 h1 systemd[1]: pay.service: Failed with result 'oom-kill'.",
                "pay",
            ),
            (
                "Jan  2 03:04:05 h1 kernel: [1.123456] Out of memory: Killed process 7 (java) x",
                "java",
            ),
            (
                "Jan  2 03:04:05 h1 kernel: java invoked oom-killer: gfp_mask=0x0",
                "java",
            ),
            (
                "Jan  2 03:04:05 h1 kernel: rtp[7]: segfault at 18 ip 0",
                "rtp",
            ),
            ("Jan  2 03:04:05 h1 kernel: eth0: link up", "kernel"),
            ("[db] err", "db"),
            (
                "2024-01-02 03:04:05.6789 +02:00|ERROR|Acme.Web.Orders|gone",
                "Acme.Web.Orders",
            ),
            (
                "INFO  [Service Thread] 2024-01-02 03:04:05,069 Inspector.java:294 - gone",
                "Inspector",
            ),
            ("2024-01-02 03:04:05.678 <RMT> transit_a: gone", "transit_a"),
            (
                "2024-01-02 03:04:05,678 INFO     shop.db:17 gone",
                "shop.db",
            ),
            ("2024-01-02 03:04:05,678 INFO     shop.db gone", "shop.db"),
            (
                "2024-01-02 03:04:05.678 ERROR 1 --- [exec-1] o.a.c.c.C.[.[.[/] : gone",
                "",
            ),
        ] {
            check(line, expected);
        }
    }

    #[test]
    fn addresses_threads_and_ids_are_no_software() {
        for line in [
            "2024-01-02T03:04:05Z INFO [http-6] gone",
            "2024-01-02T03:04:05Z INFO [main] gone",
            "2024-01-02T03:04:05Z INFO 10.0.0.1:8080: gone",
            "2024-01-02T03:04:05Z INFO [633a99af-1441-45f7-a546-4d06a7878db6] gone",
            "2024-01-02T03:04:05Z INFO [10.0.0.1] gone",
            "2024-01-02T03:04:05Z INFO error: gone",
            "2024-01-02T03:04:05Z INFO gone for user 7",
            "2024-01-02 03:04:05 CEST [7] app@shop LOG:  duration: 7 ms",
            "2024-01-02T03:04:05Z INFO shop.example gone",
            "2024-01-02T03:04:05Z ERROR ValueError: gone",
            "2024-01-02T03:04:05Z 812 ms: gone",
            "[Aug  8 13:00:05] WARNING[2204]: gone",
            "2024-01-02T03:04:05Z RequestId: 8f1b gone",
            "gone",
        ] {
            check(line, "");
        }
    }
}
