"""Tries of a PIN and of a client's secret whose answers do not arrive, against the stand-in in memory."""

import asyncio

import pytest

from tests.support.signing.csc import LOST, NAME, Played, accepted, once
from tests.support.signing.remote import SECRETS
from worker.signing.csc.grants import Grants
from worker.signing.port import SecretInDoubt, SecretRefused, SigningFailed
from worker.transport.port import Answer, DeliveryError

DIGEST = [bytes(32)]


@pytest.fixture
def played(people, time):
    return Played(people, time)


UNANSWERED = {
    "no answer": LOST,
    "broken off": DeliveryError("connection-lost", "closed", sent=True),
    "cut": DeliveryError("answer-broken", "cut", sent=True),
    "500": Answer(500, {}, b'{"error": "server_error"}'),
    "502": Answer(502, {}, b"<html>"),
    "504": Answer(504, {}, b"<html>"),
    "page": Answer(200, {}, b"<html>"),
    "too long": Answer(200, {}, b"{}", truncated=True),
}


@pytest.mark.parametrize("reaction", UNANSWERED.values(), ids=UNANSWERED)
@pytest.mark.parametrize("pin", [SECRETS["pin"], "hidden-wrong-9"], ids=["right", "wrong"])
async def test_a_pin_whose_first_answer_was_lost_is_never_tried_again(played, reaction, pin):
    played.client.after = once("authorize", reaction)
    signer = played.signer(pin=pin)
    for one in (signer, signer, played.signer(pin=pin)):
        with pytest.raises(
            SecretInDoubt, match=r'^signer "doctor": its PIN or password is in doubt'
        ) as failed:
            await one.sign_digests(DIGEST)
        assert not failed.value.transient
    assert played.client.count("/authorize") == 1


async def test_another_pin_is_in_no_doubt(played):
    played.client.after = once("authorize", LOST)
    with pytest.raises(SecretInDoubt):
        await played.signer(pin="hidden-wrong-9").sign_digests(DIGEST)
    assert await played.signer().sign_digests(DIGEST)


async def test_a_pin_that_was_accepted_is_tried_again_once_the_provider_answers(played):
    await accepted(played, DIGEST)
    signer = played.signer()
    await signer.identity()
    played.client.after = once("authorize", LOST)
    with pytest.raises(SigningFailed, match="no answer from the provider") as lost:
        await signer.sign_digests(DIGEST)
    played.client.fault = once("credentials/info", LOST)
    before = played.client.count("/authorize")
    with pytest.raises(SigningFailed, match="no answer from the provider") as unavailable:
        await signer.sign_digests(DIGEST)
    assert (lost.value.transient, unavailable.value.transient) == (True, True)
    assert played.client.count("/authorize") == before
    assert await signer.sign_digests(DIGEST)


async def test_a_second_lost_answer_in_succession_leaves_also_an_accepted_one_in_doubt(played):
    await accepted(played, DIGEST)
    signer = played.signer()
    played.client.after = lambda request: LOST if request.url.endswith("/authorize") else None
    found = []
    for one in (signer, signer, signer, played.signer()):
        with pytest.raises(SigningFailed) as failed:
            await one.sign_digests(DIGEST)
        found.append(type(failed.value))
    assert found == [SigningFailed, SecretInDoubt, SecretInDoubt, SecretInDoubt]
    assert played.client.count("/authorize") == 1 + 2


async def test_lost_answers_with_an_accepted_try_between_them_leave_no_doubt(played):
    await accepted(played, DIGEST)
    signer = played.signer()
    for _ in range(3):
        played.stand_in.control("expire-sads", {})
        played.client.after = once("authorize", LOST)
        with pytest.raises(SigningFailed) as failed:
            await signer.sign_digests(DIGEST)
        assert failed.value.transient
        assert await signer.sign_digests(DIGEST)


async def test_a_pin_that_was_changed_at_the_provider_is_tried_once_where_the_answer_arrives(played):
    doctors = [played.signer(grants=Grants()) for _ in range(5)]
    for one in doctors:
        await one.sign_digests(DIGEST)
    played.stand_in.provider.authorisations._pins[NAME] = "changed"
    played.stand_in.control("expire-sads", {})
    found = await asyncio.gather(*(one.sign_digests(DIGEST) for one in doctors), return_exceptions=True)
    assert {type(one) for one in found} == {SecretRefused}
    assert played.ledger.wrong_pins[NAME] == 1


