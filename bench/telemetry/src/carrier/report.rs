//! Structured telemetry: OTLP spans and logs, error reports in the manner of Sentry, crash reports,
//! cluster events. Each is one JSON value.

use super::Style::{Camel, Dotted, Snake};
use super::{Field, around, each, key};
use crate::draw::Draw;
use crate::encode;
use crate::marked::Marked;
use crate::noise::expand;
use crate::record::Shape;

/// A report that holds fields.
type Report = fn(&mut Draw, &[Field]) -> Marked;

/// All of them.
pub(crate) const REPORTS: &[(&str, Shape, Report)] = &[
    ("otlp_span", Shape::Span, otlp_span),
    ("otlp_span", Shape::Span, otlp_span),
    ("otlp_span_event", Shape::Span, otlp_span_event),
    ("otlp_resource", Shape::Span, otlp_resource),
    ("otlp_span_name", Shape::Span, otlp_span_name),
    ("otlp_log", Shape::Log, otlp_log),
    ("zipkin_span", Shape::Span, zipkin_span),
    ("jaeger_span", Shape::Span, jaeger_span),
    ("sentry_error", Shape::Error, sentry_error),
    ("sentry_locals", Shape::Error, sentry_locals),
    ("sentry_breadcrumb", Shape::Error, sentry_breadcrumb),
    ("sentry_request", Shape::Error, sentry_request),
    ("rollbar_item", Shape::Error, rollbar_item),
    ("kube_event", Shape::Log, kube_event),
    ("audit_event", Shape::Log, audit_event),
    ("lambda_event", Shape::Log, lambda_event),
    ("map_key", Shape::Log, map_key),
];

/// Attributes of OTLP/JSON: a key and a typed value each.
fn attributes(fields: &[Field], prefix: &str) -> Marked {
    each(fields, ",", |field| {
        let name = encode::json(&format!("{prefix}{}", key(Dotted, &field.key)).into()).text;
        if field.is_number {
            return Marked::fill(
                &format!("{{\"key\":\"{name}\",\"value\":{{\"intValue\":\"§0\"}}}}"),
                &[&field.value],
            );
        }
        let template = format!("{{\"key\":\"{name}\",\"value\":{{\"stringValue\":\"§0\"}}}}");
        Marked::fill(&template, &[&encode::json(&field.value)])
    })
}

fn object(style: super::Style, fields: &[Field]) -> Marked {
    let inside = each(fields, ",", |field| {
        let name = encode::json(&key(style, &field.key).into()).text;
        Marked::fill(
            &format!("\"{name}\":\"§0\""),
            &[&encode::json(&field.value)],
        )
    });
    around("{", &inside, "}")
}

fn fill(draw: &mut Draw, template: &str, parts: &[&Marked]) -> Marked {
    let text = expand(draw, template);
    Marked::fill(&text, parts)
}

/// The text of a span, with `attributes`, `events` and `resource` to be filled in that order.
const SPAN: &str = "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"\
value\":\
{\"stringValue\":\"{svc}\"}}§2]},\"scopeSpans\":[{\"scope\":{\"name\":\"{logger}\",\"version\":\"\
{ver}\"},\"spans\":\
[{\"traceId\":\"{h32}\",\"spanId\":\"{h16}\",\"parentSpanId\":\"{h16}\",\"name\":\"{method} \
{route}\",\"kind\":2,\
\"startTimeUnixNano\":\"{epochns}\",\"endTimeUnixNano\":\"{epochns}\",\"attributes\":[§0],\"events\
\":[§1],\
\"status\":{\"code\":{d1}}}]}]}]}";

fn otlp_span(draw: &mut Draw, fields: &[Field]) -> Marked {
    let prefix = draw.of(&["", "", "app.", "http.request.header.", "enduser.", "db."]);
    let held = attributes(fields, prefix);
    fill(draw, SPAN, &[&held, &"".into(), &"".into()])
}

fn otlp_span_event(draw: &mut Draw, fields: &[Field]) -> Marked {
    let held = attributes(fields, "");
    let event = fill(
        draw,
        "{\"timeUnixNano\":\"{epochns}\",\"name\":\"exception\",\"attributes\":[{\"key\":\"exceptio\
         n.type\",\
         \"value\":{\"stringValue\":\"{exc}\"}},§0]}",
        &[&held],
    );
    fill(draw, SPAN, &[&"".into(), &event, &"".into()])
}

