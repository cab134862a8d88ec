"""Looks: each place at its pace, by one worker; what is found moves with the cursor; failures wait and are told."""

from __future__ import annotations

import asyncio
import logging
from random import Random

import pytest

from contracts import notifications
from tests.support.fakes.notifications import NotificationStore
from tests.support.fakes.ports import FakeClock, settle
from tests.support.fakes.watches import MemoryWatches
from tests.support.inbound.invented import NAME, TYPE, TYPES
from worker.inbound.looking.looker import WHILE_OPEN, Looker
from worker.inbound.looking.one_look import OneLook
from worker.inbound.looking.ports import Standing
from worker.inbound.looking.record import LookRecord
from worker.inbound.looking.settings import LookingSettings
from worker.notice import Notice
from worker.observability.metrics.labels import LookOutcome
from worker.pipeline.notices import WorkerNotices
from worker.pipeline.ports import Owner
from worker.pipeline.routing import Routing
from worker.systems.news import LookFailed, Seen, Watch

PACE = 300.0
SETTINGS = LookingSettings(pass_seconds=1, least_seconds=5, look_seconds=60)


@pytest.fixture(autouse=True)
def invented(monkeypatch):
    monkeypatch.setattr(notifications, "NOTIFICATION_TYPES", TYPES)


def said(number, status="paid", **more):
    return Notice(f"n-{number}", TYPE, {"paymentId": str(number), "status": status}, **more)


class Inbox:
    """Shows what a script says, in turn; then nothing."""

    def __init__(self, *script, names=("inbox",)):
        self.script = list(script)
        self.names = names
        self.cursors = []

    def watches(self):
        return [Watch(name, "a-signer", PACE) for name in self.names]

    async def look(self, watch, cursor):
        self.cursors.append(cursor)
        step = self.script.pop(0) if self.script else Seen((), cursor)
        if isinstance(step, Exception):
            raise step
        return await step() if callable(step) else step


class Counts:
    """What was counted: the outcomes of looks, and what they found."""

    def __init__(self):
        self.outcomes, self.kept = [], []

    def looked(self, outcome):
        self.outcomes.append(outcome.value)

    def found(self, made, kept):
        self.kept += [now.added for _, now in zip(made, kept, strict=True)]


class World:
    """Workers that look at one inbox."""

    def __init__(self, *script, names=("inbox",)):
        self.clock, self.inbox = FakeClock(), Inbox(*script, names=names)
        self.store, self.places = NotificationStore(self.clock), {}
        self.counts, self.found, self.open = Counts(), 0, set()

    def looker(self, me="worker-1", settings=SETTINGS):
        view = MemoryWatches(self.store, self.places, me)
        one = OneLook(
            self.inbox,
            view,
            WorkerNotices(NAME, Routing.of("herald.", NAME), 1000),
            self.clock,
            settings,
            random=Random(1),
            meter=self.counts,
            found=self._on_found,
        )
        return Looker(
            NAME,
            self.inbox.watches(),
            view,
            one,
            settings,
            clock=self.clock,
            is_open=self.open.__contains__,
            record=LookRecord(),
            drain_seconds=0.2,
        )

    def _on_found(self):
        self.found += 1

    @property
    def place(self):
        return self.places["inbox"]

    @property
    def due_in(self):
        return self.place.due - self.clock.monotonic()

    @property
    def kept(self):
        return [row.notification for row in self.store.rows.values()]


async def looked(looker):
    """Let a looker begin with what is due, and end it."""
    await looker.look()
    await settle()


async def test_what_is_found_is_kept_with_the_cursor_and_looked_for_again_at_its_pace():
    world = World(Seen((said(1), said(2)), "c-2"))
    looker = world.looker()
    await looked(looker)
    assert [one.type for one in world.kept] == [TYPE, TYPE]
    assert {one.event.topic for one in world.kept} == {f"herald.{NAME}.notifications"}
    assert (world.place.cursor, world.due_in, world.found) == ("c-2", PACE, 1)
    assert world.counts.outcomes == [LookOutcome.FOUND.value]
    await looked(looker)
    assert world.inbox.cursors == [None]
    await world.clock.advance(PACE)
    await looked(looker)
    assert world.inbox.cursors == [None, "c-2"]
    assert world.counts.outcomes[1:] == [LookOutcome.NOTHING.value]
    assert world.found == 1


