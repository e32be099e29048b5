"""Changes: `POST /v1/changes`, `cordon changes add|git|list`."""

import json
import os
import stat
import subprocess
import time

from leaks import files_under, search

# A value that no rule can know by its form, a token that one does, and a person.
HANDLE = "-".join(["plum", "harbour", "lantern"])
TOKEN = "sk_live_" + "Ab3dE6gH9jK2mN5pQ8sT1vW4"
MAIL = "maya.okafor@" + "example.org"
NAME = "Maya " + "Okafor"
PLANTED = [
    {"kind": "handle", "value": HANDLE},
    {"kind": "token", "value": TOKEN},
    {"kind": "mail", "value": MAIL},
    {"kind": "name", "value": NAME},
]


def listed(cordon, *words):
    """The changes that are stored, the most recent first."""
    return cordon.json("changes", "list", "--json", *words)["changes"]


def no_leak(cordon):
    """Looks through the data directory and all that was printed."""
    said = ((f"said {n}", text) for n, text in enumerate(cordon.said))
    assert search(PLANTED, [*files_under(cordon.data), *said]) == []


def change(**members):
    """A change of now, as its sender writes it."""
    return {"time": int(time.time()), "service": "billing", **members}


def test_changes_are_taken_on_the_wire_in_each_form_and_once(cordon, serving):
    token = cordon.add_tenant("acme")
    other = cordon.add_tenant("beta")
    one = json.dumps(change(kind="deploy", version="2.4.1", author=MAIL))
    rows = [change(flag="checkout.new", **{"from": False, "to": True}),
            change(key="pool.size", **{"from": 5, "to": 50})]
    lines = "\n".join(json.dumps(row) for row in rows).encode()
    for body in (one.encode(), json.dumps(rows).encode(), b"\n" + lines + b"\n"):
        assert serving.post("/v1/changes", body, token)[0] == 200
    assert serving.post("/v1/changes", one.encode(), token)[0] == 200
    assert serving.post("/v1/changes", lines, other)[0] == 200
    serving.stop()
    found = listed(cordon, "--tenant", "acme")
    kinds = [(row["kind"], row["subject"], row["from"], row["to"]) for row in found]
    assert sorted(kinds, key=str) == sorted([
        ("deploy", "2.4.1", None, None),
        ("flag", "checkout.new", "false", "true"), ("configuration", "pool.size", "5", "50"),
        ("flag", "checkout.new", "false", "true"), ("configuration", "pool.size", "5", "50"),
    ], key=str)
    assert len(listed(cordon, "--tenant", "beta")) == 2
    status = cordon.json("status", "--tenant", "acme", "--json")
    assert "duplicate" in json.dumps(status)
    no_leak(cordon)


def test_bad_bodies_are_refused_with_a_code(cordon, serving):
    token = cordon.add_tenant("acme")
    for body, code in [
        (b"{", b"json_malformed"), (b"7", b"json_shape"), (b"{}", b"change_shape"),
        (b'{"kind": "deploy", "time": "soon"}', b"change_shape"), (b"\xff", b"invalid_utf8"),
        (b"[" * 300, b"depth"),
    ]:
        status, _, answer = serving.post("/v1/changes", body, token)
        assert (status, code in answer) == (400, True), (body, answer)
    assert serving.post("/v1/changes", b'{"kind": "deploy"}', "wrong")[0] == 401
    assert serving.post("/v1/changes", b"a: b", token, {"Content-Type": "text/yaml"})[0] == 415
    big = b'{"kind": "deploy", "description": "' + b"x" * (17 << 20) + b'"}'
    assert serving.post("/v1/changes", big, token)[0] == 413
    serving.stop()
    assert listed(cordon, "--tenant", "acme") == []


def test_a_secret_in_a_value_and_an_author_stay_out(cordon, serving):
    token = cordon.add_tenant("acme")
    rows = [
        change(flag="gateway.handle", to=HANDLE, author={"name": NAME, "email": MAIL}),
        change(key="gateway.token", **{"from": TOKEN, "to": TOKEN[::-1]}, author=NAME),
        change(kind="config", key="db.password", to=HANDLE),
        change(kind="flag", flag="nested", to={"a": [HANDLE, {"b": HANDLE}], "n": 3}),
        change(kind="deploy", version="9", description=f"rolled out with {TOKEN} by {MAIL}"),
    ]
    assert serving.post("/v1/changes", json.dumps(rows).encode(), token)[0] == 200
    serving.stop()
    found = {row["subject"]: row for row in listed(cordon, "--tenant", "acme")}
    assert found["gateway.handle"]["to"] == "[removed:change.value]"
    assert found["db.password"]["to"].startswith("[removed:")
    assert found["nested"]["to"] == "[removed:change.value]"
    assert found["gateway.handle"]["author"].startswith("<")
    cordon.run("changes", "list", "--tenant", "acme")
    cordon.run("ask", "what changed?", "--tenant", "acme")
    no_leak(cordon)


