"""Makes the portal's system from its settings."""

from __future__ import annotations

import logging
from collections import ChainMap
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.systems.peu.credentials import read_logins
from worker.systems.peu.operations import operations as all_operations
from worker.systems.peu.request import NO_WSDL
from worker.systems.peu.system import PeuSystem
from worker.systems.peu.wsdl import load_service
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from worker.systems.dependencies import Dependencies
    from worker.systems.peu.settings import PeuSettings
    from worker.systems.peu.wsdl import Service
    from worker.systems.port import Operation

log = logging.getLogger(__name__)


def build(settings: PeuSettings, dependencies: Dependencies) -> PeuSystem:
    """Make the system; opens no connection yet. Raises ConfigurationError (the WSDL, CA file, the section esb)."""
    service = _service(settings)
    esb = dependencies.esb(settings.senders) if settings.senders else None
    logins = read_logins(settings.users)
    return PeuSystem(
        settings,
        service=service,
        logins=logins,
        esb=esb,
        client=HttpClients(settings.transport).plain(),
        unusable=ChainMap(logins.unusable, dict(esb.problems()) if esb else {}),
        now=dependencies.now,
    )


def operations(settings: PeuSettings) -> list[Operation]:
    """Return the operations with the most careful of their rules."""
    del settings
    return list(all_operations().values())


def _service(settings: PeuSettings) -> Service | None:
    """Read the WSDL, and check what the settings say of it. Raises ConfigurationError."""
    if settings.wsdl_file is None:
        log.warning("calls of the portal's service are refused", extra={"detail": NO_WSDL})
        return None
    service = load_service(settings.wsdl_file, settings.service, settings.port)
    if unknown := sorted(set(settings.operations) - service.operations):
        known = ", ".join(sorted(service.operations))
        raise ConfigurationError(
            *(f"operations.{name}: the WSDL has no such operation; it has: {known}" for name in unknown)
        )
    address = str(settings.service_url or service.address or "")
    if not address.startswith("https://"):
        raise ConfigurationError("service_url: give the service's https address: the WSDL names none")
    return service