async def test_it_belongs_to_the_submission_that_it_names():
    world = World(Seen((said(1, reference="17"),), "c"))
    world.store.owners[NAME, "17"] = Owner("/his", "s-1", b"patient-7f3a")
    await looked(world.looker())
    assert world.kept[0].event.key == b"patient-7f3a"
    assert dict(world.kept[0].event.headers)["ce_submissionid"] == b"s-1"


async def test_what_was_stated_first_stays(caplog):
    world = World(Seen((said(1),), "1"), Seen((said(1), said(1, "canceled")), "2"))
    looker = world.looker()
    await looked(looker)
    await world.clock.advance(PACE)
    with caplog.at_level(logging.WARNING, "worker"):
        await looked(looker)
    assert world.counts.kept == [True, False, False]
    assert [one.message_id for one in caplog.records] == [world.kept[0].id]


async def test_a_place_with_more_to_show_is_looked_at_again_at_once():
    world = World(Seen((said(1),), "1", more=True), Seen((), "2", more=True), Seen((), "2", more=True))
    looker = world.looker()
    task = asyncio.create_task(looker.run())
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    # The last look came no further: without this, such a place would be looked at without pause.
    assert world.inbox.cursors == [None, "1", "2"]
    assert world.due_in == PACE


@pytest.mark.parametrize(
    ("failed", "least", "most"),
    [
        (LookFailed("unavailable", "down"), 10, 12),
        (LookFailed("too-many-requests", "slowly", delay=120.0), 120, 120),
        (LookFailed("too-many-requests", "slowly", delay=1e9), 3600, 3600),
        (RuntimeError("a text that quotes data"), 10, 12),
    ],
    ids=["schedule", "asked", "asked for too long", "defect"],
)
async def test_a_failed_look_waits_and_keeps_the_cursor(caplog, failed, least, most):
    world = World(Seen((), "c-1"), failed)
    looker = world.looker()
    await looked(looker)
    await world.clock.advance(PACE)
    with caplog.at_level(logging.INFO, "worker"):
        await looked(looker)
    assert (world.place.cursor, world.place.failures) == ("c-1", 1)
    assert least <= world.due_in <= most
    assert "quotes data" not in caplog.text


async def test_waits_between_failures_grow_up_to_the_longest_and_never_end():
    world = World(*(LookFailed("unavailable", "down") for _ in range(30)))
    looker, waits = world.looker(), []
    for _ in range(30):
        await looked(looker)
        waits.append(world.due_in)
        await world.clock.advance(world.due_in)
    assert waits[:4] == sorted(waits[:4])
    assert 900 <= max(waits) <= 900 * 1.2
    assert world.counts.outcomes == [LookOutcome.FAILED.value] * 30
    await looked(looker)
    assert (world.place.failures, world.due_in) == (0, PACE)


async def test_a_look_that_does_not_return_has_failed():
    async def never():
        await asyncio.Event().wait()

    world = World(never)
    looker = world.looker(settings=SETTINGS.model_copy(update={"look_seconds": 0.05}))
    await looker.look()
    await asyncio.sleep(0.1)
    assert (world.place.failures, world.place.reason) == (1, "answer-timeout")