def test_a_secret_stays_out_wherever_its_sender_puts_it(cordon, serving, tmp_path):
    token = cordon.add_tenant("acme")
    more = {"region": "eu", "owner": "payments", "n": 1}
    rows = [
        change(setting={"key": "gateway.handle", "value": HANDLE, **more}),
        change(flag={"name": "gateway.handle", "old": HANDLE, "new": {"a": {"b": [HANDLE]}}}),
        change(kind="config", settings={"gateway.handle": HANDLE, "pool.size": 5, **more}),
        change(kind="flag", name="gateway.handle", variations=[{"value": HANDLE}, {"x": [HANDLE]}]),
        change(key="gateway.handle", **{"to.value": HANDLE, "change.to": {"x": HANDLE}}),
        change(key="gateway.handle", payload=json.dumps({"value": {"is": HANDLE}}), **more),
        change(kind="deploy", version="9", setting={"key": "gateway.handle", "is": HANDLE, **more}),
        change(kind="config", key={"a": HANDLE, "b": HANDLE, "c": [HANDLE]}),
        change(kind="config", key="gateway.handle", value={HANDLE: True, "b": 2, "c": 3}),
    ]
    assert serving.post("/v1/changes", json.dumps(rows[:5]).encode(), token)[0] == 200
    deep = change(key="gateway.handle", to=json.loads("[" * 90 + f'"{HANDLE}"' + "]" * 90))
    status, _, answer = serving.post("/v1/changes", json.dumps(deep).encode(), token)
    assert (status, b"depth" in answer) == (400, True)
    serving.stop()
    file = tmp_path / "changes.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows[5:]))
    cordon.run("changes", "add", file)
    found = listed(cordon, "--tenant", "acme")
    assert len(found) == len(rows)
    values = [(row["from"], row["to"]) for row in found if row["subject"] == "gateway.handle"]
    removed = "[removed:change.value]"
    assert (None, removed) in values and (removed, removed) in values
    # The file was written by this test, not by cordon.
    file.unlink()
    cordon.run("changes", "list", "--tenant", "acme")
    cordon.run("ask", "what changed?", "--tenant", "acme")
    no_leak(cordon)


