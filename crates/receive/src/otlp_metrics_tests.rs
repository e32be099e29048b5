//! Both decoders against the generated types, row by row and for random requests.

use cordon_event::{Event, Kind, Value, attr};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AnyKind;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram,
    HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary,
    SummaryDataPoint, metric::Data, number_data_point::Value as Number,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use proptest::prelude::*;
use prost::Message as _;
use serde_json::json;

use crate::{Code, Error, Format, Limits, decode};

fn pair(key: &str, text: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(AnyKind::StringValue(text.to_owned())),
        }),
        ..KeyValue::default()
    }
}

fn request(metrics: Vec<Metric>) -> ExportMetricsServiceRequest {
    ExportMetricsServiceRequest {
        resource_metrics: vec![ResourceMetrics {
            resource: Some(Resource {
                attributes: vec![pair("service.name", "till")],
                ..Resource::default()
            }),
            scope_metrics: vec![ScopeMetrics {
                scope: Some(InstrumentationScope {
                    name: "meter".to_owned(),
                    ..InstrumentationScope::default()
                }),
                metrics,
                ..ScopeMetrics::default()
            }],
            ..ResourceMetrics::default()
        }],
    }
}

fn metric(name: &str, data: Data) -> Metric {
    Metric {
        name: name.to_owned(),
        unit: "By".to_owned(),
        description: "left out".to_owned(),
        data: Some(data),
        ..Metric::default()
    }
}

fn number(value: Option<Number>) -> NumberDataPoint {
    NumberDataPoint {
        attributes: vec![pair("route", "/pay")],
        start_time_unix_nano: 1_000_000_000,
        time_unix_nano: 61_000_000_000,
        exemplars: vec![Exemplar::default()],
        value,
        ..NumberDataPoint::default()
    }
}

fn events(format: Format, body: &[u8]) -> (Vec<Event>, u64) {
    let decoded = decode(format, body, &Limits::default()).unwrap();
    let rejected = decoded.rejected;
    let split = decoded.events.split();
    (
        split.map(|raw| raw.expose_raw().clone()).collect(),
        rejected,
    )
}

fn of(metrics: Vec<Metric>) -> Vec<Event> {
    let body = request(metrics).encode_to_vec();
    events(Format::MetricsProtobuf, &body).0
}

fn parts(pairs: &[(&str, Value)]) -> Value {
    let own = |(key, value): &(&str, Value)| ((*key).to_owned(), value.clone());
    Value::Map(pairs.iter().map(own).collect())
}

/// What a metric with one point becomes: instrument, temporality, whether it grows, body.
fn check(data: Data, expect: (&str, Option<&str>, bool, Value)) {
    let found = of(vec![metric("m", data)]);
    let [event] = found.as_slice() else {
        panic!("{} points", found.len())
    };
    assert_eq!((event.kind, event.name.as_str()), (Kind::MetricPoint, "m"));
    assert_eq!(event.service(), "till");
    let said = |key| event.attribute_str(key);
    assert_eq!(said(attr::METRIC_UNIT), Some("By"));
    let (instrument, temporality, grows, body) = expect;
    assert_eq!(said(attr::METRIC_INSTRUMENT), Some(instrument));
    assert_eq!(said(attr::METRIC_TEMPORALITY), temporality);
    assert_eq!(event.attribute(attr::METRIC_MONOTONIC).is_some(), grows);
    assert_eq!(event.body, body, "{instrument}");
}

#[test]
fn each_number_becomes_a_point() {
    let sum = |value, is_monotonic, aggregation_temporality| {
        Data::Sum(Sum {
            data_points: vec![number(Some(value))],
            aggregation_temporality,
            is_monotonic,
        })
    };
    let gauge = |point| {
        Data::Gauge(Gauge {
            data_points: vec![point],
        })
    };
    let unrecorded = NumberDataPoint {
        flags: 1,
        ..number(Some(Number::AsInt(9)))
    };
    let (int, half) = (Number::AsInt(-4), Number::AsDouble(0.5));
    let cumulative = Some("cumulative");
    check(
        sum(int, false, 2),
        ("sum", cumulative, false, Value::Int(-4)),
    );
    check(
        sum(half, true, 1),
        ("sum", Some("delta"), true, Value::Double(0.5)),
    );
    check(
        gauge(number(Some(half))),
        ("gauge", None, false, Value::Double(0.5)),
    );
    check(gauge(number(None)), ("gauge", None, false, Value::Null));
    check(gauge(unrecorded), ("gauge", None, false, Value::Null));
}

