"""deploy/image: what can be known of the image without building it. `make test-image` builds and runs it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.deploy.tools import program

TOOL = "hadolint, and the Containerfile"

ROOT = Path(__file__).parents[2]
FILE = ROOT / "deploy" / "image" / "Containerfile"
TEXT = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE))
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(r"^([a-z0-9._-]+)==([^\s;]+)", re.MULTILINE)

# The first run installs the linter.
pytestmark = pytest.mark.timeout(300)


def stages() -> dict[str, list[str]]:
    """Return the instructions of each stage, by its name."""
    found = re.split(r"^FROM (?:\S+) AS (\S+)$", TEXT, flags=re.MULTILINE)
    return {
        name: [line.strip() for line in text.splitlines() if line.strip()]
        for name, text in zip(found[1::2], found[2::2], strict=True)
    }


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")))


def instructions(stage: str, word: str) -> list[str]:
    return [line.removeprefix(f"{word} ") for line in stages()[stage] if line.startswith(f"{word} ")]


def test_the_linter_finds_nothing():
    done = subprocess.run([program("hadolint"), FILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_worker_is_what_is_built_without_a_target():
    assert list(stages())[-1] == "worker"


@pytest.mark.parametrize("stage", ["runtime", "demo", "worker"])
def test_each_image_ends_as_a_numbered_user_that_is_not_root(stage):
    users = instructions(stage, "USER") or instructions("runtime", "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1])


def test_the_entry_point_is_no_shell():
    assert instructions("runtime", "ENTRYPOINT") == ['["herald"]']
    assert instructions("worker", "CMD") == ['["worker"]']
    assert instructions("demo", "CMD") == ['["demo"]']


def test_every_package_is_installed_by_hash_and_as_a_wheel():
    installs = re.findall(r"pip (?:--python \S+ )?install [^&]*", TEXT)
    assert len(installs) == 4
    for one in installs:
        if "/wheel/*.whl" in one:  # the project's own
            assert "--no-deps" in one
            assert "--no-index" in one
        else:
            assert "--require-hashes" in one, one
            assert "--only-binary :all:" in one, one


def test_the_images_take_nothing_from_the_context():
    for stage in ("runtime", "demo", "worker"):
        assert all(one.startswith("--from=") for one in instructions(stage, "COPY")), stage


def test_the_context_holds_what_is_copied_and_no_more():
    ignored = [
        line
        for line in (ROOT / ".containerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied = {
        source
        for stage in ("build", "build-demo")
        for one in instructions(stage, "COPY")
        for source in one.split()[:-1]
    }
    assert ignored[0] == "*"
    assert allowed == copied
    assert all((ROOT / one).exists() for one in copied)


def test_docker_and_podman_ignore_the_same():
    assert (ROOT / ".dockerignore").readlink() == Path(".containerignore")


def test_the_rooms_of_the_wheel_are_copied():
    rooms = set(PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert rooms <= {one.split()[0] for one in instructions("build", "COPY")}


@pytest.mark.parametrize("lock", ["build", "demo", "tracing", "worker"])
def test_every_lock_pins_what_the_developers_lock_pins(lock):
    """What the image holds is what the tests ran with."""
    assert pins(lock).items() <= pins("all").items()


def test_the_lock_of_the_build_holds_what_the_build_needs():
    needed = PYPROJECT["build-system"]["requires"]
    assert dict(one.split("==") for one in needed).items() <= pins("build").items()
    asked = (ROOT / "requirements" / "build.in").read_text(encoding="utf-8").splitlines()
    assert [one for one in asked if not one.startswith("#")] == needed


@pytest.mark.parametrize("extra", ["demo", "tracing"])
def test_the_lock_of_an_extra_adds_its_packages_to_the_worker_s(extra):
    asked = PYPROJECT["project"]["optional-dependencies"][extra]
    names = {re.split(r"[>=<\[]", one)[0] for one in asked}
    assert pins(extra).keys() - pins("worker").keys() >= names
    assert pins("worker").items() <= pins(extra).items()


def test_the_lock_of_the_worker_s_image_can_be_chosen():
    assert "ARG LOCK=worker" in stages()["build"]
    assert '-r "requirements/${LOCK}.lock"' in "\n".join(instructions("build", "RUN"))
    copied = instructions("build", "COPY")[0].split()
    assert {"requirements/worker.lock", "requirements/tracing.lock"} <= set(copied)


@pytest.mark.parametrize("stage", ["demo", "worker"])
def test_labels(stage):
    said = "\n".join(
        stages()["runtime"] + stages()[stage]
    )  # a stage has the labels of the one that it begins with
    found = re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', said)
    labels = dict(found)
    assert len(labels) == len(found)
    assert labels.keys() == {"title", "description", "version", "revision", "source", "licenses"}
    assert {name: labels[name] for name in ("version", "revision", "source", "licenses")} == {
        name: f"${{{name.upper()}}}" for name in ("version", "revision", "source", "licenses")
    }


def test_no_health_check():
    assert "HEALTHCHECK" not in TEXT
