"""The sentences about single fields: what to do, with the limits that the contract states."""

from __future__ import annotations

import pytest

from contracts.registry import ContractViolation, validate

SUBMIT, REGISTER = "nhif.document.submit.v1", "nhis.immunization.register.v1"
LOT, DISEASES = "immunization.lotNumber", "immunization.targetDiseases"
NO_TEXT, NO_ITEM = "Give at least 1 character: it is empty.", "Give at least 1 item: it is empty."


@pytest.mark.parametrize(
    ("event_type", "changes", "expected"),
    [
        (SUBMIT, {"json": None, "binary": {"base64": ""}}, ("binary.base64", NO_TEXT)),
        (SUBMIT, {"json": None, "xml": ""}, ("xml", NO_TEXT)),
        (SUBMIT, {"json": None, "multipart": []}, ("multipart", NO_ITEM)),
        (
            SUBMIT,
            {"json": None, "multipart": [{"name": "a", "text": "x"}] * 21},
            ("multipart", "Give at most 20 items."),
        ),
        (REGISTER, {LOT: ""}, (LOT, NO_TEXT)),
        (REGISTER, {LOT: "A" * 23}, (LOT, "Give at most 22 characters.")),
        (REGISTER, {DISEASES: []}, (DISEASES, NO_ITEM)),
    ],
)
def test_a_length(changed, today, event_type, changes, expected):
    with pytest.raises(ContractViolation) as caught:
        validate(event_type, changed(event_type, changes), today=today)
    path, told = expected
    assert {one.path: one.message for one in caught.value.problems}[f"$.data.{path}"] == told
