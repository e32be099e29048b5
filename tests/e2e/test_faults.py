"""Real kills: `cordon serve` under load, killed again and again; what was acknowledged is there.

The seeded half of the matrix is `tests/faults`; `docs/faults.md` tells what both look for.
CORDON_KILLS says how often to kill.
"""

import base64
import http.client
import json
import os
import random
import resource
import signal
import socket
import subprocess
import threading
import time

import pytest
from conftest import Cordon, Server

KILLS = int(os.environ.get("CORDON_KILLS", "10"))
# A data directory serves so many rounds: more words than this makes cannot be listed at once.
ROUNDS_MAX = 25
SENDERS = 4
REQUESTS_MAX = 25
EVENTS_MAX = 3
RUN_MS_MAX = 150
START_MS_MAX = 400
# Files beside those that a process has open when its limit is lowered.
SPARE_FILES = 6
CONNECTIONS = 64
LETTERS = "bcdfghklmnprstvz"


def word(number):
    """A word no other number has, without digits: templates mask those."""
    out = ""
    while number or not out:
        number, digit = divmod(number, len(LETTERS))
        out += LETTERS[digit] + "a"
    return f"re{out}ing"


class Campaign:
    """One data directory, what was sent to it, and what its senders were told."""

    def __init__(self, cordon, draw):
        self.cordon, self.draw = cordon, draw
        self.token = cordon.add_tenant("acme")
        # What every planted secret begins with behind its prefix, and nothing else has.
        self.stem = base64.b32encode(draw.randbytes(10)).decode()
        self.numbers = 0
        self.lock = threading.Lock()
        self.words = {}
        self.begun, self.acknowledged, self.open = [], [], []
        self.refused = 0

    def request(self):
        """A path with a new body; each event has a word of its own and a planted secret."""
        words = []
        for _ in range(self.draw.randint(1, EVENTS_MAX)):
            words.append(word(self.numbers))
            self.numbers += 1
        if self.draw.random() < 0.5:
            lines = [{"level": "error", "message": f"step {w} failed", "note": self.secret(w),
                      "password": self.secret(w)} for w in words]
            made = ("/v1/events", "\n".join(map(json.dumps, lines)).encode())
        else:
            made = ("/v1/logs", json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [
                self.record(w) for w in words]}]}]}).encode())
        self.words[made] = words
        return made

    def record(self, own):
        note = {"key": "note", "value": {"stringValue": f"told {self.secret(own)} then"}}
        return {"severityNumber": 17, "body": {"stringValue": f"step {own} failed"},
                "timeUnixNano": str(time.time_ns()), "attributes": [note]}

    def secret(self, own):
        return f"gh{'p'}_{self.stem}{(own * 20)[:20]}"

    def send(self, address, bodies, first_ack):
        """Sends one after the other until the server goes away."""
        connection = http.client.HTTPConnection(address, timeout=60)
        for path, body in bodies:
            kind = "application/json" if path == "/v1/logs" else "application/x-ndjson"
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
            with self.lock:
                self.begun.append((path, body))
            try:
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            with self.lock:
                if answer.status == 200:
                    self.acknowledged.append((path, body))
                    first_ack.set()
                else:
                    assert answer.status in (429, 503), answer.status
                    self.refused += 1

    def senders(self, address):
        """Starts them. What was not answered is sent again, by two at once, and some of the rest."""
        again = self.open + self.acknowledged[-2:]
        first_ack, threads = threading.Event(), []
        for number in range(SENDERS):
            bodies = [self.request() for _ in range(self.draw.randint(3, REQUESTS_MAX))]
            bodies = (again if number < 2 else []) + bodies
            threads.append(threading.Thread(target=self.send, args=(address, bodies, first_ack)))
        for thread in threads:
            thread.start()
        return first_ack, threads

    def round(self):
        """Starts the server, sends, and kills it at a random moment."""
        if self.draw.random() < 0.2:
            self.kill_at_start()
        server = Server(self.cordon)
        first_ack, threads = self.senders(server.http)
        assert first_ack.wait(60), "no fresh event is taken"
        reloads = self.draw.random() < 0.3
        if reloads:
            server.process.send_signal(signal.SIGHUP)
        crowd = []
        if self.draw.random() < 0.3:
            crowd = crowded(server)
        threading.Event().wait(self.draw.uniform(0, RUN_MS_MAX) / 1000)
        assert server.process.poll() is None, server.log
        server.kill()
        for thread in threads:
            thread.join(60)
        for connection in crowd:
            connection.close()
        done = set(self.acknowledged)
        self.open = sorted(request for request in set(self.begun) if request not in done)
        self.search()
        return {"kill -9": 1, "reload under load": int(reloads),
                "too many open files": int(bool(crowd))}

    def kill_at_start(self):
        """Kills a server that may not have opened its journal yet."""
        process = subprocess.Popen(
            self.cordon.command("serve", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        threading.Event().wait(self.draw.uniform(0, START_MS_MAX) / 1000)
        process.kill()
        process.wait()

    def search(self):
        """No planted secret is in any byte of any file."""
        for path in self.cordon.data.rglob("*"):
            if path.is_file():
                assert self.stem.encode() not in path.read_bytes(), path

    def judge(self):
        """Compares what is stored with what was answered; how many events were acknowledged."""
        server = Server(self.cordon)
        fresh = self.request()
        self.send(server.http, [fresh], threading.Event())
        assert fresh in self.acknowledged, "a fresh event is not taken"
        server.stop()
        self.search()
        found = {}
        for group in self.cordon.json("list", "--json")["fingerprints"]:
            parts = group["title"].split()
            found[parts[parts.index("step") + 1]] = group["count"]
        want = {w for request in self.acknowledged for w in self.words[request]}
        sent = {w for request in self.begun for w in self.words[request]}
        assert want - set(found) == set(), "acknowledged but lost"
        assert set(found) - sent == set(), "stored but never sent"
        assert {w: n for w, n in found.items() if n != 1} == {}, "stored twice"
        counts = self.cordon.json("status", "--json")["counts"]
        accounted = sum(counts[k] for k in ("kept", "evicted", "quarantined", "duplicate"))
        assert counts["received"] == accounted, counts
        assert counts["received"] - counts["duplicate"] == len(found), counts
        assert not any(self.stem.encode() in said for said in self.cordon.said)
        return len(want), counts["duplicate"]


def crowded(server):
    """Leaves the server few files to open, and opens connections until there are none."""
    pid = server.process.pid
    open_now = len(os.listdir(f"/proc/{pid}/fd"))
    limit = open_now + SPARE_FILES
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, limit))
    host, port = server.http.rsplit(":", 1)
    crowd = []
    for _ in range(CONNECTIONS):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex((host, int(port)))
        crowd.append(connection)
    return crowd


