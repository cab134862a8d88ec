"""The register's names for systems of identifiers and codes, as its documents spell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.erx.reading import objects_at, text_at

if TYPE_CHECKING:
    from collections.abc import Mapping

_NS = "http://erx.e-health.bg/ns"
INTERNAL = f"{_NS}/internal"
BOOKLET = f"{_NS}/booklet-id"
BARCODE = f"{_NS}/barcode-id"
LINE = f"{_NS}/mr-id"
PRESCRIPTION = f"{_NS}/prescription-id"
UIN = f"{_NS}/uin"
HOSPITAL = f"{_NS}/dh-id"
ENCOUNTER = f"{_NS}/enc-id"
EGN = f"{_NS}/nnbgr"
LNCH = f"{_NS}/bg-tpr"
USER = f"{_NS}/erx-users"
CLIENT = f"{_NS}/software-clients"

CATEGORY = "http://terminology.e-health.bg/CodeSystem/medication-request-category-bg"
NHIF_MEDICINES = "http://terminology.e-health.bg/CodeSystem/mc-nhif"
SATHEALTH_MEDICINES = "http://sathealth.com/cs/pt_code"
BOOKLET_PART = "http://terminology.e-health.bg/Extension/bgnhif-booklet-part"

# The documents write patients' flags under `terminology.e-health.bg.com`: these are only looked for by their ends.
MATERNITY_FLAG = "/patient-maternity-flag"
PREGNANCY_FLAG = "/patient-pregnancy-flag"


def identifier(system: str, value: str) -> dict[str, str]:
    """Return an identifier in FHIR's form."""
    return {"system": system, "value": value}


def identified(resource: Mapping[str, Any], system: str) -> str | None:
    """Return the value of the resource's first identifier in this system, or None."""
    values = (
        text_at(one, "value") for one in objects_at(resource, "identifier") if one.get("system") == system
    )
    return next((value for value in values if value is not None), None)


def extended(resource: Mapping[str, Any], url_end: str, value: str) -> Any | None:
    """Return the ``value`` (valueString, valueBoolean) of the extension whose url ends so, or None."""
    found = (one for one in objects_at(resource, "extension") if str(one.get("url")).endswith(url_end))
    return next((one.get(value) for one in found), None)
