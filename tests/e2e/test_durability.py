"""An acknowledged event is durable: `kill -9` at random moments of an ingest run."""

import contextlib
import http.client
import json
import random
import re
import sqlite3
import subprocess
import threading
import time
import urllib.error

from conftest import Server

KILLS = 50
REQUESTS_MAX = 400
EVENTS_MAX = 4
QUIET_MS_MAX = 120
LETTERS = "bcdfghklmnprstvz"


def word(number):
    """A word no other number has, without digits: templates mask those. No name ends so."""
    out = ""
    while number or not out:
        number, digit = divmod(number, len(LETTERS))
        out += LETTERS[digit] + "a"
    return f"re{out}ing"


class Sender(threading.Thread):
    """Sends requests one after the other until the server goes away."""

    def __init__(self, address, token, bodies):
        super().__init__()
        self.address, self.token, self.bodies = address, token, bodies
        self.acknowledged, self.begun = [], []
        self.first_ack = threading.Event()

    def run(self):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-ndjson"}
        for body in self.bodies:
            self.begun.append(body)
            try:
                connection.request("POST", "/v1/events", body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 200:
                self.acknowledged.append(body)
                self.first_ack.set()


def bodies(draw, run):
    """Requests of one run; each event has a word of its own."""
    for request in range(REQUESTS_MAX):
        number = (run * REQUESTS_MAX + request) * EVENTS_MAX
        lines = [
            json.dumps({"level": "error", "message": f"step {word(number + i)} failed"})
            for i in range(draw.randint(1, EVENTS_MAX))
        ]
        yield "\n".join(lines).encode()


def words_of(body):
    """The words of a request's events."""
    return [json.loads(line)["message"].split()[1] for line in body.splitlines()]


def test_every_acknowledged_event_survives_kill_9(cordon):
    draw = random.Random(7)
    token = cordon.add_tenant("acme")
    acknowledged, begun, resend = [], [], []
    for run in range(KILLS):
        server = Server(cordon)
        # What the last run did not hear about is sent again, and one that it did hear about.
        sender = Sender(server.http, token, [*resend, *bodies(draw, run)])
        sender.start()
        assert sender.first_ack.wait(60)
        # A random moment of the run, counted from a request that is on its way.
        threading.Event().wait(draw.uniform(0, QUIET_MS_MAX) / 1000)
        server.kill()
        sender.join(60)
        acknowledged += sender.acknowledged
        begun += sender.begun
        resend = [body for body in sender.begun if body not in sender.acknowledged]
        resend += sender.acknowledged[-1:]
    server = Server(cordon)
    server.stop()

    found = {}
    for group in cordon.json("list", "--json")["fingerprints"]:
        parts = group["title"].split()
        found[parts[parts.index("step") + 1]] = group["count"]
    want = {w for body in acknowledged for w in words_of(body)}
    sent = {w for body in begun for w in words_of(body)}
    assert len(want) > KILLS
    assert want - set(found) == set(), "acknowledged but lost"
    assert set(found) - sent == set(), "stored but never sent"
    assert {w: n for w, n in found.items() if n != 1} == {}, "stored twice"


SHIM = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A disk whose journal segments cannot be synced while a file of that name is there. */
int fdatasync(int fd) {
    char link[64], path[4096];
    const char *failing = getenv("SYNC_FAILS_WHILE");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    if (failing && access(failing, F_OK) == 0 && n > 4 && !strcmp(path + n - 4, ".seg")) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_fdatasync, fd);
}
"""


def test_nothing_is_acknowledged_that_was_not_synced(cordon, tmp_path, monkeypatch):
    (tmp_path / "shim.c").write_text(SHIM)
    shim, failing = tmp_path / "shim.so", tmp_path / "failing"
    words = ["cc", "-shared", "-fPIC", "-o", shim, tmp_path / "shim.c"]
    subprocess.run(words, check=True)
    token = cordon.add_tenant("acme")
    monkeypatch.setenv("LD_PRELOAD", str(shim))
    monkeypatch.setenv("SYNC_FAILS_WHILE", str(failing))
    server = Server(cordon)
    assert server.post("/v1/events", b'{"message":"disk fine"}', token)[0] == 200
    failing.touch()
    lost = b'{"message":"disk broken"}'
    for _ in range(3):
        assert server.post("/v1/events", lost, token)[0] == 503
    failing.unlink()
    deadline = time.monotonic() + 60
    while (status := server.post("/v1/events", lost, token)[0]) != 200:
        assert status == 503 and time.monotonic() < deadline
    server.stop()
    found = {g["title"]: g["count"] for g in cordon.json("list", "--json")["fingerprints"]}
    assert found == {"disk fine": 1, "disk broken": 1}


def test_a_resent_request_is_not_stored_twice(cordon, serving):
    token = cordon.add_tenant("acme")
    body = b'{"level":"error","message":"disk melted"}'
    for _ in range(3):
        assert serving.post("/v1/events", body, token)[0] == 200
    serving.stop()
    [group] = cordon.json("list", "--json")["fingerprints"]
    assert group["count"] == 1
    counts = cordon.json("status", "--json")["counts"]
    assert (counts["received"], counts["duplicate"]) == (3, 2)


def test_conservation(cordon, serving):
    token = cordon.add_tenant("acme")
    for number in range(30):
        line = json.dumps({"level": "error", "message": "disk melted", "n": number})
        assert serving.post("/v1/events", line.encode(), token)[0] == 200
    serving.stop()
    counts = cordon.json("status", "--json")["counts"]
    accounted = sum(counts[k] for k in ("kept", "evicted", "quarantined", "duplicate"))
    assert counts["received"] == 30 == accounted


def test_damage_on_disk_does_not_stop_the_start(cordon):
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    store = sqlite3.connect(cordon.data / "store.db", isolation_level=None)
    with contextlib.closing(store):
        # The store cannot be written to: what is acknowledged is in the journal alone.
        store.execute("BEGIN IMMEDIATE")
        for number in range(20):
            server.post("/v1/events", b'{"message":"x %d"}' % number, token)
        server.kill()
    draw = random.Random(3)
    segments = sorted((cordon.data / "journal").glob("*.seg"))
    assert segments
    for segment in segments:
        raw = bytearray(segment.read_bytes().rstrip(b"\0"))
        for _ in range(8):
            raw[draw.randrange(len(raw) // 4, len(raw))] ^= 1 << draw.randrange(8)
        segment.write_bytes(raw[: len(raw) * 3 // 4])
    server = Server(cordon)
    assert server.post("/v1/events", b'{"message":"still here"}', token)[0] == 200
    server.stop()
    recovered = rb"journal recovered .*\b(damaged|unreadable_segments)=[1-9]"
    assert re.search(recovered, server.log), server.log
    assert b"still here" in cordon.run("list", "--json").stdout


def key_byte_flipped(cordon, domain):
    """Flips a byte of a stored data key; a second time flips it back."""
    with contextlib.closing(sqlite3.connect(cordon.data / "keys" / "keys.db")) as keys, keys:
        [(wrapped,)] = keys.execute("SELECT wrapped FROM data_keys WHERE domain = ?", [domain])
        damaged = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
        keys.execute("UPDATE data_keys SET wrapped = ? WHERE domain = ?", [damaged, domain])


def readiness(server):
    """What `/readyz` says."""
    try:
        return server.get("/readyz")
    except urllib.error.HTTPError as error:
        return error.read()


def until(true):
    """Waits for the server to get there, without a fixed time."""
    for _ in range(600):
        if true():
            return
        threading.Event().wait(0.05)
    raise AssertionError("did not come about")


def test_a_damaged_key_drops_no_acknowledged_event(cordon):
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    assert server.post("/v1/events", b'{"level":"error","message":"first"}', token)[0] == 200
    server.stop()
    key_byte_flipped(cordon, "events")
    server = Server(cordon)
    assert server.post("/v1/events", b'{"level":"error","message":"second"}', token)[0] == 200
    until(lambda: b"applying_fails" in readiness(server))
    assert b"records could not be opened" in cordon.run("ask", "what failed").stderr
    server.kill()
    key_byte_flipped(cordon, "events")
    server = Server(cordon)
    assert readiness(server) == b"ready\n"
    server.stop()
    assert b"second" in cordon.run("list", "--json").stdout
    counts = cordon.json("status", "--json")["counts"]
    assert (counts["received"], counts["quarantined"]) == (2, 0)


def test_a_lost_or_damaged_store_is_said(cordon):
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    assert server.post("/v1/events", b'{"message":"first"}', token)[0] == 200
    server.stop()
    store = cordon.data / "store.db"
    store.write_bytes(b"no database" + store.read_bytes()[11:])
    assert b"`cordon serve` sets it aside" in cordon.run("list", exits=(2,)).stderr
    line = cordon.data / "one.jsonl"
    line.write_text('{"message":"second"}\n')
    told = cordon.run("ingest", "--tenant", "acme", str(line)).stderr
    assert b"set aside as" in told and b"earlier events are gone" in told
    assert b"second" in cordon.run("list", "--json").stdout
    for lost in (store.unlink, lambda: store.write_bytes(b"")):
        lost()
        assert b"earlier events are gone" in cordon.run("list").stderr
        assert b"earlier events are gone" not in cordon.run("list").stderr
