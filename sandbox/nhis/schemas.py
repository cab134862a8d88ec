"""The XSDs that requests are validated against, compiled once; each failure names its element."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from sandbox.nhis.errors import StatedError, invalid
from sandbox.nhis.message import Element
from schemas import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

BUNDLED = shipped("nhis")
_QUALIFIED = re.compile(r"\{[^}]*\}")
_LIMIT = 20  # one wrong element may cause a long tail of errors
_REASON_LENGTH = 255


class Schemas:
    """One compiled schema per message type."""

    def __init__(self, directory: Path, types: Iterable[str], variant: str | None = None) -> None:
        """Compile NHIS-<TYPE>.xsd of each type. Raises FileNotFoundError that names all that are missing.

        With a ``variant``, a schema NHIS-<TYPE>.<VARIANT>.xsd takes the place of that of its type.
        """
        files = {name: _file(directory, name, variant) for name in types}
        if variant is not None and all(file == _file(directory, name, None) for name, file in files.items()):
            raise FileNotFoundError(f"no schema of the order {variant} in {directory}")
        missing = [str(path) for path in files.values() if not path.is_file()]
        if missing:
            raise FileNotFoundError(f"no schema at {', '.join(missing)}")
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        self._schemas = {name: etree.XMLSchema(etree.parse(path, parser)) for name, path in files.items()}

    def problems(self, message_type: str, root: Element) -> list[StatedError]:
        """Return what is wrong with the message, E002 with the element's path; empty when it is valid."""
        schema = self._schemas[message_type]
        if schema.validate(root):
            return []
        log: Any = schema.error_log  # its stub is empty
        entries = itertools.islice(log, _LIMIT)
        return [invalid(_attribute(root, entry.path), _reason(entry.message)) for entry in entries]


def _file(directory: Path, name: str, variant: str | None) -> Path:
    varied = directory / f"NHIS-{name}.{variant}.xsd"
    return varied if varied.is_file() else directory / f"NHIS-{name}.xsd"


def _attribute(root: Element, path: str | None) -> str:
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.xpath(path or "/*", namespaces=prefixes)
    except etree.XPathEvalError:  # the message binds a prefix further down
        return "message"
    if not isinstance(found, list) or not found or not isinstance(found[0], Element):
        return "message"
    names = [etree.QName(found[0]).localname]
    names += [etree.QName(parent).localname for parent in found[0].iterancestors()]
    return "/".join(reversed(names[:-1])) or "message"


def _reason(message: str) -> str:
    return _QUALIFIED.sub("", message)[:_REASON_LENGTH]
