"""Answers that are given later: what was asked for, and how often it is still to be asked for."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.csc.errors import invalid


class Later:
    """The answers by the identifier with which they are asked for."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, dict[str, Any]]] = {}

    def keep(self, answer: dict[str, Any], questions: int) -> str:
        """Return the identifier of an answer that comes after so many questions."""
        name = secrets.token_urlsafe(12)
        self._kept[name] = (questions, answer)
        return name

    def asked(self, name: str) -> dict[str, Any] | None:
        """Return the answer; None where it is not there yet. Raises Refused."""
        if name not in self._kept:
            raise invalid("Invalid parameter requestID")
        questions, answer = self._kept[name]
        self._kept[name] = (questions - 1, answer)
        return None if questions > 0 else answer
