"""A message that was opened, for those who recognise what it carries (see `Dependencies.opened`)."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contracts.files import FileReference
    from worker.notice import Notice

LARGEST_READ = 1024 * 1024
"""Bytes of a file that is handed on with its content."""


@immutable
class OpenedFile:
    """A file of the message. ``field_id`` is its field in the template.

    ``reference`` is None where it was not fetched. ``content``: its bytes, where it is XML by its name and has at most
    `LARGEST_READ` bytes, else None.
    """

    field_id: str
    name: str | None = field(repr=False)
    media_type: str | None
    reference: FileReference | None = field(repr=False)
    content: bytes | None = field(default=None, repr=False)


@immutable
class OpenedMessage:
    """What the system states of the message; times as it writes them. ``fields`` are texts and flags by field id."""

    signer: str
    message_id: int
    template_id: int | None
    rnu: str | None
    subject: str | None = field(repr=False)
    sender_id: int | None
    sender_name: str | None = field(repr=False)
    date_sent: str | None
    date_received: str | None
    fields: Mapping[str, str | bool] = field(repr=False)
    files: tuple[OpenedFile, ...] = field(repr=False)


Recognise: TypeAlias = "Callable[[OpenedMessage], Notice | None]"
"""Returns what a message means to another system, or None. Pure and total: it must not raise, whatever the bytes."""


def recognise_nothing(message: OpenedMessage) -> Notice | None:
    """Recognise no message."""
    del message
    return None
