"""The settings of asking: those of an operation go before those of its system, and those before the common ones."""

from __future__ import annotations

from worker.pipeline.asking.policy import AskPolicy
from worker.pipeline.asking.settings import AskingOverride, AskingSettings


def test_the_defaults_are_the_policys() -> None:
    assert AskingSettings().policy("regix", "report.request") == AskPolicy()
    assert not AskingSettings().tells_taken("regix", "report.request")


def test_what_is_nearer_counts() -> None:
    settings = AskingSettings(
        first=1,
        maximum=50,
        systems={"regix": AskingOverride(first=2, factor=3, taken_events=True)},
        operations={"regix.report.request": AskingOverride(first=4, taken_events=False)},
    )
    week = AskPolicy().give_up_after
    assert settings.policy("other", "report.request") == AskPolicy(1, 2, 50, week)
    assert settings.policy("regix", "other") == AskPolicy(2, 3, 50, week)
    assert settings.policy("regix", "report.request") == AskPolicy(4, 3, 50, week)
    told = [settings.tells_taken("regix", name) for name in ("other", "report.request")]
    assert told == [True, False]
