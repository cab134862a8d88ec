"""A worker's busy day in half a minute: submissions that end in each way there is, and others all the time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.integration.worker.test_dead_letters import letter_of, replayed, revision
from tests.integration.worker.test_settlements import hold
from tests.support.signing.certificates import NOW, YEAR, issue
from tests.support.worker.hospital import REGISTER, Event, event, register, registration
from tests.support.worker.installation import Installation, eventually
from tests.support.worker.kafka import Answers
from tests.support.worker.metrics import Scrape, scrape

LABORATORY = "/hospitals/test/laboratory"
"""A second source, all of whose submissions are wrong."""
EACH_SECOND = 8
SETTINGS: dict[str, Any] = {
    "metrics": {"interval": 1},
    "retry": {"initial": 0.2, "maximum": 1, "give_up_after": 3},
    "circuit": {"failures": 4, "pause": 0.5, "longest_pause": 1},
    "flood_guard": {"share": 0.8, "at_least": 12, "window": 60},
}


@dataclass(frozen=True, slots=True)
class Day:
    """What is to be seen afterwards, by the journal and by what was published."""

    held: int
    dead_letters: int
    replays: int
    steady: int
    """Good submissions that were answered; how many depends on how fast the machine is."""


def with_an_ended_certificate(installation: Installation) -> dict[str, Any]:
    """Return the settings, with one more signer whose certificate has ended."""
    return {**SETTINGS, **ended_certificate(installation)}


def ended_certificate(installation: Installation) -> dict[str, Any]:
    """Return the settings of a signer whose certificate has ended."""
    file, password = installation.directory / "ended.p12", installation.directory / "ended-password"
    file.write_bytes(issue("ended", start=NOW - 2 * YEAR, end=NOW - YEAR).pkcs12("secret"))
    password.write_text("secret")
    uin = next(iter(installation.section["senders"].values()))["uin"]
    return {
        "signers": {"ended": {"file": str(file), "password_file": str(password)}},
        "systems": {"nhis": {"senders": {"ended": {"uin": uin}}}},
    }


async def busy(installation: Installation, workers: Sequence[tuple[str, int]]) -> Day:
    """Let it all happen, at these workers. Returns when what the journal knows has reached their metrics."""
    async with installation.reading() as answers:
        enough = asyncio.Event()
        steady = asyncio.create_task(_steadily(installation, answers, enough))
        await _one_of_each(installation, answers)
        await _replayed(installation, answers)
        await _outage(installation, workers)
        await _flood(installation, workers)
        enough.set()
        answered = await steady
    letters = len({one.headers["herald-dead-letter-id"] for one in answers.dead_letters})
    return Day(held=1, dead_letters=letters, replays=1, steady=answered)


async def _steadily(installation: Installation, answers: Answers, enough: asyncio.Event) -> int:
    """Publish some good submissions each second until it is enough. Returns how many, once they are answered."""
    names: list[str] = []
    while not enough.is_set():
        batch = [register(f"steady-{len(names) + n}", installation.patient()) for n in range(EACH_SECOND)]
        names += [one.id for one in batch]
        await installation.publish(*batch)
        await asyncio.sleep(1)
    await answers.answered(names)
    return len(names)


async def _one_of_each(installation: Installation, answers: Answers) -> None:
    well, wrong, tried = (installation.patient() for _ in range(3))
    accepted = register("accepted", well)
    await installation.publish(accepted, register("failed", wrong, doseNumber="one"))
    await installation.publish(register("rejected", well, specialCase=False))
    await answers.answered(["accepted", "failed", "rejected"])
    await installation.publish(accepted)  # a duplicate
    await installation.publish(replace(accepted, value=register("accepted", wrong).value))  # a conflict
    await installation.publish(replace(accepted, id="", value=b"{"))  # unreadable
    installation.nhis.fault("status", match={"patient": tried.egn}, status=503)
    await installation.publish(register("tried", tried))
    await answers.answered(["tried"])
    await hold(installation, answers, "drop-after")


async def _replayed(installation: Installation, answers: Answers) -> None:
    patient = installation.patient()
    installation.nhis.fault("status", match={"patient": patient.egn}, status=429, times=None)
    await installation.publish(register("given-up", patient))
    await answers.answered(["given-up"])
    installation.nhis.calm()
    await replayed(installation.config(SETTINGS), await letter_of(installation, "given-up"))
    await revision(answers, "given-up", 2)


async def _outage(installation: Installation, workers: Sequence[tuple[str, int]]) -> None:
    """Let all requests fail, for tokens too, until each worker's circuit has been open for some scrapes."""
    installation.nhis.fault("status", times=None, status=503)
    await _some(workers, lambda one: one.total("herald_circuit_open") == 1)
    await asyncio.sleep(3)
    installation.nhis.calm()
    for worker in workers:
        await _some([worker], lambda one: one.total("herald_circuit_open") == 0)


async def _flood(installation: Installation, workers: Sequence[tuple[str, int]]) -> None:
    await installation.publish(*(_wrong(installation, number) for number in range(60)))
    await _some(workers, lambda one: one.total("herald_intake_stops") >= 1)
    await asyncio.sleep(3)


def _wrong(installation: Installation, number: int) -> Event:
    patient = installation.patient()
    data = registration(patient, doseNumber="one")
    return event(f"wrong-{number}", REGISTER, patient, data, source=LABORATORY)


async def _some(workers: Sequence[tuple[str, int]], fits) -> list[Scrape]:
    async def look() -> list[Scrape]:
        return [await scrape(one) for one in workers]

    return await eventually(look, lambda found: any(map(fits, found)), 60)
