"""The journal's settings."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from worker.journal.settings import JournalSettings

DSN = "postgresql://herald:secret-word@db/herald"


def test_the_address_may_be_given_or_be_in_a_file(tmp_path):
    file = tmp_path / "dsn"
    file.write_text(DSN + "\n")
    assert JournalSettings(dsn=DSN).connection_string() == DSN
    settings = JournalSettings(dsn_file=file)
    assert settings.connection_string() == DSN
    file.write_text("postgres://renewed@db/herald")
    assert settings.connection_string() == "postgres://renewed@db/herald"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"dsn": DSN, "dsn_file": "/run/secrets/dsn"},
        {"dsn": "mysql://herald:secret-word@db"},
        {"dsn": DSN, "pool": 3},
        {"dsn": DSN, "lease_seconds": 0},
        {"dsn": DSN, "retention": {"evidence_days": 0}},
        {"dsn": DSN, "retention": {"evidence_days": 90, "reply_days": 89}},
        {"dsn": DSN, "retention": {"evidence_days": 90, "identity_days": 89}},
        {"dsn": DSN, "retention": {"reply_days": 90, "evidence_days": 1, "identity_days": 89}},
    ],
)
def test_wrong_settings_are_refused_without_showing_the_password(values):
    with pytest.raises(ValidationError) as caught:
        JournalSettings(**values)
    assert "secret-word" not in str(caught.value)


def test_a_file_that_holds_no_address_is_refused(tmp_path):
    file = tmp_path / "dsn"
    file.write_text("secret-word")
    with pytest.raises(ValueError, match="must begin with postgresql://") as caught:
        JournalSettings(dsn_file=file).connection_string()
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"postgresql+asyncpg://herald:secret-word@db/herald", b"", b"\xff\xfe\x00"]
)
def test_another_drivers_scheme_and_bytes_that_are_no_text_are_reported_without_the_password(
    tmp_path, content
):
    file = tmp_path / "dsn"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"^the journal's address ") as caught:
        JournalSettings(dsn_file=file).connection_string()
    assert type(caught.value) is ValueError
    assert "secret-word" not in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_the_address(tmp_path):
    (tmp_path / "dsn").write_text(DSN, encoding="utf-8-sig")
    assert JournalSettings(dsn_file=tmp_path / "dsn").connection_string() == DSN


def test_the_password_is_in_no_repr():
    assert "secret-word" not in repr(JournalSettings(dsn=DSN))


def test_nothing_is_removed_unless_asked_for():
    retention = JournalSettings(dsn=DSN).retention
    assert (retention.enabled, retention.replies) == (False, retention.evidence_days)
