"""How a submission's cost changes with what is around it: the tables of docs/performance.md.

Run `python -m tests.bench.scaling NAME ... [--submissions N] [--rounds N]`. The last line of the output is one JSON
document: the rows of each table.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from tests.bench.scaling.answers import answers
from tests.bench.scaling.case import Size, bench
from tests.bench.scaling.circumstances import keys, latency, signers, workers
from tests.bench.scaling.journal import journal
from tests.bench.scaling.memory import memory
from tests.bench.scaling.systems import events, systems

RUNS = {
    one.__name__: one for one in (workers, keys, signers, events, latency, answers, journal, memory, systems)
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scaling", description=__doc__)
    parser.add_argument("names", nargs="+", choices=RUNS, metavar="NAME", help=", ".join(RUNS))
    parser.add_argument("--submissions", type=int, help="submissions of a round (1,000)")
    parser.add_argument("--rounds", type=int, help="rounds of a cell (3)")
    given = parser.parse_args()
    chosen = {name: getattr(given, name) for name in ("submissions", "rounds") if getattr(given, name)}
    with bench(replace(Size(), **chosen)) as servers:
        print(json.dumps({name: RUNS[name](servers) for name in given.names}))


if __name__ == "__main__":
    main()
