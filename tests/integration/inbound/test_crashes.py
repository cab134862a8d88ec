"""A receiver is killed at each line of a call: one event in the end, whether the system calls again or gives up."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.support.inbound.installation import call, call_until_taken, ready, url_of
from tests.support.inbound.invented import NAME, body_of
from tests.support.inbound.process import PLACES
from tests.support.worker.installation import eventually
from worker.pipeline.notification_events import event_id


async def _killed(installation, place):
    """Kill a receiver at this place of its first call, and return the settings of the next one."""
    flag = installation.directory / "flag"
    flag.touch()
    settings = installation.settings()
    with installation.process(settings, CRASH_AT=place, CRASH_FLAG=str(flag)) as process:
        await ready(settings)
        async with installation.client() as client:
            assert await call(client, url_of(settings), body_of(17)) == 0
        assert await asyncio.to_thread(process.wait, 10) == -signal.SIGKILL
    assert not flag.exists()
    return settings


def _one_event(records):
    assert {dict(one.headers)["ce_id"] for one in records} == {event_id(NAME, "n-17").encode()}
    assert len({(one.key, one.value, tuple(one.headers)) for one in records}) == 1


@pytest.mark.parametrize("place", PLACES)
async def test_the_system_calls_again(installation, place):
    settings = await _killed(installation, place)
    with installation.process(settings):
        await ready(settings)
        async with installation.client() as client:
            await call_until_taken(client, url_of(settings), body_of(17))
            records = await installation.records()
            _one_event(records)
            # Only between Kafka's acknowledgement and the journal's note of it may the record come twice.
            assert len(records) == 1 or place == "after-publish"
            assert await call(client, url_of(settings), body_of(17)) == 200
    assert len(await installation.records()) == len(records)


@pytest.mark.parametrize("place", PLACES[1:])
async def test_the_system_gives_up(installation, place):
    settings = await _killed(installation, place)
    with installation.process(settings):
        await ready(settings)
        records = await eventually(installation.records, bool, 30)
    _one_event(records)


async def test_what_was_not_kept_is_not_published(installation):
    settings = await _killed(installation, "before-journal")
    with installation.process(settings):
        await ready(settings)
        await asyncio.sleep(3)
    assert await installation.records() == []
