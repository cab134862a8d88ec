"""From a file and variables to settings, or to all their problems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from worker.settings import checks
from worker.settings.authorisation_checks import wrong_authorisations
from worker.settings.connection_checks import too_few_connections
from worker.settings.document import inline_secrets, read_document
from worker.settings.model import Settings
from worker.settings.problems import BadConfiguration, SettingProblem, stated
from worker.settings.variables import CONFIG, unknown_variables, variable_values

if TYPE_CHECKING:
    from collections.abc import Mapping


def load(config: Path | None, env: Mapping[str, str]) -> Settings:
    """Return the settings of `config` (else of the file that HERALD_CONFIG names), overridden by variables.

    Relative paths in them are taken from the working directory. Raises BadConfiguration with all problems.
    """
    named = env.get(CONFIG)
    document = read_document(config or (Path(named) if named else None))
    values = _merge(document, variable_values(Settings, env))
    problems = [
        *inline_secrets(document),
        *unknown_variables(Settings, env),
        *checks.missing_files(values),
        *checks.unknown_signers(values),
    ]
    settings = _validate(values, problems)
    if settings is None or problems:
        raise BadConfiguration(problems)
    return settings


def _validate(values: dict[str, Any], problems: list[SettingProblem]) -> Settings | None:
    try:
        settings = Settings(**values)
    except ValidationError as error:
        problems += stated(error)
        return None
    problems += [*checks.unknown_operations(settings), *checks.unknown_systems(settings)]
    problems += [*checks.unusable_journal(settings), *checks.unusable_encryption(settings)]
    problems += checks.unknown_routes(settings)
    problems += checks.unserved_files(settings)
    problems += wrong_authorisations(settings)
    problems += too_few_connections(settings)
    return settings


def _merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `above` over `below`, section by section."""
    merged = dict(below)
    for name, value in above.items():
        lower = merged.get(name)
        if isinstance(lower, dict) and isinstance(value, dict):
            merged[name] = _merge(lower, value)
        else:
            merged[name] = value
    return merged
