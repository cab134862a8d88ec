"""Opens messages in steps: what each step asks for, and what its answer means."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from contracts.reasons import Reason
from worker.outcome import Accepted, Blocked, Outcome, Rejected, StatedError
from worker.systems.port import NotPrepared
from worker.systems.ssev import downloads, opening
from worker.systems.ssev.content import opened_data, opened_message
from worker.systems.ssev.interpret import TITLE
from worker.systems.ssev.opened import recognise_nothing
from worker.systems.ssev.requests import Request, opening_request
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.file_store import FileStore
    from worker.submission import Submission
    from worker.systems.port import Attempt, Prepared
    from worker.systems.ssev.access import Access
    from worker.systems.ssev.opened import Recognise
    from worker.systems.ssev.requests import Receipt
    from worker.systems.steps import Step
    from worker.transport.port import Answer


class Opener:
    """Opens messages for one system, and puts their files into the store, where there is one.

    ``recognise``: see `Recognise`. ``address_of``: see `Dependencies`.
    """

    def __init__(
        self,
        access: Access,
        store: FileStore | None,
        recognise: Recognise = recognise_nothing,
        address_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._access = access
        self._store = store
        self._recognise = recognise
        self._address_of = address_of
        self._rules = access.settings.files

    def step(self, progress: Mapping[str, str]) -> Step:
        """Return the step that follows from the progress."""
        return opening.step_of(progress)

    async def prepare(self, receipt: Receipt, submission: Submission, attempt: Attempt) -> Prepared:
        """Make the request of the next step. Raises Refused, NotPrepared."""
        step = opening.step_of(attempt.progress)
        if not step.name.startswith(opening.FILE):
            request = opening_request(receipt, self._access.addresses)
            return await self._access.prepared(submission, attempt, request, None, step.name)
        file = opening.file_of(attempt.progress, step.name)
        if self._store is None or file.link is None:
            detail = "the files of an opened message go to the file store, which the settings no longer have (files)"
            raise NotPrepared(Blocked(Reason.CONFIGURATION, detail))
        request = Request(file.link, headers={"accept": "*/*"})
        prepared = await self._access.prepared(submission, attempt, request, None, step.name)
        secret = prepared.secret_headers if self._rules.send_token else {}
        return replace(
            prepared,
            secret_headers=secret,
            save=downloads.new_file(submission, file),
            evidence_url=opening.HIDDEN_LINK,
        )

    def interpret(
        self, receipt: Receipt, submission: Submission, prepared: Prepared, answer: Answer
    ) -> Outcome:
        """Read the answer to a step. Pure and total."""
        step, progress = opening.step_of(prepared.progress), prepared.progress
        if step.name.startswith(opening.FILE):
            reference, content = downloads.read_stated(answer)
            after = opening.after_file(answer, progress, step.name, reference, content)
            return after or self._access.read(lambda _: None, answer)
        reader = partial(self._opened, receipt, submission, progress, last=step.name == opening.READ)
        return self._access.read(reader, answer, absent=_absent(receipt))

    def _opened(
        self,
        receipt: Receipt,
        submission: Submission,
        progress: Mapping[str, str],
        document: object,
        *,
        last: bool,
    ) -> Outcome | None:
        data = opened_data(document, receipt.ids, self._saved(progress))
        if data is None or not isinstance(document, dict):
            return None
        if not last and self._store is not None:
            following = opening.after_open(document, progress, self._rules)
            if following is not None:
                return following
        message = opened_message(submission.signer, data, opening.contents(progress))
        notice = self._recognise(message)
        return Accepted(data, notices=() if notice is None else (notice,))

    def _saved(self, progress: Mapping[str, str]) -> Mapping[int, Mapping[str, Any]]:
        """Return the stored files with an address for each; the journal keeps none of these with the progress."""
        saved = opening.saved_files(progress)
        return {
            blob: {**file, **without_gaps(url=self._address_of(file["id"]))} for blob, file in saved.items()
        }


def _absent(receipt: Receipt) -> Outcome:
    reason = f"{TITLE} has no message {receipt.message_id} for this profile"
    return Rejected((StatedError(type="404", reason=reason, faulty_attribute="$.data.messageId"),))
