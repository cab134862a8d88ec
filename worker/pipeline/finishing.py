"""The end of a claimed submission: rendered, made durable in the journal, then published."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from worker.file_store import FileOwner
from worker.observability.journey import note
from worker.observability.metrics.labels import Stage
from worker.pipeline.claim_request import operation_of
from worker.pipeline.contained import defect_of
from worker.pipeline.decision import cause_of, refused, unwritable
from worker.pipeline.following import in_trace, note_topic, producing
from worker.pipeline.reading import sender_of
from worker.pipeline.reply_context import ReplyContext
from worker.systems.port import Refused

if TYPE_CHECKING:
    from contracts.files import ReferredFile
    from worker.pipeline.aside import Aside
    from worker.pipeline.decision import Finish
    from worker.pipeline.flood.guard import FloodGuard
    from worker.pipeline.job import Job
    from worker.pipeline.ports import (
        Claimed,
        Clock,
        Final,
        Journal,
        Received,
        Record,
        State,
        Ticket,
    )
    from worker.pipeline.publishing import Publishing
    from worker.pipeline.reading import InvalidRecord
    from worker.pipeline.rendering import Rendered, Renderer
    from worker.pipeline.saving import Saving
    from worker.pipeline.stages import Stages
    from worker.systems.port import System


class Finishing:
    """Ends the submissions of one system. Raises SetAside where the flood guard lets no dead letter pass now."""

    def __init__(
        self,
        system: System,
        journal: Journal,
        clock: Clock,
        *,
        renderer: Renderer,
        publishing: Publishing,
        flood: FloodGuard,
        aside: Aside,
        stages: Stages,
        saving: Saving | None = None,
    ) -> None:
        """Take what finishing needs. ``saving`` keeps what is too large for a reply; None without a file store."""
        self._system = system
        self._journal = journal
        self._clock = clock
        self._renderer = renderer
        self._publishing = publishing
        self._flood = flood
        self._aside = aside
        self._stages = stages
        self._saving = saving

    async def finish(self, record: Record, job: Job, end: Finish) -> State:
        """End a submission as its delivery ended. Raises Fenced."""
        with producing("reply") as span:
            context = ReplyContext.of_job(job, in_trace(job.submission.ref, span))
            size = len(record.value or b"") + (len(job.answer.body or b"") if job.answer else 0)
            final, end = await self._rendered(record, context, end, size)
            note_topic(span, final.reply.topic)
            cause, sender = cause_of(end), sender_of(job.submission)
            if cause is not None:
                self._flood.dies(cause, sender, sent=job.attempts > 0)
            await self._end(record, job.ticket, job.revision, final, job.received)
            if cause is None:
                self._flood.ends_well(sender)
            note(reason=str(end.reason) if end.reason else None, attempts=job.tried, revision=job.revision)
            note(dead_letter=final.dead_letter.id if final.dead_letter else None)
            return final.state

    async def _rendered(
        self, record: Record, context: ReplyContext, end: Finish, size: int
    ) -> tuple[Final, Finish]:
        """Render the end. What its reply leaves out is saved first, as files that it then refers to.

        With the references a little more may have to be left out: then that is saved, too. After a crash in between
        the same files get the same ids, or are collected as orphans.
        """
        files: tuple[ReferredFile, ...] = ()
        tried: frozenset[str] = frozenset()
        while True:
            rendered, end = await self._aside.run(size, partial(self._written, record, context, end, files))
            new = [one for one in rendered.left_out if one.path not in tried]
            if self._saving is None or not new:
                return rendered.final, end
            tried |= {one.path for one in new}
            ref = context.submission
            owner = FileOwner(self._system.name, ref.source, ref.id)
            saved = await self._saving.save(new, owner, ref.source, ref.id, context.revision)
            files = (*files, *saved)

    def _written(
        self, record: Record, context: ReplyContext, end: Finish, files: tuple[ReferredFile, ...]
    ) -> tuple[Rendered, Finish]:
        """Render the end; where a defect keeps its reply from being written, one that says so."""
        try:
            return self._renderer.render(record, context, end, self._clock.now(), files), end
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # a defect may be of any kind, and must stop this submission alone
            end = unwritable(end, str(defect_of("reply", error)))
            told = replace(context, answer=None)
            return self._renderer.render(record, told, end, self._clock.now()), end

    async def refuse(self, record: Record, invalid: InvalidRecord, claimed: Claimed) -> State:
        """Refuse an invalid event whose source and id are known: a failed reply and a dead letter. Raises Fenced.

        The event may have been valid, and sent, before a restart with other settings: then it is held.
        """
        assert invalid.submission is not None  # noqa: S101  # what is claimed has a source and an id
        end = refused(Refused(invalid.reason, invalid.problems), in_doubt=claimed.in_doubt)
        with producing("reply") as span:
            ref = in_trace(invalid.submission, span)
            context = ReplyContext.of_claim(claimed, ref, operation_of(self._system, invalid))
            final = self._renderer.final(record, context, end, self._clock.now())
            note_topic(span, final.reply.topic)
            self._flood.dies(invalid.reason, sender_of(invalid), sent=claimed.attempts > 0)
            await self._end(record, claimed.ticket, claimed.revision, final, None)
        note(reason=invalid.reason.value, attempts=claimed.attempts, revision=claimed.revision)
        note(problems=len(invalid.problems), dead_letter=final.dead_letter.id if final.dead_letter else None)
        return final.state

    async def _end(
        self, record: Record, ticket: Ticket, revision: int, final: Final, received: Received | None
    ) -> None:
        """Make the end durable, then publish it."""
        with self._stages.timed(Stage.FINISH):
            await self._journal.finish(ticket, final, received)
        dead = final.dead_letter.event if final.dead_letter else None
        await self._publishing.publish(ticket, record.place, revision, final.reply, dead)
