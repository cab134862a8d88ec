"""A worker that is told to stop: in good order, in time, and whoever comes next goes on where it stood."""

from __future__ import annotations

import time
from itertools import pairwise

from tests.support.worker.hospital import REACTION, about, register
from tests.support.worker.installation import eventually, serving, worker_process

DRAIN = 1.5
LONG_LEASE = {
    "journal": {"lease_seconds": 120},
    "intake": {"drain_seconds": DRAIN},
    "systems": {"nhis": {"transport": {"answer_timeout": 25, "total_timeout": 30}}},
}
"""Nobody could take anything over from this worker while its lease runs: it must hand it back."""


async def test_sigterm_while_things_hang_and_retry(installation):
    hung, retrying, done, injured = (installation.patient() for _ in range(4))
    async with installation.reading() as answers:
        with worker_process(installation.config(LONG_LEASE), forked=False) as worker:
            await worker.ready()
            await installation.publish(register("dose", injured), register("done", done))
            await answers.answered(["dose", "done"])
            await installation.all_committed()
            nrn = answers.only("dose").json["data"]["nrn"]
            installation.nhis.fault("hang-after", match={"patient": hung.egn}, seconds=60)
            installation.nhis.fault("hang-after", match={"messageType": "I005", "nrn": nrn}, seconds=60)
            installation.nhis.fault("status", match={"patient": retrying.egn}, status=503, times=None)
            await installation.publish(
                register("hung", hung),
                about("held", REACTION, injured, nrn),
                register("retrying", retrying),
                register("waiting", retrying),
                register("behind", done),
            )
            await answers.answered(["behind"])
            await installation.state("hung", "sending")
            await installation.state("held", "sending")
            began = time.monotonic()
            worker.terminate()
            assert await worker.ended() == 0
            assert time.monotonic() - began < DRAIN + 5
        before = await installation.committed()
        details = dict(
            zip(("hung", "retrying"), await installation.details(["hung", "retrying"]), strict=True)
        )
        installation.nhis.calm()
        requests = len(installation.nhis.requests())
        async with serving(installation.config(LONG_LEASE)):
            await answers.answered(["hung", "held", "retrying", "waiting"], seconds=20)
            await answers.settle()
            await installation.all_committed()

    assert answers.kinds() == dict.fromkeys(
        ("dose", "done", "hung", "retrying", "waiting", "behind"), "accepted"
    ) | {"held": "held"}
    # What was not finished was not committed.
    for detail in details.values():
        assert before.get(detail.submission.partition, 0) <= detail.submission.offset
    # What was finished was not sent again; what was in doubt and what is held for a person was not either.
    again = [one for one in installation.nhis.requests()[requests:] if one["messageType"] in ("I001", "I005")]
    assert {one["pseudonym"] for one in again} == {hung.in_ledger, retrying.in_ledger}
    assert answers.only("hung").json["data"]["alreadyRegistered"] is True
    assert len(installation.nhis.ledger()["reactions"]) == 1
    assert len(installation.nhis.registered()) == 6


async def test_the_schedule_of_retries_goes_on_over_a_restart(installation):
    patient = installation.patient()
    changes = {"retry": {"initial": 0.5, "maximum": 30, "jitter": 0}, "journal": {"lease_seconds": 60}}
    installation.nhis.fault("status", match={"patient": patient.egn}, status=503, times=3)
    async with installation.reading() as answers:
        async with serving(installation.config(changes)):
            await installation.publish(register("later", patient))
            planned = await eventually(
                lambda: installation.state("later", "claimed", "sending"),
                lambda found: found.submission.attempts == 2 and found.submission.state == "claimed",
            )
        async with serving(installation.config(changes)):
            await answers.answered(["later"])

    attempts = (await installation.detail("later")).attempts
    gaps = [(late.sent_at - early.received_at).total_seconds() for early, late in pairwise(attempts)]
    assert len(attempts) == 4
    assert attempts[2].sent_at >= planned.submission.next_attempt
    # 0.5, 1 and 2 seconds: the second worker did not begin anew with 0.5.
    assert all(gap >= wanted for gap, wanted in zip(gaps, (0.5, 1, 2), strict=True))
