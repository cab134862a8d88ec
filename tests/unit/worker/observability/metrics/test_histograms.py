"""Histograms of the event loop: what a scrape shows is what the library's own would show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, Histogram, disable_created_metrics, generate_latest

from worker.observability.metrics import declared
from worker.observability.metrics.histograms import LoopHistogram
from worker.observability.metrics.metric import Metric

disable_created_metrics()  # as the worker does

STAGES = declared.STAGE_DURATION
PLAIN = replace(STAGES, labels=())
ON_A_BOUND = STAGES.buckets[2]
BEYOND_ALL = STAGES.buckets[-1] * 2


def librarys(metric: Metric, registry: CollectorRegistry) -> Histogram:
    return Histogram(metric.name, metric.help, metric.label_names, buckets=metric.buckets, registry=registry)


@pytest.mark.parametrize(
    "values", [[], [0.0], [ON_A_BOUND], [BEYOND_ALL], [0.003, ON_A_BOUND, 1.5, BEYOND_ALL, -0.1]]
)
def test_shows_what_the_library_shows(values):
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    histogram, expected = LoopHistogram(PLAIN), librarys(PLAIN, theirs)
    ours.register(histogram)
    for value in values:
        histogram.of().observe(value)
        expected.observe(value)
    assert generate_latest(ours) == generate_latest(theirs)


def test_shows_each_set_of_label_values():
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    histogram, expected = LoopHistogram(STAGES), librarys(STAGES, theirs)
    ours.register(histogram)
    for labels in [("nhis", "claim"), ("nhis", "finish"), ("erx", "claim")]:
        histogram.of(*labels)
        expected.labels(*labels)
    histogram.of("nhis", "finish").observe(0.2)
    expected.labels("nhis", "finish").observe(0.2)
    assert generate_latest(ours) == generate_latest(theirs)


def test_gives_the_same_histogram_for_the_same_label_values():
    histogram = LoopHistogram(STAGES)
    assert histogram.of("nhis", "claim") is histogram.of("nhis", "claim")
    assert histogram.of("nhis", "claim") is not histogram.of("nhis", "finish")


def test_shows_no_series_of_a_metric_with_labels_before_one_is_asked_for():
    (family,) = LoopHistogram(STAGES).collect()
    assert family.samples == []
