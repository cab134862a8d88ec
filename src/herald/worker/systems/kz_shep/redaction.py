"""Keeping senderId and password out of whatever is kept, logged or published."""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from herald.worker.outcome import Accepted, AlreadyExists, Outcome, Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from herald.worker.systems.kz_shep.senders import Sender
    from herald.worker.transport.port import Answer

MARK = "[removed]"
_CREDENTIALS = re.compile(rb"(<(?:[\w.-]+:)?(?:senderId|password)(?:\s[^>]*)?>)[^<]*(?=</)")
# Not inside a word or base64: there it stands by chance.
_WHOLE = rb"(?<![A-Za-z0-9+/])(?:%s)(?![A-Za-z0-9+/])"


def without_credentials(message: bytes) -> bytes:
    """Return a message of ours as evidence may keep it; all other bytes stay, so that with them it can be restored."""
    return _CREDENTIALS.sub(rb"\g<1>" + MARK.encode(), message)


class Redaction:
    """Finds what one sender is known by in the answers to its messages, where a gateway may repeat it."""

    def __init__(self, sender: Sender) -> None:
        secrets = [secret for secret in (sender.sender_id, sender.password) if secret]
        self._whole = re.compile(_WHOLE % _any_of(secrets))
        # A password is taken out wherever it stands: of the evidence it may then spoil what it must not show.
        anywhere = _any_of([sender.password]) if sender.password else b"(?!)"
        self._anywhere = re.compile(anywhere + b"|" + self._whole.pattern)

    def answer(self, answer: Answer) -> Answer:
        """Return the answer with a copy for evidence, where it repeats a secret."""
        headers = {name: self._text(value) for name, value in answer.headers.items()}
        evidence = self._anywhere.sub(MARK.encode(), answer.body)
        return replace(answer, headers=headers, evidence=None if evidence == answer.body else evidence)

    def outcome(self, outcome: Outcome) -> Outcome:
        """Return the outcome without them."""
        if isinstance(outcome, Accepted):
            return Accepted(self._value(outcome.data))
        if isinstance(outcome, Rejected | AlreadyExists):
            errors = tuple(
                replace(error, type=self._value(error.type), reason=self._value(error.reason))
                for error in outcome.errors
            )
            return replace(outcome, errors=errors)
        return replace(outcome, detail=self._text(outcome.detail))

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {name: self._value(one) for name, one in value.items()}
        return [self._value(one) for one in value] if isinstance(value, list) else value

    def _text(self, text: str) -> str:
        found = text.encode("utf-8", "surrogatepass")
        return self._whole.sub(MARK.encode(), found).decode("utf-8", "surrogatepass")


def _any_of(secrets: Iterable[str]) -> bytes:
    """Return a pattern for them, as they are and as XML writes them."""
    spelt = {form for secret in secrets for form in (secret, escape(secret, quote=False), escape(secret))}
    return b"|".join(re.escape(form.encode()) for form in sorted(spelt, key=len, reverse=True))
