"""`herald topics create` on the demo's embedded Kafka, which offers no administration: the sentence names it."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from demo.kafka import EmbeddedKafka
from tests.support.cli.commands import beside, settings_file
from tests.support.worker.hospital import Event
from tests.support.worker.kafka import publish


@pytest.mark.parametrize("topics", ["none", "one"])
async def test_the_demos_kafka_is_named(tmp_path, topics):
    kafka = await asyncio.to_thread(EmbeddedKafka)
    with contextlib.closing(kafka):
        if topics == "one":
            await publish(kafka.address, "herald.nhis.submissions", [Event("1", b"p", b"{}", ())])
        run = beside(
            settings_file(tmp_path, "postgresql://x@127.0.0.1:1/x", {"bootstrap_servers": kafka.address})
        )
        done = await run("topics", "create")
    assert (done.code, "the embedded Kafka of `herald demo`" in done.err.replace("The", "the")) == (1, True)
