"""Simulates the cases of the ride-hailing system and writes them, with their labels, for `eval`.

    python3 generate.py --out DIR [--all] [--jobs N] [--cases c01-latency,h04-cpu]

`DIR/first` holds the sixty, `DIR/harder` the thirty-eight: `cases.jsonl`, a label a line, and
`windows/NAME/{baseline,incident}`. Without `--all` it is every second case of each, from the first.
What is there already, from the same sources, is not made again.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import platform
import shutil
import time

from rides import generation
from rides.first_cases import FIRST
from rides.harder_cases import HARDER

BATCHES = {"first": FIRST, "harder": HARDER}
JOBS_MAX = 8


def source_digest():
    """A digest of all sources and of the interpreter's version."""
    here = pathlib.Path(__file__).resolve().parent
    digest = hashlib.sha256(platform.python_version().encode())
    for path in sorted([here / "generate.py", *(here / "rides").glob("*.py")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def empty_unless_current(out):
    """Removes what other sources made."""
    stamp = out / "sources.sha256"
    digest = source_digest()
    if not stamp.exists() or stamp.read_text() != digest:
        for batch in BATCHES:
            shutil.rmtree(out / batch, ignore_errors=True)
        out.mkdir(parents=True, exist_ok=True)
        stamp.write_text(digest)


def generate_one(batch, name, folder):
    """Generates a case by its name, in a process of its own; processor seconds it took."""
    plan = next(plan for plan in BATCHES[batch] if plan.name == name)
    generation.generate(plan, folder)
    return name, time.process_time()


def chosen(plans, arguments):
    """The cases that were asked for."""
    if arguments.cases:
        return [plan for plan in plans if plan.name in arguments.cases.split(",")]
    return list(plans) if arguments.all else list(plans[::2])


def main():
    """Generates what is missing and writes the manifests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--all", action="store_true", help="all cases, not every second one")
    parser.add_argument("--cases", help="names, with commas between")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, JOBS_MAX))
    arguments = parser.parse_args()
    empty_unless_current(arguments.out)
    plans = {batch: chosen(BATCHES[batch], arguments) for batch in BATCHES}
    missing = []
    for batch in BATCHES:
        windows = arguments.out / batch / "windows"
        windows.mkdir(parents=True, exist_ok=True)
        folders = [(plan.name, windows / plan.name) for plan in plans[batch]]
        missing += [(batch, name, folder) for name, folder in folders if not folder.exists()]
    if missing:
        print(f"simulating {len(missing)} cases", flush=True)
        # A fresh process a case, so that the processor time told is that of the case.
        with concurrent.futures.ProcessPoolExecutor(
            arguments.jobs, max_tasks_per_child=1
        ) as pool:
            work = [pool.submit(generate_one, *case) for case in missing]
            spent = [case.result()[1] for case in concurrent.futures.as_completed(work)]
        print(f"simulated: {sum(spent):.0f} s of processor time, longest {max(spent):.0f} s")
    for batch, of_batch in plans.items():
        folder = arguments.out / batch
        labels = [generation.label(plan, folder / "windows" / plan.name) for plan in of_batch]
        lines = "".join(json.dumps(label) + "\n" for label in labels)
        (folder / "cases.jsonl").write_text(lines)


if __name__ == "__main__":
    main()
