"""The marks of the shipped NHIS schemas, and the tables of docs/systems/nhis-messages.md made from them.

Run it to bring the page in step: ``python -m tests.support.systems.nhis.schema_marks``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from schemas import shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[4] / "docs" / "systems" / "nhis-messages.md"
BEGIN, END = "<!-- generated from the schemas: begin -->\n", "<!-- generated from the schemas: end -->\n"
XS = "{http://www.w3.org/2001/XMLSchema}"
OCCURS = {("1", "1"): "1", ("0", "1"): "0..1", ("0", "unbounded"): "0..n", ("1", "unbounded"): "1..n"}


@dataclass(frozen=True)
class Row:
    """One element as a definition declares it."""

    name: str
    occurs: str
    type: str
    mark: str
    why: str


@dataclass(frozen=True)
class Definition:
    """A named type or group, or the root element, of one file; and the elements directly in it."""

    file: str
    name: str
    rows: tuple[Row, ...]


def own_mark(node: etree._Element) -> tuple[str, str] | None:
    """Return mark and reason of a declaration, or None where it says nothing itself."""
    mark = node.findtext(f"{XS}annotation/{XS}appinfo[@source='urn:herald:mark']")
    return None if mark is None else (mark, node.findtext(f"{XS}annotation/{XS}documentation") or "")


def definitions(file: Path) -> Iterator[Definition]:
    """Yield the definitions of a schema file that have elements."""
    for node in (
        etree.parse(str(file)).getroot().iterchildren(f"{XS}element", f"{XS}complexType", f"{XS}group")
    ):
        rows = tuple(
            _row(element, own_mark(node)) for element in node.iter(f"{XS}element") if element is not node
        )
        if rows:
            yield Definition(file.name, node.get("name") or "", rows)


def _row(element: etree._Element, inherited: tuple[str, str] | None) -> Row:
    around = [one for one in element.iterancestors() if one.tag in {f"{XS}choice", f"{XS}sequence"}]
    least = min(one.get("minOccurs", "1") for one in (element, *around))
    most = max(
        (one.get("maxOccurs", "1") for one in (element, *around)), key=lambda text: text == "unbounded"
    )
    occurs = OCCURS[least, most]
    if any(one.tag == f"{XS}choice" for one in around):
        occurs += " of a choice"
    mark = own_mark(element) or inherited
    assert mark is not None, f"{element.get('name')} has no mark, and what holds it has none either"
    return Row(element.get("name"), occurs, element.get("type").removeprefix("nhis:"), *mark)


def tables() -> str:
    """Return the generated part of the page."""
    lines: list[str] = []
    for file in sorted(
        shipped("nhis").glob("*.xsd"), key=lambda file: (file.stem != "NHIS-Entities", file.stem)
    ):
        title = etree.parse(str(file)).getroot().findtext(f"{XS}annotation/{XS}documentation") or ""
        lines += [f"## {file.stem.removeprefix('NHIS-')}", "", title, ""]
        for definition in definitions(file):
            lines += [
                f"**{definition.name}**",
                "",
                "| element | occurs | type | mark | why |",
                "|---|---|---|---|---|",
            ]
            lines += [
                f"| {row.name} | {row.occurs} | {row.type} | {row.mark} | {row.why} |"
                for row in definition.rows
            ]
            lines.append("")
    return "\n".join(lines)


def page_with_tables(page: str) -> str:
    """Return the page with its generated part made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
