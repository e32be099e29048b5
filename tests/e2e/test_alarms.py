"""Alarms and refusals: pages, quarantine, budgets, and a tenant's own dictionary."""

import http.server
import json
import random
import re
import threading

import pytest
from conftest import Server
from leaks import files_under, search
from test_wall import ALNUM, events, obedient


class Hook(http.server.BaseHTTPRequestHandler):
    """A webhook that fails once, then keeps what it is told."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.tries += 1
        taken = self.server.tries > 1
        if taken:
            self.server.pages.append(body)
        self.send_response(204 if taken else 503)
        self.end_headers()

    def log_message(self, *_):
        pass


def listen(handler):
    """A server on loopback, running."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def hook():
    """A running webhook."""
    server = listen(Hook)
    server.tries, server.pages = 0, []
    yield server
    server.shutdown()


@pytest.fixture
def canary(cordon, hook, tmp_path):
    """A canary that is configured, with the webhook as the one to be told."""
    draw = random.Random(11)
    value = "canary-" + "".join(draw.choice(ALNUM) for _ in range(24))
    listed = tmp_path / "canaries"
    listed.write_text(value + "\n")
    listed.chmod(0o600)
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(
        f'[redaction]\ncanaries = "{listed}"\n'
        f'[pages]\nwebhook = "http://127.0.0.1:{hook.server_port}/page"\n'
    )
    return value


def told(hook):
    """What the webhook was told, without the time."""
    pages = [json.loads(body) for body in hook.pages]
    for page in pages:
        assert page.pop("unix_s") > 1_700_000_000
    return pages


def page(**said):
    """A page."""
    return {"schema": "cordon.page", "version": 1, "tenant": "acme", "reason": "canary",
            "rule": "canary", "class": "A", **said}


def test_a_canary_holds_its_batch_back_and_pages(cordon, hook, canary):
    token = cordon.add_tenant("acme")
    serving = Server(cordon)
    lines = events("one") + b"\n" + events(f"note {canary}")
    assert serving.post("/v1/events", lines, token)[0] == 200
    other = json.dumps({"level": "error", "service": "forge", "message": "anvil cracked"})
    assert serving.post("/v1/events", other.encode(), token)[0] == 200
    serving.stop()
    assert told(hook) == [page(source="shop", events=2)]
    assert b"page tenant=acme reason=canary" in serving.log
    status = cordon.json("status", "--json")
    assert status["balanced"]
    assert status["quarantined"] == [{"reason": "canary", "count": 2}]
    [flag] = status["flagged_sources"]
    assert (flag["source"], flag["reason"], flag["count"]) == ("shop", "canary", 2)
    assert b"flagged: shop: 2 canary" in cordon.run("status").stdout
    assert b"cracked" in cordon.run("ask", "the anvil cracked").stdout
    blobs = [*files_under(cordon.data), *(("output", b) for b in cordon.said)]
    blobs += [("page", body) for body in hook.pages]
    assert search([{"kind": "canary", "value": canary}], blobs) == []


def test_metrics_count_pages(cordon, hook, canary):
    token = cordon.add_tenant("acme")
    serving = Server(cordon)
    assert serving.post("/v1/events", events(canary), token)[0] == 200
    assert b"\ncordon_pages_total 1\n" in serving.get("/metrics")
    serving.stop()


def test_a_canary_in_a_question_or_a_pasted_log_pages(cordon, hook, canary):
    token = cordon.add_tenant("acme")
    serving = Server(cordon)
    assert serving.post("/v1/events", events("one"), token)[0] == 200
    serving.stop()
    cordon.run("ask", f"what of {canary}?")
    out = cordon.run("redact", "--tenant", "acme", stdin=f"a {canary}\nb\n".encode())
    assert out.stdout == b"[removed:canary]\nb\n"
    assert told(hook) == [page(source="", events=0)] * 2
    assert search([{"kind": "canary", "value": canary}], [("o", b) for b in cordon.said]) == []


def test_a_secret_in_a_models_output_pages(cordon, hook, canary):
    model = obedient(f"so it is {canary} then")
    with open(cordon.config, "a") as config:
        config.write(f'[model]\nbase_url = "http://127.0.0.1:{model.server_port}/v1"\n'
                     'model = "obedient"\n')
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    out = cordon.run("ask", "why did the cart fail?")
    assert b"total" in out.stdout and b"The model adds" not in out.stdout
    assert told(hook) == [page(source="", events=0)]
    model.shutdown()


def test_a_budget_refusal_blocks_model_and_answer_alike(cordon, tmp_path):
    model = obedient("so it is")
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(
        "[budget]\nclass_c_bytes = 6000\n"
        f'[model]\nbase_url = "http://127.0.0.1:{model.server_port}/v1"\nmodel = "obedient"\n'
    )
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    refused = cordon.run("ask", "why did the cart fail?", exits=(4,))
    assert refused.stdout == b"" and b"refused: budget_" in refused.stderr
    assert model.asked == []
    # The engine's answer alone is paid for, and is charged.
    assert b"KeyError" in cordon.run("ask", "why did the cart fail?", "--no-model").stdout
    shown = cordon.run("audit", "show").stdout
    assert b"budget_tenant_cap" in shown or b"budget_operator_cap" in shown
    model.shutdown()


