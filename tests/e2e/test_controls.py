"""The second control: canaries that are drawn here, and secrets that are known to be live."""

import http.server
import json
import random

import pytest
from conftest import Server
from leaks import files_under, search
from test_alarms import hook, listen, told  # noqa: F401 - `hook` is a fixture
from test_wall import ALNUM, events


def draw(cordon, shape):
    """A canary of that shape: its identifier and the parts that it was printed with."""
    done = cordon.run("canary", "add", shape)
    cordon.said.pop(-2)  # the value is printed on purpose
    identifier = done.stderr.decode().split()[1]
    shown = done.stdout.decode().strip()
    parts = {
        "aws-key": lambda: [line.split(" = ")[1] for line in shown.splitlines()],
        "db-row": lambda: [shown.split(",")[0], shown.split(",")[2]],
    }.get(shape, lambda: [shown])()
    return identifier, parts


def clean_of(cordon, values):
    """Nothing on disk or on a terminal holds one of these."""
    blobs = [*files_under(cordon.data), *(("output", b) for b in cordon.said)]
    assert search([{"kind": "canary", "value": value} for value in values], blobs) == []


def test_a_canary_of_every_shape_is_drawn_sealed_and_caught(cordon):
    cordon.add_tenant("acme")
    drawn = {shape: draw(cordon, shape) for shape in ("password", "aws-key", "db-row", "email")}
    listed = cordon.json("canary", "list", "--json")["canaries"]
    assert {row["id"]: row["shape"] for row in listed} == {i: s for s, (i, _) in drawn.items()}
    for _, parts in drawn.values():
        for part in parts:
            line = json.dumps({"level": "error", "service": "shop", "message": f"row {part} x"})
            cordon.run("ingest", "--tenant", "acme", stdin=line.encode())
            out = cordon.run("redact", "--tenant", "acme", stdin=f"a {part}\n".encode()).stdout
            assert out == b"[removed:canary]\n"
    held = cordon.json("status", "--json")["quarantined"]
    assert held == [{"reason": "canary", "count": 6}]
    clean_of(cordon, [part for _, parts in drawn.values() for part in parts])


def test_a_canary_is_looked_for_in_files_and_in_the_store(cordon, tmp_path):
    cordon.add_tenant("acme")
    before, parts = draw(cordon, "password")
    [value] = parts
    dump = tmp_path / "dump.sql"
    dump.write_text("fine\n" + "".join(f" {c}" for c in value) + "\n")
    found = cordon.run("canary", "check", dump, exits=(1,)).stdout.decode()
    assert f"{dump}:2: {before} (password)" in found and "1 found" in found
    dump.write_text("fine\n")
    assert b"none of 1" in cordon.run("canary", "check", dump).stdout
    found = cordon.run("canary", "check", "-", stdin=value[::-1].encode(), exits=(1,)).stdout
    assert b"-:1: " + before.encode() in found
    # One that was stored while nobody looked for it.
    cordon.run("canary", "remove", before)
    cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    assert b"none of 0" in cordon.run("canary", "check").stdout
    cordon.run("canary", "remove", before, exits=(2,))
    rows = [json.loads(line) for line in cordon.run("audit", "show").stdout.splitlines()]
    decisions = [row["decision"] for row in rows if row["action"] == "canary"]
    assert decisions[:2] == ["canary_added", "canary_found"] and "canary_absent" in decisions


def test_a_running_server_looks_for_a_canary_that_is_added(cordon, hook, tmp_path):  # noqa: F811
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(f'[pages]\nwebhook = "http://127.0.0.1:{hook.server_port}/page"\n')
    token = cordon.add_tenant("acme")
    serving = Server(cordon)
    assert serving.post("/v1/events", events("one"), token)[0] == 200
    _, [value] = draw(cordon, "email")
    # It is looked for from the next second on: each body is another request.
    for n in range(100_000):
        assert serving.post("/v1/events", events(f"note {n} {value}"), token)[0] == 200
        if b"\ncordon_pages_total 0\n" not in serving.get("/metrics"):
            break
    serving.stop()
    assert b"page tenant=acme reason=canary" in serving.log
    assert told(hook)[0]["reason"] == "canary"
    clean_of(cordon, [value])


