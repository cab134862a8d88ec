"""Faults of those who send: transactions that are rolled back or stay open, and one source that floods the topic."""

from __future__ import annotations

import asyncio

from tests.chaos.producer import past_day
from tests.chaos.run_context import RunContext
from tests.support.kafka.transactions import Librdkafka
from tests.support.worker.hospital import REGISTER, Event, event, register, registration

IN_ONE = 3
"""Registrations in one transaction."""
OPEN_SECONDS = 6.0
"""Longer than the time after which an open transaction is told."""
FLOOD, FLOOD_WORD = 60, "f"
LOOK_SECONDS = 0.2
STOPPED_LOOKS = 150
FLOODING = "/hospitals/test/flooding"


async def transactions(context: RunContext) -> None:
    """Commit some and roll some back: at once, and after they have stayed open for a while.

    What is rolled back is not among what was published: the audit finds it if it reaches the register.
    """
    await asyncio.gather(*(_transactions(context, commit=commit) for commit in (True, False)))
    context.faults["transactions"] += 1


async def _transactions(context: RunContext, *, commit: bool) -> None:
    async with Librdkafka(context.installation.bootstrap) as producer:
        for seconds in (0.0, OPEN_SECONDS):
            made = [_registration(context, "t") for _ in range(IN_ONE)]
            await producer.begin()
            await producer.send(context.installation.topics.submissions, *(one for one, _ in made))
            await asyncio.sleep(seconds)
            await (producer.commit() if commit else producer.abort())
            for one, patient in made if commit else ():
                context.producer.note(one, patient)


async def flood(context: RunContext) -> None:
    """Let one source publish many events that break their contract, until it is stopped; all others go on.

    A worker that is killed has counted in vain: then it takes another flood, once the last one is dealt with. Before
    that, one more would only be in the way of all others.
    """
    if context.producer.unanswered(FLOOD_WORD) < FLOOD:
        await _flood(context)
    for _ in range(STOPPED_LOOKS):
        await asyncio.sleep(LOOK_SECONDS)
        if f"source {FLOODING}" in context.stopped:
            context.faults["source-floods"] += 1
            return


async def _flood(context: RunContext) -> None:
    patient = context.installation.patient()
    for _ in range(FLOOD):
        name = context.producer.next_id(FLOOD_WORD)
        data = registration(patient, occurrence="1700-01-01")
        await context.producer.publish_bad(event(name, REGISTER, patient, data, source=FLOODING), patient)


def _registration(context: RunContext, word: str) -> tuple[Event, str]:
    """Return a registration of a patient of its own, and the patient as the ledger names them."""
    patient = context.installation.patient()
    name = context.producer.next_id(word)
    return register(name, patient, occurrence=past_day().isoformat()), patient.in_ledger
