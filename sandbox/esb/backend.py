"""The port of what is behind the gateway: it gets a request that the gateway let through, and who sent it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.stand_in import Answer, Request

MISCINFO = "dp-miscinfo"


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``path`` begins after the back-end's prefix; names of query parameters are in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    file: Path | None = None

    @property
    def miscinfo(self) -> str | None:
        """Who calls, as the gateway or the client itself states it."""
        return self.headers.get(MISCINFO)

    def json(self) -> Any:
        """Return the body's JSON. Raises ValueError."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("the JSON is too deep") from error


def call_of(request: Request, path: str, miscinfo: str | None) -> Call:
    """Return the request as a back-end sees it: without the token; ``miscinfo`` None: none is stated."""
    headers = {
        name: value for name, value in request.headers.items() if name not in {"authorization", MISCINFO}
    }
    if miscinfo is not None:
        headers[MISCINFO] = miscinfo
    query = {name.lower(): value for name, value in parse_qsl(request.query, keep_blank_values=True)}
    return Call(request.method, path, query, headers, request.body, request.file)


class Backend(Protocol):
    """One service behind the gateway."""

    prefix: str
    """The first part of its paths at the gateway, e.g. `/ed2`."""
    scope: str
    """The scope that a token needs for it, e.g. `/ed2*`."""
    traits: tuple[str, ...]
    """Names of what fault rules may match, beside `operation` and `client`."""

    def operation(self, method: str, path: str) -> str | None:
        """Return the operation of an address below the prefix; None where there is none."""

    def traits_of(self, call: Call) -> Mapping[str, str | None]:
        """Return the traits; never raises, whatever the bytes."""

    def answer(self, call: Call) -> Answer:
        """Process the call."""

    def failed(self, status: int) -> Answer:
        """Return an error of this status in the service's own form."""

    def altered(self, answer: Answer) -> Answer:
        """Return the answer as if it belonged to another request."""

    def ledger(self) -> Mapping[str, Any]:
        """Return its part of the ledger, ready for JSON."""

    def control(self, name: str, body: Any) -> Any | None:
        """Do what a control request asks; None where it knows no such thing. Raises InvalidControl."""

    def reset(self) -> None:
        """Go back to the start."""
