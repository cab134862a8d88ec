"""A signer at a CSC provider, against the stand-in in memory."""

import asyncio
import hashlib
import json

import pytest

from tests.support.signing.csc import LOST, NAME, Played, accepted, once
from tests.support.signing.remote import SECRETS
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import checked
from worker.signing.port import CertificateNotValid, SecretRefused, SigningFailed
from worker.transport.port import Answer, DeliveryError

DIGESTS = [hashlib.sha256(str(number).encode()).digest() for number in range(5)]


@pytest.fixture
def played(people, time):
    return Played(people, time)


def right(played, signatures, algorithm=SignatureAlgorithm.RSA_SHA256):
    found = zip(DIGESTS, signatures, strict=True)
    return all(played.people.proves(NAME, one, got, algorithm) for one, got in found)


async def test_nobody_is_asked_before_the_first_question(played):
    signer = played.signer()
    assert signer.known is None
    assert signer.batch_policy.most == 100
    assert played.client.requests == []


async def test_signatures(played):
    signer = played.signer()
    assert right(played, await signer.sign_digests(DIGESTS))
    assert signer.known.certificate == played.people.keys[NAME].certificate
    assert [one.url.removeprefix("https://provider.invalid") for one in played.client.requests] == [
        "/csc/v2/info",
        "/oauth2/token",
        "/csc/v2/credentials/info",
        "/csc/v2/credentials/authorize",
        "/csc/v2/signatures/signHash",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"api": "v1.0.4"},
        {"service_auth": "basic"},
        {"algorithm": "rsa-pss-sha256"},
        {"asynchronous": True},
        {"api": "v1.0.4", "service_auth": "basic"},
    ],
)
async def test_each_way_to_ask(played, changes):
    algorithm = SignatureAlgorithm(changes.get("algorithm", "rsa-sha256"))
    assert right(played, await played.signer(**changes).sign_digests(DIGESTS), algorithm)


@pytest.mark.parametrize(
    "variants",
    [{"scal": "2"}, {"pin": False}, {"later_signatures": 3}, {"later_authorisation": 3}, {"multisign": 5}],
)
async def test_each_kind_of_provider(played, variants):
    played.variants(**variants)
    assert right(played, await played.signer().sign_digests(DIGESTS))


async def test_a_seal_that_needs_no_authorisation(played):
    played.variants(token_alone=True, pin=False)
    signer = played.signer(credential_auth="access-token", pin=None)
    assert right(played, await signer.sign_digests(DIGESTS))
    assert played.client.count("/authorize") == 0
    assert not played.ledger.signings[0].authorised


async def test_one_question_for_many_that_wait(played):
    signer = played.signer()
    await asyncio.gather(*(signer.identity() for _ in range(20)))
    assert len(played.client.requests) == 3


async def test_an_authorisation_serves_several_calls_until_it_is_spent(played):
    signer = played.signer(signatures_per_authorization=10)
    for _ in range(3):
        await signer.sign_digests(DIGESTS)
    assert [one.count for one in played.ledger.authorisations] == [10, 10]


async def test_the_credentials_own_limit_counts(played):
    played.variants(multisign=5)
    signer = played.signer()
    await signer.sign_digests(DIGESTS)
    assert [one.count for one in played.ledger.authorisations] == [5]
    assert signer.batch_policy.most == 5


async def test_an_authorisation_that_is_bound_to_digests_serves_one_call(played):
    played.variants(scal="2")
    signer = played.signer()
    for _ in range(2):
        await signer.sign_digests(DIGESTS)
    assert [(one.count, one.bound) for one in played.ledger.authorisations] == [(5, True)] * 2


async def test_one_that_ends_soon_is_extended_without_the_pin(played):
    played.variants(sad_seconds=100)
    signer = played.signer()
    for _ in range(3):
        assert right(played, await signer.sign_digests(DIGESTS))
        played.time.passed += 80
    assert [one.extended for one in played.ledger.authorisations] == [False, True, True]
    assert played.ledger.right_pins[NAME] == 1


async def test_where_there_is_no_extension_it_is_given_anew(played):
    played.variants(sad_seconds=100, extends=False)
    signer = played.signer()
    for _ in range(2):
        assert right(played, await signer.sign_digests(DIGESTS))
        played.time.passed += 80
    assert played.client.count("/extendTransaction") == 0
    assert played.ledger.right_pins[NAME] == 2


async def test_one_that_the_provider_finds_expired_is_replaced_once(played):
    signer = played.signer()
    await signer.sign_digests(DIGESTS)
    played.stand_in.control("expire-sads", {})
    assert right(played, await signer.sign_digests(DIGESTS))
    assert len(played.ledger.authorisations) == 2


async def test_one_that_is_always_expired_is_tried_again_later(played):
    played.variants(sad_seconds=0)
    with pytest.raises(SigningFailed, match='signer "doctor": the authorisation expired') as failed:
        await played.signer().sign_digests(DIGESTS)
    assert failed.value.transient
    assert played.client.count("/signHash") == 2


