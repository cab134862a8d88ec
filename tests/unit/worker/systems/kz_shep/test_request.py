"""Requests: what the ministry's example shows, by the schema, at the time that Almaty has."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
import xmlschema
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from contracts.kz_shep import iin
from contracts.reasons import Reason
from contracts.registry import ContractViolation
from contracts.visible_text import is_visible
from schemas import shipped
from tests.support.contract_events import submission
from worker.outcome import Blocked
from worker.systems.kz_shep import request
from worker.systems.kz_shep.build import request_schemas
from worker.systems.kz_shep.medical_exemption import SERVICE
from worker.systems.kz_shep.operations import SERVICES
from worker.systems.kz_shep.senders import Sender
from worker.systems.kz_shep.settings import KzShepSettings
from worker.systems.port import Attempt, NotPrepared, Refused

SEARCH = "kz-shep.medical-exemption.search.v1"
ATTEMPT = Attempt(
    1, "92769bcb-a615-4fec-ba5a-81c284d49763", datetime(2021, 2, 17, 4, 35, 59, 667000, UTC), "-"
)
SENDER = Sender("sender", "password")
SETTINGS = KzShepSettings(
    url="https://shep.test/", senders={"one": {"sender_id": "sender"}}, verify_answers=False
)
# The ministry's document, appendix 3, without its indentation, and without the prefix ns3 that nothing uses.
PUBLISHED = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header/><soap:Body>'
    '<ns2:SendMessage xmlns:ns2="http://bip.bee.kz/SyncChannel/v10/Types"><request><requestInfo>'
    "<messageId>92769bcb-a615-4fec-ba5a-81c284d49763</messageId>"
    "<serviceId>EHEALTH_MEDICAL_EXEMPTION_SEARCH</serviceId>"
    "<messageDate>2021-02-17T10:35:59.667+06:00</messageDate>"
    "<sender><senderId>sender</senderId><password>password</password></sender></requestInfo><requestData>"
    '<data xmlns:ns5="http://ehealth.kz/integration/sync" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:type="ns5:MedicalExemptionSearchRequest"><number>01085</number></data>'
    "</requestData></request></ns2:SendMessage></soap:Body></soap:Envelope>"
)
_SCHEMAS = request_schemas(SERVICES)
_ENTRY = shipped("kz-shep") / "EHEALTH_MEDICAL_EXEMPTION_SEARCH.xsd"
# Loaded by lxml and xmlschema themselves, without a line of the worker's.
_LXML = etree.XMLSchema(file=str(_ENTRY))
_XMLSCHEMA = xmlschema.XMLSchema10(str(_ENTRY))


def make(data, *, settings=SETTINGS, sender=SENDER, attempt=ATTEMPT):
    return made_of(submission(SEARCH, data).data, settings=settings, sender=sender, attempt=attempt)


def made_of(model, *, settings=SETTINGS, sender=SENDER, attempt=ATTEMPT):
    head = request.info(settings, SERVICE, sender, attempt)
    return request.build(_SCHEMAS[SERVICE.service_id], head, SERVICE, model)


def message_in(document):
    return etree.fromstring(document).find("{*}Body")[0]


def test_the_published_example_is_made_to_the_byte():
    # The example has no correlationId.
    document = make({"number": "01085"}, settings=SETTINGS.model_copy(update={"correlation": False}))
    assert document.split(b"\n", 1)[1].decode() == PUBLISHED


def test_both_prefixes_are_declared_on_the_data_itself():
    data = message_in(make({"number": "1"})).find(".//data")
    assert set(data.nsmap) - set(data.getparent().nsmap) == {"ns5", "xsi"}


def test_the_order_is_the_schemas_whatever_the_events():
    data = {"citizenshipCode": "398", "passportNumber": "N1", "iin": "720315200006", "number": "1"}
    names = [one.tag for one in message_in(make(data)).find(".//data")]
    assert names == ["number", "iin", "passportNumber", "citizenshipCode"]


def test_settings_reach_the_message():
    settings = SETTINGS.model_copy(
        update={
            "service_ids": {"medical-exemption.search": "OTHER_ID"},
            "route_id": "route-7",
            "time_zone": "Asia/Oral",
        }
    )
    message = message_in(make({"number": "1"}, settings=settings, sender=Sender("s", None)))
    info = message.find("request/requestInfo")
    assert [one.tag for one in info] == [
        "messageId",
        "correlationId",
        "serviceId",
        "messageDate",
        "routeId",
        "sender",
    ]
    assert [one.tag for one in info.find("sender")] == ["senderId"]
    assert info.findtext("serviceId") == "OTHER_ID"
    assert info.findtext("routeId") == "route-7"
    assert info.findtext("messageDate").endswith("+05:00")
    assert _LXML.validate(message)


@pytest.mark.parametrize(
    ("at", "written"),
    [
        # Almaty went from +06:00 to +05:00 when 1 March 2024 began.
        (datetime(2024, 2, 29, 17, 59, 59, 999000, UTC), "2024-02-29T23:59:59.999+06:00"),
        (datetime(2024, 2, 29, 18, 0, 0, 0, UTC), "2024-02-29T23:00:00.000+05:00"),
        (datetime(2024, 2, 29, 19, 0, 0, 1000, UTC), "2024-03-01T00:00:00.001+05:00"),
        (datetime(2026, 7, 1, 0, 0, 0, 0, UTC), "2026-07-01T05:00:00.000+05:00"),
    ],
)
def test_dates_have_the_offset_of_their_own_time(at, written):
    assert request.message_date(at, "Asia/Almaty") == written


def test_what_xml_cannot_carry_is_refused_with_a_plain_problem():
    with pytest.raises(Refused) as refused:
        made_of(submission(SEARCH, {"number": "1"}).data.model_copy(update={"number": "\x01"}))
    assert [problem.path for problem in refused.value.problems] == ["$.data"]


@pytest.mark.parametrize("bad", ["\x01", "\ufffe", "\udc80"])
def test_a_setting_that_xml_cannot_carry_is_the_operators_matter(bad):
    with pytest.raises(NotPrepared) as stopped:
        make({"number": "1"}, sender=Sender("s", f"secret-word{bad}"))
    outcome = stopped.value.outcome
    assert (type(outcome), outcome.reason) == (Blocked, Reason.CONFIGURATION)
    assert "secret-word" not in outcome.detail


def test_what_does_not_fit_the_schema_is_refused_with_the_field():
    """Contract and schema take the same; this is a description of the service that is wrong."""
    head = request.info(SETTINGS, SERVICE, SENDER, ATTEMPT)
    wrong = dataclasses.replace(SERVICE, elements=lambda _: [("iin", "1"), ("number", "2")])
    with pytest.raises(Refused) as refused:
        request.build(_SCHEMAS[SERVICE.service_id], head, wrong, submission(SEARCH, {"number": "1"}).data)
    (problem,) = refused.value.problems
    assert problem.path == "$.data"
    assert "number is not allowed here" in problem.message


def test_a_value_that_does_not_fit_the_schema_is_reported_by_its_field_and_not_quoted():
    """No field of the search has a narrower type than xs:string; one of its answer's does."""
    head = request.info(SETTINGS, SERVICE, SENDER, ATTEMPT)
    name = "temporaryContraindicationEndDate"
    wrong = dataclasses.replace(
        SERVICE, payload_type="FoundMedicalExemption", elements=lambda _: [(name, "yesterday")]
    )
    with pytest.raises(Refused) as refused:
        request.build(_SCHEMAS[SERVICE.service_id], head, wrong, submission(SEARCH, {"number": "1"}).data)
    assert f"$.data.{name}" in {problem.path for problem in refused.value.problems}
    assert not any("yesterday" in problem.message for problem in refused.value.problems)


