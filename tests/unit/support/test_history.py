"""What a test that needs the history is told in a clone that has only a part of it."""

from __future__ import annotations

import io
import subprocess
import tarfile

import pytest

from tests.support.history import NoHistory, tree_before


def git(folder, *arguments):
    name = ("-c", "user.name=tests", "-c", "user.email=tests@example.org", "-c", "init.defaultBranch=main")
    subprocess.run(["git", *name, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """Three commits: the second one adds `src/new`."""
    folder = tmp_path / "whole"
    (folder / "src").mkdir(parents=True)
    git(folder, "init")
    for number, name in enumerate(("old", "new", "last")):
        (folder / "src" / name).write_text(str(number))
        git(folder, "add", ".")
        git(folder, "commit", "-m", name)
    return folder


def clone(repository, depth):
    folder = repository.parent / f"depth-{depth}"
    git(repository.parent, "clone", "--depth", str(depth), repository.as_uri(), str(folder))
    return folder


@pytest.mark.parametrize("depth", [None, 3])
def test_the_tree_before_a_file_was_added(repository, depth):
    folder = clone(repository, depth) if depth else repository
    with tarfile.open(fileobj=io.BytesIO(tree_before(folder, "src/new", "src"))) as tar:
        assert [one.name for one in tar if one.isfile()] == ["src/old"]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_says_how_to_get_the_rest(repository, depth):
    with pytest.raises(NoHistory, match="no version before src/new: run `git fetch --unshallow`"):
        tree_before(clone(repository, depth), "src/new", "src")


def test_an_exported_tree_says_what_to_do(repository, tmp_path):
    exported = tmp_path / "exported"
    exported.mkdir()
    with pytest.raises(NoHistory, match="is no clone of the repository"):
        tree_before(exported, "src/new", "src")
    # Also one that lies within another repository.
    with pytest.raises(NoHistory, match="is no clone of the repository"):
        tree_before(repository / "src", "src/new", "src")


def test_without_git_it_says_so_too(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoHistory, match="is no clone"):
        tree_before(repository, "src/new", "src")


def test_a_file_that_is_not_committed_is_the_authors_mistake(repository):
    with pytest.raises(AssertionError, match="is in no commit yet"):
        tree_before(repository, "src/other", "src")
