"""eForms behind the System port: answers go over eDelivery, case messages to the platform's hook."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.eforms.requests import SendCaseMessage, SendResponse
from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.eforms import case_message, hook
from worker.systems.eforms.operations import OPERATIONS, SYSTEM
from worker.systems.eforms.responses import NOT_CONFIGURED
from worker.systems.eforms.settings import Name
from worker.systems.port import Recovery, Refused
from worker.systems.ssev.system import SsevSystem
from worker.systems.steps import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.file_store import FileStore
    from worker.outcome import NotArrived, Outcome
    from worker.reloading.reloadable import Reloadable
    from worker.submission import Submission
    from worker.systems.eforms.hook import Hook
    from worker.systems.eforms.responses import Responses
    from worker.systems.eforms.settings import EformsSettings
    from worker.systems.esb.port import Esb
    from worker.systems.port import Attempt, Endpoint, Prepared
    from worker.systems.ssev.access import Access
    from worker.systems.ssev.sender import Sender
    from worker.transport.port import Answer, HttpClient, SendGuard

TELL = "tell"
"""The name of the one step of a case message."""
_NO_HOOK = f"Have the operator set {hook.SECTION}: how the hook is reached in production is not public."


class EformsSystem(SsevSystem):
    """The System port for eForms; also `HasSteps` and `RefusesOperations`.

    ``hook`` is None where the operator has not given its address.
    """

    name = SYSTEM
    title = "eForms"

    def __init__(
        self,
        settings: EformsSettings,
        *,
        esb: Esb,
        access: Access,
        downloads_client: HttpClient,
        store: FileStore | None,
        sender: Sender,
        responses: Responses,
        hook: Hook | None,
    ) -> None:
        super().__init__(
            settings,
            operations=OPERATIONS,
            esb=esb,
            downloads_client=downloads_client,
            store=store,
            sender=sender,
        )
        self.time_zone = settings.time_zone
        self._not_processed = settings.not_processed_statuses
        self._access = access
        self._responses = responses
        self._hook = hook
        self._answers = settings.response is not None

    def refused_operations(self) -> Mapping[str, str]:
        """Return the operations whose settings the operator has not given."""
        answers = {} if self._answers else {Name.RESPONSE_SEND.value: NOT_CONFIGURED}
        return answers if self._hook is not None else {**answers, Name.CASE_MESSAGE.value: _NO_HOOK}

    def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
        """Return the step that follows from the progress."""
        if isinstance(submission.data, SendResponse):
            return self._responses.step(submission.data, submission, progress)
        return Step(TELL, Recovery.HOLD)

    async def check(self, submission: Submission) -> None:
        """Check that the settings serve the operation, and that the schema takes an answer. Raises Refused."""
        if isinstance(submission.data, SendResponse):
            self._access.acting(submission.signer, None)
            self._responses.check(submission.data)
        else:
            self._known_hook()

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Make the request of the next step. Raises Refused, NotPrepared."""
        match submission.data:
            case SendResponse() as response:
                return await self._responses.prepare(response, submission, attempt)
            case SendCaseMessage() as told:
                return self._told(told, submission, attempt)
        raise TypeError(submission.type)

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once: a case message to the hook, everything else through the ESB. Raises DeliveryError, SendRefused."""
        if prepared.step != TELL:
            return await super().exchange(prepared, guard)
        return await self._known_hook().client.request(
            prepared.method,
            prepared.url,
            headers={**prepared.headers, **prepared.secret_headers},
            content=prepared.request,
            reuse=False,
            guard=guard,
        )

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a step."""
        if isinstance(submission.data, SendResponse):
            return self._responses.interpret(submission.data, submission, prepared, answer)
        return case_message.interpret(answer, self._not_processed, self._access.now())

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop the ESB's token, which a case message does not carry."""
        if prepared.step != TELL:
            await super().reauthorize(prepared)

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Make the question for the outbox; None for a case message, which nothing shows."""
        del found
        if isinstance(submission.data, SendResponse):
            return await self._responses.prepare_look_up(submission.data, submission, attempt)
        return None

    def settle(
        self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the look-up's answer what `found` means."""
        if isinstance(submission.data, SendResponse):
            return self._responses.settle(submission.data, submission, look_up, answer)
        return found

    def endpoints(self) -> Sequence[Endpoint]:
        """Return the hosts of the ESB, and that of the hook."""
        return [*super().endpoints(), *([] if self._hook is None else [self._hook.endpoint()])]

    def reloadables(self) -> Sequence[Reloadable]:
        """Return what the ESB's settings and the hook's read from files."""
        return [*super().reloadables(), *([] if self._hook is None else self._hook.reloadables())]

    async def close(self) -> None:
        """Release connections."""
        await super().close()
        if self._hook is not None:
            await self._hook.client.aclose()

    def _told(self, data: SendCaseMessage, submission: Submission, attempt: Attempt) -> Prepared:
        known = self._known_hook()
        return replace(
            self._message(
                submission,
                attempt,
                request=case_message.body_of(data),
                headers=known.headers(),
                secret_headers=known.secret_headers(),
                url=case_message.url_of(known.url, data),
            ),
            step=TELL,
        )

    def _known_hook(self) -> Hook:
        """Return the hook. Raises Refused where the operator has not given its address."""
        if self._hook is not None:
            return self._hook
        raise Refused(Reason.CONFIGURATION, [Problem("$.type", "not-configured", _NO_HOOK)])
