"""SHEP behind the System port: each method puts the parts of this package together for one step."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import Blocked, Outcome, Retry
from worker.signing.port import SigningFailed
from worker.systems.kz_shep import envelope
from worker.systems.kz_shep.interpret import Asked, Rules, interpret
from worker.systems.kz_shep.redaction import Redaction, without_credentials
from worker.systems.kz_shep.service import SYSTEM
from worker.systems.port import NotPrepared, Operation, Prepared, Recovery
from worker.systems.sending import send, trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from worker.signing.port import DocumentSigner, DocumentSigners
    from worker.submission import Submission
    from worker.systems.kz_shep.senders import Sender
    from worker.systems.kz_shep.service import Service
    from worker.systems.kz_shep.settings import KzShepSettings
    from worker.systems.kz_shep.trust import Trust
    from worker.systems.port import Attempt, TrustedCertificate
    from worker.transport.port import Answer, HttpClient, SendGuard
    from worker.xml.message import MessageSchema

_HEADERS = MappingProxyType({"content-type": "text/xml; charset=utf-8", "soapaction": '""'})
# Not 500: a SOAP server may answer so to a GET.
_GATEWAY_FAILURES = frozenset({502, 503, 504})


class KzShepSystem:
    """The System port for SHEP. ``schemas`` are those of the requests, by the services' ids."""

    def __init__(
        self,
        settings: KzShepSettings,
        *,
        services: Iterable[Service],
        schemas: Mapping[str, MessageSchema],
        senders: Mapping[str, Sender],
        signers: DocumentSigners,
        trust: Trust,
        certificates: Sequence[TrustedCertificate] = (),
        client: HttpClient,
        now: Callable[[], datetime],
    ) -> None:
        self.name = SYSTEM
        self.time_zone = settings.time_zone
        self.operations: Mapping[str, Operation] = MappingProxyType(
            {one.event_type: Operation(one.operation, one.event_type, one.recovery) for one in services}
        )
        self._services = {one.operation: one for one in services}
        self._settings = settings
        self._schemas = schemas
        self._senders = senders
        self._signers = signers
        self._redactions = {name: Redaction(sender) for name, sender in senders.items()}
        self._trust = trust
        self._certificates = tuple(certificates)
        self._client = client
        self._now = now
        self._rules = Rules(
            settings.status_codes,
            settings.fault_codes,
            settings.not_processed_statuses,
            timedelta(seconds=settings.answer_age),
            trust.problem,
        )

    def certificates(self) -> Sequence[TrustedCertificate]:
        """Return the pinned ones."""
        return self._certificates

    def knows_signer(self, signer: str) -> bool:
        """Whether this signing identity has a sender's name in the settings."""
        return signer in self._senders

    def identity(self, submission: Submission) -> str:
        """Return an id derived from the event's identity; SHEP is not told it."""
        return submission.derived_id(SYSTEM)

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule of its service."""
        return self.operations[submission.type].recovery

    def check(self, submission: Submission) -> None:
        """Check nothing: no list of codes is published."""

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build, validate and sign. Raises Refused, or NotPrepared with Retry or Blocked."""
        if problem := self._trust.ended():
            # Its answer could only be unknown, and it would be asked for again and again.
            raise NotPrepared(Blocked(Reason.CONFIGURATION, problem))
        service, signer = self._services[submission.operation], self._signer(submission.signer)
        head = envelope.info(self._settings, service, self._senders[submission.signer], attempt)
        document = envelope.build(self._schemas[service.service_id], head, service, submission.data)
        signed = await _signed(signer, document)
        return Prepared(
            operation=service.operation,
            signer=submission.signer,
            message_id=attempt.message_id,
            identity=attempt.identity,
            url=str(self._settings.url),
            request=signed,
            headers=_HEADERS,
            secret_headers={},
            # What may never be sent twice must not meet a connection that the gateway is about to close.
            reuse=service.recovery is not Recovery.HOLD,
            evidence=without_credentials(signed),
        )

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once. Raises DeliveryError, SendRefused."""
        answer = await send(self._client, prepared, guard)
        await self._trust.check(answer.body)
        # In a thread: certificates make answers of megabytes.
        return await asyncio.to_thread(self._redactions[prepared.signer].answer, answer)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission."""
        service = self._services[prepared.operation]
        asked = Asked(submission.data, prepared.message_id if self._settings.correlation else None)
        outcome = interpret(service, asked, answer, self._rules, self._now())
        return self._redactions[prepared.signer].outcome(outcome, service.free_texts)

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop nothing: the credentials are in the settings."""

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Return None: no service of SHEP shows what another has done."""
        del submission, attempt, found
        return None

    def settle(self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer) -> Outcome:
        """Leave it as it is: there are no look-ups."""
        del submission, look_up, answer
        return found

    async def probe(self) -> str | None:
        """Ask the address for anything: a refusal or a fault is a sign of life too, a gateway's failure is none."""
        return await trouble(self._client, str(self._settings.url), "SHEP", _GATEWAY_FAILURES)

    async def close(self) -> None:
        """Release connections, and the thread that checks signatures."""
        self._trust.close()
        await self._client.aclose()

    def _signer(self, name: str) -> DocumentSigner:
        signer = self._signers.get(name)
        if signer is None:
            detail = (
                f'signer "{name}" has nothing to sign with that this system can use; `herald check` says why'
            )
            raise NotPrepared(Blocked(Reason.SIGNING_FAILED, detail))
        return signer


async def _signed(signer: DocumentSigner, document: bytes) -> bytes:
    try:
        return await signer.sign_document(document)
    except SigningFailed as error:
        kind = Retry if error.transient else Blocked
        raise NotPrepared(kind(Reason.SIGNING_FAILED, str(error))) from None
