"""One submission against a scripted system: what is sent, what is durable when, and how it ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import (
    ACCEPTED,
    BLOCKED,
    HOLD,
    OBSTACLES,
    PROBLEMS,
    REJECTED,
    REPEAT,
    RULES,
    SAME,
    SUBMISSION,
    MakeEngine,
    names,
)
from tests.support.fakes.ports import NOON, Reaction, retry, settle, unknown, unsent
from worker.outcome import (
    Blocked,
    Outcome,
    Retry,
)
from worker.pipeline.ports import State
from worker.pipeline.retry import RetryPolicy
from worker.systems.port import NotPrepared, Recovery, Refused


@pytest.mark.parametrize("recovery", RULES)
async def test_an_accepted_submission_is_durable_before_it_leaves(
    engine: MakeEngine, recovery: Recovery
) -> None:
    one = engine(recovery, ACCEPTED)

    end = await one.run()

    assert (end.state, end.outcome) == (State.ACCEPTED, ACCEPTED)
    assert one.log == [
        "claim",
        f"sending submit 1 doubt={recovery is not REPEAT}",
        "sent submit",
        "finish accepted",
    ]
    assert one.entry.state is State.ACCEPTED
    assert not one.entry.in_doubt


async def test_the_journal_holds_the_very_bytes_that_are_sent_and_no_secret(engine: MakeEngine) -> None:
    one = engine(SAME, ACCEPTED)

    await one.run()

    (sending,), (sent,) = one.entry.sent, one.system.sent
    assert (sending.request, sending.message_id, sending.url) == (sent.request, sent.message_id, sent.url)
    assert sending.headers == sent.headers
    assert "secret" not in repr(sending.headers)
    assert (sending.number, sending.purpose, sending.at) == (1, "submit", NOON)


async def test_the_answer_is_kept_as_it_came(engine: MakeEngine) -> None:
    one = engine(SAME, REJECTED)

    end = await one.run()

    assert (end.state, end.outcome, end.reason) == (State.REJECTED, REJECTED, None)
    received = one.entry.got["m-1"]
    assert (received.number, received.outcome, received.status) == (1, "rejected", 200)
    assert (received.body, received.headers) == (b"m-1", {"x-answer-to": "m-1"})
    assert (received.reason, received.detail) == (None, None)


async def test_what_holds_a_password_is_sent_and_read_whole_and_kept_without_it(engine: MakeEngine) -> None:
    one = engine(SAME, ACCEPTED)
    one.system.evidence = b"without it"

    job = await one.claim()
    await one.delivery.run(job)

    (sending,), (sent,) = one.entry.sent, one.system.sent
    assert (sending.request, one.system.read) == (b"without it", [b"m-1"])
    assert sent.request != sending.request
    # The journal gets the one, and the reply shows the other.
    assert job.received is not None
    assert job.answer is not None
    assert (job.received.body, job.answer.body, job.answer.evidence) == (b"without it", b"without it", None)


async def test_an_address_that_is_a_secret_is_used_and_not_kept(engine: MakeEngine) -> None:
    one = engine(SAME, ACCEPTED)
    one.system.evidence_url = "https://hidden.invalid/"

    await one.run()

    (sending,), (sent,) = one.entry.sent, one.system.sent
    assert sending.url == "https://hidden.invalid/"
    assert sent.url == "https://system.example/submit"


async def test_a_blocked_submission_fails_with_the_reason(engine: MakeEngine) -> None:
    one = engine(SAME, BLOCKED)

    end = await one.run()

    assert (end.state, end.outcome, end.reason) == (State.FAILED, BLOCKED, Reason.ACCESS_DENIED)
    assert one.entry.got["m-1"].reason == Reason.ACCESS_DENIED


async def test_a_refused_event_is_never_sent(engine: MakeEngine) -> None:
    one = engine(SAME)
    one.system.refusal = Refused(Reason.UNKNOWN_CODE, PROBLEMS)

    end = await one.run()

    assert (end.state, end.reason, end.problems) == (State.FAILED, Reason.UNKNOWN_CODE, PROBLEMS)
    assert one.log == ["claim", "finish failed"]


async def test_an_event_that_cannot_be_built_is_never_sent(engine: MakeEngine) -> None:
    one = engine(SAME)
    one.system.preparing = [Refused(Reason.SCHEMA_VIOLATION, PROBLEMS)]

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.SCHEMA_VIOLATION)
    assert one.log == ["claim", "finish failed"]


@pytest.mark.parametrize("recovery", RULES)
@pytest.mark.parametrize("first", [retry(), unsent()], ids=names)
async def test_what_was_certainly_not_processed_is_sent_again_under_every_rule(
    engine: MakeEngine, recovery: Recovery, first: Reaction
) -> None:
    one = engine(recovery, first, ACCEPTED)

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.log == [
        "claim",
        f"sending submit 1 doubt={recovery is not REPEAT}",
        "sent submit",
        # The end of the attempt is durable before the wait begins.
        "received 1 retry doubt=False",
        f"sending submit 2 doubt={recovery is not REPEAT}",
        "sent submit",
        "finish accepted",
    ]
    assert one.clock.naps == [1.0]


async def test_each_attempt_is_a_new_message_with_the_same_identity(engine: MakeEngine) -> None:
    one = engine(SAME, retry(), unknown(), ACCEPTED)

    await one.run()

    attempts = one.system.attempts
    assert [a.number for a in attempts] == [1, 2, 3]
    assert [a.message_id for a in attempts] == ["m-1", "m-2", "m-3"]
    assert {a.identity for a in attempts} == {f"identity of {SUBMISSION.id}"}
    assert [a.created_on for a in attempts] == [
        NOON,
        NOON + timedelta(seconds=1),
        NOON + timedelta(seconds=3),
    ]
    assert one.entry.first_attempt == NOON
    assert one.entry.last_attempt == NOON + timedelta(seconds=3)


async def test_the_wait_is_at_least_what_the_system_asks_for(engine: MakeEngine) -> None:
    one = engine(SAME, retry(delay=30.0), retry(delay=10_000.0), ACCEPTED)

    await one.run()

    assert one.clock.naps == [30.0, POLICY_LONGEST_ASKED]


POLICY_LONGEST_ASKED = 120.0


@pytest.mark.parametrize(
    ("recovery", "reaction", "state", "reason"),
    [
        (SAME, retry(), State.FAILED, Reason.RETRIES_EXHAUSTED),
        (HOLD, retry(), State.FAILED, Reason.RETRIES_EXHAUSTED),
        (REPEAT, unknown(), State.FAILED, Reason.RETRIES_EXHAUSTED),
        (SAME, unknown(), State.HELD, Reason.OUTCOME_UNKNOWN),
    ],
)
async def test_the_time_for_retries_ends(
    engine: MakeEngine, recovery: Recovery, reaction: Outcome, state: State, reason: Reason
) -> None:
    one = engine(recovery, *[reaction] * 100)

    end = await one.run()

    assert (end.state, end.reason) == (state, reason)
    assert sum(one.clock.naps) <= one.policy.give_up_after
    assert len(one.system.sent) == len(one.clock.naps) + 1
    # The last attempt's end is written with the outcome.
    assert len(one.entry.got) == len(one.entry.sent)


async def test_once_in_doubt_a_later_failure_without_doubt_does_not_end_the_doubt(engine: MakeEngine) -> None:
    one = engine(SAME, unknown(), *[retry()] * 100)

    end = await one.run()

    assert end.state is State.HELD
    assert one.entry.in_doubt


async def test_nothing_to_send_is_tried_again_without_counting_as_an_attempt(engine: MakeEngine) -> None:
    one = engine(SAME, ACCEPTED)
    turned_away = NotPrepared(Retry(Reason.TOKEN_UNAVAILABLE, "no token could be had"))
    one.system.preparing = [turned_away, turned_away, turned_away]

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.clock.naps == [1.0, 2.0, 4.0]
    assert one.entry.attempts == 1
    waits = ["received nothing sent doubt=False"] * 3
    assert one.log == ["claim", *waits, "sending submit 1 doubt=True", "sent submit", "finish accepted"]
    assert (one.entry.schedule.tries, one.entry.schedule.spent) == (3, 7.0)  # a restart goes on from there


async def test_preparing_is_given_up_too(engine: MakeEngine) -> None:
    one = engine(SAME)
    one.system.preparing = [NotPrepared(Retry(Reason.TOKEN_UNAVAILABLE, "no token could be had"))] * 100

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.RETRIES_EXHAUSTED)
    assert sum(one.clock.naps) <= one.policy.give_up_after
    assert one.system.sent == []


async def test_what_blocks_preparing_fails_at_once(engine: MakeEngine) -> None:
    one = engine(SAME)
    one.system.preparing = [NotPrepared(Blocked(Reason.SIGNING_FAILED, "the key is locked"))]

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.SIGNING_FAILED)


@pytest.mark.parametrize("obstacle", OBSTACLES, ids=names)
async def test_what_hinders_a_repetition_leaves_the_doubt_to_a_person(
    engine: MakeEngine, obstacle: Exception
) -> None:
    one = engine(SAME, unknown())
    one.system.preparing = [None, obstacle]

    end = await one.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)
    assert len(one.system.sent) == 1


async def test_a_refused_token_is_renewed_and_the_submission_sent_again_at_once(engine: MakeEngine) -> None:
    one = engine(SAME, retry(reauthorize=True), ACCEPTED)

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.system.reauthorized == ["m-1"]
    assert one.clock.naps == []
    assert one.log.index("reauthorize") < one.log.index("received 1 retry doubt=False")


async def test_a_second_refusal_in_a_row_is_for_an_operator(engine: MakeEngine) -> None:
    one = engine(SAME, retry(reauthorize=True), retry(reauthorize=True))

    end = await one.run()

    assert (end.state, end.reason) == (State.FAILED, Reason.ACCESS_DENIED)
    assert one.system.reauthorized == ["m-1"]
    assert len(one.entry.got) == 2


async def test_a_second_refusal_after_a_doubtful_attempt_is_held(engine: MakeEngine) -> None:
    one = engine(SAME, unknown(), retry(reauthorize=True), retry(reauthorize=True))

    end = await one.run()

    assert (end.state, end.reason) == (State.HELD, Reason.OUTCOME_UNKNOWN)


async def test_a_token_may_expire_again_after_something_else_went_wrong(engine: MakeEngine) -> None:
    one = engine(SAME, retry(reauthorize=True), retry(), retry(reauthorize=True), ACCEPTED)

    end = await one.run()

    assert end.state is State.ACCEPTED
    assert one.system.reauthorized == ["m-1", "m-3"]


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
async def test_a_step_of_the_wall_clock_during_a_wait_does_not_lengthen_it(
    engine: MakeEngine, step: float
) -> None:
    one = engine(SAME, retry(), ACCEPTED, runs=False)
    run = asyncio.create_task(one.run())
    await settle()
    one.clock.step_wall_clock(step)
    await one.clock.advance(1)

    assert (await run).state is State.ACCEPTED


async def test_the_policy_of_the_operation_counts(engine: MakeEngine) -> None:
    one = engine(SAME, retry(), ACCEPTED)
    one.policy = RetryPolicy(initial=7.0, jitter=0.0)

    await one.run()

    assert one.clock.naps == [7.0]
