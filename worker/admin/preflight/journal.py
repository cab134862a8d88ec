"""Checks against the journal's database: nothing is written."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.preflight import journal_policy
from worker.admin.preflight.findings import Check, Finding, NotAsked, fail, ok
from worker.admin.preflight.shared import Shared
from worker.admin.sentences import ended
from worker.journal import inspection
from worker.journal.connection import session
from worker.journal.errors import DRIVER_ERRORS, JournalFault, JournalUnavailable, SchemaOutdated, sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from datetime import datetime

    import asyncpg

    from worker.journal.inspection import ClockFacts, ConnectionFacts, ServerFacts
    from worker.journal.settings import JournalSettings

CONNECT = "journal.connect"
_NAME = "check"


@immutable
class _Told:
    """What one session told."""

    server: ServerFacts
    connections: ConnectionFacts
    clock: ClockFacts


class JournalChecks:
    """The checks of one database. ``seconds``: the longest time for what several checks need."""

    def __init__(
        self, settings: JournalSettings, *, test: bool, seconds: float, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._test = test
        self._now = now
        self._told = Shared(CONNECT, self._ask, seconds=seconds)

    def all(self) -> list[Check]:
        """Return the checks, in the order of the table."""
        return [
            Check(CONNECT, self._connect, awaited=True),
            Check("journal.version", self._version),
            Check("journal.tls", self._encryption),
            Check("journal.writable", self._writable, awaited=True),
            Check("journal.durability", self._durability),
            Check("journal.pooler", self._pooler),
            Check("journal.migrations", self._migrations, awaited=True),
            Check("journal.rights", self._rights),
            Check("journal.connections", self._connections),
            Check("journal.disk", self._disk),
        ]

    async def clock(self) -> ClockFacts:
        """Return the server's time beside this machine's. Raises NotAsked."""
        return (await self._told.needed()).clock

    async def _ask(self) -> _Told:
        async with session(self._settings, _NAME) as connection:
            return _Told(
                await inspection.server_facts(connection),
                await inspection.connection_facts(connection),
                await inspection.clock_facts(connection, self._now),
            )

    async def _connect(self) -> Iterable[Finding]:
        try:
            told = await self._told.get()
        except (JournalUnavailable, JournalFault) as error:
            return [
                fail(ended(str(error)).removesuffix("."), "Check journal.dsn_file, and that PostgreSQL runs.")
            ]
        except TimeoutError as error:
            return [fail(sentence(error), "Check the way to it: firewalls, routes, load.")]
        return [ok(f"PostgreSQL {told.server.version_text} answers")]

    async def _version(self) -> Iterable[Finding]:
        return [journal_policy.version(await self._server())]

    async def _encryption(self) -> Iterable[Finding]:
        return [journal_policy.encryption(await self._server())]

    async def _writable(self) -> Iterable[Finding]:
        return [journal_policy.writable(await self._server())]

    async def _durability(self) -> Iterable[Finding]:
        return journal_policy.durability(await self._server(), test=self._test)

    async def _connections(self) -> Iterable[Finding]:
        return [journal_policy.connections((await self._told.needed()).connections)]

    async def _disk(self) -> Iterable[Finding]:
        return [journal_policy.disk(await self._server())]

    async def _server(self) -> ServerFacts:
        return (await self._told.needed()).server

    async def _pooler(self) -> Iterable[Finding]:
        server = await self._server()
        async with self._session() as one, self._session() as other:
            kept = await inspection.keeps_sessions(one, other)
        return [journal_policy.pooler(server, keeps_sessions=kept)]

    async def _migrations(self) -> Iterable[Finding]:
        await self._told.needed()
        try:
            async with self._session() as connection:
                return [journal_policy.migrations(await inspection.migration_state(connection))]
        except SchemaOutdated as error:
            return [fail(str(error).removesuffix("."), "Use the build that made them, or a new database.")]

    async def _rights(self) -> Iterable[Finding]:
        await self._told.needed()
        async with self._session() as connection:
            return journal_policy.rights(await inspection.lacking_rights(connection))

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend a session to a check of its own. Raises NotAsked where the server refuses one more."""
        try:
            async with session(self._settings, _NAME) as connection:
                yield connection
        except (JournalUnavailable, JournalFault) as error:
            raise NotAsked(f"not asked: {error}") from None
        except DRIVER_ERRORS as error:
            raise NotAsked(f"not asked: {sentence(error)}") from None
