//! Lines of many loggers: nothing dropped, colours gone, times unrolled.

use super::*;

/// For each line `r` or `c`, and the component where one is told.
fn told(lines: &[&str]) -> Vec<String> {
    let mut reader = Reader::new();
    let mut told = Vec::new();
    for line in lines {
        let Some(line) = reader.read(line) else {
            continue;
        };
        let kind = if line.is_continuation { "c" } else { "r" };
        told.push(format!("{kind} {}", line.component).trim_end().to_owned());
    }
    told
}

#[track_caller]
fn check(lines: &[&str], expected: &[&str]) {
    assert_eq!(told(lines), expected, "{lines:?}");
}

#[test]
fn every_line_is_a_record_or_a_continuation() {
    let mut reader = Reader::new();
    let lines = [
        "a",
        "",
        "  b",
        "2024-01-02T03:04:05Z ERROR x",
        "\tat y(z)",
        " ",
        "c",
    ];
    for line in lines {
        reader.read(line);
    }
    let counts = reader.counts();
    assert_eq!(counts.records + counts.continuations + counts.blanks, 7);
    assert_eq!(counts.blanks, 2);
}

#[test]
fn colours_are_no_part_of_a_line() {
    let mut reader = Reader::new();
    let line = "\u{1b}[36mweb-1  |\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m:    gone";
    let line = reader.read(line).unwrap();
    assert_eq!(line.text, "web-1  | ERROR:    gone");
    assert_eq!(
        (line.component, line.header.severity),
        ("web", Severity::ERROR)
    );
    assert_eq!(line.header.content, "gone");
}

#[test]
fn stack_traces_go_on_with_their_record() {
    check(
        &[
            "2024-01-02T03:04:05Z ERROR [db] gone",
            "java.lang.IllegalStateException: gone",
            "\tat a.b.C.d(C.java:7)",
            "Caused by: java.io.IOException: no",
            "\t... 7 more",
            "2024-01-02T03:04:06Z INFO [db] back",
        ],
        &["r db", "c", "c", "c", "c", "r db"],
    );
    check(
        &[
            "Traceback (most recent call last):",
            "  File \"/app/main.py\", line 31, in main",
            "    migrate(engine)",
            "ValueError: bad",
            "job 7: done",
        ],
        &["r", "c", "c", "c", "r"],
    );
    check(
        &[
            "web-1  | INFO:     ready",
            "web-1  | Traceback (most recent call last):",
            "web-1  |   File \"/app/main.py\", line 31, in main",
            "web-1  | ValueError: bad",
            "web-1  | INFO:     ready",
        ],
        &["r web", "r web", "c web", "c web", "r web"],
    );
}

#[test]
fn a_log_without_times_is_read_line_by_line() {
    check(
        &[
            "job 1: loaded",
            "job 2: ERROR connecting",
            "[db] err",
            "warning: x",
        ],
        &["r", "r", "r db", "r"],
    );
}

#[test]
fn what_ends_a_program_is_a_record_of_its_own() {
    check(
        &[
            "2024-01-02T03:04:05Z INFO [db] ready",
            "2024-01-02T03:04:05Z INFO [db] ready",
            "panic: runtime error: index out of range",
            "goroutine 1 [running]:",
            "main.main()",
            "2024-01-02T03:04:06Z INFO [db] ready",
            "Segmentation fault (core dumped)",
        ],
        &["r db", "r db", "r", "c", "c", "r db", "r"],
    );
}

#[test]
fn notes_of_a_database_go_on() {
    check(
        &[
            "2024-01-02 03:04:05 CEST [7] app@shop ERROR:  deadlock detected",
            "2024-01-02 03:04:05 CEST [7] app@shop DETAIL:  Process 7 waits",
            "2024-01-02 03:04:05 CEST [7] app@shop STATEMENT:  update x",
            "2024-01-02 03:04:05 CEST [7] app@shop LOG:  x",
        ],
        &["r", "c", "c", "r"],
    );
}

#[test]
fn a_message_in_the_next_line_has_the_level_before_it() {
    let mut reader = Reader::new();
    assert!(
        reader
            .read("fail: Acme.Billing[0]")
            .unwrap()
            .is_continuation
    );
    let line = reader.read("      charge failed").unwrap();
    assert_eq!(
        (line.component, line.header.content),
        ("Acme.Billing", "charge failed")
    );
    assert_eq!(line.header.severity, Severity::ERROR);
    assert!(!line.is_continuation);
}

#[test]
fn tables_give_fields_by_their_columns() {
    let mut reader = Reader::new();
    reader.read("#Fields: date time cs-method cs-uri-stem sc-status time-taken");
    let line = reader
        .read("2024-01-02 03:04:05 GET /a/7 500 30012")
        .unwrap();
    let mut found = Vec::new();
    line.fields(&mut |field| match field {
        Field::Status(status) => found.push(format!("status {status}")),
        Field::DurationNs(time) => found.push(format!("duration {time}")),
        Field::Route(route) => found.push(format!("route {route}")),
        Field::Pair { .. } => {}
    });
    found.sort_unstable();
    assert_eq!(
        found,
        ["duration 30012000000", "route GET /a/*", "status 500"]
    );
}

#[test]
fn midnight_and_the_year_go_on() {
    let mut reader = Reader::new();
    let mut seconds = |line: &str| reader.read(line).unwrap().time_ns().unwrap() / 1_000_000_000;
    assert_eq!(seconds("23:59:59.000 [main] INFO  a.b.C - x"), 86_399);
    assert_eq!(seconds("00:00:01.000 [main] INFO  a.b.C - x"), 86_401);
    assert_eq!(seconds("23:59:59.500 [main] INFO  a.b.C - x"), 86_399);
    assert_eq!(seconds("00:00:02.000 [main] INFO  a.b.C - x"), 86_402);
    let mut reader = Reader::new();
    let mut time = |line: &str| reader.read(line).unwrap().time_ns().unwrap();
    let old = time("Dec 31 23:59:59 h app[7]: x");
    let new = time("Jan  1 00:00:00 h app[7]: x");
    assert_eq!(new - old, 1_000_000_000);
}

#[test]
fn the_zone_of_most_lines_is_the_logs() {
    let mut reader = Reader::new();
    for line in [
        "2024-01-02T03:04:05Z INFO x",
        "2024-01-02T03:04:05+05:30 INFO x",
        "2024-01-02T03:04:05+05:30 INFO x",
    ] {
        reader.read(line);
    }
    assert_eq!(reader.zone_minutes(), Some(330));
}
