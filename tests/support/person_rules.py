"""What every contract with a Bulgarian patient says of the identifiers. The persons are invented."""

from __future__ import annotations

from typing import Any, TypeAlias

Row: TypeAlias = tuple[str, str, dict[str, Any], list[tuple[str, str]]]
"""What is tried, the event's type, what of its example is changed, and the problems found."""

MALE = "7223154128"
"""Born 1872-03-15, a man."""

_ROWS: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
    ("EGN letters", {"patient.identifier": "722315415A"}, [("patient.identifier", "egn-form")]),
    ("EGN check digit", {"patient.identifier": "7223154155"}, [("patient.identifier", "egn-check-digit")]),
    # 7213154154 differs in the month: 13 is in no century.
    (
        "EGN without a date",
        {"patient.identifier": "7213154150"},
        [("patient.identifier", "egn-check-digit"), ("patient.identifier", "egn-form")],
    ),
    ("EGN of a man", {"patient.identifier": MALE}, [("patient.gender", "egn-gender")]),
    ("EGN of a man, male", {"patient.identifier": MALE, "patient.gender": "male"}, []),
    ("another birth date", {"patient.birthDate": "1872-03-16"}, [("patient.birthDate", "egn-birth-date")]),
    ("LNCh", {"patient.identifierType": "lnch", "patient.identifier": "1003000022"}, []),
    (
        "LNCh check digit",
        {"patient.identifierType": "lnch", "patient.identifier": "1003000023"},
        [("patient.identifier", "lnch-check-digit")],
    ),
    (
        "LNCh too long",
        {"patient.identifierType": "lnch", "patient.identifier": "10030000220"},
        [("patient.identifier", "lnch-form")],
    ),
]


def person_rows(event_type: str) -> list[Row]:
    """Return the rows for the patient of this type's example."""
    return [(tried, event_type, changes, problems) for tried, changes, problems in _ROWS]
