"""The page of all settings, written from the models: `python -m worker.settings.reference FILE`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from contracts.attribute_docs import descriptions
from contracts.immutable import immutable
from worker.settings.model import Settings
from worker.settings.naming import default_of, kind_of, unwrapped
from worker.settings.variables import variable_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic.fields import FieldInfo

INTRODUCTION = """\
# Settings

<!-- Written by `make contracts` from the models in worker/settings; do not edit. -->

One YAML file (`--config`, or the variable `HERALD_CONFIG`) holds the settings, and an environment variable can
override each value. A commented example: [`herald.example.yaml`](herald.example.yaml).

- Lists and mappings in variables are JSON (`bootstrap_servers` also accepts commas). Herald reads names in variables
  in lower case; give a name with other letters in the JSON of the enclosing mapping. Set a variable whose
  name has a hyphen (`dr-petrova`) in a pod's environment or with `env`, because shells do not accept it. An empty
  variable, or an empty value in the file, counts as absent.
- Herald refuses an unknown setting, and an unknown variable that begins with `HERALD_`: a mistyped one would
  silently have no effect. `HERALD_CONFIG` and `HERALD_OPERATOR` (the person who runs commands, for the audit log) are
  not settings, and Herald ignores the variables that Kubernetes sets for a Service called `herald`.
- The file must not contain secrets: name a file that holds the secret, or set its variable.
- Relative paths start at the working directory. Times are in seconds. Sizes are bytes, or text like
  `64MiB`.
- All problems of a configuration are reported at once, each with its path, and Herald exits with status 2.
"""
COLUMNS = ("Setting", "Type", "Default", "Meaning", "Variable")


@immutable
class Row:
    """One setting."""

    path: str
    kind: str
    default: str
    meaning: str
    variable: str

    def cells(self) -> tuple[str, ...]:
        """Return the row as Markdown."""
        return (f"`{self.path}`", self.kind, self.default, self.meaning, f"`{self.variable}`")


def rows(model: type[BaseModel], location: tuple[str, ...] = ()) -> Iterator[Row]:
    """Yield every setting below `location`, in the models' order."""
    meanings = descriptions(model)
    for name, field in model.model_fields.items():
        here = (*location, name)
        models, inside = _inner(field, here)
        for inner in models:
            yield from rows(inner, inside)
        if not models:
            yield _row(field, here, meanings.get(name, ""))


def _inner(field: FieldInfo, here: tuple[str, ...]) -> tuple[list[type[BaseModel]], tuple[str, ...]]:
    """Return the models that the field holds, by itself, by name or in a list, and their location.

    There are several where one of them is chosen, each with a `kind` of its own.
    """
    kind = unwrapped(field.annotation)
    if _is_model(kind):
        return [kind], here
    arguments = [unwrapped(argument) for argument in get_args(kind)]
    choices = [unwrapped(choice) for argument in arguments for choice in (argument, *get_args(argument))]
    held = [choice for choice in choices if _is_model(choice)]
    return held, (*here, "<name>") if get_origin(kind) is dict else (*here[:-1], f"{here[-1]}[]")


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _row(field: FieldInfo, here: tuple[str, ...], meaning: str) -> Row:
    required = field.default is PydanticUndefined and field.default_factory is None
    return Row(
        path=".".join(here),
        kind=kind_of(field.annotation),
        default="**required**" if required else default_of(field.get_default(call_default_factory=True)),
        meaning=" ".join(meaning.split()),
        variable=_variable(here),
    )


def _variable(here: tuple[str, ...]) -> str:
    listed = next((index for index, part in enumerate(here) if part.endswith("[]")), None)
    return variable_name(here if listed is None else (*here[:listed], here[listed].removesuffix("[]")))


def page() -> str:
    """Return the complete page."""
    parts = [INTRODUCTION]
    meanings = descriptions(Settings)
    for name, field in Settings.model_fields.items():
        models, inside = _inner(field, (name,))
        below = [row for inner in models for row in rows(inner, inside)] or [
            _row(field, (name,), meanings[name])
        ]
        parts.append(f"## {name}\n\n{meanings[name]}\n\n{_table(below)}")
    return "\n".join(parts)


def _table(below: Iterable[Row]) -> str:
    lines = [COLUMNS, tuple("---" for _ in COLUMNS), *(row.cells() for row in below)]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
