"""The bundled code lists and the invented lots."""

from __future__ import annotations

from datetime import date

import pytest

from sandbox.nhis.nomenclatures import Nomenclatures


@pytest.fixture(scope="module")
def lists():
    return Nomenclatures.bundled()


@pytest.mark.parametrize(
    ("list_id", "keys"),
    [
        ("CL001", {"1", "2", "3", "4"}),
        ("CL004", {"1", "2", "3", "4", "5", "6"}),
        ("CL006", {"1043"}),
        ("CL011", {"Z24.6", "U07.1", "Z23.2"}),
        ("CL023", {"1", "2", "3"}),
        ("CL037", {*(str(code) for code in range(-1006, -999)), "17", "2998"}),
        ("CL039", {"1", "2"}),
        ("CL040", {"1", "2", "3", "4"}),
        ("CL042", {*(str(code) for code in range(1, 16)), "33", "34", "35"}),
        ("CL043", {str(code) for code in range(1, 9)}),
        ("CL045", {"LA", "RA", "LL", "RL", "OR"}),
        ("CL046", {"IDINJ", "IM", "NASINHLC", "IVINJ", "PO", "SQ", "TRNSDERM"}),
        ("CL082", {"1", "2", "3", "4", "5"}),
        ("CL090", {str(code) for code in range(1, 7)}),
        ("CL091", {str(code) for code in range(1, 8)}),
        ("CL092", {str(code) for code in range(1, 6)}),
        ("CL093", {str(code) for code in range(1, 7)}),
    ],
)
def test_lists_hold_their_keys(lists, list_id, keys):
    assert keys <= {entry["key"] for entry in lists.entries(list_id)}


def test_planned_immunizations_have_keys_that_repeat(lists):
    keys = [entry["key"] for entry in lists.entries("CL038")]
    assert len(keys) > len(set(keys))


def test_vaccine_groups(lists):
    assert lists.vaccine_group("2998") == lists.vaccine_group("1730") == "4"
    assert lists.vaccine_group("64") != lists.vaccine_group("1344")
    assert lists.knows_vaccine("2998")
    assert not lists.knows_vaccine("0")


def test_lots_are_the_same_each_time_and_of_years_to_come(lists):
    today = date(2026, 11, 22)
    lots = lists.lots(["2998"], today)

    assert lots == lists.lots(["2998"], today)
    assert len({lot.number for lot in lots}) == 3
    assert all(lot.expires > today for lot in lots)
    assert len(lists.lots([], today)) == 3 * len(lists.entries("CL037"))
    assert lists.lots(["nonesuch"], today) == []
