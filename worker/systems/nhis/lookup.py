"""The query whether NHIS already holds a submission (I003), and what the answer settles. Pure.

`found` is what the look-up must settle: "I have this already", a refusal in doubt, or an attempt without an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from contracts.nhis.immunization import RegisterImmunization
from contracts.nhis.requests import CancelImmunization, RegisterAdverseReaction
from contracts.reasons import Reason
from worker.outcome import Accepted, AlreadyExists, NotArrived, Outcome, Rejected, Unknown
from worker.systems.nhis import fields
from worker.systems.nhis.dates import shown_day
from worker.systems.nhis.groups import Group
from worker.systems.nhis.response import CANCELLED, REGISTERED
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from pydantic import BaseModel

    from worker.systems.nhis.dates import Days
    from worker.xml.builder import Values

Entry: TypeAlias = "Mapping[str, Any]"
"""One result of I004 in the words of the contract."""

_SEARCH = Group.of(fields.SEARCH)
_SHOWN = (
    "patient.identifierType",
    "patient.identifier",
    "immunization.vaccineCode",
    "immunization.occurrence",
)
"""Fields that an entry must show, with the values that were sent, to be the immunization that was sent."""
_IF_SHOWN = ("immunization.doseNumber", "immunization.lotNumber")
"""Fields that must not differ where both sides have them."""


def query(
    data: BaseModel, identity: str, found: Outcome, by: Literal["lrn", "patient"], days: Days
) -> Values | None:
    """Return the contents of the I003 that shows the submission, or None where NHIS has no such query."""
    match data:
        case RegisterImmunization():
            reference = found.reference if isinstance(found, AlreadyExists) else None
            return _immunization_query(data, identity, reference, by, days)
        case CancelImmunization(nrn=nrn) | RegisterAdverseReaction(nrn=nrn):
            return {"nrnImmunization": nrn}
    return None


def settle(
    data: BaseModel, identity: str, found: Outcome, shown: Outcome, zone: tzinfo
) -> Outcome | NotArrived:
    """Decide by the look-up's outcome, ``shown``, what `found` means; ``zone`` says when NHIS's days begin."""
    if isinstance(shown, Rejected | AlreadyExists):
        return Unknown(Reason.OUTCOME_UNKNOWN, "NHIS refused the look-up, so nothing is confirmed")
    if not isinstance(shown, Accepted):
        return shown
    entries = shown.data["results"]
    outcome = _by_entries(data, identity, found, entries, zone)
    if not isinstance(outcome, Accepted) and shown.data["found"] != len(entries):
        return Unknown(Reason.OUTCOME_UNKNOWN, "NHIS shows only a part of what it found")
    return outcome


def _by_entries(
    data: BaseModel, identity: str, found: Outcome, entries: Sequence[Entry], zone: tzinfo
) -> Outcome | NotArrived:
    match data:
        case RegisterImmunization():
            return _settle_registration(data, identity, found, entries, zone)
        case CancelImmunization():
            return _settle_cancellation(data, found, entries)
        case RegisterAdverseReaction():
            return _settle_reaction(data, found, entries, zone)
    return found


def _immunization_query(
    data: RegisterImmunization,
    identity: str,
    reference: str | None,
    by: Literal["lrn", "patient"],
    days: Days,
) -> Values:
    if reference is not None:
        return {"nrnImmunization": reference}
    if by == "lrn":
        return {"lrn": identity}
    day = data.immunization.occurrence
    patient = {"identifierType": data.patient.identifier_type, "identifier": data.patient.identifier}
    return _SEARCH.values({"patient": patient, "fromDate": day, "toDate": day}, days)


def _settle_registration(
    data: RegisterImmunization, identity: str, found: Outcome, entries: Sequence[Entry], zone: tzinfo
) -> Outcome | NotArrived:
    reference = found.reference if isinstance(found, AlreadyExists) else None
    ours = [entry for entry in entries if _is_ours(entry, identity, reference)]
    sent = data.model_dump(mode="json", by_alias=True, exclude_none=True)
    verdicts = [_is_same(sent, entry, zone) for entry in ours]
    if True in verdicts:
        return Accepted(_registered(ours[verdicts.index(True)], identity))
    if None in verdicts or any(_may_be_ours(sent, entry, zone) for entry in entries):
        return Unknown(
            Reason.OUTCOME_UNKNOWN, "NHIS does not show enough to tell whether it is this immunization"
        )
    return _stands(found, shown=bool(ours) or (reference is not None and bool(entries)))


def _is_ours(entry: Entry, identity: str, reference: str | None) -> bool:
    """Return whether an entry is of our LRN: by itself, or as the one whose NRN NHIS named for our LRN."""
    lrn = _at(entry, "immunization.lrn")
    if lrn is None and reference is not None:
        return bool(_at(entry, "immunization.nrn") == reference)
    return bool(lrn == identity)


def _may_be_ours(sent: Entry, entry: Entry, zone: tzinfo) -> bool:
    """Return whether an entry without a LRN does not differ from what was sent."""
    return _at(entry, "immunization.lrn") is None and _is_same(sent, entry, zone) is not False


def _settle_reaction(
    data: RegisterAdverseReaction, found: Outcome, entries: Sequence[Entry], zone: tzinfo
) -> Outcome | NotArrived:
    sent = data.model_dump(mode="json", by_alias=True, exclude_none=True)["reaction"]
    shown = [
        reaction
        for entry in entries
        if _at(entry, "immunization.nrn") == data.nrn
        for reaction in entry.get("reactions", ())
    ]
    same = next((one for one in shown if _is_same_reaction(sent, one, zone)), None)
    if same is not None:
        number = same.get("number")
        return Accepted(without_gaps(nrn=data.nrn, reactionNumber=number, alreadyRegistered=True))
    return _stands(found, shown=False)


def _is_same_reaction(sent: Entry, shown: Entry, zone: tzinfo) -> bool:
    """Return whether a reaction is the one that was sent: day and description must be shown, and nothing may differ."""
    return {"startDate", "description"} <= shown.keys() and all(
        _normal(name, shown[name], zone) == _normal(name, value, zone)
        for name, value in sent.items()
        if name in shown
    )


def _normal(name: str, value: object, zone: tzinfo) -> str:
    text = " ".join(str(value).split())
    return shown_day(text, zone) if name.endswith("Date") else text


def _settle_cancellation(
    data: CancelImmunization, found: Outcome, entries: Sequence[Entry]
) -> Outcome | NotArrived:
    states = [
        _at(entry, "immunization.status") for entry in entries if _at(entry, "immunization.nrn") == data.nrn
    ]
    if CANCELLED in states:
        return Accepted({"nrn": data.nrn, "status": CANCELLED, "alreadyCancelled": True})
    if None in states:
        return Unknown(Reason.OUTCOME_UNKNOWN, "NHIS does not show the status of the immunization")
    if states and isinstance(found, Unknown):
        return NotArrived(found.reason, "NHIS shows the immunization, and not as cancelled")
    return _stands(found, shown=bool(states))


def _stands(found: Outcome, *, shown: bool) -> Outcome | NotArrived:
    """Return the outcome of an unconfirmed submission. ``shown``: the look-up showed it, with other content."""
    if isinstance(found, Unknown) and shown:
        return Unknown(Reason.OUTCOME_UNKNOWN, "NHIS shows it, but with other content")
    if isinstance(found, Unknown):
        return NotArrived(found.reason, "NHIS does not show it")
    if not isinstance(found, AlreadyExists):
        return found
    if shown:
        return Rejected(found.errors)
    return Unknown(Reason.OUTCOME_UNKNOWN, "NHIS says that it has this already, but does not show it")


def _is_same(sent: Entry, entry: Entry, zone: tzinfo) -> bool | None:
    """Return whether an entry is what was sent; None where the entry does not show enough to tell."""
    status = _at(entry, "immunization.status")
    pairs = [(_text(sent, path, zone), _text(entry, path, zone)) for path in (*_SHOWN, *_IF_SHOWN)]
    if status not in (None, REGISTERED) or any(mine and theirs and mine != theirs for mine, theirs in pairs):
        return False
    enough = status and _at(entry, "immunization.nrn") and all(theirs for _, theirs in pairs[: len(_SHOWN)])
    return True if enough else None


def _at(data: Mapping[str, Any], path: str) -> Any:
    """Return what an event or an entry holds at a path, or None."""
    found: Any = data
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(entry: Entry, path: str, zone: tzinfo) -> str:
    value = _at(entry, path)
    text = "" if value is None else str(value)
    return shown_day(text, zone) if path.endswith("occurrence") else text


def _registered(entry: Entry, identity: str) -> dict[str, Any]:
    return without_gaps(
        nrn=_at(entry, "immunization.nrn"),
        lrn=identity,
        status=_at(entry, "immunization.status"),
        certificateNumber=_at(entry, "immunization.certificateNumber"),
        alreadyRegistered=True,
    )
