"""Documents in base64 inside an answer: their bytes once each, and of each what it is."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any

from worker.xml.node import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.xml.node import Node

_TAIL = 1024
"""Where a PDF's end mark must be: within its last 1024 bytes, as its readers look for it."""


def certificates(node: Node, names: Iterable[str], contents: dict[str, str]) -> dict[str, Any]:
    """Return what is said of each document that `node` has, and put its base64 into `contents`.

    An empty element is no document. Raises Unfit for what is no whole base64.
    """
    found = {}
    for name in names:
        text = _base64(node, name)
        if not text:
            continue
        content = _decoded(text)
        digest = hashlib.sha256(content).hexdigest()
        contents[digest] = text
        media_type = "application/pdf" if is_pdf(content) else None
        found[name] = {"sha256": digest, "bytes": len(content), "mediaType": media_type}
    return found


def is_pdf(content: bytes) -> bool:
    """Whether it begins and ends as a PDF does."""
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-_TAIL:]


def _base64(node: Node, name: str) -> str:
    elements = list(node.children(name))
    if len(elements) > 1 or any(next(one.children(), None) for one in elements):
        raise Unfit
    return "".join((node.text(name) or "").split())


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unfit from None
