import asyncio

import pytest

from tests.support.fakes.ports import FakeClock, settle
from tests.support.signing.guarded_secrets import LONGEST, NO_ANSWER, PIN, Held, answering, guarded, tried
from tests.support.signing.refused_secrets import LapsingMemory
from worker.signing.port import LEASE, SecretInDoubt, SecretRefused, SigningFailed
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.remote.guarded_secret import GuardedSecret, Refusal, Undecided
from worker.signing.remote.remembered_secret import Description


@pytest.fixture
def clock():
    return FakeClock()


class Unavailable(SecretsRefusedHere):
    """A memory that is unavailable at times."""

    available = True

    async def note(self, digest, place=None, *, proof=None):
        if not self.available:
            raise SigningFailed("the journal is unavailable", transient=True)
        await super().note(digest, place, proof=proof)


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


async def test_a_failure_before_anything_was_sent_is_no_refusal():
    secret = guarded()
    with pytest.raises(SigningFailed, match=r"^no connection$"):
        await tried(secret, SigningFailed("no connection", transient=True), sends=False)
    await tried(secret)


async def test_an_answer_by_which_nobody_judged_it_is_no_refusal():
    secret = guarded()

    async def work(one):
        one.request().begin()
        one.not_judged()
        raise SigningFailed("busy", transient=True)

    with pytest.raises(SigningFailed, match=r"^busy$"):
        await secret.tried(work, answering=answering)
    await tried(secret)


async def test_one_that_was_never_accepted_is_in_doubt_where_no_answer_comes():
    memory = SecretsRefusedHere()
    for one in (guarded(memory), guarded(memory)):
        with pytest.raises(SecretInDoubt, match="its PIN is in doubt"):
            await tried(one, NO_ANSWER)
        with pytest.raises(SecretInDoubt):
            await one.require_usable()
    await tried(guarded(memory, "credential 2"))


async def test_a_defect_after_it_was_sent_leaves_it_in_doubt_too():
    with pytest.raises(SecretInDoubt):
        await tried(guarded(), KeyError("of ours"))


async def test_one_that_was_accepted_is_tried_again_once_the_provider_answers():
    memory, asked = SecretsRefusedHere(), []

    async def asks():
        asked.append(1)
        if len(asked) == 1:
            raise NO_ANSWER

    await tried(guarded(memory))
    for error, expected in ((NO_ANSWER, 0), (AssertionError("given again"), 1)):
        with pytest.raises(SigningFailed, match=r"^no answer$"):
            await tried(guarded(memory), error, asks=asks)
        assert len(asked) == expected
        await guarded(memory).require_usable()
    await tried(guarded(memory), asks=asks)
    await tried(guarded(memory), asks=asks)
    assert len(asked) == 2


async def test_two_lost_answers_in_succession_leave_an_accepted_one_in_doubt():
    memory = SecretsRefusedHere()
    await tried(guarded(memory))
    for expected in (SigningFailed, SecretInDoubt):
        with pytest.raises(SigningFailed) as failed:
            await tried(guarded(memory), NO_ANSWER)
        assert type(failed.value) is expected
    with pytest.raises(SecretInDoubt):
        await tried(guarded(memory), AssertionError("given again"))


async def test_with_another_client_it_was_never_accepted():
    """What the memory holds is made also of the client's secret, which may be another one now."""
    memory = SecretsRefusedHere()
    await tried(guarded(memory))
    other = GuardedSecret(Description(PIN, "credential 1", "PIN", b"other"), memory, longest=LONGEST)
    with pytest.raises(SecretInDoubt):
        await tried(other, NO_ANSWER)
    assert PIN not in repr(vars(other))


