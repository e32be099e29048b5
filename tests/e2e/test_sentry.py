"""Sentry's real SDKs, a real crash, and webhooks of alerts: everything arrives, nothing leaks."""

import json
import pathlib
import random
import re
import string
import subprocess
import sys

import pytest

import leaks
from conftest import Server
from test_crash import VALUES as CRASH_VALUES
from test_crash import crashed  # noqa: F401 a fixture

HERE = pathlib.Path(__file__).resolve().parent
CLIENT_S_MAX = 180
ALNUM = string.ascii_letters + string.digits
FAILURES = 5


def planted_values(seed):
    """Made-up values shaped as real ones, by name."""
    draw = random.Random(seed)
    word = "".join(draw.choice(string.ascii_lowercase) for _ in range(9))
    return {
        "key": "gh" + "p_" + "".join(draw.choice(ALNUM) for _ in range(36)),
        "password": "pw-" + "".join(draw.choice(ALNUM) for _ in range(16)),
        "mail": f"{word}.planted@mail.example.org",
        "card": "4111 1111 " + "1111 1111",
        "address": f"203.0.113.{draw.randrange(20, 250)}",
    }


def as_planted(values):
    return [{"kind": kind, "value": value} for kind, value in values.items()]


def run_client(words, asked, folder):
    """Runs a client in a process of its own, told by a file, so that no command line holds it."""
    file = folder / "asked.json"
    file.write_text(json.dumps(asked))
    done = subprocess.run([*words, str(file)], capture_output=True, timeout=CLIENT_S_MAX)
    assert done.returncode == 0, done.stderr.decode()
    file.unlink()


def items(server):
    """Counts of items by type and outcome."""
    text = server.get("/metrics").decode()
    rows = re.findall(r'sentry_items_total\{type="(\w+)",outcome="(\w+)"\} (\d+)', text)
    return {(kind, outcome): int(count) for kind, outcome, count in rows if int(count)}


def groups(cordon):
    """What is listed, by title."""
    return {row["title"]: row for row in cordon.json("list", "--json")["fingerprints"]}


def fields(cordon, tmp_path, tenant="acme"):
    """Paths of the fields that are stored."""
    learned = cordon.json("schema", "learn", "--tenant", tenant)
    return {row["path"] for row in learned["fields"]}, learned["events"]


def assert_nothing_left(cordon, values, *folders):
    """Neither in a file nor in anything printed."""
    blobs = [*leaks.files_under(cordon.data, *folders)]
    blobs += [(f"output {n}", said) for n, said in enumerate(cordon.said)]
    assert leaks.search(as_planted(values), blobs) == []


@pytest.fixture
def shop(cordon):
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    yield cordon, server, token
    if server.process.poll() is None:
        server.kill()


@pytest.mark.parametrize("packed", ["gzip", "br"])
def test_python_sdk(shop, tmp_path, packed):
    cordon, server, token = shop
    values = planted_values(1)
    asked = {"dsn": f"http://{token}@{server.http}/1", "planted": values, "failures": FAILURES,
             "packed": packed}
    run_client([sys.executable, str(HERE / "sentry_client.py")], asked, tmp_path)
    counts = items(server)
    assert counts[("event", "taken")] == FAILURES + 1
    assert counts[("transaction", "taken")] == FAILURES
    assert counts[("attachment", "taken")] == FAILURES + 1
    assert counts[("attachment", "not_kept")] == FAILURES + 1
    assert counts[("log", "taken")] >= 1
    assert sum(n for (kind, _), n in counts.items() if kind in ("session", "sessions")) >= 1
    assert not [key for key in counts if key[1] in ("malformed", "cut", "too_large", "too_many")]
    server.stop()
    listed = groups(cordon)
    [cart] = [row for title, row in listed.items() if "CartError" in title]
    assert cart["count"] == FAILURES and "shop" in json.dumps(cart)
    [title] = [title for title in listed if "CartError" in title]
    assert title.split(" in ")[-1].endswith("total")
    [stock] = [row for title, row in listed.items() if "low stock" in title]
    assert stock["count"] == FAILURES
    assert [row["count"] for title, row in listed.items() if title.startswith("select")] == [FAILURES]
    paths, events = fields(cordon, tmp_path)
    # Each failure, its transaction with one span, its log record, its attachment; a message with
    # its attachment; a session.
    assert events >= FAILURES * 5 + 2
    for path in ("user.email", "tags.note", "extra.payload.password", "contexts.order.contact",
                 "request.headers.Authorization", "brand_new.note", "breadcrumbs.message",
                 "exception.stacktrace.frames.vars.password", "modules.sentry-sdk"):
        assert any(stored.endswith(f"sentry.{path}") for stored in paths), path
    answer = cordon.ask("why did the checkout fail with CartError?")
    assert "CartError" in json.dumps(answer)
    assert_nothing_left(cordon, {**values, "token": token}, tmp_path)