@pytest.mark.parametrize(
    "broken",
    [
        Notice("n-9", TYPE, {"paymentId": "9", "status": "eaten"}),
        Notice("n-9", f"{NAME}.other.v1", {}),
        Notice("n-9", TYPE, {"paymentId": "9", "status": "paid", "note": "x" * 1001}),
    ],
    ids=["contract", "type", "size"],
)
async def test_a_notice_that_cannot_be_published_keeps_the_cursor_and_no_other_notice_waiting(caplog, broken):
    world = World(Seen((said(1), broken, said(2)), "c-9"))
    with caplog.at_level(logging.WARNING, "worker"):
        await looked(world.looker())
    assert len(world.kept) == 2
    assert (world.place.cursor, world.place.failures, world.place.reason) == (None, 1, "defect")
    assert world.counts.outcomes == [LookOutcome.DEFECT.value]
    assert world.found == 1
    assert "eaten" not in caplog.text


async def test_while_the_signers_circuit_is_open_nothing_is_asked():
    world = World(Seen((said(1),), "c"))
    world.open.add("a-signer")
    looker = world.looker()
    await looked(looker)
    assert (world.inbox.cursors, world.due_in, world.place.failures) == ([], WHILE_OPEN, 0)
    world.open.clear()
    await world.clock.advance(WHILE_OPEN)
    await looked(looker)
    assert len(world.kept) == 1


async def test_after_a_crash_another_worker_looks_once_the_claim_has_run_out():
    world = World()
    dead = MemoryWatches(world.store, world.places, "worker-0")
    await dead.declare(NAME, ["inbox"])
    await dead.take(NAME, ["inbox"], 1, 90)
    looker = world.looker("worker-1")
    await looked(looker)
    assert world.inbox.cursors == []
    await world.clock.advance(91)
    await looked(looker)
    assert world.inbox.cursors == [None]


async def test_what_an_overtaken_look_found_is_not_kept():
    release = asyncio.Event()

    async def late():
        await release.wait()
        return Seen((said(1),), "old")

    world = World(late, Seen((said(1),), "new"))
    first, second = world.looker("worker-1"), world.looker("worker-2")
    await looked(first)
    await world.clock.advance(91)
    await looked(second)
    release.set()
    await settle()
    assert (world.place.cursor, len(world.kept)) == ("new", 1)
    assert world.counts.outcomes == [LookOutcome.FOUND.value, LookOutcome.OVER.value]


async def test_a_stop_gives_back_what_does_not_end_in_time():
    async def never():
        await asyncio.Event().wait()

    world = World(never)
    looker = world.looker()
    await looked(looker)
    await looker.stop()
    assert (world.place.claimed_by, world.due_in) == (None, 0.0)
    await looked(looker)
    assert len(world.inbox.cursors) == 1


async def test_an_outage_of_the_journal_ends_no_looker():
    world = World(Seen((said(1),), "c"))
    looker = world.looker()
    looker._journal.down = True
    task = asyncio.create_task(looker.run())
    await settle()
    assert looker.record.standing is None
    looker._journal.down = False
    await world.clock.advance(2)
    await settle()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(world.kept) == 1
    assert looker.record.age is not None


async def test_no_more_looks_are_made_at_once_than_the_settings_allow():
    async def never():
        await asyncio.Event().wait()

    names = tuple(f"inbox-{number}" for number in range(6))
    world = World(*[never] * 6, names=names)
    looker = world.looker()
    await looked(looker)
    await looked(looker)
    assert len(world.inbox.cursors) == SETTINGS.in_flight
    await looker.stop()


FINE, FAILING = Standing("a", 10.0, 2, "unavailable"), Standing("b", 700.0, 5, "token-refused")


@pytest.mark.parametrize(
    ("standing", "age", "told"),
    [
        (None, None, None),
        ([], None, None),
        ([FINE], 10.0, None),
        ([FINE, FAILING], 700.0, "the last 5 looks at b failed: token-refused"),
        (
            [FAILING, Standing("c", 1.0, 3, "defect")],
            700.0,
            "the last 5 looks at b failed: token-refused, and of 1 more",
        ),
    ],
    ids=["unknown", "none", "fine", "one", "two"],
)
def test_what_an_operator_is_told(standing, age, told):
    record = LookRecord()
    record.standing = standing
    assert (record.age, record.told) == (age, told)
