"""From the bytes of an NHIS message to what it says, in the words of the contract. Total.

Elements are found by their local names: namespaces and prefixes have changed between releases. A reader returns None
where the answer does not fit.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Any, TypeAlias

from contracts.immutable import immutable
from contracts.nhis.found import FoundRecord
from worker.systems.nhis.entries import COUNT, entry
from worker.systems.stated import without_gaps
from worker.systems.typed import typed
from worker.xml import safe
from worker.xml.answer import parse_answer
from worker.xml.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from worker.transport.port import Answer

Reader: TypeAlias = "Callable[[Node], Mapping[str, Any] | None]"

REGISTERED = "1"
"""CL039: the immunization was performed."""
CANCELLED = "2"
"""CL039: the immunization is void."""

_MAX_BYTES = 64 * 1024 * 1024
"""The transport has a lower limit for answers; this one holds for bodies from other sources."""
_NRN = re.compile(r"[0-9A-Za-z]{12}")


@immutable
class Statement:
    """An NHIS message: its type, the id of the message that it answers, its contents and its warnings."""

    type: str | None
    message_id: str | None
    contents: tuple[Node, ...]
    """One element; a refusal may have several."""
    warnings: tuple[Mapping[str, str], ...] = ()
    """Each in the words of the contract."""


def read_statement(
    answer: Answer, names: Mapping[str, str], max_parts: int = safe.MAX_PARTS
) -> Statement | None:
    """Return the message in an answer, or None where it is no safe, readable XML message with contents.

    ``max_parts``: of tags and attributes.
    """
    if answer.truncated:
        return None
    try:
        root = parse_answer(answer.body, answer.charset, max_bytes=_MAX_BYTES, max_parts=max_parts)
    except safe.RefusedXml:
        return None
    node = Node(root, names)
    contents = tuple(node.children("contents"))
    if node.name != "message" or not contents:
        return None
    return Statement(
        node.value("header/messageType"), node.value("header/messageId"), contents, tuple(_warnings(node))
    )


def _warnings(message: Node) -> Iterator[Mapping[str, str]]:
    """Yield the warnings of a message, which stand behind its contents (SPEC X002), without those that say nothing."""
    for node in message.children("warnings"):
        warning = without_gaps(
            code=node.value("code"),
            description=node.value("description"),
            source=node.value("source"),
            nrn=node.value("nrnTarget"),
        )
        if warning:
            yield warning


def registered(lrn: str) -> Reader:
    """Read I002: it must name a NRN; our LRN and the status, where it shows them, must be right.

    The document promises the NRN alone (3.1, 4a); that LRN and status are there too is inferred.
    """

    def read(contents: Node) -> Mapping[str, Any] | None:
        nrn, shown, status, number = contents.first_values("nrnImmunization", "lrn", "status", "uvci")
        if not is_nrn(nrn) or shown not in {lrn, None} or status not in {REGISTERED, None}:
            return None
        return without_gaps(nrn=nrn, lrn=lrn, status=status, certificateNumber=number)

    return read


def found(contents: Node) -> Mapping[str, Any] | None:
    """Read I004: nothing found is a result too, an empty list or none (the document, 3.2, 4a)."""
    shown = list(contents.children("results"))
    results = [entry(node) for node in shown if next(node.children(), None)]
    number = contents.value("foundNumber")
    if number is None:
        # Without the number (its name is inferred), contents are a list only if they hold results alone, or nothing.
        number = str(len(results)) if len(shown) == len(list(contents.children())) else ""
    if not COUNT.fullmatch(number) or int(number) < len(results) or (int(number) > 0) != bool(results):
        return None
    return {"found": int(number), "results": results}


def found_for_reply(contents: Node) -> Mapping[str, Any] | None:
    """Read I004 for the one who searched: what the contract names, and of its types."""
    read = found(contents)
    return read and {**read, "results": [typed(FoundRecord, one) for one in read["results"]]}


def reaction_registered(nrn: str) -> Reader:
    """Read I006, a confirmation (the document, 3.3, 3a): the NRN, where it shows one, must be ours."""

    def read(contents: Node) -> Mapping[str, Any] | None:
        shown, status, number = contents.first_values("nrnImmunization", "status", "nrnReaction")
        if shown not in {nrn, None}:
            return None
        return without_gaps(nrn=nrn, status=status, reactionNumber=number)

    return read


def cancelled(nrn: str) -> Reader:
    """Read I012, a confirmation (the document, 3.4, 4a): NRN and status, where it shows them, must be right."""

    def read(contents: Node) -> Mapping[str, Any] | None:
        shown, status = contents.first_values("nrnImmunization", "status")
        if shown not in {nrn, None} or status not in {CANCELLED, None}:
            return None
        return without_gaps(nrn=nrn, status=status)

    return read


def certificates(contents: Node) -> Mapping[str, Any] | None:
    """Read I014: at least one certificate, each of them whole base64 of at least one byte.

    The document speaks of one (3.5, 4a); that there may be several, and where they stand, is inferred.
    """
    read = [_certificate(text, number) for text, number in _numbered(contents)]
    whole = [one for one in read if one is not None]
    if not whole or len(whole) < len(read):
        return None
    first, *others = whole
    return {**first, "others": others} if others else first


def _numbered(node: Node) -> Iterator[tuple[str, str | None]]:
    """Yield every certificate with its number: they stand side by side, there are as many of these as of those."""
    found, numbers = list(node.children("certificate")), node.values("uvci")
    paired = len(numbers) == len(found)
    for index, one in enumerate(found):
        yield one.attribute("value"), numbers[index] if paired else None
    for child in node.children():
        yield from _numbered(child)


def _certificate(value: str, number: str | None) -> dict[str, Any] | None:
    text = "".join(value.split())
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not content:
        return None
    return without_gaps(
        content=text,
        mediaType="application/pdf" if content.startswith(b"%PDF-") else None,
        bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        certificateNumber=number,
    )


def is_nrn(text: str | None) -> bool:
    """Return whether this can be a NRN: exactly 12 letters and digits."""
    return text is not None and _NRN.fullmatch(text) is not None
