"""When a system is probed, and what a probe that hangs is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.fakes.ports import FakeClock, settle
from worker.pipeline.admission import prober as module
from worker.pipeline.admission.probe_record import ProbeRecord
from worker.pipeline.admission.prober import AT_LEISURE, Prober


class Bench:
    """A prober of a system that answers as a test says."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.record = ProbeRecord(2)
        self.down: str | None = None
        self.hangs = False
        self.urgent = False
        self.probes = 0
        self.told: list[str] = []
        self.prober = Prober(
            "nhis",
            self._probe,
            self.record,
            self.clock,
            2.0,
            urgent=lambda: self.urgent,
            on_unavailable=self.told.append,
            on_recovery=lambda: self.told.append("recovered"),
        )

    async def _probe(self) -> str | None:
        self.probes += 1
        if self.hangs:
            await asyncio.Event().wait()
        return self.down

    async def start(self) -> None:
        self.prober.start()
        await settle()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.prober.close()


async def test_one_that_fails_at_the_start_is_repeated_at_leisure_until_it_succeeds(bench: Bench) -> None:
    bench.down = "503"
    await bench.start()
    await bench.clock.advance(AT_LEISURE - 1)
    assert bench.probes == 1
    bench.down = None
    await bench.clock.advance(1)
    await bench.clock.advance(10 * AT_LEISURE)
    assert (bench.probes, bench.told) == (2, ["recovered"])


async def test_a_circuit_that_opens_hurries_it(bench: Bench) -> None:
    bench.down = "503"
    await bench.start()
    bench.urgent = True
    await bench.start()
    assert bench.probes == 2
    await bench.clock.advance(2)
    assert bench.probes == 3


async def test_it_ends_with_the_last_open_circuit(bench: Bench) -> None:
    bench.urgent = True
    await bench.start()
    bench.urgent = False
    await bench.clock.advance(100)
    assert bench.probes == 1


async def test_it_tells_that_the_system_is_unavailable_after_several_failures(bench: Bench) -> None:
    bench.urgent = True
    await bench.start()
    bench.down = "nobody listens"
    await bench.clock.advance(2)
    assert bench.told == []
    await bench.clock.advance(2)
    assert bench.told == ["nobody listens"]


async def test_one_that_hangs_has_failed(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_PROBE", 0.01)
    bench.hangs = True
    bench.prober.start()
    await asyncio.sleep(0.1)
    assert bench.record.failing == "no answer within 0 seconds"
