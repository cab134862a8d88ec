"""The conformance suite of the journal's places to look at: the fake and PostgreSQL are held to the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest

from worker.inbound.looking.ports import Look, LookOver, Watches
from worker.inbound.ports import Kept
from worker.pipeline.ports import Event, Notification

NAME = "invented"
NEW, SAME = Kept(added=True, same=True, published=False), Kept(added=False, same=True, published=False)
OTHER = Kept(added=False, same=False, published=False)


def found(name: str, says: bytes = b"{}") -> Notification:
    """Make what a look found."""
    event = Event(f"herald.{NAME}.notifications", b"key", says, (("ce_id", name.encode()),))
    return Notification(NAME, name, f"{NAME}.thing.said.v1", says.ljust(32), None, event)


class LookWorld(Protocol):
    """Several workers over one memory. ``names`` returns the notifications that are kept, in order."""

    view: Callable[[str], Watches]
    wait: Callable[[float], Awaitable[None]]
    names: Callable[[], Awaitable[list[str]]]


async def taken(watches: Watches, *, most: int = 10, seconds: float = 30.0) -> list[Look]:
    """Take what is due of three places."""
    return list(await watches.take(NAME, ("a", "b", "c"), most, seconds))


async def one(watches: Watches, name: str = "a", seconds: float = 30.0) -> Look:
    """Know one place and take it."""
    await watches.declare(NAME, [name])
    (look,) = await watches.take(NAME, [name], 1, seconds)
    return look


class LookConformance:
    """What every implementation of `Watches` does; a subclass gives the fixture `world`."""

    async def test_a_place_is_known_once_and_due_at_once(self, world: LookWorld) -> None:
        mine = world.view("one")
        assert await taken(mine) == []
        for _ in range(2):
            await mine.declare(NAME, ["b", "a"])
        looks = await taken(mine)
        assert {(look.watch, look.cursor, look.failures) for look in looks} == {
            ("a", None, 0),
            ("b", None, 0),
        }
        assert await taken(mine) == []
        assert await mine.take("elsewhere", ["a"], 10, 30) == []

    async def test_what_was_found_is_kept_with_the_cursor_in_its_order(self, world: LookWorld) -> None:
        mine = world.view("one")
        look = await one(mine)
        both = [found("n-2"), found("n-1"), found("n-2")]
        assert await mine.saw(look, both, "2", delay=0, hastened=0) == [NEW, NEW, SAME]
        assert await world.names() == ["n-2", "n-1"]
        (again,) = await taken(mine)
        assert again.cursor == "2"
        told = await mine.saw(again, [found("n-1", b"[]"), found("n-3")], "3", delay=60, hastened=0)
        assert told == [OTHER, NEW]
        assert await taken(mine) == []
        assert await world.names() == ["n-2", "n-1", "n-3"]

    async def test_nobody_else_looks_until_the_claim_runs_out_and_then_the_first_look_is_over(
        self, world: LookWorld
    ) -> None:
        mine, theirs = world.view("one"), world.view("two")
        first = await one(mine, seconds=0.3)
        assert await taken(theirs) == []
        await world.wait(0.4)
        (second,) = await taken(theirs)
        for work in (
            mine.saw(first, [found("n-1")], "1", delay=0, hastened=0),
            mine.failed(first, [found("n-1")], "unavailable", delay=0),
        ):
            with pytest.raises(LookOver):
                await work
        assert await world.names() == []
        await theirs.saw(second, [found("n-2")], "2", delay=60, hastened=0)
        assert await world.names() == ["n-2"]

    async def test_the_same_worker_has_no_two_looks_either(self, world: LookWorld) -> None:
        mine = world.view("one")
        first = await one(mine, seconds=0.1)
        await world.wait(0.2)
        assert len(await taken(mine)) == 1
        with pytest.raises(LookOver):
            await mine.saw(first, [], "1", delay=0, hastened=0)

    async def test_a_failed_look_counts_and_keeps_the_cursor(self, world: LookWorld) -> None:
        mine = world.view("one")
        await mine.saw(await one(mine), [], "7", delay=0, hastened=0)
        for failures in (1, 2):
            (look,) = await taken(mine)
            told = await mine.failed(look, [found("n-1")], "unavailable", delay=0)
            assert told == [NEW if failures == 1 else SAME]
            (standing,) = await mine.standing(NAME, ["a"])
            assert (standing.failures, standing.reason) == (failures, "unavailable")
        (look,) = await taken(mine)
        assert (look.cursor, look.failures) == ("7", 2)
        await mine.saw(look, [], "8", delay=60, hastened=0)
        (standing,) = await mine.standing(NAME, ["a"])
        assert (standing.failures, standing.reason) == (0, None)
        assert standing.age < 5

    async def test_what_is_put_off_counts_nothing(self, world: LookWorld) -> None:
        mine = world.view("one")
        await mine.put_off(await one(mine), 0.3)
        assert await taken(mine) == []
        await world.wait(0.4)
        (look,) = await taken(mine)
        assert look.failures == 0

    async def test_many_calls_are_one_look_and_none_before_its_time(self, world: LookWorld) -> None:
        mine, receiver = world.view("one"), world.view("receiver")
        await mine.saw(await one(mine), [], "1", delay=3600, hastened=0)
        await world.wait(0.3)
        for _ in range(5):
            await receiver.look_soon(NAME, ["a"], least=0.6)
        assert await taken(mine) == []
        await world.wait(0.5)
        (look,) = await taken(mine)
        await mine.saw(look, [], "1", delay=3600, hastened=0)
        assert await taken(mine) == []

    async def test_a_call_during_a_look_leads_to_one_more(self, world: LookWorld) -> None:
        mine, receiver = world.view("one"), world.view("receiver")
        look = await one(mine)
        await receiver.look_soon(NAME, ["a"], least=0)
        assert await taken(mine) == []
        await mine.saw(look, [], "1", delay=3600, hastened=0.0)
        assert len(await taken(mine)) == 1

    async def test_a_call_does_not_hasten_looks_that_fail(self, world: LookWorld) -> None:
        mine, receiver = world.view("one"), world.view("receiver")
        await mine.failed(await one(mine), [], "unavailable", delay=3600)
        await receiver.look_soon(NAME, ["a"], least=0)
        assert await taken(mine) == []

    async def test_a_call_may_come_before_any_worker_knows_the_place(self, world: LookWorld) -> None:
        await world.view("receiver").look_soon(NAME, ["a"], least=60)
        assert [look.watch for look in await taken(world.view("one"))] == ["a"]
