"""The ledger: numbers, order, and that it shows no person."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, date, datetime

import pytest

from sandbox.nhis.ledger import Blocks, Ledger, Registration, pseudonym

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def registration(lrn="LRN-1", patient="p", **changes) -> Registration:
    given = {
        "lrn": lrn, "uin": "2300000011", "titular": "2300000011", "deputy": None, "patient": patient,
        "vaccine": "2998", "vaccine_group": "4", "dose": 1, "series_doses": 3, "previous": None,
        "occurrence": date(2026, 11, 20), "message_id": "m", "created_at": NOW, "blocks": Blocks(None, None, None),
    }  # fmt: skip
    return Registration(**{**given, **changes})


def test_pseudonym_is_the_documented_digest():
    assert pseudonym("1", "8621011000") == hashlib.sha256(b"1:8621011000").hexdigest()


def test_sequences_are_overall_and_per_patient():
    ledger = Ledger()
    done = [ledger.register(registration(str(i), patient)) for i, patient in enumerate("abaab")]

    assert [item.seq for item in done] == [1, 2, 3, 4, 5]
    assert [item.patient_seq for item in done] == [1, 1, 2, 3, 2]


def test_nrns_are_twelve_characters_of_the_day_and_repeat_with_the_seed():
    def numbers(seed):
        ledger = Ledger(seed)
        return [ledger.register(registration(str(i))).nrn for i in range(50)]

    assert all(re.fullmatch(r"261122[0-9A-Z]{6}", nrn) for nrn in numbers(1))
    assert len(set(numbers(1))) == 50
    assert numbers(1) == numbers(1)
    assert numbers(1) != numbers(2)


@pytest.mark.parametrize(
    ("dose", "series", "certified"),
    [(1, 3, False), (3, 3, True), (4, 3, True), (1, 1, True), (5, None, False)],
)
def test_certificate_number_with_the_last_dose(dose, series, certified):
    done = Ledger().register(registration(dose=dose, series_doses=series))

    assert (done.uvci is not None) is certified


def test_lookups():
    ledger = Ledger()
    done = ledger.register(registration())

    assert ledger.by_nrn(done.nrn) is done
    assert ledger.by_lrn("2300000011", "LRN-1") is done
    assert ledger.by_lrn("2300000022", "LRN-1") is None
    assert ledger.by_nrn(None) is None


def test_cancel_is_kept_with_its_time():
    ledger = Ledger()
    done = ledger.register(registration())
    ledger.cancel(done, "2300000011", "m2", NOW)

    assert done.status == "2"
    shown = ledger.shown()
    assert shown["registrations"][0]["cancelled_at"] == NOW.isoformat()
    assert shown["cancellations"] == [
        {"seq": 1, "nrn": done.nrn, "uin": "2300000011", "messageId": "m2", "cancelled_at": NOW.isoformat()}
    ]


def test_shown_is_json():
    ledger = Ledger()
    ledger.react("261122ABCDEF", "2300000011", "2026-11-21", "m", NOW)

    shown = json.loads(json.dumps(ledger.shown()))

    assert shown["reactions"][0]["start_date"] == "2026-11-21"


def test_reset_starts_the_numbers_again():
    ledger = Ledger(3)
    first = ledger.register(registration()).nrn
    ledger.message_ids.add("m")
    ledger.reset()

    assert (ledger.registrations, ledger.message_ids) == ([], set())
    assert ledger.register(registration()).nrn == first
