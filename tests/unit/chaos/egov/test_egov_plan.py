"""What is asked of RegiX and ePayments: the same for the same seed, every kind, in order, with some of it twice."""

from __future__ import annotations

import json
from random import Random

import pytest

from tests.chaos.egov.events import event, system_of
from tests.chaos.egov.plan import ONE_IN, Kind, ids, plan

ASKS = plan(600, 50.0, Random(1))


def test_the_seed_decides():
    assert plan(600, 50.0, Random(1)) == ASKS
    assert plan(600, 50.0, Random(2)) != ASKS


def test_there_is_one_for_so_many_submissions():
    assert len(ids(ASKS)) == 600 // ONE_IN


@pytest.mark.parametrize("seed", range(5))
def test_a_small_run_has_each_kind_too(seed):
    assert {one.kind for one in plan(8, 10.0, Random(seed))} == set(Kind)


def test_records_are_in_order_and_within_the_time():
    assert [one.at for one in ASKS] == sorted(one.at for one in ASKS)
    assert 0 <= ASKS[0].at <= ASKS[-1].at <= 50.0


def test_a_repeat_comes_after_what_it_repeats():
    first = {}
    repeats = 0
    for number, one in enumerate(ASKS):
        if one.again:
            repeats += 1
            assert first[one.id] < number
        else:
            first[one.id] = number
    assert repeats > 0


@pytest.mark.parametrize("kind", Kind)
def test_an_event_names_its_submission_where_the_ledger_shows_it(kind):
    document = json.loads(event("name-1", kind).value)
    data = document["data"]

    assert document["type"].startswith(f"{system_of(kind)}.")
    named = data["aisPaymentId"] if kind is Kind.PAYMENT else data["context"]["serviceUri"]
    assert named == document["id"] == "name-1"


def test_two_writes_are_told_apart_by_their_arguments():
    first, second = (json.loads(event(name, Kind.LATER_WRITE).value)["data"] for name in ("a", "b"))
    assert first["xml"] != second["xml"]
