"""The report of a register for the reply: as XML, field by field, and beside what the certificate has access to. Pure.

A register gives no element for a field that the certificate has no access to, and none for one that it has no value
of. Only the access matrix tells the two apart.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING, Any

from lxml import etree

from worker.systems.regix.response import flag_in, is_nil, only, text_in
from worker.systems.stated import without_gaps
from worker.xml.node import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from worker.systems.regix.response import Parts

LARGEST_ANSWER = 1024 * 1024
"""Bytes of an answer whose report is written out: no reply is larger by default, and the evidence has all of it."""
MOST_FIELDS = 5000
"""Fields that are told one by one."""
LONGEST_PATH = 1000
"""Characters of a field's path."""


def report_data(parts: Parts, response: etree._Element, size: int) -> dict[str, Any]:
    """Return the members of the reply's data that tell the report; None for what is too large for a reply."""
    matrix = access_matrix(parts)
    large = size > LARGEST_ANSWER
    return {
        "report": None if large else _report(response),
        "fields": None if large else _fields(response, matrix),
        "accessMatrix": matrix,
    }


def access_matrix(parts: Parts) -> dict[str, Any] | None:
    """Return what RegiX states of the certificate's access; None where it states nothing."""
    matrix = parts.matrix
    if matrix is None:
        return None
    listed = only(matrix, "Properties")
    properties = [] if listed is None else [_property(one) for one in islice(listed, MOST_FIELDS)]
    return {
        "name": text_in(only(matrix, "Name")),
        "hasAccess": flag_in(only(matrix, "HasAccess")),
        "properties": [one for one in properties if one is not None],
    }


def _property(element: etree._Element) -> dict[str, Any] | None:
    name, access = text_in(only(element, "Name")), flag_in(only(element, "HasAccess"))
    if name is None or access is None:
        return None
    return {"name": name[:LONGEST_PATH], "hasAccess": access}


def _report(response: etree._Element) -> dict[str, Any]:
    alone = deepcopy(response)
    alone.tail = None
    etree.cleanup_namespaces(alone)
    return {
        "namespace": etree.QName(alone).namespace,
        "name": local_name(alone),
        "xml": etree.tostring(alone, encoding="unicode"),
    }


def _fields(response: etree._Element, matrix: Mapping[str, Any] | None) -> list[dict[str, Any]] | None:
    """Return the fields that are there in their order, then those of the matrix that are not."""
    there: set[str] = set()
    told = list(islice(_given(response, "", there), MOST_FIELDS + 1))
    if len(told) > MOST_FIELDS:
        return None
    missing = [] if matrix is None else list(_missing(matrix["properties"], there))
    return [*told, *missing]


def _given(element: etree._Element, path: str, there: set[str]) -> Iterator[dict[str, Any]]:
    for child in element.iterchildren("*"):
        name = f"{path}{local_name(child)}"[:LONGEST_PATH]
        there.add(name)
        if next(child.iterchildren("*"), None) is not None:
            yield from _given(child, f"{name}.", there)
            continue
        value = None if is_nil(child) else text_in(child)
        yield without_gaps(name=name, state="empty" if value is None else "given", value=value)


def _missing(properties: Sequence[Mapping[str, Any]], there: set[str]) -> Iterator[dict[str, Any]]:
    for one in properties:
        if one["name"] not in there:
            yield {"name": one["name"], "state": "absent" if one["hasAccess"] else "no-access"}
