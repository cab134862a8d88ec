"""The addresses of eDelivery's API, as the gateway shows them: without the `/v1` of the back-end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Found:
    """The operation of an address, whether it acts for somebody else, and the numbers in its path by name."""

    operation: str
    on_behalf: bool
    numbers: dict[str, int]

    @property
    def name(self) -> str:
        """What fault rules call it: `obo.` is before an operation that acts for somebody else."""
        return f"obo.{self.operation}" if self.on_behalf else self.operation


_ROUTES = (
    ("GET", "/api/profiles", "profiles.list", False),
    ("GET", "/api/profiles/search", "profiles.search", True),
    ("GET", "/api/profiles/check", "profiles.check", False),
    ("POST", "/api/profiles/passive-individual", "profiles.register-passive", False),
    ("GET", "/api/profiles/{profileId}", "profiles.read", False),
    ("GET", "/api/target-groups", "target-groups.list", False),
    ("GET", "/api/countries", "countries.list", False),
    ("GET", "/api/templates", "templates.list", True),
    ("GET", "/api/templates/{templateId}", "templates.read", True),
    ("GET", "/api/blobs", "blobs.list", True),
    ("GET", "/api/blobs/{blobId}", "blobs.read", True),
    ("DELETE", "/api/blobs/{blobId}", "blobs.delete", True),
    ("POST", "/upload/blobs", "blobs.upload", True),
    ("GET", "/api/messages/inbox", "messages.inbox", True),
    ("GET", "/api/messages/outbox", "messages.outbox", True),
    ("POST", "/api/messages", "messages.send", True),
    ("GET", "/api/messages/{messageId}/open", "messages.open", False),
    ("GET", "/api/messages/{messageId}/view", "messages.view", False),
    (
        "GET",
        "/api/messages/{messageId}/open-forwarded/{forwardedMessageId}",
        "messages.open-forwarded",
        False,
    ),
)
"""Method, path, operation, and whether there is the same below `obo/`."""


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], str, bool], ...]:
    return tuple(_all())


def _all() -> Iterator[tuple[str, re.Pattern[str], str, bool]]:
    for method, path, operation, both in _ROUTES:
        yield method, _pattern(path), operation, False
        if both:
            first, rest = path[1:].split("/", 1)
            yield method, _pattern(f"/{first}/obo/{rest}"), operation, True


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_NUMBER.sub(r"(?P<\1>[0-9]{1,9})", path), re.IGNORECASE)


def find(method: str, path: str) -> Found | None:
    """Return the operation of an address."""
    for its_method, pattern, operation, on_behalf in _patterns():
        matched = pattern.fullmatch(path) if its_method == method else None
        if matched is not None:
            numbers = {name: int(value) for name, value in matched.groupdict().items()}
            return Found(operation, on_behalf, numbers)
    return None
