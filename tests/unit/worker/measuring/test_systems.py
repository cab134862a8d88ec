"""What serves a system, as a scrape reads it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from worker.kafka.backlog import PartitionBacklog
from worker.kafka.window import Fill
from worker.measuring.systems import RunnerReadings
from worker.observability.metrics import declared
from worker.pipeline.flood.causes import Party, Scope
from worker.systems.port import TrustedCertificate

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)


class Trusting:
    """A system that verifies answers by pinned certificates."""

    name = "kz-shep"

    def certificates(self):
        return [
            TrustedCertificate("shep", NOW + timedelta(days=30)),
            TrustedCertificate("old", NOW - timedelta(days=1)),
        ]


def readings(system=None, meter=None, **changes):
    parts = {
        "intake": {"fill": Fill(1, 10, 2, 20), "paused": frozenset(), "set_aside": Counter(), "backlog": []},
        "breakers": {"open_reason": None, "open_signers": {}, "probe_failing": None},
        "flood": {"stop_reason": None, "stopped": {}, "limited": ()},
        "resets": {
            "lost_offsets": 0,
            "unacknowledged": 0,
            "forgotten_offsets": 0,
            "unacknowledged_forgotten": 0,
        },
    }
    made = {part: SimpleNamespace(**{**given, **changes.get(part, {})}) for part, given in parts.items()}
    runner = SimpleNamespace(system=system or SimpleNamespace(name="nhis"), **made)
    meter = meter or SimpleNamespace(in_flight=0, date=None)
    found = list(RunnerReadings(runner, meter, lambda: NOW, fresh=45)())
    shown = {(metric.name, labels): value for metric, labels, value in found}
    assert len(shown) == len(found), "a series was given twice"
    return shown


def test_pinned_certificates_tell_how_long_they_last():
    name, shown = declared.PINNED_CERTIFICATE.name, readings(system=Trusting())
    assert shown[name, ("kz-shep", "shep")] == 30 * 86_400
    assert shown[name, ("kz-shep", "old")] == -86_400


@pytest.mark.parametrize("reason", ["window", "circuit", "flood", "set-aside"])
def test_each_reason_of_a_pause_is_told_alone(reason):
    shown = readings(intake={"paused": frozenset({reason})})
    told = {
        labels[1] for (name, labels), value in shown.items() if name == declared.INTAKE_PAUSED.name and value
    }
    assert told == {reason}


def test_a_thousand_stopped_sources_are_a_count_and_no_series_each():
    before = len(readings())
    stopped = {Party(Scope.SOURCE, f"/{n}"): "60 of 100" for n in range(1000)}
    aside = Counter({Party(Scope.SOURCE, f"/{n}"): 2 for n in range(1000)} | {Party(Scope.SIGNER, "dr"): 3})
    limited = tuple(Party(Scope.SIGNER, f"dr-{n}") for n in range(7))
    shown = readings(
        flood={"stopped": stopped, "stop_reason": "60 of 100", "limited": limited},
        intake={"set_aside": aside},
    )
    assert len(shown) == before
    assert shown[declared.STOPS.name, ("nhis", "source")] == 1000
    assert shown[declared.STOPS.name, ("nhis", "signer")] == 0
    assert shown[declared.STOPS.name, ("nhis", "system")] == 1
    assert shown[declared.SET_ASIDE.name, ("nhis", "source")] == 2000
    assert shown[declared.SET_ASIDE.name, ("nhis", "signer")] == 3
    assert shown[declared.LIMITED.name, ("nhis", "signer")] == 7


def test_an_end_that_was_read_long_ago_gives_no_lag():
    fresh = PartitionBacklog(0, committed=5, stuck_seconds=0, end=9, end_age=45)
    old = PartitionBacklog(1, committed=5, stuck_seconds=60, end=9, end_age=46)
    unknown = PartitionBacklog(2, committed=None, stuck_seconds=0, end=9, end_age=1)
    shown = readings(intake={"backlog": [fresh, old, unknown]})
    lags = {labels: value for (name, labels), value in shown.items() if name == declared.LAG.name}
    assert lags == {("nhis", "0"): 4}
    assert shown[declared.COMMITTED_AGE.name, ("nhis", "1")] == 60
    assert shown[declared.PARTITIONS.name, ("nhis",)] == 3


@pytest.mark.parametrize(
    ("header", "received", "skew"),
    [
        ("Mon, 30 Nov 2026 10:00:05 GMT", 0, 5.0),
        ("Mon, 30 Nov 2026 09:50:00 GMT", -590, -10.0),
        ("Mon, 30 Nov 2026 09:00:00 GMT", -3600, None),
        ("yesterday", 0, None),
        ("", 0, None),
        ("Mon, 30 Nov 99999999999999999999 10:00:00 GMT", 0, None),
    ],
    ids=["ahead", "behind", "long ago", "no date", "empty", "beyond all years"],
)
def test_a_systems_clock_is_compared_by_its_date_header(header, received, skew):
    meter = SimpleNamespace(in_flight=0, date=(header, NOW.timestamp() + received))
    assert readings(meter=meter).get((declared.CLOCK_SKEW.name, ("nhis",))) == skew


def test_open_circuits_are_told_as_a_state_and_a_count():
    shown = readings(
        breakers={"open_reason": "503", "open_signers": {"one": "x", "two": "y"}, "probe_failing": "503"}
    )
    assert shown[declared.CIRCUIT_OPEN.name, ("nhis",)] == 1
    assert shown[declared.SIGNERS_OPEN.name, ("nhis",)] == 2
    assert shown[declared.PROBE_FAILING.name, ("nhis",)] == 1


def test_losses_are_told():
    shown = readings(resets={"lost_offsets": 12, "unacknowledged": 2})
    assert shown[declared.LOST_OFFSETS.name, ("nhis",)] == 12
    assert shown[declared.UNACKNOWLEDGED_LOSSES.name, ("nhis",)] == 2


def test_what_the_journal_forgot_is_told_apart_from_what_is_lost():
    resets = {
        "unacknowledged": 3,
        "unacknowledged_forgotten": 1,
        "lost_offsets": 9,
        "forgotten_offsets": 4,
    }
    shown = readings(resets=resets)
    assert shown[declared.UNACKNOWLEDGED_LOSSES.name, ("nhis",)] == 3
    assert shown[declared.UNACKNOWLEDGED_FORGOTTEN.name, ("nhis",)] == 1
    assert shown[declared.LOST_OFFSETS.name, ("nhis",)] == 9
    assert shown[declared.FORGOTTEN_OFFSETS.name, ("nhis",)] == 4
