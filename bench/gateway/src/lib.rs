//! Bodies of requests as services send them: the material of `cargo xtask bench gateway`.
//!
//! *Invariants:* the same seed gives the same bodies; all values are made up. A record in
//! [`ONE_IN`] holds something that redaction takes out.

mod draw;
mod logs;
mod spans;

pub use draw::Draw;
pub use logs::logs;
pub use spans::{spans, spans_of};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource;

/// Records in a request.
pub const RECORDS_COUNT: usize = 512;
/// One record in so many holds a mail address or a token.
pub const ONE_IN: u64 = 50;
/// First seed; body number `n` is drawn from `SEED + n`.
pub const SEED: u64 = 0x6a7e_3a11;

/// 2026-01-02T03:04:05Z.
const BEGIN_NS: u64 = 1_767_323_045_000_000_000;

fn text(key: &str, value: impl Into<String>) -> KeyValue {
    pair(key, Value::StringValue(value.into()))
}

fn number(key: &str, value: i64) -> KeyValue {
    pair(key, Value::IntValue(value))
}

fn pair(key: &str, value: Value) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

fn resource(draw: &mut Draw) -> Resource {
    let service = draw.of(&["checkout", "catalogue", "billing", "shipping", "search"]);
    let pod = format!("{service}-7f9c4d8b6-{:05x}", draw.below(1 << 20));
    Resource {
        attributes: vec![
            text("service.name", *service),
            text("service.version", "4.17.2"),
            text("service.namespace", "shop"),
            text("deployment.environment.name", "production"),
            text("telemetry.sdk.language", "java"),
            text("telemetry.sdk.name", "opentelemetry"),
            text("telemetry.sdk.version", "1.45.0"),
            text("k8s.pod.name", pod),
            text("k8s.namespace.name", "shop"),
            text("cloud.region", "eu-central-1"),
        ],
        ..Resource::default()
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: "io.opentelemetry.tomcat-10.0".to_owned(),
        version: "2.11.0-alpha".to_owned(),
        ..InstrumentationScope::default()
    }
}

/// Something that must not be stored, shaped like the real thing.
fn secret(draw: &mut Draw) -> String {
    let tail: String = (0..36).map(|_| *draw.of(LETTERS) as char).collect();
    match draw.below(2) {
        0 => format!("anna.probe{}@mail.example.org", draw.below(10_000)),
        _ => format!("gh{}_{tail}", "p"),
    }
}

const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
