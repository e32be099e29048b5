"""Gathers what the parts of a recording wrote into one folder with one manifest.

    python collect.py RECORDING recorded

Windows that no case uses are left out.
"""

import json
import pathlib
import shutil
import sys


def main():
    """Copies windows and writes `cases.jsonl`."""
    source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    cases = [json.loads(path.read_text()) for path in sorted((source / "entries").glob("*.json"))]
    used = sorted({case[side] for case in cases for side in ("baseline", "incident")})
    shutil.rmtree(out / "windows", ignore_errors=True)
    for name in used:
        shutil.copytree(source / "windows" / name, out / "windows" / name)
    (out / "cases.jsonl").write_text("".join(f"{json.dumps(case)}\n" for case in cases))
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{len(cases)} cases, {len(used)} windows, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
