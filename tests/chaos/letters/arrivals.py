"""Messages that somebody sends to the hospital: letters with files, and requests of eForms."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.letters.plan import Kind

REQUEST = Path(__file__).parents[2] / "unit" / "worker" / "systems" / "eforms" / "files" / "request.xml"
SCAN_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message in the hospital's inbox, with the SHA-256 of each of its files."""

    message: int
    digests: frozenset[str]


def message_of(name: str, kind: Kind) -> dict[str, Any]:
    """Return what the sandbox's control is asked: a message with an invented scan, and with what the kind needs."""
    files: list[dict[str, Any]] = [{"name": "снимка.pdf", "size": SCAN_BYTES, "mediaType": "application/pdf"}]
    if kind is Kind.REQUEST:
        xml = base64.b64encode(REQUEST.read_bytes()).decode()
        files.append({"name": "request.xml", "content": xml, "mediaType": "application/xml"})
    return {"subject": f"Измислено искане {name}", "files": files}


def arrived(said: dict[str, Any]) -> Arrived:
    """Read what the control answers."""
    return Arrived(said["messageId"], frozenset(one["hash"].lower() for one in said["blobs"]))
