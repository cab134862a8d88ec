"""The services of this NHIF, and the one that an address means.

The specification names one, PBR001, and not what it takes or answers. The others are invented and called `example`,
so that they are not taken for NHIF's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from sandbox.stand_in import InvalidControl

METHODS, FORMS = ("GET", "POST"), ("json", "xml")
_BASE = "/api/"
_NAMES = 3
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# What XML 1.0 cannot carry, and no parameter has.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its name as ``module/version/service``, its parameters, the form of its answer.

    ``least`` and ``most`` count those in the path; ``query`` names those that the query may have.
    """

    name: str
    method: str
    least: int = 0
    most: int = 0
    answer: str = "json"
    query: tuple[str, ...] = ()


SERVICES = (
    Service("pspsmi/v1.2/PBR001", "POST"),
    Service("example/v1/LIST01", "GET", least=1, most=2),
    Service("example/v1/LIST02", "GET", answer="xml"),
    Service("example/v1/LIST03", "GET", most=1, query=("fromDate", "page")),
    Service("example/v1/DOC01", "POST", answer="xml"),
)


@dataclass(frozen=True, slots=True)
class Address:
    """The meaning of a path: the service's name and the parameters, unescaped. None where a part cannot be read."""

    name: str
    parameters: tuple[str, ...] | None


def address_of(path: str) -> Address | None:
    """Read a path that is still percent-encoded; None where it is none of a service."""
    parts = path.removeprefix(_BASE).split("/") if path.startswith(_BASE) else []
    if len(parts) < _NAMES or not all(_PART.fullmatch(part) for part in parts[:_NAMES]):
        return None
    return Address("/".join(parts[:_NAMES]), _unescaped(parts[_NAMES:]))


def _unescaped(parts: list[str]) -> tuple[str, ...] | None:
    if any(part in {"", ".", ".."} or _BROKEN_ESCAPE.search(part) for part in parts):
        return None
    try:
        read = tuple(unquote(part, errors="strict") for part in parts)
        "".join(read).encode()
    except UnicodeError:
        return None
    return None if any(map(_NO_TEXT.search, read)) else read


def query_of(query: str) -> dict[str, str] | None:
    """Read a query that is still percent-encoded; None where it cannot be read, or has a name twice."""
    if _BROKEN_ESCAPE.search(query):
        return None
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError:
        return None
    given = dict(pairs)
    return None if len(given) != len(pairs) or any(map(_NO_TEXT.search, given.values())) else given


def services_from(listed: Any) -> Iterable[Service]:
    """Read services from JSON. Raises InvalidControl."""
    if not isinstance(listed, list):
        raise InvalidControl("give a list of services")
    return [_service(item) for item in listed]


def _service(item: Any) -> Service:
    if not isinstance(item, Mapping) or set(item) - {"name", "method", "least", "most", "answer", "query"}:
        raise InvalidControl("a service has name, method, and maybe least, most, answer and query")
    least, most = item.get("least", 0), item.get("most", item.get("least", 0))
    names = item.get("name")
    if not isinstance(names, str) or address_of(_BASE + names) != Address(names, ()):
        raise InvalidControl("name must be module/version/service")
    if item.get("method") not in METHODS or item.get("answer", "json") not in FORMS:
        raise InvalidControl("method must be GET or POST, answer json or xml")
    if not (isinstance(least, int) and isinstance(most, int) and 0 <= least <= most):
        raise InvalidControl("least and most must be numbers of parameters")
    query = item.get("query", [])
    if not isinstance(query, list) or not all(isinstance(one, str) for one in query):
        raise InvalidControl("query must be a list of names")
    return Service(names, item["method"], least, most, item.get("answer", "json"), tuple(query))
