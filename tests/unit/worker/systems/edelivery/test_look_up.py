"""Looking a message up whose answer was lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from contracts.reasons import Reason
from contracts.reference_number import generated
from tests.support.systems.edelivery.answers import (
    answer,
    blob,
    listed,
    page,
    sent,
    template,
)
from tests.support.systems.edelivery.making import API, NOW, ONE_TEXT, event, route, world
from worker.outcome import (
    Accepted,
    NotArrived,
    Retry,
    Unknown,
)
from worker.systems.port import Attempt
from worker.transport.port import Answer, SendGuard

LOST = Unknown(Reason.ANSWER_TIMEOUT, "no answer")


async def in_doubt(made, told, **progress):
    """Let the message be sent without an answer, and look it up."""
    progress = {
        "begun": "2026-02-27T23:30:00+00:00",
        "template": json.dumps(template()["content"]),
        **progress,
    }
    attempt = Attempt(2, "message-2", NOW, made.system.identity(told), progress)
    message = await made.system.prepare_look_up(told, attempt, LOST)
    answered = await made.system.exchange(message, SendGuard(lambda: True))
    return message, made.system.settle(told, LOST, message, answered)


async def test_the_look_up_asks_from_the_day_before_the_first_step():
    made = world(route({("GET", "/messages/outbox"): answer(page())}))
    message, _ = await in_doubt(made, event("message.send", ONE_TEXT))
    # 23:30 in UTC is the next day in Sofia; the interface reads its last day as the beginning of it.
    assert message.url == (
        f"{API}/messages/outbox?from=2026-02-27&to=2026-03-03&templateId=1&offset=0&limit=100"
    )


TEXT = ONE_TEXT["fields"][0]["text"]
EARLIER = "2026-02-28T01:19:00"
"""More than ten minutes before the first step of `in_doubt`, by the clock in Sofia."""
LOOKED_UP = {
    "absent": ([], [], "unknown", NotArrived),
    "ours": ([listed()], [sent()], "unknown", Accepted),
    "another-recipient": ([listed()], [sent(recipients=(5,))], "unknown", NotArrived),
    "another-subject": ([listed(subject="Друго")], [], "unknown", NotArrived),
    "twice": ([listed(1), listed(2)], [sent(1), sent(2)], "unknown", Unknown),
    "another-number": ([listed(rnu="other")], [sent(rnu="other")], "unknown", Unknown),
    "another-number-kept": ([listed(rnu="other")], [], "kept", NotArrived),
    "another-number-replaced": ([listed(rnu="other")], [sent(rnu="other")], "replaced", Accepted),
    "two-replaced": (
        [listed(1, "a"), listed(2, "b")],
        [sent(1, "a"), sent(2, "b")],
        "replaced",
        Unknown,
    ),
    "unreadable-view": ([listed()], [sent(recipients=())], "unknown", Unknown),
    "earlier-same-number": ([listed()], [sent(dateSent=EARLIER)], "kept", NotArrived),
    "earlier-replaced": (
        [listed(rnu="other")],
        [sent(rnu="other", dateSent=EARLIER)],
        "replaced",
        NotArrived,
    ),
    "earlier-as-listed": ([listed(dateSent=EARLIER)], [], "unknown", NotArrived),
    "earlier-with-an-offset": ([listed()], [sent(dateSent="2026-02-27T23:19:00Z")], "unknown", NotArrived),
    "earlier-than-ours": (
        [listed(1, dateSent=EARLIER), listed()],
        [sent(1, dateSent=EARLIER), sent()],
        "unknown",
        Accepted,
    ),
    "earlier-of-unreadable-fields": ([listed()], [sent(dateSent=EARLIER, fields=3)], "unknown", NotArrived),
    "a-clock-behind": ([listed()], [sent(dateSent="2026-02-28T01:21:00")], "unknown", Accepted),
    "a-clock-behind-with-an-offset": (
        [listed()],
        [sent(dateSent="2026-02-27T23:21:00Z")],
        "unknown",
        Accepted,
    ),
    "same-time-other-text": ([listed()], [sent(fields={TEXT_FIELD: "Друго"})], "kept", NotArrived),
    "same-time-other-text-replaced": (
        [listed(rnu="other")],
        [sent(rnu="other", fields={TEXT_FIELD: "Друго"})],
        "replaced",
        NotArrived,
    ),
    "same-text-other-id-case": ([listed()], [sent(fields={TEXT_FIELD.upper(): TEXT})], "unknown", Accepted),
    "same-text-other-line-ends": (
        [listed()],
        [sent(fields={TEXT_FIELD: f"{TEXT}\r\n"})],
        "unknown",
        Accepted,
    ),
    "no-files-stated": ([listed()], [sent(fields={TEXT_FIELD: TEXT, FILES_FIELD: []})], "unknown", Accepted),
    "more-files": (
        [listed()],
        [sent(fields={TEXT_FIELD: TEXT, FILES_FIELD: [blob()]})],
        "unknown",
        Unknown,
    ),
    "unreadable-date": ([listed()], [sent(dateSent="вчера")], "unknown", Unknown),
    "date-without-time": ([listed()], [sent(dateSent="2026-03-01")], "unknown", Unknown),
    "no-date": ([listed(dateSent=None)], [sent(dateSent=None)], "unknown", Unknown),
    "no-date-other-text": (
        [listed(dateSent=None)],
        [sent(dateSent=None, fields={TEXT_FIELD: "Друго"})],
        "unknown",
        NotArrived,
    ),
    "no-fields": ([listed()], [sent(fields=None)], "unknown", Unknown),
    "no-text": ([listed()], [sent(fields={TEXT_FIELD: None})], "unknown", Unknown),
}


@pytest.mark.parametrize("name", LOOKED_UP)
async def test_the_outbox_settles_a_lost_answer(name):
    shown, views, sent_rnu, expected = LOOKED_UP[name]
    table = {("GET", "/messages/outbox"): answer(page(*shown))}
    table |= {("GET", f"/messages/{one['messageId']}/view"): answer(one) for one in views}
    made = world(route(table), look_up={"sent_rnu": sent_rnu})
    _, outcome = await in_doubt(made, event("message.send", ONE_TEXT))
    assert isinstance(outcome, expected)
    if isinstance(outcome, Accepted):
        assert outcome.data["messageId"] == 4711023
        assert outcome.data["foundByLookUp"] is True
        assert outcome.data["rnu"] == "rnu-1"
    if isinstance(outcome, Unknown):
        assert outcome.reason == Reason.OUTCOME_UNKNOWN


AHEAD = {"begun-latest": "2026-03-01T23:30:00+00:00"}
"""The worker's clock was two days ahead of the system's at the first step."""
DISAGREED = {
    "between": ([sent(rnu="other")], Unknown),
    "before-both": ([sent(rnu="other", dateSent=EARLIER)], NotArrived),
    "after-both": ([sent(rnu="other", dateSent="2026-03-02T02:00:00")], Accepted),
    "between-other-text": ([sent(rnu="other", fields={TEXT_FIELD: "Друго"})], NotArrived),
}


@pytest.mark.parametrize("name", DISAGREED)
async def test_a_message_between_two_clocks_is_neither_taken_for_this_one_nor_sent_again(name):
    views, expected = DISAGREED[name]
    table = {("GET", "/messages/outbox"): answer(page(*(listed(rnu="other", dateSent=None) for _ in views)))}
    table |= {("GET", f"/messages/{one['messageId']}/view"): answer(one) for one in views}
    made = world(route(table), look_up={"sent_rnu": "replaced"})
    _, outcome = await in_doubt(made, event("message.send", ONE_TEXT), **AHEAD)
    assert isinstance(outcome, expected)


async def test_what_a_worker_sent_while_its_clock_was_a_day_ahead_is_not_sent_again():
    clock = [NOW + timedelta(days=1)]
    read = answer(template())
    read = replace(read, headers={**read.headers, "date": "Sun, 01 Mar 2026 12:00:00 GMT"})
    shown, view = listed(rnu="other", dateSent=None), sent(rnu="other", dateSent="2026-03-01T14:00:01")
    table = {
        ("GET", "/templates/1"): read,
        ("GET", "/messages/outbox"): answer(page(shown)),
        ("GET", "/messages/4711023/view"): answer(view),
    }
    made = world(route(table), now=lambda: clock[0], look_up={"sent_rnu": "replaced"})
    told = event("message.send", ONE_TEXT)
    first = await made.system.prepare(told, Attempt(1, "m", NOW, "i"))
    begun = made.system.interpret(told, first, await made.system.exchange(first, SendGuard(lambda: True)))
    clock[0] = NOW
    _, outcome = await in_doubt(made, told, **begun.progress)
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)


@pytest.mark.parametrize("days", [1, 400])
async def test_a_message_whose_beginning_is_still_to_come_is_not_sent_again(days):
    """The worker's clock was ahead, and the system stated no time; or the version before kept no other."""
    shown, view = listed(rnu="other", dateSent=None), sent(rnu="other", dateSent="2026-03-01T14:00:01")
    table = {
        ("GET", "/messages/outbox"): answer(page(shown)),
        ("GET", "/messages/4711023/view"): answer(view),
    }
    made = world(route(table), look_up={"sent_rnu": "replaced"})
    begun = (NOW + timedelta(days=days)).isoformat()
    message, outcome = await in_doubt(made, event("message.send", ONE_TEXT), begun=begun)
    assert "from=2026-02-21&" in message.url
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
    assert "two clocks that disagree" in outcome.detail


