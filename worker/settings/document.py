"""The YAML file: reading it, and refusing secrets in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import yaml

from worker.settings.problems import BadConfiguration, SettingProblem, path_of
from worker.settings.variables import variable_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Location: TypeAlias = tuple[str | int, ...]

SECRET_NAME = re.compile(r"(^|_)(password|passphrase|pin|secret|token|api_?key)$", re.IGNORECASE)
CREDENTIALS_IN_URL = re.compile(r"://\S*:\S*@|\bpassword=", re.IGNORECASE)


def read_document(path: Path | None) -> dict[str, object]:
    """Return what the file holds; nothing for no file. Raises BadConfiguration."""
    if path is None:
        return {}
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfiguration([SettingProblem(str(path), f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise BadConfiguration([SettingProblem(str(path), "is not UTF-8 text")]) from None
    except yaml.YAMLError as error:
        raise BadConfiguration([SettingProblem(str(path), f"is not YAML{_where(error)}")]) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise BadConfiguration([SettingProblem(str(path), "must be a mapping of settings")])
    return _mapping(document)


def _where(error: yaml.YAMLError) -> str:
    # Neither the library's excerpt nor its reason is shown: they quote the file, and could quote a password.
    mark = getattr(error, "problem_mark", None)
    return f": see line {mark.line + 1}, column {mark.column + 1}" if mark else ""


def _mapping(values: dict[object, object]) -> dict[str, object]:
    """Leave out empty values: a section whose lines are all comments is the same as none."""
    return {
        str(name): _mapping(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if value is not None
    }


def leaves(value: object, location: Location = ()) -> Iterator[tuple[Location, object]]:
    """Yield every single value with its location."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*location, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*location, index))
    else:
        yield location, value


def inline_secrets(document: dict[str, object]) -> list[SettingProblem]:
    """Return a problem for each secret in the file itself."""
    return [
        SettingProblem(path_of(location), _advice(location))
        for location, value in leaves(document)
        if SECRET_NAME.search(str(location[-1]))
        or (isinstance(value, str) and CREDENTIALS_IN_URL.search(value))
    ]


def _advice(location: Location) -> str:
    if not SECRET_NAME.search(str(location[-1])) and location[-1] != "dsn":
        return f"no name and password in an address: leave them out, or set the variable {variable_name(location)}"
    return (
        f"this file must not contain a secret: name a file that holds it in {location[-1]}_file, "
        f"or set the variable {variable_name(location)}"
    )
