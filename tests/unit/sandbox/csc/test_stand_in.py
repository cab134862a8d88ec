"""The CSC stand-in, without a server: who may sign, with what authorisation, and what is wrong on request."""

import base64
import hashlib
import json
from urllib.parse import urlencode

import pytest

from sandbox.csc.stand_in import CscProvider
from sandbox.stand_in import InvalidControl, Request
from tests.support.signing.remote import People, Time

NAME, SECRET, PIN = "dr-ivanova", "invented-secret", "12345678"
DIGESTS = [hashlib.sha256(bytes([number])).digest() for number in range(4)]
HASHES = [base64.b64encode(one).decode() for one in DIGESTS]
SHA256, RSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11"
CREDENTIAL = {"credentialID": NAME}
SIGN = CREDENTIAL | {"hashes": HASHES, "hashAlgorithmOID": SHA256, "signAlgo": RSA_SHA256}


@pytest.fixture(scope="module")
def people():
    return People.make()


@pytest.fixture
def time():
    return Time()


@pytest.fixture
def csc(people, time):
    pins = dict.fromkeys(people.keys, PIN)
    provider = CscProvider(
        people.keys, pins, people.authority.certificate, SECRET, now=time.now, token_seconds=60
    )
    provider.url = "https://csc"
    return provider


def post(csc, path, body, *, token=None, certificate=None, basic=None):
    headers = {}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    if basic is not None:
        headers["authorization"] = "Basic " + base64.b64encode(basic.encode()).decode()
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = csc.answer(Request("POST", path, "", headers, content, certificate))
    return answer.status, json.loads(answer.body)


def form(**changes):
    given = {"grant_type": "client_credentials", "scope": "service"}
    given |= {"client_id": "herald", "client_secret": SECRET} | changes
    return urlencode(given).encode()


@pytest.fixture
def ask(csc):
    """Ask as the client with a token."""
    token = post(csc, "/oauth2/token", form())[1]["access_token"]

    def ask(method, body, version="v2"):
        return post(csc, f"/csc/{version}/{method}", body, token=token)

    return ask


def authorised(ask, count=4, **more):
    body = CREDENTIAL | {"numSignatures": count, "authData": [{"id": "PIN", "value": PIN}]}
    status, answer = ask("credentials/authorize", body | more)
    assert status == 200, answer
    return answer["SAD"]


def test_signatures_in_the_order_of_the_request(ask, people):
    status, answer = ask("signatures/signHash", SIGN | {"SAD": authorised(ask)})
    assert status == 200
    for digest, one in zip(DIGESTS, answer["signatures"], strict=True):
        assert people.proves(NAME, digest, base64.b64decode(one))


def test_version_1(ask, people):
    status, answer = ask("credentials/authorize", CREDENTIAL | {"numSignatures": 4, "PIN": PIN}, version="v1")
    body = CREDENTIAL | {"hash": HASHES, "hashAlgo": SHA256, "signAlgo": RSA_SHA256, "SAD": answer["SAD"]}
    status, answer = ask("signatures/signHash", body, version="v1")
    assert status == 200
    assert people.proves(NAME, DIGESTS[0], base64.b64decode(answer["signatures"][0]))


def test_what_the_provider_says_of_itself(csc):
    for version, specs in (("v2", "2.0.0.2"), ("v1", "1.0.4.0")):
        status, answer = post(csc, f"/csc/{version}/info", {})
        assert (status, answer["specs"], answer["oauth2"]) == (200, specs, "https://csc")
        assert ("signatures/signPolling" in answer["methods"]) == (version == "v2")
    csc.control("variants", {"extends": False})
    assert "credentials/extendTransaction" not in post(csc, "/csc/v2/info", {})[1]["methods"]


@pytest.mark.parametrize(
    ("variants", "types"),
    [
        ({}, ["Password"]),
        ({"pin": False}, []),
        ({"second_factor": "OTP"}, ["Password", "ChallengeResponse"]),
        ({"second_factor": "PasswordOOB"}, ["Password", "PasswordOOB"]),
    ],
)
def test_what_it_says_of_a_credential(csc, ask, variants, types):
    csc.control("variants", variants)
    status, answer = ask("credentials/info", CREDENTIAL)
    assert status == 200
    assert [one["type"] for one in answer["auth"]["objects"]] == types
    first = ask("credentials/info", CREDENTIAL, version="v1")[1]
    assert first["PIN"]["presence"] == ("true" if variants.get("pin", True) else "false")
    assert first["OTP"]["presence"] == ("true" if "second_factor" in variants else "false")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_secret": "other"}, "invalid_client"),
        ({"client_id": "other"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"scope": "credential"}, "invalid_scope"),
    ],
)
def test_tokens_that_are_not_granted(csc, changes, error):
    status, answer = post(csc, "/oauth2/token", form(**changes))
    assert status in (400, 401)
    assert answer["error"] == error


