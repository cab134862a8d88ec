"""The eDelivery system with fakes at its ports alone, and walking through a submission's steps as the engine does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from contracts.edelivery.examples import TEXT_FIELD
from tests.support.contract_events import submission
from tests.support.fakes.file_store import FakeFileStore
from tests.support.fakes.scripted_client import Request
from tests.support.systems.edelivery.esb import FakeEsb
from worker.file_store import FileDiffers
from worker.outcome import Advanced, Outcome
from worker.submission import Submission
from worker.systems.dependencies import Dependencies, no_address
from worker.systems.edelivery.build import build
from worker.systems.edelivery.settings import EdeliverySettings
from worker.systems.edelivery.system import EdeliverySystem
from worker.systems.esb.settings import OrnSettings
from worker.systems.port import Attempt, Prepared
from worker.systems.ssev.opened import Recognise, recognise_nothing
from worker.transport.port import Answer, DeliveryError, SendGuard

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RNU = "rnu-1"
Handler = Callable[[Request], Answer | DeliveryError]


def edelivery_settings(**changes: Any) -> EdeliverySettings:
    """Return settings for the signers `one` and `two`."""
    files = {"hosts": ["blobs.test"], **changes.pop("files", {})}
    return EdeliverySettings.model_validate({"senders": ["one", "two"], "files": files} | changes)


@dataclass
class FakeClient:
    """An HttpClient that answers as ``handler`` says, and hands the body of a success to a sink where there is one."""

    handler: Handler
    requests: list[Request] = field(default_factory=list)
    closed: bool = False

    async def request(self, method, url, *, headers, content=b"", reuse=True, guard=None, sink=None):
        if guard is not None:
            guard.begin()
        request = Request(method, url, headers, content, reuse)
        self.requests.append(request)
        answer = self.handler(request)
        if isinstance(answer, DeliveryError):
            raise answer
        if sink is None or not 200 <= answer.status < 300:
            return answer
        try:
            await sink.write(_pieces(answer.body))
        except FileDiffers:
            raise DeliveryError("file-differs", "it differs", sent=True) from None
        return replace(answer, body=b"", saved=True)

    async def aclose(self):
        self.closed = True


async def _pieces(body: bytes):
    for place in range(0, len(body), max(3, len(body) // 8)):
        yield body[place : place + max(3, len(body) // 8)]


@dataclass
class World:
    """A system with its fakes."""

    system: EdeliverySystem
    esb: FakeEsb
    gateway: FakeClient
    files: FakeClient
    store: FakeFileStore


def world(
    handler: Handler,
    *,
    host: Handler | None = None,
    with_store: bool = True,
    recognise: Recognise = recognise_nothing,
    address_of: Callable[[str], str | None] = no_address,
    now: Callable[[], datetime] = lambda: NOW,
    orn: OrnSettings | None = None,
    **changes: Any,
) -> World:
    """Return a system whose gateway answers as ``handler`` says, and whose files' host as ``host`` says."""
    gateway = FakeClient(handler)
    files = FakeClient(host or handler)
    esb, store = FakeEsb(gateway, orn), FakeFileStore()
    dependencies = Dependencies(
        keys={},
        documents={},
        code_lists={},
        now=now,
        monotonic=lambda: 0.0,
        files=store if with_store else None,
        opened=recognise,
        address_of=address_of,
        esb=lambda _: esb,
    )
    made = build(edelivery_settings(**changes), dependencies)
    made._downloads = files
    return World(made, esb, gateway, files, store)


def event(name: str, data: Any = None, *, rnu: str | None = RNU, signer: str = "one") -> Submission:
    """Return a submission, by default with the contract's example."""
    return replace(submission(f"edelivery.{name}.v1", data, signer=signer), rnu=rnu)


@dataclass
class Walk:
    """How a submission went: the names of its steps, and its messages, with the outcome of each."""

    steps: list[str] = field(default_factory=list)
    messages: list[Prepared] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    progress: dict[str, str] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """The last one."""
        return self.outcomes[-1]


async def walk(system: EdeliverySystem, told: Submission, *, most: int = 30) -> Walk:
    """Take one step after the other, until one does not advance."""
    walked = Walk()
    await system.check(told)
    for number in range(1, most + 1):
        walked.steps.append(system.step(told, walked.progress).name)
        attempt = Attempt(number, f"message-{number}", NOW, system.identity(told), dict(walked.progress))
        message = await system.prepare(told, attempt)
        walked.messages.append(message)
        answer = await system.exchange(message, SendGuard(lambda: True))
        walked.outcomes.append(system.interpret(told, message, answer))
        if not isinstance(walked.outcome, Advanced):
            return walked
        walked.progress = dict(walked.outcome.progress)
        told = told.with_number(walked.progress)
    raise AssertionError(f"it goes on without end: {walked.steps}")


def as_kept(message: Prepared) -> Prepared:
    """Return a message as the journal has it, which keeps no secret."""
    return replace(message, secret_headers={}, file=None, save=None)


API = "https://esb.test:5051/ed2/api"
ONE_TEXT = {
    "recipients": [204153],
    "subject": "Епикриза, прием 000123",
    "templateId": 1,
    "fields": [{"id": TEXT_FIELD, "text": "Измислен пример"}],
}
"""The data of a message without files."""


def route(table: Mapping[tuple[str, str], Any]) -> Handler:
    """Answer by the first entry whose method and beginning of the path fit; several answers are given in turn."""
    left = {key: list(value) if isinstance(value, list) else [value] for key, value in table.items()}

    def handle(request: Request) -> Answer | DeliveryError:
        for (method, path), answers in left.items():
            if request.method == method and request.url.startswith(path if "://" in path else API + path):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        raise AssertionError(f"unexpected: {request.method} {request.url}")

    return handle