#[test]
fn each_distribution_becomes_its_count_and_sum() {
    let histogram = HistogramDataPoint {
        attributes: vec![pair("route", "/pay")],
        count: u64::MAX,
        sum: Some(7.5),
        bucket_counts: vec![1, 2],
        explicit_bounds: vec![0.5],
        min: Some(0.25),
        max: Some(f64::INFINITY),
        ..HistogramDataPoint::default()
    };
    let histogram = Data::Histogram(Histogram {
        data_points: vec![histogram],
        aggregation_temporality: 2,
    });
    let exponential = ExponentialHistogramDataPoint {
        count: 3,
        sum: Some(6.0),
        min: Some(1.0),
        max: Some(4.0),
        ..ExponentialHistogramDataPoint::default()
    };
    let exponential = Data::ExponentialHistogram(ExponentialHistogram {
        data_points: vec![exponential],
        aggregation_temporality: 1,
    });
    let summary = Data::Summary(Summary {
        data_points: vec![SummaryDataPoint {
            count: 2,
            sum: 1.5,
            ..SummaryDataPoint::default()
        }],
    });
    let body = |count: Value, numbers: &[(&str, f64)]| {
        let numbers = numbers.iter().map(|(key, n)| (*key, Value::Double(*n)));
        parts(
            &[("count", count)]
                .into_iter()
                .chain(numbers)
                .collect::<Vec<_>>(),
        )
    };
    let most = Value::from("18446744073709551615");
    let of_histogram = body(most, &[("sum", 7.5), ("min", 0.25), ("max", f64::INFINITY)]);
    let of_exponential = body(Value::Int(3), &[("sum", 6.0), ("min", 1.0), ("max", 4.0)]);
    let of_summary = body(Value::Int(2), &[("sum", 1.5)]);
    check(
        histogram,
        ("histogram", Some("cumulative"), false, of_histogram),
    );
    check(
        exponential,
        ("histogram", Some("delta"), false, of_exponential),
    );
    check(summary, ("summary", None, false, of_summary));
}

#[test]
fn a_points_interval_is_from_its_start() {
    let found = of(vec![metric(
        "m",
        Data::Gauge(Gauge {
            data_points: vec![number(Some(Number::AsInt(1)))],
        }),
    )]);
    let interval = found[0].attribute(super::METRIC_INTERVAL_MS);
    assert_eq!(interval, Some(&Value::Int(60_000)));
}

#[test]
fn a_metric_without_a_name_is_rejected_point_by_point() {
    let gauge = Gauge {
        data_points: vec![number(None), number(None)],
    };
    let body = request(vec![
        metric("", Data::Gauge(gauge.clone())),
        metric("m", Data::Gauge(gauge)),
    ]);
    let (found, rejected) = events(Format::MetricsProtobuf, &body.encode_to_vec());
    assert_eq!((found.len(), rejected), (2, 2));
    let point = r#"{"timeUnixNano":"x"},{"asInt":"1"},7"#;
    let json = format!(
        r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[
        {{"name":"m","gauge":{{"dataPoints":[{point}]}}}}]}}]}}]}}"#
    );
    let (found, rejected) = events(Format::MetricsJson, json.as_bytes());
    assert_eq!((found.len(), rejected), (1, 2));
}

/// A long name stands once on the wire, and in every point.
#[test]
fn what_points_copy_of_their_metric_is_charged() {
    let gauge = Gauge {
        data_points: vec![NumberDataPoint::default(); 10_000],
    };
    let name = "n".repeat(1 << 20);
    let body = request(vec![metric(&name, Data::Gauge(gauge))]).encode_to_vec();
    let decoded = decode(Format::MetricsProtobuf, &body, &Limits::default());
    let Err(Error::Refused { code, .. }) = decoded else {
        panic!("taken")
    };
    assert_eq!(code, Code::DecodedTooLarge);
}

