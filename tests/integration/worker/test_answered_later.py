"""Whole workers, real Kafka, real journal: a system takes submissions, and answers when another worker asks.

The system is invented: it serves NHIS's registrations, so that they need no contract of their own.
"""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace

import pytest

from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, serving
from tests.support.worker.probes import probe
from worker.composition import systems
from worker.outcome import Accepted, Taken
from worker.systems.port import Attempt, Prepared
from worker.systems.registry import build_system
from worker.transport.port import Answer

QUICK = {"asking": {"first": 0.3, "factor": 1, "taken_events": True, "pass_seconds": 0.1}}


class TakingSystem:
    """Takes every submission, and answers when the test says that it is ready. It knows what it was sent."""

    def __init__(self) -> None:
        self.name = "nhis"
        self.time_zone = "Europe/Sofia"
        self.operations = {}
        self.ready = False
        self.messages: list[tuple[str, str]] = []

    def serve(self, name, section, dependencies):
        real = build_system(name, section, dependencies)
        if not self.operations:
            self.operations = dict(real.operations)
        return self

    def knows_signer(self, signer):
        return True

    def identity(self, submission):
        return submission.derived_id("invented")

    def recovery(self, submission):
        return self.operations[submission.type].recovery

    def unusable_signers(self):
        return {}

    def can_sign(self):
        return True

    async def check(self, submission):
        return None

    async def prepare(self, submission, attempt):
        return self._prepared("submit", submission, attempt)

    async def prepare_ask(self, submission, attempt, taken):
        assert taken.call == {"call": attempt.identity, "code": "secret"}
        return self._prepared("ask", submission, attempt)

    async def prepare_acknowledgement(self, submission, attempt, taken):
        return self._prepared("acknowledge", submission, attempt)

    async def exchange(self, prepared, guard):
        guard.begin()
        self.messages.append((prepared.url.rsplit("/", 1)[-1], prepared.identity))
        return Answer(200, {}, b"ready" if self.ready else b"later")

    def interpret(self, submission, prepared, answer):
        return self._taken(prepared)

    def interpret_ask(self, submission, taken, asked, answer):
        return Accepted({"nrn": "25A01234B567"}) if answer.body == b"ready" else self._taken(asked)

    def is_acknowledged(self, taken, sent, answer):
        return answer.body == b"ready"

    async def reauthorize(self, prepared):
        return None

    async def prepare_look_up(self, submission, attempt, found):
        return None

    def settle(self, submission, found, look_up, answer):
        raise AssertionError

    async def probe(self):
        return None

    async def close(self):
        return None

    def sent(self, purpose):
        return Counter(identity for what, identity in self.messages if what == purpose)

    @staticmethod
    def _taken(prepared):
        call = {"call": prepared.identity, "code": "secret"}
        return Taken(call, reference=f"r-{prepared.identity}", ready=f"{prepared.identity} secret")

    @staticmethod
    def _prepared(purpose, submission, attempt: Attempt) -> Prepared:
        url = f"https://invented.test/{purpose}"
        parts = (submission.operation, submission.signer, str(uuid.uuid4()), attempt.identity, url)
        return Prepared(*parts, request=b"<invented/>", headers={}, secret_headers={})


@pytest.fixture
def taking(monkeypatch):
    system = TakingSystem()
    monkeypatch.setattr(systems, "build_system", system.serve)
    return system


async def test_the_answer_comes_after_the_worker_was_replaced(installation, taking):
    names = [f"s-{number}" for number in range(6)]
    events = [register(name, installation.patient()) for name in names]
    async with installation.reading() as answers:
        async with serving(installation.config(QUICK)) as worker:
            await installation.publish(*events)
            await answers.answered(names)
            await installation.all_committed()
            assert set(answers.kinds().values()) == {"taken"}
            await eventually(lambda: _asks(taking), lambda asks: len(asks) == 6 and min(asks.values()) >= 2)
            found = await probe(worker.health.address, "/readyz")
            assert (found.status, found.kinds) == (200, set())
        for detail in await installation.details(names):
            assert detail.submission.state == "waiting"
            assert detail.submission.owner is None
            assert detail.waiting is not None
            assert detail.waiting.reference == f"r-{detail.submission.identity}"
        before = sum(taking.sent("ask").values())
        taking.ready = True

        async with serving(installation.config(QUICK)):
            await answers.until(lambda it: sum(one.kind == "accepted" for one in it.replies) == 6)
            await installation.publish(replace(events[0]))  # published again: a duplicate
            await answers.until(lambda it: sum(one.kind == "accepted" for one in it.replies) == 7)
            await eventually(lambda: _waiting(installation, names), lambda left: left == 0)
            await answers.settle()
            await installation.all_committed()

    assert set(taking.sent("submit").values()) == {1}
    assert len(taking.sent("submit")) == 6
    assert sum(taking.sent("ask").values()) == before + 6
    assert sorted(taking.sent("acknowledge").values()) == [1] * 6
    for name in names:
        kinds = [one.kind for one in answers.of(name)]
        assert kinds[0] == "taken"
        assert Counter(kinds)["taken"] == 1
        assert {one.said for one in answers.of(name) if one.kind == "accepted"} == {
            one.said for one in answers.of(name)[1:]
        }
    assert answers.dead_letters == []


async def test_without_an_answer_in_time_it_is_held_for_a_person(installation, taking):
    hasty = {"asking": {**QUICK["asking"], "taken_events": False, "give_up_after": 1}}
    event = register("s-1", installation.patient())
    async with installation.reading() as answers, serving(installation.config(hasty)):
        await installation.publish(event)
        await answers.answered(["s-1"])
        held = answers.only("s-1")
        assert (held.kind, held.json["code"]) == ("held", "answer-overdue")
        assert [letter.headers["herald-reason"] for letter in answers.dead_letters] == ["answer-overdue"]
        assert taking.sent("acknowledge") == Counter()
        detail = await installation.detail("s-1")
        assert (detail.submission.in_doubt, detail.waiting) == (True, None)


async def _asks(taking):
    return taking.sent("ask")


async def _waiting(installation, names):
    return sum(detail.waiting is not None for detail in await installation.details(names))
