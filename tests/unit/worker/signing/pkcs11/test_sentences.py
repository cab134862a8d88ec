"""Whether a login may be tried, and what operators are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.signing.pkcs11.faults import Fault, TokenFault
from worker.signing.pkcs11.module import TokenFacts
from worker.signing.pkcs11.sentences import failure_of, login_problem

WELL = TokenFacts(
    label="a",
    serial="1",
    slot=0,
    login_required=True,
    pin_pad=False,
    pin_count_low=False,
    pin_final_try=False,
    pin_locked=False,
)


def test_a_token_without_warnings_may_be_tried():
    assert login_problem(WELL, has_pin=True, ignore_warnings=False) is None


@pytest.mark.parametrize("flag", ["pin_count_low", "pin_final_try"])
def test_a_reported_wrong_pin_forbids_a_try_unless_the_operator_ignores_it(flag):
    token = replace(WELL, **{flag: True})

    assert "wrong PIN" in str(login_problem(token, has_pin=True, ignore_warnings=False))
    assert login_problem(token, has_pin=True, ignore_warnings=True) is None


def test_a_mild_warning_after_a_refusal_of_our_own_allows_another_pin_and_the_last_one_does_not():
    mild, last = replace(WELL, pin_count_low=True), replace(WELL, pin_count_low=True, pin_final_try=True)

    assert login_problem(mild, has_pin=True, ignore_warnings=False, ours=True) is None
    assert "wrong PIN" in str(login_problem(last, has_pin=True, ignore_warnings=False, ours=True))


@pytest.mark.parametrize("has_pin", [True, False])
def test_a_locked_token_is_never_tried(has_pin):
    token = replace(WELL, pin_locked=True)

    assert "locked" in str(login_problem(token, has_pin=has_pin, ignore_warnings=True))


def test_a_pin_that_a_person_enters_is_of_no_use():
    assert "person" in str(login_problem(replace(WELL, pin_pad=True), has_pin=True, ignore_warnings=False))


def test_a_token_without_login_needs_no_pin():
    assert login_problem(replace(WELL, login_required=False), has_pin=False, ignore_warnings=False) is None
    assert "pin_file" in str(login_problem(WELL, has_pin=False, ignore_warnings=False))


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_has_a_sentence_with_the_standards_name(fault):
    assert str(failure_of(TokenFault(fault, "DeviceError"))).endswith("(DeviceError)")


@pytest.mark.parametrize(
    ("fault", "transient"),
    [
        (Fault.FAILED, True),
        (Fault.NO_TOKEN, True),
        (Fault.PIN_NOT_JUDGED, True),
        (Fault.MODULE, False),
        (Fault.PIN_REFUSED, False),
        (Fault.PIN_LOCKED, False),
        (Fault.PIN_DOUBTFUL, False),
        (Fault.MECHANISM, False),
    ],
)
def test_what_goes_away_by_itself_is_transient(fault, transient):
    assert failure_of(TokenFault(fault)).transient is transient