fn otlp_resource(draw: &mut Draw, fields: &[Field]) -> Marked {
    let held = around(",", &attributes(fields, ""), "");
    fill(draw, SPAN, &[&"".into(), &"".into(), &held])
}

/// A value in the span's own name, of those whose form alone tells.
fn otlp_span_name(draw: &mut Draw, _: &[Field]) -> Marked {
    let value = crate::value::bare(draw);
    let name = draw.of(&[
        "GET /users/§0",
        "process §0",
        "lookup §0",
        "publish to §0",
        "HMGET session:§0",
        "SELECT §0",
    ]);
    let named = Marked::fill(name, &[&encode::json(&value.mark())]);
    let template = SPAN.replace("{method} {route}", "§3");
    fill(
        draw,
        &template,
        &[&"".into(), &"".into(), &"".into(), &named],
    )
}

fn otlp_log(draw: &mut Draw, fields: &[Field]) -> Marked {
    let held = attributes(fields, "");
    fill(
        draw,
        "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"s\
         tringValue\":\
         \"{svc}\"}}]},\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"{epochns}\",\"severityTe\
         xt\":\"{LEVEL}\",\
         \"body\":{\"stringValue\":\"{msg}\"},\"attributes\":[§0],\"traceId\":\"{h32}\",\"spanId\":\
         \"{h16}\"}]}]}]}",
        &[&held],
    )
}

fn zipkin_span(draw: &mut Draw, fields: &[Field]) -> Marked {
    let tags = object(Dotted, fields);
    fill(
        draw,
        "[{\"traceId\":\"{h32}\",\"id\":\"{h16}\",\"name\":\"{method} \
         {route}\",\"timestamp\":{epochus},\"duration\":{i5},\
         \"localEndpoint\":{\"serviceName\":\"{svc}\"},\"tags\":§0}]",
        &[&tags],
    )
}

fn jaeger_span(draw: &mut Draw, fields: &[Field]) -> Marked {
    let tags = each(fields, ",", |field| {
        let name = encode::json(&key(Dotted, &field.key).into()).text;
        let template = format!("{{\"key\":\"{name}\",\"type\":\"string\",\"value\":\"§0\"}}");
        Marked::fill(&template, &[&encode::json(&field.value)])
    });
    fill(
        draw,
        "{\"traceID\":\"{h32}\",\"spanID\":\"{h16}\",\"operationName\":\"{func}\",\"startTime\":\
         {epochus},\"duration\":{i4},\
         \"tags\":[§0],\"process\":{\"serviceName\":\"{svc}\"}}",
        &[&tags],
    )
}

fn sentry(draw: &mut Draw, rest: &str, parts: &[&Marked]) -> Marked {
    let head = "{\"event_id\":\"{h32}\",\"platform\":\"python\",\"timestamp\":\"{ts}\",\"level\":\"\
    error\",\"release\":\
                \"{svc}@{ver}\",\"environment\":\"prod\",\"server_name\":\"{host}\",";
    fill(draw, &format!("{head}{rest}}}"), parts)
}

fn sentry_error(draw: &mut Draw, _: &[Field]) -> Marked {
    let line = super::trace::LINES
        .iter()
        .find(|(name, _)| *name == "exception_message");
    let message = line.map_or_else(Marked::default, |(_, make)| make(draw));
    sentry(
        draw,
        "\"exception\":{\"values\":[{\"type\":\"{exc}\",\"value\":\"§0\",\"stacktrace\":{\"frames\"\
         :[{\"filename\":\
         \"{file}\",\"function\":\"{func}\",\"lineno\":{i3},\"in_app\":true}]}}]}",
        &[&encode::json(&message)],
    )
}

fn sentry_locals(draw: &mut Draw, fields: &[Field]) -> Marked {
    // The Python SDK sends reprs: strings in quotes of their own.
    let vars = each(fields, ",", |field| {
        let held = around("'", &encode::single(&field.value), "'");
        let name = encode::json(&key(Snake, &field.key).into()).text;
        Marked::fill(&format!("\"{name}\":\"§0\""), &[&encode::json(&held)])
    });
    sentry(
        draw,
        "\"exception\":{\"values\":[{\"type\":\"{exc}\",\"value\":\"{err}\",\"stacktrace\":{\"frame\
         s\":[{\"filename\":\
         \"{file}\",\"function\":\"{func}\",\"lineno\":{i3},\"context_line\":\"    return \
         self.call(args)\",\"vars\":\
         {§0}}]}}]}",
        &[&vars],
    )
}

