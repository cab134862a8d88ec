"""Searches that are answered: by every way, signed by the gateway, in the form that the XSDs describe."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from sandbox.kz_shep.register import EXEMPTIONS
from sandbox.stand_in import InvalidControl
from tests.support.systems.kz_shep.client import search, signed, verified

FIRST, SECOND = "550310201040", "611127122039"
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("sync_channel.xsd")))
INFO = "*/response/responseInfo"
DATA = "*/response/responseData/data"


@pytest.fixture
def ask(make, client, credential, post):
    def asked(shep=None, *, _schema=True, **query):
        answer = (shep or make()).answer(post(signed(search(**query), client)))
        assert (answer.status, answer.content_type) == (200, "text/xml")
        body = verified(answer.body, credential.certificate)
        if _schema:
            SCHEMA.assertValid(body[0])
        return body

    return asked


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"number": "01085"}, ["01085"]),
        ({"iin": FIRST}, ["01085", "01086"]),
        ({"iin": SECOND}, ["02017"]),
        ({"passportNumber": "0012345678", "citizenshipCode": "SANDBOX-KG"}, ["03001"]),
        ({"number": "01086", "iin": FIRST}, ["01086"]),
        ({"number": "", "iin": SECOND}, ["02017"]),
        ({"number": "03001", "citizenshipCode": "SANDBOX-KG"}, ["03001"]),
        ({"number": "02017", "iin": FIRST}, []),
        ({"number": "1085"}, []),
        ({"number": " 01085"}, []),
        ({"passportNumber": "0012345678", "citizenshipCode": "SANDBOX-UZ"}, []),
        ({"passportNumber": "12345678", "citizenshipCode": "SANDBOX-KG"}, []),
    ],
)
def test_finds_what_is_asked_for(ask, query, numbers):
    body = ask(**query)
    assert body.findtext(f"{INFO}/status/code") == "SUCCESS"
    assert body.findtext(f"{DATA}/status/code") == "SUCCESS"
    assert [item.findtext("number") for item in body.iterfind(f"{DATA}/medicalExemptionList")] == numbers


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"number": "", "iin": ""},
        {"passportNumber": "0012345678"},
        {"citizenshipCode": "SANDBOX-KG"},
        {"iin": "550310201041"},
        {"iin": "55031020104"},
        {"iin": "٥50310201040"},
        {"iin": "5503102010 40"},
    ],
)
def test_declines_with_a_business_status(ask, make, query):
    shep = make()
    body = ask(shep, **query)
    assert body.findtext(f"{INFO}/status/code") == "ERROR"
    assert body.findtext(f"{DATA}/status/code") == "ERROR"
    assert body.find(f"{DATA}/medicalExemptionList") is None
    assert shep.ledger()["searches"] == []


def test_states_each_kind_of_exemption(ask):
    valid, ended = ask(iin=FIRST).iterfind(f"{DATA}/medicalExemptionList")
    (revoked,) = ask(iin=SECOND).iterfind(f"{DATA}/medicalExemptionList")
    assert valid.findtext("status") == "UP_TO_DATE"
    assert ended.findtext("status") == "SANDBOX_OUT_OF_DATE"
    assert ended.findtext("temporaryContraindicationEndDate") == "2021-12-31T00:00:00+06:00"
    assert revoked.findtext("status") == "SANDBOX_REVOKED"
    assert revoked.findtext("revocationReason")
    assert valid.findtext("medicalProcedure/nameRu").startswith("Иммунопрофилактика")


def test_certificates_are_two_pdfs(ask):
    (valid,) = ask(number="01085").iterfind(f"{DATA}/medicalExemptionList")
    pdfs = [base64.b64decode(valid.findtext(name)) for name in ("certificate", "printableCertificate")]
    assert pdfs[0] != pdfs[1]
    for pdf in pdfs:
        assert pdf.startswith(b"%PDF-")
        table = int(pdf.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
        assert pdf[table:].startswith(b"xref\n")
        assert b"01085" in pdf


def test_only_valid_exemptions_have_certificates():
    assert {item.status for item in EXEMPTIONS if item.certificates()} == {"UP_TO_DATE"}


def test_answers_as_its_own_message(ask, make):
    # Of today, as the certificates are; Almaty is five hours ahead.
    at = datetime.now(UTC).replace(microsecond=5000)
    shep = make(now=at)
    first, second = (ask(shep, number="01085") for _ in range(2))
    ids = [body.findtext(f"{INFO}/messageId") for body in (first, second)]
    assert "92769bcb-a615-4fec-ba5a-81c284d49763" not in ids
    assert ids[0] != ids[1]
    assert first.findtext(f"{INFO}/correlationId") == "chain-1"
    assert first.findtext(f"{INFO}/responseDate") == f"{at + timedelta(hours=5):%Y-%m-%dT%H:%M:%S}.005+05:00"


def test_the_same_seed_gives_the_same_answer(make, client, post):
    request = post(signed(search(number="01085"), client))
    answers = {make(seed=seed).answer(request).body for seed in (1, 1, 2)}
    assert len(answers) == 2


@pytest.mark.parametrize("date", ["2021-02-17T10:35:59+06:00", "2026-11-26T00:00:00.123456789Z"])
def test_takes_other_forms_of_the_date(make, client, post, date):
    envelope = search(number="01085").replace("2026-11-17T10:35:59.667+05:00", date)
    assert make().answer(post(signed(envelope, client))).status == 200


def test_takes_every_optional_field(make, client, post):
    envelope = (
        search(number="01085")
        .replace("</messageDate>", "</messageDate><routeId>r</routeId>")
        .replace(
            "</sender>",
            "</sender><properties><key>a</key><value>b</value></properties>"
            "<properties><key>c</key><value/></properties>"
            "<sessionId>{92769bcb-a615-4fec-ba5a-81c284d49763}</sessionId>",
        )
    )
    assert make().answer(post(signed(envelope, client))).status == 200
    without = search(number="01085").replace("<correlationId>chain-1</correlationId>", "")
    assert make().answer(post(signed(without, client))).status == 200


SOAP_11, SOAP_12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"


def test_soap_1_2_is_answered_in_soap_1_2(shep, client, credential, post):
    message = signed(search(number="01085").replace(SOAP_11, SOAP_12), client)
    answer = shep.answer(post(message, content_type='application/soap+xml; charset=utf-8; action=""'))
    assert (answer.status, answer.content_type) == (200, "application/soap+xml")
    body = verified(answer.body, credential.certificate)
    assert body.tag == f"{{{SOAP_12}}}Body"
    assert [one.text for one in body.iter("number")] == ["01085"]


@pytest.mark.parametrize(("soap", "content_type"), [(SOAP_11, "application/soap+xml"), (SOAP_12, "text/xml")])
def test_the_envelope_is_of_the_version_that_the_content_type_names(shep, client, post, soap, content_type):
    message = signed(search(number="01085").replace(SOAP_11, soap), client)
    answer = shep.answer(post(message, content_type=content_type))
    assert answer.kind == "SCE001"
    fault = etree.fromstring(answer.body).find(".//{*}Fault")
    assert etree.QName(fault).namespace == (SOAP_12 if soap == SOAP_11 else SOAP_11)


@pytest.mark.parametrize(("how", "nil"), [("empty", None), ("nil", "true")])
def test_a_list_of_nothing_may_be_there_and_empty(make, ask, how, nil):
    shep = make()
    shep.control("variants", {"empty_list": how})
    body = ask(shep, number="99999", _schema=False)
    (nothing,) = body.iterfind(f"{DATA}/medicalExemptionList")
    assert nothing.get("{http://www.w3.org/2001/XMLSchema-instance}nil") == nil
    assert len(nothing) == 0
    with pytest.raises(InvalidControl):
        shep.control("variants", {"empty_list": "other"})
