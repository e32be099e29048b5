"""The commands' contracts, as a shell sees them."""

import http.server
import json
import random
import shutil
import sqlite3
import subprocess

from conftest import Cordon, Server
from test_alarms import listen
from test_wall import events, secret


def test_redact_needs_nothing(cordon):
    key = secret(random.Random(1))
    lines = [f"user a.kern@mail.example.org logged in", f"token={key}", "all is well", ""]
    done = cordon.run("redact", stdin="\n".join(lines).encode())
    out = done.stdout.decode().split("\n")
    assert len(out) == len(lines)
    assert out[2] == "all is well"
    assert key not in done.stdout.decode() and "a.kern" not in done.stdout.decode()
    assert not cordon.data.exists(), "no configuration, no data directory"


def test_redact_keeps_json_valid_and_in_order(cordon):
    key = secret(random.Random(2))
    rows = [{"id": 7, "note": f"key {key}", "n": 1.50}, "plain " + key, {"a": {"password": "hunter22x"}}]
    text = "\n".join(json.dumps(row) for row in rows) + "\n"
    done = cordon.run("redact", "--format", "json", stdin=text.encode())
    out = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert [type(row) for row in out] == [dict, str, dict]
    assert out[0]["id"] == 7 and list(out[0]) == ["id", "note", "n"]
    assert key not in done.stdout.decode() and "hunter22x" not in done.stdout.decode()


def test_redact_catches_a_key_over_lines(cordon):
    label = "PRIVATE " + "KEY"
    rows = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"] * 3
    text = "\n".join(["before", f"-----BEGIN {label}-----", *rows, f"-----END {label}-----", "after"])
    out = cordon.run("redact", stdin=text.encode()).stdout.decode()
    assert rows[0] not in out
    assert len(out.split("\n")) == len(text.split("\n"))
    assert out.startswith("before\n") and out.endswith("after")


def test_redact_takes_bytes_as_they_arrive(cordon):
    key = secret(random.Random(4))
    label = "PRIVATE " + "KEY"
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
    lines = ["é one", f"token={key}\r", f"wrapped {key[:24]}", key[24:], f"-----BEGIN {label}-----",
             body, "c2hvcnQ=", f"-----END {label}-----", json.dumps({"password": "hunter22x"}), "end"]
    text = b"\xff\xe2\x82 " + "\n".join(lines).encode()
    whole = cordon.run("redact", stdin=text).stdout
    process = subprocess.Popen(cordon.command("redact"), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, bufsize=0)
    for at in range(len(text)):
        process.stdin.write(text[at:at + 1])
    out, _ = process.communicate()
    assert out == whole
    assert out.count(b"\n") == text.count(b"\n")
    for part in (key[:24], key[24:], "c2hvcnQ", "hunter22x"):
        assert part not in out.decode()


def test_redact_lets_a_line_out_when_nothing_follows(cordon):
    key = secret(random.Random(5))
    process = subprocess.Popen(cordon.command("redact"), stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, bufsize=0)
    process.stdin.write(b"all is well\n")
    assert process.stdout.readline() == b"all is well\n"
    # A line that a token may go on below is held, but not for ever.
    process.stdin.write(f"tok {key[:24]}\n".encode())
    held = process.stdout.readline().decode()
    assert held.startswith("tok [removed:") and key[:24] not in held
    process.stdin.write(f"{key[24:]}\nend\n".encode())
    assert key[24:] not in process.stdout.readline().decode()
    assert process.stdout.readline() == b"end\n"
    process.stdin.close()
    assert process.wait(timeout=60) == 0


def test_scan_reports_without_values(cordon, tmp_path):
    key = secret(random.Random(3))
    (tmp_path / "a.log").write_text(f"fine\nkey {key}\n")
    done = cordon.run("scan", tmp_path / "a.log", "--json", exits=(1,))
    assert key not in done.stdout.decode()
    [finding] = json.loads(done.stdout)["findings"]
    assert (finding["line"], finding["class"]) == (2, "A")
    sarif = json.loads(cordon.run("scan", tmp_path / "a.log", "--output-format", "sarif",
                                  exits=(1,)).stdout)
    assert sarif["version"] == "2.1.0" and sarif["runs"][0]["results"]
    (tmp_path / "b.log").write_text("all is well\n")
    cordon.run("scan", tmp_path / "b.log", exits=(0,))


