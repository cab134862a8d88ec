"""What is kept is published once, whoever has it, and a call waits until that is noted."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fakes.notifications import FakeKafka, MemoryNotifications, NotificationStore
from tests.support.fakes.ports import FakeClock, settle
from worker.inbound import outbox as outbox_module
from worker.inbound.outbox import LEASE, Outbox
from worker.pipeline.ports import Event, Notification


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(outbox_module, "LOOK", 0.01)
    monkeypatch.setattr(outbox_module, "IDLE", 0.02)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(clock):
    return NotificationStore(clock)


@pytest.fixture
async def receivers(store, clock):
    """Return what makes running receivers of one store."""
    running = []

    def run(name="receiver-1", kafka=None):
        view, kafka = MemoryNotifications(store, name), kafka or FakeKafka(store.log)
        outbox = Outbox(view, kafka, clock)
        running.append(asyncio.create_task(outbox.run()))
        return outbox, view, kafka

    yield run
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def notification(name="1", key=b"k"):
    event = Event("t", key, name.encode(), (("ce_id", name.encode()),))
    return Notification("pay", name, "pay.status.v1", name.encode(), None, event)


async def _kept(view, *names, key=b"k"):
    for name in names:
        await view.keep(notification(name, key))
    return [("pay", name) for name in names]


async def _within(work, seconds=5.0):
    async with asyncio.timeout(seconds):
        return await work


async def test_a_call_waits_until_its_notifications_are_noted(receivers, store):
    outbox, view, kafka = receivers()
    names = await _kept(view, "1", "2")
    await _within(outbox.until_published(names))
    for name in ("1", "2"):
        steps = [step for step in store.log if step.endswith(f" {name}")]
        assert steps == [f"kept {name}", f"published {name}", f"noted {name}"]
    assert [one.value for one in kafka.got] == [b"1", b"2"]
    await _within(outbox.until_published(names))  # once more: they are found as published
    assert kafka.handed == 2


async def test_what_a_crash_left_is_published_without_a_call(receivers, store):
    before = MemoryNotifications(store, "crashed")
    await _kept(before, "1")
    await before.take(10, LEASE)
    _, _, kafka = receivers()
    await asyncio.sleep(0.1)
    assert kafka.got == []  # still claimed
    await store.clock.advance(LEASE + 1)
    await _until(lambda: store.rows["pay", "1"].published)
    assert kafka.handed == 1


async def test_of_two_receivers_one_publishes_and_both_learn_of_it(receivers, store):
    (one, view, first), (two, _, second) = receivers("a"), receivers("b")
    names = await _kept(view, *map(str, range(20)))
    await _within(asyncio.gather(one.until_published(names), two.until_published(names)))
    assert first.handed + second.handed == 20


async def test_during_an_outage_of_kafka_nothing_is_handed_over_twice(receivers, store):
    outbox, view, kafka = receivers()
    kafka.down()
    names = await _kept(view, "1")
    for _ in range(3):  # calls that come again, and give up
        with pytest.raises(TimeoutError):
            await _within(outbox.until_published(names), 0.05)
        await store.clock.advance(LEASE)  # the claim is extended meanwhile
    assert kafka.handed == 1
    kafka.up()
    await _within(outbox.until_published(names))
    assert (kafka.handed, len(kafka.got)) == (1, 1)


async def test_what_kafka_has_and_the_journal_not_yet_is_told_only_when_it_is_noted(receivers, store):
    outbox, view, kafka = receivers()
    kafka.down()
    names = await _kept(view, "1")
    waiting = asyncio.create_task(outbox.until_published(names))
    await _until(lambda: kafka.handed == 1)
    view.down = True
    kafka.up()
    await asyncio.sleep(0.1)
    assert (len(kafka.got), waiting.done()) == (1, False)
    view.down = False
    await _within(waiting)
    assert (kafka.handed, store.rows["pay", "1"].published) == (1, True)


async def test_events_of_one_key_keep_their_order_and_another_key_does_not_wait(
    receivers, store, monkeypatch
):
    outbox, view, kafka = receivers()
    slow = asyncio.Event()
    publish = kafka.publish

    async def publish_slowly(event):
        if event.value == b"1":
            await slow.wait()
        await publish(event)

    monkeypatch.setattr(kafka, "publish", publish_slowly)
    names = await _kept(view, "1", "2") + await _kept(view, "3", key=b"other")
    waiting = asyncio.create_task(outbox.until_published(names))
    await _until(lambda: kafka.got)
    await asyncio.sleep(0.05)
    assert [one.value for one in kafka.got] == [b"3"]
    slow.set()
    await _within(waiting)
    assert [one.value for one in kafka.got] == [b"3", b"1", b"2"]


async def test_one_that_kafka_takes_long_for_does_not_keep_the_others(receivers, store, monkeypatch):
    monkeypatch.setattr(outbox_module, "AT_ONCE", 2)
    outbox, view, kafka = receivers()
    publish = kafka.publish

    async def publish_all_but_one(event):
        if event.value == b"bad":
            await asyncio.Event().wait()
        await publish(event)

    monkeypatch.setattr(kafka, "publish", publish_all_but_one)
    await _kept(view, "bad", key=b"bad")
    names = await _kept(view, "1", "2", "3", "4")
    await _within(outbox.until_published(names))
    assert len(kafka.got) == 4


async def test_a_stop_lets_what_is_in_flight_end_and_gives_back_the_rest(store, clock):
    view, kafka = MemoryNotifications(store), FakeKafka(store.log)
    outbox = Outbox(view, kafka, clock)
    task = asyncio.create_task(outbox.run())
    kafka.down()
    await _kept(view, "1")
    await _until(lambda: kafka.handed == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    closing = asyncio.create_task(outbox.close(5))
    await settle()
    kafka.up()
    await _within(closing)
    assert store.rows["pay", "1"].published
    kafka.down()
    await _kept(view, "2")
    task = asyncio.create_task(outbox.run())
    await _until(lambda: kafka.handed == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await outbox.close(0.05)
    assert (store.rows["pay", "2"].published, store.rows["pay", "2"].claimed_by) == (False, None)


async def test_what_is_unpublished_is_counted(receivers, store):
    outbox, view, kafka = receivers()
    kafka.down()
    await _kept(view, "1", "2")
    await store.clock.advance(60)
    await _until(lambda: (outbox.backlog or {}).get("pay"))
    assert (outbox.backlog["pay"].count, outbox.backlog["pay"].age) == (2, 60)
    view.down = True
    await _until(lambda: outbox.backlog is None)


async def _until(check):
    async with asyncio.timeout(5):
        while not check():  # noqa: ASYNC110 - no event says it
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("turns", range(6))
async def test_a_stop_ends_it_also_in_the_moment_in_which_it_is_woken(store, clock, turns):
    """`asyncio.wait_for` of Python 3.11 loses a cancellation that comes when what it waits for is there."""
    outbox = Outbox(MemoryNotifications(store, "receiver-1"), FakeKafka(store.log), clock)
    running = asyncio.create_task(outbox.run())
    await settle()

    outbox.wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    ended, _ = await asyncio.wait([running], timeout=1)

    assert ended == {running}
    assert running.cancelled()
