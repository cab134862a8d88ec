"""The variants of eDelivery: where its document and its source differ, and what a test needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sandbox.stand_in import InvalidControl

SCANS = ("clean", "malicious", "unsure", "never")
_CHOICES = {
    "dates": ("documented", "offset"),
    "upload_answer": ("documented", "source"),
    "scan": SCANS,
    "rnu": ("kept", "replaced"),
}


@dataclass(frozen=True, slots=True)
class Variants:
    """The variants of one eDelivery."""

    dates: str = "documented"
    """`documented`: without a zone, as in the document's examples; `offset`: with one, as the source would write."""
    upload_answer: str = "documented"
    """The answer to an upload: numbers and `blobSignatureStatus`; `source`: names and `signatureStatus`."""
    temporary_readable: bool = False
    """Whether GET and DELETE of a file know temporary ones; in the source they know those of the storage alone."""
    scan: str = "clean"
    """What the scan of the next uploads finds; `never`: there is none, as the source has it for very large files."""
    scan_seconds: float = 0.0
    """How long a scan takes on the sandbox's clock; 0: as in the source, the answer to the upload has its result."""
    storage_bytes: int = 1024 * 1024 * 1024
    """How much a profile's files may take; more is `InsufficientStorageSpace`."""
    temporary_seconds: float = 86_400.0
    """After how long a temporary file is gone; the time is invented."""
    link_seconds: float = 3600.0
    """How long a download link is good."""
    rnu: str = "kept"
    """`replaced`: a sent message gets a number of eDelivery's own, as the source does since 2022."""
    required_fields: bool = False
    """Whether a required field that is left out is refused; the source only looks at the fields that were sent."""
    push_attempts: int = 3
    """How often a notification is tried; the number is invented."""

    def shown(self) -> dict[str, Any]:
        """Return them ready for JSON."""
        return asdict(self)

    def changed(self, body: Any) -> Variants:
        """Return them with what a control request sets. Raises InvalidControl."""
        kinds = {field.name: str(field.type) for field in fields(self)}
        if not isinstance(body, dict) or not set(body) <= set(kinds):
            raise InvalidControl(f"variants must be an object of {', '.join(kinds)}")
        for name, value in body.items():
            if not _fits(name, kinds[name], value):
                raise InvalidControl(f"variants: {name} cannot have this value")
        return replace(self, **body)


def _fits(name: str, kind: str, value: Any) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if kind == "bool" or isinstance(value, bool):
        return kind == "bool" and isinstance(value, bool)
    return isinstance(value, int if kind == "int" else int | float) and value >= 0
