"""Every type of notification there is, and the check of a notification's data against its contract."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import ValidationError

from contracts.field_errors import field_problems
from contracts.registry import SYSTEMS, ContractViolation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.notification_contract import NotificationContract


def _contracts(system: str) -> tuple[NotificationContract, ...]:
    """Return `NOTIFICATIONS` of the module `events` of a system's package; most systems make no calls."""
    events = import_module(f"contracts.{system.replace('-', '_')}.events")
    found: tuple[NotificationContract, ...] = getattr(events, "NOTIFICATIONS", ())
    return found


NOTIFICATION_TYPES: Mapping[str, NotificationContract] = MappingProxyType(
    {contract.event_type: contract for system in SYSTEMS for contract in _contracts(system)}
)
NOTIFYING_SYSTEMS = tuple(
    system for system in SYSTEMS if any(one.system == system for one in NOTIFICATION_TYPES.values())
)
"""The systems that have notifications, and so a topic of them."""


def published_by(worker: str) -> tuple[str, ...]:
    """Return the systems on whose topics of notifications the workers of a system publish, each once."""
    return tuple(dict.fromkeys(one.system for one in NOTIFICATION_TYPES.values() if worker in one.workers))


def system_of(event_type: str, worker: str) -> str:
    """Return whose notification this is. Raises KeyError for a type that the worker's system does not publish."""
    contract = NOTIFICATION_TYPES[event_type]
    if worker not in contract.workers:
        raise KeyError(event_type)
    return contract.system


def validate(system: str, event_type: str, data: object) -> None:
    """Check what a system's notification is to publish, by the contract's outside names alone.

    Raises ContractViolation with all problems, and KeyError for a type that this system does not have.
    """
    contract = NOTIFICATION_TYPES[event_type]
    if contract.system != system:
        raise KeyError(event_type)
    try:
        contract.model.model_validate(data, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ContractViolation(tuple(field_problems(error))) from None
