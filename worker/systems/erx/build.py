"""Makes the eRx system from its settings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from worker.systems.erx.accounts import read_accounts
from worker.systems.erx.checks import BodySchemas
from worker.systems.erx.operations import operations as all_operations
from worker.systems.erx.system import ErxSystem
from worker.transport.clients import HttpClients

if TYPE_CHECKING:
    from worker.systems.dependencies import Dependencies
    from worker.systems.erx.settings import ErxSettings
    from worker.systems.port import Operation

log = logging.getLogger(__name__)


def build(settings: ErxSettings, dependencies: Dependencies) -> ErxSystem:
    """Make the system; opens no connection yet. Raises ConfigurationError (CA file, the client's password)."""
    accounts = read_accounts(settings)
    for name, problem in accounts.unusable_secrets.items():
        log.warning("a new user's password cannot be used", extra={"detail": f"secrets.{name}: {problem}"})
    return ErxSystem(
        settings,
        accounts=accounts,
        schemas=BodySchemas.load(),
        client=HttpClients(settings.transport).plain(),
        now=dependencies.now,
        monotonic=dependencies.monotonic,
        token_requested=dependencies.token_requested,
    )


def operations(settings: ErxSettings) -> list[Operation]:
    """Return the operations with the recovery rules that these settings give them."""
    return list(all_operations(settings).values())
