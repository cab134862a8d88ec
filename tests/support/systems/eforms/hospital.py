"""eForms as a hospital's worker uses it, for unit tests: an ESB without a network, and events of its contracts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contracts.reference_number import generated
from tests.support.contract_events import submission
from tests.support.fakes.file_store import FakeFileStore
from tests.support.fakes.scripted_client import ScriptedClient
from worker.systems.eforms.hook import Hook
from worker.systems.eforms.responses import Responses
from worker.systems.eforms.schemas import Schemas
from worker.systems.eforms.settings import EformsSettings
from worker.systems.eforms.system import EformsSystem
from worker.systems.esb.acting import Acting
from worker.systems.port import Attempt
from worker.systems.ssev.access import Access
from worker.systems.ssev.schemas import MESSAGE, MessageSchema
from worker.systems.ssev.sender import Sender
from worker.transport.port import Answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
XML_FIELD = "11111111-1111-1111-1111-111111111111"
DOCUMENTS_FIELD = "22222222-2222-2222-2222-222222222222"
RESPONSE: dict[str, Any] = {"recipient_profile_id": 7, "template_id": 5, "xml_field": XML_FIELD}
CASES = {"url": "https://eforms.test"}
SEND, TELL = "eforms.response.send.v1", "eforms.case.message.v1"
JSON = {"content-type": "application/json"}


class FakeEsb:
    """The ESB: every signer has a token. ``dropped`` are the messages whose token was refused."""

    gateway_url = "https://esb.test"

    def __init__(self) -> None:
        self.http = ScriptedClient([answered({})])
        self.dropped: list[Any] = []

    def acting(self, signer, name=None):
        return Acting()

    async def authorisation(self, signer, scope, acting):
        return {"authorization": "Bearer of-the-esb"}

    def drop(self, prepared):
        self.dropped.append(prepared)

    def client(self, signer):
        return self.http

    def any(self):
        return self.http

    def problems(self):
        return {}

    def endpoints(self):
        return ()

    def reloadables(self):
        return ()

    async def aclose(self):
        await self.http.aclose()


def answered(document: object, status: int = 200) -> Answer:
    return Answer(status, JSON, json.dumps(document).encode())


class Hospital:
    """A system with its ESB, its hook and its store."""

    def __init__(self, schemas: Schemas, **settings: Any) -> None:
        self.settings = EformsSettings.model_validate({"senders": ["one"], **settings})
        self.esb, self.store = FakeEsb(), FakeFileStore()
        access = Access(self.esb, self.settings, lambda: NOW)
        sender = Sender(access, self.store, MessageSchema(MESSAGE))
        self.hook_client = ScriptedClient([answered({"message": "Success !", "status": "OK"})])
        cases = self.settings.case_messages
        self.hook = None if cases is None else Hook(cases, self.hook_client)
        self.system = EformsSystem(
            self.settings,
            esb=self.esb,
            access=access,
            downloads_client=ScriptedClient([answered({})]),
            store=self.store,
            sender=sender,
            responses=Responses(self.settings.response, schemas, sender),
            hook=self.hook,
        )


def event(event_type: str, data: Any = None, *, event_id: str = "1", rnu: str | None = None):
    """Return a submission; one that needs a reference number has it generated, unless it is given."""
    made = submission(event_type, data, event_id=event_id)
    return replace(made, rnu=rnu or generated(made.source, made.id))


def attempt(progress=None, *, identity: str = "identity") -> Attempt:
    return Attempt(1, "message-1", NOW, identity, progress or {})
