"""The contract of one type of notification: what a national system states on its own, and Herald publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel


@immutable
class NotificationContract:
    """One type of event on `herald.<system>.notifications`.

    ``name`` is thing and verb (`payment.status-changed`), ``model`` the data, ``example`` an example of it.
    ``workers`` are the systems whose workers publish it, because they look for it or an accepted answer of theirs shows
    it. What comes by a call is published by the receiver, and needs no entry. ``of_submission``: it belongs to a
    submission.
    """

    system: str
    name: str
    title: str
    description: str
    model: type[BaseModel]
    example: Mapping[str, Any]
    version: int = 1
    workers: tuple[str, ...] = ()
    of_submission: bool = True

    @property
    def event_type(self) -> str:
        """The type of the event's CloudEvent."""
        return f"{self.system}.{self.name}.v{self.version}"
