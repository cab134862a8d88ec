"""Collects the evidence from the topics, the sandbox and the journal, and takes the health data out of it."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.chaos.egov.evidence import EgovEvidence
from tests.chaos.evidence import DeadLetter, Evidence, Registration, Reply, Request, Row, Sent
from tests.chaos.journal_looks import look_into
from tests.chaos.letters.evidence import LettersEvidence
from tests.chaos.readers import Read, digest, read_all
from tests.support.worker.kafka import Topics
from tests.support.worker.nhis import Nhis

_ROWS = "select id, operation, identity, state, revision, answered, dead_letter_id, source from submissions"
_MESSAGES = "select id, message_id from attempts"
_KEPT = "select id, reason from dead_letters"


async def collect(
    bootstrap: str,
    topics: Topics,
    dsn: str,
    nhis: Nhis,
    sent: Sequence[Sent],
    *,
    planned: Collection[str] = (),
    cut_short: bool = False,
    rewinds: Sequence[float] = (),
    surprises: Sequence[str] = (),
    others: Sequence[Topics] = (),
    egov: EgovEvidence | None = None,
    letters: LettersEvidence | None = None,
) -> Evidence:
    """Read everything that the run left behind. ``others``: the topics of the other systems of the run."""
    every = (topics, *others)
    answering = [name for one in every for name in (one.results, one.errors)]
    replies = await asyncio.to_thread(read_all, bootstrap, answering)
    systems = {one.dead_letters: one.system for one in every}
    dead = await asyncio.to_thread(read_all, bootstrap, list(systems))
    ledger = await asyncio.to_thread(nhis.ledger)
    requests = await asyncio.to_thread(nhis.requests)
    rows, kept = await _journal(dsn)
    return Evidence(
        planned=frozenset(planned),
        cut_short=cut_short,
        sent=tuple(sent),
        replies=tuple(_reply(read) for read in replies),
        dead_letters=tuple(_dead_letter(read, systems[read.topic]) for read in dead),
        registrations=tuple(
            Registration(one["seq"], one["lrn"], one["uin"], one["nrn"], one["patient"])
            for one in ledger["registrations"]
        ),
        reactions=tuple(one["nrn"] for one in ledger["reactions"]),
        cancellations=tuple(one["nrn"] for one in ledger["cancellations"]),
        requests=tuple(_request(one) for one in requests),
        rows=rows,
        kept=kept,
        rewinds=tuple(rewinds),
        surprises=tuple(surprises),
        egov=egov or EgovEvidence(),
        letters=letters or LettersEvidence(),
    )


async def _journal(dsn: str) -> tuple[tuple[Row, ...], dict[str, str]]:
    async with look_into(dsn) as connection:
        messages = defaultdict(set)
        for row in await connection.fetch(_MESSAGES):
            messages[row["id"]].add(row["message_id"])
        rows = tuple(
            Row(
                submission=row["id"],
                operation=row["operation"],
                identity=row["identity"],
                state=row["state"],
                revision=row["revision"],
                answered=row["answered"],
                dead_letter=row["dead_letter_id"],
                messages=frozenset(messages[row["id"]]),
            )
            for row in await connection.fetch(_ROWS)
        )
        kept = {row["id"]: row["reason"] for row in await connection.fetch(_KEPT)}
    return rows, kept


def _reply(read: Read) -> Reply:
    told = json.loads(read.value or b"{}")
    dead, data = told.get("deadLetter"), told.get("data") or {}
    return Reply(
        submission=read.header("ce_submissionid"),
        revision=int(read.header("ce_revision")),
        kind=read.kind,
        said=digest(read),
        at=read.at,
        nrn=data.get("nrn"),
        dead_letter=dead["id"] if dead else None,
        reference=_reference(data),
    )


def _reference(data: Mapping[str, Any]) -> str | None:
    names = ("paymentId", "serviceCallId", "messageId")
    return next((str(data[name]) for name in names if data.get(name)), None)


def _dead_letter(read: Read, system: str) -> DeadLetter:
    return DeadLetter(
        id=read.header("herald-dead-letter-id"),
        reason=read.header("herald-reason"),
        partition=int(read.header("herald-original-partition")),
        offset=int(read.header("herald-original-offset")),
        said=digest(read),
        at=read.at,
        system=system,
    )


def _request(one: dict[str, Any]) -> Request:
    at = datetime.fromisoformat(one["at"]).timestamp()
    return Request(one["messageType"], one["messageId"], one["lrn"], one["nrn"], at, one["late"])