def test_what_nobody_approved_of_a_change_is_not_stored(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text('[redaction]\nunknown = "drop"\n')
    cordon.add_tenant("acme")
    row = change(kind="flag", flag="checkout.new", to="on", stage="canary", ticket=4711, note=HANDLE)
    cordon.run("changes", "add", stdin=json.dumps(row).encode())
    [found] = listed(cordon)
    assert (found["subject"], found["to"]) == ("checkout.new", None)
    # Of the four, all but the note would stay under the rule for values alone.
    removed = {row["rule"]: row["count"] for row in cordon.json("status", "--json")["removed"]}
    assert removed["schema.unknown"] == 4
    no_leak(cordon)


def test_changes_are_added_from_the_command_line(cordon, tmp_path):
    cordon.add_tenant("acme")
    done = cordon.run("changes", "add", "--kind", "deploy", "--subject", "2.4.1", "--service",
                      "billing", "--author", NAME, "--description", "rolling update")
    assert b"took in 1 changes" in done.stderr
    file = tmp_path / "changes.jsonl"
    file.write_text(json.dumps(change(flag="new-cart", to="on")) + "\n")
    for _ in range(2):
        cordon.run("changes", "add", file)
    cordon.run("changes", "add", stdin=json.dumps([change(key="k", to=HANDLE)]).encode())
    assert [row["subject"] for row in listed(cordon)].count("new-cart") == 1
    assert len(listed(cordon)) == 3
    bad = cordon.run("changes", "add", stdin=b'{"kind": 1}', exits=(2,))
    assert b"change or time not understood" in bad.stderr
    lost = cordon.run("changes", "add", "--service", "billing", "--to", "3", exits=(2,),
                      stdin=b'{"kind": "deploy", "subject": "x"}')
    assert b"--kind" in lost.stderr
    assert len(listed(cordon)) == 3
    text = cordon.run("changes", "list").stdout.decode()
    assert "billing: deploy 2.4.1: rolling update" in text
    no_leak(cordon)


def git(repository, *words, when=None):
    """Runs git as a developer would."""
    env = {"PATH": os.environ["PATH"], "HOME": str(repository), "GIT_CONFIG_NOSYSTEM": "1",
           "GIT_AUTHOR_NAME": NAME, "GIT_AUTHOR_EMAIL": MAIL,
           "GIT_COMMITTER_NAME": NAME, "GIT_COMMITTER_EMAIL": MAIL}
    if when:
        env |= {"GIT_AUTHOR_DATE": f"@{when} +0000", "GIT_COMMITTER_DATE": f"@{when} +0000"}
    subprocess.run(["git", *words], cwd=repository, env=env, check=True, capture_output=True)


def commit(repository, when, summary, **files):
    """Writes files and commits them."""
    for name, text in files.items():
        path = repository / name.replace("__", "/").replace("_py", ".py").replace("_lock", ".lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(repository, "add", "-A")
    git(repository, "commit", "-m", summary, when=when)


def make_repository(folder):
    """Three commits and a tag."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    now = int(time.time())
    commit(folder, now - 3000, "begin", billing__money_py="a = 1\n", uv_lock="x\n")
    commit(folder, now - 2000, f"round half up, as {MAIL} asked", billing__money_py="a = 2\n")
    git(folder, "tag", "v2.4.1")
    commit(folder, now - 1000, "bump", uv_lock="y\n")
    return folder


def test_commits_and_tags_are_read_from_git_once(cordon, tmp_path):
    cordon.add_tenant("acme")
    repository = make_repository(tmp_path / "repository")
    for _ in range(2):
        cordon.run("changes", "git", repository, "--service", "billing")
    found = listed(cordon)
    assert [(row["kind"], row["subject"]) for row in found] == [
        ("dependency", ""), ("other", ""), ("deploy", "v2.4.1"), ("other", "")
    ] or [(row["kind"], row["subject"]) for row in found] == [
        ("dependency", ""), ("deploy", "v2.4.1"), ("other", ""), ("other", "")
    ]
    middle = next(row for row in found if row["files"] == ["billing/money.py"])
    assert middle["description"].startswith("round half up") and len(middle["commit"]) == 40
    assert all(row["service"] == "billing" and row["author"].startswith("<") for row in found)
    recent = listed(cordon, "--since", "25m")
    assert len(recent) == 1
    no_leak(cordon)
    done = cordon.run("changes", "git", tmp_path / "none", exits=(2,))
    assert b"git refuses it" in done.stderr


def test_a_tag_that_comes_later_adds_its_deploy_alone(cordon, tmp_path):
    cordon.add_tenant("acme")
    repository = make_repository(tmp_path / "repository")
    cordon.run("changes", "git", repository, "--service", "billing")
    before = {row["id"] for row in listed(cordon)}
    git(repository, "tag", "v2.4.1-hotfix", "v2.4.1")
    git(repository, "tag", "-a", "-m", "later", "v2.4.2")
    for _ in range(2):
        cordon.run("changes", "git", repository, "--service", "billing")
    added = [row for row in listed(cordon) if row["id"] not in before]
    assert len(before) == 4
    assert sorted((row["kind"], row["subject"]) for row in added) == [
        ("deploy", "v2.4.1-hotfix"), ("deploy", "v2.4.2")]
    cordon.run("changes", "git", repository, "--service", "shipping")
    assert len(listed(cordon)) == 12
    no_leak(cordon)


def test_files_beyond_the_limit_are_counted_and_told(cordon, tmp_path):
    cordon.add_tenant("acme")
    repository = make_repository(tmp_path / "repository")
    tree = {f"tree__f{n}_py": "a = 1\n" for n in range(256)}
    commit(repository, int(time.time()) - 500, "as many as are kept", **tree)
    done = cordon.run("changes", "git", repository)
    assert b"left out" not in done.stderr
    tree = {f"tree__f{n}_py": "a = 2\n" for n in range(300)}
    commit(repository, int(time.time()) - 400, "move all", **tree)
    done = cordon.run("changes", "git", repository)
    assert b"note: commits touch more files than the 256" in done.stderr
    assert b"44 were left out" in done.stderr
    found = {row["description"]: row for row in listed(cordon)}
    counts = [(len(row["files"]), row["files_left_out"]) for row in found.values()]
    assert (len(found["move all"]["files"]), found["move all"]["files_left_out"]) == (256, 44)
    assert sum(left_out for _, left_out in counts) == 44
    text = cordon.run("changes", "list").stdout.decode()
    assert text.count("further files not kept") == 1
    assert "move all (44 further files not kept)" in text
    cordon.run("changes", "add", stdin=json.dumps(
        change(kind="deploy", version="3", files=[f"f{n}.py" for n in range(257)])).encode())
    assert [row["files_left_out"] for row in listed(cordon) if row["subject"] == "3"] == [1]


def test_commits_since_a_time_long_ago_are_read(cordon, tmp_path):
    cordon.add_tenant("acme")
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q", "-b", "main")
    commit(repository, 50_000_000, "begin", billing__money_py="a = 1\n")
    commit(repository, 1_700_000_000, "go on", billing__money_py="a = 2\n")
    for since, count in [("1970-01-01T00:00:10Z", 2), ("1972-01-01T00:00:00Z", 1),
                         ("2024-01-01T00:00:00Z", 0)]:
        done = cordon.run("changes", "git", repository, "--since", since)
        assert f"took in {count} changes".encode() in done.stderr, since


def test_a_hostile_repository_executes_nothing(cordon, tmp_path):
    cordon.add_tenant("acme")
    repository = make_repository(tmp_path / "repository")
    proof = tmp_path / "executed"
    script = tmp_path / "script.sh"
    script.write_text(f"#!/bin/sh\necho \"$0 $@\" >> {proof}\ncat\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    (repository / ".git" / "info").mkdir(exist_ok=True)
    for attributes in (repository / ".gitattributes", repository / ".git/info/attributes"):
        attributes.write_text("* diff=evil filter=evil merge=evil textconv=evil\n")
    commit(repository, int(time.time()) - 500, "attributes", billing__money_py="a = 3\n")
    hostile = {
        "core.fsmonitor": script, "core.pager": script, "core.hooksPath": tmp_path,
        "core.sshCommand": script, "core.editor": script, "core.askPass": script,
        "core.gitProxy": script, "core.alternateRefsCommand": script, "pager.log": script,
        "pager.ls-tree": script, "pager.for-each-ref": script, "diff.external": script,
        "diff.evil.command": script, "diff.evil.textconv": script, "diff.evil.cachetextconv": "1",
        "filter.evil.clean": script, "filter.evil.smudge": script, "filter.evil.process": script,
        "filter.evil.required": "true", "gpg.program": script, "gpg.ssh.program": script,
        "log.showSignature": "true", "log.diffMerges": "remerge", "diff.submodule": "log",
        "alias.log": f"!{script}", "alias.ls-tree": f"!{script}", "credential.helper": script,
        "interactive.diffFilter": script, "sequence.editor": script, "trace2.eventTarget": proof,
        "extensions.partialClone": "origin", "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{script} %S", "protocol.ext.allow": "always",
        "remote.origin.uploadpack": script, "core.repositoryFormatVersion": "1",
        "uploadpack.packObjectsHook": script, "color.ui": "always", "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true", "core.quotePath": "true", "format.pretty": "oneline",
    }
    for key, value in hostile.items():
        subprocess.run(["git", "config", "--file", repository / ".git/config", key, value],
                       check=True)
    hooks = repository / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / name).write_text(script.read_text())
        (hooks / name).chmod(0o755)
    # A program of this name in the folder it runs in must not be found, either.
    (repository / "git").write_text(script.read_text())
    (repository / "git").chmod(0o755)
    path = f".:{repository}/nowhere::{os.environ['PATH']}"
    cordon.run("changes", "git", repository, env={"PATH": path, "GIT_EXTERNAL_DIFF": str(script),
                                                  "GIT_PAGER": str(script)})
    assert len(listed(cordon)) == 5
    assert not proof.exists(), proof.read_text()
    # An object that is missing is not fetched: the answer is an error, not a connection.
    objects = repository / ".git/objects"
    for packed in list(objects.glob("??/*"))[:6]:
        packed.unlink()
    cordon.run("changes", "git", repository, exits=(0, 2))
    assert not proof.exists(), proof.read_text()
    no_leak(cordon)
