"""What is kept of notifications is shown, encrypted anew, pruned, erased and forgotten, like their submissions."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.postgres.journal import PLACE, RealClock, request
from worker.admin import queries
from worker.admin.erasure import erase
from worker.admin.errors import ActFailed
from worker.admin.evidence import evidence_of
from worker.admin.reencryption import reencrypt
from worker.admin.retention import Retention, preview_prune, prune
from worker.inbound.ports import Kept
from worker.journal.connection import session
from worker.journal.notifications import PostgresNotifications
from worker.journal.postgres import PostgresJournal
from worker.journal.settings import JournalSettings
from worker.pipeline.ports import Event, Final, Notification, State

pytestmark = pytest.mark.usefixtures("time_travel")

PATIENT = b"patient-7f3a"
NAMES = [("nhis", "n-1"), ("nhis", "n-2")]
ERASE = {"who": "officer", "reason": "request 12"}


def _settings(dsn, active=None):
    keys = {"2025": {"secret": "aa" * 32}, "2026": {"secret": "bb" * 32}}
    return JournalSettings(
        dsn=dsn, encryption={"active_key": active, "keys": keys} if active else {"keys": keys}
    )


@pytest.fixture
async def receivers():
    made = []

    def make(settings):
        made.append(PostgresNotifications(settings, "receiver-1", ("nhis",), RealClock()))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def _stated(settings, receivers, *, published=True, state=State.ACCEPTED):
    """Let a submission end, and its system state two things about it; return the receiver's journal."""
    at = datetime.now(UTC)
    journal = await PostgresJournal.open(settings, "worker-1", RealClock())
    digest = hashlib.sha256(PATIENT).digest()
    claimed = await journal.claim(request("s-1", key_digest=digest, received_at=at))
    headers = (("ce_type", b"nhis.immunization.register.accepted.v1"),)
    value = b'{"system":"nhis","operation":"immunization.register","data":{}}'
    final = Final(state, Event("herald.nhis.results", PATIENT, value, headers), None, at, "17")
    await journal.finish(claimed.ticket, final, None)
    await journal.answered(claimed.ticket.source, "s-1", 1, PLACE)
    await journal.close(1)
    view = receivers(settings)
    await view.check()
    owner = await view.owner_of("nhis", "17")
    for system, name in NAMES:
        event = Event("herald.nhis.notifications", owner.key, f"value {name}".encode(), (("ce_id", b"1"),))
        await view.keep(Notification(system, name, "nhis.thing.said.v1", b"1" * 32, owner, event))
    if published:
        await view.note_published(NAMES)
    return view


async def _shown(settings):
    async with session(settings, "test") as connection:
        (detail,) = await queries.show(connection, "s-1")
    return detail


@pytest.mark.parametrize("active", [None, "2026"], ids=["clear", "encrypted"])
async def test_it_is_shown_with_its_submission_and_exported(journal_dsn, receivers, active):
    settings = _settings(journal_dsn, active)
    await _stated(settings, receivers)
    detail = await _shown(settings)
    assert [(one.id, one.value) for one in detail.notifications] == [
        ("n-1", b"value n-1"),
        ("n-2", b"value n-2"),
    ]
    names = {one.name: one.content for one in evidence_of(detail).files}
    assert names["n-1.notification.json"] == b"value n-1"


async def test_it_is_encrypted_anew(journal_dsn, receivers, connection):
    await _stated(_settings(journal_dsn), receivers, published=False)
    settings = _settings(journal_dsn, "2025")
    await receivers(settings).check()
    assert (await reencrypt(settings)).changed >= 2
    assert not await connection.fetchval("select count(*) from notifications where event_value like 'value%'")
    (first, _) = await receivers(settings).take(10, 30)
    assert (first.event.key, first.event.value) == (PATIENT, b"value n-1")
    digests = {row["key_digest"] for row in await connection.fetch("select key_digest from notifications")}
    assert hashlib.sha256(PATIENT).digest() not in digests
    assert len(digests) == 1


async def test_its_value_is_pruned_when_its_submission_is_over(journal_dsn, receivers):
    settings = _settings(journal_dsn)
    view = await _stated(settings, receivers)
    later = datetime.now(UTC) + timedelta(days=100)
    assert (await preview_prune(settings, Retention(90, 90), later, ["nhis"])).notifications == 2
    assert (
        await prune(settings, Retention(90, 90), datetime.now(UTC) + timedelta(days=80), ["nhis"])
    ).notifications == 0
    assert (await prune(settings, Retention(90, 90), later, ["nhis"])).notifications == 2
    assert [one.value for one in (await _shown(settings)).notifications] == [None, None]
    # A call that comes again is still known.
    kept = await view.keep(Notification("nhis", "n-1", "t", b"1" * 32, None, Event("t", None, b"", ())))
    assert kept == Kept(added=False, same=True, published=True)


@pytest.mark.parametrize(
    ("published", "state"), [(False, State.ACCEPTED), (True, State.HELD)], ids=["unpublished", "held"]
)
async def test_what_is_still_needed_is_kept(journal_dsn, receivers, published, state):
    settings = _settings(journal_dsn)
    await _stated(settings, receivers, published=published, state=state)
    later = datetime.now(UTC) + timedelta(days=3000)
    pruned = await prune(settings, Retention(90, 90, 1000), later, ["nhis"])
    assert pruned.notifications == 0
    if state is State.HELD:
        assert [one.value for one in (await _shown(settings)).notifications] == [b"value n-1", b"value n-2"]
    async with session(settings, "test") as connection:
        left = await connection.fetchval("select count(*) from notifications where event_value is not null")
    assert left == (2 if not published else left)


async def test_it_is_forgotten_with_the_identities(journal_dsn, receivers, connection):
    settings = _settings(journal_dsn)
    view = await _stated(settings, receivers)
    await prune(settings, Retention(90, 90, 1000), datetime.now(UTC) + timedelta(days=1001), ["nhis"])
    assert await connection.fetchval("select count(*) from notifications") == 0
    assert await connection.fetchval("select count(*) from submission_references") == 0
    assert await view.owner_of("nhis", "17") is None


@pytest.mark.parametrize("active", [None, "2026"], ids=["clear", "encrypted"])
async def test_an_erasure_leaves_nothing_of_the_patient(journal_dsn, receivers, connection, active):
    settings = _settings(journal_dsn, active)
    view = await _stated(settings, receivers, published=False)
    with pytest.raises(ActFailed, match="a receiver still needs them"):
        await erase(settings, PATIENT, **ERASE)
    await view.note_published(NAMES)
    assert (await erase(settings, PATIENT, **ERASE)).notifications == 2
    rows = await connection.fetch("select * from notifications")
    assert {(row["event_key"], row["event_value"], row["key_digest"]) for row in rows} == {(None, None, b"")}
    owner = await view.owner_of("nhis", "17")
    assert (owner.id, owner.key) == ("s-1", None)
