"""Outage or fault."""

from __future__ import annotations

import asyncpg
import pytest

from worker.journal.errors import is_outage, sentence


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "refused"),
        ConnectionResetError(),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError("connection was closed"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.CrashShutdownError("crash"),
        asyncpg.TooManyConnectionsError("too many clients"),
        asyncpg.DiskFullError("no space"),
        asyncpg.DeadlockDetectedError("deadlock"),
        asyncpg.SerializationError("serialize"),
        asyncpg.QueryCanceledError("statement timeout"),
        asyncpg.LockNotAvailableError("lock"),
        asyncpg.InvalidCachedStatementError("cached plan must not change result type"),
        asyncpg.IdleInTransactionSessionTimeoutError("idle"),
        asyncpg.ReadOnlySQLTransactionError("standby"),
        asyncpg.InvalidPasswordError("password authentication failed"),
        asyncpg.InvalidCatalogNameError("no such database"),
        asyncpg.InternalClientError("cannot switch to state 15; the protocol is in the failed state"),
    ],
)
def test_these_may_pass(error):
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.NotNullViolationError("null value, with the row"),
        asyncpg.CheckViolationError("check"),
        asyncpg.UndefinedTableError("no table"),
        asyncpg.DataError("invalid"),
        asyncpg.ProgramLimitExceededError("index row size"),
        asyncpg.InterfaceError("the server expects 3 arguments"),
        ValueError("a value of a patient"),
    ],
)
def test_these_will_not_and_their_text_stays_out(error):
    assert not is_outage(error)
    assert str(error) not in sentence(error)
    assert type(error).__name__ in sentence(error)


def test_an_outage_is_reported_in_the_servers_words():
    told = sentence(asyncpg.CannotConnectNowError("the database system is starting up"))
    assert told.startswith("PostgreSQL says: the database system is starting up (SQLSTATE 57P03")


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DuplicatePreparedStatementError('prepared statement "__asyncpg_stmt_1__" already exists'),
        asyncpg.InvalidSQLStatementNameError('prepared statement "__asyncpg_stmt_1__" does not exist'),
    ],
)
def test_a_pooler_that_mixes_sessions_up_is_named_and_waited_for(error):
    assert is_outage(error)
    assert "pooler in transaction or statement mode" in sentence(error)
    assert "pool_mode = session" in sentence(error)
