"""Stops of intake as people see, make and end them."""

from __future__ import annotations

import json
from datetime import datetime
from types import SimpleNamespace

import pytest

from tests.support.cli.commands import beside, settings_file
from tests.support.postgres.journal import RealClock
from worker.admin.audit_log import newest_entries
from worker.admin.errors import UnknownSystem
from worker.admin.intake import list_stops, resume_intake, stop_intake
from worker.admin.intake_history import intake_history
from worker.journal.intake_stops import IntakeStops
from worker.pipeline.flood.causes import THE_SYSTEM, Party, Scope
from worker.pipeline.flood.counting import Flood

FLOOD = Flood("60 of 100", {"outcome-unknown": 60})
OF_A_SOURCE = Flood("50 of 50", {"not-json": 49, "conflict": 1})
SENDERS = [Party(Scope.SOURCE, "/his/a"), Party(Scope.SOURCE), Party(Scope.SIGNER, "/his/a")]


@pytest.fixture
async def stops(settings):
    """The stops as workers know them."""
    made = IntakeStops(settings, RealClock())
    yield made
    await made.close()


@pytest.fixture
def configured(settings):
    """Settings with two systems."""
    return SimpleNamespace(journal=settings, systems=SimpleNamespace(configured=lambda: ["nhis", "erx"]))


async def test_a_person_resumes_intake_and_that_is_written_down(stops, settings, configured):
    await stops.stop("nhis", THE_SYSTEM, FLOOD, 900)
    (listed,) = await list_stops(settings)
    assert (listed.system, listed.stopped, listed.why) == ("nhis", "all", "60 of 100")
    assert listed.reasons == {"outcome-unknown": 60}

    ended = await resume_intake(configured, None, who="operator", reason="the signer is back")

    assert ended == [listed]
    assert await stops.in_force("nhis") == []
    (entry,) = await newest_entries(settings)
    assert (entry.who, entry.act, entry.reason) == ("operator", "resume-intake", "the signer is back")
    assert (entry.system, entry.dead_letter_id) == ("nhis", None)
    assert entry.details == {"stopped_because": "60 of 100", "stopped_at": listed.stopped_at.isoformat()}
    assert await resume_intake(configured, "nhis", who="operator", reason=None) == []


async def test_what_a_person_stopped_only_a_person_resumes(stops, settings, configured):
    await stops.stop("nhis", THE_SYSTEM, FLOOD, 0)
    (flood,) = await stops.in_force("nhis")

    made = await stop_intake(configured, "nhis", who="operator", reason="certificates are exchanged")

    assert (made.why, made.probe_at) == ("certificates are exchanged", None)
    assert await list_stops(settings) == [made]
    assert made.reasons == {}
    assert not await stops.take_probe("nhis", THE_SYSTEM, 60)
    await stops.lift("nhis", flood)
    assert [one.why for one in await stops.in_force("nhis")] == ["certificates are exchanged"]
    assert await resume_intake(configured, "nhis", who="operator", reason="done") == [made]
    assert [one.act for one in await newest_entries(settings)] == ["resume-intake", "stop-intake"]


async def test_a_system_that_is_not_configured_is_neither_stopped_nor_resumed(settings, configured):
    with pytest.raises(UnknownSystem, match="there are nhis, erx"):
        await stop_intake(configured, "nhif", who="operator", reason="no")
    with pytest.raises(UnknownSystem, match="there are nhis, erx"):
        await resume_intake(configured, "nhif", who="operator", reason="no")
    assert await list_stops(settings) == []


async def _stopped(stops):
    for party in (THE_SYSTEM, *SENDERS):
        await stops.stop("nhis", party, OF_A_SOURCE, 900)


async def test_stops_of_senders_are_listed_with_the_systems(stops, settings):
    await _stopped(stops)
    await stops.stop("erx", SENDERS[0], OF_A_SOURCE, 900)
    found = await list_stops(settings)
    assert [(one.system, one.stopped) for one in found] == [
        ("erx", "source /his/a"),
        ("nhis", "all"),
        ("nhis", "records without a readable source"),
        ("nhis", "source /his/a"),
        ("nhis", "signer /his/a"),
    ]
    assert [(one.source, one.signer) for one in found[1:]] == [
        (None, None),
        ("", None),
        ("/his/a", None),
        (None, "/his/a"),
    ]
    assert found[0].reasons == {"not-json": 49, "conflict": 1}


