import pytest

from worker.signing.remote.secret_try import Try, longest_try
from worker.transport.port import SendRefused


def test_a_try_is_unanswered_from_its_first_byte_until_an_answer_says_that_nobody_judged():
    one = Try("hidden-pin-73")
    assert not one.unanswered
    guard = one.request()
    assert not one.unanswered
    guard.begin()
    assert one.unanswered
    one.not_judged()
    assert not one.unanswered
    one.request()
    assert not one.unanswered


def test_after_it_was_given_up_nothing_more_is_sent():
    one = Try("hidden-pin-73")
    guard = one.request()
    one.give_up()
    for late in (guard, one.request()):
        with pytest.raises(SendRefused):
            late.begin()
    assert not one.unanswered


def test_it_does_not_show_its_secret():
    assert "73" not in repr(Try("hidden-pin-73"))


def test_its_end_is_awaited_a_little_longer_than_its_answer():
    assert longest_try(30) == 35