async def test_a_limit_that_is_lower_than_the_provider_states_needs_an_operator(played):
    signer = played.signer()
    await signer.identity()
    played.variants(multisign=4)
    with pytest.raises(SigningFailed, match="for fewer signatures") as failed:
        await signer.sign_digests(DIGESTS)
    assert not failed.value.transient


async def test_an_access_token_that_ended_is_replaced_once(played):
    signer = played.signer()
    await signer.sign_digests(DIGESTS)
    played.stand_in.forget_tokens()
    assert right(played, await signer.sign_digests(DIGESTS))
    assert played.ledger.tokens == 2


async def test_an_access_token_is_renewed_before_it_ends(played):
    signer = played.signer()
    await signer.sign_digests(DIGESTS)
    played.time.passed = 3580
    await signer.sign_digests(DIGESTS)
    assert played.ledger.tokens == 2
    assert not [one for one in played.client.requests if "401" in one.url]


async def test_a_token_that_is_never_taken_needs_an_operator(played):
    def refuse(request):
        return Answer(401, {}, b'{"error": "invalid_token"}') if request.url.endswith("signHash") else None

    played.client.fault = refuse
    with pytest.raises(SigningFailed, match="refuses the access token") as failed:
        await played.signer().sign_digests(DIGESTS)
    assert not failed.value.transient
    assert played.client.count("/signHash") == 2


@pytest.mark.parametrize("variants", [{}, {"hidden_causes": True}, {"bare_errors": True}])
@pytest.mark.parametrize("api", ["v2", "v1.0.4"])
async def test_a_wrong_pin_is_tried_once(played, variants, api):
    played.variants(**variants)
    wrong = {"api": api, "pin": "hidden-wrong-9"}
    signer = played.signer(**wrong)
    found = await asyncio.gather(*(signer.sign_digests([one]) for one in DIGESTS), return_exceptions=True)
    assert all(isinstance(one, SecretRefused) for one in found)
    with pytest.raises(SecretRefused, match="refused its PIN or password before"):
        await played.signer(**wrong).sign_digests(DIGESTS)
    assert played.ledger.wrong_pins[NAME] == 1
    assert right(played, await played.signer(api=api).sign_digests(DIGESTS))


async def test_a_certificate_that_the_provider_finds_expired_counts_for_its_signer_alone(played):
    played.variants(certificate_status="expired")
    doctor = checked(played.signer(), clock=played.time.now)
    for _ in range(2):
        with pytest.raises(CertificateNotValid, match=r'^signer "doctor": the provider says .* is expired$'):
            await doctor.sign_digests([DIGESTS[0]])
    assert played.client.count("credentials/info") == 1
    assert played.client.count("credentials/authorize") == 0


async def test_a_locked_credential_is_not_asked_again(played):
    played.variants(locked=True)
    signer = played.signer()
    for reason in ("the credential is locked", "refused its PIN or password before"):
        with pytest.raises(SecretRefused, match=reason):
            await signer.sign_digests(DIGESTS)
    assert played.client.count("/authorize") == 1


@pytest.mark.parametrize("service_auth", ["oauth2-client", "basic"])
async def test_a_wrong_client_secret_is_tried_once(played, service_auth):
    wrong = {"client_secret": "hidden-wrong-9", "service_auth": service_auth}
    for signer in (played.signer(**wrong), played.signer(**wrong)):
        with pytest.raises(SigningFailed, match="client") as failed:
            await signer.identity()
        assert not failed.value.transient
    assert played.client.count("/token") + played.client.count("/login") == 1


@pytest.mark.parametrize(("status", "transient"), [(401, False), (403, False), (400, False), (429, True)])
async def test_a_gateways_page_in_place_of_a_token_is_no_refusal_of_the_secret(played, status, transient):
    played.client.fault = once("/token", Answer(status, {}, b"<html>"))
    with pytest.raises(SigningFailed, match=f"HTTP status {status}") as failed:
        await played.signer().identity()
    assert failed.value.transient is transient
    assert not isinstance(failed.value, SecretRefused)
    assert right(played, await played.signer().sign_digests(DIGESTS))


async def test_an_authorisation_that_is_not_decided_in_time_is_asked_about_again_without_the_pin(played):
    played.variants(later_authorisation=100)
    signer = played.signer(poll_timeout=10)
    with pytest.raises(SigningFailed, match="did not give the authorisation within 10 s") as failed:
        await signer.sign_digests(DIGESTS)
    assert failed.value.transient
    played.stand_in.provider._later._kept = {
        name: (0, answer) for name, (_, answer) in played.stand_in.provider._later._kept.items()
    }
    assert right(played, await signer.sign_digests(DIGESTS))
    assert played.client.count("/authorize") == 1


async def test_an_undecided_authorisation_that_the_provider_forgot_is_no_refusal_of_the_pin(played):
    await accepted(played, DIGESTS[:1])
    played.variants(later_authorisation=100)
    signer = played.signer(poll_timeout=10)
    with pytest.raises(SigningFailed):
        await signer.sign_digests(DIGESTS)
    played.stand_in.provider._later._kept.clear()
    with pytest.raises(SigningFailed, match="refused credentials/authorizeCheck") as failed:
        await signer.sign_digests(DIGESTS)
    assert not isinstance(failed.value, SecretRefused)
    played.variants(later_authorisation=0)
    assert right(played, await signer.sign_digests(DIGESTS))


