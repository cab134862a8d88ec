"""Notifications in the journal: the first of a name stays, one receiver publishes it, and it finds its submission."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from tests.support.journal.waits import waits
from tests.support.postgres.journal import RealClock, request
from worker.inbound.ports import Kept
from worker.journal.notifications import PostgresNotifications
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Event, Final, JournalOutage, Notification, Owner, State

AT = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)


def notification(name="n-1", *, system="invented", says=b"{}", owner=None, key=b"patient-7f3a"):
    headers = (("ce_id", name.encode()), ("ce_empty", None))
    event = Event(f"herald.{system}.notifications", key, says, headers)
    return Notification(system, name, f"{system}.thing.said.v1", says.ljust(32), owner, event)


@pytest.fixture
async def receivers(journal_dsn):
    made = []

    def make(me="receiver-1", systems=("invented",), **values):
        settings = JournalSettings(**({"dsn": journal_dsn} | values))
        made.append(PostgresNotifications(settings, me, systems, RealClock()))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_the_first_of_a_name_stays(receivers):
    one = receivers()
    assert await one.keep(notification()) == Kept(added=True, same=True, published=False)
    assert await one.keep(notification()) == Kept(added=False, same=True, published=False)
    assert await one.keep(notification(says=b"[]")) == Kept(added=False, same=False, published=False)
    assert await one.keep(notification(system="other")) == Kept(added=True, same=True, published=False)
    (waiting,) = await one.take(10, 30)
    assert (waiting.name, waiting.event) == (("invented", "n-1"), notification().event)


async def test_of_two_receivers_that_keep_the_same_one_adds_it(receivers):
    both = [receivers(f"receiver-{number}") for number in range(2)]
    for round_ in range(20):
        told = await asyncio.gather(*(one.keep(notification(f"n-{round_}")) for one in both))
        assert sorted(kept.added for kept in told) == [False, True]


async def test_one_receiver_has_it_until_its_claim_runs_out_or_it_gives_it_back(receivers):
    first, second = receivers("a"), receivers("b")
    for number in range(3):
        await first.keep(notification(f"n-{number}"))
    assert [one.name[1] for one in await first.take(2, 30)] == ["n-0", "n-1"]
    assert [one.name[1] for one in await second.take(10, 0.2)] == ["n-2"]
    assert await first.take(10, 30) == []
    await second.extend([("invented", "n-0"), ("invented", "n-2")], 0.4)  # the former is not its own
    await asyncio.sleep(0.25)
    assert await first.take(10, 30) == []
    await asyncio.sleep(0.25)
    assert [one.name[1] for one in await first.take(10, 30)] == ["n-2"]
    await second.release([("invented", "n-0")])
    assert await second.take(10, 30) == []
    await first.release([("invented", "n-0")])
    assert [one.name[1] for one in await second.take(10, 30)] == ["n-0"]


async def test_what_is_published_is_taken_by_nobody(receivers):
    one, other = receivers("a"), receivers("b", ("elsewhere",))
    for name in ("n-1", "n-2"):
        await one.keep(notification(name))
    assert await other.take(10, 30) == []
    names = [("invented", "n-1"), ("invented", "n-2")]
    assert (await one.backlog())["invented"].count == 2
    assert await other.backlog() == {}
    await one.note_published(names[:1])
    await one.note_published(names[:1])
    assert set(await other.published_of(names)) == set(names[:1])
    assert [one.name for one in await one.take(10, 30)] == names[1:]
    assert (await one.keep(notification("n-1"))).published


async def _accepted(journal, submission, reference, key=b"patient-7f3a"):
    claimed = await journal.claim(submission)
    headers = (("ce_type", b"invented.pay.accepted.v1"), ("ce_rnu", "УРИ-1".encode()))
    reply = Event("herald.invented.results", key, b"{}", headers)
    await journal.finish(claimed.ticket, Final(State.ACCEPTED, reply, None, AT, reference), None)


@pytest.mark.parametrize("encrypted", [False, True], ids=["clear", "encrypted"])
async def test_it_finds_its_submission_by_the_reference_and_by_the_identity(
    open_journal, receivers, encrypted
):
    values = {}
    if encrypted:
        values = {"encryption": {"active_key": "2026", "keys": {"2026": {"secret": "bb" * 32}}}}
    journal, one = await open_journal(**values), receivers(**values)
    await one.check()
    first = request("s-1", system="invented", identity="PAY-0001")
    await _accepted(journal, first, "17")
    owner = Owner(first.source, "s-1", b"patient-7f3a", "УРИ-1")
    assert await one.owner_of("invented", "17") == owner
    assert await one.owner_of("invented", "PAY-0001") == owner
    assert await one.owner_of("other", "17") is None
    # A second submission of the same name changes nothing.
    await _accepted(journal, request("s-2", system="invented", identity="PAY-0002"), "17")
    assert await one.owner_of("invented", "17") == owner
    assert (await one.owner_of("invented", "PAY-0002")).id == "s-2"
    # One in progress is found without its key.
    await journal.claim(request("s-3", system="invented", identity="PAY-0003"))
    assert await one.owner_of("invented", "PAY-0003") == Owner(first.source, "s-3", None, None)
    await one.keep(notification(owner=owner))
    (waiting,) = await one.take(10, 30)
    assert waiting.event == notification().event


async def test_an_outage_is_one(receivers):
    nowhere = receivers(dsn="postgresql://nobody@127.0.0.1:1/none")
    for work in (nowhere.keep(notification()), nowhere.take(1, 1), nowhere.owner_of("invented", "17")):
        with pytest.raises(JournalOutage):
            await work


ENCRYPTED = {"encryption": {"active_key": "2026", "keys": {"2026": {"secret": "bb" * 32}}}}


@pytest.mark.parametrize("values", [{}, ENCRYPTED], ids=["plain", "encrypted"])
async def test_a_call_hastens_the_submission_that_waits_for_it_and_no_other(receivers, journal_dsn, values):
    settings = JournalSettings(**({"dsn": journal_dsn} | values))
    worker = await PostgresJournal.open(settings, "worker-1", RealClock())
    await waits(worker, delay=3600.0)
    receiver = receivers(systems=("nhis",), **values)
    assert not await receiver.hasten("nhis", "c-1 v-2")
    assert not await receiver.hasten("erx", "c-1 v-1")
    assert not await worker.take_due("nhis", 10, ())
    assert await receiver.hasten("nhis", "c-1 v-1")
    (due,) = await worker.take_due("nhis", 10, ())
    assert due.ticket.id == "s-1"
    await worker.close()
