//! Log records of the same services: a line of text and a few attributes.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::AnyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use prost::Message as _;

use crate::{BEGIN_NS, Draw, ONE_IN, RECORDS_COUNT, SEED, number, resource, scope, secret, text};

/// Body number `n`: an `ExportLogsServiceRequest` of [`RECORDS_COUNT`] records.
pub fn logs(n: u64) -> Vec<u8> {
    let mut draw = Draw::new(SEED + n);
    let resource = resource(&mut draw);
    let records = (0..RECORDS_COUNT).map(|at| record(&mut draw, n * 512 + at as u64));
    let scope_logs = ScopeLogs {
        log_records: records.collect(),
        scope: Some(scope()),
        ..ScopeLogs::default()
    };
    let resource_logs = ResourceLogs {
        resource: Some(resource),
        scope_logs: vec![scope_logs],
        ..ResourceLogs::default()
    };
    let request = ExportLogsServiceRequest {
        resource_logs: vec![resource_logs],
    };
    request.encode_to_vec()
}

fn record(draw: &mut Draw, tick: u64) -> LogRecord {
    let mut line = line(draw);
    if draw.below(ONE_IN) == 0 {
        line = format!("{line}, told {}", secret(draw));
    }
    let is_warning = draw.below(20) == 0;
    let time_unix_nano = BEGIN_NS + tick * 1_000_000 + draw.below(900_000);
    LogRecord {
        time_unix_nano,
        observed_time_unix_nano: time_unix_nano + 400_000,
        severity_number: if is_warning { 13 } else { 9 },
        severity_text: if is_warning { "WARN" } else { "INFO" }.to_owned(),
        body: Some(AnyValue {
            value: Some(Value::StringValue(line)),
        }),
        attributes: vec![
            text("logger.name", *draw.of(LOGGERS)),
            text(
                "thread.name",
                format!("http-nio-8443-exec-{}", draw.below(64)),
            ),
            number("thread.id", draw.below(200).cast_signed()),
        ],
        trace_id: draw.id().to_vec(),
        span_id: draw.bits().to_be_bytes().to_vec(),
        ..LogRecord::default()
    }
}

fn line(draw: &mut Draw) -> String {
    let (id, ms) = (draw.below(900_000), draw.below(4_000));
    match draw.below(6) {
        0 => format!("order {id} moved from PENDING to PAID in {ms} ms, 3 items, carrier dhl"),
        1 => format!(
            "GET /api/orders/{id}/items 200 in {ms} ms for cart c{:08x}",
            draw.below(1 << 32)
        ),
        2 => {
            format!("cache miss for product {id}, loading from pg-primary, took {ms} ms, size 4812")
        }
        3 => format!(
            "retrying shipment {id}: attempt {} of 5, waiting {ms} ms",
            draw.below(5)
        ),
        4 => format!(
            "published OrderPaid to shop.orders partition {} offset {id}, key o-{ms}",
            draw.below(12)
        ),
        _ => format!(
            "pool stats: active={} idle={} waiting=0 max=64 total={id}",
            draw.below(40),
            draw.below(24)
        ),
    }
}

const LOGGERS: &[&str] = &[
    "com.example.shop.orders.OrderService",
    "com.example.shop.http.AccessLog",
    "com.example.shop.catalogue.ProductCache",
    "com.example.shop.shipping.Retrier",
];