async def test_a_clock_that_was_wrong_at_the_first_step_only_adds_days():
    made = world(route({("GET", "/messages/outbox"): answer(page())}))
    message, _ = await in_doubt(
        made, event("message.send", ONE_TEXT), **{"begun-latest": "2026-03-09T12:00:00+00:00"}
    )
    assert "from=2026-02-27&to=2026-03-11&" in message.url


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("Mon, 02 Mar 2026 21:59:00 GMT", NotArrived),
        ("Mon, 02 Mar 2026 22:01:00 GMT", Unknown),  # 3 March in Sofia, on whose beginning the look-up ends
        ("Tue, 31 Mar 2026 12:00:00 GMT", Unknown),
        ("", NotArrived),
    ],
)
async def test_what_a_clock_that_is_behind_leaves_out_is_not_taken_for_all(stated, expected):
    shown = answer(page())
    shown = replace(shown, headers={**shown.headers, "date": stated})
    _, outcome = await in_doubt(
        world(route({("GET", "/messages/outbox"): shown})), event("message.send", ONE_TEXT)
    )
    assert isinstance(outcome, expected)
    if expected is Unknown:
        assert "clock of this worker is behind" in outcome.detail


async def test_a_number_that_herald_made_for_this_submission_proves_it_alone():
    told = event("message.send", ONE_TEXT)
    told = replace(told, rnu=generated(told.source, told.id))
    made = world(route({("GET", "/messages/outbox"): answer(page(listed(rnu=told.rnu)))}))
    _, outcome = await in_doubt(made, told)
    assert outcome.data == {"messageId": 4711023, "rnu": told.rnu, "foundByLookUp": True}
    assert len(made.gateway.requests) == 1


