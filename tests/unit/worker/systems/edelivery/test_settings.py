"""The settings of eDelivery: what they refuse, and what is only inferred has its own."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.support.systems.edelivery.making import edelivery_settings
from worker.configuration_error import ConfigurationError
from worker.systems.dependencies import Dependencies
from worker.systems.edelivery.settings import EdeliverySettings
from worker.systems.registry import build_system


def test_nothing_is_required_that_an_operator_need_not_know():
    settings = EdeliverySettings()
    assert (settings.scope, settings.api_path, settings.upload_path) == ("/ed2*", "/ed2/api", "/ed2/upload")
    assert settings.watches == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_path": "ed2/api"},
        {"api_path": "/ed2/api/"},
        {"files": {"hosts": ["https://blobs.test"]}},
        {"files": {"hosts": ["BLOBS.test"]}},
        {"files": {"hosts": ["*"]}},
        {"files": {"not_sure": "maybe"}},
        {"look_up": {"sent_rnu": "sometimes"}},
        {"look_up": {"page_size": 0}},
        {"watches": {"desk": {"signer": "three"}}},
        {"watches": {"Desk": {"signer": "one"}}},
        {"watches": {"desk": {"signer": "one", "seconds": 1}}},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        edelivery_settings(**wrong)


def test_without_the_section_of_the_esb_it_says_what_is_missing():
    bare = Dependencies(keys={}, documents={}, code_lists={}, now=lambda: None, monotonic=lambda: 0.0)
    with pytest.raises(ConfigurationError) as error:
        build_system("edelivery", EdeliverySettings(), bare)
    assert "esb" in str(error.value)
