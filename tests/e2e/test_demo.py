"""`cordon demo`: the whole way in one command, with and without somewhere to run its tests."""

import gzip
import http.server
import json
import sys
import threading

import pytest
from conftest import BILLING, run_billing
from leaks import files_under, search

RECORDED = BILLING / "recorded"
MANIFEST = json.loads((RECORDED / "manifest.json").read_text())
CALLS = 12  # as in record.py


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes what the SDK sends and forgets it."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The made-up values of the recording: the same seeds draw them again."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    values = []
    for seed in MANIFEST["seeds"]:
        file = tmp_path_factory.mktemp("planted") / "values.json"
        run_billing("sink", f"127.0.0.1:{server.server_port}", seed=seed, planted=file, calls=CALLS)
        values += json.loads(file.read_text())
    server.shutdown()
    bodies = [("recording", gzip.decompress(path.read_bytes())) for path in RECORDED.glob("*.gz")]
    there = [item for item in values if search([item], bodies)]
    assert len(there) > 50, "the seeds draw what was recorded"
    return there


def test_the_demo_writes_a_verified_test_for_each_bug(cordon, planted):
    done = cordon.run("demo", "--python", sys.executable)
    out = done.stdout.decode()
    tests = sorted((cordon.data / "tests").glob("test_*.py"))
    for function in ["customers.tax_percent", "discounts.discount_percent", "refunds.refund_cents"]:
        assert f"calls billing.{function}; fails for the recorded reason in 3 of 3 runs" in out
        assert sum(function.replace(".", "_") in test.name for test in tests) == 1
    assert len(tests) == 3
    assert "not run" not in out
    blobs = [*files_under(cordon.data), *(("output", b) for b in cordon.said)]
    assert search(planted, blobs) == []
    cordon.data = cordon.data / "data"
    assert cordon.json("status", "--json")["balanced"]
    cordon.run("audit", "verify")


def test_without_a_python_the_demo_writes_its_tests_and_says_so(cordon, tmp_path):
    (tmp_path / "empty").mkdir()
    out = cordon.run("demo", env={"PATH": str(tmp_path / "empty")}).stdout.decode()
    assert "The tests were written and not run:" in out
    assert f"python3 -m pytest {cordon.data / 'tests'}" in out
    assert "3 of 3 runs" not in out
    tests = list((cordon.data / "tests").glob("test_*.py"))
    assert len(tests) == 3 and out.count("(written, not run)") == 3


def test_without_bubblewrap_the_demo_says_how_to_go_on(cordon, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    path = {"PATH": str(tmp_path / "bin")}
    out = cordon.run("demo", "--python", sys.executable, env=path).stdout.decode()
    assert "The tests were written and not run:" in out and "--sandbox=process" in out
    assert out.count("(written, not run)") == 3


def test_a_plain_process_runs_the_tests_where_it_is_asked_for(cordon, tmp_path):
    (tmp_path / "empty").mkdir()
    out = cordon.run(
        "demo", "--sandbox", "process", "--python", sys.executable,
        env={"PATH": str(tmp_path / "empty")},
    ).stdout.decode()
    assert out.count("fails for the recorded reason in 3 of 3 runs") == 3
    assert "not run" not in out
