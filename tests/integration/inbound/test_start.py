"""How a receiver starts and stops: what it waits for, what it refuses, and in a worker too."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys

import httpx
import pytest

from tests.support.inbound.installation import ReceiverInstallation, call, ready, url_of
from tests.support.inbound.invented import NAME, body_of
from tests.support.worker.installation import eventually
from worker.journal.migrate import migrate


async def _answer(client, url):
    try:
        return (await client.get(url)).json()
    except httpx.TransportError:
        return {}


async def test_before_its_journal_can_be_used_calls_are_answered_with_503(kafka, empty_dsn, tmp_path):
    installation = ReceiverInstallation.build(kafka.bootstrap, empty_dsn, tmp_path)
    settings = installation.settings()
    health = f"http://127.0.0.1:{settings['health']['port']}"
    with installation.process(settings):
        async with installation.client() as client:
            told = await eventually(
                lambda: _answer(client, f"{health}/readyz"),
                lambda found: "herald journal migrate" in found.get("waiting_for", {}).get("start", ""),
            )
            assert "notifications" in told["waiting_for"]["start"]
            answer = await client.post(url_of(settings), content=body_of(1))
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
            metrics = (await client.get(f"{health}/metrics")).text
            assert "herald_journal_migrations_pending 1.0" in metrics
            await migrate(empty_dsn)
            await ready(settings)
            assert await call(client, url_of(settings), body_of(1)) == 200


async def test_two_receivers_that_get_the_same_call_at_once_publish_it_once(installation):
    both = [installation.settings(), installation.settings()]
    with installation.process(both[0]), installation.process(both[1]):
        await asyncio.gather(*map(ready, both))
        async with installation.client() as client:
            for number in range(10):
                urls = [url_of(one) for one in both] * 5
                answers = await asyncio.gather(*(call(client, url, body_of(number)) for url in urls))
                assert set(answers) == {200}
    assert len(await installation.records()) == 10


async def test_a_stop_lets_the_calls_in_progress_end(installation):
    settings = installation.settings()
    with installation.process(settings) as process:
        await ready(settings)
        async with installation.client() as client:
            calls = [
                asyncio.create_task(call(client, url_of(settings), body_of(number))) for number in range(40)
            ]
            await asyncio.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            answers = await asyncio.gather(*calls)
        assert await asyncio.to_thread(process.wait, 30) == 0
    taken = {f"n-{number}" for number, status in enumerate(answers) if status == 200}
    found = {json.loads(one.value)["paymentId"] for one in await installation.records()}
    assert {name.removeprefix("n-") for name in taken} <= found
    assert "Traceback" not in installation.logs()


def _refused(installation, settings):
    config = installation.directory / "refused.yaml"
    config.write_text(json.dumps(settings))
    done = subprocess.run(
        [sys.executable, "-m", "worker", "receiver", "--config", str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("case", ["no section", "no calls"])
def test_what_cannot_start_is_told(installation, case):
    settings = installation.settings()
    if case == "no section":
        del settings["receiver"]
    code, told = _refused(installation, settings)
    wanted = {
        "no section": "receiver: this section is required; see docs/receiver.md",
        "no calls": f"receiver.routes.{NAME}: this system makes no calls",
    }
    assert (code, wanted[case] in told) == (2, True), told