def test_a_login(csc):
    status, answer = post(csc, "/csc/v2/auth/login", {}, basic=f"herald:{SECRET}")
    assert status == 200
    assert post(csc, "/csc/v2/credentials/info", CREDENTIAL, token=answer["access_token"])[0] == 200
    assert post(csc, "/csc/v2/auth/login", {}, basic="herald:other")[0] == 401


def test_without_a_token_or_a_certificate_there_is_nothing(csc, ask, time):
    assert post(csc, "/csc/v2/credentials/info", CREDENTIAL)[0] == 401
    assert post(csc, "/csc/v2/credentials/info", CREDENTIAL, certificate=b"shown")[0] == 200
    assert ask("credentials/info", CREDENTIAL)[0] == 200
    time.passed = 60
    assert ask("credentials/info", CREDENTIAL) == (401, ask("credentials/info", CREDENTIAL)[1])
    assert ask("credentials/info", CREDENTIAL)[1]["error"] == "invalid_token"


def test_three_wrong_pins_lock_a_credential(csc, ask):
    wrong = CREDENTIAL | {"numSignatures": 1, "authData": [{"id": "PIN", "value": "0"}]}
    right = wrong | {"authData": [{"id": "PIN", "value": PIN}]}
    assert [ask("credentials/authorize", wrong)[1]["error"] for _ in range(3)] == (
        ["invalid_authentication_data"] * 3
    )
    assert ask("credentials/authorize", right)[1]["error_description"] == "Credential locked"
    assert csc.ledger()["pins"] == {"right": {}, "wrong": {NAME: 3}}
    csc.reset()
    assert csc.ledger()["pins"] == {"right": {}, "wrong": {}}


def error(answered):
    status, answer = answered
    assert status == 400
    return answer["error_description"]


def test_what_an_authorisation_covers(csc, ask, time):
    assert error(ask("signatures/signHash", SIGN | {"SAD": "other"})) == "Invalid parameter SAD"
    sad = authorised(ask, 5)
    assert ask("signatures/signHash", SIGN | {"SAD": sad})[0] == 200
    assert error(ask("signatures/signHash", SIGN | {"SAD": sad})) == "Numbers of signatures is too high"
    sad = authorised(ask)
    csc.control("expire-sads", {})
    assert error(ask("signatures/signHash", SIGN | {"SAD": sad})) == "SAD expired"
    csc.control("variants", {"multisign": 3})
    too_many = CREDENTIAL | {"numSignatures": 4, "authData": [{"id": "PIN", "value": PIN}]}
    assert error(ask("credentials/authorize", too_many)) == "Numbers of signatures is too high"


def test_one_that_is_bound_to_digests(csc, ask):
    csc.control("variants", {"scal": "2"})
    bound = {"hashes": HASHES[:1], "hashAlgorithmOID": SHA256}
    sad = authorised(ask, 1, **bound)
    other = SIGN | {"hashes": HASHES[1:2], "SAD": sad}
    assert error(ask("signatures/signHash", other)) == "Hash is not authorized by the SAD"
    assert ask("signatures/signHash", SIGN | {"hashes": HASHES[:1], "SAD": sad})[0] == 200


def test_one_that_is_extended_replaces_the_earlier_one(ask, time):
    sad = authorised(ask)
    status, answer = ask("credentials/extendTransaction", CREDENTIAL | {"SAD": sad})
    assert status == 200
    assert error(ask("signatures/signHash", SIGN | {"SAD": sad})) == "Invalid parameter SAD"
    assert ask("signatures/signHash", SIGN | {"SAD": answer["SAD"]})[0] == 200


