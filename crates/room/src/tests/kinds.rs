//! What kind a text is.

use super::{kind, shop_log};
use crate::Kind;

#[track_caller]
fn check(text: &str, expected: Kind) {
    assert_eq!(kind(text), expected, "{text}");
}

#[test]
fn logs_in_several_forms() {
    check(&shop_log(2, 1), Kind::Logs);
    check(
        "level=info ts=2026-11-23T10:42:00Z msg=\"started\"\nlevel=error msg=\"gone\"",
        Kind::Logs,
    );
    check(
        "Nov 23 10:42:00 web1 nginx[12]: upstream timed out\nNov 23 10:42:01 web1 kernel: oom",
        Kind::Logs,
    );
    check("[10:42:00] INFO started\n[10:42:01] ERROR gone", Kind::Logs);
    check(
        "10:42:13 | INFO | db | open\n10:42:14 | ERROR | db | gone",
        Kind::Logs,
    );
    check(
        "2026-11-23 10:42:00 ERROR gone\njava.lang.Error: x\n\tat a.B.c(B.java:1)",
        Kind::Logs,
    );
    check(&"plain words of a program\n".repeat(200), Kind::Logs);
}

#[test]
fn json_in_several_forms() {
    check(
        "{\"ts\":1795430520,\"level\":\"error\",\"msg\":\"x\"}\n{\"msg\":\"y\"}",
        Kind::JsonLines,
    );
    check(
        "[{\"message\":\"x\",\"level\":\"info\"},{\"message\":\"y\"}]",
        Kind::JsonLines,
    );
    check("[\n  {\n    \"message\": \"x\"\n  }\n]", Kind::JsonLines);
    check(
        "{\n  \"message\": \"x\",\n  \"level\": \"error\"\n}\n{\n  \"message\": \"y\"\n}",
        Kind::JsonLines,
    );
    check("{\"resourceLogs\":[]}", Kind::Otlp);
    check("{\n  \"resourceSpans\": [\n    {\n", Kind::Otlp);
    check(
        "{\"version\":\"4\",\"alerts\":[{\"labels\":{},\"startsAt\":\"x\"}]}",
        Kind::Alert,
    );
    check(
        "[{\"type\":\"message\",\"user\":\"U1\",\"text\":\"x\",\"ts\":\"1795430520.0001\"}]",
        Kind::Slack,
    );
}

#[test]
fn traces_chats_and_texts() {
    check(
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in b\nKeyError: 'x'",
        Kind::Trace,
    );
    check(
        "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\n\
         main.f(...)\n\t/app/main.go:7 +0x1d\n",
        Kind::Trace,
    );
    check(
        "Ana Ito  10:42 AM\nit is down\nBo Lund  10:43 AM\non it",
        Kind::Chat,
    );
    check("10:42 <ana> it is down\n10:43 <bo> on it", Kind::Chat);
    check("[10:42] <ana> it is down\n[10:43] <bo> on it", Kind::Chat);
    check(
        "23/11/2026, 10:42 - Ana: down\n23/11/2026, 10:43 - Bo: on it",
        Kind::Chat,
    );
    check("ana: is it down?\nbo: yes\nana: ok", Kind::Chat);
    check(
        "We saw errors this morning.\nNothing was deployed.",
        Kind::Text,
    );
    check("", Kind::Text);
}

#[test]
fn a_kind_that_is_said_counts() {
    let mut room = crate::Room::default();
    room.begin("x", Some(Kind::Chat));
    assert_eq!(room.kind(), Kind::Chat);
    room.push("{\"a\":1}");
    room.end();
    assert_eq!(room.kind(), Kind::Chat);
    for kind in Kind::ALL {
        assert_eq!(Kind::parse(kind.as_str()), Some(kind));
    }
}
