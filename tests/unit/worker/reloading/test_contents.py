"""Files are compared by what they hold, whatever the file system says of them."""

import os
from pathlib import Path

import pytest

from worker.reloading.contents import MAX_BYTES, Contents


def test_the_same_again_is_the_same_and_anything_else_is_not(tmp_path):
    key, pin, contents = tmp_path / "key", tmp_path / "pin", Contents(())
    key.write_bytes(b"key")
    pin.write_bytes(b"1234")
    before = contents.of([key, pin])
    pin.unlink()
    without = contents.of([key, pin])
    pin.write_bytes(b"1234")
    again = contents.of([key, pin])
    pin.write_bytes(b"1235")
    assert again == before
    assert len({before, without, contents.of([key, pin])}) == 3


def test_what_files_held_at_first_is_kept(tmp_path):
    key, pin = tmp_path / "key", tmp_path / "pin"
    key.write_bytes(b"key")
    contents = Contents([key, pin])
    at_first = contents.at_first([key, pin])
    assert contents.of([key, pin]) == at_first
    pin.write_bytes(b"1234")
    assert contents.of([key, pin]) != contents.at_first([key, pin]) == at_first


def test_a_library_is_not_read(tmp_path, monkeypatch):
    library, contents = tmp_path / "library.so", Contents(())
    library.write_bytes(bytes(MAX_BYTES + 1))
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("it was read"))
    before = contents.of([library])
    assert contents.of([library]) == before
    os.utime(library, (1, 1))
    assert contents.of([library]) != before


def test_it_cannot_be_computed_by_anybody_else(tmp_path):
    (tmp_path / "pin").write_bytes(b"1234")
    assert Contents(()).of([tmp_path / "pin"]) != Contents(()).of([tmp_path / "pin"])
    assert b"1234" not in Contents(()).of([tmp_path / "pin"])
