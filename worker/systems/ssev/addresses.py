"""The addresses of the interface at the ESB's gateway. Pure.

Confirmed by public clients: the gateway has the back-end's paths without their version, and uploads elsewhere.
Inferred: that it has the paths on behalf of another profile (`obo`) in the same places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from worker.systems.ssev.settings import SsevSettings

_ON_BEHALF = "/obo"


class Addresses:
    """Makes addresses. ``on_behalf``: whether it concerns the profile of somebody whom the signer represents."""

    def __init__(self, gateway_url: str, settings: SsevSettings) -> None:
        self._api = gateway_url + settings.api_path
        self._upload = gateway_url + settings.upload_path
        self._type = settings.files.upload_type

    def of(self, path: str, *, on_behalf: bool = False, **query: object) -> str:
        """Return the address of a path (`/messages`) with the parts of the query that are not None."""
        given = {name.rstrip("_"): value for name, value in query.items() if value is not None}
        asked = f"?{urlencode(given)}" if given else ""
        return f"{self._api}{_ON_BEHALF if on_behalf else ''}{path}{asked}"

    def upload(self, *, on_behalf: bool = False) -> str:
        """Return the address to which a file is uploaded."""
        return f"{self._upload}{_ON_BEHALF if on_behalf else ''}/blobs?{urlencode({'type': self._type})}"
