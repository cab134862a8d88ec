"""A signer with a key in Vault, against the stand-in in memory."""

import hashlib

import pytest
from pydantic import ValidationError

from sandbox.vault.stand_in import TransitEngine
from tests.support.signing.remote import SECRETS, StandInClient
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.port import SigningFailed
from worker.signing.remote.certificate_file import identity_in
from worker.signing.remote.exchange import Exchange
from worker.signing.vault.settings import VaultSigner
from worker.signing.vault.signer import VaultDigestSigner

NAME = "dr-ivanova"
DIGESTS = [hashlib.sha256(str(number).encode()).digest() for number in range(5)]
GIVEN = {"kind": "vault", "url": "https://vault.invalid", "key": NAME, "key_version": 2}


@pytest.fixture
def client(people, time):
    return StandInClient(TransitEngine(people.keys, SECRETS["token"], now=time.now))


@pytest.fixture
def signer(people, client, tmp_path):
    (tmp_path / "seal.pem").write_bytes(people.keys[NAME].certificate_pem())
    (tmp_path / "token").write_text(SECRETS["token"])

    def make(**changes):
        files = {"certificate_file": tmp_path / "seal.pem", "token_file": tmp_path / "token"}
        settings = VaultSigner(**{**GIVEN, **files, **changes})
        return VaultDigestSigner(
            "seal",
            settings,
            identity_in(settings.certificate_file, settings.algorithm),
            Exchange(settings, lambda _: client),
        )

    return make


@pytest.mark.parametrize("algorithm", [SignatureAlgorithm.RSA_SHA256, SignatureAlgorithm.RSA_PSS_SHA256])
async def test_signatures(signer, client, people, algorithm):
    seal = signer(algorithm=algorithm)
    signatures = await seal.sign_digests(DIGESTS)
    assert seal.known.certificate == (await seal.identity()).certificate == people.keys[NAME].certificate
    assert all(people.proves(NAME, one, got, algorithm) for one, got in zip(DIGESTS, signatures, strict=True))
    (request,) = client.requests
    assert request.url == f"https://vault.invalid/v1/transit/sign/{NAME}"
    assert "x-vault-namespace" not in request.headers


async def test_another_mount_and_a_namespace(signer, client):
    with pytest.raises(SigningFailed, match="no such path"):
        await signer(mount="seals/transit", namespace="clinic").sign_digests(DIGESTS)
    (request,) = client.requests
    assert request.url == f"https://vault.invalid/v1/seals/transit/sign/{NAME}"
    assert request.headers["x-vault-namespace"] == "clinic"


async def test_a_version_before_the_rotation_is_another_key(signer, people):
    signatures = await signer(key_version=1).sign_digests(DIGESTS)
    assert not people.proves(NAME, DIGESTS[0], signatures[0])


@pytest.mark.parametrize(
    ("changes", "reason"), [({"key": "unknown"}, "check key"), ({"key_version": 9}, "key_version")]
)
async def test_a_wrong_configuration(signer, changes, reason):
    with pytest.raises(SigningFailed, match=f'^signer "seal": Vault .*{reason}') as failed:
        await signer(**changes).sign_digests(DIGESTS)
    assert not failed.value.transient


async def test_a_token_that_was_renewed_in_its_file_is_read_again(signer, client, tmp_path):
    seal = signer()
    await seal.sign_digests(DIGESTS)
    client.stand_in.control("token", {"token": "hidden-next-60"})
    (tmp_path / "token").write_text("hidden-next-60\n")
    assert await seal.sign_digests(DIGESTS)
    assert len(client.requests) == 3


async def test_a_token_that_is_refused_and_the_same_in_its_file(signer, client):
    client.stand_in.forget_tokens()
    with pytest.raises(SigningFailed, match="refuses the token") as failed:
        await signer().sign_digests(DIGESTS)
    assert not failed.value.transient
    assert len(client.requests) == 1


async def test_a_token_that_cannot_be_a_header(signer, client, tmp_path):
    (tmp_path / "token").write_text("two words")
    with pytest.raises(SigningFailed, match="not visible ASCII"):
        await signer().sign_digests(DIGESTS)
    assert client.requests == []


async def test_a_missing_token_file(signer, tmp_path):
    with pytest.raises(SigningFailed, match=r"the token file .*missing cannot be read"):
        await signer(token_file=tmp_path / "missing").sign_digests(DIGESTS)


async def test_secrets_show_nowhere(signer, caplog):
    caplog.set_level("DEBUG")
    seal = signer()
    await seal.sign_digests(DIGESTS)
    assert SECRETS["token"] not in f"{seal!r} {caplog.text}"
    await seal.close()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"key_version": None}, "key_version"),
        ({"key_version": 0}, "greater than or equal to 1"),
        ({"url": "http://vault.invalid"}, "scheme should be 'https'"),
        ({"mount": "../sys"}, "a path of letters"),
        ({"key": "a/b"}, "must be letters"),
        ({"token_file": None}, "exactly one of token_file and token"),
        ({"namespace": "a b"}, "visible ASCII"),
    ],
)
def test_settings_that_are_refused(changes, problem):
    given = {**GIVEN, "certificate_file": "a.pem", "token_file": "token", **changes}
    with pytest.raises(ValidationError, match=problem):
        VaultSigner(**{name: value for name, value in given.items() if value is not None})
