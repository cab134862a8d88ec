"""The SHEP services that Herald calls, and their operations; a new service is listed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.kz_shep import medical_exemption
from worker.systems.port import Operation

if TYPE_CHECKING:
    from worker.systems.kz_shep.service import Service
    from worker.systems.kz_shep.settings import KzShepSettings

SYSTEM = "kz-shep"
SERVICES = (medical_exemption.SERVICE,)
"""As they are without settings of their own."""


def services(settings: KzShepSettings) -> tuple[Service, ...]:
    """Return the services as these settings make them."""
    return (medical_exemption.service(settings.exemption_statuses),)


def operation_of(service: Service) -> Operation:
    """Return a service as the engine knows it."""
    return Operation(SYSTEM, service.operation, service.recovery)
