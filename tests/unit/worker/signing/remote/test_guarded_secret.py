import asyncio

import pytest

from tests.support.fakes.ports import FakeClock, settle
from tests.support.signing.refused_secrets import LapsingMemory
from worker.signing.port import LEASE, SecretRefused, SigningFailed
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.remote.guarded_secret import GuardedSecret, Refusal

PIN = "hidden-pin-73"


class Unavailable(SecretsRefusedHere):
    """A memory that is unavailable at times."""

    available = True

    async def note(self, digest):
        if not self.available:
            raise SigningFailed("the journal is unavailable", transient=True)
        await super().note(digest)


async def tried(secret, error=None):
    async with secret.tried() as value:
        assert value == PIN
        if error is not None:
            raise error


def guarded(memory=None, place="credential 1"):
    return GuardedSecret(PIN, place, "PIN", memory or SecretsRefusedHere())


async def test_a_right_one_is_given_again_and_again():
    secret = guarded()
    for _ in range(3):
        await tried(secret)


async def test_a_refused_one_is_never_given_again_also_not_by_another_object():
    memory = SecretsRefusedHere()
    secret = guarded(memory)
    with pytest.raises(SecretRefused, match=r"^it is wrong$"):
        await tried(secret, Refusal("it is wrong"))
    for again in (secret, guarded(memory)):
        with pytest.raises(SecretRefused, match="refused its PIN before"):
            await tried(again)


async def test_the_same_secret_elsewhere_is_another():
    memory = SecretsRefusedHere()
    with pytest.raises(SecretRefused):
        await tried(guarded(memory), Refusal("it is wrong"))
    await tried(guarded(memory, "credential 2"))


async def test_one_that_was_right_may_be_refused_later():
    secret = guarded()
    await tried(secret)
    with pytest.raises(SecretRefused):
        await tried(secret, Refusal("it was changed"))
    with pytest.raises(SecretRefused, match="before"):
        await tried(secret)


async def test_another_failure_is_no_refusal():
    secret = guarded()
    with pytest.raises(SigningFailed, match=r"^no answer$"):
        await tried(secret, SigningFailed("no answer", transient=True))
    await tried(secret)


async def test_one_try_at_a_time():
    secret, trying = guarded(), asyncio.Event()
    count = 0

    async def wrong():
        nonlocal count
        async with secret.tried():
            count += 1
            await trying.wait()
            raise Refusal("it is wrong")

    tasks = [asyncio.create_task(wrong()) for _ in range(10)]
    await asyncio.sleep(0.01)
    trying.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, SecretRefused) for one in results)
    assert count == 1


async def test_a_refusal_that_could_not_be_written_down_is_remembered_and_written_later():
    memory = Unavailable()
    memory.available = False
    secret = guarded(memory)
    for error in (Refusal("it is wrong"), AssertionError("given again")):
        with pytest.raises(SigningFailed, match="journal is unavailable") as failed:
            await tried(secret, error)
        assert failed.value.transient
    memory.available = True
    with pytest.raises(SecretRefused):
        await tried(secret, AssertionError("given again"))
    with pytest.raises(SecretRefused):
        await tried(guarded(memory), AssertionError("given again"))


async def test_who_finds_another_worker_at_it_waits_for_the_end_of_its_try():
    memory = SecretsRefusedHere()
    ended = asyncio.Event()

    async def wrong():
        async with guarded(memory).tried():
            await ended.wait()
            raise Refusal("it is wrong")

    first = asyncio.create_task(wrong())
    await asyncio.sleep(0)
    second = asyncio.create_task(tried(guarded(memory), AssertionError("given again")))
    await asyncio.sleep(0.05)
    assert not second.done()
    ended.set()
    for one in (first, second):
        with pytest.raises(SecretRefused):
            await one


async def test_who_waits_for_another_workers_try_does_not_wait_for_ever():
    memory = SecretsRefusedHere()
    async with guarded(memory).tried():
        waiting = GuardedSecret(PIN, "credential 1", "PIN", memory, patience=0.1)
        with pytest.raises(SigningFailed, match="another worker tries its PIN") as failed:
            await tried(waiting)
    assert failed.value.transient


@pytest.fixture
def clock():
    return FakeClock()


def of_worker(memory, clock):
    return GuardedSecret(PIN, "credential 1", "PIN", memory, patience=0, sleep=clock.sleep)


async def tried_until(secret, end, error=None):
    async with secret.tried():
        await end.wait()
        if error is not None:
            raise error


async def test_a_try_that_its_worker_did_not_end_is_repeated_by_nobody(clock):
    memory = LapsingMemory(clock)
    first, second = of_worker(memory, clock), of_worker(memory, clock)
    trying = asyncio.create_task(tried_until(first, asyncio.Event()))
    await settle()
    memory.available = False
    await clock.advance(LEASE + 0.1)

    for again in (second, of_worker(memory, clock)):
        with pytest.raises(SigningFailed, match="a worker ended, or lost the journal") as failed:
            await tried(again, AssertionError("given again"))
        assert not failed.value.transient
    trying.cancel()
    await asyncio.gather(trying, return_exceptions=True)


async def test_a_worker_that_knows_it_to_be_right_goes_on_at_once(clock):
    memory = LapsingMemory(clock)
    knowing = of_worker(memory, clock)
    await tried(knowing)
    dying = asyncio.create_task(tried_until(of_worker(memory, clock), asyncio.Event()))
    await settle()
    await tried(knowing)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)


@pytest.mark.parametrize("right", [True, False])
async def test_the_result_of_a_try_that_outlived_its_reservation_holds_for_all(clock, right):
    memory, end = LapsingMemory(clock), asyncio.Event()
    other = of_worker(memory, clock)
    trying = asyncio.create_task(
        tried_until(of_worker(memory, clock), end, None if right else Refusal("it is wrong"))
    )
    await settle()
    memory.available = False
    await clock.advance(LEASE + 0.1)
    with pytest.raises(SigningFailed, match="lost the journal"):
        await tried(other, AssertionError("given again"))
    end.set()
    if right:
        await trying
        await tried(other)
    else:
        with pytest.raises(SecretRefused, match=r"^it is wrong$"):
            await trying
        with pytest.raises(SecretRefused, match="before"):
            await tried(other, AssertionError("given again"))


async def test_a_long_try_leaves_no_doubt(clock):
    memory, end = LapsingMemory(clock), asyncio.Event()
    trying = asyncio.create_task(tried_until(of_worker(memory, clock), end))
    await settle()
    for _ in range(40):
        await clock.advance(LEASE / 3)
    with pytest.raises(SigningFailed, match="another worker tries its PIN at this moment") as failed:
        await tried(of_worker(memory, clock), AssertionError("given again"))
    assert failed.value.transient
    end.set()
    await trying
    await tried(of_worker(memory, clock))


def test_it_does_not_show_itself():
    assert PIN not in repr(guarded())
