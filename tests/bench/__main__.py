"""What a submission costs Herald, a plainly written worker, and one RSA-2048 signature, in one run.

Run `python -m tests.bench [--quick] [--json] [--submissions N] [--rounds N]`. Kafka, PostgreSQL, a cheap HTTPS stand-in
of NHIS and both workers are processes of this machine. The last line of the output is one JSON document.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Any

from tests.bench.contest.contest import QUICK, Plan, run
from tests.bench.contest.report import of_plain, report


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the JSON document alone")
    parser.add_argument("--quick", action="store_true", help="measure less, within a minute")
    parser.add_argument("--submissions", type=int, help="submissions of each worker, all rounds together")
    parser.add_argument("--rounds", type=int, help="into how many rounds they are divided")
    return parser.parse_args()


def plan(given: argparse.Namespace) -> Plan:
    """Return what the command line asks for."""
    chosen = {name: getattr(given, name) for name in ("submissions", "rounds") if getattr(given, name)}
    return replace(QUICK if given.quick else Plan(), **chosen)


def table(found: dict[str, Any]) -> str:
    """Return the figures as people read them."""
    lines = [f"{name:20} {value}" for name, value in found.items() if name != "stages_ms"]
    lines += [f"  {stage:18} {value} ms" for stage, value in found["stages_ms"].items()]
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    given = arguments()
    results = run(plan(given))
    found = report(results)
    if not given.json:
        print(table(found | of_plain(results)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
