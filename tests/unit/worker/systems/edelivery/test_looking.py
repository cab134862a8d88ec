"""Looking into inboxes: every message is seen, also while others are opened, and a failure is told."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contracts.edelivery.events import NOTIFICATIONS
from contracts.reasons import Reason
from tests.support.systems.edelivery.answers import answer, arrived, page
from tests.support.systems.edelivery.making import NOW, route, world
from worker.outcome import Retry
from worker.systems.edelivery.inbox import Cursor, cursor_of
from worker.systems.edelivery.settings import InboxSettings
from worker.systems.news import LookFailed, Watch
from worker.systems.port import NotPrepared
from worker.transport.port import Answer, DeliveryError

DESK = {"desk": {"signer": "one"}}
WATCH = Watch("desk", "one", 60)
MADE = world(route({}), watches=DESK)
TODAY = format_datetime(NOW, usegmt=True)


class Inbox:
    """An inbox as the public server orders it: what was not opened first, then the newest."""

    def __init__(self, sent, stated=""):
        self.sent = dict(sent)
        self.stated = stated
        self.opened = set()
        self.asked = []

    def __call__(self, request):
        query = {name: one[0] for name, one in parse_qs(urlsplit(request.url).query).items()}
        self.asked.append(query)
        found = [one for one, day in self.sent.items() if day >= query["from"]]
        ordered = sorted(found, key=lambda one: (one in self.opened, -one))
        begin = int(query["offset"])
        shown = ordered[begin : begin + int(query["limit"])]
        listed = answer(page(*(arrived(one) for one in shown), total=len(found)))
        return replace(listed, headers={**listed.headers, "date": self.stated})


def ids(seen):
    return [notice.data["messageId"] for notice in seen.notices]


async def test_a_look_publishes_what_the_inbox_shows_and_opens_nothing():
    made = world(Inbox({1: "2026-03-01"}), watches=DESK)
    assert made.system.watches() == [WATCH]
    seen = await made.system.look(WATCH, None)
    (notice,) = seen.notices
    assert (notice.type, notice.key, notice.rnu) == ("edelivery.message.arrived.v1", '["desk", 1]', "rnu-1")
    NOTIFICATIONS[0].model.model_validate(notice.data)
    assert not seen.more
    assert [one.url.partition("?")[0] for one in made.gateway.requests] == [
        "https://esb.test:5051/ed2/api/messages/inbox"
    ]


async def test_a_message_that_somebody_opens_is_the_same_message():
    before, after = (
        arrived(1),
        {**arrived(1), "dateReceived": "2026-03-01T12:00:00", "recipientLoginName": "Y"},
    )
    shown = iter([before, after])
    made = world(lambda _: answer(page(next(shown))), watches=DESK)

    first, later = [await made.system.look(WATCH, None) for _ in range(2)]

    assert first.notices == later.notices


async def test_the_first_look_begins_some_days_back_and_later_ones_read_days_again():
    inbox = Inbox({1: "2026-02-20", 2: "2026-03-01"})
    made = world(inbox, watches=DESK, inbox={"first_days": 7, "overlap_days": 2})
    first = await made.system.look(WATCH, None)
    assert ids(first) == [2]
    await made.system.look(WATCH, first.cursor)
    assert [one["from"] for one in inbox.asked] == ["2026-02-22", "2026-02-27"]


@pytest.mark.parametrize("stated", [TODAY, ""])
async def test_a_clock_that_was_ahead_once_hides_no_message(stated):
    """Not even where the system does not state its time, though messages may then come only with the right clock."""
    inbox, clock = Inbox({1: "2026-03-01"}, stated), [NOW + timedelta(days=365)]

    made = world(inbox, now=lambda: clock[0], watches=DESK)
    cursor = (await made.system.look(WATCH, None)).cursor
    cursor = (await made.system.look(WATCH, cursor)).cursor
    clock[0] = NOW
    assert ids(await made.system.look(WATCH, cursor)) == [1]


@pytest.mark.parametrize("pages", [1, 3])
async def test_the_first_look_goes_by_the_clock_of_the_system_where_that_is_behind(pages):
    """The worker's clock is eight days ahead at the first look, and right two days later."""
    inbox, clock = Inbox({1: "2026-02-26", 2: "2026-03-01"}, TODAY), [NOW + timedelta(days=8)]

    made = world(inbox, now=lambda: clock[0], watches=DESK, inbox={"pages_per_look": pages})
    cursor, found = None, set()
    for _ in range(3):
        seen = await made.system.look(WATCH, cursor)
        cursor, found = seen.cursor, found | set(ids(seen))
    assert found == {1, 2}
    clock[0] = NOW + timedelta(days=2)
    inbox.stated = format_datetime(clock[0], usegmt=True)
    inbox.sent[3] = "2026-03-01"
    assert 3 in ids(await made.system.look(WATCH, cursor))


