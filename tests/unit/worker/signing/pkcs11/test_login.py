"""The discipline of logins, against a link that answers by script and a memory that several workers share."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from tests.support.fakes.ports import FakeClock
from tests.support.signing.refused_secrets import LapsingMemory
from worker.signing import trying
from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.link import ProcessLost, TooSlow
from worker.signing.pkcs11.login import Logins, User
from worker.signing.pkcs11.module import TokenFacts
from worker.signing.pkcs11.pin import PinSource
from worker.signing.port import LEASE, SecretRefused, SigningFailed
from worker.signing.refused_secrets import SecretsRefusedHere

TOKEN = TokenFacts("hsm", "01", 3, True, False, False, False, False)


class Link:
    """Answers logins in order: an exception, or None for a login that works."""

    def __init__(self, *answers: Exception | None) -> None:
        self._answers = list(answers)
        self.tries: list[bytes] = []

    async def ask(self, act, fields, blobs=(), *, deadline):
        assert (act, fields["slot"]) == ("open", 3)
        self.tries.append(bytes(blobs[0]) if blobs else b"")
        await asyncio.sleep(0)
        if answer := self._answers.pop(0):
            raise answer
        return {}, []


def user(memory, pin: str | None = "4711", *, ignore_warnings: bool = False) -> User:
    return User("dr-a", PinSource(None, pin and SecretStr(pin)), memory, ignore_warnings)


@pytest.fixture
def memory() -> SecretsRefusedHere:
    return SecretsRefusedHere()


async def test_a_right_pin_may_log_in_again_and_again(memory):
    link, logins = Link(None, None), Logins(deadline=1)

    first = await logins.open(link, TOKEN, user(memory))
    second = await logins.open(link, TOKEN, user(memory))

    assert first == second is not None
    assert link.tries == [b"4711", b"4711"]


async def test_a_wrong_pin_is_tried_once_by_all_workers_together(memory):
    link = Link(TokenFault(Fault.PIN_REFUSED, "PinIncorrect"))
    workers = [Logins(deadline=1) for _ in range(4)]

    found = await asyncio.gather(
        *(one.open(link, TOKEN, user(memory)) for one in workers), return_exceptions=True
    )

    assert [type(one) for one in found] == [SecretRefused] * 4
    assert link.tries == [b"4711"]


async def test_another_pin_is_tried_and_the_wrong_one_stays_refused(memory):
    link, logins = Link(TokenFault(Fault.PIN_REFUSED), None), Logins(deadline=1)
    with pytest.raises(SecretRefused):
        await logins.open(link, TOKEN, user(memory))

    assert await logins.open(link, TOKEN, user(memory, "4712"))
    with pytest.raises(SecretRefused, match="refused this PIN before"):
        await logins.open(link, TOKEN, user(memory))
    with pytest.raises(SecretRefused, match="refused this PIN before"):
        await logins.require_unrefused(user(memory))
    assert link.tries == [b"4711", b"4712"]


@pytest.mark.parametrize(
    "broke_off", [ProcessLost("it ended with signal 9"), TooSlow("slow"), TokenFault(Fault.PIN_DOUBTFUL)]
)
async def test_a_login_that_broke_off_is_not_repeated_by_anybody(memory, broke_off):
    link = Link(broke_off)
    for logins in (Logins(deadline=1), Logins(deadline=1)):
        with pytest.raises(SigningFailed, match="broke off") as caught:
            await logins.open(link, TOKEN, user(memory))
        assert not caught.value.transient

    assert link.tries == [b"4711"]


@pytest.mark.parametrize("broke_off", [ProcessLost("ended"), TooSlow("slow"), TokenFault(Fault.PIN_DOUBTFUL)])
async def test_a_pin_that_this_worker_knows_is_right_is_in_no_doubt(memory, broke_off):
    link, logins = Link(None, broke_off, None), Logins(deadline=1)
    await logins.open(link, TOKEN, user(memory))
    with pytest.raises(SigningFailed) as caught:
        await logins.open(link, TOKEN, user(memory))

    assert caught.value.transient
    assert await logins.open(link, TOKEN, user(memory))


@pytest.mark.parametrize("fault", [Fault.PIN_NOT_JUDGED, Fault.FAILED, Fault.NO_TOKEN, Fault.PIN_LOCKED])
async def test_a_login_that_was_not_judged_may_be_repeated(memory, fault):
    link, logins = Link(TokenFault(fault), None), Logins(deadline=1)
    with pytest.raises(TokenFault):
        await logins.open(link, TOKEN, user(memory))

    assert await logins.open(link, TOKEN, user(memory))


async def test_a_token_without_a_pin_is_opened_without_one(memory):
    link = Link(None)
    token = TokenFacts("hsm", "01", 3, False, False, False, False, False)

    assert await Logins(deadline=1).open(link, token, user(memory, None)) is None
    assert link.tries == [b""]


async def test_the_tokens_warning_forbids_even_the_first_try(memory):
    link = Link()
    token = TokenFacts("hsm", "01", 3, True, False, True, False, False)

    with pytest.raises(SigningFailed, match="wrong PIN was entered"):
        await Logins(deadline=1).open(link, token, user(memory))
    assert link.tries == []


async def test_a_token_may_report_a_wrong_pin_before_the_worker_that_tried_it_has_written_that_down(memory):
    link, logins = Link(None), Logins(deadline=1)
    token = TokenFacts("hsm", "01", 3, True, False, True, False, False)
    other = Logins(deadline=1)
    other.serial = "01"

    opening = asyncio.create_task(logins.open(link, token, user(memory)))
    await asyncio.sleep(0.1)
    await other.refuse(user(memory, "4712"), b"digest of 4712")

    assert await opening
    assert link.tries == [b"4711"]


async def test_a_login_whose_worker_died_is_in_doubt_after_one_lease_except_for_who_knows_the_pin():
    clock = FakeClock()
    memory = LapsingMemory(clock)
    knowing, link = Logins(deadline=0.3), Link(None, None)
    digest = await knowing.open(link, TOKEN, user(memory))
    await memory.reserve(digest, known_good=False)
    await clock.advance(LEASE + 0.1)

    with pytest.raises(SigningFailed, match="broke off") as caught:
        await Logins(deadline=0.3).open(Link(), TOKEN, user(memory))
    assert not caught.value.transient
    assert await knowing.open(link, TOKEN, user(memory))
    assert await Logins(deadline=0.3).open(Link(None), TOKEN, user(memory))


async def test_a_long_login_stays_reserved(monkeypatch):
    monkeypatch.setattr(trying, "LEASE", 0.06)
    memory, ended = LapsingMemory(FakeClock()), asyncio.Event()

    class SlowLink(Link):
        async def ask(self, *arguments, **options):
            await ended.wait()
            return await super().ask(*arguments, **options)

    opening = asyncio.create_task(Logins(deadline=1).open(SlowLink(None), TOKEN, user(memory)))
    while memory.renewals < 3:  # noqa: ASYNC110 - it is the renewals that are waited for
        await asyncio.sleep(0.01)
    ended.set()
    assert await opening


async def test_who_waits_for_another_workers_try_waits_no_longer_than_a_login_may_take(memory):
    waiting = Logins(deadline=0.3)
    await memory.reserve(await waiting.digest(user(memory), "01"), known_good=False)

    with pytest.raises(SigningFailed, match="another worker") as caught:
        await waiting.open(Link(), TOKEN, user(memory))
    assert caught.value.transient
