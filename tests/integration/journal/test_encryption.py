"""Encryption at rest on the real journal: what a dump shows, what a missing or wrong key does, who may not start."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from tests.support.postgres.dump import dump
from tests.support.postgres.journal import (
    AT,
    EVERY_BYTE,
    PLACE,
    SOURCE,
    RealClock,
    dead_letter,
    event,
    final,
    received,
    request,
    sending,
)
from worker.admin.dead_letters import list_dead_letters, read_event
from worker.admin.errors import ActFailed
from worker.admin.submissions import show_submission
from worker.admin.views import DeadLetterFilter
from worker.journal.errors import EncryptionNotReady, JournalFault
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Claimed, Finished, Schedule, State

PATIENT = "7501010010"
"""The number of an invented patient: in everything that the journal is given of it."""
NAME = "Радка Примерова"
KEYS = {"2025": {"secret": "aa" * 32}, "2026": {"secret": "bb" * 32}}
BODY = f"<p id='{PATIENT}'>{NAME}</p>".encode() + EVERY_BYTE
SENDING = sending(
    url=f"https://nhis.test/v1/{PATIENT}?q={PATIENT}", headers={"X-Patient": PATIENT}, request=BODY
)
RECEIVED = received(headers={"X-Patient": PATIENT}, body=BODY)
EVENT = event(key=PATIENT.encode(), value=BODY)
LETTER = dead_letter(
    event=replace(EVENT, headers=(("ce_subject", PATIENT.encode()), ("herald-reason", b"r")))
)


def encrypted(dsn, active="2026", keys=KEYS):
    return JournalSettings(dsn=dsn, encryption={"active_key": active, "keys": keys})


@pytest.fixture
async def opened(journal_dsn):
    """Open the journal of a worker with these settings."""
    journals = []

    async def one(settings, owner="worker-1"):
        journals.append(await PostgresJournal.open(settings, owner, RealClock()))
        return journals[-1]

    yield one
    for journal in journals:
        await journal.close(1)


async def die(journal, name="s-1"):
    claimed = await journal.claim(request(name))
    await journal.sending(claimed.ticket, SENDING, in_doubt=True)
    letter = replace(LETTER, submission_id=name)
    await journal.finish(claimed.ticket, final(State.HELD, reply=EVENT, dead_letter=letter), RECEIVED)
    await journal.answered(SOURCE, name, 1, PLACE)


async def test_a_dump_shows_nothing_of_the_patient_and_workers_and_commands_read_everything(
    journal_dsn, opened
):
    settings = encrypted(journal_dsn)
    journal = await opened(settings)
    await die(journal)
    await journal.park(replace(LETTER, id="d-2", source=None, submission_id=None), AT)
    shown = dump(journal_dsn)
    assert b"s-1" in shown
    for secret in (PATIENT, NAME):
        for form in (
            secret.encode(),
            secret.encode().hex().encode(),
            secret.encode("utf-16-le").hex().encode(),
        ):
            assert form not in shown

    found = await journal.claim(request("s-1"))
    assert isinstance(found, Finished)
    assert (found.reply, found.dead_letter) == (EVENT, LETTER.event)
    (detail,) = await show_submission(settings, "s-1")
    (attempt,) = detail.attempts
    assert (attempt.url, attempt.request, attempt.answer) == (SENDING.url, BODY, BODY)
    assert (attempt.request_headers, attempt.answer_headers) == (SENDING.headers, RECEIVED.headers)
    assert detail.reply == EVENT
    for letter_id in ("d-1", "d-2"):
        came = await read_event(settings, letter_id, who="nurse", reason="asked")
        assert (came.key, came.value) == (PATIENT.encode(), BODY)
        assert dict(came.headers)["ce_subject"] == PATIENT.encode()
    listed = await list_dead_letters(settings, DeadLetterFilter(key=PATIENT.encode()))
    assert {row.id for row in listed.rows} == {"d-1", "d-2"}


async def test_without_encryption_the_same_dump_shows_the_patient(journal_dsn, opened):
    await die(await opened(JournalSettings(dsn=journal_dsn)))
    assert PATIENT.encode().hex().encode() in dump(journal_dsn)


async def test_what_the_version_before_or_an_older_key_wrote_stays_readable(journal_dsn, opened):
    await die(await opened(JournalSettings(dsn=journal_dsn)), "plain")
    await die(await opened(encrypted(journal_dsn, "2025"), "worker-2"), "older")
    newer = await opened(encrypted(journal_dsn), "worker-3")
    await die(newer, "newer")
    for name in ("plain", "older", "newer"):
        assert (await newer.claim(request(name))).reply == EVENT
    off = await opened(encrypted(journal_dsn, None), "worker-4")
    assert (await off.claim(request("newer"))).reply == EVENT


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"2027": {"secret": "cc" * 32}}, "encrypted with the key 2026: add it"),
        ({"2026": {"secret": "cc" * 32}}, "keys.2026 is not the key"),
    ],
)
async def test_a_worker_with_a_missing_or_wrong_key_does_not_start_and_commands_say_why(
    journal_dsn, opened, keys, words
):
    await die(await opened(encrypted(journal_dsn)))
    (active,) = keys
    for settings in (encrypted(journal_dsn, active, keys), encrypted(journal_dsn, None, keys)):
        with pytest.raises(EncryptionNotReady, match=words):
            await opened(settings, "worker-2")
        with pytest.raises(ActFailed, match=words):
            await show_submission(settings, "s-1")


async def test_a_claim_that_cannot_be_decrypted_is_not_taken_and_nothing_is_sent(
    journal_dsn, opened, connection
):
    journal = await opened(encrypted(journal_dsn), "dead")
    sent = await journal.claim(request("stated"))
    await journal.sending(sent.ticket, SENDING, in_doubt=True)
    exists = replace(RECEIVED, outcome="alreadyexists")
    await journal.received(sent.ticket, exists, in_doubt=True, schedule=Schedule())
    await die(journal, "ended")
    await connection.execute("update workers set lease_until = clock_timestamp()")
    await connection.execute(
        "update evidence set body = set_byte(body, 60, get_byte(body, 60) # 1) where kind = 'answer'"
    )
    await connection.execute(
        "update submissions set reply_value = set_byte(reply_value, 60, get_byte(reply_value, 60) # 1)"
    )
    other = await opened(encrypted(journal_dsn), "worker-2")
    for name in ("stated", "ended"):
        with pytest.raises(JournalFault, match="does not open with the key 2026") as caught:
            await other.claim(request(name))
        assert PATIENT not in str(caught.value)
    row = await connection.fetchrow("select owner, epoch, in_doubt from submissions where id = 'stated'")
    assert tuple(row) == ("dead", 1, True)
    # The others go on, in the same transaction or the next one.
    claims = (other.claim(request("ended")), other.claim(request("new")))
    ended, new = await asyncio.gather(*claims, return_exceptions=True)
    assert isinstance(ended, JournalFault)
    assert isinstance(new, Claimed)


async def test_a_claim_left_in_sending_stays_in_doubt_and_is_read_again(journal_dsn, opened, connection):
    journal = await opened(encrypted(journal_dsn), "dead")
    sent = await journal.claim(request("stated"))
    await journal.sending(sent.ticket, SENDING, in_doubt=True)
    exists = replace(RECEIVED, outcome="alreadyexists")
    await journal.received(sent.ticket, exists, in_doubt=True, schedule=Schedule())
    await connection.execute("update workers set lease_until = clock_timestamp()")
    other = await opened(encrypted(journal_dsn), "worker-2")
    taken = await other.claim(request("stated"))
    assert taken.in_doubt
    assert (taken.stated.url, taken.stated.request, taken.stated.answer) == (SENDING.url, BODY, BODY)
    assert (taken.stated.headers, taken.stated.answer_headers) == (SENDING.headers, RECEIVED.headers)


async def test_values_of_two_patients_cannot_be_exchanged(journal_dsn, opened, connection):
    journal = await opened(encrypted(journal_dsn))
    for name in ("one", "other"):
        claimed = await journal.claim(request(name))
        await journal.finish(claimed.ticket, final(reply=EVENT), None)
        await journal.answered(SOURCE, name, 1, PLACE)
    await connection.execute(
        "update submissions s set reply_value = o.reply_value from submissions o where s.id = 'one' and o.id = 'other'"
    )
    with pytest.raises(JournalFault, match="or the record was changed"):
        await journal.claim(request("one"))
    assert (await journal.claim(request("other"))).reply == EVENT


async def test_a_finish_that_is_written_twice_counts_once(journal_dsn, opened, connection):
    from functools import partial

    from worker.journal.commands import FinishSubmission
    from worker.journal.sealed_values import sealed_final
    from worker.journal.transaction import write

    journal = await opened(encrypted(journal_dsn))
    claimed = await journal.claim(request("s-1"))
    sealed = sealed_final(journal._vault, SOURCE, "s-1", final(reply=EVENT))
    again = partial(write, connection, "worker-1", [FinishSubmission(claimed.ticket, sealed, None)])
    assert (await again(), await again()) == ([None], [None])


async def test_encryption_waits_for_the_workers_of_the_version_before(journal_dsn, opened, connection):
    lease = "insert into workers (owner, lease_until) values ('old', clock_timestamp() + interval '1 hour')"
    await connection.execute(lease)
    with pytest.raises(EncryptionNotReady, match="1 running workers cannot read"):
        await opened(encrypted(journal_dsn))
    await connection.execute("delete from workers")
    await opened(encrypted(journal_dsn))
    with pytest.raises(asyncpg.RaiseError, match="a worker of this version cannot read it"):
        await connection.execute(lease)


async def test_a_command_does_not_begin_to_encrypt(journal_dsn, opened, connection):
    await die(await opened(JournalSettings(dsn=journal_dsn)))
    await show_submission(encrypted(journal_dsn), "s-1")
    assert await connection.fetchval("select count(*) from encryption_keys") == 0
