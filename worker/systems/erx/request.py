"""From an event to the address and the body of its request. Pure; it holds a password's name only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from contracts.erx.prescription import IssuePrescription
from contracts.erx.requests import (
    BarcodeImage,
    GenerateBarcode,
    RegisterUser,
    SearchAsPharmacy,
    SearchDispensings,
    SearchPrescriptions,
)
from worker.systems.erx.bundle import NAMESPACE, bundle_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pydantic import BaseModel

    from worker.systems.erx.settings import ErxSettings

Query = list[tuple[str, str]]

LOGIN = "/auth/login"
WHO_AM_I = "/user/me"
PRESCRIBED = "/fhir/MedicationRequest"
NEWEST_FIRST = ("_sort", "-_id")


def address_of(data: BaseModel, settings: ErxSettings) -> str:
    """Return the address of the event's request."""
    path, query = _place(data, settings)
    return settings.url(path) + written(query)


def body_of(data: BaseModel, settings: ErxSettings) -> dict[str, Any] | None:
    """Return the body of the event's request; None for operations that only read."""
    match data:
        case IssuePrescription():
            return bundle_of(data, settings)
        case RegisterUser():
            return _registration(data, settings)
    return None


def written(query: Query) -> str:
    """Write a query; every value is escaped, whatever it holds."""
    return "?" + urlencode(query, quote_via=quote, safe="") if query else ""


def encoded(body: dict[str, Any] | None) -> bytes:
    """Write a body as UTF-8 JSON."""
    return b"" if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()


def _place(data: BaseModel, settings: ErxSettings) -> tuple[str, Query]:
    match data:
        case IssuePrescription():
            return "/fhirlite/prescription", _issue_query(data, settings)
        case GenerateBarcode():
            return f"/helper/generate-{data.kind.value}-unique-barcode", [("code", data.code)]
        case BarcodeImage():
            return "/print/barcode/code128", [("code", data.code), ("scale", str(data.scale))]
        case SearchDispensings():
            return _search_path(data), [*_search_query(data), NEWEST_FIRST]
        case SearchAsPharmacy():
            return "/phs/prescription", [("identifier", data.barcode)]
    return ("/auth/register" if isinstance(data, RegisterUser) else WHO_AM_I), []


def _search_path(data: SearchDispensings) -> str:
    return PRESCRIBED if isinstance(data, SearchPrescriptions) else "/fhir/MedicationDispense"


def _issue_query(data: IssuePrescription, settings: ErxSettings) -> Query:
    query = [("seed", seed_of(data))] if settings.sends_seed else []
    return [*query, ("category", data.category.value)] if settings.category_in_query else query


def seed_of(data: IssuePrescription) -> str:
    """Return the prescription's own id."""
    return data.lines[0].internal_id if data.seed is None else data.seed


def _search_query(data: SearchDispensings) -> Query:
    found = [
        ("identifier", data.barcode),
        ("identifier", data.internal_id and f"{NAMESPACE}internal|{data.internal_id}"),
        ("identifier", data.booklet_number and f"{NAMESPACE}booklet-id|{data.booklet_number}"),
        ("subject.identifier", None if data.patient is None else data.patient.identifier),
        ("code", data.medication_code),
        ("status", "active" if isinstance(data, SearchPrescriptions) and data.active_only else None),
    ]
    return [(name, value) for name, value in found if value is not None]


def _registration(data: RegisterUser, settings: ErxSettings) -> dict[str, Any]:
    user: dict[str, Any] = {
        "Username": data.username,
        "Enabled": True,
        "FirstName": data.first_name,
        "LastName": data.last_name,
        "Email": data.email,
        # The evidence in the journal has the password's name here; the request that is sent has the password itself.
        "Credentials": [{"Type": "password", "Value": data.credentials}],
    }
    organization = {"DhId": data.organization.number, "OrganizationName": data.organization.name}
    if data.organization.nhif_branch is not None:
        organization["NhifBranch"] = data.organization.nhif_branch
    if not settings.newer:
        user["ClientRoles"] = {settings.resource_server: list(settings.user_roles)}
    return {"Auth": {"Data": [user], "Action": "CREATE", "MedicRegRq": organization}}


def offline_barcode_texts(
    prefix: str, day: date, user: str, own_id: str, strips: Sequence[str] = ()
) -> tuple[str, ...]:
    """Return the barcodes that a hospital makes of its own id: one, or one for each strip that it uses (`A`)."""
    whole = f"{prefix}-{day:%Y%m%d}-{user}-{own_id}"
    return tuple(f"{whole}-{strip}" for strip in strips) or (whole,)