def test_a_prompt_is_charged_beside_the_answer(cordon, tmp_path):
    model = obedient()
    model.says = ["it is so"]
    section = f'[model]\nbase_url = "http://127.0.0.1:{model.server_port}/v1"\nmodel = "obedient"\n'
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(section)
    tenants = ("acme", "globex", "initech")
    for tenant in tenants:
        cordon.add_tenant(tenant)
        cordon.run("ingest", "--tenant", tenant, stdin=events("one"))

    def ask(tenant, *words):
        return cordon.run("ask", "why did the cart fail?", "--tenant", tenant, *words)

    answer = len(ask("acme", "--no-model").stdout)
    shown = len(ask("acme").stdout)
    [sent] = [json.loads(body)["messages"][1]["content"] for body in model.asked]
    rows = [json.loads(row) for row in cordon.run("audit", "show").stdout.splitlines()]
    charged = {row["decision"]: row["amount_bytes"] for row in rows}
    assert charged["prompt_sent"] == len(sent.encode()) > 200
    assert charged["budget_within"] == answer
    assert charged["model_answered"] == shown - answer > 0
    # What is reserved: the answer, the most that claims may add, and the prompt.
    whole = answer + 8_000 + len(sent.encode())
    for tenant, cap, reduced in [("globex", whole + 64, False), ("initech", whole - 64, True)]:
        cordon.config.write_text(f"{section}[budget]\nclass_c_bytes = {cap}\n")
        assert (b"reduced" in ask(tenant).stderr) == reduced, tenant
    model.shutdown()


def test_degraded_answers_are_charged_until_nothing_is_left(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text("")
    cordon.add_tenant("acme")
    cordon.run("ingest", "--tenant", "acme", stdin=events("one"))
    full = len(cordon.run("ask", "why did the cart fail?").stdout)
    # One byte less than three full answers.
    cap = 3 * full - 1
    cordon.config.write_text(f"[budget]\nclass_c_bytes = {cap}\n")
    said = []
    for _ in range(full):
        done = cordon.run("ask", "why did the cart fail?", exits=(0, 4))
        said.append((done.returncode, done.stderr, len(done.stdout)))
        code = re.search(rb"reduced: (\w+)", done.stderr)
        assert code is None or code.group(1) in done.stdout, "the answer says it as well"
        if done.returncode == 4:
            break
    assert said[0][0] == 0 and b"reduced" not in said[0][1]
    assert any(code == 0 and b"reduced" in note for code, note, _ in said), said
    assert said[-1][0] == 4 and said[-1][2] == 0
    assert full + sum(size for _, _, size in said) <= cap


DICTIONARY = """
[redaction.dictionary]
terms = ["Project Umbra"]
[tenant.acme.redaction.dictionary]
services = ["shop-core"]
customers = ["cust10443"]
fields = ["crm_ref"]
"""


def test_a_tenants_dictionary_is_its_own(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(DICTIONARY)
    line = b'{"service":"shop-core","crmRef":"blue","m":"project umbra of cust10443"}\n'
    redacted = {}
    for name in ("acme", "globex"):
        cordon.add_tenant(name)
        out = cordon.run("redact", "--tenant", name, stdin=line).stdout
        redacted[name] = json.loads(out)
    acme, globex = redacted["acme"], redacted["globex"]
    assert acme["service"].startswith("service_") and acme["crmRef"].startswith("field_")
    assert acme["m"].startswith("term_") and " of customer_" in acme["m"]
    assert globex["service"] == "shop-core" and globex["crmRef"] == "blue"
    assert globex["m"].startswith("term_") and globex["m"].endswith(" of cust10443")
    # Stored, asked about and shown, they are the tenant's pseudonyms.
    stored = json.dumps({"level": "error", "service": "shop-core", "message": "cust10443 failed"})
    cordon.run("ingest", "--tenant", "acme", stdin=stored.encode())
    cordon.run("ask", "why did shop-core fail?", "--tenant", "acme")
    blobs = [*files_under(cordon.data), *(("output", b) for b in cordon.said[-2:])]
    words = [{"kind": "term", "value": word} for word in ("shop-core", "cust10443")]
    assert search(words, blobs) == []


@pytest.mark.parametrize("section, said", [
    ('[redaction.dictionary]\nterms = ["x"]\n', b"word 0 is not of 2 to 256 bytes"),
    ('[redaction.dictionary]\nservice = ["x"]\n', b"unknown field `service`"),
    ('[tenant.Acme.redaction]\n', b"accept name"),
])
def test_a_policy_that_cannot_be_held_stops_the_start(cordon, tmp_path, section, said):
    cordon.add_tenant("acme")
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(section)
    done = cordon.run("serve", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0", exits=(2,))
    assert said in done.stderr, done.stderr


@pytest.mark.parametrize("named", ["canaries", "known_secrets"])
def test_a_list_of_secrets_that_others_may_read_is_refused(cordon, tmp_path, named):
    cordon.add_tenant("acme")
    listed = tmp_path / "listed"
    listed.write_text("tulip-garden-lamp\n")
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(f'[redaction]\n{named} = "{listed}"\n')
    for mode in (0o640, 0o604, 0o620):
        listed.chmod(mode)
        for words in [
            ("ingest", "--tenant", "acme"), ("ask", "why?"), ("redact", "--tenant", "acme"),
            ("serve", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0"),
        ]:
            done = cordon.run(*words, stdin=b"", exits=(2,))
            assert b"run: chmod 600 " in done.stderr, (words, done.stderr)
            assert b"tulip" not in done.stderr and done.stdout == b""
    listed.chmod(0o600)
    out = cordon.run("redact", "--tenant", "acme", stdin=b"a tulip-garden-lamp").stdout
    assert b"tulip" not in out and b"[removed:" in out
