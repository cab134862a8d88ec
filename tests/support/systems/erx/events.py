"""Making the fields of eRx events agree, so that events drawn from their schemas pass their rules."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_PATIENTS: list[dict[str, Any]] = [
    # Invented: an EGN with month + 20 belongs to a birth in the 1800s, so to nobody alive.
    {"identifierType": "egn", "identifier": "7223154154", "birthDate": "1872-03-15", "gender": "female"},
    {"identifierType": "lnch", "identifier": "1003000022", "birthDate": "1990-02-28", "gender": "other"},
]

_SEARCHES = ("erx.prescription.search.v1", "erx.dispensing.search.v1")


def agree_on_erx(draw: st.DrawFn, event_type: str, data: dict[str, Any]) -> None:
    """Make fields agree that the rules tie together."""
    if "patient" in data:
        known = draw(st.sampled_from(_PATIENTS))
        data["patient"].update({name: known[name] for name in known if name in data["patient"]})
    if "lines" in data:
        _agree_on_lines(data)
    if event_type in _SEARCHES and data.keys() <= {"activeOnly"}:
        data["barcode"] = "ERX1592863105N00246А"


def _agree_on_lines(data: dict[str, Any]) -> None:
    data["encounter"]["end"] = data["encounter"]["start"]
    for index, line in enumerate(data["lines"]):
        line["internalId"] = f"{line['internalId'][:60]}{index}"
        if "bookletPart" in line:
            line["bookletPart"] = f"{line['bookletPart'][0]}{index}"
        if data["category"] in {"N", "A", "B", "C"}:
            line["medication"]["list"] = "nhif"
