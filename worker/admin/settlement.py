"""A settlement in the journal: what a person states becomes the next revision's reply."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from contracts.dead_letters import DeadLetterHeader, without_ours
from contracts.envelope import BadEvent, Envelope, decode
from contracts.immutable import immutable
from contracts.reference_number import rnu_of
from contracts.registry import EVENT_TYPES
from contracts.replies import DeadLetterReference
from contracts.settlements import settled_data
from worker.admin import settlement_sql
from worker.admin.errors import NotSettled
from worker.admin.settlement_policy import (
    Refusal,
    Repeat,
    Statement,
    Verdict,
    judge,
    reference_in,
    settled_reply,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import asyncpg

    from worker.admin.settlement_policy import SubmissionStatus
    from worker.admin.settlement_sql import Letter
    from worker.pipeline.ports import Event
    from worker.pipeline.routing import Route


@immutable
class Asked:
    """What a person states about a dead letter; ``data`` is None where the system does not have the submission.

    Empty data says that the system has it, under the number that it named itself.
    """

    letter_id: str
    data: Mapping[str, Any] | None = field(repr=False)
    who: str
    reason: str


@immutable
class Settlement:
    """The reply to publish. ``repeated``: the submission was settled before, and this is the reply made then."""

    status: SubmissionStatus
    reply: Event = field(repr=False)
    repeated: bool


async def settle_in_journal(
    connection: asyncpg.Connection,
    asked: Asked,
    *,
    route_of: Callable[[str, str], Route],
    now: Callable[[], datetime],
    dry_run: bool,
) -> Settlement:
    """Settle the submission in the journal; with ``dry_run`` change nothing. ``route_of`` takes system and source.

    Raises NotSettled, and ContractViolation where what is stated does not fit the operation's result.
    """
    async with connection.transaction():
        letter, status = await _found(connection, asked.letter_id)
        event = _read(letter)
        statement = _statement(asked, status, event)
        judgement = judge(status, asked.letter_id, statement, ordered=letter.ordered)
        if isinstance(judgement, Refusal):
            raise NotSettled(judgement.why)
        if isinstance(judgement, Repeat):
            return Settlement(status, judgement.reply, repeated=True)
        at = now()
        reply = settled_reply(
            status,
            statement,
            key=letter.event.key,
            route=route_of(status.system, status.source),
            dead_letter=DeadLetterReference(id=asked.letter_id, topic=letter.event.topic),
            traceparent=event.traceparent if event else None,
            rnu=_number(letter, event),
            at=at,
        )
        if not dry_run:
            await settlement_sql.settle(
                connection, asked.letter_id, status, statement, reply, at=at, who=asked.who, reason=asked.reason
            )  # fmt: skip
    return Settlement(status, reply, repeated=False)


def _number(letter: Letter, event: Envelope | None) -> str | None:
    """Return the submission's reference number: the dead letter has the one that was drawn for it, if one was."""
    stated = dict(letter.event.headers).get(DeadLetterHeader.RNU)
    return stated.decode() if stated else (rnu_of(event) if event else None)


async def _found(connection: asyncpg.Connection, letter_id: str) -> tuple[Letter, SubmissionStatus]:
    letter = await settlement_sql.locked(connection, letter_id)
    if letter is None:
        raise NotSettled(f"The journal has no dead letter {letter_id}.")
    if letter.status is None:
        raise NotSettled("Nothing can be settled: no submission ended with this dead letter.")
    return letter, letter.status


def _statement(asked: Asked, status: SubmissionStatus, event: Envelope | None) -> Statement:
    if asked.data is None:
        return Statement(Verdict.NOT_SENT)
    wanted = event.data_raw if event else None
    contract = EVENT_TYPES.get(status.type)
    if contract is None:
        raise NotSettled(f"This version of Herald has no contract for its type {status.type}.")
    reference = reference_in(status.reply, contract.reference) if contract.reference else None
    if not asked.data and reference is None:
        raise NotSettled(
            "Give its identifier in the national system (--nrn or --data): no answer has named one."
        )
    data = settled_data(status.type, asked.data, identity=status.identity, asked=wanted, reference=reference)
    return Statement(Verdict.ACCEPTED, data)


def _read(letter: Letter) -> Envelope | None:
    """Read the dead letter's event; None where that is impossible: then the reply has no trace of it."""
    event = letter.event
    try:
        return decode(
            without_ours(event.headers), event.value, event.key, max_bytes=len(event.value or b"") + 1
        )
    except BadEvent:
        return None