def test_node_sdk(shop, tmp_path):
    cordon, server, token = shop
    values = planted_values(2)
    asked = {"dsn": f"http://{token}@{server.http}/1", "planted": values, "failures": FAILURES}
    run_client(["node", str(HERE / "node" / "sentry.js")], asked, tmp_path)
    counts = items(server)
    assert counts[("event", "taken")] == FAILURES
    assert counts[("transaction", "taken")] == FAILURES
    assert counts[("log", "taken")] >= 1
    assert not [key for key in counts if key[1] in ("malformed", "cut", "too_large", "too_many")]
    server.stop()
    listed = groups(cordon)
    [(title, charge)] = [row for row in listed.items() if "ChargeError" in row[0]]
    assert charge["count"] == FAILURES and "charge" in title
    [slow] = [row for title, row in listed.items() if "slow gateway" in title]
    assert slow["count"] == FAILURES
    answer = cordon.ask("why can it not charge?")
    assert "ChargeError" in json.dumps(answer)
    assert_nothing_left(cordon, {**values, "token": token}, tmp_path)


def form(boundary, parts):
    """A body of multipart/form-data."""
    out = b""
    for name, file, content in parts:
        name = f'{name}"; filename="{file}' if file else name
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        out += head.encode() + content + b"\r\n"
    return out + f"--{boundary}--\r\n".encode()


def test_a_real_minidump(shop, crashed, tmp_path):  # noqa: F811
    cordon, server, token = shop
    values = planted_values(3)
    raw = crashed.dump("segv", name="sentry").read_bytes()
    cordon.run("symbols", "grant")
    cordon.run("symbols", "add", crashed.symbols)
    notes = {"release": "shop@3.1", "user": {"email": values["mail"]},
             "extra": {"password": values["password"]}}
    body = form("4f2b9a77c1d1", [
        ("sentry", None, json.dumps(notes).encode()),
        ("_productName", None, b"Shop"),
        ("note", None, f"called by {values['mail']} with {values['key']}".encode()),
        ("upload_file_minidump", "a.dmp", raw),
        ("view.png", "view.png", values["key"].encode()),
    ])
    kind = {"Content-Type": "multipart/form-data; boundary=4f2b9a77c1d1"}
    status, _, told = server.post(f"/api/1/minidump/?sentry_key={token}", body, headers=kind)
    assert status == 200 and re.fullmatch(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", told)
    # The dump alone, and in an envelope as sentry-native sends it.
    auth = {"X-Sentry-Auth": f"Sentry sentry_key={token}", "Content-Type": "application/x-dmp"}
    status, _, _ = server.post("/api/1/minidump", raw, headers=auth)
    assert status == 200
    head = {"type": "attachment", "length": len(raw), "attachment_type": "event.minidump"}
    event = {"level": "fatal", "platform": "native", "release": "shop@3.1"}
    envelope = b"\n".join([b"{}", b'{"type":"event"}', json.dumps(event).encode(),
                           json.dumps(head).encode(), raw])
    status, _, told = server.post("/api/1/envelope/", envelope, headers=auth)
    assert status == 200, told
    # What is no dump, and what is half of one, is not sent again.
    for bad, code in [(b"MDMP" + b"\0" * 40, "minidump_refused"), (b"x", "minidump_missing")]:
        status, headers, _ = server.post("/api/1/minidump/", bad, headers=auth)
        assert (status, headers["cordon-code"]) == (400, code)
    server.stop()
    listed = groups(cordon)
    [(title, crash)] = [row for row in listed.items() if "SIGSEGV" in row[0]]
    assert crash["count"] == 3 and title.endswith("total")
    values |= {f"crash {n}": value for n, value in enumerate(CRASH_VALUES)}
    assert_nothing_left(cordon, {**values, "token": token})
    for place, blob in leaks.files_under(cordon.data):
        assert b"MDMP" not in blob, place


def test_alerts_and_security_reports(shop, tmp_path):
    cordon, server, token = shop
    values = planted_values(4)
    alert = {"version": "4", "status": "firing", "receiver": values["mail"], "alerts": [
        {"status": "firing", "labels": {"alertname": "HighErrorRate", "severity": "critical",
                                        "service": "checkout", "owner": values["mail"]},
         "annotations": {"summary": f"ask {values['mail']}", "token": values["key"]},
         "startsAt": "2026-01-02T03:04:05Z", "endsAt": "0001-01-01T00:00:00Z"}]}
    status, _, told = server.post("/v1/alerts", json.dumps(alert).encode(), token)
    assert (status, json.loads(told)) == (200, {"accepted": 1, "rejected": 0})
    status, headers, _ = server.post("/v1/alerts", b"{}", token)
    assert (status, headers["cordon-code"]) == (400, "alert_shape")
    report = {"csp-report": {"document-uri": f"http://h/?access_token={values['key']}",
                             "violated-directive": "img-src", "blocked-uri": "http://x/y"}}
    path = f"/api/1/security/?sentry_key={token}"
    kind = {"Content-Type": "application/csp-report"}
    status, _, _ = server.post(path, json.dumps(report).encode(), headers=kind)
    assert status == 200
    server.stop()
    listed = groups(cordon)
    assert any("HighErrorRate" in title for title in listed)
    assert any(title.startswith("csp") for title in listed)
    assert_nothing_left(cordon, {**values, "token": token})