def test_ids_survive(cordon):
    lines = [
        "trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 deployed",
        "id 123e4567-e89b-12d3-a456-426614174000 v1.24.3 at 2026-11-20T03:12:44.123Z",
        "took 1700000000123 ns, 42 retries, exit code 137",
        "total_tokens=1742 author=kim token_type=Bearer",
        "Invalid password for user",
        "clone git@github.com:acme/shop.git",
    ]
    out = cordon.run("redact", stdin="\n".join(lines).encode()).stdout.decode().split("\n")
    assert out == lines


def test_the_audit_log_tells_of_tampering(cordon):
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    for _ in range(4):
        cordon.ask("why did the cart fail?")
    cordon.run("audit", "verify")
    whole = cordon.data / "whole"
    shutil.copytree(cordon.data, whole, ignore=shutil.ignore_patterns("whole"))
    db = sqlite3.connect(whole / "ledger.db")
    entries = db.execute("SELECT count(*) FROM entries").fetchone()[0]
    db.close()
    assert entries >= 4
    tampering = [
        "UPDATE entries SET body = replace(body, '\"ask\"', '\"export\"')",
        "DELETE FROM entries WHERE seq = 1",
        f"DELETE FROM entries WHERE seq = {entries - 1}",
        "UPDATE entries SET seq = CASE seq WHEN 1 THEN -2 ELSE -1 END WHERE seq IN (1, 2);"
        "UPDATE entries SET seq = -seq WHERE seq < 0",
    ]
    for statements in tampering:
        for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm"):
            (cordon.data / name).unlink(missing_ok=True)
            if (whole / name).exists():
                shutil.copy(whole / name, cordon.data / name)
        db = sqlite3.connect(cordon.data / "ledger.db")
        db.executescript(statements)
        db.close()
        assert cordon.run("audit", "verify", exits=(1,)).stdout, statements


def test_a_spent_budget_refuses(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text("[budget]\nclass_c_bytes = 6000\n")
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    codes = []
    for _ in range(40):
        done = cordon.run("ask", "why did the cart fail?", exits=(0, 4))
        codes.append(done.returncode)
        if done.returncode == 4:
            assert done.stdout == b"" and b"budget" in done.stderr
    assert codes[0] == 0 and codes[-1] == 4


def test_an_unknown_key_is_an_error_with_the_known_ones(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text("[server]\nlisten_on = 1\n")
    done = cordon.run("status", exits=(2,))
    assert b"listen_on" in done.stderr and b"`listen`" in done.stderr


def test_a_checkpoint_kept_elsewhere_shows_a_log_that_began_anew(cordon, tmp_path):
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=b'{"level":"error","message":"disk full"}')
    cordon.run("ask", "what failed?")
    kept = tmp_path / "checkpoint"
    kept.write_bytes(cordon.run("audit", "checkpoint").stdout)
    cordon.run("list")
    assert b"intact" in cordon.run("audit", "verify", "--against", kept).stdout
    # Without the log the data does not open: its budgets and grants are gone with it.
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "checkpoint"):
        (cordon.data / name).unlink(missing_ok=True)
    refused = cordon.run("tenant", "add", "acme", "--region", "eu", exits=(2,))
    assert b"not the log of its checkpoint" in refused.stderr, refused.stderr
    # Who has the keys too can begin anew, and is found out by what was kept.
    (cordon.data / "keys" / "audit-checkpoint").unlink()
    (cordon.data / "ledger.db").unlink()
    (cordon.data / "checkpoint").unlink(missing_ok=True)
    cordon.run("tenant", "add", "acme", "--region", "eu")
    found = cordon.run("audit", "verify", "--against", kept, exits=(1,))
    assert b"audit_forked" in found.stdout or b"audit_truncated" in found.stdout


EVE = {"USER": "eve", "LOGNAME": "eve"}


def test_no_command_gives_a_tenant_to_whoever_has_no_grant(cordon):
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    cordon.run("ask", "why did the cart fail?")
    before = cordon.json("status", "--json")["counts"]
    for words in [("redact", "--tenant", "acme"), ("ingest", "--tenant", "acme"), ("status",)]:
        done = cordon.run(*words, stdin=events("two"), exits=(4,), env=EVE)
        assert (done.stdout, done.stderr) == (b"", b"refused: grant_missing\n"), words
    assert cordon.json("status", "--json")["counts"] == before
    assert cordon.run("tenant", "list", env=EVE).stdout == b""
    assert cordon.run("tenant", "list").stdout == b"acme\teu\n"
    shown = cordon.run("audit", "show", env=EVE).stdout
    assert b"acme" not in shown and b"audit_read" in shown
    rows = audit(cordon)
    assert {row["tenant"] for row in rows} == {"acme", None}
    refused = [row["action"] for row in rows if row["decision"] == "grant_missing"]
    assert sorted(refused) == ["export", "ingest", "redact"]


