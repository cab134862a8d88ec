"""Where a worker's CPU goes: stacks sampled by py-spy from outside, sorted into the stages of a submission."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

RATE = 200
"""Samples per second: in a round of its own, since each sample stops the worker for a moment."""
END_SECONDS = 30.0
"""How long py-spy may take to write what it sampled."""
OTHER = "loop"
IDLE = "concurrent/futures/thread.py"
"""The innermost frame of a thread that waits for work, which py-spy sometimes counts as busy."""
STAGES = {
    "log": ("logging/", "observability/logs", "observability/journey", "pipeline/following"),
    "metrics": ("observability/metrics", "prometheus_client"),
    "sign": ("worker/signing", "nhis/auth"),
    "interpret": (
        *("nhis/interpret", "nhis/response", "nhis/expectations"),
        *("xml/answer", "xml/node", "pipeline/decision"),
    ),
    "build": ("nhis/request", "nhis/form", "nhis/groups", "nhis/dates", "worker/xml/"),
    "exchange": ("worker/transport", "aiohttp/", "httpx", "httpcore", "worker/systems/clients"),
    "journal": ("worker/journal", "asyncpg/"),
    "replies": (
        *("kafka/replies", "kafka/publisher", "kafka/aiokafka_sender", "aiokafka/producer"),
        *("pipeline/rendering", "pipeline/publishing", "contracts/repl"),
    ),
    "check": ("contracts/", "pydantic", "pipeline/reading", "nhis/checks"),
    "intake": ("worker/kafka", "aiokafka/", "faststream/"),
    "engine": ("worker/pipeline", "worker/systems"),
}
"""A sample belongs to the stage of its innermost frame that is in one of these files; what is in none, to the loop."""


def profiler() -> str | None:
    """Return the path of py-spy, or None."""
    beside = Path(sys.executable).with_name("py-spy")
    return str(beside) if beside.exists() else shutil.which("py-spy")


@contextmanager
def profiling(pid: int, output: Path) -> Iterator[None]:
    """Sample a process while the block runs."""
    command = [profiler() or "py-spy", "record", "--pid", str(pid), "--rate", str(RATE), "--format", "raw"]
    command += ["--full-filenames", "--output", str(output)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        yield
        process.send_signal(signal.SIGINT)
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:  # seen once: its main thread had ended, and another one had not
            print("py-spy did not end: no stages", file=sys.stderr)
            process.kill()


def stage_of(frames: Iterable[str]) -> str:
    """Return the stage of a stack, innermost frame first."""
    found = (
        stage for frame in frames for stage, places in STAGES.items() if any(one in frame for one in places)
    )
    return next(found, OTHER)


def shares(raw: str) -> dict[str, float]:
    """Return each stage's share of py-spy's samples: in each line a stack, from outside to inside, and a number."""
    counts: Counter[str] = Counter()
    for line in raw.splitlines():
        stack, _, number = line.rpartition(" ")
        frames = stack.split(";")
        if IDLE not in frames[-1]:
            counts[stage_of(reversed(frames))] += int(number)
    total = sum(counts.values())
    return {stage: number / total for stage, number in counts.most_common()} if total else {}


def stages_ms(pid: int, output: Path, work: Callable[[], object], milliseconds: float) -> Mapping[str, float]:
    """Return the milliseconds of each stage of a submission that takes so many. Empty without a profiler."""
    if profiler() is None:
        print("py-spy is not installed: no stages", file=sys.stderr)
        return {}
    with profiling(pid, output):
        work()
    raw = output.read_text(encoding="utf-8") if output.exists() else ""
    return {stage: round(share * milliseconds, 3) for stage, share in shares(raw).items()}
