"""`cordon diagnose`: a folder of telemetry, and plain logs on stdin."""

import json
import random
import subprocess
import sys

from conftest import ROOT

SHOP = ROOT / "examples" / "shop"
RECORDED = SHOP / "recorded"


def unpack(case, folder):
    """Lays a recorded case out as the command takes it."""
    script = [sys.executable, SHOP / "unpack.py", RECORDED, case, folder]
    subprocess.run(list(map(str, script)), check=True)
    return folder


def labelled(wanted):
    """The first case of each kind."""
    first = {}
    for line in (RECORDED / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        first.setdefault(case["kind"], case)
    return [first[kind] for kind in wanted]


def test_recorded_faults_are_found_from_a_folder(cordon, tmp_path):
    for case in labelled(["crash", "database", "calls"]):
        folder = unpack(case["name"], tmp_path / case["name"])
        answer = cordon.json("diagnose", folder, "--json")
        assert answer["verdict"] == "found" and not answer["abstained"]
        assert answer["ranked"][0]["service"] == case["service"], (case["name"], answer["summary"])
        first = answer["hypotheses"][0]
        assert first["supporting"] and first["counterfactual"]
        assert all(e["id"] and e["sentence"] for e in first["supporting"])
        assert {change["service"] for change in answer["changes"]} >= {
            change["service"] for change in case["changes"]
        }
    assert not cordon.data.exists(), "no data directory"


def test_a_healthy_window_names_nobody(cordon, tmp_path):
    (case,) = labelled(["deploy"])
    answer = cordon.json("diagnose", unpack(case["name"], tmp_path / "case"), "--json")
    assert answer["abstained"] and answer["ranked"] == [] and answer["hypotheses"] == []
    assert answer["verdict"] == "nothing_wrong"


def test_no_value_of_the_telemetry_is_shown(cordon, tmp_path):
    for case in labelled(["exception", "payload"]):
        folder = unpack(case["name"], tmp_path / case["name"])
        for form in ("text", "markdown", "json"):
            done = cordon.run("diagnose", folder, "--output-format", form)
            shown = done.stdout.decode() + done.stderr.decode()
            assert "@example.org" not in shown and "tok_fake" not in shown, (case["name"], form)


def test_plain_logs_tell_what_began_and_where(cordon):
    draw = random.Random(4)
    lines = []
    for second in range(1200):
        at = f"2026-11-20 10:{second // 60:02}:{second % 60:02},000"
        number = draw.randrange(10_000)
        lines.append(f"{at} INFO shop.orders: order {number} placed by user{number}@example.org")
        if second >= 800 and second % 5 == 0:
            lines += [
                f"{at} ERROR shop.orders: charge failed for order {number}",
                "Traceback (most recent call last):",
                '  File "/home/maya/shop/bank.py", line 17, in charge',
                "    return RATES[currency]",
                "KeyError: 'CHF'",
            ]
    done = cordon.run("diagnose", "--json", stdin="\n".join(lines).encode())
    answer = json.loads(done.stdout)
    assert answer["verdict"] == "found"
    assert answer["ranked"][0]["service"] == "shop.orders"
    assert answer["baseline"]["to"].startswith("2026-11-20 10:13:")
    assert any("KeyError" in line and "bank.py:17" in line for line in answer["stack"])
    assert "maya" not in done.stdout.decode() and "@example.org" not in done.stdout.decode()
    quiet = [line for line in lines if "INFO" in line]
    answer = cordon.json("diagnose", "--json", stdin="\n".join(quiet).encode())
    assert answer["abstained"] and answer["ranked"] == []


def test_a_folder_without_windows_is_refused(cordon, tmp_path):
    done = cordon.run("diagnose", tmp_path, exits=(2,))
    assert b"baseline/" in done.stderr and b"incident/" in done.stderr
    done = cordon.run("diagnose", tmp_path / "none", exits=(2,))
    assert done.stderr.startswith(b"error: failed to ")


def test_lines_that_are_no_telemetry_are_counted_and_the_rest_is_read(cordon, tmp_path):
    (case,) = labelled(["database"])
    folder = unpack(case["name"], tmp_path / "case")
    with (folder / "incident" / "logs.jsonl").open("a") as file:
        file.write('{"resourceLogs": [{"scopeLogs"\nnot json at all\n')
    done = cordon.run("diagnose", folder, "--json")
    assert b"2 lines or records are no telemetry" in done.stderr
    assert json.loads(done.stdout)["ranked"][0]["service"] == case["service"]
