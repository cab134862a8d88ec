"""What one model alone cannot check: names that must fit together, and files that must exist."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.registry import EVENT_TYPES
from worker.configuration_error import ConfigurationError
from worker.settings.document import Location, leaves
from worker.settings.problems import SettingProblem, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from worker.settings.model import Settings

OPERATIONS = {f"{contract.system}.{contract.operation}" for contract in EVENT_TYPES.values()}


_LEFT_OUT = ("signers", "receiver")


def missing_files(values: dict[str, object]) -> list[SettingProblem]:
    """Check, by the settings' names, that each file and directory is there and may be read.

    Those of a signer are left to the signer: what cannot be read stops its own submissions, and no others. Those of the
    receiver are left to the receiver: a worker beside it need not have them.
    """
    problems = []
    for location, value in leaves({path: one for path, one in values.items() if path not in _LEFT_OUT}):
        name = str(location[-1])
        if isinstance(value, str) and (name == "file" or name.endswith(("_file", "_dir"))):
            wrong = _wrong_with(Path(value), directory=name.endswith("_dir"))
            problems += [SettingProblem(path_of(location), wrong)] if wrong else []
    return problems


def _wrong_with(path: Path, *, directory: bool) -> str | None:
    kind = "directory" if directory else "file"
    if not (path.is_dir() if directory else path.is_file()):
        return f"there is no {kind} {path}"
    if not os.access(path, os.R_OK):
        return f"this process may not read the {kind} {path}"
    return None


def unknown_signers(values: dict[str, object]) -> list[SettingProblem]:
    """Check that who sends is a signing identity, on raw values, so that it is reported with all other problems."""
    signers = values.get("signers")
    known = signers if isinstance(signers, dict) else {}
    return [
        SettingProblem(path_of(location), "`signers` has no such name")
        for location, name in (*_senders(values.get("systems")), *_acting(values.get("esb")))
        if name not in known
    ]


def _senders(systems: object) -> Iterator[tuple[Location, object]]:
    """Yield the location of each sender, and its name: a mapping's key, or an item of a list."""
    for system, section in systems.items() if isinstance(systems, dict) else ():
        senders = section.get("senders") if isinstance(section, dict) else None
        if isinstance(senders, dict):
            senders = {name: name for name in senders}
        elif isinstance(senders, list | tuple):
            senders = dict(enumerate(senders))
        for place, name in senders.items() if isinstance(senders, dict) else ():
            yield ("systems", system, "senders", place), name


def _acting(esb: object) -> Iterator[tuple[Location, object]]:
    """Yield the location and the name of each signer of whom the ESB's section says something."""
    section = esb if isinstance(esb, dict) else {}
    for part in ("acting", "client_ids"):
        named = section.get(part)
        for name in named if isinstance(named, dict) else ():
            yield ("esb", part, name), name


def unusable_journal(settings: Settings) -> list[SettingProblem]:
    """Check that the file with the journal's address holds one, before anything waits for that database."""
    try:
        settings.journal.connection_string()
    except ValueError as error:
        return [SettingProblem("journal.dsn_file", str(error))]
    except OSError:
        return []  # missing_files says it
    return []


def unusable_encryption(settings: Settings) -> list[SettingProblem]:
    """Check that each of the journal's encryption keys can be read, and is one."""
    problems = []
    for name, key in settings.journal.encryption.keys.items():
        try:
            key.read()
        except ConfigurationError as bad:
            problems += [SettingProblem(f"journal.encryption.keys.{name}", one) for one in bad.problems]
    return problems


def unknown_operations(settings: Settings) -> list[SettingProblem]:
    """Check that each own schedule, of retries or of asking, belongs to an operation."""
    message = f"this operation does not exist; the operations are {', '.join(sorted(OPERATIONS))}"
    named: dict[str, Iterable[str]] = {
        "retry": settings.retry.operations,
        "asking": settings.asking.operations,
    }
    return [
        SettingProblem(f"{section}.operations.{name}", message)
        for section, names in named.items()
        for name in names
        if name not in OPERATIONS
    ]


def unknown_routes(settings: Settings) -> list[SettingProblem]:
    """Check that each route of the receiver belongs to a system that is configured."""
    return [
        SettingProblem(f"receiver.routes.{name}", "this system does not exist, or it is not configured")
        for name in (settings.receiver.routes if settings.receiver else ())
        if name not in settings.systems.configured()
    ]


def unserved_files(settings: Settings) -> list[SettingProblem]:
    """Check that a receiver which is to serve files has a store of files, and a way to know who may fetch them."""
    if settings.receiver is None or settings.receiver.files is None:
        return []
    if settings.files is None:
        return [SettingProblem("receiver.files", "needs the section `files`: there is no store of files")]
    if not settings.receiver.files.clients and settings.files.signed_urls is None:
        return [
            SettingProblem("receiver.files", "name clients here, or give files.signed_urls: nobody may fetch")
        ]
    return []


def unknown_systems(settings: Settings) -> list[SettingProblem]:
    """Check that each system's own limits, and its own schedule of asking, belong to a system."""
    known = type(settings.systems).known()
    message = f"this system does not exist; the systems are {', '.join(known)}"
    named: dict[str, Iterable[str]] = {"limits": settings.limits.systems, "asking": settings.asking.systems}
    return [
        SettingProblem(f"{section}.systems.{name}", message)
        for section, names in named.items()
        for name in names
        if name not in known
    ]
