"""What submissions move: bounded, whatever events say."""

from __future__ import annotations

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from contracts.reasons import Reason
from worker.observability.metrics import declared
from worker.observability.metrics.instruments import Instruments
from worker.observability.metrics.labels import Outcome, TokenOutcome
from worker.observability.metrics.system_meter import SystemMeter

NOW = 1_800_000_000.0


class Moved:
    """A meter, and what it has moved."""

    def __init__(self) -> None:
        self.instruments = Instruments()
        self.meter = SystemMeter("nhis", self.instruments, lambda: NOW)
        self.meter.know(["thing.do"])

    def value(self, name: str, **labels: str) -> float | None:
        return self.instruments.registry.get_sample_value(name, labels)

    def series(self) -> set[str]:
        text = generate_latest(self.instruments.registry).decode()
        return {line.rpartition(" ")[0] for line in text.splitlines() if line.startswith("herald_")}


@pytest.fixture
def moved() -> Moved:
    return Moved()


def test_ten_thousand_invented_operations_reasons_and_signers_add_no_series(moved):
    for outcome in Outcome:
        moved.meter.ended("other", outcome, -1, replay=False)
    before = moved.series()
    for number in range(10_000):
        moved.meter.ended(f"invented-{number}", Outcome.FAILED, 0, replay=True)
        moved.meter.died(f"invented-{number}")
        moved.meter.retried(f"invented-{number}")
    assert moved.series() == before
    invented = {"system": "nhis", "operation": "other", "outcome": "failed"}
    assert moved.value("herald_submissions_total", **invented) == 10_001
    assert moved.value("herald_dead_letters_total", system="nhis", reason="other") == 10_000
    assert moved.value("herald_retries_total", system="nhis", reason="other") == 10_000


def test_a_known_operation_is_counted_by_its_name_and_an_unread_one_as_other(moved):
    moved.meter.ended("thing.do", Outcome.ACCEPTED, -1, replay=False)
    moved.meter.ended(None, Outcome.UNREADABLE, -1, replay=False)
    name = "herald_submissions_total"
    assert moved.value(name, system="nhis", operation="thing.do", outcome="accepted") == 1
    assert moved.value(name, system="nhis", operation="other", outcome="unreadable") == 1


def test_known_operations_show_zeros_before_anything_happened(moved):
    name = "herald_submissions_total"
    assert moved.value(name, system="nhis", operation="thing.do", outcome="held") == 0
    assert moved.value("herald_dead_letters_total", system="nhis", reason=Reason.CONFLICT.value) == 0


@pytest.mark.parametrize(
    ("record_ms", "count", "total", "ahead"),
    [
        (int(NOW * 1000) - 2_500, 1, 2.5, 0),
        (int(NOW * 1000) + 500, 1, 0.0, 0),
        (int(NOW * 1000) + 5_000, 1, 0.0, 1),
        (-1, 0, 0.0, 0),
    ],
    ids=["in the past", "a little ahead", "ahead", "no timestamp"],
)
def test_the_age_of_a_record_is_never_negative(moved, record_ms, count, total, ahead):
    moved.meter.ended("thing.do", Outcome.ACCEPTED, record_ms, replay=False)
    assert moved.value("herald_submission_age_seconds_count", system="nhis") == count
    assert moved.value("herald_submission_age_seconds_sum", system="nhis") == total
    assert moved.value("herald_records_ahead_of_clock_total", system="nhis") == ahead


def test_only_a_replay_counts_as_one(moved):
    moved.meter.ended("thing.do", Outcome.ACCEPTED, -1, replay=False)
    moved.meter.ended("thing.do", Outcome.ACCEPTED, -1, replay=True)
    assert moved.value("herald_replays_total", system="nhis", outcome="accepted") == 1


def test_requests_for_tokens_are_counted_by_their_outcome(moved):
    moved.meter.token_requested(TokenOutcome.REFUSED)
    assert moved.value("herald_token_requests_total", system="nhis", outcome="refused") == 1


def test_exchanges_in_flight_and_the_last_date_are_kept_for_the_scrape(moved):
    moved.meter.exchange_began()
    moved.meter.exchange_began()
    moved.meter.exchange_ended()
    moved.meter.dated("Mon, 30 Nov 2026 10:00:00 GMT")
    moved.meter.dated(None)
    assert moved.meter.in_flight == 1
    assert moved.meter.date == ("Mon, 30 Nov 2026 10:00:00 GMT", NOW)


def test_two_workers_in_one_process_count_for_themselves():
    one, other = Moved(), Moved()
    one.meter.retried("unavailable")
    assert one.value("herald_retries_total", system="nhis", reason="unavailable") == 1
    assert other.value("herald_retries_total", system="nhis", reason="unavailable") == 0


def test_a_label_takes_no_value_that_is_not_in_its_set(moved):
    with pytest.raises(ValueError, match="herald_retries_total: the label reason does not take this value"):
        moved.instruments.counter(declared.RETRIES, "nhis", "8523031234")
    with pytest.raises(ValueError):  # noqa: PT011 - of `zip`
        moved.instruments.counter(declared.RETRIES, "nhis")


def test_the_exposition_can_be_parsed_and_has_no_series_of_creation(moved):
    text = generate_latest(moved.instruments.registry).decode()
    names = {sample.name for one in text_string_to_metric_families(text) for sample in one.samples}
    assert "herald_stage_duration_seconds_bucket" in names
    assert [name for name in names if name.endswith("_created")] == []
