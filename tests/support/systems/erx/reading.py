"""Reading an answer of the register as the worker does: to the example event, in either text."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path

from tests.support.contract_events import submission
from tests.support.systems.erx.answers import framed, jwt
from worker.systems.erx.expectations import expected_of, rules_of
from worker.systems.erx.interpret import interpret
from worker.systems.erx.operations import operations
from worker.systems.erx.settings import ErxSettings, Name
from worker.transport.port import Answer

HERE = Path(__file__).resolve().parents[3] / "unit" / "worker" / "systems" / "erx"
ISSUE, WHO = "prescription.issue", "user.whoami"
NOW = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
OLD = ErxSettings.model_validate({"client": {"username": "software", "password": "x"}})
NEW = OLD.model_copy(update={"profile": "2020-09"})
TOKEN = jwt(sub="88", iat=1, exp=2)
DOCUMENT = json.loads((HERE / "document_answer.json").read_text(encoding="utf-8"))
PNG = b"\x89PNG\r\n\x1a\n..."
LINE = {
    "resourceType": "MedicationRequest",
    "id": "68",
    "identifier": [{"system": "http://erx.e-health.bg/ns/internal", "value": "1000007543"}],
}


def read(name, status, body, *, headers=None, truncated=False, settings=OLD, data=None):
    event = submission(f"erx.{name}.v1", data)
    answer = Answer(status, headers or {}, body if isinstance(body, bytes) else framed(body), truncated)
    expected = expected_of(Name(name), event.data, settings, token=TOKEN, answer=answer, now=NOW)
    operation = Name(name)
    rules = rules_of(settings, operation, operations(settings)[operation].recovery)
    return interpret(expected, answer, rules, NOW)


def document(change=lambda _: None):
    """The document's answer to a prescription, changed."""
    answer = copy.deepcopy(DOCUMENT)
    change(answer["Result"])
    return json.dumps(answer, ensure_ascii=False).encode()


def first(status=None, location=None):
    def change(result):
        response = result["T1"]["Entry"][0]["Response"]
        response |= {name: value for name, value in (("Status", status), ("Location", location)) if value}

    return change
