"""What `herald journal reconcile` says of what it could not compare, or not restore."""

from __future__ import annotations

import json

import pytest

from tests.support.cli.commands import invoked, settings_file
from worker.admin.reconciled import Forgotten, NotCompared, Reconciled
from worker.cli.commands.journal import reconcile

FORGOTTEN = Forgotten("nhis", "/his", "s-1", "immunization.register", "t", 0, 5, "answered", "failed", "d-1")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command; what it finds is given."""
    config = settings_file(tmp_path, "postgresql:///nowhere", {"bootstrap_servers": "127.0.0.1:1"})
    asked = []

    def with_found(found, *options):
        async def reconciled(settings, systems, wanted):
            asked.append(wanted)
            return found

        monkeypatch.setattr(reconcile, "reconcile_journal", reconciled)
        done = invoked("journal", "reconcile", "--config", config, *options)
        return done, asked[-1]

    return with_found


def test_a_dead_letter_that_is_not_restored_is_named_with_what_to_do(run):
    done, _ = run(Reconciled(None, forgotten=[FORGOTTEN]))
    assert done.code == 0
    assert "d-1" in done.out
    assert "The records of these dead letters are not in what was read: d-1." in done.err
    assert "--since" in done.err


def test_what_was_not_compared_is_named_and_exits_with_1(run):
    found = Reconciled(None, not_compared=[NotCompared("nhis", "t", number, "g") for number in (0, 3)])
    done, wanted = run(found, "--json")
    assert done.code == 1
    assert json.loads(done.out)["not_compared"][1] == {
        "system": "nhis",
        "topic": "t",
        "partition": 3,
        "group": "g",
    }
    assert "Not compared: t/0 (group g), t/3 (group g)." in done.err
    assert "--read-to-end and --since TIME" in done.err
    assert (wanted.to_the_end, wanted.ask, wanted.since, wanted.recording) == (False, True, None, None)


def test_workers_that_run_are_warned_of(run):
    done, _ = run(Reconciled(None, running=["nhis", "erx"]))
    assert (done.code, "Workers of nhis, erx run" in done.err) == (0, True)


def test_nothing_is_warned_of_where_all_was_compared(run):
    done, wanted = run(Reconciled(None, read=3), "--read-to-end", "--no-look-up", "--since", "2026-03-01")
    assert done.err.count("\n") == 1
    assert (wanted.to_the_end, wanted.ask, wanted.since.isoformat()) == (
        True,
        False,
        "2026-03-01T00:00:00+00:00",
    )
