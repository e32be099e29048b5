"""Syslog and lines of JSON from the programs that send them, over UDP, TCP and TLS."""

import http.client
import json
import random
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest
from conftest import Cordon, Server
from leaks import files_under, search
from test_durability import word

ARRIVE_S_MAX = 60
LINES = 40
ALNUM = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

# How `logger` is told to send: transport, framing and format.
WAYS = {
    "udp-3164": ("syslog_udp", ["-d", "--rfc3164"]),
    "udp-5424": ("syslog_udp", ["-d", "--rfc5424"]),
    "tcp-3164": ("syslog_tcp", ["-T", "--rfc3164"]),
    "tcp-5424": ("syslog_tcp", ["-T", "--rfc5424"]),
    "tcp-3164-counted": ("syslog_tcp", ["-T", "--rfc3164", "--octet-count"]),
    "tcp-5424-counted": ("syslog_tcp", ["-T", "--rfc5424", "--octet-count"]),
}


def planted(seed):
    """A secret and a mail address that nobody has, for a line of a log."""
    draw = random.Random(seed)
    secret = "".join(draw.choice(ALNUM) for _ in range(20))
    mail = f"{''.join(draw.choice('bcdfgk') for _ in range(12))}@mail.example.org"
    return [{"kind": "password", "value": secret}, {"kind": "email", "value": mail}]


def metric(text, name, **labels):
    """One value of the Prometheus text format."""
    inner = ",".join(f'{key}="{value}"' for key, value in labels.items())
    full = f"{name}{{{inner}}}" if inner else name
    return int(re.search(rf"^{re.escape(full)} (\d+)$", text, re.M).group(1))


def wait_for(server, count, source, name="cordon_receive_stream_events_total", **labels):
    """Asks for the count of events until it is reached: they are durable then."""
    deadline = time.monotonic() + ARRIVE_S_MAX
    while True:
        text = server.get("/metrics").decode()
        found = metric(text, name, source=source, **labels)
        if found >= count:
            return found
        assert time.monotonic() < deadline, text


def listed(cordon, tenant):
    """{(service, title): count} of a tenant."""
    groups = cordon.json("list", "--tenant", tenant, "--json")["fingerprints"]
    return {(group["service"], group["title"]): group["count"] for group in groups}


def logger(way, server, lines, tag="kiosk"):
    """Sends lines with util-linux' own program, one message each."""
    source, words = WAYS[way]
    host, port = dict(server.more)[source].split(":")
    subprocess.run(
        ["logger", "-n", host, "-P", port, "-t", tag, "-p", "local3.err", *words],
        input="".join(f"{line}\n" for line in lines).encode(), check=True, timeout=60,
    )


@pytest.fixture
def plain(cordon, tmp_path):
    """A server with plain listeners for the tenant shop."""
    cordon.add_tenant("shop")
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text("".join(
        f'[[listen.{kind}]]\naddress = "127.0.0.1:0"\ntransport = "{transport}"\ntenant = "shop"\n'
        for kind, transport in [("syslog", "udp"), ("syslog", "tcp"), ("json", "tcp")]
    ))
    server = Server(cordon)
    yield server
    if server.process.poll() is None:
        server.kill()