def audit(cordon):
    """The entries that the operator may read."""
    return [json.loads(line) for line in cordon.run("audit", "show").stdout.splitlines()]


def test_a_tenants_pseudonyms_and_counts_are_audited(cordon):
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    cordon.run("redact", "--tenant", "acme", stdin=b"all is well\n")
    said = cordon.run("status").stdout
    listed = cordon.json("list", "--json")["fingerprints"]
    rows = audit(cordon)
    assert [r["tenant"] for r in rows if r["decision"] == "redacted"] == ["acme"]
    [counted] = [row for row in rows if row["decision"] == "counted"]
    assert counted["amount_bytes"] == len(said) and counted["digest"]
    [shown] = [row for row in rows if row["decision"] == "listed"]
    assert shown["evidence"] == [row["id"] for row in listed]


def test_a_line_of_stdin_is_never_a_duplicate(cordon, tmp_path):
    cordon.add_tenant("acme")
    (tmp_path / "log").write_bytes(events("one") + b"\n")
    for _ in range(2):
        cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
        cordon.run("ingest", "--tenant", "acme", tmp_path / "log")
    counts = cordon.json("status", "--json")["counts"]
    assert (counts["received"], counts["duplicate"]) == (4, 1)


def test_a_webhook_that_redirects_is_not_followed(cordon, tmp_path):
    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(self.server.status)
            for name, value in self.server.says:
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    hook, other = listen(Elsewhere), listen(Elsewhere)
    hook.bodies, other.bodies = [], []
    hook.status, other.status = 307, 200
    hook.says, other.says = [("Location", f"http://127.0.0.1:{other.server_port}/page")], []
    (tmp_path / "canaries").write_text("canary-tulip-garden\n")
    (tmp_path / "canaries").chmod(0o600)
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(
        f'[redaction]\ncanaries = "{tmp_path / "canaries"}"\n'
        f'[pages]\nwebhook = "http://127.0.0.1:{hook.server_port}/page"\n'
    )
    done = cordon.run("redact", stdin=b"a canary-tulip-garden b\n")
    assert b"canary-tulip" not in done.stdout and b"page not delivered" in done.stderr
    assert len(hook.bodies) > 1 and other.bodies == []
    hook.shutdown()
    other.shutdown()


