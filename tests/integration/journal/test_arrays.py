"""What is relied on of asyncpg's inside so that arrays are told by their type."""

from __future__ import annotations

import asyncpg
import pytest
from asyncpg.protocol import protocol

from tests.support.postgres.fixtures import OpenJournal
from worker.journal import arrays

_ECHO = "select $1::text[] as texts, $2::bytea[] as bytes, $3::integer[] as numbers"


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    for name in arrays.ASKED_FOR:
        monkeypatch.setattr(protocol, name, getattr(protocol, name))


async def test_arrays_are_what_they_were(connection):
    arrays.install()
    columns = (["текст", "", None], (b"\x00\xff", None, b""), [[1, 2], [3, None]])
    row = await connection.fetchrow(_ECHO, *columns)
    assert tuple(row) == (["текст", "", None], [b"\x00\xff", None, b""], [[1, 2], [3, None]])


@pytest.mark.parametrize("given", ["text", b"bytes", {"a": 1}, 7])
async def test_what_is_no_array_is_refused_as_before(connection, given):
    arrays.install()
    with pytest.raises(asyncpg.DataError, match="a sized iterable container expected"):
        await connection.fetchrow(_ECHO, given, [], [])


@pytest.mark.parametrize("name", arrays.ASKED_FOR)
async def test_asyncpg_asks_by_these_names(connection, monkeypatch, name):
    asked = []

    class Asking(type):
        def __instancecheck__(cls, value):
            asked.append(value)
            return isinstance(value, list)

    monkeypatch.setattr(protocol, name, Asking("Asked", (), {}))
    await connection.fetchrow(_ECHO, ["one"], [], [])
    assert ["one"] in asked


async def test_a_journal_tells_them_by_type(open_journal: OpenJournal, monkeypatch):
    for name in arrays.ASKED_FOR:
        monkeypatch.setattr(protocol, name, object)
    await open_journal()
    assert {getattr(protocol, name) for name in arrays.ASKED_FOR} == {arrays.ARRAYS}
