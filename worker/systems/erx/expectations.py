"""The answer that a request must get: how it is read, and what it must repeat of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from contracts.erx.prescription import Category, IssuePrescription
from contracts.erx.requests import (
    GenerateBarcode,
    RegisterUser,
    ReserveBarcode,
    SearchDispensings,
    SearchPrescriptions,
)
from contracts.erx.resources import ShownDispensed, ShownPrescribed
from worker.systems.erx import response
from worker.systems.erx.auth import register_time, user_id
from worker.systems.erx.interpret import Expected, Rules
from worker.systems.erx.request import offline_barcode_texts, seed_of
from worker.systems.erx.settings import Name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from pydantic import BaseModel

    from contracts.model import ContractModel
    from worker.systems.erx.settings import ErxSettings
    from worker.transport.port import Answer

MEDICATION_REQUEST, MEDICATION_DISPENSE = "MedicationRequest", "MedicationDispense"


def rules_of(settings: ErxSettings) -> Rules:
    """Return the rules of reading that these settings give."""
    return Rules(settings.not_processed_statuses, settings.server_failures, settings.token_refusals)


def expected_of(
    name: Name, data: BaseModel, settings: ErxSettings, *, token: str, answer: Answer, now: datetime
) -> Expected:
    """Return what to expect; for a look-up, ``data`` is that of the operation that it looks for."""
    match data:
        case RegisterUser() if name is Name.REGISTER:
            return Expected(
                response.registered(data.username, data.email), half_made=settings.half_made_accounts
            )
        case IssuePrescription() if name is Name.ISSUE:
            made = offline_barcodes(data, settings, token, register_time(answer, now))
            seed = seed_of(data) if settings.sends_seed else None
            return Expected(response.issued([line.internal_id for line in data.lines], made, seed=seed))
        case ReserveBarcode():
            return _reserved(data, settings, user_id(token), _day(settings, register_time(answer, now)))
        case GenerateBarcode():
            return Expected(response.generated(data.code), response.generated_plain(data.code))
    return _SEARCHES.get(type(data)) or _READ[name]


def _reserved(data: ReserveBarcode, settings: ErxSettings, user: str | None, today: date) -> Expected:
    """Return what to expect of the answer that names the signer; ``user`` is the number in the token."""
    day, strips = data.day or today, [strip.value for strip in data.strips or ()]

    def make(number: str) -> tuple[str, ...]:
        return offline_barcode_texts(settings.prefix, day, number, data.internal_id, strips)

    return Expected(response.reserved(make, day, user))


def _day(settings: ErxSettings, at: datetime) -> date:
    """Return the day of a barcode made at this time."""
    return at.astimezone(ZoneInfo(settings.time_zone)).date()


def _search(kind: str, model: type[ContractModel]) -> Expected:
    return Expected(response.found(kind, model), response.found_plain(kind, model))


_SEARCHES: Mapping[type[BaseModel], Expected] = {
    SearchPrescriptions: _search(MEDICATION_REQUEST, ShownPrescribed),
    SearchDispensings: _search(MEDICATION_DISPENSE, ShownDispensed),
}
_READ = {
    Name.WHO_AM_I: Expected(response.user),
    # An answer in the frame holds no image, so its result never fits.
    Name.IMAGE: Expected(lambda _: None, response.image),
    # The look-up of a prescription compares whole resources.
    Name.SEARCH: Expected(response.found(MEDICATION_REQUEST), response.found_plain(MEDICATION_REQUEST)),
    Name.PHARMACY: Expected(response.shown_to_pharmacy),
}
"""The operations whose answers need not repeat anything of the request."""


def offline_barcodes(
    data: IssuePrescription, settings: ErxSettings, token: str, at: datetime
) -> tuple[str, ...]:
    """Return the barcodes that the hospital makes itself; none where the token does not name its user."""
    user = user_id(token)
    if user is None:
        return ()
    day = _day(settings, at)
    if not settings.sends_seed:
        own_ids = dict.fromkeys(line.internal_id for line in data.lines)
        return tuple(one for own in own_ids for one in offline_barcode_texts(settings.prefix, day, user, own))
    parts = (line.booklet_part for line in data.lines if data.category is Category.NHIF_5A)
    strips = sorted({part[0] for part in parts if part is not None})
    return offline_barcode_texts(settings.prefix, day, user, seed_of(data), strips)
