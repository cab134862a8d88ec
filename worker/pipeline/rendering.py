"""The events that report how a submission ended: replies and dead letters, made once and kept byte for byte."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.counted import counted
from contracts.dead_letters import (
    DeadLetterFacts,
    DeadLetterHeader,
    Origin,
    dead_letter_headers,
    dead_letter_id,
    replay_count,
    replay_of,
)
from contracts.immutable import immutable
from contracts.reasons import ADVICE, Reason
from contracts.registry import EVENT_TYPES
from contracts.replies import (
    AcceptedReply,
    DeadLetterReference,
    FailedReply,
    FieldProblem,
    HeldReply,
    RejectedReply,
    Reply,
    StatedError,
    SystemAnswer,
)
from contracts.reply_events import Message, reply_event
from worker.outcome import Accepted, AlreadyExists, Blocked, Rejected
from worker.pipeline.decision import Finish, stated_errors
from worker.pipeline.left_out import UNKNOWN_TYPE, LeftOut, as_json, bulk_of, referred_ids, without_bulk
from worker.pipeline.notices import WorkerNotices
from worker.pipeline.ports import DeadLetter, Event, Final, Owner, Record, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from contracts.files import ReferredFile
    from worker.pipeline.ports import Notification
    from worker.pipeline.reply_context import ReplyContext
    from worker.pipeline.routing import Routing


FEWER_ERRORS = (100, 10, 1, 0)
"""How many errors are kept of a refusal that is too large: each is tried in turn, until the reply fits."""


@immutable
class Rendered:
    """The end of a submission, and what its reply leaves out because it would be too large with it."""

    final: Final
    left_out: tuple[LeftOut, ...]


@immutable
class _Shown:
    """How much of an end a reply shows: ``answer`` in bytes; ``errors`` None for all of them."""

    answer: int
    bulk: bool = True
    errors: int | None = None


class Renderer:
    """Renders the events of one system."""

    def __init__(self, system: str, routing: Routing, *, max_reply_bytes: int) -> None:
        self._system = system
        self._routing = routing
        self._max_reply_bytes = max_reply_bytes
        self._notices = WorkerNotices(system, routing, max_reply_bytes)

    def final(self, record: Record, context: ReplyContext, end: Finish, at: datetime) -> Final:
        """Render the end of a submission whose source and id are known. Raises BrokenNotice."""
        return self.render(record, context, end, at).final

    def render(
        self,
        record: Record,
        context: ReplyContext,
        end: Finish,
        at: datetime,
        files: tuple[ReferredFile, ...] = (),
    ) -> Rendered:
        """Render it, and say what is left out. ``files``: what is left out and was saved, which it refers to.

        Raises BrokenNotice.
        """
        dead = None
        if end.reason is not None:
            dead = self.dead_letter(record, context, end.reason, end.detail or "")
        message, shown = self._message(context, end, dead, at, files)
        route = self._routing.of_source(context.submission.source)
        topic = route.results if end.state is State.ACCEPTED else route.errors
        reply = Event(topic, record.key, message.value, message.headers)
        final = Final(
            end.state,
            reply,
            dead,
            at,
            reference=end.outcome.reference if isinstance(end.outcome, Accepted) else None,
            notices=self._notifications(record, context, end, at),
            files=(*(one.file.id for one in files), *_referred(end)),
        )
        return Rendered(final, tuple(_left_out(context, end, shown)))

    def dead_letter(
        self, record: Record, context: ReplyContext | None, reason: Reason, detail: str
    ) -> DeadLetter:
        """Render a dead letter: the record as it came, and why."""
        origin = Origin(record.topic, record.partition, record.offset, record.timestamp_ms)
        facts = DeadLetterFacts(
            origin=origin,
            reason=reason.value,
            system=self._system,
            operation=context.operation if context else None,
            signer=context.submission.signer if context else None,
            attempts=context.attempts if context else 0,
            first_attempt=context.first_attempt if context else None,
            last_attempt=context.last_attempt if context else None,
            replay_count=replay_count(record.headers),
            replay_of=replay_of(record.headers),
            rnu=context.submission.rnu if context else None,
            revision=context.revision if context else 1,
        )
        headers = dead_letter_headers(record.headers, facts)
        return DeadLetter(
            id=dead_letter_id(origin, facts.revision),
            reason=reason.value,
            detail=detail,
            system=self._system,
            operation=facts.operation,
            signer=facts.signer,
            source=context.submission.source if context else None,
            submission_id=context.submission.id if context else None,
            event=Event(self._routing.dead_letters, record.key, record.value, headers),
            origin=origin,
            replay_count=facts.replay_count,
            topic_id=record.topic_id,
        )

    def _notifications(
        self, record: Record, context: ReplyContext, end: Finish, at: datetime
    ) -> tuple[Notification, ...]:
        if not isinstance(end.outcome, Accepted) or not end.outcome.notices:
            return ()
        ref = context.submission
        owner = Owner(ref.source, ref.id, record.key, ref.rnu)
        return tuple(self._notices.made(notice, owner, at) for notice in end.outcome.notices)

    def _message(
        self,
        context: ReplyContext,
        end: Finish,
        dead: DeadLetter | None,
        at: datetime,
        files: tuple[ReferredFile, ...],
    ) -> tuple[Message, _Shown]:
        """Write the reply without what would make it too large for its topic; its evidence id leads to the whole.

        The system's answer is left out first, then bulky members of the data (a certificate, a long list), and of
        very many errors all but the first.
        """
        for shown in self._ways(context):
            told = _with_errors(_without_bulk(end, shown), shown.errors)
            reply = self._reply(context, told, dead, _answer(context, shown.answer), files)
            message = reply_event(context.submission, reply, revision=context.revision, at=at)
            if len(message.value) <= self._max_reply_bytes:
                break
        return message, shown

    def _ways(self, context: ReplyContext) -> Iterator[_Shown]:
        """Yield how much may be shown, most first; to write megabytes in vain takes long."""
        half = self._max_reply_bytes // 2
        if context.answer is not None and len(context.answer.body or b"") <= half:
            yield _Shown(half)
        yield _Shown(0)
        yield from (_Shown(0, bulk=False, errors=errors) for errors in FEWER_ERRORS)

    def _reply(
        self,
        context: ReplyContext,
        end: Finish,
        dead: DeadLetter | None,
        answer: SystemAnswer | None,
        files: tuple[ReferredFile, ...],
    ) -> Reply:
        if isinstance(end.outcome, Accepted):
            return AcceptedReply(
                system=self._system,
                operation=context.operation or "",
                data=dict(end.outcome.data),
                answer=answer,
                files=files,
            )
        common = {
            "system": self._system,
            "operation": context.operation,
            "errors": stated_errors(end.outcome),
            "problems": tuple(
                FieldProblem(path=p.path, rule=p.rule, message=p.message) for p in end.problems
            ),
            "attempts": context.attempts,
            "first_attempt": context.first_attempt,
            "last_attempt": context.last_attempt,
            "dead_letter": DeadLetterReference(id=dead.id, topic=dead.event.topic) if dead else None,
            "answer": answer,
            "files": files,
        }
        if end.state is State.REJECTED:
            return RejectedReply.model_validate({**common, "message": _rejection(end)})
        told = {**common, "code": end.reason, "message": _sentence(end)}
        if end.state is State.FAILED:
            return FailedReply.model_validate(told)
        reference = end.outcome.reference if isinstance(end.outcome, AlreadyExists) else None
        return HeldReply.model_validate({**told, "reference": reference})


def without_value(dead_letter: Event) -> Event:
    """Return the dead letter without its record's value, for a topic that refuses it; the journal keeps it all.

    A record that came compressed may be larger than what the topic of dead letters takes.
    """
    note = (DeadLetterHeader.VALUE_LEFT_OUT.value, str(len(dead_letter.value or b"")).encode())
    return replace(dead_letter, value=None, headers=(*dead_letter.headers, note))


def _without_bulk(end: Finish, shown: _Shown) -> Finish:
    """Return the end with null for every bulky member of the data, where these are not shown."""
    if shown.bulk or not isinstance(end.outcome, Accepted):
        return end
    return replace(end, outcome=Accepted(without_bulk(end.outcome.data)))


def _left_out(context: ReplyContext, end: Finish, shown: _Shown) -> Iterator[LeftOut]:
    """Yield what a reply does not show, in the order in which it is left out. A small answer that is no text stays."""
    answer = context.answer
    if answer is not None and len(answer.body or b"") > shown.answer:
        media_type = answer.headers.get("content-type") or UNKNOWN_TYPE
        yield LeftOut("answer.body", media_type, answer.body)
    if not shown.bulk and isinstance(end.outcome, Accepted):
        contract = EVENT_TYPES.get(context.submission.type or "")
        yield from bulk_of(end.outcome.data, contract.binary if contract else ())
    if shown.errors is not None and len(errors := stated_errors(end.outcome)) > shown.errors:
        yield as_json("errors", [one.model_dump(mode="json", by_alias=True) for one in errors])


def _referred(end: Finish) -> Iterator[str]:
    """Yield the ids of the files that the data of an accepted reply refers to, or its notices."""
    if isinstance(end.outcome, Accepted):
        for data in (end.outcome.data, *(notice.data for notice in end.outcome.notices)):
            yield from referred_ids(data)


def _with_errors(end: Finish, most: int | None) -> Finish:
    """Return the end with the first errors only, and one more that says how many were left out."""
    if most is None or not isinstance(end.outcome, Rejected | AlreadyExists | Blocked):
        return end
    errors = end.outcome.errors
    if len(errors) <= most:
        return end
    more = StatedError(reason=f"{counted(len(errors) - most, 'more error')}, see the answer in the journal")
    return replace(end, outcome=replace(end.outcome, errors=(*errors[:most], more)))


def _answer(context: ReplyContext, max_bytes: int) -> SystemAnswer | None:
    if context.answer is None:
        return None
    return SystemAnswer.of(
        status=context.answer.status,
        content_type=context.answer.headers.get("content-type"),
        body=context.answer.body,
        evidence_id=context.evidence_id,
        max_bytes=max_bytes,
    )


def _rejection(end: Finish) -> str:
    reasons = [error.reason or error.type or "no reason is given" for error in stated_errors(end.outcome)]
    return "The national system refused it: " + "; ".join(reasons)


def _sentence(end: Finish) -> str:
    advice = ADVICE[end.reason] if end.reason else ""
    if end.problems or not end.detail:
        return advice
    return f"{end.detail[:1].upper()}{end.detail[1:]}. {advice}"
