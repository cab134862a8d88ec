"""How long and how much: the bounds of every HTTPS exchange."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from worker.setting_types import SettingsModel

Seconds = Annotated[float, Field(gt=0, le=3600)]


class TransportSettings(SettingsModel):
    """Bounds in seconds and bytes. Certificates are always verified: there is nothing to switch that off."""

    connect_timeout: Seconds = 10.0
    """The longest time for TCP and TLS together, for one address."""

    answer_timeout: Seconds = 60.0
    """The longest silence while Herald waits for an answer or reads it (NHIS clients in the field use 15 to 60 s)."""

    total_timeout: Seconds = 90.0
    """The longest time from the first byte of the request to the last of the answer; before that, for waiting for a
    connection. Two spans of the same length, so that a queue for connections never shortens an exchange."""

    least_bytes_per_second: Annotated[int, Field(gt=0)] = 16 * 1024
    """The slowest transfer of a file that is sent from or saved in the file store: each so many bytes add a second to
    `total_timeout`, as long as no silence is longer than `answer_timeout`."""

    max_answer_bytes: Annotated[int, Field(gt=0)] = 8 * 1024 * 1024
    """The largest answer, after decompression. A longer one is truncated and marked."""

    keepalive_seconds: Seconds = 10.0
    """How long an idle connection is kept; it must be less than the limits of all servers on the path."""

    max_connections: Annotated[int, Field(gt=0)] | None = None
    """The largest number of connections for each TLS identity and each kind of connection (kept, fresh), at least
    `limits.in_flight`: an exchange that waits for a connection holds its permit. By default each exchange has one.
    Requests that are not submissions (tokens, nomenclatures, probes) have as many of their own."""

    ca_file: Path | None = None
    """PEM certificates to trust instead of the system's."""

    @model_validator(mode="after")
    def _total_is_the_longest(self) -> Self:
        if self.total_timeout < max(self.connect_timeout, self.answer_timeout):
            raise ValueError("total_timeout must not be less than connect_timeout or answer_timeout")
        return self
