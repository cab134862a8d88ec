"""The page `docs/metrics.md`, made from the registry: `python -m worker.observability.metrics.page docs/metrics.md`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from worker.observability.metrics.declared import ALL
from worker.observability.metrics.labels import AskOutcome, Label, Stage
from worker.observability.metrics.metric import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.observability.metrics.metric import Metric

INTRODUCTION = """\
# Metrics

A worker serves its metrics at `/metrics` of the port of the probes (`health.port`, by default 8080), as text for
Prometheus or as OpenMetrics, as the request's `Accept` header asks. `metrics.enabled: false` switches them off.

`python -m worker.observability.metrics.page docs/metrics.md` (`make contracts`) writes this page from the registry of
metrics, `worker/observability/metrics/declared.py`.

- Every series of a worker is that worker's own: use `sum` over the workers for counters, the window and the lag.
- What comes from the journal, the stops of the flood guard and the unacknowledged losses concern the whole
  installation, and every worker shows the same: use `max`.
- What comes from the journal, and the ends of the partitions in Kafka, are read every `metrics.interval` seconds. If
  that fails for three such intervals, these series are absent until it succeeds: no old value looks fresh.
- No label takes a value that an event says freely: see the table of labels. There is no identifier of a submission, a
  patient or a source in any label. Where an event names an unknown operation, the label says `other`.
- The metrics of the process (`process_*`) and of Python's garbage collector (`python_gc_*`) are those of
  `prometheus_client`.
"""
STAGES: dict[Stage, str] = {
    Stage.CLAIM: "The journal inserts the submission, or says what is known of it.",
    Stage.ADMISSION: "The submission waits for its circuits, its rate limits and a place in flight.",
    Stage.PREPARE: "The token, the message, its validation and its signature.",
    Stage.SENDING: "The journal keeps the signed message before it is sent.",
    Stage.EXCHANGE: "The message is sent and the system answers.",
    Stage.FINISH: "The journal keeps the outcome.",
    Stage.PUBLISH: "Kafka acknowledges the dead letter, if there is one, and the reply.",
    Stage.ANSWERED: "The journal notes the acknowledgement.",
}
ASKS: dict[AskOutcome, str] = {
    AskOutcome.ANSWERED: "The system answered; the submission ended.",
    AskOutcome.NOT_READY: "The system has no answer yet.",
    AskOutcome.TROUBLE: "The ask failed, or could not be made; it says nothing of the submission.",
    AskOutcome.OVERDUE: "The time that the settings allow was over; the submission ended without an answer.",
    AskOutcome.LOST: "The system knows nothing of the submission; it ended without an answer.",
    AskOutcome.ACKNOWLEDGED: "The system knows that its answer arrived.",
    AskOutcome.NOT_ACKNOWLEDGED: "The acknowledgement failed, and is repeated.",
}


def page(metrics: Iterable[Metric] = ALL) -> str:
    """Return the complete page."""
    metrics = tuple(metrics)
    parts = [INTRODUCTION]
    for title, kind in (("Counters", Kind.COUNTER), ("Gauges", Kind.GAUGE), ("Histograms", Kind.HISTOGRAM)):
        rows = [_row(metric) for metric in metrics if metric.kind is kind]
        parts.append(f"## {title}\n\n{_table(('Metric', 'Labels', 'Unit', 'Meaning', 'Read from'), rows)}")
    buckets = [(f"`{one.name}`", ", ".join(f"{b:g}" for b in one.buckets)) for one in metrics if one.buckets]
    parts.append(f"## Buckets\n\n{_table(('Histogram', 'Upper bounds'), buckets)}")
    parts.append(f"## Labels\n\n{_table(('Label', 'Of', 'Bounded by', 'Values'), _labels(metrics))}")
    stages = [(f"`{stage.value}`", meaning) for stage, meaning in STAGES.items()]
    parts.append(f"## Stages\n\n{_table(('Stage', 'What is measured'), stages)}")
    asks = [(f"`{outcome.value}`", meaning) for outcome, meaning in ASKS.items()]
    parts.append(f"## Asks\n\n{_table(('Outcome', 'What it means'), asks)}")
    return "\n".join(parts)


def _row(metric: Metric) -> tuple[str, ...]:
    labels = ", ".join(f"`{name}`" for name in metric.label_names) or "–"
    meaning = f"{metric.help} Absent: {_lowered(metric.absent)}" if metric.absent else metric.help
    return f"`{metric.name}`", labels, metric.unit, meaning, metric.read_from.value


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _labels(metrics: Iterable[Metric]) -> list[tuple[str, ...]]:
    uses: dict[Label, list[str]] = {}
    for metric in metrics:
        for label in metric.labels:
            uses.setdefault(label, []).append(f"`{metric.name}`")
    return [(f"`{label.name}`", _users(names), label.bound, _values(label)) for label, names in uses.items()]


def _users(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{len(names)} metrics"  # noqa: PLR2004 - what a cell can hold


def _values(label: Label) -> str:
    return "–" if label.values is None else ", ".join(f"`{value}`" for value in label.values)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
