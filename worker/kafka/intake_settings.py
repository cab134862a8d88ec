"""The settings of intake."""

from __future__ import annotations

from pydantic import ByteSize, Field

from worker.setting_types import SettingsModel


class IntakeSettings(SettingsModel):
    """How records are taken from Kafka. Times in seconds."""

    group_id: str = "herald-worker"
    """Kafka consumer group of the workers; each system has its own: `herald-worker.nhis`."""
    batch_records: int = Field(default=500, ge=1, le=10_000)
    """The largest number of records of one poll."""
    max_batch_bytes: ByteSize = Field(default=ByteSize(8 * 1024 * 1024), ge=1024 * 1024)
    """The largest decompressed batch of a producer; the records of a larger one become dead letters."""
    window_records: int = Field(default=10_000, ge=1)
    """Submissions in progress, including those that wait for a retry; intake pauses at this number."""
    window_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    """Bytes of events in progress; intake pauses at this number."""
    share_per_source: float = Field(default=0.5, gt=0, le=1)
    """The share of the window (of its records, and of its bytes) that one source's submissions take; 1: all of it.

    What is beyond it is set aside: it stays in Kafka, and is read again when the source has room.
    """
    share_per_signer: float = Field(default=0.25, gt=0, le=1)
    """The same share for one signer's submissions: if its circuit is open, other signers still have room."""
    set_aside_records: int = Field(default=20_000, ge=1)
    """About how many records of a partition may be set aside; beyond it the partition is not read further."""
    commit_interval: float = Field(default=0.2, gt=0)
    """Seconds between offset commits."""
    session_timeout: float = Field(default=10.0, gt=0)
    """Seconds of silence after which Kafka drops a worker."""
    drain_seconds: float = Field(default=20.0, ge=0)
    """Seconds that exchanges in flight get to finish when the worker stops or partitions are rebalanced."""

    def group_of(self, system: str) -> str:
        """Return a system's consumer group: with one group for all, one system's rebalance would stop every other."""
        return f"{self.group_id}.{system}"
