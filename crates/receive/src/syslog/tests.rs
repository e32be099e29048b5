//! Rows from the RFCs, from programs and from devices.

use cordon_event::Event;
use proptest::prelude::*;

use super::*;
use crate::time::unix_ns;

const NOW: &str = "2026-06-15T12:00:00Z";

fn received(now: &str, zone: &str) -> Received {
    Received {
        unix_ns: unix_ns(&Value::from(now)).unwrap(),
        zone_offset_s: crate::time::zone_offset_s(zone).unwrap(),
    }
}

fn read_at(frame: &[u8], received: Received) -> Event {
    parse(frame, &received).expose_raw().clone()
}

fn read(frame: &str) -> Event {
    read_at(frame.as_bytes(), received(NOW, "Z"))
}

/// A value as one would say it.
fn say(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Int(n) => n.to_string(),
        Value::Map(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| format!("{key}:{}", say(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(" "))
        }
        other => format!("{other:?}"),
    }
}

/// `host|program|process|msgid|flags|body`, beside severity and time.
fn check(frame: &str, severity: u8, time: &str, expect: &str) {
    let event = read(frame);
    let attribute = |name: &str| event.attribute(name).map(say).unwrap_or_default();
    let pid = attribute("process.pid") + &attribute("syslog.procid");
    let told = [
        event.resource_str("host.name").unwrap_or_default(),
        event.service(),
        &pid,
        &attribute("syslog.msgid"),
        &attribute("cordon.intake.flags"),
        &say(&event.body),
    ]
    .join("|");
    assert_eq!(told, expect, "{frame}");
    assert_eq!(event.severity.0, severity, "{frame}");
    let expect = unix_ns(&Value::from(time)).unwrap();
    assert_eq!(event.time_unix_ns, expect, "time of {frame}");
}

/// RFC 5424, section 6.5.
#[test]
fn examples_of_rfc_5424() {
    check(
        "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \
         \u{feff}'su root' failed for lonvick on /dev/pts/8",
        18,
        "2003-10-11T22:14:15.003Z",
        "mymachine.example.com|su||ID47||'su root' failed for lonvick on /dev/pts/8",
    );
    check(
        "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - \
         %% It's time to make the do-nuts.",
        10,
        "2003-08-24T05:14:15.000003-07:00",
        "192.0.2.1|myproc|8710|||%% It's time to make the do-nuts.",
    );
    let third = "<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 \
                 [exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"]";
    check(
        &format!("{third} \u{feff}An application event log entry..."),
        10,
        "2003-10-11T22:14:15.003Z",
        "mymachine.example.com|evntslog||ID47||An application event log entry...",
    );
    let event = read(&format!("{third}[examplePriority@32473 class=\"high\"]"));
    assert_eq!(
        say(event.attribute("syslog.structured_data").unwrap()),
        "{exampleSDID@32473:{iut:3 eventSource:Application eventID:1011} \
         examplePriority@32473:{class:high}}"
    );
    assert_eq!(event.body, Value::from(""));
    assert_eq!(event.attribute_str("syslog.facility"), Some("local4"));
}

/// RFC 3164, section 5.4.
#[test]
fn examples_of_rfc_3164() {
    check(
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
        18,
        "2026-10-11T22:14:15Z",
        "mymachine|su||||'su root' failed for lonvick on /dev/pts/8",
    );
    check("Use the BFG!", 0, NOW, "||||not_syslog|Use the BFG!");
    check("<13>Use the BFG!", 10, NOW, "|||||Use the BFG!");
    check(
        "<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time to make the do-nuts.  \
         %%  Ingredients: Mix=OK, Jelly=OK #",
        10,
        "1987-08-24T05:34:00Z",
        "mymachine|myproc|10|||%% It's time to make the do-nuts.  %%  Ingredients: Mix=OK, \
         Jelly=OK #",
    );
    check(
        "<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All \
         Folks!",
        21,
        "1990-10-22T10:52:01Z",
        "scapegoat.dmz.example.org|||||10.1.2.3 sched[0]: That's All Folks!",
    );
}

