"""Pulling by the workers: one of them does it when lists are due, and failures are waited out and told."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random

import asyncpg
import pytest

from tests.support.fakes.ports import NOON, FakeClock
from worker.admin.pull_policy import PullPolicy
from worker.admin.scheduled_pulls import LOOK_SECONDS, ScheduledPulls
from worker.configuration_error import ConfigurationError
from worker.journal import code_lists
from worker.journal.settings import JournalSettings
from worker.observability.metrics.labels import PullOutcome
from worker.systems.port import CodeList, Pulled

LISTS = ("CL037", "C004")
DAY = 86_400.0


class Clock(FakeClock):
    """Says when somebody sleeps."""

    def __init__(self) -> None:
        super().__init__()
        self.slept = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.set()
        await super().sleep(seconds)


class System:
    """What is asked for lists: gives all but those in ``absent``, or raises ``fails``."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.asked: list[tuple[str, ...]] = []
        self.absent: set[str] = set()
        self.fails: Exception | None = None

    async def fetch(self, list_ids):
        self.asked.append(tuple(list_ids))
        if self.fails is not None:
            raise self.fails
        came = [one for one in list_ids if one not in self.absent]
        lists = tuple(CodeList(one, "x", self.clock.now(), {"1": {"description": "a"}}) for one in came)
        return Pulled(lists, tuple(f"{one}: NHIS refused" for one in list_ids if one in self.absent))


class Scene:
    """The workers of one installation, with one clock and one system."""

    def __init__(self, settings: JournalSettings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.system = System(self.clock)
        self.made: list[ScheduledPulls] = []
        self.outcomes: list[PullOutcome] = []
        self.circuit: str | None = None

    def worker(self, *, settings=None, held_back=None) -> ScheduledPulls:
        pulls = ScheduledPulls(
            "nhis",
            PullPolicy(LISTS, DAY),
            settings or self.settings,
            self.clock,
            fetch=self.system.fetch,
            held_back=held_back or (lambda: self.circuit),
            random=Random(7),
            ended=self.outcomes.append,
        )
        self.made.append(pulls)
        return pulls


@pytest.fixture
async def scene(journal_dsn):
    scene = Scene(JournalSettings(dsn=journal_dsn))
    yield scene
    for one in scene.made:
        await one.close()


async def leading(pulls: ScheduledPulls) -> None:
    """Look until this worker leads: the server notices by itself that the other's connection has closed."""
    for _ in range(100):
        await pulls.pull_if_due()
        if pulls.leads:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("this worker never led")


def reasons(pulls: ScheduledPulls) -> list[str]:
    return [one.reason for one in pulls.warnings()]


async def test_of_two_workers_one_pulls_and_the_other_when_that_one_is_gone(scene, connection):
    first, second = scene.worker(), scene.worker()
    for _ in range(3):
        await first.pull_if_due()
        await second.pull_if_due()
    assert (first.leads, second.leads, scene.system.asked) == (True, False, [LISTS])
    assert set(await code_lists.fetched(connection, "nhis")) == set(LISTS)

    await first.close()
    await leading(second)
    assert scene.system.asked == [LISTS], "the lists are fresh, whoever pulled them"
    await scene.clock.advance(DAY + 3600)
    await second.pull_if_due()
    assert scene.system.asked == [LISTS, LISTS]
    assert (await code_lists.fetched(connection, "nhis"))["C004"] == NOON + timedelta(hours=25)


async def test_what_somebody_pulled_is_not_pulled_again_before_it_is_due(scene, connection):
    for name in LISTS:
        await code_lists.replace(connection, "nhis", CodeList(name, "x", NOON, {"1": {}}))
    pulls = scene.worker()
    await pulls.pull_if_due()
    await scene.clock.advance(DAY - 1)
    await pulls.pull_if_due()
    assert scene.system.asked == []
    await scene.clock.advance(3601)
    await pulls.pull_if_due()
    assert scene.system.asked == [LISTS]


async def test_it_looks_every_minute(scene):
    task = asyncio.create_task(scene.worker().run())
    await asyncio.wait_for(scene.clock.slept.wait(), 10)
    task.cancel()
    assert (scene.clock.naps, scene.outcomes) == ([LOOK_SECONDS], [PullOutcome.PULLED])


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (ConfigurationError("transport.ca_file: there is no such file"), "there is no such file"),
        (RuntimeError("a defect, perhaps with data"), "the log says why"),
    ],
)
async def test_failures_are_waited_out_longer_and_longer_and_told_after_the_third(
    scene, caplog, failure, told
):
    scene.system.fails = failure
    pulls = scene.worker()
    attempts, warned = [], []
    for minute in range(30):
        await pulls.pull_if_due()
        if len(scene.system.asked) > len(attempts):
            attempts.append(minute)
            warned.append(bool(reasons(pulls)))
        await scene.clock.advance(60)
    assert attempts == [0, 2, 5, 10, 19], "the pauses are 1, 2, 4 and 8 minutes, and up to a fifth longer"
    assert warned == [False, False, True, True, True]
    assert told in reasons(pulls)[0]
    assert "a defect, perhaps with data" not in reasons(pulls)[0]
    assert scene.outcomes == [PullOutcome.FAILED] * 5
    assert "code lists were not pulled; the earlier ones stay in use" in caplog.text

    scene.system.fails = None
    await scene.clock.advance(3600)
    await pulls.pull_if_due()
    assert (reasons(pulls), pulls.failures, scene.outcomes[-1]) == ([], 0, PullOutcome.PULLED)


