"""Messages written without a tree are the canonical form of the tree, whatever the values are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from schemas import shipped
from tests.support.canonical_form import canonical_form
from tests.support.systems.nhis.values import CONTENTS, IMMUNIZATION, IMMUNIZATION_OPTIONS, message
from worker.xml.message import NotCanonical
from worker.xml.shapes import escaped, has_special
from worker.xml.writer import CanonicalWriter

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.worker.xml.conftest import Load
    from worker.xml.bundle import SchemaBundle
    from worker.xml.message import MessageSchema

LOCATION = 'https://where.test/a?b="<1>&c\t'
TEXTS = st.text(
    st.characters(
        exclude_categories=["Cs", "Cc"], include_characters="\t\n\r", exclude_characters="\ufffe\uffff"
    )
    | st.sampled_from("&<>\"'\t\n\r]"),
    max_size=20,
)


def both(schema: MessageSchema, values: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return what is written, and the canonical form of the tree."""
    tree = schema.build(values, schema_location=LOCATION)
    return schema.write(values, schema_location=LOCATION), canonical_form(tree)


def test_values_are_special_where_one_of_them_has_to_be_escaped() -> None:
    for character in map(chr, range(0x500)):
        values = f"before{character}after"
        assert has_special(values) == (escaped(values) != values), repr(character)


@pytest.mark.parametrize("type_", sorted(CONTENTS))
def test_each_message_is_written_as_the_tree_says_it(nhis: SchemaBundle, type_: str) -> None:
    written, expected = both(nhis.message(type_), message(type_))
    assert written == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    options=st.sets(st.sampled_from(sorted(IMMUNIZATION_OPTIONS))),
    texts=st.dictionaries(st.sampled_from(["lotNumber", "note", "site", "route", "series"]), TEXTS),
    diseases=st.lists(st.none() | TEXTS, max_size=3),
    parts=st.fixed_dictionaries(
        {
            "name": st.fixed_dictionaries({"given": TEXTS, "family": st.none() | TEXTS}),
            "qualification": st.fixed_dictionaries({"@value": TEXTS, "@nhifCode": st.none() | TEXTS}),
        }
    ),
)
def test_any_values_are_written_as_the_tree_says_them(
    nhis: SchemaBundle,
    options: set[str],
    texts: dict[str, str],
    diseases: list[str | None],
    parts: dict[str, Any],
) -> None:
    chosen = {option: IMMUNIZATION_OPTIONS[option] for option in options}
    contents = {
        "immunization": {**IMMUNIZATION, **chosen, **texts, "targetDisease": diseases},
        "subject": {**CONTENTS["I001"]["subject"], "name": parts["name"]},
        "performer": {**CONTENTS["I001"]["performer"], "qualification": parts["qualification"]},
    }
    schema = nhis.message("I001")
    written, expected = both(schema, message("I001", **contents))
    assert written == expected
    assert canonical_form(schema.read(written)) == written


WITH_ANOTHER_NAMESPACE = {
    "NHIS-T.xsd": """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:test" xmlns:o="urn:other"
 targetNamespace="urn:test" elementFormDefault="qualified">
 <xs:import namespace="urn:other" schemaLocation="other.xsd"/>
 <xs:element name="message"><xs:complexType><xs:sequence>
  <xs:element ref="o:part"/><xs:element name="plain" form="unqualified" type="xs:string"/>
 </xs:sequence><xs:attribute name="z"/><xs:attribute name="a"/></xs:complexType></xs:element>
</xs:schema>""",
    "other.xsd": """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:o="urn:other"
 targetNamespace="urn:other" elementFormDefault="qualified">
 <xs:element name="part"><xs:complexType><xs:sequence>
  <xs:element name="inner" type="xs:string"/><xs:element ref="o:part" minOccurs="0"/>
 </xs:sequence></xs:complexType></xs:element>
</xs:schema>""",
}


def test_elements_of_other_namespaces_and_of_none(load: Load, tmp_path: Path) -> None:
    for name, text in WITH_ANOTHER_NAMESPACE.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    schema = load(tmp_path, "T").message("T")
    values = {"@z": "1", "@a": "2", "plain": "3<", "part": {"inner": "4", "part": {"inner": ">\r5"}}}
    written, expected = both(schema, values)
    assert written == expected
    assert written.startswith(
        b'<nhis:message xmlns:nhis="urn:test" xmlns:ns0="urn:other" xmlns:xsi='
        b'"http://www.w3.org/2001/XMLSchema-instance" a="2" z="1" xsi:schemaLocation="'
    )
    assert b"<ns0:part><ns0:inner>4</ns0:inner><ns0:part>" in written
    assert b"<plain>3&lt;</plain>" in written
    assert schema.validate(schema.read(written)) == ()


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\ufffe", "\uffff"])
def test_what_xml_cannot_carry_is_no_message_and_is_not_quoted(nhis: SchemaBundle, character: str) -> None:
    schema = nhis.message("I011")
    values = message("I011", nrnImmunization="26001A2B3C4D", cancelReason=f"тайна{character}")
    written = schema.write(values, schema_location=LOCATION)
    with pytest.raises(ValueError, match="characters that XML cannot carry") as refused:
        schema.read(written)
    assert refused.value.__context__ is None
    with pytest.raises(ValueError, match="XML"):
        schema.build(values)


def test_the_first_message_of_a_schema_is_compared_with_libxml2(load: Load, monkeypatch: Any) -> None:
    schema = load(shipped("nhis"), "I011").message("I011")
    write = partial(schema.write, message("I011"), schema_location=LOCATION)
    right = CanonicalWriter.write
    monkeypatch.setattr(CanonicalWriter, "write", lambda *given: right(*given).replace(b'"></', b'" ></', 1))
    for _ in range(2):
        with pytest.raises(NotCanonical, match="a message I011 was not written in canonical form"):
            write()
    monkeypatch.setattr(CanonicalWriter, "write", right)
    assert b"</nhis:message>" in write()


def test_half_a_surrogate_pair_is_refused(nhis: SchemaBundle) -> None:
    write = partial(nhis.message("I011").write, schema_location=LOCATION)
    with pytest.raises(UnicodeEncodeError):
        write(message("I011", nrnImmunization="26001A2B3C4D", cancelReason="\ud800"))


def test_no_value_can_end_its_element(nhis: SchemaBundle) -> None:
    schema = nhis.message("I011")
    reason = '"></nhis:cancelReason><nhis:evil value="1"/><nhis:cancelReason value="'
    written = schema.write(
        message("I011", nrnImmunization="26001A2B3C4D", cancelReason=reason), schema_location=LOCATION
    )
    (found,) = schema.read(written).iter("{*}cancelReason")
    assert found.get("value") == reason
    assert [etree.QName(one).localname for one in schema.read(written)[1]] == [
        "nrnImmunization",
        "cancelReason",
    ]
