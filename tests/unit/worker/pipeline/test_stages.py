"""A stage is measured whatever its end: for the metrics, for the log line, and as a span where there is a trace."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.support.fakes.spans import Spans
from worker.observability.journey import Journey, following, note, span_note, traced
from worker.observability.metrics.labels import Stage
from worker.pipeline.meter import Unmetered
from worker.pipeline.stages import Stages


class Meter(Unmetered):
    def __init__(self) -> None:
        self.seen: list[tuple[Stage, float]] = []

    def took(self, stage: Stage, seconds: float) -> None:
        self.seen.append((stage, seconds))


@pytest.fixture
def time() -> list[float]:
    return [0.0]


@pytest.fixture
def meter() -> Meter:
    return Meter()


@pytest.fixture
def stages(meter: Meter, time: list[float]) -> Stages:
    return Stages(meter, lambda: time[0])


def test_a_stage_is_measured_also_where_it_fails(stages, meter, time):
    with suppress(ValueError), stages.timed(Stage.EXCHANGE):
        time[0] = 3.0
        raise ValueError
    assert meter.seen == [(Stage.EXCHANGE, 3.0)]


def test_stages_do_not_disturb_each_other(stages, meter, time):
    with stages.timed(Stage.EXCHANGE):
        time[0] = 1.0
        with stages.timed(Stage.EXCHANGE):
            time[0] = 3.0
    assert meter.seen == [(Stage.EXCHANGE, 2.0), (Stage.EXCHANGE, 3.0)]


def test_a_journey_adds_up_what_comes_again(stages, time):
    journey = Journey(lambda: time[0])
    with following(journey):
        for _ in range(2):
            with stages.timed(Stage.EXCHANGE):
                time[0] += 2.0
    assert journey.seconds == {"exchange": 4.0}
    assert journey.total == 4.0


def test_without_a_trace_nothing_is_a_span(stages):
    with following(Journey(lambda: 0.0)), stages.timed(Stage.CLAIM) as span:
        span_note("herald.outcome", "accepted")
    assert span is None


def test_outside_of_a_journey_nothing_is_followed(stages):
    note(reason="conflict")
    span_note("herald.outcome", "accepted")
    with stages.timed(Stage.CLAIM) as span, traced("sign") as inner:
        pass
    assert (span, inner) == (None, None)


def test_spans_lie_in_each_other_and_end_also_where_they_fail(stages):
    tracer, journey = Spans(), Journey(lambda: 0.0)
    with suppress(ValueError), following(journey):
        journey.trace(tracer, "process", None, {})
        with stages.timed(Stage.CLAIM):
            pass
        with traced("submit"), stages.timed(Stage.EXCHANGE):
            span_note("herald.reason", "unavailable")
            raise ValueError("Аврам Измислен")
    assert tracer.tree() == [
        ("process", "", "ValueError"),
        ("claim", "process", None),
        ("submit", "process", "ValueError"),
        ("exchange", "submit", "ValueError"),
    ]
    assert [one.name for one in tracer.spans if not one.ended] == []
    assert tracer.spans[-1].attributes == {"herald.reason": "unavailable"}
