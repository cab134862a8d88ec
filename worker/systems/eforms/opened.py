"""A message of eDelivery that somebody opened, as far as eForms looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.files import FileReference


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file of the message. ``reference`` is None where its bytes were not fetched."""

    name: str | None = field(repr=False)
    reference: FileReference | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """``fields`` are the texts of the template's fields, by the ids of these; all of it may be health data."""

    message_id: int
    template_id: int | None
    rnu: str | None
    subject: str | None = field(repr=False)
    sender: str | None = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    files: tuple[OpenedFile, ...] = field(repr=False)
