"""`cordon diagnose --repository` and what `cordon ask` says of changes."""

import json
import random
import time

from test_changes import HANDLE, MAIL, NAME, commit, git, no_leak

START = 1_795_000_000
MONEY = "".join(f"LINE_{n} = {n}\n" for n in range(1, 60))


def with_line(number, text):
    """The file with another line of that number."""
    lines = MONEY.splitlines()
    lines[number - 1] = text
    return "\n".join(lines) + "\n"


def span(service, version, second, number, failing):
    """An export request with one server span, and its exception."""
    at = (START + second) * 10**9
    one = {
        "traceId": f"{number + 1:032x}", "spanId": f"{number + 1:016x}", "name": "POST /charge",
        "kind": 2, "startTimeUnixNano": str(at), "endTimeUnixNano": str(at + 7_000_000),
        "attributes": [], "status": {"code": 2 if failing else 1},
    }
    if failing:
        trace = ('Traceback (most recent call last):\n'
                 '  File "/home/maya/app/shop/web.py", line 9, in handle\n    charge(order)\n'
                 '  File "/home/maya/app/shop/money.py", line 42, in rate\n'
                 '    return RATES[currency]\n'
                 "KeyError: 'CHF'")
        one["events"] = [{"timeUnixNano": str(at), "name": "exception", "attributes": [
            {"key": "exception.type", "value": {"stringValue": "KeyError"}},
            {"key": "exception.message", "value": {"stringValue": "'CHF'"}},
            {"key": "exception.stacktrace", "value": {"stringValue": trace}},
        ]}]
    resource = {"attributes": [
        {"key": "service.name", "value": {"stringValue": service}},
        {"key": "service.version", "value": {"stringValue": version}},
    ]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [one]}]}]}


def make_case(folder, version="2.4.1"):
    """Two windows: in the second, of another version, a third of the requests fail."""
    number = 0
    for window, ran, failing in (("baseline", "2.4.0", False), ("incident", version, True)):
        (folder / window).mkdir(parents=True)
        with (folder / window / "traces.jsonl").open("w") as file:
            for second in range(400):
                number += 1
                fails = failing and second % 3 == 0
                at = second + (600 if failing else 0)
                file.write(json.dumps(span("billing", ran, at, number, fails)) + "\n")
    return folder


