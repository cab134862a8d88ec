"""The examples of answers are what such a body would be read as."""

from __future__ import annotations

import hashlib
import json

import pytest

from contracts.nhif.events import EVENTS


@pytest.mark.parametrize("contract", EVENTS, ids=lambda contract: contract.operation)
def test_the_data_of_a_reply_fits_the_body_of_its_answer(contract):
    media_type, text = contract.body
    body, data = text.encode(), contract.answered
    assert (data["mediaType"], data["bytes"]) == (media_type, len(body))
    assert data["sha256"] == hashlib.sha256(body).hexdigest()
    content = {"json": json.loads(text)} if media_type == "application/json" else {"text": text}
    assert data["content"] == content
