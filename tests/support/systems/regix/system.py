"""A RegiX system for unit tests: real keys and schemas, and a scripted client."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime
from typing import Any

from contracts.regix.examples import REQUEST
from tests.support.contract_events import submission
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from worker.systems.dependencies import Dependencies
from worker.systems.port import Attempt
from worker.systems.regix.build import build
from worker.systems.regix.settings import RegixSettings
from worker.systems.regix.system import RegixSystem

EVENT = "regix.report.request.v1"
NOON = datetime.now(UTC).replace(microsecond=0)
CONTEXT = {"serviceUri": "1-1", "serviceType": "test", "lawReason": "чл. 1"}
KEY = file_key("one", issue("regix-client.hospital.example"), clock=lambda: NOON)


class Clients:
    """One scripted client for all signers."""

    def __init__(self, client: ScriptedClient) -> None:
        self.client = client
        self.problems: dict[str, str] = {}

    def of(self, signer: str) -> ScriptedClient:
        del signer
        return self.client

    async def aclose(self) -> None:
        await self.client.aclose()


def dependencies(**changes: Any) -> Dependencies:
    usual = Dependencies(
        keys={"one": KEY}, documents={}, code_lists={}, now=lambda: NOON, monotonic=lambda: 0.0
    )
    return dataclasses.replace(usual, **changes)


def system(client: ScriptedClient | None = None, **settings: Any) -> RegixSystem:
    made = build(RegixSettings.model_validate({"senders": ["one"], **settings}), dependencies())
    if client is not None:
        made._clients = Clients(client)  # type: ignore[assignment]
    return made


def event(**changes: Any):
    """Return the contract's example as a submission, with some of its members changed; None takes one away."""
    data = {name: value for name, value in {**REQUEST, **changes}.items() if value is not None}
    return submission(EVENT, data)


def attempt(number: int = 1) -> Attempt:
    return Attempt(number, str(uuid.UUID(int=number, version=4)), NOON, "identity")
