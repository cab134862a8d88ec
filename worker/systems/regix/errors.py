"""What RegiX's errors and faults mean, by their sentences. Pure.

The sentences are those of RegiX's source (REGIX3: ExecutionAdapterContext, AdapterClient, StringResources,
DBPersistanceProvider). Everything else is a primary register's, and the settings say what it means.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from worker.systems.regix.settings import Meaning
from worker.systems.stated import says

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.systems.regix.response import Fault
    from worker.systems.regix.settings import RegisterError


class Kind(StrEnum):
    """What a sentence says."""

    ACCESS_DENIED = "access-denied"
    """RegiX does not know the certificate, or gives it no access. Stated before anything was processed."""
    DISABLED = "disabled"
    """RegiX has switched the operation off. Stated before anything was processed."""
    NO_OPERATION = "no-operation"
    """RegiX knows no such operation. Stated before anything was processed."""
    ARGUMENT = "argument"
    """RegiX does not take the argument. Stated before anything was processed."""
    UNFIT = "unfit"
    """A fault without a word, as RegiX answers an argument that is not of the operation's type."""
    NO_CALL = "no-call"
    """RegiX knows no request with this number and code."""
    REJECTED = "rejected"
    RETRY = "retry"
    BLOCKED = "blocked"
    """The primary register's error means this, by the settings."""


_SENTENCES: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.ACCESS_DENIED, r"^\s*access denied!"),
        (Kind.DISABLED, r"^\s*service is disabled!"),
        (Kind.NO_OPERATION, r"element request\.operation is invalid"),
        (Kind.NO_OPERATION, r"operation with name:\s*'[^']*' could not be found"),
        (Kind.ARGUMENT, r"element request\.argument is required"),
        (Kind.ARGUMENT, r"invalid xml content in request\.argument"),
        (Kind.NO_CALL, r"no such service ?call ?id"),
        (Kind.NO_CALL, r"^\s*wrong verification code"),
        (Kind.NO_CALL, r"there is no operation known with the provided id"),
    )
)
_OF_MEANING = {Meaning.REJECTED: Kind.REJECTED, Meaning.RETRY: Kind.RETRY, Meaning.BLOCKED: Kind.BLOCKED}
REFUSED_UNREAD = frozenset(
    {"ActionNotSupported", "DeserializationFailed", "MustUnderstand", "VersionMismatch"}
)
"""Codes by which WCF refuses a message before any operation sees it."""


def kind_of_error(sentence: str | None, table: Iterable[RegisterError], *, by_register: bool) -> Kind:
    """Return what the sentence of a result's error says.

    Where a register stated it, which a result shows by being ready, it is none of RegiX's own, whatever its words.
    """
    known = None if by_register else _known(sentence)
    return known or next(
        (_OF_MEANING[row.means] for row in table if says(sentence, [row.says])), Kind.REJECTED
    )


def kind_of_fault(fault: Fault) -> Kind | None:
    """Return what a fault says; None for one that says nothing of these."""
    if not fault.sentences and fault.exception == _ARGUMENT_EXCEPTION:
        return Kind.UNFIT
    return next((kind for sentence in fault.sentences if (kind := _known(sentence))), None)


_ARGUMENT_EXCEPTION = "System.ArgumentException"


def _known(sentence: str | None) -> Kind | None:
    return next((kind for kind, pattern in _SENTENCES if says(sentence, [pattern])), None)
