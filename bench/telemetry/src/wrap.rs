//! What is around a notation on its way: a logger's prefix, syslog, the JSON of a log shipper, JSON
//! within JSON.

use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::noise::expand;
use crate::record::Format;

/// Prefixes of loggers.
const PREFIXES: &[&str] = &[
    "{ts} {LEVEL} ",
    "{tsp} {LEVEL} [{thread}] {class} - ",
    "{tsc} - {logger} - {LEVEL} - ",
    "[{tsp}] {logger}.{LEVEL}: ",
    "{LEVEL}: ",
    "[{LEVEL}] ",
    "{dow} {month} {dom} {time} 2026 ",
    "I0301 {time}.{d6} {i5} server.go:{i3}] ",
    "E0301 {time}.{d6} 1 main.go:{i2}] ",
    "{ts}\t{lvl}\t{file}:{i2}\t",
    "level={lvl} ts={ts} msg=",
    "{tsp} [{i5}] LOG:  ",
    "[{i5}] {dom} {month} {time}.{d3} # ",
    "{LEVEL}:{logger}:",
    "{tso} [{svc}] ",
    "[{tso}] [{i4}] [{LEVEL}] ",
    "{ts} stdout F ",
    "{svc}-{i1}  | ",
    "{epoch}.{d3} ",
    "{tsp} +0000 [{lvl}]: #0 ",
    "#{i5} ",
    "{pod} {svc} {ts} ",
    "[{time} INF] ",
    "{time}.{d3} [{thread}] {LEVEL} {class} - ",
    "D, [{ts} #{i5}] DEBUG -- : ",
    "{tsp} UTC [{i4}] {svc}@{table} ",
    "{month} {dom}, 2026 {time} PM {class} {func}\n",
    "trace={h32} span={h16} ",
    "[{uuid}] ",
    "{tsn} {LEVEL} {svc}::{func}: ",
    "{dom}-{month}-2026 {time} ",
    "{tsp}|{LEVEL}|{class}|",
    "<{i2}>",
    "[main] {LEVEL} {class} - ",
    "<info>  [{epoch}.{d4}] ",
    "({thread}) ",
    "time=\"{ts}\" level={lvl} msg=",
];

/// One wrapper.
type Wrap = fn(&mut Draw, &Marked) -> Marked;

/// Wrappers of text that give text.
const TEXT: &[(&str, Wrap)] = &[
    ("log_prefix", log_prefix),
    ("log_prefix", log_prefix),
    ("log_prefix", log_prefix),
    ("syslog_3164", syslog_3164),
    ("syslog_5424", syslog_5424),
    ("syslog_5424_data", syslog_5424_data),
    ("journald", journald),
    ("cef", cef),
    ("quoted", quoted),
];

/// Wrappers of anything that give one line of JSON.
const JSON: &[(&str, Wrap)] = &[
    ("json_message", json_message),
    ("json_message", json_message),
    ("json_message", json_message),
    ("docker_json", docker_json),
    ("otlp_body", otlp_body),
    ("sentry_message", sentry_message),
    ("gelf", gelf),
    ("ecs", ecs),
    ("cloudwatch", cloudwatch),
    ("json_string", json_string),
    ("json_in_json_2", json_in_json_2),
    ("json_in_json_3", json_in_json_3),
    ("journald_json", journald_json),
];

/// Puts a notation into what it travels in: that one's name, format and text.
pub(crate) fn wrap(
    draw: &mut Draw,
    inner: Marked,
    is_json: bool,
) -> (&'static str, Format, Marked) {
    if is_json && draw.chance(55) {
        return ("none", Format::Json, inner);
    }
    if !is_json && draw.chance(30) {
        return ("none", Format::Text, inner);
    }
    if draw.chance(if is_json { 60 } else { 45 }) {
        let (name, wrap) = *draw.row(JSON);
        return (name, Format::Json, wrap(draw, &inner));
    }
    let (name, wrap) = *draw.row(TEXT);
    (name, Format::Text, wrap(draw, &inner))
}

fn fill(draw: &mut Draw, template: &str, inner: &Marked) -> Marked {
    let text = expand(draw, template);
    Marked::fill(&text, &[inner])
}

fn log_prefix(draw: &mut Draw, inner: &Marked) -> Marked {
    let prefix = draw.of(PREFIXES);
    fill(draw, &format!("{prefix}§0"), inner)
}

/// Collectors of syslog write line breaks as `#012`, or send each line; ours escape them.
fn one_line(inner: &Marked) -> Marked {
    if inner.has_lines() {
        encode::json(inner)
    } else {
        inner.clone()
    }
}

fn syslog_3164(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "<{i2}>{month} {dom} {time} {host} {svc}[{i5}]: §0",
        &one_line(inner),
    )
}

fn syslog_5424(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "<{i2}>1 {tso} {host} {svc} {i5} ID{i2} - §0",
        &one_line(inner),
    )
}

