"""The answer that a request must get: how it is read, and what it must repeat of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from contracts.erx.prescription import Category, IssuePrescription
from contracts.erx.requests import GenerateBarcode, RegisterUser
from worker.systems.erx import response
from worker.systems.erx.auth import register_time, user_id
from worker.systems.erx.interpret import Expected, Rules
from worker.systems.erx.request import offline_barcode_texts, seed_of
from worker.systems.erx.settings import Name
from worker.systems.http_outcome import not_processed_by

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import BaseModel

    from worker.systems.erx.settings import ErxSettings
    from worker.systems.port import Recovery
    from worker.transport.port import Answer

MEDICATION_REQUEST, MEDICATION_DISPENSE = "MedicationRequest", "MedicationDispense"


def rules_of(settings: ErxSettings, name: Name, recovery: Recovery) -> Rules:
    """Return the rules of reading that these settings give for an operation with this recovery rule."""
    own = settings.not_processed_by_operation.get(name)
    return Rules(
        not_processed_by(recovery, settings.not_processed_statuses, own),
        settings.server_failures,
        settings.token_refusals,
        settings.operator_errors,
    )


def expected_of(
    name: Name, data: BaseModel, settings: ErxSettings, *, token: str, answer: Answer, now: datetime
) -> Expected:
    """Return what to expect; for a look-up, ``data`` is that of the operation that it looks for."""
    match data:
        case RegisterUser() if name is Name.REGISTER:
            return Expected(response.registered(data.username, data.email))
        case IssuePrescription() if name is Name.ISSUE:
            made = offline_barcodes(data, settings, token, register_time(answer, now))
            seed = seed_of(data) if settings.sends_seed else None
            return Expected(response.issued([line.internal_id for line in data.lines], made, seed=seed))
        case GenerateBarcode():
            return Expected(response.generated(data.code), response.generated_plain(data.code))
    return _READ[name]


_READ = {
    Name.WHO_AM_I: Expected(response.user),
    # An answer in the frame holds no image, so its result never fits.
    Name.IMAGE: Expected(lambda _: None, response.image),
    Name.SEARCH: Expected(response.found(MEDICATION_REQUEST), response.found_plain(MEDICATION_REQUEST)),
    Name.DISPENSED: Expected(response.found(MEDICATION_DISPENSE), response.found_plain(MEDICATION_DISPENSE)),
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
    day = at.astimezone(ZoneInfo(settings.time_zone)).date()
    if not settings.sends_seed:
        own_ids = [line.internal_id for line in data.lines]
        return tuple(one for own in own_ids for one in offline_barcode_texts(settings.prefix, day, user, own))
    parts = (line.booklet_part for line in data.lines if data.category is Category.NHIF_5A)
    strips = sorted({part[0] for part in parts if part is not None})
    return offline_barcode_texts(settings.prefix, day, user, seed_of(data), strips)