@pytest.mark.parametrize(
    "reaction",
    [
        DeliveryError("connection-refused", "refused", sent=False),
        DeliveryError("tls-failure", "no trust", sent=False),
        Answer(429, {}, b""),
        Answer(503, {}, b'{"error": "temporarily_unavailable"}'),
    ],
    ids=["refused", "tls", "429", "temporarily unavailable"],
)
async def test_a_pin_that_was_not_judged_is_tried_again(played, reaction):
    signer = played.signer()
    played.client.fault = once("authorize", reaction)
    with pytest.raises(SigningFailed) as failed:
        await signer.sign_digests(DIGEST)
    assert failed.value.transient
    assert await signer.sign_digests(DIGEST)


@pytest.mark.parametrize("service_auth", ["oauth2-client", "basic"])
@pytest.mark.parametrize("reaction", [LOST, Answer(502, {}, b"<html>"), Answer(200, {}, b"<html>")])
async def test_a_clients_secret_whose_first_answer_was_lost_is_never_tried_again(
    played, service_auth, reaction
):
    end = "/login" if service_auth == "basic" else "/token"
    played.client.after = once(end, reaction)
    signer = played.signer(service_auth=service_auth)
    for one in (signer, played.signer(service_auth=service_auth)):
        with pytest.raises(SecretInDoubt, match="its client secret is in doubt"):
            await one.identity()
    assert played.client.count(end) == 1


async def test_a_clients_secret_that_was_accepted_is_tried_again_once_the_provider_answers(played):
    await accepted(played, DIGEST)
    played.stand_in.forget_tokens()
    signer = played.signer()
    played.client.after = once("/token", LOST)
    with pytest.raises(SigningFailed) as lost:
        await signer.identity()
    asked = iter([None, LOST])  # the signer's own question, and the one before the secret
    played.client.fault = lambda request: next(asked, None) if request.url.endswith("/info") else None
    with pytest.raises(SigningFailed, match="no answer from the provider"):
        await signer.identity()
    assert lost.value.transient
    assert played.client.count("/token") == 2
    assert await signer.sign_digests(DIGEST)


async def test_a_doubt_and_a_refusal_show_before_anything_is_signed(played):
    played.client.after = once("authorize", LOST)
    with pytest.raises(SecretInDoubt):
        await played.signer().sign_digests(DIGEST)
    with pytest.raises(SecretInDoubt):
        await played.signer().identity()
    with pytest.raises(SecretRefused):
        await played.signer(pin="hidden-wrong-9").sign_digests(DIGEST)
    with pytest.raises(SecretRefused):
        await played.signer(pin="hidden-wrong-9").identity()


async def test_the_end_of_a_try_is_awaited_and_written_down_although_nobody_waits_for_it(played):
    begun, answers, request = asyncio.Event(), asyncio.Event(), played.client.request

    async def slow(*arguments, **options):
        answer = await request(*arguments, **options)
        if arguments[1].endswith("/authorize"):
            begun.set()
            await answers.wait()
        return answer

    played.client.request = slow
    signer = played.signer(pin="hidden-wrong-9")
    signing = asyncio.create_task(signer.sign_digests(DIGEST))
    await begun.wait()
    assert played.ledger.wrong_pins[NAME] == 1
    signing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await signing
    closing = asyncio.create_task(signer.close())
    await asyncio.sleep(0.02)
    assert not closing.done()
    answers.set()
    await closing
    with pytest.raises(SecretRefused, match="before"):
        await played.signer(pin="hidden-wrong-9").sign_digests(DIGEST)
    assert played.ledger.wrong_pins[NAME] == 1


async def test_a_pin_that_was_never_accepted_is_in_doubt_where_the_provider_forgot_to_decide(played):
    played.variants(later_authorisation=100)
    signer = played.signer(poll_timeout=10)
    with pytest.raises(SigningFailed):
        await signer.sign_digests(DIGEST)
    played.stand_in.provider._later._kept.clear()
    with pytest.raises(SigningFailed, match="refused credentials/authorizeCheck"):
        await signer.sign_digests(DIGEST)
    for again in (signer, played.signer()):
        with pytest.raises(SecretInDoubt):
            await again.sign_digests(DIGEST)
    assert played.client.count("/authorize") == 1


async def test_a_decision_that_comes_later_ends_the_doubt_for_all(played):
    played.variants(later_authorisation=100)
    signer = played.signer(poll_timeout=10)
    with pytest.raises(SigningFailed, match="did not give the authorisation"):
        await signer.sign_digests(DIGEST)
    with pytest.raises(SecretInDoubt):
        await played.signer().sign_digests(DIGEST)
    played.stand_in.provider._later._kept = {
        name: (0, answer) for name, (_, answer) in played.stand_in.provider._later._kept.items()
    }
    assert await signer.sign_digests(DIGEST)
    played.variants(later_authorisation=0)
    assert await played.signer().sign_digests(DIGEST)
