"""An update under load: workers of the version before go on while the tables are migrated, and beside the new ones."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import tarfile

import asyncpg
import pytest

from tests.support.history import NoHistory, tree_before
from tests.support.journal.waits import waits
from tests.support.postgres.journal import PLACE, SOURCE, RealClock, final, received, request, sending
from tests.support.readme import ROOT
from worker.journal import migrate
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Claimed, Finished

SUBMISSIONS = 1000
LANES = 10
LEASE = 1.5  # seconds: much shorter than the load, so that leases are renewed under both versions' tables

LOAD = f"""
import asyncio, json, sys
from tests.support.postgres.journal import PLACE, SOURCE, RealClock, final, received, request, sending
from worker.journal.migrate import migrate
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Claimed, Finished

async def main(dsn):
    await migrate(dsn)
    journal = await PostgresJournal.open(JournalSettings(dsn=dsn, lease_seconds={LEASE}), "before", RealClock())
    numbers, sent = iter(range({SUBMISSIONS})), []
    async def lane():
        for number in numbers:
            name = f"s-{{number}}"
            while True:
                found = await journal.claim(request(name))
                if isinstance(found, Finished):
                    break
                if isinstance(found, Claimed):
                    await journal.sending(found.ticket, sending(message_id=name), in_doubt=True)
                    await asyncio.sleep(0.05)
                    await journal.finish(found.ticket, final(), received(message_id=name))
                    await journal.answered(SOURCE, name, 1, PLACE)
                    sent.append(name)
                    break
                await asyncio.sleep(0.05)
            if number == {SUBMISSIONS} // 10:
                print("loaded", flush=True)
    await asyncio.gather(*(lane() for _ in range({LANES})))
    await journal.close()
    print(json.dumps(sent), flush=True)

asyncio.run(main(sys.argv[1]))
"""
"""What both versions do; the version before does it in a process of its own, with its own code."""


@pytest.fixture(scope="module")
def version_before(tmp_path_factory):
    """The tree of the version before: while nothing is released, the parent of what added the newest migration.

    Skips where the clone has too little history (which fails the run where skips are failures, as in CI).
    """
    file = f"worker/journal/migrations/{migrate.migrations()[-1].name}.sql"
    try:
        archive = tree_before(ROOT, file, "worker", "contracts", "schemas", "tests/support")
    except NoHistory as why:
        pytest.skip(f"two versions cannot be run side by side: {why}")
    folder = tmp_path_factory.mktemp("before")
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


async def load(journal, names):
    """Take submissions through the journal; return those that this version sent."""
    sent = []

    async def lane():
        for name in names:
            while not isinstance(found := await journal.claim(request(name)), Finished):
                if isinstance(found, Claimed):
                    await journal.sending(found.ticket, sending(message_id=name), in_doubt=True)
                    await asyncio.sleep(0.05)
                    await journal.finish(found.ticket, final(), received(message_id=name))
                    await journal.answered(SOURCE, name, 1, PLACE)
                    sent.append(name)
                    break
                await asyncio.sleep(0.05)

    await asyncio.gather(*(lane() for _ in range(LANES)))
    return sent


async def test_both_versions_share_the_load_and_nothing_is_sent_twice(empty_dsn, version_before):
    before = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        LOAD,
        empty_dsn,
        cwd=version_before,
        env={**os.environ, "PYTHONPATH": str(version_before)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        first = await asyncio.wait_for(before.stdout.readline(), 40)
        assert first == b"loaded\n", await before.stderr.read()
        applied = await migrate.migrate(empty_dsn)
        assert applied, "the version before has the same migrations"
        journal = await PostgresJournal.open(JournalSettings(dsn=empty_dsn), "after", RealClock())
        names = iter([f"s-{number}" for number in reversed(range(SUBMISSIONS))])
        after = await load(journal, names)
        out, err = await asyncio.wait_for(before.communicate(), 40)
        await journal.close()
    finally:
        if before.returncode is None:
            before.kill()
            await before.wait()
    assert before.returncode == 0, err
    sent = json.loads(out)
    assert len(sent) > SUBMISSIONS // 10
    assert after
    assert sorted(sent + after) == sorted(f"s-{number}" for number in range(SUBMISSIONS))
    connection = await asyncpg.connect(empty_dsn)
    ended = "select count(*) from submissions where state = 'accepted' and answered"
    assert await connection.fetchval(ended) == SUBMISSIONS
    # Whichever of the two tables a version keeps its answers in, each is there once.
    answers = """
select count(*) filter (where a.answer is not null) + count(*) filter (where e.body is not null)
from attempts a left join evidence e on e.at = a.sent_at and (e.source, e.id) = (a.source, a.id) and e.kind = 'answer'
"""
    assert await connection.fetchval(answers) == len(sent) + len(after)
    await connection.close()


CLAIM = """
import asyncio, sys
from tests.support.postgres.journal import RealClock, request
from worker.journal.errors import JournalFault
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings

async def main(dsn):
    journal = await PostgresJournal.open(JournalSettings(dsn=dsn), "before", RealClock())
    try:
        print(type(await journal.claim(request("s-1"))).__name__)
    except JournalFault:
        print("refused")
    print(type(await journal.claim(request("s-2"))).__name__)
    await journal.close()

asyncio.run(main(sys.argv[1]))
"""


async def test_the_version_before_sends_nothing_that_waits_for_its_answer(empty_dsn, version_before):
    await migrate.migrate(empty_dsn)
    journal = await PostgresJournal.open(JournalSettings(dsn=empty_dsn), "after", RealClock())
    since = await waits(journal)
    before = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CLAIM,
        empty_dsn,
        cwd=version_before,
        env={**os.environ, "PYTHONPATH": str(version_before)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(before.communicate(), 40)
    waiting, new = out.decode().splitlines()
    assert waiting in {"refused", "Waiting"}, err  # the former where it does not know the state
    assert new == "Claimed"
    assert await journal.claim(request()) == since
    await journal.close()
