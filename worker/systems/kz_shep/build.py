"""Building the SHEP package from its settings: what the composition root calls."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from schemas import shipped
from worker.configuration_error import ConfigurationError
from worker.signing.taken import NotTaken
from worker.signing.wsse.sign import WsseSigners
from worker.systems.kz_shep.operations import SERVICES, SYSTEM, operation_of, services
from worker.systems.kz_shep.senders import Sender, load_sender
from worker.systems.kz_shep.system import KzShepSystem
from worker.systems.kz_shep.trust import Trust, read_pins
from worker.systems.unusable import Unusable
from worker.transport.dispatching import DispatchingClient
from worker.transport.tls import client_context
from worker.xml.bundle import SchemaBundle
from worker.xml.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from worker.systems.dependencies import Dependencies
    from worker.systems.kz_shep.service import Service
    from worker.systems.kz_shep.settings import KzShepSettings
    from worker.systems.kz_shep.trust import Pin
    from worker.systems.port import Operation
    from worker.xml.message import MessageSchema

log = logging.getLogger(__name__)


def build(settings: KzShepSettings, dependencies: Dependencies) -> KzShepSystem:
    """Make the system; opens no connection yet.

    A sender whose password cannot be read blocks its own submissions, no others. Raises ConfigurationError (schemas,
    CA file, pinned certificates).
    """
    problems: list[str] = []
    senders, unreadable = _senders(settings)
    pins = _pinned(settings, dependencies.now(), problems)
    if problems:
        raise ConfigurationError(*problems)
    client = DispatchingClient(
        settings.transport, client_context(settings.transport.ca_file), plain_http=settings.allow_plain_http
    )
    _warn(settings)
    _warn_of_ends(pins, dependencies.now())
    return KzShepSystem(
        settings,
        services=services(settings),
        schemas=request_schemas(SERVICES),
        senders=senders,
        signers=WsseSigners(dependencies.keys, dependencies.documents, taken=settings.signature_algorithms),
        unreadable=unreadable,
        trust=Trust(
            [pin.certificate for pin in pins] if settings.verify_answers else None, now=dependencies.now
        ),
        certificates=[pin.told() for pin in pins],
        client=client,
        now=dependencies.now,
        unusable=Unusable(
            unreadable, dependencies.unusable, NotTaken(dependencies.keys, settings.signature_algorithms)
        ),
    )


def operations(settings: KzShepSettings) -> list[Operation]:
    """Return the operations with their recovery rules."""
    del settings
    return [operation_of(one) for one in SERVICES]


def request_schemas(services: Iterable[Service]) -> Mapping[str, MessageSchema]:
    """Return the schemas of these services' requests, by service id."""
    return OnDemand((service.service_id for service in services), _request_schema)


def _request_schema(service_id: str) -> MessageSchema:
    bundle = SchemaBundle.load(
        shipped(SYSTEM), pattern="{type}.xsd", prefix="ns2", root="SendMessage", types=[service_id]
    )
    return bundle.message(service_id)


def _senders(settings: KzShepSettings) -> tuple[dict[str, Sender], dict[str, str]]:
    """Return the senders, and what is wrong with each that cannot be used."""
    senders: dict[str, Sender] = {}
    unusable: dict[str, str] = {}
    for name, one in settings.senders.items():
        try:
            senders[name] = load_sender(one)
        except ConfigurationError as bad:
            unusable[name] = "; ".join(bad.problems)
    return senders, unusable


def _pinned(settings: KzShepSettings, now: datetime, problems: list[str]) -> list[Pin]:
    try:
        return read_pins(settings, now)
    except ConfigurationError as bad:
        problems += bad.problems
        return []


def _warn_of_ends(pins: Iterable[Pin], now: datetime) -> None:
    for pin in pins:
        if problem := pin.problem(now):
            log.warning("renew a pinned certificate of SHEP", extra={"detail": f"{pin.file}: {problem}"})


def _warn(settings: KzShepSettings) -> None:
    if settings.url.scheme == "http":
        log.warning("plain http to SHEP: sender, password and health data pass unencrypted")
    if not settings.verify_answers:
        log.warning("SHEP's answers are not verified: any server at its address is trusted")
