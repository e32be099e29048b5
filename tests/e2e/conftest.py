"""What the end-to-end tests share: the real binary, the real SDK, the sample service.

Run by `cargo xtask test`, which sets CORDON_BIN and uses the interpreter that has the SDK.
"""

import json
import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BILLING = ROOT / "examples" / "billing"
START_S_MAX = 60
COMMAND_S_MAX = 180


class Cordon:
    """One data directory, with the commands run against it."""

    def __init__(self, data, config=None):
        self.binary = os.environ["CORDON_BIN"]
        self.data = pathlib.Path(data)
        self.config = config
        self.said = []

    def command(self, *words):
        """The argument vector of a command."""
        base = [self.binary, "--data", str(self.data)]
        if self.config:
            base += ["--config", str(self.config)]
        return [*base, *map(str, words)]

    def run(self, *words, stdin=None, exits=(0,), env=None):
        """Runs a command to its end; what it printed is kept for the search for leaks.

        `env` overrides variables of the environment.
        """
        done = subprocess.run(
            self.command(*words), input=stdin, capture_output=True, timeout=COMMAND_S_MAX,
            env={**os.environ, **(env or {})},
        )
        self.said += [done.stdout, done.stderr]
        assert done.returncode in exits, (words, done.returncode, done.stderr.decode())
        return done

    def json(self, *words, **options):
        """Runs a command that prints JSON."""
        return json.loads(self.run(*words, **options).stdout)

    def add_tenant(self, name, region="eu"):
        """Adds a tenant; returns its token."""
        token = self.run("tenant", "add", name, "--region", region).stdout.decode().strip()
        self.said.pop(-2)  # the token is printed on purpose
        return token

    def ask(self, question, *words, **options):
        """Asks; returns the JSON answer."""
        return self.json("ask", question, "--json", *words, **options)


class Server:
    """A running `cordon serve`."""

    LISTENING = re.compile(rb"listening http=(\S+) grpc=(\S+)([^\n]*)\n")

    def __init__(self, cordon, listen="127.0.0.1:0"):
        self.cordon = cordon
        self.process = subprocess.Popen(
            cordon.command("serve", "--listen", listen, "--grpc", "127.0.0.1:0"),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        self.log = b""
        found = self._until(self.LISTENING)
        self.http, self.grpc, more = (part.decode() for part in found.groups())
        # Further listeners, in the order of the configuration: ("syslog_udp", "127.0.0.1:5514").
        self.more = [tuple(part.split("=", 1)) for part in more.split()]

    def _until(self, pattern):
        deadline = time.monotonic() + START_S_MAX
        while not (found := pattern.search(self.log)):
            left = deadline - time.monotonic()
            assert left > 0, self.log.decode(errors="replace")
            ready, _, _ = select.select([self.process.stdout], [], [], left)
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            assert chunk or not ready, self.log.decode(errors="replace")
            self.log += chunk
        return found

    def post(self, path, body, token=None, headers=None, timeout=60):
        """Posts; returns status, headers and body."""
        request = urllib.request.Request(f"http://{self.http}{path}", data=body, method="POST")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def get(self, path):
        """Gets; returns the body."""
        with urllib.request.urlopen(f"http://{self.http}{path}", timeout=60) as answer:
            return answer.read()

    def rss_bytes(self):
        """Most memory the process has had resident."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024

    def kill(self):
        """Kills it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self):
        """Stops it gracefully: everything acknowledged is in the store afterwards."""
        self.process.send_signal(signal.SIGTERM)
        self._end()
        assert self.process.returncode == 0, self.log.decode(errors="replace")

    def _end(self):
        rest, _ = self.process.communicate(timeout=START_S_MAX)
        self.log += rest
        self.cordon.said.append(self.log)


@pytest.fixture
def cordon(tmp_path):
    """A fresh data directory."""
    return Cordon(tmp_path / "data")


@pytest.fixture
def serving(cordon):
    """A running server, killed at the end where the test has not stopped it."""
    server = Server(cordon)
    yield server
    if server.process.poll() is None:
        server.kill()


def run_billing(token, endpoint, protocol="http", release="2.4.1", seed=1, planted=None, calls=20):
    """Runs the sample service with the real SDK."""
    words = [sys.executable, "-m", "billing.run", "--protocol", protocol, "--token", token,
             "--endpoint", f"http://{endpoint}", "--release", release, "--seed", seed,
             "--calls", calls]
    if planted:
        words += ["--planted", planted]
    done = subprocess.run(
        list(map(str, words)), cwd=BILLING, capture_output=True, timeout=COMMAND_S_MAX
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"rror" not in done.stderr, done.stderr.decode()
