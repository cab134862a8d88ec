"""A reference number that a first step draws: the submission has it from then on, in every worker."""

from __future__ import annotations

from dataclasses import replace

from tests.support.fakes.one_delivery import ACCEPTED, LOOK, SUBMISSION, make_engine
from tests.support.fakes.ports import lost
from tests.support.fakes.stepped import SteppedSystem
from worker.outcome import Advanced

DRAWN = {"rnu": "BGEM1"}
SCANNED = {**DRAWN, "blob": "b-1", "scan": "clean"}


class Numbered(SteppedSystem):
    """Notes the number of the submission that each message is made of."""

    def __init__(self, *submits, **more):
        super().__init__(*submits, **more)
        self.numbers = []

    async def prepare(self, submission, attempt):
        self.numbers.append(submission.rnu)
        return await super().prepare(submission, attempt)


async def test_later_steps_are_of_the_submission_with_its_number():
    one = make_engine(LOOK, Advanced(DRAWN), Advanced(SCANNED), ACCEPTED, kind=Numbered)
    job = await one.claim()
    assert job.submission.rnu == SUBMISSION.rnu
    await one.delivery.run(job)
    assert one.system.numbers == [SUBMISSION.rnu, "BGEM1", "BGEM1"]
    # What is told of the job's submission: the reply, the dead letter.
    assert job.submission.ref == replace(SUBMISSION.ref, rnu="BGEM1")


async def test_another_worker_goes_on_with_the_same_number():
    one = make_engine(LOOK, Advanced(DRAWN), lost, kind=Numbered, runs=False)
    await one.shut_down_at_rest()
    other = one.next_worker(Advanced(SCANNED), ACCEPTED)
    job = await other.claim()
    assert (job.submission.rnu, job.submission.numbered) == ("BGEM1", True)
