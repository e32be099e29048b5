"""Lays a recorded case out as `cordon diagnose` takes it.

    python unpack.py recorded case-003 DIR

`DIR/baseline` and `DIR/incident` each get `traces.jsonl`, `logs.jsonl` and `metrics.jsonl`;
`DIR/changes.jsonl` gets the deploys, flags and settings that changed. The label stays behind.
"""

import gzip
import json
import pathlib
import sys


def main():
    """Unpacks one case."""
    recorded, name, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    cases = map(json.loads, (recorded / "cases.jsonl").open())
    case = next(case for case in cases if case["name"] == name)
    for side in ("baseline", "incident"):
        folder = out / side
        folder.mkdir(parents=True, exist_ok=True)
        for signal in ("traces", "logs", "metrics"):
            packed = recorded / "windows" / case[side] / f"{signal}.jsonl.gz"
            (folder / f"{signal}.jsonl").write_bytes(gzip.decompress(packed.read_bytes()))
    changes = "".join(f"{json.dumps(change)}\n" for change in case["changes"])
    (out / "changes.jsonl").write_text(changes)


if __name__ == "__main__":
    main()