async def test_what_was_sent_on_behalf_of_another_cannot_be_compared():
    told = event("message.send-on-behalf", {**ONE_TEXT, "onBehalfOf": "branch"})
    made = world(route({("GET", "/obo/messages/outbox"): answer(page(listed()))}))
    _, outcome = await in_doubt(made, told)
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
    made = world(route({("GET", "/obo/messages/outbox"): answer(page())}))
    assert isinstance((await in_doubt(made, told))[1], NotArrived)


async def test_a_look_up_reads_bounded_pages():
    pages = [
        answer(page(*(listed(10 * number + one, subject="Друго") for one in range(2)), total=99))
        for number in range(9)
    ]
    made = world(route({("GET", "/messages/outbox"): pages}), look_up={"page_size": 2, "most_pages": 3})
    _, outcome = await in_doubt(made, event("message.send", ONE_TEXT))
    assert (type(outcome), outcome.reason) == (Unknown, Reason.OUTCOME_UNKNOWN)
    assert [one.url.partition("offset=")[2] for one in made.gateway.requests] == [
        f"{offset}&limit=2" for offset in (0, 2, 4)
    ]


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (Answer(401, {}, b""), Retry),
        (Answer(503, {}, b"<html>"), Unknown),
        (Answer(200, {}, b"<html>"), Unknown),
        (answer({"result": "none"}), Unknown),
    ],
    ids=["token", "unavailable", "html", "another-shape"],
)
@pytest.mark.parametrize("where", ["page", "view"])
async def test_a_look_up_that_fails_says_nothing_of_the_message(failed, expected, where):
    table = {
        ("GET", "/messages/outbox"): answer(page(listed())),
        ("GET", "/messages/4711023/view"): answer(sent()),
    }
    table["GET", "/messages/outbox" if where == "page" else "/messages/4711023/view"] = failed
    _, outcome = await in_doubt(world(route(table)), event("message.send", ONE_TEXT))
    if where == "view" and failed.body.startswith(b"{"):
        assert outcome.reason == Reason.OUTCOME_UNKNOWN
    assert isinstance(outcome, expected)


async def test_before_the_message_itself_there_is_nothing_to_look_up():
    made = world(route({})).system
    told = event("message.send", ONE_TEXT)
    assert await made.prepare_look_up(told, Attempt(1, "m", NOW, "i"), LOST) is None
    status = event("message.status")
    assert await made.prepare_look_up(status, Attempt(1, "m", NOW, "i"), LOST) is None
