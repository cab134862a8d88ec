"""The files, as files of a directory: who owns them, what their scan finds, and the links to download them."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sandbox.edelivery.variants import Variants

PART = 64 * 1024
FIRST_ID = 5001
NONE, NOT_MALICIOUS, NOT_SURE, MALICIOUS = 1, 2, 3, 4
_FOUND = {"clean": NOT_MALICIOUS, "malicious": MALICIOUS, "unsure": NOT_SURE}


@dataclass(slots=True)
class Blob:
    """One file. ``storage`` False: it is gone after a time, unless a message has it."""

    blob_id: int
    owner: int
    name: str = field(repr=False)
    media_type: str
    path: Path = field(repr=False)
    size: int
    hash: str
    storage: bool
    made_at: datetime
    finding: int | None
    """What its scan finds; None: it never ends."""
    scanned_at: datetime
    in_message: bool = False
    deleted: bool = False

    def scan_status(self, now: datetime) -> int:
        """Return the MalwareScanStatus of this moment."""
        return NONE if self.finding is None or now < self.scanned_at else self.finding

    def is_malicious(self, now: datetime) -> bool | None:
        """Return what GET states: nothing before the scan has ended, or where it is not sure."""
        status = self.scan_status(now)
        return None if status in {NONE, NOT_SURE} else status == MALICIOUS

    def shown(self, now: datetime) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON."""
        return {
            "blobId": self.blob_id,
            "ownerProfileId": self.owner,
            "size": self.size,
            "hash": self.hash,
            "type": "Storage" if self.storage else "Temporary",
            "malwareScanStatus": self.scan_status(now),
            "inMessage": self.in_message,
            "deleted": self.deleted,
        }


@dataclass(frozen=True, slots=True)
class Link:
    """A download link's token stands for this."""

    blob: Blob
    of_message: bool
    expires_at: datetime


class Blobs:
    """All files of one eDelivery."""

    def __init__(
        self, directory: Path, variants: Callable[[], Variants], now: Callable[[], datetime]
    ) -> None:
        self._directory = directory
        self._variants = variants
        self._now = now
        self._numbers = itertools.count(FIRST_ID)
        self._by_id: dict[int, Blob] = {}
        self._links: dict[str, Link] = {}
        self.downloads: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[Blob]:
        return iter(self._by_id.values())

    def add(self, owner: int, name: str, content: Iterable[bytes], *, storage: bool, media_type: str) -> Blob:
        """Keep a file, part by part."""
        blob_id = next(self._numbers)
        path = self._directory / f"{secrets.token_hex(8)}.blob"
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as file:
            for part in content:
                file.write(part)
                digest.update(part)
                size += len(part)
        now, variants = self._now(), self._variants()
        blob = Blob(
            blob_id,
            owner,
            name,
            media_type,
            path,
            size,
            digest.hexdigest().upper(),
            storage,
            now,
            _FOUND.get(variants.scan),
            now + timedelta(seconds=variants.scan_seconds),
        )
        self._by_id[blob_id] = blob
        return blob

    def get(self, blob_id: int) -> Blob | None:
        """Return a file that is there."""
        blob = self._by_id.get(blob_id)
        return None if blob is None or blob.deleted or self._expired(blob) else blob

    def of_profile(self, owner: int, *, storage: bool) -> list[Blob]:
        """Return a profile's files, the newest first; ``storage``: those of its storage alone."""
        found = [
            one
            for one in self
            if one.owner == owner and (one.storage or not storage) and self.get(one.blob_id)
        ]
        return sorted(found, key=lambda one: one.blob_id, reverse=True)

    def used(self, owner: int) -> int:
        """Return how many bytes a profile's files take."""
        return sum(one.size for one in self.of_profile(owner, storage=False))

    def delete(self, blob: Blob) -> None:
        """Take a file out of the storage; a message that has it keeps it."""
        blob.deleted = True
        if not blob.in_message:
            blob.path.unlink(missing_ok=True)

    def link(self, blob: Blob, *, of_message: bool) -> tuple[str, datetime]:
        """Return the token of a new download link, and until when it is good."""
        token = secrets.token_urlsafe(48)
        expires = self._now() + timedelta(seconds=self._variants().link_seconds)
        self._links[token] = Link(blob, of_message, expires)
        return token, expires

    def linked(self, token: str, *, of_message: bool) -> Blob | None:
        """Return the file of a token that is good; the ledger notes the download."""
        link = self._links.get(token)
        if link is None or link.of_message != of_message or self._now() >= link.expires_at:
            return None
        if not link.blob.path.is_file():
            return None
        self.downloads.append({"blobId": link.blob.blob_id, "at": self._now().isoformat()})
        return link.blob

    def forget(self) -> None:
        """Delete all files."""
        for blob in self:
            blob.path.unlink(missing_ok=True)
        self._by_id.clear()

    def _expired(self, blob: Blob) -> bool:
        if blob.storage or blob.in_message:
            return False
        return self._now() >= blob.made_at + timedelta(seconds=self._variants().temporary_seconds)


def parts_of(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Return the bytes from ``start`` to ``end`` of a file, part by part."""
    file.seek(start)
    left = end - start
    while left and (part := file.read(min(PART, left))):
        left -= len(part)
        yield part


def generated(size: int, seed: int) -> Iterator[bytes]:
    """Return so many bytes that are the same for the same seed, part by part."""
    block = hashlib.shake_256(f"herald sandbox {seed}".encode()).digest(PART)
    left = size
    while left:
        part = block[: min(PART, left)]
        left -= len(part)
        yield part
