"""A program that crashes for real, through the binary: what is told of it, what is kept, what is
refused, and where its dump is read."""

import json
import os
import pathlib
import re
import resource
import shutil
import socket
import struct
import subprocess
import uuid

import pytest

import leaks

from conftest import ROOT, Cordon

SECRETS = ["tok_" + "fake" * 6 + "_77", "pass" + "-not-a-real-one-9041"]
# What the program copies to its heap and, in two widths, to its stacks.
VALUES = ["grace.tulip@example.org", "card 5105 1051 0510 5100", "Tulpenweg 12, 01067 Dresden",
          *SECRETS]
ENVIRONMENT = {
    "USER": "tulipuser", "HOME": "/home/tulipuser", "HOSTNAME": "tulip-host-7.example.net",
    "MAIL": "ada.rose@example.org", "SHOP_TOKEN": SECRETS[0], "PATH": "/usr/bin:/bin",
}
SOURCE = "crasher.c"
MEMORY_KIB_MAX = 3 << 20
KINDS = {
    "segv": ("SIGSEGV / SEGV_MAPERR", ["total", "checkout", "main"]),
    "divide": ("SIGFPE / FPE_INTDIV", ["total", "checkout", "main"]),
    "abort": ("SIGABRT", ["total", "checkout", "main"]),
    "overflow": ("SIGSEGV / SEGV_MAPERR", ["recurse", "recurse", "recurse"]),
}


def crasher(*words, env=None):
    """Runs what compiles the program and dumps it; it lies beside the binary."""
    program = pathlib.Path(os.environ["CORDON_BIN"]).parent / "examples" / "crasher"
    assert program.is_file(), "first: cargo build -p cordon-crash --example crasher"
    done = subprocess.run([program, *map(str, words)], env=env, timeout=120, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def told(*words):
    """What one of the system's tools says."""
    assert shutil.which(words[0]), f"{words[0]} is missing: install gcc and binutils"
    words = list(map(str, words))
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def debug_id(program):
    """The id of a build as Breakpad writes it: 16 bytes as a GUID, and the age."""
    [build] = re.findall(r"Build ID: ([0-9a-f]{32,})", told("readelf", "-n", program))
    guid = uuid.UUID(bytes_le=bytes.fromhex(build[:32]))
    return guid.hex.upper() + "0"


def symbols(program, source):
    """Breakpad symbols of the program, from what nm and readelf tell of it."""
    lines = []
    for row in told("readelf", "--debug-dump=decodedline", program).splitlines():
        if found := re.match(r"(\S+)\s+(\d+|-)\s+0x([0-9a-f]+)", row):
            lines.append((int(found[3], 16), found[1], found[2]))
    lines = [row for at, row in enumerate(lines) if at == 0 or lines[at - 1][0] != row[0]]
    made = [f"MODULE Linux x86_64 {debug_id(program)} shop", f"FILE 0 {source}"]
    for row in told("nm", "-S", "--defined-only", program).splitlines():
        match row.split():
            case [address, size, "t" | "T", name]:
                start, size = int(address, 16), int(size, 16)
                made.append(f"FUNC {start:x} {size:x} 0 {name}")
                inside = [row for row in lines if start <= row[0] < start + size]
                ends = [row[0] for row in inside[1:]] + [start + size]
                for (at, _, line), end in zip(inside, ends):
                    if line != "-":
                        made.append(f"{at:x} {end - at:x} {line} 0")
    return "\n".join(made) + "\n"


class Crashed:
    """The program, its symbols, and dumps of it."""

    def __init__(self, folder):
        self.folder = folder
        bin_folder = folder / "home" / "tulipuser" / "bin"
        bin_folder.mkdir(parents=True)
        self.program = bin_folder / "shop"
        crasher("compile", self.program)
        self.symbols = folder / "shop.sym"
        self.symbols.write_text(symbols(self.program, "/home/tulipuser/code/shop/src/crasher.c"))
        self.id = debug_id(self.program)

    def dump(self, kind, values=VALUES, name=None):
        """The dump of one crash."""
        out = self.folder / f"{name or kind}.dmp"
        crasher("dump", out, self.program, kind, *values, env=ENVIRONMENT)
        return out

    def planted(self):
        """What must not be anywhere."""
        values = [*VALUES, *ENVIRONMENT.values(), "tulipuser", str(self.folder), str(ROOT)]
        values.remove("/usr/bin:/bin")
        return [{"kind": value, "value": value} for value in values]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory):
    return Crashed(tmp_path_factory.mktemp("crash"))


def frames(report):
    """Frames of the thread that crashed."""
    return report["threads"][report["crashing_thread"]]["frames"]


def functions(report):
    return [frame["function"] for frame in frames(report) if frame["function"]]


