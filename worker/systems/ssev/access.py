"""What every request of eDelivery needs: for whom the signer acts, the token, and how answers are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.problems import Problem
from contracts.reasons import Reason
from worker.systems.esb.port import UnknownActing
from worker.systems.port import Prepared, Refused
from worker.systems.ssev.addresses import Addresses
from worker.systems.ssev.interpret import Rules, interpret

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from worker.outcome import Outcome
    from worker.submission import Submission
    from worker.systems.esb.acting import Acting
    from worker.systems.esb.port import Esb
    from worker.systems.port import Attempt
    from worker.systems.ssev.interpret import Reader
    from worker.systems.ssev.requests import Request
    from worker.systems.ssev.settings import SsevSettings
    from worker.transport.port import Answer

ACTING_PATH = "$.data.onBehalfOf"
RULE = "on-behalf"
"""The name of the rule that problems with whom a signer may represent carry."""


class Access:
    """eDelivery as one system uses it through the ESB."""

    def __init__(self, esb: Esb, settings: SsevSettings, now: Callable[[], datetime]) -> None:
        self.addresses = Addresses(esb.gateway_url, settings)
        self.settings = settings
        self.now = now
        self._esb = esb
        self._rules = Rules(
            settings.not_processed_statuses, settings.refusal_statuses, settings.operator_errors
        )

    def acting(self, signer: str, name: str | None, path: str = ACTING_PATH) -> Acting:
        """Return for whom a signer acts. Raises Refused where the settings do not let it act under this name.

        With a name, the interface's paths on behalf of another profile are used, which need a represented person.
        """
        try:
            found = self._esb.acting(signer, name)
        except UnknownActing as unknown:
            raise Refused(Reason.SIGNER_NOT_ALLOWED, [Problem(path, RULE, str(unknown))]) from None
        if name is not None and found.represented_person_id is None:
            sentence = "Name another, or have the operator set its represented_person_id."
            raise Refused(Reason.SIGNER_NOT_ALLOWED, [Problem(path, RULE, sentence)])
        return found

    async def prepared(
        self,
        submission: Submission,
        attempt: Attempt,
        request: Request,
        name: str | None,
        step: str | None = None,
    ) -> Prepared:
        """Return the message of a request, with its token; ``name`` as for `acting`. Raises Refused, NotPrepared.

        It gets a connection of its own, because nothing says that the system's answers name the message.
        """
        acting = self.acting(submission.signer, name)
        secret = await self._esb.authorisation(submission.signer, self.settings.scope, acting)
        return Prepared(
            operation=submission.operation,
            signer=submission.signer,
            message_id=attempt.message_id,
            identity=attempt.identity,
            url=request.url,
            request=request.body,
            headers=request.headers,
            secret_headers=secret,
            method=request.method,
            step=step,
            progress=attempt.progress,
        )

    def read(self, reader: Reader, answer: Answer, *, absent: Outcome | None = None) -> Outcome:
        """Read an answer: see `interpret`."""
        return interpret(reader, answer, self._rules, self.now(), absent=absent)
