"""What was held back: listed and shown without values, let in by two people, dropped, run again."""

import base64
import json
import sqlite3
import time

import pytest
from conftest import Cordon, Server
from leaks import files_under, search

# The second scan takes this for an address and the first does not: a late hit.
HELD = "a@-." + "com"
WORD = "quaggamarker"
ANN, BOB, EVE = ({"USER": name} for name in ("ann", "bob", "eve"))
MENDED = '[redaction.dictionary]\nfields = ["memo"]\n'


def line(n=0, **more):
    """A line whose memo is held back; its message has a word to search for."""
    return {"service": "shop", "level": "error", "message": f"{WORD} of order {n} failed",
            "memo": f"{WORD} {HELD}", **more}


@pytest.fixture
def lane(cordon):
    """Tenant `acme` with two operators, `ann` and `bob`."""
    cordon.run("tenant", "add", "acme", "--region", "eu", env=ANN)
    cordon.said.clear()  # the token is printed on purpose
    cordon.run("tenant", "grant", "bob", "--tenant", "acme", env=ANN)
    return cordon


def hold(cordon, *lines):
    """Sends lines; the items that are in quarantine then."""
    body = "".join(json.dumps(row) + "\n" for row in lines or (line(),))
    cordon.run("ingest", "--tenant", "acme", stdin=body.encode(), env=ANN)
    return items(cordon)


def items(cordon, *words, env=ANN):
    listed = cordon.json("quarantine", "list", "--tenant", "acme", "--json", *words, env=env)
    assert (listed["schema"], listed["version"]) == ("cordon.quarantine", 1)
    return listed["items"]


def act(cordon, what, identifier, *words, env=ANN, exits=(0,)):
    """Runs a command on one item; its outcome."""
    done = cordon.run("quarantine", what, identifier, "--tenant", "acme", "--json", *words,
                      env=env, exits=exits)
    told = json.loads(done.stdout)
    assert told["schema"] == f"cordon.quarantine.{what}" and told["version"] == 1
    return told["items"][0]["outcome"]


def status(cordon):
    """What became of everything; the equation has to close."""
    told = cordon.json("status", "--tenant", "acme", "--json", env=ANN)
    counts = dict(told["counts"])
    assert counts.pop("received") == sum(counts.values()) and told["balanced"], told
    return told


def decisions(cordon):
    shown = cordon.run("audit", "show", env=ANN).stdout.splitlines()
    rows = [json.loads(row) for row in shown]
    return [(row["actor"], row["decision"]) for row in rows if row["action"] == "quarantine"]


def nowhere(cordon, *values):
    """No file of the data directory, and nothing that was printed, holds one of these."""
    blobs = [*files_under(cordon.data), *(("output", said) for said in cordon.said)]
    assert search([{"kind": "planted", "value": value} for value in values], blobs) == []


def test_items_are_listed_and_shown_without_values(lane):
    [item] = hold(lane, line(), {"service": "shop", "message": "fine"})
    expect = {"reason": "late_hit", "rule": "late.email", "source": "shop", "kind": "log",
              "state": "held", "release_requested": None, "sealed_raw_until_unix_s": None}
    assert {name: item[name] for name in expect} == expect
    assert item["expires_unix_s"] * 10**9 > item["received_unix_ns"] + 30 * 86_400 * 10**9
    assert items(lane, "--reason", "canary") == []
    assert len(items(lane, "--reason", "late_hit", "--limit", "5")) == 1
    shown = lane.json("quarantine", "show", item["id"][:8], "--json", env=ANN)
    assert shown["schema"] == "cordon.quarantine.item" and shown["version"] == 1
    assert "body" in shown["paths"] and shown["removed"] == [] and shown["approvers"] == []
    text = lane.run("quarantine", "show", item["id"], env=BOB).stdout.decode()
    assert "late_hit, by rule late.email" in text and "not kept in any form" in text
    assert item["id"][:12] in lane.run("quarantine", "list", env=ANN).stdout.decode()
    nowhere(lane, WORD, HELD)
    told = decisions(lane)
    assert ("ann", "quarantine_listed") in told and ("bob", "quarantine_shown") in told


