"""A run of submissions, each of which meets a fault of its own, and the results when all were answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.worker.hospital import SOURCE, STRUCTURED, Event
from tests.support.worker.installation import SystemInstallation, serving
from tests.support.worker.kafka import Answers, Published
from worker.admin.views import SubmissionDetail

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "drop-before": {},
    "drop-after": {},
    "hang-after": {"seconds": 30},
    "truncate": {},
    "garbage": {},
    "wrong-answer": {},
    "status 500": {"status": 500, "body": "html"},
    "status 503": {"status": 503, "body": "html"},
    "status 429": {"status": 429, "body": "empty", "headers": {"Retry-After": "1"}},
    "status 403": {"status": 403, "body": "html"},
    "status 404": {"status": 404, "body": "html"},
}
PROCESSED = {"drop-after", "hang-after", "truncate", "garbage", "wrong-answer"}
"""Faults after which the system has processed the request, and the worker cannot know."""
CERTAIN = {"status 429"}
"""Faults after which the worker knows that nothing was processed, and tries again."""
BLOCKED = {"status 403": "access-denied", "status 404": "not-found"}
"""Faults that only an operator can resolve, with the reasons that the worker states."""


@dataclass(frozen=True)
class Case:
    """One submission; ``match`` says which of the requests to the sandbox meets the fault."""

    name: str
    event: Event
    fault: str = "none"
    match: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """The replies, the journal's details and the sandbox's ledger and requests when every case was answered."""

    installation: SystemInstallation
    answers: Answers
    details: dict[str, SubmissionDetail]
    ledger: dict[str, Any]
    requests: list[dict[str, Any]]

    def reply(self, name: str) -> Published:
        """The one answer of a case."""
        return self.answers.only(name)

    def attempts(self, name: str) -> int:
        """How often it was sent."""
        return len(self.details[name].attempts)


def event(
    name: str,
    event_type: str,
    signer: str,
    data: Mapping[str, Any],
    key: str | None = None,
    **extensions: str,
) -> Event:
    """Return a structured CloudEvent; each has a key of its own unless one is given."""
    document = {
        "specversion": "1.0",
        "id": name,
        "source": SOURCE,
        "type": event_type,
        "signer": signer,
        "data": data,
        **extensions,
    }
    value = json.dumps(document, ensure_ascii=False).encode()
    return Event(name, (key or name).encode(), value, STRUCTURED)


async def perform(
    installation: SystemInstallation, cases: Sequence[Case], changes: Mapping[str, Any] | None = None
) -> Scene:
    """Publish each case while its fault is armed, and wait for its answer before the next."""
    # Every case meets a fault of its own: so the circuit breaker must not open.
    config = installation.config({"circuit": {"failures": 1000}, **(changes or {})})
    async with serving(config), installation.reading() as answers:
        for case in cases:
            if case.fault != "none":
                kind = case.fault.partition(" ")[0]
                installation.sandbox.fault(kind, match=dict(case.match), **FAULTS.get(case.fault, {}))
            await installation.publish(case.event)
            await answers.answered([case.name])
            await asyncio.to_thread(installation.sandbox.calm)
        await answers.settle()
        await installation.all_committed()
    names = [case.name for case in cases]
    details = dict(zip(names, await installation.details(names), strict=True))
    return Scene(
        installation, answers, details, installation.sandbox.ledger(), installation.sandbox.requests()
    )
