"""Tokens that go away, hang and crash: no signature is lost, and other tokens do not notice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import time
from datetime import UTC, datetime

import pytest
import uvloop

from tests.support.pkcs11.fake_token import WRONG, FakeToken
from tests.support.signing.certificates import issue, key_usage
from tests.support.softhsm.tokens import PIN, StoredKey
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.backend import Context
from worker.signing.pkcs11.building import Tokens
from worker.signing.pkcs11.settings import Pkcs11Settings
from worker.signing.port import SigningFailed
from worker.signing.refused_secrets import SecretsRefusedHere

DOCTOR = issue("On SoftHSM", usage=key_usage(digital_signature=True))


def digests(count: int) -> list[bytes]:
    return [hashlib.sha256(bytes([number % 256, number // 256])).digest() for number in range(count)]


def all_verify(issued, wanted, signatures) -> bool:
    algorithm, public = SignatureAlgorithm.RSA_SHA256, issued.certificate.public_key()
    return all(algorithm.verify(public, *pair) for pair in zip(wanted, signatures, strict=True))


async def until_signed(signer, wanted, seconds: float = 20.0):
    """Sign as the pipeline does: again and again while the failure is transient."""
    async with asyncio.timeout(seconds):
        while True:
            try:
                return await signer.sign_digests(wanted)
            except SigningFailed as failed:
                if not failed.transient:
                    raise
                await asyncio.sleep(0.1)


@pytest.fixture
def on_softhsm(workshop, softhsm, tmp_path):
    """A signer on a token of SoftHSM."""
    softhsm.make_token("clinic")
    softhsm.store("clinic", [StoredKey(DOCTOR, "doctor", b"\x01")])
    (tmp_path / "pin").write_text(PIN)
    settings = Pkcs11Settings(
        kind="pkcs11", module=softhsm.module, environment=softhsm.environment, pin_file=tmp_path / "pin"
    )
    return workshop.worker()("doctor", settings)


@pytest.fixture
def on_fake(workshop, fake):
    """Return what makes a signer on the fake token, of one worker."""
    worker = workshop.worker(fake.command)
    return lambda **changed: worker("doctor", fake.settings(**changed))


async def test_a_token_that_is_pulled_out_and_put_back_signs_again(on_softhsm, softhsm):
    wanted = digests(2)
    assert all_verify(DOCTOR, wanted, await on_softhsm.sign_digests(wanted))

    softhsm.pull_out()
    with pytest.raises(SigningFailed) as caught:
        await on_softhsm.sign_digests(wanted)
    assert caught.value.transient
    softhsm.put_back()

    assert all_verify(DOCTOR, wanted, await until_signed(on_softhsm, wanted))


async def test_a_worker_may_start_before_its_token_is_there(on_softhsm, softhsm):
    softhsm.pull_out()
    with pytest.raises(SigningFailed, match="no such token") as caught:
        await on_softhsm.identity()
    assert caught.value.transient
    softhsm.put_back()

    assert all_verify(DOCTOR, digests(1), await until_signed(on_softhsm, digests(1)))


async def test_a_process_that_is_killed_while_it_signs_costs_no_signature(on_softhsm):
    await on_softhsm.identity()
    wanted = digests(200)
    for _ in range(3):
        signing = asyncio.create_task(on_softhsm.sign_digests(wanted))
        await asyncio.sleep(0.02)
        assert not signing.done()
        os.kill(on_softhsm.processes[0], signal.SIGKILL)

        assert all_verify(DOCTOR, wanted, await signing)


async def test_an_idle_process_that_was_killed_is_started_again(on_softhsm):
    await on_softhsm.identity()
    os.kill(on_softhsm.processes[0], signal.SIGKILL)

    assert all_verify(DOCTOR, digests(1), await on_softhsm.sign_digests(digests(1)))


async def test_a_library_that_crashes_once_costs_no_signature(on_fake, fake):
    signer = on_fake()
    await signer.identity()
    fake.write("crash-sign", "1")

    assert all_verify(fake.issued, digests(3), await signer.sign_digests(digests(3)))


async def test_a_library_that_keeps_crashing_is_a_transient_failure_with_pauses(on_fake, fake):
    signer = on_fake()
    await signer.identity()
    fake.write("crash-sign", "2")

    with pytest.raises(SigningFailed, match="signal 11") as caught:
        await signer.sign_digests(digests(1))
    assert caught.value.transient
    assert all_verify(fake.issued, digests(1), await until_signed(signer, digests(1)))


async def test_a_call_beyond_its_deadline_ends_the_process_and_the_next_one_works(on_fake, fake):
    signer = on_fake(timeout=1.0)
    await signer.identity()
    hanging = signer.processes[0]
    fake.write("hang-sign")

    begun = time.monotonic()
    with pytest.raises(SigningFailed, match="no answer within 1 s") as caught:
        await signer.sign_digests(digests(1))
    assert caught.value.transient
    assert time.monotonic() - begun < 3
    fake.remove("hang-sign")

    assert all_verify(fake.issued, digests(1), await until_signed(signer, digests(1)))
    with pytest.raises(ProcessLookupError):
        os.kill(hanging, 0)


async def test_a_token_that_hangs_delays_no_other_token(workshop, fake, tmp_path):
    other = FakeToken(tmp_path / "other")
    worker = workshop.worker(fake.command)
    slow, quick = worker("slow", fake.settings(timeout=3.0)), worker("quick", other.settings())
    await asyncio.gather(slow.identity(), quick.identity())
    fake.write("hang-sign")

    hanging = asyncio.create_task(slow.sign_digests(digests(1)))
    await quick.sign_digests(digests(20))

    assert not hanging.done()
    fake.remove("hang-sign")
    with pytest.raises(SigningFailed):
        await hanging


async def test_a_caller_that_gives_up_leaves_the_next_one_its_own_answer(on_softhsm):
    await on_softhsm.identity()
    given_up = asyncio.create_task(on_softhsm.sign_digests(digests(50)))
    await asyncio.sleep(0.005)
    given_up.cancel()

    assert all_verify(DOCTOR, digests(5), await on_softhsm.sign_digests(digests(5)))


async def test_close_ends_the_process(on_softhsm):
    await on_softhsm.identity()
    pid = on_softhsm.processes[0]
    await on_softhsm.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_processes_are_watched_on_the_workers_own_loop(fake):
    async def sign_and_lose() -> list[bytes]:
        context = Context(lambda: datetime.now(UTC), time.monotonic, SecretsRefusedHere())
        signer = Tokens(fake.command).make("doctor", fake.settings(), context)
        await signer.identity()
        fake.write("crash-sign", "1")
        crashed = await signer.sign_digests(digests(1))
        os.kill(signer.processes[0], signal.SIGKILL)
        killed = await signer.sign_digests(digests(1))
        await signer.close()
        return [*crashed, *killed]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert all_verify(fake.issued, digests(1) * 2, runner.run(sign_and_lose()))


async def test_a_token_that_takes_fewer_sessions_than_configured_signs_with_those(workshop, fake):
    signer = workshop.worker(fake.command)("dr", fake.settings(processes=3))
    await signer.sign_digests([bytes(32)])
    fake.write("full")

    found = await asyncio.gather(*(signer.sign_digests([bytes(32)] * 5) for _ in range(6)))

    assert [len(signatures) for signatures in found] == [5] * 6
    assert len(signer.processes) == 1
    fake.remove("full")
    async with asyncio.timeout(10):
        while len(signer.processes) < 3:
            await asyncio.gather(*(signer.sign_digests([bytes(32)] * 5) for _ in range(6)))


async def test_a_signer_whose_process_works_goes_on_while_another_pin_cannot_be_opened(workshop, fake):
    fake.pin_file.with_name("other").write_text(WRONG)
    worker = workshop.worker(fake.command)
    signer = worker("a", fake.settings(processes=3))
    other = worker("b", fake.settings(processes=3, pin_file=fake.pin_file.with_name("other")))
    await signer.sign_digests([bytes(32)])
    fake.write("full")

    with pytest.raises(SigningFailed, match="SessionCount"):
        await other.sign_digests([bytes(32)])
    for _ in range(5):
        assert len(await signer.sign_digests([bytes(32)])) == 1

    assert fake.tries() == ["right"]


@pytest.mark.parametrize(("flag", "content"), [("crash-sign", "2"), ("hang-sign", "")])
async def test_what_a_key_was_asked_for_is_not_asked_of_another_process(workshop, fake, flag, content):
    signer = workshop.worker(fake.command)("dr", fake.settings(processes=2, timeout=2.0))
    async with asyncio.timeout(10):
        while len(signer.processes) < 2:
            await asyncio.gather(*(signer.sign_digests([bytes(32)] * 3) for _ in range(4)))
    fake.write(flag, content)

    with pytest.raises(SigningFailed, match="lost"):
        await signer.sign_digests([bytes(32)])

    assert len(signer.processes) == 1
