"""Checks of this machine and of what the settings name on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin.preflight.findings import Check, Finding, fail, ok, warn
from worker.configuration_error import ConfigurationError
from worker.transport.tls import where_keys_pass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class MachineChecks:
    """The checks that contact nobody.

    ``problems``: why systems cannot be built, each with its path in the settings. ``doubts``: what a worker accepts
    and an operator should look at, of who may sign for whom.
    """

    def __init__(self, systems: Sequence[str], problems: Sequence[str], doubts: Sequence[str]) -> None:
        self._systems = systems
        self._problems = problems
        self._doubts = doubts

    def all(self) -> list[Check]:
        """Return the checks, in the order of the table."""
        return [
            Check("settings.systems", self._built),
            Check("settings.authorisations", self._authorised),
            Check("machine.key-files", self._keys),
        ]

    async def _built(self) -> Iterable[Finding]:
        step = "Correct the setting, or the file that it names: no worker starts with it."
        told = [fail(problem, step) for problem in self._problems]
        names = ", ".join(self._systems)
        return told or [ok(f"settings, schemas and catalogues are complete for {names}")]

    async def _authorised(self) -> Iterable[Finding]:
        step = "Set `authorisations` (docs/authorisation.md)."
        told = [warn(doubt, step) for doubt in self._doubts]
        return told or [ok("each source may use certain signers and operations, and no others")]

    async def _keys(self) -> Iterable[Finding]:
        try:
            return [ok(f"keys pass to TLS through {where_keys_pass()}; no other writable folder is needed")]
        except ConfigurationError as bad:
            return [fail(str(bad), "Mount a writable folder and name it in TMPDIR.")]
