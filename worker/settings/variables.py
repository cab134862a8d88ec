"""The `HERALD_…` variables, given as a mapping so that nothing else of the environment is read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pydantic_settings import EnvSettingsSource

from worker.settings.problems import SettingProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pydantic.fields import FieldInfo
    from pydantic_settings import BaseSettings

PREFIX = "HERALD_"
DELIMITER = "__"
CONFIG = f"{PREFIX}CONFIG"
OPERATOR = f"{PREFIX}OPERATOR"
"""Who runs commands: no setting, but what the audit log names."""
# Kubernetes gives every container such variables for each Service of its namespace, and one may be called "herald".
SERVICE_LINK = re.compile(r"_SERVICE_(HOST|PORT)(_\w+)?$|_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$")


class _Variables(EnvSettingsSource):
    """Reads variables as the library does, from a mapping; a value that is no JSON stays text, for the models."""

    def __init__(self, settings: type[BaseSettings], variables: Mapping[str, str]) -> None:
        super().__init__(settings)
        self.env_vars = {name.lower(): value for name, value in variables.items() if value}

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: object) -> Any:  # noqa: ARG002 - as there
        """Return what the JSON says, or the text."""
        try:
            return json.loads(str(value))
        except ValueError:
            return value


def variable_values(settings: type[BaseSettings], variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the nested values that the variables give."""
    return _Variables(settings, variables)()


def unknown_variables(settings: type[BaseSettings], variables: Mapping[str, str]) -> list[SettingProblem]:
    """Return a problem for each `HERALD_…` variable that begins with no setting's name."""
    sections = {name.upper() for name in settings.model_fields}
    return [
        SettingProblem(name, "this setting does not exist")
        for name in variables
        if name.startswith(PREFIX)
        and name not in (CONFIG, OPERATOR)
        and name.removeprefix(PREFIX).split(DELIMITER)[0] not in sections
        and not SERVICE_LINK.search(name)
    ]


def variable_name(location: Iterable[str | int]) -> str:
    """Return the variable that overrides the setting at this location; of a list it is the whole list's."""
    parts: list[str] = []
    for part in location:
        if isinstance(part, int):
            break
        parts.append(part.upper())
    return PREFIX + DELIMITER.join(parts)
