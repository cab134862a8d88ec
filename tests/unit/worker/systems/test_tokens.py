"""The tokens: renewed early, one renewal at a time, and never in a text."""

from __future__ import annotations

import asyncio

import pytest

from contracts.reasons import Reason
from worker.observability.metrics.labels import TokenOutcome
from worker.outcome import Blocked, Retry
from worker.systems.port import NotPrepared
from worker.systems.tokens import Granted, Tokens

TROUBLE = Retry(Reason.TOKEN_UNAVAILABLE, "away")
REFUSAL = Blocked(Reason.ACCESS_DENIED, "no")


class Service:
    """Grants tokens of 1000 s named after the signer and their number, as soon as it may."""

    def __init__(self):
        self.asked = []
        self.may_grant = asyncio.Event()
        self.may_grant.set()
        self.trouble = None
        self.seconds = 1000.0
        self.time = 0.0
        self.tokens = Tokens(self.fetch, monotonic=lambda: self.time, margin=300.0)

    async def fetch(self, signer):
        self.asked.append(signer)
        number = len(self.asked)
        await self.may_grant.wait()
        return self.trouble or Granted(f"{signer}-{number}", self.seconds)


@pytest.fixture
async def service():
    service = Service()
    yield service
    await service.tokens.close()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_token_serves_until_its_margin(service):
    assert await service.tokens.get("one") == "one-1"
    service.time = 699.9
    assert await service.tokens.get("one") == "one-1"
    assert service.asked == ["one"]


async def test_each_signer_has_its_own(service):
    assert await service.tokens.get("one") == "one-1"
    assert await service.tokens.get("two") == "two-2"


async def test_however_many_wait_one_renewal_is_made(service):
    service.may_grant.clear()
    waiting = [asyncio.create_task(service.tokens.get("one")) for _ in range(50)]
    await settle()
    service.may_grant.set()
    assert set(await asyncio.gather(*waiting)) == {"one-1"}
    assert service.asked == ["one"]


async def test_a_failure_is_shared_and_the_next_try_is_new(service):
    service.trouble = TROUBLE
    service.may_grant.clear()
    waiting = [asyncio.create_task(service.tokens.get("one")) for _ in range(3)]
    await settle()
    service.may_grant.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [NotPrepared] * 3
    assert results[0].outcome == TROUBLE
    assert service.asked == ["one"]
    (first,) = {result.shared for result in results}
    with pytest.raises(NotPrepared) as later:
        await service.tokens.get("one")
    assert later.value.shared not in {None, first}
    service.trouble = None
    assert await service.tokens.get("one") == "one-3"


