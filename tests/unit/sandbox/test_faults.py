"""The fault programme: which rule fires, how often, and what is refused as a rule."""

from __future__ import annotations

import pytest

from sandbox.faults import FaultProgramme, InvalidFault, Kind, rule_from

I001 = {"messageType": "I001", "lrn": "LRN-1", "nrn": None, "signer": "2300000011", "patient": "8621011000"}
TRAITS = frozenset(I001)


def fired(programme: FaultProgramme, times: int, traits=I001) -> str:
    marks = []
    for _ in range(times):
        rule = programme.next(traits)
        marks.append("." if rule is None else str(rule.status % 10))
    return "".join(marks)


@pytest.mark.parametrize(
    ("options", "pattern"),
    [
        ({}, "11111"),
        ({"times": 2}, "11..."),
        ({"times": 0}, "....."),
        ({"skip": 2}, "..111"),
        ({"skip": 1, "times": 1}, ".1..."),
        ({"probability": 0}, "....."),
        ({"probability": 1}, "11111"),
        ({"match": {"messageType": "I003"}}, "....."),
        ({"match": {"messageType": "I001", "signer": "2300000011"}}, "11111"),
        ({"match": {"nrn": "261122ABCDEF"}}, "....."),
    ],
)
def test_when_a_rule_fires(options, pattern):
    programme = FaultProgramme(TRAITS)
    programme.add("status", status=501, **options)

    assert fired(programme, 5) == pattern


def test_first_rule_that_fires_decides():
    programme = FaultProgramme(TRAITS)
    programme.add("status", status=501, times=1)
    programme.add("status", status=502, skip=1, times=1)
    programme.add("status", status=503)

    assert fired(programme, 5) == "13233"


def test_probability_repeats_with_the_seed():
    def pattern(seed):
        programme = FaultProgramme(TRAITS, seed)
        programme.add("status", status=501, probability=0.3)
        return fired(programme, 200)

    assert pattern(1) == pattern(1)
    assert pattern(1) != pattern(2)
    assert 30 <= pattern(1).count("1") <= 90


@pytest.mark.parametrize("kind", [Kind.OUTAGE, Kind.EXPIRE_TOKENS])
def test_outage_and_expiry_happen_once_if_not_said_otherwise(kind):
    assert rule_from({"kind": kind, "seconds": 1}, TRAITS).times == 1
    assert rule_from({"kind": kind, "seconds": 1, "times": 3}, TRAITS).times == 3


@pytest.mark.parametrize(
    ("item", "named"),
    [
        ({}, "kind"),
        ({"kind": "nonesuch"}, "kind"),
        ({"kind": "delay"}, "seconds"),
        ({"kind": "outage"}, "seconds"),
        ({"kind": "delay", "seconds": -1}, "seconds"),
        ({"kind": "delay", "seconds": "1"}, "seconds"),
        ({"kind": "status", "status": 700}, "status"),
        ({"kind": "status", "body": "json"}, "body"),
        ({"kind": "garbage", "probability": 2}, "probability"),
        ({"kind": "garbage", "times": -1}, "times"),
        ({"kind": "garbage", "skip": 1.5}, "skip"),
        ({"kind": "garbage", "match": {"name": "x"}}, "match"),
        ({"kind": "garbage", "match": "I001"}, "match"),
        ({"kind": "garbage", "headers": []}, "headers"),
        ({"kind": "garbage", "often": 1}, "often"),
    ],
)
def test_what_is_no_rule(item, named):
    with pytest.raises(InvalidFault, match=named):
        rule_from(item, TRAITS)


def test_all_problems_of_a_rule_are_reported():
    with pytest.raises(InvalidFault) as told:
        rule_from({"kind": "nonesuch", "times": -1, "often": 1}, TRAITS)

    assert all(name in str(told.value) for name in ("kind", "times", "often"))


def test_nulls_are_as_if_not_given():
    assert rule_from({"kind": "status", "skip": None, "status": None, "body": None}, TRAITS).status == 500


def test_load_is_all_or_nothing():
    programme = FaultProgramme(TRAITS)
    programme.add("garbage")

    with pytest.raises(InvalidFault):
        programme.load([{"kind": "truncate"}, {"kind": "nonesuch"}])
    assert [rule.kind for rule in programme.rules] == ["garbage"]
    programme.load([{"kind": "truncate"}], append=True)
    assert [rule.kind for rule in programme.rules] == ["garbage", "truncate"]
    programme.load([{"kind": "truncate"}])
    assert [rule.kind for rule in programme.rules] == ["truncate"]


def test_shown_counts_and_names_nobody():
    programme = FaultProgramme(TRAITS)
    programme.add("garbage", match={"patient": "8621011000"}, times=1)
    fired(programme, 3)

    assert programme.shown() == [{"kind": "garbage", "met": 3, "fired": 1}]
    assert "8621011000" not in repr(programme.rules)
