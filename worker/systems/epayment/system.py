"""ePayments behind the System port: each method joins the parts of this package for one step."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from contracts.epayment.fields import MOST_IDS
from contracts.epayment.requests import RequestPaymentExtended
from contracts.reasons import Reason
from worker.outcome import Blocked, NotArrived, Outcome, Retry, Unknown
from worker.systems.base import HttpSystem
from worker.systems.epayment import callback, lookup, readers, reloads
from worker.systems.epayment.callback import Callbacks
from worker.systems.epayment.checks import MessageSchemas, check_provider
from worker.systems.epayment.identity import identity_of
from worker.systems.epayment.interpret import TITLE, Expected, Rules, interpret
from worker.systems.epayment.operations import SYSTEM, operations, rule_of
from worker.systems.epayment.request import (
    FORM,
    STATUSES,
    form_of,
    json_text,
    message_of,
    method_of,
    statuses_message,
)
from worker.systems.epayment.settings import Name
from worker.systems.signers import signer_of
from worker.transport.port import DeliveryError
from worker.transport.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from worker.reloading.reloadable import Apply, Reloadable
    from worker.submission import Submission
    from worker.systems.calls import Call, CallAnswer, Received
    from worker.systems.epayment.credentials import Credentials, Secrets
    from worker.systems.epayment.settings import EpaymentSettings, Provider
    from worker.systems.port import Attempt, Prepared, Recovery
    from worker.transport.port import Answer, HttpClient

_NO_PAYMENT = "0"
"""No payment request: the server's own ids begin with the day, as yyMMdd (confirmed)."""
_HEADERS = {"accept": "application/json", "content-type": FORM}


class EpaymentSystem(HttpSystem):
    """The System port for ePayments, which also calls Herald (`ReceivesCalls`)."""

    name = SYSTEM
    title = TITLE

    def __init__(
        self,
        settings: EpaymentSettings,
        *,
        secrets: Secrets,
        schemas: MessageSchemas,
        client: HttpClient,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(
            operations=operations(settings).values(),
            signers=settings.clients,
            client=client,
            url=settings.service_url,
            probe_path=settings.probe_path,
            unusable=secrets.unusable,
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
            settings, secrets, self._ask, asked_by=secrets.signer_of, most_asked=MOST_IDS
        )

    def identity(self, submission: Submission) -> str:
        """Return the identity that the system recognises: the hospital's own id of a request, or the request's id."""
        return identity_of(submission)

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule of the submission: some types of obligation are never sent a second time."""
        kind = getattr(submission.data, "obligation_type", None)
        return rule_of(Name(submission.operation), kind, self._settings)

    async def check(self, submission: Submission) -> None:
        """Check that the settings say who is paid. Raises Refused."""
        check_provider(submission.data, self._provider_of(submission.signer))

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build, check and sign the form. Raises Refused, or NotPrepared with Blocked."""
        name, data = Name(submission.operation), submission.data
        message = message_of(
            data, self._settings, self._provider_of(submission.signer), self._secrets.notification_url
        )
        self._schemas.check(name, json_text(message))
        other = data.eservice_client_id if isinstance(data, RequestPaymentExtended) else None
        return self._form(submission, attempt, method_of(name, data), message, beneficiary=other)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission."""
        expected = readers.expected_of(submission.data, prepared.signer)
        return interpret(expected, answer, self._rules, self._now())

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Make the question for the payer's list, or for the status; None where nothing shows the submission."""
        query = lookup.query_for(submission.data, found, self._settings)
        return None if query is None else self._form(submission, attempt, query.method, query.message)

    def settle(
        self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the look-up's answer what `found` means."""
        expected = lookup.expected_of(submission.data, self._settings, look_up.signer)
        shown = interpret(expected, answer, self._rules, self._now())
        provider = self._provider_of(submission.signer)
        return lookup.settle(submission.data, self._settings, provider, found, shown)

    async def receive(self, call: Call) -> Received:
        """Authenticate a call of the system, and read it."""
        return await self._callbacks.receive(call)

    def receipt(self, call: Call) -> CallAnswer:
        """Return what the system takes for "it has arrived"."""
        del call
        return callback.receipt()

    def refusal(self, call: Call, status: int) -> CallAnswer:
        """Return an answer after which the system calls again."""
        del call
        return callback.refusal(status)

    def logins(self) -> list[str]:
        """Return the signers whose client's secret could be read."""
        return list(self._secrets.clients)

    async def try_login(self, signer: str) -> Retry | Blocked | None:
        """Ask a question that changes nothing: only a right secret gets an answer to it."""
        outcome = await self._ask(signer, [_NO_PAYMENT])
        match outcome:
            case Retry():
                return outcome
            case Unknown(reason, detail):
                return Retry(reason, detail)
            # A refusal with an error of its own comes after the signature was accepted.
            case Blocked(errors=()):
                return outcome
        return None

    def reloadables(self) -> list[Reloadable]:
        """Return the CA file, every secret, and the address for calls."""
        return reloads.reloadables(self._settings, self._secrets, trust=self._trust)

    def _trust(self) -> Apply:
        return partial(self._client.renew, client_context(self._settings.transport.ca_file))

    async def _ask(self, signer: str, payment_ids: Sequence[str]) -> Outcome:
        """Ask for the statuses of payment requests, outside any submission. Raises nothing."""
        form, _ = form_of(statuses_message(payment_ids), self._secrets.clients[signer])
        try:
            answer = await self._client.request(
                "POST", self._settings.url(STATUSES), headers=_HEADERS, content=form, reuse=False
            )
        except DeliveryError as error:
            return Unknown(Reason.UNAVAILABLE, str(error))
        expected = Expected(partial(readers.statuses, payment_ids), signer)
        return interpret(expected, answer, self._rules, self._now())

    def _form(
        self,
        submission: Submission,
        attempt: Attempt,
        method: str,
        message: Mapping[str, Any],
        *,
        beneficiary: str | None = None,
    ) -> Prepared:
        credentials = self._credentials_of(submission.signer)
        form, evidence = form_of(message, credentials, beneficiary=beneficiary)
        return self._message(
            submission,
            attempt,
            request=form,
            headers=_HEADERS,
            url=self._settings.url(method),
            evidence=evidence,
        )

    def _credentials_of(self, signer: str) -> Credentials:
        """Return what signs for this signer. Raises NotPrepared with Blocked."""
        return signer_of(self._secrets.clients, signer, self._unusable)

    def _provider_of(self, signer: str) -> Provider | None:
        client = self._settings.clients.get(signer)
        return None if client is None else client.provider
