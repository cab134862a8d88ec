"""What is wrong with a request by its schema, said without its values. Changes the tree it is given: judge last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.eforms.notifications import RequestProblem
from worker.systems.eforms.spelling import FREE

if TYPE_CHECKING:
    from lxml import etree

    from worker.xml.compiled import CompiledSchema

_LONGEST = 4096
"""Characters of a text that are judged. No rule of the schema is about the length, and to describe a wrong text takes
time for each of its characters."""
_BYTES = frozenset({"attached_document", "content"})
"""The elements that hold base64: four characters always fit together, so that a cut text is as right as the whole."""
_IN_VAIN = "the request is nested too deeply to be judged by the schema"


def breaches(root: etree._Element, schema: CompiledSchema) -> tuple[RequestProblem, ...]:
    """Return every breach of the schema."""
    _shorten(root)
    try:
        found = schema.problems(root)
    except RecursionError:
        return (RequestProblem(path="", rule=_IN_VAIN),)
    return tuple(RequestProblem(path=one.path, rule=one.rule, value=one.value) for one in found)


def _shorten(root: etree._Element) -> None:
    """Empty what is free, and cut long texts."""
    for free in root.iterchildren(FREE):
        del free[:]
        free.text = None
        free.attrib.clear()
    for element in root.iter("*"):
        text = element.text
        if text is not None and len(text) > _LONGEST:
            element.text = "".join(text.split())[:_LONGEST] if element.tag in _BYTES else text[:_LONGEST]
