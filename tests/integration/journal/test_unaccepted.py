"""What is not accepted lies in a table of its own, so that the steps of a submission stay within their page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.postgres import version_0001 as before
from tests.support.postgres.journal import AT, PLACE, SOURCE, dead_letter, final, received, request, sending
from tests.support.worker.installation import eventually
from worker.journal.lease import _TIDY
from worker.pipeline.ports import Schedule, State

OTHERS = (
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
)
HOT = "select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = $1"


async def kinds(connection):
    rows = await connection.fetch("select id, kind from unaccepted order by id")
    return {row["id"]: row["kind"] for row in rows}


async def taken(journal, id_, state, **changes):
    """Take a submission to its end."""
    claimed = await journal.claim(request(id_))
    letter = None if state is State.REJECTED else dead_letter(id=f"d-{id_}", submission_id=id_)
    end = replace(final(), state=state, dead_letter=None if state is State.ACCEPTED else letter)
    await journal.finish(claimed.ticket, replace(end, **changes), None)


async def test_a_submission_is_in_it_until_it_is_accepted(journal, connection):
    claimed = await journal.claim(request())
    assert await kinds(connection) == {"s-1": "unfinished"}
    await journal.sending(claimed.ticket, sending(), in_doubt=True)
    assert await kinds(connection) == {"s-1": "unfinished"}
    await journal.finish(claimed.ticket, final(), received())
    assert await kinds(connection) == {}


@pytest.mark.parametrize("state", [State.REJECTED, State.FAILED, State.HELD])
async def test_other_ends_stay_in_it_until_the_submission_goes(journal, connection, state):
    await taken(journal, "s-1", state)
    assert await kinds(connection) == {"s-1": state}
    await connection.execute("delete from attempts; delete from submissions")
    assert await kinds(connection) == {}


async def test_a_new_revision_is_in_progress_again_and_what_is_settled_goes(journal, connection):
    for name in ("reopened", "settled"):
        await taken(journal, name, State.HELD)
    reopen = "state = 'claimed', finished_at = null, reply_topic = null"
    await connection.execute(f"update submissions set {reopen} where id = 'reopened'")  # noqa: S608
    await connection.execute("update submissions set state = 'accepted' where id = 'settled'")
    assert await kinds(connection) == {"reopened": "unfinished"}


async def test_what_the_version_before_writes_is_in_it_and_what_it_leaves_is_removed(connection):
    await connection.execute(before.ROWS)
    assert await kinds(connection) == {"failed": "failed", "in-hand": "unfinished"}
    done = "state = 'accepted', finished_at = now(), reply_topic = 'r'"
    await connection.execute(f"update submissions set {done} where id = 'in-hand'")  # noqa: S608
    assert await kinds(connection) == {"failed": "failed", "in-hand": "unfinished"}
    await connection.execute(_TIDY)
    assert await kinds(connection) == {"failed": "failed"}


async def test_the_steps_of_what_is_accepted_change_no_index(journal, connection):
    """Each would write into all of them otherwise."""
    for number in range(30):
        name = f"s-{number}"
        claimed = await journal.claim(request(name))
        for message in (f"{name}-1", f"{name}-2"):
            await journal.sending(claimed.ticket, sending(message_id=message), in_doubt=True)
            if message.endswith("1"):
                again = Schedule(1, 0.1, AT)
                await journal.received(
                    claimed.ticket, received(message_id=message), in_doubt=False, schedule=again
                )
        await journal.finish(claimed.ticket, final(), received(message_id=message))
        await journal.answered(SOURCE, name, 1, PLACE)
    await journal.close()
    # A session reports what it did when it ends.
    await eventually(lambda: connection.fetchval(OTHERS), lambda others: others == 0)
    for table, updates in (("submissions", 5), ("attempts", 2)):
        row = await connection.fetchrow(HOT, table)
        assert row["n_tup_upd"] == 30 * updates
        assert row["n_tup_hot_upd"] >= 0.97 * row["n_tup_upd"]
