"""Erase one patient's evidence, by the key of the records. Identity and outcome stay, so that nothing is sent twice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.summaries import summary
from worker.admin import erasure_sql, file_sql, notification_sql
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.journal.encoding import event_of
from worker.journal.errors import CannotDecrypt
from worker.journal.sealed_values import opened_reply, sealed_reply, vault_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from worker.journal.settings import JournalSettings

_Reply = tuple[tuple[tuple[str, bytes | None], ...], bytes | None]


@immutable
class Erased:
    """How much was erased, or would be. ``discarded``: open dead letters among them, which nobody can replay now."""

    submissions: int
    dead_letters: int
    discarded: int
    notifications: int = 0
    files: int = 0


@immutable
class Obstacles:
    """What keeps a key's evidence.

    In progress: until it ends, and the system knows that its answer arrived. Undecided: until a person decided, or
    forces it.
    """

    in_progress: int
    undecided: int

    def why(self, *, force: bool) -> str | None:
        """Say why nothing may be erased; None where it may."""
        if self.in_progress:
            return (
                f"{self.in_progress} submissions or replays of this key are in progress, or Kafka has not acknowledged"
                " their replies: a worker still needs them. Try again when they have ended."
            )
        if self.undecided and not force:
            return (
                f"{self.undecided} submissions or dead letters of this key wait for a person's decision, which needs"
                " their data: replay, settle or discard them first, or erase with --force."
            )
        return None


async def erase(
    journal: JournalSettings, key: bytes, *, who: str, reason: str, force: bool = False, dry_run: bool = False
) -> Erased:
    """Erase messages, answers, replies and dead letters' records of a key. Raises ActFailed, then nothing was erased.

    ``force`` erases also what waits for a person's decision.
    """
    async with connected(journal, "erasure") as connection, connection.transaction():
        found = await erasure_sql.locked(connection, key, vault_of(connection).digests(key))
        names = [(row["source"], row["id"]) for row in found.submissions]
        notices = await notification_sql.locked(connection, vault_of(connection).digests(key), names)
        if any(not one["published"] for one in notices):
            raise ActFailed(
                "Kafka has not acknowledged some notifications of this key: a receiver still needs them."
                " Try again later."
            )
        if why := obstacles(found).why(force=force):
            raise ActFailed(why)
        files = await file_sql.locked(connection, names, notices)
        replies = {(row["source"], row["id"]): _short_reply(connection, row) for row in found.submissions}
        if not dry_run:
            await erasure_sql.erase(connection, found, replies, who=who, reason=reason)
            await file_sql.erase(connection, files)
            await notification_sql.erase(connection, notices)
    opened = sum(row["state"] == "open" for row in found.letters)
    return Erased(len(found.submissions), len(found.letters), opened, len(notices), len(files))


def obstacles(found: erasure_sql.Found) -> Obstacles:
    """Count what keeps the evidence."""
    states = [(row["state"], row["answered"] and not row["waits"]) for row in found.submissions]
    letters: Sequence[str] = [row["state"] for row in found.letters]
    in_progress = sum(not answered or state in ("claimed", "sending") for state, answered in states)
    return Obstacles(
        in_progress + letters.count("replaying"),
        sum(state == "held" for state, _ in states) + letters.count("open"),
    )


def _short_reply(connection: asyncpg.Connection, row: asyncpg.Record) -> _Reply:
    """Return the summary that a duplicate gets from now on; where the reply cannot be read, only its headers stay."""
    name, vault = (row["source"], row["id"]), vault_of(connection)
    stored = event_of(row["reply_topic"], row["reply_key"], row["reply_headers"], row["reply_value"])
    try:
        reply = opened_reply(vault, *name, stored)
        headers, value = summary(reply.headers, reply.value)
    except (ValueError, CannotDecrypt):
        return stored.headers, None
    return headers, sealed_reply(vault, *name, replace(reply, key=None, value=value)).value
