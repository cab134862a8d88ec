"""Checks run beside each other: whatever one does, the others' results come, in the same order."""

from __future__ import annotations

import asyncio

import pytest

from worker.admin.preflight import runner
from worker.admin.preflight.findings import Check, NotAsked, Result, Verdict, ok, worst
from worker.admin.preflight.shared import Shared

SECRET = "a secret in an exception"


class Panic(BaseException):
    """As a parser of the libraries raises it."""


async def well():
    return [ok("well")]


async def hangs():
    await asyncio.Event().wait()


async def never_ends():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            if never_ends.released:
                raise


async def raises():
    raise RuntimeError(SECRET)


async def panics():
    raise Panic(SECRET)


async def not_asked():
    raise NotAsked("not asked: it is away")


async def says_nothing():
    return []


BAD = {
    "hangs": (hangs, Verdict.FAIL, "no answer within"),
    "raises": (raises, Verdict.FAIL, "RuntimeError"),
    "panics": (panics, Verdict.FAIL, "Panic"),
    "not asked": (not_asked, Verdict.SKIPPED, "away"),
    "nothing": (says_nothing, Verdict.FAIL, "found nothing"),
}


@pytest.mark.parametrize("name", BAD)
async def test_one_that_fails_fails_alone(name):
    find, verdict, words = BAD[name]
    results = await runner.run([Check("a", well), Check("b", find), Check("c", well)], seconds=0.05)
    assert [one.id for one in results] == ["a", "b", "c"]
    assert [results[0].verdict, results[2].verdict] == [Verdict.OK, Verdict.OK]
    assert (results[1].verdict, words in results[1].detail) == (verdict, True)
    assert SECRET not in results[1].detail


async def test_one_that_does_not_even_end_is_left_behind(monkeypatch):
    monkeypatch.setattr(runner, "GRACE", 0.05)
    never_ends.released = False
    results = await asyncio.wait_for(runner.run([Check("a", never_ends), Check("b", well)], seconds=0.05), 5)
    never_ends.released = True
    assert [one.verdict for one in results] == [Verdict.FAIL, Verdict.OK]
    await asyncio.sleep(0.05)


async def test_they_run_at_the_same_time():
    met = asyncio.Barrier(3)

    async def meets():
        await met.wait()
        return [ok("met")]

    results = await runner.run([Check(str(one), meets) for one in range(3)], seconds=5)
    assert {one.verdict for one in results} == {Verdict.OK}


async def test_a_shared_answer_is_asked_for_once_and_its_failure_is_told_once():
    asked = []

    async def ask():
        asked.append(1)
        raise OSError

    shared = Shared("x.connect", ask, seconds=5)

    async def owner():
        try:
            return [ok(str(await shared.get()))]
        except OSError:
            return [runner.fail("refused", "start it")]

    async def other():
        return [ok(str(await shared.needed()))]

    checks = [Check("x.connect", owner), Check("x.a", other), Check("x.b", other)]
    results = await runner.run(checks, seconds=5)
    assert [one.verdict for one in results] == [Verdict.FAIL, Verdict.SKIPPED, Verdict.SKIPPED]
    assert "x.connect" in results[1].detail
    assert len(asked) == 1


async def test_one_that_takes_no_more_does_not_take_a_shared_answer_from_the_others():
    go = asyncio.Event()

    async def ask():
        await go.wait()
        return "told"

    shared = Shared("x", ask, seconds=5)
    first = asyncio.create_task(shared.get())
    await asyncio.sleep(0)
    first.cancel()
    second = asyncio.create_task(shared.get())
    await asyncio.sleep(0)
    go.set()
    assert await second == "told"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], Verdict.OK),
        ([Verdict.OK, Verdict.SKIPPED], Verdict.OK),
        ([Verdict.WARN, Verdict.OK], Verdict.WARN),
        ([Verdict.FAIL, Verdict.WARN, Verdict.SKIPPED], Verdict.FAIL),
    ],
)
def test_the_worst_verdict(verdicts, expected):
    assert worst([Result("a", None, one, "", None) for one in verdicts]) == expected
