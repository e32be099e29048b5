"""Files that are followed, and a journal: every line once, whatever happens to file and server."""

import json
import logging
import logging.handlers
import random
import re
import shutil
import subprocess
import sys
import threading
import time

from conftest import Cordon, Server
from leaks import files_under, search
from test_durability import word
from test_wall import attribute, secret

SETTLE_S_MAX = 60
LOOK_S = 0.1
FORMAT = "%(asctime)s %(levelname)s [%(threadName)s] shop.app: %(message)s"
KILLS = 4


def followed(tmp_path, paths):
    """A data directory with a tenant whose files are followed, and the folder of its logs."""
    logs = tmp_path / "logs"
    logs.mkdir()
    config = tmp_path / "cordon.toml"
    config.write_text(
        f'[[listen.file]]\npaths = ["{logs}/{paths}"]\ntenant = "acme"\nservice = "shop"\n'
        'start_at = "beginning"\nformat = "auto"\n'
    )
    cordon = Cordon(tmp_path / "data", config)
    cordon.add_tenant("acme")
    return cordon, logs


def durable(server):
    """Events that are durable since the server began."""
    text = server.get("/metrics").decode()
    return int(re.search(r"^cordon_spine_durable_events_total (\d+)$", text, re.M).group(1))


def until(condition):
    """Waits for what other processes do."""
    deadline = time.monotonic() + SETTLE_S_MAX
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(LOOK_S)


def steps(cordon):
    """The words of steps that failed, and how often each is stored."""
    found = {}
    for group in cordon.json("list", "--json")["fingerprints"]:
        parts = group["title"].split()
        if "step" in parts:
            found[parts[parts.index("step") + 1]] = group["count"]
    return found


def now():
    """The time as lines have it: what is older than the store keeps is deleted."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())


def no_trace_of(cordon, value):
    """Searches all that was written and said."""
    blobs = [*files_under(cordon.data), *(("output", b) for b in cordon.said)]
    assert search([{"kind": "planted", "value": value}], blobs) == []


def test_every_line_once_through_rotation_and_kill_9(tmp_path):
    draw = random.Random(11)
    cordon, logs = followed(tmp_path, "app.log*")
    planted = secret(draw)
    handler = logging.handlers.RotatingFileHandler(logs / "app.log", maxBytes=2000, backupCount=99)
    handler.setFormatter(logging.Formatter(FORMAT))
    logger = logging.Logger("shop.app")
    logger.addHandler(handler)
    written = []

    def write(count):
        for _ in range(count):
            name = word(len(written))
            logger.error("step %s failed", name)
            logger.info("signed in with token=%s", planted)
            written.append(name)

    write(20)
    for _ in range(KILLS):
        server = Server(cordon)
        writer = threading.Thread(target=write, args=(40,))
        writer.start()
        if draw.random() < 0.7:
            until(lambda: durable(server) > 0)
        threading.Event().wait(draw.uniform(0, 0.4))
        server.kill()
        writer.join(60)
    server = Server(cordon)
    until(lambda: set(written) <= set(steps(cordon)))
    server.stop()
    found = steps(cordon)
    assert set(found) == set(written)
    assert {name: n for name, n in found.items() if n != 1} == {}, "stored twice"
    assert len(list(logs.iterdir())) > 3, "files were rotated"
    no_trace_of(cordon, planted)


def test_every_line_once_where_a_copy_is_made_and_truncated(tmp_path):
    cordon, logs = followed(tmp_path, "app.log")
    path, written = logs / "app.log", []
    path.touch()
    for part in range(4):
        server = Server(cordon)
        with path.open("a") as file:
            for _ in range(10):
                written.append(word(len(written)))
                file.write(f"{now()} ERROR shop: step {written[-1]} failed\n")
        # What was not read before the truncation could not be read after it.
        until(lambda: set(written) <= set(steps(cordon)))
        shutil.copy(path, logs / f"copy-{part}")
        path.open("w").close()
        server.kill() if part % 2 else server.stop()
    assert steps(cordon) == {name: 1 for name in written}


PYTHON = """
def charge(order):
    return 1 / (order - order)

try:
    charge(8)
except ZeroDivisionError as error:
    raise RuntimeError("no total") from error
