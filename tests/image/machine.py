"""What `make test-image` needs on this machine: podman, a base image, the locked wheels, and from them the images.

Where a registry can be reached, the base is the one that the Containerfile names. Where it cannot, a base is made from
Debian's packages, with Debian's own Python of the same version, under the same name: the Containerfile stays as it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache" / "image"
BASE = "docker.io/library/python:3.11-slim-bookworm"
RELEASE, MIRROR = "bookworm", "http://deb.debian.org/debian"
PACKAGES = "ca-certificates,netbase,tzdata,python3-venv,python3-pip"
PODMAN = ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs")
"""Podman where there is no systemd: the other runtime, crun, does not start there."""
LOCKS = ("build", "worker", "tracing", "demo")
MINUTES = 20


class MachineError(Exception):
    """Something is missing on this machine; the message says what and how to get it."""


def run(*command: str | Path, seconds: float = 60 * MINUTES) -> str:
    """Run a program to its end and return its output. Raises MachineError with what it said."""
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-3000:]
        raise MachineError(f"`{' '.join(map(str, command[:6]))} …` ended with {done.returncode}:\n{said}")
    return done.stdout


def need(*programs: str) -> None:
    """See that programs are there; on Debian, as root, install their packages. Raises MachineError."""
    missing = [one for one in programs if shutil.which(one) is None]
    if not missing:
        return
    advice = f"not on the path: {', '.join(missing)}. On Debian: apt-get install --no-install-recommends"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise MachineError(f"{advice} {' '.join(missing)}")
    tell(f"installing {' '.join(missing)}")
    run("apt-get", "update", "-qq")
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)


def base_image() -> None:
    """See that podman has the base image. Raises MachineError."""
    known = subprocess.run([*PODMAN, "image", "exists", BASE], check=False, capture_output=True)
    if known.returncode == 0:
        return
    tell(f"pulling {BASE}")
    try:
        run(*PODMAN, "pull", "--quiet", BASE, seconds=120)
    except (MachineError, subprocess.TimeoutExpired):
        tell(
            f"no registry can be reached: making a base from Debian's packages ({RELEASE}), which takes minutes"
        )
        _base_from_packages()


def _base_from_packages() -> None:
    need("debootstrap")
    system, archive = CACHE / "base", CACHE / "base.tar"
    shutil.rmtree(system, ignore_errors=True)
    system.parent.mkdir(parents=True, exist_ok=True)
    run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", RELEASE, system, MIRROR)
    for waste in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(system / waste)
        (system / waste / "partial").mkdir(parents=True)
    run("tar", "-C", system, "-cf", archive, ".")
    variables = (
        "ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "ENV LANG=C.UTF-8",
        'CMD ["python3"]',
    )
    changes = [word for one in variables for word in ("--change", one)]
    run(*PODMAN, "import", "--quiet", *changes, archive, BASE)
    archive.unlink()
    shutil.rmtree(system)


def wheelhouse() -> Path:
    """Return a folder of the locked wheels, which a build can use without a network. Raises MachineError."""
    files = [ROOT / "requirements" / f"{name}.lock" for name in LOCKS]
    mark = hashlib.sha256(b"".join(one.read_bytes() for one in files)).hexdigest()[:12]
    wheels = CACHE / f"wheels-{mark}"
    if not (wheels / ".complete").exists():
        tell("downloading the locked wheels")
        shutil.rmtree(wheels, ignore_errors=True)
        for file in files:
            pip = (
                sys.executable,
                "-m",
                "pip",
                "--disable-pip-version-check",
                "download",
                "--quiet",
                "--no-deps",
            )
            run(*pip, "--only-binary", ":all:", "--require-hashes", "-r", file, "-d", wheels)
        (wheels / ".complete").touch()
    return wheels


def build(target: str, tag: str, *options: str) -> str:
    """Build an image from the Containerfile as it is, without a network, and return its name. Raises MachineError."""
    name = f"localhost/herald-{target}:{tag}"
    tell(f"building {name}")
    run(
        "buildah", "bud", "--isolation", "chroot", "--pull=never", "--format", "docker", "--layers",
        "--volume", f"{wheelhouse()}:/wheels:ro", "--build-arg", "PIP_NO_INDEX=1",
        "--build-arg", "PIP_FIND_LINKS=/wheels", *options,
        "--file", "deploy/image/Containerfile", "--target", target, "--tag", name, ".",
    )  # fmt: skip
    return name


def prepare() -> None:
    """See that images can be built and run here. Raises MachineError."""
    if sys.version_info[:2] != (3, 11):
        raise MachineError(
            "the wheels are downloaded for the Python that runs this: make setup PYTHON=python3.11"
        )
    need("podman", "buildah", "runc")
    base_image()
    wheelhouse()


def tell(what: str) -> None:
    """Say what takes time."""
    print(f"{what} …", file=sys.stderr, flush=True)  # noqa: T201 - whoever waits for minutes wants to know why


if __name__ == "__main__":
    try:
        prepare()
    except MachineError as why:
        sys.exit(f"The image cannot be tested here: {why}")
