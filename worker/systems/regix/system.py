"""RegiX behind the System port: each method puts the parts of this package together for one step."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from contracts.regix.requests import RequestReport
from worker.systems.http_outcome import not_processed_by
from worker.systems.mutual_tls import MutualTlsSystem
from worker.systems.port import PresentedCertificate, Refused
from worker.systems.regix import asking, callback, request
from worker.systems.regix.arguments import element_of
from worker.systems.regix.beside import Beside
from worker.systems.regix.catalogue import unlisted
from worker.systems.regix.certificates import shown, subject, thumbprint
from worker.systems.regix.interpret import Asked, Rules, interpret
from worker.systems.regix.messages import ACKNOWLEDGE, CHECK, EXECUTE, headers
from worker.systems.regix.operations import OPERATIONS, SYSTEM
from worker.systems.regix.redaction import without_address, without_code, without_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from lxml import etree

    from worker.outcome import NotArrived, Outcome, Taken
    from worker.signing.port import DigestSigners
    from worker.submission import Submission
    from worker.systems.calls import Call, CallAnswer, Received
    from worker.systems.clients import SignerClients
    from worker.systems.port import Attempt, Prepared, Recovery
    from worker.systems.regix.argument_checks import ArgumentChecks
    from worker.systems.regix.arguments import Shape
    from worker.systems.regix.catalogue import Entry
    from worker.systems.regix.messages import Messages
    from worker.systems.regix.settings import RegixSettings
    from worker.systems.regix.signature import SignatureRules
    from worker.transport.port import Answer, SendGuard

# 500 is not among them: a SOAP server may answer so to a GET.
_GATEWAY_FAILURES = frozenset({502, 503, 504})


class RegixSystem(MutualTlsSystem):
    """The System port for RegiX, with the parts for what it answers later: AnswersLater and ReceivesCalls."""

    name = SYSTEM
    title = "RegiX"

    def __init__(
        self,
        settings: RegixSettings,
        *,
        catalogue: Mapping[str, Entry],
        shapes: Mapping[str, Shape],
        messages: Messages,
        checks: ArgumentChecks,
        signatures: SignatureRules,
        callback_url: str | None = None,
        keys: DigestSigners,
        clients: SignerClients,
        now: Callable[[], datetime],
        unusable: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(
            operations=OPERATIONS,
            signers=settings.senders,
            url=settings.url,
            probe_path=settings.probe_path,
            failures=_GATEWAY_FAILURES,
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
        self._shapes = shapes
        self._messages = messages
        self._checks = checks
        self._signatures = signatures
        self._callback_url = callback_url
        # Two threads: anybody can call, and no call is to hold up an answer.
        self._answers, self._calls = Beside("regix-answers"), Beside("regix-calls")

    def recovery(self, submission: Submission) -> Recovery:
        """Return the rule of the operation that the event names; the strictest where there is none of that name."""
        entry = self._catalogue.get(_data(submission).operation)
        return super().recovery(submission) if entry is None else entry.recovery

    async def check(self, submission: Submission) -> None:
        """Check the operation's name, and its argument by its schema. Raises Refused with all problems."""
        entry, argument = self._request_of(submission)
        await self._checks.check(entry.name, argument, self._shapes.get(entry.name), _data(submission))

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Build the request, and look at the certificate. Raises Refused, NotPrepared with Blocked."""
        entry, argument = self._request_of(submission)
        await self._check_certificate(submission.signer)
        content = request.execute(
            self._messages,
            self._settings,
            entry,
            _data(submission),
            argument=argument,
            callback=self._callback_url,
            message_id=attempt.message_id,
        )
        evidence = without_address(content, self._callback_url)
        return self._message(
            submission, attempt, request=content, headers=self._headers(EXECUTE), evidence=evidence
        )

    async def exchange(self, prepared: Prepared, guard: SendGuard) -> Answer:
        """Send once, and keep verification codes out of what is kept. Raises DeliveryError, SendRefused."""
        answer = await super().exchange(prepared, guard)
        return await self._answers.run(len(answer.body), partial(without_codes, answer))

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a submission."""
        return interpret(
            self._asked(submission, prepared.signer), answer, self._rules(submission), self._now()
        )

    async def prepare_ask(self, submission: Submission, attempt: Attempt, taken: Taken) -> Prepared:
        """Make the message that asks whether the report is ready. Raises NotPrepared with Blocked."""
        await self._check_certificate(submission.signer)
        content = request.check_result(self._messages, self._settings, taken.call, attempt.message_id)
        return self._about(submission, attempt, CHECK, content)

    def interpret_ask(
        self, submission: Submission, taken: Taken, asked: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Read the answer."""
        return asking.interpret_ask(
            self._asked(submission, asked.signer), taken, answer, self._rules(submission), self._now()
        )

    async def prepare_acknowledgement(
        self, submission: Submission, attempt: Attempt, taken: Taken
    ) -> Prepared | None:
        """Make the message after which RegiX may forget the report. Raises NotPrepared with Blocked."""
        await self._check_certificate(submission.signer)
        content = request.acknowledge(self._messages, self._settings, taken.call, attempt.message_id)
        return self._about(submission, attempt, ACKNOWLEDGE, content)

    def is_acknowledged(self, taken: Taken, sent: Prepared, answer: Answer) -> bool:
        """Whether RegiX took it, or has nothing to forget."""
        del taken, sent
        return asking.is_acknowledged(answer)

    async def receive(self, call: Call) -> Received:
        """Read RegiX's call, and believe nothing in it but number and code."""
        return await self._calls.run(len(call.body), partial(callback.read_call, call))

    def receipt(self, call: Call) -> CallAnswer:
        """Return the answer that the settings name."""
        return callback.receipt(call, keeps_result=self._settings.callback_answer == "fault")

    def refusal(self, call: Call, status: int) -> CallAnswer:
        """Return a SOAP fault."""
        return callback.refused(call, status)

    def presented_certificates(self) -> Sequence[PresentedCertificate]:
        """Return the certificates that RegiX is shown, by the thumbprints under which it knows them."""
        known = {name: key.known for name in self._signers if (key := self._keys.get(name)) and key.known}
        return [
            PresentedCertificate(
                signer=name,
                thumbprint=thumbprint(identity.certificate),
                subject=subject(identity.certificate),
                not_after=identity.certificate.not_valid_after_utc,
            )
            for name, identity in known.items()
        ]

    async def close(self) -> None:
        """Release the connections of all signers, and the threads."""
        for one in (self._checks, self._answers, self._calls):
            one.close()
        await super().close()

    def _request_of(self, submission: Submission) -> tuple[Entry, etree._Element]:
        """Return the operation and its argument. Raises Refused."""
        data = _data(submission)
        entry = request.entry_of(self._catalogue, data)
        return entry, element_of(entry, self._shapes, data)

    def _asked(self, submission: Submission, signer: str) -> Asked:
        """Return what an answer must belong to. What `prepare` took is built again: reading is pure."""
        data = _data(submission)
        # An operation may have gone from the settings while its answer was waited for.
        entry = self._catalogue.get(data.operation) or unlisted(data.operation)
        try:
            argument: etree._Element | None = element_of(entry, self._shapes, data)
        except Refused:
            argument = None
        return Asked(entry, shown(signer, self._keys.get(signer)), argument, exact=data.argument is not None)

    def _rules(self, submission: Submission) -> Rules:
        settings = self._settings
        recovery = self.recovery(submission)
        not_processed = not_processed_by(recovery, settings.not_processed_statuses, None)
        return Rules(not_processed, settings.register_errors, self._signatures, settings.check_echo)

    def _about(self, submission: Submission, attempt: Attempt, name: str, content: bytes) -> Prepared:
        return self._message(
            submission,
            attempt,
            request=content,
            headers=self._headers(name),
            evidence=without_code(content),
        )

    def _headers(self, name: str) -> Mapping[str, str]:
        return headers(name, self._settings.envelope)


def _data(submission: Submission) -> RequestReport:
    data = submission.data
    assert isinstance(data, RequestReport)  # noqa: S101 - the contract of this system's event
    return data
