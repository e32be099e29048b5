"""Metrics of the real SDK become counters: over HTTP and gRPC, without secrets, through a kill."""

import json
import time

import leaks
import pytest
from conftest import Server
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (
    OTLPMetricExporter as GrpcExporter,
)
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import (
    OTLPMetricExporter as HttpExporter,
)
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    MetricExportResult,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource

DELTA = {Counter: AggregationTemporality.DELTA, Histogram: AggregationTemporality.DELTA}
NEVER_MS = 3_600_000


def planted():
    """A key shaped like a provider's, put together here so that no file has it."""
    return "AKIA" + "J5Q3ZP7WKL2M" + "X8RT"


def exporter(protocol, server, token, **options):
    """The SDK's exporter."""
    if protocol == "http":
        return HttpExporter(
            endpoint=f"http://{server.http}/v1/metrics", compression=Compression.Gzip,
            headers={"authorization": f"Bearer {token}"}, **options)
    return GrpcExporter(
        endpoint=f"http://{server.grpc}", insecure=True,
        headers=(("authorization", f"Bearer {token}"),), **options)


class Sender:
    """A service's meter, whose exports are watched."""

    def __init__(self, exporter):
        self.results = []
        export = exporter.export

        def watched(*words, **options):
            result = export(*words, **options)
            self.results.append(result)
            return result

        exporter.export = watched
        reader = PeriodicExportingMetricReader(exporter, export_interval_millis=NEVER_MS)
        resource = Resource.create({"service.name": "till"})
        self.provider = MeterProvider(resource=resource, metric_readers=[reader])
        self.meter = self.provider.get_meter("e2e")

    def flush(self):
        """Exports now."""
        assert self.provider.force_flush()
        assert set(self.results) == {MetricExportResult.SUCCESS}, self.results


def series(cordon, *words):
    """The series by name."""
    found = cordon.json("metrics", "--json", *words)
    assert (found["schema"], found["unreadable"]) == ("cordon.metrics", 0)
    return {one["name"]: one for one in found["series"]}


@pytest.mark.parametrize("protocol", ["http", "grpc"])
@pytest.mark.parametrize("temporality", [None, DELTA])
def test_what_the_sdk_sends_adds_up(cordon, serving, protocol, temporality):
    token = cordon.add_tenant("acme")
    options = {"preferred_temporality": temporality} if temporality else {}
    sender = Sender(exporter(protocol, serving, token, **options))
    sold = sender.meter.create_counter("till.sold", unit="1")
    paid = sender.meter.create_histogram("till.paid", unit="ms")
    open_now = sender.meter.create_up_down_counter("till.open")
    heat = sender.meter.create_gauge("till.heat", unit="Cel")
    for turn in range(3):
        sold.add(5, {"route": "/pay"})
        sold.add(2, {"route": "/refund"})
        paid.record(10.0, {"route": "/pay"})
        paid.record(30.0, {"route": "/pay"})
        open_now.add(1)
        heat.set(20.5 + turn)
        sender.flush()
    sender.provider.shutdown()
    serving.stop()
    found = series(cordon)
    assert set(found) == {"till.sold", "till.paid", "till.open", "till.heat"}
    assert {one["service"] for one in found.values()} == {"till"}
    sold, paid, heat = found["till.sold"], found["till.paid"], found["till.heat"]
    assert (sold["instrument"], sold["unit"], sold["monotonic"]) == ("sum", "1", True)
    assert sold["temporality"] == ("delta" if temporality else "cumulative")
    assert sold["sum"] == 21 and sold["per_second"] > 0
    if not temporality:
        assert sold["last"] == 21
    assert (paid["observations"], paid["sum"], paid["mean"]) == (6, 120, 20)
    assert (paid["min"], paid["max"], paid["unit"]) == (10, 30, "ms")
    # Exporting again at shutdown tells the same value once more.
    assert (heat["last"], heat["min"], heat["max"]) == (22.5, 20.5, 22.5)
    assert found["till.open"]["last"] == 3
    assert set(series(cordon, "--series", "sold")) == {"till.sold"}
    assert series(cordon, "--since", "2100-01-01T00:00:00Z") == {}
    assert b"till: till.sold (sum)" in cordon.run("metrics").stdout
    # No point is a group, an exemplar or a template; each is accounted for.
    assert cordon.json("list", "--json")["fingerprints"] == []
    status = cordon.json("status", "--json")
    counts = status["counts"]
    points = sum(one["points"] for one in found.values())
    assert (counts["received"], counts["rolled_up"], counts["kept"]) == (points, points, 0)
    assert status["balanced"]


