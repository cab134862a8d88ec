"""The generator of numbers of services: each answered call is a new number."""

from __future__ import annotations

import pytest

PATH = "/orn/connector/v1/WebServiceUniqueNumber"
QUERY = {"bulstat": "999000101", "type_service": "1", "uri_service": "990001"}


def test_each_call_is_a_new_number(world):
    first, second = (world.call("GET", PATH, query=QUERY) for _ in range(2))
    assert first == (200, {"return_code": "200", "description_code": "OK", "orn": "BGEM000000001H0"})
    assert second[1]["orn"] == "BGEM000000002H0"
    assert [(one["orn"], one["bulstat"]) for one in world.ledger("orn")] == [
        ("BGEM000000001H0", "999000101"),
        ("BGEM000000002H0", "999000101"),
    ]


@pytest.mark.parametrize("name", QUERY)
def test_each_parameter_is_needed(world, name):
    status, content = world.call("GET", PATH, query={key: one for key, one in QUERY.items() if key != name})
    assert (status, content["return_code"], content["orn"]) == (400, "400", "")
    assert world.ledger("orn") == []


@pytest.mark.parametrize(
    ("variant", "code", "number"),
    [("refused", "500", ""), ("empty", "200", "")],
)
def test_failures_come_with_200(world, variant, code, number):
    world.control("esb", {"orn": variant})
    status, content = world.call("GET", PATH, query=QUERY)
    assert (status, content["return_code"], content["orn"]) == (200, code, number)
    assert world.ledger("orn") == []


def test_an_answer_that_is_cut(world):
    world.control("esb", {"orn": "malformed"})
    with pytest.raises(ValueError, match="Expecting value"):
        world.call("GET", PATH, query=QUERY)


def test_other_addresses(world):
    assert world.call("POST", PATH, {})[0] == 404
    assert world.call("GET", "/orn/other")[0] == 404