def test_known_secrets_are_imported_as_digests(cordon, tmp_path):
    draws = random.Random(21)
    secrets = {name: "".join(draws.choice(ALNUM) for _ in range(18)) for name in "abcd"}
    cordon.add_tenant("acme")
    plain = f"{secrets['a']}\nshort\n".encode()
    done = cordon.run("known", "import", "-", stdin=plain)
    assert b"imported 2 secrets as lines: 1 new, 1 left out" in done.stderr
    env = tmp_path / ".env"
    env.write_text(f"PORT=8080\nDB_URL=postgres://app:{secrets['b']}@db/x\nAPI_KEY='{secrets['c']}'\n")
    assert b"2 secrets as env: 2 new" in cordon.run("known", "import", env).stderr
    assert b": 0 new" in cordon.run("known", "import", env).stderr
    listing = {"data": {"data": {"db": {"password": secrets["d"]}}, "metadata": {"version": 1}}}
    done = cordon.run("known", "import", "-", stdin=json.dumps(listing).encode())
    assert b"1 secrets as vault: 1 new" in done.stderr
    known = cordon.json("known", "list", "--json")["known"]
    assert sorted(row["name"] for row in known) == ["API_KEY", "DB_URL", "db.password", "line 1"]
    for value in secrets.values():
        line = json.dumps({"level": "error", "service": "shop", "message": f"seen <{value}>, 8080"})
        cordon.run("ingest", "--tenant", "acme", stdin=line.encode())
        out = cordon.run("redact", "--tenant", "acme", stdin=f"seen <{value}>, 8080".encode()).stdout
        assert out == b"seen <[removed:known_secret]>, 8080"
    removed = cordon.json("status", "--json")["removed"]
    assert {"class": "A", "rule": "known_secret", "count": 4} in removed, removed
    clean_of(cordon, secrets.values())
    [row] = [row for row in known if row["name"] == "API_KEY"]
    cordon.run("known", "remove", row["id"])
    assert len(cordon.json("known", "list", "--json")["known"]) == 3
    done = cordon.run("known", "import", "-", "--format", "vault", stdin=b"{}", exits=(2,))
    assert b"vault" in done.stderr


@pytest.mark.parametrize("status,tries", [(400, 1), (503, 5)])
def test_a_page_is_tried_so_often_and_no_longer(cordon, tmp_path, status, tries):
    class Refusing(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = listen(Refusing)
    server.bodies = []
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(f'[pages]\nwebhook = "http://127.0.0.1:{server.server_port}/page"\n')
    cordon.add_tenant("acme")
    _, [value] = draw(cordon, "password")
    done = cordon.run("redact", "--tenant", "acme", stdin=f"a {value}\n".encode())
    assert done.stdout == b"[removed:canary]\n" and b"page not delivered" in done.stderr
    assert len(server.bodies) == tries and len(set(server.bodies)) == 1
    server.shutdown()
    blobs = [("page", body) for body in server.bodies] + [("output", b) for b in cordon.said]
    assert search([{"kind": "canary", "value": value}], blobs) == []


def test_controls_are_for_those_with_a_grant(cordon):
    cordon.add_tenant("acme")
    eve = {"USER": "eve", "LOGNAME": "eve"}
    for words in [("canary", "add", "email"), ("canary", "list"), ("canary", "check"),
                  ("known", "list"), ("known", "import", "-"), ("schema", "learn", "--tenant", "acme")]:
        done = cordon.run(*words, stdin=b"", exits=(4,), env=eve)
        assert (done.stdout, done.stderr) == (b"", b"refused: grant_missing\n"), words
