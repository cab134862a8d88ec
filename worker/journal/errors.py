"""What can go wrong with the database: an outage (wait and repeat) or a fault (repeating cannot help)."""

from __future__ import annotations

import asyncpg

# SQLSTATE classes (PostgreSQL manual, appendix A) after which the same statement may well work later.
_OUTAGE_CLASSES = frozenset(
    {
        "08",  # connection exception
        "28",  # invalid authorization: a password being renewed, a role not yet made
        "3D",  # no such database yet
        "40",  # transaction rollback: deadlock, serialization failure, completion unknown
        "53",  # insufficient resources: too many connections, disk full, out of memory
        "57",  # operator intervention: shutting down, starting up, crash, cancelled by a timeout
        "58",  # system error outside PostgreSQL
    }
)
_OUTAGE_STATES = frozenset(
    {
        "25006",  # read only: connected to what is a standby at present
        "25P03",  # this worker's transaction idled too long: the process was suspended in its middle
        "55P03",  # lock not available
        # Until the address leads to a session of its own; no transaction that met one of these was committed.
        "42P05",  # duplicate prepared statement
        "26000",  # no such prepared statement
    }
)
_POOLED = frozenset({"42P05", "26000"})
POOLER = (
    "the journal's address leads through a pooler in transaction or statement mode, where prepared statements are"
    " lost: set pool_mode = session, as PgBouncer calls it, or connect directly"
)
"""The driver numbers the statements of each connection, so that only connections that share a session mix them up."""


class JournalUnavailable(Exception):
    """The database cannot be used at present; the text says why, without secrets."""


class SchemaOutdated(Exception):
    """The database's tables are not what this version needs; the text says what to do."""


class JournalFault(Exception):
    """The database refused one operation for good: a bug, or impossible data. Holds none of that data."""


class CannotDecrypt(JournalFault):
    """A record cannot be decrypted; the text names the key, and says what is wrong with it."""


class EncryptionNotReady(Exception):
    """The keys are not those of this journal, or a worker runs that could not read it; the text says what to do."""


DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises, beside OSError. The last comes where a connection ended in the middle of its protocol."""


def is_outage(error: BaseException) -> bool:
    """Tell whether the same work may succeed later, on a new connection if need be."""
    if isinstance(error, asyncpg.PostgresError):
        if isinstance(error, asyncpg.InvalidCachedStatementError):
            return True  # a migration changed a column meanwhile: the driver prepares the statement anew
        state = error.sqlstate or ""
        return state[:2] in _OUTAGE_CLASSES or state in _OUTAGE_STATES
    return isinstance(error, OSError | asyncpg.InternalClientError)


def sentence(error: BaseException) -> str:
    """Say what happened, in the server's own words only where they are about the connection, not data."""
    if isinstance(error, CannotDecrypt):
        return str(error)
    if isinstance(error, asyncpg.PostgresError):
        kind = f"SQLSTATE {error.sqlstate}, {type(error).__name__}"
        if error.sqlstate in _POOLED:
            return f"{POOLER} ({kind})"
        return (
            f"PostgreSQL says: {error.args[0]} ({kind})"
            if is_outage(error)
            else f"PostgreSQL refused it ({kind})"
        )
    if isinstance(error, TimeoutError):
        return "PostgreSQL does not answer in time"
    if isinstance(error, OSError):
        return f"PostgreSQL cannot be reached ({error}): check that it runs and that its address is correct"
    # Client-side errors of the driver quote the arguments: their text stays out.
    return f"the driver refused it ({type(error).__name__})"