def test_every_message_of_logger_arrives_once(plain):
    cordon, sent, secrets, number = plain.cordon, {}, [], 0
    totals = {"syslog_udp": 0, "syslog_tcp": 0}
    for way, (source, _) in WAYS.items():
        tag = way.replace("-", "")
        lines = []
        for _ in range(LINES):
            number += 1
            lines.append(f"step {word(number)} failed")
            sent[tag, lines[-1]] = 1
        secret, mail = planted(number)
        secrets += [secret, mail]
        lines.append(f"login {word(number)} failed password={secret['value']} of {mail['value']}")
        sent[tag, f"login {word(number)} failed password=<removed> of <email>"] = 1
        logger(way, plain, lines, tag)
        totals[source] += len(lines)
        # Datagrams are not held back: one lot at a time.
        wait_for(plain, totals[source], source)
    text = plain.get("/metrics").decode()
    for source, total in totals.items():
        assert metric(text, "cordon_receive_stream_events_total", source=source) == total
        assert metric(text, "cordon_receive_stream_frames_total", source=source) == total
    assert not re.search(r"_(lost|flagged)\w+\{[^}]*\} [1-9]", text), text
    plain.stop()
    assert listed(cordon, "shop") == sent
    cordon.ask("why did the login fail?", "--no-model")
    blobs = [*files_under(cordon.data), *((f"output {i}", b) for i, b in enumerate(cordon.said))]
    assert search(secrets, [*blobs, ("metrics", text.encode())]) == []


def test_equal_messages_are_as_many_as_were_sent(plain):
    for way in ["udp-3164", "tcp-3164", "tcp-3164-counted"]:
        logger(way, plain, ["the same failure"] * 3)
    logger("tcp-3164", plain, ["the same failure"] * 3)
    wait_for(plain, 3, "syslog_udp")
    wait_for(plain, 9, "syslog_tcp")
    plain.stop()
    assert listed(plain.cordon, "shop") == {("kiosk", "the same failure"): 12}


def test_what_was_sent_before_the_stop_is_there_afterwards(plain):
    lines = [f"step {word(number)} failed" for number in range(1, 2_001)]
    logger("tcp-5424-counted", plain, lines)
    plain.stop()
    assert listed(plain.cordon, "shop") == {("kiosk", line): 1 for line in lines}


def test_lines_of_json_over_tcp(plain):
    secret, mail = planted(5)
    host, port = dict(plain.more)["json_tcp"].split(":")
    rows = [
        json.dumps({"level": "error", "message": "step one failed", "service": "till"}),
        f"no json at all password={secret['value']} {mail['value']}",
        json.dumps({"level": "error", "message": "step two failed", "service": "till",
                    "user": mail["value"], "password": secret["value"]}),
    ]
    with socket.create_connection((host, int(port))) as stream:
        stream.sendall("\n".join(rows).encode())
        stream.shutdown(socket.SHUT_WR)
        assert stream.recv(1) == b""
    text = plain.get("/metrics").decode()
    assert metric(text, "cordon_receive_stream_events_total", source="json_tcp") == 3
    assert metric(text, "cordon_receive_stream_rejected_records_total", source="json_tcp") == 1
    plain.stop()
    found = listed(plain.cordon, "shop")
    assert found["till", "step one failed"] == found["till", "step two failed"] == 1
    assert len(found) == 3
    blobs = [*files_under(plain.cordon.data), ("log", plain.log), ("list", str(found).encode())]
    assert search([secret, mail], blobs) == []


