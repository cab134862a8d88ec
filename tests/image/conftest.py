"""The images, built once for all checks. Their files are called `check_…`: `make test` does not collect them."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.image.machine import PODMAN, build, prepare, run

VERSION, REVISION, SOURCE = "9.8.7", "0123456789abcdef0123456789abcdef01234567", "https://git.example/herald"
LABELS = ("VERSION", VERSION), ("REVISION", REVISION), ("SOURCE", SOURCE), ("LICENSES", "NOASSERTION")


@pytest.fixture(scope="session")
def built():
    """Return a function that builds a target with the packages of a lock file, or returns what it built."""
    prepare()
    images: dict[tuple[str, str], str] = {}

    def image(target, lock="worker"):
        if (target, lock) not in images:
            arguments = (*LABELS, ("LOCK", lock))
            options = [word for name, value in arguments for word in ("--build-arg", f"{name}={value}")]
            images[target, lock] = build(target, f"test-{lock}", *options)
        return images[target, lock]

    return image


@pytest.fixture(scope="session")
def image(built):
    """The worker's image."""
    return built("worker")


@pytest.fixture(scope="session")
def inspected(image):
    """What podman says of the worker's image."""
    return json.loads(run(*PODMAN, "image", "inspect", image))[0]


@pytest.fixture(scope="session")
def base():
    """The layers of the base image, which are not ours."""
    prepare()
    from tests.image.machine import BASE

    return set(json.loads(run(*PODMAN, "image", "inspect", BASE))[0]["RootFS"]["Layers"])


@pytest.fixture(scope="session")
def layers(image, tmp_path_factory):
    """The image as an archive: one tar file for each layer."""
    archive = tmp_path_factory.mktemp("image") / "image.tar"
    subprocess.run([*PODMAN, "save", "--output", str(archive), image], check=True, capture_output=True)
    return archive
