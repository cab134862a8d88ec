"""The patients are nobody: born in the 1800s, with numbers that say so."""

from __future__ import annotations

from datetime import date

import pytest

from contracts import bulgarian_identifiers
from demo.people import egn, patients


def test_a_dozen_people_of_the_19th_century():
    people = patients()

    assert len({person.egn for person in people}) == 12
    for person in people:
        assert 1800 <= person.born.year <= 1899
        assert int(person.egn[2:4]) == person.born.month + 20
        assert int(person.egn[8]) % 2 == (person.gender == "female")
        assert bulgarian_identifiers.egn_check_digit_is_right(person.egn)
        assert person.egn not in repr(person)
        assert person.egn not in person.pseudonym


@pytest.mark.parametrize("born", [date(1799, 12, 31), date(1900, 1, 1), date(2001, 1, 1)])
def test_nobody_who_may_live(born):
    with pytest.raises(ValueError, match="1800s"):
        egn(born, 1, male=True)