async def test_a_list_that_does_not_come_costs_no_other_and_is_asked_for_again_alone(scene, connection):
    await code_lists.replace(connection, "nhis", CodeList("C004", "x", NOON - timedelta(days=9), {"lot": {}}))
    scene.system.absent = {"C004"}
    pulls = scene.worker()
    await pulls.pull_if_due()
    await scene.clock.advance(120)
    await pulls.pull_if_due()
    assert scene.system.asked == [LISTS, ("C004",)]
    assert scene.outcomes == [PullOutcome.INCOMPLETE, PullOutcome.FAILED]
    assert (await code_lists.load_one(connection, "nhis", "C004")).codes == {"lot": {}}, (
        "the earlier one stays"
    )
    assert (await code_lists.load_one(connection, "nhis", "CL037")).fetched_at == NOON


async def test_an_operator_s_pull_ends_the_warning(scene, connection):
    scene.system.absent = set(LISTS)
    pulls = scene.worker()
    while pulls.failures < 3:
        await pulls.pull_if_due()
        await scene.clock.advance(60)
    assert "CL037: NHIS refused; C004: NHIS refused" in reasons(pulls)[0]
    for name in LISTS:
        await code_lists.replace(connection, "nhis", CodeList(name, "x", scene.clock.now(), {"1": {}}))
    await pulls.pull_if_due()
    assert reasons(pulls) == []


async def test_nothing_is_asked_while_the_circuit_is_open_and_another_worker_may_lead(scene, caplog):
    caplog.set_level("INFO")
    scene.circuit = "ten failures in a row"
    waits, other = scene.worker(), scene.worker(held_back=lambda: None)
    for _ in range(3):
        await waits.pull_if_due()
    assert (scene.system.asked, scene.outcomes, waits.failures) == ([], [], 0)
    assert caplog.text.count("code lists are due and wait for the system") == 1
    await leading(other)
    assert scene.system.asked == [LISTS]

    await other.close()
    scene.circuit = None
    await scene.clock.advance(2 * DAY)
    await leading(waits)
    assert scene.system.asked == [LISTS, LISTS]


async def test_without_a_journal_nothing_is_asked(scene):
    pulls = scene.worker(settings=JournalSettings(dsn="postgresql://h@127.0.0.1:1/none"))
    await pulls.pull_if_due()
    assert (pulls.leads, scene.system.asked) == (False, [])


async def test_lists_that_cannot_be_kept_are_a_failure_and_not_asked_for_each_minute(
    scene, connection, monkeypatch
):
    async def lost(*_):
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    pulls = scene.worker()
    with monkeypatch.context() as patch:
        patch.setattr(code_lists, "replace", lost)
        await pulls.pull_if_due()
        await pulls.pull_if_due()
    assert (scene.system.asked, scene.outcomes) == ([LISTS], [PullOutcome.FAILED])
    await scene.clock.advance(120)
    await leading(pulls)
    assert scene.outcomes[-1] is PullOutcome.PULLED
    assert set(await code_lists.fetched(connection, "nhis")) == set(LISTS)