def line_of(words):
    """Number of the line of the source that holds the words."""
    source = (ROOT / "crates" / "crash" / "tests" / "support" / SOURCE).read_text().splitlines()
    [line] = [number for number, line in enumerate(source, 1) if words in line]
    return line


@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_is_told_and_nothing_the_process_held(cordon, crashed, kind):
    raw = crashed.dump(kind)
    assert leaks.search([{"kind": v, "value": v} for v in VALUES], [("raw", raw.read_bytes())])
    out = crashed.folder / f"{kind}.stripped.dmp"
    with_symbols = ("--symbols", crashed.symbols, "--json")
    before = cordon.run("crash", raw, "--strip", out, *with_symbols).stdout
    report = json.loads(before)
    reason, first = KINDS[kind]
    assert report["reason"].startswith(reason)
    assert functions(report)[:3] == first
    # Of a signal that a process sent itself there is its number in the place of an address.
    assert kind != "abort" or (report["address"], report["address_withheld"]) == (None, None)
    [module] = [m for m in report["modules"] if m["name"] == "shop"]
    assert (module["debug_id"], module["has_symbols"]) == (crashed.id, True)
    if kind == "segv":
        assert report["address"] == "0x18"
        assert frames(report)[0]["line"] == line_of("*(volatile int *)0x18 = count;")
        assert frames(report)[1]["line"] == line_of("return total(count + 1) + local[1];")
        assert frames(report)[0]["file"] == "src/crasher.c"
        text = cordon.run("crash", raw, "--symbols", crashed.symbols).stdout.decode()
        assert text.startswith("SIGSEGV / SEGV_MAPERR at 0x18\nlinux amd64\n")
        assert f"total  shop+{frames(report)[0]['offset']}  src/crasher.c:" in text
    # Read again, the stripped dump says the same, to the last letter.
    after = cordon.run("crash", out, *with_symbols).stdout
    assert after == before
    assert out.stat().st_mode & 0o777 == 0o600
    kept = out.read_bytes()
    again = cordon.run("crash", raw, "--strip", out, exits=(2,))
    assert b"exists" in again.stderr and out.read_bytes() == kept
    files = [("stripped", out.read_bytes())]
    said = [(f"said {place}", said) for place, said in enumerate(cordon.said)]
    allowed = str(crashed.folder).encode()  # errors name the files that were asked for
    said = [(place, text.replace(allowed, b"")) for place, text in said]
    assert leaks.search(crashed.planted(), files + said) == []


def test_symbols_are_kept_under_a_grant_of_their_own(cordon, crashed):
    raw = crashed.dump("segv")
    cordon.add_tenant("acme")
    for words in (["symbols", "add", crashed.symbols], ["symbols", "list"],
                  ["crash", raw, "--tenant", "acme"]):
        done = cordon.run(*words, exits=(4,))
        assert done.stdout == b"" and b"refused: grant_other_purpose" in done.stderr
    cordon.run("symbols", "grant")
    ask = ("crash", raw, "--tenant", "acme", "--json")
    assert functions(cordon.json(*ask)) == []
    cordon.run("symbols", "add", crashed.symbols)
    [row] = cordon.json("symbols", "list", "--json")["symbols"]
    size = crashed.symbols.stat().st_size
    assert (row["debug_id"], row["debug_file"], row["os"], row["cpu"], row["bytes"]) == (
        crashed.id, "shop", "Linux", "x86_64", size)
    assert functions(cordon.json(*ask))[:3] == ["total", "checkout", "main"]
    # Sealed: nothing of what they tell lies in the data directory in clear.
    blobs = list(leaks.files_under(cordon.data))
    assert any("symbols" in place for place, _ in blobs)
    words = [{"kind": word, "value": word} for word in ("checkout", "crasher.c", "MODULE Linux")]
    assert leaks.search(words + crashed.planted(), blobs) == []
    # Another tenant has none of them.
    cordon.add_tenant("globex")
    cordon.run("symbols", "grant", "--tenant", "globex")
    assert functions(cordon.json("crash", raw, "--tenant", "globex", "--json")) == []
    cordon.run("symbols", "revoke", "--tenant", "acme")
    assert cordon.run(*ask, exits=(4,)).stdout == b""
    cordon.run("symbols", "list", "--tenant", "acme", exits=(4,))
    cordon.run("symbols", "grant", "--tenant", "acme")
    assert functions(cordon.json(*ask))[0] == "total"
    cordon.run("symbols", "remove", crashed.id, "--tenant", "acme")
    assert cordon.json("symbols", "list", "--tenant", "acme", "--json")["symbols"] == []
    assert functions(cordon.json(*ask)) == []
    cordon.run("symbols", "remove", crashed.id, "--tenant", "acme", exits=(2,))
    entries = [json.loads(line) for line in cordon.run("audit", "show").stdout.splitlines()]
    noted = {(e["action"], e["decision"]) for e in entries if e["tenant"] == "acme"}
    refused = "grant_other_purpose"
    assert {("symbols", refused), ("symbols", "symbols_added"), ("symbols", "symbols_removed"),
            ("crash", refused), ("crash", "crash_reported")} <= noted
    cordon.run("audit", "verify")


