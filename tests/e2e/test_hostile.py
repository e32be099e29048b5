"""Hostile bodies get their error code; memory stays bounded; the server goes on."""

import gzip
import json
import select
import socket

import pytest

# Stated in the README: what a server may come to hold under these bodies.
RSS_BYTES_MAX = 400 << 20
MIB = 1 << 20
# Chunks of a MiB by which a server has to have had enough.
CHUNKS_MAX = 512


def varint(number):
    """Protobuf varint."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number, payload):
    """Length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def log_record(*fields):
    """An ExportLogsServiceRequest with one record of these fields."""
    return field(1, field(2, field(2, b"".join(fields))))


def attribute(key, value):
    """A KeyValue of a log record."""
    return field(6, field(1, key) + field(2, field(1, value)))


JSON = {"Content-Type": "application/json"}
PROTO = {"Content-Type": "application/x-protobuf"}
GZIP = {**PROTO, "Content-Encoding": "gzip"}
# Path, headers, body; status and reason code of the answer.
BODIES = {
    "brackets as events": ("/v1/events", {}, b"[" * (10 * MIB), (400, "depth")),
    "brackets as json logs": ("/v1/logs", JSON, b"[" * (10 * MIB), (400, "depth")),
    "deep json": ("/v1/logs", JSON, b'{"a":' * 100_000, (400, "depth")),
    "gzip bomb": ("/v1/logs", GZIP, gzip.compress(b"\0" * (512 * MIB), 9),
                  (413, "inflated_too_large")),
    "not gzip": ("/v1/logs", GZIP, b"not gzip", (400, "compression_malformed")),
    "invalid utf-8": ("/v1/logs", PROTO, log_record(attribute(b"\xff\xfe", b"\xc3\x28")),
                      (400, "invalid_utf8")),
    "invalid utf-8 json": ("/v1/events", {}, b'{"message":"\xff\xfe"}', (400, "invalid_utf8")),
    "truncated protobuf": ("/v1/traces", PROTO, log_record(attribute(b"k", b"v"))[:-3],
                           (400, "protobuf_malformed")),
    "100k attributes": ("/v1/logs", PROTO,
                        log_record(*(attribute(b"k%d" % i, b"v") for i in range(100_000))),
                        (413, "attributes_count")),
    "no object": ("/v1/events", {}, b"17\n", (400, "json_shape")),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_gets_its_code(cordon, serving, name):
    token = cordon.add_tenant("acme")
    path, headers, body, expected = BODIES[name]
    for _ in range(3):
        status, answered, text = serving.post(path, body, token, headers)
        assert (status, answered["cordon-code"]) == expected, text[:300]
        assert expected[1].encode() in text, text[:300]
    assert serving.post("/v1/events", b'{"message":"and on"}', token)[0] == 200
    assert serving.rss_bytes() < RSS_BYTES_MAX
    serving.stop()
    assert b"and on" in cordon.run("list", "--json").stdout


def test_a_body_announced_too_large_is_refused_before_it_is_read(cordon, serving):
    token = cordon.add_tenant("acme")
    host, port = serving.http.split(":")
    with socket.create_connection((host, int(port)), timeout=60) as peer:
        peer.sendall(
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token.encode()
            + b"\r\nContent-Length: %d\r\n\r\n" % (4 << 30)
        )
        assert peer.recv(1024).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_an_announced_end_is_cut(cordon, serving):
    token = cordon.add_tenant("acme")
    host, port = serving.http.split(":")
    chunk = b"100000\r\n" + b"a" * MIB + b"\r\n"
    with socket.create_connection((host, int(port)), timeout=60) as peer:
        peer.sendall(
            b"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token.encode()
            + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        answered, closed = b"", False
        for _ in range(CHUNKS_MAX):
            try:
                peer.sendall(chunk)
                if select.select([peer], [], [], 0)[0]:
                    answered = peer.recv(1024)
                    closed = not answered
                    break
            except OSError:
                closed = True
                break
        # It does not swallow all of it: it answers, or closes on a sender that goes on.
        assert answered.startswith(b"HTTP/1.1 413 ") or closed
    assert serving.post("/v1/events", b'{"message":"and on"}', token)[0] == 200
    assert serving.rss_bytes() < RSS_BYTES_MAX


def test_a_wrong_token_is_refused(cordon, serving):
    cordon.add_tenant("acme")
    for token in [None, "wrong", "cordon_" + "a" * 52]:
        status, _, text = serving.post("/v1/events", b'{"message":"x"}', token)
        assert status == 401
        assert json.loads(text)["code"]


def test_a_field_beyond_the_schema_is_accepted(cordon, serving):
    token = cordon.add_tenant("acme")
    body = json.dumps({
        "resourceLogs": [{
            "resource": None, "unknownMember": {"a": 1},
            "scopeLogs": [{"logRecords": [{
                "timeUnixNano": "1700000000000000000", "body": {"stringValue": "odd body"},
                "attributes": [{"key": "rate", "value": {"doubleValue": "NaN"}},
                               {"key": "none", "value": None}],
            }]}],
        }],
    }).encode()
    assert serving.post("/v1/logs", body, token, JSON)[0] == 200
    serving.stop()
    assert b"odd body" in cordon.run("list", "--json").stdout
