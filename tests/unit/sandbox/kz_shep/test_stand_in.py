"""What the sandbox's server asks of every stand-in: traits, faults, ledger, control."""

from __future__ import annotations

import hashlib
import json

import pytest
from lxml import etree

from sandbox.kz_shep import credential as files
from sandbox.kz_shep.variants import Variants
from sandbox.stand_in import InvalidControl, Request, StandIn
from tests.support.systems.kz_shep.client import NS, search, signed, verified

FIRST = "550310201040"
SERVICE = "EHEALTH_MEDICAL_EXEMPTION_SEARCH"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def test_is_a_stand_in(shep):
    stand_in: StandIn = shep
    assert set(stand_in.traits_of(Request("GET", "/", "", {}, b""))) == set(stand_in.traits)


@pytest.mark.parametrize(
    ("method", "path", "served"),
    [
        ("POST", "/bip-sync-wss-gost/", True),
        ("GET", "/bip-sync-wss-gost/", False),
        ("POST", "/wsse/sign", True),
        ("GET", "/actuator/health", True),
        ("POST", "/actuator/health", False),
        ("GET", "/", False),
    ],
)
def test_serves_three_addresses(shep, method, path, served):
    assert shep.serves(method, path) is served


@pytest.mark.parametrize(
    ("envelope", "traits"),
    [
        (search(number="01085"), (SERVICE, "number", "sender-1")),
        (search(iin="1"), (SERVICE, "iin", "sender-1")),
        (search(passportNumber="1", citizenshipCode="2"), (SERVICE, "passport", "sender-1")),
        (search(), (SERVICE, None, "sender-1")),
        (search(number="1").replace(SERVICE, "OTHER"), ("OTHER", "number", "sender-1")),
        (search().replace("requestInfo>", "info>"), (None, None, None)),
        ("<a/>", (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_traits_are_read_from_any_message(shep, post, envelope, traits):
    assert tuple(shep.traits_of(post(envelope.encode())).values()) == traits


def test_traits_of_ncanode_are_the_address(shep, post):
    traits = shep.traits_of(post(b"", path="/wsse/sign"))
    assert traits == {"operation": "wsse/sign", "way": None, "signer": None}


def test_the_ledger_names_nobody(shep, client, post):
    shep.answer(post(signed(search(iin=FIRST), client)))
    shep.answer(post(signed(search(passportNumber="0012345678", citizenshipCode="SANDBOX-KG"), client)))
    shown = json.dumps(shep.ledger())
    assert not any(text in shown for text in (FIRST, "0012345678", "invented-1"))
    first, second = shep.ledger()["searches"]
    assert first["asked"] == hashlib.sha256(f"iin:{FIRST}".encode()).hexdigest()
    assert second["asked"] == hashlib.sha256(b"passport:SANDBOX-KG:0012345678").hexdigest()
    assert (first["seq"], first["service"], first["way"], first["sender"]) == (1, SERVICE, "iin", "sender-1")
    assert (first["found"], second["found"]) == (2, 1)
    assert first["at"].endswith("+00:00")


def test_another_exemption_may_come_back(shep, client, post, credential):
    request = post(signed(search(iin=FIRST), client))
    altered = shep.altered(request, shep.answer(request))
    body = verified(altered.body, credential.certificate)
    assert [item.text for item in body.iter("number")] == ["02017"]
    (correlation,) = (item.text for item in body.iter("correlationId"))
    assert correlation != "chain-1"
    shep.control("variants", {"no_correlation": True})
    assert b"correlationId" not in shep.altered(request, altered).body
    assert len(shep.ledger()["searches"]) == 1


@pytest.mark.parametrize("body", [b"", search().encode(), search(number="01085").encode()])
def test_another_exemption_comes_back_for_any_message(shep, post, credential, body):
    request = post(body)
    altered = shep.altered(request, shep.answer(request))
    assert altered.status == 200
    verified(altered.body, credential.certificate)


def test_fails_with_an_error_within_the_error(shep, post):
    answer = shep.failed(503, post(b""))
    info = etree.fromstring(answer.body).find(".//t:SendMessageFault1_SendMessageFault", NS)
    assert (answer.status, answer.kind) == (503, "SCE909")
    assert info.findtext("errorCode") == "SCE909"
    assert info.findtext("subError/errorCode") == "SCE909"


def test_garbles_as_a_real_gateway_did(make, client, post, credential):
    shep = make(Variants(garbled=True))
    answer = shep.answer(post(signed(search(number="01085"), client)))
    body = verified(answer.body, credential.certificate)
    data = body.find(f".//{{{XSI}}}data")
    assert f'<data xmlns="{XSI}" type='.encode() in answer.body
    assert data.get("type") == "ns4:MedicalExemptionSearchResponse"
    assert data.findtext("{*}medicalExemptionList/{*}number") == "01085"


def test_names_its_certificate_by_issuer_or_in_full(make, client, post, credential):
    request = post(signed(search(number="01085"), client))
    by_issuer = etree.fromstring(make().answer(request).body)
    in_full = etree.fromstring(make(Variants(key_identifier=True)).answer(request).body)
    serial = by_issuer.findtext(
        ".//wsse:SecurityTokenReference/ds:X509Data/*/ds:X509SerialNumber", namespaces=NS
    )
    assert serial == str(credential.certificate.serial_number)
    assert by_issuer.find(".//wsse:KeyIdentifier", NS) is None
    assert in_full.find(".//wsse:KeyIdentifier", NS) is not None


def test_states_a_code_for_nothing_found(make, client, post, credential):
    shep = make(Variants(not_found_code="SANDBOX_NOT_FOUND"))
    for number, code in (("01085", "SUCCESS"), ("0", "SANDBOX_NOT_FOUND")):
        answer = shep.answer(post(signed(search(number=number), client)))
        assert answer.kind == code
        body = verified(answer.body, credential.certificate)
        assert body.findtext(".//responseInfo/status/code") == "SUCCESS"
        assert body.findtext(".//data/status/code") == code


@pytest.mark.parametrize("signed_faults", [True, False])
def test_signs_faults_where_it_is_asked_for(make, post, credential, signed_faults):
    answer = make(Variants(signed_faults=signed_faults)).answer(post(b""))
    assert (etree.fromstring(answer.body).find("soap:Header", NS) is not None) is signed_faults
    if signed_faults:
        assert verified(answer.body, credential.certificate).find("soap:Fault", NS) is not None


def test_manners_change_on_request(shep, post):
    shown = shep.control("variants", {"bare_security_faults": True, "not_found_code": "X"})
    assert (shown["bare_security_faults"], shown["not_found_code"], shown["garbled"]) == (True, "X", False)
    assert b"WS-SECURITY" in shep.answer(post(search().encode())).body
    shep.reset()
    assert b"SCE007" in shep.answer(post(search().encode())).body


@pytest.mark.parametrize("body", [None, [], {"other": True}, {"garbled": 1}, {"not_found_code": True}])
def test_other_manners_are_refused(shep, body):
    with pytest.raises(InvalidControl, match="variants"):
        shep.control("variants", body)


def test_knows_no_other_control(shep):
    assert shep.control("signers", {}) is None


def test_goes_back_to_the_start(shep, client, post):
    shep.answer(post(signed(search(iin=FIRST), client)))
    shep.forget_tokens()
    assert shep.ledger()["searches"]
    shep.reset()
    assert shep.ledger() == {"searches": [], "documents_signed": 0}


def test_the_gateways_key_is_kept_in_files(tmp_path, authority):
    made = files.create(tmp_path, authority)
    made.certificate.verify_directly_issued_by(authority.certificate)
    loaded = files.load(tmp_path)
    assert loaded.certificate == made.certificate
    assert loaded.key.private_numbers() == made.key.private_numbers()
    assert (tmp_path / files.KEY).stat().st_mode & 0o777 == 0o600
