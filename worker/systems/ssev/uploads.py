"""What the answers about an uploaded file state: its id, its digest, and whether it has malicious code. Pure and total.

Confirmed by the interface's page: numbers for the results of scans and errors. The public server writes their names
instead, and states the result of the scan in the answer to the upload. Both are read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from worker.systems.ssev.response import system_id

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHA_256 = "sha256"


class Scan(StrEnum):
    """What the system says of malicious code in a file."""

    WAITING = "waiting"
    CLEAN = "clean"
    NOT_SURE = "not-sure"
    MALICIOUS = "malicious"


_SCANS: Mapping[str, Scan] = {
    "1": Scan.WAITING,
    "none": Scan.WAITING,
    "2": Scan.CLEAN,
    "notmalicious": Scan.CLEAN,
    "3": Scan.NOT_SURE,
    "notsure": Scan.NOT_SURE,
    "4": Scan.MALICIOUS,
    "ismalicious": Scan.MALICIOUS,
}
_NO_SPACE = frozenset({"1", "insufficientstoragespace"})


def scan_of(document: Mapping[str, Any]) -> Scan | None:
    """Return the result of the scan in the answer to an upload; None where it states none that is known."""
    return _SCANS.get(_word(document.get("malwareScanStatus")))


def has_no_space(document: Mapping[str, Any]) -> bool:
    """Whether the system refused the file because the profile's storage is full."""
    return _word(document.get("errorStatus")) in _NO_SPACE


def blob_id_of(document: Mapping[str, Any]) -> int | None:
    """Return the system's id of the file."""
    return system_id(document.get("blobId"))


def shown_scan(document: Mapping[str, Any]) -> Scan | None:
    """Return the result of the scan as the file's own entry states it (`isMalicious`); None where it is unreadable."""
    match document.get("isMalicious"):
        case True:
            return Scan.MALICIOUS
        case False:
            return Scan.CLEAN
        case None:
            return Scan.WAITING
    return None


def stated_sha256(document: Mapping[str, Any]) -> str | None:
    """Return the SHA-256 of a file as the system states it, in small letters; None where it states another digest."""
    digest, algorithm = document.get("hash"), document.get("hashAlgorithm")
    if not isinstance(digest, str) or not isinstance(algorithm, str):
        return None
    is_sha_256 = algorithm.lower().replace("-", "") == _SHA_256
    found = digest.lower()
    is_digest = len(found) == 64 and all(one in "0123456789abcdef" for one in found)  # noqa: PLR2004 - hex digits
    return found if is_sha_256 and is_digest else None


def _word(value: object) -> str:
    return (
        str(value).lower().replace("_", "")
        if isinstance(value, str | int) and not isinstance(value, bool)
        else ""
    )
