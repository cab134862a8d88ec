"""NHIF behind the System port: each method puts the parts of this package together for one step."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.signing.certificates import named
from worker.systems.http_outcome import not_processed_by
from worker.systems.mutual_tls import MutualTlsSystem
from worker.systems.nhif.catalogue.services import Media
from worker.systems.nhif.document_checks import DocumentChecks
from worker.systems.nhif.interpret import Expected, Rules, interpret
from worker.systems.nhif.operations import OPERATIONS, SYSTEM
from worker.systems.nhif.request import document_of, request_of, service_of
from worker.systems.nhif.settings import Name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.outcome import Outcome
    from worker.signing.port import DigestSigners
    from worker.submission import Submission
    from worker.systems.clients import SignerClients
    from worker.systems.nhif.catalogue.services import Catalogue
    from worker.systems.nhif.settings import NhifSettings
    from worker.systems.port import Attempt, Prepared, Recovery
    from worker.transport.port import Answer


class NhifSystem(MutualTlsSystem):
    """The System port for NHIF: each signer comes with a client certificate of its own."""

    name = SYSTEM
    title = "NHIF"

    def __init__(
        self,
        settings: NhifSettings,
        *,
        catalogue: Catalogue,
        keys: DigestSigners,
        clients: SignerClients,
        now: Callable[[], datetime],
        unusable: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(
            operations=OPERATIONS.values(),
            signers=settings.senders,
            url=settings.api_url,
            probe_path=settings.probe_path,
            unusable=unusable,
            keys=keys,
            clients=clients,
            now=now,
            accepted=settings.signature_algorithms,
            ca=settings.transport.ca_file,
        )
        self.time_zone = settings.time_zone
        self._settings = settings
        self._catalogue = catalogue
        self._documents = DocumentChecks()

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule of the service's entry; that of the operation where the catalogue has no such service."""
        service = service_of(self._catalogue, submission.data)
        return self.operations[submission.type].recovery if service is None else service.recovery

    async def check(self, submission: Submission) -> None:
        """Check the event against the catalogue and its document's schema. Raises Refused with all problems."""
        request = request_of(self._catalogue, submission.data)
        if found := document_of(request.service, submission.data):
            await self._documents.check(*found)

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build the request, and look at the certificate. Raises Refused, NotPrepared with Blocked."""
        request = request_of(self._catalogue, submission.data)
        await self._check_certificate(submission.signer)
        return self._message(
            submission,
            attempt,
            url=self._settings.url(request.path),
            request=request.content,
            headers=request.headers,
            method=request.service.method.value,
        )

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission."""
        service = service_of(self._catalogue, submission.data)
        shown = named(self._keys[prepared.signer])
        expected = Expected(shown, Media.ANY if service is None else service.answer)
        return interpret(expected, answer, self._rules_of(submission), self._now())

    async def close(self) -> None:
        """Release the connections of all signers, and the thread that checks documents."""
        self._documents.close()
        await super().close()

    def _rules_of(self, submission: Submission) -> Rules:
        settings = self._settings
        own = settings.not_processed_by_operation.get(Name(submission.operation))
        not_processed = not_processed_by(self.recovery(submission), settings.not_processed_statuses, own)
        return Rules(not_processed, settings.refusal_statuses, settings.operator_errors)
