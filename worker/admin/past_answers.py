"""What the reply topics show of submissions: of each the reply with the highest revision, which is the truth."""

from __future__ import annotations

import json
from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from contracts.immutable import immutable
from worker.pipeline.ports import Event, State

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from worker.kafka.past import PastRecords
    from worker.pipeline.ports import Record

Name: TypeAlias = "tuple[str, str]"
"""A submission's source and id."""
_DIGITS = 9  # of the highest revision that is read
_ENDS = (State.ACCEPTED, State.REJECTED, State.FAILED, State.HELD)


@immutable
class PastAnswer:
    """A reply as Kafka has it."""

    state: State
    revision: int
    reply: Event = field(repr=False)

    @property
    def data(self) -> Mapping[str, Any]:
        """What it says; empty where that cannot be read."""
        try:
            told = json.loads(self.reply.value or b"")
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def at(self) -> datetime | None:
        """When the submission ended, as the reply states it."""
        return time_in(dict(self.reply.headers).get("ce_time"))


def time_in(text: object) -> datetime | None:
    """Read a time as Herald writes it; None for anything else."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


async def past_answers(
    past: PastRecords, topics: Sequence[str], wanted: Collection[Name]
) -> Mapping[Name, PastAnswer]:
    """Return the answers of those of these submissions that have one. Raises KafkaError, TopicNotShown."""
    found: dict[Name, PastAnswer] = {}
    for topic in topics if wanted else ():
        async for records in past.batches(topic):
            for name, answer in filter(None, map(_answer, records)):
                known = found.get(name)
                if name in wanted and (known is None or answer.revision > known.revision):
                    found[name] = answer
    return found


def _answer(record: Record) -> tuple[Name, PastAnswer] | None:
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    state = _state(headers)
    if state is None:
        return None
    name = (headers.get("ce_submissionsource", ""), headers.get("ce_submissionid", ""))
    reply = Event(record.topic, record.key, record.value, record.headers)
    return name, PastAnswer(state, _revision(headers), reply)


def _state(headers: Mapping[str, str]) -> State | None:
    kind = "".join(headers.get("ce_type", "").split(".")[-2:-1])
    return State(kind) if kind in _ENDS else None


def _revision(headers: Mapping[str, str]) -> int:
    text = headers.get("ce_revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 1
