"""Secrets of the sandbox's own as files that their owner alone may read: test values, good nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_secret(path: Path, content: str | bytes) -> Path:
    """Write a secret, replacing what was; directories above it are made. Return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def kept_secret(path: Path, secret: str) -> Path:
    """Write a secret where the file is not there yet; return the path."""
    return path if path.is_file() else write_secret(path, secret)
