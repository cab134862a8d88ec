"""The operator's WSDL and XSD files: read once, each safely, and none from anywhere but their folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from lxml import etree

from worker.xml import safe

if TYPE_CHECKING:
    from collections.abc import Iterator


_XSD = "{http://www.w3.org/2001/XMLSchema}"
_WSDL_IMPORT = "{http://schemas.xmlsoap.org/wsdl/}import"
_SCHEMA_REFERENCES = (f"{_XSD}include", f"{_XSD}import", f"{_XSD}redefine")
SCHEMA = f"{_XSD}schema"
_MAX_BYTES = 8 * 1024 * 1024
"""Of one file."""


class WsdlFiles:
    """zeep's transport, which loads what this folder has. `problems` has what is missing or unsafe, as sentences."""

    # zeep asks its transport for these.
    session = None
    operation_timeout = None

    def __init__(self, entry: Path) -> None:
        # Not resolved: Kubernetes mounts files as links into a hidden folder beside them.
        self.entry = entry.absolute()
        self._folder = self.entry.parent
        self._sources: dict[Path, bytes] = {}
        self.roots: list[etree._Element] = []
        self.problems: list[str] = []
        self._read_all()

    def load(self, url: object) -> bytes:
        """Return the bytes of a file that was read. Raises OSError for everything else: nothing is fetched."""
        path = self._find(str(url))
        if path is None or path not in self._sources:
            raise FileNotFoundError("the folder has no such file")
        return self._sources[path]

    def _read_all(self) -> None:
        waiting, seen = [self.entry], set[Path]()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            try:
                root = safe.parse(path.read_bytes(), max_bytes=_MAX_BYTES, max_depth=100)
            except OSError as error:
                self.problems.append(f"{path.name} cannot be read: {error.strerror}")
            except safe.RefusedXml as error:
                self.problems.append(f"{path.name}: {error}")
            else:
                self.roots.append(root)
                waiting += self._referred(path, root)
                self._sources[path] = etree.tostring(root)

    def _referred(self, path: Path, root: etree._Element) -> Iterator[Path]:
        for reference in root.iter(*_SCHEMA_REFERENCES, _WSDL_IMPORT):
            attribute = "location" if reference.tag == _WSDL_IMPORT else "schemaLocation"
            location = reference.get(attribute)
            if location is None:
                continue  # an import by namespace alone: its schema is another one of the WSDL's own
            found = self._find(location)
            if found is None:
                wanted = location.rpartition("/")[2] or location
                told = f"{path.name} refers to {location}, which the folder does not have; add {wanted} to it"
                self.problems.append(told)
            else:
                reference.set(attribute, found.name)
                yield found

    def _find(self, location: str) -> Path | None:
        """Return the file that a location means, by its last part: official files name each other by URL."""
        name = unquote(urlsplit(location).path).rpartition("/")[2] or location
        for candidate in (name, f"{urlsplit(location).query}.xsd"):
            path = self._folder / Path(candidate).name
            if path.is_file():
                return path
        return None
