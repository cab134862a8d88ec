"""The code lists of D2 that immunization uses, and invented vaccine lots; data in nomenclatures.json."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

VACCINES = "CL037"
_LOTS_PER_VACCINE = 3


@dataclass(frozen=True, slots=True)
class Lot:
    """An invented lot of a vaccine."""

    vaccine_code: str
    number: str
    expires: date


class Nomenclatures:
    """All lists, in memory: id to entries as {key, description, meta?}."""

    def __init__(self, lists: Mapping[str, Mapping[str, Any]]) -> None:
        self._lists = lists
        self._vaccines = {str(entry["key"]): entry for entry in self.entries(VACCINES)}

    @classmethod
    def bundled(cls) -> Nomenclatures:
        """Read the lists that ship with the sandbox (values of D2 v1.4.4; CL011 only in part)."""
        text = resources.files(__package__).joinpath("nomenclatures.json").read_text(encoding="utf-8")
        return cls(json.loads(text))

    def __contains__(self, list_id: str) -> bool:
        return list_id in self._lists

    def entries(self, list_id: str) -> Sequence[Mapping[str, Any]]:
        """Return a list's entries in their order; keys are not unique in every list (CL038)."""
        entries: Sequence[Mapping[str, Any]] = self._lists[list_id]["entries"]
        return entries

    def knows_vaccine(self, code: str) -> bool:
        """Whether CL037 has the vaccine."""
        return code in self._vaccines

    def vaccine_group(self, code: str) -> str:
        """Return the group whose course a vaccine belongs to; a vaccine without one is its own group."""
        meta = self._vaccines.get(code, {}).get("meta", {})
        return str(meta.get("vaccine_group", f"vaccine {code}"))

    def lots(self, vaccine_codes: Iterable[str], today: date) -> list[Lot]:
        """Return three invented lots of each named vaccine, or of all; unknown codes have none."""
        named = list(vaccine_codes)
        wanted = [code for code in named if code in self._vaccines] if named else list(self._vaccines)
        return [_lot(code, number, today) for code in wanted for number in range(_LOTS_PER_VACCINE)]


def _lot(code: str, number: int, today: date) -> Lot:
    digest = hashlib.sha256(f"{code}/{number}".encode()).hexdigest().upper()
    return Lot(code, f"SBX{digest[:6]}", date(today.year + 1 + number, 12, 31))