/// Frame, severity, time and what `check` makes of it.
const PROGRAMS: &[(&str, u8, &str, &str)] = &[
    // logger --rfc5424, --rfc3164; to /dev/log there is no host.
    (
        "<13>1 2026-06-15T11:59:59.123456+00:00 web1 app 42 - [timeQuality tzKnown=\"1\" \
             isSynced=\"0\"] hello",
        10,
        "2026-06-15T11:59:59.123456Z",
        "web1|app|42|||hello",
    ),
    (
        "<13>Jun 15 11:59:59 web1 app[42]: hello",
        10,
        "2026-06-15T11:59:59Z",
        "web1|app|42|||hello",
    ),
    (
        "<13>Jun 15 11:59:59 app[42]: hello",
        10,
        "2026-06-15T11:59:59Z",
        "|app|42|||hello",
    ),
    (
        "<13>Jun  5 11:59:59 app: hello",
        10,
        "2026-06-05T11:59:59Z",
        "|app||||hello",
    ),
    (
        "<13>Jun 5 11:59:59 web1 app: hello",
        10,
        "2026-06-05T11:59:59Z",
        "web1|app||||hello",
    ),
    // rsyslog with its high-precision stamps.
    (
        "<30>2026-06-15T13:59:59.5+02:00 web1 systemd[1]: Started Session 4 of user u.",
        9,
        "2026-06-15T11:59:59.5Z",
        "web1|systemd|1|||Started Session 4 of user u.",
    ),
    (
        "<38>Jun 15 11:59:59 web1 sshd[812]: Failed password for root from 192.0.2.7",
        9,
        "2026-06-15T11:59:59Z",
        "web1|sshd|812|||Failed password for root from 192.0.2.7",
    ),
    (
        "<22>Jun 15 11:59:59 mx postfix/smtpd[99]: connect from unknown[192.0.2.7]",
        9,
        "2026-06-15T11:59:59Z",
        "mx|postfix/smtpd|99|||connect from unknown[192.0.2.7]",
    ),
    (
        "<190>Jun 15 11:59:59 web1 nginx: 192.0.2.7 - - [15/Jun/2026:11:59:59 +0000] \"GET /\" 200",
        9,
        "2026-06-15T11:59:59Z",
        "web1|nginx||||192.0.2.7 - - [15/Jun/2026:11:59:59 +0000] \"GET /\" 200",
    ),
    (
        "<86>Jun 15 11:59:59 web1 su(pam_unix)[7]: session opened",
        9,
        "2026-06-15T11:59:59Z",
        "web1|su(pam_unix)|7|||session opened",
    ),
    (
        "<78>Jun 15 11:59:59 web1 CRON[7]: (root) CMD (true)",
        9,
        "2026-06-15T11:59:59Z",
        "web1|CRON|7|||(root) CMD (true)",
    ),
    // The kernel, by a daemon and by itself.
    (
        "<4>Jun 15 11:59:59 web1 kernel: [  12.345678] eth0: link up",
        13,
        "2026-06-15T11:59:59Z",
        "web1|kernel||||[  12.345678] eth0: link up",
    ),
    (
        "<6>[   12.345678] eth0: link up",
        9,
        NOW,
        "|kernel||||[   12.345678] eth0: link up",
    ),
    // busybox: local, then remote with a host.
    (
        "<14>Jun 15 11:59:59 root: hello",
        9,
        "2026-06-15T11:59:59Z",
        "|root||||hello",
    ),
    (
        "<14>Jun 15 11:59:59 box root: hello",
        9,
        "2026-06-15T11:59:59Z",
        "box|root||||hello",
    ),
    // Docker's driver in its two formats.
    (
        "<30>Jun 15 11:59:59 docker/3f2b1c[1234]: listening on :80",
        9,
        "2026-06-15T11:59:59Z",
        "|docker/3f2b1c|1234|||listening on :80",
    ),
    (
        "<30>1 2026-06-15T11:59:59Z node 3f2b1c 1234 3f2b1c - listening on :80",
        9,
        "2026-06-15T11:59:59Z",
        "node|3f2b1c|1234|3f2b1c||listening on :80",
    ),
    // AIX relays; a message without a tag.
    (
        "<38>Jun 15 11:59:59 Message forwarded from web1: sshd[8]: ok",
        9,
        "2026-06-15T11:59:59Z",
        "web1|sshd|8|||ok",
    ),
    (
        "<30>Jun 15 11:59:59 web1 last message repeated 3 times",
        9,
        "2026-06-15T11:59:59Z",
        "web1|||||last message repeated 3 times",
    ),
    ("<30>app[7]: hello", 9, NOW, "|app|7|||hello"),
    ("<30>Error: failed", 9, NOW, "|||||Error: failed"),
    (
        "<30>Jun 15 11:59:59 web1 https://x/: down",
        9,
        "2026-06-15T11:59:59Z",
        "web1|||||https://x/: down",
    ),
    (
        "<30>Jun 15 11:59:59 2001:db8::1 app: x",
        9,
        "2026-06-15T11:59:59Z",
        "2001:db8::1|app||||x",
    ),
    (
        "Jun 15 11:59:59 web1 app: x",
        0,
        "2026-06-15T11:59:59Z",
        "web1|app|||no_priority|x",
    ),
    // Ends of line and nothing at all.
    (
        "<30>Jun 15 11:59:59 web1 app: x\r\n\0",
        9,
        "2026-06-15T11:59:59Z",
        "web1|app||||x",
    ),
    ("<30>", 9, NOW, "|||||"),
    ("", 0, NOW, "||||not_syslog|"),
    (
        "<192>Jun 15 11:59:59 web1 app: x",
        0,
        NOW,
        "||||not_syslog|<192>Jun 15 11:59:59 web1 app: x",
    ),
    ("<1234>x", 0, NOW, "||||not_syslog|<1234>x"),
];

