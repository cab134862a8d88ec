"""Parameters of the journal's address are named, and nothing secret of it."""

from __future__ import annotations

import asyncpg
import pytest

from tests.support.fakes.ports import FakeClock
from worker.journal.address import parameters_in_doubt
from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalFault, JournalUnavailable
from worker.journal.settings import JournalSettings

AT = "postgresql://herald:secret@127.0.0.1:1/herald"
UNKNOWN = asyncpg.UndefinedObjectError('unrecognized configuration parameter "pgbouncer"')


@pytest.mark.parametrize(
    ("address", "error", "names"),
    [
        (f"{AT}?pgbouncer=true", UNKNOWN, ("pgbouncer",)),
        (f"{AT}?sslmode=require&pgbouncer=true", UNKNOWN, ("pgbouncer",)),
        (f"{AT}?a=1&b=2", ValueError("no name"), ("a", "b")),
        (AT, UNKNOWN, ()),
        ("postgresql://herald:se?cret=word@db/herald", UNKNOWN, ()),
        ("postgresql:///herald?user=herald&password=secret&word=1", UNKNOWN, ()),
        (f"{AT}?what is this=1", UNKNOWN, ()),
        ("postgresql://[herald", UNKNOWN, ()),
    ],
)
def test_the_parameters_that_an_error_is_about(address, error, names):
    assert parameters_in_doubt(address, error) == names


@pytest.mark.parametrize("name", ["sslmode", "target_session_attrs", "sslnegotiation", "gsslib"])
async def test_a_value_that_the_driver_refuses_names_its_parameter(name):
    with pytest.raises(JournalFault) as refused:
        await _connected(f"{AT}?{name}=secret-value")
    assert f"check its parameter {name}." in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "error",
    [
        UNKNOWN,
        asyncpg.InvalidParameterValueError('parameter "pgbouncer" requires a Boolean value'),
        asyncpg.CantChangeRuntimeParamError('parameter "pgbouncer" cannot be changed now'),
    ],
)
async def test_a_parameter_that_the_server_refuses_is_named(monkeypatch, error):
    async def connect(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(asyncpg, "connect", connect)
    with pytest.raises(JournalUnavailable, match=r"check its parameter pgbouncer$"):
        await _connected(f"{AT}?pgbouncer=secret")


async def _connected(address):
    line = ReconnectingConnection(JournalSettings(dsn=address), "writer", FakeClock(), statement_seconds=1)
    await line.run(lambda connection: connection.fetchval("select 1"))
