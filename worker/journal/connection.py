"""A connection to the database that reconnects automatically, and reports whether the database is available."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import asyncpg

from worker.configuration_error import ConfigurationError
from worker.journal import arrays
from worker.journal.address import advice
from worker.journal.errors import DRIVER_ERRORS, JournalFault, JournalUnavailable, is_outage, sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from worker.journal.settings import JournalSettings
    from worker.journal.vault import Vault
    from worker.pipeline.ports import Clock

_log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0  # 0.05 s, 0.1 s, 0.2 s, … 2 s between attempts to get the database back

LOST = "PostgreSQL closed the connection"

# A journal needs commits that survive a crash of the server: `off` becomes `on`, and stronger settings stay.
_DURABLE = """
select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'
"""

# Not among the parameters of the start: poolers refuse those that they do not know. A server that was built without a
# value keeps its own.
_SESSION = """
select set_config(name, value, false) from unnest($1::text[], $2::text[]) as wanted (name, value)
where not exists (select from pg_settings s where s.name = wanted.name and value <> all (s.enumvals))
"""

# Waiting would not fix these: the address is malformed, or asks for what the driver cannot do.
_MISCONFIGURED = (asyncpg.ClientConfigurationError, asyncpg.UnsupportedClientFeatureError)

# The driver passes a parameter that it does not know to the server: `?pgbouncer=true`, as other drivers take it.
_REFUSED_PARAMETER = (
    asyncpg.UndefinedObjectError,
    asyncpg.InvalidParameterValueError,
    asyncpg.CantChangeRuntimeParamError,
)


class JournalConnection(asyncpg.Connection):
    """A connection that knows the keys of its journal, as it knows its session's settings."""

    vault: Vault


class ReconnectingConnection:
    """A connection for one user at a time. ``name`` is for the server's activity view and the log."""

    def __init__(
        self,
        settings: JournalSettings,
        name: str,
        clock: Clock,
        *,
        statement_seconds: float,
        session: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.available = False
        self.why = "not yet connected"
        self._settings = settings
        self._clock = clock
        self._statement_seconds = statement_seconds
        self._session = dict(session or {})
        self._connection: asyncpg.Connection | None = None

    async def run(self, work: Callable[[asyncpg.Connection], Awaitable[_Result]]) -> _Result:
        """Do the work once. Raises JournalUnavailable in an outage; every other error is the work's own."""
        try:
            result = await work(await self._connected())
        except JournalUnavailable as error:
            self._lost(str(error))
            raise
        except Exception as error:
            if not (is_outage(error) or self._closed()):
                raise
            why = LOST if self._closed() else sentence(error)
            self._drop()
            self._lost(why)
            raise JournalUnavailable(why) from None
        except BaseException:
            self._drop()  # cancelled in the middle: the connection's state is unknown
            raise
        self._found()
        return result

    async def persist(self, work: Callable[[asyncpg.Connection], Awaitable[_Result]]) -> _Result:
        """Do the work, again and again through outages. The work must be idempotent."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self.run(work)
            except JournalUnavailable:
                await self._clock.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def close(self) -> None:
        """Drop the connection, without waiting for the server."""
        self._drop()

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(
                self._settings, self.name, statement_seconds=self._statement_seconds, session=self._session
            )
        return self._connection

    def _closed(self) -> bool:
        return self._connection is not None and self._connection.is_closed()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()

    def _lost(self, why: str) -> None:
        if self.available or why != self.why:
            _log.warning("The journal's %s connection is unavailable: %s", self.name, why)
        self.available, self.why = False, why

    def _found(self) -> None:
        if not self.available:
            _log.info("The journal's %s connection is available", self.name)
        self.available, self.why = True, ""


async def connect(
    settings: JournalSettings,
    name: str,
    *,
    statement_seconds: float,
    session: Mapping[str, str] | None = None,
) -> JournalConnection:
    """Open a connection. Raises JournalUnavailable where waiting may help, JournalFault where it cannot."""
    address = ""
    vault = read_vault(settings)
    arrays.install()
    try:
        address = settings.connection_string()
        connection = await asyncpg.connect(
            address,
            timeout=settings.connect_seconds,
            command_timeout=statement_seconds,
            server_settings={"application_name": f"herald {name}"},
            connection_class=JournalConnection,
        )
        connection.vault = vault
    except (ValueError, *_MISCONFIGURED) as error:
        what = f"The journal's address cannot be used ({type(error).__name__})"
        raise JournalFault(f"{what}{advice(address, error)}.") from None
    except _REFUSED_PARAMETER as error:
        what = f"PostgreSQL refuses the journal's address (SQLSTATE {error.sqlstate}, {type(error).__name__})"
        raise JournalUnavailable(f"{what}{advice(address, error)}") from None
    except (OSError, *DRIVER_ERRORS) as error:
        raise JournalUnavailable(sentence(error)) from None
    try:
        await connection.execute(_DURABLE, timeout=settings.connect_seconds)
        if session:
            names, values = list(session), list(session.values())
            await connection.execute(_SESSION, names, values, timeout=settings.connect_seconds)
    except (OSError, *DRIVER_ERRORS) as error:
        connection.terminate()
        raise JournalUnavailable(sentence(error)) from None
    except BaseException:
        connection.terminate()
        raise
    return connection


def read_vault(settings: JournalSettings) -> Vault:
    """Return the keys that the settings name. Raises JournalFault."""
    try:
        return settings.encryption.vault()
    except ConfigurationError as bad:
        raise JournalFault("; ".join(bad.problems)) from None


@asynccontextmanager
async def session(settings: JournalSettings, name: str) -> AsyncIterator[JournalConnection]:
    """Lend a connection for a short piece of work, such as a command's. Raises JournalUnavailable."""
    connection = await connect(settings, name, statement_seconds=settings.statement_seconds)
    try:
        yield connection
    except Exception as error:
        if is_outage(error) or connection.is_closed():
            raise JournalUnavailable(sentence(error)) from None
        raise
    finally:
        connection.terminate()
