"""Kafka batches of some kilobytes that decompress to hundreds of megabytes: told, passed, and no memory goes."""

from __future__ import annotations

import re
from pathlib import Path

from aiokafka import AIOKafkaProducer

from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, worker_process

MIB = 1024 * 1024
BOMBS = (
    ("gzip", b"key", bytes(200 * MIB), []),
    ("zstd", bytes(300 * MIB), b"value", []),
    ("zstd", b"key", b"value", [("h", bytes(300 * MIB))]),
    ("zstd", b"key", b"value", [("", None)] * 1_000_000),
    ("zstd", bytes(2 * MIB), b"value", []),
    ("zstd", b"key", b"value", [("h", bytes(2 * MIB))]),
)
"""Each of one record. The last ones are within the bound of a batch, but no topic would take their dead letters."""
HEAVY, HEAVY_ONES = bytes(7 * MIB), 12
"""Within the bound as well: A poll would take all of them together."""


async def test_they_become_dead_letters_and_the_others_are_served(installation):
    with worker_process(installation.config(), forked=False) as worker:
        await worker.ready()
        before = _peak(worker.process.pid)
        async with installation.reading() as answers:
            patients = [installation.patient() for _ in range(20)]
            await _publish(installation, "gzip", [one for one in BOMBS if one[0] == "gzip"])
            await _publish(installation, "zstd", [one for one in BOMBS if one[0] == "zstd"])
            await _publish(
                installation,
                "zstd",
                [("zstd", b"key-%d" % number, HEAVY, []) for number in range(HEAVY_ONES)],
            )
            await installation.publish(*(register(f"one-{one.number}", one) for one in patients))
            await answers.answered((f"one-{one.number}" for one in patients), seconds=30)
            await eventually(
                lambda: _letters(answers), lambda found: len(found) == len(BOMBS) + HEAVY_ONES, 40
            )
            await installation.all_committed()
        peak = _peak(worker.process.pid)
    reasons = [one.headers["herald-reason"] for one in answers.dead_letters]
    assert reasons.count("unreadable-record") == len(BOMBS)
    assert reasons.count("too-large") == HEAVY_ONES
    assert set(answers.kinds().values()) == {"accepted"}
    assert peak < 512 * MIB, f"{before / MIB:.0f}, {peak / MIB:.0f} MiB"


async def _letters(answers):
    return answers.dead_letters


def _peak(process):
    """Return the most memory that the process has had resident, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024


async def _publish(installation, codec, records):
    """Publish one batch for each record."""
    async with AIOKafkaProducer(
        bootstrap_servers=installation.bootstrap,
        compression_type=codec,
        max_request_size=1024 * MIB,
        max_batch_size=1024 * MIB,
    ) as producer:
        for _, key, value, headers in records:
            await producer.send_and_wait(
                installation.topics.submissions, key=key, value=value, headers=headers, partition=0
            )
