"""Apache Kafka itself: its jars, fetched once by Maven into the checkout's cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demo.kafka_jars import (
    POM,
    KafkaUnavailableError,
    classpath_of,
    digest,
    fetch_jars,
    finish,
    jars_below,
    java_version,
)

__all__ = ["CACHE", "HERE", "POM", "Distribution", "KafkaUnavailableError", "fetch", "finish"]

HERE = Path(__file__).resolve().parent
CACHE = HERE.parents[2] / ".cache" / "kafka"


@dataclass(frozen=True, slots=True)
class Distribution:
    """One version of Kafka on one Java, and what was made from them."""

    home: Path
    java: str

    @property
    def jars(self) -> Path:
        return self.home / "jars"

    @property
    def classpath(self) -> str:
        return classpath_of(self.jars)

    @property
    def archive(self) -> Path:
        """Where the class archive for this Java belongs; it may not be there yet."""
        return self.home / f"classes-{digest(self.java.encode())}.jsa"

    @property
    def formatted(self) -> Path:
        """What formatting leaves, the same for every node of this version; it may not be there yet."""
        return self.home / "formatted"


def fetch() -> Distribution:
    """Return the jars, fetching them where they are missing. Raises KafkaUnavailableError."""
    java = java_version()
    jars = jars_below(CACHE)
    fetch_jars(jars)
    return Distribution(jars.parent, java)