def make_repository(folder, culprit=True):
    """Ten commits around two versions; one of them writes the line that fails."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, START - 900_000, "begin", shop__money_py=MONEY, shop__web_py=MONEY,
           tools__money_py=MONEY)
    git(folder, "tag", "v2.4.0")
    commit(folder, START - 80_000, "docs", README="one\n")
    commit(folder, START - 70_000, "tools", tools__money_py=with_line(42, "other = 1"))
    if culprit:
        text = f"look rates up, as {MAIL} asked"
        commit(folder, START - 60_000, text, shop__money_py=with_line(42, "rate = RATES[c]"))
    commit(folder, START - 50_000, "web", web__cart_py="a = 1\n")
    git(folder, "tag", "v2.4.1")
    commit(folder, START - 40_000, "later", shop__money_py=with_line(41, "late = 1"))
    return folder


def test_the_commit_that_wrote_the_line_is_named(cordon, tmp_path):
    case, repository = make_case(tmp_path / "case"), make_repository(tmp_path / "repository")
    answer = cordon.json("diagnose", case, "--repository", repository, "--json")
    frame = answer["suspect_frames"][0]
    assert (frame["function"], frame["line"], frame["service"]) == ("rate", 42, "billing")
    assert frame["groups"] and frame["traces"] and frame["counterfactual"]
    first = answer["suspect_commits"][0]
    assert first["summary"].startswith("look rates up") and first["by_version"]
    assert first["file"] == "shop/money.py" and first["distance_lines"] == 0
    assert first["evidence"] == ["f1"] and first["counterfactual"]
    assert answer["commit_verdict"] == "found"
    checks = {e["check"]: e["id"] for e in answer["hypotheses"][0]["supporting"]}
    assert checks["suspect_frame"] and checks["suspect_commit"]
    text = cordon.run("diagnose", case, "--repository", repository).stdout.decode()
    assert "SUSPECT PLACES" in text and first["commit"][:12] in text
    shown = json.dumps(answer) + text
    assert MAIL not in shown and NAME not in shown and "maya" not in shown
    assert not cordon.data.exists(), "no data directory"


def test_without_a_culprit_no_commit_is_named(cordon, tmp_path):
    case = make_case(tmp_path / "case")
    repository = make_repository(tmp_path / "repository", culprit=False)
    answer = cordon.json("diagnose", case, "--repository", repository, "--json")
    assert answer["suspect_commits"] == [] and answer["commit_verdict"] == "below_floor"
    assert answer["suspect_frames"], "the place is known all the same"
    text = cordon.run("diagnose", case, "--repository", repository).stdout.decode()
    assert "suspect commit: none" in text
    plain = cordon.json("diagnose", case, "--json")
    assert plain["commit_verdict"] == "no_repository"
    done = cordon.run("diagnose", case, "--repository", tmp_path, exits=(2,))
    assert b"git refuses it" in done.stderr


def test_plain_logs_find_the_commit_by_time(cordon, tmp_path):
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    begun = 1_795_255_200  # 2026-11-21 10:00:00 UTC
    commit(repository, begun - 900_000, "begin", shop__money_py=MONEY)
    commit(repository, begun - 3_600, "rates", shop__money_py=with_line(42, "return RATES[c]"))
    draw = random.Random(7)
    lines = []
    for second in range(1200):
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(begun + second)) + ",000"
        lines.append(f"{at} INFO shop.orders: order {draw.randrange(10_000)} placed")
        if second >= 800 and second % 5 == 0:
            lines += [
                f"{at} ERROR shop.orders: charge failed",
                "Traceback (most recent call last):",
                '  File "/srv/shop/money.py", line 42, in rate',
                "    return RATES[c]",
                "KeyError: 'CHF'",
            ]
    body = "\n".join(lines).encode()
    answer = cordon.json("diagnose", "--repository", repository, "--json", stdin=body)
    assert answer["suspect_commits"][0]["summary"] == "rates"
    assert not answer["suspect_commits"][0]["by_version"]


def test_ask_tells_changes_with_the_failures_around_them(cordon, serving):
    token = cordon.add_tenant("acme")
    now = int(time.time())
    changed = now - 1800
    rows = [
        {"time": changed, "service": "billing", "kind": "deploy", "version": "2.4.1",
         "description": "rolling update", "author": MAIL},
        {"time": changed - 60, "service": "orders", "flag": "new-cart", "to": HANDLE},
    ]
    assert serving.post("/v1/changes", json.dumps(rows).encode(), token)[0] == 200
    events = []
    for minute in range(50):
        at = now - 3000 + 60 * minute
        failing = at > changed + 300 and minute % 2
        events.append({"time": at, "service": "billing", "level": "info", "message": "charged"})
        if failing:
            events.append({"time": at, "service": "billing", "level": "error",
                           "message": "charge failed: no rate", "n": minute})
    body = "\n".join(map(json.dumps, events)).encode()
    assert serving.post("/v1/events", body, token)[0] == 200
    serving.stop()
    answer = cordon.ask("why did billing fail?", "--tenant", "acme")
    told = [row for row in answer["changes"] if row["kind"] == "told"]
    assert [row["service"] for row in told] == ["billing"]
    said = told[0]["change"]
    assert "deploy 2.4.1: rolling update" in said["text"]
    numbers = {n["name"]: n["value"] for n in said["statistics"]}
    assert numbers["events_before_change"] == 0 and numbers["events_after_change"] >= 8
    assert numbers["change_time_unix_ns"] == changed * 10**9
    ids = {e["id"]: e["kind"] for e in answer["evidence"]}
    assert {ids[i] for i in said["evidence"]} == {"change", "group"}
    everything = cordon.ask("what changed?", "--tenant", "acme")
    services = {row["service"] for row in everything["changes"] if row["kind"] == "told"}
    assert services == {"billing", "orders"}
    text = cordon.run("ask", "what changed?", "--tenant", "acme").stdout.decode()
    assert "flag new-cart to [removed:change.value]" in text
    no_leak(cordon)
