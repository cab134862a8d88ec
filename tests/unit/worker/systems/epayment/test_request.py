"""From events to signed forms: whatever passes the contract passes the schema, and the form is that of the sources."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from decimal import Decimal
from urllib.parse import unquote_plus

import jsonschema
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.registry import EVENT_TYPES
from schemas import shipped
from tests.support.contract_events import submission, submissions
from tests.support.systems.epayment.reading import CLIENTS, epayment_settings
from worker.systems.epayment.checks import _FILES, _OF_CONNECTOR, MessageSchemas
from worker.systems.epayment.credentials import Credentials
from worker.systems.epayment.request import HIDDEN_URL, form_of, json_text, message_of, method_of
from worker.systems.epayment.settings import Name

REQUEST, EXTENDED = "epayment.payment.request.v1", "epayment.payment.request-extended.v1"
SETTINGS = epayment_settings()
PROVIDER = SETTINGS.clients["one"].provider
SCHEMAS = MessageSchemas.load()
# Compiled apart from ours, straight from the files.
FILES = {
    name: json.loads((shipped("epayment") / file).read_text(encoding="utf-8"))
    for name, file in _FILES.items()
}
JUDGES = {name: jsonschema.Draft202012Validator(schema) for name, schema in FILES.items()}
CALLED_AT = "https://herald.test/epayment/secret-part"
ONE = Credentials("invented-client", "secret-of-one")


def built(event_type, data=None, *, url=None, settings=SETTINGS):
    return message_of(submission(event_type, data).data, settings, PROVIDER, url)


@pytest.mark.parametrize("schema", FILES.values(), ids=FILES)
def test_the_schemas_are_schemas(schema):
    jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_has_a_schema_and_every_schema_an_operation():
    shown = {path.name for path in shipped("epayment").glob("*.json")}
    assert (set(FILES), {_FILES[name] for name in Name} | set(_OF_CONNECTOR.values())) == (set(Name), shown)


@pytest.mark.parametrize("name", sorted(Name))
@hypothesis_settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=60)
@given(data=st.data())
def test_whatever_passes_the_contract_passes_the_schema(name, data):
    event = data.draw(submissions(f"epayment.{name.value}.v1"))
    url = data.draw(st.sampled_from([None, CALLED_AT]))
    text = json_text(message_of(event.data, SETTINGS, PROVIDER, url))
    SCHEMAS.check(name, text)
    JUDGES[name].validate(json.loads(text))


def test_a_request_has_the_members_of_the_interface_document():
    data = {
        **EVENT_TYPES[REQUEST].example,
        "currency": "BGN",
        "paymentTypeCode": "448007",
        "obligationType": "1",
        "administrativeServiceUri": "1234",
        "administrativeServiceSupplierUri": "5678",
    }
    assert json.loads(json_text(built(REQUEST, data, url=CALLED_AT))) == {
        "aisPaymentId": "INV-2025-000123",
        "serviceProviderName": "МБАЛ Пример",
        "serviceProviderBank": "Банка Пример",
        "serviceProviderBIC": "XXXXBGSF",
        "serviceProviderIBAN": "BG00XXXX00000000000000",
        "currency": "BGN",
        "paymentTypeCode": "448007",
        "obligationType": "1",
        "paymentAmount": 24.5,
        "paymentReason": "Потребителска такса, прием 000123",
        "applicantUinTypeId": 1,
        "applicantUin": "7223154154",
        "applicantName": "Радка Примерова Измислена",
        "paymentReferenceType": "9",
        "paymentReferenceNumber": "2025-000123",
        "paymentReferenceDate": "2025-03-14",
        "expirationDate": "2035-12-31T23:59:59+02:00",
        "additionalInformation": "Измислен пример",
        "administrativeServiceUri": "1234",
        "administrativeServiceSupplierUri": "5678",
        "administrativeServiceNotificationURL": CALLED_AT,
    }


def test_the_extended_form_has_no_account():
    message = built(EXTENDED, {**EVENT_TYPES[EXTENDED].example, "payOrder": 0})
    assert not [name for name in message if name.startswith("serviceProvider")]
    assert message["payOrder"] == 0


@pytest.mark.parametrize("amount", ["0.01", "24.50", "0.10", "1234567.89", "999999999.99", "3.00"])
def test_an_amount_leaves_digit_by_digit(amount):
    text = json_text(built(REQUEST, {**EVENT_TYPES[REQUEST].example, "amount": amount}))
    assert f'"paymentAmount":{amount},' in text
    assert json.loads(text, parse_float=Decimal)["paymentAmount"] == Decimal(amount)


@pytest.mark.parametrize(
    ("given", "settings", "sent"), [(None, "EUR", "EUR"), (None, "BGN", "BGN"), ("USD", "EUR", "USD")]
)
def test_the_currency_is_the_events_or_that_of_the_settings(given, settings, sent):
    data = {**EVENT_TYPES[REQUEST].example, "currency": given}
    assert built(REQUEST, data, settings=epayment_settings(currency=settings))["currency"] == sent


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [("egn", "7223154154", 1), ("lnch", "1003000022", 2), ("bulstat", "000000001", 3)],
)
def test_payers_have_the_systems_codes(kind, number, code):
    payer = {"identifierType": kind, "identifier": number, "name": "Измислен"}
    assert built(REQUEST, {**EVENT_TYPES[REQUEST].example, "payer": payer})["applicantUinTypeId"] == code


@pytest.mark.parametrize(
    ("event_type", "changes", "method", "message"),
    [
        ("epayment.payment.status.v1", {}, "paymentsStatus", {"requestIds": ["2503141", "2503142"]}),
        (
            "epayment.payment.search.v1",
            {"page": 2, "pageSize": 50},
            "pendingPaymentStatusJson",
            {"applicantUin": "7223154154", "pageNumber": 2, "pageSize": 50},
        ),
        (
            "epayment.payment.search.v1",
            {"state": "not-pending"},
            "paymentStatusJson",
            {"applicantUin": "7223154154", "pageNumber": 1, "pageSize": 20},
        ),
        ("epayment.payment.suspend.v1", {}, "suspendRequest", {"id": "2503141"}),
        (
            "epayment.payment.set-paid.v1",
            {"method": "other"},
            "setStatusPaid",
            {"id": "2503141", "paymentMethod": 1, "paymentDescription": "Квитанция 000456"},
        ),
        (
            "epayment.payment.set-paid.v1",
            {},
            "setStatusPaid",
            {"id": "2503141", "paymentMethod": 2, "paymentDescription": "Квитанция 000456"},
        ),
        ("epayment.access-code.read.v1", {}, "accessCode", {"id": "2503141"}),
        (REQUEST, {}, "paymentJson", None),
        (EXTENDED, {}, "paymentJsonExtended", None),
    ],
)
def test_each_operation_has_its_method_and_message(event_type, changes, method, message):
    event = submission(event_type, {**EVENT_TYPES[event_type].example, **changes})
    assert method_of(Name(event.operation), event.data) == method
    if message is not None:
        assert json.loads(json_text(message_of(event.data, SETTINGS, PROVIDER, None))) == message


def by_hand(fields: dict[str, str]) -> bytes:
    """A form as the interface document says it (chapter 3), written byte by byte, without the worker's builder."""
    unreserved = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    def escaped(text: str) -> str:
        return "".join(chr(byte) if byte in unreserved else f"%{byte:02X}" for byte in text.encode())

    return "&".join(f"{name}={escaped(value)}" for name, value in fields.items()).encode()


