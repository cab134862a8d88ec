"""What the register shows of a submission in doubt, and what that settles. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from herald.contracts.erx.prescription import IssuePrescription
from herald.contracts.erx.requests import RegisterUser
from herald.contracts.reasons import Reason
from herald.worker.outcome import Accepted, NotArrived, Outcome, Rejected, Unknown
from herald.worker.systems.erx.answers import distinct, identifier, without_gaps
from herald.worker.systems.erx.bundle import medication_request
from herald.worker.systems.erx.envelope import member, text
from herald.worker.systems.erx.requests import seed_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from herald.worker.systems.erx.settings import ErxSettings


def settle(data: BaseModel, settings: ErxSettings, found: Outcome, shown: Outcome) -> Outcome | NotArrived:
    """Decide what `found` means (a refusal in doubt, or an unknown outcome), by what the look-up has shown."""
    if isinstance(shown, Rejected):
        return Unknown(Reason.OUTCOME_UNKNOWN, "the register refused the look-up, so nothing is confirmed")
    if not isinstance(shown, Accepted):
        return shown
    match data:
        case IssuePrescription():
            return _settle_prescription(data, settings, found, shown.data)
        case RegisterUser():
            return _settle_user(data, found, shown.data)
    return found


def _settle_prescription(
    data: IssuePrescription, settings: ErxSettings, found: Outcome, shown: Mapping[str, Any]
) -> Outcome | NotArrived:
    names = _names(data, settings)
    by_line = [[one for one in shown["results"] if identifier(one, "internal") == name] for name in names]
    sent = [medication_request(data, line, settings) for line in data.lines]
    ours = [
        next((one for one in candidates if covers(one, mine)), None)
        for candidates, mine in zip(by_line, sent, strict=True)
    ]
    if all(one is not None for one in ours):
        return Accepted(_issued(data, ours))
    if any(by_line):
        return Unknown(
            Reason.OUTCOME_UNKNOWN, "the register shows the prescription, but not with all that was sent"
        )
    if shown.get("total") != len(shown["results"]):
        return Unknown(Reason.OUTCOME_UNKNOWN, "the register shows only a part of what it found")
    return _absent(found)


def _names(data: IssuePrescription, settings: ErxSettings) -> list[str]:
    """Return what each line's internal id is in the register."""
    if settings.sends_seed:
        return [seed_of(data)] * len(data.lines)
    return [line.internal_id for line in data.lines]


def _absent(found: Outcome) -> Outcome | NotArrived:
    if isinstance(found, Unknown):
        return NotArrived(found.reason, "the register does not show the prescription")
    return found


def _settle_user(data: RegisterUser, found: Outcome, shown: Any) -> Outcome:
    """Read the record of whoever could log in with the new user's password."""
    email = shown.get("email")
    if shown["username"].lower() == data.username.lower() and (email or "").lower() == data.email.lower():
        return Accepted({**shown, "alreadyRegistered": True})
    if isinstance(found, Rejected):
        return Unknown(Reason.OUTCOME_UNKNOWN, "the user can log in, but the register shows another record")
    return found


def covers(theirs: object, mine: object) -> bool:
    """Whether what is shown holds everything that was sent: more members and more items may be there."""
    if isinstance(mine, dict):
        return all(covers(member(theirs, name.lower()), value) for name, value in mine.items())
    if isinstance(mine, list):
        return isinstance(theirs, list) and all(any(covers(one, item) for one in theirs) for item in mine)
    return type(theirs) in _COMPARABLE.get(type(mine), ()) and theirs == mine


_COMPARABLE: dict[type, tuple[type, ...]] = {
    str: (str,),
    bool: (bool,),
    int: (int, float),
    float: (int, float),
}


def _issued(data: IssuePrescription, ours: Sequence[Any]) -> dict[str, Any]:
    lines = [
        without_gaps(
            internalId=line.internal_id,
            location=_location(one),
            version=text(one, "meta", "versionid"),
        )
        for line, one in zip(data.lines, ours, strict=True)
    ]
    return without_gaps(
        lines=lines,
        barcodes=distinct(identifier(one, "barcode-id") for one in ours),
        prescriptionId=next(iter(distinct(identifier(one, "prescription-id") for one in ours)), None),
        offlineBarcodes=[],
        alreadyIssued=True,
    )


def _location(resource: object) -> str | None:
    number = text(resource, "id")
    return None if number is None else f"MedicationRequest/{number}"