def test_later_answers(csc, ask):
    csc.control("variants", {"later_authorisation": 1, "later_signatures": 1})
    body = CREDENTIAL | {"numSignatures": 4, "authData": [{"id": "PIN", "value": PIN}]}
    status, answer = ask("credentials/authorize", body)
    assert (status, list(answer)) == (202, ["handle"])
    handle = {"handle": answer["handle"]}
    assert ask("credentials/authorizeCheck", handle)[0] == 202
    sad = ask("credentials/authorizeCheck", handle)[1]["SAD"]
    asked = {"requestID": ask("signatures/signHash", SIGN | {"SAD": sad})[1]["responseID"]}
    assert ask("signatures/signPolling", asked)[0] == 202
    assert len(ask("signatures/signPolling", asked)[1]["signatures"]) == 4
    assert error(ask("signatures/signPolling", {"requestID": "other"})) == "Invalid parameter requestID"


@pytest.mark.parametrize(
    "changes",
    [
        {"hashes": []},
        {"hashes": ["x"]},
        {"hashes": [base64.b64encode(b"short").decode()]},
        {"hashAlgorithmOID": "1.2.3"},
        {"signAlgo": "1.2.3"},
        {"signAlgo": "1.2.840.113549.1.1.10"},
        {"credentialID": "nobody"},
    ],
)
def test_requests_that_are_not_right(ask, changes):
    assert ask("signatures/signHash", SIGN | {"SAD": authorised(ask)} | changes)[0] == 400


@pytest.mark.parametrize(
    ("faults", "right"),
    [
        ({"order": "reversed"}, [3, 2, 1, 0]),
        ({"order": "sorted"}, [DIGESTS.index(one) for one in sorted(DIGESTS)]),
        ({"half": True}, [0, 1]),
        ({"other_key": True}, []),
        ({"other_algorithm": True}, []),
    ],
)
def test_signatures_that_are_wrong_on_request(csc, ask, people, faults, right):
    csc.control("signatures", faults)
    answer = ask("signatures/signHash", SIGN | {"SAD": authorised(ask)})[1]
    made = [base64.b64decode(one) for one in answer["signatures"]]
    proved = [
        [place for place, one in enumerate(DIGESTS) if people.proves(NAME, one, made_one)]
        for made_one in made
    ]
    assert [place for found in proved for place in found] == right


def test_errors_that_hide_their_cause(csc, ask):
    wrong = CREDENTIAL | {"numSignatures": 1, "authData": [{"id": "PIN", "value": "0"}]}
    csc.control("variants", {"hidden_causes": True})
    assert ask("credentials/authorize", wrong)[1]["error"] == "invalid_request"
    csc.control("variants", {"bare_errors": True})
    assert list(ask("credentials/authorize", wrong)[1]) == ["message"]


def test_the_ledger_holds_no_secret(csc, ask):
    sad = authorised(ask)
    ask("signatures/signHash", SIGN | {"SAD": sad})
    shown = json.dumps(csc.ledger())
    assert [word for word in (sad, PIN, SECRET) if word in shown] == []
    assert csc.ledger()["signings"][0]["count"] == 4


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("variants", []),
        ("variants", {"unknown": 1}),
        ("variants", {"scal": "3"}),
        ("variants", {"multisign": "1"}),
        ("variants", {"multisign": True}),
        ("variants", {"sad_seconds": -1}),
        ("variants", {"pin": 1}),
        ("signatures", {"order": "odd"}),
        ("signatures", {"half": 1}),
        ("signatures", {"unknown": True}),
        ("signatures", "half"),
    ],
)
def test_controls_that_cannot_be_understood(csc, name, body):
    with pytest.raises(InvalidControl):
        csc.control(name, body)


def test_other_addresses(csc):
    assert csc.control("unknown", {}) is None
    assert not csc.serves("POST", "/elsewhere")
    assert csc.answer(Request("POST", "/elsewhere", "", {}, b"")).status == 404
    assert csc.answer(Request("GET", "/csc/v2/info", "", {}, b"")).status == 405
    assert post(csc, "/csc/v2/signatures/unknown", {}, certificate=b"shown")[0] == 400


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 10_000, b"[]", b'{"credentialID": 1}'])
def test_traits_of_any_bytes(csc, body):
    traits = csc.traits_of(Request("POST", "/csc/v2/signatures/signHash", "", {}, body))
    assert traits == {"operation": "signatures/signHash", "signer": None}
