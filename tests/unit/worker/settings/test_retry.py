"""Schedules of attempts: one for all, and exceptions for single operations."""

from __future__ import annotations

import pytest

from worker.pipeline.retry import RetryPolicy
from worker.settings.load import load
from worker.settings.problems import BadConfiguration
from worker.settings.retry import RetryOverride, RetrySettings


def test_the_defaults_are_the_policys():
    assert RetrySettings().policy("nhis", "immunization.register") == RetryPolicy()


def test_an_override_changes_what_it_names_of_its_own_operation_only():
    settings = RetrySettings(
        maximum=60, operations={"nhis.immunization.search": RetryOverride(give_up_after=600)}
    )

    assert settings.policy("nhis", "immunization.search") == RetryPolicy(maximum=60, give_up_after=600)
    assert settings.policy("nhis", "immunization.register") == RetryPolicy(maximum=60)


def test_an_operation_that_does_not_exist_is_a_problem(write, document):
    document["retry"] = {"operations": {"nhis.immunisation.search": {"give_up_after": 600}}}

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    (problem,) = refused.value.problems
    assert problem.path == "retry.operations.nhis.immunisation.search"
    assert "nhis.immunization.search" in problem.message
