"""Connections follow exchanges: fewer connections than exchanges that may be in flight are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel

from worker.settings.problems import SettingProblem
from worker.transport.settings import TransportSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.settings.model import Settings

OVER_THE_ESB = ("epayment", "edelivery", "eforms", "peu")
"""The systems that are reached by the connections of the section `esb`."""


def too_few_connections(settings: Settings) -> list[SettingProblem]:
    """Check that no exchange which may be in flight has to wait for a connection.

    It would hold its permit meanwhile, and count as a failure of the system after `total_timeout`.
    """
    return [
        SettingProblem(
            f"{path}.max_connections",
            f"must be at least {setting} ({most}), or exchanges wait for connections: raise it, lower {setting}, or "
            "leave it out, so that each exchange has a connection",
        )
        for path, transport, setting, most in _bounded(settings)
        if transport.max_connections is not None and transport.max_connections < most
    ]


def _bounded(settings: Settings) -> Iterator[tuple[str, TransportSettings, str, int]]:
    """Yield each transport with its path, and the setting that bounds its exchanges with its value."""
    systems = settings.systems.sections()
    for name, section in systems.items():
        for path, transport in _transports(section, f"systems.{name.replace('-', '_')}"):
            yield path, transport, *_in_flight(settings, name)
    users = [_in_flight(settings, name) for name in OVER_THE_ESB if name in systems]
    if settings.esb is not None and users:
        setting, most = max(users, key=lambda one: one[1])
        yield "esb.transport", settings.esb.transport, setting, most


def _in_flight(settings: Settings, system: str) -> tuple[str, int]:
    own = settings.limits.systems.get(system)
    is_own = own is not None and own.in_flight is not None
    setting = f"limits.systems.{system}.in_flight" if is_own else "limits.in_flight"
    return setting, settings.limits.of(system).in_flight


def _transports(section: BaseModel, path: str) -> Iterator[tuple[str, TransportSettings]]:
    for name, value in section:
        if isinstance(value, TransportSettings):
            yield f"{path}.{name}", value
        elif isinstance(value, BaseModel):
            yield from _transports(value, f"{path}.{name}")