#[test]
fn what_programs_send() {
    for (frame, severity, time, expect) in PROGRAMS {
        check(frame, *severity, time, expect);
    }
}

/// As [`PROGRAMS`].
const DEVICES: &[(&str, u8, &str, &str)] = &[
    // Cisco IOS: counter, clock not set, milliseconds, zone.
    (
        "<189>45: *Mar  1 18:48:50.483 UTC: %SYS-5-CONFIG_I: Configured from console by vty2",
        10,
        "2026-03-01T18:48:50.483Z",
        "|||%SYS-5-CONFIG_I||%SYS-5-CONFIG_I: Configured from console by vty2",
    ),
    (
        "<187>29: router1: 000031: Jun 15 13:59:59.120 CEST: %LINK-3-UPDOWN: Interface up",
        17,
        "2026-06-15T11:59:59.12Z",
        "router1|||%LINK-3-UPDOWN||%LINK-3-UPDOWN: Interface up",
    ),
    // IOS XR, NX-OS.
    (
        "<189>7: RP/0/RSP0/CPU0:Jun 15 11:59:59.001 UTC: ifmgr[1]: %PKT-3-UPDOWN : x",
        10,
        "2026-06-15T11:59:59.001Z",
        "RP/0/RSP0/CPU0|||||ifmgr[1]: %PKT-3-UPDOWN : x",
    ),
    (
        "<189>: 2026 Jun 15 11:59:59 UTC: %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up",
        10,
        "2026-06-15T11:59:59Z",
        "|||%ETHPORT-5-IF_UP||%ETHPORT-5-IF_UP: Interface Ethernet1/1 is up",
    ),
    // ASA: with a year, with and without its name, without a stamp.
    (
        "<166>Jun 15 2026 11:59:59: %ASA-6-302013: Built outbound TCP connection",
        9,
        "2026-06-15T11:59:59Z",
        "|||%ASA-6-302013||%ASA-6-302013: Built outbound TCP connection",
    ),
    (
        "<166>Jun 15 2026 11:59:59 fw1 : %ASA-6-302013: Built",
        9,
        "2026-06-15T11:59:59Z",
        "fw1|||%ASA-6-302013||%ASA-6-302013: Built",
    ),
    (
        "<166>%ASA-6-302013: Built",
        9,
        NOW,
        "|||%ASA-6-302013||%ASA-6-302013: Built",
    ),
    // Meraki's seconds after a version that is none.
    (
        "<134>1 1781524799.5 MX84 flows src=192.0.2.7",
        9,
        "2026-06-15T11:59:59.5Z",
        "MX84|||||flows src=192.0.2.7",
    ),
    // Security events.
    (
        "<13>Jun 15 11:59:59 fw CEF:0|Acme|Wall|1.0|100|worm \\| stopped|10|src=192.0.2.7",
        10,
        "2026-06-15T11:59:59Z",
        "fw|||||CEF:0|Acme|Wall|1.0|100|worm \\| stopped|10|src=192.0.2.7",
    ),
];

