"""Makes the eDelivery system from its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.edelivery.operations import OPERATIONS
from worker.systems.edelivery.system import EdeliverySystem
from worker.systems.esb.orn import Numbers
from worker.systems.ssev.access import Access
from worker.systems.ssev.opener import Opener
from worker.systems.ssev.schemas import MESSAGE, REGISTRATION, MessageSchema
from worker.systems.ssev.sender import Sender
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from worker.systems.dependencies import Dependencies
    from worker.systems.edelivery.settings import EdeliverySettings
    from worker.systems.port import Operation


def build(settings: EdeliverySettings, dependencies: Dependencies) -> EdeliverySystem:
    """Make the system; opens no connection yet. Raises ConfigurationError (the ESB's section, keys, CA files)."""
    esb = dependencies.esb(settings.senders)
    access = Access(esb, settings, dependencies.now)
    return EdeliverySystem(
        settings,
        esb=esb,
        access=access,
        downloads_client=HttpClients(settings.files.transport).plain(),
        store=dependencies.files,
        sender=Sender(access, dependencies.files, MessageSchema(MESSAGE)),
        opener=Opener(access, dependencies.files, dependencies.opened, dependencies.address_of),
        registrations=MessageSchema(REGISTRATION),
        numbers=None if esb.orn is None else Numbers(esb, esb.orn, dependencies.now),
    )


def operations(settings: EdeliverySettings) -> list[Operation]:
    """Return the operations with their recovery rules."""
    del settings
    return list(OPERATIONS)
