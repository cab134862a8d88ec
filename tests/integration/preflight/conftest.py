"""One journal's checks, one cluster's checks: each asked of real servers."""

from __future__ import annotations

from tests.support.postgres.fixtures import connection, settings

__all__ = ["connection", "settings"]