"""
NODE = """
function charge(order) {
  return order.total.amount;
}
charge({});
"""


def test_a_crash_of_a_real_program_is_one_event(tmp_path):
    cordon, logs = followed(tmp_path, "*.log")
    (tmp_path / "charge.py").write_text(PYTHON)
    (tmp_path / "charge.js").write_text(NODE)
    server = Server(cordon)
    for name, words in (
        ("python", [sys.executable, tmp_path / "charge.py"]),
        ("node", ["node", tmp_path / "charge.js"]),
    ):
        with (logs / f"{name}.log").open("a") as log:
            log.write("listening on 8080\n")
            log.flush()
            assert subprocess.run(words, stderr=log, timeout=60).returncode != 0
            log.write("listening on 8080\n")
    until(lambda: durable(server) >= 6)
    server.stop()
    groups = cordon.json("list", "--json")["fingerprints"]
    failures = {g["title"].split(":")[0].split()[0]: g["count"] for g in groups
                if g["id"].startswith("fp_")}
    assert failures == {"RuntimeError": 1, "TypeError": 1}, groups


def test_lines_of_containers_are_unwrapped(tmp_path):
    cordon, logs = followed(tmp_path, "*.log")
    lines = ["Traceback (most recent call last):", '  File "a.py", line 1, in charge', "KeyError: 'x'"]
    at = f"{now()}.123456789Z"
    docker = [json.dumps({"log": f"{line}\n", "stream": "stderr", "time": at}) for line in lines]
    (logs / "docker.log").write_text("\n".join(docker) + "\n")
    cut = [(f"{at} stderr P {line[:9]}", f"{at} stderr F {line[9:]}") for line in lines]
    (logs / "cri.log").write_text("\n".join(part for two in cut for part in two) + "\n")
    server = Server(cordon)
    until(lambda: durable(server) >= 2)
    server.stop()
    groups = cordon.json("list", "--json")["fingerprints"]
    assert [(g["title"].split(":")[0].split()[0], g["count"]) for g in groups] == [("KeyError", 2)]


def entry(number, message, **more):
    """One entry of a journal in the export format."""
    fields = {
        "__CURSOR": f"s=abc;i={number:x};b=def",
        "__REALTIME_TIMESTAMP": str(1704164645000000 + number),
        "PRIORITY": "3", "_SYSTEMD_UNIT": "shop.service", "_PID": "12", "_HOSTNAME": "web-1",
        "MESSAGE": message, **more,
    }
    out = b""
    for name, value in fields.items():
        raw = value.encode()
        if b"\n" in raw:
            out += name.encode() + b"\n" + len(raw).to_bytes(8, "little") + raw + b"\n"
        else:
            out += name.encode() + b"=" + raw + b"\n"
    return out + b"\n"


def test_a_journal_is_read_once_and_its_cursor_kept(cordon, tmp_path):
    cordon.add_tenant("acme")
    planted = secret(random.Random(12))
    cursor = tmp_path / "cursor"
    journal = [
        entry(1, "Traceback (most recent call last):"),
        entry(2, '  File "a.py", line 1, in charge'),
        entry(3, "KeyError: 'x'"),
        entry(4, f"step {word(4)} failed", TOKEN=planted),
        entry(5, f"two\nlines with token={planted}", PRIORITY="6"),
        entry(6, f"step {word(6)} failed", CODE_FILE="a.py", CODE_LINE="3"),
    ]
    words = ["ingest", "--tenant", "acme", "--format", "journald", "--cursor-file", cursor]
    done = cordon.run(*words, stdin=b"".join(journal))
    assert b"ingested 4 events, refused 0 lines" in done.stderr
    assert cursor.read_text() == "s=abc;i=6;b=def"
    # What is read again is known again.
    cordon.run(*words, stdin=b"".join(journal[3:]))
    as_json = [json.dumps({"__CURSOR": "s=abc;i=9", "PRIORITY": "3", "_PID": "12",
                           "MESSAGE": list(f"step {word(9)} failed".encode())})]
    cordon.run("ingest", "--tenant", "acme", "--format", "journald-json",
               stdin="\n".join(as_json).encode())
    assert steps(cordon) == {word(4): 1, word(6): 1, word(9): 1}
    groups = cordon.json("list", "--json")["fingerprints"]
    assert [g["count"] for g in groups if g["title"].startswith("KeyError")] == [1]
    no_trace_of(cordon, planted)


def test_a_cursor_is_kept_while_entries_come_without_a_pause(cordon, tmp_path):
    cordon.add_tenant("acme")
    cursor = tmp_path / "cursor"
    process = subprocess.Popen(
        cordon.command("ingest", "--tenant", "acme", "--format", "journald",
                       "--cursor-file", cursor),
        stdin=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    number = 0

    def written():
        nonlocal number
        number += 1
        process.stdin.write(entry(number, "ready", PRIORITY="6"))
        process.stdin.flush()
        return cursor.exists()

    until(written)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert cursor.read_text() == f"s=abc;i={number:x};b=def"


def contract(tenant, message):
    """A line of the log contract."""
    return json.dumps({"schema": "cordon.log/1", "timestamp": f"{now()}Z", "level": "error",
                       "component": "shop", "tenant_id": tenant, "message": message}) + "\n"


def test_a_line_of_another_tenant_is_left_out(tmp_path):
    cordon, logs = followed(tmp_path, "*.log")
    lines = contract("acme", "step one failed") + contract("bank", "step two failed")
    for form in ("auto", "json", "docker"):
        done = cordon.run("ingest", "--tenant", "acme", "--format", form,
                          stdin=lines.encode(), exits=(1,))
        assert b"ingested 1 events, refused 1 lines" in done.stderr
    (logs / "app.log").write_text(lines)
    server = Server(cordon)
    metrics = []

    def counted():
        metrics[:] = server.get("/metrics").decode().splitlines()
        return 'cordon_receive_files_lost_records_total{reason="other_tenant"} 1' in metrics

    until(counted)
    server.stop()
    assert "cordon_receive_files_followed 1" in metrics
    assert "cordon_receive_files_events_total 1" in metrics
    assert set(steps(cordon)) == {"one"}


def test_no_beginning_of_a_secret_is_left_where_a_line_is_cut(cordon):
    cordon.add_tenant("acme")
    token = secret(random.Random(5))
    lines = [
        # A piece of a line whose rest never came.
        f"{now()}.5Z stderr F level=error step one failed",
        f"{now()}.5Z stderr P level=error step two failed of {token[:12]}",
    ]
    cordon.run("ingest", "--tenant", "acme", "--format", "cri", stdin="\n".join(lines).encode())
    titles = {group["title"] for group in cordon.json("list", "--json")["fingerprints"]}
    assert len(titles) == 2 and any("two failed of" in title for title in titles)
    no_trace_of(cordon, token[:6])


def test_a_time_without_a_zone_has_the_one_that_is_given(cordon):
    cordon.add_tenant("acme")
    for words in (["--zone", "+02:00"], ["--service", "shop"], ["--cursor-file", "x"]):
        done = cordon.run("ingest", "--tenant", "acme", *words, stdin=b"", exits=(2,))
        assert b"it goes with --format" in done.stderr
    words = ["ingest", "--tenant", "acme", "--format", "text", "--zone", "-03:30"]
    done = cordon.run(*words, stdin=f"{now()} ERROR app: step {word(1)} failed\n".encode())
    assert b"ingested 1 events" in done.stderr


def test_a_traceback_on_stdin_is_one_event(cordon):
    cordon.add_tenant("acme")
    text = "2024-01-02 03:04:05,678 ERROR app charge failed\n" \
           "Traceback (most recent call last):\n" \
           '  File "a.py", line 1, in charge\n' \
           "KeyError: 'x'\n2024-01-02 03:04:06,678 INFO app next\n"
    done = cordon.run("ingest", "--tenant", "acme", "--format", "text", stdin=text.encode())
    assert b"ingested 2 events" in done.stderr


def logs_of(lines):
    """OTLP/JSON of log records, one a line."""
    records = [{"body": {"stringValue": line}} for line in lines]
    resource = {"attributes": [attribute("service.name", "shop")]}
    return json.dumps({"resourceLogs": [
        {"resource": resource, "scopeLogs": [{"logRecords": records}]}]}).encode()


def test_a_private_key_over_three_requests_is_removed(cordon, serving):
    token = cordon.add_tenant("acme")
    draw = random.Random(13)
    label = "PRIVATE " + "KEY"
    letters = "abcdefghijklmnopqrstuvwxyz"
    rows = ["".join(draw.choice(letters) for _ in range(48)) for _ in range(5)]
    parts = [
        ["reading key", f"-----BEGIN {label}-----", rows[0]],
        [*rows[1:3], "GET /a 200", rows[3]],
        [rows[4], f"-----END {label}-----", "done"],
    ]
    headers = {"Content-Type": "application/json"}
    for part in parts:
        assert serving.post("/v1/logs", logs_of(part), token, headers)[0] == 200
    serving.stop()
    removed = cordon.json("status", "--json")["removed"]
    lines = [row["count"] for row in removed if row["rule"] == "private_key.line"]
    assert lines and lines[0] >= 5, removed
    shown = cordon.run("list", "--json").stdout + cordon.run("ask", "what failed in shop?").stdout
    assert not any(row.encode() in shown for row in rows)


def test_lines_of_a_trace_in_one_request_are_one_event(cordon, serving):
    token = cordon.add_tenant("acme")
    lines = ["Traceback (most recent call last):", '  File "a.py", line 1, in charge', "KeyError: 'x'"]
    headers = {"Content-Type": "application/json"}
    assert serving.post("/v1/logs", logs_of([*lines, "next"]), token, headers)[0] == 200
    events = [json.dumps({"message": line, "logger": "a"}) for line in lines]
    assert serving.post("/v1/events", "\n".join(events).encode(), token)[0] == 200
    assert durable(serving) == 3
    serving.stop()


def test_what_is_wrong_with_the_configuration_is_told(tmp_path):
    cordon, _ = followed(tmp_path, "*.log")
    told = cordon.config.read_text().replace('"auto"', '"xml"')
    cordon.config.write_text(told)
    assert b"xml" in cordon.run("serve", exits=(2,)).stderr
