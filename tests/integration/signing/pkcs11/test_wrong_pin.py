"""A wrong PIN is tried once: by any number of submissions, restarts and workers. The token here locks after three."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.support.pkcs11.fake_token import RIGHT, WRONG, FakeToken
from worker.signing.port import SecretRefused, SigningFailed


async def failures(signers, times: int = 3) -> list[BaseException]:
    """Let all of them sign at the same time, several times."""
    asked = [one.sign_digests([bytes(32)]) for _ in range(times) for one in signers]
    return [
        one for one in await asyncio.gather(*asked, return_exceptions=True) if isinstance(one, BaseException)
    ]


async def test_it_is_tried_once_whoever_asks_however_often(workshop, fake):
    fake.pin_file.write_text(WRONG)
    workers = [workshop.worker(fake.command) for _ in range(3)]
    signers = [worker(f"dr-{n}", fake.settings()) for worker in workers for n in range(2)]

    found = await failures(signers)

    assert {type(one) for one in found} == {SecretRefused}
    assert len(found) == 18
    assert fake.tries() == ["wrong"]


async def test_several_processes_of_one_signer_try_it_once(workshop, fake):
    fake.pin_file.write_text(WRONG)
    signer = workshop.worker(fake.command)("dr", fake.settings(processes=4))

    assert {type(one) for one in await failures([signer], times=8)} == {SecretRefused}
    assert fake.tries() == ["wrong"]


async def test_a_worker_that_starts_again_does_not_try_it_either(workshop, fake):
    fake.pin_file.write_text(WRONG)
    await failures([workshop.worker(fake.command)("dr", fake.settings())])

    await failures([workshop.worker(fake.command)("dr", fake.settings())])

    assert fake.tries() == ["wrong"]


async def test_a_changed_pin_file_resumes_by_itself(workshop, fake):
    fake.pin_file.write_text(WRONG)
    signer = workshop.worker(fake.command)("dr", fake.settings())
    await failures([signer])

    fake.pin_file.write_text(RIGHT)

    assert await signer.sign_digests([bytes(32)])
    assert fake.tries() == ["wrong", "right"]


async def test_another_worker_tries_the_changed_pin_although_the_token_warns(workshop, fake):
    fake.pin_file.write_text(WRONG)
    await failures([workshop.worker(fake.command)("dr", fake.settings())])
    fake.pin_file.write_text(RIGHT)

    assert await workshop.worker(fake.command)("dr", fake.settings()).sign_digests([bytes(32)])


async def test_the_last_try_before_the_lock_is_never_taken(workshop, fake):
    signer = workshop.worker(fake.command)("dr", fake.settings())
    for pin in (WRONG, "another wrong one", RIGHT):
        fake.pin_file.write_text(pin)
        (failed,) = await failures([signer], times=1)

    assert "wrong PIN was entered" in str(failed)
    assert fake.tries() == ["wrong", "wrong"]


async def test_the_other_signers_of_the_token_go_on_and_keep_their_process(workshop, fake, tmp_path):
    (tmp_path / "wrong-pin").write_text(WRONG)
    worker = workshop.worker(fake.command)
    good, bad = worker("good", fake.settings()), worker("bad", fake.settings(pin_file=tmp_path / "wrong-pin"))
    await good.sign_digests([bytes(32)])
    before = good.processes

    assert {type(one) for one in await failures([bad])} == {SecretRefused}
    assert await good.sign_digests([bytes(32)])
    assert (good.processes, fake.tries()) == (before, ["right", "wrong"])


async def test_a_renewed_signer_with_a_wrong_pin_leaves_the_earlier_one_working(workshop, fake):
    worker = workshop.worker(fake.command)
    earlier = worker("dr", fake.settings())
    await earlier.sign_digests([bytes(32)])
    fake.pin_file.write_text(WRONG)
    renewed = worker("dr", fake.settings())

    with pytest.raises(SecretRefused):
        await renewed.identity()
    await renewed.close()

    assert await earlier.sign_digests([bytes(32)])
    assert fake.tries() == ["right", "wrong"]


async def test_a_renewed_signer_with_the_new_pin_outlives_the_earlier_one(workshop, fake):
    worker = workshop.worker(fake.command)
    earlier = worker("dr", fake.settings())
    await earlier.sign_digests([bytes(32)])
    fake.write("pin", "the new one")
    fake.pin_file.write_text("the new one")
    renewed = worker("dr", fake.settings())
    await renewed.identity()
    before, renewing = earlier.processes, renewed.processes

    await earlier.close()

    assert await renewed.sign_digests([bytes(32)])
    assert (len(before), len(renewing), len(renewed.processes)) == (2, 2, 1)


async def test_a_pin_in_doubt_pauses_no_other_signer(workshop, fake, tmp_path):
    (tmp_path / "other-pin").write_text(WRONG)
    worker = workshop.worker(fake.command)
    good, bad = worker("good", fake.settings()), worker("bad", fake.settings(pin_file=tmp_path / "other-pin"))
    await good.sign_digests([bytes(32)])
    fake.write("doubtful-login")
    await failures([bad])
    fake.remove("doubtful-login")
    os.kill(good.processes[0], signal.SIGKILL)

    assert await good.sign_digests([bytes(32)])


@pytest.mark.parametrize("flag", ["pin_count_low", "pin_final_try", "pin_locked", "pin_pad"])
async def test_a_token_that_warns_is_not_tried_at_all(workshop, fake, flag):
    fake.write("flags", flag)
    signer = workshop.worker(fake.command)("dr", fake.settings())

    (failed,) = await failures([signer], times=1)

    assert isinstance(failed, SigningFailed)
    assert not failed.transient
    assert fake.tries() == []


async def test_flags_are_read_freshly_before_each_login(workshop, fake):
    signer = workshop.worker(fake.command)("dr", fake.settings())
    await signer.sign_digests([bytes(32)])
    fake.write("flags", "pin_final_try")
    fake.write("crash-sign", "1")

    (failed,) = await failures([signer], times=1)

    assert "wrong PIN was entered" in str(failed)
    assert fake.tries() == ["right"]


async def test_a_login_that_hangs_is_in_doubt_and_not_repeated(workshop, fake):
    fake.write("hang-login")
    first = workshop.worker(fake.command)("dr", fake.settings(timeout=1.0))
    (failed,) = await failures([first], times=1)
    assert "broke off" in str(failed)
    fake.remove("hang-login")

    (failed,) = await failures([workshop.worker(fake.command)("dr", fake.settings(timeout=1.0))], times=1)

    assert not failed.transient
    assert fake.tries() == []


async def test_the_pin_of_each_signature_is_refused_once_too(workshop, fake):
    fake.write("always")
    signer = workshop.worker(fake.command)("dr", fake.settings())
    await signer.sign_digests([bytes(32)])
    fake.write("pin", "changed at the token")

    found = await failures([signer], times=4)

    assert {type(one) for one in found} == {SecretRefused}
    assert fake.tries().count("wrong") == 1


async def test_a_token_pulled_out_asks_for_no_second_login_with_a_doubtful_pin(workshop, fake: FakeToken):
    signer = workshop.worker(fake.command)("dr", fake.settings())
    await signer.sign_digests([bytes(32)])
    fake.write("pulled")
    await failures([signer], times=2)
    fake.write("pin", "changed at the token")
    fake.remove("pulled")
    async with asyncio.timeout(20):
        while "wrong" not in fake.tries():
            await failures([signer], times=1)
            await asyncio.sleep(0.1)

    assert {type(one) for one in await failures([signer])} == {SecretRefused}
    assert fake.tries() == ["right", "wrong"]