def test_a_crash_becomes_an_event_of_its_group(cordon, crashed):
    first, second = crashed.dump("segv"), crashed.dump("segv", name="segv-again")
    assert first.read_bytes() != second.read_bytes()
    cordon.add_tenant("acme")
    cordon.run("crash", first, "--ingest", exits=(2,))  # of which tenant?
    keep = ("--tenant", "acme", "--ingest", "--release", "2.4.1")
    cordon.run("crash", first, *keep, exits=(4,))
    assert cordon.json("list", "--json")["fingerprints"] == []
    cordon.run("symbols", "grant")
    cordon.run("symbols", "add", crashed.symbols)
    for dump in (first, first, second, crashed.dump("abort"), crashed.dump("overflow")):
        done = cordon.run("crash", dump, *keep)
        assert done.stdout and done.stderr == b"ingested 1 event\n"
    listed = cordon.json("list", "--json")["fingerprints"]
    told = {(row["title"].split(" at ")[0], row["title"].split(" in ")[1]):
            (row["kind"], row["failure"], row["service"], row["count"]) for row in listed}
    # The same dump twice is one event, the same crash twice is one group.
    crash = ("exception", True, "shop")
    assert told == {
        ("SIGSEGV: SEGV_MAPERR", "total"): (*crash, 2),
        ("SIGABRT: SI_TKILL in total", "total"): (*crash, 1),
        ("SIGSEGV: SEGV_MAPERR", "recurse"): (*crash, 1),
    }
    written = int(first.stat().st_mtime) * 10**9
    [row] = [row for row in listed if row["count"] == 2]
    assert abs(row["first_seen_unix_ns"] - written) <= 60 * 10**9
    answer = cordon.run("ask", "why did shop crash?", "--no-model").stdout.decode()
    line = line_of("*(volatile int *)0x18 = count;")
    assert f"(SEGV_MAPERR at 0x18) was raised in `total` at src/crasher.c:{line}" in answer
    # What was found by scanning the stack called nobody.
    assert "called by `main`" in " ".join(answer.split()) and "widen" not in answer
    # The dump is nowhere, and nothing of what the process held.
    blobs = list(leaks.files_under(cordon.data))
    assert not [place for place, blob in blobs if b"MDMP" in blob]
    said = [(f"said {place}", said) for place, said in enumerate(cordon.said)]
    assert leaks.search(crashed.planted(), blobs + said) == []
    entries = [json.loads(line) for line in cordon.run("audit", "show").stdout.splitlines()]
    assert [e["decision"] for e in entries if e["action"] == "ingest"] == ["event_ingested"] * 5
    cordon.run("audit", "verify")


def changed(raw, at, value):
    """The dump with another number at a place."""
    made = bytearray(raw)
    struct.pack_into("<I", made, at, value)
    return bytes(made)


