"""The shipped eForms schemas: every part says where it is from, and they take what the public sources say."""

from __future__ import annotations

import time

import pytest
from lxml import etree

from schemas import shipped
from tests.support.systems.eforms.messages import FILES
from tests.support.systems.nhis.schema_marks import XS, own_mark

FOLDER = shipped("eforms")
SCHEMAS = sorted(FOLDER.glob("*.xsd"))
ROOTS = {"ServiceRequest", "ServiceRequestResponse"}


def test_the_readme_names_every_file():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert len(SCHEMAS) == 26
    assert {path.name for path in FOLDER.iterdir()} == {"README.md", *(file.name for file in SCHEMAS)}
    assert [file.name for file in SCHEMAS if file.name not in readme] == []


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda file: file.stem)
def test_each_declaration_has_a_mark_with_a_reason(file):
    root = etree.parse(str(file)).getroot()
    declared = list(root.iterchildren(f"{XS}complexType", f"{XS}simpleType", f"{XS}element"))

    assert declared
    for one in declared:
        mark, why = own_mark(one)
        assert mark == "confirmed"
        assert why.startswith("EFORMS ")


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda file: file.stem)
def test_elements_of_messages_are_in_no_namespace(file):
    root = etree.parse(str(file)).getroot()
    namespace = None if file.stem in ROOTS else f"http://eform.e-gov.bg/dictionary/{file.stem}"

    assert root.get("elementFormDefault") is None
    assert root.get("targetNamespace") == namespace


@pytest.mark.parametrize(
    ("root", "file"), [("ServiceRequest", "request"), ("ServiceRequestResponse", "response")]
)
def test_the_golden_files_are_valid(root, file):
    schema = etree.XMLSchema(file=str(FOLDER / f"{root}.xsd"))

    assert schema.validate(etree.parse(str(FILES / f"{file}.xml"))), schema.error_log


@pytest.mark.parametrize(
    ("kind", "text", "taken"),
    [
        ("CyrillicNameType", "Радка", True),
        ("CyrillicNameType", "Радка Д'Примерова-Измислена", True),
        ("CyrillicNameType", "Radka", False),
        ("CyrillicNameType", " Радка", False),
        ("CyrillicNameType", "", False),
        ("LatinNameType", "Radka O'Primer-Izmislena", True),
        ("LatinNameType", "Радка", False),
        ("CyrillicLatinNameType", "МВР Sofia", True),
        ("CyrillicLatinNameType", "МВР 1", False),
        ("DigitType", "", True),
        ("DigitType", "1000", True),
        ("DigitType", "1 000", False),
    ],
)
def test_the_types_of_texts(kind, text, taken):
    assert _of_type(kind).validate(etree.fromstring(f"<a>{text}</a>")) is taken


def test_a_long_wrong_name_is_judged_quickly():
    schema = _of_type("CyrillicNameType")
    wrong = etree.fromstring(f"<a>{'я' * 4000}1</a>")
    begun = time.monotonic()

    assert not schema.validate(wrong)
    assert time.monotonic() - begun < 1


def _of_type(kind: str) -> etree.XMLSchema:
    namespace = f"http://eform.e-gov.bg/dictionary/{kind}"
    schema = f"""
      <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:k="{namespace}">
        <xs:import namespace="{namespace}" schemaLocation="{(FOLDER / kind).as_uri()}.xsd"/>
        <xs:element name="a" type="k:{kind}"/>
      </xs:schema>"""
    return etree.XMLSchema(etree.fromstring(schema))