@pytest.mark.parametrize(
    ("chosen", "ended"),
    [
        ({"source": "/his/a"}, [SENDERS[0]]),
        ({"source": ""}, [SENDERS[1]]),
        ({"signer": "/his/a"}, [SENDERS[2]]),
        ({"source": "/his/a", "signer": "/his/a"}, [SENDERS[0], SENDERS[2]]),
        ({"source": "/his/b"}, []),
        ({}, [THE_SYSTEM, *SENDERS]),
    ],
)
async def test_a_person_resumes_one_sender_or_all(stops, settings, configured, chosen, ended):
    await _stopped(stops)
    found = await resume_intake(configured, "nhis", who="operator", reason="fixed", **chosen)
    assert len(found) == len(ended)
    left = {one.party for one in await stops.in_force("nhis")}
    assert left == {THE_SYSTEM, *SENDERS} - set(ended)
    entries = await newest_entries(settings)
    assert [one.act for one in entries] == ["resume-intake"] * len(ended)
    if chosen == {"source": "/his/a"}:
        assert entries[0].details == {
            "stopped_because": "50 of 50",
            "stopped_at": found[0].stopped_at.isoformat(),
            "source": "/his/a",
        }


@pytest.mark.parametrize(
    ("party", "whose"),
    [
        (THE_SYSTEM, {}),
        (SENDERS[0], {"source": "/his/a"}),
        (SENDERS[1], {"source": ""}),
        (SENDERS[2], {"signer": "/his/a"}),
    ],
)
async def test_a_stop_that_a_trial_ended_is_written_down_once(stops, settings, party, whose):
    await stops.stop("nhis", party, OF_A_SOURCE, 0)
    (stop,) = await stops.in_force("nhis")
    for _ in range(2):
        await stops.lift("nhis", stop)
    (entry,) = await intake_history(settings, 9)
    assert (entry.who, entry.act, entry.system) == ("herald", "lift-stop", "nhis")
    told = dict(entry.details)
    assert datetime.fromisoformat(told.pop("stopped_at")) == stop.at
    assert told == {"stopped_because": "50 of 50", **whose}
    assert entry.at >= stop.at


async def test_the_history_says_when_and_by_whom_each_stop_ended(
    stops, settings, configured, journal_dsn, tmp_path
):
    run = beside(settings_file(tmp_path, journal_dsn, {"bootstrap_servers": "127.0.0.1:1"}))
    assert "Nothing was stopped" in (await run("intake", "history")).err
    await _stopped(stops)
    for stop in await stops.in_force("nhis"):
        if stop.party in SENDERS[:2]:
            await stops.lift("nhis", stop)
    await resume_intake(configured, "nhis", who="m.ivanova", reason="the certificate is new")

    shown = await run("intake", "history")
    assert shown.code == 0, shown.err
    for word in ("herald", "lift-stop", "m.ivanova", "resume-intake", "the certificate is new", "all"):
        assert word in shown.out
    assert "records without a readable source" in shown.out
    entries = json.loads((await run("intake", "history", "--json", "--limit", "3")).out)
    assert [one["who"] for one in entries] == ["m.ivanova", "m.ivanova", "herald"]
    assert [one.who for one in await intake_history(settings, 9)].count("herald") == 2


async def test_a_name_that_ends_no_stop_is_reported_and_exits_with_1(stops, journal_dsn, tmp_path):
    await stops.stop("nhis", SENDERS[0], OF_A_SOURCE, 900)
    run = beside(settings_file(tmp_path, journal_dsn, {"bootstrap_servers": "127.0.0.1:1"}))
    for options, told in (
        (("--source", "/nosuch"), "no source /nosuch is stopped"),
        (("--source", "/nosuch", "--signer", "dr-no"), "no source /nosuch and no signer dr-no is stopped"),
    ):
        done = await run("intake", "resume", "--by", "operator", *options)
        assert (done.code, told in done.err) == (1, True), done
    done = await run("intake", "resume", "--by", "operator", "--source", "/his/a")
    assert (done.code, done.err) == (
        0,
        "Intake of nhis, source /his/a, resumes; it was stopped because 50 of 50.\n",
    )
    assert (await run("intake", "resume", "--by", "operator")).code == 0
