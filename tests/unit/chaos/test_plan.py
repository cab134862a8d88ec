"""What the producer will publish: the same for the same seed, in order, with everything that a run needs."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.chaos.plan import Bad, ids, plan
from tests.support.worker.hospital import CANCEL, REACTION, REGISTER, SEARCH

STEPS = plan(600, 60, 50.0, Random(1))
ALL = [step for of_patient in STEPS for step in of_patient]


def test_the_seed_decides():
    assert plan(600, 60, 50.0, Random(1)) == STEPS
    assert plan(600, 60, 50.0, Random(2)) != STEPS


def test_so_many_must_be_answered():
    assert len(ids(STEPS)) == 600


def test_each_patients_records_are_in_order_and_within_the_time():
    for patient, of_patient in enumerate(STEPS):
        times = [step.at for step in of_patient]
        assert times == sorted(times)
        assert 0 <= times[0] <= times[-1] <= 50.0
        assert {step.patient for step in of_patient} == {patient}


def test_most_register_and_every_operation_comes():
    first = Counter(step.operation for step in ALL if not step.again and step.bad is None)

    assert set(first) == {REGISTER, REACTION, SEARCH, CANCEL}
    assert first[REGISTER] > 0.7 * first.total()


def test_what_is_about_a_registration_comes_after_it_and_alone():
    for of_patient in STEPS:
        seen, used = set(), set()
        for step in of_patient:
            if step.about and not step.again:
                assert step.about in seen
                assert step.about not in used
                used.add(step.about)
            seen.add(step.id)


def test_repeats_and_conflicts_come_after_what_they_repeat():
    for of_patient in STEPS:
        seen = set()
        for step in of_patient:
            if step.again or step.bad is Bad.CONFLICT:
                assert step.id in seen
            seen.add(step.id)


def test_every_kind_of_bad_event_comes():
    assert {step.bad for step in ALL if step.bad} == set(Bad) - {Bad.SIGNING_FAILED}
    assert any(step.again for step in ALL)