def point(value, **attributes):
    """A cumulative point in OTLP/JSON."""
    now = time.time_ns()
    return {"timeUnixNano": str(now), "startTimeUnixNano": str(now - 10**9), "asInt": str(value),
            "attributes": [{"key": key, "value": {"stringValue": text}}
                           for key, text in attributes.items()]}


def request(name, *points):
    """An export request of one counter."""
    counter = {"dataPoints": list(points), "aggregationTemporality": 2, "isMonotonic": True}
    scope = {"metrics": [{"name": name, "sum": counter}]}
    return json.dumps({"resourceMetrics": [{"scopeMetrics": [scope]}]}).encode()


JSON = {"content-type": "application/json"}


def test_secrets_in_names_and_attributes_reach_no_file(cordon, serving):
    token = cordon.add_tenant("acme")
    secret = planted()
    body = request(f"calls.{secret}", point(1, user_key=secret, note=f"key={secret}"))
    assert serving.post("/v1/metrics", body, token, JSON)[0] == 200
    sender = Sender(exporter("http", serving, token))
    sender.meter.create_counter("sdk.calls").add(1, {"authorization": f"Bearer {secret}"})
    sender.flush()
    sender.provider.shutdown()
    control = request("plain.calls", point(1))
    assert serving.post("/v1/metrics", control, token, JSON)[0] == 200
    serving.stop()
    found = series(cordon)
    assert {"plain.calls", "sdk.calls"} < set(found) and len(found) == 3
    cordon.run("metrics")
    blobs = list(leaks.files_under(cordon.data))
    assert blobs
    blobs += [(f"said {n}", said) for n, said in enumerate(cordon.said)]
    assert leaks.search([{"kind": "key", "value": secret}], blobs) == []
    # The search would have found it.
    assert leaks.search([{"kind": "key", "value": secret}], [("control", secret.encode())])
    removed = cordon.json("status", "--json")["removed"]
    assert any(one["class"] == "A" for one in removed)


def test_points_are_added_up_once_through_a_kill(cordon):
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    bodies = [request("calls", point(number)) for number in (5, 7, 12)]
    for body in bodies:
        assert server.post("/v1/metrics", body, token, JSON)[0] == 200
        # An SDK that saw no answer sends the same again.
        assert server.post("/v1/metrics", body, token, JSON)[0] == 200
    server.kill()
    server = Server(cordon)
    server.stop()
    found = series(cordon)["calls"]
    assert (found["sum"], found["last"], found["points"]) == (12, 12, 3)
    counts = cordon.json("status", "--json")["counts"]
    assert (counts["received"], counts["rolled_up"], counts["duplicate"]) == (6, 3, 3)


def test_what_is_invalid_is_told_and_the_rest_is_kept(cordon, serving):
    token = cordon.add_tenant("acme")
    body = request("calls", point(1), {"asInt": []}, point(2, a="b"))
    status, _, answer = serving.post("/v1/metrics", body, token, JSON)
    assert status == 200
    assert json.loads(answer)["partialSuccess"]["rejectedDataPoints"] == "1"
    status, headers, _ = serving.post("/v1/metrics", b"{", token, JSON)
    assert (status, headers["cordon-code"]) == (400, "json_malformed")
    assert serving.post("/v1/metrics", body, "nobody", JSON)[0] == 401
    text = serving.get("/metrics").decode()
    serving.stop()
    assert series(cordon)["calls"]["points"] == 2
    assert "cordon_receive_rejected_events_total 1" in text
