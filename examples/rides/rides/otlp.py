"""Writes a window as OTLP/JSON export requests, one a line, packed with gzip.

One span in a hundred is lost on the way. Every process writes by its own clock.
"""

import gzip
import json
import random
from collections import defaultdict

from . import dialects
from .metrics import Counter, Durations, Pauses
from .world import DURATION_BOUNDS

RECORDS_PER_REQUEST_MAX = 400
SECONDS_PER_BATCH = 10
LOST_SPANS_SHARE = .01
COMPRESSION_LEVEL = 6
PROCESS_START_SECONDS = -600.0
SEVERITIES = {5: "DEBUG", 9: "INFO", 13: "WARN", 17: "ERROR"}
CUMULATIVE = 2


def write(world, folder):
    """Writes what was recorded of a window into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_traces(world, folder / "traces.jsonl.gz")
    write_logs(world, folder / "logs.jsonl.gz")
    write_metrics(world, folder / "metrics.jsonl.gz")


def write_requests(path, batches, wrap):
    """Writes batches, each of one process within some seconds."""
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", COMPRESSION_LEVEL, raw, 0) as file:
        for batch in sorted(batches, key=lambda batch: batch[:2]):
            records = batches[batch]
            for begin in range(0, len(records), RECORDS_PER_REQUEST_MAX):
                request = wrap(batch[2], records[begin : begin + RECORDS_PER_REQUEST_MAX])
                line = json.dumps(request, separators=(",", ":")) + "\n"
                file.write(line.encode())


def batch_of(time, replica):
    """The batch in which a process exports at a time."""
    return (int(time // SECONDS_PER_BATCH), replica.pod, replica)


def nanoseconds(world, time, replica):
    """A time of the window by the clock of a process."""
    return str(int((world.time_zero + time + replica.skew_seconds) * 1e9))


def value_of(value):
    """An attribute's value."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": str(value)}


def attributes_of(fields):
    """Attributes."""
    return [{"key": key, "value": value_of(value)} for key, value in fields.items()]


def resource(replica):
    """What a process says of itself; the one without an SDK says little."""
    service = replica.service
    has_sdk = service.kind.has_spans
    fields = {"service.name": service.name}
    if has_sdk and service.kind.has_version:
        fields["service.version"] = service.version
    if has_sdk:
        fields["service.instance.id"] = replica.instance
        fields["telemetry.sdk.language"] = service.language
        fields["deployment.environment"] = "prod"
    if service.language != "dotnet":
        fields["k8s.pod.name"] = replica.pod
        fields["k8s.namespace.name"] = "rides"
    fields["host.name"] = replica.host
    return {"attributes": attributes_of(fields)}


def container_resource(replica):
    """What the node's agent says of a container: no service name."""
    name = replica.service.name
    fields = {
        "k8s.namespace.name": "rides",
        "k8s.deployment.name": name,
        "k8s.pod.name": replica.pod,
        "k8s.container.name": name,
        "k8s.node.name": replica.host,
    }
    return {"attributes": attributes_of(fields)}


def write_traces(world, path):
    """Writes the spans that were not lost."""
    loss = random.Random(f"{world.seed}drop{world.is_incident:d}")
    batches = defaultdict(list)
    for span in world.spans:
        if loss.random() >= LOST_SPANS_SHARE:
            batches[batch_of(span.end, span.replica)].append(span_record(world, span))

    def wrap(replica, spans):
        scope = {"name": dialects.SCOPES[replica.service.language]}
        scoped = {"scope": scope, "spans": spans}
        return {"resourceSpans": [{"resource": resource(replica), "scopeSpans": [scoped]}]}

    write_requests(path, batches, wrap)


def span_record(world, span):
    """A span as OTLP has it."""
    record = {"traceId": span.trace_id, "spanId": span.span_id}
    if span.parent_id:
        record["parentSpanId"] = span.parent_id
    record["name"] = span.name
    if span.replica.service.kind.has_span_kinds:
        record["kind"] = span.kind
    record["startTimeUnixNano"] = nanoseconds(world, span.start, span.replica)
    record["endTimeUnixNano"] = nanoseconds(world, span.end, span.replica)
    record["attributes"] = attributes_of(span.attributes)
    if span.events:
        record["events"] = [
            {
                "timeUnixNano": nanoseconds(world, time, span.replica),
                "name": name,
                "attributes": attributes_of(fields),
            }
            for time, name, fields in span.events
        ]
    if span.link:
        record["links"] = [{"traceId": span.link[0], "spanId": span.link[1]}]
    record["status"] = {} if span.error is None else {"code": 2}
    if span.error:
        record["status"]["message"] = span.error
    return record


def write_logs(world, path):
    """Writes the lines."""
    batches = defaultdict(list)
    for entry in world.logs:
        time, replica = entry[:2]
        batches[batch_of(time, replica)].append(log_record(world, *entry))

    def wrap(replica, records):
        scoped = {"scope": {"name": "app"}, "logRecords": records}
        return {"resourceLogs": [{"resource": resource(replica), "scopeLogs": [scoped]}]}

    write_requests(path, batches, wrap)