fn syslog_5424_data(draw: &mut Draw, inner: &Marked) -> Marked {
    let form = "<{i2}>1 {tso} {host} {svc} {i5} ID{i2} [meta seq=\"{i4}\" queue=\"{queue}\"] §0";
    fill(draw, form, &one_line(inner))
}

fn journald(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "PRIORITY=6 SYSLOG_IDENTIFIER={svc} _PID={i5} MESSAGE=§0",
        &one_line(inner),
    )
}

fn cef(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "CEF:0|Acme|{svc}|{ver}|{i3}|{msg}|{i1}|rt={epochms} msg=§0",
        &one_line(inner),
    )
}

fn quoted(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "ts={ts} level={lvl} component={svc} msg=\"§0\"",
        &encode::json(inner),
    )
}

fn json_message(draw: &mut Draw, inner: &Marked) -> Marked {
    let form = draw.of(&[
        "{\"ts\":\"{ts}\",\"level\":\"{lvl}\",\"msg\":\"§0\"}",
        "{\"@timestamp\":\"{ts}\",\"message\
         \":\"§0\",\"logger\":\"{class}\",\"thread\":\"{thread}\"}",
        "{\"time\":{epochms},\"pid\":{i5},\"hostname\":\"{host}\",\"level\":30,\"msg\":\"§0\",\"v\"\
         :1}",
        "{\"severity\":\"{LEVEL}\",\"textPayload\":\"§0\",\"insertId\":\"{n14}\"}",
        "{\"timestamp\": \"{ts}\", \"level\": \"{LEVEL}\", \"event\": \"§0\", \"trace_id\": \
         \"{h32}\"}",
        "{\"log\":{\"level\":\"{lvl}\"},\"message\":\"§0\",\"service\":\"{svc}\"}",
        "{\"line\":\"§0\",\"stream\":\"stderr\",\"kubernetes\":{\"pod\":\"{pod}\",\"namespace\":\"\
         {ns}\"}}",
    ]);
    let escaped = if draw.chance(85) {
        encode::json(inner)
    } else {
        encode::json_ascii(inner)
    };
    fill(draw, form, &escaped)
}

fn docker_json(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "{\"log\":\"§0\\n\",\"stream\":\"stdout\",\"time\":\"{tsn}\"}",
        &encode::json(inner),
    )
}

fn otlp_body(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"s\
         tringValue\":\"{svc}\"}}]},\
         \"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"{epochns}\",\"severityNumber\":9,\"bod\
         y\":{\"stringValue\":\"§0\"},\
         \"traceId\":\"{h32}\",\"spanId\":\"{h16}\"}]}]}]}",
        &encode::json(inner),
    )
}

fn sentry_message(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "{\"event_id\":\"{h32}\",\"level\":\"error\",\"logentry\":{\"formatted\":\"§0\"},\"release\
         \":\"{svc}@{ver}\",\"platform\":\"go\"}",
        &encode::json(inner),
    )
}

fn gelf(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "{\"version\":\"1.1\",\"host\":\"{host}\",\"short_message\":\"§0\",\"timestamp\":{epoch}.\
         {d3},\"level\":6,\"_facility\":\"{svc}\"}",
        &encode::json(inner),
    )
}

fn ecs(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "{\"@timestamp\":\"{ts}\",\"ecs.version\":\"8.11\",\"log.level\":\"{LEVEL}\",\"message\":\"\
         §0\",\"service.name\":\"{svc}\"}",
        &encode::json(inner),
    )
}

fn cloudwatch(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "{\"logGroup\":\"/aws/lambda/{svc}\",\"logStream\":\"2026/03/01/[$LATEST]{h32}\",\"logEvent\
         s\":[{\"id\":\"{d56}\",\
         \"timestamp\":{epochms},\"message\":\"§0\"}]}",
        &encode::json(inner),
    )
}

fn json_string(_: &mut Draw, inner: &Marked) -> Marked {
    Marked::fill("\"§0\"", &[&encode::json(inner)])
}

fn json_in_json_2(draw: &mut Draw, inner: &Marked) -> Marked {
    let inner = fill(draw, "{\"id\":{i5},\"body\":\"§0\"}", &encode::json(inner));
    json_message(draw, &inner)
}

fn json_in_json_3(draw: &mut Draw, inner: &Marked) -> Marked {
    let inner = fill(
        draw,
        "{\"event\":\"{func}\",\"payload\":\"§0\"}",
        &encode::json(inner),
    );
    json_in_json_2(draw, &inner)
}

fn journald_json(draw: &mut Draw, inner: &Marked) -> Marked {
    fill(
        draw,
        "{\"__REALTIME_TIMESTAMP\":\"{epochus}\",\"_SYSTEMD_UNIT\":\"{svc}.service\",\"PRIORITY\":\
         \"6\",\"MESSAGE\":\"§0\"}",
        &encode::json(inner),
    )
}
