"""The keys of the journal's encryption: where they come from, and what is wrong with them."""

from __future__ import annotations

import base64

import pytest
from pydantic import ValidationError

from worker.configuration_error import ConfigurationError
from worker.journal.encryption_settings import EncryptionKey, EncryptionSettings

KEY = bytes(range(32))
PLACE = ("value",)


@pytest.mark.parametrize(
    "text", [base64.b64encode(KEY).decode(), KEY.hex(), KEY.hex().upper() + "\n", " " + KEY.hex()]
)
def test_a_key_may_be_written_in_two_ways(tmp_path, text):
    file = tmp_path / "key"
    file.write_text(text)
    assert EncryptionKey(key_file=file).read() == EncryptionKey(secret=text).read() == KEY


@pytest.mark.parametrize(
    "text", ["secret-word", KEY.hex()[:-2], "zz" * 32, base64.b64encode(KEY + b"1").decode()]
)
def test_what_is_no_key_is_refused_without_showing_it(text):
    with pytest.raises(
        ConfigurationError, match="must be 32 bytes, in base64 or hexadecimal digits"
    ) as caught:
        EncryptionKey(secret=text).read()
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"active_key": "k"},
        {"active_key": "k", "keys": {"other": {"secret": "x"}}},
        {"keys": {"k": {}}},
        {"keys": {"k": {"secret": "secret-word", "key_file": "/f"}}},
        {"keys": {"no name": {"secret": "secret-word"}}},
    ],
)
def test_wrong_settings_are_refused_without_showing_the_key(values):
    with pytest.raises(ValidationError) as caught:
        EncryptionSettings(**values)
    assert "secret-word" not in str(caught.value)


def test_all_keys_with_a_problem_are_named(tmp_path):
    settings = EncryptionSettings(keys={"a": {"secret": "short"}, "b": {"key_file": tmp_path / "none"}})
    with pytest.raises(ConfigurationError) as caught:
        settings.vault()
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "journal.encryption.keys.a",
        "journal.encryption.keys.b",
    ]


def test_it_is_off_by_default():
    assert EncryptionSettings().vault().seal(b"text", *PLACE) == b"text"
