"""Rules as data: the commands, and packs in the configuration, as a shell sees them."""

import json

PACK = """pack = "acme"
[[rule]]
id = "acme_key"
version = 1
provider = "Acme"
description = "API key."
prefix = ["acme_"]
pattern = '[a-f0-9]{32}'
positives = ["acme_{hex:32}", "key «acme_{hex:32}» set"]
near_misses = ["acme_{hex:31}", "acme_{hex:33}"]
"""
TOKEN = "acme_" + "0f1e2d3c" * 4


def write(path, text):
    """Writes a file; returns its path."""
    path.write_text(text)
    return path


def test_every_built_in_case_comes_out(cordon):
    done = cordon.json("rules", "test", "--json")
    assert done["schema"] == "cordon.rules.test" and done["faults"] == []
    assert done["rules"] >= 250 and done["cases"] >= 4 * done["rules"]


def test_a_case_that_does_not_come_out_is_told(cordon, tmp_path):
    pack = write(tmp_path / "acme.toml", PACK.replace("acme_{hex:31}", "acme_{hex:32}"))
    done = cordon.run("rules", "test", "--pack", pack, exits=(1,))
    assert b"acme_key" in done.stdout and b"near miss 1" in done.stdout


def test_list_counts_what_rules_find(cordon, tmp_path):
    pack = write(tmp_path / "acme.toml", PACK.replace("version = 1", 'version = 1\nstage = "shadow"'))
    log = write(tmp_path / "a.log", f"one {TOKEN}\ntwo\nthree {TOKEN}\n")
    rows = cordon.json("rules", "list", "--pack", pack, "--over", log, "--json")["rules"]
    [acme] = [row for row in rows if row["id"] == "acme_key"]
    assert (acme["provider"], acme["stage"], acme["pack"]) == ("Acme", "shadow", "acme")
    assert (acme["counts"]["hits"], acme["counts"]["held_back"]) == (0, 2)
    rows = cordon.json("rules", "list", "--json")["rules"]
    assert len({row["provider"] for row in rows}) >= 250
    assert all(row["counts"] is None for row in rows)


def test_explain_shows_pattern_check_and_cases(cordon):
    rule = cordon.json("rules", "explain", "github_pat", "--json")["rule"]
    assert rule["checksum"] == "github_crc32" and "`gh" in rule["matches"]
    assert len(rule["cases"]["positives"]) >= 2 and rule["cases"]["broken"]
    shown = cordon.run("rules", "explain", "github_pat").stdout.decode()
    assert "GitHub" in shown and rule["pattern"] in shown
    assert cordon.run("rules", "explain", "no_such_rule", exits=(2,)).stdout == b""


def test_diff_names_what_changed(cordon, tmp_path):
    old = write(tmp_path / "old.toml", PACK)
    new = write(tmp_path / "new.toml", PACK.replace("version = 1", "version = 2"))
    assert cordon.run("rules", "diff", old, old).stdout == b"no difference\n"
    done = json.loads(cordon.run("rules", "diff", old, new, "--json", exits=(1,)).stdout)
    [changed] = done["changed"]
    assert changed == {"id": "acme_key",
                       "changes": [{"field": "version", "before": "1", "after": "2"}]}
    done = json.loads(cordon.run("rules", "diff", "builtin", old, "--json", exits=(1,)).stdout)
    assert done["added"] == ["acme_key"] and "github_pat" in done["removed"]


def test_a_pack_of_the_configuration_redacts(cordon, tmp_path):
    line = f"used {TOKEN} today".encode()
    assert TOKEN in cordon.run("redact", stdin=line).stdout.decode()
    pack = write(tmp_path / "acme.toml", PACK)
    cordon.config = write(tmp_path / "cordon.toml", f'[redaction]\nrules = ["{pack}"]\n')
    assert cordon.run("redact", stdin=line).stdout == b"used [removed:acme_key] today"
    write(pack, PACK.replace("{31}", "{31").replace("'[a-f0-9]{32}'", "'[a-f0-9]+'"))
    done = cordon.run("redact", stdin=line, exits=(2,))
    assert done.stdout == b"" and b"acme_key at line 8" in done.stderr and b"unbounded" in done.stderr
    write(pack, PACK.replace("acme_{hex:31}", "acme_{hex:32}"))
    assert b"near miss 1" in cordon.run("redact", stdin=line, exits=(2,)).stderr


GITLEAKS = """title = "a catalogue"
[[rules]]
id = "acme-token"
description = "Acme token."
regex = '''\\b(acme_tok_[a-z0-9]{24})(?:['"\\s;]|$)'''
keywords = ["acme_tok_"]
[[rules]]
id = "umbra-key"
description = "Umbra key."
regex = '''(?i)[\\w.-]{0,50}?(?:umbra)(?:[ \\t\\w.-]{0,20})[\\s'"]{0,3}(?:=|:)[\\s'"]{0,5}([a-f0-9]{40})(?:['"\\s]|$)'''
keywords = ["umbra"]
[[rules]]
id = "endless"
description = "No end."
regex = '''endless_[a-z]{20,}'''
keywords = ["endless"]
"""

PRESIDIO = """recognizers:
  - name: Claim Recognizer
    supported_entity: CLAIM_ID
    patterns:
      - name: claim
        regex: "\\\\bCLM-[0-9]{14}\\\\b"
        score: 0.8
    context: [claim]
  - name: Behind
    supported_entity: OTHER
    patterns:
      - name: behind
        regex: "(?<=id )[0-9]{12}"
        score: 0.1
    context: [other]
"""


def test_other_catalogues_are_imported_in_shadow(cordon, tmp_path):
    for source, text, held, refused in [
        ("gitleaks", GITLEAKS, ["gitleaks.acme_token", "gitleaks.umbra_key"], b"endless: the pattern is unbounded"),
        ("presidio", PRESIDIO, ["presidio.claim_id"], b"Behind: behind: the pattern is not held"),
    ]:
        given = write(tmp_path / f"{source}.in", text)
        pack = tmp_path / f"{source}.toml"
        done = cordon.run("rules", "import", "--from", source, given, "--out", pack, exits=(1,))
        assert refused in done.stderr, done.stderr
        cordon.run("rules", "test", "--pack", pack)
        rows = cordon.json("rules", "list", "--pack", pack, "--json")["rules"]
        rows = [row for row in rows if row["pack"] == source]
        assert [row["id"] for row in rows] == held
        assert {row["stage"] for row in rows} == {"shadow"}
