"""A folder of schemas, read safely: what is inside may refer to what is inside, and to nothing else."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from contracts.immutable import immutable
from worker.xml import safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
_REFERENCES = (f"{XSD}include", f"{XSD}import", f"{XSD}redefine")
_MAX_BYTES = 8 * 1024 * 1024
"""Of one schema file; the largest official ones of any system are below one MiB."""


@immutable
class BundleProblem:
    """What is wrong with a file of the bundle; ``line`` is None where it concerns the whole file."""

    file: str
    line: int | None
    message: str

    def __str__(self) -> str:
        return f"{self.file}{'' if self.line is None else f', line {self.line}'}: {self.message}"


class SchemaFolder:
    """The files of one folder, each read once and checked before any schema processor sees it."""

    def __init__(self, directory: Path) -> None:
        # Not resolved: Kubernetes mounts files as links into a hidden folder beside them.
        self.directory = directory.absolute()
        self._sources: dict[Path, bytes] = {}

    def find(self, location: str, base: Path | None = None) -> Path | None:
        """Return the file that a schema location means, or None where the folder does not have it.

        A relative location is looked up beside the file that names it (``base``). Official bundles also name
        their parts by URL: then the file of that name in the folder is meant.
        """
        path = unquote(urlsplit(location).path)
        beside = base.parent if base is not None else self.directory
        candidates = (beside / path, self.directory / path.rpartition("/")[2])
        return next((found for found in candidates if self._serves(found)), None)

    def source(self, path: Path) -> bytes:
        """Return the bytes of a file that `check` has passed."""
        return self._sources[path.resolve()]

    def name(self, path: Path) -> str:
        """Return the file's name as an operator sees it."""
        return str(path.relative_to(self.directory)) if path.is_relative_to(self.directory) else path.name

    def check(self, entry: Path) -> tuple[BundleProblem, ...]:
        """Read the file and all it refers to; return what is wrong with any of them."""
        problems: list[BundleProblem] = []
        waiting, seen = [entry], set[Path]()
        while waiting:
            path = waiting.pop()
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            try:
                root = self._read(path)
            except OSError as error:
                problems.append(BundleProblem(self.name(path), None, f"cannot be read: {error.strerror}."))
            except safe.RefusedXml as error:
                problems.append(BundleProblem(self.name(path), None, str(error)))
            else:
                referred = list(self._references(root, path))
                waiting += [found for found in referred if not isinstance(found, BundleProblem)]
                problems += [found for found in referred if isinstance(found, BundleProblem)]
        return tuple(problems)

    def _read(self, path: Path) -> etree._Element:
        if not self._serves(path):
            raise FileNotFoundError(errno.ENOENT, "no such file in the folder")
        data = path.read_bytes()
        root = safe.parse(data, max_bytes=_MAX_BYTES, max_depth=100)
        self._sources[path.resolve()] = data
        return root

    def _references(self, root: etree._Element, path: Path) -> Iterator[Path | BundleProblem]:
        for reference in root.iterchildren(*_REFERENCES):
            location = reference.get("schemaLocation")
            if location is None:
                continue  # an import by namespace alone: the processors say so if something is then missing
            found = self.find(location, path)
            if found is not None:
                yield found
                continue
            wanted = location.rpartition("/")[2] or location
            yield BundleProblem(
                self.name(path),
                reference.sourceline,  # type: ignore[arg-type]  # the stubs have an ellipsis here
                f"refers to {location}, which the folder does not have; add {wanted} to it.",
            )

    def _serves(self, path: Path) -> bool:
        return path.is_file() and path.resolve().is_relative_to(self.directory.resolve())
