"""Trees of earlier versions, from the history of this repository."""

from __future__ import annotations

import subprocess
from pathlib import Path


class NoHistory(Exception):
    """The history is not here, or not enough of it; the text says how to get it."""


def tree_before(root: Path, file: str, *folders: str) -> bytes:
    """Return these folders (a tar archive) as they were before the commit that added a file.

    Raises NoHistory in an exported tree, in a shallow clone that ends there, and without git; AssertionError for a
    file that no commit has.
    """
    if not _is_repository(root):
        raise NoHistory(f"{root} is no clone of the repository: clone it with `git clone`, without `--depth`")
    # Along the first parents: a merge may give a migration its final number, and brings in a whole version at once.
    along = ("--first-parent", "--diff-merges=first-parent", "--no-patch")
    added = _git(root, "log", "-1", *along, "--diff-filter=A", "--format=%H", "--", file).decode().strip()
    assert added, f"{file} is in no commit yet"
    parent = f"{added}^"
    try:
        _git(root, "rev-parse", "--verify", "--quiet", f"{parent}^{{commit}}")
    except subprocess.CalledProcessError:
        # The last commit of a shallow clone looks as if it had added everything.
        why = f"this clone is shallow and has no version before {file}: run `git fetch --unshallow`"
        raise NoHistory(why) from None
    return _git(root, "archive", parent, *folders)


def _is_repository(root: Path) -> bool:
    """Whether the folder is a repository's own top, and not an exported tree within another one."""
    try:
        top = _git(root, "rev-parse", "--show-toplevel").decode().strip()
    except (FileNotFoundError, subprocess.CalledProcessError):
        return False
    return Path(top).resolve() == root.resolve()


def _git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True).stdout
