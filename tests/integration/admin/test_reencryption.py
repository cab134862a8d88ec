"""A key is replaced by another: everything is encrypted anew and stays readable, and the old key may go."""

from __future__ import annotations

import pytest

from tests.integration.journal.test_encryption import EVENT, KEYS, PATIENT, die, encrypted, opened
from tests.support.postgres.dump import dump
from tests.support.postgres.journal import request
from worker.admin import reencryption_sql
from worker.admin.dead_letters import list_dead_letters, read_event
from worker.admin.errors import ActFailed
from worker.admin.reencryption import Reencrypted, reencrypt
from worker.admin.submissions import show_submission
from worker.admin.views import DeadLetterFilter
from worker.journal.settings import JournalSettings

__all__ = ["opened"]


async def test_the_old_key_may_go_and_everything_is_still_there(journal_dsn, opened, monkeypatch):
    monkeypatch.setattr(reencryption_sql, "BATCH", 1)
    await die(await opened(JournalSettings(dsn=journal_dsn)), "plain")
    before = encrypted(journal_dsn, "2025")
    old = await opened(before, "worker-2")
    await die(old, "older")
    after = encrypted(journal_dsn)
    await opened(after, "worker-3")
    # Two submissions, two requests and answers, and the dead letter that both tests' records share.
    assert await reencrypt(after) == Reencrypted(7, 0, ("2025",))
    assert await reencrypt(after) == Reencrypted(0, 0, ())
    assert PATIENT.encode().hex().encode() not in dump(journal_dsn)

    only = encrypted(journal_dsn, "2026", {"2026": KEYS["2026"]})
    journal = await opened(only, "worker-4")
    for name in ("plain", "older"):
        assert (await journal.claim(request(name))).reply == EVENT
        (detail,) = await show_submission(only, name)
        assert PATIENT.encode() in detail.attempts[0].request
        assert PATIENT in detail.attempts[0].url
    assert (await read_event(only, "d-1", who="nurse", reason="r")).key == PATIENT.encode()
    assert (await list_dead_letters(only, DeadLetterFilter(key=PATIENT.encode()))).total == 1


async def test_a_key_that_a_row_still_needs_is_not_released(journal_dsn, opened, connection):
    old = await opened(encrypted(journal_dsn, "2025"))
    await die(old)
    await connection.execute(
        "update evidence set body = overlay(body placing '\\x00' from 60) where kind = 'answer'"
    )
    settings = encrypted(journal_dsn)
    await opened(settings, "worker-2")
    assert await reencrypt(settings) == Reencrypted(3, 1, ())
    assert await connection.fetchval("select count(*) from encryption_keys") == 2


async def test_without_an_active_key_it_does_nothing(journal_dsn, opened):
    await die(await opened(encrypted(journal_dsn)))
    with pytest.raises(ActFailed, match="No key is active"):
        await reencrypt(encrypted(journal_dsn, None))
