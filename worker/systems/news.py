"""What a System has besides, where Herald must look for what arrived there: an inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.notice import Notice


@immutable
class Watch:
    """One place to look at (an inbox of one profile). ``name`` is unique within its system, and no secret.

    ``signer`` is whose access is used. ``seconds`` lie between two looks that found everything.
    """

    name: str
    signer: str
    seconds: float


@immutable
class Seen:
    """What one look found. ``cursor`` is durable together with the notices, and is given to the next look.

    ``more``: the place has more to show, so that the next look follows at once.
    """

    notices: tuple[Notice, ...]
    cursor: str | None
    more: bool = False


class LookFailed(Exception):
    """Nothing could be seen now. ``reason`` is a value of `Reason`; the text quotes no health data."""

    def __init__(self, reason: str, detail: str, *, delay: float | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.delay = delay


@runtime_checkable
class LooksForNews(Protocol):
    """Looking only reads, without legal effect. Each notice is published once by its `key`, however often seen.

    The contract of each type of notice names this system among its `workers` (`NotificationContract`): it decides which
    topics exist, who may write to them, and what else would be a defect.
    """

    def watches(self) -> Sequence[Watch]:
        """Return the places that the settings name."""

    async def look(self, watch: Watch, cursor: str | None) -> Seen:
        """Look once: one or a few bounded requests. ``cursor`` is None at the first look. Raises LookFailed."""
