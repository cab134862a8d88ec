"""Collects the evidence about RegiX, ePayments and the receiver."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from tests.chaos.egov.evidence import Callback, EgovEvidence, Execution, Notification, Payment
from tests.chaos.egov.installation import EgovInstallation
from tests.chaos.journal_looks import look_into
from tests.chaos.readers import Read, digest, read_all

PATIENCE = 4.0
_DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
_WAITING = "select id from waiting"
_UNPUBLISHED = "select id from notifications where published_at is null"
_CLAIMS = (
    "select count(*) from notifications where published_at is null and claimed_by like '%-' || $1 || '-%'"
)


async def collect_egov(installation: EgovInstallation) -> EgovEvidence:
    """Read what the run left behind in both sandboxes, in the topic of notifications and in the journal."""
    regix = await asyncio.to_thread(installation.servers.regix.ledger)
    epayment = await asyncio.to_thread(installation.servers.epayment.ledger)
    bootstrap = installation.epayment.bootstrap
    read = await asyncio.to_thread(read_all, bootstrap, (installation.notifications,))
    waiting, unpublished = await open_ends(installation.regix.dsn)
    return EgovEvidence(
        executions=tuple(_execution(one) for one in regix["executions"]),
        acknowledged=frozenset(
            str(one["ServiceCallID"]) for one in regix["acknowledgements"] if one["outcome"] == "removed"
        ),
        payments=tuple(_payment(one) for one in epayment["payments"]),
        callbacks=_callbacks(epayment),
        notifications=tuple(_notification(one) for one in read),
        waiting=waiting,
        unpublished=unpublished,
    )


async def open_ends(dsn: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what waits in the journal, and which notifications are not published."""
    async with look_into(dsn) as connection:
        waiting = await connection.fetch(_WAITING)
        unpublished = await connection.fetch(_UNPUBLISHED)
    return tuple(row["id"] for row in waiting), tuple(row["id"] for row in unpublished)


async def waiting_now(dsn: str) -> set[str]:
    """Return what waits in the journal; nothing while it is unavailable."""
    async with _patience():
        waiting, _ = await open_ends(dsn)
        return set(waiting)
    return set()


async def claims_now(dsn: str, pid: int) -> int:
    """Return how many unpublished notifications a process has claimed; none while the journal is unavailable."""
    async with _patience(), look_into(dsn) as connection:
        return int(await connection.fetchval(_CLAIMS, str(pid)))
    return 0


@asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    """Let a look end without an answer where the journal is unavailable, or answers nothing for long."""
    with suppress(OSError, TimeoutError, *_DRIVER):
        async with asyncio.timeout(PATIENCE):
            yield


def _execution(one: Mapping[str, Any]) -> Execution:
    return Execution(
        submission=one["call_context"].get("ServiceURI", ""),
        call_id=str(one["ServiceCallID"]),
        writes=one["writes"],
        later=one["outcome"] == "pending",
    )


def _payment(one: Mapping[str, Any]) -> Payment:
    return Payment(
        id=one["id"],
        submission=one["aisPaymentId"] or "",
        statuses=frozenset(each["status"] for each in one["history"]),
    )


def _callbacks(ledger: Mapping[str, Any]) -> tuple[Callback, ...]:
    taken = defaultdict(set)
    for one in ledger["attempts"]:
        if one["accepted"]:
            taken[one["callback"]].add(not one["variant"])  # a variant with nothing in it is a genuine call
    return tuple(
        Callback(one["id"], one["status"], True in taken[one["seq"]], False in taken[one["seq"]])
        for one in ledger["callbacks"]
    )


def _notification(read: Read) -> Notification:
    told = json.loads(read.value or b"{}")
    submission = dict(read.headers).get("ce_submissionid")
    return Notification(
        id=read.header("ce_id"),
        payment=told["paymentId"],
        status=told["statedStatus"],
        submission=None if submission is None else submission.decode(),
        said=digest(read),
        at=read.at,
    )
