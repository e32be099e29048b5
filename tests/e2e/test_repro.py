"""`cordon repro`: which exemplar, which file, and what is said where no test comes of it."""

import json
import sys

import pytest

SOURCE = '''
"""A cart."""


def total(cart, rate):
    return sum(item["price"] for item in cart["items"]) * rate
'''


def failed(arguments, **more):
    """One failing call of `shop.cart.total`, as an NDJSON line."""
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/srv/app/shop/cart.py", line 6, in total\n'
        "    return sum(item[\"price\"] for item in cart[\"items\"]) * rate\n"
        "KeyError: 'items'"
    )
    return json.dumps({
        "level": "error", "service": "shop", "message": "cart failed",
        "exception": {"type": "KeyError", "message": "'items'", "stacktrace": trace},
        "code.function.name": "shop.cart.total",
        **({"cordon.call.arguments": arguments} if arguments is not None else {}),
        **more,
    })


FAILS = {"cart": {"id": 7}, "rate": 2}
WORKS = {"cart": {"items": []}, "rate": 2}


@pytest.fixture
def source(tmp_path):
    """The source that fails."""
    package = tmp_path / "source" / "shop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "cart.py").write_text(SOURCE)
    return package.parent


@pytest.fixture
def repro(cordon, source, tmp_path):
    """Runs `cordon repro`; the command's end and the files that it wrote."""

    def run(*words, exits=(0,)):
        out = tmp_path / "out"
        done = cordon.run("repro", *words, "--source", source, "--out", out,
                          "--python", sys.executable, exits=exits)
        return done, sorted(out.glob("*")) if out.exists() else []

    return run


def stored(cordon, *lines):
    """Ingests, and says the fingerprint that the failures share."""
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin="\n".join(lines).encode())
    rows = cordon.json("list", "--json")["fingerprints"]
    [row] = [row for row in rows if row["kind"] == "exception"]
    assert row["count"] == len(lines)
    return row["id"]


def test_a_failure_that_happened_once_is_found_and_reproduced(cordon, serving, repro):
    token = cordon.add_tenant("acme")
    assert serving.post("/v1/events", failed(FAILS).encode(), token)[0] == 200
    serving.stop()
    best = cordon.ask("why did the cart fail?")["hypotheses"][0]["subject"]
    assert (best["function"], best["exception_type"]) == ("shop.cart.total", "KeyError")
    done, [test] = repro(best["group_id"][:10], "--json")
    told = json.loads(done.stdout)
    assert (told["outcome"], told["function"]) == ("reproduced", "shop.cart.total")
    assert told["file"] == str(test)
    assert "shop.cart" in test.read_text()


def test_exemplars_are_tried_until_one_reproduces(cordon, repro):
    # The most recent is the first to be tried: neither it nor the one before it fails here.
    fingerprint = stored(
        cordon, failed(None), failed(FAILS), failed(WORKS), failed({**WORKS, "rate": 3})
    )
    done, tests = repro(fingerprint)
    assert len(tests) == 1 and b"3 of 3 runs" in done.stdout


def test_the_nearest_obstacle_is_told(cordon, repro):
    fingerprint = stored(cordon, failed(None), failed(WORKS), failed("not json"))
    done, tests = repro(fingerprint, "--json", exits=(1,))
    assert json.loads(done.stdout)["outcome"] == "not_reproduced" and tests == []
    assert done.stderr.startswith(b"not reproduced: not_reproduced: ")


def test_an_event_without_its_call_is_said_to_lack_it(cordon, repro):
    done, tests = repro(stored(cordon, failed(None)), exits=(1,))
    assert done.stderr.startswith(b"not reproduced: no_arguments: ") and tests == []


def test_each_event_of_a_file_has_its_own_test(cordon, repro, tmp_path):
    cordon.add_tenant("acme")
    lines = [failed(FAILS), failed({**FAILS, "rate": 3}), failed(None)]
    (tmp_path / "events").write_text("\n".join(lines) + "\n")
    done, tests = repro("--event", tmp_path / "events", exits=(1,))
    assert len(tests) == 2 and b"no_arguments" in done.stderr


def test_a_file_without_events_is_an_error(cordon, repro, tmp_path):
    cordon.add_tenant("acme")
    (tmp_path / "events").write_text("\n\n")
    done, tests = repro("--event", tmp_path / "events", exits=(2,))
    assert b"find events: none" in done.stderr and tests == []


def test_a_quarantined_event_is_refused_with_its_reason(cordon, repro, tmp_path):
    canary = "canary-" + "q7" * 12
    (tmp_path / "canaries").write_text(canary + "\n")
    (tmp_path / "canaries").chmod(0o600)
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(f'[redaction]\ncanaries = "{tmp_path / "canaries"}"\n')
    cordon.add_tenant("acme")
    for lines in [[failed(FAILS, note=canary)], [failed(FAILS), failed(FAILS, note=canary)]]:
        (tmp_path / "events").write_text("\n".join(lines))
        done, tests = repro("--event", tmp_path / "events", exits=(4,))
        page, refused = done.stderr.splitlines()
        assert page.startswith(b"page tenant=acme reason=canary ") and tests == []
        assert refused == b"refused: canary"
        assert canary.encode() not in done.stdout


def test_a_function_that_is_not_the_sources_is_never_called(cordon, repro, tmp_path):
    cordon.add_tenant("acme")
    mark = tmp_path / "run"
    for name in ["os.system", "builtins.eval", "subprocess.check_call", "shop.cart.os.system"]:
        call = {"args": [f"touch {mark}"], "kwargs": {}}
        line = failed(call, **{"code.function.name": name})
        (tmp_path / "events").write_text(line + "\n")
        done, tests = repro("--event", tmp_path / "events", "--sandbox", "process", exits=(1,))
        assert b"function_not_in_source" in done.stderr and tests == [], name
    flags = {"cordon.call.flags": json.dumps({"os.environ": {"LD_PRELOAD": "x"}})}
    (tmp_path / "events").write_text(failed(FAILS, **flags) + "\n")
    done, tests = repro("--event", tmp_path / "events", exits=(1,))
    assert b"flag_not_in_source" in done.stderr and tests == []
    assert not mark.exists()


def test_recorded_texts_do_not_come_into_the_test(cordon, repro, tmp_path):
    cordon.add_tenant("acme")
    patient = {"cart": {"diagnosis": "fractured wrist left"}, "rate": "quarterly plan"}
    (tmp_path / "events").write_text(failed(patient) + "\n")
    done, [test] = repro("--event", tmp_path / "events", "--json")
    assert json.loads(done.stdout)["recorded_values"] == 0
    text = test.read_text()
    assert not any(word in text for word in ("fractured", "wrist", "quarterly"))
