"""Many operations at once cost few transactions, and keep their evidence to the byte."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.support.postgres.journal import (
    AT,
    EVERY_BYTE,
    SOURCE,
    RealClock,
    event,
    final,
    received,
    request,
    sending,
)
from tests.support.postgres.proxy import PgProxy
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Claimed


async def test_five_hundred_claims_are_a_handful_of_transactions(tmp_path, journal_dsn, connection):
    folder = journal_dsn.partition("host=")[2]
    proxy = PgProxy(Path(folder))
    async with proxy.listening(tmp_path):
        settings = JournalSettings(dsn=journal_dsn.replace(folder, str(tmp_path)))
        journal = await PostgresJournal.open(settings, "worker-1", RealClock())
        results = await asyncio.gather(*(journal.claim(request(f"s-{number}")) for number in range(500)))
        await journal.close()
    assert all(isinstance(result, Claimed) for result in results)
    assert [result.ticket.id for result in results] == [f"s-{number}" for number in range(500)]
    assert 1 <= proxy.commits <= 5
    assert await connection.fetchval("select count(*) from submissions") == 500


async def test_each_gets_its_own_result_in_a_mixed_group(journal):
    for number in range(0, 60, 3):
        claimed = await journal.claim(request(f"s-{number}"))
        if number % 2:
            await journal.finish(claimed.ticket, final(reply=event(value=f"{number}".encode())), None)
    results = await asyncio.gather(
        *(
            journal.claim(
                request(f"s-{number}", content_hash=b"x" if number % 9 == 0 else request().content_hash)
            )
            for number in range(60)
        )
    )
    for number, result in enumerate(results):
        kind = type(result).__name__
        if number % 9 == 0:
            assert kind == "Conflict"
        elif number % 3 == 0 and number % 2:
            assert result.reply.value == f"{number}".encode()
        else:
            assert kind == "Claimed"
            assert (result.ticket.id, result.ticket.epoch) == (f"s-{number}", 2 if number % 3 == 0 else 1)


async def test_evidence_is_kept_to_the_byte(journal, connection):
    claimed = await journal.claim(request())
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    row = await connection.fetchrow("select * from submissions")
    assert (row["state"], row["in_doubt"], row["attempts"], row["owner"]) == ("sending", True, 1, "worker-1")
    await journal.finish(claimed.ticket, final(), received(reason="x", detail="y", outcome="accepted"))

    row = await connection.fetchrow("select * from attempts")
    assert (row["request"], row["answer"], row["url"]) == (None, None, "https://nhis.test")
    assert (row["sent_at"], row["received_at"]) == (AT, AT)
    assert (row["number"], row["purpose"], row["message_id"]) == (1, "submit", "m-1")
    assert (row["outcome"], row["reason"], row["detail"], row["status"]) == ("accepted", "x", "y", 200)
    answer, request_ = await connection.fetch("select * from evidence order by kind")
    place = {"at": AT, "source": SOURCE, "id": "s-1", "message_id": "m-1"}
    assert dict(request_) == place | {
        "kind": "request",
        "url": sending().url,
        "headers": '{"Content-Type":"application/xml"}',
        "body": b"<request/>" + EVERY_BYTE,
    }
    assert dict(answer) == place | {
        "kind": "answer",
        "url": None,
        "headers": '{"Content-Type":"application/xml","X-Odd":"\\u0000\\u00e9"}',
        "body": b"<answer/>" + EVERY_BYTE,
    }


async def test_what_the_system_stated_ends_the_doubt(journal, connection):
    claimed = await journal.claim(request())
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    await journal.finish(claimed.ticket, final(), received())
    assert not await connection.fetchval("select in_doubt from submissions")
