"""What is left out of a reply or notification that is too large for its topic, as the files it becomes: pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import field
from types import NoneType
from typing import TYPE_CHECKING, Any

from contracts.derived_ids import derived_id
from contracts.immutable import immutable
from worker.file_store import NewFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from worker.file_store import FileOwner

LEAST_BULK = 4096
"""Members of the data with as many characters or more are left out of what is too large."""
MOST_FILES = 50
"""Of a member that holds more binary leaves, one file is made: each reference takes room, too."""
JSON, UNKNOWN_TYPE = "application/json", "application/octet-stream"
_MAGIC = {b"%PDF-": "application/pdf", b"\x89PNG\r\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@immutable
class LeftOut:
    """One file: the JSON path of the member that it stands for, and its bytes."""

    path: str
    media_type: str
    content: bytes = field(repr=False)

    def new_file(self, owner: FileOwner, *identity: object) -> NewFile:
        """Return what is known of the file; its id is derived from what it belongs to, its path and its digest."""
        digest = hashlib.sha256(self.content).hexdigest()
        return NewFile(
            id=derived_id("herald-file", *map(str, identity), self.path, digest),
            owner=owner,
            media_type=self.media_type,
            sha256=digest,
            size=len(self.content),
        )


def bulky(value: object) -> bool:
    """Whether a member of the data is one of those that are left out."""
    return len(json.dumps(value, ensure_ascii=False, default=str)) >= LEAST_BULK


def without_bulk(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data with null for every member that is bulky."""
    return {name: None if bulky(value) else value for name, value in data.items()}


def bulk_of(data: Mapping[str, Any], binary: Collection[str]) -> Iterator[LeftOut]:
    """Yield the files that stand for what `without_bulk` leaves out. ``binary``: see `EventContract.binary`."""
    for name, value in data.items():
        if bulky(value):
            yield from _of_member(
                name, value, [tuple(one.split(".")) for one in binary], data.get("mediaType")
            )


def as_json(path: str, value: object) -> LeftOut:
    """Return a file with a value as JSON."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return LeftOut(path, JSON, text.encode())


def _of_member(
    name: str, value: Any, patterns: Collection[tuple[str, ...]], media_type: Any
) -> Iterator[LeftOut]:
    """Yield the decoded leaves of a member, and the rest of it as JSON where anything else is in it."""
    leaves = _Leaves(patterns)
    rest = leaves.taken_out(value, f"data.{name}", (name,), media_type)
    if len(leaves.found) > MOST_FILES:
        yield as_json(f"data.{name}", value)
        return
    yield from leaves.found
    if _says_something(rest):
        yield as_json(f"data.{name}", rest)


def referred_ids(value: Any) -> Iterator[str]:
    """Yield the ids of the files that data refers to: what looks like a `FileReference` is one."""
    if isinstance(value, Mapping):
        if value.keys() >= _REFERENCE and isinstance(value["id"], str) and _ID.fullmatch(value["id"]):
            yield value["id"]
        inside: Iterable[Any] = value.values()
    else:
        inside = value if isinstance(value, list | tuple) else ()
    for one in inside:
        if not isinstance(one, _LEAVES):  # most members of a long list are
            yield from referred_ids(one)


_LEAVES = (str, int, float, NoneType)
_REFERENCE = {"id", "sha256", "size", "mediaType", "expiresAt"}
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Leaves:
    """The binary leaves of a member."""

    def __init__(self, patterns: Collection[tuple[str, ...]]) -> None:
        self._patterns = patterns
        self.found: list[LeftOut] = []

    def taken_out(self, value: Any, path: str, place: tuple[str, ...], media_type: Any = None) -> Any:
        """Return the value with null for each leaf. ``media_type`` is what the object that has the value states."""
        if isinstance(value, str) and any(_fits(place, pattern) for pattern in self._patterns):
            return self._decoded(value, path, media_type)
        if isinstance(value, dict):
            said = value.get("mediaType")
            return {
                name: self.taken_out(one, f"{path}.{name}", (*place, name), said)
                for name, one in value.items()
            }
        if isinstance(value, list | tuple):
            return [
                self.taken_out(one, f"{path}[{number}]", (*place, "*")) for number, one in enumerate(value)
            ]
        return value

    def _decoded(self, value: str, path: str, media_type: Any) -> str | None:
        """Take a leaf out; what is no base64 stays."""
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return value
        self.found.append(LeftOut(path, _media_type(media_type, content), content))
        return None


def _fits(place: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    return len(place) == len(pattern) and all(
        wanted in ("*", name) for name, wanted in zip(place, pattern, strict=True)
    )


def _says_something(rest: Any) -> bool:
    """Whether anything is left of a member besides the leaves that were taken out."""
    if isinstance(rest, dict):
        return any(map(_says_something, rest.values()))
    return rest is not None


def _media_type(stated: Any, content: bytes) -> str:
    if isinstance(stated, str) and stated:
        return stated
    return next((name for magic, name in _MAGIC.items() if content.startswith(magic)), UNKNOWN_TYPE)
