"""The data of the search for medical exemptions."""

from __future__ import annotations

from pydantic import ConfigDict

from contracts.kz_shep.fields import Iin, Line
from contracts.model import ContractModel, given, named_ways

WAYS = ("number", "iin", "passportNumber", "citizenshipCode")


class SearchMedicalExemptions(ContractModel):
    """Search medical exemptions: by number, by IIN, or by passport and citizenship; at least one way.

    Several ways may be given together; which of them the service then goes by is not published.
    """

    # What the rules `at-least-one` and `together` check; the citizenship is no way of its own: alone it finds nobody.
    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                named_ways("anyOf", "SearchMedicalExemptions", "number", "iin", "passportNumber"),
                {"if": given("passportNumber"), "then": given("citizenshipCode")},
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
