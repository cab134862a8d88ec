"""The pages of inbox and outbox: order, dates, templates, and messages that come in between two pages."""

from __future__ import annotations

import pytest


def numbers(page):
    return [one["messageId"] for one in page["result"]]


def test_the_unopened_messages_come_first(world):
    first, second, third = (world.control("message", {})["messageId"] for _ in range(3))
    world.wait(minutes=1)
    world.get(f"messages/{second}/open")
    world.wait(minutes=1)
    world.get(f"messages/{third}/open")
    assert numbers(world.get("messages/inbox")) == [first, third, second]


def test_an_outbox_begins_with_the_latest(world):
    sent = []
    for _ in range(3):
        sent.append(world.sent())
        world.wait(seconds=1)
    assert numbers(world.get("messages/outbox")) == sent[::-1]
    page = world.get("messages/outbox", offset=1, limit=1)
    assert (numbers(page), page["length"]) == ([sent[1]], 3)
    assert numbers(world.get("messages/outbox", offset=9)) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 1),
        ({"from": "2026-12-01"}, 1),
        ({"from": "2026-12-02"}, 0),
        ({"to": "2026-12-01"}, 0),
        ({"to": "2026-12-02"}, 1),
        ({"from": "2026-12-01T10:30:15", "to": "2026-12-01T10:30:16"}, 1),
        ({"from": "2026-12-01T10:30:16"}, 0),
        ({"templateId": 1}, 1),
        ({"templateId": 2}, 0),
    ],
    ids=str,
)
def test_dates_and_templates(world, query, found):
    world.sent()
    assert world.get("messages/outbox", **query)["length"] == found


@pytest.mark.parametrize(
    "query", [{"from": "01.12.2026"}, {"to": "x"}, {"offset": "x"}, {"limit": "1.5"}], ids=str
)
def test_queries_that_are_refused(world, query):
    status, problem = world.call("GET", "/ed2/api/messages/inbox", query=query)
    assert (status, list(problem["errors"])) == (400, list(query))


@pytest.mark.parametrize("box", ["inbox", "outbox"])
def test_messages_come_in_between_two_pages(world, box):
    make = world.sent if box == "outbox" else lambda: world.control("message", {})["messageId"]
    first, second = make(), make()
    world.wait(seconds=1)
    world.control("shift", {"box": box, "count": 1, "times": 1})
    pages = [numbers(world.get(f"messages/{box}", offset=offset, limit=1)) for offset in (0, 1, 2)]
    assert pages == [[second], [second], [first]]
