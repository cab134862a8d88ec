"""Makes the ePayments system from its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.epayment.checks import ConnectorSchemas, MessageSchemas
from worker.systems.epayment.connector.system import EpaymentConnectorSystem
from worker.systems.epayment.credentials import read_secrets
from worker.systems.epayment.operations import operations as all_operations
from worker.systems.epayment.system import EpaymentSystem
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from worker.systems.dependencies import Dependencies
    from worker.systems.epayment.settings import EpaymentSettings
    from worker.systems.port import Operation


def build(settings: EpaymentSettings, dependencies: Dependencies) -> EpaymentSystem | EpaymentConnectorSystem:
    """Make the system; opens no connection yet.

    Raises ConfigurationError (CA file, the address for calls; over the ESB also its section and its signers' keys).
    """
    if settings.access == "esb":
        return EpaymentConnectorSystem(
            settings,
            esb=dependencies.esb(settings.senders),
            secrets=read_secrets(settings),
            schemas=ConnectorSchemas(),
            now=dependencies.now,
        )
    return EpaymentSystem(
        settings,
        secrets=read_secrets(settings),
        schemas=MessageSchemas.load(),
        client=HttpClients(settings.transport).plain(),
        now=dependencies.now,
    )


def operations(settings: EpaymentSettings) -> list[Operation]:
    """Return the operations with the recovery rules that these settings give them."""
    return list(all_operations(settings).values())
