"""Invented messages of eDelivery that hold requests of eForms, and their files."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from contracts.files import FileReference
from worker.systems.ssev.opened import OpenedFile, OpenedMessage

TEMPLATE = 77
FILES = Path(__file__).parents[3] / "unit" / "worker" / "systems" / "eforms" / "files"
REQUEST = (FILES / "request.xml").read_text(encoding="utf-8")
FIELD = "179ea4dc-7879-43ad-8073-72b263915656"


def reference(name: str | None, content: bytes, media_type: str = "application/xml") -> FileReference:
    """Return the reference of a stored file with this content."""
    return FileReference(
        id=str(uuid5(NAMESPACE_URL, name or "unnamed")),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        media_type=media_type,
        name=name,
        expires_at=datetime(2026, 4, 1, tzinfo=UTC),
    )


def xml_file(name: str | None, content: bytes, media_type: str = "application/xml") -> OpenedFile:
    """Return an XML file of a message, with its bytes."""
    return OpenedFile(FIELD, name, media_type, reference(name, content, media_type), content)


PDF = reference("epikriza.pdf", b"%PDF-1.7 invented", "application/pdf")
PDF_FILE = OpenedFile(FIELD, PDF.name, PDF.media_type, PDF)
NOT_FETCHED = OpenedFile(FIELD, "request.xml", "application/xml", None)


def message(
    *files: OpenedFile,
    template_id: int | None = 1,
    rnu: str | None = None,
    fields: dict[str, str | bool] | None = None,
) -> OpenedMessage:
    """Return an opened message with these files."""
    return OpenedMessage(
        signer="one",
        message_id=48207,
        template_id=template_id,
        rnu=rnu,
        subject="Измислено заявление",
        sender_id=7,
        sender_name="Измислен подател",
        date_sent="2026-03-01T09:31:00",
        date_received="2026-03-01T10:00:00",
        fields=fields or {},
        files=files,
    )
