"""The simulated ride-hailing system: its labels, and that the same seeds give the same windows."""

import gzip
import hashlib
import json
import subprocess
import sys

import pytest
from conftest import ROOT

RIDES = ROOT / "examples" / "rides"
GENERATE_S_MAX = 180
# One of the smallest: the gateway waits 150 ms more, drawn from .7 to 1.4 of it.
SMALL = "c03-latency"
ADDED_MS_MIN = 105


@pytest.fixture(scope="module")
def rides():
    """The modules of the simulator."""
    sys.path.insert(0, str(RIDES))
    try:
        from rides import first_cases, harder_cases, topology
    finally:
        sys.path.remove(str(RIDES))
    return first_cases.FIRST, harder_cases.HARDER, topology


def generate(out):
    """Generates the small case; its label and the digests of its files."""
    script = [sys.executable, str(RIDES / "generate.py"), "--out", str(out)]
    subprocess.run(
        [*script, "--cases", SMALL, "--jobs", "1"], check=True, timeout=GENERATE_S_MAX
    )
    lines = (out / "first" / "cases.jsonl").read_text().splitlines()
    windows = out / "first" / "windows"
    texts = {
        str(path.relative_to(windows)): gzip.decompress(path.read_bytes())
        for path in sorted(windows.rglob("*.gz"))
    }
    return [json.loads(line) for line in lines], texts


def test_every_label_names_what_there_is(rides):
    first, harder, topology = rides
    assert (len(first), len(harder)) == (60, 38)
    hosts = {peer.host for peer in topology.PEERS.values()} | {"legacy-maps.internal"}
    known = set(topology.SERVICES) | set(topology.PEERS) | hosts
    plans = [*first, *harder]
    assert len({plan.name for plan in plans}) == len(plans)
    for plan in plans:
        case = plan.case
        assert set(case.right) <= known, plan.name
        assert bool(case.right) == (case.kind is not None), plan.name
    faults = [sum(bool(plan.case.right) for plan in batch) for batch in (first, harder)]
    assert faults == [40, 28]


def test_a_case_is_generated_as_labelled_and_again_the_same(tmp_path):
    labels, texts = generate(tmp_path / "once")
    assert [label["name"] for label in labels] == [SMALL]
    assert (labels[0]["service"], labels[0]["healthy"]) == ("edge-gateway", False)
    for window in ("baseline", "incident"):
        for signal in ("traces", "logs", "metrics"):
            assert texts[f"{SMALL}/{window}/{signal}.jsonl.gz"], (window, signal)
    before = middle_ms(texts[f"{SMALL}/baseline/traces.jsonl.gz"])
    now = middle_ms(texts[f"{SMALL}/incident/traces.jsonl.gz"])
    assert now > before + ADDED_MS_MIN, (before, now)
    again, texts_again = generate(tmp_path / "again")
    assert labels == again
    assert digests(texts) == digests(texts_again)


def digests(texts):
    """Digests, so that a failure does not print megabytes."""
    return {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}


def middle_ms(traces):
    """The median of what the gateway takes to answer a user."""
    durations = []
    for line in traces.splitlines():
        for of_resource in json.loads(line)["resourceSpans"]:
            for scoped in of_resource["scopeSpans"]:
                for span in scoped["spans"]:
                    if span.get("kind") == 2 and " /v1/" in span["name"]:
                        begins, ends = span["startTimeUnixNano"], span["endTimeUnixNano"]
                        durations.append((int(ends) - int(begins)) / 1e6)
    return sorted(durations)[len(durations) // 2]
