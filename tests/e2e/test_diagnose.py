"""`cordon diagnose`: a folder of telemetry, and plain logs on stdin."""

import gzip
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
    assert answer["component"] == "shop.orders"
    assert answer["began"].startswith("2026-11-20 10:13:20")
    decisive = answer["decisive"]
    assert "KeyError" in decisive["raised"] and "bank.py:17" in decisive["place"]
    assert (decisive["count"], decisive["count_before"]) == (80, 0)
    assert "maya" not in done.stdout.decode() and "@example.org" not in done.stdout.decode()
    quiet = [line for line in lines if "INFO" in line]
    answer = cordon.json("diagnose", "--json", stdin="\n".join(quiet).encode())
    assert answer["abstained"] and answer["decisive"] is None


def test_log_files_are_read_packed_ones_too(cordon, tmp_path):
    quiet = [f"2026-11-20T10:{n // 60:02}:{n % 60:02}Z INFO served {n}" for n in range(600)]
    failing = [f"2026-11-20T10:{n // 60:02}:{n % 60:02}Z ERROR disk full" for n in range(600, 900)]
    (tmp_path / "a.log").write_text("\n".join(quiet))
    (tmp_path / "b.log.gz").write_bytes(gzip.compress("\n".join(failing).encode()))
    answer = cordon.json("diagnose", tmp_path / "a.log", tmp_path / "b.log.gz", "--json")
    assert answer["verdict"] == "found" and answer["began"] == "2026-11-20 10:10:00 UTC"
    assert answer["read"]["records"] == 900


def test_nothing_to_read_is_no_answer(cordon):
    done = cordon.run("diagnose", stdin=b"\n  \n", exits=(2,))
    assert b"No line was read" in done.stdout
    assert b"stdin" in cordon.run("diagnose", "--help").stdout


def test_a_name_in_every_failing_line_is_not_shown(cordon):
    lines = [f"2026-11-20T10:{n // 60:02}:{n % 60:02}Z INFO served {n}" for n in range(900)]
    who = "Marta " + "Vinterberg"
    lines += [f"2026-11-20T10:15:{n:02}Z ERROR charge failed for {who}" for n in range(60)]
    for form in ("text", "markdown", "json"):
        done = cordon.run("diagnose", "--output-format", form, stdin="\n".join(lines).encode())
        assert b"charge failed" in done.stdout and b"Vinterberg" not in done.stdout, form


def test_a_name_that_its_context_tells_is_shown_nowhere(cordon):
    name = "Rosen" + "blatt"
    quiet = [f"2026-11-20T10:{n // 60:02}:{n % 60:02}Z INFO served {n}" for n in range(900)]
    for message in (
        f"Dear Mr. {{}} {name} cannot be served",
        f"patient '{name}' {{}} rejected",
        f"charge failed for Anna Port {{}}, of {name}",
        f"charge of Peter {name} Stage {{}} failed",
    ):
        at = [f"2026-11-20T10:15:{n:02}Z ERROR " + message.format(2400 + n) for n in range(60)]
        for form in ("text", "markdown", "json"):
            logs = "\n".join(quiet + at).encode()
            shown = cordon.run("diagnose", "--output-format", form, stdin=logs).stdout.decode()
            hidden = [name] if "Anna" not in message else ["Anna", " Port "]
            assert "60 times" in shown or '"count": 60' in shown, (message, form)
            assert not [word for word in hidden if word in shown], (message, form)


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
