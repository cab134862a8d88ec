"""A text of the wrong form is refused in words, and the whole text counts."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import TypeAdapter, ValidationError

from worker.setting_types import ProbePath, must_be

CODE = TypeAdapter(Annotated[str, must_be(r"[A-Z][0-9]{3}", "a letter and three digits, as in I011")])


def test_what_fits_stays_as_it_is() -> None:
    assert CODE.validate_python("I011") == "I011"


@pytest.mark.parametrize("text", ["", "i011", "I011\n", "I0111", " I011"])
def test_what_does_not_fit_is_reported_with_the_form(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CODE.validate_python(text)
    (problem,) = caught.value.errors()
    assert problem["msg"] == "Value error, must be a letter and three digits, as in I011"


@pytest.mark.parametrize(
    ("path", "fits"),
    [("/", True), ("/v1/ping?deep=1", True), ("?wsdl", True), ("", False), ("ping", False), ("/a b", False)],
)
def test_what_a_probe_may_ask_for(path: str, fits: bool) -> None:
    try:
        TypeAdapter(ProbePath).validate_python(path)
    except ValidationError:
        assert not fits
    else:
        assert fits
