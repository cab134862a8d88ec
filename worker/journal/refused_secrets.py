"""The memory of secrets that a token or provider refused, for all workers of the journal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from worker.journal.connection import FIRST_PAUSE, LONGEST_PAUSE, session
from worker.journal.errors import DRIVER_ERRORS, JournalFault, JournalUnavailable, sentence
from worker.signing.port import LEASE, SigningFailed, Standing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

T = TypeVar("T")
_log = logging.getLogger(__name__)

_KEY = "select key from secret_digest_key"
_SIGNERS = "(select array_agg(distinct one) from unnest(known.signers || excluded.signers) as one)"
_RESERVE = f"""
insert into refused_secrets as known (digest, signers, trying_since)
values ($1, array[$2::text], clock_timestamp())
on conflict (digest) do update set trying_since = excluded.trying_since, signers = {_SIGNERS}
where $3 and known.trying_since < clock_timestamp() - make_interval(secs => $4)
returning trying_since
"""  # noqa: S608 - put together from constants
_STANDING = """
update refused_secrets set signers = case when $2 = any(signers) then signers else signers || $2::text end
where digest = $1
returning refused_at is not null as refused,
          coalesce(trying_since < clock_timestamp() - make_interval(secs => $3), false) as doubtful
"""
_NOTE = f"""
insert into refused_secrets as known (digest, signers, refused_at)
values ($1, array[$2::text], clock_timestamp())
on conflict (digest) do update
set refused_at = coalesce(known.refused_at, excluded.refused_at), trying_since = null, signers = {_SIGNERS}
"""  # noqa: S608 - as above
# A worker knows its reservation by the last time that it was told. A renewal whose answer was lost has moved that by
# less than the lease; the reservation of another worker that took it over began a lease later at the earliest.
_MINE = "digest = $1 and refused_at is null and trying_since >= $2 and trying_since < $2 + make_interval(secs => $3)"
_RENEW = f"""
update refused_secrets set trying_since = greatest(trying_since, clock_timestamp()) where {_MINE}
returning trying_since
"""  # noqa: S608 - as above
_RELEASE = f"delete from refused_secrets where {_MINE}"  # noqa: S608 - as above
_DOUBT = f"update refused_secrets set trying_since = '-infinity' where {_MINE}"  # noqa: S608 - as above
_REFUSING = (
    "insert into refusing_places (place) select $1::bytea where $1::bytea is not null on conflict do nothing"
)
_TRUSTED = "delete from refusing_places where place = $1"
_REFUSED_AT = "select exists (select from refusing_places where place = $1)"


class RefusedSecretsJournal:
    """Lends each signer its view. A connection is opened for each question: logins are rare."""

    def __init__(self, settings: JournalSettings, clock: Clock) -> None:
        self._settings = settings
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
            async with session(self._settings, "signers") as connection:
                return await work(connection)
        except (JournalUnavailable, JournalFault) as error:
            raise _unavailable(str(error)) from None
        except DRIVER_ERRORS as error:
            raise _unavailable(sentence(error)) from None

    async def surely(self, work: Callable[[asyncpg.Connection], Awaitable[object]]) -> None:
        """Do the work, again and again through outages: what became of a secret must be remembered."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with session(self._settings, "signers") as connection:
                    await work(connection)
                    return
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

    async def reserve(self, digest: bytes, *, known_good: bool) -> Standing:
        """Reserve the only try of this secret, or say why not. Raises SigningFailed."""

        async def reserve(connection: asyncpg.Connection) -> Standing:
            since = await connection.fetchval(_RESERVE, digest, self._signer, known_good, LEASE)
            if since is not None:
                self._reserved[digest] = since
                return Standing.FREE
            # Released between the two statements: the next look reserves it.
            return await self._standing(connection, digest) or Standing.BUSY

        return await self._journal.once(reserve)

    async def renew(self, digest: bytes) -> bool:
        """Keep the try reserved; False where another worker took it over. Raises SigningFailed."""
        known = self._reserved[digest]
        since = await self._journal.once(lambda one: one.fetchval(_RENEW, digest, known, LEASE))
        if since is None:
            _log.warning(
                "The reservation of a secret's try ended before the try: another worker may try the secret, too",
                extra={"signer": self._signer},
            )
            return False
        self._reserved[digest] = since
        return True

    async def note(self, digest: bytes, place: bytes | None = None) -> None:
        """Remember that it was refused, and where. Raises SigningFailed."""
        self._reserved.pop(digest, None)
        await self._all((_NOTE, digest, self._signer), (_REFUSING, place))

    async def refused_at(self, place: bytes) -> bool:
        """Whether the last secret that was tried there was wrong, or may have been. Raises SigningFailed."""
        return bool(await self._journal.once(lambda one: one.fetchval(_REFUSED_AT, place)))

    async def release(self, digest: bytes, *, right_at: bytes | None = None) -> None:
        """Forget the try: nobody judged the secret, or it was right at that place. Raises SigningFailed."""
        await self._all(*self._of_mine(_RELEASE, digest), (_TRUSTED, right_at))

    async def doubt(self, digest: bytes, place: bytes | None = None) -> None:
        """Remember that the try broke off, and where. Raises SigningFailed."""
        await self._all(*self._of_mine(_DOUBT, digest), (_REFUSING, place))

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
        row = await connection.fetchrow(_STANDING, digest, self._signer, LEASE)
        if row is None:
            return None
        if row["refused"]:
            return Standing.REFUSED
        return Standing.DOUBTFUL if row["doubtful"] else Standing.BUSY


async def _read_key(connection: asyncpg.Connection) -> bytes:
    return bytes(await connection.fetchval(_KEY))


def _unavailable(why: str) -> SigningFailed:
    return SigningFailed(f"no PIN or password is tried without the journal: {why}", transient=True)
