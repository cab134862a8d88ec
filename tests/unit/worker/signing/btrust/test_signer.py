"""A signer with B-Trust's Automatic Remote Signing, against the stand-in in memory."""

import hashlib
import json

import pytest
from pydantic import ValidationError

from sandbox.btrust.stand_in import PREFIX, BtrustService
from tests.support.signing.remote import SECRETS, StandInClient, context
from worker.signing.btrust.settings import BtrustSigner
from worker.signing.btrust.signer import BtrustDigestSigner
from worker.signing.port import SigningFailed
from worker.signing.remote.certificate_file import identity_in
from worker.signing.remote.exchange import Exchange

NAME = "dr-ivanova"
DIGESTS = [hashlib.sha256(str(number).encode()).digest() for number in range(9)]
GIVEN = {"kind": "btrust-ars", "url": f"https://btrust.invalid{PREFIX}", "token": SECRETS["token"]}


@pytest.fixture
def client(people, time):
    tokens = {name: f"{name}-token" for name in people.keys} | {NAME: SECRETS["token"]}
    return StandInClient(BtrustService(people.keys, tokens, now=time.now))


@pytest.fixture
def signer(people, time, client, tmp_path):
    (tmp_path / "doctor.pem").write_bytes(people.keys[NAME].certificate_pem())

    def make(**changes):
        settings = BtrustSigner(**{"certificate_file": tmp_path / "doctor.pem", **GIVEN, **changes})
        identity = identity_in(settings.certificate_file, settings.algorithm)
        exchange = Exchange(settings, lambda _: client)
        return BtrustDigestSigner("doctor", settings, identity, exchange, context(time))

    return make


async def test_signatures(signer, client, people):
    doctor = signer()
    assert doctor.known.certificate == (await doctor.identity()).certificate == people.keys[NAME].certificate
    assert client.requests == []
    signatures = await doctor.sign_digests(DIGESTS)
    assert all(people.proves(NAME, one, got) for one, got in zip(DIGESTS, signatures, strict=True))
    (request,) = client.requests
    assert request.url == f"https://btrust.invalid{PREFIX}/arsign/sync"
    assert request.headers["x-access-token"] == SECRETS["token"]
    content = json.loads(request.content)["contents"][0]
    assert {name: content[name] for name in content if name not in {"data", "fileName"}} == {
        "confirmText": "Herald",
        "contentFormat": "DIGEST",
        "signatureType": "SIGNATURE",
        "hashAlgorithm": "SHA256",
    }
    assert len(content["fileName"].encode()) <= 250


async def test_what_is_unknown_is_a_setting(signer, client):
    doctor = signer(
        content_format="OTHER", hash_algorithm=None, relying_party_id="rp-7", confirm_text="Clinic"
    )
    with pytest.raises(SigningFailed):
        await doctor.sign_digests(DIGESTS)
    (request,) = client.requests
    content = json.loads(request.content)["contents"][0]
    assert request.headers["relyingPartyID"] == "rp-7"
    assert (content["contentFormat"], content["confirmText"]) == ("OTHER", "Clinic")
    assert "hashAlgorithm" not in content


async def test_a_batch_that_is_too_large_is_split_and_the_next_ones_are_smaller(signer, client, people):
    client.stand_in.control("service", {"most": 2})
    doctor = signer()
    signatures = await doctor.sign_digests(DIGESTS)
    assert all(people.proves(NAME, one, got) for one, got in zip(DIGESTS, signatures, strict=True))
    assert doctor.batch_policy.most == 2
    assert [one["count"] for one in client.stand_in.ledger()["signings"]] == [2, 1, 2, 2, 2]


async def test_a_single_digest_that_is_too_large(signer, client):
    client.stand_in.control("service", {"code": "BATCH_SIZE_EXCEED"})
    with pytest.raises(SigningFailed, match="refuses a single digest") as failed:
        await signer().sign_digests(DIGESTS)
    assert not failed.value.transient


@pytest.mark.parametrize(
    ("code", "transient"), [("CONSENT_REVOKE", False), ("REQUEST_ALREADY_IN_PROCESSING", True)]
)
async def test_codes(signer, client, code, transient):
    client.stand_in.control("service", {"code": code})
    with pytest.raises(SigningFailed, match=f'^signer "doctor": B-Trust: .*{code}') as failed:
        await signer().sign_digests(DIGESTS)
    assert failed.value.transient is transient


async def test_a_token_that_is_not_known(signer):
    with pytest.raises(SigningFailed, match="token is not known") as failed:
        await signer(token="hidden-wrong-9").sign_digests(DIGESTS)
    assert "hidden" not in str(failed.value)


@pytest.mark.parametrize("content", ["two words", "тайна", "a\rb"])
async def test_a_token_that_cannot_be_a_header(signer, client, tmp_path, content):
    (tmp_path / "token").write_text(content)
    with pytest.raises(SigningFailed, match="not visible ASCII"):
        await signer(token=None, token_file=tmp_path / "token").sign_digests(DIGESTS)
    assert client.requests == []


async def test_secrets_show_nowhere(signer, caplog):
    caplog.set_level("DEBUG")
    doctor = signer()
    await doctor.sign_digests(DIGESTS)
    assert SECRETS["token"] not in f"{doctor!r} {vars(doctor)!r} {caplog.text}"
    await doctor.close()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"url": None}, "url"),
        ({"url": "http://btrust.invalid"}, "scheme should be 'https'"),
        ({"token_file": "a"}, "exactly one of token_file and token"),
        ({"content_format": "digest"}, "must be capital letters"),
        ({"certificate_file": None}, "certificate_file"),
        ({"relying_party_id": "a b"}, "visible ASCII"),
    ],
)
def test_settings_that_are_refused(changes, problem):
    given = {**GIVEN, "certificate_file": "a.pem", **changes}
    with pytest.raises(ValidationError, match=problem) as caught:
        BtrustSigner(**{name: value for name, value in given.items() if value is not None})
    assert "hidden" not in str(caught.value)
