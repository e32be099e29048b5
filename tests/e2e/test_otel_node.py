"""OpenTelemetry's real SDK for Node: everything arrives over HTTP and gRPC, and nothing leaks."""

import pytest
from test_sentry import HERE, assert_nothing_left, groups, planted_values, run_client
from test_sentry import shop  # noqa: F401 a fixture

CALLS = 40


@pytest.mark.parametrize("protocol", ["http", "grpc"])
def test_node_sdk(shop, tmp_path, protocol):  # noqa: F811
    cordon, server, token = shop
    values = planted_values(5)
    asked = {"protocol": protocol, "token": token, "planted": values, "calls": CALLS,
             "endpoint": server.http if protocol == "http" else server.grpc}
    run_client(["node", str(HERE / "node" / "otel.js")], asked, tmp_path)
    text = server.get("/metrics").decode()
    # A span, the exception recorded on it, and a log record of each call.
    assert f"cordon_spine_durable_events_total {3 * CALLS}\n" in text
    assert "cordon_receive_rejected_events_total 0\n" in text
    server.stop()
    listed = groups(cordon)
    [failed] = [row for title, row in listed.items() if "RangeError" in title]
    assert failed["count"] == CALLS
    [slow] = [row for title, row in listed.items() if "slow gateway" in title]
    assert slow["count"] == CALLS
    assert_nothing_left(cordon, values, tmp_path)