fn sentry_breadcrumb(draw: &mut Draw, fields: &[Field]) -> Marked {
    let data = object(Snake, fields);
    sentry(
        draw,
        "\"message\":\"{msg}\",\"breadcrumbs\":{\"values\":[{\"timestamp\":{epoch},\"category\":\"h\
         ttp\",\"type\":\"http\",\
         \"data\":§0},{\"category\":\"query\",\"message\":\"SELECT {col} FROM {table}\"}]}",
        &[&data],
    )
}

fn sentry_request(draw: &mut Draw, fields: &[Field]) -> Marked {
    let (data, headers) = (
        object(Camel, fields),
        expand(draw, "[[\"Accept\",\"*/*\"],[\"Host\",\"{svc}\"]]"),
    );
    sentry(
        draw,
        "\"message\":\"{msg}\",\"request\":{\"url\":\"https://{svc}.internal{route}\",\"method\":\"\
         POST\",\"headers\":§1,\
         \"data\":§0},\"tags\":[[\"region\",\"{region}\"],[\"handled\",\"no\"]]",
        &[&data, &headers.into()],
    )
}

fn rollbar_item(draw: &mut Draw, fields: &[Field]) -> Marked {
    let custom = object(Snake, fields);
    fill(
        draw,
        "{\"data\":{\"environment\":\"production\",\"level\":\"error\",\"timestamp\":{epoch},\"body\
         \":{\"trace\":{\"exception\":\
         {\"class\":\"{exc}\",\"message\":\"{err}\"},\"frames\":[{\"filename\":\"{file}\",\"lineno\
         \":{i3}}]}},\"custom\":§0,\
         \"uuid\":\"{uuid}\"}}",
        &[&custom],
    )
}

fn kube_event(draw: &mut Draw, fields: &[Field]) -> Marked {
    let env = each(fields, ",", |field| {
        let name = encode::json(&key(super::Style::Upper, &field.key).into()).text;
        Marked::fill(
            &format!("{{\"name\":\"{name}\",\"value\":\"§0\"}}"),
            &[&encode::json(&field.value)],
        )
    });
    fill(
        draw,
        "{\"kind\":\"Event\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"{pod}.{h16}\",\"namespa\
         ce\":\"{ns}\",\
         \"resourceVersion\":\"{i9}\"},\"reason\":\"Failed\",\"object\":{\"spec\":{\"containers\":[\
         {\"name\":\"{svc}\",\
         \"env\":[§0]}]}}}",
        &[&env],
    )
}

fn audit_event(draw: &mut Draw, fields: &[Field]) -> Marked {
    let (before, after) = (
        object(Snake, fields.get(..1).unwrap_or(&[])),
        object(Snake, fields),
    );
    fill(
        draw,
        "{\"type\":\"audit\",\"at\":\"{ts}\",\"action\":\"update\",\"entity\":\"{table}\",\"entity_\
         id\":{i5},\"changes\":\
         {\"before\":§0,\"after\":§1},\"request_id\":\"{uuid}\"}",
        &[&before, &after],
    )
}

fn lambda_event(draw: &mut Draw, fields: &[Field]) -> Marked {
    let body = encode::json(&object(Camel, fields));
    fill(
        draw,
        "{\"version\":\"2.0\",\"routeKey\":\"POST \
         {route}\",\"rawPath\":\"{route}\",\"headers\":{\"content-type\":\
         \"application/json\",\"host\":\"{n10}.execute-api.{region}.amazonaws.com\"},\"requestConte\
         xt\":{\"requestId\":\
         \"{uuid}\",\"timeEpoch\":{epochms}},\"body\":\"§0\",\"isBase64Encoded\":false}",
        &[&body],
    )
}

/// A value that is the name of a member: caches keyed by a token or an address.
fn map_key(draw: &mut Draw, _: &[Field]) -> Marked {
    let value = crate::value::bare(draw);
    let held = encode::json(&value.mark());
    let form = draw.of(&[
        "{\"level\":\"{lvl}\",\"cache\":{\"§0\":{\"hits\":{i2},\"ttl\":{i3}}},\"size\":{i3}}",
        "{\"msg\":\"{msg}\",\"counts\":{\"§0\":{i2},\"other\":{i3}}}",
        "{\"by_key\":{\"session:§0\":\"active\"},\"node\":\"{host}\"}",
    ]);
    fill(draw, form, &[&held])
}
