"""The challenge of the authorisation service: checked before a qualified signature is put under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.nhis.statement import local_name
from worker.xml import safe

if TYPE_CHECKING:
    from lxml.etree import _Element

    from worker.transport.port import Answer

_MAX_BYTES = 64 * 1024
_SHAPES = (["contents"], ["header", "contents"])


def challenge_in(answer: Answer) -> _Element | None:
    """Return the document to sign, whatever the status says, or None where the body is no challenge.

    Whoever answers at that address chooses what a physician signs. So only a message whose contents are one
    challenge passes: never a document that NHIS would take as an immunization.
    """
    if answer.truncated:
        return None
    try:
        root = safe.parse(answer.body, max_bytes=_MAX_BYTES)
    except safe.RefusedXml:
        return None
    return root if _is_challenge(root) else None


def _is_challenge(root: _Element) -> bool:
    parts = list(root.iterchildren("*"))
    if local_name(root) != "message" or [local_name(part) for part in parts] not in _SHAPES:
        return False
    return [local_name(node) for node in parts[-1].iterdescendants("*")] == ["challenge"]