def test_what_was_acknowledged_survives_kills_under_load(tmp_path, capsys):
    draw = random.Random(11)
    injected, acknowledged, duplicates, left, number = {}, 0, 0, KILLS, 0
    while left > 0:
        campaign = Campaign(Cordon(tmp_path / f"data-{number}"), draw)
        for _ in range(min(left, ROUNDS_MAX)):
            for fault, count in campaign.round().items():
                injected[fault] = injected.get(fault, 0) + count
        left -= ROUNDS_MAX
        number += 1
        own, resent = campaign.judge()
        acknowledged += own
        duplicates += resent
    with capsys.disabled():
        print(f"\n{KILLS} rounds of the real binary: {injected}, {acknowledged} events "
              f"acknowledged and stored once, {duplicates} received again, 0 violations")


def test_a_server_without_files_to_open_takes_events_again_once_there_are(cordon, serving):
    token = cordon.add_tenant("acme")
    body = b'{"level":"error","message":"disk melted"}'
    assert serving.post("/v1/events", body, token)[0] == 200
    crowd = crowded(serving)
    held = b'{"level":"error","message":"nobody listens"}'
    with pytest.raises(OSError):
        # The connection waits to be accepted, or is closed.
        serving.post("/v1/events", held, token, timeout=2)
    assert serving.process.poll() is None
    for connection in crowd:
        connection.close()
    deadline = time.monotonic() + 60
    while serving.post("/v1/events", held, token)[0] != 200:
        assert time.monotonic() < deadline
    serving.stop()
    found = {g["title"]: g["count"] for g in cordon.json("list", "--json")["fingerprints"]}
    assert found == {"disk melted": 1, "nobody listens": 1}