def test_a_release_takes_two_people(lane):
    [item] = hold(lane)
    lane.run("quarantine", "release", item["id"], env=EVE, exits=(4,))
    assert act(lane, "release", item["id"]) == "requested"
    [waiting] = items(lane)
    assert waiting["state"] == "release_requested"
    assert waiting["release_requested"]["operator"] == "ann"
    done = lane.run("quarantine", "release", item["id"], env=ANN, exits=(4,))
    assert b"refused: release_same_person" in done.stderr
    assert len(items(lane)) == 1, "still there"
    assert act(lane, "release", item["id"], env=BOB) == "released"
    assert items(lane) == []
    lane.run("quarantine", "release", item["id"], env=ANN, exits=(2,))
    told = status(lane)
    assert (told["released"], told["counts"]["quarantined"], told["counts"]["kept"]) == (1, 0, 1)
    # It is an event like others: it has a group and an answer finds it.
    assert b"event released from quarantine: late_hit" in lane.run("list", env=ANN).stdout
    nowhere(lane, WORD, HELD)
    said = [one for one in decisions(lane) if one[1].startswith("release")]
    assert said == [("ann", "release_requested"), ("ann", "release_same_person"),
                    ("bob", "release_approved")]
    assert ("eve", "grant_missing") in decisions(lane)
    lane.run("audit", "verify", env=ANN)


def test_a_request_lapses_and_one_behind_the_logs_back_is_none(lane):
    [item] = hold(lane)
    assert act(lane, "release", item["id"]) == "requested"
    # The ledger's clock does not run backwards: a later one is a day that has passed.
    with sqlite3.connect(lane.data / "ledger.db") as db:
        db.execute("UPDATE meta SET latest_unix_s = latest_unix_s + 86400")
    assert act(lane, "release", item["id"], env=BOB) == "requested", "the first again"
    # Bob alone cannot make Ann the one who asked.
    with sqlite3.connect(lane.data / "ledger.db") as db:
        db.execute("UPDATE release_requests SET seq = seq - 1")
    assert act(lane, "release", item["id"], env=BOB) == "requested"
    assert len(items(lane)) == 1


def test_another_tenants_item_is_none(lane):
    lane.run("tenant", "add", "globex", "--region", "eu", env=ANN)
    lane.said.pop(-2)  # the token is printed on purpose
    [item] = hold(lane)
    for words in (["show"], ["release"], ["drop", "--reason", "obsolete"]):
        done = lane.run("quarantine", words[0], item["id"], *words[1:], "--tenant", "globex",
                        env=ANN, exits=(2,))
        assert b"none of that id" in done.stderr
        lane.run("quarantine", words[0], item["id"], *words[1:], "--tenant", "globex", env=BOB,
                 exits=(4,))
    assert len(items(lane)) == 1


def test_what_is_dropped_stays_counted(lane):
    rows = hold(lane, *(line(n) for n in range(3)))
    ids = [row["id"] for row in rows]
    lane.run("quarantine", "drop", ids[0], env=ANN, exits=(2,))
    lane.run("quarantine", "drop", ids[0], "--reason", "because", env=ANN, exits=(2,))
    # A slip in one id does nothing to the others.
    lane.run("quarantine", "drop", ids[0], "0" * 32, "--reason", "test-data", env=ANN, exits=(2,))
    assert len(items(lane)) == 3
    lane.run("quarantine", "drop", ids[0], ids[1], "--reason", "test-data", env=ANN)
    assert act(lane, "drop", ids[2], "--reason", "false-alarm", env=BOB) == "dropped"
    told = status(lane)
    assert told["dropped"] == [{"reason": "false_alarm", "count": 1},
                               {"reason": "test_data", "count": 2}]
    assert (told["counts"]["dropped"], told["counts"]["quarantined"]) == (3, 0)
    assert decisions(lane).count(("ann", "dropped_test_data")) == 2


def test_items_expire(lane, tmp_path):
    [item] = hold(lane)
    with sqlite3.connect(lane.data / "store.db") as db:
        db.execute("UPDATE quarantine SET day = day - 40")
    lane.run("quarantine", "show", item["id"], env=ANN, exits=(2,))
    assert items(lane) == []
    status(lane)