def log_record(world, time, replica, severity, text, fields, ids):
    """A line as its service writes it: text, logfmt with the level in the body, or fields."""
    kind = replica.service.kind
    record = {
        "timeUnixNano": nanoseconds(world, time, replica),
        "severityNumber": severity,
        "severityText": SEVERITIES[severity],
    }
    fields = dict(fields)
    stack = fields.pop("stacktrace", None)
    message = text.format(**fields)
    if kind.logs == "plain":
        record["body"] = {"stringValue": message}
    elif kind.logs == "logfmt":
        pairs = " ".join(f"{key}={quoted(value)}" for key, value in fields.items())
        line = f"level={SEVERITIES[severity].lower()} msg={quoted(message)} {pairs}"
        record["body"] = {"stringValue": line}
        if kind.language == "go":
            del record["severityText"], record["severityNumber"]
    else:
        values = attributes_of({"message": message, **fields})
        record["body"] = {"kvlistValue": {"values": values}}
    if stack:
        exception = {
            "exception.type": fields.get("typ", ""),
            "exception.message": fields.get("msg", ""),
            "exception.stacktrace": stack,
        }
        record["attributes"] = attributes_of(exception)
    trace_id, span_id = ids
    if trace_id and kind.has_trace_in_logs:
        record["traceId"] = trace_id
        record["spanId"] = span_id
    return record


def quoted(value):
    """A value of logfmt."""
    return f'"{value}"' if " " in str(value) else str(value)


def write_metrics(world, path):
    """Writes the readings."""
    batches = defaultdict(list)
    for time, replica, reading in world.metrics:
        metrics = metric_records(world, time, replica, reading)
        batches[batch_of(time, replica)].extend(metrics)

    def wrap(replica, records):
        is_container = replica.service.kind.metrics == "kubelet"
        name = "otelcol/kubeletstatsreceiver" if is_container else "runtime"
        of = container_resource(replica) if is_container else resource(replica)
        scoped = {"scope": {"name": name}, "metrics": records}
        return {"resourceMetrics": [{"resource": of, "scopeMetrics": [scoped]}]}

    write_requests(path, batches, wrap)


def metric_records(world, time, replica, reading):
    """The metrics of a reading, each with its points."""
    now = {"timeUnixNano": nanoseconds(world, time, replica)}
    since = {"startTimeUnixNano": nanoseconds(world, PROCESS_START_SECONDS, replica), **now}
    metrics = {}
    for value in reading:
        if isinstance(value, Durations):
            name, unit, point = duration_point(replica.service, value, since)
            shape = "histogram"
        elif isinstance(value, Pauses):
            name, unit, point = "jvm.gc.duration", "s", pause_point(value, since)
            shape = "histogram"
        else:
            name, unit, point = value.name, value.unit, number_point(value, since, now)
            shape = "sum" if isinstance(value, Counter) else "gauge"
        if name not in metrics:
            data = {"gauge": {}, "histogram": {"aggregationTemporality": CUMULATIVE}}
            data["sum"] = {"aggregationTemporality": CUMULATIVE, "isMonotonic": True}
            metrics[name] = {"name": name, "unit": unit, shape: {**data[shape], "dataPoints": []}}
        metrics[name][shape]["dataPoints"].append(point)
    return metrics.values()


def number_point(value, since, now):
    """A point of a gauge or counter."""
    point = {"timeUnixNano": now["timeUnixNano"], "attributes": attributes_of(value.attributes)}
    if isinstance(value.value, int):
        point["asInt"] = str(value.value)
    else:
        point["asDouble"] = value.value
    if isinstance(value, Counter):
        point["startTimeUnixNano"] = since["startTimeUnixNano"]
    return point


def pause_point(pauses, since):
    """A point of the histogram of garbage collections."""
    fields = {"jvm.gc.name": "G1", "jvm.gc.action": "stop the world"}
    return {
        "attributes": attributes_of(fields),
        **since,
        "count": str(pauses.count),
        "sum": pauses.total,
        "bucketCounts": [str(count) for count in pauses.buckets],
        "explicitBounds": [.01, .1, 1.0, 10.0],
    }


def duration_point(service, durations, since):
    """Name, unit and point of a histogram of answers, by the service's conventions."""
    operation = service.operations[durations.operation]
    name, unit, factor = "http.server.duration", "ms", 1000.0
    if operation.protocol == "grpc":
        name = "rpc.server.duration"
        called, method = durations.operation.split("/")
        fields = {
            "rpc.system": "grpc",
            "rpc.service": called,
            "rpc.method": method,
            "rpc.grpc.status_code": 0 if durations.status == 200 else 13,
        }
    elif service.kind.conventions == "old":
        keys = ("http.method", "http.route", "http.status_code")
        fields = dict(zip(keys, (operation.method, operation.route, durations.status)))
    else:
        name, unit, factor = "http.server.request.duration", "s", 1.0
        keys = ("http.request.method", "http.route", "http.response.status_code")
        fields = dict(zip(keys, (operation.method, operation.route, durations.status)))
    point = {
        "attributes": attributes_of(fields),
        **since,
        "count": str(sum(durations.buckets)),
        "sum": durations.total * factor,
        "bucketCounts": [str(count) for count in durations.buckets],
        "explicitBounds": [bound * factor for bound in DURATION_BOUNDS],
    }
    return name, unit, point
