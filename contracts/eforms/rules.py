"""Rules of the eForms events that span fields. Pure; they read the raw data and yield its problems."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.eforms.fields import LARGEST_INLINE
from contracts.eforms.requests import DOCUMENT_WAYS
from contracts.problems import problem
from contracts.raw_data import node, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from contracts.problems import Problem


class Rule(StrEnum):
    """The name of a rule; each problem of an event carries one."""

    # A document's bytes are uploaded or inside the event: exactly one of the two.
    ONE_WAY = "one-way"
    # The answer names an uploaded file by the document's identifier alone.
    DISTINCT_DOCUMENTS = "distinct-documents"
    # What the answer's XML holds is read whole into memory, here and at eForms.
    INLINE_SIZE = "inline-size"


def response_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001 - all rules have one form
    """Check the documents of an answer."""
    found = node(data, "documents")
    documents = found if isinstance(found, list) else []
    for index, document in enumerate(documents):
        if isinstance(document, dict) and sum(document.get(way) is not None for way in DOCUMENT_WAYS) != 1:
            message = f"Give exactly one of {', '.join(DOCUMENT_WAYS)}."
            yield problem(Rule.ONE_WAY, message, "documents", f"[{index}]")
    named = Counter(text(document, "identifier") for document in documents)
    for index, document in enumerate(documents):
        name = text(document, "identifier")
        if name is not None and named[name] > 1:
            message = "Give each document an identifier of its own."
            yield problem(Rule.DISTINCT_DOCUMENTS, message, "documents", f"[{index}]", "identifier")
    if _inline_bytes(data, documents) > LARGEST_INLINE:
        message = "Upload the documents, and name them by uploaded: together they are larger than 256 KiB."
        yield problem(Rule.INLINE_SIZE, message, "documents")


def _inline_bytes(data: object, documents: list[object]) -> int:
    """Return about how many bytes stand in the answer itself: base64 has four characters for three of them."""
    coded = [text(data, "specificContent"), *(text(document, "content") for document in documents)]
    return sum((len(one) * 3 // 4 - one.count("=", max(0, len(one) - 2)) for one in coded if one), 0)


def no_rules(data: object, today: date) -> Iterator[Problem]:  # noqa: ARG001
    """Check nothing: the fields are independent."""
    yield from ()
