"""PromQL over Herald's own metrics, by what a series means.

Which values every worker shows alike is said in docs/metrics.md: of those the maximum over the workers of one
installation is taken. All others belong to one worker, and are added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.observability.metrics import declared
from worker.observability.metrics.metric import Kind, Metric, ReadFrom

if TYPE_CHECKING:
    from collections.abc import Sequence

USE_MAX = ": use max."
"""How the help of a metric ends whose value every worker shows alike."""
ALIKE = frozenset(
    metric
    for metric in declared.ALL
    if metric.read_from is ReadFrom.JOURNAL or metric.help.partition(" `")[0].endswith(USE_MAX)
)
"""The metrics that concern the whole installation."""
INSTALLATION = "job"
"""The label that tells installations apart: one scrape job (with the operator, one PodMonitor) is one of them."""
RATE = "$__rate_interval"
RANGE = "$__range"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which series a dashboard shows: those of the chosen installations, and of the chosen systems."""

    systems: bool

    def series(self, metric: Metric, suffix: str = "", **labels: str) -> str:
        """Return the selector of a metric; `suffix` is that of a part of a histogram."""
        matchers = [f'{INSTALLATION}=~"$job"']
        if self.systems and "system" in metric.label_names:
            matchers.append('system=~"$system"')
        matchers += [f'{name}="{value}"' for name, value in labels.items()]
        return f"{metric.name}{suffix}{{{', '.join(matchers)}}}"

    def each(self, metric: Metric, **labels: str) -> str:
        """Return the series of a metric, each once for an installation if all its workers show the same."""
        selected = self.series(metric, **labels)
        if metric not in ALIKE:
            return selected
        return f"max by ({_listed((INSTALLATION, *metric.label_names))}) ({selected})"

    def total(self, metric: Metric, *by: str, **labels: str) -> str:
        """Return the sum over workers, or over installations where the workers of one show the same."""
        return f"sum{_by(by)} ({self.each(metric, **labels)})"

    def largest(self, metric: Metric, *by: str) -> str:
        """Return the largest value of any worker."""
        return f"max{_by(by)} ({self.series(metric)})"

    def least(self, metric: Metric, *by: str) -> str:
        """Return the smallest value of any worker."""
        return f"min{_by(by)} ({self.series(metric)})"

    def concerned(self, metric: Metric, *by: str) -> str:
        """Return of a metric of 0 or 1 how many it is 1 for in some worker, each of its label sets counted once."""
        labels = _listed((INSTALLATION, *metric.label_names))
        return f"sum{_by(by)} (max by ({labels}) ({self.series(metric)}))"

    def per_second(self, counter: Metric, *by: str, **labels: str) -> str:
        """Return how often a counter counts."""
        return f"sum{_by(by)} (rate({self.series(_counter(counter), **labels)}[{RATE}]))"

    def in_range(self, counter: Metric, *by: str) -> str:
        """Return how much a counter counted in the time that the dashboard shows."""
        return f"sum{_by(by)} (increase({self.series(_counter(counter))}[{RANGE}]))"

    def quantile(self, share: float, histogram: Metric, *by: str) -> str:
        """Return the value that this share of the observations does not exceed."""
        return f"histogram_quantile({share}, {self.buckets(histogram, *by)})"

    def buckets(self, histogram: Metric, *by: str) -> str:
        """Return how often each bucket counts."""
        return f"sum by ({_listed(('le', *by))}) (rate({self.series(histogram, '_bucket')}[{RATE}]))"

    def mean(self, histogram: Metric, *by: str) -> str:
        """Return the mean of the observations."""
        parts = [f"sum{_by(by)} (rate({self.series(histogram, one)}[{RATE}]))" for one in ("_sum", "_count")]
        return " / ".join(parts)


def values(metric: Metric, label: str) -> str:
    """Return the query of a variable: the values of a label."""
    selected = metric.name if label == INSTALLATION else f'{metric.name}{{{INSTALLATION}=~"$job"}}'
    return f"label_values({selected}, {label})"


def meaning(metric: Metric) -> str:
    """Return what a metric says; how to add it up over the workers, its query has done already."""
    return metric.help.replace(f" Every worker shows all{USE_MAX}", "").replace(USE_MAX, ".")


def _counter(metric: Metric) -> Metric:
    if metric.kind is not Kind.COUNTER:
        raise ValueError(f"{metric.name} is a {metric.kind}, and only a counter has a rate")
    return metric


def _by(labels: Sequence[str]) -> str:
    return f" by ({_listed(labels)})" if labels else ""


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels)
