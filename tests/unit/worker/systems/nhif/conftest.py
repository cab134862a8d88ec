"""A key, settings and a catalogue for the NHIF tests. Every service and document here is invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from worker.systems.nhif.catalogue.load import load_catalogue
from worker.systems.nhif.settings import NhifSettings

NOON = datetime.now(UTC).replace(microsecond=0)

JSON_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "invented": {"type": "string", "maxLength": 5},
        "count": {"type": "integer", "minimum": 0},
        "rows": {"type": "array", "items": {"$ref": "#/$defs/row"}},
    },
    "required": ["invented"],
    "additionalProperties": False,
    "$defs": {"row": {"type": "object", "required": ["code"], "properties": {"code": {"enum": ["A", "B"]}}}},
}
XSD = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:invented" elementFormDefault="qualified">
  <xs:element name="invented">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="count" type="xs:positiveInteger" maxOccurs="2"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
</xs:schema>
"""
CATALOGUE = """
services:
  - {module: m, version: v1, service: LIST, method: GET}
  - module: m
    version: v1
    service: REPORT
    method: GET
    answer: json
    parameters:
      - {name: practice, type: string, pattern: "[0-9]{10}"}
      - {name: fromDate, type: date}
      - {name: count, type: integer}
      - {name: share, type: number}
      - {name: whole, type: boolean}
      - {name: note, type: string, required: false, max_length: 20}
      - {name: page, type: integer, required: false}
  - module: m
    version: v1
    service: QUERY
    method: GET
    parameters:
      - {name: fromDate, type: date, in: query, required: false}
      - {name: practice, type: string}
      - {name: page, type: integer, in: query}
      - {name: note, type: string, in: query, required: false}
  - {module: m, version: v1, service: ANY, method: POST}
  - {module: m, version: v1, service: PDF, method: POST, body: {media: binary, content_type: application/pdf}}
  - {module: m, version: v1, service: BYTES, method: POST, body: {media: binary}}
  - {module: m, version: v1, service: PARTS, method: POST, body: {media: multipart}}
  - module: m
    version: v1
    service: JSON
    method: POST
    body: {media: json, schema: own/document.json}
    recovery: repeat
  - module: m
    version: v1
    service: XML
    method: POST
    body: {media: xml, schema: own/document.xsd, root: invented, content_type: text/xml}
    recovery: same-identity
    answer: xml
"""


@pytest.fixture(scope="session")
def key():
    issued = issue("Д-р Измислена, PNOBG-7223154154")
    return file_key("one", issued, clock=lambda: NOON)


@pytest.fixture
def settings():
    return NhifSettings(api_url="https://nhif.test", senders=("one", "two"))


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory):
    folder = tmp_path_factory.mktemp("catalogue")
    (folder / "own").mkdir()
    (folder / "own" / "document.json").write_text(json.dumps(JSON_SCHEMA))
    (folder / "own" / "document.xsd").write_text(XSD)
    file = folder / "catalogue.yaml"
    file.write_text(CATALOGUE)
    return load_catalogue(file)
