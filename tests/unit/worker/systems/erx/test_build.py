"""From settings to a system, by the table of packages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.configuration_error import ConfigurationError
from worker.settings.systems import SystemsSettings
from worker.systems.dependencies import Dependencies
from worker.systems.port import Recovery
from worker.systems.registry import build_system, operations_of

CLIENT = {"username": "software", "password": "x"}
DEPENDENCIES = Dependencies(
    keys={}, documents={}, code_lists={}, now=lambda: datetime(2026, 3, 1, tzinfo=UTC), monotonic=lambda: 0.0
)


async def test_it_is_built_without_any_key():
    settings = SystemsSettings.model_validate({"erx": {"client": CLIENT}})
    system = build_system("erx", settings.of("erx"), DEPENDENCIES)
    assert (system.name, len(system.operations)) == ("erx", 9)
    assert operations_of(settings.sections())["erx", "prescription.issue"].recovery is Recovery.SAME_IDENTITY
    await system.close()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"client": {"username": "software", "password_file": "/absent"}},
            "systems.erx: client: the password file /absent cannot be read: No such file or directory",
        ),
        (
            {"client": CLIENT, "transport": {"ca_file": "/absent"}},
            "systems.erx: ",
        ),
    ],
)
def test_what_cannot_be_built_is_reported(wrong, told):
    with pytest.raises(ConfigurationError) as bad:
        build_system("erx", SystemsSettings.model_validate({"erx": wrong}).of("erx"), DEPENDENCIES)
    assert str(bad.value).startswith(told)