@pytest.fixture
def sealed(lane, tmp_path):
    """The tenant opted in: what is held back is sealed to Ann and Bob. Eve has a key, too."""
    lane.keys = {}
    public = {}
    for name in ("ann", "bob", "eve"):
        lane.keys[name] = tmp_path / f"{name}.key"
        out = lane.run("quarantine", "keygen", "--out", lane.keys[name]).stdout
        public[name] = out.decode().strip()
        assert lane.keys[name].stat().st_mode & 0o777 == 0o600
        lane.run("quarantine", "keygen", "--out", lane.keys[name], exits=(2,))
    lane.sealing = (f'[tenant.acme.quarantine]\nseal_raw_to = ["{public["ann"]}", '
                    f'"{public["bob"]}"]\n')
    lane.config = tmp_path / "cordon.toml"
    lane.config.write_text(lane.sealing)
    return lane


def rerun(cordon, identifier, *names, exits=(0,), env=ANN):
    words = [word for name in names for word in ("--key", cordon.keys[name])]
    return act(cordon, "rerun", identifier, *words, env=env, exits=exits)


def test_what_was_sealed_runs_again_once_a_rule_is_mended(sealed):
    [item] = hold(sealed, line(7))
    assert item["sealed_raw_until_unix_s"] > time.time() + 23 * 3_600
    shown = sealed.json("quarantine", "show", item["id"], "--json", env=ANN)
    assert len(shown["approvers"]) == 2
    # The raw event is on disk as ciphertext alone; and no private key is told.
    private = [path.read_text().strip() for path in sealed.keys.values()]
    nowhere(sealed, WORD, HELD, *private)
    assert rerun(sealed, item["id"], "ann", "bob", exits=(1,)) == "held", "nothing was mended"
    assert len(items(sealed)) == 1
    sealed.config.write_text(MENDED + sealed.sealing)
    assert rerun(sealed, item["id"], "bob", "ann") == "admitted"
    assert items(sealed) == []
    told = status(sealed)
    assert (told["counts"]["kept"], told["counts"]["rerun"]) == (1, 1)
    assert f"{WORD} of order".encode() in sealed.run("list", env=ANN).stdout
    sealed.said.pop(-2)
    nowhere(sealed, WORD, HELD, *private)
    said = [decision for _, decision in decisions(sealed) if decision.startswith("rerun")]
    assert said == ["rerun_opened", "rerun_held", "rerun_opened", "rerun_admitted"]


def test_one_approver_alone_opens_nothing(sealed):
    sealed.config.write_text(sealed.sealing)
    [item] = hold(sealed)
    sealed.config.write_text(MENDED + sealed.sealing)
    for names in (("ann", "ann"), ("bob", "bob"), ("ann", "eve"), ("eve", "bob")):
        assert rerun(sealed, item["id"], *names, exits=(4,)) == "raw_other_approvers"
    words = ["--key", sealed.keys["ann"]]
    sealed.run("quarantine", "rerun", item["id"], *words, env=ANN, exits=(2,))
    sealed.keys["ann"].chmod(0o640)
    words += ["--key", sealed.keys["bob"]]
    done = sealed.run("quarantine", "rerun", item["id"], *words, env=ANN, exits=(2,))
    assert b"chmod 600" in done.stderr
    assert len(items(sealed)) == 1


def test_a_sealed_event_that_was_changed_or_is_another_items_does_not_open(sealed):
    first, second = hold(sealed, line(1), line(2))
    sealed.config.write_text(MENDED + sealed.sealing)

    def raw(identifier):
        with sqlite3.connect(sealed.data / "store.db") as db:
            return db.execute("SELECT raw FROM quarantine WHERE event_id = ?",
                              [bytes.fromhex(identifier)]).fetchone()[0]

    def put(identifier, blob):
        with sqlite3.connect(sealed.data / "store.db") as db:
            db.execute("UPDATE quarantine SET raw = ? WHERE event_id = ?",
                       [blob, bytes.fromhex(identifier)])

    whole, other = raw(first["id"]), raw(second["id"])
    for blob in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:40], b"", other):
        put(first["id"], blob)
        assert rerun(sealed, first["id"], "ann", "bob", exits=(4,)) == "raw_damaged"
    put(first["id"], whole)
    assert rerun(sealed, first["id"], "ann", "bob") == "admitted"
    # Its time is up: it stays, as a skeleton, and can still be released or dropped.
    with sqlite3.connect(sealed.data / "store.db") as db:
        db.execute("UPDATE quarantine SET raw_until_s = 1")
    assert rerun(sealed, second["id"], "ann", "bob", exits=(4,)) == "raw_absent"
    assert act(sealed, "drop", second["id"], "--reason", "obsolete") == "dropped"


