from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from lxml import etree

from schemas import shipped
from tests.support.systems.nhis.schema_marks import PAGE, XS, page_with_tables, tables

FILES = sorted(shipped("nhis").glob("*.xsd"))
TYPES = ["C001", "C002", "C003", "C004", "S001", *(f"I{n:03}" for n in (*range(1, 9), 11, 12, 13, 14, 99))]


def test_there_is_a_schema_for_each_message_and_the_readme_names_it() -> None:
    readme = (shipped("nhis") / "README.md").read_text(encoding="utf-8")

    assert sorted(file.name for file in FILES) == sorted(
        ["NHIS-Entities.xsd", "NHIS-I001.production.xsd", *(f"NHIS-{t}.xsd" for t in TYPES)]
    )
    assert [file.name for file in FILES if file.name not in readme] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_declaration_has_a_mark_with_a_reason(file: Path) -> None:
    tree = etree.parse(str(file))
    for info in tree.iter(f"{XS}appinfo"):
        assert info.get("source") == "urn:herald:mark"
        assert info.text in {"confirmed", "inferred"}
        assert (info.getnext().text or "").strip()
    unmarked = [
        element.get("name")
        for element in tree.iter(f"{XS}element")
        if element.find(f"{XS}annotation") is None
        and element.getparent() is not tree.getroot()
        and next(element.iterancestors(f"{XS}complexType", f"{XS}group")).find(f"{XS}annotation") is None
    ]
    assert unmarked == []


def test_the_page_shows_the_schemas_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == page_with_tables(page), "run: python -m tests.support.systems.nhis.schema_marks"


def test_the_page_lists_exactly_the_inferred_elements() -> None:
    """Read both sides anew, without the code that made the page."""
    declared = [
        element.get("name")
        for file in FILES
        for element in etree.parse(str(file)).iterfind(f".//{XS}element")
        if any(
            mark.text == "inferred"
            for mark in element.xpath(
                "(x:annotation | self::*[not(x:annotation)]/ancestor::*[self::x:complexType or self::x:group]"
                "[1]/x:annotation)/x:appinfo",
                namespaces={"x": XS.strip("{}")},
            )
        )
    ]
    listed = re.findall(r"^\| (\w+) \| [^|]+ \| \w+ \| inferred \| .+ \|$", tables(), re.MULTILINE)

    assert sorted(listed) == sorted(declared)
    assert len(declared) > 60


@pytest.fixture(scope="module")
def entities() -> Any:
    return xmlschema.XMLSchema(str(shipped("nhis") / "NHIS-Entities.xsd"), allow="local", defuse="always")


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("Lrn", ["a", "5e0c2b9a-6f5b-5d0e-9a53-0b6f3a0f7d11"], ["", "x" * 37]),
        ("Nrn", ["26001A2B3C4D"], ["26001A2B3C4", "26001A2B3C4D5", "26001A2B3C4-"]),
        ("MessageId", ["x" * 36], ["x" * 35, "x" * 37]),
        ("MessageType", ["I001", "L001"], ["I01", "i001", "I0011"]),
        ("Uvci", ["URN/BG-1#7"], ["", "a b", "ж"]),
        ("Lot", ["A", "x" * 22], ["", "x" * 23]),
        ("Uin", ["2300000001"], ["230000001", "23000000011", "230000000A"]),
        ("PracticeNumber", ["2201000001"], ["22010000", "22-1000001"]),
        ("Phone", ["0", "0" * 15], ["", "0" * 16, "+359888"]),
        ("NhifQualification", ["00"], ["0", "000", "AA"]),
        ("NhifVaccineCode", ["07", "99"], ["7", "007"]),
        ("Text", ["ж" * 2000], ["", "x" * 2001]),
        ("ErrorReason", ["", "ж" * 2000], ["x" * 2001]),
        ("Ordinal", ["1"], ["0", "-1", "1.5"]),
        ("Flag", ["true", "false", "1"], ["yes", ""]),
        ("Date", ["2026-02-28"], ["2026-02-30", "28.02.2026", "2026-02-28T10:00:00"]),
        ("Moment", ["2026-01-02T08:00:00.1234567Z", "2020-10-21T18:11:23"], ["2026-01-02"]),
        ("Code", ["-1000", "Z24.6"], ["", "x" * 51]),
        ("WarningCode", ["W001"], ["W1", "E001"]),
        ("NomenclatureId", ["CL037"], ["CL37", "037"]),
        ("Base64Text", ["JVBERi0xLjQK", "JVBE\nRi0="], ["", "J_-"]),
        ("Quantity", ["0.5", "1"], ["1,5", "a"]),
    ],
)
def test_the_facets_of_each_value(entities: Any, kind: str, good: list[str], bad: list[str]) -> None:
    type_ = entities.types[f"{kind}Value"]

    assert [value for value in good if not type_.is_valid(value)] == []
    assert [value for value in bad if type_.is_valid(value)] == []
