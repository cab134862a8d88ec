"""Another bundle in the place of ours: the same values make messages that are valid by it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xmlschema
from lxml import etree

from schemas import shipped
from tests.support.systems.nhis.values import CONTENTS, message

if TYPE_CHECKING:
    from tests.unit.worker.xml.conftest import Load
    from worker.xml.bundle import SchemaBundle

XS = "{http://www.w3.org/2001/XMLSchema}"
OPTION = (
    '<xs:element xmlns:xs="http://www.w3.org/2001/XMLSchema" name="vialCode" type="nhis:Code" minOccurs="0"/>'
)


def rewrite(file: Path) -> None:
    """Reverse the sequences of all named types and groups, add an element, and name parts by URL."""
    tree = etree.parse(str(file))
    for block in tree.getroot().iterchildren(f"{XS}complexType", f"{XS}group"):
        for sequence in block.iterchildren(f"{XS}sequence"):
            sequence[:] = list(reversed(sequence))
    for lot in list(tree.iter(f"{XS}element")):
        if lot.get("name") == "lotNumber":
            lot.addnext(etree.fromstring(OPTION))
    for include in tree.iter(f"{XS}include"):
        include.set("schemaLocation", "https://www.his.bg/api/v1/NHIS-Entities.xsd")
    tree.write(str(file), encoding="utf-8", xml_declaration=True)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another bundle, with the same elements in another order and one more that is optional."""
    directory = tmp_path_factory.mktemp("bundle") / "other"
    shutil.copytree(shipped("nhis"), directory)
    for file in directory.glob("*.xsd"):
        rewrite(file)
    return directory


@pytest.fixture(scope="module")
def reordered(load: Load, other: Path) -> SchemaBundle:
    return load(other, *CONTENTS)


def names(element: etree._Element) -> list[str]:
    return [etree.QName(child).localname for child in element]


@pytest.mark.parametrize("type_", sorted(CONTENTS))
def test_the_same_values_make_valid_messages_by_both(
    nhis: SchemaBundle, reordered: SchemaBundle, other: Path, type_: str
) -> None:
    values = message(type_)
    ours, theirs = nhis.message(type_), reordered.message(type_)

    mine, changed = ours.build(values), theirs.build(values)

    assert ours.validate(mine) == theirs.validate(changed) == ()
    judge = xmlschema.XMLSchema(
        str(other / f"NHIS-{type_}.xsd"),
        allow="local",
        uri_mapper={"https://www.his.bg/api/v1/NHIS-Entities.xsd": str(other / "NHIS-Entities.xsd")},
    )
    judge.validate(etree.tostring(changed).decode())
    assert not judge.is_valid(etree.tostring(mine).decode())  # or the order would prove nothing
    assert names(changed[0]) == names(mine[0])[::-1]


def test_the_new_element_can_be_given(reordered: SchemaBundle) -> None:
    schema = reordered.message("I001")
    values = message("I001")
    values["contents"] = {
        **CONTENTS["I001"],
        "immunization": {**CONTENTS["I001"]["immunization"], "vialCode": "V1"},
    }

    element = schema.build(values)

    assert schema.validate(element) == ()
    assert "vialCode" in names(element[1][2])


def test_an_element_of_another_name_needs_only_a_renaming(load: Load, other: Path, tmp_path: Path) -> None:
    renamed = Path(shutil.copytree(other, tmp_path / "renamed"))
    entities = renamed / "NHIS-Entities.xsd"
    entities.write_text(entities.read_text().replace('name="doseNumber"', 'name="doseNo"'))
    schema = load(renamed, "I001").message("I001", rename={"immunization/doseNumber": "doseNo"})

    element = schema.build(message("I001"))

    assert schema.validate(element) == ()
    assert "doseNo" in names(element[1][2])
