"""Real signatures by SoftHSM, in the form that NHIS takes, verified by libxmlsec1. The people are invented."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from tests.support.signing.certificates import issue, key_usage
from tests.support.signing.xmlsec_verify import verified
from tests.support.softhsm.tokens import PIN, SoftHsm, StoredKey
from worker.signing.checked import checked
from worker.signing.pkcs11.settings import Pkcs11Settings
from worker.signing.port import SigningFailed
from worker.signing.xmldsig import sign_enveloped

USAGE = key_usage(content_commitment=True)
ROOT = issue("Token root", authority=True)
RSA = issue("Ivanova", issuer=ROOT, usage=USAGE, subject_serial="PNOBG-0000000001")
ALWAYS = issue("Petrov", issuer=ROOT, usage=USAGE, subject_serial="PNOBG-0000000002")
P256 = issue("Dimitrov", issuer=ROOT, usage=USAGE, key=ec.generate_private_key(ec.SECP256R1()))
P384 = issue("Georgieva", issuer=ROOT, usage=USAGE, key=ec.generate_private_key(ec.SECP384R1()))
MESSAGE = etree.fromstring('<nhis:message xmlns:nhis="https://www.his.bg"><nhis:a value="1"/></nhis:message>')
KEYS = (
    StoredKey(RSA, "ivanova", b"\x01"),
    StoredKey(ALWAYS, "petrov", b"\x02", always=True),
    StoredKey(P256, "dimitrov", b"\x03"),
    StoredKey(P384, "georgieva", b"\x04"),
)


@pytest.fixture(scope="module")
def hsm(softhsm_shared: SoftHsm) -> SoftHsm:
    """A partition with four keys, and a second token."""
    softhsm_shared.make_token("clinic")
    softhsm_shared.store("clinic", KEYS, authorities=[ROOT])
    softhsm_shared.make_token("pharmacy", pin="8642")
    softhsm_shared.store("pharmacy", [StoredKey(RSA, "alone", b"\x05", with_certificate=False)], pin="8642")
    return softhsm_shared


@pytest.fixture
def settings(hsm, tmp_path):
    """Return what makes settings of a signer on the partition."""
    (tmp_path / "pin").write_text(f"{PIN}\n")

    def make(**changed) -> Pkcs11Settings:
        values = {
            "kind": "pkcs11",
            "module": hsm.module,
            "environment": hsm.environment,
            "token": {"label": "clinic"},
            "pin_file": tmp_path / "pin",
        }
        return Pkcs11Settings.model_validate({**values, **changed})

    return make


@pytest.fixture
def make(workshop):
    """Return what makes signers as systems are given them."""
    worker = workshop.worker()
    return lambda name, settings: checked(worker(name, settings), clock=partial(datetime.now, UTC))


@pytest.mark.parametrize(
    ("key", "issued"),
    [
        ({"label": "ivanova"}, RSA),
        ({"id": "01"}, RSA),
        ({"subject_serial": "PNOBG-0000000001"}, RSA),
        ({"subject_serial": "PNOBG-0000000002"}, ALWAYS),
    ],
)
async def test_a_message_is_signed_by_the_key_that_is_named(make, settings, key, issued):
    signer = make("doctor", settings(key=key))

    signed = await sign_enveloped(MESSAGE, signer)

    assert verified(signed, issued.certificate) is not None
    assert (await signer.identity()).issuers == (ROOT.certificate,)


@pytest.mark.parametrize(
    ("label", "algorithm"),
    [
        ("ivanova", "rsa-sha256"),
        ("ivanova", "rsa-pss-sha256"),
        ("dimitrov", "ecdsa-p256-sha256"),
        ("georgieva", "ecdsa-p384-sha384"),
    ],
)
async def test_every_algorithm_verifies(make, settings, label, algorithm):
    signer = make("doctor", settings(key={"label": label}, algorithm=algorithm))
    identity = await signer.identity()
    digests = [identity.algorithm.digest(bytes([number])) for number in range(5)]

    signatures = await signer.sign_digests(digests)

    public = identity.certificate.public_key()
    assert all(map(partial(identity.algorithm.verify, public), digests, signatures))


async def test_a_key_that_wants_the_pin_each_time_signs_again_and_again(make, settings):
    signer = make("petrov", settings(key={"label": "petrov"}))
    digests = [hashlib.sha256(bytes([number])).digest() for number in range(3)]

    assert len(await signer.sign_digests(digests)) == 3
    assert len(await signer.sign_digests(digests)) == 3


async def test_signers_on_one_token_share_its_process_and_login(workshop, settings):
    worker = workshop.worker()
    signers = [worker(key, settings(key={"label": key})) for key in ("ivanova", "petrov")]

    for signer in signers:
        await signer.identity()

    assert len({signer.processes for signer in signers}) == 1


async def test_several_processes_sign_at_the_same_time_where_that_is_configured(workshop, settings):
    signer = workshop.worker()("ivanova", settings(key={"label": "ivanova"}, processes=3))
    await signer.sign_digests([bytes(32)])
    alone = signer.processes

    # SoftHSM does not always show a token to one process while another one opens it: that one is opened later.
    async with asyncio.timeout(20):
        while len(set(signer.processes)) < 3:
            await asyncio.gather(*(signer.sign_digests([bytes(32)] * 5) for _ in range(6)))

    assert (len(alone), len(set(signer.processes))) == (1, 3)


async def test_two_tokens_of_one_module_have_a_process_each(workshop, settings, tmp_path):
    (tmp_path / "certificate.pem").write_bytes(RSA.pem() + ROOT.pem())
    (tmp_path / "other-pin").write_text("8642")
    worker = workshop.worker()
    clinic = worker("clinic", settings(key={"label": "ivanova"}))
    pharmacy = worker(
        "pharmacy",
        settings(
            token={"label": "pharmacy"},
            certificate_file=tmp_path / "certificate.pem",
            pin_file=tmp_path / "other-pin",
        ),
    )

    first, second = await clinic.identity(), await pharmacy.identity()

    assert first.certificate == second.certificate == RSA.certificate
    assert clinic.processes != pharmacy.processes


@pytest.mark.parametrize(
    ("changed", "transient", "told"),
    [
        ({"token": {"label": "nowhere"}}, True, "there is no such token; the module shows 2"),
        ({"token": {}}, False, "2 tokens fit"),
        ({"key": {"label": "nobody"}}, False, "none of the token's 4 keys fits"),
        ({"key": {"subject_serial": "PNOBG-0000000009"}}, False, "no certificate with the configured"),
        ({"module": "/usr/lib/os-release"}, False, "the module cannot be loaded .*invalid ELF header"),
        ({"pin_file": None}, False, "the token wants a PIN"),
        ({"key": {"label": "dimitrov"}}, False, "cannot sign with rsa-sha256"),
    ],
)
async def test_what_fails_is_named(make, settings, changed, transient, told):
    signer = make("doctor", settings(**changed))

    with pytest.raises(SigningFailed, match=told) as caught:
        await signer.sign_digests([bytes(32)])

    assert caught.value.transient is transient
    assert 'signer "doctor"' in str(caught.value)


async def test_a_key_that_comes_later_is_found_without_a_restart(make, settings, softhsm, tmp_path):
    softhsm.make_token("growing")
    softhsm.store("growing", KEYS[:1])
    late = make("late", settings(environment=softhsm.environment, token={}, key={"label": "late"}))
    with pytest.raises(SigningFailed, match="none of the token's 1 keys"):
        await late.identity()

    softhsm.store("growing", [StoredKey(ALWAYS, "late", b"\x09")])

    assert (await late.identity()).certificate == ALWAYS.certificate


async def test_a_certificate_that_comes_later_is_found_without_a_restart(make, settings, softhsm, tmp_path):
    softhsm.make_token("growing")
    softhsm.store("growing", [StoredKey(RSA, "late", b"\x09", with_certificate=False)])
    late = make("late", settings(environment=softhsm.environment, token={}, key={"id": "09"}))
    with pytest.raises(SigningFailed, match="holds no certificate with the key's id"):
        await late.identity()

    softhsm.store("growing", [StoredKey(RSA, "late", b"\x09")])

    assert (await late.identity()).certificate == RSA.certificate
