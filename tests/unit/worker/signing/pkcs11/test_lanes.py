"""Which of several processes of a token does a call, and which one does it where that one cannot be opened."""

from __future__ import annotations

import asyncio

import pytest

from worker.signing.pkcs11.lanes import Lanes
from worker.signing.pkcs11.open_token import Unopened
from worker.signing.port import SigningFailed

UNPLUGGED = Unopened(SigningFailed("there is no such token", transient=True))
REFUSED = SigningFailed("the token refused the key", transient=False)


class FakeLane:
    """One process: what it answers, whether it rests, and how often it was asked."""

    def __init__(self, answer, *, pids=(), calls=0, rests=False):
        self.answer = answer
        self.pids = frozenset(pids)
        self.calls = calls
        self.rests = rests
        self.asked = 0

    def has_open(self, _user):
        return bool(self.pids)

    def resting(self, _user):
        return self.rests

    async def sign(self, *_):
        await asyncio.sleep(0)
        self.asked += 1
        if isinstance(self.answer, Exception):
            self.rests = self.rests or self.answer is UNPLUGGED
            raise self.answer
        return self.answer

    choose = sign


def sign(lanes):
    return Lanes(lanes).sign("user", None, "mechanism", b"data")


async def test_the_lane_with_the_fewest_calls_signs():
    busy, free = FakeLane(b"busy", pids={1}, calls=2), FakeLane(b"free", pids={2}, calls=1)
    assert await sign([busy, free]) == b"free"


async def test_a_lane_that_rests_is_not_asked_however_few_calls_it_has():
    broken, busy = FakeLane(UNPLUGGED, rests=True), FakeLane(b"signed", pids={1}, calls=5)
    assert await sign([broken, busy]) == b"signed"
    assert broken.asked == 0


async def test_what_finds_out_that_a_lane_cannot_be_opened_is_done_by_one_that_is_open():
    broken = FakeLane(UNPLUGGED)
    busy, busier = FakeLane(b"signed", pids={1}, calls=5), FakeLane(b"later", pids={2}, calls=6)
    assert await sign([busier, broken, busy]) == b"signed"
    assert (broken.asked, busy.asked, busier.asked) == (1, 1, 0)


async def test_choosing_goes_the_same_way():
    lanes = Lanes([FakeLane(UNPLUGGED), FakeLane("key", pids={1}, calls=1)])
    assert await lanes.choose("user", None) == "key"


async def test_without_an_open_lane_the_failure_is_told():
    first, second = FakeLane(UNPLUGGED), FakeLane(b"never", calls=1)
    with pytest.raises(SigningFailed, match="there is no such token"):
        await sign([first, second])
    assert second.asked == 0


async def test_where_all_rest_the_failure_is_told_once():
    lanes = [FakeLane(UNPLUGGED, rests=True), FakeLane(UNPLUGGED, rests=True)]
    with pytest.raises(SigningFailed, match="there is no such token"):
        await sign(lanes)
    assert sorted(one.asked for one in lanes) == [0, 1]


async def test_no_call_waits_behind_an_opening_where_a_lane_is_open():
    opening, busy = FakeLane(b"never", calls=1), FakeLane(b"signed", pids={1}, calls=5)
    assert await sign([opening, busy]) == b"signed"


async def test_a_lane_that_is_open_and_breaks_is_not_replaced():
    breaking = FakeLane(SigningFailed("the signer process was lost", transient=True), pids={1})
    other = FakeLane(b"never", pids={2}, calls=1)
    with pytest.raises(SigningFailed, match="was lost"):
        await sign([breaking, other])
    assert other.asked == 0


async def test_a_refusal_of_the_token_is_not_tried_on_another_lane():
    refusing, other = FakeLane(REFUSED, pids={1}), FakeLane(b"never", pids={2}, calls=1)
    with pytest.raises(SigningFailed, match="refused the key"):
        await sign([refusing, other])
    assert other.asked == 0
