"""The shipped SHEP schemas: every part says where it is from, and they take what the ministry's document shows."""

from __future__ import annotations

import pytest
from lxml import etree

from schemas import shipped
from tests.support.systems.kz_shep.answers import data, envelope, error, exemption, fault, response, status
from tests.support.systems.nhis.schema_marks import XS, own_mark

FOLDER = shipped("kz-shep")
FILES = sorted(FOLDER.glob("*.xsd"))
SCHEMA = etree.XMLSchema(file=str(FOLDER / "EHEALTH_MEDICAL_EXEMPTION_SEARCH.xsd"))


def test_the_readme_names_every_file():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert len(FILES) == 6
    assert [file.name for file in FILES if f"| {file.name} |" not in readme] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_declaration_has_a_mark_with_a_reason(file):
    root = etree.parse(str(file)).getroot()
    found = [
        (node.get("name"), own_mark(node)) for node in root.iterchildren(f"{XS}complexType", f"{XS}element")
    ]
    assert [name for name, mark in found if mark is None] == []
    for mark in root.iter(f"{XS}appinfo"):
        assert mark.get("source") == "urn:herald:mark"
        assert mark.text in {"confirmed", "inferred"}
        assert (mark.getnext().text or "").strip()


def test_what_is_not_published_is_marked_inferred():
    root = etree.parse(str(FOLDER / "MedicalExemption.xsd")).getroot()
    marks = {node.get("name"): own_mark(node)[0] for node in root.iterchildren(f"{XS}complexType")}
    assert {name for name, mark in marks.items() if mark == "inferred"} == {"Status", "Dictionary"}


END = "<temporaryContraindicationEndDate>2021-12-31T00:00:00</temporaryContraindicationEndDate>"
GUID = "{92769bcb-a615-4fec-ba5a-81c284d49763}"


@pytest.mark.parametrize(
    ("content", "valid"),
    [
        # The answer of the ministry's document, with its certificate closed.
        (response(), True),
        (response(data(status())), True),
        (response(data(status() + exemption(more=END) + exemption("2", pdf=None))), True),
        (response(""), True),
        (response(data(exemption())), False),
        (response(data(status() + exemption(more="<other/>"))), False),
        (response(data(status() + exemption(more=END.replace("2021-12-31T00:00:00", "31-12-2021")))), False),
        (response(stated=""), False),
        (response(stated=status(message="x" * 251)), False),
        (response(stated=f"{status()}<sessionId>{GUID}</sessionId>"), True),
        (response(stated=f"{status()}<sessionId>{GUID.strip('{}')}</sessionId>"), False),
    ],
)
def test_answers(content, valid):
    message = etree.fromstring(envelope(content)).find("{*}Body")[0]
    assert SCHEMA.validate(message) is valid, SCHEMA.error_log


@pytest.mark.parametrize(
    ("errors", "valid"),
    [
        (error("SCE001"), True),
        (error("SCE909", error("SCE005")), True),
        ("<errorCode>SCE001</errorCode>", False),
    ],
)
def test_faults(errors, valid):
    detail = etree.fromstring(fault(errors)).find(".//detail")[0]
    assert SCHEMA.validate(detail) is valid, SCHEMA.error_log
