from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest
import xmlschema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from schemas import shipped
from tests.support.systems.nhis import values as nhis_values
from tests.support.systems.nhis.values import CONTENTS, IMMUNIZATION_OPTIONS, NRN, header, message

if TYPE_CHECKING:
    from worker.xml.bundle import SchemaBundle

MORE_CONTENTS = {
    "I003": [{"nrnImmunization": NRN}, {"lrn": "1"}, {**CONTENTS["I003"], "toDate": "2026-01-03"}],
    "I004": [{"foundNumber": "0"}],
    "I013": [{"nrnImmunization": NRN}, {"identifierType": "1", "identifier": "8621011000"}],
    "C003": [{"vaccineCode": []}],
    "S001": [{"challenge": "imSXTs2OqSrGWzsF3rF"}],
}
WARNING = {"code": "W001", "description": "внимание", "source": "НЗОК", "nrnTarget": NRN}
ANSWERS = ("I002", "I004", "I006", "I008", "I012", "I014", "I099", "C002", "C004")


@lru_cache
def independent(type_: str) -> Any:
    """Return the schema as xmlschema alone reads it from the file, without any of our code."""
    return xmlschema.XMLSchema(str(shipped("nhis") / f"NHIS-{type_}.xsd"), defuse="always", allow="local")


def is_valid(type_: str, element: etree._Element) -> bool:
    """Decide without lxml, over the bytes."""
    return bool(independent(type_).is_valid(etree.tostring(element).decode()))


@pytest.mark.parametrize("type_", sorted(CONTENTS))
def test_each_message_is_built_valid(nhis: SchemaBundle, type_: str) -> None:
    schema = nhis.message(type_)
    for contents in (CONTENTS[type_], *MORE_CONTENTS.get(type_, ())):
        element = schema.build({"header": header(type_), "contents": contents})

        assert schema.validate(element) == ()
        assert is_valid(type_, element)


@pytest.mark.parametrize("type_", ANSWERS)
def test_answers_may_carry_warnings(nhis: SchemaBundle, type_: str) -> None:
    element = nhis.message(type_).build({**message(type_), "warnings": [WARNING, {"code": "W002"}]})

    assert is_valid(type_, element)
    assert [etree.QName(child).localname for child in element][-2:] == ["warnings", "warnings"]


def test_a_token_answer_needs_no_header(nhis: SchemaBundle) -> None:
    element = nhis.message("S001").build({"contents": {"challenge": "x"}})

    assert is_valid("S001", element)


@pytest.mark.parametrize("type_", sorted(CONTENTS))
def test_a_signature_may_follow_as_the_last_child_and_nothing_else(nhis: SchemaBundle, type_: str) -> None:
    schema = nhis.message(type_)
    assert not schema.signature_required
    element = schema.build(message(type_))

    etree.SubElement(element, "{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert schema.validate(element) == ()

    etree.SubElement(element, "{http://www.w3.org/2000/09/xmldsig#}Signature")
    assert schema.validate(element) != ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    options=st.sets(st.sampled_from(sorted(IMMUNIZATION_OPTIONS))), order=st.randoms(use_true_random=False)
)
def test_any_options_in_any_order_make_a_valid_i001(
    nhis: SchemaBundle, options: set[str], order: Any
) -> None:
    given_ = {**nhis_values.IMMUNIZATION, **{name: IMMUNIZATION_OPTIONS[name] for name in options}}
    names = list(given_)
    order.shuffle(names)
    immunization = {name: given_[name] for name in names}

    schema = nhis.message("I001")
    element = schema.build(message("I001", **{**CONTENTS["I001"], "immunization": immunization}))

    assert schema.validate(element) == ()
    assert is_valid("I001", element)
    assert {etree.QName(child).localname for child in element[1][0]} == given_.keys()


BAD = "9921010005 тайна"
"""Stands for health data: no part of it may show in a problem."""


