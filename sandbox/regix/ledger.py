"""The ledger, in memory: what was executed, refused, checked, acknowledged and called back.

Identifiers of people are never in the clear: `asked` and `passed_on` are SHA-256 in hexadecimal. CallContext is kept
as it came, as RegiX itself keeps it in its log.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.regix.names import CHECK

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Execution:
    """One report that was executed. ``outcome``: `answered`, `pending` or `error`."""

    seq: int
    at: str
    ServiceCallID: int
    operation: str
    consumer: str
    soap: str
    outcome: str
    asynchronous: bool
    sign_result: bool
    return_access_matrix: bool
    writes: bool
    argument_sha256: str | None
    asked: str | None
    call_context: Mapping[str, str]
    passed_on: Mapping[str, str]
    callback_url: str | None
    deviations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One request that was not executed, and RegiX's text for it."""

    seq: int
    at: str
    request: str
    operation: str
    consumer: str | None
    soap: str
    error: str
    call_context: Mapping[str, str]
    deviations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One CheckResult or AcknowledgeResultReceived. ``outcome`` is what was found, told to the consumer or not."""

    seq: int
    at: str
    ServiceCallID: int
    consumer: str | None
    outcome: str
    deviations: tuple[str, ...]


@dataclass(slots=True)
class Callback:
    """The callbacks of one call, attempt by attempt."""

    ServiceCallID: int
    url: str
    delivered: bool = False
    attempts: list[dict[str, Any]] = field(default_factory=list)


class Ledger:
    """All of it, each in order."""

    def __init__(self) -> None:
        self.executions: list[Execution] = []
        self.refusals: list[Refusal] = []
        self.checks: list[Question] = []
        self.acknowledgements: list[Question] = []
        self.callbacks: dict[int, Callback] = {}

    def execute(self, **values: Any) -> None:
        """Note an execution."""
        self.executions.append(Execution(seq=len(self.executions) + 1, **values))

    def refuse(self, **values: Any) -> None:
        """Note a refusal."""
        self.refusals.append(Refusal(seq=len(self.refusals) + 1, **values))

    def question(self, operation: str, **values: Any) -> None:
        """Note a CheckResult or an AcknowledgeResultReceived."""
        listed = self.checks if operation == CHECK else self.acknowledgements
        listed.append(Question(seq=len(listed) + 1, **values))

    def called_back(self, call_id: int, url: str, attempt: Mapping[str, Any], *, delivered: bool) -> None:
        """Note an attempt to call back."""
        noted = self.callbacks.setdefault(call_id, Callback(call_id, url))
        noted.attempts.append(dict(attempt))
        noted.delivered = noted.delivered or delivered

    def shown(self) -> dict[str, Any]:
        """Return the whole ledger, ready for JSON."""
        return {
            "executions": [asdict(one) for one in self.executions],
            "refusals": [asdict(one) for one in self.refusals],
            "checks": [asdict(one) for one in self.checks],
            "acknowledgements": [asdict(one) for one in self.acknowledgements],
            "callbacks": [asdict(one) for one in self.callbacks.values()],
            "repeated_writes": self._repeated_writes(),
        }

    def _repeated_writes(self) -> list[dict[str, Any]]:
        counts = Counter((one.operation, one.argument_sha256) for one in self.executions if one.writes)
        return [
            {"operation": operation, "argument_sha256": argument, "times": times}
            for (operation, argument), times in counts.items()
            if times > 1
        ]


def pseudonym(value: str | None) -> str | None:
    """Return how the ledger names a person or thing that was asked for."""
    return None if value is None else hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
