"""The one place that names the national systems; adding one adds a line to the table."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from worker.systems.dependencies import Unbuildable
from worker.systems.erx import build as erx
from worker.systems.kz_shep import build as kz_shep
from worker.systems.nhif import build as nhif
from worker.systems.nhis import build as nhis
from worker.transport.tls import BadTrust
from worker.xml.folder import BadBundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import BaseModel

    from worker.systems.dependencies import Means
    from worker.systems.port import Operation, Recovery, System


class BadSystem(Exception):
    """A system cannot be built from its settings; ``problem`` is a plain sentence (or several, by line)."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"systems.{name.replace('-', '_')}: {problem}")


@dataclass(frozen=True, slots=True)
class _Package:
    """How to make a system of its own section of the settings, and what its operations then are."""

    build: Callable[[Any, Means], System]
    operations: Callable[[Any], Iterable[Operation]]


_PACKAGES: Mapping[str, _Package] = MappingProxyType(
    {
        "nhif": _Package(nhif.build, nhif.operations),
        "nhis": _Package(nhis.build, nhis.operations),
        "erx": _Package(erx.build, erx.operations),
        "kz-shep": _Package(kz_shep.build, kz_shep.operations),
    }
)


def build_system(name: str, section: BaseModel | None, means: Means) -> System:
    """Build a system from its own section of the settings; no connection is opened yet. Raises BadSystem."""
    if section is None or name not in _PACKAGES:
        raise BadSystem(name, "there is no such system, or it is not configured")
    try:
        return _PACKAGES[name].build(section, means)
    except (BadBundle, BadTrust, Unbuildable) as error:
        raise BadSystem(name, str(error)) from None


def recovery_rules(sections: Mapping[str, BaseModel]) -> Mapping[tuple[str, str], Recovery]:
    """Return the recovery rule of every operation of these systems, by system and operation."""
    return {
        (name, one.name): one.recovery
        for name, section in sections.items()
        for one in _PACKAGES[name].operations(section)
    }
