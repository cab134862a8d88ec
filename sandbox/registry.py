"""The one place that names the systems that have a sandbox; adding one adds a line to the table."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from sandbox.options import MESSAGE_ORDER, PROFILE, SCHEMAS, SIGNERS_FILE, token_seconds

if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Parameter

    from sandbox.server import SandboxServer


@dataclass(frozen=True, slots=True)
class Entry:
    """One system: the name of its command, the title of its sandbox, its port, and the options of its own."""

    system: str
    title: str
    port: int
    options: tuple[Parameter, ...] = ()

    def load(self) -> Callable[..., SandboxServer]:
        """Return the class `Sandbox` of the module `server` in the system's package."""
        server: Callable[..., SandboxServer] = import_module(
            f"sandbox.{self.system.replace('-', '_')}.server"
        ).Sandbox
        return server


SANDBOXES = (
    Entry("nhis", "the NHIS sandbox", 8443, (token_seconds(7200.0), SCHEMAS, SIGNERS_FILE, MESSAGE_ORDER)),
    Entry("nhif", "the sandbox of NHIF's REST API", 8444),
    Entry("erx", "the sandbox of the eRx register", 8445, (PROFILE, token_seconds(3600.0))),
    Entry("kz-shep", "the sandbox of Kazakhstan's SHEP", 8446),
)
