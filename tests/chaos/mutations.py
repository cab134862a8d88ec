"""Broken engines, by name, that the audit must catch. Each breaks one rule that the guarantees stand on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from worker.journal import progress_sql
from worker.journal.lease import Lease
from worker.journal.postgres import PostgresJournal
from worker.kafka.offsets import PartitionOffsets
from worker.kafka.window import Window
from worker.outcome import Retry, Unknown
from worker.pipeline import decision
from worker.pipeline.ports import Place
from worker.transport.port import SendGuard


def commit_before_reply() -> None:
    """Count every record as finished when it comes, so that its offset is committed before its answer."""
    take = PartitionOffsets.take

    def take_and_finish(self: PartitionOffsets, offset: int) -> None:
        take(self, offset)
        self._unfinished.pop(offset)

    def finished_already(self: PartitionOffsets, offset: int) -> None:
        """Do nothing."""

    PartitionOffsets.take = take_and_finish  # type: ignore[method-assign]
    PartitionOffsets.finish = finished_already  # type: ignore[method-assign]


def no_sending_state() -> None:
    """Send without journaling the attempt first."""

    async def sending(self: PostgresJournal, *args: Any, **kwargs: Any) -> Callable[[], bool]:
        return lambda: True

    PostgresJournal.sending = sending  # type: ignore[method-assign,assignment]


def blind_retry() -> None:
    """Treat an unknown outcome as certainly not processed."""
    decide = decision.decide

    def blind(outcome: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(outcome, Unknown):
            outcome = Retry(outcome.reason, outcome.detail)
        return decide(outcome, *args, **{**kwargs, "in_doubt": False})

    decision.decide = blind


def no_fencing() -> None:
    """Accept any ticket, whatever its lease, epoch and owner, and even after the submission's end."""
    lease = (
        "\n      and exists (select from workers w where w.owner = $1 and w.lease_until > clock_timestamp())"
    )
    guards = {
        "s.owner = $1 and s.epoch = t.epoch": "$1::text is not null and t.epoch is not null",
        "s.state in ('claimed', 'sending')": "true",
        "set state = 'sending'": "set state = case when s.finished_at is null then 'sending' else s.state end",
        lease: "",
    }
    for name in ("_SENDING", "_RECEIVED", "_FINISH"):
        statement = unguarded = getattr(progress_sql, name)
        for guard, nothing in guards.items():
            unguarded = unguarded.replace(guard, nothing)
        assert "s.epoch = t.epoch" in statement, name
        assert "w.lease_until" not in unguarded, name
        setattr(progress_sql, name, unguarded)
    Lease.alive = property(lambda _self: True)  # type: ignore[method-assign,assignment]
    Lease.term = property(lambda _self: 1, lambda _self, _value: None)  # type: ignore[assignment]


def no_last_word() -> None:
    """Send every request that was once permitted, however long ago: the check at the first byte is missing."""

    def begin(self: SendGuard) -> None:
        self.sent = True

    SendGuard.begin = begin  # type: ignore[method-assign]


def order_by_partition_only() -> None:
    """Run the records of a key side by side, as if the order of a partition were order enough."""
    run_key = Window._run_key

    def alone(self: Window, lane: Any, key: object) -> Any:
        queue = lane.queues.pop(key)
        own = (key, queue[0].record.offset)
        lane.queues[own] = queue
        return run_key(self, lane, own)

    Window._run_key = alone  # type: ignore[method-assign]


def answer_every_time() -> None:
    """Forget which records were answered: each that is read again gets its answer again."""
    Place.is_same = lambda _self, _other: False  # type: ignore[method-assign]


_MUTATIONS = {
    "answer-every-time": answer_every_time,
    "commit-before-reply": commit_before_reply,
    "no-sending-state": no_sending_state,
    "blind-retry": blind_retry,
    "no-fencing": no_fencing,
    "no-last-word": no_last_word,
    "order-by-partition-only": order_by_partition_only,
}
NAMES = tuple(_MUTATIONS)


def install(name: str) -> None:
    """Break this process's engine."""
    _MUTATIONS[name]()
