"""Traces are decided behind the journal, and what is kept goes on: through kills, and on time."""

import http.server
import json
import re
import secrets
import signal
import threading
import time

import pytest
from conftest import Cordon, Server

WAIT_S_MAX = 60
PLAN = """version = 1
decision_wait = "1s"

[[policies]]
name = "errors"
type = "status_code"
status_code = { status_codes = ["ERROR"] }

[[policies]]
name = "checkout only"
type = "string_attribute"
string_attribute = { key = "shop.step", values = ["checkout"] }
"""
LONG = PLAN.replace('"1s"', '"10m"')


def hexed(count):
    """Random bytes in hex."""
    return secrets.token_hex(count)


def span(trace, name, status=1, root=True, **attributes):
    """A span in OTLP/JSON; an SDK's."""
    now = time.time_ns()
    return {
        "traceId": trace, "spanId": hexed(8), "parentSpanId": "" if root else hexed(8),
        "name": name, "kind": 2, "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + 5_000_000), "status": {"code": status},
        "attributes": [{"key": key.replace("__", "."), "value": {"stringValue": value}}
                       for key, value in attributes.items()],
    }


def traces(*spans):
    """A request of spans."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
    scopes = [{"scope": {"name": "test"}, "spans": list(spans)}]
    return "/v1/traces", json.dumps(
        {"resourceSpans": [{"resource": resource, "scopeSpans": scopes}]}).encode()


def logs(trace, *bodies):
    """A request of log records."""
    records = [{"timeUnixNano": str(time.time_ns()), "severityNumber": 9, "traceId": trace,
                "spanId": hexed(8), "body": {"stringValue": body}} for body in bodies]
    scopes = [{"scope": {"name": "test"}, "logRecords": records}]
    return "/v1/logs", json.dumps({"resourceLogs": [{"scopeLogs": scopes}]}).encode()


def send(server, token, request):
    """Sends and expects the acknowledgement."""
    path, body = request
    status, _, _ = server.post(path, body, token, {"Content-Type": "application/json"})
    assert status == 200


def exported(folder):
    """Records that were written: spans, then log records; names or bodies by trace."""
    spans, records = [], []
    for path in sorted(folder.glob("telemetry-*.jsonl*")):
        for line in path.read_text().splitlines():
            request = json.loads(line)
            for of in request.get("resourceSpans", []):
                spans += [s for scope in of["scopeSpans"] for s in scope["spans"]]
            for of in request.get("resourceLogs", []):
                records += [r for scope in of["scopeLogs"] for r in scope["logRecords"]]
    return spans, records


def until(seen, what):
    """Asks again until it holds."""
    deadline = time.monotonic() + WAIT_S_MAX
    while not seen():
        assert time.monotonic() < deadline, what
        threading.Event().wait(0.05)


def attribute(record, key):
    """An attribute's value."""
    for pair in record.get("attributes", []):
        if pair["key"] == key:
            return next(iter(pair["value"].values()))
    return None


@pytest.fixture
def sampled(tmp_path):
    """Makes a configured data directory: a plan, and files that are exported to."""
    def make(plan, more="", section=""):
        (tmp_path / "plan.toml").write_text(plan)
        config = tmp_path / "cordon.toml"
        config.write_text(f"""
[sampling]
plan = "{tmp_path / 'plan.toml'}"
{section}
[[export]]
name = "kept"
to = "files"
folder = "{tmp_path / 'clean'}"
{more}
""")
        return Cordon(tmp_path / "data", config), tmp_path / "clean"
    return make


def test_what_a_plan_keeps_goes_on_and_the_rest_is_counted(sampled):
    cordon, clean = sampled(PLAN, 'fields = "all"')
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    fine, failed, chosen, alone = (hexed(16) for _ in range(4))
    send(server, token, traces(span(fine, "GET /fine"), span(fine, "SELECT", root=False)))
    send(server, token, traces(span(failed, "GET /failed", status=2)))
    send(server, token, traces(
        span(failed, "child of a failure", root=False),
        span(chosen, "POST /checkout", shop__step="checkout", user__email="ada@example.com")))
    send(server, token, logs(fine, "a fine step"))
    send(server, token, logs(failed, "a failing step"))
    send(server, token, logs(alone, "a step whose spans never come"))
    names = lambda: {s["name"] for s in exported(clean)[0]}  # noqa: E731
    bodies = lambda: {r["body"]["stringValue"] for r in exported(clean)[1]}  # noqa: E731
    until(lambda: len(names()) == 3 and len(bodies()) == 2, lambda: (names(), bodies()))
    spans, records = exported(clean)
    assert names() == {"GET /failed", "child of a failure", "POST /checkout"}
    assert bodies() == {"a failing step", "a step whose spans never come"}
    assert len(spans) == 3 and len(records) == 2
    by_name = {s["name"]: s for s in spans}
    assert attribute(by_name["child of a failure"], "tailsampling.policy") == "errors"
    assert attribute(by_name["POST /checkout"], "tailsampling.policy") == "checkout only"
    assert by_name["POST /checkout"]["traceState"] == "ot=th:0"
    shown = attribute(by_name["POST /checkout"], "user.email")
    assert shown.startswith("email_") and "ada@" not in shown
    metrics = server.get("/metrics").decode()
    assert 'cordon_events{tenant="acme",fate="sampled_out",reason="not_sampled"} 3' in metrics
    assert 'cordon_events_balanced{tenant="acme"} 1' in metrics
    assert 'cordon_events_in_flight{tenant="acme"} 0' in metrics
    server.stop()
    status = cordon.json("status", "--tenant", "acme", "--json")
    counts = status["counts"]
    assert status["balanced"] and counts["received"] == 8 and counts["sampled_out"] == 3
    assert b"ada@example.com" not in b"".join(cordon.said)


