"""One patient's evidence is erased: nothing of it is left, others keep theirs, and nothing is ever sent twice."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from contracts.replies import AcceptedReply, SystemAnswer
from contracts.reply_events import reply_event
from contracts.submission_ref import SubmissionRef
from tests.support.cli.commands import beside, settings_file
from tests.support.postgres.dump import dump
from tests.support.postgres.journal import (
    AT,
    PLACE,
    SOURCE,
    RealClock,
    dead_letter,
    received,
    request,
    sending,
)
from worker.admin.audit_log import newest_entries
from worker.admin.erasure import Erased, erase
from worker.admin.errors import ActFailed
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Conflict, Event, Final, Finished, State

PATIENT, OTHER = "7501010010", "8012120020"
"""Numbers of invented patients."""
KEYS = {"active_key": "k", "keys": {"k": {"secret": "aa" * 32}}}
ERASE = {"who": "officer", "reason": "request 12"}


@pytest.fixture(params=["in clear", "encrypted"])
def settings(journal_dsn, request):
    return JournalSettings(dsn=journal_dsn, encryption=KEYS if request.param == "encrypted" else {})


@pytest.fixture
async def journal(settings):
    journal = await PostgresJournal.open(settings, "worker-1", RealClock())
    yield journal
    await journal.close(1)


def asked(name, patient=PATIENT):
    return request(name, key_digest=hashlib.sha256(patient.encode()).digest())


def message(patient):
    return f"<p>{patient}</p>".encode()


async def ended(journal, name, patient=PATIENT, *, letter=None, state=None, answered=True):
    claimed = await journal.claim(asked(name, patient))
    sent = sending(message_id=f"m-{name}", request=message(patient), url=f"https://nhis.test/{patient}")
    await journal.sending(claimed.ticket, sent, in_doubt=True)
    reply = AcceptedReply(
        system="nhis",
        operation="immunization.register",
        answer=SystemAnswer(status=200, body=patient),
        data={"nrn": "25073B00Q1X3", "results": [patient]},
    )
    made = reply_event(SubmissionRef(SOURCE, name, "nhis.immunization.register.v1"), reply, revision=1, at=AT)
    event = Event("results", patient.encode(), made.value, made.headers)
    dead = letter and dead_letter(letter, submission_id=name, event=replace(event, topic="dead"))
    final = Final(state or (State.FAILED if letter else State.ACCEPTED), event, dead, AT)
    await journal.finish(claimed.ticket, final, received(message_id=f"m-{name}", body=message(patient)))
    if answered:
        await journal.answered(SOURCE, name, 1, PLACE)


async def test_nothing_of_the_patient_is_left_and_a_duplicate_is_still_one(
    settings, journal, journal_dsn, connection
):
    await ended(journal, "one")
    await ended(journal, "dead", letter="d-1")
    await ended(journal, "other", OTHER)
    await journal.park(
        dead_letter(
            "d-2",
            source=None,
            submission_id=None,
            event=Event("dead", PATIENT.encode(), message(PATIENT), ()),
        ),
        AT,
    )
    await connection.execute("update dead_letters set state = 'discarded'")
    await journal._writer.flush()
    before = dump(journal_dsn)
    assert await erase(settings, PATIENT.encode(), **ERASE, dry_run=True) == Erased(2, 2, 0)
    assert dump(journal_dsn) == before
    assert await erase(settings, PATIENT.encode(), **ERASE) == Erased(2, 2, 0)
    left = dump(journal_dsn)
    for text in (PATIENT, PATIENT.encode().hex(), hashlib.sha256(PATIENT.encode()).hexdigest()):
        assert text.encode() not in left
    assert await erase(settings, PATIENT.encode(), **ERASE) == Erased(0, 0, 0)

    found = await journal.claim(asked("one"))
    assert isinstance(found, Finished)
    assert (found.state, found.reply.key, b"25073B00Q1X3" in found.reply.value) == (
        State.ACCEPTED,
        None,
        True,
    )
    assert await journal.claim(replace(asked("one"), content_hash=b"x")) == Conflict()
    assert OTHER.encode() in (await journal.claim(asked("other", OTHER))).reply.value
    entries = [entry for entry in await newest_entries(settings) if entry.act == "erase"]
    assert [(entry.who, entry.reason) for entry in entries] == [("officer", "request 12")] * 4


@pytest.mark.parametrize("case", ["in flight", "unanswered", "replaying"])
async def test_what_is_in_progress_is_never_erased(settings, journal, journal_dsn, connection, case):
    await ended(journal, "one", letter="d-1" if case == "replaying" else None, answered=case != "unanswered")
    await connection.execute("update dead_letters set state = 'replaying'")
    if case == "in flight":
        await journal.claim(asked("two"))
    await journal._writer.flush()
    before = dump(journal_dsn)
    for force in (False, True):
        with pytest.raises(ActFailed, match="1 submissions or replays of this key are in progress"):
            await erase(settings, PATIENT.encode(), **ERASE, force=force)
    assert dump(journal_dsn) == before


async def test_what_waits_for_a_person_is_erased_only_by_force(settings, journal, journal_dsn, connection):
    await ended(journal, "one", letter="d-1", state=State.HELD)
    with pytest.raises(ActFailed, match="2 submissions or dead letters of this key wait for a person"):
        await erase(settings, PATIENT.encode(), **ERASE)
    assert await erase(settings, PATIENT.encode(), **ERASE, force=True) == Erased(1, 1, 1)
    assert PATIENT.encode().hex().encode() not in dump(journal_dsn)
    assert await connection.fetchval("select state from dead_letters") == "discarded"
    assert isinstance(await journal.claim(asked("one")), Finished)


async def test_the_command_reads_the_key_from_stdin_and_says_what_is_left(journal_dsn, tmp_path):
    run = beside(settings_file(tmp_path, journal_dsn, {"bootstrap_servers": "127.0.0.1:1"}))
    done = await run("journal", "erase", "--key", PATIENT, "--by", "officer", "--reason", "r")
    assert (done.code, "Erased the evidence of 0 submissions" in done.err + done.out) == (0, True)
    assert "herald.nhis.submissions" in done.err + done.out