#[test]
fn what_devices_send() {
    for (frame, severity, time, expect) in DEVICES {
        check(frame, *severity, time, expect);
    }
    let event = read("<13>CEF:0|Acme|Wall|1.0|100|worm \\| stopped|10|src=192.0.2.7");
    assert_eq!(event.attribute_str("cef.name"), Some("worm | stopped"));
    assert_eq!(event.attribute_str("cef.severity"), Some("10"));
    let event = read("<13>Jun 15 11:59:59 fw LEEF:1.0|Acme|Wall|2|auth|usrName=x");
    assert_eq!(event.attribute_str("leef.event_id"), Some("auth"));
    assert!(read("<13>CEF:0|cut").attribute("cef.version").is_none());
}

#[test]
fn structured_data_and_what_is_none() {
    for (data, expect) in [
        (r#"[a b="c"]"#, "{a:{b:c}}"),
        ("[a]", "{a:{}}"),
        (r#"[a b="1" b="2"][c]"#, "{a:{b:1 b:2} c:{}}"),
        (r#"[a b="\"\\\]\n]["]"#, "{a:{b:\"\\]\\n][}}"),
        (r#"[a  b="c" ]"#, "{a:{b:c}}"),
    ] {
        let event = read(&format!("<13>1 - h a - - {data} text"));
        let told = event.attribute("syslog.structured_data").map(say);
        assert_eq!(told.as_deref(), Some(expect), "{data}");
        assert_eq!(event.body, Value::from("text"), "{data}");
        assert_eq!(event.time_unix_ns, received(NOW, "Z").unix_ns);
    }
    for bad in [
        "[a b=\"c]",
        "[a b=c]",
        "[a b=\"c\"d=\"e\"]",
        "[]",
        "[a]x",
        "x",
        "[a b=\"\\\"",
    ] {
        let event = read(&format!("<13>1 - h a - - {bad} text"));
        assert_eq!(
            event.attribute_str("cordon.intake.flags"),
            Some("structured_data"),
            "{bad}"
        );
        assert_eq!(event.body, Value::String(format!("{bad} text")), "{bad}");
        assert_eq!(event.resource_str("host.name"), Some("h"));
    }
    let many = format!("[a{}]", " b=\"\"".repeat(2_000));
    let event = read(&format!("<13>1 - h a - - {many}"));
    assert!(event.attribute("syslog.structured_data").is_none());
    // Fields that are not there.
    let event = read("<13>1 - - - - - -");
    assert!(event.resource.is_empty() && event.body == Value::from(""));
    assert_eq!(read("<13>1 - host").resource_str("host.name"), Some("host"));
    // A version that is none is a message.
    assert_eq!(read("<13>1 yesterday").body, Value::from("1 yesterday"));
}

/// When it is received, the configured zone, a stamp and its time.
const STAMPS: &[(&str, &str, &str, &str)] = &[
    (
        "2026-01-01T00:00:05Z",
        "Z",
        "Dec 31 23:59:58",
        "2025-12-31T23:59:58Z",
    ),
    (
        "2025-12-31T23:59:58Z",
        "Z",
        "Jan  1 00:00:02",
        "2026-01-01T00:00:02Z",
    ),
    (
        "2026-01-01T00:00:05Z",
        "+02:00",
        "Jan  1 02:00:01",
        "2026-01-01T00:00:01Z",
    ),
    (
        "2025-12-31T22:00:05Z",
        "+02:00",
        "Jan  1 00:00:01",
        "2025-12-31T22:00:01Z",
    ),
    (
        "2026-06-15T12:00:00Z",
        "-05:30",
        "Jun 15 06:30:00",
        "2026-06-15T12:00:00Z",
    ),
    (
        "2026-06-15T12:00:00Z",
        "+02:00",
        "Jun 15 12:00:00 UTC",
        "2026-06-15T12:00:00Z",
    ),
    (
        "2026-06-15T12:00:00Z",
        "+02:00",
        "Jun 15 12:00:00 +0100",
        "2026-06-15T11:00:00Z",
    ),
    (
        "2026-06-15T12:00:00Z",
        "+02:00",
        "2026-06-15 14:00:00.5",
        "2026-06-15T12:00:00.5Z",
    ),
    (
        "2026-06-15T12:00:00Z",
        "+02:00",
        "2026-06-15T14:00:00Z",
        "2026-06-15T14:00:00Z",
    ),
    (
        "2025-03-01T00:00:00Z",
        "Z",
        "Feb 29 12:00:00",
        "2024-02-29T12:00:00Z",
    ),
    (
        "2026-06-15T12:00:00Z",
        "Z",
        "Jun 15 12:00:00 2024",
        "2024-06-15T12:00:00Z",
    ),
];

#[test]
fn a_year_is_the_nearest_and_a_zone_the_configured() {
    for (now, zone, stamp, expect) in STAMPS {
        let frame = format!("<13>{stamp} host app: x");
        let event = read_at(frame.as_bytes(), received(now, zone));
        let expect_ns = unix_ns(&Value::from(*expect)).unwrap();
        assert_eq!(event.time_unix_ns, expect_ns, "{stamp} at {now} {zone}");
        assert_eq!(event.resource_str("host.name"), Some("host"), "{stamp}");
        assert_eq!(event.body, Value::from("x"));
    }
    for none in [
        "Foo 11 22:14:15",
        "Oct 32 22:14:15",
        "Feb 30 12:00:00",
        "Oct 11 24:00:00",
    ] {
        let text = format!("{none} host app: x");
        assert_eq!(read(&format!("<13>{text}")).body, Value::String(text));
    }
}

#[test]
fn a_json_message_is_read_as_a_line_of_json() {
    for cookie in ["", "@cee:", "@cee: "] {
        let event = read(&format!(
            "<11>Jun 15 11:59:59 web1 app[7]: {cookie}\
             {{\"msg\":\"hi\",\"level\":\"warn\",\"id\":5}}"
        ));
        assert_eq!(event.body, Value::from("hi"));
        assert_eq!(event.severity, Severity::WARN);
        assert_eq!(event.attribute("id"), Some(&Value::Int(5)));
        assert_eq!(event.service(), "app");
        assert_eq!(event.attribute("process.pid"), Some(&Value::Int(7)));
        assert_eq!(
            event.time_unix_ns,
            unix_ns(&Value::from("2026-06-15T11:59:59Z")).unwrap()
        );
    }
    let own = read(r#"<11>{"msg":"hi","service":"pay","time":"2026-01-02T03:04:05Z"}"#);
    assert_eq!((own.service(), own.severity), ("pay", Severity::ERROR));
    assert_eq!(
        own.time_unix_ns,
        unix_ns(&Value::from("2026-01-02T03:04:05Z")).unwrap()
    );
    for text in ["{not json}", "{\"a\":", "[1]", "@cee: x"] {
        assert_eq!(read(&format!("<11>{text}")).body, Value::from(text));
    }
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_told() {
    let event = read_at(
        b"<13>Jun 15 11:59:59 web1 app: caf\xe9 \xff",
        received(NOW, "Z"),
    );
    assert_eq!(event.body, Value::from("caf\u{fffd} \u{fffd}"));
    assert_eq!(
        event.attribute_str("cordon.intake.flags"),
        Some("invalid_utf8")
    );
    assert_eq!(event.service(), "app");
}

/// Parts of frames that matter to the parser.
fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        "<[0-9]{0,4}>",
        Just("1 ".to_owned()),
        Just("Oct 11 22:14:15".to_owned()),
        Just("2003-10-11T22:14:15.003Z ".to_owned()),
        Just("- ".to_owned()),
        r#"\[[a-z]{1,3} [a-z]="[\\"\]a-z]{0,4}"\]"#,
        "[a-z]{1,8}[:\\[\\] ]{0,3}",
        Just("%SYS-5-X: ".to_owned()),
        Just("CEF:0|a|b|c|d|e|f|".to_owned()),
        Just("@cee:{\"a\":1}".to_owned()),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn any_frame_is_an_event(bytes in prop::collection::vec(any::<u8>(), 0..200), now: u64) {
        let received = Received { unix_ns: now, zone_offset_s: 3_600 };
        let _event = read_at(&bytes, received);
    }

    /// No word of a message is lost: it is in the body, or in a place of its own.
    #[test]
    fn nothing_of_a_message_is_lost(parts in prop::collection::vec(part(), 0..8)) {
        let frame = format!("{}plum-harbour-lantern", parts.concat());
        let event = read(&frame);
        let told = format!("{:?} {:?} {:?}", event.body, event.attributes, event.resource);
        prop_assert!(told.contains("plum-harbour-lantern"), "{frame:?} {told}");
    }

    /// What is written by RFC 5424's grammar is read back.
    #[test]
    fn fields_of_rfc_5424_are_read_back(
        pri in 0u8..=191,
        host in "[a-zA-Z][a-zA-Z0-9.]{0,20}",
        app in "[a-zA-Z][!-~]{0,20}",
        pid in "[a-z0-9]{1,8}",
        id in "[A-Z]{1,8}",
        name in "[a-z][a-z0-9@]{0,8}",
        value in "[ -~]{0,20}",
        text in "[a-z][ -z]{0,40}",
    ) {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]");
        let frame = format!(
            "<{pri}>1 2026-06-15T11:59:59Z {host} {app} {pid} {id} [{name} k=\"{escaped}\"] {text}"
        );
        let event = read(&frame);
        prop_assert_eq!(event.resource_str("host.name"), Some(&*host));
        prop_assert_eq!(event.service(), app);
        prop_assert_eq!(event.attribute_str("syslog.msgid"), Some(&*id));
        let data = event.attribute("syslog.structured_data").and_then(|data| data.get(&name));
        prop_assert_eq!(data.and_then(|d| d.get("k")).and_then(Value::as_str), Some(&*value));
        prop_assert_eq!(event.body, Value::from(text.trim_end_matches(['\r', '\n', '\0'])));
    }

    /// The same fields as another reader finds, where a frame is by the book.
    #[test]
    fn agrees_with_syslog_loose(
        pri in 0u8..=191,
        day in 1u8..=28,
        host in "[a-z][a-z0-9.-]{1,12}",
        app in "[a-z][a-z0-9_/]{0,12}",
        pid in proptest::option::of(1u32..99_999),
        text in "[a-z][a-z0-9 .,]{0,40}",
        modern: bool,
    ) {
        let frame = if modern {
            let pid = pid.map_or("-".to_owned(), |pid| pid.to_string());
            let fields = format!("{host} {app} {pid} - [a@1 b=\"c\"] {text}");
            format!("<{pri}>1 2026-06-{day:02}T11:59:59.25+02:00 {fields}")
        } else {
            let pid = pid.map_or(String::new(), |pid| format!("[{pid}]"));
            format!("<{pri}>Jun {day:>2} 11:59:59 {host} {app}{pid}: {text}")
        };
        let event = read(&frame);
        let either = syslog_loose::Variant::Either;
        let theirs = syslog_loose::parse_message_with_year(&frame, |_| 2026, either);
        prop_assert_eq!(event.resource_str("host.name"), theirs.hostname);
        prop_assert_eq!(Some(event.service()), theirs.appname);
        let body = say(&event.body);
        prop_assert_eq!(body.trim_end(), theirs.msg.trim_end());
        // Without a zone theirs is this machine's, and ours UTC.
        let stamp = theirs.timestamp.and_then(|at| if modern {
            at.timestamp_nanos_opt()
        } else {
            at.naive_local().and_utc().timestamp_nanos_opt()
        });
        prop_assert_eq!(Some(event.time_unix_ns as i64), stamp);
        let process = theirs.procid.map(|p| p.to_string());
        let own = event.attribute("process.pid").map(say);
        prop_assert_eq!(own, process);
        let facility = theirs.facility.map(syslog_loose::SyslogFacility::as_str);
        let own = event.attribute_str("syslog.facility");
        prop_assert!(facility == own || (12..=15).contains(&(pri / 8)), "{facility:?} {own:?}");
    }
}
