"""SHEP behind the System port: each method puts the parts of this package together for one step."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.kz_shep.rules import IIN_RULES
from contracts.reasons import Reason
from worker.observability.journey import traced
from worker.outcome import Blocked, Outcome
from worker.signing.port import SigningFailed
from worker.systems.base import HttpSystem
from worker.systems.kz_shep import reloads, request
from worker.systems.kz_shep.interpret import Asked, Rules, interpret
from worker.systems.kz_shep.operations import SYSTEM, operation_of
from worker.systems.kz_shep.redaction import Redaction, without_credentials
from worker.systems.kz_shep.response import document_of
from worker.systems.port import NotPrepared
from worker.systems.signers import not_signed, signer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
    from datetime import datetime

    from worker.reloading.reloadable import Reloadable
    from worker.signing.port import DocumentSigner, DocumentSigners
    from worker.submission import Submission
    from worker.systems.kz_shep.senders import Sender
    from worker.systems.kz_shep.service import Service
    from worker.systems.kz_shep.settings import KzShepSettings
    from worker.systems.kz_shep.trust import Pin, Trust
    from worker.systems.port import Attempt, Prepared, TrustedCertificate
    from worker.transport.port import Answer, HttpClient, SendGuard
    from worker.xml.message import MessageSchema

# 500 is not among them: a SOAP server may answer so to a GET.
_GATEWAY_FAILURES = frozenset({502, 503, 504})


class KzShepSystem(HttpSystem):
    """The System port for SHEP. ``schemas`` are those of the requests, by the services' ids."""

    name = SYSTEM
    title = "SHEP"

    def __init__(
        self,
        settings: KzShepSettings,
        *,
        services: Iterable[Service],
        schemas: Mapping[str, MessageSchema],
        senders: MutableMapping[str, Sender],
        signers: DocumentSigners,
        trust: Trust,
        certificates: Sequence[TrustedCertificate] = (),
        client: HttpClient,
        now: Callable[[], datetime],
        unusable: Mapping[str, str] = MappingProxyType({}),
        unreadable: MutableMapping[str, str] | None = None,
    ) -> None:
        self._services = {one.operation: one for one in services}
        super().__init__(
            operations=[operation_of(one) for one in self._services.values()],
            signers=settings.senders,
            client=client,
            url=settings.url,
            probe_path=settings.probe_path,
            failures=_GATEWAY_FAILURES,
            unusable=unusable,
        )
        self.time_zone = settings.time_zone
        self.waived_rules = frozenset() if settings.check_iin else IIN_RULES
        self._settings = settings
        self._headers = request.headers(settings)
        self._schemas = schemas
        self._senders = senders
        self._unreadable = {} if unreadable is None else unreadable
        self._document_signers = signers
        self._redactions = {name: Redaction(sender) for name, sender in senders.items()}
        self._trust = trust
        self._certificates = tuple(certificates)
        self._now = now
        self._rules = Rules(
            settings.status_codes,
            settings.fault_codes,
            settings.not_processed_statuses,
            timedelta(seconds=settings.answer_age),
            trust.problem,
            settings.operator_errors,
        )

    def certificates(self) -> Sequence[TrustedCertificate]:
        """Return the pinned certificates."""
        return self._certificates

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build, validate and sign. Raises Refused, or NotPrepared with Retry or Blocked."""
        if problem := self._trust.ended():
            # Without a valid pinned certificate every outcome is unknown, and the search would be sent again and
            # again.
            raise NotPrepared(Blocked(Reason.CONFIGURATION, problem))
        service = self._services[submission.operation]
        signer = signer_of(self._document_signers, submission.signer, self._unusable)
        head = request.info(self._settings, service, self._senders[submission.signer], attempt)
        document = request.build(
            self._schemas[service.service_id], head, service, submission.data, self._settings.envelope
        )
        signed = await _signed(signer, document)
        return self._message(
            submission, attempt, request=signed, headers=self._headers, evidence=without_credentials(signed)
        )

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once, and check and redact the answer. Raises DeliveryError, SendRefused."""
        # Taken before: the answer may repeat the password that was sent, and another one may be in use by then.
        redaction = self._redactions[prepared.signer]
        answer = await super().exchange(prepared, guard)
        await self._trust.check(document_of(answer))
        # Redaction runs in a thread: certificates make answers of megabytes.
        return await asyncio.to_thread(redaction.answer, answer)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission."""
        service = self._services[prepared.operation]
        asked = Asked(submission.data, prepared.message_id if self._settings.correlation else None)
        outcome = interpret(service, asked, answer, self._rules, self._now())
        return self._redactions[prepared.signer].outcome(outcome, service.free_texts)

    def use_sender(self, name: str, sender: Sender) -> None:
        """Send this sender's messages with this password from now on."""
        self._senders[name] = sender
        self._redactions[name] = Redaction(sender)
        self._unreadable.pop(name, None)

    def use_pins(self, pins: Sequence[Pin]) -> None:
        """Verify answers by these certificates from now on."""
        self._certificates = tuple(pin.told() for pin in pins)
        if self._settings.verify_answers:
            self._trust.pin([pin.certificate for pin in pins])

    def reloadables(self) -> list[Reloadable]:
        """Return the CA file, the pinned certificates and the senders' passwords."""
        return reloads.reloadables(self._settings, self, self._client.renew, self._now)

    async def close(self) -> None:
        """Release connections, and the thread that checks signatures."""
        self._trust.close()
        await super().close()


async def _signed(signer: DocumentSigner, document: bytes) -> bytes:
    try:
        with traced("sign"):
            return await signer.sign_document(document)
    except SigningFailed as error:
        raise NotPrepared(not_signed(error)) from None
