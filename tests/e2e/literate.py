"""Runs the examples of a Markdown page.

A page is one session: its fenced blocks run in their order, in one directory that is empty at first,
with `cordon` on the path. What is written on the page has to be what comes out, byte for byte, up to
the random part of a pseudonym or digest (see `numbered`).

| block | what it is | what is done with it |
|---|---|---|
| `sh` | values for the blocks below, `NAME=…` | sourced before each of them |
| `toml` | a file; its first line is `# its-name.toml` | written; a command below has to name it |
| `console` | `$ ` a command (`> ` continues it), below it what it prints | run in bash |
| `diff` | `-` a line before, `+` after `cordon redact`, ` ` one that stays | redacted as one text |

A fenced block of any other kind, or one that cannot be read, is a complaint, so that no example stands
on a page without being run.
"""

import os
import pathlib
import re
import subprocess
from dataclasses import dataclass

COMMAND_S_MAX = 60
KINDS = ("sh", "toml", "console", "diff")
FENCE = re.compile(r"\s*(`{3,}|~{3,})(.*)")
NAMED = re.compile(r"# ([a-z][a-z0-9-]*\.toml)")
VALUE = re.compile(r"\$([A-Z][A-Z0-9_]*)\b")
# A pseudonym's 120 bits in base32, and the 128 bits in hex of a keyed digest.
DRAWN = re.compile(r'(?<![a-z_])([a-z]{1,16}_)[a-z2-7]{24}\b|("digest":\s*")[0-9a-f]{32}(?=")')


@dataclass
class Block:
    """A fenced block; `line` is the number of its fence on the page."""

    kind: str
    line: int
    lines: list


@dataclass
class Step:
    """A command, and what the page says it prints; `line` is the number of its first line."""

    line: int
    command: str
    want: list


class Complaint(Exception):
    """Something on the page that does not hold, and the number of its line."""

    def __init__(self, line, what):
        super().__init__(what)
        self.line = line


def blocks(text):
    """The fenced blocks of a page, in their order."""
    found, block, fence = [], None, ""
    for number, line in enumerate(text.split("\n"), 1):
        mark = FENCE.fullmatch(line)
        if block is None and mark:
            fence = mark[1]
            if line != f"```{mark[2]}" or mark[2] not in KINDS:
                raise Complaint(number, f"a block `{line.strip()}` is not one that is run: {KINDS}")
            block = Block(mark[2], number, [])
        elif block is not None and line == fence:
            found.append(block)
            block = None
        elif block is not None:
            block.lines.append(line)
    if block is not None:
        raise Complaint(block.line, "block does not end")
    return found


def numbered(text):
    """What is drawn at random is `…` and a number: the same for the same within one text."""
    seen = {}

    def name(match):
        head = match[1] or match[2]
        of_kind = seen.setdefault(head, {})
        return f"{head}…{of_kind.setdefault(match[0], len(of_kind) + 1)}"

    return DRAWN.sub(name, text)


def steps(block):
    """The commands of a `console` block."""
    found = []
    for number, line in enumerate(block.lines, block.line + 1):
        if line.startswith("$ "):
            found.append(Step(number, line[2:], []))
        elif not found:
            raise Complaint(number, "a console block begins with `$ `")
        elif line.startswith("> ") and not found[-1].want:
            found[-1].command += "\n" + line[2:]
        else:
            found[-1].want.append(line)
    if not found:
        raise Complaint(block.line, "a console block without a command")
    return found


def sides(block):
    """A `diff` block's text before and after, as lists of lines with their numbers."""
    before, after = [], []
    for number, line in enumerate(block.lines, block.line + 1):
        sign, rest = line[:1], line[1:]
        if sign not in ("-", "+", " "):
            raise Complaint(number, "a line of a diff block begins with `-`, `+` or a blank")
        if sign != "+":
            before.append(rest)
        if sign != "-":
            after.append((number, rest))
    if not before:
        raise Complaint(block.line, "a diff block without a line to redact")
    return before, after


