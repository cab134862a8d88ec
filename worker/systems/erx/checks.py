"""What is checked before an event is sent: that a registration may be made, and that a body fits its JSON Schema.

The schemas are written from the document's examples.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from contracts.problems import Problem
from contracts.reasons import Reason
from schemas import shipped
from worker.json_schema import JsonSchema
from worker.systems.erx.operations import SYSTEM
from worker.systems.erx.settings import Name
from worker.systems.port import Refused

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

    from contracts.erx.requests import RegisterUser, ReserveBarcode
    from worker.systems.erx.settings import ErxSettings, User

_FILES = {Name.ISSUE: "prescription.json", Name.REGISTER: "registration.json"}


def registration_problems(data: RegisterUser, registrar: User, secrets: Container[str]) -> list[Problem]:
    """Return what forbids a registration: a registrar who is no administrator, a password that is not configured."""
    problems = []
    if registrar.role != "admin":
        problems.append(
            Problem("$.signer", "administrator", "Name an administrator: only administrators register users.")
        )
    if data.credentials not in secrets:
        message = "Name a configured password: the setting secrets has none of this name."
        problems.append(Problem("$.data.credentials", "known-secret", message))
    return problems


def strip_problems(data: ReserveBarcode, settings: ErxSettings) -> list[Problem]:
    """Return what forbids strips: the offline barcode of the older text has none."""
    if data.strips is None or settings.sends_seed:
        return []
    message = "Omit them: only a register that uses a seed has a barcode for each strip."
    return [Problem("$.data.strips", "profile", message)]


class BodySchemas:
    """The schemas of all operations that send a body, compiled once."""

    def __init__(self, schemas: Mapping[Name, JsonSchema]) -> None:
        self._schemas = schemas

    @classmethod
    def load(cls, folder: Path | None = None) -> BodySchemas:
        """Read the schemas that ship with Herald, or those in a folder."""
        place = folder or shipped(SYSTEM)
        return cls(
            {
                name: JsonSchema(json.loads((place / file).read_text(encoding="utf-8")))
                for name, file in _FILES.items()
            }
        )

    def check(self, name: Name, body: Mapping[str, Any] | None) -> None:
        """Check what an operation sends. Raises Refused with the problems, and no value."""
        schema = self._schemas.get(name)
        if schema is None:
            return
        # The library's own messages quote the value.
        problems = [
            Problem(
                "$.data", "schema", f"The message for it violates {error.validator} at {error.json_path}."
            )
            for error in schema.breaches(body)
        ]
        if problems:
            raise Refused(Reason.SCHEMA_VIOLATION, problems)
