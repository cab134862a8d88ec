"""ePayments over the state's ESB, behind the System port: each method joins the parts of this package for one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import Accepted, NotArrived, Outcome, Unknown
from worker.systems.epayment import callback, lookup, reloads
from worker.systems.epayment.callback import Callbacks
from worker.systems.epayment.connector.interpret import interpret
from worker.systems.epayment.connector.readers import expected_of, status_expected
from worker.systems.epayment.connector.request import JSON, request_of, status_request
from worker.systems.epayment.connector.unserved import UNSERVED, check_served
from worker.systems.epayment.identity import identity_of
from worker.systems.epayment.interpret import TITLE, Rules
from worker.systems.epayment.operations import SYSTEM, operations, rule_of
from worker.systems.epayment.settings import Name
from worker.systems.esb.system import EsbSystem
from worker.systems.port import NotPrepared
from worker.transport.port import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from worker.reloading.reloadable import Reloadable
    from worker.submission import Submission
    from worker.systems.calls import Call, CallAnswer, Received
    from worker.systems.epayment.checks import ConnectorSchemas
    from worker.systems.epayment.connector.request import Request
    from worker.systems.epayment.credentials import Secrets
    from worker.systems.epayment.interpret import Expected
    from worker.systems.epayment.settings import EpaymentSettings
    from worker.systems.esb.port import Esb
    from worker.systems.port import Attempt, Prepared, Recovery
    from worker.transport.port import Answer

MOST_ASKED = 20
"""The most payment requests of one call without HMAC: each is a question of its own here."""


class EpaymentConnectorSystem(EsbSystem):
    """The System port for ePayments over the ESB, which also calls Herald (`ReceivesCalls`, `RefusesOperations`)."""

    name = SYSTEM
    title = TITLE

    def __init__(
        self,
        settings: EpaymentSettings,
        *,
        esb: Esb,
        secrets: Secrets,
        schemas: ConnectorSchemas,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(
            operations=operations(settings).values(),
            signers=settings.senders,
            esb=esb,
            scope=settings.connector.scope,
            path=settings.connector.path,
        )
        self.time_zone = settings.time_zone
        self._settings = settings
        self._secrets = secrets
        self._schemas = schemas
        self._now = now
        self._rules = Rules(
            settings.not_processed_statuses, settings.already_exists, settings.operator_errors
        )
        self._callbacks = Callbacks(
            settings, secrets, self._ask, asked_by=settings.sender_of, most_asked=MOST_ASKED
        )

    def refused_operations(self) -> Mapping[str, str]:
        """Return the operations that the connector has no request for."""
        return {name.value: why for name, why in UNSERVED.items()}

    def identity(self, submission: Submission) -> str:
        """Return the identity that the system recognises: the hospital's own id of a request, or the request's id."""
        return identity_of(submission)

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule of the submission."""
        return rule_of(Name(submission.operation), None, self._settings)

    async def check(self, submission: Submission) -> None:
        """Check that the connector can carry the whole event. Raises Refused."""
        check_served(Name(submission.operation), submission.data)

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build and check the message, and get a token. Raises Refused, NotPrepared."""
        check_served(Name(submission.operation), submission.data)
        service = self._settings.senders[submission.signer].service_cid
        request = request_of(submission.data, self._settings, service, self._secrets.notification_url)
        self._schemas.check(request)
        return await self._made(submission, attempt, request)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission."""
        return self._read(expected_of(submission.data, prepared.signer), answer)

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Make the question for the status of a payment request; None for a new one, whose id nobody knows."""
        del found
        if not isinstance(submission.data, lookup.Change):
            return None
        return await self._made(submission, attempt, status_request(submission.data.payment_id))

    def settle(
        self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the status what `found` means."""
        if not isinstance(submission.data, lookup.Change):
            return found
        shown = self._read(status_expected(submission.data.payment_id, look_up.signer), answer)
        return lookup.settle(submission.data, self._settings, None, found, shown)

    async def receive(self, call: Call) -> Received:
        """Read a call of the system, and ask about what no HMAC here proves."""
        return await self._callbacks.receive(call)

    def receipt(self, call: Call) -> CallAnswer:
        """Return what the system takes for "it has arrived"."""
        del call
        return callback.receipt()

    def refusal(self, call: Call, status: int) -> CallAnswer:
        """Return an answer after which the system calls again."""
        del call
        return callback.refusal(status)

    def reloadables(self) -> Sequence[Reloadable]:
        """Return what the ESB's settings read, every client's secret, and the address for calls."""
        return [*super().reloadables(), *reloads.of_secrets(self._settings, self._secrets)]

    async def _made(self, submission: Submission, attempt: Attempt, request: Request) -> Prepared:
        signer = submission.signer
        return self._message(
            submission,
            attempt,
            request=request.body,
            headers=self._headers(request),
            secret_headers=await self._authorisation(signer, self._esb.acting(signer)),
            url=self._url + request.path,
            method=request.method,
            evidence=request.evidence,
        )

    def _headers(self, request: Request) -> Mapping[str, str]:
        content = {} if request.message is None else {"content-type": JSON}
        return {"accept": JSON, **content, **request.headers}

    def _read(self, expected: Expected, answer: Answer) -> Outcome:
        return interpret(
            expected, answer, self._rules, self._now(), self._settings.connector.refusal_statuses
        )

    async def _ask(self, signer: str, payment_ids: Sequence[str]) -> Outcome:
        """Ask for the statuses of payment requests one by one, outside any submission. Raises nothing."""
        shown = []
        for one in payment_ids:
            outcome = await self._ask_for(signer, one)
            if not isinstance(outcome, Accepted):
                return outcome
            shown += outcome.data["payments"]
        return Accepted({"payments": shown})

    async def _ask_for(self, signer: str, payment_id: str) -> Outcome:
        request = status_request(payment_id)
        try:
            secret = await self._authorisation(signer, self._esb.acting(signer))
            answer = await self._client_of(signer).request(
                request.method,
                self._url + request.path,
                headers={**self._headers(request), **secret},
                reuse=False,
            )
        except NotPrepared as none:
            return none.outcome
        except DeliveryError as error:
            return Unknown(Reason.UNAVAILABLE, str(error))
        return self._read(status_expected(payment_id, signer), answer)
