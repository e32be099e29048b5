//! Attribute names this project reads or defines.
//!
//! Names without a prefix of ours are those of the OpenTelemetry semantic conventions.

/// Fully qualified type of an exception.
pub const EXCEPTION_TYPE: &str = "exception.type";
/// Message of an exception.
pub const EXCEPTION_MESSAGE: &str = "exception.message";
/// Stack trace of an exception, in the language's own rendering.
pub const EXCEPTION_STACKTRACE: &str = "exception.stacktrace";
/// Fully qualified name of the function that ran.
pub const CODE_FUNCTION_NAME: &str = "code.function.name";
/// Name of the service that emitted the event (resource).
pub const SERVICE_NAME: &str = "service.name";
/// Version of the service that emitted the event (resource).
pub const SERVICE_VERSION: &str = "service.version";
/// Region that the service runs in (resource).
pub const CLOUD_REGION: &str = "cloud.region";
/// Arguments of the recorded call: a JSON object of keyword arguments, or
/// `{"args": [..], "kwargs": {..}}`.
pub const CALL_ARGUMENTS: &str = "cordon.call.arguments";
/// What the recorded call returned, as JSON, where it returned.
pub const CALL_RESULT: &str = "cordon.call.result";
/// Expectation that the recorded call violated: a Python expression over `result` and the
/// arguments, such as `result >= 0`.
pub const CALL_EXPECTATION: &str = "cordon.call.expectation";
/// Feature flags in force during the call: a JSON object.
pub const CALL_FLAGS: &str = "cordon.call.flags";
/// Environment variables that the call depends on: a JSON object; default-deny at the producer.
pub const CALL_ENVIRONMENT: &str = "cordon.call.environment";
/// Wall clock of the call, RFC 3339.
pub const CALL_TIME: &str = "cordon.call.time";
/// Seed of the pseudo-random generator at the call.
pub const CALL_SEED: &str = "cordon.call.seed";

/// Kind of a change: the name of a [`crate::ChangeKind`].
pub const CHANGE_KIND: &str = "change.kind";
/// The sender's word for the kind of a change, where it names none of ours.
pub const CHANGE_WORD: &str = "change.word";
/// Version, flag or key that was changed.
pub const CHANGE_SUBJECT: &str = "change.subject";
/// Value before a change: a map with one member, named as the subject.
pub const CHANGE_FROM: &str = "change.from";
/// Value after a change: a map with one member, named as the subject.
pub const CHANGE_TO: &str = "change.to";
/// Who made a change: a map with the member `user`.
pub const CHANGE_AUTHOR: &str = "change.author";
/// Paths of the files that a change touches, one a line.
pub const CHANGE_FILES: &str = "change.files";
/// Beginning of the names that are a change's own: nobody else's attribute is called so.
pub const CHANGE: &str = "change.";
/// Files that a change touches beyond those that are kept, a number.
pub const CHANGE_FILES_LEFT_OUT: &str = "change.files_left_out";
/// Members of what a sender told of a change that were left out, one a line.
pub const CHANGE_LEFT_OUT: &str = "change.left_out";
/// Commit that a change is, or was made from.
pub const VCS_REVISION: &str = "vcs.ref.head.revision";

/// Names that point to the commit: tags, one a line.
pub const VCS_REF_NAME: &str = "vcs.ref.head.name";

/// Kind of a span: `internal`, `server`, `client`, `producer`, `consumer`.
pub const SPAN_KIND: &str = "span.kind";
/// Instrument of a metric point: `gauge`, `sum`, `histogram` or `summary`.
pub const METRIC_INSTRUMENT: &str = "metric.instrument";
/// Unit of a metric point, UCUM.
pub const METRIC_UNIT: &str = "metric.unit";
/// `cumulative` or `delta`, of a sum or histogram.
pub const METRIC_TEMPORALITY: &str = "metric.temporality";
/// Whether a sum only grows.
pub const METRIC_MONOTONIC: &str = "metric.monotonic";

/// Names, and beginnings of names that end in a dot, whose values are technical metadata by the
/// semantic conventions (class C). Any other field is unknown: it is stored and searched, and its
/// value is not shown until somebody has classified it.
const TECHNICAL: &[&str] = &[
    "aws.region",
    "browser.",
    CHANGE_FILES,
    CHANGE_FILES_LEFT_OUT,
    CHANGE_KIND,
    CHANGE_LEFT_OUT,
    CHANGE_SUBJECT,
    CHANGE_WORD,
    "cloud.availability_zone",
    "cloud.platform",
    "cloud.provider",
    "cloud.region",
    "code.",
    "container.image.",
    "container.runtime",
    "cordon.call.expectation",
    "cordon.call.flags",
    "db.collection.name",
    "db.namespace",
    "db.operation",
    "db.operation.name",
    "db.response.status_code",
    "db.system",
    "db.system.name",
    "deployment.environment",
    "deployment.environment.name",
    "device.model.name",
    "error.type",
    "exception.type",
    "faas.name",
    "faas.trigger",
    "faas.version",
    "feature_flag.",
    "graphql.operation.type",
    "host.arch",
    "host.type",
    "http.flavor",
    "http.method",
    "http.request.method",
    "http.request.resend_count",
    "http.response.status_code",
    "http.route",
    "http.status_code",
    "k8s.",
    "messaging.destination.name",
    "messaging.operation.",
    "messaging.system",
    "metric.",
    "network.protocol.",
    "network.transport",
    "network.type",
    "os.",
    "otel.",
    "process.runtime.",
    "rpc.",
    "server.port",
    "service.",
    "span.kind",
    "telemetry.",
    "url.scheme",
    "url.template",
    "vcs.",
    "webengine.",
];

/// Whether a field of that name holds technical metadata by the semantic conventions.
pub fn is_technical(name: &str) -> bool {
    TECHNICAL.iter().any(|known| {
        if known.ends_with('.') {
            name.starts_with(known)
        } else {
            name == *known
        }
    })
}

/// Whether names below that one hold technical metadata: `os` of `os.type`, where a sender nests
/// what the semantic conventions join with a point.
pub fn holds_technical(name: &str) -> bool {
    TECHNICAL.iter().any(|known| {
        let below = known.strip_prefix(name);
        below.is_some_and(|below| below.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_field_is_not_technical() {
        for name in ["http.route", "k8s.pod.name", "service.version", "os.type"] {
            assert!(is_technical(name), "{name}");
        }
        for name in [
            "customer.tier",
            "http.routes",
            "k8s",
            "db.query.text",
            "url.full",
            "",
        ] {
            assert!(!is_technical(name), "{name}");
        }
    }

    #[test]
    fn what_is_nested_stands_below_its_first_names() {
        for name in ["os", "http", "http.request", "k8s", "messaging.operation"] {
            assert!(holds_technical(name), "{name}");
        }
        for name in ["o", "os.", "os.type", "http.route", "customer", ""] {
            assert!(!holds_technical(name), "{name}");
        }
    }
}