def test_what_cannot_be_read_is_an_error_with_its_code(cordon, crashed, tmp_path):
    good = crashed.dump("segv").read_bytes()
    directory = struct.unpack_from("<I", good, 12)[0]
    kinds = [struct.unpack_from("<I", good, directory + 12 * n)[0] for n in range(8)]
    threads = directory + 12 * kinds.index(3)
    cases = [
        (b"", 2, "dump_not_minidump"),
        (b"%PDF-1.7 " + VALUES[0].encode(), 2, "dump_not_minidump"),
        (good[:40], 2, "dump_damaged"),
        (good[: len(good) // 3], 2, "dump_damaged"),
        (changed(good, 8, 0xFFFFFFFF), 2, "dump_damaged"),
        (changed(good, threads, 0xFFFF0009), 2, "dump_damaged"),
        (changed(good, 24, 2), 4, "dump_full"),
        (changed(good, threads, 9), 4, "dump_full"),
        (b"\x7fELF\x02\x01\x01" + bytes(57), 4, "dump_full"),
    ]
    said = []
    for number, (content, code, name) in enumerate(cases):
        path, out = tmp_path / f"{number}.dmp", tmp_path / f"{number}.out"
        path.write_bytes(content)
        done = cordon.run("crash", path, "--strip", out, exits=(code,))
        assert name.encode() in done.stderr, (number, done.stderr)
        assert done.stdout == b"" and not out.exists()
        said.append((name, done.stderr))
    assert leaks.search([{"kind": v, "value": v} for v in VALUES], said) == []
    large = tmp_path / "large.dmp"
    with large.open("wb") as file:
        file.truncate((64 << 20) + 1)
    assert b"dump_too_large" in cordon.run("crash", large, exits=(4,)).stderr
    cordon.run("crash", tmp_path / "none.dmp", exits=(2,))


def test_hostile_symbols_are_met_by_limits(cordon, crashed, tmp_path):
    raw = crashed.dump("segv")
    head = f"MODULE Linux x86_64 {crashed.id} shop\n".encode()
    huge = tmp_path / "huge.sym"
    with huge.open("wb") as file:
        file.write(head)
        file.truncate((256 << 20) + 1)
    assert b"worker_ended" in cordon.run("crash", raw, "--symbols", huge, exits=(2,)).stderr
    cordon.add_tenant("acme")
    cordon.run("symbols", "grant")
    cordon.run("symbols", "add", huge, exits=(2,))
    assert cordon.json("symbols", "list", "--json")["symbols"] == []
    hostile = {
        "many functions": b"".join(b"FUNC %x 1 0 f\n" % (2 * n) for n in range(60_000)),
        "one over another": b"FUNC 0 ffffffffffffffff 0 f\n" * 20_000,
        "inlined in itself": b"INLINE_ORIGIN 0 f\nFUNC 1000 9000 0 f\n"
        + b"".join(b"INLINE %d 1 0 0 1000 9000\n" % n for n in range(20_000)),
        "a long line": b"FUNC 1000 1000 0 " + b"f" * (4 << 20) + b"\n",
        "a rule that grows": b"STACK CFI INIT 1000 9000 .cfa: $rsp " + b"8 + " * 100_000
        + b".ra: .cfa ^\n",
        "a rule for itself": b"STACK CFI INIT 0 ffffff .cfa: .cfa .ra: .ra\n",
        "not text": bytes(range(256)) * 4_096,
    }
    for name, content in hostile.items():
        path = tmp_path / "hostile.sym"
        path.write_bytes(head + content)
        done = cordon.run("crash", raw, "--symbols", path, "--json", exits=(0, 2))
        if done.returncode == 0:
            assert json.loads(done.stdout)["reason"].startswith("SIGSEGV"), name
        else:
            assert b"worker_" in done.stderr and done.stdout == b"", name
    most_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert most_kib < MEMORY_KIB_MAX


PROBE = r"""
#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
extern char **environ;
int main(int count, char **words) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        puts("network");
    for (int i = 2; i < count; i++)
        if (access(words[i], F_OK) == 0)
            printf("file %d\n", i - 2);
    for (char **pair = environ; *pair; pair++)
        if ((*pair)[0] != 'P' || (*pair)[1] != 'W')
            puts("environment");
    if (fopen("/written", "w") || fopen("/tmp/written", "w"))
        puts("writes");
    puts("ran");
}
"""


def test_a_dump_is_read_with_no_network_no_file_and_a_cap_on_memory(crashed, tmp_path):
    raw = crashed.dump("segv")
    real = shutil.which("bwrap")
    assert real, "bubblewrap is missing"
    tools, calls = tmp_path / "tools", tmp_path / "calls"
    tools.mkdir()
    os.mkfifo(calls)
    # A worker may write no file, and neither may what starts it: a pipe it is.
    (tools / "bwrap").write_text(
        f'#!/bin/sh\n{{ ulimit -v; printf "%s\\n" "$@"; echo; }} >{calls}\nexec {real} "$@"\n')
    (tools / "bwrap").chmod(0o755)
    fd = os.open(calls, os.O_RDWR | os.O_NONBLOCK)
    cordon = Cordon(tmp_path / "data")
    cordon.run("crash", raw, "--strip", tmp_path / "out.dmp", env={"PATH": str(tools)})
    told = [call.splitlines() for call in os.read(fd, 1 << 16).decode().split("\n\n") if call]
    os.close(fd)
    workers = [call for call in told if call[-1] == "crash-worker"]
    assert len(workers) == 2, "once for the modules, once with their symbols"
    assert all(int(call[0]) == MEMORY_KIB_MAX for call in workers)
    # Behind the same walls another program: what does it reach?
    probe = tmp_path / "probe"
    subprocess.run(["cc", "-xc", "-", "-o", probe], input=PROBE.encode(), check=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        files = [str(raw), str(cordon.data), "/etc/passwd", "/proc/self/environ", "/home"]
        free = subprocess.run([probe, port, *files], capture_output=True, text=True).stdout
        assert "network" in free and "file 0" in free and "environment" in free
        for call in workers:
            walls = call[1:]
            walls[walls.index("/cordon/program") - 1] = str(probe)
            walls[-1:] = [port, *files]
            done = subprocess.run([real, *walls], capture_output=True, text=True)
            assert done.stdout == "ran\n", done.stdout + done.stderr
    done = cordon.run("crash", raw, env={"PATH": str(tmp_path)}, exits=(3,))
    assert done.stdout == b""
