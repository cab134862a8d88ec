"""Answers to requests, step by step: what `ssev` does with the message that an answer becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.problems import Problem
from contracts.reasons import Reason
from worker.outcome import Blocked, NotArrived, Outcome, Unknown
from worker.systems.eforms.outgoing import SECTION, outgoing_of
from worker.systems.eforms.request import bytes_of, response_of
from worker.systems.port import NotPrepared, Recovery, Refused
from worker.systems.ssev.outgoing import RULE
from worker.systems.ssev.sending import SEND, no_template
from worker.systems.steps import Step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.eforms.requests import SendResponse
    from worker.submission import Submission
    from worker.systems.eforms.schemas import Schemas
    from worker.systems.eforms.settings import Response
    from worker.systems.port import Attempt, Prepared
    from worker.systems.ssev.outgoing import Outgoing
    from worker.systems.ssev.sender import Sender
    from worker.transport.port import Answer

_NOWHERE = f"the settings do not say where answers go: set {SECTION}"

NOT_CONFIGURED = f"Have the operator set {SECTION}: where answers go, and by which template."
"""Why answers are refused without the settings."""


class Responses:
    """Answers to requests. ``settings`` is None where the operator has not said where they go: then none is sent."""

    def __init__(self, settings: Response | None, schemas: Schemas, sender: Sender) -> None:
        self._settings = settings
        self._schemas = schemas
        self._sender = sender

    def check(self, data: SendResponse) -> None:
        """Check that answers can go somewhere, and that the schema takes this one. Raises Refused."""
        if self._settings is None:
            raise Refused(Reason.CONFIGURATION, [Problem("$.type", "not-configured", NOT_CONFIGURED)])
        response_of(data, self._schemas)

    def step(self, data: SendResponse, submission: Submission, progress: Mapping[str, str]) -> Step:
        """Return the step that follows from the progress. Pure and total.

        Without the settings it is not known which it is: then nothing may be sent before a look-up.
        """
        message = self._message(data, submission)
        if message is None:
            return Step(SEND, Recovery.LOOK_UP_FIRST, looks_up=True)
        return self._sender.step(message, progress)

    async def prepare(self, data: SendResponse, submission: Submission, attempt: Attempt) -> Prepared:
        """Make the request of the next step. Raises Refused, NotPrepared."""
        self.check(data)
        try:
            return await self._sender.prepare(self._known(data, submission), submission, attempt)
        except Refused as refused:
            if any(one.rule == RULE for one in refused.problems):
                # The template's fields are the operator's data: no event can correct them.
                raise Refused(Reason.CONFIGURATION, refused.problems) from None
            raise

    def interpret(
        self, data: SendResponse, submission: Submission, prepared: Prepared, answer: Answer
    ) -> Outcome:
        """Read the answer to a step. Pure and total."""
        message = self._message(data, submission)
        if message is None:
            return Unknown(Reason.OUTCOME_UNKNOWN, _NOWHERE)
        outcome = self._sender.interpret(message, prepared, answer)
        if outcome == no_template(message):
            detail = f"eDelivery has no template {message.template_id}: correct {SECTION}.template_id"
            return Blocked(Reason.CONFIGURATION, detail)
        return outcome

    async def prepare_look_up(
        self, data: SendResponse, submission: Submission, attempt: Attempt
    ) -> Prepared | None:
        """Make the question for the outbox. Raises Refused, NotPrepared."""
        return await self._sender.prepare_look_up(self._known(data, submission), submission, attempt)

    def settle(
        self, data: SendResponse, submission: Submission, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the look-up's answer what became of the message. Pure and total."""
        message = self._message(data, submission)
        if message is None:
            return Unknown(Reason.OUTCOME_UNKNOWN, _NOWHERE)
        return self._sender.settle(message, submission, look_up, answer)

    def _message(self, data: SendResponse, submission: Submission) -> Outgoing | None:
        if self._settings is None:
            return None
        return outgoing_of(data, bytes_of(data, self._schemas), submission, self._settings)

    def _known(self, data: SendResponse, submission: Submission) -> Outgoing:
        """Return the message. Raises NotPrepared where the settings do not say where it goes."""
        message = self._message(data, submission)
        if message is None:
            raise NotPrepared(Blocked(Reason.CONFIGURATION, _NOWHERE))
        return message
