"""The order of faults: from the seed, each once before any comes again; and each has something that injects it."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from sandbox.faults import Kind
from tests.chaos.faults.table import FAULTS
from tests.chaos.schedule import EVERY, LAST, QUICK, injections, lanes


def test_every_fault_is_dealt_into_one_lane():
    dealt = [kind for lane in lanes(Random(1), quick=False) for kind in lane.kinds]

    assert len(dealt) == len(set(dealt))
    assert {*dealt, *LAST} == EVERY


def test_every_fault_can_be_injected():
    assert FAULTS.keys() == EVERY


def test_every_fault_of_the_sandbox_is_among_them():
    assert {kind for kind in Kind if any(name.startswith(f"nhis-{kind}") for name in EVERY)} == set(Kind)


def test_a_quick_run_has_few_and_each_once():
    dealt = [kind for lane in lanes(Random(1), quick=True) for kind in lane.kinds]

    assert {*dealt, *LAST} == QUICK
    assert all(lane.later is None for lane in lanes(Random(1), quick=True))


@pytest.mark.parametrize("seed", range(5))
def test_each_comes_once_before_any_comes_again(seed):
    for lane in lanes(Random(seed), quick=False):
        count = len(lane.kinds)
        rounds = 2 if lane.later is not None else 1
        drawn = list(islice(injections(lane, Random(seed)), 2 * count))
        assert [must for must, _, _ in drawn] == ([True] * count + [False] * count)[: rounds * count]
        for turn in (drawn[:count], drawn[count:])[:rounds]:
            assert sorted(kind for _, _, kind in turn) == sorted(lane.kinds)


def test_the_seed_decides():
    def all_of(seed):
        return [list(injections(lane, Random(seed))) for lane in lanes(Random(seed), quick=True)]

    assert all_of(1) == all_of(1)
    assert all_of(1) != all_of(2)
