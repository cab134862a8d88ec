"""The search for medical exemptions: what is asked, by which way, and what of the register answers it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.kz_shep.errors import FORMAT, Declined, Refused
from sandbox.kz_shep.identifiers import iin_is_valid
from sandbox.kz_shep.names import EHEALTH, XSI
from sandbox.kz_shep.register import EXEMPTIONS, Exemption
from sandbox.kz_shep.sequence import Field, check, text_of

if TYPE_CHECKING:
    from sandbox.kz_shep.soap import Element

_TYPE = "MedicalExemptionSearchRequest"
_NAMES = ("number", "iin", "passportNumber", "citizenshipCode")
_FIELDS = tuple(Field(name, minimum=0) for name in _NAMES)
_NOTHING_GIVEN = "Не заполнены номер медотвода, ИИН или номер паспорта с кодом гражданства."
_HALF_A_PAIR = "Номер паспорта и код гражданства заполняются вместе."
_WRONG_IIN = "ИИН указан неверно."


@dataclass(frozen=True, slots=True)
class Query:
    """The criteria of a search; an empty text is as good as none."""

    number: str = field(repr=False)
    iin: str = field(repr=False)
    passport: str = field(repr=False)
    citizenship: str = field(repr=False)

    @property
    def way(self) -> str | None:
        """The first thing that is asked by: number, iin or passport."""
        given = (("number", self.number), ("iin", self.iin), ("passport", self.passport))
        return next((way for way, value in given if value), None)

    def pseudonym(self) -> str:
        """Return how the ledger names what was asked: SHA-256, hexadecimal, of ``<way>:<value>``."""
        values = {"number": self.number, "iin": self.iin, "passport": f"{self.citizenship}:{self.passport}"}
        text = f"{self.way}:{values[self.way]}" if self.way else ""
        return hashlib.sha256(text.encode()).hexdigest()

    def check(self) -> None:
        """Check what the specification asks of a search. Raises Declined."""
        if (self.passport and not self.citizenship) or (self.citizenship and self.way is None):
            raise Declined(_HALF_A_PAIR)
        if self.way is None:
            raise Declined(_NOTHING_GIVEN)
        if self.iin and not iin_is_valid(self.iin):
            raise Declined(_WRONG_IIN)

    def finds(self, exemption: Exemption) -> bool:
        """Whether the exemption is what everything given asks for."""
        person = exemption.person
        asked = (
            (self.number, exemption.number),
            (self.iin, person.iin),
            (self.passport, person.passport),
            (self.citizenship, person.citizenship),
        )
        return all(wanted in {"", found} for wanted, found in asked)


def read(data: Element | None) -> Query:
    """Read the typed `data` of the search. Raises Refused (SCE001)."""
    if data is None or _type_of(data) != (EHEALTH, _TYPE):
        raise Refused(FORMAT, f"requestData/data должен быть типа {_TYPE} из {EHEALTH}.")
    check(data, _FIELDS, "requestData/data")
    return read_loosely(data)


def read_loosely(data: Element) -> Query:
    """Return what is asked, whatever the structure around it."""
    return Query(*(text_of(data, name) or "" for name in _NAMES))


def found_by(query: Query) -> tuple[Exemption, ...]:
    """Return the exemptions that the query asks for."""
    return tuple(exemption for exemption in EXEMPTIONS if query.finds(exemption))


def other_than(query: Query | None) -> Exemption:
    """Return an exemption that the query does not ask for."""
    return next((item for item in EXEMPTIONS if query is None or not query.finds(item)), EXEMPTIONS[-1])


def _type_of(data: Element) -> tuple[str | None, str]:
    prefix, _, name = (data.get(f"{{{XSI}}}type") or "").strip().rpartition(":")
    return data.nsmap.get(prefix or None), name
