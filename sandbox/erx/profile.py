"""The two texts of the register's document, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """What one text says otherwise than the other."""

    name: str
    seeded: bool
    """Seed and category are query parameters, and the seed is the prescription's identity for the day; else the
    category is a coding, and the internal identifier of each MedicationRequest its identity."""
    client_roles: bool
    """Whether a registration must name its role under `erx-resource-server`."""
    offline_prefix: str
    """What a barcode that a client can make by itself begins with."""
    patient_first: bool
    """Where the expanded bundle has the patient: before all others, or after them."""
    camel_case: bool
    """How the names in the answer to a prescription are written: `resource-type`, `t3`; else `ResourceType`, `T3`."""


_PROFILES = {
    "2020-06": Profile("2020-06", False, True, "ERXI", False, False),  # noqa: FBT003 - one row of a table
    "2020-09": Profile("2020-09", True, False, "ERXE", True, True),  # noqa: FBT003
}


def profile_named(name: str) -> Profile:
    """Return the profile. Raises ValueError for a name that is none."""
    if name not in _PROFILES:
        raise ValueError(f"profile must be one of {', '.join(_PROFILES)}, not {name!r}")
    return _PROFILES[name]
