"""Whatever is sent is answered: no bytes, JSON, header or query make the stand-ins fail."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.stand_in import Request
from tests.support.sandbox.edelivery.world import HOSPITAL, LETTER_FILES, LETTER_TEXT

SETTINGS = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ADDRESSES = (
    ("POST", "/ed2/api/messages"),
    ("POST", "/ed2/api/obo/messages"),
    ("POST", "/ed2/api/profiles/passive-individual"),
    ("GET", "/ed2/api/messages/inbox"),
    ("GET", "/ed2/api/profiles/search"),
    ("GET", "/ed2/api/blobs/99999"),
    ("POST", "/ep/connector/v1/registerPaymentExtended"),
    ("PUT", "/ep/connector/v1/changePaymentStatus"),
    ("GET", "/ep/connector/v1/getPaymentStatus"),
    ("GET", "/orn/connector/v1/WebServiceUniqueNumber"),
    ("GET", "/epdeau/provider/get-service"),
)
TEXTS = st.text(max_size=8) | st.just("\ud800")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.fixed_dictionaries(
    {
        "recipientProfileIds": st.just([201]) | JSON,
        "subject": TEXTS | JSON,
        "rnu": TEXTS | JSON,
        "templateId": st.sampled_from([1, 2, "1", None, 1.5, [], True]),
        "fields": st.fixed_dictionaries({}, optional={LETTER_TEXT: TEXTS, LETTER_FILES: JSON}) | JSON,
    }
)
QUERIES = st.dictionaries(
    st.sampled_from(
        ["from", "to", "offset", "limit", "templateId", "identifier", "targetGroupId", "paymentId", "number"]
    ),
    st.text(max_size=10),
    max_size=4,
)


@pytest.mark.parametrize(("method", "path"), ADDRESSES, ids=[path for _, path in ADDRESSES])
@SETTINGS
@given(body=st.binary(max_size=60) | JSON, query=QUERIES)
def test_every_address_answers(world, method, path, body, query):
    answer = world.send(method, path, body, query=query, headers={"service-cid": "sandbox-hospital"})
    assert 200 <= answer.status <= 500


@SETTINGS
@given(MESSAGES)
def test_every_message_is_answered_and_can_be_listed(world, content):
    assert world.call("POST", "/ed2/api/messages", content)[0] in {200, 400, 403, 500}
    assert world.get("messages/outbox")["length"] == len(world.ledger("messages"))


@SETTINGS
@given(
    body=st.binary(max_size=200),
    media=st.sampled_from(["multipart/form-data; boundary=b", "multipart/x", ""]),
)
def test_every_upload_is_answered(world, body, media):
    assert world.upload(body=(body, media))[0] in {200, 400, 500}
    assert world.upload(body=(b"--b\r\n" + body + b"\r\n--b--\r\n", media))[0] in {200, 400, 500}


@SETTINGS
@given(miscinfo=st.text(alphabet="dn:/CST=OID.CN|123x ", max_size=60))
def test_every_statement_of_who_calls_is_answered(world, miscinfo):
    world.control("esb", {"inject": False})
    assert world.call("GET", "/ed2/api/templates", headers={"dp-miscinfo": miscinfo})[0] in {200, 401}


@SETTINGS
@given(
    query=st.text(max_size=40), body=st.binary(max_size=40), path=st.sampled_from(["/token", "/introspect"])
)
def test_every_request_for_a_token_is_answered(world, query, body, path):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    request = Request("POST", path, query, headers, body, world.shown[HOSPITAL])
    assert world.tokens.answer(request).status in {200, 400, 401}
    assert world.tokens.traits_of(request)["client"] == HOSPITAL
