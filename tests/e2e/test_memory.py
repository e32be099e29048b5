"""Memory under valid bodies at the limits, several at once."""

import gzip
import json
import threading

RECORDS = 9_000
ATTRIBUTES = 20
SENDERS = 8
RSS_BYTES_MAX = 1 << 30


def large():
    """A valid request near the limit on decoded bytes, as a busy collector may send it."""
    records = [
        {
            "timeUnixNano": "1700000000000000000",
            "body": {"stringValue": f"message {record}"},
            "attributes": [
                {"key": f"key{n}", "value": {"stringValue": f"value{record}{n}"}}
                for n in range(ATTRIBUTES)
            ],
        }
        for record in range(RECORDS)
    ]
    scope = {"scopeLogs": [{"logRecords": records}]}
    return gzip.compress(json.dumps({"resourceLogs": [scope]}).encode())


def test_memory_stays_bounded_under_valid_bodies_at_the_limits(cordon, serving):
    token = cordon.add_tenant("acme")
    body = large()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answers = []

    def send():
        answers.append(serving.post("/v1/logs", body, token, headers, timeout=300)[0])

    send()
    assert answers == [200]
    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == SENDERS + 1 and set(answers) <= {200, 503}, answers
    assert serving.rss_bytes() < RSS_BYTES_MAX
    # It goes on.
    assert serving.post("/v1/events", b'{"message":"still here"}', token)[0] == 200
    serving.stop()
