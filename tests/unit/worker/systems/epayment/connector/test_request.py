"""From events to requests of the connector: the members of a public client's types, and the schemas."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.epayment import examples
from schemas import shipped
from tests.support.contract_events import submission, submissions
from tests.support.systems.epayment.connector import SCHEMAS, connector_settings
from worker.systems.epayment.checks import _OF_CONNECTOR
from worker.systems.epayment.connector.request import request_of, status_request
from worker.systems.epayment.connector.unserved import UNSERVED, check_served
from worker.systems.epayment.request import HIDDEN_URL
from worker.systems.epayment.settings import Name
from worker.systems.port import Refused

SETTINGS = connector_settings()
CALLED_AT = "https://herald.test/epayment/secret-part"
SERVED = sorted(set(Name) - set(UNSERVED))
# Compiled apart from ours, straight from the files.
FILES = {
    path: json.loads((shipped("epayment") / file).read_text(encoding="utf-8"))
    for path, file in _OF_CONNECTOR.items()
}


def built(name, data=None, url=None):
    event = submission(f"epayment.{name}.v1", data)
    return request_of(event.data, SETTINGS, "invented-client", url)


@pytest.mark.parametrize("schema", FILES.values(), ids=FILES)
def test_the_schemas_are_schemas(schema):
    jsonschema.Draft202012Validator.check_schema(schema)


def test_a_payment_request_to_the_signers_own_service():
    request = built("payment.request", url=CALLED_AT)
    assert (request.method, request.path) == ("POST", "/registerPaymentExtended")
    assert request.headers == {"service-cid": "invented-client"}
    assert json.loads(request.body) == {
        "actors": [
            {
                "participantType": "APPLICANT",
                "type": "PERSON",
                "uid": {"type": "EGN", "value": "7223154154"},
                "name": "Радка Примерова Измислена",
            }
        ],
        "paymentData": {
            "paymentId": "INV-2025-000123",
            "currency": "EUR",
            "amount": "24.50",
            "referenceNumber": "2025-000123",
            "referenceType": "9",
            "referenceDate": "2025-03-14",
            "expirationDate": "2035-12-31T23:59:59+02:00",
            "reason": "Потребителска такса, прием 000123",
            "additionalInformation": "Измислен пример",
            "administrativeServiceNotificationURL": CALLED_AT,
        },
    }


def test_the_address_for_calls_is_not_kept():
    request = built("payment.request", url=CALLED_AT)
    assert request.evidence == request.body.replace(CALLED_AT.encode(), HIDDEN_URL.encode())
    assert "secret-part" not in repr(request)
    assert built("payment.request").evidence is None
    assert built("payment.suspend").evidence is None


def test_an_extended_one_goes_to_the_service_that_it_names():
    data = {**examples.REQUEST_EXTENDED, "eserviceClientId": "another-client"}
    assert built("payment.request-extended", data).headers == {"service-cid": "another-client"}


def test_an_organisation_pays():
    payer = {"identifierType": "bulstat", "identifier": "131129282", "name": "Пример ООД"}
    (actor,) = json.loads(built("payment.request", {**examples.REQUEST, "payer": payer}).body)["actors"]
    assert (actor["type"], actor["uid"]) == ("LEGALPERSON", {"type": "BULSTAT", "value": "131129282"})


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("payment.suspend", examples.SUSPEND, {"status": "SUSPENDED"}),
        (
            "payment.set-paid",
            {**examples.SET_PAID, "method": "other"},
            {"status": "PAID", "method": "OTHER", "description": examples.SET_PAID["description"]},
        ),
        (
            "payment.set-paid",
            {**examples.SET_PAID, "method": "cash-desk"},
            {"status": "PAID", "method": "CASH", "description": examples.SET_PAID["description"]},
        ),
    ],
)
def test_a_change(name, data, expected):
    request = built(name, data)
    assert (request.method, request.path) == ("PUT", "/changePaymentStatus")
    assert json.loads(request.body) == {"paymentId": "2503141", **expected}


def test_a_question_stands_in_its_address():
    request = status_request("a&b=c/d")
    assert (request.method, request.path, request.body) == (
        "GET",
        "/getPaymentStatus?paymentId=a%26b%3Dc%2Fd",
        b"",
    )
    assert "a%26b" not in repr(request)


@pytest.mark.parametrize("name", SERVED)
@hypothesis_settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_passes_the_contract_and_is_served_passes_the_schema(name, data):
    event = data.draw(submissions(f"epayment.{name.value}.v1"))
    try:
        check_served(name, event.data)
    except Refused:
        assume(False)
    request = request_of(event.data, SETTINGS, "c", data.draw(st.sampled_from([None, CALLED_AT])))
    SCHEMAS.check(request)
    if request.message is not None:
        jsonschema.Draft202012Validator(FILES[request.path]).validate(json.loads(request.body))


def test_a_message_against_the_schema_is_refused_without_its_values():
    request = built("payment.set-paid")
    wrong = type(request)(request.method, request.path, {"paymentId": "7223154154", "status": "OPEN"})
    with pytest.raises(Refused) as refused:
        SCHEMAS.check(wrong)
    assert "7223154154" not in str(refused.value.problems)
