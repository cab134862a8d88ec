"""PostgreSQL runs, and writes nothing: it is a standby, or its disk is full. The worker waits, tells, and resumes."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, serving
from tests.support.worker.probes import probe

# What a full disk looks like to a client: the server's own error, raised where a row is written.
FULL = """
create function full_disk() returns trigger language plpgsql as
$$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
create trigger full_disk before insert or update on submissions for each row execute function full_disk();
"""
READ_ONLY = """
do $$ begin
  execute format('alter database %I set default_transaction_read_only = {}', current_database());
end $$
"""
NOT_FULL = "drop trigger full_disk on submissions; drop function full_disk();"
CUT = """
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""


async def _run(dsn, *statements):
    connection = await asyncpg.connect(dsn)
    try:
        for one in ("set default_transaction_read_only = off", *statements):
            await connection.execute(one)
    finally:
        await connection.close()


async def _read_only(dsn, switch):
    await _run(dsn, READ_ONLY.format(switch), CUT)


async def _full(dsn, switch):
    await _run(dsn, FULL if switch == "on" else NOT_FULL)


@pytest.mark.parametrize(
    ("state", "code"), [(_read_only, "25006"), (_full, "53100")], ids=["standby", "full"]
)
async def test_submissions_wait_and_resume(state, code, installation, nhis, caplog):
    first, second = installation.patient(), installation.patient()
    async with serving(installation.config()) as worker, installation.reading() as answers:
        await installation.publish(register("before", first))
        await answers.answered(["before"])
        await state(installation.dsn, "on")
        try:
            await installation.publish(register("meanwhile", first), register("other", second))
            found = await eventually(
                lambda: probe(worker.health.address, "/readyz"), lambda found: found.status == 503
            )
            assert code in str(found.said)
            await asyncio.sleep(1)
            assert not {"meanwhile", "other"} & answers.kinds().keys()
            assert (await probe(worker.health.address, "/livez")).status == 200
        finally:
            await state(installation.dsn, "off")
        await answers.answered(["meanwhile", "other"], seconds=30)
        await installation.all_committed()
        assert (await probe(worker.health.address, "/readyz")).status == 200
    assert set(answers.kinds().values()) == {"accepted"}
    assert answers.dead_letters == []
    assert len(nhis.registered()) == 3
    assert code in caplog.text
