"""The FHIR server behind the register, as far as it shows: resources with versions, and dispenses made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

CREATED = "201 Created"
REPLACED = "200 OK"
_FIRST_ID = 68  # the documents' example


@dataclass(slots=True)
class Stored:
    """One resource; ``patient`` holds the identifiers of whom it is for, to be found by."""

    kind: str
    id: int
    content: Mapping[str, Any] = field(repr=False)
    patient: Mapping[str, Any] = field(repr=False)
    version: int = 1

    @property
    def reference(self) -> str:
        """The reference by which other resources name it."""
        return f"{self.kind}/{self.id}"

    def shown(self) -> dict[str, Any]:
        """Return the resource as a search finds it."""
        return {**self.content, "id": str(self.id), "meta": {"versionId": str(self.version)}}


class Store:
    """Resources by what makes them the same one."""

    def __init__(self) -> None:
        self._by_key: dict[Hashable, Stored] = {}

    def known(self, key: Hashable) -> Stored | None:
        """Return the resource with this key."""
        return self._by_key.get(key)

    def ensure(self, key: Hashable, kind: str, content: Mapping[str, Any]) -> tuple[str, Stored]:
        """Create the resource unless it is there (a conditional POST); what is there stays as it is."""
        known = self._by_key.get(key)
        return (REPLACED, known) if known else (CREATED, self._create(key, kind, content, content))

    def put(
        self, key: Hashable, kind: str, content: Mapping[str, Any], patient: Mapping[str, Any], *, same: bool
    ) -> tuple[str, Stored]:
        """Create or replace the resource (a conditional PUT).

        A replacement is a new version, but not where ``same``: the content is what it was.
        """
        known = self._by_key.get(key)
        if known is None:
            return CREATED, self._create(key, kind, content, patient)
        if not same:
            known.version += 1
            known.content = content
            known.patient = patient
        return REPLACED, known

    def of(self, kind: str) -> Iterator[Stored]:
        """Yield the resources of a type, the oldest first."""
        return (one for one in self._by_key.values() if one.kind == kind)

    def _create(
        self, key: Hashable, kind: str, content: Mapping[str, Any], patient: Mapping[str, Any]
    ) -> Stored:
        stored = Stored(kind, _FIRST_ID + len(self._by_key), content, patient)
        self._by_key[key] = stored
        return stored
