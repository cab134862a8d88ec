"""Messages that are refused with a fault: structure, service and sender, rightly signed all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from tests.support.systems.kz_shep.client import NS, search, signed

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("sync_channel.xsd")))
FAULT = "soap:Body/soap:Fault"
INFO = f"{FAULT}/detail/t:SendMessageFault1_SendMessageFault"
GOOD = search(number="01085")
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def fault_of(answer):
    assert (answer.status, answer.content_type) == (500, "text/xml")
    root = etree.fromstring(answer.body)
    info = root.find(INFO, NS)
    SCHEMA.assertValid(etree.ElementTree(info))
    assert root.findtext(f"{FAULT}/faultstring", namespaces=NS) == info.findtext("errorMessage")
    assert answer.kind == info.findtext("errorCode")
    return info


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<messageId>92769bcb-a615-4fec-ba5a-81c284d49763</messageId>", ""),
        ("<correlationId>chain-1</correlationId>", "<correlationId>a</correlationId><correlationId/>"),
        ("<messageId>", "<senderRef/><messageId>"),
        ("</requestInfo>", "<more/></requestInfo>"),
        ("</requestInfo>", "text</requestInfo>"),
        ("<senderId>sender-1</senderId>", ""),
        (
            "<senderId>sender-1</senderId><password>invented-1</password>",
            "<password>invented-1</password><senderId>sender-1</senderId>",
        ),
        ("2026-11-17T10:35:59.667+05:00", "2026-11-17T10:35:59.667"),
        ("2026-11-17T10:35:59.667+05:00", "2026-11-31T10:35:59.667+05:00"),
        ("2026-11-17T10:35:59.667+05:00", "17.11.2026"),
        ("2026-11-17T10:35:59.667+05:00", ""),
        ("</sender>", "</sender><sessionId>92769bcb-a615-4fec-ba5a-81c284d49763</sessionId>"),
        ("</sender>", f"</sender><properties><key>{'k' * 31}</key><value>v</value></properties>"),
        ("</sender>", f"</sender><properties><key>k</key><value>{'v' * 501}</value></properties>"),
        ("</sender>", "</sender><properties><key>k</key></properties>"),
        ("<requestInfo>", '<requestInfo mode="x">'),
        ("<senderId>sender-1</senderId>", "<senderId><b>sender-1</b></senderId>"),
        ("<request>", '<request xmlns="http://bip.bee.kz/SyncChannel/v10/Types">'),
        ("v10/Types", "v9/Types"),
        ("<ns2:SendMessage xmlns", "<a/><ns2:SendMessage xmlns"),
        ("ns2:SendMessage", "ns2:sendMessage"),
        ("ns5:MedicalExemptionSearchRequest", "ns5:MedicalExemptionSearchResponse"),
        ("ns5:MedicalExemptionSearchRequest", "MedicalExemptionSearchRequest"),
        ("http://ehealth.kz/integration/sync", "http://ehealth.kz/integration"),
        (' xsi:type="ns5:MedicalExemptionSearchRequest"', ""),
        ("<number>01085</number>", "<iin>550310201040</iin><number>01085</number>"),
        ("<number>01085</number>", "<number>01085</number><number>01085</number>"),
        ("<number>01085</number>", '<number xmlns="http://ehealth.kz/integration/sync">01085</number>'),
        ("<number>01085</number>", "<ns5:number>01085</ns5:number>"),
        ("<number>01085</number>", "01085"),
    ],
)
def test_another_structure_is_refused(shep, client, post, old, new):
    assert old in GOOD
    answer = shep.answer(post(signed(GOOD.replace(old, new), client)))
    info = fault_of(answer)
    assert info.findtext("errorCode") == "SCE001"
    assert info.findtext("errorMessage") == "Сообщение не соответствует формату"
    assert info.findtext("errorData")
    assert shep.ledger()["searches"] == []


@pytest.mark.parametrize("data", ["", "<requestData/>"])
def test_data_must_be_there(shep, client, post, data):
    start, end = GOOD.index("<requestData>"), GOOD.index("</requestData>") + len("</requestData>")
    answer = shep.answer(post(signed(GOOD[:start] + data + GOOD[end:], client)))
    assert fault_of(answer).findtext("errorCode") == "SCE001"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml",
        b"<a/>",
        b"\xff\xfe<\x00a\x00/\x00>\x00",
        b'<?xml version="1.0" encoding="windows-1251"?>' + GOOD.encode(),
        GOOD.replace("<soap:Header/>", "").encode()[:-10],
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b'<!DOCTYPE soap:Envelope SYSTEM "file:///etc/passwd">' + GOOD.encode(),
        GOOD.replace(NS["soap"], SOAP_12).encode(),
        GOOD.replace("<soap:Header/>", "<soap:Header/><soap:Header/>").encode(),
        GOOD.replace("</soap:Envelope>", "<soap:Body/></soap:Envelope>").encode(),
        GOOD.replace("<soap:Header/>", "<soap:Header><soap:Body/></soap:Header>").encode(),
        GOOD.replace("<soap:Header/>", "<other/>").encode(),
        b"<a>" * 300 + b"</a>" * 300,
    ],
)
def test_what_is_no_envelope_is_refused(shep, post, body):
    assert fault_of(shep.answer(post(body))).findtext("errorCode") == "SCE001"


def test_the_cause_of_a_refusal_is_an_error_within(shep, post):
    info = fault_of(shep.answer(post(b"<a>")))
    assert info.findtext("subError/errorCode") == "SCE909"
    assert info.findtext("subError/errorData")


def test_a_fault_does_not_grow_with_the_request(shep, client, post):
    envelope = GOOD.replace("</requestInfo>", f"<{'r' * 10_000}/></requestInfo>")
    info = fault_of(shep.answer(post(signed(envelope, client))))
    assert len(info.findtext("errorData")) == 500


def test_an_unknown_service_is_refused(shep, client, post):
    envelope = GOOD.replace("EHEALTH_MEDICAL_EXEMPTION_SEARCH", "GBDFL_UniversalServiceSync")
    info = fault_of(shep.answer(post(signed(envelope, client))))
    assert info.findtext("errorCode") == "SCE004"
    assert info.findtext("errorMessage") == "Сервис не существует"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("sender-1", "sender-9"),
        ("sender-1", "sender-2"),
        ("invented-1", "invented-2"),
        ("invented-1", "пароль"),
        ("<password>invented-1</password>", ""),
    ],
)
def test_an_unknown_sender_is_refused(shep, client, post, old, new):
    answer = shep.answer(post(signed(GOOD.replace(old, new), client)))
    assert fault_of(answer).findtext("errorCode") == "SANDBOX-SENDER"
    assert b"invented-1" not in answer.body


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"method": "GET"}, 405),
        ({"path": "/"}, 404),
        ({"path": "/bip-sync-wss-gost"}, 404),
        ({"content_type": "application/json"}, 415),
        ({"content_type": ""}, 415),
    ],
)
def test_other_requests_get_a_page(shep, client, post, changes, status):
    answer = shep.answer(post(signed(GOOD, client), **changes))
    assert (answer.status, answer.content_type) == (status, "text/html")


def test_too_large_a_body_is_not_read(shep, post):
    answer = shep.answer(post(b" " * (shep.max_bytes + 1)))
    assert answer.status == 413
