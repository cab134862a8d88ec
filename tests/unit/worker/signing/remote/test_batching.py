import asyncio
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from worker.signing.gate.gate import CertificateGate
from worker.signing.port import SecretRefused, SigningFailed
from worker.signing.remote.batching import BatchingSigner
from worker.signing.remote.gathering import BatchPolicy

NAME = "dr-ivanova"


def digests(count, start=0):
    return [hashlib.sha256(str(number).encode()).digest() for number in range(start, start + count)]


class Backend:
    """A provider in memory, whose answers wait for the gate and may be altered."""

    def __init__(self, people, policy):
        self.name = NAME
        self.people = people
        self.batch_policy = policy
        self.batches = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.alter = lambda signatures: signatures
        self.known = people.identity(NAME)
        self.closed = False

    async def identity(self):
        return self.known

    async def sign_digests(self, wanted):
        self.batches.append(len(wanted))
        await self.gate.wait()
        key = self.people.keys[NAME].key
        return self.alter([key.sign(one, PKCS1v15(), Prehashed(SHA256())) for one in wanted])

    async def close(self):
        self.closed = True


@pytest.fixture
def backend(people):
    return Backend(people, BatchPolicy(most=10))


@pytest.fixture
def signer(backend, time):
    return BatchingSigner(backend, CertificateGate(time.now), monotonic=time.monotonic)


async def sign_all(signer, wanted):
    return await asyncio.gather(*(signer.sign_digests([one]) for one in wanted), return_exceptions=True)


async def test_what_comes_at_once_goes_together_and_each_gets_its_own(signer, backend, people):
    wanted = digests(7)
    signatures = await sign_all(signer, wanted)
    assert backend.batches == [7]
    assert all(people.proves(NAME, one, got) for one, (got,) in zip(wanted, signatures, strict=True))


async def test_while_a_call_is_in_flight_the_next_gathers(signer, backend):
    backend.gate.clear()
    tasks = []
    for one in digests(15):
        tasks.append(asyncio.create_task(signer.sign_digests([one])))
        await asyncio.sleep(0.001)
    backend.gate.set()
    await asyncio.gather(*tasks)
    assert backend.batches == [1, 10, 4]


async def test_several_digests_of_one_caller_keep_their_order(signer, backend, people):
    backend.alter = lambda signatures: signatures[::-1]
    wanted = digests(3)
    signatures = await signer.sign_digests(wanted)
    assert all(people.proves(NAME, one, got) for one, got in zip(wanted, signatures, strict=True))


async def test_reordered_signatures_reach_their_own_callers(signer, backend, people):
    backend.alter = sorted
    wanted = digests(10)
    signatures = await sign_all(signer, wanted)
    assert all(people.proves(NAME, one, got) for one, (got,) in zip(wanted, signatures, strict=True))


async def test_half_a_batch_fails_only_those_that_lack_a_signature(signer, backend):
    backend.alter = lambda signatures: signatures[: len(signatures) // 2]
    found = await sign_all(signer, digests(10))
    failed = [one for one in found if isinstance(one, SigningFailed)]
    assert len(failed) == 5
    assert all(one.transient for one in failed)


async def test_one_signature_of_another_key_fails_one_alone(signer, backend, people):
    def alter(signatures):
        other = people.keys["dr-petrov"].key
        return [*signatures[:-1], other.sign(b"1" * 32, PKCS1v15(), Prehashed(SHA256()))]

    backend.alter = alter
    found = await sign_all(signer, digests(10))
    (failed,) = (one for one in found if isinstance(one, SigningFailed))
    assert not failed.transient
    assert "does not belong to its certificate" in str(failed)


@pytest.mark.parametrize("failure", [SigningFailed("no answer", transient=True), SecretRefused("wrong")])
async def test_a_failed_call_fails_all_of_it_and_no_other(signer, backend, failure):
    def fail(_):
        raise failure

    backend.alter = fail
    found = await sign_all(signer, digests(4))
    assert found == [failure] * 4
    backend.alter = lambda signatures: signatures
    assert await signer.sign_digests(digests(1))


async def test_a_defect_leaves_nobody_waiting(signer, backend):
    def fail(_):
        raise KeyError("content")

    backend.alter = fail
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)
    found = await sign_all(signer, digests(2))
    assert [str(one) for one in found] == ["the signer failed (KeyError)"] * 2


async def test_one_that_gives_up_is_not_signed_for_and_the_others_are(signer, backend):
    backend.gate.clear()
    first = asyncio.create_task(signer.sign_digests(digests(1)))
    await asyncio.sleep(0.001)
    given_up, kept = (asyncio.create_task(signer.sign_digests(digests(1, start))) for start in (1, 2))
    await asyncio.sleep(0.001)
    given_up.cancel()
    await asyncio.sleep(0.001)
    backend.gate.set()
    await asyncio.gather(first, kept)
    assert backend.batches == [1, 1]


async def test_linger_lets_others_join(people, time):
    backend = Backend(people, BatchPolicy(most=10, linger=0.05))
    signer = BatchingSigner(backend, CertificateGate(time.now), monotonic=asyncio.get_running_loop().time)
    first = asyncio.create_task(signer.sign_digests(digests(1)))
    await asyncio.sleep(0.01)
    await asyncio.gather(first, signer.sign_digests(digests(1, 1)))
    assert backend.batches == [2]


async def test_an_expired_certificate_is_never_asked_for(signer, backend, time):
    time.passed = 400 * 24 * 3600
    (failed,) = await sign_all(signer, digests(1))
    assert "the certificate expired on" in str(failed)
    assert backend.batches == []


async def test_closing_fails_what_waits_and_what_is_in_flight(signer, backend):
    backend.gate.clear()
    tasks = [asyncio.create_task(signer.sign_digests(digests(1, start))) for start in range(3)]
    await asyncio.sleep(0.001)
    tasks.append(asyncio.create_task(signer.sign_digests(digests(1, 3))))
    await asyncio.sleep(0.001)
    await signer.close()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, SigningFailed) and one.transient for one in found)
    assert backend.closed
