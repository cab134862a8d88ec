"""`python -m tests.chaos`: prove the promises on real servers under faults. See `--help`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.options import Options
from tests.chaos.report import Report
from tests.chaos.run import run, say
from tests.chaos.servers import running
from tests.support.kafka.broker import BrokerFailedError
from tests.support.kafka.distribution import KafkaUnavailableError
from tests.support.softhsm.install import SoftHsmUnavailableError

QUICK = Options(submissions=120, patients=24, workers=2, seed=1, minutes=2, quick=True)
WHOLE = Options(submissions=600, patients=60, workers=3, seed=1, minutes=10)
BROKERS = {True: 1, False: 3}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and return the exit code: 0 only where every promise was kept."""
    started = time.monotonic()
    options = _options(arguments)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    directory = Path(tempfile.mkdtemp(prefix="herald-chaos-"))
    try:
        with running(directory, brokers=BROKERS[options.quick]) as servers:
            report = asyncio.run(run(options, servers, directory, started))
    except (KafkaUnavailableError, BrokerFailedError) as why:
        say(f"No real Apache Kafka: {why}")
        return 2
    except SoftHsmUnavailableError as why:
        say(f"No SoftHSM: {why}")
        return 2
    _tell(report, directory)
    return 0 if report.good else 1


def _tell(report: Report, directory: Path) -> None:
    for sentence in report.sentences():
        say(sentence)
    if report.good:
        shutil.rmtree(directory)
    else:
        say(f"The logs of workers and brokers stay in {directory}")
    print(report.line(), flush=True)


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one broker, few faults; half a minute on a quiet machine"
    )
    for name, kind, text in (
        ("submissions", int, "how many submissions must be answered"),
        ("patients", int, "of how many patients"),
        ("workers", int, "how many workers share the work"),
        ("seed", int, "of everything that is drawn"),
        ("minutes", float, "how long it may take; what is not answered by then is lost"),
    ):
        parser.add_argument(f"--{name}", type=kind, help=text)
    parser.add_argument("--json", action="store_true", help="the last line is JSON in any case")
    given = vars(parser.parse_args(arguments))
    base = QUICK if given["quick"] else WHOLE
    return Options(**{
        name: getattr(base, name) if given.get(name) is None else given[name]
        for name in ("submissions", "patients", "workers", "seed", "minutes", "quick")
    })  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
