//! Headers of the loggers that there are.

use super::*;

#[track_caller]
fn check(line: &str, content: &str, severity: &str, timed: bool) {
    let header = read(line);
    assert_eq!(header.content, content, "{line}");
    assert_eq!(header.severity.name(), severity, "{line}");
    assert_eq!(header.time_unix_ns.is_some(), timed, "{line}");
}

/// The message that follows each of the headers.
const MESSAGE: &str = "charge failed for order 8";

/// Headers, and the level that each tells.
const HEADERS: [(&str, &str); 48] = [
    ("2024-01-02 03:04:05,678 ERROR billing.charge: ", "error"),
    ("2024-01-02T03:04:05.678Z [ERROR] ", "error"),
    ("2024-01-02T03:04:05.678901234Z stdout F ", "unset"),
    (
        "2024-01-02T03:04:05.678Z stderr F 2024-01-02 03:04:05 WARN ",
        "warn",
    ),
    (
        "[pod/web-7d4b9c-x2x9k/web] 2024-01-02T03:04:05Z INFO ",
        "info",
    ),
    ("web-1  | 2024-01-02T03:04:05Z INFO ", "info"),
    ("I0102 15:04:05.123456       1 controller.go:117] ", "info"),
    ("E0102 15:04:05.123456 ", "error"),
    (
        "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.App: ",
        "info",
    ),
    ("17/06/09 20:10:40 INFO executor.Backend: ", "info"),
    ("17/06/09 20:10:40 INFO BlockManager: ", "info"),
    ("081109 203615 148 INFO dfs.Node$Responder: ", "info"),
    (
        "2015-07-29 17:41:44,747 - INFO  [Peer[myid=1]/0:0:0:0:0:0:0:0:2181:Follower@118] - ",
        "info",
    ),
    ("10:15:30.123 [main] INFO  c.e.Foo - ", "info"),
    (
        "2024-01-02 03:04:05.678 ERROR 123 --- [exec-1] c.a.B : ",
        "error",
    ),
    (
        "2024-01-02T03:04:05.678+01:00  WARN 1 --- [shop] [nio-8080-exec-1] c.a.Billing   : ",
        "warn",
    ),
    ("2024-01-02 03:04:05,678 - shop.billing - ERROR - ", "error"),
    ("ERROR:shop.billing:", "error"),
    ("[2024-01-02 03:04:05,678: WARNING/MainProcess] ", "warn"),
    (
        "2024-01-02 03:04:05.678 | INFO     | shop.billing:charge:12 - ",
        "info",
    ),
    ("[2024-01-02 03:04:05 +0000] [7] [INFO] ", "info"),
    (
        "I, [2024-01-02T03:04:05.123456 #1234]  INFO -- shop: ",
        "info",
    ),
    ("I, [2024-01-02T03:04:05.123456 #1234]  INFO -- : ", "info"),
    ("2024/01/02 03:04:05 [error] 123#456: *789 ", "error"),
    ("[Sun Dec 04 04:47:44 2005] [error] ", "error"),
    (
        "[Thu Jun 09 06:07:04.123456 2022] [core:error] [pid 1:tid 2] ",
        "error",
    ),
    ("2024-01-02 03:04:05.678 UTC [123] LOG:  ", "info"),
    (
        "2024-01-02 03:04:05.678 UTC [123] app@shop ERROR:  ",
        "error",
    ),
    (
        "2024-01-02T03:04:05.678901Z 0 [Warning] [MY-010068] [Server] ",
        "warn",
    ),
    ("1234:M 02 Jan 2024 03:04:05.678 * ", "info"),
    (
        "2024-01-02T03:04:05.678+0000 I NETWORK  [listener] ",
        "info",
    ),
    ("Dec 10 06:55:46 host sshd[24200]: ", "unset"),
    ("<34>Dec 10 06:55:46 host su: ", "fatal"),
    (
        "<165>1 2003-10-11T22:14:15.003Z host app 12 ID47 [a@1 k=\"v\"] ",
        "info",
    ),
    ("Jun 14 15:16:01 combo crond(pam_unix)[19939]: ", "unset"),
    ("Jun 14 15:16:01 combo kernel: [12345.678901] ", "unset"),
    ("2024-01-02T03:04:05+0000 host systemd[1]: ", "unset"),
    ("2016-09-28 04:30:30, Info                  CBS    ", "info"),
    ("03-17 16:13:38.811  1702  2395 D WindowManager: ", "debug"),
    ("D/WindowManager( 123): ", "debug"),
    ("20171223-22:15:29:606|Step_LSC|30002312|", "unset"),
    ("[10.30 16:49:06] chrome.exe - ", "unset"),
    ("[10.30 16:49:06] chrome.exe *64 - ", "unset"),
    (
        "- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.363779 R02-M1 RAS KERNEL INFO ",
        "info",
    ),
    (
        "- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond(pam_unix)[2915]: ",
        "unset",
    ),
    (
        "460 node-246 unix.hw state_change.unavailable 1084680778 1 ",
        "unset",
    ),
    (
        "api.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO api.wsgi.server [-] ",
        "info",
    ),
    ("level=error ts=2024-01-02T03:04:05Z msg=", "error"),
];

