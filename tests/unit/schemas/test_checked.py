"""Every XSD that ships is checked here by all rules: where a worker compiles it, xmlschema leaves its own out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from schemas import shipped, ships
from worker.xml.compiled import CompiledSchema, compile_schema
from worker.xml.folder import SchemaFolder
from worker.xml.plan import Slot, compile_plan

ROOT = shipped("nhis").parent
FILES = sorted(ROOT.rglob("*.xsd"))
ENTRIES = {
    file: root.get("name")
    for file in FILES
    for root in list(etree.parse(str(file)).getroot().iterchildren("{*}element"))[:1]
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_xmlschema_has_nothing_against_it(file: Path) -> None:
    """Warnings are errors in tests."""
    schema = xmlschema.XMLSchema10(
        str(file), validation="strict", base_url=str(file.parent), defuse="always", allow="sandbox", use_fallback=False
    )  # fmt: skip

    assert schema.all_errors == []
    assert schema.validity == "valid"


@pytest.mark.parametrize("file", ENTRIES, ids=lambda file: str(file.relative_to(ROOT)))
def test_it_means_the_same_as_in_the_folder_of_an_operator(file: Path, tmp_path: Path) -> None:
    shutil.copytree(file.parent, tmp_path / "own")
    own = SchemaFolder(tmp_path / "own")

    ours = compile_schema(SchemaFolder(file.parent), file, ENTRIES[file])
    theirs = compile_schema(own, own.directory / file.name, ENTRIES[file])

    assert isinstance(ours, CompiledSchema)
    assert isinstance(theirs, CompiledSchema)
    assert (ours.model.validation, theirs.model.validation) == ("skip", "lax")
    assert _told(compile_plan(ours.root, {})[0]) == _told(compile_plan(theirs.root, {})[0])


def _told(plan: Slot) -> list[object]:
    """Return everything that a plan says; a type may hold itself."""
    seen: list[int] = []
    waiting, told = [plan], list[object]()
    while waiting:
        slot = waiting.pop()
        content = slot.content
        if id(content) in seen:
            told.append((slot.name, slot.tag, seen.index(id(content))))
            continue
        seen.append(id(content))
        told.append((slot.name, slot.tag, content.attributes, content.text, content.times, content.names))
        waiting += [inner for order in content.orders for inner in order]
    return told


def test_what_ships_is_told_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(shipped("nhis"))

    assert ships(shipped("nhis"))
    assert ships(shipped("regix") / "arguments")
    assert ships(tmp_path / "link")
    assert not ships(tmp_path)
    assert not ships(ROOT.parent)
