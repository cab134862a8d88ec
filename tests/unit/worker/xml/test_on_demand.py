"""Values that are made at their first use."""

import pytest

from worker.xml.on_demand import OnDemand


def test_each_is_made_once_and_not_before_it_is_asked_for():
    made = []

    def make(name):
        made.append(name)
        return name.upper()

    values = OnDemand(["a", "b", "a"], make)

    assert (len(values), list(values), "b" in values, made) == (2, ["a", "b"], True, [])
    assert [values["b"], values["b"]] == ["B", "B"]
    assert made == ["b"]


def test_a_name_that_is_not_there_makes_nothing():
    values = OnDemand(["a"], lambda name: pytest.fail(f"made {name}"))

    assert values.get("c") is None
    with pytest.raises(KeyError):
        values["c"]