# A line as the contract takes it, with the characters that XML and signatures are sensitive to.
LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("<>&\"' Әқ0"),
    min_size=1,
    max_size=100,
).filter(is_visible)


@st.composite
def iins(draw):
    year, month, day = draw(st.integers(0, 99)), draw(st.integers(1, 12)), draw(st.integers(1, 28))
    body = f"{year:02}{month:02}{day:02}{draw(st.integers(0, 6))}{draw(st.integers(0, 9999)):04}"
    right = [body + last for last in "0123456789" if iin.check_digit_is_right(body + last)]
    return right[0] if right else "720315200006"


PASSPORT = st.fixed_dictionaries({"passportNumber": LINES, "citizenshipCode": LINES})
EVENTS = st.builds(
    lambda first, second: {**first, **second},
    st.fixed_dictionaries({}, optional={"number": LINES, "iin": iins()}),
    st.just({}) | PASSPORT,
).filter(bool)


@given(EVENTS)
@hypothesis_settings(max_examples=200, deadline=None)
def test_any_event_that_passes_its_contract_makes_a_valid_message_that_says_the_same(data):
    message = message_in(make(data))
    assert _LXML.validate(message), _LXML.error_log
    _XMLSCHEMA.validate(etree.tostring(message).decode())
    said = {one.tag: one.text for one in message.find(".//data")}
    assert said == data


