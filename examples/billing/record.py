"""Records what the real SDK sends, for `cordon demo` to replay.

    python record.py recorded/

Listens on loopback, runs a quiet night and a failing one against itself, and writes each request
body as it was sent (gzip) with a manifest. The nights pass in fast motion: the service's clock is
set, and moved on before each call.
The made-up secrets inside come from `billing.planted`.
"""

import http.server
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

SEED = 20_26
# A quiet night, then a failing one: release, seed, beginning.
NIGHTS = [
    ("2.4.0", SEED, "2026-11-19T22:00:00+00:00"),
    ("2.4.1", SEED + 1, "2026-11-20T22:00:00+00:00"),
]
# Seconds between two calls, and calls that work in a night's first part.
PACE_S = 1_200
CALLS = 12
# When the last of them is over.
RECORDED_TO = "2026-11-21T06:30:00+00:00"


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
    # Run from a copy: traces then tell nothing of where the repository lies.
    deployed = tempfile.TemporaryDirectory(prefix="deployed-")
    shutil.copytree(pathlib.Path(__file__).parent / "billing", f"{deployed.name}/billing")
    for release, seed, began in NIGHTS:
        Recorder.release = release
        command = [
            *(sys.executable, "-m", "billing.run", "--endpoint", endpoint, "--token", "recorder"),
            *("--release", release, "--seed", str(seed), "--calls", str(CALLS)),
            *("--began", began, "--pace", str(PACE_S)),
        ]
        subprocess.run(command, check=True, cwd=deployed.name)
    deployed.cleanup()
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
        "recorded_from": NIGHTS[0][2],
        "recorded_to": RECORDED_TO,
        "seeds": [SEED, SEED + 1],
        "requests": entries,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
