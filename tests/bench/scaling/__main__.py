"""How a submission's cost changes with what is around it: the tables of docs/performance.md.

Run `python -m tests.bench.scaling NAME ... [--submissions N] [--rounds N] [--finished N ...]`. Prints each table, and
one JSON document with the rows of all in the last line.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

from tests.bench.scaling.answers import answers
from tests.bench.scaling.case import Size, bench
from tests.bench.scaling.circumstances import keys, latency, load, signers, workers
from tests.bench.scaling.journal import journal
from tests.bench.scaling.memory import memory
from tests.bench.scaling.start import start
from tests.bench.scaling.systems import events, systems
from tests.bench.scaling.table import markdown

RUNS = {
    one.__name__: one
    for one in (workers, keys, signers, events, load, latency, answers, journal, memory, start, systems)
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scaling", description=__doc__)
    parser.add_argument("names", nargs="+", choices=RUNS, metavar="NAME", help=", ".join(RUNS))
    parser.add_argument("--submissions", type=int, help="submissions of a round (1,000)")
    parser.add_argument("--rounds", type=int, help="rounds of a cell (3)")
    parser.add_argument(
        "--finished",
        type=int,
        nargs="+",
        help="finished submissions in the journal, each more than the one before",
    )
    given = parser.parse_args()
    asked = {name: getattr(given, name) for name in ("submissions", "rounds", "finished")}
    size = replace(Size(), **{name: value for name, value in asked.items() if value is not None})
    found = {}
    with bench(size) as servers:
        for name in given.names:
            found[name] = RUNS[name](servers)
            print(f"{name}\n\n{markdown(found[name])}\n", flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
