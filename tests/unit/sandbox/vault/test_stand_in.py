"""The stand-in of Vault's transit engine, without a server."""

import base64
import hashlib
import json

import pytest

from sandbox.stand_in import InvalidControl, Request
from sandbox.vault.stand_in import BASE, TransitEngine
from tests.support.signing.remote import People, Time

NAME, TOKEN = "dr-ivanova", "hvs.invented"
DIGESTS = [hashlib.sha256(bytes([number])).digest() for number in range(4)]
RIGHT = {"prehashed": True, "hash_algorithm": "sha2-256", "signature_algorithm": "pkcs1v15", "key_version": 2}


@pytest.fixture(scope="module")
def people():
    return People.make()


@pytest.fixture
def vault(people):
    return TransitEngine(people.keys, TOKEN, now=Time().now)


def request(digests=DIGESTS, *, token=TOKEN, key=NAME, without=(), **changes):
    body = RIGHT | {"batch_input": [{"input": base64.b64encode(one).decode()} for one in digests]} | changes
    content = {name: value for name, value in body.items() if name not in without}
    return Request("POST", BASE + key, "", {"x-vault-token": token}, json.dumps(content).encode())


def made(answer, version=2):
    results = json.loads(answer.body)["data"]["batch_results"]
    assert all(one["signature"].startswith(f"vault:v{version}:") for one in results)
    return [base64.b64decode(one["signature"].rpartition(":")[2]) for one in results]


def test_signatures(vault, people):
    answer = vault.answer(request())
    assert all(people.proves(NAME, one, got) for one, got in zip(DIGESTS, made(answer), strict=True))
    assert vault.ledger()["signings"][0]["count"] == 4
    assert vault.traits_of(request()) == {"operation": "transit/sign", "signer": NAME}


def test_version_0_is_the_latest_and_version_1_another_key(vault, people):
    for asked in (request(key_version=0), request(without=["key_version"])):
        assert people.proves(NAME, DIGESTS[0], made(vault.answer(asked))[0])
    earlier = made(vault.answer(request(key_version=1)), version=1)
    assert not people.proves(NAME, DIGESTS[0], earlier[0])


def test_the_default_is_pss(vault, people):
    answer = vault.answer(request(without=["signature_algorithm"]))
    assert not people.proves(NAME, DIGESTS[0], made(answer)[0])


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request(token="other"), 403),
        (request(key="unknown"), 400),
        (request(key_version=3), 400),
        (request(prehashed=False), 400),
        (request(hash_algorithm="sha2-512"), 400),
        (request(signature_algorithm="other"), 400),
        (request([]), 400),
        (request([b"short"]), 400),
        (request(batch_input=[{}]), 400),
    ],
)
def test_refusals(vault, asked, status):
    assert vault.answer(asked).status == status
    assert vault.ledger() == {"signings": []}


def test_what_is_wrong_on_request(vault, people):
    vault.control("signatures", {"half": True})
    assert len(made(vault.answer(request()))) == 2
    assert not people.proves(NAME, DIGESTS[0], made(vault.altered(request(), vault.answer(request())))[0])
    vault.forget_tokens()
    assert vault.answer(request()).status == 403
    vault.control("token", {"token": "hvs.next"})
    assert vault.answer(request(token="hvs.next")).status == 200
    vault.reset()
    assert vault.answer(request()).status == 200


def test_other_addresses_and_controls(vault):
    assert vault.control("unknown", {}) is None
    assert vault.control("token", {}) is None
    with pytest.raises(InvalidControl):
        vault.control("signatures", {"unknown": True})
    assert vault.answer(Request("POST", "/v1/secret/x", "", {}, b"")).status == 404
    assert vault.answer(Request("GET", "/", "", {}, b"")).status == 404
    assert vault.failed(503, request()).status == 503
