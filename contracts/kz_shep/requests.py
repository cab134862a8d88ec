"""The data of the search for medical exemptions."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

from contracts.kz_shep.fields import Iin, Line
from contracts.model import ContractModel, given

WAYS = ("number", "iin", "passportNumber", "citizenshipCode")


def _together(one: str, *others: str) -> dict[str, Any]:
    return {"if": given(one), "then": {"anyOf": [given(other) for other in others]}}


class SearchMedicalExemptions(ContractModel):
    """Search medical exemptions: by number, by IIN, or by passport and citizenship; at least one way.

    Several ways may be given together; which of them the service then goes by is not published.
    """

    # What the rules `at-least-one` and `together` check, published in the schema.
    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {
                    "anyOf": [
                        given(way, f"SearchMedicalExemptionsBy{way[:1].upper()}{way[1:]}") for way in WAYS
                    ]
                },
                _together("passportNumber", "citizenshipCode"),
                _together("citizenshipCode", "passportNumber", "number", "iin"),
            ]
        }
    )

    number: Line | None = None
    """The unique number of the exemption; leading zeros count."""
    iin: Iin | None = None
    """The patient's individual identification number (ИИН): 12 digits, the first six a birth date, the last one a
    check digit; leading zeros count."""
    passport_number: Line | None = None
    """The number of the patient's passport; only with `citizenshipCode` (table 1)."""
    citizenship_code: Line | None = None
    """The code of the patient's citizenship; alone it finds nobody. The list of codes is not published."""
