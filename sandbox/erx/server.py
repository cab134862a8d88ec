"""The eRx sandbox: the server with its stand-in, and the passwords that work there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.erx.stand_in import ErxRegister
from sandbox.pki import Pki
from sandbox.secret_files import write_secret
from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path


class Sandbox(SandboxServer):
    """A running stand-in of the eRx register, as an async context manager.

    ``directory`` holds the test certificates (`Pki`), made when it has none, and the passwords. Port 0 takes a
    free one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = 0,
        profile: str = "2020-06",
        token_seconds: float = 3600.0,
    ) -> None:
        pki = Pki.at(directory)
        clock = Clock()
        register = ErxRegister(now=clock.now, seed=seed, profile=profile, token_seconds=token_seconds)
        super().__init__(register, pki, clock, host=host, port=port, seed=seed)
        known = register.credentials()
        self._client = _with_file(directory, known["client"])
        self._users = [_with_file(directory / "users", user) for user in known["users"]]

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {**super().ready(), "client": self._client, "users": self._users}


def _with_file(directory: Path, known: dict[str, str]) -> dict[str, str]:
    """Return the account with its password in a file."""
    shown = {name: value for name, value in known.items() if name != "password"}
    path = write_secret(directory / f"{known['username']}.password", known["password"])
    return {**shown, "password_file": str(path.resolve())}
