"""Keeping senderId and password out of whatever is kept, logged or published."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html import unescape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from worker.outcome import Accepted, Advanced, AlreadyExists, Blocked, Outcome, Rejected, Taken
from worker.text_encoding import UTF_8, encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from worker.outcome import StatedError
    from worker.systems.kz_shep.senders import Sender
    from worker.transport.port import Answer

MARK = "[removed]"
_CREDENTIALS = re.compile(rb"(<(?:[\w.-]+:)?(?:senderId|password)(?:\s[^>]*)?>)[^<]*(?=</)")
# The sender's name is not redacted inside a word or base64, where it occurs by chance.
_WHOLE = rb"(?<![A-Za-z0-9+/])%s(?![A-Za-z0-9+/])"
_REFERENCE = re.compile(rb"&(?:#[0-9]{1,10}|#[xX][0-9a-fA-F]{1,8}|lt|gt|amp|quot|apos);")
_NAMES = MappingProxyType({"<": "lt", ">": "gt", "&": "amp", '"': "quot", "'": "apos"})
_SHORTEST_IN_BASE64 = 6
"""Bytes; the base64 of a shorter password occurs in large documents by chance."""


def without_credentials(message: bytes) -> bytes:
    """Return a request as evidence may keep it; all other bytes stay, so that the credentials restore it."""
    return _CREDENTIALS.sub(rb"\g<1>" + MARK.encode(), message)


class Redaction:
    """Finds one sender's name and password in the answers to its messages, where a gateway may repeat them.

    The password is removed wherever it occurs, even where that damages other content of the evidence.
    """

    def __init__(self, sender: Sender) -> None:
        password = sender.password or ""
        self._forms = [form.encode() for form in (password, _in_base64(password), sender.sender_id) if form]
        patterns = [_spelt(form) for form in (password, _in_base64(password)) if form]
        self._pattern = re.compile(b"|".join((*patterns, _WHOLE % _spelt(sender.sender_id))))

    def answer(self, answer: Answer) -> Answer:
        """Return the answer, with a redacted copy as its evidence where it repeats a secret."""
        headers = {name: self._text(value) for name, value in answer.headers.items()}
        evidence = self._encoded(self._bytes(answer.body), answer.charset)
        return replace(answer, headers=headers, evidence=None if evidence == answer.body else evidence)

    def _encoded(self, body: bytes, charset: str | None) -> bytes:
        """Look through a body in another encoding than UTF-8, and return it in its own."""
        codec = encoding_of(body, charset)
        if codec is None or codec == UTF_8:
            return body
        text = body.decode(codec)
        cleaned = self._text(text)
        return body if cleaned == text else cleaned.encode(codec)

    def outcome(self, outcome: Outcome, free_texts: AbstractSet[str]) -> Outcome:
        """Return the outcome without them; of an accepted one, only the fields of these names are searched."""
        if isinstance(outcome, Accepted):
            return replace(outcome, data=self._data(outcome.data, free_texts))
        if isinstance(outcome, Taken | Advanced):
            return outcome
        if isinstance(outcome, Rejected | AlreadyExists):
            return replace(outcome, errors=self._errors(outcome.errors))
        if isinstance(outcome, Blocked):
            outcome = replace(outcome, errors=self._errors(outcome.errors))
        return replace(outcome, detail=self._text(outcome.detail))

    def _errors(self, errors: Iterable[StatedError]) -> tuple[StatedError, ...]:
        return tuple(
            error.model_copy(
                update={
                    "type": error.type and self._text(error.type),
                    "reason": error.reason and self._text(error.reason),
                }
            )
            for error in errors
        )

    def _data(self, value: Any, free_texts: AbstractSet[str]) -> Any:
        if isinstance(value, dict):
            return {
                name: self._text(one)
                if name in free_texts and isinstance(one, str)
                else self._data(one, free_texts)
                for name, one in value.items()
            }
        return [self._data(one, free_texts) for one in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        return self._bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def _bytes(self, content: bytes) -> bytes:
        # The pattern takes long over a large document, and holds the interpreter lock; this check mostly makes it
        # unnecessary.
        plain = _REFERENCE.sub(_character, content)
        return (
            self._pattern.sub(MARK.encode(), content)
            if any(form in plain for form in self._forms)
            else content
        )


def _character(reference: re.Match[bytes]) -> bytes:
    return unescape(reference[0].decode("ascii")).encode("utf-8", "replace")


def _spelt(secret: str) -> bytes:
    """Return a pattern for the text that also matches its characters written as XML character references."""
    return b"".join(_any_spelling(character) for character in secret)


def _any_spelling(character: str) -> bytes:
    code = ord(character)
    named = f"|&{_NAMES[character]};" if character in _NAMES else ""
    references = f"|&#0*{code};|&#[xX]0*(?i:{code:x});{named}"
    return b"(?:" + re.escape(character.encode("utf-8", "surrogatepass")) + references.encode() + b")"


def _in_base64(secret: str) -> str:
    content = secret.encode("utf-8", "surrogatepass")
    if len(content) < _SHORTEST_IN_BASE64:
        return ""
    return base64.b64encode(content).decode("ascii").rstrip("=")
