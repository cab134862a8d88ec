"""Reading a PIN, and leaving nothing of it behind."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from worker.signing.pkcs11.pin import PinSource
from worker.signing.port import SigningFailed


@pytest.mark.parametrize(
    ("content", "pin"),
    [
        (b"4711", b"4711"),
        (b"4711\n", b"4711"),
        (b"4711\r\n", b"4711"),
        (b"\xef\xbb\xbf4711\n", b"4711"),
        (b" 47 11 \n", b" 47 11 "),
        ("пин".encode(), "пин".encode()),
    ],
)
def test_a_line_break_and_a_byte_order_mark_do_not_count(tmp_path, content, pin):
    file = tmp_path / "pin"
    file.write_bytes(content)

    with PinSource(file, None).read() as read:
        assert read == pin


@pytest.mark.parametrize(
    ("content", "told"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe1\x00", "UTF-8")]
)
def test_a_file_without_a_pin_is_said(tmp_path, content, told):
    file = tmp_path / "pin"
    file.write_bytes(content)

    with pytest.raises(SigningFailed, match=told), PinSource(file, None).read():
        pass


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(SigningFailed, match="No such file"), PinSource(tmp_path / "pin", None).read():
        pass


def test_it_is_overwritten_after_its_use(tmp_path):
    with PinSource(None, SecretStr("4711")).read() as pin:
        assert pin == b"4711"

    assert pin == bytes(4)


def test_there_may_be_none():
    with PinSource(None, None).read() as pin:
        assert pin is None


def test_its_text_shows_nothing():
    assert "4711" not in repr(PinSource(None, SecretStr("4711")))
