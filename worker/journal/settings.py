"""Where the journal's database is, how long a worker's lease on its submissions runs, and how long what is kept."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, model_validator

from worker.journal.encryption_settings import EncryptionSettings
from worker.secret_file import secret_in
from worker.setting_types import SettingsModel


class RetentionSettings(SettingsModel):
    """What the workers remove from the journal by themselves, and when. Of several workers one does it.

    Days are whole days of UTC.
    """

    enabled: bool = False
    """Whether the workers prune. `herald journal prune` does it once, with or without this."""
    evidence_days: int = Field(default=90, ge=1)
    """Days after the end of a submission until its messages and answers, and its dead letter's record, are removed."""
    reply_days: int | None = Field(default=None, ge=1)
    """Days until the reply is replaced by its summary; by default `evidence_days`."""
    identity_days: int = Field(default=1825, ge=0)
    """Days until the submission itself is forgotten. A duplicate that is published later is sent again, so this must be
    longer than the submissions topics keep their records; 0: never."""
    every_hours: float = Field(default=1.0, gt=0, le=24)
    """How often the workers look for what is due."""

    @property
    def replies(self) -> int:
        """Days until replies are summarized."""
        return self.evidence_days if self.reply_days is None else self.reply_days

    @model_validator(mode="after")
    def _the_longer_the_smaller(self) -> RetentionSettings:
        if self.replies < self.evidence_days:
            raise ValueError("reply_days must not be less than evidence_days")
        if 0 < self.identity_days < self.replies:
            raise ValueError("identity_days must not be less than reply_days and evidence_days")
        return self


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
    group_wait_seconds: float = Field(default=0.0015, ge=0, le=0.005)
    """The longest time that a step waits, while others are on their way, to be written in one transaction with them.
    A submission has three steps before its reply."""
    retention: RetentionSettings = RetentionSettings()
    """How long the journal keeps what."""
    encryption: EncryptionSettings = EncryptionSettings()
    """Encryption of what the journal holds of patients."""

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
            text = secret_in(self.dsn_file).strip()
        except UnicodeDecodeError:
            raise ValueError("the journal's address is not text in UTF-8") from None
        _check_scheme(text)
        return text


def _check_scheme(dsn: str) -> None:
    if not dsn.startswith(("postgresql://", "postgres://")):
        raise ValueError(
            "the journal's address must begin with postgresql://, without a driver as in postgresql+asyncpg://"
        )
