"""A secret's file as people and editors leave it."""

from __future__ import annotations

import pytest

from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        ("word", "word"),
        ("word\n", "word"),
        ("word\r\n", "word"),
        (" word ", " word "),
        ("\ufeffword\n", "word"),
    ],
)
def test_line_breaks_at_the_end_and_a_byte_order_mark_are_no_part_of_it(tmp_path, content, secret):
    (tmp_path / "secret").write_text(content, encoding="utf-8", newline="")
    assert read_secret(tmp_path / "secret") == secret


@pytest.mark.parametrize(
    ("content", "told"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "is not text in UTF-8")]
)
def test_a_file_without_a_secret_is_reported_by_its_path(tmp_path, content, told):
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(ConfigurationError, match=rf"^the key file {tmp_path / 'secret'} {told}$"):
        read_secret(tmp_path / "secret", "key file")


def test_a_file_that_cannot_be_read_is_reported_with_the_reason(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read: No such file or directory"):
        read_secret(tmp_path / "absent")