def test_scan_holds_the_policy_and_goes_on_behind_an_unreadable_file(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text('[redaction.dictionary]\nterms = ["Project Umbra"]\n')
    (tmp_path / "a.log").write_text('{"user": {"note": "of project umbra"}}\nof Project Umbra\n')
    words = ("scan", tmp_path / "gone.log", tmp_path / "a.log")
    done = cordon.run(*words, "--json", exits=(2,))
    found = json.loads(done.stdout)["findings"]
    assert [(row["line"], row["path"]) for row in found] == [(1, ".user.note"), (2, "")]
    assert b"gone.log" in done.stderr and b"a.log" not in done.stderr
    text = cordon.run(*words, exits=(2,)).stdout
    assert b":1: class " in text and b" in .user.note at " in text
    sarif = json.loads(cordon.run("scan", tmp_path / "a.log", "--output-format", "sarif",
                                  exits=(1,)).stdout)
    assert sarif["runs"][0]["properties"] == {"unlisted": 0}


def test_fingerprint_reads_events_and_goes_on_behind_a_bad_line(cordon):
    event = {"level": "error", "message": "x", "exception": {"type": "KeyError", "message": "k"}}
    lines = [
        json.dumps({"id": 7, "text": "disk full"}), "no json", json.dumps({"id": "b"}),
        json.dumps({"id": "c", "event": event}),
    ]
    done = cordon.run("fingerprint", stdin="\n".join(lines).encode(), exits=(1,))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == [7, None, "b", "c"]
    assert [row.get("error") for row in rows] == [None, "json_malformed", "json_shape", None]
    assert rows[0]["fingerprint"].startswith("tpl_")
    assert rows[3]["fingerprint"].startswith("fp_") and rows[3]["type"] == "KeyError"


def test_fingerprints_are_explained_and_grouped_by_rules(cordon, tmp_path):
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/home/grace/shop/api.py", line 3, in post\n    total(cart)\n'
        '  File "/home/grace/shop/shop/cart.py", line 9, in total\n    return cart["sku"]\n'
        "KeyError: 'sku'\n"
    )
    cause = (
        'Traceback (most recent call last):\n  File "/app/db.py", line 1, in one\n'
        "ValueError: 1\n\nThe above exception was the direct cause of the following exception:\n\n"
    )
    texts = [trace, cause + trace, json.dumps({"stack": trace.replace("/home/grace/shop", "/app")})]
    stdin = "\n".join(json.dumps({"id": i, "text": t}) for i, t in enumerate(texts)).encode()

    def rows(*words):
        done = cordon.run("fingerprint", *words, stdin=stdin)
        return [json.loads(line) for line in done.stdout.splitlines()]

    plain = rows()
    ids = [row["fingerprint"] for row in plain]
    assert ids[0] == ids[2] != ids[1] and "explain" not in plain[0]
    explained = rows("--explain")
    assert "frame cart.total: innermost in-app frame" in explained[0]["explain"]
    merged = rows("--merge")
    into = {row["fingerprint"]: row.get("merged_into") for row in merged}
    assert into == {max(ids): min(ids), min(ids): None}
    rules = tmp_path / "grouping.rules"
    rules.write_text("# the cart only looks up\nfunction:total -group\n")
    config = tmp_path / "cordon.toml"
    config.write_text(f'[fingerprint]\nrules_file = "{rules}"\n')
    for words in [("--rules", rules), ("--config", config)]:
        row = rows(*words, "--explain")[0]
        assert "rule in line 2: function:total -group" in row["explain"]
        assert row["fingerprint"] not in ids
    text = cordon.run("fingerprint", "--output-format", "text", stdin=stdin).stdout
    assert b"* total shop/cart.py:9" in text and b"grace" not in text
    rules.write_text("function:total -grup\n")
    done = cordon.run("fingerprint", "--rules", rules, stdin=stdin, exits=(2,))
    assert b"line 1, column 16: rule_matcher" in done.stderr


def test_wrong_usage_is_named(cordon, tmp_path):
    gone = tmp_path / "gone"
    for words, said in [
        (("repro", "fp_a", "--source", gone), str(gone).encode()),
        (("repro", "fp_a", "--source", tmp_path, "--python", gone), str(gone).encode()),
        (("demo", "--python", gone), str(gone).encode()),
        (("tenant", "add", "acme", "--region", "EU"), b"region"),
    ]:
        done = cordon.run(*words, exits=(2,))
        assert said in done.stderr and done.stdout == b"", words
    assert not cordon.data.exists()
    cordon.add_tenant("acme")
    Cordon(cordon.data / "data").add_tenant("demo")
    again = cordon.run("demo", exits=(2,))
    assert str(cordon.data).encode() in again.stderr and b"give --data" in again.stderr
    again = cordon.run("tenant", "add", "acme", "--region", "eu", exits=(2,))
    assert b"acme" in again.stderr and b"exists" in again.stderr


def test_a_directory_of_tenants_that_cannot_be_read_is_no_wrong_token(cordon):
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    db = sqlite3.connect(cordon.data / "ledger.db")
    db.execute("ALTER TABLE tenants RENAME TO gone")
    status, headers, _ = server.post("/v1/events", events("one"), token)
    assert status == 503 and int(headers["retry-after"]) > 0
    db.execute("ALTER TABLE gone RENAME TO tenants")
    db.close()
    assert server.post("/v1/events", events("one"), token)[0] == 200
    server.stop()


def test_listening_beyond_loopback_is_warned_of(cordon):
    server = Server(cordon, listen="0.0.0.0:0")
    server.stop()
    assert b"TLS" in server.log
    server = Server(cordon)
    server.stop()
    assert b"TLS" not in server.log


def test_ingest_says_that_lines_were_refused(cordon):
    cordon.add_tenant("acme")
    done = cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    assert b"ingested 1 events, refused 0 lines" in done.stderr
    lines = [events("two"), b"tulip-garden no json", b'["tulip-garden"]', events("three")]
    done = cordon.run("ingest", "--tenant", "acme", stdin=b"\n".join(lines), exits=(1,))
    assert b"ingested 2 events, refused 2 lines" in done.stderr
    assert b"tulip" not in done.stderr
    # What was good is stored.
    assert cordon.json("status", "--json")["counts"]["received"] == 3
