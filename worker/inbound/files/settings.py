"""Who fetches and uploads files, and how much of it the receiver serves at once."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from worker.plain_pattern import PatternText
from worker.setting_types import SettingsModel, must_be

ClientName = Annotated[
    str, must_be(r"[A-Za-z0-9._-]{1,100}", "a name of at most 100 letters a-z, digits and . _ -")
]
Fingerprint = Annotated[
    str,
    must_be(
        r"[0-9a-fA-F]{2}(:?[0-9a-fA-F]{2}){31}",
        "a SHA-256 fingerprint: 64 hexadecimal digits, with or without :",
    ),
]


class FileClient(SettingsModel):
    """A hospital information system, known by its client certificate."""

    subject: str | None = None
    """The certificate's subject as RFC 4514 writes it, such as `CN=his.example,O=Invented Hospital`: any certificate of
    `receiver.tls.client_ca_file` with this subject. This or `fingerprints`."""
    fingerprints: tuple[Fingerprint, ...] = ()
    """The SHA-256 fingerprints of its certificates: several, so that a new one can be introduced in time."""
    sources: Annotated[tuple[PatternText, ...], Field(min_length=1)]
    """The events' `source`, as patterns in which `*` stands for any characters: only files of these are its own."""

    @model_validator(mode="after")
    def _known_by_something(self) -> FileClient:
        if (self.subject is None) == (not self.fingerprints):
            raise ValueError("give either subject or fingerprints")
        return self


class FileServingSettings(SettingsModel):
    """Files over HTTP: `/files` on the receiver's port. Needs the section `files`, which has the signed addresses."""

    clients: dict[ClientName, FileClient] = Field(default_factory=dict)
    """The systems that are known by their certificates, by a name that the audit shows. Needs
    `receiver.tls.client_ca_file`."""
    uploads: bool = True
    """Whether files can be uploaded."""
    transfers: int = Field(default=8, ge=1, le=200)
    """Transfers at the same time; further ones are answered with 503."""
    requests_per_second: float = Field(default=20.0, gt=0)
    """Requests of one client that one receiver takes, and of all signed addresses together; the others are answered
    with 429."""
    stall_seconds: float = Field(default=30.0, gt=0, le=600)
    """The longest time for the next 256 KiB of a transfer: a slower caller's connection is closed."""
