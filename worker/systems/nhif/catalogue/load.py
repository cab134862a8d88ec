"""Reading the catalogue: what ships with Herald, and what the operator's own file adds or replaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from schemas import shipped
from worker.configuration_error import ConfigurationError
from worker.linear_pattern import LinearPattern
from worker.systems.nhif.catalogue.entries import ServiceEntry, conflicts
from worker.systems.nhif.catalogue.schemas import load_schema
from worker.systems.nhif.catalogue.services import (
    Catalogue,
    Document,
    DocumentSchema,
    Kind,
    Media,
    Method,
    Parameter,
    Place,
    Service,
)

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = shipped("nhif") / "catalogue.yaml"
_NAMES = ("module", "version", "service")


def load_catalogue(own: Path | None) -> Catalogue:
    """Read both files; the operator's entry takes the place of a shipped one. Raises ConfigurationError."""
    files = [_File(path) for path in (SHIPPED, own) if path is not None]
    services = list(chain.from_iterable(file.services() for file in files))
    if problems := [problem for file in files for problem in file.problems]:
        raise ConfigurationError(*problems)
    return Catalogue(services)


class _Loader(yaml.SafeLoader):
    """Refuses a name twice in one mapping, where YAML's readers keep the last in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        names = [name.value for name, _ in node.value]
        if len(set(map(str, names))) != len(names):
            raise yaml.constructor.ConstructorError(None, None, "a name is there twice", node.start_mark)
        return super().construct_mapping(node, deep)


class _File:
    """One file of the catalogue; collects its problems as sentences with file and entry."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[str] = []

    def services(self) -> list[Service]:
        """Return the services of all entries that have no problem."""
        found: dict[str, int] = {}
        services = []
        for index, raw in enumerate(self._entries()):
            entry = self._entry(index, raw)
            if entry is None:
                continue
            earlier = found.setdefault(str(entry.key), index)
            if earlier != index:
                self._say(
                    index, raw, "service", f"services[{earlier}] has the same module, version and service"
                )
            wrong = list(conflicts(entry))
            for field, message in wrong:
                self._say(index, raw, field, message)
            if not wrong and earlier == index:
                services.append(self._service(index, raw, entry))
        return services

    def _entries(self) -> Iterable[Any]:
        document = self._document()
        if isinstance(document, dict) and set(document) == {"services"}:
            entries = document["services"]
            if isinstance(entries, list):
                return entries
        if not self.problems:
            self.problems.append(f"{self._path}: must contain only `services`, a list of entries")
        return ()

    def _document(self) -> Any:
        try:
            # The loader is a subclass of the safe one.
            return yaml.load(self._path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
        except OSError as error:
            self.problems.append(f"{self._path}: cannot be read: {error.strerror}")
        except UnicodeDecodeError:
            self.problems.append(f"{self._path}: is not UTF-8 text")
        except (RecursionError, ValueError):
            self.problems.append(
                f"{self._path}: is not readable YAML: a value in it, or its depth, is too large"
            )
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f", line {mark.line + 1}" if mark else ""
            self.problems.append(
                f"{self._path}{line}: is not YAML: {getattr(error, 'problem', None) or error}"
            )
        return None

    def _entry(self, index: int, raw: Any) -> ServiceEntry | None:
        try:
            return ServiceEntry.model_validate(raw)
        except ValidationError as error:
            for found in error.errors(include_url=False, include_input=False):
                field = _field(found["loc"])
                self._say(index, raw, field, _sentence(found["type"], found["msg"]))
            return None

    def _service(self, index: int, raw: Any, entry: ServiceEntry) -> Service:
        return Service(
            key=entry.key,
            method=Method(entry.method),
            parameters=tuple(
                Parameter(
                    name=one.name,
                    kind=Kind(one.type),
                    required=one.required,
                    pattern=None if one.pattern is None else LinearPattern(one.pattern),
                    max_length=one.max_length,
                    place=Place(one.place),
                )
                for one in entry.parameters
            ),
            document=self._accepted(index, raw, entry) if entry.method == "POST" else None,
            recovery=entry.rule,
            answer=Media(entry.answer),
        )

    def _accepted(self, index: int, raw: Any, entry: ServiceEntry) -> Document:
        body = entry.body
        if body is None:
            return Document()
        schema: DocumentSchema | None = None
        if body.schema_file is not None:
            try:
                schema = load_schema(self._path.parent, body.schema_file, Media(body.media), body.root)
            except ConfigurationError as bad:
                for problem in bad.problems:
                    self._say(index, raw, "body.schema", problem)
        return Document(Media(body.media), body.content_type, schema)

    def _say(self, index: int, raw: Any, field: str, message: str) -> None:
        names = [raw.get(name) for name in _NAMES] if isinstance(raw, Mapping) else []
        named = f" ({'/'.join(map(str, names))})" if names and all(isinstance(n, str) for n in names) else ""
        place = f".{field}" if field else ""
        self.problems.append(f"{self._path}: services[{index}]{place}{named}: {message}")


def _field(location: Iterable[str | int]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def _sentence(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return "there is no such field"
        case "string_type":
            return "must be a text: put it in quotation marks"
        case "model_type" | "model_attributes_type":
            return "must be a mapping of fields"
    text = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return text[:1].lower() + text[1:]
