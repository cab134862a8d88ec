"""What is asked of eDelivery and eForms: the same for the same seed, every kind, in order, with some of it twice."""

from __future__ import annotations

import hashlib
import json
from random import Random

import pytest

from tests.chaos.letters import arrivals
from tests.chaos.letters.events import digests_of, event, subject_digest, system_of
from tests.chaos.letters.plan import ONE_IN, OPENS, SENDS, Kind, ids, plan

ASKS = plan(600, 50.0, Random(1))


def test_the_seed_decides():
    assert plan(600, 50.0, Random(1)) == ASKS
    assert plan(600, 50.0, Random(2)) != ASKS


def test_there_is_one_for_so_many_submissions():
    assert len(ids(ASKS)) == 600 // ONE_IN


@pytest.mark.parametrize("seed", range(5))
def test_a_small_run_has_each_kind_too(seed):
    assert {one.kind for one in plan(8, 10.0, Random(seed))} == set(Kind)


def test_every_kind_sends_or_opens():
    assert set(Kind) == SENDS | OPENS
    assert not SENDS & OPENS


def test_records_are_in_order_and_a_repeat_comes_after_what_it_repeats():
    assert [one.at for one in ASKS] == sorted(one.at for one in ASKS)
    seen = set()
    for one in ASKS:
        assert one.again == (one.id in seen)
        seen.add(one.id)
    assert any(one.again for one in ASKS)


@pytest.mark.parametrize("kind", Kind)
def test_an_event_names_its_submission_where_the_ledger_shows_it(kind):
    document = json.loads(event("name-1", kind, message=7).value)

    assert document["id"] == "name-1"
    assert document["type"].startswith(f"{system_of(kind)}.")
    if kind is Kind.LETTER:
        assert hashlib.sha256(document["data"]["subject"].encode()).hexdigest() == subject_digest("name-1")
    elif kind is Kind.RESPONSE:
        assert document["rnu"] == "name-1"
    else:
        assert document["data"] == {"messageId": 7}


def test_two_letters_have_different_subjects_and_one_file_of_their_own():
    assert subject_digest("a") != subject_digest("b")
    assert len(digests_of("a")) == 2
    assert len(digests_of("a") & digests_of("b")) == 1


def test_a_request_arrives_with_its_xml_and_a_scan():
    names = [[one["name"] for one in arrivals.message_of("n", kind)["files"]] for kind in sorted(OPENS)]
    assert names == [["снимка.pdf"], ["снимка.pdf", "request.xml"]]
    said = {"messageId": 3, "blobs": [{"hash": "AB"}, {"hash": "cd"}]}
    assert arrivals.arrived(said) == arrivals.Arrived(3, frozenset({"ab", "cd"}))
