"""Crash points: named, parsed, and exactly where they say."""

from __future__ import annotations

import inspect
import os
import signal
from types import SimpleNamespace

import pytest

from tests.chaos import crash_points
from tests.chaos.crash_points import POINTS, CrashPoint
from worker.composition import systems
from worker.journal.postgres import PostgresJournal
from worker.kafka.replies import ReplyPublisher


def test_every_step_has_two():
    assert len(POINTS) == len(set(POINTS)) == 2 * len(crash_points.STEPS)


@pytest.mark.parametrize("point", POINTS)
def test_a_point_is_read_as_it_is_written(point):
    assert CrashPoint.parse(f"{point}:3").name == point
    assert str(CrashPoint.parse(f"{point}:3")) == f"{point}:3"
    assert CrashPoint.parse(point).nth == 1


@pytest.mark.parametrize("text", ["sending", "before-nothing:1", "after-claim:x"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - the text of int() is not ours
        CrashPoint.parse(text)


@pytest.fixture
def signals(monkeypatch):
    """What this process would have sent itself."""
    sent = []
    monkeypatch.setattr(os, "kill", lambda _pid, sign: sent.append(sign))
    return sent


@pytest.mark.parametrize(("side", "seen"), [("before", ["killed", "b"]), ("after", ["b", "killed"])])
async def test_it_falls_on_the_nth_call_on_its_side(monkeypatch, side, seen):
    told = []

    async def publish(self, event):
        told.append(event)

    monkeypatch.setattr(ReplyPublisher, "publish", publish)
    monkeypatch.setattr(os, "kill", lambda *_: told.append("killed"))
    crash_points.install(CrashPoint(side, "publish", 2), signal.SIGKILL)
    publisher = ReplyPublisher(lambda: None)
    for event in ("a", "b", "c"):
        await publisher.publish(event)

    assert told == ["a", *seen, "c"]


async def test_after_a_look_only_what_found_something_counts(monkeypatch):
    told = []
    answers = iter([[], ["due"]])

    async def take_due(self):
        found = next(answers)
        told.extend(["found"] * len(found))
        return found

    monkeypatch.setattr(PostgresJournal, "take_due", take_due)
    monkeypatch.setattr(os, "kill", lambda *_: told.append("killed"))
    crash_points.install(CrashPoint("after", "take_due", 1), signal.SIGKILL)
    await PostgresJournal.take_due(None)
    assert told == []
    await PostgresJournal.take_due(None)

    assert told == ["found", "killed"]


PROGRESS = {"progress": {"file": "1"}}
FINAL = SimpleNamespace(notices=("a notification",))
NO_FINAL = SimpleNamespace(notices=())
CALLS = {
    "progress": (((), {}), ((), {"progress": None}), ((), PROGRESS)),
    "finish-notices": ((("t", NO_FINAL, None), {}), (("t", FINAL, None), {})),
    "saw": ((("look", [], "cursor"), {"delay": 1}), (("look", ["found"], "cursor"), {"delay": 1})),
}
"""Calls of a method that are not yet the step, and at the end one that is."""


@pytest.mark.parametrize("step", CALLS)
async def test_of_some_methods_only_certain_calls_are_the_step(monkeypatch, signals, step):
    async def method(self, *args, **kwargs):
        return "done"

    owner, name = crash_points.PLACES[step]
    monkeypatch.setattr(owner, name, method)
    crash_points.install(CrashPoint("before", step, 1), signal.SIGKILL)
    *others, (args, kwargs) = CALLS[step]
    for other, options in others:
        assert await getattr(owner, name)(None, *other, **options) == "done"
    assert signals == []

    assert await getattr(owner, name)(None, *args, **kwargs) == "done"
    assert signals == [signal.SIGKILL]


async def test_a_publication_can_be_slowed_so_that_a_step_comes_before_its_end(monkeypatch):
    told = []

    async def publish(self, event, instead=None):
        told.append((event, instead))

    async def sleep(seconds):
        told.append(seconds)

    monkeypatch.setattr(ReplyPublisher, "publish", publish)
    monkeypatch.setattr(crash_points.asyncio, "sleep", sleep)
    crash_points.slow_publications(7.0)
    await ReplyPublisher.publish(None, "event")

    assert told == [7.0, ("event", None)]
    assert crash_points.SLOW.keys() <= set(crash_points.RECEIVER)


@pytest.mark.parametrize("point", [point for point in POINTS if not point.endswith("-exchange")])
def test_every_point_wraps_a_method_that_there_is(monkeypatch, point):
    wrapped = []
    monkeypatch.setattr(crash_points, "setattr", lambda *which: wrapped.append(which[:2]), raising=False)
    crash_points.install(CrashPoint.parse(point), signal.SIGSTOP)
    ((owner, name),) = wrapped
    assert inspect.iscoroutinefunction(inspect.unwrap(getattr(owner, name)))


async def test_the_exchange_of_every_system_is_wrapped(monkeypatch, signals):
    class System:
        async def exchange(self, prepared, more):
            return prepared, more

    monkeypatch.setattr(systems, "build_system", lambda _name: System())
    crash_points.install(CrashPoint("before", "exchange", 1), signal.SIGSTOP)
    system = systems.build_system("nhis")

    assert await system.exchange("message", "more") == ("message", "more")
    assert signals == [signal.SIGSTOP]
