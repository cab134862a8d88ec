"""A reader of a list that goes away early, as `head` does, ends the command quietly."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.support.cli.commands import settings_file
from tests.support.postgres.journal import AT, dead_letter, request
from tests.support.worker.installation import clean_environment

# Far more than a pipe holds.
_MORE = """
insert into {table}
select (jsonb_populate_record(one, jsonb_build_object('id', 'more-' || number))).*
from {table} one, generate_series(1, 2000) number
"""


@pytest.mark.parametrize("command", ["submissions", "dead-letters"])
async def test_nothing_is_printed_where_the_reader_goes(journal, journal_dsn, connection, tmp_path, command):
    await journal.claim(request("one"))
    await journal.park(dead_letter("5f0c7d0e"), AT)
    await connection.execute(_MORE.format(table=command.replace("-", "_")))
    config = settings_file(tmp_path, journal_dsn, {"bootstrap_servers": "127.0.0.1:1"})
    listing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", command, "list", "--json", "--config", config),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=clean_environment(),
        limit=1024,
    )
    assert await listing.stdout.readline() == b"[\n"
    listing._transport.get_pipe_transport(1).close()
    assert await asyncio.wait_for(listing.stderr.read(), 30) == b""
    assert await listing.wait() == 1
