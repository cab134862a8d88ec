"""`POST /fhirlite/prescription`: issue a prescription, or change it; all of it or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.erx.barcodes import Numbers, unique
from sandbox.erx.expansion import Author, Expansion, Step
from sandbox.erx.ledger import Ledger, Prescription, pseudonym
from sandbox.erx.naming import LineName, Naming, barcodes_of
from sandbox.erx.orders import Order, read_order
from sandbox.erx.writing import Written, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sandbox.erx.profile import Profile
    from sandbox.erx.store import Store
    from sandbox.erx.users import User
    from sandbox.stand_in import Request

_PRINT = "https://erx2.e-health.bg/print/barcode/code128?code={}&scale=3"  # the national address, as it says itself


class Prescriptions:
    """The prescription service. ``client`` is the client software's name, ``new_id`` gives UUIDs."""

    def __init__(
        self,
        profile: Profile,
        *,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        client: str,
        store: Store,
        ledger: Ledger,
    ) -> None:
        self._profile = profile
        self._now = now
        self._new_id = new_id
        self._client = client
        self._store = store
        self._ledger = ledger
        self._naming = Naming(profile, Numbers())

    def issue(self, request: Request, user: User) -> object:
        """Write the prescription and return T1, T2 and T3. Raises Rejected."""
        order = read_order(self._profile, request.query, request.body)
        moment = self._now()
        prescription = self._prescription(order, user, moment)
        names = self._naming.lines(order, prescription.stem)
        written = write(self._store, order, user, self._steps(order, user, prescription, names))
        self._note(prescription, moment, names, written)
        return self._result(written, barcodes_of(names))

    def _prescription(self, order: Order, user: User, moment: datetime) -> Prescription:
        """Return the one that the order changes, or a new one."""
        keys = self._naming.keys(order, user, moment)
        patient = pseudonym(order.one("Patient"))
        prescription = self._ledger.known(keys)
        if prescription is None:
            stem = self._naming.stem(order, user, moment)
            prescription = Prescription(stem, order.category, user.username, patient, moment)
            self._ledger.add(prescription)
        prescription.patient = patient
        self._ledger.name(keys, prescription)
        return prescription

    def _steps(
        self, order: Order, user: User, prescription: Prescription, names: Sequence[LineName]
    ) -> list[Step]:
        prefix, issued = self._profile.offline_prefix, prescription.created_at
        offline = {
            name.internal_id: unique(prefix, "date", issued, user.id, name.internal_id) for name in names
        }
        expansion = Expansion(order, Author(user, self._client), lambda: f"urn:uuid:{self._new_id()}")
        return expansion.steps(names, prescription.stem, offline)

    def _note(
        self,
        prescription: Prescription,
        moment: datetime,
        names: Sequence[LineName],
        written: Sequence[Written],
    ) -> None:
        prescription.written_at.append(moment)
        prescription.keep(names)
        for one in written:
            if one.step.line is not None:
                prescription.versions[one.stored.reference] = one.version

    def _result(self, written: Sequence[Written], barcodes: Sequence[str]) -> Mapping[str, Any]:
        """Return T1 and T2 with the patient where the text's example has it, and T3: a link, or the barcodes."""
        first = self._profile.patient_first
        ordered = sorted(written, key=lambda one: (one.step.kind == "Patient") != first)
        answered = {"Id": self._new_id(), "ResourceType": "Bundle", "Type": "transaction-response"}
        executed = {"ResourceType": "Bundle", "Type": "transaction"}
        return {
            "T1": {**answered, "Entry": [one.shown() for one in ordered]},
            "T2": {**executed, "Entry": [one.step.shown() for one in ordered]},
            "T3": list(barcodes) if self._profile.seeded else _PRINT.format(barcodes[0]),
        }