async def test_a_clock_that_is_ahead_keeps_the_days_that_are_read_again():
    inbox, clock = Inbox({1: "2026-02-28"}, TODAY), [NOW]

    made = world(inbox, now=lambda: clock[0], watches=DESK)
    cursor = (await made.system.look(WATCH, None)).cursor
    clock[0] = NOW + timedelta(days=365)
    cursor = (await made.system.look(WATCH, cursor)).cursor
    await made.system.look(WATCH, cursor)
    assert {one["from"] for one in inbox.asked[1:]} == {"2026-02-26"}


async def test_a_full_inbox_is_read_in_bounded_looks():
    inbox = Inbox(dict.fromkeys(range(1, 101), "2026-03-01"))
    made = world(inbox, watches=DESK, inbox={"page_size": 10, "pages_per_look": 3})
    cursor, found, looks = None, set(), 0
    while True:
        seen = await made.system.look(WATCH, cursor)
        cursor, looks = seen.cursor, looks + 1
        found |= set(ids(seen))
        if not seen.more:
            break
    assert found == set(range(1, 101))
    assert len(inbox.asked) <= looks * 3


@given(st.data())
@hypothesis_settings(deadline=None, max_examples=60)
def test_no_message_is_lost_while_others_are_opened_and_arrive(data):
    """Between any two looks messages may be opened. They are older than the days that every look reads again."""
    count = data.draw(st.integers(1, 60))
    inbox = Inbox(dict.fromkeys(range(1, count + 1), "2026-02-23"))
    pages = data.draw(st.integers(1, 4))
    settings = {"page_size": 10, "pages_per_look": pages, "first_days": 7, "overlap_days": 1}
    MADE.gateway.handler = inbox
    looking = MADE.system._looking
    looking._settings = InboxSettings.model_validate(settings)

    async def passes():
        cursor, found, whole = None, set(), 0
        while whole < 3:
            seen = await looking.look(WATCH, cursor)
            cursor = seen.cursor
            found |= set(ids(seen))
            whole += not seen.more
            if whole < 3:
                inbox.opened |= data.draw(st.sets(st.integers(1, count), max_size=4))
        return found

    assert asyncio.run(passes()) == set(range(1, count + 1))


async def test_a_represented_inbox_is_read_on_its_behalf():
    watches = {"desk": {"signer": "one", "on_behalf_of": "branch", "template_id": 7}}
    made = world(route({("GET", "/obo/messages/inbox"): answer(page())}), watches=watches)
    await made.system.look(WATCH, None)
    assert "templateId=7" in made.gateway.requests[0].url
    assert made.esb.asked[0][2].represented_person_id == "204153"


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        (Answer(401, {}, b""), Reason.TOKEN_REFUSED),
        (Answer(403, {}, b""), Reason.ACCESS_DENIED),
        (Answer(500, {}, b"<html>"), Reason.SERVER_ERROR),
        (Answer(200, {}, b"<html>"), Reason.UNREADABLE_ANSWER),
        (answer({"result": 1}), Reason.UNEXPECTED_MESSAGE),
        (DeliveryError("connection-refused", "refused", sent=False), "connection-refused"),
    ],
    ids=["token", "access", "failure", "html", "shape", "network"],
)
async def test_a_look_that_fails_says_why(failed, reason):
    made = world(route({("GET", "/messages/inbox"): failed}), watches=DESK)
    with pytest.raises(LookFailed) as look:
        await made.system.look(WATCH, None)
    assert look.value.reason == reason
    assert bool(made.esb.dropped) == (reason == Reason.TOKEN_REFUSED)


async def test_without_a_token_nothing_is_seen():
    made = world(route({}), watches=DESK)
    made.esb.fails = NotPrepared(Retry(Reason.TOKEN_UNAVAILABLE, "no token", 5.0))
    with pytest.raises(LookFailed) as look:
        await made.system.look(WATCH, None)
    assert (look.value.reason, look.value.delay) == (Reason.TOKEN_UNAVAILABLE, 5.0)


async def test_a_name_that_the_settings_of_the_esb_lack_is_told():
    made = world(route({}), watches={"desk": {"signer": "one", "on_behalf_of": "stranger"}})
    with pytest.raises(LookFailed) as look:
        await made.system.look(WATCH, None)
    assert look.value.reason == Reason.SIGNER_NOT_ALLOWED


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"first": 1, "more": 2}', "nonsense"])
def test_a_cursor_that_cannot_be_read_begins_anew(text):
    today = NOW.date()
    assert cursor_of(text, today, InboxSettings()) == cursor_of(None, today, InboxSettings())


def test_a_pass_keeps_its_first_day_until_it_was_whole_twice():
    kept = Cursor("2026-02-01", "2026-03-01", 20, 0)
    later = datetime(2026, 3, 9, tzinfo=UTC).date()
    assert cursor_of(kept.text(), later, InboxSettings()) == kept
    between = Cursor("2026-02-01", "2026-03-01", 0, 1)
    assert cursor_of(between.text(), later, InboxSettings()).begun == "2026-03-09"
    assert json.loads(kept.text()) == {
        "first": "2026-02-01",
        "begun": "2026-03-01",
        "offset": 20,
        "passes": 0,
    }
