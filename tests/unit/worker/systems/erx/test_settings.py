"""The settings: what they refuse, and what they make of the operations."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from worker.configuration_error import ConfigurationError
from worker.systems.erx.accounts import read_accounts
from worker.systems.erx.operations import operations
from worker.systems.erx.settings import ErxSettings, Name
from worker.systems.port import Recovery

CLIENT = {"username": "software", "password": "secret-of-software"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_url": "http://erx.test"},
        {"api_url": "https://erx.test/base?x=1"},
        {"api_url": "https://erx.test/#top"},
        {"api_url": "https://name:secret-of-software@erx.test"},
        {"api_url": "https://name@erx.test"},
        {"client": {"username": "software"}},
        {"client": {"username": "soft:ware", "password": "secret-of-software"}},
        {"client": {**CLIENT, "password_file": "x"}},
        {"users": {"one": {"username": "dr-one"}}},
        {"users": {"one": {**CLIENT, "role": "doctor"}}},
        {"secrets": {"one": {}}},
        {"profile": "2021"},
        {"seed": "yes"},
        {"category_codes": {"X": "x"}},
        {"barcode_prefix": "erxi"},
        {"accept_language": "de-DE"},
        {"time_zone": "Sofia"},
        {"never_resend": ["prescription.delete"]},
        {"not_processed_statuses": [200]},
        {"token_life": 0},
        {"server_failures": ["("]},
        {"surprise": True},
    ],
)
def test_wrong_settings_are_refused_without_a_password(wrong):
    with pytest.raises(ValidationError) as refused:
        ErxSettings.model_validate({"client": CLIENT, **wrong})
    assert "secret-of-software" not in str(refused.value)


def test_an_address_that_is_no_base_is_refused_with_a_sentence():
    with pytest.raises(ValidationError) as refused:
        ErxSettings.model_validate({"client": CLIENT, "api_url": "https://erx.test/?x=1"})
    assert "must be an address without a user, a query (?) and a fragment (#)" in str(refused.value)
    based = ErxSettings.model_validate({"client": CLIENT, "api_url": "https://erx.test/base/"})
    assert based.url("/user/me") == "https://erx.test/base/user/me"


def test_the_default_is_the_staging_system_and_the_document_itself():
    settings = ErxSettings.model_validate({"client": CLIENT})
    assert settings.url("/user/me") == "https://stgerx2.e-health.bg/user/me"
    assert (settings.sends_seed, settings.category_in_query, settings.prefix) == (False, False, "ERXI")


def test_the_newer_text_changes_all_of_it_and_each_can_be_set_back():
    newer = ErxSettings.model_validate({"client": CLIENT, "profile": "2020-09"})
    assert (newer.sends_seed, newer.category_in_query, newer.prefix) == (True, True, "ERXE")
    own = {"seed": "left-out", "category_as": "coding", "barcode_prefix": "ERXI"}
    back = newer.model_copy(update=own)
    assert (back.sends_seed, back.category_in_query, back.prefix) == (False, False, "ERXI")


def test_the_recovery_rules_are_the_documented_ones():
    rules = {
        name: one.recovery for name, one in operations(ErxSettings.model_validate({"client": CLIENT})).items()
    }
    same = {Name.REGISTER, Name.ISSUE}
    assert rules == {name: Recovery.SAME_IDENTITY if name in same else Recovery.REPEAT for name in Name}


@pytest.mark.parametrize("changes", [{"profile": "2020-09"}, {"seed": "sent"}])
def test_what_a_seed_identifies_for_a_day_only_is_looked_up_first(changes):
    settings = ErxSettings.model_validate({"client": CLIENT, **changes})
    assert operations(settings)[Name.ISSUE].recovery is Recovery.LOOK_UP_FIRST


def test_a_recovery_rule_can_only_be_made_more_careful():
    settings = ErxSettings.model_validate({"client": CLIENT, "never_resend": ["prescription.issue"]})
    assert operations(settings)[Name.ISSUE].recovery is Recovery.HOLD
    assert operations(settings)[Name.SEARCH].recovery is Recovery.REPEAT


def test_passwords_come_from_files_without_their_line_break(tmp_path):
    file = tmp_path / "password"
    file.write_bytes(b" with spaces \r\n")
    settings = ErxSettings.model_validate(
        {"client": CLIENT, "users": {"one": {"username": "dr-one", "password_file": file}}}
    )
    assert read_accounts(settings).users["one"].password == " with spaces "


def test_without_the_clients_password_nobody_can_log_in(tmp_path):
    client = {"username": "software", "password_file": tmp_path / "absent"}
    with pytest.raises(ConfigurationError) as error:
        read_accounts(ErxSettings.model_validate({"client": client}))
    told = f"client: the password file {tmp_path / 'absent'} cannot be read: No such file or directory"
    assert list(error.value.problems) == [told]


def test_other_passwords_that_cannot_be_read_are_missing_alone(tmp_path):
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "bytes").write_bytes(b"\xff")
    settings = ErxSettings.model_validate(
        {
            "client": CLIENT,
            "users": {"one": {"username": "dr-one", "password_file": tmp_path / "empty"}},
            "secrets": {"new": {"password_file": tmp_path / "bytes"}, "good": {"password": "secret"}},
        }
    )
    accounts = read_accounts(settings)
    assert (accounts.users, accounts.secrets) == ({}, {"good": "secret"})
    assert accounts.unusable_users == {"one": f"the password file {tmp_path / 'empty'} is empty"}
    assert accounts.unusable_secrets == {
        "new": f"the password file {tmp_path / 'bytes'} is not text in UTF-8"
    }
