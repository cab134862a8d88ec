"""Many reports that come later, two workers, one of which is killed: none is lost, and none has two replies."""

from __future__ import annotations

import pytest

from tests.support.systems.regix.scene import (
    QUICK,
    SYSTEM,
    acknowledgements,
    executions,
    report,
    section_of,
    signers_of,
    writing,
)
from tests.support.worker.installation import (
    SystemInstallation,
    eventually,
    new_topics,
    worker_process,
)

pytestmark = pytest.mark.timeout(180)
READS = [f"read-{number}" for number in range(80)]
WRITES = [f"write-{number}" for number in range(20)]
TAKEOVER = {**QUICK, "journal": {"lease_seconds": 2}, "intake": {"session_timeout": 2, "drain_seconds": 5}}


@pytest.fixture
def installation(kafka, journal_dsn, sandbox_of, tmp_path):
    sandbox = sandbox_of(SYSTEM, "--strict", "--async-seconds", "1")
    topics = new_topics(SYSTEM, kafka.bootstrap, 4)
    return SystemInstallation(
        kafka.bootstrap, topics, journal_dsn, tmp_path, sandbox, signers_of(sandbox), section_of(sandbox)
    )


async def test_a_worker_is_killed_among_many(installation):
    events = [report(name, asynchronous=True) for name in READS]
    events += [writing(name, "SendNotaryDocuments") for name in WRITES]
    config = installation.config(TAKEOVER)
    with worker_process(config) as lost, worker_process(config) as other:
        async with installation.reading() as answers:
            await lost.ready()
            await other.ready()
            await installation.publish(*events)
            await answers.until(lambda it: len(it.kinds()) >= len(events) // 4)
            lost.kill9()
            await answers.answered([*READS, *WRITES])
            details = await eventually(
                lambda: installation.details([*READS, *WRITES]),
                lambda found: all(one.waiting is None for one in found),
            )
            await answers.settle()
            await installation.all_committed()

    ledger = installation.sandbox.ledger()
    kinds = answers.kinds()  # which fails where a submission has two replies that differ
    assert {kinds[name] for name in READS} == {"accepted"}
    assert {kinds[name] for name in WRITES} <= {"accepted", "held"}
    assert ledger["repeated_writes"] == []
    for name in (name for name, kind in kinds.items() if kind == "accepted"):
        number = int(answers.only(name).json["data"]["serviceCallId"])
        assert number in {one["ServiceCallID"] for one in executions(ledger, name)}
        assert acknowledgements(ledger, name).count("removed") == 1
    again = [name for name in READS if len(executions(ledger, name)) > 1]
    sent = {detail.submission.id: [one.purpose for one in detail.attempts] for detail in details}
    # A read is executed once more only where a worker knew no answer to the first request.
    assert all(sent[name].count("submit") > 1 for name in again)
    held = [name for name in WRITES if kinds[name] == "held"]
    assert {letter.headers["herald-reason"] for letter in answers.dead_letters} == (
        {"outcome-unknown"} if held else set()
    )
    assert len(answers.dead_letters) == len(held)