@pytest.mark.parametrize("beneficiary", [None, "their-client"])
def test_the_form_is_that_of_the_interface_document(beneficiary):
    text = '{"requestIds":["2503141"]}'
    data = base64.b64encode(text.encode("utf-8")).decode("ascii")
    mac = hmac.new(b"secret-of-one", data.encode("utf-8"), hashlib.sha256).digest()
    fields = {"clientId": "invented-client", "hmac": base64.b64encode(mac).decode("ascii"), "data": data}
    if beneficiary is not None:
        fields = {"eserviceClientId": beneficiary, **fields}
    form, evidence = form_of({"requestIds": ["2503141"]}, ONE, beneficiary=beneficiary)
    assert (form, evidence) == (by_hand(fields), None)


def test_a_known_form():
    """Reckoned with OpenSSL: printf %s eyJpZCI6IjEifQ== | openssl dgst -sha256 -hmac secret -binary | base64."""
    form, _ = form_of({"id": "1"}, Credentials("c", "secret"))
    assert form == (
        b"clientId=c&hmac=x2RLhHF%2Fbfl4F0N4SWqbHMZj%2BSETUa9CgL7mPPwu0tk%3D&data=eyJpZCI6IjEifQ%3D%3D"
    )


def test_a_secret_counts_by_its_utf_8_bytes():
    data = base64.b64encode(b'{"id":"1"}')
    expected = base64.b64encode(hmac.new("тайна".encode(), data, hashlib.sha256).digest()).decode()
    form, _ = form_of({"id": "1"}, Credentials("c", "тайна"))
    assert f"hmac={expected}" in unquote_plus(form.decode())


def test_the_evidence_has_no_secret_address():
    form, evidence = form_of(built(REQUEST, url=CALLED_AT), ONE)
    kept = dict(one.split("=", 1) for one in evidence.decode().split("&"))
    sent = dict(one.split("=", 1) for one in form.decode().split("&"))
    message = json.loads(base64.b64decode(unquote_plus(kept["data"])))
    assert message["administrativeServiceNotificationURL"] == HIDDEN_URL
    assert message["aisPaymentId"] == "INV-2025-000123"
    assert (kept["clientId"], kept["hmac"]) == (sent["clientId"], sent["hmac"])
    assert (
        json.loads(base64.b64decode(unquote_plus(sent["data"])))["administrativeServiceNotificationURL"]
        == CALLED_AT
    )


def test_no_secret_is_shown():
    assert all(one["secret"] not in repr(SETTINGS) for one in CLIENTS.values())
    assert "secret-of-one" not in repr(ONE)