@given(
    st.dictionaries(
        st.sampled_from(["number", "iin", "passportNumber", "citizenshipCode", "nomer"]),
        st.none()
        | LINES
        | st.just("")
        | st.integers()
        | st.sampled_from(["720315200007", "1\x00", "x" * 101]),
    )
)
@hypothesis_settings(max_examples=200, deadline=None)
def test_any_other_gets_all_its_problems_with_their_paths(data):
    """What is wrong is worked out here anew: by field, and between them."""
    lines = {"number", "passportNumber", "citizenshipCode"}
    given_ = {name: value for name, value in data.items() if value is not None and name != "nomer"}
    wrong = {f"$.data.{name}" for name, value in given_.items() if name in lines and not is_line(value)}
    if given_.get("iin", "720315200006") != "720315200006":
        wrong.add("$.data.iin")
    if "nomer" in data:
        wrong.add("$.data.nomer")
    if not given_:
        wrong.add("$.data")
    if "passportNumber" in given_ and "citizenshipCode" not in given_:
        wrong.add("$.data.citizenshipCode")
    if given_.keys() == {"citizenshipCode"}:
        wrong.add("$.data.passportNumber")
    found = set()
    try:
        submission(SEARCH, data)
    except ContractViolation as violation:
        found = {problem.path for problem in violation.problems}
    assert found == wrong


def is_line(value):
    return isinstance(value, str) and 1 <= len(value) <= 100 and value.strip(" ") and "\x00" not in value


TYPED = (
    '<data xmlns:n="http://ehealth.kz/integration/sync" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xsi:type="n:{type}">{content}</data>'
)


@pytest.mark.parametrize(
    ("data", "valid"),
    [
        # Without a type anything is taken, as anyType has it; what names a type must be of it.
        ("<data/>", True),
        (TYPED.format(type="MedicalExemptionSearchRequest", content="<number>1</number><iin>1</iin>"), True),
        (TYPED.format(type="MedicalExemptionSearchRequest", content="<iin>1</iin><number>1</number>"), False),
        (TYPED.format(type="MedicalExemptionSearchRequest", content="<nomer>1</nomer>"), False),
    ],
)
def test_the_schema_looks_into_the_data(data, valid):
    message = message_in(make({"number": "1"}))
    place = message.find(".//requestData")
    place.replace(place[0], etree.fromstring(data))
    assert _LXML.validate(message) is valid
    assert (not _SCHEMAS[SERVICE.service_id].validate(message)) is valid
