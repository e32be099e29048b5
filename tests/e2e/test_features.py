"""What is counted of failures, within a tenant and across tenants, through the binary."""

import datetime
import json
import random

# A moment at the full hour, long enough ago that what comes after it is over.
DEPLOYED = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
DEPLOYED -= datetime.timedelta(hours=5)


def row(at_s, release, message, user=None, level="error", trace=None, region="eu-west-1"):
    """An event, `at_s` seconds after the deploy."""
    at = DEPLOYED + datetime.timedelta(seconds=at_s)
    made = {
        "time": at.isoformat(), "level": level, "message": message,
        "resource": {"service.name": "checkout", "service.version": release,
                     "cloud.region": region},
    }
    if user:
        made["user_email"] = user
    if trace:
        made["trace_id"] = trace
    return made


def lines(rows):
    return "\n".join(map(json.dumps, rows)).encode()


def minutes(count, first_s, release, step=1):
    """A healthy event a minute, and the failure on each `step`-th."""
    rows = []
    for n in range(count):
        rows.append(row(first_s + n * 60, release, "order accepted", level="info"))
        if n % step == 0:
            user = f"shopper{n}@mail.example.org"
            rows.append(row(first_s + n * 60, release, "card gateway refused the order", user))
    return rows


def group(answer, words):
    [found] = [g for g in answer["groups"] if words in g["title"]]
    return found


def test_a_release_that_raises_a_rate_is_told_with_its_numbers(cordon):
    cordon.add_tenant("acme")
    before, after = minutes(120, -7_200, "1.8.1", 40), minutes(120, 0, "1.8.2", 2)
    cordon.run("ingest", "--tenant", "acme", stdin=lines(before))
    cordon.run("ingest", "--tenant", "acme", stdin=lines(after))
    answer = cordon.json("features", "--json")
    assert (answer["schema"], answer["version"]) == ("cordon.features", 1)
    refused = group(answer, "card gateway")
    assert (refused["count"], refused["failure"]) == (63, True)
    releases = [(r["value"], r["component"], r["count"]) for r in refused["releases"]]
    assert releases == [("1.8.2", "checkout", 60), ("1.8.1", "checkout", 3)]
    first = int(DEPLOYED.timestamp()) * 10**9
    assert refused["releases"][0]["first_seen_unix_ns"] == first
    assert [r["value"] for r in refused["regions"]] == ["eu-west-1"]
    [moment] = answer["moments"]
    assert (moment["component"], moment["release"], moment["at_unix_ns"]) == (
        "checkout", "1.8.2", first)
    assert moment["before"] == {"events": 123, "span_s": 7200}
    assert moment["after"] == {"events": 180, "span_s": 7200}
    turns = {rate["id"]: rate for rate in moment["rates"]}
    assert turns[refused["id"]]["turn"] == "up" and turns[refused["id"]]["p"] < 1e-6
    assert turns[refused["id"]]["before"] == {"count": 3, "per_minute": 3 / 120}
    assert turns[refused["id"]]["after"] == {"count": 60, "per_minute": 0.5}
    text = cordon.run("features", "--group", refused["id"][:12]).stdout.decode()
    assert "checkout 1.8.2 since" in text and "0.025 a minute before, 0.5 after" in text


def test_more_traffic_alone_is_no_regression(cordon):
    cordon.add_tenant("acme")
    quiet, busy = minutes(60, -3_600, "1.0", 6), minutes(60, 0, "1.1", 6) * 9
    cordon.run("ingest", "--tenant", "acme", stdin=lines(quiet + busy))
    [moment] = cordon.json("features", "--json")["moments"]
    assert (moment["before"]["events"], moment["after"]["events"]) == (70, 630)
    assert moment["rates"] == []


def test_any_moment_of_a_component_can_be_asked_about(cordon):
    cordon.add_tenant("acme")
    rows = minutes(60, -3_600, "1.0", 60) + minutes(60, 0, "1.0", 2)
    cordon.run("ingest", "--tenant", "acme", stdin=lines(rows))
    assert cordon.json("features", "--json")["moments"] == []
    at = DEPLOYED.strftime("%Y-%m-%dT%H:%M:%SZ")
    [moment] = cordon.json("features", "--at", at, "--component", "checkout", "--json")["moments"]
    assert moment["release"] is None and moment["rates"][0]["turn"] == "up"
    cordon.run("features", "--at", at, "--component", "nothing", exits=(2,))
    cordon.run("features", "--at", at, exits=(2,))
    cordon.run("features", "--group", "fp_none", exits=(2,))


