"""The asynchronous calls: their results, when they are ready, and what becomes of their callbacks. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.regix.errors import NO_SUCH_CALL, WRONG_CODE
from sandbox.regix.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.regix.variants import Variants


@dataclass(slots=True)
class Call:
    """One call that is answered later. ``make`` makes its result, once, when somebody needs it."""

    call_id: int
    operation: str
    verification_code: str
    ready_at: datetime
    make: Callable[[], Result] = field(repr=False)
    callback_url: str | None = None
    removed: bool = False
    callback_at: datetime | None = None
    """When the next callback is due; None where none is, or none any more."""
    failures: int = 0
    _result: Result | None = None

    @property
    def result(self) -> Result:
        """The result, the same each time."""
        if self._result is None:
            self._result = self.make()
        return self._result


@dataclass(slots=True)
class Calls:
    """All calls by number, and the operation of every number that was given."""

    operations: dict[int, str] = field(default_factory=dict)
    pending: dict[int, Call] = field(default_factory=dict)

    def next_id(self, operation: str) -> int:
        """Return the number of a new call."""
        number = len(self.operations) + 1
        self.operations[number] = operation
        return number

    def add(self, call: Call) -> None:
        """Keep a call; its callback, where it has one, is due when the result is ready."""
        call.callback_at = call.ready_at if call.callback_url else None
        self.pending[call.call_id] = call

    def checked(self, call_id: int, code: str | None, now: datetime) -> tuple[str, Result]:
        """Return what CheckResult finds, and the answer; a wrong code is told apart from a call that is gone."""
        call = self._kept(call_id)
        if call is None:
            return "gone", Result(error=NO_SUCH_CALL.format(call_id))
        if code != call.verification_code:
            return "wrong-code", Result(error=WRONG_CODE)
        if now < call.ready_at:
            return "not-ready", Result(call_id=call_id)
        return "ready", call.result

    def acknowledged(self, call_id: int, code: str | None) -> str:
        """Remove a result, and return what was found; RegiX does not tell the consumer."""
        call = self._kept(call_id)
        if call is None:
            return "gone"
        if code != call.verification_code:
            return "wrong-code"
        self._remove(call)
        return "removed"

    def finish(self, call_ids: list[int] | None, now: datetime) -> list[int]:
        """Make results ready now: those of these numbers, or all; return whose."""
        waiting = [one for one in self.pending.values() if not one.removed and now < one.ready_at]
        chosen = [one for one in waiting if call_ids is None or one.call_id in call_ids]
        for call in chosen:
            call.ready_at = now
            call.callback_at = now if call.callback_url else None
        return [one.call_id for one in chosen]

    def due(self, now: datetime) -> list[Call]:
        """Return the calls whose callback is to be sent."""
        return [
            one for one in self.pending.values() if one.callback_at is not None and one.callback_at <= now
        ]

    def delivered(self, call: Call, variants: Variants) -> None:
        """Note that a callback arrived: RegiX removes the result, and sends no further one."""
        call.callback_at = None
        if not variants.keep_after_callback:
            self._remove(call)

    def not_delivered(self, call: Call, variants: Variants, now: datetime) -> None:
        """Note that a callback failed: the next one comes after n times the step, without an end."""
        call.failures += 1
        if not call.removed:
            call.callback_at = now + timedelta(seconds=call.failures * variants.callback_retry_seconds)

    def _kept(self, call_id: int) -> Call | None:
        call = self.pending.get(call_id)
        return None if call is None or call.removed else call

    def _remove(self, call: Call) -> None:
        call.removed = True
        call.callback_at = None
