"""The ledger of reads and documents, in memory: without their content, which is of patients."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.nhif.access import Visitor


@dataclass(frozen=True, slots=True)
class Read:
    """One list or report that was returned."""

    seq: int
    service: str
    parameters: int
    signer: str
    certificate: str
    at: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart document, without its content."""

    name: str
    file_name: str | None
    content_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document that was taken; a second one with the same hash is a second document."""

    seq: int
    service: str
    sha256: str
    bytes: int
    content_type: str
    signer: str
    certificate: str
    at: str
    parts: tuple[Part, ...] = ()


class Ledger:
    """Reads and documents, each in order."""

    def __init__(self) -> None:
        self.reads: list[Read] = []
        self.documents: list[Document] = []

    def read(self, service: str, parameters: int, visitor: Visitor, now: datetime) -> Read:
        """Note a read."""
        seq = len(self.reads) + 1
        self.reads.append(Read(seq, service, parameters, visitor.name, visitor.serial, now.isoformat()))
        return self.reads[-1]

    def take(
        self,
        service: str,
        body: bytes,
        content_type: str,
        visitor: Visitor,
        now: datetime,
        *,
        parts: Sequence[Part] = (),
    ) -> Document:
        """Note a document."""
        taken = Document(
            seq=len(self.documents) + 1,
            service=service,
            sha256=hashlib.sha256(body).hexdigest(),
            bytes=len(body),
            content_type=content_type,
            signer=visitor.name,
            certificate=visitor.serial,
            at=now.isoformat(),
            parts=tuple(parts),
        )
        self.documents.append(taken)
        return taken

    def shown(self) -> dict[str, Any]:
        """Return the whole ledger, ready for JSON."""
        return {
            "reads": [asdict(item) for item in self.reads],
            "documents": [asdict(item) for item in self.documents],
        }
