"""The queries that look up a submission in doubt, and what the register's answer says about it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.erx.prescription import IssuePrescription
from contracts.erx.requests import RegisterUser
from contracts.reasons import Reason
from worker.outcome import Accepted, AlreadyExists, NotArrived, Outcome, Rejected, Unknown
from worker.systems.erx.bundle import NAMESPACE
from worker.systems.erx.envelope import text
from worker.systems.erx.request import NEWEST_FIRST, PRESCRIBED, WHO_AM_I, seed_of, written
from worker.systems.erx.response import distinct, identifier, identifiers
from worker.systems.erx.same_lines import internal_id, same_lines
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from pydantic import BaseModel

    from worker.systems.erx.settings import ErxSettings


def prescription_address(data: IssuePrescription, settings: ErxSettings) -> str:
    """Return the search that shows all lines of a prescription: by its patient, and by its seed where it has one.

    A seed alone may be another patient's too. A search for several internal ids at once would need FHIR's comma,
    which neither text shows.
    """
    seed = [("identifier", f"{NAMESPACE}internal|{seed_of(data)}")] if settings.sends_seed else []
    patient = ("subject.identifier", data.patient.identifier)
    return settings.url(PRESCRIBED) + written([*seed, patient, NEWEST_FIRST])


def user_address(settings: ErxSettings) -> str:
    """Return the address at which the register names the user of a token."""
    return settings.url(WHO_AM_I)


def settle(
    data: BaseModel, settings: ErxSettings, found: Outcome, shown: Outcome, *, user: Collection[str] = ()
) -> Outcome | NotArrived:
    """Decide by the look-up's outcome, ``shown``, what `found` means: a refusal in doubt, or an unknown outcome.

    ``user`` are the names that the register may use for the user that asks: login name and number.
    """
    if isinstance(shown, Rejected):
        return _unconfirmed("the register refused the look-up, so nothing is confirmed")
    if not isinstance(shown, Accepted):
        return shown
    match data:
        case IssuePrescription():
            return _settle_prescription(data, settings, found, shown.data, user)
        case RegisterUser():
            return _settle_user(data, found, shown.data)
    return found


def _settle_prescription(
    data: IssuePrescription,
    settings: ErxSettings,
    found: Outcome,
    shown: Mapping[str, Any],
    user: Collection[str],
) -> Outcome | NotArrived:
    results = shown["results"]
    if shown.get("total") != len(results):
        return _unconfirmed("the register shows only a part of what it found")
    if not all(identifiers(one, "internal") for one in results):
        return _unconfirmed("the register shows a line without its internal id")
    named = _under_our_names(data, settings, results)
    if not named:
        return _absent(found)
    whole = [*named, *(one for one in results if one not in named and _tags(one) & _tags(*named))]
    ours = same_lines(data, settings, whole)
    if ours is None:
        return _unconfirmed("the register shows the prescription, but not exactly what was sent")
    if not _tags(*ours) or not all(_is_of(one, user) for one in ours):
        return _unconfirmed("the register does not show that this user issued the prescription")
    return Accepted(_issued(data, ours))


def _under_our_names(
    data: IssuePrescription, settings: ErxSettings, results: Sequence[object]
) -> list[object]:
    names = {internal_id(data, line, settings) for line in data.lines}
    return [one for one in results if names.intersection(identifiers(one, "internal"))]


def _tags(*resources: object) -> set[tuple[str, str]]:
    """Return the identifiers by which the register groups lines to a prescription."""
    return {(kind, one) for kind in _OF_PRESCRIPTION for each in resources for one in identifiers(each, kind)}


_OF_PRESCRIPTION = ("barcode-id", "prescription-id")


def _is_of(resource: object, user: Collection[str]) -> bool:
    names = [one.lower() for one in identifiers(resource, "erx-users")]
    return len(names) == 1 and names[0] in {one.lower() for one in user}


def _unconfirmed(detail: str) -> Unknown:
    return Unknown(Reason.OUTCOME_UNKNOWN, detail)


def _absent(found: Outcome) -> Outcome | NotArrived:
    if isinstance(found, Unknown):
        return NotArrived(found.reason, "the register does not show the prescription")
    return found


def _settle_user(data: RegisterUser, found: Outcome, shown: Any) -> Outcome:
    """Read the record of the user that could log in with the new user's password."""
    email = shown.get("email")
    if shown["username"].lower() == data.username.lower() and (email or "").lower() == data.email.lower():
        if isinstance(found, AlreadyExists) and "roleId" not in shown:
            return _unconfirmed(
                "the user can log in, but the register shows no role: its administrators must complete the account"
            )
        return Accepted({**shown, "alreadyRegistered": True})
    return _unconfirmed("the user can log in, but the register shows another record")


def _issued(data: IssuePrescription, ours: Sequence[Any]) -> dict[str, Any]:
    lines = [
        without_gaps(
            internalId=line.internal_id,
            location=_location(one),
            version=text(one, "meta", "versionid"),
            mrId=identifier(one, "mr-id"),
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
