"""How the tests run Java: small, quick to start, and gone when the tests are."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from typing import IO

from tests.support.kafka.distribution import HERE, Distribution

OPTIONS = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # a broker of the tests does not live long enough for the second compiler
    "-XX:-UsePerfData",
    "-Xshare:auto",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
)
INHERITED_NOT = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH", "KAFKA_OPTS")


def run_java(
    distribution: Distribution, arguments: Sequence[str], log: IO[bytes], *, options: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    """Start Java in a session of its own, so that Ctrl-C at the tests does not stop a broker before them."""
    if not options and distribution.archive.exists():
        options = [f"-XX:SharedArchiveFile={distribution.archive}"]
    return subprocess.Popen(
        [*_die_with_us(), "java", *OPTIONS, *options, "-cp", distribution.classpath, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env={name: value for name, value in os.environ.items() if name not in INHERITED_NOT},
        start_new_session=True,
    )


def _die_with_us() -> list[str]:
    # The signal comes when the starting thread ends, not the process: only the main thread may ask for it.
    if shutil.which("setpriv") and threading.current_thread() is threading.main_thread():
        return ["setpriv", "--pdeathsig", "KILL"]
    return []