async def test_one_that_is_cancelled_does_not_take_the_token_from_the_others(service):
    service.may_grant.clear()
    first, second = (asyncio.create_task(service.tokens.get("one")) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    service.may_grant.set()
    assert await second == "one-1"
    assert service.asked == ["one"]


async def test_within_the_margin_the_old_one_serves_while_the_new_one_comes(service):
    await service.tokens.get("one")
    service.time = 700.0
    service.may_grant.clear()
    assert [await service.tokens.get("one") for _ in range(5)] == ["one-1"] * 5
    await settle()
    assert service.asked == ["one", "one"]
    service.may_grant.set()
    await settle()
    assert await service.tokens.get("one") == "one-2"


async def test_within_the_margin_trouble_is_no_trouble(service):
    await service.tokens.get("one")
    service.trouble = TROUBLE
    service.time = 999.0
    assert await service.tokens.get("one") == "one-1"
    await settle()
    service.time = 1000.0
    with pytest.raises(NotPrepared):
        await service.tokens.get("one")


async def test_a_short_token_is_not_renewed_at_every_use(service):
    service.seconds = 10.0
    assert await service.tokens.get("one") == "one-1"
    service.time = 4.9
    assert await service.tokens.get("one") == "one-1"
    await settle()
    assert service.asked == ["one"]


async def test_its_life_counts_from_before_it_was_asked_for(service):
    service.may_grant.clear()
    waiting = asyncio.create_task(service.tokens.get("one"))
    await settle()
    service.time = 400.0
    service.may_grant.set()
    await waiting
    service.time = 1000.0
    assert await service.tokens.get("one") == "one-2"


async def test_dropping_takes_exactly_the_token_that_was_refused(service):
    first = await service.tokens.get("one")
    service.tokens.drop("one", first)
    second = await service.tokens.get("one")
    # A storm of refusals of the first one must not cost the second.
    for _ in range(10):
        service.tokens.drop("one", first)
    assert await service.tokens.get("one") == second
    assert len(service.asked) == 2


async def test_dropping_for_an_unknown_signer_is_nothing(service):
    service.tokens.drop("nobody", "x")


async def test_closing_ends_what_is_under_way(service):
    service.may_grant.clear()
    waiting = asyncio.create_task(service.tokens.get("one"))
    await settle()
    await service.tokens.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_no_text_shows_a_token(service):
    await service.tokens.get("one")
    assert "one-1" not in repr(Granted("one-1", 5.0)) + repr(service.tokens._held)


async def refused(service, signer="one"):
    with pytest.raises(NotPrepared) as stopped:
        await service.tokens.get(signer)
    return stopped.value.outcome


async def test_a_refusal_stands_for_its_rest_and_for_its_signer_alone(service):
    service.tokens = Tokens(service.fetch, monotonic=lambda: service.time, margin=300.0, refusal_rest=60.0)
    service.trouble = REFUSAL
    assert [await refused(service) for _ in range(3)] == [REFUSAL] * 3
    assert service.asked == ["one"]
    service.trouble = None
    assert await service.tokens.get("two") == "two-2"
    service.time = 59.9
    assert await refused(service) is REFUSAL
    service.time = 60.0
    assert await service.tokens.get("one") == "one-3"


async def test_a_refused_renewal_is_not_asked_for_again_while_the_token_serves(service):
    service.tokens = Tokens(service.fetch, monotonic=lambda: service.time, margin=300.0, refusal_rest=60.0)
    token = await service.tokens.get("one")
    service.time, service.trouble = 700.0, REFUSAL
    for _ in range(3):
        assert await service.tokens.get("one") == token
        await settle()
    assert service.asked == ["one", "one"]


@pytest.mark.parametrize(("trouble", "rest"), [(REFUSAL, 0.0), (TROUBLE, 60.0)])
async def test_without_a_rest_and_after_passing_trouble_it_is_asked_again(service, trouble, rest):
    service.tokens = Tokens(service.fetch, monotonic=lambda: service.time, margin=300.0, refusal_rest=rest)
    service.trouble = trouble
    assert [await refused(service) for _ in range(2)] == [trouble] * 2
    assert service.asked == ["one", "one"]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Granted("t", 3600), TokenOutcome.GRANTED),
        (Retry(Reason.TOKEN_UNAVAILABLE, "503"), TokenOutcome.FAILED),
        (Blocked(Reason.ACCESS_DENIED, "403"), TokenOutcome.REFUSED),
        (ValueError("a defect"), TokenOutcome.FAILED),
    ],
    ids=["granted", "failed", "refused", "a defect"],
)
async def test_each_request_is_reported_once_with_its_outcome(answer, outcome):
    async def fetch(_: str):
        if isinstance(answer, Exception):
            raise answer
        return answer

    requested: list[TokenOutcome] = []
    tokens = Tokens(fetch, monotonic=lambda: 0.0, margin=0.0, requested=requested.append)
    await asyncio.gather(*(tokens.get("dr") for _ in range(5)), return_exceptions=True)
    assert requested == [outcome]


async def test_after_a_renewal_of_the_signer_its_token_is_not_used_any_more(service):
    assert await service.tokens.get("one") == "one-1"
    assert await service.tokens.get("two") == "two-2"
    service.tokens.forget("one")
    assert await service.tokens.get("one") == "one-3"
    assert await service.tokens.get("two") == "two-2"


async def test_who_waits_for_a_token_of_the_earlier_certificate_gets_one_of_the_new(service):
    service.may_grant.clear()
    waiting = [asyncio.create_task(service.tokens.get("one")) for _ in range(2)]
    await settle()
    service.tokens.forget("one")
    late = asyncio.create_task(service.tokens.get("one"))
    await settle()
    assert service.asked == ["one", "one"]
    service.may_grant.set()
    assert await asyncio.gather(*waiting, late) == ["one-2"] * 3
    assert service.asked == ["one", "one"]


async def test_a_refusal_of_the_earlier_certificate_does_not_hold_for_the_new():
    service = Service()
    service.tokens = Tokens(service.fetch, monotonic=lambda: 0.0, margin=300.0, refusal_rest=60.0)
    service.trouble = REFUSAL
    service.may_grant.clear()
    waiting = asyncio.create_task(service.tokens.get("one"))
    await settle()
    service.tokens.forget("one")
    service.trouble = None
    service.may_grant.set()
    assert await waiting == "one-2"
    service.trouble = REFUSAL
    service.tokens.forget("one")
    with pytest.raises(NotPrepared):
        await service.tokens.get("one")
    service.trouble = None
    service.tokens.forget("one")
    assert await service.tokens.get("one") == "one-4"
    await service.tokens.close()


async def test_closing_ends_a_renewal_of_an_earlier_certificate_too(service):
    service.may_grant.clear()
    waiting = asyncio.create_task(service.tokens.get("one"))
    await settle()
    service.tokens.forget("one")
    await service.tokens.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
