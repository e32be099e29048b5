"""Operating a server: reading its configuration again, whether it is ready, stopping it."""

import http.client
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

import literate
import pytest
from conftest import ROOT, START_S_MAX, Server
from leaks import files_under, search
from test_wall import events

SENDERS = 4
RELOADED = re.compile(rb"reloaded configuration generation=(\d+)")
KEPT = re.compile(rb"kept the configuration code=(\w+)")


def write(path, *dictionary, more=""):
    """A configuration with these words in its dictionary."""
    terms = json.dumps(list(dictionary))
    path.write_text(f"[redaction.dictionary]\nterms = {terms}\n{more}")


@pytest.fixture
def configured(cordon, tmp_path):
    """A server with a configuration file, and the token of its tenant."""
    cordon.config = tmp_path / "cordon.toml"
    write(cordon.config, "Umbra-one")
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    yield server, token
    if server.process.poll() is None:
        server.kill()


def hangup(server, pattern):
    """Sends SIGHUP and waits for its line in the log; what the pattern's group holds."""
    before = len(pattern.findall(server.log))
    server.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + START_S_MAX
    while len(found := pattern.findall(server.log)) <= before:
        assert time.monotonic() < deadline, server.log.decode(errors="replace")
        ready, _, _ = select.select([server.process.stdout], [], [], 1)
        server.log += os.read(server.process.stdout.fileno(), 65536) if ready else b""
    return found[-1].decode()


def stored(cordon):
    """Every failure's title and count."""
    rows = cordon.json("list", "--json")["fingerprints"]
    return {row["title"]: row["count"] for row in rows}


