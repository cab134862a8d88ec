"""The probes over HTTP, as the kubelet asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from worker.observability.health import HealthProbes, HealthWarning, Kind


@pytest.fixture
async def health() -> AsyncIterator[HealthProbes]:
    health = HealthProbes("127.0.0.1", 0)
    await health.start()
    yield health
    await health.stop()


async def ask(health: HealthProbes, path: str) -> tuple[int, dict]:
    host, port = health.address
    async with aiohttp.ClientSession() as session, session.get(f"http://{host}:{port}{path}") as answer:
        return answer.status, await answer.json()


async def test_without_checks_it_lives_and_is_ready(health):
    assert await ask(health, "/livez") == (200, {"status": "alive", "wrong": {}})
    assert await ask(health, "/readyz") == (200, {"status": "ready", "waiting_for": {}})


async def test_readiness_names_everything_that_is_waited_for_and_leaves_liveness_alone(health):
    health.add_readiness("kafka", lambda: "no broker answers")
    health.add_readiness("journal", lambda: "cannot connect")
    health.add_readiness("nhis", lambda: None)

    waiting = {"kafka": "no broker answers", "journal": "cannot connect"}
    assert await ask(health, "/readyz") == (503, {"status": "waiting", "waiting_for": waiting})
    assert (await ask(health, "/livez"))[0] == 200


async def test_warnings_are_reported_for_programs_and_leave_readiness_alone(health):
    open_one = HealthWarning(Kind.CIRCUIT_OPEN, "nhis", "503", signer="dr-one")
    health.add_warnings("nhis", lambda: [open_one, HealthWarning(Kind.INTAKE_STOPPED, "nhis", "a flood")])
    health.add_warnings("erx", list)

    warned = [
        {"kind": "circuit-open", "system": "nhis", "signer": "dr-one", "reason": "503"},
        {"kind": "intake-stopped", "system": "nhis", "reason": "a flood"},
    ]
    assert await ask(health, "/readyz") == (200, {"status": "ready", "waiting_for": {}, "warnings": warned})
    health.add_readiness("kafka", lambda: "no broker answers")
    waiting = {"kafka": "no broker answers"}
    assert await ask(health, "/readyz") == (
        503,
        {"status": "waiting", "waiting_for": waiting, "warnings": warned},
    )


async def test_warnings_that_break_are_a_warning_and_show_no_text(health):
    def broken():
        raise ValueError("8523031234")

    health.add_warnings("nhis", broken)
    reason = "the check itself failed (ValueError)"
    warned = [{"kind": "check-failed", "system": "nhis", "reason": reason}]
    assert await ask(health, "/readyz") == (200, {"status": "ready", "waiting_for": {}, "warnings": warned})


async def test_a_dead_consumer_task_ends_liveness(health):
    consumer = asyncio.create_task(asyncio.sleep(0))
    health.add_liveness("consumer", lambda: "its task has ended" if consumer.done() else None)
    assert (await ask(health, "/livez"))[0] in {200, 503}
    await consumer

    assert await ask(health, "/livez") == (
        503,
        {"status": "failing", "wrong": {"consumer": "its task has ended"}},
    )


async def test_a_check_that_breaks_counts_as_wrong_and_shows_no_text(health):
    def broken() -> None:
        raise ValueError("8523031234")

    health.add_liveness("broken", broken)

    assert await ask(health, "/livez") == (
        503,
        {"status": "failing", "wrong": {"broken": "the check itself failed (ValueError)"}},
    )


async def test_a_taken_port_is_an_error_at_start(health):
    other = HealthProbes(*health.address)

    with pytest.raises(OSError, match="in use"):
        await other.start()
    with pytest.raises(RuntimeError):
        _ = other.address


async def test_after_stop_nobody_answers(health):
    address = health.address
    await health.stop()

    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        await asyncio.open_connection(*address)