def test_no_beginning_of_a_secret_is_left_where_a_message_is_cut(plain):
    draw = random.Random(9)
    token = "".join(draw.choice("bcdfghjkmnpqrstvwxz") for _ in range(48))
    head = "<11>1 - host kiosk - - - step one failed "
    filler = "a b " * (((64 << 10) - len(head) - 24) // 4)
    frames = {
        # Longer than a message may be, and ended by the sender before what it said.
        "syslog_tcp": [f"{head}{filler}{token} end\n", f"4000 {head}of {token[:20]}"],
        "json_tcp": ["step two failed " + "a b " * ((1 << 18) - 10) + token + " end\n"],
    }
    for source, sent in frames.items():
        host, port = dict(plain.more)[source].split(":")
        with socket.create_connection((host, int(port))) as stream:
            stream.sendall("".join(sent).encode())
            stream.shutdown(socket.SHUT_WR)
            assert stream.recv(1) == b""
    text = plain.get("/metrics").decode()
    name = "cordon_receive_stream_flagged_events_total"
    for source, sent in frames.items():
        assert metric(text, name, source=source, reason="truncated") == len(sent)
    plain.stop()
    found = listed(plain.cordon, "shop")
    assert found["kiosk", "step one failed of"] == 1
    assert sum(found.values()) == 3
    answer = plain.cordon.ask("which step failed?", "--no-model")
    said = [("list", str(found).encode()), ("answer", json.dumps(answer).encode())]
    blobs = [*files_under(plain.cordon.data), ("log", plain.log), *said]
    assert search([{"kind": "planted", "value": token[:6]}], blobs) == []


def test_a_tenant_that_does_not_exist_stops_the_start(cordon, tmp_path):
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(
        '[[listen.syslog]]\naddress = "127.0.0.1:0"\ntransport = "udp"\ntenant = "shop"\n'
    )
    words = ["serve", "--listen", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]
    told = cordon.run(*words, exits=(2,)).stderr.decode()
    assert "cordon tenant add shop" in told


# Certificates.


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


class Authority:
    """Makes certificates in a folder."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", 2, "-subj", "/O=Example/CN=Example CA", "-keyout", folder / "ca.key",
                "-out", folder / "ca.pem", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, common, alternative=None):
        """Writes NAME.pem and NAME.key."""
        pem, key, request = (self.folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/O=Example/CN={common}", "-keyout", key, "-out", request)
        extensions = self.folder / f"{name}.ext"
        lines = ["basicConstraints=critical,CA:FALSE", "keyUsage=digitalSignature"]
        lines += [f"subjectAltName={alternative}"] if alternative else []
        extensions.write_text("\n".join(lines) + "\n")
        openssl("x509", "-req", "-in", request, "-CA", self.folder / "ca.pem", "-CAkey",
                self.folder / "ca.key", "-CAcreateserial", "-days", 2, "-out", pem,
                "-extfile", extensions)
        return pem, key


@pytest.fixture
def authority(tmp_path):
    made = Authority(tmp_path / "pki")
    made.issue("server", "cordon.example.org", "DNS:cordon.example.org,DNS:localhost")
    made.issue("shop", "till", "URI:spiffe://example.org/shop")
    made.issue("bank", "bank.example.org")
    made.issue("nobody", "nobody")
    return made


@pytest.fixture
def sealed(cordon, tmp_path, authority):
    """A server with TLS on every listener; certificates say whose it is."""
    cordon.add_tenant("shop")
    token = cordon.add_tenant("bank")
    at = authority.folder
    files = f'certificate = "{at}/server.pem"\nkey = "{at}/server.key"\nclient_ca = "{at}/ca.pem"\n'
    inline = "{ " + ", ".join(files.splitlines()) + " }"
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(
        f'[server.tls]\n{files}client_auth = "optional"\n'
        f'[[listen.syslog]]\naddress = "127.0.0.1:0"\ntransport = "tls"\ntls = {inline}\n'
        f'[[listen.json]]\naddress = "127.0.0.1:0"\ntransport = "tls"\ntenant = "bank"\n'
        f"tls = {inline}\n"
        '[tenant.shop]\ncertificates = ["spiffe://example.org/shop"]\n'
        '[tenant.bank]\ncertificates = ["bank.example.org"]\n'
    )
    server = Server(cordon)
    server.token = token
    yield server
    if server.process.poll() is None:
        server.kill()


class Rsyslog:
    """A running rsyslogd that forwards over TLS what is written to its socket."""

    def __init__(self, folder, authority, name, address, ca=None):
        folder.mkdir()
        self.socket, self.log = folder / "dev-log", folder / "rsyslog.log"
        at, (host, port) = authority.folder, address.split(":")
        config = folder / "rsyslog.conf"
        config.write_text(f"""
global(workDirectory="{folder}" DefaultNetstreamDriver="ossl"
       DefaultNetstreamDriverCAFile="{ca or at / 'ca.pem'}"
       DefaultNetstreamDriverCertFile="{at}/{name}.pem"
       DefaultNetstreamDriverKeyFile="{at}/{name}.key")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="{self.socket}" RateLimit.Interval="0" UseSpecialParser="off"
      ParseHostname="off")
