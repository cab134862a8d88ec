"""Verification codes stay out of what is kept and shown: who has one can fetch a report, or have it forgotten. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from worker.text_encoding import text_of

if TYPE_CHECKING:
    from worker.transport.port import Answer

REMOVED = "[removed]"
_OPENING = re.compile(r"<(?:[\w.-]{1,100}:)?VerificationCode(?:\s[^<>]{0,1000}(?<!/))?>")
_NAMES = (b"VerificationCode", "VerificationCode".encode("utf-16-le"))
"""The second is in UTF-16 of either order of bytes."""


def without_code(message: bytes) -> bytes:
    """Return one of our own messages without its code."""
    return _removed(message.decode()).encode()


def without_address(message: bytes, url: str | None) -> bytes | None:
    """Return a message without the callback's address, which has a secret segment; None where it does not have it."""
    written = None if url is None else escape(url).encode()
    if written is None or written not in message:
        return None
    return message.replace(written, REMOVED.encode())


def without_codes(answer: Answer) -> Answer:
    """Return the answer with evidence that holds no code, where it holds one."""
    if not any(name.rstrip(b"\0") in answer.body for name in _NAMES):
        return answer
    text = text_of(answer.body, answer.charset)
    if text is not None:
        return replace(answer, evidence=_removed(text).encode())
    # No encoding fits: the element is found by its ASCII letters, and all other bytes stay as they are.
    return replace(answer, evidence=_removed(answer.body.decode("latin-1")).encode("latin-1"))


def _removed(text: str) -> str:
    """Replace what follows each opening tag, up to the next closing one, or to the end of an answer that breaks off."""
    kept: list[str] = []
    done = 0
    for opening in _OPENING.finditer(text):
        if opening.start() < done:
            continue
        closing = text.find("</", opening.end())
        kept += [text[done : opening.end()], REMOVED]
        done = len(text) if closing < 0 else closing
    return "".join([*kept, text[done:]])
