"""A worker dies at any line of a submission with three steps; the next one goes on, and it is sent once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.fakes.one_delivery import LOOK, Engine, make_engine
from tests.support.fakes.ports import lost
from tests.support.fakes.stepped import Office, SteppedSystem
from worker.pipeline.ports import State

MOST = 40
"""More journal writes, and more requests, than the longest of these runs has."""
WRITES = 11
"""What a run without a crash writes: a claim, five times sending, four times received, and the end."""
REQUESTS = 5


class Crash(KeyboardInterrupt):
    """The process ends here: nothing contains this exception as a defect."""


class Crashes:
    """Ends the worker once, at one of its journal writes, or around one of its requests."""

    def __init__(self, where: str, number: int) -> None:
        self.where, self.number = where, number
        self.writes = 0
        self.happened = False

    async def before_write(self, _: str) -> None:
        self.writes += 1
        self._at("write", self.writes)

    def around_request(self, where: str, number: int) -> None:
        self._at(where, number)

    def _at(self, where: str, number: int) -> None:
        if not self.happened and (where, number) == (self.where, self.number):
            self.happened = True
            raise Crash


def _hook(crashes: list[Crashes], loses: int) -> Callable[[str, int], None]:
    def hook(where: str, number: int) -> None:
        for one in crashes:
            one.around_request(where, number)
        if (where, number) == ("answers", loses):
            raise lost()

    return hook


async def _run(crashes: list[Crashes], loses: int) -> tuple[Office, Engine, State]:
    """Let workers take over from each other until one is not ended by a crash."""
    office = Office(_hook(crashes, loses))
    script = {"look_ups": (office.look_up,) * MOST}
    one = make_engine(LOOK, *[office.submit] * MOST, **script, kind=SteppedSystem)  # type: ignore[arg-type]
    left = list(crashes)
    while True:
        if left:
            one.journal.before = left.pop(0).before_write
        try:
            return office, one, (await one.run()).state
        except Crash:
            one = one.next_worker(*[office.submit] * MOST, look_ups=(office.look_up,) * MOST)


POINTS = [
    *(("write", number) for number in range(1, WRITES + 1)),
    *((where, number) for where in ("arrives", "answers") for number in range(1, REQUESTS + 1)),
]


@pytest.mark.parametrize("loses", range(REQUESTS + 1), ids=lambda number: f"answer {number} lost")
@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point[0]} {point[1]}")
async def test_a_crash_anywhere_ends_in_one_send(point: tuple[str, int], loses: int) -> None:
    # A second crash follows at each place of the next worker's run, too.
    for number in range(WRITES + 1):
        office, one, state = await _run([Crashes(*point), Crashes("write", number)], loses)

        assert state is State.ACCEPTED
        assert len(office.sent) == 1
        assert one.entry.progress == {}
        assert one.entry.in_doubt is False


async def test_the_crash_points_are_all_there_are() -> None:
    crash = Crashes("never", 0)

    office, one, state = await _run([crash], 0)

    assert state is State.ACCEPTED
    assert office.requests == REQUESTS
    assert crash.writes == WRITES
    assert len(office.blobs) == 1
    assert [sent.step for sent in one.entry.sent] == ["upload", "scan", "scan", "scan", "send"]
