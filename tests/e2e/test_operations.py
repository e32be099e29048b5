"""Operating a server: reading its configuration again, whether it is ready, stopping it."""

import http.client
import json
import os
import re
import select
import signal
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest
from conftest import START_S_MAX, Server
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
        for name in ("journal", "ledger", "vault", "rules", "applying", "shutdown")
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
