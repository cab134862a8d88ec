"""The answers. Their form is invented, and says so: that of NHIF's own is not public."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lxml import etree

from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON, XML = "application/json", "application/xml"
NOTE = "invented by Herald's sandbox"
_OK = 200


def answered(form: str, kind: str, content: Mapping[str, str | int]) -> Answer:
    """Return a success with this content as JSON or XML."""
    told = {"note": NOTE, **content}
    if form == "xml":
        root = etree.Element("answer")
        for name, value in told.items():
            etree.SubElement(root, name).text = str(value)
        body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        return Answer(_OK, body, XML, kind=kind)
    return Answer(_OK, json.dumps(told, ensure_ascii=False).encode(), JSON, kind=kind)


def refused(status: int, why: str) -> Answer:
    """Return an error with a reason."""
    body = json.dumps({"note": NOTE, "error": why}, ensure_ascii=False).encode()
    return Answer(status, body, JSON, kind="error")


def altered(answer: Answer) -> Answer:
    """Return the answer as one to another request; an error stays as it is."""
    if answer.kind == "error" or answer.kind is None:
        return answer
    other: dict[str, str | int] = {"service": "example/v1/OTHER", "number": 0}
    return answered("xml" if answer.content_type == XML else "json", answer.kind, other)
