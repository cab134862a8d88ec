"""What a search found, as it reaches the reply."""

from __future__ import annotations

import base64
import hashlib

import pytest

from contracts.reasons import Reason
from tests.support.systems.kz_shep.answers import (
    EHEALTH,
    PDF,
    RECEIVER_ID,
    XSI,
    data,
    envelope,
    exemption,
    response,
    status,
)
from tests.support.systems.kz_shep.reading import GARBLED, accepted
from worker.outcome import Rejected, Unknown
from worker.systems.kz_shep.medical_exemption import service
from worker.systems.kz_shep.settings import StatusCodes

SHA256 = hashlib.sha256(PDF).hexdigest()


def test_what_was_found(read, signed):
    more = (
        "<temporaryContraindicationEndDate>2026-09-30T00:00:00+05:00</temporaryContraindicationEndDate>"
        "<revocationReason>Ошибка</revocationReason>"
    )
    found = accepted(signed(envelope(response(data(status() + exemption(more=more))))), read)
    assert found == {
        "found": 1,
        "exemptions": [
            {
                "number": "01085",
                "medicalProcedure": {"code": "100", "nameRu": "Прививка", "nameKk": "Екпе"},
                "status": "UP_TO_DATE",
                "meaning": "up-to-date",
                "temporaryContraindicationEndDate": "2026-09-30T00:00:00+05:00",
                "revocationReason": "Ошибка",
                "certificate": {"sha256": SHA256, "bytes": len(PDF), "mediaType": "application/pdf"},
            }
        ],
        "contents": {SHA256: base64.b64encode(PDF).decode()},
        "statusCode": "SUCCESS",
        "gatewayStatusCode": "SUCCESS",
        "notices": {
            "service": "The request has been processed",
            "gateway": "The request has been processed",
        },
        "receiverMessageId": RECEIVER_ID,
    }


@pytest.mark.parametrize("code", ["SUCCESS", "Success", "success", "SCSS001"])
def test_success_in_every_spelling(read, signed, code):
    inside = data(status(code) + exemption())
    assert accepted(signed(envelope(response(inside, stated=status(code)))), read)["found"] == 1


@pytest.mark.parametrize(
    "start",
    [
        GARBLED,
        "<data>",
        '<data xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="gone:MedicalExemptionSearchResponse">',
        f'<d:data xmlns:d="{EHEALTH}">',
    ],
)
def test_types_and_namespaces_may_be_garbled(read, signed, start):
    text = envelope(response(data(start=start))).replace(
        "</data>", "</d:data>" if "d:data" in start else "</data>"
    )
    assert accepted(signed(text), read)["exemptions"][0]["number"] == "01085"


def test_nothing_found_is_an_answer(read, signed):
    assert accepted(signed(envelope(response(data(status())))), read)["found"] == 0


EMPTY_LISTS = {
    "an empty list": "<medicalExemptionList/>",
    "a list of white space": "<medicalExemptionList> \n </medicalExemptionList>",
    "a nil list": f'<medicalExemptionList xmlns:i="{XSI}" i:nil="true"/>',
    "a garbled nil list": f'<medicalExemptionList xmlns="{XSI}" nil="true"/>',
    "several": "<medicalExemptionList/><medicalExemptionList/>",
}


@pytest.mark.parametrize("empty", EMPTY_LISTS.values(), ids=EMPTY_LISTS.keys())
@pytest.mark.parametrize("code", ["SUCCESS", "NO_DATA"])
def test_an_empty_or_nil_list_is_nothing_found_and_the_notice_is_reported(read, signed, empty, code):
    inside = data(status(code, "Медотвод не найден") + empty)
    codes = StatusCodes(nothing_found={"NO_DATA"})
    found = accepted(signed(envelope(response(inside))), read, status_codes=codes)
    assert (found["found"], found["exemptions"], found["contents"]) == (0, [], {})
    assert (found["statusCode"], found["notices"]["service"]) == (code, "Медотвод не найден")


def test_an_empty_element_beside_an_exemption_counts_for_nothing(read, signed):
    inside = data(status() + "<medicalExemptionList/>" + exemption())
    assert accepted(signed(envelope(response(inside))), read)["found"] == 1