async def test_an_undecided_try_leaves_the_doubt_to_its_decision():
    memory = SecretsRefusedHere()
    secret = guarded(memory)
    with pytest.raises(SigningFailed, match="not yet") as undecided:
        await tried(secret, Undecided("not yet"))
    assert undecided.value.transient
    with pytest.raises(SecretInDoubt):
        await tried(guarded(memory), AssertionError("given again"))

    async def decided(error=None):
        if error is not None:
            raise error
        return 1

    assert await secret.settled(decided()) == 1
    await tried(guarded(memory))
    with pytest.raises(SecretRefused, match="wrong"):
        await secret.settled(decided(Refusal("it is wrong")))
    with pytest.raises(SecretRefused, match="before"):
        await tried(guarded(memory), AssertionError("given again"))


async def test_one_try_at_a_time():
    secret, trying = guarded(), asyncio.Event()
    count = 0

    async def wrong(one):
        nonlocal count
        count += 1
        one.request().begin()
        await trying.wait()
        raise Refusal("it is wrong")

    tasks = [asyncio.create_task(secret.tried(wrong, answering=answering)) for _ in range(10)]
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
    memory, held = SecretsRefusedHere(), Held(Refusal("it is wrong"))
    held.sends.set()
    first = held.begin(guarded(memory))
    await settle()
    second = asyncio.create_task(tried(guarded(memory), AssertionError("given again")))
    await asyncio.sleep(0.05)
    assert not second.done()
    held.ends.set()
    for one in (first, second):
        with pytest.raises(SecretRefused):
            await one


async def test_who_waits_for_another_workers_try_does_not_wait_for_ever():
    memory, held = SecretsRefusedHere(), Held()
    held.sends.set()
    first = held.begin(guarded(memory))
    await settle()
    with pytest.raises(SigningFailed, match="another worker tries its PIN") as failed:
        await tried(guarded(memory, patience=0.1))
    assert failed.value.transient
    held.ends.set()
    await first


def of_worker(memory, clock):
    return guarded(memory, patience=0, sleep=clock.sleep)


def begun(memory, clock, error=None):
    """Let another worker begin a try; return its task, and the event that ends it."""
    held = Held(error)
    held.sends.set()
    return held.begin(of_worker(memory, clock)), held.ends


async def test_a_try_that_its_worker_did_not_end_is_repeated_by_nobody(clock):
    memory = LapsingMemory(clock)
    trying, end = begun(memory, clock)
    await settle()
    memory.available = False
    await clock.advance(LEASE + 0.1)

    for again in (of_worker(memory, clock), of_worker(memory, clock)):
        with pytest.raises(SecretInDoubt, match="was sent, or may have been, and no answer came"):
            await tried(again, AssertionError("given again"))
    end.set()
    await trying


async def test_a_try_that_its_worker_did_not_end_counts_once_for_one_that_was_accepted(clock):
    memory = LapsingMemory(clock)
    await tried(of_worker(memory, clock))
    for repeated in (True, False):
        dying, _ = begun(memory, clock)
        await settle()
        with pytest.raises(SigningFailed, match="another worker"):
            await tried(of_worker(memory, clock), AssertionError("given again"))
        dying.cancel()
        memory.available = False
        await clock.advance(LEASE + 0.1)
        memory.available = True
        if not repeated:
            with pytest.raises(SecretInDoubt):
                await tried(of_worker(memory, clock), AssertionError("given again"))


@pytest.mark.parametrize("right", [True, False])
async def test_the_result_of_a_try_that_outlived_its_reservation_holds_for_all(clock, right):
    memory = LapsingMemory(clock)
    trying, end = begun(memory, clock, None if right else Refusal("it is wrong"))
    await settle()
    memory.available = False
    await clock.advance(LEASE + 0.1)
    with pytest.raises(SecretInDoubt):
        await tried(of_worker(memory, clock), AssertionError("given again"))
    end.set()
    if right:
        await trying
        await tried(of_worker(memory, clock))
    else:
        with pytest.raises(SecretRefused, match=r"^it is wrong$"):
            await trying
        with pytest.raises(SecretRefused, match="before"):
            await tried(of_worker(memory, clock), AssertionError("given again"))


async def test_a_long_try_leaves_no_doubt(clock):
    memory = LapsingMemory(clock)
    trying, end = begun(memory, clock)
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
    assert PIN not in repr(Description(PIN, "credential 1", "PIN"))
