"""What a national system states on its own, and Herald publishes as a notification: an event of its own contract."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping


@immutable
class Notice:
    """One thing that a national system states. It is published once, however often the system states it.

    ``key`` is the system's own identity of what is stated: what has one key is the same. ``type`` is the event
    type of its contract, ``data`` the data in that contract's outside names. ``reference`` is what the system calls
    the submission that it belongs to (see `Accepted.reference`), None where it belongs to none. ``rnu`` is the
    reference number of the service that the system states, if it does.
    """

    key: str = field(repr=False)
    type: str
    data: Mapping[str, Any] = field(repr=False)
    reference: str | None = field(default=None, repr=False)
    rnu: str | None = None
