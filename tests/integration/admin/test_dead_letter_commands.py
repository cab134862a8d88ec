"""`herald dead-letters` on a journal: nothing is cut silently, short names are understood, acts say who did them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cli.commands import Run, beside, settings_file
from tests.support.postgres.journal import AT, EVERY_BYTE, dead_letter, event, final, request
from worker.journal.postgres import PostgresJournal
from worker.pipeline.ports import State

NOWHERE = {"bootstrap_servers": "127.0.0.1:1"}
IN_A_POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
MANY = 54
"""More dead letters than a table shows by itself."""


@pytest.fixture
def run(journal_dsn, tmp_path) -> Run:
    """Run commands that need no Kafka."""
    return beside(settings_file(tmp_path, journal_dsn, NOWHERE))


@pytest.fixture
async def held(journal: PostgresJournal) -> PostgresJournal:
    """A submission that is held, and one record that is no event."""
    claimed = await journal.claim(request("reaction-09"))
    letter = dead_letter("5f0c7d0e-6a0e", submission_id="reaction-09")
    await journal.finish(
        claimed.ticket, final(State.HELD, dead_letter=letter, reply=event(value=b"{}")), None
    )
    await journal.park(
        dead_letter("5f0c9999-6a0e", reason="not-json", signer=None, source=None, submission_id=None,
                    event=event("herald.nhis.dead-letters", key=b"patient-7", value="Измислен".encode())),
        AT,
    )  # fmt: skip
    return journal


async def test_a_table_says_how_many_there_are_and_a_program_gets_all(journal, run):
    for number in range(MANY):
        letter = dead_letter(f"{number:04}-5f0c", submission_id=f"s-{number}", source=f"/his/{number % 2}")
        await journal.park(letter, AT + timedelta(seconds=number))

    table, everything = await run("dead-letters", "list"), await run("dead-letters", "list", "--all")
    assert "50 of 54 dead letters" in table.err
    assert "--all" in table.err
    assert len(table.out.splitlines()) == 51
    assert len(everything.out.splitlines()) == MANY + 1
    assert "54 dead letters." in everything.err
    listed = (await run("dead-letters", "list", "--json")).json
    assert [one["id"] for one in listed] == [f"{number:04}-5f0c" for number in reversed(range(MANY))]
    assert len((await run("dead-letters", "list", "--json", "--limit", "3")).json) == 3
    assert (await run("dead-letters", "list", "--json", "--source", "/his/7")).json == []

    counted = (await run("dead-letters", "summary", "--json")).json
    assert counted["total"] == MANY
    assert {one["value"]: one["count"] for one in counted["by"]["source"]} == {"/his/0": 27, "/his/1": 27}
    narrowed = (await run("dead-letters", "summary", "--source", "/his/1", "--state", "open", "--json")).json
    assert [(one["value"], one["count"]) for one in narrowed["by"]["reason"]] == [("outcome-unknown", 27)]
    told = await run("dead-letters", "summary")
    assert "54 dead letters." in told.err
    assert "/his/0" in told.out


async def test_submissions_are_not_cut_silently_either(journal, run):
    for number in range(51):
        await journal.claim(request(f"s-{number}", received_at=AT + timedelta(seconds=number)))
    table = await run("submissions", "list")
    assert "50 of 51 submissions" in table.err
    assert len((await run("submissions", "list", "--json")).json) == 51
    assert len((await run("submissions", "list", "--all")).out.splitlines()) == 52


async def test_a_key_is_read_from_stdin_where_no_process_may_show_it(held, run):
    found = await run("dead-letters", "list", "--key", "-", "--json", stdin="patient-7\n")
    assert [one["id"] for one in found.json] == ["5f0c9999-6a0e"]
    assert "patient-7" not in found.out


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("5f0c7d0e-6a0e", 0, ""),
        ("5f0c7", 0, ""),
        ("reaction-09", 0, ""),
        ("5f0c", 2, "names several dead letters"),
        ("5f", 1, "no dead letter 5f. An id needs 4 or more characters."),
        ("nobody", 1, "no dead letter nobody"),
    ],
)
async def test_a_dead_letter_is_named_in_short_or_by_its_submission(held, run, name, code, said):
    commands = (
        ("show", name),
        ("discard", name, "--reason", "r", "--dry-run", "--outcome-unknown"),
        ("replay", name, "--dry-run"),
        ("settle", name, "--as", "not-sent", "--reason", "r", "--dry-run"),
    )
    for command in commands:
        done = await run("dead-letters", *command)
        assert (done.code, said in done.err) == (code, True), (command, done)


async def test_a_held_one_is_discarded_only_in_so_many_words(held, run):
    for options in ((), ("--json",), ("--dry-run",)):
        named = await run("dead-letters", "discard", "reaction-09", "--reason", "given up", *options)
        assert (named.code, "--outcome-unknown" in named.err, named.out) == (2, True, "")
    filtered = await run("dead-letters", "discard", "--code", "outcome-unknown", "--reason", "given up")
    assert (filtered.code, "0 discarded" in filtered.err) == (0, True)

    done = await run(
        "dead-letters", "discard", "reaction-09", "--reason", "given up", "--outcome-unknown", "--json"
    )
    assert done.json == {"discarded": ["5f0c7d0e-6a0e"], "stay_held": 1, "skipped": []}
    assert "stay held" in done.err
    shown = (await run("dead-letters", "show", "reaction-09", "--json")).json
    assert (shown["dead_letter"]["state"], shown["submission"]["state"]) == ("discarded", "held")


async def test_the_record_is_shown_as_it_came_and_the_audit_log_says_to_whom(held, run):
    without = await run("dead-letters", "show", "5f0c9", "--json")
    assert "Измислен" not in without.out
    assert without.json["acts"] == []
    shown = (
        await run("dead-letters", "show", "5f0c9", "--event", "--by", "nurse", "--reason", "asked", "--json")
    ).json
    record = shown["event"]
    assert (record["key"], record["value"]) == ("patient-7", "Измислен")
    assert (record["topic"], record["partition"], record["offset"]) == ("herald.nhis.submissions", 3, 42)
    assert [one["name"] for one in record["headers"]] == ["ce_id", "ce_id", "empty", "bytes", "ключ"]
    (act,) = shown["acts"]
    assert (act["who"], act["act"], act["reason"]) == ("nurse", "show-event", "asked")
    people = await run("dead-letters", "show", "reaction-09", "--event")
    assert "base64: " in people.out
    assert "\x00" not in people.out
    assert EVERY_BYTE.decode("latin-1") not in people.out


async def test_a_record_that_retention_removed_is_not_there(held, run, connection):
    await connection.execute("update dead_letters set removed_at = now(), event_value = null")
    done = await run("dead-letters", "show", "5f0c9", "--event")
    assert (done.code, "Retention removed the record" in done.err) == (1, True)


@pytest.mark.parametrize(
    "command",
    [
        ("dead-letters", "discard", "5f0c9", "--reason", "r"),
        ("dead-letters", "replay", "5f0c9"),
        ("dead-letters", "settle", "reaction-09", "--as", "not-sent", "--reason", "r"),
        ("dead-letters", "show", "5f0c9", "--event"),
        ("intake", "resume"),
        ("intake", "acknowledge-loss", "nhis"),
    ],
)
async def test_in_a_pod_every_act_that_is_audited_asks_who_does_it(held, run, connection, command):
    for variables in (IN_A_POD, IN_A_POD | {"HERALD_OPERATOR": " "}):
        done = await run(*command, variables=variables)
        assert (done.code, "--by NAME" in done.err) == (2, True), done
    assert await connection.fetchval("select count(*) from audit_log") == 0
    named = await run(*command, variables=IN_A_POD | {"HERALD_OPERATOR": "nurse"})
    assert "--by NAME" not in named.err
    assert set(await connection.fetch("select who from audit_log")) <= {("nurse",)}


async def test_what_changes_nothing_asks_for_nobody(held, run):
    for command in (
        ("discard", "5f0c9", "--reason", "r", "--dry-run"),
        ("replay", "5f0c9", "--dry-run"),
        ("show", "5f0c9"),
    ):
        done = await run("dead-letters", *command, variables=IN_A_POD)
        assert done.code == 0, done
