"""The settings of a submission's life: defaults, and what a single system or operation has of its own."""

from __future__ import annotations

from worker.pipeline.admission.policy import CircuitPolicy
from worker.pipeline.flood.counting import FloodPolicy
from worker.pipeline.retry import RetryPolicy
from worker.pipeline.settings import (
    CircuitSettings,
    FloodSettings,
    LimitSettings,
    RetryOverride,
    RetrySettings,
    SystemLimits,
)


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


def test_the_defaults_are_the_policys():
    assert RetrySettings().policy("nhis", "immunization.register") == RetryPolicy()


def test_an_override_changes_what_it_names_of_its_own_operation_only():
    settings = RetrySettings(
        maximum=60, operations={"nhis.immunization.search": RetryOverride(give_up_after=600)}
    )

    assert settings.policy("nhis", "immunization.search") == RetryPolicy(maximum=60, give_up_after=600)
    assert settings.policy("nhis", "immunization.register") == RetryPolicy(maximum=60)
