"""A worker that is killed between each two steps of a report that comes later: another one ends it, once.

A gate in the journal stops the worker directly before a step is durable; a fault stops it while RegiX has its message;
one whose publications never end stands before its reply is published.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.support.postgres.gate import gate
from tests.support.systems.regix.scene import (
    QUICK,
    SYSTEM,
    WAITS,
    acknowledgements,
    executions,
    report,
    section_of,
    signers_of,
    writing,
)
from tests.support.worker.evidence import check_reply
from tests.support.worker.installation import (
    SystemInstallation,
    eventually,
    new_topics,
    serving,
    worker_process,
)

pytestmark = pytest.mark.timeout(120)
NAME = "one"
TAKEOVER = {
    **QUICK,
    "journal": {"lease_seconds": 2},
    "intake": {"session_timeout": 2, "drain_seconds": 5},
    "systems": {SYSTEM: {"transport": {**WAITS, "answer_timeout": 60, "total_timeout": 60}}},
}
"""The first worker waits for an answer longer than it lives here; the next one says nothing twice for slowness."""


@dataclass(frozen=True)
class Cut:
    """Where the worker is killed. ``gate``: before which change of the journal; ``hang``: while RegiX has what.

    ``unpublished``: its reply is in the journal, and not in Kafka.
    ``unfinished``: RegiX has no report until the worker is killed, however late the worker asks.
    ``unknown``: nothing shows whether RegiX took the request.
    """

    gate: tuple[str, str, str] | None = None
    hang: str | None = None
    unpublished: bool = False
    unfinished: bool = False
    unknown: bool = False
    copies: int = 1
    told: tuple[str, ...] = ("removed",)


CUTS = {
    "before the request is sent": Cut(("insert", "attempts", "new.purpose = 'submit'")),
    "while RegiX has the request": Cut(hang="Execute", unknown=True),
    "before it is written that RegiX took it": Cut(("insert", "waiting", "true"), unknown=True),
    "before it asks": Cut(("insert", "attempts", "new.purpose = 'ask'")),
    "while RegiX has the question": Cut(hang="CheckResult"),
    "before it is written that it asked in vain": Cut(
        ("update", "waiting", "new.asks > old.asks"), unfinished=True
    ),
    "before the answer is written": Cut(
        ("update", "submissions", "old.state = 'waiting' and new.state = 'accepted'")
    ),
    "before the reply is published": Cut(unpublished=True),
    "before it is written that Kafka has the reply": Cut(
        ("update", "submissions", "new.answered and not old.answered"), copies=2
    ),
    "before it turns to the acknowledgement": Cut(("update", "waiting", "new.phase <> old.phase")),
    "before it acknowledges": Cut(("insert", "attempts", "new.purpose = 'acknowledge'")),
    "while RegiX has the acknowledgement": Cut(hang="AcknowledgeResultReceived", told=("removed", "gone")),
    "before it forgets": Cut(("delete", "waiting", "true"), told=("removed", "gone")),
}
WRITING = (
    "while RegiX has the request",
    "before it is written that RegiX took it",
    "while RegiX has the question",
    "before the answer is written",
    "before it is written that Kafka has the reply",
)


@pytest.fixture(scope="module")
def regix(sandbox_of):
    return sandbox_of(SYSTEM, "--strict", "--async-seconds", "0.5")


@pytest.fixture
def installation(kafka, journal_dsn, regix, tmp_path):
    regix.reset()
    topics = new_topics(SYSTEM, kafka.bootstrap, 1)
    section = section_of(regix)
    return SystemInstallation(
        kafka.bootstrap, topics, journal_dsn, tmp_path, regix, signers_of(regix), section
    )


async def killed_at(installation, cut, event):
    """Run a worker until it stands at the cut, and kill it there."""
    config = installation.config(TAKEOVER)
    main = "tests.support.worker.publishing_nothing" if cut.unpublished else "worker.cli"
    if cut.unfinished:
        installation.sandbox.control("variants", {"async_seconds": 3600})
    with worker_process(config, main=main) as worker:
        await worker.ready()
        async with standing_at(installation, cut, event):
            worker.kill9()
    if cut.unfinished:
        installation.sandbox.control("finish", {})


@asynccontextmanager
async def standing_at(installation, cut, event):
    """Publish the event, and wait until the worker can go no further; what holds it up ends with the block."""
    sandbox = installation.sandbox
    if cut.gate is not None:
        async with gate(installation.dsn, *cut.gate) as held_up:
            await installation.publish(event)
            await held_up.reached()
            yield
            await held_up.turn_away()
    elif cut.unpublished:
        await installation.publish(event)
        await installation.state(NAME, "accepted")
        yield
    else:
        sandbox.fault("hang-after", match={"operation": cut.hang}, seconds=60)
        await installation.publish(event)
        await eventually(
            lambda: asyncio.to_thread(sandbox.requests),
            lambda all_: any(one["outcome"] == "hung" for one in all_),
        )
        yield
        sandbox.calm()


async def ended_by_another(installation, answers):
    """Let another worker end what the first one began."""
    async with serving(installation.config(TAKEOVER)):
        await answers.answered([NAME])
        detail = await eventually(
            lambda: installation.detail(NAME), lambda it: it.waiting is None and it.submission.answered
        )
        await answers.settle()
        await installation.all_committed()
    return detail


def check_asked(detail):
    """The answer is in the journal, with the ask that it came to; no ask is left without an end."""
    asked = [one for one in detail.attempts if one.purpose == "ask"]
    (answered,) = [one for one in asked if one.outcome == "accepted"]
    assert b"IsReady>true<" in answered.answer
    assert detail.submission.answered


@pytest.mark.parametrize("name", CUTS)
async def test_a_read_has_one_reply_and_is_acknowledged(installation, name):
    cut = CUTS[name]
    async with installation.reading() as answers:
        await killed_at(installation, cut, report(NAME, asynchronous=True))
        detail = await ended_by_another(installation, answers)

    reply = answers.only(NAME)
    check_reply(reply)
    assert reply.kind == "accepted"
    assert len(answers.of(NAME)) == cut.copies
    check_asked(detail)
    ledger = installation.sandbox.ledger()
    # Only a read is ever sent again, and only where nothing shows that RegiX took it.
    done = executions(ledger, NAME)
    assert len(done) == (2 if cut.unknown else 1)
    assert reply.json["data"]["serviceCallId"] == str(done[-1]["ServiceCallID"])
    assert tuple(acknowledgements(ledger, NAME)) == cut.told
    assert answers.dead_letters == []


@pytest.mark.parametrize("name", WRITING)
async def test_a_write_is_never_sent_again(installation, name):
    cut = CUTS[name]
    async with installation.reading() as answers:
        await killed_at(installation, cut, writing(NAME, "SendNotaryDocuments"))
        detail = await ended_by_another(installation, answers)

    reply = answers.only(NAME)
    check_reply(reply)
    ledger = installation.sandbox.ledger()
    assert len(executions(ledger, NAME)) == 1
    assert len(answers.of(NAME)) == cut.copies
    if cut.unknown:
        assert (reply.kind, reply.json["code"]) == ("held", "outcome-unknown")
        assert [one.headers["herald-reason"] for one in answers.dead_letters] == ["outcome-unknown"]
        return
    assert reply.kind == "accepted"
    check_asked(detail)
    assert acknowledgements(ledger, NAME) == ["removed"]


@pytest.mark.parametrize("end", ["kill -9", "SIGTERM"])
async def test_the_answer_comes_after_the_worker_was_replaced(installation, end):
    """The first worker took it and asked in vain; it is gone before RegiX has the report."""
    sandbox = installation.sandbox
    sandbox.control("variants", {"async_seconds": 3600})
    async with installation.reading() as answers:
        with worker_process(installation.config(TAKEOVER)) as first:
            await first.ready()
            await installation.publish(report(NAME, asynchronous=True))
            await eventually(lambda: asyncio.to_thread(sandbox.ledger), lambda it: len(it["checks"]) >= 2)
            if end == "kill -9":
                first.kill9()
            else:
                first.terminate()
                assert await first.ended() == 0
        before = await installation.detail(NAME)
        async with serving(installation.config(TAKEOVER)):
            asked = len(sandbox.ledger()["checks"])
            await eventually(
                lambda: asyncio.to_thread(sandbox.ledger), lambda it: len(it["checks"]) >= asked + 2
            )
            assert answers.replies == []
            sandbox.control("finish", {})
            await answers.answered([NAME])
            detail = await eventually(
                lambda: installation.detail(NAME), lambda it: it.waiting is None and it.submission.answered
            )
            await answers.settle()
            await installation.all_committed()

    assert (before.submission.state, before.waiting is None) == ("waiting", False)
    assert (answers.only(NAME).kind, len(answers.of(NAME))) == ("accepted", 1)
    check_asked(detail)
    ledger = sandbox.ledger()
    assert len(executions(ledger, NAME)) == 1
    assert acknowledgements(ledger, NAME) == ["removed"]
