"""The register's refusals: business errors in HTTP 200, and a bearer that it does not accept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.erx import texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.erx.texts import Text


@dataclass(frozen=True, slots=True)
class BusinessError:
    """One entry of `Errors`, before its language is chosen and its Id given."""

    text: Text
    key: str | None = None
    path: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


class Rejected(Exception):
    """The request breaks the register's rules: `Success: false` in HTTP 200. ``result`` is None but in a list."""

    def __init__(self, errors: Sequence[BusinessError], result: object = None) -> None:
        super().__init__(f"{len(errors)} business errors")
        self.errors = tuple(errors)
        self.result = result


class Unauthorized(Exception):
    """No bearer token, one that is not in force, or one of a user who may not do this: HTTP 401."""


def mandatory(path: str, name: str, key: str | None = None) -> BusinessError:
    """Return the error of a missing attribute, worded as the documents word it for Username and identifier."""
    return BusinessError(texts.MANDATORY, key or f"{{missing.attribute.{name}}}", path, {"name": name})


def missing_parameter(name: str) -> BusinessError:
    """Return the error of a missing query parameter, with the key and without a path, as in the documents."""
    return BusinessError(texts.MANDATORY, f"{{missing.queryAttribute.{name}}}", None, {"name": name})


def invalid(path: str | None, name: str) -> BusinessError:
    """Return the error of a value that is there and wrong."""
    return BusinessError(texts.INVALID_VALUE, f"{{invalid.attribute.{name}}}", path, {"name": name})
