"""The benchmark from end to end, in its smallest form: it is never a timed assertion, but it must run."""

from __future__ import annotations

from tests.bench.contest.contest import Plan, contest
from tests.bench.contest.report import KEYS, report

TINY = Plan(submissions=40, rounds=2, warm_up=20, paced_seconds=0.2, profiled=20)


def test_measures_both_workers_and_the_floor(kafka, pg_server, tmp_path):
    measured = contest(TINY, tmp_path, kafka.bootstrap, pg_server)
    found = report(measured)

    assert tuple(found) == KEYS
    stages, postgres_ms = found.pop("stages_ms"), found.pop("postgres_ms")
    assert all(value > 0 for value in found.values()), found
    # The system counts CPU in ticks of 10 ms, and PostgreSQL needs less for so few submissions; what counts it is
    # tested in tests/unit/bench/test_footprint.py.
    assert postgres_ms >= 0
    assert all(value >= 0 for value in stages.values()), stages
    assert [len(measured.costs[name]) for name in ("herald", "plain")] == [2, 2]
