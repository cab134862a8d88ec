"""The two texts of the register's document, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """The points in which one text differs from the other."""

    name: str
    seeded: bool
    """Seed and category are query parameters, and the seed is the prescription's identity for the day; else the
    category is a coding, and the internal identifier of each MedicationRequest its identity."""
    client_roles: bool
    """Whether a registration must name its role under `erx-resource-server`."""
    offline_prefix: str
    """The beginning of a barcode that a client makes by itself."""
    patient_first: bool
    """The patient's place in the expanded bundle: before all others, or after them."""
    camel_case: bool
    """The spelling of names in the answer to a prescription: `resource-type`, `t3`; else `ResourceType`, `T3`."""


_PROFILES = {
    "2020-06": Profile("2020-06", False, True, "ERXI", False, False),  # noqa: FBT003 - one row of a table
    "2020-09": Profile("2020-09", True, False, "ERXE", True, True),  # noqa: FBT003
}


def profile_named(name: str) -> Profile:
    """Return the profile. Raises ValueError for a name that is none."""
    if name not in _PROFILES:
        raise ValueError(f"profile must be one of {', '.join(_PROFILES)}, not {name!r}")
    return _PROFILES[name]
