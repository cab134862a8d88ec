"""The portal behind the System port: each method joins the parts of this package for one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from contracts.peu.requests import CallService
from worker.systems.base import HttpSystem
from worker.systems.http_outcome import not_processed_by
from worker.systems.peu.credentials import reloadables
from worker.systems.peu.interpret import TITLE, Rules, interpret_call, interpret_register
from worker.systems.peu.operations import SYSTEM, operations, rule_of
from worker.systems.peu.request import NO_WSDL, called, message_of, register_query
from worker.systems.peu.settings import Name
from worker.systems.reloads import ca_file
from worker.systems.signers import signer_of
from worker.transport.tls import client_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from worker.outcome import Outcome
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.port import DigestSigner
    from worker.submission import Submission
    from worker.systems.esb.port import Esb
    from worker.systems.peu.credentials import Logins
    from worker.systems.peu.settings import PeuSettings
    from worker.systems.peu.wsdl import Service
    from worker.systems.port import Attempt, Endpoint, Prepared, Recovery
    from worker.transport.port import Answer, HttpClient, SendGuard


class PeuSystem(HttpSystem):
    """The System port for the portal: its SOAP service, and its register over the state's ESB (`RefusesOperations`)."""

    name = SYSTEM
    title = TITLE

    def __init__(
        self,
        settings: PeuSettings,
        *,
        service: Service | None,
        logins: Logins,
        esb: Esb | None,
        client: HttpClient,
        unusable: Mapping[str, str],
        now: Callable[[], datetime],
    ) -> None:
        """``service`` is None without a WSDL, ``esb`` None where nobody may read the register."""
        super().__init__(
            operations=operations().values(),
            signers=[
                *settings.users,
                *(name for name in settings.senders if name not in settings.users),
            ],
            client=client,
            url=settings.service_url or (service.address if service else None) or "https://unknown.invalid/",
            unusable=unusable,
        )
        self.time_zone = settings.time_zone
        self._settings = settings
        self._service = service
        self._logins = logins
        self._esb = esb
        self._now = now

    def refused_operations(self) -> Mapping[str, str]:
        """Return the call, where there is no WSDL."""
        return {Name.CALL.value: NO_WSDL} if self._service is None else {}

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule that the operator declares for the operation of the WSDL; reads are repeated."""
        return rule_of(called(submission.data), self._settings)

    async def check(self, submission: Submission) -> None:
        """Check the call's arguments by the WSDL's types. Raises Refused."""
        if isinstance(submission.data, CallService):
            message_of(self._service, submission.data)

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Write the call, or the address of the read. Raises Refused, NotPrepared."""
        if isinstance(submission.data, CallService):
            return self._call(submission, attempt, submission.data)
        return await self._read(submission, attempt)

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once: calls to the service, reads to the ESB. Raises DeliveryError, SendRefused."""
        reads = self._esb is not None and prepared.operation != Name.CALL
        client = self._esb.client(prepared.signer) if reads and self._esb else self._client
        return await client.request(
            prepared.method,
            prepared.url,
            headers={**prepared.headers, **prepared.secret_headers},
            content=prepared.request,
            reuse=prepared.reuse,
            guard=guard,
        )

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission."""
        del prepared
        settings, operation = self._settings, called(submission.data)
        statuses = not_processed_by(self.recovery(submission), settings.not_processed_statuses, None)
        rules = Rules(statuses, settings.refusal_codes, settings.operator_errors)
        if operation is None:
            return interpret_register(answer, rules, self._now())
        # What was prepared was written by the WSDL.
        return interpret_call(cast("Service", self._service), operation, answer, rules, self._now())

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop the token of a read."""
        if self._esb is not None and prepared.operation != Name.CALL:
            self._esb.drop(prepared)

    def endpoints(self) -> Sequence[Endpoint]:
        """Return the service's host, and the ESB's."""
        own = super().endpoints() if self._service is not None else ()
        return [*own, *(self._esb.endpoints() if self._esb is not None else ())]

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Let a reader's client show the new certificate to the ESB."""
        if self._esb is None or signer not in self._settings.senders:
            return super().renewal(signer, key)
        return self._esb.renewal(signer, key)

    def reloadables(self) -> list[Reloadable]:
        """Return the CA files and every password."""
        found = ca_file(SYSTEM, self._settings.transport.ca_file, self._trust)
        found += reloadables(self._settings.users, self._logins)
        return found + list(self._esb.reloadables() if self._esb is not None else ())

    async def close(self) -> None:
        """Release connections."""
        await super().close()
        if self._esb is not None:
            await self._esb.aclose()

    def _trust(self) -> Apply:
        context = client_context(self._settings.transport.ca_file)
        return lambda: self._client.renew(context)

    def _call(self, submission: Submission, attempt: Attempt, data: CallService) -> Prepared:
        message = message_of(self._service, data)
        login = signer_of(self._logins.users, submission.signer, self._unusable)
        return self._message(
            submission,
            attempt,
            request=message.content,
            headers=message.headers,
            secret_headers={"authorization": login.authorization},
        )

    async def _read(self, submission: Submission, attempt: Attempt) -> Prepared:
        esb = self._reads(submission.signer)
        settings = self._settings
        base = settings.register_url or esb.gateway_url + settings.register_path
        secret = await esb.authorisation(
            submission.signer, settings.register_scope, esb.acting(submission.signer)
        )
        return self._message(
            submission,
            attempt,
            request=b"",
            headers={"accept": "application/json"},
            secret_headers=secret,
            url=str(base).rstrip("/") + "/" + register_query(submission.data),
            method="GET",
        )

    def _reads(self, signer: str) -> Esb:
        """Return the ESB. Raises NotPrepared with Blocked where this signer may not read the register."""
        readers = {name: self._esb for name in self._settings.senders if self._esb is not None}
        return signer_of(readers, signer, self._unusable)
