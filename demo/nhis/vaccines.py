"""Vaccines that the sandbox's nomenclatures know."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vaccine:
    """A vaccine of CL037: the disease it is against (ICD-10), the doses of its course, a lot."""

    code: str
    disease: str
    doses: int
    lot: str


def _vaccine(code: str, disease: str, doses: int) -> Vaccine:
    """Return a vaccine with the first lot that the sandbox invents for it."""
    lot = "SBX" + hashlib.sha256(f"{code}/0".encode()).hexdigest()[:6].upper()
    return Vaccine(code, disease, doses, lot)


HEPATITIS_B = _vaccine("2998", "Z24.6", 2)
INFLUENZA = _vaccine("16568", "Z25.1", 1)
COVID = _vaccine("-1000", "U07.1", 2)
COVID_OF_NO_LOT = Vaccine(COVID.code, COVID.disease, COVID.doses, "NOSUCHLOT")
