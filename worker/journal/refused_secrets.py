"""The memory of secrets that a token or provider refused, for all workers of the journal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from worker.journal import refused_secrets_sql as sql
from worker.journal.connection import FIRST_PAUSE, LONGEST_PAUSE
from worker.journal.errors import DRIVER_ERRORS, JournalFault, JournalUnavailable, sentence
from worker.journal.shared_connection import SharedConnection
from worker.signing.port import LEASE, SigningFailed, Standing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock
    from worker.signing.port import Proof

T = TypeVar("T")
_log = logging.getLogger(__name__)


class RefusedSecretsJournal:
    """Lends each signer its view. Each try of a secret asks twice: before it and after it."""

    def __init__(self, settings: JournalSettings, clock: Clock) -> None:
        self._connection = SharedConnection(settings, "signers", clock)
        self._clock = clock
        self._key: bytes | None = None

    def of(self, signer: str) -> SignersRefusedSecrets:
        """Return the memory as one signer uses it: `herald signers unblock` forgets what is of that signer."""
        return SignersRefusedSecrets(self, signer)

    async def key(self) -> bytes:
        """Return the key of the digests. Raises SigningFailed."""
        key = self._key
        if key is None:
            self._key = key = await self.once(_read_key)
        return key

    async def once(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Do the work. Raises SigningFailed where the journal is unavailable: no secret is tried without it."""
        try:
            return await self._connection.run(work)
        except (JournalUnavailable, JournalFault) as error:
            raise _unavailable(str(error)) from None
        except DRIVER_ERRORS as error:
            raise _unavailable(sentence(error)) from None

    async def surely(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Do the work, again and again through outages: what became of a secret must be remembered."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._connection.run(work)
            except JournalUnavailable:
                await self._clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            except (JournalFault, *DRIVER_ERRORS) as error:
                raise _unavailable(sentence(error)) from None


class SignersRefusedSecrets:
    """Implements `signing.port.RefusedSecrets` for one signer."""

    def __init__(self, journal: RefusedSecretsJournal, signer: str) -> None:
        self._journal = journal
        self._signer = signer
        self._reserved: dict[bytes, datetime] = {}
        """The tries that are reserved here, each by the database's time of the reservation or of its last renewal."""

    async def key(self) -> bytes:
        """Return the key of the digests, the same in every worker. Raises SigningFailed."""
        return await self._journal.key()

    async def refused(self, digest: bytes) -> bool:
        """Whether the secret with this digest was refused before. Raises SigningFailed."""
        return await self._journal.once(lambda one: self._standing(one, digest)) is Standing.REFUSED

    async def standing(self, digest: bytes, proof: Proof) -> Standing:
        """Return whether it might be tried now, and reserve nothing. Raises SigningFailed."""

        async def look(connection: asyncpg.Connection) -> Standing:
            found = await self._standing(connection, digest)
            if found is not Standing.DOUBTFUL:
                return found or Standing.FREE
            known = await connection.fetchval(sql.UNANSWERED, proof.place, proof.digest)
            return Standing.AGAIN if known is False else Standing.DOUBTFUL

        return await self._journal.once(look)

    async def reserve(self, digest: bytes, *, known_good: bool, proof: Proof | None = None) -> Standing:
        """Reserve the only try of this secret, or say why not. Raises SigningFailed."""

        async def reserve(connection: asyncpg.Connection) -> tuple[Standing, datetime | None]:
            async with connection.transaction():
                good = known_good or await _counted_as_broken_off(connection, digest, proof)
                since = await connection.fetchval(sql.RESERVE, digest, self._signer, good, LEASE)
                if since is None:
                    # Released between the two statements: the next look reserves it.
                    return await self._standing(connection, digest) or Standing.BUSY, None
                return await _again(connection, proof), since

        standing, since = await self._journal.once(reserve)
        if since is not None:
            self._reserved[digest] = since
        return standing

    async def renew(self, digest: bytes) -> bool:
        """Keep the try reserved; False where another worker took it over. Raises SigningFailed."""
        known = self._reserved[digest]
        since = await self._journal.once(lambda one: one.fetchval(sql.RENEW, digest, known, LEASE))
        if since is None:
            _log.warning(
                "The reservation of a secret's try ended before the try: another worker may try the secret, too",
                extra={"signer": self._signer},
            )
            return False
        self._reserved[digest] = since
        return True

    async def note(self, digest: bytes, place: bytes | None = None, *, proof: Proof | None = None) -> None:
        """Remember that it was refused, and where. Raises SigningFailed."""
        self._reserved.pop(digest, None)
        no_more = () if proof is None else ((sql.DISPROVE, proof.place, proof.digest),)
        await self._all(*no_more, (sql.NOTE, digest, self._signer), (sql.REFUSING, place))

    async def refused_at(self, place: bytes) -> bool:
        """Whether the last secret that was tried there was wrong, or may have been. Raises SigningFailed."""
        return bool(await self._journal.once(lambda one: one.fetchval(sql.REFUSED_AT, place)))

    async def release(self, digest: bytes, *, right_at: bytes | None = None) -> None:
        """Forget the try: nobody judged the secret, or it was right at that place. Raises SigningFailed."""
        await self._all(*self._of_mine(sql.RELEASE, digest), (sql.TRUSTED, right_at))

    async def accept(self, digest: bytes, proof: Proof) -> None:
        """Remember that the secret is right, which ends this worker's try and every doubt. Raises SigningFailed."""
        since = self._reserved.pop(digest, None)
        await self._all((sql.PROVE, proof.place, proof.digest), (sql.RIGHT, digest, since, LEASE))

    async def unanswered(self, digest: bytes, proof: Proof) -> bool:
        """Remember that the try had no answer; True where the secret is in doubt now. Raises SigningFailed."""
        mine = tuple(self._of_mine("", digest))

        async def write(connection: asyncpg.Connection) -> bool:
            async with connection.transaction():
                counted = await connection.fetchval(sql.COUNT, proof.place, proof.digest)
                for _, *values in mine:
                    await connection.execute(sql.RELEASE if counted else sql.DOUBT, *values)
                # Not by `counted` alone: this may be the repetition of a transaction whose answer was lost.
                return await self._standing(connection, digest) is Standing.DOUBTFUL

        return await self._journal.surely(write)

    async def doubt(self, digest: bytes, place: bytes | None = None) -> None:
        """Remember that the try broke off, and where. Raises SigningFailed."""
        await self._all(*self._of_mine(sql.DOUBT, digest), (sql.REFUSING, place))

    def _of_mine(self, statement: str, digest: bytes) -> Iterator[tuple[str, *tuple[object, ...]]]:
        """Give what ends the reservation of this worker; nothing where it has none."""
        since = self._reserved.pop(digest, None)
        if since is not None:
            yield statement, digest, since, LEASE

    async def _all(self, *statements: tuple[str, *tuple[object, ...]]) -> None:
        async def write(connection: asyncpg.Connection) -> None:
            async with connection.transaction():
                for statement, *values in statements:
                    await connection.execute(statement, *values)

        await self._journal.surely(write)

    async def _standing(self, connection: asyncpg.Connection, digest: bytes) -> Standing | None:
        row = await connection.fetchrow(sql.STANDING, digest, self._signer, LEASE)
        if row is None:
            return None
        if row["refused"]:
            return Standing.REFUSED
        return Standing.DOUBTFUL if row["doubtful"] else Standing.BUSY


async def _counted_as_broken_off(connection: asyncpg.Connection, digest: bytes, proof: Proof | None) -> bool:
    """Count a try that its worker left behind, where that is the first one since the secret was accepted."""
    if proof is None:
        return False
    found = await connection.fetchval(sql.COUNT_BROKEN_OFF, proof.place, proof.digest, digest, LEASE)
    return found is not None


async def _again(connection: asyncpg.Connection, proof: Proof | None) -> Standing:
    """Return how a try is reserved, by whether the one before had an answer."""
    if proof is None:
        return Standing.FREE
    unanswered = await connection.fetchval(sql.UNANSWERED, proof.place, proof.digest)
    return Standing.AGAIN if unanswered else Standing.FREE


async def _read_key(connection: asyncpg.Connection) -> bytes:
    return bytes(await connection.fetchval(sql.KEY))


def _unavailable(why: str) -> SigningFailed:
    return SigningFailed(f"no PIN or password is tried without the journal: {why}", transient=True)
