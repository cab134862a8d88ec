"""The settings: what they refuse, and what they make of the operations."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from worker.systems.nhis.operations import exchanges
from worker.systems.nhis.settings import Name, NhisSettings
from worker.systems.port import Recovery


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_url": "http://nhis.test"},
        {"auth_url": "ftp://nhis.test"},
        {"auth": "password"},
        {"senders": {"one": {"uin": "12"}}},
        {"senders": {"one": {"uin": "0000000001", "sender_type": 5}}},
        {"paths": {"search": "fetch"}},
        {"paths": {"elsewhere": "/v1"}},
        {"cancel_codes": {"request": "11"}},
        {"time_zone": "Sofia"},
        {"already_exists": ["("]},
        {"never_resend": ["immunization.delete"]},
        {"not_processed_statuses": [200]},
        {"token_renewal_margin": -1},
        {"nomenclatures": ["37"]},
        {"message_order": "alphabetic"},
        {"message_order": "production", "schema_dir": "/bundle"},
        {"time_of_days": "24:00:00"},
        {"content_type": "text/xml"},
        {"surprise": True},
    ],
)
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(ValidationError):
        NhisSettings.model_validate(wrong)


def test_an_empty_section_means_the_public_test_system():
    settings = NhisSettings.model_validate({})
    assert str(settings.auth_url) == "https://ptest-auth.his.bg/token"
    urls = {name: one.url for name, one in exchanges(settings).items()}
    assert urls[Name.REGISTER] == "https://ptest-api.his.bg/v1/eimmunization/immunization/issue"


def test_the_recovery_rules_are_the_documented_ones():
    recovery = {name: one.operation.recovery for name, one in exchanges(NhisSettings()).items()}
    assert recovery == {
        Name.REGISTER: Recovery.SAME_IDENTITY,
        Name.SEARCH: Recovery.REPEAT,
        Name.ADVERSE_REACTION: Recovery.HOLD,
        Name.CANCEL: Recovery.SAME_IDENTITY,
        Name.CERTIFICATE: Recovery.REPEAT,
    }


def test_a_recovery_rule_can_only_be_made_more_careful():
    settings = NhisSettings.model_validate({"never_resend": ["immunization.register"]})
    assert exchanges(settings)[Name.REGISTER].operation.recovery is Recovery.HOLD
    assert exchanges(settings)[Name.CANCEL].operation.recovery is Recovery.SAME_IDENTITY


def test_what_i003_shows_is_looked_up_under_every_rule():
    careful = {"never_resend": [name.value for name in Name]}
    for changes in ({}, careful):
        settings = NhisSettings.model_validate(changes)
        shown = {name for name, one in exchanges(settings).items() if one.operation.looks_up}
        assert shown == {Name.REGISTER, Name.CANCEL}
    shows = NhisSettings.model_validate({"shows_reactions": True})
    assert exchanges(shows)[Name.ADVERSE_REACTION].operation.looks_up
    assert exchanges(shows)[Name.ADVERSE_REACTION].operation.recovery is Recovery.HOLD


def test_a_path_and_an_address_may_end_and_begin_with_slashes():
    settings = NhisSettings.model_validate(
        {"api_url": "https://proxy.test/his/", "paths": {"search": "/v2/fetch"}}
    )
    assert exchanges(settings)[Name.SEARCH].url == "https://proxy.test/his/v2/fetch"