def compare(line, want, got):
    """Complains of the first line that is not as the page has it; `want` has numbered lines."""
    rows = got.split("\n")
    ends = rows.pop() if rows else ""
    if ends:
        rows.append(ends)
    for (number, wanted), row in zip(want, rows):
        if wanted != row:
            raise Complaint(number, f"the page says\n    {wanted}\n  and what comes out is\n    {row}")
    if len(want) > len(rows):
        raise Complaint(want[len(rows)][0], "this line does not come out")
    if len(rows) > len(want):
        last = want[-1][0] if want else line
        raise Complaint(last, "below this comes out\n    " + "\n    ".join(rows[len(want):]))


class Session:
    """A directory in which a page's blocks run."""

    def __init__(self, directory, binary):
        self.directory = pathlib.Path(directory)
        programs = self.directory / "programs"
        self.work = self.directory / "work"
        programs.mkdir()
        self.work.mkdir()
        (programs / "cordon").symlink_to(binary)
        self.environment = {
            "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self.directory),
            "CORDON_DATA": str(self.directory / "data"), "USER": "engineer", "LC_ALL": "C.UTF-8",
        }
        self.values = ""
        self.unused = {}
        self.examples = 0

    def bash(self, line, command, stdin=None):
        """What a command prints on both outputs; complains where it fails."""
        script = f"set -euo pipefail\n{self.values}\n{command}"
        try:
            done = subprocess.run(
                ["bash", "-c", script], cwd=self.work, env=self.environment,
                input=None if stdin is None else stdin.encode(),
                stdin=subprocess.DEVNULL if stdin is None else None,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_S_MAX,
            )
        except subprocess.TimeoutExpired as error:
            raise Complaint(line, f"takes longer than {COMMAND_S_MAX} s") from error
        out = done.stdout.decode(errors="backslashreplace")
        if done.returncode:
            raise Complaint(line, f"exits with {done.returncode} and prints\n    {out}")
        return out

    def value(self, line, name):
        """What a name stands for that an `sh` block gave; the name itself where none did."""
        return self.bash(line, f'printf %s "${{{name[1]}-}}"') or name[0]

    def run(self, block):
        """Runs a block."""
        getattr(self, f"_{block.kind}")(block)

    def _sh(self, block):
        self.values += "\n".join(block.lines) + "\n"
        compare(block.line, [], self.bash(block.line, ":"))

    def _toml(self, block):
        named = NAMED.fullmatch(block.lines[0] if block.lines else "")
        if not named:
            raise Complaint(block.line, "a toml block begins with `# its-name.toml`")
        (self.work / named[1]).write_text("\n".join(block.lines) + "\n")
        self.unused[named[1]] = block.line

    def _console(self, block):
        for step in steps(block):
            self.examples += 1
            for name in [name for name in self.unused if name in step.command]:
                del self.unused[name]
            out = numbered(self.bash(step.line, step.command))
            first = step.line + step.command.count("\n") + 1
            compare(step.line, list(enumerate(step.want, first)), out)

    def _diff(self, block):
        self.examples += 1
        def filled(line):
            return VALUE.sub(lambda name: self.value(block.line, name), line)

        before, after = sides(block)
        text = "".join(f"{filled(line)}\n" for line in before)
        after = [(number, filled(line)) for number, line in after]
        out = self.bash(block.line, "cordon redact", stdin=text)
        compare(block.line, after, numbered(out))


def run(page, text, directory, binary):
    """Runs a page: how many examples it has, and a complaint for each block that does not hold."""
    session, complaints = Session(directory, binary), []

    def note(error):
        complaints.append(f"{page}:{error.line}: {error}")

    try:
        found = blocks(text)
    except Complaint as error:
        note(error)
        return 0, complaints
    for block in found:
        try:
            session.run(block)
        except Complaint as error:
            note(error)
    for name, line in session.unused.items():
        complaints.append(f"{page}:{line}: no command below uses {name}")
    return session.examples, complaints
