"""From the lite bundle to the one that the register executes (T2): what it adds, and where each resource is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.erx import namespaces as ns
from sandbox.erx.barcodes import prescription_id
from sandbox.erx.namespaces import identified, identifier
from sandbox.erx.parts import SINGLE
from sandbox.erx.reading import at, objects_at, text_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.erx.naming import LineName
    from sandbox.erx.orders import Order
    from sandbox.erx.users import User

_ASSIGNED = (ns.BARCODE, ns.LINE, ns.PRESCRIPTION, ns.HOSPITAL, ns.USER, ns.CLIENT)


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the bundle that is executed. ``urn`` is how the others name it; ``line`` that of a request."""

    resource: Mapping[str, Any] = field(repr=False)
    method: str
    url: str
    urn: str
    line: LineName | None = None

    @property
    def kind(self) -> str:
        """The resource's type."""
        return str(self.resource["resourceType"])

    def shown(self) -> dict[str, Any]:
        """Return the entry of T2."""
        return {"Resource": self.resource, "Request": {"Method": self.method, "Url": self.url}}


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a prescription: the user, and the client software."""

    user: User
    client: str

    def identifiers(self) -> list[dict[str, str]]:
        """Return what is added to every resource but the patient."""
        return [
            identifier(ns.HOSPITAL, self.user.dh_id),
            identifier(ns.USER, self.user.username),
            identifier(ns.CLIENT, self.client),
        ]

    def place(self, reference: str) -> dict[str, str]:
        """Return a reference to the organization or its place."""
        return {"reference": reference, "display": self.user.organization_name}


class Expansion:
    """Makes the resources of one order whole. ``new_urn`` gives the references between them (`urn:uuid:`)."""

    def __init__(self, order: Order, author: Author, new_urn: Callable[[], str]) -> None:
        self._order = order
        self._author = author
        self._urns = {kind: new_urn() for kind in SINGLE}
        self._new_urn = new_urn

    def steps(self, names: Sequence[LineName], stem: str, offline: Mapping[str, str]) -> list[Step]:
        """Return what is executed, in the order of the bundle.

        ``offline`` are the barcodes that the client could have made, by internal identifier.
        """
        singles = {
            "Patient": self._single("POST", "Patient", self._order.one("Patient")),
            "Practitioner": self._single("POST", "Practitioner", self._practitioner()),
            "PractitionerRole": self._single("PUT", self._role_url(), self._role()),
            "Encounter": self._single("PUT", self._encounter_url(), self._encounter()),
        }
        lines = iter(
            [
                self._line_step(line, name, stem, offline[name.internal_id])
                for line, name in zip(self._order.lines, names, strict=True)
            ]
        )
        return [singles.get(str(one["resourceType"])) or next(lines) for one in self._order.resources]

    def _single(self, method: str, url: str, resource: Mapping[str, Any]) -> Step:
        return Step(resource, method, url, self._urns[str(resource["resourceType"])])

    def _line_step(self, line: Mapping[str, Any], name: LineName, stem: str, offline: str) -> Step:
        resource = self._line(line, name, self._line_identifiers(line, name, stem, offline))
        return Step(resource, "PUT", self._line_url(name), self._new_urn(), name)

    def _line(
        self, line: Mapping[str, Any], name: LineName, identifiers: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """Return a medication request with its names, and references to the others."""
        added: dict[str, Any] = {
            "status": "active",
            "intent": "proposal",
            "encounter": {"reference": self._urns["Encounter"]},
            "requester": {"reference": self._urns["PractitionerRole"]},
            "groupIdentifier": identifier(ns.BARCODE, name.barcode),
        }
        if self._order.seed is not None:
            category = {"system": ns.CATEGORY, "code": self._order.category}
            subject = {"reference": self._urns["Patient"], "display": _name_of(self._order.one("Patient"))}
            requester = {**added["requester"], "display": _name_of(self._order.one("Practitioner"))}
            added |= {"category": [{"coding": [category]}], "subject": subject, "requester": requester}
        return {**line, "identifier": identifiers, **added}

    def _practitioner(self) -> dict[str, Any]:
        """Return the doctor."""
        practitioner = self._order.one("Practitioner")
        return {**practitioner, "identifier": [*_own(practitioner), *self._author.identifiers()]}

    def _role(self) -> dict[str, Any]:
        """Return the doctor's role, in the user's organization."""
        practitioner, role = self._order.one("Practitioner"), self._order.one("PractitionerRole")
        user = self._author.user
        return {
            **role,
            "identifier": [identifier(ns.UIN, self._uin), *self._author.identifiers()],
            "practitioner": {"reference": self._urns["Practitioner"]},
            "organization": self._author.place(user.organization),
            "location": [self._author.place(user.location)],
            "telecom": objects_at(practitioner, "telecom"),
        }

    def _encounter(self) -> dict[str, Any]:
        """Return the examination, with who did it and where."""
        encounter = self._order.one("Encounter")
        return {
            **encounter,
            "identifier": [*_own(encounter), *self._author.identifiers()],
            "participant": [{"individual": {"reference": self._urns["PractitionerRole"]}}],
            "location": [{"location": self._author.place(self._author.user.location)}],
        }

    @property
    def _uin(self) -> str:
        return identified(self._order.one("Practitioner"), ns.UIN) or ""

    @property
    def _by_user(self) -> str:
        return f"identifier={ns.USER}|{self._author.user.username}"

    def _role_url(self) -> str:
        return f"PractitionerRole?identifier={ns.UIN}|{self._uin}&{self._by_user}"

    def _encounter_url(self) -> str:
        visit = identified(self._order.one("Encounter"), ns.ENCOUNTER)
        client = f"identifier={ns.CLIENT}|{self._author.client}"
        return f"Encounter?identifier={ns.ENCOUNTER}|{visit}&{self._by_user}&{client}"

    def _line_url(self, name: LineName) -> str:
        """Return where a medication request is sent: to the one that it replaces, if there is one."""
        if self._order.seed is None:
            return f"MedicationRequest?identifier={ns.INTERNAL}|{name.internal_id}"
        return f"MedicationRequest?identifier={ns.LINE}|{name.line_id}&{self._by_user}"

    def _line_identifiers(
        self, line: Mapping[str, Any], name: LineName, stem: str, offline: str
    ) -> list[dict[str, Any]]:
        own, named = _own(line), [identifier(ns.BARCODE, name.barcode)]
        if self._order.seed is not None:
            own = [one for one in own if one.get("system") != ns.INTERNAL]
            named += [identifier(ns.LINE, name.line_id), identifier(ns.INTERNAL, name.internal_id)]
        else:
            numbered = identifier(ns.PRESCRIPTION, prescription_id(stem))
            named += [numbered, identifier(ns.LINE, name.line_id), identifier(ns.BARCODE, offline)]
        return [*own, *named, *self._author.identifiers()]


def _own(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the identifiers that the client gave, without those that only the register gives."""
    return [one for one in objects_at(resource, "identifier") if one.get("system") not in _ASSIGNED]


def _name_of(person: Mapping[str, Any]) -> str:
    name = at(person, "name", 0)
    words = [*_texts(at(name, "prefix")), *_texts(at(name, "given")), text_at(name, "family") or ""]
    return " ".join(words)


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
