"""The image at work: read-only, without rights, as a user that is not root."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import pytest

from tests.image import container
from tests.support.kafka.cluster import free_ports
from tests.support.postgres.server import running_server
from tests.support.worker.hospital import register
from tests.support.worker.installation import Installation
from tests.support.worker.nhis import running as nhis_running
from tests.support.worker.probes import probe, ready

pytestmark = pytest.mark.timeout(1200)

USER = 10001
DRAIN = 8
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture(scope="session")
def database():
    """An empty database of a PostgreSQL that containers can reach."""
    with running_server() as server:
        dsn = server.create_database()
        (port,) = free_ports(1)
        server.stop()
        server._control(
            ["-w", "-o", f"-h 127.0.0.1 -p {port} -k ''", "-l", str(server._socket / "log"), "start"]
        )
        yield f"postgresql://postgres@127.0.0.1:{port}/{dsn.partition('?')[0].rpartition('/')[2]}"


@pytest.fixture(scope="session")
def nhis(tmp_path_factory):
    with nhis_running(tmp_path_factory.mktemp("nhis")) as sandbox:
        yield sandbox


@pytest.fixture
def at_work(image, kafka, database, nhis, tmp_path):
    """The installation with a configuration that the container may read, and the folders to mount."""
    (port,) = free_ports(1)
    installation = Installation.build(kafka.bootstrap, database, nhis, tmp_path, partitions=2)
    config = installation.config(
        {"health": {"host": "127.0.0.1", "port": port}, "intake": {"drain_seconds": DRAIN}}
    )
    folders = [tmp_path, Path(nhis.ca_file).parent]
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, USER, USER)
    return installation, config, folders, ("127.0.0.1", port)


def test_version(image):
    done = container.run(image, "--version")
    version = next(line for line in PYPROJECT.read_text().splitlines() if line.startswith("version"))
    assert (done.returncode, done.stdout.strip()) == (0, f"herald {version.split(chr(34))[1]}")


def test_a_missing_configuration_is_said_in_a_sentence(image):
    done = container.run(image, "worker")
    assert done.returncode == 2
    assert "/etc/herald/herald.yaml: cannot be read: No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["demo", "sandbox nhis --dir /tmp/nhis"])
def test_the_workers_image_has_no_demo(command, image):
    done = container.run(image, *command.split())
    assert done.returncode == 2
    assert "nstall herald-worker[demo]" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_demo_runs_in_its_image(built):
    """Kafka, PostgreSQL, the sandboxes and a worker, in one container with 64 MiB to write to."""
    done = container.run(built("demo"), "demo")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stderr


async def test_a_whole_submission(image, at_work):
    installation, config, folders, address = at_work
    for command in ("check", "journal migrate", "nomenclatures pull"):
        done = await asyncio.to_thread(
            container.run, image, *command.split(), "--config", config, mounts=folders
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    async with installation.reading() as answers:
        with container.running(image, "worker", "--config", config, mounts=folders) as worker:
            await _ready(worker, address)
            assert (await probe(address, "/livez")).status == 200
            assert worker.exec("python3", "-c", "print(open('/proc/1/cmdline').read())").stdout.startswith(
                "/opt/herald/bin/python"
            )
            await installation.publish(register("quick", installation.patient()))
            await answers.answered(["quick"])
            assert worker.exec("find", container.TMP, "-xdev", "-type", "f").stdout == ""
            # One that is with NHIS when the container is told to stop.
            installation.nhis.fault("delay", seconds=2)
            await installation.publish(register("slow", installation.patient()))
            await installation.state("slow", "sending")
            began = time.monotonic()
            code = await asyncio.to_thread(worker.stop, DRAIN + 20)
            took = time.monotonic() - began
            log = worker.log()
        await answers.answered(["slow"])
        await installation.all_committed()
    assert code == 0, log[-3000:]
    assert 1 < took < DRAIN
    assert answers.kinds() == {"quick": "accepted", "slow": "accepted"}
    assert len(installation.nhis.registered()) == 2
    assert "Traceback" not in log
    assert [line for line in log.splitlines() if line and not _is_object(line)] == []


async def _ready(worker, address):
    try:
        await ready(address, 90)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{worker.log()[-3000:]}") from None


def _is_object(line):
    return isinstance(json.loads(line), dict)
