"""Tokens, signatures and certificates: who is let in, and how the others are turned away."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.xades import XAdESSigner

from sandbox.authority import Authority
from sandbox.nhis.auth import CHALLENGE_SECONDS
from sandbox.nhis.schemas import BUNDLED
from sandbox.pki import DOCTORS
from tests.integration.sandbox.nhis.conftest import client_of
from tests.support.systems.nhis.client import (
    DS,
    Client,
    Credential,
    element,
    immunization,
    message,
    open_key,
    sign,
)


@pytest.fixture
def search(ivanova):
    return message("I003", {"nrnImmunization": "26000000000A"}, ivanova.uin)


def key_files(tmp_path, key: Credential):
    certificate, private = tmp_path / "client.pem", tmp_path / "client-key.pem"
    certificate.write_bytes(key.certificate_pem())
    private.write_bytes(key.key_pem())
    return certificate, private


async def test_token_by_challenge(ivanova):
    asked = await ivanova.call("GET", "/token")
    assert asked.status == 401
    reply = await ivanova.answer_challenge(asked.value("contents/challenge"))

    assert reply.status == 200
    schema = etree.XMLSchema(etree.parse(BUNDLED / "NHIS-S001.xsd"))
    schema.assertValid(asked.root)
    schema.assertValid(reply.root)
    assert reply.value("contents/tokenType") == "bearer"
    assert reply.value("contents/expiresIn") == "7200"
    issued, expires = (
        datetime.fromisoformat(reply.value(f"contents/{name}")) for name in ("issuedOn", "expiresOn")
    )
    assert expires - issued == timedelta(seconds=7200)


async def test_token_by_client_certificate(nhis, tmp_path):
    files = key_files(tmp_path, open_key(nhis.signers[0]))
    async with client_of(nhis, 0, certificate_files=files) as client:
        reply = await client.call("GET", "/token")
        client.token = reply.value("contents/accessToken")

        assert reply.status == 200
        assert (await client.register()).status == 200


async def test_client_certificate_of_a_foreign_authority_ends_the_connection(nhis, tmp_path):
    files = key_files(tmp_path, open_key(nhis.pki.outsider))
    async with client_of(nhis, 0, certificate_files=files) as client:
        with pytest.raises(aiohttp.ClientError):
            await client.call("GET", "/token")


async def test_challenge_is_good_once(ivanova):
    challenge = (await ivanova.call("GET", "/token")).value("contents/challenge")

    assert (await ivanova.answer_challenge(challenge)).status == 200
    assert (await ivanova.answer_challenge(challenge)).status == 401


async def test_challenge_runs_out(nhis, ivanova):
    challenge = (await ivanova.call("GET", "/token")).value("contents/challenge")
    nhis.state.clock.offset_seconds = CHALLENGE_SECONDS + 1

    assert (await ivanova.answer_challenge(challenge)).status == 401


async def test_challenge_of_ones_own_is_refused(ivanova):
    assert (await ivanova.answer_challenge("mine")).status == 401


async def test_challenge_signed_under_a_foreign_authority_is_refused(nhis, ivanova):
    challenge = (await ivanova.call("GET", "/token")).value("contents/challenge")

    reply = await ivanova.answer_challenge(challenge, open_key(nhis.pki.outsider))

    assert reply.status == 403


async def test_unsigned_challenge_is_refused(ivanova):
    challenge = (await ivanova.call("GET", "/token")).value("contents/challenge")
    body = etree.tostring(element("message", {"contents": {"challenge": challenge}}))

    assert (await ivanova.call("POST", "/token", body)).status == 403


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer nonesuch", "Basic abc"])
async def test_no_valid_token_is_a_page_of_html(ivanova, search, authorization):
    headers = {} if authorization is None else {"Authorization": authorization}
    body = sign(search, ivanova.key)

    reply = await ivanova.call("POST", "/v1/eimmunization/immunization/fetch", body, **headers)

    assert reply.status == 401
    assert reply.headers["Content-Type"].startswith("text/html")
    assert b"401 Authorization Required" in reply.body


async def test_token_runs_out(nhis, ivanova):
    await ivanova.authorize()
    nhis.state.clock.offset_seconds = 7199
    assert (await ivanova.register()).status == 200
    nhis.state.clock.offset_seconds = 7201
    assert (await ivanova.register()).status == 401


async def test_token_of_another_signer_is_forbidden(nhis, ivanova, petrov):
    ivanova.token = await petrov.authorize()

    reply = await ivanova.register()

    assert reply.status == 403
    assert reply.value("contents/error/type") == "E003"
    assert nhis.ledger.registrations == []


async def test_sender_must_be_the_signer(ivanova, petrov):
    reply = await ivanova.send("I001", immunization(petrov.uin), senderId=petrov.uin)

    assert (reply.status, reply.rules) == (400, ["RL029"])


async def test_unregistered_certificate_gets_no_token(nhis, ivanova, directory):
    nhis.state.signers._by_fingerprint.clear()
    challenge = (await ivanova.call("GET", "/token")).value("contents/challenge")

    assert (await ivanova.answer_challenge(challenge)).status == 403


@pytest.mark.parametrize("prefix", ["ds", None])
async def test_either_prefix_of_the_signature(ivanova, search, prefix):
    await ivanova.authorize()

    assert (await ivanova.post("I003", sign(search, ivanova.key, prefix=prefix))).status == 200


async def test_xades_is_tolerated(ivanova, search):
    signer = XAdESSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    signed = signer.sign(search, key=ivanova.key.key, cert=[ivanova.key.certificate_pem().decode()])
    await ivanova.authorize()

    assert (await ivanova.post("I003", etree.tostring(signed))).status == 200


def changed_content(body: bytes) -> bytes:
    assert b"26000000000A" in body
    return body.replace(b"26000000000A", b"26000000000B")


def changed_signature(body: bytes) -> bytes:
    root = etree.fromstring(body)
    value = root.find(f".//{{{DS}}}SignatureValue")
    raw = bytearray(base64.b64decode(value.text))
    raw[7] ^= 1
    value.text = base64.b64encode(bytes(raw)).decode()
    return etree.tostring(root)


def added_whitespace(body: bytes) -> bytes:
    return body.replace(b"<nhis:contents>", b"\n<nhis:contents>", 1)


def no_signature(body: bytes) -> bytes:
    root = etree.fromstring(body)
    root.remove(root[-1])
    return etree.tostring(root)


def signature_first(body: bytes) -> bytes:
    root = etree.fromstring(body)
    root.insert(0, root[-1])
    return etree.tostring(root)


def two_signatures(body: bytes) -> bytes:
    root = etree.fromstring(body)
    root.append(etree.fromstring(etree.tostring(root[-1])))
    return etree.tostring(root)


def no_certificate(body: bytes) -> bytes:
    root = etree.fromstring(body)
    info = root.find(f".//{{{DS}}}KeyInfo")
    info.getparent().remove(info)
    return etree.tostring(root)


def broken_certificate(body: bytes) -> bytes:
    root = etree.fromstring(body)
    root.find(f".//{{{DS}}}X509Certificate").text = "bm9uZQ=="
    return etree.tostring(root)


def other_reference(body: bytes) -> bytes:
    return body.replace(b'URI=""', b'URI="http://127.0.0.1/other"')


@pytest.mark.parametrize(
    "change",
    [
        changed_content,
        changed_signature,
        added_whitespace,
        no_signature,
        signature_first,
        two_signatures,
        no_certificate,
        broken_certificate,
        other_reference,
    ],
)
async def test_tampering_is_refused(ivanova, search, change):
    await ivanova.authorize()
    whole = sign(search, ivanova.key)

    reply = await ivanova.post("I003", change(whole))

    assert reply.status == 400
    assert reply.type == "I099"
    assert reply.value("contents/error/type") == "E003"
    assert (await ivanova.post("I003", whole)).status == 200


async def test_other_signature_algorithm_is_refused(ivanova, search):
    await ivanova.authorize()

    reply = await ivanova.post("I003", sign(search, ivanova.key, algorithm="rsa-sha512"))

    assert (reply.status, reply.value("contents/error/type")) == (400, "E003")


async def test_signature_under_a_foreign_authority_is_refused(nhis, ivanova):
    outsider = open_key(nhis.pki.outsider)

    reply = await ivanova.send("I003", {"nrnImmunization": "26000000000A"}, key=outsider)

    assert (reply.status, reply.value("contents/error/type")) == (400, "E003")
    assert "издател" in reply.value("contents/error/reason")


@pytest.mark.parametrize(("days", "status"), [(-1, 400), (1, 200)])
async def test_validity_dates_of_the_certificate(directory, tmp_path, days, status):
    from sandbox.nhis.server import Sandbox

    authority = Authority.create("Another test CA")
    key = authority.issue_signer(
        DOCTORS[0],
        not_before=datetime.now(UTC) - timedelta(days=30),
        not_after=datetime.now(UTC) + timedelta(days=days),
    )
    async with Sandbox(directory) as nhis:
        nhis.state.authority = authority.certificate
        nhis.state.signers.register("dr-ivanova", DOCTORS[0].uin, key.certificate_pem())
        client = Client(nhis.url, nhis.ca_file, DOCTORS[0].uin, key)
        client.token = nhis.state.access.new_token(key.certificate).text
        try:
            assert (await client.register()).status == status
        finally:
            await client.close()
