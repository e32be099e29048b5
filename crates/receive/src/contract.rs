//! The contract of a log line: `cordon.log/1`, published as JSON Schema, with what its fields are
//! called elsewhere.
//!
//! One table ([`FIELDS`]) makes the schema (`docs/schema/log-1.json`), the table of names in
//! `docs/log-contract.md` and the reading of lines: a line that says `"schema": "cordon.log/1"`,
//! and one of the Elastic Common Schema, which says `ecs.version`, flat or nested. Other lines are
//! read as `ndjson` says.
//!
//! *A tenant in a line chooses nothing.* Whose a line is, the token says. One that says another is
//! refused: it was routed wrongly, and kept it would be shown to people of the wrong tenant. Only a
//! line of the contract is asked; elsewhere `tenant_id` is a field like others, since programs that
//! serve many customers log their own tenants by that name.

use cordon_event::{Value, attr};

use crate::error::Code;
use crate::sink::Pairs;

/// What a line of the contract says in `schema`.
pub const NAME: &str = "cordon.log/1";
/// What all versions begin with.
const FAMILY: &str = "cordon.log/";
/// Member that names the schema.
const SCHEMA: &str = "schema";
/// Member of a line of the contract that says whose it is.
const TENANT: &str = "tenant_id";

/// What the schema says of a line.
const DESCRIPTION: &str = "One line of a log. Other members are unknown fields: \
    stored, searched, and not shown until they are approved.";

/// A field of the contract.
struct Field {
    name: &'static str,
    /// What its value is, in JSON Schema.
    is: &'static str,
    required: bool,
    /// What it says, for people.
    says: &'static str,
    /// The name by which a line's reader knows it.
    read_as: &'static str,
    /// Its name in OpenTelemetry's log data model and semantic conventions.
    otel: &'static str,
    /// Its name in the Elastic Common Schema.
    ecs: &'static str,
    /// Its name in an event of Sentry.
    sentry: &'static str,
}

const TEXT: &str = r#""type": "string""#;

const FIELDS: [Field; 11] = [
    Field {
        name: "timestamp",
        is: r#""type": "string", "format": "date-time""#,
        required: true,
        says: "When it happened, RFC 3339.",
        read_as: "timestamp",
        otel: "timeUnixNano",
        ecs: "@timestamp",
        sentry: "timestamp",
    },
    Field {
        name: "level",
        is: r#""enum": ["trace", "debug", "info", "warn", "error", "fatal"]"#,
        required: true,
        says: "How bad it is.",
        read_as: "level",
        otel: "severityNumber",
        ecs: "log.level",
        sentry: "level",
    },
    Field {
        name: "component",
        is: TEXT,
        required: true,
        says: "The service that speaks.",
        read_as: "service",
        otel: "service.name",
        ecs: "service.name",
        sentry: "release (before the @)",
    },
    Field {
        name: TENANT,
        is: TEXT,
        required: false,
        says: "Whose it is, as a check: it must be the token's tenant, and is not kept.",
        read_as: TENANT,
        otel: "",
        ecs: "organization.id",
        sentry: "",
    },
    Field {
        name: "request_id",
        is: TEXT,
        required: false,
        says: "The request that was served, by the sender's own id.",
        read_as: "http.request.id",
        otel: "",
        ecs: "http.request.id",
        sentry: "",
    },
    Field {
        name: "span_id",
        is: r#""type": "string", "pattern": "^[0-9a-fA-F]{16}$""#,
        required: false,
        says: "The span that was open (W3C Trace Context).",
        read_as: "span_id",
        otel: "spanId",
        ecs: "span.id",
        sentry: "contexts.trace.span_id",
    },
    Field {
        name: "trace_id",
        is: r#""type": "string", "pattern": "^[0-9a-fA-F]{32}$""#,
        required: false,
        says: "The trace it belongs to (W3C Trace Context).",
        read_as: "trace_id",
        otel: "traceId",
        ecs: "trace.id",
        sentry: "contexts.trace.trace_id",
    },
    Field {
        name: "error_code",
        is: TEXT,
        required: false,
        says: "A stable code of what failed, from a list that the sender keeps.",
        read_as: "error.type",
        otel: "error.type",
        ecs: "error.code",
        sentry: "",
    },
    Field {
        name: "message",
        is: TEXT,
        required: true,
        says: "What happened, in words.",
        read_as: "message",
        otel: "body",
        ecs: "message",
        sentry: "logentry.formatted",
    },
    Field {
        name: "stack",
        is: TEXT,
        required: false,
        says: "The stack trace as the runtime prints it.",
        read_as: "stack",
        otel: attr::EXCEPTION_STACKTRACE,
        ecs: "error.stack_trace",
        sentry: "exception.values.stacktrace",
    },
    Field {
        name: "payload",
        is: r#""type": "object""#,
        required: false,
        says: "Everything else, by names of the sender's own: unknown fields until approved.",
        read_as: "payload",
        otel: "attributes",
        ecs: "labels",
        sentry: "extra",
    },
];

/// A line's members by the names that its reader knows; `tenant` is the token's. A line of no
/// contract is given back as it is.
pub(crate) fn named(mut pairs: Pairs, tenant: Option<&str>) -> Result<Pairs, Code> {
    if let Some(at) = pairs.iter().position(|(key, value)| is_ours(key, value)) {
        let (_, version) = pairs.remove(at);
        if version.as_str() != Some(NAME) {
            return Err(Code::JsonShape);
        }
        check_tenant(&mut pairs, tenant)?;
        return Ok(renamed(pairs, |field| field.name));
    }
    if pairs.iter().any(says_ecs) {
        return Ok(renamed(flat(pairs), |field| field.ecs));
    }
    Ok(pairs)
}

