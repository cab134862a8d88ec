"""NHIF behind the System port: each method puts the parts of this package together for one step."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import Blocked, Outcome
from worker.signing.certificates import named, validity_problem
from worker.systems.nhif.catalogue import Media
from worker.systems.nhif.interpret import Expected, Rules, interpret
from worker.systems.nhif.operations import READ, SUBMIT, SYSTEM
from worker.systems.nhif.requests import request_of, service_of
from worker.systems.port import NotPrepared, Operation, Prepared, Recovery
from worker.systems.sending import send, trouble
from worker.transport.statuses import SERVER_ERROR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.signing.port import SigningKeys
    from worker.submission import Submission
    from worker.systems.clients import SignerClients
    from worker.systems.nhif.catalogue import Catalogue
    from worker.systems.nhif.settings import NhifSettings
    from worker.systems.port import Attempt
    from worker.transport.port import Answer, SendGuard


class NhifSystem:
    """The System port for NHIF."""

    def __init__(
        self,
        settings: NhifSettings,
        *,
        catalogue: Catalogue,
        keys: SigningKeys,
        clients: SignerClients,
        now: Callable[[], datetime],
    ) -> None:
        self.name = SYSTEM
        self.time_zone = settings.time_zone
        self.operations: Mapping[str, Operation] = MappingProxyType(
            {one.event_type: one for one in (READ, SUBMIT)}
        )
        self._settings = settings
        self._catalogue = catalogue
        self._keys = keys
        self._clients = clients
        self._now = now
        self._rules = Rules(settings.not_processed_statuses, settings.refusal_statuses)

    def knows_signer(self, signer: str) -> bool:
        """Whether this signing identity may use NHIF."""
        return signer in self._settings.senders

    def identity(self, submission: Submission) -> str:
        """Return an id of ours, derived from the event's: NHIF is told none."""
        return submission.derived_id("nhif")

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule of the service's entry; that of the operation where the catalogue has no such service."""
        service = service_of(self._catalogue, submission.data)
        return self.operations[submission.type].recovery if service is None else service.recovery

    def check(self, submission: Submission) -> None:
        """Check the event against the catalogue. Raises Refused with all problems."""
        request_of(self._catalogue, submission.data)

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build the request, and look at the certificate. Raises Refused, NotPrepared with Blocked."""
        request = request_of(self._catalogue, submission.data)
        self._check_certificate(submission.signer)
        return Prepared(
            operation=submission.operation,
            signer=submission.signer,
            message_id=attempt.message_id,
            identity=attempt.identity,
            url=self._settings.url(request.path),
            request=request.content,
            headers=request.headers,
            secret_headers={},
            method=request.service.method.value,
            # What may never be sent twice must not meet a connection that NHIF is about to close.
            reuse=request.service.recovery is not Recovery.HOLD,
        )

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once, with the signer's certificate. Raises DeliveryError, SendRefused."""
        return await send(self._clients.of(prepared.signer), prepared, guard)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission."""
        service = service_of(self._catalogue, submission.data)
        shown = named(self._keys[prepared.signer])
        expected = Expected(shown, Media.ANY if service is None else service.answer)
        return interpret(expected, answer, self._rules, self._now())

    async def reauthorize(self, prepared: Prepared) -> None:
        """Do nothing: the certificate is the authorisation, and only an operator can renew it."""

    async def prepare_look_up(self, submission: Submission, attempt: Attempt, found: Outcome) -> None:
        """Make nothing: no query is known that shows whether a document arrived."""

    def settle(self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer) -> Outcome:
        """Leave it as it was found: there is no look-up to settle it by."""
        del submission, look_up, answer
        return found

    async def probe(self) -> str | None:
        """Ask for anything, with a certificate: without one NHIF may end the handshake."""
        settings = self._settings
        return await trouble(
            self._clients.any(),
            str(settings.api_url),
            "NHIF",
            {*SERVER_ERROR, *settings.not_processed_statuses},
        )

    async def close(self) -> None:
        """Release connections."""
        await self._clients.aclose()

    def _check_certificate(self, signer: str) -> None:
        """See that there is a certificate to show: an expired one would end in a handshake that explains nothing."""
        key = self._keys.get(signer)
        if key is None:
            detail = f'signer "{signer}" has nothing to sign with that this system can use; `herald check` says why'
            raise NotPrepared(Blocked(Reason.SIGNING_FAILED, detail))
        if problem := validity_problem(key.certificate, self._now()):
            raise NotPrepared(Blocked(Reason.SIGNING_FAILED, f"{named(key)}: {problem}"))
