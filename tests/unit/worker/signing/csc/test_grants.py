"""All signers of one client share its access token, and the one try of its secret."""

import asyncio

import pytest

from tests.support.signing.csc import GIVEN, Played
from tests.support.signing.remote import SECRETS
from worker.signing.csc.grants import Grants
from worker.signing.csc.settings import CscSigner
from worker.signing.port import SecretRefused, SigningFailed
from worker.signing.refused_secrets import SecretsRefusedHere

MANY = 30


class Memory(SecretsRefusedHere):
    """Counts the questions, as each is one to the journal."""

    def __init__(self):
        super().__init__()
        self.reserved = 0
        self.interests = 0

    async def reserve(self, digest, *, known_good, proof=None):
        self.reserved += 1
        return await super().reserve(digest, known_good=known_good, proof=proof)

    async def refused(self, digest):
        self.interests += 1
        return await super().refused(digest)


@pytest.fixture
def played(people, time):
    return Played(people, time, Memory())


def signers(played, **changes):
    grants = Grants()
    return [played.signer(name=f"dr-{number}", grants=grants, **changes) for number in range(MANY)]


async def failures(doctors):
    found = await asyncio.gather(*(one.sign_digests([bytes(32)]) for one in doctors), return_exceptions=True)
    return [type(one) for one in found if isinstance(one, BaseException)]


async def test_many_that_start_at_once_ask_for_one_token(played):
    assert await failures(signers(played)) == []
    assert played.client.count("oauth2/token") == 1
    assert played.memory.reserved == 1 + MANY  # the secret, and the PIN for the authorisation of each


async def test_a_wrong_pin_of_a_credential_that_many_signers_have_is_tried_once(played):
    assert await failures(signers(played, pin="hidden-wrong-7")) == [SecretRefused] * MANY
    assert played.client.count("credentials/authorize") == 1


async def test_a_token_that_ended_is_replaced_once_for_all(played):
    doctors = signers(played)
    await asyncio.gather(*(one.identity() for one in doctors))
    played.stand_in.forget_tokens()
    assert await failures(doctors) == []
    assert played.client.count("oauth2/token") == 2


async def test_a_wrong_secret_is_tried_once_by_all_and_each_may_be_unblocked_by_its_name(played):
    doctors = signers(played, client_secret="hidden-wrong-9")
    assert await failures(doctors) == [SecretRefused] * MANY
    assert played.client.count("oauth2/token") == 1
    assert played.memory.interests == MANY


async def test_a_secret_that_was_right_and_is_no_more_is_tried_once_by_all(played):
    doctors = signers(played)
    await asyncio.gather(*(one.identity() for one in doctors))
    played.stand_in._access._secret = "another"
    played.stand_in.forget_tokens()
    assert await failures(doctors) == [SecretRefused] * MANY
    assert await failures(doctors) == [SecretRefused] * MANY
    assert played.client.count("oauth2/token") == 2


async def test_closing_in_the_middle_of_a_request_waits_for_its_answer_which_all_get(played):
    begun, answers, request = asyncio.Event(), asyncio.Event(), played.client.request

    async def slow(*arguments, **options):
        answer = await request(*arguments, **options)
        if arguments[1].endswith("oauth2/token"):
            begun.set()
            await answers.wait()
        return answer

    played.client.request = slow
    doctors = signers(played)
    asked = [asyncio.create_task(one.identity()) for one in doctors]
    await begun.wait()
    closing = asyncio.create_task(doctors[0].close())
    await asyncio.sleep(0.05)
    assert not closing.done()
    answers.set()
    await closing
    first, *others = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert not [one for one in others if isinstance(one, BaseException)]
    assert played.client.count("oauth2/token") == 1


async def test_closing_before_a_request_was_sent_leaves_no_try_reserved_and_nobody_waiting(played):
    request, begun = played.client.request, asyncio.Event()

    async def connecting(*arguments, **options):
        if arguments[1].endswith("oauth2/token"):
            begun.set()
            await asyncio.Event().wait()
        return await request(*arguments, **options)

    played.client.request = connecting
    doctors = signers(played)
    asked = [asyncio.create_task(one.identity()) for one in doctors]
    await begun.wait()
    await asyncio.sleep(0.05)
    await doctors[0].close()
    played.client.request = request
    first, *others = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert {(type(one), one.transient) for one in others} == {(SigningFailed, True)}
    assert await played.signer().sign_digests([bytes(32)])


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"url": "https://other.invalid"},
        {"service_auth": "basic"},
        {"token_url": "https://t.invalid"},
    ],
)
def test_another_client_has_another_grant(changes):
    grants = Grants()
    one = grants.of(CscSigner(**GIVEN), SECRETS["secret"])
    assert grants.of(CscSigner(**GIVEN, algorithm="rsa-sha256"), SECRETS["secret"]) is one
    assert grants.of(CscSigner(**GIVEN | changes), SECRETS["secret"]) is not one
    assert grants.of(CscSigner(**GIVEN), "another secret") is not one
