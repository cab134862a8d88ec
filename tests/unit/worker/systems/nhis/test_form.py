"""A form writes what the general way writes, byte for byte, and leaves to it what it has no place for."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from contracts.model import ContractModel
from schemas import shipped
from tests.support.contract_events import submission, submissions
from tests.support.systems.nhis.bundles import bundle_of_moments
from worker.systems.nhis import request
from worker.systems.nhis.build import request_schemas
from worker.systems.nhis.dates import Days
from worker.systems.nhis.fields import Field
from worker.systems.nhis.form import Misfit
from worker.systems.nhis.form_compiler import compile_form
from worker.systems.nhis.operations import exchanges
from worker.systems.nhis.settings import Name, NhisSettings

XSD = "{http://www.w3.org/2001/XMLSchema}"
REGISTER = f"nhis.{Name.REGISTER.value}.v1"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOCATION = "https://where.test/a?b=%s&c"


def settings_with(**changes) -> NhisSettings:
    return NhisSettings(
        senders={"one": {"uin": "0000000001"}}, sender_is_name='Herald "&" <co> %s', **changes
    )


def schemas_of(settings, names=Name):
    return request_schemas(settings, [exchanges(settings)[name].request for name in names])


SETTINGS = settings_with()
SCHEMAS = schemas_of(SETTINGS)


def in_general(event, settings=SETTINGS, schemas=SCHEMAS):
    """Return the schema, the header, and the message as the general way writes it."""
    name = Name(event.operation)
    schema = schemas[exchanges(settings)[name].request]
    header = request.header(settings, settings.senders["one"], schema.type, "11111111", NOW)
    contents = request.contents(name, event.data, "lrn-1", Days.of(settings))
    return schema, header, schema.write({"header": header, "contents": contents}, schema_location=LOCATION)


def by_form(event, settings=SETTINGS, schemas=SCHEMAS):
    """Return the message as its form writes it, and as the general way does."""
    schema, header, expected = in_general(event, settings, schemas)
    form = compile_form(request.rows_of(Name(event.operation)), type(event.data), header, schema.shape)
    inside = form.written(header, request.sent(event.data, "lrn-1"), Days.of(settings))
    return schema.write_around(inside, schema_location=LOCATION), expected


@pytest.mark.parametrize("name", list(Name))
@hypothesis_settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_form_writes_what_the_general_way_writes(name, data):
    written, expected = by_form(data.draw(submissions(f"nhis.{name.value}.v1")))
    assert written == expected


@pytest.fixture(scope="module", params=["production", "moments", "1.6.2"])
def ordered(request, tmp_path_factory):
    """Settings whose schemas have other orders or types, and these schemas."""
    changes = {"message_order": "production"} if request.param == "production" else {}
    if request.param == "moments":
        folder = bundle_of_moments(tmp_path_factory.mktemp("bundle"))
        changes = {"schema_dir": folder, "time_of_days": "12:30:00"}
    settings = settings_with(**changes)
    return settings, schemas_of(settings)


@pytest.mark.parametrize("name", list(Name))
def test_the_order_and_the_types_are_those_of_the_schema(name, ordered):
    written, expected = by_form(submission(f"nhis.{name.value}.v1"), *ordered)
    assert written == expected


@pytest.mark.parametrize("note", ["<b>", "a & b", 'the "best" one', "line\nbreak", "100 %s %d"])
def test_what_must_be_escaped_is_escaped_wherever_it_stands(example, note):
    example["immunization"]["note"] = note
    example["patient"]["address"]["line"] = note.replace("\n", " ")
    schema, header, expected = in_general(submission(REGISTER, example))
    forms = request.Forms(Days.of(SETTINGS))
    for _ in range(2):
        message = forms.written(Name.REGISTER, header, submission(REGISTER, example).data, "lrn-1")(schema)
        assert etree.fromstring(message).find(".//{*}note").get("value") == note
        assert message.partition(b">")[2] == expected.partition(b">")[2]


def without_the_note(folder: Path) -> Path:
    """Return a bundle in which an immunization has no note."""
    shutil.copytree(shipped("nhis"), folder)
    tree = etree.parse(folder / "NHIS-Entities.xsd")
    for element in list(tree.iter(f"{XSD}element")):
        if element.get("name") == "note":
            element.getparent().remove(element)
    tree.write(folder / "NHIS-Entities.xsd")
    return folder


def test_a_value_without_a_place_is_for_the_general_way_and_no_other(example, tmp_path):
    settings = settings_with(schema_dir=without_the_note(tmp_path / "bundle"))
    schemas = schemas_of(settings, [Name.REGISTER])
    written, expected = by_form(submission(REGISTER, example), settings, schemas)
    assert written == expected
    event = submission(REGISTER, example | {"immunization": {**example["immunization"], "note": "a note"}})
    schema, header, _ = in_general(submission(REGISTER, example), settings, schemas)
    form = compile_form(request.rows_of(Name.REGISTER), type(event.data), header, schema.shape)
    with pytest.raises(Misfit):
        form.written(header, request.sent(event.data, "lrn-1"), Days.of(settings))


def leaves_as_text(folder: Path) -> Path:
    """Return a bundle in which a batch number is the text of its element, with other escapes than an attribute has."""
    shutil.copytree(shipped("nhis"), folder)
    tree = etree.parse(folder / "NHIS-Entities.xsd")
    for element in tree.iter(f"{XSD}element"):
        if element.get("name") == "lotNumber":
            element.set("type", "xs:string")
    tree.write(folder / "NHIS-Entities.xsd")
    return folder


def test_a_leaf_whose_value_is_text_is_for_the_general_way(example, tmp_path):
    settings = settings_with(schema_dir=leaves_as_text(tmp_path / "bundle"))
    schemas = schemas_of(settings, [Name.REGISTER])
    example["immunization"]["lotNumber"] = 'A"<B'
    event = submission(REGISTER, example)
    with pytest.raises(Misfit):
        by_form(event, settings, schemas)
    schema, header, expected = in_general(event, settings, schemas)
    forms = request.Forms(Days.of(settings))
    for _ in range(2):
        message = forms.written(Name.REGISTER, header, event.data, "lrn-1")(schema)
        assert b'<nhis:lotNumber>A"&lt;B</nhis:lotNumber>' in message
        assert message.partition(b">")[2] == expected.partition(b">")[2]


class Model(ContractModel):
    """A model for tables that no operation has."""

    one: str | None = None
    other: str | None = None
    several: tuple[str, ...] | None = None


def written(rows, values, type_="I011", schemas=SCHEMAS):
    """Return what a form of these rows writes of these values inside the root."""
    data = Model(**values)
    form = compile_form(rows, Model, {}, schemas[type_].shape)
    return form.written({}, data.__dict__, Days.of(SETTINGS))


@pytest.mark.parametrize(
    ("type_", "rows"),
    [
        ("I011", (Field("one", "cancelReason"), Field("other", "cancelReason"))),
        ("I011", (Field("one", "nothing"), Field("other", "cancelReason/nothing"))),
        ("I011", (Field("one", "cancelReason@nothing"), Field("other", "nrnImmunization@nothing"))),
        ("I001", (Field("one", "performer"), Field("other", "performer/role"))),
        ("I001", (Field("several", "performer/qualification@nhifCode", many=True),)),
    ],
)
def test_a_row_without_a_certain_place_is_for_the_general_way_where_it_has_a_value(type_, rows):
    assert "value=" not in written(rows, {}, type_)
    for row in rows:
        with pytest.raises(Misfit):
            written(rows, {row.name: ["1"] if row.many else "1"}, type_)


def test_a_row_that_the_model_does_not_have_writes_nothing():
    rows = (
        Field("absent", "cancelReason"),
        Field("inner.absent", "cancelReason"),
        Field("one", "nrnImmunization"),
    )
    assert '<nhis:nrnImmunization value="1"></nhis:nrnImmunization></nhis:contents>' in written(
        rows, {"one": "1"}
    )


def test_an_element_whose_children_have_several_orders_is_for_the_general_way():
    schemas = schemas_of(SETTINGS)
    ((_, contents),) = schemas["I011"].shape.orders[0].places["contents"]
    contents.orders *= 2
    with pytest.raises(Misfit):
        written((Field("one", "cancelReason"),), {"one": "1"}, schemas=schemas)


def test_a_form_that_writes_otherwise_is_never_used(monkeypatch):
    event = submission(REGISTER)
    schema, header, expected = in_general(event)
    forms = request.Forms(Days.of(SETTINGS))
    write = forms.written(Name.REGISTER, header, event.data, "lrn-1")
    monkeypatch.setattr(type(schema), "write_around", lambda *_, **__: b"other")
    assert write(schema).partition(b">")[2] == expected.partition(b">")[2]
    assert write(schema) == write(schema) != b"other"
