"""Case messages behind the System port: they go to the hook, once."""

from __future__ import annotations

from contracts.reasons import Reason
from tests.support.systems.eforms.hospital import (
    CASES,
    TELL,
    attempt,
    event,
)
from worker.outcome import Accepted, Unknown
from worker.systems.port import Recovery
from worker.systems.steps import HasSteps


class Permit:
    """A guard that permits sending."""

    def begin(self):
        pass


async def test_a_case_message_goes_to_the_hook_with_its_own_token(make, tmp_path):
    (tmp_path / "token").write_text("of-the-hook\n")
    hospital = make(case_messages={**CASES, "token_file": tmp_path / "token", "miscinfo": "dn:/C=BG"})
    submission = event(TELL)

    prepared = await hospital.system.prepare(submission, attempt())
    answer = await hospital.system.exchange(prepared, Permit())

    assert hospital.system.interpret(submission, prepared, answer) == Accepted({"stated": "Success !"})
    (request,) = hospital.hook_client.requests
    assert request.url == f"https://eforms.test/api/admin/cases/{submission.data.business_key}/messages"
    assert request.headers["authorization"] == "Bearer of-the-hook"
    assert request.headers["dp-miscinfo"] == "dn:/C=BG"
    assert "authorization" not in prepared.headers
    assert not request.reuse
    assert hospital.esb.http.requests == []


async def test_a_case_message_is_held_where_its_outcome_is_unknown(make):
    system, submission = make(case_messages=CASES).system, event(TELL)

    assert isinstance(system, HasSteps)
    assert system.step(submission, {}).recovery is Recovery.HOLD
    assert system.recovery(submission) is Recovery.HOLD
    assert await system.prepare_look_up(submission, attempt(), Unknown(Reason.ANSWER_TIMEOUT, "x")) is None
