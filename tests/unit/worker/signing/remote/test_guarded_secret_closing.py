"""The end of a try whose caller is cancelled, or whose signer is closed."""

import asyncio

import pytest

from tests.support.fakes.ports import FakeClock, settle
from tests.support.signing.guarded_secrets import NO_ANSWER, Held, answering, guarded, tried
from tests.support.signing.refused_secrets import LapsingMemory
from worker.signing.port import LEASE, SecretInDoubt, SecretRefused, SigningFailed
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.remote.guarded_secret import Refusal


@pytest.fixture
def clock():
    return FakeClock()


@pytest.mark.parametrize(
    ("error", "then"),
    [(None, None), (Refusal("it is wrong"), SecretRefused), (NO_ANSWER, SecretInDoubt)],
    ids=["accepted", "refused", "lost"],
)
async def test_a_try_that_was_sent_ends_although_its_caller_is_cancelled(error, then):
    memory, held = SecretsRefusedHere(), Held(error)
    secret = guarded(memory)
    held.sends.set()
    caller = held.begin(secret)
    await settle()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    finishing = asyncio.create_task(secret.finish())
    await settle()
    assert not finishing.done()
    held.ends.set()
    await finishing
    if then is None:
        await tried(guarded(memory))
    else:
        with pytest.raises(then):
            await tried(guarded(memory), AssertionError("given again"))


class SlowMemory(SecretsRefusedHere):
    """A memory that ends its writes when a test wants."""

    def __init__(self):
        super().__init__()
        self.writes = asyncio.Event()

    async def note(self, *given, **named):
        await self.writes.wait()
        await super().note(*given, **named)

    async def release(self, *given, **named):
        await self.writes.wait()
        await super().release(*given, **named)


@pytest.mark.parametrize(
    ("error", "then"),
    [(Refusal("it is wrong"), SecretRefused), (NO_ANSWER, None)],
    ids=["refused", "not judged"],
)
async def test_a_result_that_is_being_written_down_is_not_cancelled(error, then):
    memory = SlowMemory()
    secret = guarded(memory)

    async def judged(one):
        one.request().begin()
        one.not_judged()
        raise error

    caller = asyncio.create_task(secret.tried(judged, answering=answering))
    await settle()
    caller.cancel()
    finishing = asyncio.create_task(secret.finish())
    await settle()
    memory.writes.set()
    await finishing
    if then is None:
        await tried(guarded(memory, patience=0))
    else:
        with pytest.raises(then):
            await tried(guarded(memory, patience=0), AssertionError("given again"))


async def test_a_cancelled_try_gives_its_reservation_back_also_while_its_signer_is_closed():
    memory, held = SlowMemory(), Held()
    secret = guarded(memory)
    caller = held.begin(secret)
    await settle()
    caller.cancel()
    await settle()
    finishing = asyncio.create_task(secret.finish())
    await settle()
    memory.writes.set()
    await finishing
    await tried(guarded(memory, patience=0))


async def test_a_try_that_was_not_sent_is_cancelled_with_its_caller():
    memory, held = SecretsRefusedHere(), Held()
    secret = guarded(memory)
    caller = held.begin(secret)
    await settle()
    caller.cancel()
    await settle()
    held.sends.set()
    await tried(guarded(memory, patience=0))
    assert caller.cancelled()


async def test_closing_gives_up_what_was_not_sent_and_tells_who_waits():
    memory, held = SecretsRefusedHere(), Held()
    secret = guarded(memory)
    caller = held.begin(secret)
    await settle()
    await secret.finish()
    with pytest.raises(SigningFailed, match="closed before its PIN was sent") as failed:
        await caller
    assert failed.value.transient
    await tried(secret)


async def test_closing_does_not_wait_for_ever_and_leaves_the_try_to_run_out(clock):
    memory, held = LapsingMemory(clock), Held()
    secret = guarded(memory, longest=0.05, sleep=clock.sleep)
    held.sends.set()
    caller = held.begin(secret)
    await settle()
    await secret.finish()
    with pytest.raises(SigningFailed):
        await caller
    await clock.advance(LEASE + 0.1)
    with pytest.raises(SecretInDoubt):
        await tried(secret, AssertionError("given again"))
