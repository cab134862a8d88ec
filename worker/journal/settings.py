"""Where the journal's database is and how long a worker's lease on its submissions runs."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, model_validator

from worker.setting_types import SettingsModel


class JournalSettings(SettingsModel):
    """Exactly one of ``dsn`` and ``dsn_file``; a connection string holds a password, so prefer the file."""

    dsn: SecretStr | None = None
    """The database's address, `postgresql://…`: by variable only. This or `dsn_file`."""
    dsn_file: Path | None = None
    """A file that holds the database's address and nothing else; read again for each connection."""
    lease_seconds: float = Field(default=15.0, ge=0.5, le=600)
    """How long a submission stays with a silent worker: long enough to outlive a short outage of
    the database, short enough that a killed worker's patients do not wait long."""
    connect_seconds: float = Field(default=5.0, gt=0, le=60)
    """The longest time to open a connection."""
    statement_seconds: float = Field(default=10.0, gt=0, le=300)
    """The longest time of a statement; a longer one counts as a lost connection."""

    @model_validator(mode="after")
    def _exactly_one_source(self) -> JournalSettings:
        if (self.dsn is None) == (self.dsn_file is None):
            raise ValueError("give either dsn or dsn_file")
        if self.dsn is not None:
            _check_scheme(self.dsn.get_secret_value())
        return self

    def connection_string(self) -> str:
        """Return the connection string. The file is read each time, so that a renewed password is found.

        Raises OSError where the file cannot be read, and ValueError where it holds no PostgreSQL address.
        """
        if self.dsn is not None:
            return self.dsn.get_secret_value()
        assert self.dsn_file is not None  # noqa: S101 - the validator above holds it
        try:
            text = self.dsn_file.read_text(encoding="utf-8-sig").strip()
        except UnicodeDecodeError:
            raise ValueError("the journal's address is not text in UTF-8") from None
        _check_scheme(text)
        return text


def _check_scheme(dsn: str) -> None:
    if not dsn.startswith(("postgresql://", "postgres://")):
        raise ValueError(
            "the journal's address must begin with postgresql://, without a driver as in postgresql+asyncpg://"
        )
