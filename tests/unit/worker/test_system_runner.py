"""What one system's parts tell the readiness probe."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from worker.observability.health import HealthWarning, Kind
from worker.pipeline.flood.causes import OTHERS, Party, Scope
from worker.system_runner import MOST_TOLD, SystemRunner


def runner(**changes):
    parts = {
        "breakers": {"open_reason": None, "open_signers": {}, "probe_failing": None},
        "flood": {"stop_reason": None, "stopped": {}, "limited": ()},
        "resets": {"told": None, "journal_behind": None},
        "calls": {"hanging": lambda: None},
        "asker": {"record": SimpleNamespace(failing=None, late=None)},
        "intake": {
            "joined": True,
            "assigned": True,
            "unreadable": None,
            "open_transactions": None,
            "crowded": None,
            "dead": lambda: None,
        },
    }
    made = {part: SimpleNamespace(**{**given, **changes.get(part, {})}) for part, given in parts.items()}
    return SystemRunner(system=SimpleNamespace(name="nhis"), routing=None, **made)


def test_nothing_is_reported_where_all_is_well():
    assert list(runner().warnings()) == []
    assert runner().unable is None


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"breakers": {"open_reason": "503"}}, HealthWarning(Kind.CIRCUIT_OPEN, "nhis", "503")),
        (
            {"breakers": {"open_signers": {"dr": "no token"}}},
            HealthWarning(Kind.CIRCUIT_OPEN, "nhis", "no token", signer="dr"),
        ),
        ({"breakers": {"probe_failing": "503"}}, HealthWarning(Kind.PROBE_FAILING, "nhis", "503")),
        (
            {"flood": {"stop_reason": "60 of 100"}},
            HealthWarning(Kind.INTAKE_STOPPED, "nhis", "60 of 100; see `herald intake status`"),
        ),
        (
            {"flood": {"stopped": {Party(Scope.SOURCE, "/his"): "60 of 100"}}},
            HealthWarning(
                Kind.INTAKE_STOPPED,
                "nhis",
                "source /his: 60 of 100; see `herald intake status`",
                source="/his",
            ),
        ),
        (
            {"flood": {"limited": (Party(Scope.SIGNER, "dr"),)}},
            HealthWarning(
                Kind.DEAD_LETTERS_LIMITED,
                "nhis",
                "signer dr: the limit of dead letters for this minute is reached",
                signer="dr",
            ),
        ),
        (
            {"flood": {"limited": (Party(Scope.SOURCE, OTHERS),)}},
            HealthWarning(
                Kind.DEAD_LETTERS_LIMITED,
                "nhis",
                "sources beyond the first 1000 senders with dead letters, which share one limit: "
                "the limit of dead letters for this minute is reached",
            ),
        ),
        ({"intake": {"crowded": "partition 3"}}, HealthWarning(Kind.SET_ASIDE, "nhis", "partition 3")),
        ({"resets": {"told": "3 offsets"}}, HealthWarning(Kind.LOST_RECORDS, "nhis", "3 offsets")),
        (
            {"resets": {"journal_behind": "4 offsets"}},
            HealthWarning(Kind.JOURNAL_BEHIND, "nhis", "4 offsets"),
        ),
        (
            {"intake": {"open_transactions": "partition 2"}},
            HealthWarning(Kind.OPEN_TRANSACTION, "nhis", "partition 2"),
        ),
        (
            {"asker": {"record": SimpleNamespace(failing="503", late=None)}},
            HealthWarning(Kind.ASKING_FAILS, "nhis", "503"),
        ),
        (
            {"asker": {"record": SimpleNamespace(failing=None, late="900 s late")}},
            HealthWarning(Kind.ANSWERS_OVERDUE, "nhis", "900 s late"),
        ),
        (
            {"intake": {"assigned": False}},
            HealthWarning(Kind.NO_PARTITION, "nhis", "the group assigned no partition to this worker"),
        ),
    ],
)
def test_what_waits_is_a_warning_and_leaves_the_worker_able(changes, warning):
    assert list(runner(**changes).warnings()) == [warning]
    assert runner(**changes).unable is None


def test_a_thousand_stopped_senders_are_reported_in_few_warnings():
    stopped = {Party(Scope.SOURCE, f"/{n}"): "60 of 100" for n in range(1000)}

    assert len(list(runner(flood={"stopped": stopped}).warnings())) == MOST_TOLD


def test_what_makes_it_unable():
    assert runner(intake={"joined": False}).unable == "no partition assigned yet"
    assert runner(intake={"unreadable": "partition 1"}).unable == "partition 1"


def test_what_is_dead_is_its_intake_or_a_call_that_hangs():
    assert runner().dead() is None
    assert runner(intake={"dead": lambda: "the commit task has ended"}).dead() == "the commit task has ended"
    assert runner(calls={"hanging": lambda: "a call"}).dead() == "a call"


def test_what_is_outside_kills_no_worker():
    away = runner(
        breakers={"open_reason": "503", "probe_failing": "503"},
        flood={"stop_reason": "60 of 100"},
        intake={"unreadable": "partition 1", "joined": False},
    )
    assert away.dead() is None
