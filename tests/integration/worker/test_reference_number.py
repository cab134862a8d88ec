"""The reference number of a service goes from the event to the reply, the dead letter and the log, on real servers."""

from __future__ import annotations

import json

from tests.support.worker.hospital import REGISTER, event, register, registration
from tests.support.worker.installation import worker_process

RNU = "0f2f9c0e-8f0c-4d4b-9b9b-0b8f5a1d2c3e"


async def test_it_goes_with_whatever_becomes_of_the_submission(installation):
    patients = [installation.patient() for _ in range(3)]
    taken = event("rnu-taken", REGISTER, patients[0], registration(patients[0]), rnu=RNU)
    failed = event("rnu-failed", REGISTER, patients[1], registration(patients[1]), rnu=RNU, signer="nobody")
    without = register("rnu-none", patients[2])
    other = event("rnu-taken", REGISTER, patients[0], registration(patients[0]), rnu="another")
    with worker_process(installation.config()) as worker:
        await worker.ready()
        async with installation.reading() as answers:
            await installation.publish(taken, failed, without, other)
            await answers.answered(["rnu-taken", "rnu-failed", "rnu-none"])
            await answers.until(lambda it: len(it.dead_letters) == 2)
        worker.terminate()
        await worker.ended()

    assert answers.kinds() == {"rnu-taken": "accepted", "rnu-failed": "failed", "rnu-none": "accepted"}
    assert answers.only("rnu-taken").headers["ce_rnu"] == RNU
    assert answers.only("rnu-failed").headers["ce_rnu"] == RNU
    assert "ce_rnu" not in answers.only("rnu-none").headers
    (letter,) = answers.dead("unknown-signer")
    assert letter.headers["herald-rnu"] == RNU
    (conflict,) = answers.dead("conflict")
    assert conflict.headers["herald-rnu"] == "another"
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if '"submission_id"' in line]
    named = {line["submission_id"]: line.get("rnu") for line in lines}
    assert (named["rnu-failed"], named["rnu-none"]) == (RNU, None)
    assert {line.get("rnu") for line in lines if line["submission_id"] == "rnu-taken"} == {RNU, "another"}
