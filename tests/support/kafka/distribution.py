"""Apache Kafka itself: its jars, fetched once by Maven into the checkout's cache."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
POM = HERE / "pom.xml"
CACHE = HERE.parents[2] / ".cache" / "kafka"
LEAST_JAVA = 17
FETCH_TIMEOUT = 300.0


class KafkaUnavailableError(Exception):
    """No real Apache Kafka can be had on this machine; the message says why."""


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
        # Sorted and explicit, not "jars/*": a class archive is valid only for exactly the same string.
        return os.pathsep.join(str(jar) for jar in sorted(self.jars.glob("*.jar")))

    @property
    def archive(self) -> Path:
        """Where the class archive for this Java belongs; it may not be there yet."""
        return self.home / f"classes-{_digest(self.java.encode())}.jsa"

    @property
    def formatted(self) -> Path:
        """What formatting leaves, the same for every node of this version; it may not be there yet."""
        return self.home / "formatted"


def fetch() -> Distribution:
    """Return the jars, fetching them where they are missing. Raises KafkaUnavailableError."""
    distribution = Distribution(CACHE / f"kafka-{_digest(POM.read_bytes())}", _java_version())
    if not distribution.jars.exists():
        _fetch_into(distribution.jars)
    return distribution


def _java_version() -> str:
    if not shutil.which("java"):
        raise KafkaUnavailableError("no java on the path (Java 17 or newer is needed)")
    said = subprocess.run(
        ["java", "-version"], capture_output=True, text=True, timeout=60, check=False
    ).stderr
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < LEAST_JAVA:
        raise KafkaUnavailableError(
            f"Java {LEAST_JAVA} or newer is needed, this one says: {said.strip()[:80]}"
        )
    return said


def _fetch_into(jars: Path) -> None:
    if not shutil.which("mvn"):
        raise KafkaUnavailableError("no mvn on the path (Apache Maven fetches Kafka's jars)")
    unfinished = jars.with_name(f"jars.{os.getpid()}")
    unfinished.mkdir(parents=True)
    try:
        _run_maven(unfinished)
        finish(unfinished, jars)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _run_maven(jars: Path) -> None:
    command = ["mvn", "-B", "-q", "-ntp", "-f", str(POM), "dependency:copy-dependencies"]
    try:
        done = subprocess.run(
            [*command, f"-DoutputDirectory={jars}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FETCH_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise KafkaUnavailableError(f"Maven fetched no jars within {slow.timeout:.0f} s") from None
    if done.returncode:
        first = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no output")
        raise KafkaUnavailableError(f"Maven could not fetch Kafka's jars: {first[:300]}")


def finish(unfinished: Path, final: Path) -> None:
    """Put what was made in its place at once, so that test runs side by side never meet half of it."""
    try:
        unfinished.rename(final)
    except OSError:
        if not final.exists():
            raise


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]
