"""The main job: the real SDK, a real failure, an answer, a failing test, and nothing raw left."""

import json
import shutil
import subprocess
import sys

import pytest
from conftest import BILLING, Server, run_billing
from leaks import files_under, search

# What each bug's answer must name: function, and exception type or violated expectation.
BUGS = {
    "missing-address": ("billing.customers.tax_percent", "KeyError"),
    "tier-boundary": ("billing.discounts.discount_percent", "IndexError"),
    "negative-refund": ("billing.refunds.refund_cents", "result >= 0"),
}


def hypothesis_for(answer, function, raised):
    """The hypothesis that names both, or None."""
    for hypothesis in answer["hypotheses"]:
        text = json.dumps(hypothesis)
        if function in text and raised in text:
            return hypothesis
    return None


@pytest.fixture(scope="module", params=["http", "grpc"])
def night(request, tmp_path_factory):
    """One night of billing through the real exporters, stored; with the planted values."""
    from conftest import Cordon

    base = tmp_path_factory.mktemp(f"night-{request.param}")
    cordon = Cordon(base / "data")
    token = cordon.add_tenant("acme")
    server = Server(cordon)
    endpoint = server.grpc if request.param == "grpc" else server.http
    planted = []
    for seed, release in [(11, "2.4.0"), (12, "2.4.1")]:
        file = base / f"planted-{seed}.json"
        run_billing(token, endpoint, request.param, release, seed, file)
        planted += json.loads(file.read_text())
    server.stop()
    return cordon, planted, base


def test_the_answer_names_each_bug(night):
    cordon, _, _ = night
    answer = cordon.ask("why did billing fail last night?", "--no-model")
    for bug, (function, raised) in BUGS.items():
        assert hypothesis_for(answer, function, raised), (bug, json.dumps(answer)[:4000])


@pytest.mark.parametrize("bug", BUGS)
def test_the_test_fails_on_the_bug_and_passes_on_the_fix(night, bug, tmp_path):
    cordon, planted, _ = night
    answer = cordon.ask("why did billing fail last night?", "--no-model")
    function, raised = BUGS[bug]
    fingerprint = hypothesis_for(answer, function, raised)["subject"]["group_id"]
    out = tmp_path / "repro"
    cordon.run("repro", fingerprint, "--source", BILLING, "--out", out, "--python", sys.executable)
    [test] = out.glob("test_*.py")
    assert run_pytest(test, BILLING) == 1, "must fail on the buggy source"
    fixed = tmp_path / "fixed"
    shutil.copytree(BILLING, fixed)
    patch = BILLING / "fixes" / f"{bug}.patch"
    subprocess.run(["git", "apply", str(patch)], cwd=fixed, check=True, capture_output=True,
                   env={"GIT_CEILING_DIRECTORIES": str(tmp_path), "PATH": "/usr/bin:/bin"})
    assert run_pytest(test, fixed) == 0, "must pass on the fixed source"
    assert search(planted, files_under(out)) == []


def run_pytest(test, source):
    """Exit code of pytest on one file against a source tree."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)],
        cwd=source, capture_output=True, env={"PYTHONPATH": str(source), "PATH": "/usr/bin:/bin"},
    )
    print(done.stdout.decode())
    return done.returncode


def test_no_planted_value_is_left_anywhere(night):
    cordon, planted, _ = night
    cordon.ask("why did billing fail last night?", "--no-model")
    cordon.run("audit", "show")
    cordon.run("status")
    assert len(planted) > 50
    kinds = {item["kind"] for item in planted}
    assert {"email", "card", "phone", "bearer", "password", "pem_line"} <= kinds
    blobs = [*files_under(cordon.data), *((f"output {i}", b) for i, b in enumerate(cordon.said))]
    assert search(planted, blobs) == []


def test_the_search_finds_what_is_there(tmp_path):
    """The search itself, tried on a value in each form."""
    import base64

    value = "j.planted+x@mail.example.org"
    item = [{"kind": "email", "value": value}]
    copies = {
        "as is": value.encode(),
        "base64": base64.b64encode(b"..." + value.encode() + b"..."),
        "base64 shifted": base64.b64encode(b".." + value.encode() + b"..."),
        "hex": value.encode().hex().encode(),
        "url": value.replace("@", "%40").replace("+", "%2B").encode(),
        "utf-16": value.encode("utf-16-le"),
    }
    for form, blob in copies.items():
        assert search(item, [(form, b"x" + blob + b"y")]), form
