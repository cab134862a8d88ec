"""Files by reference (claim check): what replies and notifications carry in place of bytes that are too large."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.fields import UtcTime, formed
from contracts.model import ContractModel

FileId = Annotated[
    str,
    formed(
        36,
        "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        "a file's id: a UUID in small letters, with hyphens",
    ),
]
Sha256 = Annotated[str, formed(64, "^[0-9a-f]{64}$", "a SHA-256: 64 hexadecimal digits in small letters")]


class FileReference(ContractModel):
    """A file that Herald keeps: fetch it from the receiver (docs/files.md) until it expires."""

    id: FileId
    """The file's id in Herald."""
    sha256: Sha256
    """The SHA-256 of its bytes, as hexadecimal digits in lower case: compare it after fetching."""
    size: Annotated[int, Field(ge=0)]
    """Its size in bytes."""
    media_type: str
    """Its media type, as the national system stated it, or as its content shows."""
    name: str | None = None
    """Its name, where it has one."""
    expires_at: UtcTime
    """Until when Herald keeps it."""
    url: str | None = None
    """An address from which it can be fetched without a client certificate for a short time, where the operator
    enabled signed addresses. It is a secret until then: whoever has it can fetch the file."""


class ReferredFile(ContractModel):
    """A part of a reply that is too large for its topic, kept as a file."""

    path: str
    """JSON path of the member that the file stands for, which is null there: `data.content`, or `answer.body`. A member
    that its contract declares to be base64 is decoded; any other one is JSON."""
    file: FileReference
    """The file."""


class UploadedFile(ContractModel):
    """A file that the sender of an event uploaded before it published the event (docs/files.md)."""

    id: FileId
    """The id that the receiver answered to the upload."""
    sha256: Sha256
    """The SHA-256 of its bytes: the event is refused where the uploaded file has another."""
