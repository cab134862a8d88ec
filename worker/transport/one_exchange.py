"""How far one request has come, and how long it may still take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.event_loop import running_loop
from worker.transport.deadlines import Deadline
from worker.transport.failures import Stage

if TYPE_CHECKING:
    from worker.transport.deadlines import Deadlines
    from worker.transport.port import SendGuard
    from worker.transport.settings import TransportSettings


class Exchange:
    """One request. From its first byte on a deadline ends it, which moves on while the bytes of a file do."""

    def __init__(self, settings: TransportSettings, guard: SendGuard | None, deadlines: Deadlines) -> None:
        self.stage = Stage.CONNECTING
        self.deadline = Deadline(deadlines)
        self._guard = guard
        self._settings = settings
        self._latest = float("inf")

    def leaves(self) -> None:
        """Note that the first byte of the request comes next. Raises what the guard does, SendRefused above all."""
        if self._guard is not None:
            self._guard.begin()
        self.stage = Stage.SENT
        self._latest = running_loop().time() + self._settings.total_timeout
        self.deadline.reschedule(self._latest)

    def sends(self, count: int | None) -> None:
        """Note that the connection takes so many bytes of a file, or, by None, that all are on their way."""
        self._latest += (count or 0) / self._settings.least_bytes_per_second
        silence = self._settings.total_timeout if count is None else self._settings.answer_timeout
        self._end_by(running_loop().time() + silence)

    def saves(self, count: int | None) -> None:
        """Note that so many bytes of a file came. The client bounds the silence between them."""
        self._latest += (count or 0) / self._settings.least_bytes_per_second
        self._end_by(running_loop().time() + self._settings.total_timeout)

    def _end_by(self, when: float) -> None:
        self.deadline.reschedule(min(when, self._latest))
