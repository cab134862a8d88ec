"""The one place that names the national systems; adding one adds a line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from worker.configuration_error import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pydantic import BaseModel

    from worker.systems.dependencies import Dependencies
    from worker.systems.listed import ListedOperation
    from worker.systems.port import Operation, System
    from worker.systems.ssev.opened import Recognise


SYSTEMS = (
    "nhis",
    "nhif",
    "erx",
    "kz-shep",
    "regix",
    "epayment",
    "edelivery",
    "eforms",
    "peu",
)
"""The systems there are: each is a package whose module `build` has the functions `build` and `operations`."""
RECOGNISING = ("eforms",)
"""Those whose module `build` has the function `recogniser`, as messages of eDelivery may concern them."""


@immutable
class _Package:
    """How to make a system of its own section of the settings, and what its operations then are."""

    build: Callable[[Any, Dependencies], System]
    operations: Callable[[Any], Iterable[Operation]]


def _package(name: str) -> _Package:
    module = import_module(f"worker.systems.{name.replace('-', '_')}.build")
    return _Package(module.build, module.operations)


def build_system(name: str, section: BaseModel | None, dependencies: Dependencies) -> System:
    """Build a system from its own section of the settings; no connection is opened yet. Raises ConfigurationError."""
    path = f"systems.{name.replace('-', '_')}"
    if section is None or name not in SYSTEMS:
        raise ConfigurationError(f"{path}: this system does not exist, or it is not configured")
    try:
        return _package(name).build(section, dependencies)
    except ConfigurationError as error:
        raise error.under(path) from None


def operations_of(sections: Mapping[str, BaseModel]) -> Mapping[tuple[str, str], Operation]:
    """Return every operation of these systems as their settings make it, by system and operation."""
    return {
        (name, one.name): one
        for name, section in sections.items()
        for one in _package(name).operations(section)
    }


def recogniser_of(sections: Mapping[str, BaseModel], largest: int) -> Recognise:
    """Return what makes notifications of opened messages of eDelivery.

    ``sections``: the settings of all systems there are, also of those that only other workers serve: whoever opens a
    message recognises it. ``largest`` bounds a notification, in bytes. Raises ConfigurationError.
    """
    found: list[Recognise] = [
        import_module(f"worker.systems.{name}.build").recogniser(sections[name], largest)
        for name in RECOGNISING
        if name in sections
    ]
    return lambda message: next((notice for one in found if (notice := one(message)) is not None), None)


def listed_operations(name: str, section: BaseModel | None) -> list[ListedOperation]:
    """Return the operations in the catalogue of a system that has one, as its module `listing` lists them.

    ``section``: the system's own settings, None to list what ships with Herald.
    """
    listed: list[ListedOperation] = import_module(f"worker.systems.{name.replace('-', '_')}.listing").listed(
        section
    )
    return listed