@pytest.mark.parametrize(
    ("contents", "problem"),
    [
        (
            {"nrnImmunization": BAD, "cancelReason": "x"},
            (
                "/nrnImmunization/@value: must match the pattern [0-9A-Za-z]{12} "
                "(the value has 16 characters: Cyrillic letters, digits, spaces)"
            ),
        ),
        (
            {"nrnImmunization": NRN, "cancelReason": BAD * 200},
            (
                "/cancelReason/@value: maxLength must be 2000 "
                "(the value has 3200 characters: Cyrillic letters, digits, spaces)"
            ),
        ),
        (
            {"nrnImmunization": {"@dataType": BAD}, "cancelReason": "x"},
            "/nrnImmunization/@value: the attribute is required",
        ),
        ({"nrnImmunization": NRN}, ": an element is missing: cancelReason is expected"),
        ({"cancelReason": BAD}, ": cancelReason is not allowed here: nrnImmunization is expected"),
        (
            {"nrnImmunization": NRN, "cancelReason": [BAD, BAD]},
            ": cancelReason is not allowed here: nothing more is expected",
        ),
    ],
)
def test_a_problem_has_a_path_and_a_rule_and_never_the_value(
    nhis: SchemaBundle, contents: dict[str, Any], problem: str
) -> None:
    schema = nhis.message("I011")

    found = schema.validate(schema.build(message("I011", **contents)))

    assert [str(one) for one in found] == [f"/message/contents{problem}"]


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("occurrence", BAD, "must be of the type xs:date"),
        ("doseNumber", "0", "must be of the type positive int"),
        ("doseNumber", BAD, "must be of the type xs:positiveInteger"),
        ("primarySource", BAD, "must be of the type xs:boolean"),
        ("lotNumber", "", "minLength must be 1"),
        ("nhifVaccineCode", "123", "length must be 2"),
    ],
)
def test_each_kind_of_rule_is_named(nhis: SchemaBundle, field: str, value: str, rule: str) -> None:
    schema = nhis.message("I001")
    immunization = {**nhis_values.IMMUNIZATION, field: value}

    (found,) = schema.validate(
        schema.build(message("I001", **{**CONTENTS["I001"], "immunization": immunization}))
    )

    assert (found.path, found.rule) == (f"/message/contents/immunization/{field}/@value", rule)
    assert BAD not in str(found)
    assert (found.value or "").startswith(f"{len(value)} character")


def test_all_problems_are_reported_at_once(nhis: SchemaBundle) -> None:
    schema = nhis.message("I001")
    immunization = {**nhis_values.IMMUNIZATION, "lotNumber": "x" * 23, "occurrence": "yesterday"}
    performer = {**nhis_values.PERFORMER, "pmi": "1", "role": None}
    contents = {"immunization": immunization, "subject": nhis_values.SUBJECT, "performer": performer}

    paths = [problem.path for problem in schema.validate(schema.build(message("I001", **contents)))]

    assert sorted(paths) == [
        "/message/contents/immunization/lotNumber/@value",
        "/message/contents/immunization/occurrence/@value",
        "/message/contents/performer",
        "/message/contents/performer/pmi/@value",
    ]


def test_text_attributes_and_elements_that_the_schema_lacks_are_problems(nhis: SchemaBundle) -> None:
    schema = nhis.message("I011")
    element = schema.build(message("I011"))
    reason = element[1][1]
    reason.text = BAD
    reason.set("foreign", BAD)
    etree.SubElement(element[1], "{urn:x}extra")

    found = sorted(map(str, schema.validate(element)))

    assert found == [
        "/message/contents/cancelReason/@foreign: the schema has no such attribute",
        "/message/contents/cancelReason: text is not allowed here",
        "/message/contents: extra is not allowed here: nothing more is expected",
    ]


def test_another_root_is_a_problem(nhis: SchemaBundle) -> None:
    assert nhis.message("I011").validate(etree.Element("message")) != ()
