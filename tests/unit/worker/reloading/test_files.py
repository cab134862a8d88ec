"""What counts as a change of a file: as editors, configuration tools and Kubernetes make it."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from worker.reloading.files import paths_in, stamp_of, stamps_of
from worker.setting_types import SettingsModel


def secret(directory, content, version):
    """A Secret as the kubelet mounts it: the name leads over ..data to a folder, and ..data is replaced."""
    (directory / version).mkdir()
    (directory / version / "signer.p12").write_bytes(content)
    (directory / "..data_tmp").symlink_to(version)
    (directory / "..data_tmp").replace(directory / "..data")
    if not (directory / "signer.p12").is_symlink():
        (directory / "signer.p12").symlink_to(Path("..data") / "signer.p12")


def test_a_secret_whose_link_is_swapped(tmp_path):
    secret(tmp_path, b"same", "..1")
    before = stamp_of(tmp_path / "signer.p12")
    assert stamp_of(tmp_path / "signer.p12") == before
    secret(tmp_path, b"same", "..2")
    assert stamp_of(tmp_path / "signer.p12") != before


@pytest.mark.parametrize("content", [b"longer than before", b"eight  b"])
def test_a_file_that_is_written_in_place(tmp_path, content):
    file = tmp_path / "file"
    file.write_bytes(b"8 bytes ")
    os.utime(file, (1, 1))
    before = stamp_of(file)
    file.write_bytes(content)
    assert stamp_of(file) != before


def test_a_file_that_is_replaced_by_one_of_the_same_age_and_size(tmp_path):
    file, new = tmp_path / "file", tmp_path / "new"
    for one in (file, new):
        one.write_bytes(b"8 bytes ")
        os.utime(one, (1, 1))
    before = stamp_of(file)
    new.replace(file)
    assert stamp_of(file) != before


def test_a_file_that_is_missing_has_a_stamp_too(tmp_path):
    assert stamps_of([tmp_path / "none"]) == {tmp_path / "none": None}


class Inner(SettingsModel):
    file: Path
    password: SecretStr | None = None


class Outer(SettingsModel):
    by_name: dict[str, Inner]
    files: tuple[Path, ...] = ()
    none: Path | None = None
    number: int = 1


def test_every_path_of_the_settings_is_found():
    one = Outer(
        by_name={"a": Inner(file=Path("/a"), password=SecretStr("/no/path")), "b": Inner(file=Path("/b"))},
        files=(Path("/c"),),
    )
    assert list(paths_in({"x": one})) == [Path("/a"), Path("/b"), Path("/c")]
    assert list(paths_in(None)) == []
