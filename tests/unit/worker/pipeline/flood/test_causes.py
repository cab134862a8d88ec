"""Whom each reason is blamed on."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from worker.pipeline.flood.causes import (
    CAUSED_BY,
    MAY_BE_ALL,
    NO_SOURCE,
    THE_SYSTEM,
    Blame,
    Party,
    Scope,
    Sender,
    blame,
)

SOURCE, SIGNER = Party(Scope.SOURCE, "/his/a"), Party(Scope.SIGNER, "dr-1")
SENDER = Sender("/his/a", "dr-1")


def test_every_reason_is_blamed_on_somebody() -> None:
    assert CAUSED_BY.keys() == set(Reason)


def test_who_else_may_be_the_cause_is_wider() -> None:
    order = [Scope.SIGNER, Scope.SOURCE, Scope.SYSTEM]
    for reason, wider in MAY_BE_ALL.items():
        assert order.index(CAUSED_BY[reason]) < order.index(wider)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason.UNREADABLE_RECORD, Blame(SOURCE)),
        (Reason.NOT_JSON, Blame(SOURCE)),
        (Reason.CONTRACT_VIOLATION, Blame(SOURCE)),
        (Reason.UNKNOWN_TYPE, Blame(SOURCE)),
        (Reason.UNKNOWN_CODE, Blame(SOURCE)),
        (Reason.CONFLICT, Blame(SOURCE)),
        (Reason.SCHEMA_VIOLATION, Blame(SOURCE, (THE_SYSTEM,))),
        (Reason.DEFECT, Blame(SOURCE, (THE_SYSTEM,))),
        (Reason.UNKNOWN_SIGNER, Blame(SIGNER, (SOURCE,))),
        (Reason.SIGNING_FAILED, Blame(SIGNER, (SOURCE, THE_SYSTEM))),
        (Reason.CERTIFICATE_NOT_VALID, Blame(SIGNER)),
        (Reason.ACCESS_DENIED, Blame(SIGNER, (SOURCE, THE_SYSTEM))),
        (Reason.OUTCOME_UNKNOWN, Blame(THE_SYSTEM)),
        (Reason.RETRIES_EXHAUSTED, Blame(THE_SYSTEM)),
        (Reason.UNREADABLE_ANSWER, Blame(THE_SYSTEM)),
        (Reason.NOT_FOUND, Blame(THE_SYSTEM)),
    ],
)
def test_a_dead_letter_counts_for_who_causes_it(reason: Reason, expected: Blame) -> None:
    assert blame(reason, SENDER) == expected


def test_what_names_no_signer_counts_for_its_source_once() -> None:
    assert blame(Reason.UNKNOWN_SIGNER, Sender("/his/a")) == Blame(SOURCE)
    assert blame(Reason.ACCESS_DENIED, Sender("/his/a")) == Blame(SOURCE, (THE_SYSTEM,))


def test_what_names_nobody_counts_under_one_party() -> None:
    assert blame(Reason.NOT_JSON, Sender()) == Blame(Party(Scope.SOURCE))
    assert Party(Scope.SOURCE).told == NO_SOURCE
    assert Sender().parties == (Party(Scope.SOURCE),)


def test_a_party_is_named_as_operators_know_it() -> None:
    assert [one.told for one in (THE_SYSTEM, SOURCE, SIGNER)] == [
        "the system",
        "source /his/a",
        "signer dr-1",
    ]
