import asyncio

import pytest

from worker.signing.port import CertificateNotValid, SecretRefused, SigningFailed
from worker.signing.remote.once import REFUSAL_REST, Once


class Asked:
    def __init__(self, *results):
        self.results = list(results)
        self.count = 0
        self.now = 0.0
        self.gate = asyncio.Event()
        self.gate.set()

    async def ask(self):
        self.count += 1
        await self.gate.wait()
        result = self.results[min(self.count, len(self.results)) - 1]
        if isinstance(result, Exception):
            raise result
        return result

    def once(self):
        return Once(self.ask, monotonic=lambda: self.now)


async def test_many_that_wait_ask_once_and_the_result_stays():
    asked = Asked("known")
    once = asked.once()
    assert once.known is None
    assert await asyncio.gather(*(once.get() for _ in range(20))) == ["known"] * 20
    assert await once.get() == once.known == "known"
    assert asked.count == 1


async def test_a_passing_failure_is_asked_again_at_once():
    asked = Asked(SigningFailed("later", transient=True), "known")
    once = asked.once()
    with pytest.raises(SigningFailed):
        await once.get()
    assert await once.get() == "known"


async def test_a_refusal_stands_for_a_while():
    asked = Asked(SigningFailed("no", transient=False), "known")
    once = asked.once()
    for asked.now in (0.0, REFUSAL_REST - 1):
        with pytest.raises(SigningFailed, match=r"^no$") as failed:
            await once.get()
        assert not failed.value.transient
    assert asked.count == 1
    asked.now = REFUSAL_REST
    assert await once.get() == "known"


@pytest.mark.parametrize("kind", [CertificateNotValid, SecretRefused])
async def test_a_refusal_keeps_its_kind(kind):
    once = Asked(kind("no")).once()
    for _ in range(2):
        with pytest.raises(kind, match=r"^no$"):
            await once.get()


async def test_one_that_gives_up_leaves_the_answer_to_the_others():
    asked = Asked("known")
    asked.gate.clear()
    once = asked.once()
    first, second = (asyncio.create_task(once.get()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    asked.gate.set()
    assert await second == "known"
    assert asked.count == 1


async def test_closing_ends_the_question():
    asked = Asked("known")
    asked.gate.clear()
    once = asked.once()
    waiting = asyncio.create_task(once.get())
    await asyncio.sleep(0)
    await once.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await once.close()
