"""Sends messages in steps: what each step sends, what its answer means, and how a lost answer is settled."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from contracts.reference_number import generated
from worker.outcome import NotArrived, Outcome, Unknown
from worker.systems.port import SentFile
from worker.systems.ssev import lookup, sending
from worker.systems.ssev.attachments import attachments
from worker.systems.ssev.begun import Begun
from worker.systems.ssev.comparing import Since
from worker.systems.ssev.multipart import envelope
from worker.systems.ssev.outbox import LookUp, Outbox, Query
from worker.systems.ssev.outgoing import DEFAULT_MEDIA_TYPE, check_fields
from worker.systems.ssev.requests import ACCEPT, JSON, Request, sending_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.file_store import FileStore
    from worker.submission import Submission
    from worker.systems.port import Attempt, Prepared
    from worker.systems.ssev.access import Access
    from worker.systems.ssev.outbox import Get
    from worker.systems.ssev.outgoing import Outgoing
    from worker.systems.ssev.schemas import MessageSchema
    from worker.systems.steps import Step
    from worker.transport.port import Answer


class Sender:
    """Sends messages for one system.

    ``store`` is where uploaded files are, None where there is none; ``schema`` is that of the message itself.
    """

    def __init__(self, access: Access, store: FileStore | None, schema: MessageSchema) -> None:
        self._access = access
        self._schema = schema
        self._store = store
        self._rules = access.settings.files
        self._outbox = Outbox(access.addresses, access.settings.look_up)
        self._zone = ZoneInfo(access.settings.time_zone)

    def step(self, message: Outgoing, progress: Mapping[str, str]) -> Step:
        """Return the step that follows from the progress."""
        return sending.step_of(message, progress, self._access.settings.look_up.wait_seconds)

    async def prepare(self, message: Outgoing, submission: Submission, attempt: Attempt) -> Prepared:
        """Make the request of the next step. Raises Refused, NotPrepared.

        The event is checked by its template, and its files by the store, before anything of it is sent.
        """
        step = sending.step_of(message, attempt.progress)
        if step.name == sending.TEMPLATE:
            await attachments(message, submission, self._store)
        else:
            check_fields(message, sending.known_template(attempt.progress))
        if step.name.startswith(sending.UPLOAD):
            return await self._upload(message, submission, attempt, step)
        request = sending_request(message, step, attempt.progress, self._access.addresses)
        if request.body:
            self._schema.check(request.body)
        return await self._access.prepared(submission, attempt, request, message.acting, step.name)

    def interpret(self, message: Outgoing, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a step. Pure and total."""
        step, progress = sending.step_of(message, prepared.progress), prepared.progress
        if step.name == sending.TEMPLATE:
            reader = partial(sending.after_template, begun=Begun.by(self._access.now(), answer))
            return self._access.read(reader, answer, absent=sending.no_template(message))
        if step.name == sending.SEND:
            return self._access.read(partial(sending.after_send, rnu=message.rnu), answer)
        about = sending.FileStep(step.name, sending.file_of(message, step.name), progress, self._rules)
        if step.name.startswith(sending.SCAN):
            return self._access.read(about.shown, answer, absent=about.not_shown())
        return self._access.read(about.uploaded, answer)

    async def prepare_look_up(
        self, message: Outgoing, submission: Submission, attempt: Attempt
    ) -> Prepared | None:
        """Make the question for the outbox; None before the step that sends. Raises Refused, NotPrepared."""
        step = sending.step_of(message, attempt.progress)
        if not step.looks_up:
            return None
        first, last = lookup.days_of(self._begun(attempt.progress), self._access.now(), self._zone)
        query = Query(self._wanted(message, submission, attempt.progress), first, last, message.on_behalf)
        request = Request(self._outbox.address(query))
        prepared = await self._access.prepared(submission, attempt, request, message.acting, step.name)
        return LookUp(query=query, **{one.name: getattr(prepared, one.name) for one in fields(prepared)})

    async def look_up(self, prepared: LookUp, get: Get) -> Answer:
        """Read the outbox for a look-up. Raises what ``get`` raises."""
        return await self._outbox.read(prepared.query, get)

    def settle(
        self, message: Outgoing, submission: Submission, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the look-up's answer what became of the message. Pure and total."""
        wanted, arrived = self._wanted(message, submission, look_up.progress), []

        def read(document: object) -> Outcome | None:
            found = lookup.settle(wanted, document, self._access.settings.look_up.sent_rnu)
            if isinstance(found, NotArrived):
                arrived.append(found)
                return Unknown(found.reason, found.detail)
            return found

        outcome = self._access.read(read, answer)
        return arrived[0] if arrived else outcome

    async def _upload(
        self, message: Outgoing, submission: Submission, attempt: Attempt, step: Step
    ) -> Prepared:
        file = sending.file_of(message, step.name)
        media_type = file.media_type or DEFAULT_MEDIA_TYPE
        stored = (await attachments(message, submission, self._store)).get(file.path)
        if stored is not None and file.media_type is None:
            media_type = stored.media_type
        around = envelope(file.name, media_type, f"herald-{attempt.message_id}")
        headers = {**ACCEPT, "accept": JSON, "content-type": around.content_type}
        inline = b"" if file.content is None else file.content + around.after
        url = self._access.addresses.upload(on_behalf=message.on_behalf)
        request = Request(url, "POST", around.before + inline, headers)
        prepared = await self._access.prepared(submission, attempt, request, message.acting, step.name)
        if stored is None:
            return prepared
        return replace(prepared, file=SentFile(stored.id, stored.size, around.after))

    def _wanted(
        self, message: Outgoing, submission: Submission, progress: Mapping[str, str]
    ) -> lookup.Wanted:
        unique = submission.numbered or message.rnu == generated(submission.source, submission.id)
        since = Since(self._begun(progress), self._zone)
        return lookup.wanted_of(message, progress, since, unique=unique)

    def _begun(self, progress: Mapping[str, str]) -> Begun:
        return Begun.of(progress).known_at(self._access.now())
