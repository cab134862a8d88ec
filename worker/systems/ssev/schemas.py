"""The messages that are sent, checked by the schemas that ship with Herald."""

from __future__ import annotations

import json

from contracts.problems import Problem
from contracts.reasons import Reason
from schemas import shipped
from worker.json_schema import JsonSchema
from worker.systems.port import Refused

_FOLDER = "edelivery"
MESSAGE, REGISTRATION = "message.json", "passive-individual.json"


class MessageSchema:
    """One schema, compiled once."""

    def __init__(self, file: str) -> None:
        """Read a schema that ships with Herald."""
        self._schema = JsonSchema(json.loads((shipped(_FOLDER) / file).read_text(encoding="utf-8")))

    def check(self, body: bytes) -> None:
        """Check the JSON that is sent, as it is written. Raises Refused with the problems, and no value."""
        # The library's own messages quote the value.
        problems = [
            Problem("$.data", "schema", f"The message for it violates {one.validator} at {one.json_path}.")
            for one in self._schema.breaches(json.loads(body))
        ]
        if problems:
            raise Refused(Reason.SCHEMA_VIOLATION, problems)