class Load:
    """Senders that post one event after the other over a connection each, until told to stop."""

    def __init__(self, server, token):
        self.address, self.token = server.http, token
        self.acknowledged, self.failed, self.answers = 0, [], []
        self.lock, self.end = threading.Condition(), threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(n,), daemon=True) for n in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def _send(self, sender):
        host, port = self.address.split(":")
        connection, n = None, 0
        while not self.end.is_set():
            n += 1
            body = events(f"load failed at step {sender * 1_000_000 + n}")
            try:
                if connection is None:
                    connection = http.client.HTTPConnection(host, int(port), timeout=60)
                    connection.connect()
            except OSError:
                return  # nobody listens: nothing was begun
            try:
                connection.request("POST", "/v1/events", body,
                                   {"Authorization": f"Bearer {self.token}"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException) as error:
                with self.lock:
                    self.failed.append(repr(error))
                    self.lock.notify_all()
                return
            with self.lock:
                self.acknowledged += answer.status == 200
                self.answers.append(answer.status)
                self.lock.notify_all()
            if answer.getheader("Connection") == "close":
                connection.close()
                connection = None

    def until(self, count):
        """Waits until so many were acknowledged."""
        with self.lock:
            done = self.lock.wait_for(lambda: self.failed or self.acknowledged >= count, 60)
        assert done and not self.failed, self.failed

    def stop(self):
        """Ends the senders; how many events were acknowledged."""
        self.end.set()
        return self.wait()

    def wait(self):
        for thread in self.threads:
            thread.join(timeout=60)
            assert not thread.is_alive()
        return self.acknowledged


def test_a_reload_under_load_loses_nothing_and_the_new_words_are_looked_for(configured, cordon):
    server, token = configured
    load = Load(server, token)
    load.until(50)
    for round_ in range(2, 6):
        write(cordon.config, "Umbra-one", f"Umbra-{round_}x")
        assert hangup(server, RELOADED) == str(round_)
        load.until(load.acknowledged + 50)
    assert server.post("/v1/events", events("plan Umbra-5x leaked"), token)[0] == 200
    sent = load.stop() + 1
    assert load.failed == [] and set(load.answers) == {200}
    server.stop()
    assert sum(stored(cordon).values()) == sent
    blobs = [*files_under(cordon.data), *(("output", b) for b in cordon.said)]
    assert search([{"kind": "word", "value": "Umbra-5x"}], blobs) == []
    assert b"not changed while running" not in server.log


def test_a_wrong_configuration_changes_nothing_and_says_why(configured, cordon, tmp_path):
    server, token = configured
    pack = tmp_path / "rules.toml"
    pack.write_text("not a pack")
    for text, code in [
        ("[redaction.dictionary]\nterms = ['Umbra-two'\n", "config_syntax"),
        ("[redaction.dictionary]\nwords = ['Umbra-two']\n", "config_syntax"),
        ("[privacy]\nown_tenant_k = 99\n", "config_value"),
        (f"[redaction]\nrules = ['{pack}']\n", "config_policy"),
        ("[redaction]\ncanaries = '/nowhere/canaries'\n", "config_policy"),
        ("[redaction.actions]\nemail = 'burn'\n", "config_policy"),
        ("[tenant.nobody]\ncertificates = ['x']\n", "config_tenant"),
    ]:
        cordon.config.write_text(text)
        assert hangup(server, KEPT) == code, text
        assert server.post("/v1/events", events(f"{code} Umbra-one"), token)[0] == 200
    cordon.config.unlink()
    assert hangup(server, KEPT) == "config_unreadable"
    metrics = server.get("/metrics").decode()
    assert "cordon_config_refused_reloads_total 8\n" in metrics
    assert "cordon_config_generation 1\n" in metrics
    assert b"Umbra" not in server.log
    write(cordon.config, "Umbra-one", more="[server]\nlisten = '127.0.0.1:1'\n")
    assert hangup(server, RELOADED) == "2"
    server.stop()
    assert b"restart to change: server.listen\n" in server.log
    blobs = [*files_under(cordon.data), *(("output", b) for b in cordon.said)]
    assert search([{"kind": "word", "value": "Umbra-one"}], blobs) == []


def get(server, path):
    """Gets; returns status and text."""
    try:
        with urllib.request.urlopen(f"http://{server.http}{path}", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_readiness_names_each_check(serving):
    status, text = get(serving, "/readyz?verbose")
    assert (status, text) == (200, "".join(
        f"[+]{name} ok\n"
        for name in ("journal", "ledger", "vault", "rules", "deciding", "applying", "shutdown")
    ) + "readyz check passed\n")
    assert get(serving, "/readyz") == (200, "ready\n")
    assert get(serving, "/livez") == (200, "ok\n")


def test_a_server_that_is_told_to_stop_says_so_before_it_stops_listening(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text("[server]\nstop_notice_s = 2\n")
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    server.process.send_signal(signal.SIGTERM)
    server._until(re.compile(rb"stopping: "))
    deadline = time.monotonic() + 60
    while get(server, "/readyz") != (503, "not ready: stopping\n"):
        assert time.monotonic() < deadline
    assert "[-]shutdown failed: stopping\n" in get(server, "/readyz?verbose")[1]
    assert get(server, "/livez")[0] == 200
    # Who has not noticed yet is served.
    assert server.post("/v1/events", events("late comer"), token)[0] == 200
    server._end()
    assert server.process.returncode == 0
    assert sum(stored(cordon).values()) == 1


def test_stopping_under_load_answers_what_was_begun(serving, cordon):
    token = cordon.add_tenant("acme")
    load = Load(serving, token)
    load.until(100)
    # One that has sent half of its request when the signal comes.
    host, port = serving.http.split(":")
    slow = socket.create_connection((host, int(port)))
    body = events("slow sender failed")
    head = (f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    slow.sendall(head + body[:10])
    load.until(load.acknowledged + 20)
    serving.process.send_signal(signal.SIGTERM)
    serving._until(re.compile(rb"stopping: "))
    slow.sendall(body[10:])
    answer = slow.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200") and b"connection: close" in answer.lower()
    sent = load.wait() + 1
    assert load.failed == [] and set(load.answers) == {200}
    serving._end()
    assert serving.process.returncode == 0, serving.log.decode()
    assert sum(stored(cordon).values()) == sent


def test_validate_tells_every_problem_and_writes_nothing(cordon, tmp_path):
    path = tmp_path / "cordon.toml"
    path.write_text(
        "[server]\nlistn = '127.0.0.1:1'\n[redaction]\nrules = ['/nowhere/rules.toml']\n"
        "canaries = 'CANARIES'\nunknown = 'drip'\n[[listen.json]]\naddress = '127.0.0.1:0'\n"
        "transport = 'tcp'\ntenant = 'acne'\n".replace("CANARIES", str(tmp_path / "canaries"))
    )
    (tmp_path / "canaries").write_text("Umbra-canary-value\n")
    (tmp_path / "canaries").chmod(0o644)
    told = json.loads(cordon.run("validate", path, "--json", exits=(2,)).stdout)
    assert not cordon.data.exists()
    assert [(p["code"], p["line"]) for p in told["problems"]] == [
        ("config_unknown_key", 2), ("config_rules", 4), ("config_values_file", 5),
        ("config_policy", 6),
    ]
    assert told["problems"][0]["hint"] == "did you mean `listen`?"
    cordon.add_tenant("acme")
    before = sorted((f, f.stat().st_mtime_ns) for f in cordon.data.rglob("*"))
    text = cordon.run("validate", path, exits=(2,)).stdout.decode()
    assert "no tenant is called acne" in text and "did you mean `acme`?" in text
    assert f" --> {path}:2:1" in text and "\n2 | listn = '127.0.0.1:1'\n" in text
    assert sorted((f, f.stat().st_mtime_ns) for f in cordon.data.rglob("*")) == before
    assert "Umbra" not in text
    done = cordon.run("validate", ROOT / "examples" / "cordon.toml")
    assert done.stdout.endswith(b"valid, errors 0, warnings 0\n")
    # As a server runs, its files are read beside it.
    server = Server(cordon)
    assert b"did you mean `acme`?" in cordon.run("validate", path, exits=(2,)).stdout
    server.stop()


def test_the_example_cases_come_out_and_a_wrong_one_is_told_without_its_input(cordon, tmp_path):
    cordon.config = ROOT / "examples" / "cordon.toml"
    done = cordon.run("test", ROOT / "examples" / "cases.toml").stdout.decode()
    assert "FAIL" not in done and done.endswith(" passed, 0 failed\n")
    assert not cordon.data.exists()
    canaries = tmp_path / "canaries"
    canaries.write_text("planted-row-7731\n")
    canaries.chmod(0o600)
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(f"[redaction]\ncanaries = '{canaries}'\n")
    cases = tmp_path / "cases.toml"
    cases.write_text(
        "[[case]]\nname = 'held'\ninput = 'a planted-row-7731 b'\n"
        "expect = { quarantined = 'canary' }\n"
        "[[case]]\nname = 'wrong'\ninput = 'mail umbra@example.org'\n"
        "expect = { output = 'mail <user>' }\n"
    )
    report = tmp_path / "report.xml"
    done = cordon.run("test", cases, "--junit", report, exits=(1,)).stdout.decode()
    assert "ok    held\n" in done and "1 passed, 1 failed\n" in done
    assert "expected  mail <user>\n" in done and "actual    mail <email>\n" in done
    assert 'tests="2" failures="1"' in report.read_text()
    assert "umbra" not in done + report.read_text()
    cases.write_text("[[case]]\nname = 'a'\ninput = 'umbra")
    assert b"umbra" not in cordon.run("test", cases, exits=(2,)).stderr


class Tap:
    """A running `cordon tap`."""

    def __init__(self, cordon, *words):
        self.cordon = cordon
        self.process = subprocess.Popen(
            cordon.command("tap", *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.head = self.process.stderr.readline()
        assert self.head.startswith(b"tap of acme"), self.head + self.process.stderr.read()

    def line(self):
        return self.process.stdout.readline().decode()

    def end(self, sent=None):
        """Waits for its end; the rest of what it printed, and what it said of that."""
        if sent:
            self.process.send_signal(sent)
        rest, said = self.process.communicate(timeout=START_S_MAX)
        self.cordon.said += [rest, said]
        assert self.process.returncode == 0, said
        return rest.decode(), said.decode()


def audited(cordon, action):
    rows = [json.loads(row) for row in cordon.run("audit", "show").stdout.splitlines()]
    return [row for row in rows if row["action"] == action]


def test_a_tap_shows_what_comes_redacted_audited_and_charged(serving, cordon):
    token, other = cordon.add_tenant("acme"), cordon.add_tenant("other")
    assert serving.post("/v1/events", events("before the tap"), token)[0] == 200
    tap = Tap(cordon, "--tenant", "acme", "--json")
    [intent] = audited(cordon, "tap")
    assert intent["amount_bytes"] == 262144 and intent["tenant"] == "acme"
    record = {"level": "error", "service": "shop", "message": "mail to umbra@example.org failed",
              "diagnosis": "umbra-illness", "http.route": "/cart"}
    assert serving.post("/v1/events", events("another tenant"), other)[0] == 200
    assert serving.post("/v1/events", json.dumps(record).encode(), token)[0] == 200
    row = json.loads(tap.line())
    assert row["body"] == "mail to <email> failed" and row["service"] == "shop"
    assert row["fields"]["http.route"] == "/cart" and row["fields_not_shown"] >= 1
    assert "umbra" not in json.dumps(row)
    rest, said = tap.end(signal.SIGINT)
    assert rest == "" and "tap_interrupted: shown=1 over_rate=0" in said
    entries = audited(cordon, "tap")
    assert [entry["decision"] for entry in entries][-1] == "tap_interrupted"
    assert len(entries) == 2


def test_a_tap_ends_by_itself_by_time_rate_and_bytes(serving, cordon):
    token = cordon.add_tenant("acme")
    tap = Tap(cordon, "--seconds", "2", "--rate", "1")
    many = b"\n".join(json.dumps({"level": "info", "message": f"step {n}"}).encode()
                      for n in range(50))
    assert serving.post("/v1/events", many, token)[0] == 200
    rest, said = tap.end()
    shown = int(re.search(r"shown=(\d+)", said).group(1))
    assert "tap_expired" in said and shown == len(rest.splitlines()) and 1 <= shown <= 3
    assert shown + int(re.search(r"over_rate=(\d+)", said).group(1)) == 50
    tap = Tap(cordon, "--bytes", "1024", "--rate", "100")
    assert serving.post("/v1/events", many.replace(b"step", b"later step"), token)[0] == 200
    rest, said = tap.end()
    assert "tap_exhausted" in said and 512 < len(rest.encode()) <= 1024
    cordon.run("tap", "--seconds", "601", exits=(2,))
    cordon.run("tap", "--tenant", "nobody", exits=(2,))


def test_top_tells_rates_and_readiness_once_and_gives_the_terminal_back(serving, cordon):
    token = cordon.add_tenant("acme")
    load = Load(serving, token)
    load.until(20)
    seen = cordon.json("top", "--server", serving.http, "--json")
    assert seen["ready"] and seen["failing"] == {} and seen["events_per_s"]["durable"] > 0
    assert seen["redaction_us_per_event"] > 0 and seen["journal"]["disk_errors"] == 0
    assert serving.post("/v1/events", b"{}", "no such token")[0] == 401
    text = cordon.run("top", "--server", f"http://{serving.http}").stdout.decode()
    assert text.startswith(f"cordon top  {serving.http}  ready  configuration 1\n")
    assert "\x1b" not in text and "journal     backlog " in text
    # On a terminal it goes on, and leaves nothing behind.
    ours, theirs = pty.openpty()
    watched = subprocess.Popen(
        cordon.command("top", "--server", serving.http), stdin=theirs, stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    shown = b""
    while shown.count(b"events/s ") < 2:
        assert select.select([ours], [], [], START_S_MAX)[0]
        shown += os.read(ours, 65536)
    load.stop()
    watched.send_signal(signal.SIGTERM)
    assert watched.wait(timeout=START_S_MAX) == 0
    while not shown.endswith(b"\x1b[?25h\x1b[?1049l"):
        assert select.select([ours], [], [], START_S_MAX)[0]
        shown += os.read(ours, 65536)
    os.close(ours)
    assert shown.startswith(b"\x1b[?1049h\x1b[?25l")
    serving.stop()
    done = cordon.run("top", "--server", serving.http, exits=(3,))
    assert b"error: failed to " in done.stderr


def test_the_examples_of_the_page_that_need_no_server_hold(tmp_path):
    page = "docs/operations.md"
    text = (ROOT / page).read_text().split("\n## Put a configuration in force\n")[0]
    examples, complaints = literate.run(page, text, tmp_path, os.environ["CORDON_BIN"])
    assert not complaints, "\n".join(complaints)
    assert examples >= 2
