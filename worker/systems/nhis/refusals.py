"""What NHIS states in an I099: its errors as they are, and whether they say that it has this already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from worker.outcome import AlreadyExists, Rejected, StatedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from worker.systems.nhis.statement import Node

_LONGEST_SEARCHED = 4000
"""Longer texts are not searched, lest an operator's pattern takes long; NHIS states at most 2000 characters."""

_NRN_AT_END = re.compile(r"(?<![0-9A-Za-z])([0-9A-Z]{12})\W*\Z")
"""RL080 names the document that exists at the end of its sentence (inferred from other modules)."""


def errors_in(contents: Iterable[Node]) -> tuple[StatedError, ...]:
    """Return every error: `error` elements, or `contents` that are errors themselves (seen in v3 services)."""
    return tuple(_error(node) for part in contents for node in _error_nodes(part))


def refusal(errors: tuple[StatedError, ...], already: Iterable[re.Pattern[str]]) -> Rejected | AlreadyExists:
    """Return what the errors mean; ``already`` are the sentences that say the system has it."""
    for text in (text for error in errors for text in _texts(error)):
        if any(pattern.search(text) for pattern in already):
            named = _NRN_AT_END.search(text)
            return AlreadyExists(errors, reference=named.group(1) if named else None)
    return Rejected(errors)


def _error_nodes(contents: Node) -> Iterator[Node]:
    nested = list(contents.descendants("error"))
    if nested:
        yield from nested
    elif contents.value("type") or contents.value("reason"):
        yield contents


def _error(node: Node) -> StatedError:
    return StatedError(
        type=node.value("type") or "",
        reason=node.value("reason"),
        description=tuple(node.values("description")),
        faulty_attribute=node.value("faultyAttribute"),
    )


def _texts(error: StatedError) -> list[str]:
    texts = [error.reason or "", *error.description]
    return [text for text in texts if len(text) <= _LONGEST_SEARCHED]
