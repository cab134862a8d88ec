"""The one place that names the national systems; adding one adds a line to each function here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from herald.worker.systems.nhis.build import BadNhis
from herald.worker.systems.nhis.build import build as build_nhis
from herald.worker.systems.nhis.operations import exchanges
from herald.worker.transport.tls import BadTrust
from herald.worker.xml.folder import BadBundle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from herald.worker.settings.model import SystemsSettings
    from herald.worker.signing.port import SigningKeys
    from herald.worker.systems.port import CodeLists, Recovery, System


class BadSystem(Exception):
    """A system cannot be built from its settings; ``problem`` is a plain sentence (or several, by line)."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"systems.{name}: {problem}")


def build_system(
    name: str,
    settings: SystemsSettings,
    *,
    keys: SigningKeys,
    code_lists: CodeLists,
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> System:
    """Build one configured system; no connection is opened yet. Raises BadSystem."""
    try:
        if name == "nhis" and settings.nhis is not None:
            return build_nhis(settings.nhis, keys=keys, code_lists=code_lists, now=now, monotonic=monotonic)
    except (BadBundle, BadTrust, BadNhis) as error:
        raise BadSystem(name, str(error)) from None
    raise BadSystem(name, "there is no such system, or it is not configured")


def recovery_rules(settings: SystemsSettings) -> Mapping[tuple[str, str], Recovery]:
    """Return the recovery rule of every operation of the configured systems, by system and operation."""
    rules: dict[tuple[str, str], Recovery] = {}
    if settings.nhis is not None:
        operations = (one.operation for one in exchanges(settings.nhis).values())
        rules |= {("nhis", one.name): one.recovery for one in operations}
    return rules
