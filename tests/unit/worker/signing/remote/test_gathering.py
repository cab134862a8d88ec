import pytest

from worker.signing.remote.gathering import BatchPolicy, Call, Wait, decide

ONE = BatchPolicy(most=10)
TWO = BatchPolicy(most=10, calls=2)
PATIENT = BatchPolicy(most=10, linger=0.5)

CASES = {
    "nothing waits": (ONE, 0, 0, 0.0, Wait()),
    "idle: at once, alone": (ONE, 1, 0, 0.0, Call(1)),
    "idle: all that wait": (ONE, 7, 0, 0.0, Call(7)),
    "more than a call takes": (ONE, 25, 0, 0.0, Call(10)),
    "one in flight: the next gathers": (ONE, 3, 1, 9.0, Wait()),
    "one in flight, and a full one waits": (ONE, 10, 1, 9.0, Wait()),
    "a second call may be made": (TWO, 3, 1, 0.0, Call(3)),
    "no third one": (TWO, 3, 2, 0.0, Wait()),
    "linger: not yet": (PATIENT, 3, 0, 0.1, Wait(0.4)),
    "linger: long enough": (PATIENT, 3, 0, 0.5, Call(3)),
    "linger: a full call does not wait": (PATIENT, 10, 0, 0.0, Call(10)),
    "linger: nor where nothing may be called": (PATIENT, 10, 1, 0.0, Wait()),
}


@pytest.mark.parametrize(("policy", "waiting", "in_flight", "waited", "told"), CASES.values(), ids=CASES)
def test_what_is_called(policy, waiting, in_flight, waited, told):
    found = decide(policy, waiting=waiting, in_flight=in_flight, waited=waited)
    assert type(found) is type(told)
    if isinstance(found, Wait):
        assert found.seconds == pytest.approx(told.seconds)
    else:
        assert found == told


@pytest.mark.parametrize(("limit", "most"), [(1, 1), (5, 5), (10, 10), (1000, 10), (0, 1)])
def test_the_providers_limit_counts(limit, most):
    assert PATIENT.at_most(limit) == BatchPolicy(most, linger=0.5)
