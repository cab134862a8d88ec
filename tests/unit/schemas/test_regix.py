"""The shipped RegiX schemas: every part says where it is from, and they take the shapes of public sources."""

from __future__ import annotations

import pytest
from lxml import etree

from schemas import shipped
from tests.support.systems.nhis.schema_marks import XS, own_mark
from tests.support.systems.regix.answers import NO_MATRIX, TAKEN, data, failed, response_to, result

FOLDER = shipped("regix")
FILES = sorted(FOLDER.rglob("*.xsd"))
SERVICE = etree.XMLSchema(file=str(FOLDER / "Service.xsd"))
SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'


def test_the_readme_names_every_file_and_folder():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert len(FILES) == 23
    named = {path.relative_to(FOLDER).parts[0] for path in FOLDER.iterdir() if path.name != "README.md"}
    assert named == {"Service.xsd", "SignedData.xsd", "operations.yaml", "arguments"}
    assert [name for name in named if f"| {name}" not in readme] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_declaration_has_a_mark_with_a_reason(file):
    root = etree.parse(str(file)).getroot()
    types = {node.get("name"): own_mark(node) for node in root.iterchildren(f"{XS}complexType")}
    elements = {
        node.get("name"): own_mark(node) or types.get(node.get("type", "").rpartition(":")[2])
        for node in root.iterchildren(f"{XS}element")
    }

    assert [name for name, mark in {**types, **elements}.items() if mark is None] == []
    for mark in root.iter(f"{XS}appinfo"):
        assert mark.get("source") == "urn:herald:mark"
        assert mark.text in {"confirmed", "inferred"}
        assert (mark.getnext().text or "").strip()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_everything_is_qualified(file):
    root = etree.parse(str(file)).getroot()
    assert root.get("elementFormDefault") == "qualified"
    assert root.get("targetNamespace", "").startswith("http://egov.bg/RegiX")


@pytest.mark.parametrize(
    ("operation", "content", "valid"),
    [
        ("Execute", result(), True),
        ("CheckResult", result(data(matrix=NO_MATRIX)), True),
        ("Execute", TAKEN, True),
        ("Execute", failed("Access denied!"), True),
        ("Execute", result(signature=SIGNATURE), True),
        ("Execute", result(signature=f"<Signature>{SIGNATURE * 2}</Signature>"), True),
        ("AcknowledgeResultReceived", "", True),
        ("Execute", result(ready="perhaps"), False),
        ("Execute", result().replace("<IsReady>true</IsReady>", ""), False),
        ("Execute", result(signature="<Other/>"), False),
        ("Execute", "", False),
    ],
)
def test_answers(operation, content, valid):
    body = etree.fromstring(response_to(operation, content)).find("{*}Body")
    assert SERVICE.validate(etree.fromstring(etree.tostring(body[0]))) is valid, SERVICE.error_log
