"""What the journal is asked to write about submissions whose answer comes later."""

from __future__ import annotations

import hashlib
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.journal.encoding import storable
from worker.journal.held_command import Held, Key
from worker.journal.waiting_values import ready_bytes

if TYPE_CHECKING:
    from worker.journal.waiting_values import StoredCall, StoredRecord
    from worker.pipeline.ports import Begin, PutOff, Received, Sending


@immutable
class Wait(Held):
    """Let a submission wait. ``begin`` has the times and names; what is encrypted is in ``call`` and ``record``."""

    begin: Begin
    call: StoredCall
    record: StoredRecord
    received: Received | None
    in_doubt: bool

    @property
    def weight(self) -> int:
        """The record and the answer."""
        answer = len(self.received.body or b"") if self.received else 0
        return answer + len(self.record.value or b"") + len(self.record.headers)


@immutable
class SendAsk(Held):
    """Make a message durable that asks for an answer, or acknowledges it."""

    sending: Sending

    @property
    def weight(self) -> int:
        """The message."""
        return len(self.sending.request)


@immutable
class GivesBack(Held):
    """Give the claim back, with the end of the last message where there is one."""

    received: Received | None

    @property
    def weight(self) -> int:
        """The answer."""
        return len(self.received.body or b"") if self.received else 0


@immutable
class Postpone(GivesBack):
    """Let it be taken again later. ``call`` replaces what asking needs."""

    put_off: PutOff
    call: StoredCall | None


@immutable
class Acknowledge(Held):
    """Turn to the acknowledgement of an answer."""

    give_up_after: float


@immutable
class Waited(GivesBack):
    """Forget what asking needed."""


@immutable
class FindWaiting:
    """Tell whether a submission waits, or its reply does."""

    source: str
    id: str
    weight = 0

    @property
    def key(self) -> Key:
        """The submission."""
        return storable(self.source), storable(self.id)


@immutable
class TakeDue:
    """Take submissions of a system that are due."""

    system: str
    limit: int
    held: tuple[Key, ...]
    weight = 0

    @property
    def key(self) -> Key:
        """The system; the empty source keeps it apart from submissions, which have one."""
        return "", f"due in {self.system}"


@immutable
class Hasten:
    """Make due now what waits for this."""

    system: str
    ready: str = field(repr=False)
    weight = 0

    @property
    def key(self) -> Key:
        """What the call of the system carries, as its digest."""
        return "", f"ready in {self.system} {hashlib.sha256(ready_bytes(self.ready)).hexdigest()}"
