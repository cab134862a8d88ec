"""Which lists are due, and how long a failure is waited out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from worker.admin import scheduled_pulls, scheduled_retention
from worker.admin.pull_policy import PullPolicy, pause_after

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LISTS = ("CL006", "CL037", "C004")


@pytest.mark.parametrize(
    ("hours", "spread", "due"),
    [
        pytest.param({}, 0.0, LISTS, id="nothing was ever pulled"),
        pytest.param({}, 1.0, LISTS, id="what is missing waits for no jitter"),
        pytest.param({"CL006": 1, "CL037": 1, "C004": 1}, 0.0, (), id="all are fresh"),
        pytest.param({"CL006": 1, "C004": 1}, 0.0, ("CL037",), id="only the missing one"),
        pytest.param({"CL006": 24, "CL037": 1, "C004": 1}, 0.0, ("CL006",), id="only the old one"),
        pytest.param(
            {"CL006": 24, "CL037": 22, "C004": 21}, 0.0, ("CL006", "CL037"), id="almost due goes too"
        ),
        pytest.param({"CL006": 23.9, "CL037": 23.9, "C004": 23.9}, 0.0, (), id="almost due alone does not"),
        pytest.param({"CL006": 24, "CL037": 24, "C004": 24}, 0.5, (), id="the jitter puts it off"),
        pytest.param({"CL006": 24.5, "CL037": 24.5, "C004": 24.5}, 0.5, LISTS, id="by its part"),
        pytest.param({"CL006": 25, "CL037": 25, "C004": 25}, 1.0, LISTS, id="by an hour at most"),
        pytest.param({"CL006": -1, "CL037": 1, "C004": 1}, 0.0, (), id="a clock that is somewhat ahead"),
        pytest.param({"CL006": -500, "CL037": 1, "C004": 1}, 0.0, ("CL006",), id="a clock that was wrong"),
        pytest.param(
            {"CL999": 500, **dict.fromkeys(LISTS, 1)}, 0.0, (), id="nobody asks for that list any more"
        ),
    ],
)
def test_a_list_is_due_when_it_is_missing_or_as_old_as_the_interval(hours, spread, due):
    fetched = {name: NOW - timedelta(hours=age) for name, age in hours.items()}
    assert PullPolicy(LISTS, 86_400).due(fetched, NOW, spread) == due


def test_the_jitter_of_a_short_interval_is_a_tenth_of_it():
    policy = PullPolicy(("CL006",), 3600)
    assert policy.due({"CL006": NOW - timedelta(minutes=65)}, NOW, 1.0) == ()
    assert policy.due({"CL006": NOW - timedelta(minutes=66)}, NOW, 1.0) == ("CL006",)


def test_without_lists_nothing_is_due():
    assert PullPolicy((), 3600).due({}, NOW, 0.0) == ()


def test_pauses_grow_from_a_minute_to_an_hour_and_never_end():
    random = Random(1)
    pauses = [pause_after(failures, random) for failures in range(1, 400)]
    assert 60 <= pauses[0] <= 72
    assert 120 <= pauses[1] <= 144
    assert all(3600 <= one <= 4320 for one in pauses[6:])
    assert max(pauses) > min(pauses[6:]), "they are spread"


def test_who_leads_in_one_matter_need_not_lead_in_another():
    assert scheduled_pulls.LOCK != scheduled_retention._LOCK
