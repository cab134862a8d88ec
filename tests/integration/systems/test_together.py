"""Several systems in one worker: each with its own topics and group, and none waits for another."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.kafka.cluster import free_ports
from tests.support.systems.scene import event
from tests.support.worker.hospital import patients, register
from tests.support.worker.installation import (
    SHORT_WAITS,
    Installation,
    eventually,
    started,
)
from tests.support.worker.kafka import Topics, committed, publish, reading
from tests.support.worker.nhis import running as nhis_running
from tests.support.worker.probes import probe

SEARCH = "kz-shep.medical-exemption.search.v1"


@pytest.fixture
def nhis(tmp_path):
    directory = tmp_path / "nhis"
    directory.mkdir()
    with nhis_running(directory) as sandbox:
        yield sandbox


@pytest.fixture
def installation(kafka, journal_dsn, nhis, tmp_path):
    return Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path)


def shep(sandbox, url):
    """The settings of SHEP for the first signer."""
    return {
        "url": url,
        "senders": {"dr-ivanova": sandbox.ready["senders"][0]},
        "pinned_certificates": [sandbox.ready["gateway_certificate_file"]],
        "transport": {"ca_file": sandbox.ca_file, **SHORT_WAITS},
    }


def searches(installation, name="search"):
    """An event for SHEP and the same one on the topic of NHIS."""
    found = event(name, SEARCH, "dr-ivanova", {"number": "01085"})
    return Topics(installation.topics.prefix, "kz-shep"), found


async def test_a_system_that_is_absent_keeps_no_other_waiting(installation, sandbox_of, nhis):
    sandbox = sandbox_of("kz-shep")
    topics, _ = searches(installation)
    topics.create(installation.bootstrap, 2)
    (port,) = free_ports(1)
    section = shep(sandbox, f"https://127.0.0.1:{port}/bip-sync-wss-gost/")
    patient = next(patients(nhis.doctors))
    async with (
        started(installation.config({"systems": {"kz_shep": section}})) as worker,
        installation.reading() as answers,
    ):
        await installation.publish(register("meanwhile", patient))
        await answers.answered(["meanwhile"])
        said = await eventually(
            lambda: probe(worker.health.address, "/readyz"),
            lambda one: one.status == 200 and "probe-failing" in one.kinds,
        )
    assert answers.only("meanwhile").kind == "accepted"
    assert {one["system"] for one in said.said["warnings"]} == {"kz-shep"}


async def test_each_has_a_group_and_an_event_astray_is_no_other_systems(installation, sandbox_of, nhis):
    sandbox = sandbox_of("kz-shep")
    topics, search = searches(installation, "astray")
    topics.create(installation.bootstrap, 2)
    # The two sandboxes' doctors have the same names and other keys: here only SHEP's are used.
    doctor = sandbox.ready["signers"][0]
    changes = {
        "signers": {"dr-ivanova": {"file": doctor["pkcs12_file"], "password_file": doctor["password_file"]}},
        "systems": {"kz_shep": shep(sandbox, sandbox.ready["gateway_url"])},
    }
    async with (
        started(installation.config(changes)),
        installation.reading() as strays,
        reading(installation.bootstrap, topics) as own,
    ):
        await installation.publish(search)  # on the topic of NHIS
        await strays.answered(["astray"])
        await publish(
            installation.bootstrap,
            topics.submissions,
            [event("own", SEARCH, "dr-ivanova", {"number": "01085"})],
        )
        await own.answered(["own"])
        await installation.all_committed()
    # The worker has ended, and commits what it finished by then.
    groups = await asyncio.to_thread(
        committed, installation.bootstrap, f"{installation.topics.prefix}workers.kz-shep"
    )

    stray = strays.only("astray")
    assert (stray.kind, stray.json["code"]) == ("failed", "unknown-type")
    assert own.only("own").kind == "accepted"
    assert sum(groups.values()) == 1
