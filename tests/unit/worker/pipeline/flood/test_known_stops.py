"""Which stops a worker knows, and which of its tasks is the probe of each."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.fakes.ports import NOON
from worker.pipeline.flood.causes import Hold, Party, Scope
from worker.pipeline.flood.counting import Flood
from worker.pipeline.flood.known_stops import KnownStops
from worker.pipeline.ports import Stop

A, B = Party(Scope.SOURCE, "/his/a"), Party(Scope.SIGNER, "dr-1")
STOP = Stop(NOON, "too many", A)


@pytest.fixture
def known() -> KnownStops:
    return KnownStops()


def test_a_flood_stops_its_party_before_and_after_the_journal_has_it(known: KnownStops) -> None:
    known.find(A, Flood("a flood", {}))
    assert (known.is_stopped(A), known.is_in_force(A), known.why(A), len(known)) == (
        True,
        False,
        "a flood",
        1,
    )
    assert known.follow(A, STOP)
    assert (known.is_stopped(A), known.is_in_force(A), known.why(A), len(known)) == (
        True,
        True,
        "too many",
        1,
    )
    assert known.not_written == {}
    assert not known.follow(A, STOP)
    assert known.follow(A, None)
    assert (known.is_stopped(A), known.why(A), known.parties) == (False, None, set())


async def _as_another_task(known: KnownStops, *, well: bool | None) -> list[Party]:
    known.take_probes([A, B])
    assert known.is_probe(A)
    assert not known.is_probe(B)  # nobody stopped it
    if well is not None:
        known.end_probe(well=well)
    return known.leave_probe()


@pytest.mark.parametrize(
    ("well", "left", "lifted", "next_waits"),
    [(True, [], [STOP], True), (False, [], [], True), (None, [A], [], False)],
    ids=["it ends well", "it becomes a dead letter", "it ends nothing"],
)
async def test_the_probe_is_one_record(
    known: KnownStops, well: bool | None, left: list[Party], lifted: list[Stop], next_waits: bool
) -> None:
    known.follow(A, STOP)
    known.want_probe(A)
    assert known.held(A) == Hold(A, stopped=False)
    assert await asyncio.create_task(_as_another_task(known, well=well)) == left
    assert known.ended_well == lifted
    assert known.is_stopped(A) is next_waits
    assert not known.is_probe(A)