def test_fields_that_nobody_classified_stay(sampled):
    cordon, clean = sampled(PLAN)
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    send(server, token, traces(span(
        hexed(16), "POST /checkout", shop__step="checkout", http__route="/checkout")))
    until(lambda: exported(clean)[0], "a span")
    server.stop()
    kept, = exported(clean)[0]
    assert attribute(kept, "http.route") == "/checkout"
    assert attribute(kept, "shop.step") == "[unclassified]"
    audit = cordon.run("audit", "show").stdout
    assert audit.count(b"export_begun") == 1 and audit.count(b"export_ended") == 1
    assert b"export.kept" in audit and b"events.1" in audit


def test_traces_that_wait_survive_a_kill_and_are_decided_as_one(sampled):
    cordon, clean = sampled(PLAN)
    token = cordon.add_tenant("acme")
    lost, kept = hexed(16), hexed(16)
    for run in range(4):
        server = Server(cordon)
        send(server, token, traces(span(lost, f"fine {run}", root=run == 0)))
        # The failure comes last: each part before it would have been dropped by itself.
        status = 2 if run == 3 else 1
        send(server, token, traces(span(kept, f"part {run}", status=status, root=run == 0)))
        if run < 3:
            server.kill()
    until(lambda: len(exported(clean)[0]) >= 4, lambda: exported(clean)[0])
    until(lambda: 'fate="sampled_out",reason="not_sampled"} 4'
          in server.get("/metrics").decode(), lambda: server.get("/metrics").decode())
    assert sorted(s["name"] for s in exported(clean)[0]) == [f"part {n}" for n in range(4)]
    assert 'cordon_events_balanced{tenant="acme"} 1' in server.get("/metrics").decode()
    server.stop()


def test_a_late_failure_brings_its_trace_back(sampled):
    probable = PLAN + """
[[policies]]
name = "none"
type = "probabilistic"
probabilistic = { sampling_percentage = 0 }
"""
    cordon, clean = sampled(probable)
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    trace = hexed(16)
    send(server, token, traces(span(trace, "root"), span(trace, "child", root=False)))
    send(server, token, logs(trace, "said on the way"))
    until(lambda: 'fate="sampled_out"' in server.get("/metrics").decode(), "a decision to drop")
    assert exported(clean) == ([], [])
    server.kill()
    server = Server(cordon)
    send(server, token, traces(span(trace, "failed late", status=2, root=False)))
    until(lambda: len(exported(clean)[0]) >= 3 and exported(clean)[1], lambda: exported(clean))
    spans, records = exported(clean)
    assert sorted(s["name"] for s in spans) == ["child", "failed late", "root"]
    assert len(records) == 1
    assert {attribute(s, "cordon.sampling.reason") for s in spans} == {"late_failure"}
    metrics = server.get("/metrics").decode()
    assert 'cordon_events{tenant="acme",fate="brought_back"} 3' in metrics
    assert 'cordon_events_balanced{tenant="acme"} 1' in metrics
    server.stop()


def test_a_request_that_comes_again_goes_on_once(sampled):
    cordon, clean = sampled(PLAN)
    token = cordon.add_tenant("acme")
    request = traces(span(hexed(16), "failed", status=2))
    server = Server(cordon)
    send(server, token, request)
    server.kill()
    server = Server(cordon)
    for _ in range(3):
        send(server, token, request)
    send(server, token, traces(span(hexed(16), "last", status=2)))
    until(lambda: "last" in {s["name"] for s in exported(clean)[0]}, "the last one")
    assert sorted(s["name"] for s in exported(clean)[0]) == ["failed", "last"]
    server.stop()


def test_a_dry_run_keeps_everything_and_says_what_would_be(sampled):
    cordon, clean = sampled(PLAN, section="dry_run = true")
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    send(server, token, traces(span(hexed(16), "fine")))
    send(server, token, traces(span(hexed(16), "failed", status=2)))
    until(lambda: len(exported(clean)[0]) == 2, "both")
    by_name = {s["name"]: s for s in exported(clean)[0]}
    assert attribute(by_name["fine"], "cordon.sampling.would_keep") is False
    assert attribute(by_name["failed"], "cordon.sampling.would_keep") is None
    assert 'kept="true",would_keep="false"} 1' in server.get("/metrics").decode()
    server.stop()