@pytest.mark.parametrize("odd", ["text", "<number/>"])
def test_a_list_that_is_not_empty_is_no_exemption_either(read, signed, odd):
    inside = data(status() + f"<medicalExemptionList>{odd}</medicalExemptionList>")
    outcome = read(signed(envelope(response(inside))))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.UNEXPECTED_MESSAGE)


def test_the_notices_of_both_levels_are_reported(read, signed):
    inside = data(status(message="Служба") + exemption())
    found = accepted(signed(envelope(response(inside, stated=status("SCSS001", "Шлюз")))), read)
    assert (found["statusCode"], found["gatewayStatusCode"]) == ("SUCCESS", "SCSS001")
    assert found["notices"] == {"service": "Служба", "gateway": "Шлюз"}


@pytest.mark.parametrize(
    ("state", "meaning"),
    [
        ("UP_TO_DATE", "up-to-date"),
        ("up_to_date", "up-to-date"),
        ("актуален", "up-to-date"),
        ("Неактуален", "out-of-date"),
        ("ОТОЗВАН", "revoked"),
        ("REVOKED", None),
    ],
)
def test_the_documents_words_have_a_meaning(read, signed, state, meaning):
    (found,) = accepted(signed(envelope(response(data(status() + exemption(state=state))))), read)[
        "exemptions"
    ]
    assert (found["status"], found["meaning"]) == (state, meaning)


@pytest.mark.parametrize(("state", "meaning"), [("Revoked", "revoked"), ("UP_TO_DATE", "out-of-date")])
def test_an_operator_names_further_statuses(read, signed, state, meaning):
    named = service({"REVOKED": "revoked", "up_to_date": "out-of-date"})
    inside = data(status() + exemption(state=state))
    (found,) = accepted(signed(envelope(response(inside))), read, service=named)["exemptions"]
    assert found["meaning"] == meaning


@pytest.mark.parametrize("level", ["outer", "inner"])
def test_a_code_that_an_operator_named_says_that_nothing_was_found(read, signed, level):
    said = status("no_data", "Медотвод не найден")
    inside = response(data(said)) if level == "inner" else response("", stated=said)
    codes = StatusCodes(nothing_found={"NO_DATA"})
    found = accepted(signed(envelope(inside)), read, status_codes=codes)
    assert (found["found"], found["exemptions"], found["contents"]) == (0, [], {})
    assert found["statusCode"] == "no_data"
    assert isinstance(read(signed(envelope(inside))), Rejected)


@pytest.mark.parametrize("more", [exemption(), "<other/>", "text"])
def test_nothing_found_beside_something_is_not_understood(read, signed, more):
    inside = data(status("NO_DATA") + more)
    outcome = read(signed(envelope(response(inside))), status_codes=StatusCodes(nothing_found={"NO_DATA"}))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.UNEXPECTED_MESSAGE)


def test_several_with_one_document_between_them(read, signed):
    inside = status() + exemption("1", "OUTDATED") + exemption("2", pdf=None) + exemption("3")
    found = accepted(signed(envelope(response(data(inside)))), read)
    assert [(one["number"], one["meaning"]) for one in found["exemptions"]] == [
        ("1", None),
        ("2", "up-to-date"),
        ("3", "up-to-date"),
    ]
    assert list(found["contents"]) == [SHA256]
    assert "certificate" not in found["exemptions"][1]


@pytest.mark.parametrize("pdf", [b"not a PDF", b"%PDF-1.4\n without an end", b"%%EOF %PDF-"])
def test_what_is_no_pdf_is_kept_and_marked(read, signed, pdf):
    found = accepted(signed(envelope(response(data(status() + exemption(pdf=pdf))))), read)
    assert found["exemptions"][0]["certificate"]["mediaType"] is None
    assert base64.b64decode(found["contents"][hashlib.sha256(pdf).hexdigest()]) == pdf


def test_base64_over_many_lines(read, signed):
    pdf = PDF[:8] + b"x" * 3_000_000 + PDF[8:]
    lines = base64.encodebytes(pdf).decode()
    more = f"<printableCertificate>\n{lines}</printableCertificate>"
    inside = data(status() + exemption(pdf=None, more=more))
    found = accepted(signed(envelope(response(inside))), read)
    assert found["exemptions"][0]["printableCertificate"]["bytes"] == len(pdf)
