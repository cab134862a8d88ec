"""Containers of an image, run as a cluster would run them: nothing to write to but /tmp, and no rights."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.image.machine import PODMAN

TMP = "/tmp"  # noqa: S108 - the containers' own
RESTRICTED = (
    "--network", "host", "--read-only", "--read-only-tmpfs=false", "--tmpfs", f"{TMP}:rw,size=64m,mode=1777",
    "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "512m", "--no-healthcheck",
    "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
)  # fmt: skip
START_SECONDS = 120.0


def options(
    mounts: Iterable[Path] = (), variables: Mapping[str, str] | None = None, entry: str | None = None
) -> list[str]:
    """Return podman's options: each folder is mounted read-only at the path that it has outside."""
    given = [word for path in mounts for word in ("--volume", f"{path}:{path}:ro")]
    given += [word for name, value in (variables or {}).items() for word in ("--env", f"{name}={value}")]
    return [*RESTRICTED, *given, *(("--entrypoint", entry) if entry else ())]


def run(
    image: str,
    *arguments: str | Path,
    mounts: Iterable[Path] = (),
    entry: str | None = None,
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Run a command in a container of its own, to its end."""
    return subprocess.run(
        [*PODMAN, "run", "--rm", *options(mounts, variables, entry), image, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )


@dataclass(frozen=True, slots=True)
class Container:
    """One that runs in the background."""

    id: str

    def exec(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside its main process."""
        return subprocess.run(
            [*PODMAN, "exec", self.id, *command], capture_output=True, text=True, timeout=60, check=False
        )

    def stop(self, seconds: int) -> int:
        """Send SIGTERM, after `seconds` SIGKILL; return the exit code."""
        subprocess.run([*PODMAN, "stop", "--time", str(seconds), self.id], check=True, capture_output=True)
        return int(self.inspect("{{.State.ExitCode}}"))

    def inspect(self, template: str) -> str:
        """Return what podman knows of it."""
        done = subprocess.run(
            [*PODMAN, "inspect", "--format", template, self.id], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def log(self) -> str:
        """Return what it wrote, standard error included."""
        done = subprocess.run([*PODMAN, "logs", self.id], check=True, capture_output=True, text=True)
        return done.stdout + done.stderr


@contextmanager
def running(image: str, *arguments: str | Path, mounts: Iterable[Path] = ()) -> Iterator[Container]:
    """Start a container, and remove it at the end."""
    done = subprocess.run(
        [*PODMAN, "run", "--detach", *options(mounts), image, *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    container = Container(done.stdout.strip())
    try:
        yield container
    finally:
        subprocess.run([*PODMAN, "rm", "--force", container.id], check=True, capture_output=True)
