"""Apache Kafka's jars, fetched once by Maven; whoever runs a broker of Kafka's own needs them and Java."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

POM = Path(__file__).resolve().parent / "kafka.pom.xml"
"""Names the versions; they stand nowhere else."""
LEAST_JAVA = 17
_FETCH_SECONDS = 300.0


class KafkaUnavailableError(Exception):
    """No real Apache Kafka can run on this machine; the message states the reason."""


def jars_below(cache: Path) -> Path:
    """Return where the jars of this version belong, in a cache; they may not be there yet."""
    return cache / f"kafka-{digest(POM.read_bytes())}" / "jars"


def fetch_jars(jars: Path) -> None:
    """Fetch the jars where they are missing. Raises KafkaUnavailableError."""
    if not jars.exists():
        _fetch_into(jars)


def java_version() -> str:
    """Return what Java says of itself. Raises KafkaUnavailableError where there is none, or one that is too old."""
    if not shutil.which("java"):
        raise KafkaUnavailableError(f"no java on the path (Java {LEAST_JAVA} or newer is needed)")
    said = subprocess.run(
        ["java", "-version"],  # noqa: S607  # whichever Java the machine has
        capture_output=True, text=True, timeout=60, check=False,
    ).stderr  # fmt: skip
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < LEAST_JAVA:
        raise KafkaUnavailableError(
            f"Java {LEAST_JAVA} or newer is needed, this one says: {said.strip()[:80]}"
        )
    return said


def classpath_of(jars: Path) -> str:
    """Return the jars as Java's class path."""
    # Sorted and explicit, not "jars/*": a class archive is valid only for exactly the same string.
    return os.pathsep.join(str(jar) for jar in sorted(jars.glob("*.jar")))


def finish(unfinished: Path, final: Path) -> None:
    """Put what was made in its place at once, so that runs side by side never meet half of it."""
    try:
        unfinished.rename(final)
    except OSError:
        if not final.exists():
            raise


def digest(content: bytes) -> str:
    """Return a short name for a content."""
    return hashlib.sha256(content).hexdigest()[:12]


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
        done = subprocess.run(  # noqa: S603  # our own command line
            [*command, f"-DoutputDirectory={jars}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_FETCH_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as slow:
        raise KafkaUnavailableError(f"Maven fetched no jars within {slow.timeout:.0f} s") from None
    if done.returncode:
        first = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no output")
        raise KafkaUnavailableError(f"Maven could not fetch Kafka's jars: {first[:300]}")
