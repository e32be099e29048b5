//! Messages that tell of trouble, and near misses.

use super::*;

/// What a text tells, in short: `out_of_memory fatal`, empty where it tells nothing.
fn told(text: &str) -> String {
    let Some(trouble) = of(text) else {
        return String::new();
    };
    let weight = match trouble.weight {
        Weight::Hint => "hint",
        Weight::Error => "error",
        Weight::Fatal => "fatal",
    };
    let numbered = if trouble.is_numbered { " numbered" } else { "" };
    format!("{} {weight}{numbered}", trouble.kind.name())
}

#[track_caller]
fn check(rows: &[(&str, &str)]) {
    let wrong: Vec<(&str, String)> = rows
        .iter()
        .map(|(text, expected)| (text, told(text), expected))
        .filter(|(_, told, expected)| told != *expected)
        .map(|(text, told, _)| (*text, told))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_rows_are_searched() {
    assert!(ROWS.is_some());
}

#[test]
fn rows_are_written_as_they_are_searched() {
    let lists = TROUBLE.iter().chain(COUNTED).map(|words| words.rows);
    let rows = lists
        .chain([ENDED, HARMLESS, OVER])
        .flat_map(|rows| rows.split('|'));
    let wrong: Vec<&str> = rows
        .filter(|row| {
            let inner = row.trim_matches('*');
            inner.is_empty() || inner.contains('*') || inner.bytes().any(|b| plain(b) != b)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn what_fails_is_told_by_its_kind() {
    check(&[
        (
            "upstream timed out (110: Connection timed out) while connecting",
            "timeout error",
        ),
        (
            "dial tcp <ip>: connect: connection refused",
            "refused error",
        ),
        (
            "read tcp <ip>-><ip>: read: connection reset by peer",
            "reset error",
        ),
        ("connect: no route to host", "unreachable error"),
        (
            "Get \"<url>\": dial tcp: lookup <host> on <ip>: read udp: i/o timeout",
            "name_resolution error",
        ),
        ("getaddrinfo EAI_AGAIN redis", "name_resolution error"),
        (
            "x509: certificate has expired or is not yet valid",
            "certificate error",
        ),
        (
            "The remote certificate is invalid: NotTimeValid",
            "certificate error",
        ),
        (
            "password authentication failed for user \"app\"",
            "denied error",
        ),
        ("ThrottlingException: Rate exceeded", "throttled error"),
        ("429 Too Many Requests", "throttled error"),
        ("deadlock detected", "lock error"),
        (
            "Lock wait timeout exceeded; try restarting transaction",
            "lock error",
        ),
        (
            "EROFS: read-only file system, open '/data/x'",
            "read_only error",
        ),
        (
            "HikariPool-1 - Connection is not available, request timed out after 30000ms.",
            "exhausted error",
        ),
        (
            "QueuePool limit of size 5 overflow 10 reached",
            "exhausted error",
        ),
    ]);
}

#[test]
fn blocks_locks_and_quotas_are_told_apart() {
    check(&[
        ("session 7 is blocked by session 9", "lock error"),
        ("mail to us is on their block list", "blocked error"),
        ("sda: blacklisted, udev property missing", "blocked hint"),
        ("Quota exceeded (mailbox for user is full)", "space error"),
        (
            "exceeded quota: compute, limits.memory=2Gi",
            "exhausted error",
        ),
        ("Quota exceeded for read requests", "throttled error"),
    ]);
}

#[test]
fn states_and_names_are_told_too() {
    check(&[
        ("checksum mismatch in block <num>", "corrupt error"),
        ("Server be/s1 is DOWN, reason: Layer4 timeout", "down error"),
        ("backend be has no server available!", "down error"),
        (
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
            "down error",
        ),
        ("column invoices.vat_code does not exist", "missing error"),
        (
            "TypeError: Cannot read properties of undefined (reading 'x')",
            "exception error",
        ),
        ("redis.exceptions.ResponseError: unknown", "exception error"),
        ("java.lang.IllegalStateException: bad", "exception error"),
        ("request failed", "failed error"),
        ("ERROR connecting to DWH", "failed error"),
        ("ORA-12541: TNS:no listener", "refused error"),
        ("token used before issued", "clock error"),
        ("Fehler beim Lesen", "failed error"),
        ("slow query: select 1", "slow hint"),
        ("will retry in 5 s", "failed hint"),
        ("event=connection_refused", "refused error"),
    ]);
}

#[test]
fn ends_are_told_even_once() {
    check(&[
        (
            "Out of memory: Killed process 4711 (java)",
            "out_of_memory fatal",
        ),
        (
            "java invoked oom-killer: gfp_mask=0x0",
            "out_of_memory fatal",
        ),
        (
            "Main process exited, code=killed, status=9/KILL",
            "killed fatal",
        ),
        (
            "app[7]: segfault at 18 ip 00007f sp 00007f error 4",
            "crash fatal",
        ),
        ("Process 7 (app) of user 1000 dumped core.", "crash fatal"),
        ("panic: runtime error: index out of range", "crash fatal"),
        ("thread 'main' panicked at src/main.rs:3", "crash fatal"),
        (
            "cannot bind port 8080: address already in use",
            "address_in_use fatal",
        ),
        ("write error: No space left on device", "space fatal"),
        ("mvcc: database space exceeded", "space fatal"),
        (
            "Worker (pid:17) was sent SIGKILL! Perhaps out of memory?",
            "out_of_memory fatal",
        ),
        ("Failed to start app.service", "exit fatal"),
        ("app.service: Failed with result 'exit-code'.", "exit fatal"),
        ("container exited with code 137", "exit fatal"),
        ("container exited with code 0", ""),
        ("container exited with code <num>", "exit hint numbered"),
        (
            "Main process exited, code=exited, status=1/FAILURE",
            "exit fatal",
        ),
        ("Main process exited, code=exited, status=0/SUCCESS", ""),
        ("Back-off restarting failed container", "exit fatal"),
    ]);
}

#[test]
fn what_only_looks_like_trouble_is_none() {
    check(&[
        ("done, 0 errors", ""),
        ("done with no errors", ""),
        ("finished without error", ""),
        ("errors: 0, warnings: 2", ""),
        ("errors=0 failed=0", ""),
        ("ok=5 failed=2", "failed error"),
        ("errors=<num>", "failed hint numbered"),
        ("<num> failed", "failed hint numbered"),
        ("error=null", ""),
        ("\"error\": null, \"status\": 200", ""),
        ("err=<nil> took=3ms", ""),
        ("error=\"\" code=0", ""),
        ("error rate 0.1 %", ""),
        ("error_rate=0.1", ""),
        ("registered error handler", ""),
        ("timeout=30s retries=3", ""),
        ("timeout: 5000", ""),
        ("connectTimeout set to 5s", ""),
        ("recovered: connection refused earlier", ""),
        ("retry succeeded after timeout", ""),
        ("GET /errors/500.html", ""),
        ("GET /timeout HTTP/1.1", ""),
        ("shutting down", ""),
        ("scaled down to 2", ""),
        ("downloaded 5 files", ""),
        ("terrorism", ""),
        ("failover.example", ""),
        ("INFO served item", ""),
        ("on failure restart", ""),
        ("ErrorHandler ready", ""),
        ("error-prone", "failed error"),
        ("", ""),
    ]);
}

#[test]
fn a_kind_has_a_name_of_its_own() {
    let mut names: Vec<&str> = TROUBLE.iter().map(|words| words.kind.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 27);
}
