//! What shippers, runtimes and collectors put around a line.

use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::record::Format;

use super::noise::noise;
use super::template::render;

/// A line in its envelope: the envelope's name, how it arrives, the text.
pub(crate) type Enveloped = (&'static str, Format, Marked);

/// Heads of a line of text, with a name each. `§0` is the line.
const HEADS: &[(&str, &str)] = &[
    ("hb_logback", "~tsl~ [~thr~] ~lvl~  ~cls~ - §0"),
    (
        "hb_spring_boot",
        "~ts~  ~lvl~ ~n5~ --- [~svc~] [~thr~] ~cls~ : §0",
    ),
    (
        "hb_syslog_3164",
        "<~=14,134,165~>~tsc~ ~host~ ~svc~[~n5~]: §0",
    ),
    ("hb_syslog_5424", "<165>1 ~ts~ ~host~ ~svc~ ~n4~ - - §0"),
    ("hb_cri", "~ts~ ~=stdout,stderr~ F §0"),
    ("hb_cri_log", "~tsz~ ~=stdout,stderr~ F ~lvl~ §0"),
    ("hb_python_logging", "~lvl~:~mod~.~=views,tasks,service~:§0"),
    ("hb_django", "[~tsn~] ~lvl~ [~mod~.~=views,forms~:~n3~] §0"),
    ("hb_rails_tagged", "I, [~ts~ #~n5~]  INFO -- : [~uuid~] §0"),
    ("hb_laravel", "[~date~ ~time~] production.~lvl~: §0"),
    ("hb_serilog", "[~time~ ~=INF,WRN,ERR~] §0"),
    (
        "hb_aspnet",
        "~=info,warn,fail~: Shop.~=Api,Worker~[~n2~] §0",
    ),
    (
        "hb_tracing",
        "~ts~  ~lvl~ ~mod~::~=handler,service~{request_id=~uuid~}: §0",
    ),
    ("hb_env_logger", "[~ts~ ~lvl~  ~mod~] §0"),
    ("hb_glog", "I~n4~ ~time~.~n6~ ~n7~ ~mod~.go:~n3~] §0"),
    (
        "hb_zap_console",
        "~ts~\t~lvll~\t~mod~/~=server,worker~.go:~n3~\t§0",
    ),
    (
        "hb_elixir_logger",
        "~time~.~n3~ request_id=~h20~ [~lvll~] §0",
    ),
    ("hb_kubectl_prefix", "[pod/~pod~/app] §0"),
    ("hb_compose_prefix", "~=web-1,worker-2,api-1~  | §0"),
    ("hb_lambda", "~ts~\t~uuid~\t~lvl~\t§0"),
    ("hb_heroku", "~ts~ app[web.1]: §0"),
    ("hb_gha", "~ts~ ##[debug]§0"),
    ("hb_ansible_task", "ok: [~host~] => §0"),
    (
        "hb_monolog",
        "[~ts~] ~=app,security,request~.~lvl~: §0 [] []",
    ),
    ("hb_winston", "~ts~ ~lvll~: §0"),
    ("hb_pino_pretty", "[~time~.~n3~] ~lvl~ (~n5~): §0"),
    (
        "hb_logrus_text",
        "time=\"~tsz~\" level=~lvll~ component=~mod~ detail=~n3~ §0",
    ),
    ("hb_bracket_trace", "[~tid~-~sid~] ~lvl~ §0"),
    ("hb_colour", "\u{1b}[32m~lvl~\u{1b}[0m ~mod~: §0"),
];

/// Objects around a line, with a name each. `§0` is the line within a JSON string.
const OBJECTS: &[(&str, &str)] = &[
    (
        "hb_docker_json_file",
        "{\"log\":\"§0\\n\",\"stream\":\"~=stdout,stderr~\",\"time\":\"~ts~\"}",
    ),
    (
        "hb_journald",
        "{\"__REALTIME_TIMESTAMP\":\"~tsm~000\",\"PRIORITY\":\"6\",\"_PID\":\"~n5~\",\"_SYSTEMD_UNIT\":\"~svc~.service\",\"MESSAGE\":\"§0\"}",
    ),
    (
        "hb_fluent_bit",
        "{\"date\":~tss~.~n6~,\"log\":\"§0\",\"kubernetes\":{\"pod_name\":\"~pod~\",\"namespace_name\":\"~ns~\",\"container_hash\":\"~h64~\"}}",
    ),
    (
        "hb_slog_json",
        "{\"time\":\"~ts~\",\"level\":\"~lvl~\",\"msg\":\"§0\",\"trace_id\":\"~tid~\"}",
    ),
    (
        "hb_zap_json",
        "{\"level\":\"~lvll~\",\"ts\":~tss~.~n3~,\"caller\":\"~mod~/svc.go:~n3~\",\"msg\":\"§0\"}",
    ),
    (
        "hb_pino",
        "{\"level\":30,\"time\":~tsm~,\"pid\":~n5~,\"hostname\":\"~pod~\",\"msg\":\"§0\"}",
    ),
    (
        "hb_bunyan",
        "{\"name\":\"~svc~\",\"level\":40,\"msg\":\"§0\",\"time\":\"~ts~\",\"v\":0}",
    ),
    (
        "hb_structlog",
        "{\"event\":\"§0\",\"level\":\"~lvll~\",\"timestamp\":\"~ts~\",\"logger\":\"~mod~\"}",
    ),
    (
        "hb_gcp_entry",
        "{\"insertId\":\"~l13~\",\"severity\":\"~lvl~\",\"textPayload\":\"§0\",\"resource\":{\"type\":\"k8s_container\",\"labels\":{\"pod_name\":\"~pod~\"}},\"timestamp\":\"~ts~\"}",
    ),
    (
        "hb_cloudwatch",
        "{\"messageType\":\"DATA_MESSAGE\",\"logGroup\":\"/aws/lambda/~svc~\",\"logEvents\":[{\"id\":\"~n32~\",\"timestamp\":~tsm~,\"message\":\"§0\"}]}",
    ),
    (
        "hb_ecs",
        "{\"@timestamp\":\"~ts~\",\"log.level\":\"~lvl~\",\"message\":\"§0\",\"ecs.version\":\"1.12.0\",\"process.thread.name\":\"~thr~\"}",
    ),
    (
        "hb_gelf",
        "{\"version\":\"1.1\",\"host\":\"~host~\",\"short_message\":\"§0\",\"timestamp\":~tss~.~n3~,\"_build\":\"~h12~\"}",
    ),
    (
        "hb_loki_push",
        "{\"streams\":[{\"stream\":{\"app\":\"~svc~\"},\"values\":[[\"~tsm~000000\",\"§0\"]]}]}",
    ),
    (
        "hb_otlp_body",
        "{\"timeUnixNano\":\"~tsm~000000\",\"severityNumber\":9,\"body\":{\"stringValue\":\"§0\"},\"traceId\":\"~tid~\",\"spanId\":\"~sid~\"}",
    ),
    (
        "hb_sentry_crumb",
        "{\"event_id\":\"~h32~\",\"platform\":\"~=python,node,java~\",\"breadcrumbs\":{\"values\":[{\"category\":\"console\",\"level\":\"~lvll~\",\"message\":\"§0\"}]}}",
    ),
    (
        "hb_datadog",
        "{\"ddsource\":\"~=java,nodejs~\",\"dd\":{\"trace_id\":\"~n19~\"},\"status\":\"~lvll~\",\"message\":\"§0\"}",
    ),
    (
        "hb_rust_tracing_json",
        "{\"timestamp\":\"~ts~\",\"level\":\"~lvl~\",\"fields\":{\"message\":\"§0\"},\"target\":\"~mod~::api\"}",
    ),
    (
        "hb_serilog_compact",
        "{\"@t\":\"~ts~\",\"@mt\":\"{Text}\",\"Text\":\"§0\",\"@i\":\"~h8~\"}",
    ),
];

/// A text in an envelope, or as it is.
pub(crate) fn around(draw: &mut Draw, inner: Marked, format: Format) -> Enveloped {
    let has_lines = inner.text.contains('\n');
    match (format, has_lines, draw.below(100)) {
        (Format::Json, _, 0..62)
        | (Format::Text, true, 34..)
        | (Format::Text, false, 0..22 | 96..) => ("none", format, inner),
        (Format::Json, _, 62..76) | (Format::Text, true, _) | (Format::Text, false, 62..88) => {
            object(draw, &inner)
        }
        (Format::Json, _, 76..82) | (Format::Text, false, 88..92) => twice(draw, &inner),
        (Format::Text, false, 92..96) => {
            let (_, _, inner) = object(draw, &inner);
            let (_, _, text) = head(draw, &inner);
            ("hb_head_object", Format::Text, text)
        }
        _ => head(draw, &inner),
    }
}

/// A whole record that brings its own head: as it is, or as a shipper's object.
pub(crate) fn shipped(draw: &mut Draw, inner: Marked, format: Format) -> Enveloped {
    if draw.chance(22) {
        return object(draw, &inner);
    }
    ("none", format, inner)
}

fn head(draw: &mut Draw, inner: &Marked) -> Enveloped {
    let (name, form) = *draw.row(HEADS);
    let form = render(draw, form).text;
    (name, Format::Text, Marked::fill(&form, &[inner]))
}

fn object(draw: &mut Draw, inner: &Marked) -> Enveloped {
    let (name, form) = *draw.row(OBJECTS);
    let form = render(draw, form).text;
    let inner = if draw.chance(15) {
        encode::json_ascii(inner)
    } else {
        encode::json(inner)
    };
    (name, Format::Json, Marked::fill(&form, &[&inner]))
}

/// An object in an object's string, once or twice more.
fn twice(draw: &mut Draw, inner: &Marked) -> Enveloped {
    let (_, _, mut text) = object(draw, inner);
    let mut name = "hb_object_2";
    if draw.chance(35) {
        let id = noise(draw, "h12");
        text = Marked::fill(
            &format!("{{\"id\":\"{id}\",\"record\":\"§0\"}}"),
            &[&encode::json(&text)],
        );
        name = "hb_object_3";
    }
    let (_, _, text) = object(draw, &text);
    (name, Format::Json, text)
}

/// The names of all envelopes.
#[cfg(test)]
pub(crate) fn names() -> Vec<&'static str> {
    HEADS.iter().chain(OBJECTS).map(|(name, _)| *name).collect()
}