/// Whether a member says of which version of the Elastic Common Schema the line is.
fn says_ecs((key, value): &(String, Value)) -> bool {
    key == "ecs.version" || key == "ecs" && value.get("version").is_some()
}

fn is_ours(key: &str, value: &Value) -> bool {
    key == SCHEMA && value.as_str().is_some_and(|name| name.starts_with(FAMILY))
}

/// Takes the tenant out of a line: a check, and nothing that is kept.
fn check_tenant(pairs: &mut Pairs, tenant: Option<&str>) -> Result<(), Code> {
    while let Some(at) = pairs.iter().position(|(key, _)| key == TENANT) {
        let (_, said) = pairs.remove(at);
        let differs = tenant.is_some_and(|tenant| said.as_str() != Some(tenant));
        if differs && said != Value::Null {
            return Err(Code::TenantMismatch);
        }
    }
    Ok(())
}

fn renamed(pairs: Pairs, by: impl Fn(&Field) -> &'static str) -> Pairs {
    let name = |key: String| match FIELDS.iter().find(|field| by(field) == key) {
        // Whose a line of another schema is, is that schema's matter.
        Some(field) if field.read_as != TENANT => field.read_as.to_owned(),
        _ => key,
    };
    let pairs = pairs.into_iter();
    pairs.map(|(key, value)| (name(key), value)).collect()
}

/// The fields that have a place, out of the objects in which a schema with dots nests them. What
/// else is in those stays there.
fn flat(mut pairs: Pairs) -> Pairs {
    let further = [
        ("error.message", attr::EXCEPTION_MESSAGE),
        ("error.type", attr::EXCEPTION_TYPE),
        ("service.version", attr::SERVICE_VERSION),
    ];
    let named = FIELDS.iter().map(|field| (field.ecs, field.ecs));
    for (path, name) in named.chain(further) {
        let found = lifted(&mut pairs, path);
        pairs.extend(found.map(|value| (name.to_owned(), value)));
    }
    pairs
}

/// Takes a value out of nested objects; one that stands flat already is taken as well.
fn lifted(pairs: &mut Pairs, path: &str) -> Option<Value> {
    if let Some(at) = pairs.iter().position(|(key, _)| key == path) {
        return Some(pairs.remove(at).1);
    }
    let (first, rest) = path.split_once('.')?;
    let at = pairs.iter().position(|(key, _)| key == first)?;
    let (_, Value::Map(inner)) = pairs.get_mut(at)? else {
        return None;
    };
    let found = lifted(inner, rest);
    if inner.is_empty() {
        pairs.remove(at);
    }
    found
}

/// The contract as JSON Schema, draft 2020-12.
pub fn schema_json() -> String {
    let mut out = String::from("{\n");
    for (key, text) in [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ("title", NAME),
        ("description", DESCRIPTION),
    ] {
        out.push_str(&format!("  \"{key}\": \"{text}\",\n"));
    }
    out.push_str("  \"type\": \"object\",\n  \"properties\": {\n");
    out.push_str(&format!("    \"{SCHEMA}\": {{ \"const\": \"{NAME}\" }},\n"));
    for (at, field) in FIELDS.iter().enumerate() {
        let Field { name, is, says, .. } = field;
        let end = if at + 1 < FIELDS.len() { "," } else { "" };
        out.push_str(&format!(
            "    \"{name}\": {{ {is}, \"description\": \"{says}\" }}{end}\n"
        ));
    }
    let required = FIELDS.iter().filter(|field| field.required);
    let required: Vec<String> = [SCHEMA]
        .into_iter()
        .chain(required.map(|field| field.name))
        .map(|name| format!("\"{name}\""))
        .collect();
    out.push_str(&format!(
        "  }},\n  \"required\": [{}]\n}}\n",
        required.join(", ")
    ));
    out
}

/// The table of the fields and of what they are called elsewhere, in Markdown.
pub fn fields_markdown() -> String {
    let mut out =
        String::from("| field | | says | OpenTelemetry | Elastic Common Schema | Sentry |\n");
    out.push_str("|---|---|---|---|---|---|\n");
    let code = |name: &str| match name {
        "" => "–".to_owned(),
        name => format!("`{name}`"),
    };
    for field in &FIELDS {
        let needed = if field.required { "required" } else { "" };
        let names = [field.otel, field.ecs, field.sentry].map(code).join(" | ");
        out.push_str(&format!(
            "| `{}` | {needed} | {} | {names} |\n",
            field.name, field.says
        ));
    }
    out
}

/// The table of the codes with which the listener refuses, in Markdown.
pub fn codes_markdown() -> String {
    let mut out =
        String::from("| code | HTTP | gRPC | means | send again |\n|---|---|---|---|---|\n");
    for code in Code::ALL {
        let again = if code.is_retryable() { "later" } else { "no" };
        out.push_str(&format!(
            "| `{}` | {} | {} | {} | {again} |\n",
            code.as_str(),
            code.http_status(),
            code.grpc_status(),
            code.text()
        ));
    }
    out
}

#[cfg(test)]
#[path = "contract_tests.rs"]
mod tests;