#[test]
fn text_headers_are_passed() {
    let mut wrong = Vec::new();
    for (header, severity) in HEADERS {
        let quoted = if header.ends_with("msg=") {
            format!("\"{MESSAGE}\"")
        } else {
            MESSAGE.to_owned()
        };
        let read = read(&format!("{header}{quoted}")).content.to_owned();
        let found = super::read(&format!("{header}{quoted}")).severity.name();
        if read != MESSAGE || found != severity {
            wrong.push((header, found, read));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn records_are_read_by_their_fields() {
    let message = "charge failed for order 8";
    for (line, severity) in [
        (
            r#"{"time":"2024-01-02T03:04:05Z","level":"error","msg":"charge failed for order 8"}"#,
            "error",
        ),
        (
            r#"{"level":50,"time":1704164645678,"pid":7,"msg":"charge failed for order 8"}"#,
            "error",
        ),
        (
            concat!(
                r#"{"t":{"$date":"2024-01-02T03:04:05.678+00:00"},"s":"W","c":"NETWORK","#,
                r#""id":22943,"msg":"charge failed for order 8","attr":{"msg":"x"}}"#
            ),
            "warn",
        ),
        (
            concat!(
                r#"{"log":"2024-01-02 03:04:05 WARN charge failed for order 8\n","#,
                r#""stream":"stdout","time":"2024-01-02T03:04:05Z"}"#
            ),
            "warn",
        ),
        (
            r#"ts=2024-01-02T03:04:05Z level=info msg="charge failed for order 8" n=3"#,
            "info",
        ),
    ] {
        check(line, message, severity, true);
    }
}

#[test]
fn messages_are_no_headers() {
    check(
        "Jan  2 03:04:05 host sshd[7]: error: gone",
        "error: gone",
        "error",
        true,
    );
    for line in [
        "charge failed for order 8",
        "ValueError: bad amount",
        "[client 1.2.3.4] denied",
        "order 8: 3 items",
        "key=value other=7",
        "{not json",
        "{\"a\":1}",
        "2024-01-02 03:04:05",
        "INFO",
        "",
    ] {
        check(
            line,
            line,
            read(line).severity.name(),
            line.starts_with("2024"),
        );
    }
    let strip = |line| read(line).content;
    assert_eq!(
        strip("ERROR ValueError: bad amount"),
        "ValueError: bad amount"
    );
    assert_eq!(
        strip("2024-01-02 03:04:05 ERROR [client 1.2.3.4] denied"),
        "[client 1.2.3.4] denied"
    );
    assert_eq!(
        strip("Jan  2 03:04:05 host last message repeated 3 times"),
        "last message repeated 3 times"
    );
    assert_eq!(
        strip("Jan  2 03:04:05 host app[7]: [a.c:12] x.y - no change"),
        "[a.c:12] x.y - no change"
    );
    assert_eq!(
        strip("1.2.3.4 - ada [10/Oct/2000:13:55:36 -0700] \"GET /x HTTP/1.1\" 200 12"),
        "\"GET /x HTTP/1.1\" 200 12"
    );
}

#[test]
fn a_header_ends_before_the_words_of_the_message() {
    for (line, content) in [
        (
            "20240102-3:4:5:67|Steps|30002312|REPORT : 3150 9703",
            "REPORT : 3150 9703",
        ),
        (
            "20240102-3:4:5:67|Notes|30002312|showNote|true",
            "showNote|true",
        ),
        (
            "2024-01-02 03:04:05.678 UTC [7] [unknown]@[unknown] LOG:  took 1 ms",
            "took 1 ms",
        ),
        (
            "2024-01-02 03:04:05.678 UTC [7] ada@shop STATEMENT:  select 1",
            "select 1",
        ),
        (
            "2024-01-02 03:04:05 UTC [7]: user=ada,db=shop,client=10.0.0.1 ERROR:  no",
            "no",
        ),
        ("FATAL EXCEPTION: main", "FATAL EXCEPTION: main"),
        ("ERROR IN CONTACTING RM.", "ERROR IN CONTACTING RM."),
    ] {
        assert_eq!(read(line).content, content, "{line}");
    }
}

/// What a line tells beside its time: service, logger, bracket, level and message.
fn told(line: &str) -> String {
    let header = read(line);
    format!(
        "{}|{}|{}|{}|{}",
        header.service,
        header.logger,
        header.bracket,
        header.severity.name(),
        header.content
    )
}

#[test]
fn names_of_parts_are_told() {
    for (line, expected) in [
        ("2024-01-02T03:04:05Z INFO [db] gone", "||db|info|gone"),
        ("2024-01-02T03:04:05Z [db] INFO gone", "||db|info|gone"),
        ("[03:04:05] [db/INFO]: gone", "||db|info|gone"),
        (
            "[2024-01-02T03:04:05Z ERROR app::db] gone",
            "|app::db||error|gone",
        ),
        (
            "2024-01-02T03:04:05.678901Z 8 [ERROR] [MY-010101] [Server] gone",
            "||Server|error|gone",
        ),
        (
            "[Thu Jun 09 06:07:04.123456 2022] [core:error] [pid 1:tid 2] gone",
            "||core|error|gone",
        ),
        (
            "2024-01-02 03:04:05,678 - billing - ERROR - gone",
            "|billing||error|gone",
        ),
        ("2024-01-02T03:04:05.678Z,ERROR,db,gone", "|db||error|gone"),
        (
            "2024-01-02T03:04:05.678+00:00 app[web.1]: gone",
            "web|||unset|gone",
        ),
        (
            "2024-01-02T03:04:05.678+00:00 heroku[router]: gone",
            "router|||unset|gone",
        ),
        (
            "2024-01-02T03:04:05+0000 h1 db[77]: ERROR gone",
            "db|||error|ERROR gone",
        ),
        ("Jan  2 03:04:05 h1 db[77]: [7] gone", "db|||unset|[7] gone"),
    ] {
        assert_eq!(told(line), expected, "{line}");
    }
}

#[test]
fn records_tell_in_their_members_and_behind_a_prefix() {
    for (line, expected) in [
        (
            concat!(
                r#"[pod/pay-7d9f8-x2k4p/pay] {"level":"error","#,
                r#""ts":"2024-01-02T03:04:05Z","msg":"gone"}"#
            ),
            "pay|||error|gone",
        ),
        (
            concat!(
                "pay-7d9f8 pay 2024-01-02T03:04:05Z stdout F ",
                r#"{"level":"error","logger":"db","msg":"gone"}"#
            ),
            "pay|db||error|gone",
        ),
        (
            r"pay-7d9f8 pay 2024-01-02T03:04:05Z stdout F level=info method=GET status=200",
            "pay|||info|level=info method=GET status=200",
        ),
        (
            r#"{"log":{"level":"error","logger":"x"},"service":{"name":"db"},"message":"gone"}"#,
            "db|x||error|gone",
        ),
        (
            concat!(
                r#"{"severity":"ERROR","resource":{"labels":{"container_name":"db"}},"#,
                r#""jsonPayload":{"message":"gone"}}"#
            ),
            "db|||error|gone",
        ),
        (
            r#"{"log":"ERROR gone","kubernetes":{"container_name":"db","pod_name":"db-7d"}}"#,
            "db|||error|gone",
        ),
        (
            r#"{"ts":"2024-01-02T03:04:05Z","level":"error","component":"db","msg":"gone"}"#,
            "db|||error|gone",
        ),
    ] {
        assert_eq!(told(line), expected, "{line}");
    }
}

#[test]
fn a_level_behind_the_id_of_a_request_is_one() {
    let line = "2024-01-02T03:04:05Z\t9e2f587e-ce3a-4adc-abda-55bc39f4d77c\tERROR\tgone\tx";
    assert_eq!(told(line), "|||error|gone\tx");
    let line = "2024-01-02 03:04:05.600 +01:00 [WRN] gone";
    assert_eq!(told(line), "|||warn|gone");
}

#[test]
fn times_are_told_with_their_zone() {
    let moment = 1_704_164_645_678_000_000;
    for (line, expected) in [
        (
            "1704164645.678 ERROR gone",
            (Some(moment), TimeBase::Absolute, Some(0)),
        ),
        (
            "1704164645678 ERROR gone",
            (Some(moment), TimeBase::Absolute, Some(0)),
        ),
        (
            "2024-01-02 05:04:05.678 CEST ERROR gone",
            (Some(moment), TimeBase::Absolute, Some(120)),
        ),
        (
            "[  812.713361] Out of memory",
            (Some(812_713_361_000), TimeBase::DayUnknown, None),
        ),
        ("1704164645 items gone", (None, TimeBase::Absolute, None)),
    ] {
        let header = read(line);
        let told = (header.time_unix_ns, header.time_base, header.zone_minutes);
        assert_eq!(told, expected, "{line}");
    }
}

#[test]
fn a_routers_mnemonic_tells_the_level() {
    for (message, level) in [
        (
            "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
            "error",
        ),
        ("%OSPF-4-MTU_MISMATCH: on Gi0/1", "warn"),
        ("%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success", "info"),
        ("%PLATFORM-STACK-1-OUT: of memory", "fatal"),
    ] {
        check(
            &format!("Mar  1 18:46:11.123: {message}"),
            message,
            level,
            true,
        );
    }
    for message in ["%LINK-9-UPDOWN: x", "%20-3-x: y", "%d-3-X: y", "% 3-X: y"] {
        assert_eq!(read(message).severity, Severity(0), "{message}");
    }
}
