"""Takes OTLP over HTTP as protobuf and writes it as the collector's file exporter does.

One export request a line, proto3 JSON mapping, ids in hex, enums as numbers. What the processes
sent within a window is batched anew by resource, as the collector's batch processor would.
"""

import gzip
import json
import random

from aiohttp import web
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SIGNALS = {
    "traces": (ExportTraceServiceRequest, "resourceSpans", "scopeSpans", "spans"),
    "logs": (ExportLogsServiceRequest, "resourceLogs", "scopeLogs", "logRecords"),
    "metrics": (ExportMetricsServiceRequest, "resourceMetrics", "scopeMetrics", "metrics"),
}
BODY_BYTES_MAX = 64 << 20


class Receiver:
    """Keeps the bodies that arrive while a window is open."""

    def __init__(self):
        self.bodies = None
        self.taking_metrics = False

    def app(self):
        """The web application."""
        app = web.Application(client_max_size=BODY_BYTES_MAX)
        app.router.add_post("/v1/{signal}", self._take)
        return app

    async def _take(self, request):
        signal = request.match_info["signal"]
        body = await request.read()
        if self.bodies is not None and (signal != "metrics" or self.taking_metrics):
            if request.headers.get("content-encoding") == "gzip" and body[:2] == b"\x1f\x8b":
                body = gzip.decompress(body)
            self.bodies.append((signal, body))
        return web.Response(content_type="application/x-protobuf")

    def open(self):
        """A window begins."""
        self.bodies = []
        self.taking_metrics = True

    def close(self):
        """A window ends; returns what arrived."""
        bodies, self.bodies, self.taking_metrics = self.bodies, None, False
        return bodies


class Ids:
    """Numbers ids in the order in which they appear, behind a prefix drawn for the window.

    Random ids are half of what a compressed trace takes; numbered ones keep every link.
    """

    def __init__(self, seed):
        draw = random.Random(f"ids {seed}")
        self.prefixes = {
            count: f"{draw.randrange(10, 16):x}{draw.getrandbits(4 * count - 28):0{count - 7}x}"
            for count in (16, 32)
        }
        self.numbers = {}

    def renumber(self, item):
        """Gives the ids of a span or log record, which arrive in base64, in hex."""
        for key, count in (("traceId", 32), ("spanId", 16), ("parentSpanId", 16)):
            if key in item:
                number = self.numbers.setdefault(item[key], len(self.numbers))
                item[key] = f"{self.prefixes[count]}{number:06x}"


def as_lines(bodies, skew_ns, seed):
    """The lines of each signal's file; `skew_ns` sets the clock of a host apart."""
    lines, ids = {}, Ids(seed)
    for signal, (message, resources_key, scopes_key, items_key) in SIGNALS.items():
        merged = {}
        for _, body in (one for one in bodies if one[0] == signal):
            request = MessageToDict(message.FromString(body), use_integers_for_enums=True)
            for resource in request.get(resources_key, []):
                merge(merged, resource, scopes_key, items_key)
        lines[signal] = [
            json.dumps({resources_key: [one]}, separators=(",", ":"), ensure_ascii=False)
            for one in (tidied(resource, scopes_key, items_key, skew_ns, ids)
                        for _, resource in sorted(merged.items()))
        ]
    return lines


def merge(merged, resource, scopes_key, items_key):
    """Adds one resource's items to those of the same resource."""
    key = json.dumps(resource["resource"], sort_keys=True)
    into = merged.setdefault(key, {**resource, scopes_key: []})
    for scope in resource[scopes_key]:
        found = next((one for one in into[scopes_key] if one["scope"] == scope["scope"]), None)
        if found:
            found[items_key].extend(scope[items_key])
        else:
            into[scopes_key].append(scope)


def tidied(resource, scopes_key, items_key, skew_ns, ids):
    """Ids renumbered, items in the order of time."""
    attributes = {one["key"]: one["value"] for one in resource["resource"]["attributes"]}
    shift_ns = skew_ns.get(attributes["host.name"]["stringValue"], 0)
    for scope in resource[scopes_key]:
        for item in scope[items_key]:
            ids.renumber(item)
            leave_out(item)
            shift(item, shift_ns)
        if items_key == "metrics":
            scope[items_key] = joined(scope[items_key])
        else:
            scope[items_key].sort(key=lambda one: int(
                one.get("startTimeUnixNano") or one["timeUnixNano"]))
    return resource


def leave_out(item):
    """Drops what tells nothing here and takes room."""
    # Both clocks of a record are the same: the process that wrote it saw it.
    item.pop("observedTimeUnixNano", None)
    item.pop("flags", None)
    if "attributes" in item:
        kept = [one for one in item["attributes"] if one["key"] != "network.peer.port"]
        item["attributes"] = kept


def joined(metrics):
    """Points of one metric under one head."""
    found = {}
    for metric in metrics:
        kind = next(key for key in ("gauge", "sum", "histogram") if key in metric)
        into = found.setdefault(metric["name"], metric)
        if into is not metric:
            into[kind]["dataPoints"].extend(metric[kind]["dataPoints"])
    return list(found.values())


def shift(value, by_ns):
    """Moves every time stamp within, and rounds it to hundredths of a millisecond."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.endswith("UnixNano"):
                value[key] = str((int(inner) + by_ns) // 10_000 * 10_000)
            else:
                shift(inner, by_ns)
    elif isinstance(value, list):
        for inner in value:
            shift(inner, by_ns)
