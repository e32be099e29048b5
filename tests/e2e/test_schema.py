"""What is done with each kind, and what becomes of fields that nobody approved."""

import json

from leaks import files_under, search


def event(**fields):
    """One failing event, JSON lines."""
    return json.dumps({"level": "error", "service": "shop", "message": "no cart", **fields}).encode()


def learn(cordon, *lines):
    """The fields of these events, by path."""
    learned = cordon.json("schema", "learn", stdin=b"\n".join(lines))
    return learned, {row["path"]: row for row in learned["fields"]}


def test_each_kind_has_its_action_and_each_tenant_its_own(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(
        '[redaction.actions]\nclass_b = "mask"\nip = "keep"\n'
        '[tenant.acme.redaction.actions]\nemail = "remove"\n'
    )
    lines = b'of ann@mail.example.org at 203.0.113.9\n{"phone":"+49 30 1234567","card":4111111111111111}'
    want = b'{"phone":"+00 00 0000000","card":1000000000000000}'
    out = cordon.run("redact", stdin=lines).stdout.splitlines()
    assert out == [b"of xxx@xxxx.xxxxxxx.xxx at 203.0.113.9", want]
    cordon.add_tenant("acme")
    out = cordon.run("redact", "--tenant", "acme", stdin=lines).stdout.splitlines()
    assert out == [b"of [removed:email] at 203.0.113.9", want]
    for said, why in [('class_a = "keep"', b"class_a"), ('email = "hide"', b"hide"),
                      ('mails = "mask"', b'"mails": no such kind; there are class_b, email, card')]:
        cordon.config.write_text(f"[redaction.actions]\n{said}\n")
        assert why in cordon.run("redact", stdin=b"x", exits=(2,)).stderr


def test_what_a_producer_marked_goes_and_the_marks_stay(cordon):
    lines = "no space for ‹blue tulip›\ncut ‹off\nalready ‹×›\n".encode()
    out = cordon.run("redact", stdin=lines).stdout.decode()
    one, two, three, _ = out.split("\n")
    assert one.startswith("no space for ‹marked_") and one.endswith("›")
    assert two.startswith("cut ‹marked_") and three == "already ‹×›"
    assert cordon.run("redact", stdin=out.encode()).stdout.decode() == out


def test_a_report_has_rule_version_and_digest(cordon, tmp_path):
    report = tmp_path / "report"
    line = b"ann@mail.example.org and bo@mail.example.org and ann@mail.example.org"
    cordon.run("redact", "--report", report, stdin=line)
    rows = [json.loads(row) for row in report.read_text().splitlines()]
    assert [row["rule_version"] for row in rows] == [1, 1, 1]
    one, two, three = (row["digest"] for row in rows)
    assert len(one) == 32 and one == three and one != two
    assert b"@" not in report.read_bytes()


def test_fields_are_learned_compared_and_approved(cordon, tmp_path):
    learned, fields = learn(
        cordon,
        event(plan="gold", note="write to ann@mail.example.org soon"),
        event(plan="silver", payload=json.dumps({"sku": "s7", "who": "kim"})),
    )
    assert learned["events"] == 2
    assert fields["attributes.plan"]["types"] == ["string"]
    assert fields["attributes.plan"]["cardinality"] == "few"
    assert fields["attributes.note"]["rules"] == ["email"]
    assert "attributes.payload.sku" in fields
    text = json.dumps(learned)
    assert not any(value in text for value in ("gold", "silver", "ann", "kim"))
    listed, schema = tmp_path / "learned.json", tmp_path / "schema.json"
    listed.write_text(text)
    cordon.run("schema", "diff", listed, "--schema", schema, exits=(2,))
    approve = ("schema", "approve", listed, "--schema", schema, "--reason", "tiers of plans")
    cordon.run(*approve, "--class", "C", "--field", "attributes.plan")
    schema.chmod(0o640)
    cordon.run(*approve, "--class", "B", "--field", "attributes.payload.who")
    assert schema.stat().st_mode & 0o777 == 0o640
    [plan] = [f for f in json.loads(schema.read_text())["fields"] if f["path"] == "attributes.plan"]
    assert plan["class"] == "C" and plan["approved"]["reason"] == "tiers of plans"
    diff = cordon.json("schema", "diff", listed, "--schema", schema, "--json", exits=(1,))
    assert sorted(diff["new"]) == ["attributes.note", "attributes.payload.sku"]
    later, _ = learn(cordon, event(plan=7))
    listed.write_text(json.dumps(later))
    out = cordon.run("schema", "diff", listed, "--schema", schema, exits=(1,)).stdout
    assert out == b"~ attributes.plan: type int\n- attributes.payload.who: not seen\n"
    cordon.run(*approve, "--class", "C", "--all")
    cordon.run("schema", "diff", listed, "--schema", schema)
    cordon.run(*approve, "--class", "C", "--field", "attributes.gone", exits=(2,))
    rows = [json.loads(line) for line in cordon.run("audit", "show").stdout.splitlines()]
    assert [r["decision"] for r in rows if r["action"] == "schema_approve"] == ["approved"] * 3


def test_what_nobody_approved_is_not_stored_and_what_is_approved_is_shown(cordon, tmp_path):
    lines = [event(plan=plan, diagnosis="a rare tulip", owner="kim77") for plan in ("gold", "gold")]
    learned, _ = learn(cordon, *lines)
    listed, schema = tmp_path / "learned.json", tmp_path / "schema.json"
    listed.write_text(json.dumps(learned))
    approve = ("schema", "approve", listed, "--schema", schema, "--reason", "a tier")
    cordon.run(*approve, "--class", "C", "--field", "attributes.plan")
    cordon.run(*approve, "--class", "B", "--field", "attributes.owner")
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(f'[redaction]\nschema = "{schema}"\nunknown = "drop"\n')
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=b"\n".join(lines))
    removed = {row["rule"]: row["count"] for row in cordon.json("status", "--json")["removed"]}
    assert removed["schema.unknown"] == 2 and removed["schema.personal"] == 2
    stored = cordon.json("schema", "learn", "--tenant", "acme")
    assert [row["path"] for row in stored["fields"]] == ["attributes.owner", "attributes.plan"]
    blobs = [*files_under(cordon.data), *(("output", b) for b in cordon.said)]
    assert search([{"kind": "field", "value": "rare tulip"}], blobs) == []
    # Classified as C is classified for answers too.
    fine = json.dumps({"level": "info", "service": "shop", "message": "cart", "plan": "silver"})
    cordon.run("ingest", "--tenant", "acme", stdin=b"\n".join([*lines * 3, *[fine.encode()] * 9]))
    answer = json.dumps(cordon.ask("why did shop fail with no cart?"))
    assert "gold" in answer