def test_of_a_canarys_batch_nothing_is_sealed(sealed):
    done = sealed.run("canary", "add", "password", env=ANN)
    sealed.said.pop(-2)  # the value is printed on purpose
    value = done.stdout.decode().strip()
    token = base64.b64encode(value.encode()).decode()
    [item] = hold(sealed, {"service": "shop", "message": f"{WORD} {token}"})
    assert (item["reason"], item["sealed_raw_until_unix_s"]) == ("canary", None)
    assert rerun(sealed, item["id"], "ann", "bob", exits=(4,)) == "raw_absent"
    nowhere(sealed, WORD, value)


def test_beside_a_running_server(sealed):
    sealed.run("tenant", "add", "globex", "--region", "eu", env=ANN)
    token = sealed.said.pop(-2).decode().strip()
    sealed.run("tenant", "grant", "bob", "--tenant", "globex", env=ANN)
    public = sealed.sealing.replace("acme", "globex")
    sealed.config.write_text(sealed.sealing + public)
    serving = Server(sealed)
    body = "".join(json.dumps(line(n)) + "\n" for n in range(3)).encode()
    assert serving.post("/v1/events", body, token)[0] == 200
    deadline = time.monotonic() + 60
    found = []
    while len(found) < 3:
        assert time.monotonic() < deadline
        found = sealed.json("quarantine", "list", "--tenant", "globex", "--json", env=ANN)["items"]
    assert all(item["sealed_raw_until_unix_s"] for item in found)
    keys = ["--key", sealed.keys["ann"], "--key", sealed.keys["bob"]]
    done = sealed.run("quarantine", "rerun", found[0]["id"], *keys, "--tenant", "globex", env=ANN,
                      exits=(3,))
    assert b"a server is running" in done.stderr
    for env in (ANN, BOB):
        sealed.run("quarantine", "release", found[0]["id"], "--tenant", "globex", env=env)
    sealed.run("quarantine", "drop", found[1]["id"], "--reason", "obsolete", "--tenant", "globex",
               env=BOB)
    serving.stop()
    told = sealed.json("status", "--tenant", "globex", "--json", env=ANN)
    counts = told["counts"]
    assert told["balanced"] and (counts["received"], counts["kept"]) == (3, 1)
    assert (counts["dropped"], counts["quarantined"]) == (1, 1)
    nowhere(sealed, WORD, HELD)


def test_a_configuration_that_cannot_seal_stops_the_start(sealed, tmp_path):
    good = sealed.sealing
    for wrong in (good.replace("cordon_approver_", "cordon_approver_x"),
                  good.split(",")[0] + "]\n", good + "raw_hours = 72\n"):
        sealed.config.write_text(wrong)
        sealed.run("status", "--tenant", "acme", env=ANN, exits=(2,))
    assert isinstance(sealed, Cordon)


def test_operators_are_made_and_unmade_by_operators(lane):
    lane.run("tenant", "grant", "eve", "--tenant", "acme", env=EVE, exits=(4,))
    lane.run("tenant", "grant", "Not A Name", "--tenant", "acme", env=ANN, exits=(2,))
    lane.run("tenant", "revoke", "ann", "--tenant", "acme", env=ANN, exits=(4,))
    [item] = hold(lane)
    assert act(lane, "release", item["id"], env=BOB) == "requested"
    lane.run("tenant", "revoke", "bob", "--tenant", "acme", env=ANN)
    lane.run("quarantine", "list", env=BOB, exits=(4,))
    assert act(lane, "release", item["id"]) == "requested", "who asked is no operator any more"
    lane.run("audit", "verify", env=ANN)