/// The request as OTLP's JSON mapping has it: 64-bit integers are text, and so is what is no
/// finite number.
fn json_of(request: &ExportMetricsServiceRequest) -> String {
    let float = |n: f64| match n {
        n if n.is_nan() => json!("NaN"),
        n if n == f64::INFINITY => json!("Infinity"),
        n if n == f64::NEG_INFINITY => json!("-Infinity"),
        n => json!(n),
    };
    let number = |point: &NumberDataPoint| {
        let mut out = json!({
            "startTimeUnixNano": point.start_time_unix_nano.to_string(),
            "timeUnixNano": point.time_unix_nano.to_string(),
            "flags": point.flags,
            "attributes": [{"key": "route", "value": {"stringValue": "/pay"}}],
            "exemplars": [{"asInt": "1"}],
        });
        match point.value {
            Some(Number::AsInt(n)) => out["asInt"] = json!(n.to_string()),
            Some(Number::AsDouble(n)) => out["asDouble"] = float(n),
            None => {}
        }
        out
    };
    let histogram = |point: &HistogramDataPoint| {
        let mut out = json!({
            "timeUnixNano": point.time_unix_nano.to_string(),
            "count": point.count.to_string(),
            "bucketCounts": ["1"],
        });
        for (key, value) in [("sum", point.sum), ("min", point.min), ("max", point.max)] {
            if let Some(value) = value {
                out[key] = float(value);
            }
        }
        out
    };
    let metrics = &request.resource_metrics[0].scope_metrics[0].metrics;
    let metrics = metrics.iter().map(|metric| {
        let mut out = json!({"name": metric.name, "unit": metric.unit});
        match metric.data.as_ref().unwrap() {
            Data::Gauge(data) => {
                let points: Vec<_> = data.data_points.iter().map(number).collect();
                out["gauge"] = json!({ "dataPoints": points });
            }
            Data::Sum(data) => {
                let points: Vec<_> = data.data_points.iter().map(number).collect();
                out["sum"] = json!({
                    "dataPoints": points,
                    "aggregationTemporality": data.aggregation_temporality,
                    "isMonotonic": data.is_monotonic,
                });
            }
            Data::Histogram(data) => {
                let points: Vec<_> = data.data_points.iter().map(histogram).collect();
                out["histogram"] = json!({
                    "dataPoints": points,
                    "aggregationTemporality": data.aggregation_temporality,
                });
            }
            _ => panic!("not generated"),
        }
        out
    });
    let metrics: Vec<_> = metrics.collect();
    json!({"resourceMetrics": [{
        "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "till"}}]},
        "scopeMetrics": [{"scope": {"name": "meter"}, "metrics": metrics}],
    }]})
    .to_string()
}

fn numbers() -> impl Strategy<Value = NumberDataPoint> {
    let value = prop_oneof![
        Just(None),
        any::<i64>().prop_map(|n| Some(Number::AsInt(n))),
        any::<f64>().prop_map(|n| Some(Number::AsDouble(n))),
    ];
    (value, any::<u64>(), any::<u64>(), 0_u32..3).prop_map(|(value, start, time, flags)| {
        NumberDataPoint {
            start_time_unix_nano: start,
            time_unix_nano: time,
            flags,
            ..number(value)
        }
    })
}

fn histograms() -> impl Strategy<Value = HistogramDataPoint> {
    let float = || proptest::option::of(any::<f64>());
    (any::<u64>(), any::<u64>(), float(), float(), float()).prop_map(
        |(time, count, sum, min, max)| HistogramDataPoint {
            time_unix_nano: time,
            count,
            sum,
            min,
            max,
            ..HistogramDataPoint::default()
        },
    )
}

fn metrics() -> impl Strategy<Value = Metric> {
    let points = || proptest::collection::vec(numbers(), 0..4);
    let data = prop_oneof![
        points().prop_map(|data_points| Data::Gauge(Gauge { data_points })),
        (points(), 0_i32..4, any::<bool>()).prop_map(|(data_points, temporality, grows)| {
            Data::Sum(Sum {
                data_points,
                aggregation_temporality: temporality,
                is_monotonic: grows,
            })
        }),
        (proptest::collection::vec(histograms(), 0..4), 0_i32..4).prop_map(
            |(data_points, temporality)| {
                Data::Histogram(Histogram {
                    data_points,
                    aggregation_temporality: temporality,
                })
            }
        ),
    ];
    ("[a-z.]{0,6}", data).prop_map(|(name, data)| metric(&name, data))
}

/// `NaN` is unequal to itself.
fn shown(events: &[Event]) -> String {
    format!("{events:?}")
}

proptest! {
    #[test]
    fn both_decoders_give_the_same_events(metrics in proptest::collection::vec(metrics(), 0..4)) {
        let request = request(metrics);
        let (protobuf, refused) = events(Format::MetricsProtobuf, &request.encode_to_vec());
        let (json, also_refused) = events(Format::MetricsJson, json_of(&request).as_bytes());
        prop_assert_eq!(shown(&protobuf), shown(&json));
        prop_assert_eq!(refused, also_refused);
    }

    #[test]
    fn damaged_requests_are_refused_or_read(
        metrics in proptest::collection::vec(metrics(), 1..3),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut body = request(metrics).encode_to_vec();
        let at = at.index(body.len());
        body[at] = byte;
        drop(decode(Format::MetricsProtobuf, &body, &Limits::default()));
        drop(decode(Format::MetricsProtobuf, &body[..at], &Limits::default()));
    }
}
