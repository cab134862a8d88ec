"""Check digits of IINs, and that the register's people are invented."""

from __future__ import annotations

import pytest

from sandbox.kz_shep.identifiers import check_digit, iin_is_valid
from sandbox.kz_shep.register import EXEMPTIONS


@pytest.mark.parametrize(
    ("iin", "valid"),
    [
        ("550310201040", True),
        ("611127122039", True),
        ("550310200316", True),  # the second row of weights
        ("550310201041", False),
        ("550310200317", False),
        ("55031020104", False),
        ("5503102010400", False),
        ("55031020104a", False),
        ("", False),
    ],
)
def test_iin(iin, valid):
    assert iin_is_valid(iin) is valid


def test_some_numbers_are_never_given_out():
    assert check_digit("55031020033") is None
    assert not any(iin_is_valid(f"55031020033{digit}") for digit in range(10))


def test_people_are_invented():
    iins = {item.person.iin for item in EXEMPTIONS if item.person.iin}
    assert len(iins) == 2
    for iin in iins:
        assert iin_is_valid(iin)
        assert iin[6] in "12"  # born in 1800-1899
    assert all(item.status == "UP_TO_DATE" or item.status.startswith("SANDBOX_") for item in EXEMPTIONS)
