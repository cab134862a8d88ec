"""The registry keeps the naming rules of Prometheus, and no label of it is unbounded."""

import re
from collections import Counter

import pytest

from worker.observability.metrics.declared import ALL
from worker.observability.metrics.labels import Stage
from worker.observability.metrics.metric import Kind, Metric, ReadFrom
from worker.observability.metrics.page import STAGES, page

NOT_BASE_UNITS = (
    "_days",
    "_hours",
    "_minutes",
    "_milliseconds",
    "_ms",
    "_kilobytes",
    "_megabytes",
    "_percent",
)
RESERVED_SUFFIXES = ("_count", "_sum", "_bucket", "_created")


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
class TestEachMetric:
    def test_its_name_is_herald_s_and_in_snake_case(self, metric: Metric):
        assert re.fullmatch(r"herald(_[a-z]+)+", metric.name)

    def test_only_counters_end_in_total(self, metric: Metric):
        assert metric.name.endswith("_total") == (metric.kind is Kind.COUNTER)

    def test_its_unit_is_a_base_unit_and_ends_its_name(self, metric: Metric):
        assert not metric.name.endswith(NOT_BASE_UNITS)
        if metric.unit in ("seconds", "bytes"):
            assert metric.name.endswith(f"_{metric.unit}")

    def test_its_name_has_no_reserved_suffix(self, metric: Metric):
        assert not metric.name.endswith(RESERVED_SUFFIXES)

    def test_its_help_is_a_sentence(self, metric: Metric):
        assert re.match(r"[A-Z1-9]", metric.help)
        assert metric.help.endswith(".")

    def test_a_histogram_and_nothing_else_has_growing_buckets(self, metric: Metric):
        assert bool(metric.buckets) == (metric.kind is Kind.HISTOGRAM)
        assert list(metric.buckets) == sorted(set(metric.buckets))

    def test_its_labels_are_bounded(self, metric: Metric):
        assert all(label.bound for label in metric.labels)
        assert len(set(metric.label_names)) == len(metric.labels)

    def test_what_is_read_at_intervals_is_a_gauge(self, metric: Metric):
        if metric.read_from in (ReadFrom.JOURNAL, ReadFrom.KAFKA):
            assert metric.kind is Kind.GAUGE


def test_names_are_there_once():
    assert [name for name, count in Counter(metric.name for metric in ALL).items() if count > 1] == []


def test_all_metrics_of_the_registry_are_listed():
    assert len(ALL) > 40


def test_the_page_has_every_metric_and_every_stage():
    shown = page()
    assert [metric.name for metric in ALL if f"| `{metric.name}` |" not in shown] == []
    assert set(STAGES) == set(Stage)
