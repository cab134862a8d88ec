"""Saving what is left out of a reply before the submission's end is durable: an outage of the store is waited out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from contracts.files import FileReference, ReferredFile
from worker.file_store import CHUNK, FileOwner, FileStoreOutage, FileTooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from worker.file_store import FileStore, NewFile, StoredFile
    from worker.pipeline.left_out import LeftOut
    from worker.pipeline.ports import Clock

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between attempts to reach a store that is unavailable: 0.5, 1, 2 … 10."""


class SavingMeter(Protocol):
    """Measures what is saved."""

    def transferred(self, act: str, size: int, *, complete: bool) -> None:
        """Count a file, and its bytes; ``act`` is `save`."""


class _Unmetered:
    def transferred(self, act: str, size: int, *, complete: bool) -> None:
        """Count nothing."""


class Saving:
    """``address_of`` signs an address of a file; None where none is to be given."""

    def __init__(
        self,
        store: FileStore,
        clock: Clock,
        address_of: Callable[[str], str | None] = lambda _: None,
        meter: SavingMeter | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._address_of = address_of
        self._meter = meter or _Unmetered()
        self.waiting_for: str | None = None
        """Why the store could not be used when it was last tried; None where it could."""

    async def save(
        self, parts: Iterable[LeftOut], owner: FileOwner, *identity: object
    ) -> tuple[ReferredFile, ...]:
        """Save the parts and return the references. Waits for as long as the store is unavailable.

        A part that is larger than the store takes is left out, as without a store: the evidence has it.
        """
        found = []
        for part in parts:
            stored = await self._stored(part.new_file(owner, *identity), part.content)
            if stored is not None:
                found.append(ReferredFile(path=part.path, file=self._reference(stored)))
        return tuple(found)

    async def _stored(self, new: NewFile, content: bytes) -> StoredFile | None:
        pause = FIRST_PAUSE
        while True:
            try:
                stored = await self._store.save(new, _chunks(content))
            except FileTooLarge as error:
                log.warning(
                    "a part of a reply is left out: it has %d bytes, and the file store takes %d",
                    len(content),
                    error.limit,
                )
                return None
            except FileStoreOutage as error:
                self._meter.transferred("save", 0, complete=False)
                self._unavailable(str(error))
                await self._clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self.waiting_for = None
                self._meter.transferred("save", stored.size, complete=True)
                return stored

    def _unavailable(self, why: str) -> None:
        if self.waiting_for != why:
            log.warning("a reply waits: the file store is unavailable", extra={"detail": why})
        self.waiting_for = why

    def _reference(self, stored: StoredFile) -> FileReference:
        return FileReference(
            id=stored.id,
            sha256=stored.sha256,
            size=stored.size,
            media_type=stored.media_type,
            name=stored.name,
            expires_at=stored.expires_at,
            url=self._address_of(stored.id),
        )


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK):
        yield content[start : start + CHUNK]
