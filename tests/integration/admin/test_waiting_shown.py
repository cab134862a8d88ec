"""What operators see of submissions whose answer comes later; never what asking for it needs."""

from __future__ import annotations

from tests.support.cli.commands import beside, settings_file
from tests.support.journal.waits import TAKEN, begin, taken, waits
from tests.support.postgres.journal import PLACE, SOURCE, RealClock, final, received, sending
from worker.journal.figures import read_figures
from worker.journal.waiting_figures import WaitingFigures
from worker.measuring.journal import JournalFigures
from worker.observability.metrics import declared
from worker.outcome import Taken

NOBODY = {"bootstrap_servers": "127.0.0.1:1"}
OPERATION = "immunization.register"


async def test_they_are_listed_and_shown_with_their_times(journal, journal_dsn, tmp_path):
    await waits(journal, "s-1", delay=3600.0)
    await waits(journal, "s-2")
    due = await taken(journal)
    await journal.sending(due.ticket, sending(2, message_id="ask-2", purpose="ask"), in_doubt=True)
    await journal.finish(due.ticket, final(), received(2, message_id="ask-2"))
    run = beside(settings_file(tmp_path, journal_dsn, NOBODY))
    listed = (await run("submissions", "list", "--state", "waiting", "--json")).json
    assert [one["id"] for one in listed] == ["s-1"]

    shown = await run("submissions", "show", "s-1", "--json")
    (detail,) = shown.json
    waiting = detail["waiting"]
    assert (waiting["phase"], waiting["reference"], waiting["asks"]) == ("ask", "c-1", 0)
    assert waiting["taken_at"] < waiting["due"] < waiting["give_up_at"]
    text = await run("submissions", "show", "s-1")
    for told in (
        "waiting",
        "system's reference",
        "c-1",
        "asks so far",
        "next ask (UTC)",
        "asked until (UTC)",
    ):
        assert told in text.out
    assert "in doubt" not in text.out
    assert "v-1" not in shown.out + text.out


async def test_an_acknowledgement_that_is_due_is_shown_as_such(journal, journal_dsn, tmp_path):
    await waits(journal)
    due = await taken(journal)
    await journal.finish(due.ticket, final(), None)
    await journal.answered(SOURCE, "s-1", 1, PLACE)
    await journal.acknowledge(due.ticket, 3600.0)
    run = beside(settings_file(tmp_path, journal_dsn, NOBODY))
    text = await run("submissions", "show", "s-1")
    for told in ("accepted", "acknowledgements so far", "next acknowledgement (UTC)", "repeated until (UTC)"):
        assert told in text.out


async def test_the_status_counts_them_apart_from_what_waits_for_herald(journal, journal_dsn, tmp_path):
    await waits(journal, "s-1", delay=3600.0)
    await waits(journal, "s-2", delay=3600.0)
    run = beside(settings_file(tmp_path, journal_dsn, NOBODY))
    found = (await run("status", "--json")).json
    (load,) = found["loads"]
    assert (load["answer_later"], load["waiting"], load["in_flight"]) == (2, 0, 0)
    assert (load["left_behind"], load["released"], load["oldest"]) == (0, 0, None)
    assert "answer later" in (await run("status")).out


async def test_the_figures_count_them_by_operation_and_tell_what_is_overdue(journal, connection, settings):
    assert (await read_figures(connection)).waiting == {}
    await waits(journal, "s-1", delay=3600.0)
    await waits(journal, "s-2", delay=3600.0, operation="certificate.fetch")
    await waits(journal, "s-3", system="erx", taken=Taken({}))
    await connection.execute("update waiting set due = due - interval '2 hours' where id = 's-2'")
    found = await read_figures(connection)
    nhis = found.waiting["nhis"]
    assert nhis.waiting == {OPERATION: 1, "certificate.fetch": 1}
    assert nhis.overdue is not None
    assert 3600 <= nhis.overdue < 3700
    assert isinstance(found.waiting["erx"], WaitingFigures)
    assert "nhis" not in found.systems  # they have an outcome: it was taken

    gauges = JournalFigures(settings, ["nhis"], RealClock(), interval=15)
    try:
        await gauges.read()
        shown = {(metric.name, *labels): value for metric, labels, value in gauges.readings()}
        assert shown[declared.WAITING.name, "nhis", OPERATION] == 1
        assert 3600 <= shown[declared.WAITING_OVERDUE.name, "nhis"] < 3700
        await connection.execute("delete from waiting")
        await gauges.read()
        shown = {(metric.name, *labels): value for metric, labels, value in gauges.readings()}
        assert shown[declared.WAITING.name, "nhis", OPERATION] == 0
        assert shown[declared.WAITING_OVERDUE.name, "nhis"] == 0
    finally:
        await gauges.close()


def test_what_is_kept_names_no_secret_when_it_is_printed():
    assert "v-1" not in repr(begin())
    assert "v-1" not in repr(TAKEN)
