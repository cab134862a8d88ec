"""From events to messages: whatever passes the contract passes the schema, whichever order the schema wants."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from schemas import shipped
from tests.support.canonical_form import canonical_form
from tests.support.contract_events import submission, submissions
from tests.support.systems.nhis.bundles import bundle_of_moments
from worker.systems.nhis import request
from worker.systems.nhis.build import request_schemas
from worker.systems.nhis.dates import Days
from worker.systems.nhis.operations import exchanges
from worker.systems.nhis.settings import Name, NhisSettings, Sender
from worker.systems.port import Refused
from worker.xml.plan import TimeKind

EVENT_TYPES = [f"nhis.{name.value}.v1" for name in Name]
REGISTER = f"nhis.{Name.REGISTER.value}.v1"
IDENTITY = "5e0c2b9a-6f5b-5d0e-9a53-0b6f3a0f7d11"
MESSAGE_ID = "11111111-2222-4333-8444-555555555555"
WINTER = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, 0, 0, 5000, tzinfo=UTC)
XSD = "{http://www.w3.org/2001/XMLSchema}"

_SETTINGS = NhisSettings(senders={"one": {"uin": "0000000001"}})
_SCHEMAS = request_schemas(_SETTINGS, [one.request for one in exchanges(_SETTINGS).values()])


def build(event, settings=_SETTINGS, schemas=_SCHEMAS):
    name = Name(event.operation)
    type_ = exchanges(settings)[name].request
    header = request.header(settings, settings.senders["one"], type_, MESSAGE_ID, WINTER)
    values = {
        "header": header,
        "contents": request.contents(name, event.data, IDENTITY, Days.of(settings)),
    }
    write = request.Forms(Days.of(settings)).written(name, header, event.data, IDENTITY)
    message = request.build(schemas[type_], write, request.rows_of(name))
    # The first message is written the general way too; the second one is what the form alone writes.
    assert request.build(schemas[type_], write, request.rows_of(name)) == message
    # What is written without a tree is what libxml2 makes of the tree, byte for byte.
    location = f"https://www.his.bg/api/v1/NHIS-{type_}.xsd"
    assert message == canonical_form(schemas[type_].build(values, schema_location=location))
    return etree.fromstring(message)


def shape(element):
    """Return an element as nested tuples of local names and values, in order."""
    children = tuple(shape(child) for child in element)
    return (etree.QName(element).localname, element.get("value"), children)


def leaves(element):
    """Return every path with its value, whatever the order."""
    tree = element.getroottree()
    paths = ((re.sub(r"\[[0-9]+\]", "", tree.getpath(one)), dict(one.attrib)) for one in element.iter())
    return sorted((path, sorted(attributes.items())) for path, attributes in paths)


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_the_example_of_each_event_builds_a_valid_message(event_type):
    root = build(submission(event_type))
    assert etree.QName(root).localname == "message"
    assert root.nsmap["nhis"] == "https://www.his.bg"


def test_a_registration_is_the_message_in_the_order_of_the_schema():
    root = build(submission(REGISTER))
    header, contents = root
    assert shape(header) == (
        "header",
        None,
        (
            ("sender", "1", ()),
            ("senderId", "0000000001", ()),
            ("senderISName", "Herald", ()),
            ("recipient", "4", ()),
            ("recipientId", "NHIS", ()),
            ("messageId", MESSAGE_ID, ()),
            ("messageType", "I001", ()),
            ("createdOn", "2026-03-01T14:00:00.000+02:00", ()),
        ),
    )
    immunization, subject, performer = contents
    assert shape(immunization)[2][:6] == (
        ("lrn", IDENTITY, ()),
        ("occurrence", "2025-03-14", ()),
        ("basedOn", "25073A00Q1X2", ()),
        ("targetDisease", "Z24.6", ()),
        ("vaccineCode", "2998", ()),
        ("nhifVaccineCode", "01", ()),
    )
    values = {name: value for name, value, _ in shape(immunization)[2]}
    assert values["primarySource"] == "true"
    assert values["doseQuantityValue"] == "0.5"
    assert values["site"] == "LA"
    assert "extPrevImmunization" not in values
    assert shape(subject)[2][:2] == (("identifierType", "1", ()), ("identifier", "7223154154", ()))
    assert performer.find("{*}qualification").attrib == {"value": "1043", "nhifCode": "00"}
    assert performer.find("{*}role").get("value") == "1"


def test_summer_time_has_its_offset():
    header = request.header(_SETTINGS, Sender(uin="0000000001"), "I001", MESSAGE_ID, SUMMER)
    assert header["createdOn"].text(TimeKind.DATE_TIME) == "2026-07-01T15:00:00.005+03:00"


def test_an_external_previous_dose_says_so(example):
    example["immunization"]["externalPrevious"] = {
        "occurrence": "2024-01-01", "vaccineName": "В", "lotNumber": "L", "country": "DE", "authority": "A",
    }  # fmt: skip
    immunization = build(submission(REGISTER, example))[1][0]
    assert immunization.find("{*}extPrevImmunization").get("value") == "true"
    details = immunization.find("{*}extImmunizationDetails")
    assert [name for name, _, _ in shape(details)[2]] == [
        "occurrence", "vaccineName", "lotNumber", "country", "authority",
    ]  # fmt: skip


def test_the_codes_of_a_cancellation_are_a_setting():
    settings = NhisSettings(senders=_SETTINGS.senders, cancel_codes={"request": "I007", "answer": "I008"})
    schemas = request_schemas(settings, ["I007"])
    root = build(submission("nhis.immunization.cancel.v1"), settings, schemas)
    assert root.find(".//{*}messageType").get("value") == "I007"
    assert exchanges(settings)[Name.CANCEL].answer == "I008"


@pytest.mark.parametrize("event_type", EVENT_TYPES)
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_passes_the_contract_passes_the_schema(event_type, data):
    event = data.draw(submissions(event_type))
    root = build(event)
    again = etree.fromstring(etree.tostring(root, method="c14n"))
    assert leaves(again) == leaves(root)


@pytest.fixture(scope="module")
def second_bundle(tmp_path_factory):
    """Settings with another bundle, whose sequences run backwards and have one more, optional, element; its schemas."""
    folder = Path(shutil.copytree(shipped("nhis"), tmp_path_factory.mktemp("second") / "bundle"))
    for file in folder.glob("*.xsd"):
        tree = etree.parse(file)
        for sequence in tree.iter(f"{XSD}sequence"):
            # The message itself keeps its order: its signature is last everywhere. Wildcards and groups stand alone.
            if all(child.tag == f"{XSD}element" for child in sequence):
                sequence[:] = list(reversed(sequence))
                new = etree.SubElement(
                    sequence, f"{XSD}element", name="novelty", type="nhis:AnyText", minOccurs="0"
                )
                sequence.insert(0, new)
        tree.write(file, encoding="UTF-8", xml_declaration=True)
    settings = NhisSettings(senders=_SETTINGS.senders, schema_dir=folder)
    return settings, request_schemas(settings, [one.request for one in exchanges(settings).values()])


DATES = {
    REGISTER: {
        "occurrence": "2025-03-14T{}+02:00",
        "expirationDate": "2026-12-31T{}+02:00",
        "nextDoseDate": "2025-04-14T{}+03:00",  # summer time
        "birthDate": "1872-03-15T{}+01:33",  # local mean time has seconds
    },
    "nhis.immunization.search.v1": {
        "fromDate": "2025-01-01T00:00:00+02:00",
        "toDate": "2025-03-14T23:59:59+02:00",
    },
    "nhis.adverse-reaction.register.v1": {
        "reactionStartDate": "2025-03-15T{}+02:00",
        "reactionEndDate": "2025-03-16T{}+02:00",
    },
}


@pytest.fixture(scope="module")
def moments(tmp_path_factory):
    """The folder of a bundle whose days are moments, and its schemas."""
    folder = bundle_of_moments(tmp_path_factory.mktemp("moments"))
    settings = NhisSettings(senders=_SETTINGS.senders, schema_dir=folder)
    return folder, request_schemas(settings, [one.request for one in exchanges(settings).values()])


@pytest.mark.parametrize("time_of_days", ["00:00:00", "12:30:00"])
@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_every_date_is_a_moment_where_the_schema_says_so(event_type, time_of_days, moments):
    folder, schemas = moments
    settings = NhisSettings(senders=_SETTINGS.senders, schema_dir=folder, time_of_days=time_of_days)
    root = build(submission(event_type), settings, schemas)
    for name, expected in DATES.get(event_type, {}).items():
        assert root.find(f".//{{*}}{name}").get("value") == expected.format(time_of_days)


def test_the_moment_of_creation_is_a_day_where_the_schema_says_so(tmp_path):
    folder = Path(shutil.copytree(shipped("nhis"), tmp_path / "bundle"))
    entities = folder / "NHIS-Entities.xsd"
    entities.write_text(entities.read_text().replace('base="xs:dateTime"', 'base="xs:date"'))
    settings = NhisSettings(senders=_SETTINGS.senders, schema_dir=folder)
    event = submission("nhis.immunization.cancel.v1")
    root = build(event, settings, request_schemas(settings, ["I011"]))
    assert root.find(".//{*}createdOn").get("value") == "2026-03-01"


def test_a_moment_is_in_the_zone_of_the_setting(moments):
    folder, schemas = moments
    settings = NhisSettings(senders=_SETTINGS.senders, schema_dir=folder, time_zone="UTC")
    root = build(submission(REGISTER), settings, schemas)
    assert root.find(".//{*}occurrence").get("value") == "2025-03-14T00:00:00+00:00"


def test_the_order_of_the_production_client_is_a_setting(example):
    example["performer"]["phone"] = "359000000000"
    event = submission(REGISTER, example)
    settings = NhisSettings(senders=_SETTINGS.senders, message_order="production")
    schemas = request_schemas(settings, ["I001"])
    ours, theirs = build(event), build(event, settings, schemas)
    _, subject, performer = theirs[1]
    assert [name for name, _, _ in shape(subject)[2]] == [
        "identifierType", "identifier", "birthDate", "gender", "nationality", "name", "address", "phone",
    ]  # fmt: skip
    assert [name for name, _, _ in shape(performer)[2]] == [
        "pmi", "qualification", "role", "practiceNumber", "phone",
    ]  # fmt: skip
    assert leaves(ours) == leaves(theirs)
    assert schemas["I001"].validate(ours) != ()
    assert _SCHEMAS["I001"].validate(theirs) != ()


@pytest.mark.parametrize("order", ["xsd-1.6.2", "production"])
def test_accompanying_persons_are_elements_of_their_own(example, order):
    other = {"uin": "0000000002", "qualification": {"code": "1015"}}
    example["performer"]["accompanying"] = [
        other,
        {**other, "qualification": {"code": "1", "nhifCode": "07"}},
    ]
    settings = NhisSettings(senders=_SETTINGS.senders, message_order=order)
    root = build(submission(REGISTER, example), settings, request_schemas(settings, ["I001"]))
    first, second = root.findall(".//{*}accompanying")
    assert shape(first)[2] == (("pmi", "0000000002", ()), ("qualification", "1015", ()))
    assert dict(second.find("{*}qualification").attrib) == {"value": "1", "nhifCode": "07"}


def test_what_the_schema_refuses_of_an_accompanying_person_names_the_list(example, tmp_path):
    folder = Path(shutil.copytree(shipped("nhis"), tmp_path / "bundle"))
    schema = folder / "NHIS-Entities.xsd"
    tree = etree.parse(schema)
    accompanying = next(one for one in tree.iter(f"{XSD}complexType") if one.get("name") == "Accompanying")
    next(accompanying.iter(f"{XSD}element")).set("type", "nhis:Date")
    tree.write(schema)
    example["performer"]["accompanying"] = [{"uin": "0000000002", "qualification": {"code": "1015"}}]
    settings = NhisSettings(senders=_SETTINGS.senders, schema_dir=folder)
    with pytest.raises(Refused) as refused:
        build(submission(REGISTER, example), settings, request_schemas(settings, ["I001"]))
    assert [problem.path for problem in refused.value.problems] == ["$.data.performer.accompanying"]


def test_flags_of_a_registration_are_written_as_they_are_given(example):
    example["immunization"] |= {"previousIsExternal": True, "generateCertificate": False}
    immunization = build(submission(REGISTER, example))[1][0]
    assert immunization.find("{*}extPrevImmunization").get("value") == "true"
    assert immunization.find("{*}extImmunizationDetails") is None
    assert immunization.find("{*}generateCertificate").get("value") == "false"


def test_a_search_combines_its_indicators(example):
    data = {"nrn": "25073B00Q1X3", "patient": {"identifierType": "egn", "identifier": "7223154154"}}
    root = build(submission("nhis.immunization.search.v1", data | {"fromDate": "2025-01-01"}))
    assert [name for name, _, _ in shape(root[1])[2]] == [
        "nrnImmunization", "identifierType", "identifier", "fromDate",
    ]  # fmt: skip


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_a_second_bundle_gets_its_own_order_without_a_code_change(event_type, second_bundle):
    settings, schemas = second_bundle
    event = submission(event_type)
    ours, theirs = build(event), build(event, settings, schemas)
    assert leaves(ours) == leaves(theirs)
    assert [name for name, _, _ in shape(theirs[0])[2]] == [
        name for name, _, _ in reversed(shape(ours[0])[2])
    ]
    type_ = exchanges(settings)[Name(event.operation)].request
    assert schemas[type_].validate(theirs) == ()
    assert schemas[type_].validate(ours) != ()


def test_an_element_of_another_name_is_a_setting(tmp_path):
    folder = Path(shutil.copytree(shipped("nhis"), tmp_path / "bundle"))
    schema = folder / "NHIS-I003.xsd"
    schema.write_text(schema.read_text().replace('name="fromDate"', 'name="startDate"'))
    settings = NhisSettings(
        senders=_SETTINGS.senders, schema_dir=folder, element_names={"I003": {"fromDate": "startDate"}}
    )
    root = build(submission("nhis.immunization.search.v1"), settings, request_schemas(settings, ["I003"]))
    assert root.find(".//{*}startDate").get("value") == "2025-01-01"


def test_what_a_stricter_schema_refuses_is_reported_by_the_path_of_the_event(tmp_path):
    folder = Path(shutil.copytree(shipped("nhis"), tmp_path / "bundle"))
    schema = folder / "NHIS-Entities.xsd"
    tree = etree.parse(schema)
    for element in tree.iter(f"{XSD}element"):
        if element.get("name") == "lotNumber":
            element.set("type", "nhis:Date")
        if element.get("name") == "note":
            element.getparent().remove(element)
    tree.write(schema)
    settings = NhisSettings(senders=_SETTINGS.senders, schema_dir=folder)
    schemas = request_schemas(settings, ["I001"])
    with pytest.raises(Refused) as refused:
        build(submission(REGISTER), settings, schemas)
    assert [problem.path for problem in refused.value.problems] == ["$.data.immunization.lotNumber"]
    assert "AHBVC123" not in refused.value.problems[0].message


def test_what_the_schema_has_no_place_for_is_refused(tmp_path, example):
    folder = Path(shutil.copytree(shipped("nhis"), tmp_path / "bundle"))
    schema = folder / "NHIS-Entities.xsd"
    tree = etree.parse(schema)
    for element in list(tree.iter(f"{XSD}element")):
        if element.get("name") == "note":
            element.getparent().remove(element)
    tree.write(schema)
    settings = NhisSettings(senders=_SETTINGS.senders, schema_dir=folder)
    schemas = request_schemas(settings, ["I001"])
    example["immunization"]["note"] = "Бележка"
    with pytest.raises(Refused) as refused:
        build(submission(REGISTER, example), settings, schemas)
    assert [problem.path for problem in refused.value.problems] == ["$.data.immunization.note"]
    assert "Бележка" not in refused.value.problems[0].message