template(name="all" type="string" string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% till-7 %APP-NAME% \
%PROCID% %MSGID% [origin@32473 ip=\\"192.0.2.7\\"] %msg%")
action(type="omfwd" target="{host}" port="{port}" protocol="tcp" TCP_Framing="octet-counted"
       StreamDriver="ossl" StreamDriverMode="1" StreamDriverAuthMode="x509/name"
       StreamDriverPermittedPeers="cordon.example.org" template="all"
       action.resumeRetryCount="-1" action.resumeInterval="1")
""")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["rsyslogd", "-n", "-f", config, "-i", folder / "pid"], stdout=log, stderr=log,
            )
        deadline = time.monotonic() + ARRIVE_S_MAX
        while not self.socket.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()

    def said(self):
        return self.log.read_text(errors="replace")

    def write(self, lines, tag):
        subprocess.run(
            ["logger", "-u", self.socket, "-t", tag, "-p", "local3.err"],
            input="".join(f"{line}\n" for line in lines).encode(), check=True, timeout=60,
        )

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=ARRIVE_S_MAX)


def test_rsyslog_over_tls_is_whose_its_certificate_says(sealed, authority, tmp_path):
    cordon, address = sealed.cordon, dict(sealed.more)["syslog_tls"]
    secret, mail = planted(9)
    lines = {
        name: [f"step {word(start + number)} failed" for number in range(200)]
        for name, start in [("shop", 1), ("bank", 1_001)]
    }
    login = f"login failed password={secret['value']} of {mail['value']}"
    stranger = Authority(tmp_path / "stranger")
    stranger.issue("shop", "till", "URI:spiffe://example.org/shop")
    senders = {name: Rsyslog(tmp_path / name, authority, name, address) for name in lines}
    wrong = [
        Rsyslog(tmp_path / "nobody", authority, "nobody", address),
        Rsyslog(tmp_path / "other", stranger, "shop", address, authority.folder / "ca.pem"),
    ]
    try:
        for name, sender in senders.items():
            sender.write([*lines[name], login], "till")
        for sender in wrong:
            sender.write(["never to be seen"], "till")
        wait_for(sealed, 402, "syslog_tls")
        closed = "cordon_receive_stream_closed_connections_total"
        wait_for(sealed, 1, "syslog_tls", closed, reason="no_tenant")
        wait_for(sealed, 1, "syslog_tls", closed, reason="tls_handshake")
    finally:
        for sender in [*senders.values(), *wrong]:
            sender.stop()
    assert wait_for(sealed, 402, "syslog_tls") == 402
    sealed.stop()
    for name, sent in lines.items():
        want = {("till", line): 1 for line in sent}
        want["till", "login failed password=<removed> of <email>"] = 1
        assert listed(cordon, name) == want, name
    blobs = [*files_under(cordon.data), *((f"output {i}", b) for i, b in enumerate(cordon.said))]
    assert search([secret, mail], blobs) == []


def https(server, authority, name=None):
    """A connection to the HTTP listener, with a certificate or without."""
    context = ssl.create_default_context(cafile=authority.folder / "ca.pem")
    if name:
        context.load_cert_chain(authority.folder / f"{name}.pem", authority.folder / f"{name}.key")
    port = server.http.split(":")[1]
    return http.client.HTTPSConnection("localhost", port, context=context, timeout=60)


def post(connection, message, token=None):
    """Posts an event; the status."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = json.dumps({"level": "error", "message": message, "service": "till"})
    connection.request("POST", "/v1/events", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def test_a_certificate_is_a_token_over_https(sealed, authority):
    for name, token, status in [
        ("shop", None, 200),
        ("bank", None, 200),
        ("bank", sealed.token, 200),
        ("shop", sealed.token, 403),
        ("nobody", None, 401),
        (None, sealed.token, 200),
        (None, None, 401),
    ]:
        assert post(https(sealed, authority, name), f"by {name}", token) == status, (name, token)
    # Of this machine, the war room and what is sent with a token go without TLS.
    assert sealed.post("/v1/events", b'{"message":"plain"}', sealed.token)[0] == 200
    assert sealed.post("/v1/events", b'{"message":"plain"}')[0] == 401
    sealed.stop()
    assert listed(sealed.cordon, "shop") == {("till", "by shop"): 1}
    bank = listed(sealed.cordon, "bank")
    assert {title for _, title in bank} == {"by bank", "by None", "plain"}, bank


def test_certificates_are_read_again_on_sighup(sealed, authority):
    def shown(connection):
        return connection.sock.getpeercert(binary_form=True)

    old = https(sealed, authority, "shop")
    assert post(old, "first") == 200
    authority.issue("server", "cordon.example.org", "DNS:localhost")
    sealed.process.send_signal(signal.SIGHUP)
    sealed._until(re.compile(rb"reloaded certificates of json_tls"))
    new = https(sealed, authority, "shop")
    assert post(new, "second") == 200
    assert post(old, "third") == 200, "a connection was dropped"
    assert shown(new) != shown(old)
    (authority.folder / "server.key").write_text("no key")
    sealed.process.send_signal(signal.SIGHUP)
    sealed._until(re.compile(rb"kept the certificates of server: .*server.key"))
    again = https(sealed, authority, "shop")
    assert post(again, "fourth") == 200
    assert shown(again) == shown(new)


def test_a_tenant_over_its_rate_is_told_to_wait_and_others_are_not(cordon, tmp_path):
    tokens = {name: cordon.add_tenant(name) for name in ("noisy", "quiet")}
    cordon.config = tmp_path / "cordon.toml"
    cordon.config.write_text(
        "[tenant.noisy.limits]\nevents_per_s = 1\nburst_s = 100\n\n"
        '[[listen.syslog]]\naddress = "127.0.0.1:0"\ntransport = "tcp"\ntenant = "noisy"\n'
    )
    server = Server(cordon)
    try:
        rows = "".join(
            json.dumps({"level": "error", "message": f"step {word(n)} failed"}) + "\n"
            for n in range(1, 131)
        ).encode()
        assert server.post("/v1/events", rows, tokens["noisy"])[0] == 200
        status, headers, told = server.post("/v1/events", rows, tokens["noisy"])
        assert (status, headers["cordon-code"]) == (429, "events_rate")
        assert 20 <= int(headers["retry-after"]) <= 32 and json.loads(told)["code"] == "events_rate"
        assert server.post("/v1/events", rows, tokens["quiet"])[0] == 200
        # A minidump is looked at, or cannot be: it is not told to wait for a rate.
        path = f"/api/1/minidump/?sentry_key={tokens['noisy']}"
        assert server.post(path, b"MDMP")[0] in (400, 503)
        # What is not acknowledged waits at its sender.
        host, port = dict(server.more)["syslog_tcp"].split(":")
        with socket.create_connection((host, int(port))) as stream:
            stream.sendall(b"<11>1 - host kiosk - - - waits\n")
            wait_for(server, 1, "syslog_tcp", "cordon_receive_stream_waits_total")
            text = server.get("/metrics").decode()
        for tenant, durable in (("noisy", 130), ("quiet", 130)):
            def told_of(name, tenant=tenant, **labels):
                return metric(text, f"cordon_tenant_{name}", tenant=tenant, **labels)
            assert told_of("durable_events_total") == durable
            reasons = re.findall(
                rf'^cordon_tenant_refused_events_total{{tenant="{tenant}",reason="\w+"}} (\d+)$',
                text, re.M,
            )
            refused = sum(map(int, reasons))
            assert (refused > 0) == (tenant == "noisy")
            assert told_of("received_events_total") == durable + refused + told_of(
                "panicked_events_total") + told_of("in_flight_events")
    finally:
        server.kill()