async def test_an_undecided_authorisation_for_too_few_is_left(played):
    await accepted(played, DIGESTS[:1])
    played.variants(later_authorisation=100)
    signer = played.signer(poll_timeout=10, signatures_per_authorization=1)
    with pytest.raises(SigningFailed):
        await signer.sign_digests(DIGESTS[:2])
    played.variants(later_authorisation=0)
    assert right(played, await signer.sign_digests(DIGESTS))
    assert [one.count for one in played.ledger.authorisations] == [2, 5]


async def test_signatures_that_are_not_made_in_time_are_tried_again_later(played):
    played.variants(later_signatures=100)
    with pytest.raises(SigningFailed, match="did not give the signatures within 60 s") as failed:
        await played.signer().sign_digests(DIGESTS)
    assert failed.value.transient
    assert played.client.count("/signHash") == 1


@pytest.mark.parametrize("reaction", [LOST, Answer(503, {}, b""), Answer(429, {}, b"")])
async def test_a_question_for_an_answer_that_fails_is_asked_again_and_nothing_else_is(played, reaction):
    played.variants(later_signatures=2)
    played.client.fault = once("signPolling", reaction)
    assert right(played, await played.signer().sign_digests(DIGESTS))
    assert played.client.count("/signHash") == 1


@pytest.mark.parametrize(
    "variants",
    [{"second_factor": "OTP"}, {"second_factor": "PasswordOOB"}, {"auth_mode": "oauth2code"}],
)
@pytest.mark.parametrize("api", ["v2", "v1.0.4"])
async def test_a_credential_that_needs_a_person_is_refused_before_its_pin_is_sent(played, variants, api):
    played.variants(scal="2", **variants)
    with pytest.raises(SigningFailed, match=r"a person must .*, and Herald signs without one") as failed:
        await played.signer(api=api).identity()
    assert not failed.value.transient
    assert played.client.count("/authorize") == 0


FAILURES = {
    "no answer": (LOST, "no answer from the provider: no answer", True),
    "429": (Answer(429, {}, b""), "HTTP status 429", True),
    "503": (Answer(503, {}, b"<html>"), "HTTP status 503", True),
    "404": (Answer(404, {}, b"<html>"), "refused signatures/signHash .HTTP status 404.", False),
    "garbage": (Answer(200, {}, b"\xff\x00"), "holds no signatures", True),
    "no object": (Answer(200, {}, b"[]"), "holds no signatures", True),
    "deep": (Answer(200, {}, b"[" * 100_000), "holds no signatures", True),
    "no texts": (Answer(200, {}, b'{"signatures": [1]}'), "holds no signatures", True),
    "no base64": (Answer(200, {}, b'{"signatures": ["x"]}'), "not base64", False),
    "too long": (Answer(200, {}, b"{}", truncated=True), "too long", False),
}


@pytest.mark.parametrize(("reaction", "reason", "transient"), FAILURES.values(), ids=FAILURES)
async def test_each_failure(played, reaction, reason, transient):
    played.client.fault = once("signHash", reaction)
    with pytest.raises(SigningFailed, match=f'^signer "doctor": .*{reason}') as failed:
        await played.signer().sign_digests(DIGESTS)
    assert failed.value.transient is transient


async def test_a_kept_connection_that_had_ended_is_replaced_at_once(played):
    played.client.fault = once("signHash", DeliveryError("connection-lost", "closed", sent=True))
    assert right(played, await played.signer().sign_digests(DIGESTS))
    assert [one.reuse for one in played.client.requests if one.url.endswith("signHash")] == [True, False]


@pytest.mark.parametrize("faults", [{"order": "reversed"}, {"half": True}, {"other_key": True}])
async def test_what_comes_back_is_handed_on_as_it_came(played, faults):
    played.signatures(**faults)
    signatures = await played.signer().sign_digests(DIGESTS)
    assert len(signatures) == (2 if "half" in faults else 5)


async def test_secrets_show_nowhere(played, caplog):
    caplog.set_level("DEBUG")
    signer = played.signer()
    await signer.sign_digests(DIGESTS)
    requests = [json.loads(one.content) for one in played.client.requests if one.content.startswith(b"{")]
    sads = [one["SAD"] for one in requests if "SAD" in one]
    tokens = [
        one.headers["authorization"] for one in played.client.requests if "authorization" in one.headers
    ]
    assert sads
    assert tokens
    hidden = [*SECRETS.values(), *sads, *(one.removeprefix("Bearer ") for one in tokens)]
    shown = f"{signer!r} {vars(signer)!r} {vars(signer._connection.known)!r} {caplog.text}"
    assert [one for one in hidden if one in shown] == []


async def test_closing(played):
    signer = played.signer()
    await signer.close()
    await signer.identity()
    await signer.close()
    assert played.client.closed
