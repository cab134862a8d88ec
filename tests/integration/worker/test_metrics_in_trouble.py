"""Metrics while something is wrong: open circuits, a flood, no journal; and where they are switched off."""

from __future__ import annotations

import asyncio

from tests.support.worker.hospital import SOURCE, register
from tests.support.worker.installation import eventually, serving
from tests.support.worker.metrics import EVERY_SECOND, scrape


async def test_an_open_circuit_is_told_with_what_it_holds_back(installation):
    config = installation.config(
        {**EVERY_SECOND, "circuit": {"failures": 3, "pause": 0.3, "longest_pause": 0.5}}
    )
    patients = [installation.patient() for _ in range(20)]
    installation.nhis.fault("status", times=None, status=503)
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*(register(f"c-{one.number}", one) for one in patients))
        await eventually(
            lambda: scrape(worker.health.address),
            lambda one: one.value("herald_circuit_open", system="nhis") == 1,
        )
        await asyncio.sleep(1.5)
        waiting = await eventually(
            lambda: scrape(worker.health.address),
            lambda one: (
                one.value("herald_circuit_open", system="nhis") == 1
                and one.value("herald_unanswered_submissions", system="nhis") == 20
            ),
        )
        installation.nhis.calm()
        await answers.answered(f"c-{one.number}" for one in patients)
        after = await eventually(
            lambda: scrape(worker.health.address),
            lambda one: (
                one.total("herald_circuit_open") == 0 and one.total("herald_consumer_lag_records") == 0
            ),
        )
    assert waiting.value("herald_intake_paused", system="nhis", reason="circuit") == 1
    assert waiting.value("herald_intake_paused", system="nhis", reason="window") == 0
    assert waiting.value("herald_window_records", system="nhis") == 20
    assert waiting.value("herald_window_bytes", system="nhis") > 20 * 500
    assert waiting.total("herald_consumer_lag_records", system="nhis") >= 20
    assert waiting.total("herald_committed_offset_age_seconds", system="nhis") > 1
    assert waiting.value("herald_unanswered_oldest_age_seconds", system="nhis") > 1
    assert after.value("herald_intake_paused", system="nhis", reason="circuit") == 0
    assert after.value("herald_window_records", system="nhis") == 0
    assert after.total("herald_committed_offset_age_seconds", system="nhis") == 0


async def test_one_signers_open_circuit_is_counted_and_an_exchange_is_in_flight(installation):
    config = installation.config({**EVERY_SECOND, "circuit": {"failures": 3, "pause": 5, "longest_pause": 5}})
    patients = [installation.patient() for _ in range(30)]
    sick = patients[0].doctor
    installation.nhis.fault("status", match={"signer": sick.uin}, times=None, status=503)
    async with serving(config) as worker:
        await installation.publish(*(register(f"s-{one.number}", one) for one in patients))
        found = await eventually(
            lambda: scrape(worker.health.address),
            lambda one: one.value("herald_signers_with_open_circuit", system="nhis") == 1,
        )
        assert found.value("herald_circuit_open", system="nhis") == 0
        installation.nhis.calm()
        installation.nhis.fault("delay", times=None, seconds=2)
        well = next(one for one in patients if one.doctor != sick)
        await installation.publish(register("slow", well))
        await eventually(
            lambda: scrape(worker.health.address),
            lambda one: (one.value("herald_exchanges_in_flight", system="nhis") or 0) >= 1,
        )


async def test_a_flood_is_told_by_whose_it_is_and_never_by_name(installation):
    config = installation.config(
        {**EVERY_SECOND, "flood_guard": {"share": 0.5, "at_least": 10, "window": 60}}
    )
    bad = [register(f"bad-{n}", installation.patient(), doseNumber="one") for n in range(40)]
    async with serving(config) as worker:
        await installation.publish(*bad)
        found = await eventually(
            lambda: scrape(worker.health.address),
            lambda one: (
                one.value("herald_intake_stops", system="nhis", scope="source") == 1
                and (one.value("herald_records_set_aside", system="nhis", scope="source") or 0) > 0
            ),
        )
    assert found.value("herald_intake_stops", system="nhis", scope="system") == 0
    assert found.value("herald_intake_stops", system="nhis", scope="signer") == 0
    assert SOURCE not in found.text


async def test_without_the_journal_its_values_are_absent_and_not_old(installation, pg_server):
    config = installation.config(EVERY_SECOND)
    async with serving(config) as worker:
        await eventually(
            lambda: scrape(worker.health.address),
            lambda one: one.value("herald_held_submissions", system="nhis") == 0,
        )
        await asyncio.to_thread(pg_server.stop, "immediate")
        try:
            found = await eventually(
                lambda: scrape(worker.health.address),
                lambda one: one.value("herald_held_submissions", system="nhis") is None,
            )
        finally:
            await asyncio.to_thread(pg_server.start)
        assert found.value("herald_unanswered_oldest_age_seconds", system="nhis") is None
        assert found.value("herald_journal_connected", connection="writer") in {0, 1}
        assert found.value("herald_journal_connected", connection="metrics") == 0
        assert found.value("herald_ready") == 0
        assert found.value("herald_journal_read_timestamp_seconds") > 0
        await eventually(
            lambda: scrape(worker.health.address),
            lambda one: (
                one.value("herald_held_submissions", system="nhis") == 0 and one.value("herald_ready") == 1
            ),
        )


async def test_metrics_that_are_switched_off_are_not_there(installation):
    import httpx

    config = installation.config({"metrics": {"enabled": False}})
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(register("unmeasured", installation.patient()))
        await answers.answered(["unmeasured"])
        host, port = worker.health.address
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://{host}:{port}/metrics")).status_code == 404
