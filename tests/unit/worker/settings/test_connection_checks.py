"""No exchange that may be in flight waits for a connection."""

from __future__ import annotations

from pathlib import Path

import pytest

import worker.systems
from worker.settings.connection_checks import OVER_THE_ESB
from worker.settings.load import load
from worker.settings.problems import BadConfiguration

EFORMS = {"case_messages": {"url": "https://hook.test/"}, "senders": ["dr-a"]}
ESB = {"gateway_url": "https://esb.test/", "token_url": "https://esb.test/token"}


def problems(path):
    with pytest.raises(BadConfiguration) as refused:
        load(path, {})
    return {one.path: one.message for one in refused.value.problems}


@pytest.mark.parametrize("most", [None, 100, 101])
def test_as_many_connections_as_exchanges(write, document, most):
    document["systems"]["nhis"]["transport"] = {"max_connections": most}
    assert load(write(document), {}).systems.nhis.transport.max_connections == most


def test_fewer_connections_than_exchanges_are_refused_by_both_names(write, document):
    document["systems"]["nhis"]["transport"] = {"max_connections": 99}
    found = problems(write(document))
    assert found.keys() == {"systems.nhis.transport.max_connections"}
    assert found["systems.nhis.transport.max_connections"].startswith(
        "must be at least limits.in_flight (100), or exchanges wait for connections"
    )


def test_a_systems_own_limit_counts(write, document):
    document["systems"]["nhis"]["transport"] = {"max_connections": 40}
    document["limits"] = {
        "in_flight": 300,
        "systems": {"nhis": {"in_flight": 40, "in_flight_per_signer": 30}},
    }
    assert load(write(document), {}).systems.nhis.transport.max_connections == 40

    document["limits"]["systems"]["nhis"]["in_flight"] = 41
    (message,) = problems(write(document)).values()
    assert "limits.systems.nhis.in_flight (41)" in message


def test_connections_follow_a_limit_that_is_raised(write, document):
    document["limits"] = {"in_flight": 500}
    assert load(write(document), {}).systems.nhis.transport.max_connections is None


def test_every_transport_of_a_system_and_that_of_the_esb_are_looked_at(write, document):
    few = {"max_connections": 5}
    document["systems"] = {
        "eforms": {
            **EFORMS,
            "files": {"transport": few},
            "case_messages": {**EFORMS["case_messages"], "transport": few},
        },
        "nhis": document["systems"]["nhis"],
    }
    document["esb"] = {**ESB, "transport": few}
    document["limits"] = {"systems": {"eforms": {"in_flight": 6}}}
    found = problems(write(document))
    assert found.keys() == {
        "systems.eforms.files.transport.max_connections",
        "systems.eforms.case_messages.transport.max_connections",
        "esb.transport.max_connections",
    }
    assert all("limits.systems.eforms.in_flight (6)" in message for message in found.values())


def test_the_esb_does_not_count_for_systems_that_do_not_use_it(write, document):
    document["esb"] = {**ESB, "transport": {"max_connections": 1}}
    assert load(write(document), {}).esb.transport.max_connections == 1


def test_the_systems_over_the_esb_are_those_that_are_built_with_it():
    builds = Path(worker.systems.__path__[0]).glob("*/build.py")
    users = {path.parent.name for path in builds if "dependencies.esb(" in path.read_text(encoding="utf-8")}
    assert users == set(OVER_THE_ESB)
