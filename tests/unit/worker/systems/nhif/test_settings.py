"""The settings: their defaults, and what they refuse."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from worker.systems.nhif.settings import NhifSettings


def test_the_default_is_the_public_test_system():
    assert NhifSettings().url("/api/m/v1/s") == "https://api-eiis-test.nhif.bg/api/m/v1/s"


def test_a_prefix_of_a_gateway_stays():
    assert (
        NhifSettings(api_url="https://gateway.test/nhif/").url("/api/m") == "https://gateway.test/nhif/api/m"
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"api_url": "http://nhif.test"}, "URL scheme should be 'https'"),
        ({"time_zone": "Europe/Atlantis"}, "no such time zone"),
        ({"refusal_statuses": [400, 429]}, "429: not in both"),
        ({"refusal_statuses": [200]}, "greater than or equal to 400"),
        ({"not_processed_statuses": [302]}, "greater than or equal to 400"),
        ({"token": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_what_is_refused(values, words):
    with pytest.raises(ValidationError, match=words):
        NhifSettings(**values)
