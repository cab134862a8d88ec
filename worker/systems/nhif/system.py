"""NHIF behind the System port: each method puts the parts of this package together for one step."""

from __future__ import annotations

from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING

from worker.signing.certificates import named, validity_problem
from worker.signing.port import SigningFailed
from worker.signing.taken import identity_for
from worker.systems.base import HttpSystem
from worker.systems.http_outcome import not_processed_by
from worker.systems.nhif.catalogue.services import Media
from worker.systems.nhif.document_checks import DocumentChecks
from worker.systems.nhif.interpret import Expected, Rules, interpret
from worker.systems.nhif.operations import OPERATIONS, SYSTEM
from worker.systems.nhif.request import document_of, request_of, service_of
from worker.systems.nhif.settings import Name
from worker.systems.port import Endpoint, NotPrepared
from worker.systems.reloads import ca_file, tls_key
from worker.systems.signers import not_signed, signer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.outcome import Outcome
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.port import DigestSigner, DigestSigners
    from worker.submission import Submission
    from worker.systems.clients import SignerClients
    from worker.systems.nhif.catalogue.services import Catalogue
    from worker.systems.nhif.settings import NhifSettings
    from worker.systems.port import Attempt, Prepared, Recovery
    from worker.transport.port import Answer, HttpClient


class NhifSystem(HttpSystem):
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
            client=clients.any(),
            url=settings.api_url,
            probe_path=settings.probe_path,
            unusable=unusable,
        )
        self.time_zone = settings.time_zone
        self._settings = settings
        self._catalogue = catalogue
        self._keys = keys
        self._clients = clients
        self._now = now
        self._turns = count()
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

    async def probe(self) -> str | None:
        """Ask with a certificate that is valid: without one NHIF may end the handshake.

        The signers take turns, so that one whose certificate NHIF refuses does not make all probes fail. Where no
        signer has a valid one, nothing is asked: submissions are blocked for that reason, and NHIF may be well.
        """
        able = [name for name in self._signers if self._can_show(name)]
        if not able:
            return None
        return await self._probe_with(self._clients.of(able[next(self._turns) % len(able)]))

    def endpoints(self) -> list[Endpoint]:
        """Return the host once for each signer that has a valid certificate to show."""
        return [
            Endpoint("services", self._url, self._clients.of(name), signer=name, probe=self._probe_url)
            for name in self._signers
            if self._can_show(name)
        ]

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Let the signer's client show the new certificate."""
        if signer not in self._settings.senders:
            return super().renewal(signer, key)
        taken = self._settings.signature_algorithms
        return self._clients.renewal(signer, tls_key(signer, key, taken))

    def reloadables(self) -> list[Reloadable]:
        """Return the CA file."""
        return ca_file(self.name, self._settings.transport.ca_file, self._clients.trust)

    async def close(self) -> None:
        """Release the connections of all signers, and the thread that checks documents."""
        self._documents.close()
        await self._clients.aclose()

    def _can_show(self, name: str) -> bool:
        """Whether a signer has a certificate that is valid now."""
        key = None if name in self._unusable else self._keys.get(name)
        known = None if key is None else key.known
        return known is not None and validity_problem(known.certificate, self._now()) is None

    def _client_of(self, signer: str) -> HttpClient:
        return self._clients.of(signer)

    def _rules_of(self, submission: Submission) -> Rules:
        settings = self._settings
        own = settings.not_processed_by_operation.get(Name(submission.operation))
        not_processed = not_processed_by(self.recovery(submission), settings.not_processed_statuses, own)
        return Rules(not_processed, settings.refusal_statuses, settings.operator_errors)

    async def _check_certificate(self, signer: str) -> None:
        """Check the client certificate first: with an expired one, the TLS handshake fails without saying why."""
        key = signer_of(self._keys, signer, self._unusable)
        try:
            await identity_for(key, self._settings.signature_algorithms)
        except SigningFailed as error:
            raise NotPrepared(not_signed(error)) from None
