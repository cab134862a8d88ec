"""Journals on a fresh database."""

from __future__ import annotations

from tests.support.postgres.fixtures import connection, journal, open_journal, settings

__all__ = ["connection", "journal", "open_journal", "settings"]
