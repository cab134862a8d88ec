"""The settings of a key in a token."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from worker.signing.pkcs11.settings import Pkcs11Settings

LEAST = {"kind": "pkcs11", "module": "/usr/lib/m.so", "pin_file": "/run/pin"}


def test_the_module_alone_is_enough_where_there_is_one_token_and_one_key():
    settings = Pkcs11Settings.model_validate(LEAST)

    assert settings.token.model_dump(exclude_none=True) == {}
    assert settings.algorithm == "rsa-sha256"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"pin": "1"}, "only one of pin_file and pin"),
        ({"key": {"label": "a", "id": "01"}}, "only one of label, id and subject_serial"),
        ({"key": {"id": "0"}}, "hexadecimal"),
        ({"key": {"label": " "}}, "at least 1 character"),
        ({"key": {"subject_serial": "PNOBG-1"}, "certificate_file": "/c.pem"}, "excludes certificate_file"),
        ({"algorithm": "rsa-sha1"}, "rsa-sha256"),
        ({"timeout": 61}, "60"),
        ({"token": {"slot": -1}}, "greater than or equal to 0"),
        ({"environment": {"A=B": "1"}}, "name of a variable"),
    ],
)
def test_what_does_not_fit_is_refused(changed, told):
    with pytest.raises(ValidationError, match=told):
        Pkcs11Settings.model_validate({**LEAST, **changed})


def test_neither_the_pin_nor_the_persons_number_is_shown():
    values = {
        "kind": "pkcs11",
        "module": "/m.so",
        "pin": "4711-pin",
        "key": {"subject_serial": "PNOBG-8001010008"},
    }
    settings = Pkcs11Settings.model_validate(values)

    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "4711" not in shown
    assert "8001010008" not in repr(settings)
