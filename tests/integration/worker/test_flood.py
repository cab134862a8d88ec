"""A flood of dead letters stops intake, for all workers and over restarts, until a person or a probe resumes it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.support.worker.hospital import Event, register
from tests.support.worker.installation import Installation, eventually, herald, probe, serving, started

MANY = 60


def _guarded(**more: object) -> dict[str, object]:
    return {"flood_guard": {"share": 0.5, "at_least": 10, "window": 60, **more}}


def _bad(installation: Installation, count: int) -> list[Event]:
    """Events of a signer whom nobody knows: each becomes a dead letter."""
    made = (register(f"bad-{n}", installation.patient()) for n in range(count))
    return [replace(one, value=one.value.replace(b'"signer": "dr-', b'"signer": "unknown-')) for one in made]


async def _stopped(address: tuple[str, int]) -> str:
    said = await eventually(
        lambda: probe(address, "/readyz"), lambda one: one.warned("intake-stopped") is not None
    )
    assert said.status == 200  # the rollout that brings what is missing must not stall
    return str(said.warned("intake-stopped"))


async def test_intake_stops_says_why_and_resumes_by_command(installation):
    config = installation.config(_guarded())
    good = [register(f"good-{n}", installation.patient()) for n in range(5)]
    async with installation.reading() as answers:
        async with serving(config) as worker:
            # One after the other, so that not all are in work when the guard has seen enough.
            for event in _bad(installation, MANY):
                await installation.publish(event)
                if (await probe(worker.health.address, "/readyz")).warned("intake-stopped"):
                    break
            why = await _stopped(worker.health.address)
            await asyncio.sleep(2)  # what was in work ends
            died = len(answers.dead_letters)
            await installation.publish(*good)
            await asyncio.sleep(3)
            assert len(answers.dead_letters) == died < MANY
            assert not [one for one in answers.replies if one.submission.startswith("good")]
            assert (await probe(worker.health.address, "/livez")).status == 200
        assert "became dead letters" in why
        assert "herald intake" in why
        shown = await asyncio.to_thread(herald, "intake", "status", "--json", "--config", config)
        assert '"system": "nhis"' in shown.stdout
        async with started(config) as worker:  # a restart does not resume it
            await _stopped(worker.health.address)
            resumed = await asyncio.to_thread(
                herald, "intake", "resume", "--reason", "the signer is there", "--config", config
            )
            assert resumed.returncode == 0
            assert "Intake of nhis resumes" in resumed.stderr
            await answers.answered(one.id for one in good)
            await installation.all_committed()
            await eventually(lambda: probe(worker.health.address, "/readyz"), lambda one: not one.kinds)
    assert {answers.only(one.id).kind for one in good} == {"accepted"}


async def test_after_its_time_one_submission_is_tried_and_intake_resumes_by_itself(installation):
    config = installation.config(_guarded(probe_after=4))
    good = [register(f"good-{n}", installation.patient()) for n in range(20)]
    async with serving(config) as worker, installation.reading() as answers:
        for event in _bad(installation, 10):
            await installation.publish(event)
        await _stopped(worker.health.address)
        await installation.publish(*good)
        await answers.answered(one.id for one in good)
        await eventually(lambda: probe(worker.health.address, "/readyz"), lambda one: not one.kinds)
