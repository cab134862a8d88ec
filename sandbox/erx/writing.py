"""Executing an expanded bundle on the store: in the order of its references, which become lasting ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.erx import namespaces as ns
from sandbox.erx.namespaces import identified
from sandbox.erx.parts import MEDICATION_REQUEST
from sandbox.erx.reading import text_at

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from sandbox.erx.expansion import Step
    from sandbox.erx.orders import Order
    from sandbox.erx.store import Store, Stored
    from sandbox.erx.users import User

_ORDER = ("Practitioner", "Patient", "PractitionerRole", "Encounter", MEDICATION_REQUEST)
_CREATED_ONCE = ("Practitioner", "Patient")


@dataclass(frozen=True, slots=True)
class Written:
    """The result of one step."""

    step: Step
    status: str
    stored: Stored
    version: int

    def shown(self) -> dict[str, Any]:
        """Return the entry of T1."""
        location = f"{self.stored.reference}/_history/{self.version}"
        return {"Response": {"Status": self.status, "Location": location, "Etag": str(self.version)}}


def write(store: Store, order: Order, user: User, steps: Sequence[Step]) -> list[Written]:
    """Execute the steps and return what came of them, in their own order."""
    patient = order.one("Patient")
    references: dict[str, str] = {}
    written: dict[str, Written] = {}
    for step in sorted(steps, key=lambda step: _ORDER.index(step.kind)):
        content = _resolved(step.resource, references)
        if step.line is not None:
            content = {**content, "subject": {"reference": references[_urn_of("Patient", steps)]}}
        written[step.urn] = _put(store, _key(order, user, step), step, content, patient)
        references[step.urn] = written[step.urn].stored.reference
    return [written[step.urn] for step in steps]


def _put(
    store: Store, key: Hashable, step: Step, content: Mapping[str, Any], patient: Mapping[str, Any]
) -> Written:
    if step.kind in _CREATED_ONCE:
        status, stored = store.ensure(key, step.kind, content)
    else:
        known = store.known(key)
        # A line is a new version each time it is sent; a role or a visit only when it has changed.
        same = known is not None and known.content == content and step.line is None
        status, stored = store.put(key, step.kind, content, patient, same=same)
    return Written(step, status, stored, stored.version)


def _key(order: Order, user: User, step: Step) -> Hashable:
    """Return what makes the resource the same one: what the address of its step says."""
    if step.line is not None:
        return (step.kind, *step.line.key)
    if step.kind == "Patient":
        patient = order.one("Patient")
        return (
            step.kind,
            text_at(patient, "identifier", 0, "system"),
            text_at(patient, "identifier", 0, "value"),
        )
    if step.kind == "Encounter":
        return (step.kind, identified(order.one("Encounter"), ns.ENCOUNTER), user.username)
    uin = identified(order.one("Practitioner"), ns.UIN)
    return (step.kind, uin) if step.kind == "Practitioner" else (step.kind, uin, user.username)


def _urn_of(kind: str, steps: Sequence[Step]) -> str:
    return next(step.urn for step in steps if step.kind == kind)


def _resolved(value: Any, references: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            name: references.get(inner, inner)
            if name == "reference" and isinstance(inner, str)
            else _resolved(inner, references)
            for name, inner in value.items()
        }
    return [_resolved(one, references) for one in value] if isinstance(value, list) else value
