"""Requests for reports on a whole worker: events, settings, and a run in which each request meets its own fault."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.systems.regix.envelopes import KNOWN
from tests.support.systems.scene import FAULTS, Scene, event
from tests.support.worker.hospital import Event
from tests.support.worker.installation import (
    SystemInstallation,
    eventually,
    serving,
    signer_files,
)
from tests.support.worker.sandbox import Sandbox

SYSTEM, REPORT = "regix", "regix.report.request.v1"
HOSPITAL, CLINIC, FORMER, UNREGISTERED = "hospital", "clinic", "former", "unregistered"
QUICK = {"asking": {"first": 0.2, "factor": 1, "maximum": 0.2, "pass_seconds": 0.05}}
WAITS = {"connect_timeout": 2, "answer_timeout": 2, "total_timeout": 3}
BIG_WAITS = {"connect_timeout": 5, "answer_timeout": 30, "total_timeout": 60}


@dataclass(frozen=True)
class Deed:
    """One request; ``controls`` and the fault are set before it. ``match``: which message meets the fault."""

    name: str
    event: Event
    fault: str = "none"
    match: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, Any] = field(default_factory=dict)


def report(
    name: str,
    operation: str = "ValidPersonSearch",
    *,
    signer: str = HOSPITAL,
    egn: str = KNOWN,
    argument: Mapping[str, str] | None = None,
    xml: str | None = None,
    key: str | None = None,
    **more: Any,
) -> Event:
    """Return a request for a report; its ServiceURI is its name, by which the ledger has it."""
    given = {"xml": xml} if xml else {"argument": argument or {"egn": egn}}
    context = {"serviceUri": name, "serviceType": "test", "lawReason": "чл. 1 от измислен закон"}
    return event(name, REPORT, signer, {"operation": operation, **given, "context": context, **more}, key)


def writing(name: str, operation: str = "SendPaymentNotification", **more: Any) -> Event:
    """Return a request that writes; each has an argument of its own."""
    return report(
        name, operation, xml=f"<Invented xmlns='urn:invented'><Number>{name}</Number></Invented>", **more
    )


def signers_of(sandbox: Sandbox) -> dict[str, dict[str, str]]:
    """Return all consumers of the sandbox as signers."""
    return signer_files(sandbox.ready["consumers"])


def section_of(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """Return the system's settings: all consumers may ask, and the sandbox's signatures are trusted."""
    return {
        "url": sandbox.ready["basic_url"],
        "senders": [one["name"] for one in sandbox.ready["consumers"]],
        "signatures": {"trusted_certificates": [sandbox.ready["signing_certificate_file"]]},
        "transport": {"ca_file": sandbox.ca_file, **WAITS},
        **changes,
    }


async def perform(
    installation: SystemInstallation, deeds: Sequence[Deed], changes: Mapping[str, Any] | None = None
) -> Scene:
    """Do each alone: its fault ends when it is answered, and what it waited for is acknowledged."""
    sandbox = installation.sandbox
    config = installation.config({"circuit": {"failures": 1000}, **QUICK, **(changes or {})})
    async with serving(config), installation.reading() as answers:
        for deed in deeds:
            for name, body in deed.controls.items():
                await asyncio.to_thread(sandbox.control, name, body)
            if deed.fault != "none":
                kind = deed.fault.partition(" ")[0]
                sandbox.fault(kind, match=dict(deed.match), **FAULTS.get(deed.fault, {}))
            await installation.publish(deed.event)
            await answers.answered([deed.name])
            await eventually(lambda name=deed.name: installation.detail(name), lambda it: it.waiting is None)
            await asyncio.to_thread(sandbox.calm)
        await answers.settle()
        await installation.all_committed()
    names = [deed.name for deed in deeds]
    details = dict(zip(names, await installation.details(names), strict=True))
    return Scene(installation, answers, details, sandbox.ledger(), sandbox.requests())


def executions(ledger: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return what RegiX executed for a request."""
    return [one for one in ledger["executions"] if one["call_context"]["ServiceURI"] == name]


def acknowledgements(ledger: Mapping[str, Any], name: str) -> list[str]:
    """Return what RegiX found at each acknowledgement of a request's reports."""
    numbers = {one["ServiceCallID"] for one in executions(ledger, name)}
    return [one["outcome"] for one in ledger["acknowledgements"] if one["ServiceCallID"] in numbers]
