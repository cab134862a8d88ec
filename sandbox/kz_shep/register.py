"""The exemptions that the sandbox knows. People, documents and numbers are invented.

IINs are of births in 1800-1899 (seventh digit 1 or 2), with right check digits. SHEP's specification publishes
one status alone, UP_TO_DATE; the codes of the other two are not known, and those here say that they are the
sandbox's.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.pdf import one_page

UP_TO_DATE = "UP_TO_DATE"
OUT_OF_DATE = "SANDBOX_OUT_OF_DATE"
REVOKED = "SANDBOX_REVOKED"
_COVID = "Иммунопрофилактика от коронавирусной инфекции"


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person, known by an IIN or by a foreign passport."""

    iin: str | None = None
    passport: str | None = None
    citizenship: str | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """The medical procedure that the exemption is from."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """One exemption; only a valid one has certificates."""

    number: str
    person: Person
    procedure: Procedure
    status: str
    end_date: str | None = None
    revocation_reason: str | None = None

    def certificates(self) -> tuple[bytes, bytes] | None:
        """Return the certificate and the one for printing, as PDF; None where it is not valid now."""
        if self.status != UP_TO_DATE:
            return None
        text = f"Herald sandbox: medical exemption {self.number}"
        return one_page(text), one_page(f"{text}, for printing")


_COVID_19 = Procedure("100", _COVID)
_MEASLES = Procedure("SANDBOX-2", "Иммунопрофилактика от кори")
_FIRST = Person(iin="550310201040")
_SECOND = Person(iin="611127122039")
_TRAVELLER = Person(passport="0012345678", citizenship="SANDBOX-KG")

EXEMPTIONS = (
    Exemption("01085", _FIRST, _COVID_19, UP_TO_DATE),
    Exemption("01086", _FIRST, _MEASLES, OUT_OF_DATE, end_date="2021-12-31T00:00:00+06:00"),
    Exemption(
        "02017", _SECOND, _COVID_19, REVOKED, revocation_reason="Выдан по ошибке (вымышленная причина)"
    ),
    Exemption("03001", _TRAVELLER, _COVID_19, UP_TO_DATE),
)
