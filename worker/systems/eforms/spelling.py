"""The names of a request's elements as the schema spells them: real requests have others. Changes the tree it is given.

Confirmed by the platform's own template: the element `validTo` is written there with the Cyrillic letters Т and о.
Inferred: that other names may be written so, and that elements may come in some namespace; a prefix is no matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from contracts.eforms.notifications import RequestProblem
from worker.systems.lookalikes import latin
from worker.xml.schema_problem import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

FREE = "specificContent"
"""The element whose content no schema declares: it stays as it is."""
OTHER_SCRIPT = "the name of the element is written with letters of another script"
IN_NAMESPACE = "the elements are in a namespace; the schema has them in none"


def correct(root: etree._Element, names: frozenset[str]) -> tuple[RequestProblem, ...]:
    """Give every element its name of the schema, outside what is free. Return what was corrected."""
    problems = []
    qualified = False
    for element in _elements(root):
        name = etree.QName(element).localname
        right = name if name in names or latin(name) not in names else latin(name)
        qualified |= etree.QName(element).namespace is not None
        element.tag = right
        if right != name:
            path = local_path(root.getroottree().getpath(element))
            problems.append(RequestProblem(path=path, rule=OTHER_SCRIPT))
    if qualified:
        problems.insert(0, RequestProblem(path=f"/{root.tag}", rule=IN_NAMESPACE))
    return tuple(problems)


def _elements(element: etree._Element) -> Iterator[etree._Element]:
    yield element
    if latin(etree.QName(element).localname) == FREE:
        return
    for child in element.iterchildren("*"):
        yield from _elements(child)
