"""What the workers' logs say: whether a fault was met that only a worker can see."""

from __future__ import annotations

from tests.chaos.run_context import RunContext


def times_told(context: RunContext, sentence: str, *others: str) -> int:
    """Return how many lines of all workers' logs have the sentence, and the other texts too."""
    logs = (process.log for process in context.workers.processes if process.log.exists())
    return sum(
        all(text in line for text in (sentence, *others))
        for log in logs
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
    )
