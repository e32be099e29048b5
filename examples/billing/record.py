"""Records what the real SDK sends, for `cordon demo` to replay.

    python record.py recorded/

Listens on loopback, runs a quiet night and a failing one against itself, and writes each request
body as it was sent (gzip) with a manifest.
The made-up secrets inside come from `billing.planted`.
"""

import datetime
import http.server
import json
import pathlib
import subprocess
import sys
import threading

SEED = 20_26


class Recorder(http.server.BaseHTTPRequestHandler):
    """Answers every OTLP request with an empty success and keeps its body."""

    requests = []
    release = ""

    def do_POST(self):
        """Keeps one body."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.requests.append((self.path, headers, self.release, body))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


def main():
    """Records both nights."""
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    began = datetime.datetime.now(datetime.timezone.utc)
    for release, seed in (("2.4.0", SEED), ("2.4.1", SEED + 1)):
        Recorder.release = release
        command = [
            *(sys.executable, "-m", "billing.run", "--endpoint", endpoint),
            *("--token", "recorder", "--release", release, "--seed", str(seed), "--calls", "12"),
        ]
        subprocess.run(command, check=True, cwd=pathlib.Path(__file__).parent)
    ended = datetime.datetime.now(datetime.timezone.utc)
    server.shutdown()

    for old in out.glob("*.otlp.pb.gz"):
        old.unlink()
    entries = []
    for index, (path, headers, release, body) in enumerate(Recorder.requests):
        name = f"{index:02}-{path.rsplit('/', 1)[-1]}-{release}.otlp.pb.gz"
        (out / name).write_bytes(body)
        entries.append({
            "file": name,
            "path": path,
            "content_type": headers["content-type"],
            "content_encoding": headers.get("content-encoding", "identity"),
            "release": release,
        })
    manifest = {
        "recorded_from": began.isoformat(timespec="seconds"),
        "recorded_to": ended.isoformat(timespec="seconds"),
        "seeds": [SEED, SEED + 1],
        "requests": entries,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
