import pytest

from worker.signing.csc.sad import Sad
from worker.signing.remote.exchange import Reply
from worker.signing.remote.lifetime import DEFAULT_SECONDS, seconds_in, usable_seconds

# Asked for at 100, valid for 300 seconds and 10 signatures: renewed 30 seconds before its end.
SAD = Sad.given("hidden", asked_at=100.0, lifetime=300.0, count=10)


@pytest.mark.parametrize(
    ("count", "now", "covers", "extendable"),
    [
        (1, 100.0, True, False),
        (10, 369.0, True, False),
        (11, 100.0, False, False),
        (1, 370.0, False, True),
        (11, 370.0, False, False),
        (1, 399.0, False, True),
        (1, 400.0, False, False),
    ],
)
def test_for_how_many_and_until_when(count, now, covers, extendable):
    assert SAD.covers(count, now) is covers
    assert SAD.extendable(count, now) is extendable


def test_what_is_spent_is_gone():
    assert SAD.spent(10).covers(1, 100.0) is False
    assert SAD.spent(9).covers(1, 100.0) is True


def test_it_does_not_show_itself():
    assert "hidden" not in repr(SAD)


@pytest.mark.parametrize(("lifetime", "used"), [(3600, 3570), (60, 30), (20, 10), (2, 1)])
def test_it_is_used_for_a_little_less_than_its_life(lifetime, used):
    assert usable_seconds(lifetime) == used


@pytest.mark.parametrize("stated", [None, "3600", True, -1, 0, float("inf"), float("nan"), []])
def test_a_lifetime_that_is_not_stated_is_the_specifications_own(stated):
    assert seconds_in(Reply(200, {"expiresIn": stated}), "expiresIn") == DEFAULT_SECONDS


def test_a_stated_lifetime():
    assert seconds_in(Reply(200, {"expiresIn": 90}), "expiresIn") == 90
