"""Limits: for all systems, and a single one's own."""

from __future__ import annotations

import pytest

from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.flood import FloodPolicy
from worker.settings.limits import CircuitSettings, FloodSettings, LimitSettings, SystemLimits
from worker.settings.load import load
from worker.settings.problems import BadConfiguration


def test_a_systems_own_limits_are_laid_over_those_for_all() -> None:
    own = SystemLimits(requests_per_second=5, in_flight=7)
    limits = LimitSettings(in_flight_per_signer=3, systems={"nhis": own})
    assert limits.of("erx") == limits
    found = limits.of("nhis")
    assert (found.in_flight, found.in_flight_per_signer, found.requests_per_second) == (7, 3, 5)
    assert found.requests_per_second_per_signer is None


def test_the_defaults_are_the_pipelines() -> None:
    assert CircuitSettings().policy() == CircuitPolicy()
    assert FloodSettings().policy() == FloodPolicy()


def test_limits_of_a_system_that_does_not_exist_are_a_problem(write, document):
    document["limits"] = {"systems": {"nihs": {"in_flight": 5}}}

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    (problem,) = refused.value.problems
    assert problem.path == "limits.systems.nihs"
    assert "nhis" in problem.message
