"""eDelivery behind the System port: each method joins the parts of this package and of `ssev` for one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.edelivery.requests import OpenMessage, RegisterPassiveProfile, SendMessage, SendMessageOnBehalf
from worker.systems.edelivery import callback, registration
from worker.systems.edelivery.looking import Looking
from worker.systems.edelivery.operations import OPERATIONS, SYSTEM
from worker.systems.edelivery.readers import absent_of, profiles, reader_of
from worker.systems.edelivery.request import profiles_of, request_of
from worker.systems.edelivery.settings import Name
from worker.systems.esb.orn import NUMBER, kept
from worker.systems.ssev.interpret import TITLE
from worker.systems.ssev.outgoing import Outgoing, outgoing_of
from worker.systems.ssev.requests import Receipt
from worker.systems.ssev.system import SsevSystem
from worker.systems.steps import Step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.file_store import FileStore
    from worker.outcome import NotArrived, Outcome
    from worker.submission import Submission
    from worker.systems.calls import Call, CallAnswer, Received
    from worker.systems.edelivery.settings import EdeliverySettings
    from worker.systems.esb.orn import Numbers
    from worker.systems.esb.port import Esb
    from worker.systems.news import Seen, Watch
    from worker.systems.port import Attempt, Prepared
    from worker.systems.ssev.access import Access
    from worker.systems.ssev.opener import Opener
    from worker.systems.ssev.schemas import MessageSchema
    from worker.systems.ssev.sender import Sender
    from worker.transport.port import Answer, HttpClient

REQUEST = "request"
"""The name of the one step of what is no message to send or to open."""


class EdeliverySystem(SsevSystem):
    """The System port for eDelivery; also `HasSteps`, `LooksForNews`, `ReceivesCalls`, `DrawsNumbers`."""

    name = SYSTEM
    title = TITLE

    def __init__(
        self,
        settings: EdeliverySettings,
        *,
        esb: Esb,
        access: Access,
        downloads_client: HttpClient,
        store: FileStore | None,
        sender: Sender,
        opener: Opener,
        registrations: MessageSchema,
        numbers: Numbers | None = None,
    ) -> None:
        super().__init__(
            settings,
            operations=OPERATIONS,
            esb=esb,
            downloads_client=downloads_client,
            store=store,
            sender=sender,
        )
        self.time_zone = settings.time_zone
        self._access = access
        self._opener = opener
        self._registrations = registrations
        self._looking = Looking(settings, access, esb)
        self._numbers = numbers
        self.draws_numbers = numbers is not None

    def identity(self, submission: Submission) -> str:
        """Return an id that is the submission's own; the system recognises messages by their reference number."""
        return submission.derived_id(SYSTEM)

    def step(self, submission: Submission, progress: Mapping[str, str]) -> Step:
        """Return the step that follows from the progress."""
        match submission.data:
            case SendMessage():
                return self._number(submission, progress) or self._sender.step(
                    _outgoing(submission), progress
                )
            case OpenMessage():
                return self._opener.step(progress)
        operation = self.operations[submission.type]
        return Step(REQUEST, operation.recovery, operation.looks_up)

    async def check(self, submission: Submission) -> None:
        """Check that the settings let the signer act as the event asks. Raises Refused."""
        self._access.acting(submission.signer, _acting_name(submission))

    async def prepare(self, submission: Submission, attempt: Attempt) -> Prepared:
        """Make the request of the next step, with a token. Raises Refused, NotPrepared."""
        if self._numbers is not None and self._number(submission, attempt.progress) is not None:
            return await self._numbers.prepare(submission, attempt)
        match submission.data:
            case SendMessage():
                return await self._sender.prepare(_outgoing(submission), submission, attempt)
            case OpenMessage():
                return await self._opener.prepare(_receipt(submission.data), submission, attempt)
        request = request_of(Name(submission.operation), submission.data, self._access.addresses)
        if request.body:
            self._registrations.check(request.body)
        return await self._access.prepared(submission, attempt, request, _acting_name(submission), REQUEST)

    def interpret(self, submission: Submission, prepared: Prepared, answer: Answer) -> Outcome:
        """Read the answer to a step."""
        if self._numbers is not None and prepared.step == NUMBER:
            return self._numbers.interpret(answer)
        match submission.data:
            case SendMessage():
                outcome = self._sender.interpret(_outgoing(submission), prepared, answer)
                return kept(prepared.progress, outcome)
            case OpenMessage() as opened:
                return self._opener.interpret(_receipt(opened), submission, prepared, answer)
        reader = reader_of(Name(submission.operation), submission.data)
        outcome = self._access.read(reader, answer, absent=absent_of(submission.data))
        if isinstance(submission.data, RegisterPassiveProfile):
            return registration.with_existing(outcome)
        return outcome

    async def prepare_look_up(
        self, submission: Submission, attempt: Attempt, found: Outcome
    ) -> Prepared | None:
        """Make the question for the outbox, or for the profiles of a number; None where nothing shows it."""
        del found
        if self._number(submission, attempt.progress) is not None:
            return None
        match submission.data:
            case SendMessage():
                return await self._sender.prepare_look_up(_outgoing(submission), submission, attempt)
            case RegisterPassiveProfile(identifier=number):
                request = profiles_of(number, self._access.addresses)
                return await self._access.prepared(submission, attempt, request, None, REQUEST)
        return None

    def settle(
        self, submission: Submission, found: Outcome, look_up: Prepared, answer: Answer
    ) -> Outcome | NotArrived:
        """Decide by the look-up's answer what `found` means."""
        match submission.data:
            case SendMessage():
                return self._sender.settle(_outgoing(submission), submission, look_up, answer)
            case RegisterPassiveProfile():
                return registration.settle(found, self._access.read(profiles, answer))
        return found

    def watches(self) -> Sequence[Watch]:
        """Return the inboxes of the settings."""
        return self._looking.watches()

    async def look(self, watch: Watch, cursor: str | None) -> Seen:
        """Read the next pages of an inbox. Raises LookFailed."""
        return await self._looking.look(watch, cursor)

    async def receive(self, call: Call) -> Received:
        """Read a push notification, of which nothing is believed."""
        return callback.read_call(call)

    def receipt(self, call: Call) -> CallAnswer:
        """Return that the notification was taken."""
        del call
        return callback.receipt()

    def refusal(self, call: Call, status: int) -> CallAnswer:
        """Return an error without a reason in detail."""
        del call
        return callback.refusal(status)

    def _number(self, submission: Submission, progress: Mapping[str, str]) -> Step | None:
        """Return the step that draws the number of a message, where it comes next."""
        if self._numbers is None or not isinstance(submission.data, SendMessage):
            return None
        return self._numbers.step(submission, progress)


def _outgoing(submission: Submission) -> Outgoing:
    """Return the message of an event; its contract sees to it that it has a reference number."""
    data = submission.data
    if not isinstance(data, SendMessage):
        raise TypeError(type(data).__name__)
    acting = data.on_behalf_of if isinstance(data, SendMessageOnBehalf) else None
    return outgoing_of(data, submission.rnu or "", acting=acting)


def _receipt(data: OpenMessage) -> Receipt:
    return Receipt(data.message_id, data.forwarded_message_id)


def _acting_name(submission: Submission) -> str | None:
    """Return whom the event names, where it can name somebody."""
    name: str | None = getattr(submission.data, "on_behalf_of", None)
    return name