def test_what_waits_at_a_stop_is_decided_by_the_next_process(sampled):
    cordon, clean = sampled(LONG)
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    send(server, token, traces(span(hexed(16), "failed", status=2)))
    server.stop()
    assert exported(clean) == ([], [])
    # A command that takes something in leaves nothing waiting.
    cordon.run("ingest", "--tenant", "acme", stdin=b'{"message":"x"}\n')
    server = Server(cordon)
    until(lambda: exported(clean)[0], "the span")
    server.stop()
    assert [s["name"] for s in exported(clean)[0]] == ["failed"]


class Collector(http.server.BaseHTTPRequestHandler):
    """Counts what it gets."""

    bodies = []

    def do_POST(self):
        """Takes a request."""
        self.bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


def test_a_receiver_that_is_away_gets_everything_later(tmp_path):
    with http.server.HTTPServer(("127.0.0.1", 0), Collector) as held:
        port = held.server_port
    config = tmp_path / "cordon.toml"
    config.write_text(f"""
[[export]]
name = "away"
to = "otlp-http"
endpoint = "http://127.0.0.1:{port}"
""")
    cordon = Cordon(tmp_path / "data", config)
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    for number in range(20):
        send(server, token, traces(span(hexed(16), f"span {number}")))
    until(lambda: b"export away waits: unreachable" in server.log
          or server._until(re.compile(b"export away waits: unreachable")), "a wait")
    server.kill()
    server = Server(cordon)
    collector = http.server.ThreadingHTTPServer(("127.0.0.1", port), Collector)
    threading.Thread(target=collector.serve_forever, daemon=True).start()
    until(lambda: 'cordon_export_events_total{export="away",fate="delivered"} 20'
          in server.get("/metrics").decode(), lambda: server.get("/metrics").decode())
    collector.shutdown()
    collector.server_close()
    assert {path for path, _ in Collector.bodies} == {"/v1/traces"}
    server.stop()


def test_an_agent_redacts_beside_the_service_and_stores_nothing(tmp_path, cordon, serving):
    token = cordon.add_tenant("acme")
    (tmp_path / "token").write_text(f"Bearer {token}")
    config = tmp_path / "agent.toml"
    config.write_text(f"""
[server]
role = "agent"

[[export]]
name = "up"
to = "otlp-http"
endpoint = "http://{serving.http}"
headers = {{ authorization = {{ file = "{tmp_path / 'token'}" }} }}
fields = "all"
""")
    agent = Cordon(tmp_path / "agent", config)
    own = agent.add_tenant("shop")
    server = Server(agent)
    planted = f"planted-{hexed(6)}@example.com"
    for number in range(5):
        send(server, own, traces(span(hexed(16), f"step {number}", user__email=planted)))
    server.kill()
    server = Server(agent)
    received = 'cordon_events{tenant="acme",fate="received"} 5'
    until(lambda: received in serving.get("/metrics").decode(),
          lambda: serving.get("/metrics").decode())
    server.stop()
    assert agent.json("status", "--tenant", "shop", "--json")["counts"]["received"] == 0
    serving.stop()
    for root in (agent.data, cordon.data):
        for path in root.rglob("*"):
            assert not path.is_file() or planted.encode() not in path.read_bytes(), path
    assert planted.encode() not in b"".join([*agent.said, *cordon.said])


def test_an_agent_without_an_export_does_not_start(cordon):
    done = cordon.run("serve", "--role", "agent", exits=(2,))
    assert b"there is no [[export]] of all tenants" in done.stderr


def test_mistakes_in_plans_and_exports_are_told(sampled):
    cordon, _ = sampled(PLAN.replace("status_code = {", "status_cod = {"))
    done = cordon.run("validate", exits=(2,))
    assert b"config_sampling" in done.stdout + done.stderr
    assert b"status_cod" in done.stdout + done.stderr
    cordon.run("serve", exits=(2,))


def test_another_plan_is_taken_while_it_runs(sampled, tmp_path):
    cordon, clean = sampled(PLAN)
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    send(server, token, traces(span(hexed(16), "fine before")))
    until(lambda: 'fate="sampled_out"' in server.get("/metrics").decode(), "a decision")
    (tmp_path / "plan.toml").write_text(
        'version = 1\ndecision_wait = "1s"\n[[policies]]\nname = "all"\ntype = "always_sample"\n')
    server.process.send_signal(signal.SIGHUP)
    server._until(re.compile(rb"reloaded configuration generation=2"))
    send(server, token, traces(span(hexed(16), "fine after")))
    until(lambda: exported(clean)[0], "a span")
    server.stop()
    assert [s["name"] for s in exported(clean)[0]] == ["fine after"]
