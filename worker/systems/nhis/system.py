"""NHIS behind the System port: each method joins the parts of this package for one step."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from contracts.nhis.immunization import RegisterImmunization
from contracts.reasons import Reason
from worker.observability.journey import traced
from worker.systems.base import HttpSystem
from worker.systems.nhis import lookup, request
from worker.systems.nhis.auth import Authorisation, xml_headers
from worker.systems.nhis.checks import CodeCheck, sender_problems
from worker.systems.nhis.dates import Days
from worker.systems.nhis.expectations import Expectations
from worker.systems.nhis.interpret import interpret
from worker.systems.nhis.operations import SYSTEM, exchanges
from worker.systems.nhis.settings import Name
from worker.systems.port import Endpoint, Prepared, Refused
from worker.systems.reloads import ca_file, require_taken, tls_key
from worker.systems.signers import signer_of
from worker.systems.tokens import Granted, Tokens, bearer, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from worker.observability.metrics.labels import TokenOutcome
    from worker.outcome import Blocked, NotArrived, Outcome, Retry
    from worker.reloading.reloadable import Apply, Reloadable
    from worker.signing.port import DigestSigner, DigestSigners
    from worker.submission import Submission
    from worker.systems.clients import Clients
    from worker.systems.nhis.settings import NhisSettings
    from worker.systems.port import Attempt, CodeLists
    from worker.transport.port import Answer
    from worker.xml.message import MessageSchema


class NhisSystem(HttpSystem):
    """The System port for NHIS. ``schemas`` are those of the requests, by message type."""

    name = SYSTEM
    title = "NHIS"

    def __init__(
        self,
        settings: NhisSettings,
        *,
        schemas: Mapping[str, MessageSchema],
        keys: DigestSigners,
        clients: Clients,
        code_lists: CodeLists,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        unusable: Mapping[str, str] = MappingProxyType({}),
        token_requested: Callable[[TokenOutcome], None] = lambda _: None,
    ) -> None:
        self._exchanges = exchanges(settings)
        super().__init__(
            operations=[exchange.operation for exchange in self._exchanges.values()],
            signers=settings.senders,
            client=clients.services(),
            url=settings.api_url,
            probe_path=settings.probe_path,
            unusable=unusable,
        )
        self.time_zone = settings.time_zone
        self._settings = settings
        self._schemas = schemas
        self._keys = keys
        self._clients = clients
        self._codes = CodeCheck(code_lists, lots=settings.check_lots) if settings.check_codes else None
        self._now = now
        self._days = Days.of(settings)
        self._forms = request.Forms(self._days)
        self._headers = xml_headers(settings.content_type)
        self._expect = Expectations(settings, self._exchanges, keys)
        self._authorisation = Authorisation(
            str(settings.auth_url),
            keys=keys,
            client=clients.authorisation,
            by_challenge=settings.auth == "challenge",
            headers=self._headers,
            now=now,
            taken=settings.signature_algorithms,
        )
        self._tokens = Tokens(
            self._authorisation.fetch,
            monotonic=monotonic,
            margin=settings.token_renewal_margin,
            requested=token_requested,
        )

    def identity(self, submission: Submission) -> str:
        """Return the LRN: the event's own, or one derived from the event's identity."""
        data = submission.data
        if isinstance(data, RegisterImmunization) and data.immunization.lrn is not None:
            return data.immunization.lrn
        return submission.derived_id("nhis-lrn")

    async def check(self, submission: Submission) -> None:
        """Check the sender (RL008) and the codes. Raises Refused with all problems."""
        data = submission.data
        senders = sender_problems(data, self._settings.senders[submission.signer])
        codes = self._codes.problems(data) if self._codes else []
        if senders or codes:
            raise Refused(Reason.CONTRACT_VIOLATION if senders else Reason.UNKNOWN_CODE, (*senders, *codes))

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build, validate, get a token and sign. Raises Refused, or NotPrepared with Retry or Blocked."""
        name = Name(submission.operation)
        header = self._header(name, submission.signer, attempt)
        write = self._forms.written(name, header, submission.data, attempt.identity)
        return await self._prepare(name, write, submission.signer, attempt)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission, or to the look-up for it."""
        expected, rules = self._expect.of(submission.data, prepared)
        return interpret(expected, answer, rules, self._now())

    async def reauthorize(self, prepared: Prepared) -> None:
        """Drop the token that this message was sent with, and no other."""
        self._tokens.drop(prepared.signer, token_of(prepared))

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Make the I003 that shows the submission; None for operations that have no look-up."""
        if not self.operations[submission.type].looks_up:
            return None
        by = self._settings.look_up_by
        contents = lookup.query(submission.data, attempt.identity, found, by, self._days)
        if contents is None:
            return None
        header = self._header(Name.SEARCH, submission.signer, attempt)
        write = request.written({"header": header, "contents": contents})
        return await self._prepare(Name.SEARCH, write, submission.signer, attempt)

    def settle(
        self, submission: Submission, found: Outcome, look_up_sent: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the I004 what `found` means."""
        shown = self.interpret(submission, look_up_sent, answer)
        return lookup.settle(submission.data, look_up_sent.identity, found, shown, self._days.zone)

    def endpoints(self) -> list[Endpoint]:
        """Return the host of the services, and that of the authorisation with each certificate shown to it."""
        url, by_challenge = str(self._settings.auth_url), self._settings.auth == "challenge"
        shown: list[str | None] = [None] if by_challenge else list(self.logins())
        logins = [
            Endpoint("authorisation", url, self._clients.authorisation(one or ""), signer=one)
            for one in shown
        ]
        return [*super().endpoints(), *logins]

    def logins(self) -> list[str]:
        """Return the signers whose key can be used."""
        return [one for one in self._signers if one in self._keys and one not in self._unusable]

    async def try_login(self, signer: str) -> Retry | Blocked | None:
        """Ask for a token, by the signed challenge or the client certificate, and drop it."""
        granted = await self._authorisation.fetch(signer)
        return None if isinstance(granted, Granted) else granted

    def renewal(self, signer: str, key: DigestSigner) -> Apply:
        """Let the authorisation be asked with the new certificate, and forget the token of the earlier one."""
        if signer not in self._settings.senders:
            return super().renewal(signer, key)
        taken = self._settings.signature_algorithms
        if self._settings.auth == "challenge":
            require_taken(signer, key, taken)
            show = super().renewal(signer, key)
        else:
            show = self._clients.renewal(signer, tls_key(signer, key, taken))

        def apply() -> None:
            show()
            self._tokens.forget(signer)

        return apply

    def reloadables(self) -> list[Reloadable]:
        """Return the CA file."""
        return ca_file(self.name, self._settings.transport.ca_file, self._clients.trust)

    async def close(self) -> None:
        """End token renewals and release connections."""
        await self._tokens.close()
        await self._clients.aclose()

    def _header(self, name: Name, signer: str, attempt: Attempt) -> Mapping[str, Any]:
        sender, type_ = self._settings.senders[signer], self._exchanges[name].request
        return request.header(self._settings, sender, type_, attempt.message_id, attempt.created_on)

    async def _prepare(self, name: Name, write: request.Write, signer: str, attempt: Attempt) -> Prepared:
        exchange, rows = self._exchanges[name], request.rows_of(name)
        signer_of(self._keys, signer, self._unusable)
        schema = self._schemas[exchange.request]
        message = request.build(schema, write, rows)
        token = await self._tokens.get(signer)
        # Looked up again, and not before: the token is bound to the certificate, which may have been renewed meanwhile.
        key = self._keys[signer]
        with traced("sign"):
            signed = await request.sign(schema, message, key, rows, self._settings.signature_algorithms)
        return Prepared(
            operation=name.value,
            signer=signer,
            message_id=attempt.message_id,
            identity=attempt.identity,
            url=exchange.url,
            request=signed,
            headers=self._headers,
            secret_headers=bearer(token),
            reuse=exchange.operation.recovery.reuses_connections,
        )