def test_failures_of_one_trace_are_told_together(cordon):
    cordon.add_tenant("acme")
    draw = random.Random(7)
    rows = []
    for n in range(8):
        trace = f"{draw.getrandbits(128):032x}"
        rows.append(row(n, "1.0", "pool of connections is empty", trace=trace))
        rows.append(row(n, "1.0", "order could not be stored", trace=trace))
        rows.append(row(n, "1.0", "mail server is slow", trace=f"{draw.getrandbits(128):032x}"))
    cordon.run("ingest", "--tenant", "acme", stdin=lines(rows))
    answer = cordon.json("features", "--json")
    pool, order = group(answer, "pool of"), group(answer, "order could")
    assert pool["together"] == [
        {"id": order["id"], "occasions": 8, "share": 1.0, "lift": 2.0}]
    assert group(answer, "mail server")["together"] == []


def spread(cordon, tenants, users, marked=None):
    """The same failure in so many tenants, each with so many users."""
    for n in range(tenants):
        name = f"tenant{n}"
        cordon.add_tenant(name)
        rows = [row(u, "3.1", "queue is full", f"{name}-user{u}@mail.example.org")
                for u in range(users)]
        rows += [row(9, "3.1", "queue is full")] * 30
        if n == 0 and marked:
            rows.append(row(10, marked, "queue is full", region=marked))
        cordon.run("ingest", "--tenant", name, stdin=lines(rows))


def test_across_tenants_is_told_what_five_share_and_no_more(cordon):
    spread(cordon, 5, 2, marked="zebracrossing-9")
    done = cordon.run("features", "--across", exits=(4,))
    assert done.stdout == b"" and b"grant_missing" in done.stderr
    cordon.run("features", "grant")
    answer = cordon.json("features", "--across", "--json")
    assert (answer["schema"], answer["version"]) == ("cordon.features.across", 1)
    [told] = answer["groups"]
    assert (told["tenants_min"], told["events_min"]) == (5, 10)
    assert (told["title"], told["components"], told["releases"], told["regions"]) == (
        "queue is full", ["checkout"], ["3.1"], ["eu-west-1"])
    text = cordon.run("features", "--across").stdout + json.dumps(answer).encode()
    for hidden in (b"zebracrossing", b"tenant0", b"user_", b"email_", b"example"):
        assert hidden not in text
    # One tenant's flood changes no byte of what is told.
    flood = lines([row(11, "3.1", "queue is full")] * 4_000)
    cordon.run("ingest", "--tenant", "tenant3", stdin=flood)
    assert cordon.json("features", "--across", "--json") == answer
    entries = [json.loads(line) for line in cordon.run("audit", "show").stdout.splitlines()]
    told = [(e["action"], e["decision"], e["tenant"]) for e in entries if e["action"] == "across"]
    assert told == [("across", "grant_missing", None)] + [("across", "shown", None)] * 3
    cordon.run("audit", "verify")
    cordon.run("features", "revoke")
    cordon.run("features", "--across", exits=(4,))


def test_fewer_than_five_tenants_or_subjects_are_told_nothing(cordon, tmp_path):
    for tenants, users in ((4, 9), (6, 0)):
        cordon.data = tmp_path / f"of-{tenants}"
        spread(cordon, tenants, users)
        cordon.run("features", "grant")
        assert cordon.json("features", "--across", "--json")["groups"] == []


def test_across_takes_no_filter(cordon):
    for words in (["--tenant", "acme"], ["--group", "fp_a"], ["--since", "2026-01-01T00:00:00Z"]):
        cordon.run("features", "--across", *words, exits=(2,))


def test_nothing_of_it_lies_readable_on_disk(cordon):
    cordon.add_tenant("acme")
    rows = [row(1, "9.9-zebracrossing", "queue is full", "zebra.crossing@mail.example.org",
                region="zebracrossing")]
    cordon.run("ingest", "--tenant", "acme", stdin=lines(rows))
    assert "9.9-zebracrossing" in cordon.run("features").stdout.decode()
    for path in cordon.data.rglob("*"):
        if path.is_file():
            assert b"zebracrossing" not in path.read_bytes(), path
