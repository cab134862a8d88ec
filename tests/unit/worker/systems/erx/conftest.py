"""Settings for the eRx tests, and the document's own example; its people are replaced by invented ones."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from worker.systems.erx.settings import ErxSettings

HERE = Path(__file__).parent


@pytest.fixture
def settings() -> ErxSettings:
    return erx_settings()


def erx_settings(**changes: Any) -> ErxSettings:
    given = {
        "api_url": "https://erx.test",
        "client": {"username": "software", "password": "software-password"},
        "users": {
            "one": {"username": "dr-one", "password": "password-of-one"},
            "admin": {"username": "boss", "password": "password-of-boss", "role": "admin"},
        },
        "secrets": {"dr-example": {"password": "password-of-the-new"}},
    }
    return ErxSettings.model_validate(given | changes)


@pytest.fixture(scope="session")
def document_bundle() -> dict[str, Any]:
    return json.loads((HERE / "document_bundle.json").read_text(encoding="utf-8"))


@pytest.fixture
def document_answer() -> dict[str, Any]:
    return copy.deepcopy(json.loads((HERE / "document_answer.json").read_text(encoding="utf-8")))


@pytest.fixture
def document_event() -> dict[str, Any]:
    """The event that says what the document's example says."""
    return copy.deepcopy(json.loads((HERE / "document_event.json").read_text(encoding="utf-8")))
