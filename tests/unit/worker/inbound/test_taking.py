"""What a call is answered with: by what the system says of it, and only after everything is durable."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest

from contracts import notifications
from tests.support.fakes.notifications import FakeKafka, MemoryNotifications, NotificationStore
from tests.support.fakes.ports import FakeClock
from tests.support.inbound.inbox import InventedInbox
from tests.support.inbound.invented import NAME, TYPES, InventedSystem, body_of, signed
from worker.inbound import outbox as outbox_module
from worker.inbound.outbox import Outbox
from worker.inbound.taking import Caller, Taking
from worker.pipeline.notification_events import event_id
from worker.pipeline.ports import JournalOutage, Owner
from worker.systems.calls import Call, CallRefused


class Counts:
    """Counts by name."""

    def __init__(self):
        self.seen = []

    def __getattr__(self, name):
        return lambda *said: self.seen.append((name, *said))


class World:
    """A receiver with everything in memory."""

    def __init__(self, seconds=2.0):
        self.clock = FakeClock()
        self.store = NotificationStore(self.clock)
        self.view, self.kafka = MemoryNotifications(self.store), FakeKafka(self.store.log)
        self.outbox = Outbox(self.view, self.kafka, self.clock)
        self.system, self.meter = InventedInbox(), Counts()
        self.waiting = {"q-1"}
        self.looks = []
        self.taking = Taking(
            {NAME: Caller(self.system, f"herald.{NAME}.notifications", 1000)},
            self.view,
            self.outbox,
            self.hasten,
            self.clock,
            look_soon=self.look_soon,
            meter=self.meter,
            seconds=seconds,
        )
        self.taking.waits_for = None

    async def hasten(self, system, ready):
        if ready == "outage":
            raise JournalOutage("down")
        return system == NAME and ready in self.waiting

    async def look_soon(self, system, watches):
        self.looks.append((system, *watches))

    async def call(self, body, *, headers=None, method="POST", path="status"):
        call = Call(method, path, "", signed(body) if headers is None else headers, body, "198.51.100.1")
        answer = await self.taking.answer(NAME, call)
        return answer.status, answer.body


@pytest.fixture(autouse=True)
def invented(monkeypatch):
    monkeypatch.setattr(notifications, "NOTIFICATION_TYPES", TYPES)
    monkeypatch.setattr(outbox_module, "LOOK", 0.01)


@pytest.fixture
async def world():
    made = World()
    task = asyncio.create_task(made.outbox.run())
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


OK = (200, b'{"success":true}')


def refusal(status):
    return status, json.dumps({"success": False, "status": status}).encode()


def asks(what, **more):
    return json.dumps({"asks": what, **more}).encode()


async def test_an_authentic_call_is_kept_published_noted_and_answered(world):
    assert await world.call(body_of(17)) == OK
    name = event_id(NAME, "n-17")
    assert world.store.log == [f"kept {name}", f"published {name}", f"noted {name}"]
    (event,) = world.kafka.got
    assert json.loads(event.value) == {"paymentId": "17", "status": "paid"}
    assert world.meter.seen == [("kept", NAME)]


async def test_a_repeat_is_answered_without_publishing(world):
    for _ in range(3):
        assert await world.call(body_of(17)) == OK
    assert len(world.kafka.got) == 1
    assert world.meter.seen == [("kept", NAME), ("repeated", NAME), ("repeated", NAME)]


async def test_under_a_known_identity_what_was_stated_first_stays(world, caplog):
    await world.call(body_of(17))
    with caplog.at_level(logging.WARNING, "worker"):
        assert await world.call(body_of(17, "canceled")) == OK
    assert [json.loads(one.value)["status"] for one in world.kafka.got] == ["paid"]
    assert world.meter.seen[-1] == ("conflicting", NAME)
    (record,) = caplog.records
    assert record.message_id == event_id(NAME, "n-17")


async def test_it_belongs_to_the_submission_that_it_names(world):
    world.store.owners[NAME, "17"] = Owner("/his", "s-1", b"patient-7f3a")
    await world.call(body_of(17))
    (event,) = world.kafka.got
    assert (event.key, dict(event.headers)["ce_submissionid"]) == (b"patient-7f3a", b"s-1")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ({"body": body_of(1), "headers": {}}, refusal(401)),
        ({"body": body_of(1), "headers": signed(body_of(2))}, refusal(401)),
        ({"body": body_of(1), "headers": signed(body_of(1), b"another key")}, refusal(401)),
        ({"body": b"no json"}, refusal(400)),
        ({"body": b"[]"}, refusal(400)),
        ({"body": b"", "method": "GET"}, refusal(405)),
        ({"body": body_of(1), "path": "other"}, refusal(404)),
        ({"body": asks("unverified")}, refusal(503)),
        ({"body": asks("defect")}, refusal(500)),
        ({"body": asks("wrong-type")}, refusal(500)),
        ({"body": body_of(1, "unheard-of")}, refusal(500)),
        ({"body": body_of(1, note="x" * 2000)}, refusal(413)),
        ({"body": body_of(1, copies=2, unknown="x")}, refusal(500)),
        ({"body": asks("ready", ready="q-1")}, OK),
        ({"body": asks("ready", ready="q-2")}, refusal(404)),
        ({"body": asks("ready", ready="outage")}, refusal(503)),
        ({"body": asks("nothing")}, OK),
    ],
    ids=range(17),
)
async def test_what_is_no_notice_is_answered_and_leaves_nothing(world, call, answer):
    assert await world.call(**call) == answer
    assert (world.store.rows, world.kafka.got) == ({}, [])


async def test_a_status_that_no_refusal_has_is_a_defect(world, monkeypatch):
    async def receive(call):
        return CallRefused(200, "a system's mistake")

    monkeypatch.setattr(world.system, "receive", receive)
    assert await world.call(b"") == refusal(500)


async def test_all_notices_of_a_call_are_published_before_it_is_answered(world):
    assert await world.call(body_of(17, copies=5)) == OK
    assert len({dict(one.headers)["ce_id"] for one in world.kafka.got}) == 5


async def test_calls_that_hasten_are_counted(world):
    await world.call(asks("ready", ready="q-1"))
    assert world.meter.seen == [("hastened", NAME)]


async def test_without_the_journal_the_caller_is_asked_to_come_again(world):
    world.view.down = True
    assert await world.call(body_of(17)) == refusal(503)
    world.view.down = False
    assert await world.call(body_of(17)) == OK
    assert len(world.kafka.got) == 1


async def test_without_kafka_it_is_kept_and_published_later_once(world):
    world.taking._seconds = 0.1
    world.kafka.down()
    assert await world.call(body_of(17)) == refusal(503)
    assert await world.call(body_of(17)) == refusal(503)
    world.kafka.up()
    assert await world.call(body_of(17)) == OK
    assert len(world.kafka.got) == 1


async def test_before_it_is_ready_nothing_is_read(world):
    world.taking.waits_for = "the journal's database"
    assert await world.call(body_of(17)) == refusal(503)
    assert world.system.calls == []


async def test_a_defect_is_logged_without_data(world, caplog):
    with caplog.at_level(logging.DEBUG, "worker"):
        await world.call(asks("defect", patient="Иванова"))
    assert [one.levelname for one in caplog.records] == ["ERROR", "WARNING"]
    assert "Иванова" not in caplog.text
    assert "RuntimeError" in caplog.records[0].error


async def test_a_system_that_cannot_word_its_answer_gives_a_plain_one(world, monkeypatch):
    def broken(*_):
        raise RuntimeError("a defect")

    monkeypatch.setattr(world.system, "receipt", broken)
    monkeypatch.setattr(world.system, "refusal", broken)
    assert await world.call(body_of(17)) == (500, b"500\n")
    assert await world.call(b"x", headers={}) == (401, b"401\n")
    assert len(world.kafka.got) == 1


@pytest.mark.parametrize(
    ("watch", "wanted", "looks"),
    [
        (None, OK, [(NAME, "first", "second")]),
        ("second", OK, [(NAME, "second")]),
        ("third", refusal(404), []),
    ],
    ids=["all", "one", "none"],
)
async def test_a_call_that_says_that_something_arrived_only_hastens_a_look(world, watch, wanted, looks):
    assert await world.call(asks("look", watch=watch)) == wanted
    assert world.looks == looks
    assert [name for name, _ in world.meter.seen] == ["look_hastened"] * len(looks)
    assert world.kafka.got == []


async def test_it_is_a_defect_where_the_system_has_no_place_to_look_at(world, caplog):
    world.taking._callers = {NAME: Caller(InventedSystem(), f"herald.{NAME}.notifications", 1000)}
    assert await world.call(asks("look")) == refusal(500)
    assert any("a defect" in one.getMessage() for one in caplog.records)
