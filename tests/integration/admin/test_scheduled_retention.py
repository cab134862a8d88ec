"""Pruning by the workers: one of them does it, another one where that one is gone, and claims go on meanwhile."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.support.postgres.evidence import make_day
from tests.support.postgres.journal import AT, PLACE, SOURCE, final, received, request, sending
from worker.admin import retention_sql
from worker.admin.retention_sql import Pruned
from worker.admin.scheduled_retention import ScheduledRetention
from worker.journal.evidence_days import AHEAD, days
from worker.journal.settings import JournalSettings, RetentionSettings
from worker.pipeline.ports import Claimed

pytestmark = pytest.mark.usefixtures("time_travel")


class SetClock:
    """A clock that a test sets; sleeping ends when the test says so."""

    def __init__(self) -> None:
        self.time = AT
        self.slept: list[float] = []
        self.sleeps = asyncio.Semaphore(0)
        self.tick = asyncio.Event()

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.sleeps.release()
        await self.tick.wait()
        self.tick.clear()


async def allowed(days: int) -> None:
    return None


@pytest.fixture
async def schedule(journal_dsn):
    """Make the schedule of another worker on the same journal."""
    made = []

    def one(why_not=allowed, systems=("nhis",), **values):
        retention = RetentionSettings(**{"enabled": True} | values)
        clock = SetClock()
        settings = JournalSettings(dsn=journal_dsn, retention=retention)
        made.append(ScheduledRetention(settings, clock, why_not, systems))
        return made[-1], clock

    yield one
    for each in made:
        await each.close()


async def ended(journal, name):
    claimed = await journal.claim(request(name))
    await journal.sending(claimed.ticket, sending(message_id=f"m-{name}"), in_doubt=True)
    await journal.finish(claimed.ticket, final(), received(message_id=f"m-{name}"))
    await journal.answered(SOURCE, name, 1, PLACE)


async def test_the_clock_decides_what_is_due(journal, schedule):
    await ended(journal, "s-1")
    one, clock = schedule(evidence_days=30, reply_days=40, identity_days=50)
    found = []
    for age in (29, 31, 51):
        clock.time = AT + timedelta(days=age)
        await one.prune_if_leading()
        found.append(one.removed)
    # The reply of this test is no reply that could be summarized; what cannot be read still is forgotten in the end.
    assert found == [Pruned(), Pruned(evidence=1), Pruned(evidence=1, identities=1)]
    assert one.problem is None


async def test_of_two_workers_one_prunes_and_the_other_once_that_one_is_gone(journal, schedule):
    await ended(journal, "s-1")
    (first, clock), (second, other) = schedule(), schedule()
    clock.time = other.time = AT + timedelta(days=91)
    for _ in range(3):
        await first.prune_if_leading()
        await second.prune_if_leading()
    assert (first.leads, second.leads) == (True, False)
    assert (first.removed.evidence, second.removed) == (1, Pruned())

    await ended(journal, "s-2")
    await first.close()
    for _ in range(50):  # the server notices the closed connection by itself, within moments
        await second.prune_if_leading()
        if second.leads:
            break
        await asyncio.sleep(0.02)
    assert (second.leads, second.removed.evidence) == (True, 1)
    await first.prune_if_leading()
    assert not first.leads


async def test_it_prunes_again_after_the_pause_and_survives_errors(schedule, monkeypatch, caplog):
    one, clock = schedule(every_hours=2)
    calls = []

    async def prune(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise RuntimeError("a defect")
        return Pruned(evidence=3)

    monkeypatch.setattr(retention_sql, "prune", prune)
    task = asyncio.create_task(one.run())
    await clock.sleeps.acquire()
    assert one.problem is not None
    clock.tick.set()
    await clock.sleeps.acquire()
    task.cancel()
    assert (clock.slept, one.removed, one.problem) == ([7200, 7200], Pruned(evidence=3), None)
    assert "the journal was not pruned" in caplog.text


async def test_identities_stay_while_kafka_may_bring_the_record_again(journal, schedule):
    await ended(journal, "s-1")

    async def why_not(days):
        return f"the topic keeps records longer than {days} days"

    one, clock = schedule(why_not, evidence_days=1, identity_days=2)
    clock.time = datetime.now(UTC) + timedelta(days=9)
    await one.prune_if_leading()
    assert (one.removed.evidence, one.removed.identities) == (1, 0)
    assert one.problem == "the topic keeps records longer than 2 days"


async def test_submissions_of_systems_whose_topics_were_not_asked_stay(journal, schedule):
    await ended(journal, "s-1")
    for systems, forgotten in (((), 0), (("erx", "nhif"), 0), (("erx", "nhis"), 1)):
        one, clock = schedule(systems=systems, evidence_days=1, identity_days=2)
        clock.time = AT + timedelta(days=9)
        await one.prune_if_leading()
        assert one.removed.identities == forgotten
        await one.close()
        await asyncio.sleep(0.1)  # the server notices the closed connection by itself


@pytest.mark.parametrize("enabled", [True, False])
async def test_the_leader_makes_the_next_days_whether_or_not_it_removes_anything(
    journal, connection, schedule, enabled
):
    await ended(journal, "s-1")
    (one, clock), (other, _) = schedule(enabled=enabled), schedule(enabled=enabled)
    clock.time = AT + timedelta(days=100)
    await one.prune_if_leading()
    await other.prune_if_leading()
    first = clock.time.date()
    made = [first + timedelta(days=n) for n in range(AHEAD + 1)]
    assert (await days(connection))[: AHEAD + 1] == made
    clock.time += timedelta(days=1)
    await one.prune_if_leading()
    assert (await days(connection))[: AHEAD + 2] == [*made, made[-1] + timedelta(days=1)]
    assert (one.leads, other.leads) == (True, False)
    assert one.removed.evidence == (1 if enabled else 0)
    assert (one.pruned_at is not None, one.problem) == (enabled, None)


async def test_it_says_which_days_could_not_be_dropped_and_drops_them_the_next_time(
    journal, connection, schedule, journal_dsn
):
    await make_day(connection, count=2)
    await ended(journal, "s-1")
    one, clock = schedule()
    clock.time = AT + timedelta(days=92)
    reader = await asyncpg.connect(journal_dsn)
    async with reader.transaction():
        await reader.fetch("select from evidence")
        await one.prune_if_leading()
        assert one.leads
        assert "the evidence of 2 days stays: another transaction uses its tables" in str(one.problem)
    await reader.close()
    await one.prune_if_leading()
    assert one.problem is None
    assert (one.removed.evidence, one.removed.days, one.removed.postponed) == (1, 2, 2)


async def test_claims_go_on_while_it_prunes(journal, connection, schedule, monkeypatch):
    monkeypatch.setattr(retention_sql, "BATCH", 1)
    for number in range(20):
        await ended(journal, f"s-{number}")
    one, clock = schedule()
    clock.time = AT + timedelta(days=91)
    pruning = asyncio.create_task(one.prune_if_leading())
    claims = 0
    while not pruning.done():
        assert isinstance(await asyncio.wait_for(journal.claim(request(f"new-{claims}")), 2), Claimed)
        claims += 1
    assert claims > 0
    assert one.removed.evidence == 20
